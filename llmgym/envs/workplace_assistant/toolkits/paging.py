"""Pages of search results."""

from __future__ import annotations

from typing import Any

__all__ = ["page_of"]


def page_of(items: list[dict[str, Any]], kind: str, page: Any, page_size: Any) -> dict[str, Any]:
    """Return a page of results with what the public tools tell about it.

    Args:
        items: All results; at least one.
        kind: What they are: ``emails``, ``events`` or ``customers``.
        page: Number of the page; beyond either end, the nearest page is returned.
        page_size: Results on a page.

    Raises:
        TypeError: When a number is no number.
        ZeroDivisionError: When the page size is 0.

    Example:
        >>> page_of([{"n": 1}, {"n": 2}, {"n": 3}], "events", 9, 2)["events"]
        [{'n': 3}]
    """
    total = len(items)
    total_pages = (total + page_size - 1) // page_size
    page = max(1, min(page, total_pages))
    start = (page - 1) * page_size
    return {
        kind: items[start : start + page_size],
        "pagination": {
            f"total_{kind}": total,
            "page": page,
            "page_size": page_size,
            "total_pages": total_pages,
        },
    }
