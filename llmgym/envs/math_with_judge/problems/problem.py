"""What a generated problem is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from llmgym.envs.draw import Draw

__all__ = ["Draw", "Problem", "Template"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem whose answer is known exactly.

    Attributes:
        question: The problem, with mathematics between dollar signs.
        answer: The answer in LaTeX, without delimiters.
    """

    question: str
    answer: str


Template = Callable[[Draw, int], Problem]
"""Makes a problem of a level: 0 is easy, 1 medium and 2 hard. Its name is the name of the kind of problem."""
