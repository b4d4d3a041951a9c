"""Draws for made-up tasks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from llmgym.envs.instruction_following.lexicon import KEYWORDS

__all__ = ["Draw"]

T = TypeVar("T")


class Draw:
    """A generator, and the keywords that are still free.

    Args:
        rng: Where everything is drawn from.
    """

    def __init__(self, rng: np.random.Generator):
        self._rng = rng
        self._keywords: list[str] = []
        self.free_keywords()

    def between(self, low: int, high: int) -> int:
        """Draw an integer, both ends included."""
        return int(self._rng.integers(low, high + 1))

    def pick(self, options: Sequence[T]) -> T:
        """Draw one of some options."""
        return options[int(self._rng.integers(len(options)))]

    def some(self, options: Sequence[T], number: int) -> list[T]:
        """Draw different options, at most as many as there are."""
        places = self._rng.permutation(len(options))[:number]
        return [options[place] for place in places]

    def chance(self, probability: float) -> bool:
        """Draw yes or no."""
        return bool(self._rng.random() < probability)

    def free_keywords(self) -> None:
        """Make every keyword free, in a new order."""
        self._keywords = self.some(KEYWORDS, len(KEYWORDS))

    def keyword(self) -> str:
        """Take a keyword that nothing else in the task uses."""
        return self._keywords.pop()

    def letter(self, letters: Sequence[str], taken: Sequence[str]) -> str:
        """Draw a letter that is not taken."""
        return self.pick([letter for letter in letters if letter not in taken])
