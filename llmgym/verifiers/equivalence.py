"""Grading of short answers by a judge: what is compared, and which verdicts make which reward.

The rules are those of the public equivalence verifier (``equivalence_llm_judge`` of NeMo Gym), quirks included, with
one difference: a pattern that would run for ever there ends after half a second of processor time, and the reward
is 0. The judge is whatever the caller passes as ``compare``; nothing here knows how it is asked.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmgym.errors import UsageError
from llmgym.messages import Message
from llmgym.verdict import Verdict
from llmgym.verifiers.bounded_regex import last_match
from llmgym.verifiers.judge import Evaluation, evaluation_metrics

__all__ = [
    "NO_ANSWER",
    "Candidate",
    "EquivalenceRules",
    "Extracted",
    "extract",
    "grade_equivalence",
    "last_assistant_text",
    "last_user_text",
    "read_candidate",
]

NO_ANSWER = "[NO VALID ANSWER EXTRACTED]"
"""What the judge is shown in place of an answer that is absent or empty."""

Compare = Callable[[str, str], Awaitable[Evaluation]]
"""Asks the judge to compare the answer in the place of the right one with the one in the place of the candidate."""


@dataclass(frozen=True, slots=True)
class EquivalenceRules:
    """The knobs of the public verifier, with the defaults of its shipped configuration.

    Attributes:
        check_twice_swap: Whether an "equal" is asked again with the answers in each other's place.
        reward_if_swap_fails: Reward when that second verdict is "not equal".
        use_per_record_regex: Whether the answer is extracted with the ``output_regex`` of a row that has one.
        extraction_length_threshold: Characters of the expected answer above which the whole text is compared
            instead; ``None`` for no limit.
        check_full_generation_on_fail: Whether a "not equal" is asked again with the whole text, for rows with a
            pattern.
        reward_if_full_generation_succeeds: Reward when that second verdict is "equal".
        response_extract_regex: Pattern for the answer of rows without one of their own.
    """

    check_twice_swap: bool = False
    reward_if_swap_fails: float = 0.0
    use_per_record_regex: bool = True
    extraction_length_threshold: int | None = None
    check_full_generation_on_fail: bool = False
    reward_if_full_generation_succeeds: float = 0.0
    response_extract_regex: str | None = None

    def __post_init__(self) -> None:
        for name, value in (
            ("check_twice_swap", self.check_twice_swap),
            ("use_per_record_regex", self.use_per_record_regex),
            ("check_full_generation_on_fail", self.check_full_generation_on_fail),
        ):
            if not isinstance(value, bool):
                raise UsageError(f"Expected {name} to be true or false, found {value!r}.")
        for name, reward in (
            ("reward_if_swap_fails", self.reward_if_swap_fails),
            ("reward_if_full_generation_succeeds", self.reward_if_full_generation_succeeds),
        ):
            if isinstance(reward, bool) or not isinstance(reward, int | float):
                raise UsageError(f"Expected {name} to be a number, found {reward!r}.")
        limit, pattern = self.extraction_length_threshold, self.response_extract_regex
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
            raise UsageError(
                f"Expected extraction_length_threshold to be a whole number or None, found {limit!r}."
            )
        if not isinstance(pattern, str | None):
            raise UsageError(f"Expected response_extract_regex to be a pattern or None, found {pattern!r}.")


@dataclass(frozen=True, slots=True)
class Extracted:
    """What a pattern took from a text.

    Attributes:
        text: The part that it found, or the whole text.
        too_slow: Whether the search was ended for want of time.
    """

    text: str
    too_slow: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """The answer that is put before the judge.

    Attributes:
        text: The answer, extracted.
        whole: The whole text of the last assistant message.
        has_pattern: Whether the row brings a pattern that counts.
        is_long: Whether the expected answer is too long for that pattern.
        too_slow: Whether the search with a pattern was ended for want of time.
    """

    text: str
    whole: str
    has_pattern: bool = False
    is_long: bool = False
    too_slow: bool = False


def last_user_text(messages: Sequence[Message]) -> str:
    """Return the text of the last user message.

    The public verifier's rule for the question: text parts are joined with a line end, and the whole is stripped.

    Args:
        messages: The prompt, in Chat form.

    Example:
        >>> last_user_text([{"role": "system", "content": "s"}, {"role": "user", "content": " 2 + 2? "}])
        '2 + 2?'
    """
    last = next((message for message in reversed(messages) if message.get("role") == "user"), {})
    return _joined(last.get("content"))


def last_assistant_text(items: Sequence[Mapping[str, Any]]) -> str | None:
    r"""Return the text of the last assistant message, even if other items follow it.

    The public verifier's rule for the answer: text parts are joined with a line end, and the whole is stripped.

    Args:
        items: Responses output items.

    Returns:
        The text; ``None`` when there is no assistant message, or the last one is empty.

    Example:
        >>> parts = [{"type": "output_text", "text": "a"}, {"type": "output_text", "text": "b"}]
        >>> last_assistant_text([{"type": "message", "role": "assistant", "content": parts}])
        'a\nb'
    """
    for item in reversed(items):
        if item.get("type", "message") == "message" and item.get("role") == "assistant":
            return _joined(item.get("content")) or None
    return None


def _joined(content: Any) -> str:
    if isinstance(content, str):
        return content.strip()
    parts = content if isinstance(content, Sequence) else ()
    texts = [part.get("text") if isinstance(part, Mapping) else part for part in parts]
    return "\n".join(text for text in texts if isinstance(text, str)).strip()


def extract(text: str, pattern: Any) -> Extracted:
    r"""Take the part of a text that a pattern finds.

    The public verifier's rule: the last match, with ``^`` and ``$`` at every line and ``.`` for line ends too; of it
    the first group that is not empty, else all of it. Without a match, or with a pattern that is none, the whole text.

    Args:
        text: The text.
        pattern: A regular expression; anything but a text that is not empty counts as none.

    Example:
        >>> extract("Answer: 3\nno, Answer: 4", r"Answer: (\d+)").text
        '4'
        >>> extract("four", r"Answer: (\d+)").text, extract("four", "(").text
        ('four', 'four')
    """
    if not isinstance(pattern, str) or not pattern:
        return Extracted(text)
    found = last_match(pattern, text, flags=re.MULTILINE | re.DOTALL)
    if found.status == "too_slow":
        return Extracted(text, too_slow=True)
    return Extracted(found.captured.strip() if found.status == "found" else text)


def read_candidate(
    items: Sequence[Mapping[str, Any]], expected: str, record_pattern: Any, rules: EquivalenceRules
) -> Candidate:
    """Return the answer that is put before the judge.

    The public verifier's rule: the text of the last assistant message; of it what the row's pattern finds, if the row
    has one, ``use_per_record_regex`` is on and the expected answer is no longer than ``extraction_length_threshold``
    (if it is longer, the whole text counts); for rows without one, what ``response_extract_regex`` finds. No text at
    all becomes :data:`NO_ANSWER`, which no pattern is applied to.

    A search blocks for up to half a second of processor time.

    Args:
        items: Responses output items of the whole rollout.
        expected: The expected answer.
        record_pattern: ``output_regex`` of the row's ``template_metadata``, if it has one.
        rules: The knobs.

    Raises:
        InfrastructureError: When the helper process for patterns cannot run.
    """
    own = rules.use_per_record_regex and bool(record_pattern)
    limit = rules.extraction_length_threshold
    is_long = own and limit is not None and len(expected) > limit
    whole = last_assistant_text(items)
    if whole is None:
        return Candidate(NO_ANSWER, NO_ANSWER, own, is_long)
    pattern = (None if is_long else record_pattern) if own else rules.response_extract_regex
    found = extract(whole, pattern)
    return Candidate(found.text, whole, own, is_long, found.too_slow)


async def grade_equivalence(
    candidate: Candidate, expected: str, compare: Compare, rules: EquivalenceRules | None = None
) -> Verdict:
    """Grade an answer by what a judge says of it.

    The public verifier's rule. The judge compares the expected answer with the candidate.

    * "Not equal", or no verdict at all: the reward is 0. If the row has a pattern, its expected answer is not too
      long for it and ``check_full_generation_on_fail`` is on, the judge is asked again with the whole text; "equal"
      earns ``reward_if_full_generation_succeeds``.
    * "Equal": the reward is 1. If ``check_twice_swap`` is on and the expected answer is not too long for the row's
      pattern, the judge is asked again with the two in each other's place; anything but "equal" then earns
      ``reward_if_swap_fails``.

    Args:
        candidate: The answer, from :func:`read_candidate`.
        expected: The expected answer.
        compare: Asks the judge.
        rules: The knobs; the shipped defaults where left out.

    Returns:
        A verdict with the components ``first_verdict`` and, where they were asked for, ``swap_verdict`` and
        ``full_generation_verdict`` (1 for "equal"); with the metrics ``expected_answer``, ``extracted_answer``,
        ``judge_evaluations`` (``request``, ``response`` and ``verdict_label`` of each question), ``judge_calls``,
        ``judge_without_verdict`` and, where the judge tells, ``judge_prompt_tokens`` and
        ``judge_completion_tokens``. Its reason is ``not_equal``, ``no_verdict``, ``swap_not_equal``,
        ``full_generation_equal`` or ``regex_too_slow``, and empty for equal answers.

    Raises:
        InfrastructureError: Whatever ``compare`` raises.
    """
    rules = rules or EquivalenceRules()
    if candidate.too_slow:
        return _verdict(0.0, "regex_too_slow", candidate, expected, {})
    first = await compare(expected, candidate.text)
    asked = {"first_verdict": first}
    if first.equal:
        if not rules.check_twice_swap or candidate.is_long:
            return _verdict(1.0, "", candidate, expected, asked)
        swapped = asked["swap_verdict"] = await compare(candidate.text, expected)
        if swapped.equal:
            return _verdict(1.0, "", candidate, expected, asked)
        return _verdict(rules.reward_if_swap_fails, "swap_not_equal", candidate, expected, asked)
    reason = "no_verdict" if first.equal is None else "not_equal"
    if candidate.has_pattern and not candidate.is_long and rules.check_full_generation_on_fail:
        whole = asked["full_generation_verdict"] = await compare(expected, candidate.whole)
        if whole.equal:
            reward = rules.reward_if_full_generation_succeeds
            return _verdict(reward, "full_generation_equal", candidate, expected, asked)
    return _verdict(0.0, reason, candidate, expected, asked)


def _verdict(
    reward: float, reason: str, candidate: Candidate, expected: str, asked: Mapping[str, Evaluation]
) -> Verdict:
    metrics = {
        "expected_answer": expected,
        "extracted_answer": candidate.text,
        **evaluation_metrics(list(asked.values())),
    }
    components = {name: float(evaluation.equal is True) for name, evaluation in asked.items()}
    return Verdict(reward, components, metrics, reason, vacuous=not expected.strip())
