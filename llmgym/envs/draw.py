"""Random draws that stay the same in every version of Python and NumPy."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TypeVar

__all__ = ["Draw"]

T = TypeVar("T")


class Draw:
    """A stream of draws from one seed.

    Only ``random.Random.random`` is used: it is the one method whose sequence Python promises never to change, so a
    task keeps its content across versions. It is also several times faster than scalar draws from NumPy.

    Args:
        seed: Any integer.

    Example:
        >>> draw = Draw(1)
        >>> [draw.between(1, 6) for _ in range(5)]
        [1, 6, 5, 2, 3]
    """

    __slots__ = ("_unit",)

    def __init__(self, seed: int):
        self._unit = random.Random(seed).random

    def below(self, bound: int) -> int:
        """Return an integer from 0 to ``bound - 1``."""
        return int(self._unit() * bound)

    def between(self, low: int, high: int) -> int:
        """Return an integer from ``low`` to ``high``, both included."""
        return low + int(self._unit() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """Return True with the given probability."""
        return self._unit() < probability

    def pick(self, items: Sequence[T]) -> T:
        """Return one item."""
        return items[int(self._unit() * len(items))]

    def sample(self, items: Sequence[T], size: int) -> list[T]:
        """Return ``size`` items from different places, in random order.

        Raises:
            ValueError: When there are fewer items than asked for.
        """
        pool = list(items)
        if size > len(pool):
            raise ValueError(f"Expected at least {size} items to sample from, found {len(pool)}.")
        for place in range(size):
            other = place + int(self._unit() * (len(pool) - place))
            pool[place], pool[other] = pool[other], pool[place]
        return pool[:size]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """Return the items in random order."""
        return self.sample(items, len(items))
