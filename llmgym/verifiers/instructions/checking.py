"""Checking one instruction: its arguments settled, its time bounded."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from llmgym.errors import UsageError
from llmgym.verifiers.instructions import helpers, ifbench
from llmgym.verifiers.instructions.definition import Instruction
from llmgym.verifiers.instructions.packages import IFBENCH_PACKAGES, PACKAGES, require
from llmgym.verifiers.instructions.patterns import quickly_searched
from llmgym.verifiers.instructions.registry import INSTRUCTIONS

__all__ = ["REFUSED", "Outcome", "SettledInstruction", "refusal", "settle"]

REFUSED = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, RecursionError, re.error)
"""What a check raises when the arguments of a row, or the text, cannot be checked: the instruction is not followed."""

_LONG_TEXT = 20_000
"""From this length on, in characters, a text is checked by a helper, whatever the instruction."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found.

    Attributes:
        followed: Whether the instruction was followed.
        detail: Why it could not be checked; empty when it could.
    """

    followed: bool
    detail: str = ""


@dataclass(frozen=True, slots=True)
class SettledInstruction:
    """An instruction of a row with every argument settled, ready to be checked against a text.

    Attributes:
        id: Id of the instruction.
        arguments: What to check with.
        instruction: The instruction; ``None`` for one of IFBench, and for one that cannot be checked.
        detail: Why it cannot be checked, whatever the text; empty when it can.
        seed: Seed for what a checker of IFBench draws.
    """

    id: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    instruction: Instruction | None = None
    detail: str = ""
    seed: int = 0

    def quick(self, text: str) -> bool:
        """Tell whether the check takes a few milliseconds at most, so that it is made in this process."""
        if self.detail:
            return True
        if self.instruction is None or len(text) > _LONG_TEXT:
            return False
        if self.instruction.work == "tokens":
            return False
        if self.instruction.work == "language":
            case = self.id.removeprefix("change_case:english_")
            return case == "capital" and not text.isupper() or case == "lowercase" and not text.islower()
        try:
            return quickly_searched(self.instruction.patterns(self.arguments), text)
        except REFUSED:
            # The check itself will say so.
            return True

    def check(self, text: str) -> Outcome:
        """Check a text.

        Args:
            text: The response.

        Raises:
            DependencyMissing: When the check needs a package that is not installed.
            InfrastructureError: When a helper process cannot do its work.
        """
        if self.detail:
            return Outcome(False, self.detail)
        if self.instruction is not None and self.quick(text):
            try:
                return Outcome(self.instruction.check(text, **self.arguments))
            except REFUSED as error:
                return Outcome(False, refusal(error))
        require(*PACKAGES)
        if self.instruction is None:
            require(*IFBENCH_PACKAGES, extra="ifbench")
        request = {"id": self.id, "arguments": dict(self.arguments), "text": text, "seed": self.seed}
        reply = helpers.ask(request, self._cpu_seconds(text))
        if reply is None:
            return Outcome(False, "too_slow")
        if "missing" in reply:
            raise UsageError(
                f"The instruction {self.id!r} needs NLTK's data set {reply['missing']!r}, which is not on this machine. "
                f"Install it with: python -m nltk.downloader {reply['missing']}"
            )
        return Outcome(reply["followed"], reply.get("detail", ""))

    def _cpu_seconds(self, text: str) -> float:
        # Tokenizers take about four microseconds for a character, at worst ten times as much.
        plain = self.instruction is not None and self.instruction.work == "text"
        return 0.5 + len(text) * (2e-6 if plain else 4e-5)


def settle(
    instruction_id: str,
    kwargs: Mapping[str, Any] | None,
    rng: np.random.Generator,
    *,
    ifbench_ids: bool = False,
) -> SettledInstruction:
    """Settle the arguments of an instruction: nulls are left out, and missing thresholds are drawn.

    Args:
        instruction_id: Id of the instruction.
        kwargs: Its arguments; ``None`` for none.
        rng: Where missing thresholds are drawn from.
        ifbench_ids: Whether the ids of IFBench are known, too.

    Returns:
        The instruction. One that the public verifier fails to build has a ``detail``.
    """
    try:
        given = {name: value for name, value in (kwargs or {}).items() if value is not None}
        instruction = INSTRUCTIONS.get(instruction_id)
        if instruction is not None:
            return SettledInstruction(instruction_id, instruction.settle(given, rng), instruction)
    except REFUSED as error:
        return SettledInstruction(instruction_id, detail=refusal(error))
    if instruction_id not in ifbench.INSTRUCTION_IDS:
        return SettledInstruction(instruction_id, detail="unknown instruction")
    if not ifbench_ids:
        return SettledInstruction(instruction_id, detail="unknown instruction (it is one of IFBench)")
    return SettledInstruction(instruction_id, given, seed=int(rng.integers(2**32)))


def refusal(error: Exception) -> str:
    """Say in a few words why a check could not be made."""
    return f"{type(error).__name__}: {error}"[:200]
