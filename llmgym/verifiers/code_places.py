"""A bound on how much is done at a time, for each event loop."""

from __future__ import annotations

import asyncio
import weakref

__all__ = ["places"]

_by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, asyncio.Semaphore]] = (
    weakref.WeakKeyDictionary()
)


def places(count: int) -> asyncio.Semaphore:
    """Return the semaphore with so many places that belongs to the running loop.

    Args:
        count: How many may be taken at a time.
    """
    mine = _by_loop.setdefault(asyncio.get_running_loop(), {})
    if count not in mine:
        mine[count] = asyncio.Semaphore(count)
    return mine[count]
