"""Finding the program in a response, by the rule of the public code checker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["breaks_reasoning_format", "extract_code", "reasoning_texts"]

_FENCE = "```"
_TAGS = ("<think>", "</think>")


def extract_code(text: str) -> str:
    r"""Return what stands between the last two lines that hold three backticks.

    The language that a fence names plays no part, nor do backticks in the middle of a line count less than others. So
    a block that is never closed takes the region before it.

    Args:
        text: All that the assistant said.

    Returns:
        The lines between, or nothing when fewer than two lines hold backticks.

    Example:
        >>> extract_code("Here:\n```python\nprint(1)\n```\nDone.")
        'print(1)'
    """
    lines = text.split("\n")
    fences = [number for number, line in enumerate(lines) if _FENCE in line]
    if len(fences) < 2:
        return ""
    return "\n".join(lines[fences[-2] + 1 : fences[-1]])


def breaks_reasoning_format(text: str, reasoning: Sequence[str] = ()) -> bool:
    """Tell whether a response holds marks of reasoning where none should be.

    Args:
        text: All that the assistant said. A single mark is one too many.
        reasoning: The texts of its reasoning. One opening and one closing mark in all of them together are allowed.

    Example:
        >>> breaks_reasoning_format("</think> So ..."), breaks_reasoning_format("So ...", ["<think>hm</think>"])
        (True, False)
    """
    return any(tag in text or sum(part.count(tag) for part in reasoning) > 1 for tag in _TAGS)


def reasoning_texts(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the summaries of the reasoning among Responses output items.

    Args:
        items: Output items, as in ``Episode.items``.
    """
    parts = [part for item in items if item.get("type") == "reasoning" for part in item.get("summary") or ()]
    texts = [part.get("text") for part in parts if isinstance(part, Mapping)]
    return [text for text in texts if isinstance(text, str)]
