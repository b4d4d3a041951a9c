"""Grading a response by the instructions of its row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from llmgym.verdict import Verdict
from llmgym.verifiers.instructions.checking import SettledInstruction, settle

__all__ = ["GRADING_MODES", "check_instruction", "grade_instructions", "settle_instructions", "verdict_of"]

GRADING_MODES = ("binary", "fraction")
"""Ways to turn what was followed into a reward: all or nothing, or the share."""


def check_instruction(
    instruction_id: str,
    kwargs: Mapping[str, Any] | None,
    text: str,
    rng: np.random.Generator | None = None,
    *,
    ifbench: bool = False,
) -> bool:
    """Tell whether a text follows an instruction, by the rules of the public library.

    An unknown id, an unknown argument and a value that cannot be checked count as not followed. So does a check
    that uses up its processor time: half a second and some microseconds for each character.

    Args:
        instruction_id: One of the ids of :data:`~llmgym.verifiers.instructions.INSTRUCTIONS`.
        kwargs: Its arguments, JSON values; nulls are left out. ``None`` for none.
        text: The response: any string, of any length.
        rng: Where thresholds that ``kwargs`` leave out are drawn from; by default the same every time.
        ifbench: Whether the ids of IFBench are known, too.

    Raises:
        DependencyMissing: When the check needs a package that is not installed.
        InfrastructureError: When a helper process cannot do its work. Boundary ``sandbox``.

    Example:
        >>> check_instruction("keywords:existence", {"keywords": ["oak", "elm"]}, "An Oak and two elms.")
        True
        >>> check_instruction("length_constraints:number_words", {"num_words": 3, "relation": "less than"}, "a b c")
        False
    """
    generator = np.random.default_rng(0) if rng is None else rng
    return settle(instruction_id, kwargs, generator, ifbench_ids=ifbench).check(text).followed


def settle_instructions(
    instruction_id_list: Sequence[str],
    kwargs: Sequence[Mapping[str, Any] | None],
    rng: np.random.Generator | None = None,
    *,
    ifbench: bool = False,
) -> list[SettledInstruction]:
    """Pair ids with arguments, and settle each pair: a surplus on either side is ignored, as in the public rule.

    Args:
        instruction_id_list: Ids of the instructions.
        kwargs: Arguments of each.
        rng: Where missing thresholds are drawn from; by default the same every time.
        ifbench: Whether the ids of IFBench are known, too.
    """
    generator = np.random.default_rng(0) if rng is None else rng
    pairs = zip(instruction_id_list, kwargs, strict=False)
    return [settle(id, given, generator, ifbench_ids=ifbench) for id, given in pairs]


def verdict_of(
    text: str, instructions: Sequence[SettledInstruction], grading_mode: str = "binary"
) -> Verdict:
    """Grade a text by instructions that are settled.

    Args:
        text: The response.
        instructions: What it has to follow.
        grading_mode: ``binary`` or ``fraction``.

    Returns:
        As :func:`grade_instructions`.
    """
    if grading_mode not in GRADING_MODES:
        return Verdict(0.0, reason=f"unknown_grading_mode: {grading_mode!r}")
    outcomes = [instruction.check(text) for instruction in instructions]
    followed = [outcome.followed for outcome in outcomes]
    if grading_mode == "binary":
        reward = float(all(followed))
    else:
        reward = sum(followed) / len(followed) if followed else 0.0
    faults = [
        f"{instruction.id} ({outcome.detail})" if outcome.detail else instruction.id
        for instruction, outcome in zip(instructions, outcomes, strict=True)
        if not outcome.followed
    ]
    return Verdict(
        reward,
        metrics={"follow_all_instructions": all(followed), "follow_instruction_list": followed},
        reason="no_instructions" if not outcomes else f"not_followed: {', '.join(faults)}" if faults else "",
        vacuous=not outcomes,
    )


def grade_instructions(
    text: str,
    instruction_id_list: Sequence[str],
    kwargs: Sequence[Mapping[str, Any] | None],
    grading_mode: str = "binary",
    *,
    rng: np.random.Generator | None = None,
    ifbench: bool = False,
) -> Verdict:
    """Grade a text by the instructions of a row: the public verifier's rule.

    Args:
        text: The response. An empty one is checked like any other, so it can follow what only forbids.
        instruction_id_list: Ids of the instructions.
        kwargs: Arguments of each; a surplus on either side is ignored.
        grading_mode: ``binary`` (1.0 when all are followed, also when there are none) or ``fraction`` (the share
            that is followed, 0.0 when there are none). Any other mode, which crashes there, earns 0.0.
        rng: Where missing thresholds are drawn from; by default the same every time.
        ifbench: Whether the ids of IFBench are known, too.

    Returns:
        A verdict with the metrics ``follow_all_instructions`` (bool) and ``follow_instruction_list`` (a bool for
        each instruction). Its reason names those that were not followed. Without instructions it is vacuous.

    Raises:
        DependencyMissing: When a check needs a package that is not installed.
        InfrastructureError: When a helper process cannot do its work. Boundary ``sandbox``.

    Example:
        >>> verdict = grade_instructions(
        ...     "no commas, please",
        ...     ["punctuation:no_comma", "punctuation:punctuation_dot"],
        ...     [None, {}],
        ...     "fraction",
        ... )
        >>> verdict.reward, verdict.reason
        (0.5, 'not_followed: punctuation:no_comma')
    """
    instructions = settle_instructions(instruction_id_list, kwargs, rng, ifbench=ifbench)
    return verdict_of(text, instructions, grading_mode)
