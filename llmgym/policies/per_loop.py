"""Things that belong to one event loop each, such as connection pools.

A policy may be used from several loops one after another, or at once: a script's ``asyncio.run`` calls, a notebook,
llmgym's background loop. Each gets its own pool. A pool is closed on the loop that it belongs to, at the first of
these: the policy is closed, the policy is forgotten, the loop shuts down, the program ends.
"""

from __future__ import annotations

import asyncio
import atexit
import concurrent.futures
import os
import threading
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any, Generic, TypeVar

__all__ = ["PerLoop"]

T = TypeVar("T")

EXIT_PATIENCE = 2.0
"""Seconds that the end of the program waits for a pool to close."""

_open: dict[int, tuple[asyncio.AbstractEventLoop, Any, Callable[[Any], Awaitable[None]]]] = {}
"""Every value not yet closed. It also keeps them from being collected before they are closed."""


class PerLoop(Generic[T]):
    """One value for each running loop, opened on first use.

    Args:
        open: Makes the value; called on the loop that will own it. Must not refer to the owner of this object, or
            the owner is never forgotten.
        close: Closes it; awaited on the same loop. May be awaited twice.
    """

    def __init__(self, open: Callable[[], T], close: Callable[[T], Awaitable[None]]):
        self._make, self._close = open, close
        self._held: dict[asyncio.AbstractEventLoop, tuple[T, AsyncGenerator[None, None]]] = {}
        self._lock = threading.Lock()

    def held(self) -> T | None:
        """Return the value of the running loop, or ``None`` when it is not open yet."""
        held = self._held.get(asyncio.get_running_loop())
        return None if held is None else held[0]

    async def get(self) -> T:
        """Return the value of the running loop, which is opened if need be."""
        loop = asyncio.get_running_loop()
        held = self._held.get(loop)
        if held is not None:
            return held[0]
        value = self._make()
        keeper = _keep(loop, value, self._close)
        with self._lock:
            for other in [other for other in self._held if other.is_closed()]:
                del self._held[other]
            self._held[loop] = value, keeper
        # Once started, the generator is known to the loop, which closes it when it shuts down or when the
        # generator is forgotten. That is the only hook that asyncio offers for either.
        await keeper.__anext__()
        return value

    async def close(self) -> None:
        """Close every value. A value asked for later is a new one."""
        with self._lock:
            held, self._held = self._held, {}
        for loop, (value, keeper) in held.items():
            if id(value) not in _open:
                continue
            if loop is asyncio.get_running_loop():
                await keeper.aclose()
            elif loop.is_running():
                await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(_finish(keeper.aclose()), loop))
            elif not loop.is_closed():
                # A loop that stands still may be run by another thread.
                await asyncio.to_thread(loop.run_until_complete, _finish(keeper.aclose()))


async def _keep(
    loop: asyncio.AbstractEventLoop, value: T, close: Callable[[T], Awaitable[None]]
) -> AsyncGenerator[None, None]:
    _open[id(value)] = loop, value, close
    try:
        yield
    finally:
        try:
            await close(value)
        finally:
            _open.pop(id(value), None)


async def _finish(closing: Awaitable[None]) -> None:
    await closing


@atexit.register
def _close_all() -> None:
    for loop, value, close in list(_open.values()):
        if loop.is_closed():
            continue
        if loop.is_running():
            concurrent.futures.wait(
                [asyncio.run_coroutine_threadsafe(_finish(close(value)), loop)], EXIT_PATIENCE
            )
        else:
            loop.run_until_complete(close(value))


# The connections of a forked child's parent are the parent's to close.
os.register_at_fork(after_in_child=_open.clear)
