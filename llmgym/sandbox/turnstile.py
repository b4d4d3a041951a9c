"""At most so many programs at a time, by the number of processors: thousands of rollouts, a few programs."""

from __future__ import annotations

import asyncio
import os
import weakref

__all__ = ["turnstile"]

_by_loop: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = (
    weakref.WeakKeyDictionary()
)


def turnstile() -> asyncio.Semaphore:
    """Return the semaphore of the running loop: as many places as processors that this process may use."""
    loop = asyncio.get_running_loop()
    if loop not in _by_loop:
        count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        _by_loop[loop] = asyncio.Semaphore(max(2, count))
    return _by_loop[loop]
