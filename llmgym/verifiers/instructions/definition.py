"""What an instruction is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from llmgym.verifiers.instructions.arguments import Filler

__all__ = ["Instruction"]


def _no_patterns(arguments: Mapping[str, Any]) -> Iterable[str]:
    return ()


@dataclass(frozen=True, slots=True)
class Instruction:
    """An instruction whose following can be checked.

    Attributes:
        id: Its public id, ``family:name``.
        check: Called as ``check(text, **arguments)`` with every argument settled.
        parameters: What fills each argument, in the order of filling.
        work: What the check needs: ``text`` alone, the ``tokens`` of NLTK, or the ``language`` of the text.
        patterns: Returns the arguments that are searched as regular expressions.
        complete: Fills arguments that depend on others, once the rest is filled.
    """

    id: str
    check: Callable[..., bool]
    parameters: Mapping[str, Filler] = field(default_factory=dict)
    work: Literal["text", "tokens", "language"] = "text"
    patterns: Callable[[Mapping[str, Any]], Iterable[str]] = _no_patterns
    complete: Callable[[dict[str, Any], np.random.Generator], None] | None = None

    def settle(self, given: Mapping[str, Any], rng: np.random.Generator) -> dict[str, Any]:
        """Return the arguments to check with: those given, and draws for those that are missing.

        Args:
            given: Arguments of the row, without nulls.
            rng: Where missing ones are drawn from.

        Raises:
            TypeError: When an argument is not known, or of a type that cannot be checked.
            ValueError: When an argument has a value that cannot be checked.
            AttributeError: When an argument should be a text and is not.
        """
        unknown = given.keys() - self.parameters.keys()
        if unknown:
            raise TypeError(f"unexpected argument {min(map(str, unknown))!r}")
        settled = {name: fill(given.get(name), rng) for name, fill in self.parameters.items()}
        if self.complete is not None:
            self.complete(settled, rng)
        return settled
