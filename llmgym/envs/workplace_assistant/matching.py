"""Search the text of a column with a regular expression that a model wrote, in bounded time.

The public tools search with ``Series.str.contains(text, case=False)``: what the model types is a regular expression.
A pattern without repetition and without groups costs a step a character at most and is searched at once; any other
one goes to the helper process of :mod:`llmgym.verifiers.bounded_regex`, which the operating system ends in time.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from llmgym.verifiers.bounded_regex import last_match
from llmgym.verifiers.tables import MISSING, Table

__all__ = ["chosen", "contains", "either", "is_plain"]

CPU_SECONDS = 0.02
"""Processor time that one cell may take in the helper process: a thousand times what a sensible pattern needs."""

_LONGEST_PLAIN = 200
_REPEATS_OR_GROUPS = re.compile(r"[*+?{(\[]")


def is_plain(pattern: Any) -> bool:
    """Tell whether searching for a pattern takes no more than a step for each of its alternatives and characters.

    Without repetition and groups there is nothing to backtrack into. Whatever is no text is plain too: it is refused.
    """
    if not isinstance(pattern, str):
        return True
    return len(pattern) <= _LONGEST_PLAIN and _REPEATS_OR_GROUPS.search(pattern) is None


def contains(cells: Sequence[Any], pattern: Any) -> list[Any]:
    """Tell for each cell whether a pattern occurs in it, case ignored, as ``str.contains(pattern, case=False)`` does.

    Args:
        cells: The cells of a column.
        pattern: A regular expression. Unless it is plain, the caller waits for another process: do it in a thread.

    Returns:
        True or false for text, not a number for any other cell.

    Raises:
        AttributeError: When the cells are numbers alone or truth values alone.
        re.error: When the pattern is malformed.
        TypeError: When it is no text.
        ValueError: When the search was ended because it took too long.
    """
    _require_text(cells)
    if not isinstance(pattern, str):
        if isinstance(pattern, list | dict):
            raise TypeError(f"unhashable type: '{type(pattern).__name__}'")
        raise TypeError("first argument must be string or compiled pattern")
    if is_plain(pattern):
        search = re.compile(pattern, re.IGNORECASE).search
        found = {cell: search(cell) is not None for cell in {cell for cell in cells if isinstance(cell, str)}}
    else:
        found = _bounded(pattern, dict.fromkeys(cell for cell in cells if isinstance(cell, str)))
    return [found[cell] if isinstance(cell, str) else MISSING for cell in cells]


def chosen(table: Table, mask: Sequence[Any]) -> Table:
    """Return the rows of a table for which a mask is true.

    Raises:
        ValueError: When the mask has a gap, as pandas does.
    """
    if any(flag != flag for flag in mask):
        raise ValueError("Cannot mask with non-boolean array containing NA / NaN values")
    return table.kept(mask)


def either(one: Sequence[Any], other: Sequence[Any]) -> list[bool]:
    """Join two masks with "or". As in pandas, a gap in the first wins over the second, and then counts as false."""
    return [
        first == first and (first or (second == second and second))
        for first, second in zip(one, other, strict=True)
    ]


def _bounded(pattern: str, texts: dict[str, None]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    # The empty text comes first, so that a malformed pattern is reported even if there is nothing to search.
    for text in ("", *texts):
        match = last_match(pattern, text, cpu_seconds=CPU_SECONDS)
        if match.status == "invalid_pattern":
            raise re.error(match.detail)
        if match.status == "failed":
            raise ValueError(match.detail.partition(": ")[2] or match.detail)
        if match.status == "too_slow":
            raise ValueError("the search took too long; search for plain text")
        found[text] = match.status == "found"
    return found


def _require_text(cells: Sequence[Any]) -> None:
    if any(isinstance(cell, str) for cell in cells[:1]):
        return
    kinds = {_kind(cell) for cell in cells} - {"missing"}
    if kinds in ({"number"}, {"truth"}):
        raise AttributeError("Can only use .str accessor with string values!")


def _kind(cell: Any) -> str:
    if isinstance(cell, bool):
        return "truth"
    if isinstance(cell, int | float):
        return "number" if cell == cell else "missing"
    return "missing" if cell is None else "other"
