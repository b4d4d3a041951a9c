"""Keywords that the public library reads as regular expressions.

A keyword without special characters is searched with :mod:`re` in this process: there is nothing to backtrack over,
so the time is bounded by the product of the two lengths. Any other keyword can keep the engine busy for years, and
is searched by a helper process (:mod:`llmgym.verifiers.instructions.helpers`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["count_matches", "is_plain", "quickly_searched"]

_SPECIAL = frozenset(r"^$*+?{}[]\|()")
_MOST_STEPS = 2_000_000


def is_plain(pattern: str) -> bool:
    """Tell whether a pattern has no special character but the dot, so that there is nothing to backtrack over."""
    return _SPECIAL.isdisjoint(pattern)


def quickly_searched(patterns: Iterable[str], text: str) -> bool:
    """Tell whether a search of these patterns in a text takes a few milliseconds at most.

    Args:
        patterns: Regular expressions.
        text: The text to be searched.

    Raises:
        TypeError: When a pattern is not a text.

    Example:
        >>> quickly_searched(["anchor", "P.S."], "some text"), quickly_searched(["(a+)+$"], "some text")
        (True, False)
    """
    steps = 0
    for pattern in patterns:
        if not is_plain(pattern):
            return False
        steps += len(pattern) * len(text)
    return steps <= _MOST_STEPS


def count_matches(pattern: str, text: str, most: int | None = None) -> int:
    """Count the matches of a pattern, ignoring case: as many as ``re.findall`` returns.

    Args:
        pattern: A regular expression.
        text: The text to search.
        most: Stop at this number.

    Raises:
        re.error: When the pattern is not valid.
    """
    found = 0
    for _ in re.finditer(pattern, text, re.IGNORECASE):
        found += 1
        if found == most:
            break
    return found
