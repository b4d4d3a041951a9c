"""Grading of multiple-choice answers: find the letter that a text chose, and compare it with the right one.

The rules are those of the public MCQA verifier (``mcqa`` of NeMo Gym), quirks included, with three differences that
never turn a public 0 into a 1: a pattern with several capture groups, which crashes there, is a reward of 0 here; so
is a pattern that the engine gives up on; and a pattern that would run for ever ends after half a second of processor
time. Every other rule takes time linear in the text.

An answer is extracted in this order, by the functions of :mod:`llmgym.verifiers.choice_rules`:

1. by the pattern of the task, if it has one (``template_regex``);
2. if that gave nothing, by the grading mode: ``strict_boxed``, ``lenient_boxed``, ``answer_colon`` or
   ``answer_colon_md``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from llmgym.errors import InvalidTask, UsageError
from llmgym.verdict import Verdict
from llmgym.verifiers.choice_rules import (
    Choices,
    PatternFailure,
    answer_colon,
    answer_colon_md,
    choices_of,
    lenient_boxed,
    strict_boxed,
    template_regex,
)

__all__ = ["GRADING_MODES", "grade_choice"]

_RULES: Mapping[str, Callable[[str, Choices], str | None]] = {
    "strict_single_letter_boxed": strict_boxed,
    "lenient_boxed": lenient_boxed,
    "lenient_answer_colon": answer_colon,
    "lenient_answer_colon_md": answer_colon_md,
}

GRADING_MODES: tuple[str, ...] = tuple(_RULES)
"""The names of the grading modes of the public verifier."""


def grade_choice(
    text: str,
    options: Sequence[Mapping[str, str | None]],
    expected: str,
    *,
    grading_mode: str = "strict_single_letter_boxed",
    output_regex: str | Sequence[str] | None = None,
) -> Verdict:
    r"""Grade the answer to a multiple-choice question.

    The public verifier's rule: the reward is 1 when an answer was extracted and equals the expected one, stripped
    and in upper case, and the expected one is not empty; otherwise it is 0.

    Args:
        text: All that the assistant said: the texts of all its messages, joined with nothing between.
        options: The options of the row: objects of a letter and its text. Null texts are left out.
        expected: The letter of the right option.
        grading_mode: One of :data:`GRADING_MODES`.
        output_regex: Pattern or patterns of the row's ``template_metadata``; they come before the grading mode.

    Returns:
        A verdict with the metrics ``expected_answer`` and, where there is one, ``extracted_answer``. The reason of a
        reward of 0 is ``no_answer``, ``wrong_answer``, ``no_expected_answer``, ``output_regex_groups``,
        ``output_regex_too_slow`` or ``output_regex_failed``.

    Raises:
        UsageError: When the grading mode is unknown.
        InvalidTask: When the expected answer is not a string, or an option is not an object of texts.
        InfrastructureError: When the helper process for patterns cannot run.

    Example:
        >>> grade_choice(r"So it is \boxed{B}.", [{"A": "one"}, {"B": "two"}], "B").reward
        1.0
    """
    if grading_mode not in _RULES:
        raise UsageError(
            f"Expected a grading mode among {', '.join(GRADING_MODES)}; found {grading_mode!r}. Choose one of them."
        )
    if not isinstance(expected, str):
        raise InvalidTask(f"Expected the right answer to be a letter, found {expected!r}. Correct the row.")
    choices = choices_of(options)
    gold = expected.strip().upper()
    text = text.strip()
    answer: str | None = None
    if text:
        try:
            if output_regex is not None:
                answer = template_regex(text, choices, output_regex)
        except PatternFailure as failure:
            return Verdict(0.0, metrics={"expected_answer": gold}, reason=failure.args[0])
        if answer is None:
            answer = _RULES[grading_mode](text, choices)
    metrics = {"expected_answer": gold, "extracted_answer": answer}
    if answer is None:
        return Verdict(0.0, metrics=metrics, reason="no_answer")
    if not gold:
        return Verdict(0.0, metrics=metrics, reason="no_expected_answer")
    if answer != gold:
        return Verdict(0.0, metrics=metrics, reason="wrong_answer")
    return Verdict(1.0, metrics=metrics)
