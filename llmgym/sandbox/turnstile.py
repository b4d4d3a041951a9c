"""At most so many programs at a time, by the number of processors: thousands of rollouts, a few programs."""

from __future__ import annotations

import asyncio
import os
import weakref

__all__ = ["starting", "turnstile"]

_Semaphores = weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore]
_by_loop: _Semaphores = weakref.WeakKeyDictionary()
_starts_by_loop: _Semaphores = weakref.WeakKeyDictionary()
_STARTS = 16


def turnstile() -> asyncio.Semaphore:
    """Return the semaphore of the running loop: two places for each processor that this process may use.

    One would leave processors idle while a program sleeps, or while its end is told and the next one begins.
    """
    loop = asyncio.get_running_loop()
    if loop not in _by_loop:
        count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        _by_loop[loop] = asyncio.Semaphore(2 * count)
    return _by_loop[loop]


def starting() -> asyncio.Semaphore:
    """Return the semaphore of the running loop for sandboxes that have been asked for and are not there yet.

    Who starts them takes a few hundred orders before it lets the next one wait, which nobody on a loop may do.
    """
    return _starts_by_loop.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(_STARTS))
