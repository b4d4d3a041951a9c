"""The judge pass for mathematical answers: a second opinion on what math-verify did not accept.

The rule is that of the public verifier (``math_with_judge`` with ``should_use_judge``), with one difference: a judge
that says nothing at all, which is an error there, is a reward of 0 here. The judge is whatever the caller passes as
``compare``; nothing here knows how it is asked.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from llmgym.verdict import Verdict
from llmgym.verifiers.judge import Evaluation, evaluation_metrics
from llmgym.verifiers.math import MathResult, library_verdict

__all__ = ["judge_math"]

Compare = Callable[[str, str], Awaitable[Evaluation]]
"""Asks the judge to compare the answer in the first place with the one in the second."""


async def judge_math(expected: str, text: str, result: MathResult, compare: Compare) -> Verdict:
    """Grade a text by the library pass and, where that scored 0.5 or less, by a judge.

    The public verifier's rule: the judge compares the expected answer, as the row has it, with the extracted one, or
    with the whole text when nothing was extracted. "Not equal", or no label, is a reward of 0. After "equal" it is
    asked again with the two in each other's place; the reward is 1 for another "equal", else 0.

    Args:
        expected: The right answer of the row, with whatever delimiters it has.
        text: All that the assistant said.
        result: What the library pass found in the text.
        compare: Asks the judge.

    Returns:
        A verdict with the components ``library_reward`` and, where they were asked for, ``first_verdict`` and
        ``swap_verdict`` (1 for "equal"); with the metrics ``library_reward``, ``symbolic_accuracy``,
        ``expected_answer``, ``extracted_answer`` where there is one and, where the judge was asked,
        ``judge_evaluations`` (``request``, ``response`` and ``verdict_label`` of each question), ``judge_accuracy``
        (the reward), ``judge_calls``, ``judge_without_verdict``, and ``judge_prompt_tokens`` and
        ``judge_completion_tokens`` if the judge tells. After a judge, the reason of a reward of 0 is ``not_equal``,
        ``swap_not_equal``, ``no_verdict`` or ``empty_judge_reply``.

    Raises:
        InfrastructureError: Whatever ``compare`` raises.
    """
    library = library_verdict(expected, result)
    if result.score > 0.5:
        return library
    answer = result.extracted_answer or text
    first = await compare(expected, answer)
    asked, reason = {"first_verdict": first}, _refusal(first, "not_equal")
    if first.equal:
        swapped = asked["swap_verdict"] = await compare(answer, expected)
        reason = _refusal(swapped, "swap_not_equal")
    reward = 0.0 if reason else 1.0
    metrics = {**library.metrics, **evaluation_metrics(list(asked.values())), "judge_accuracy": reward}
    verdicts = {name: float(evaluation.equal is True) for name, evaluation in asked.items()}
    return Verdict(reward, {**library.components, **verdicts}, metrics, reason)


def _refusal(evaluation: Evaluation, not_equal: str) -> str:
    """Name the reason why an evaluation is not "equal"; nothing when it is."""
    if evaluation.equal:
        return ""
    if not evaluation.items:
        return "empty_judge_reply"
    return "no_verdict" if evaluation.equal is None else not_equal
