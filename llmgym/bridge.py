"""One colour of function: synchronous ``step`` on an asyncio loop, without threads.

Gymnasium's ``step`` is synchronous and so is every wrapper around it. Environments of language models wait for
judges, sandboxes and searches. The two are joined here:

* :func:`wait` turns an awaitable into its result, from synchronous code. Environments use it wherever a hook turned
  out to be asynchronous.
* :func:`call` runs a synchronous function, such as the ``step`` of a whole stack of wrappers, in a greenlet. When
  something below calls :func:`wait`, the greenlet is suspended and the *task* awaits, so the loop goes on with the
  other rollouts. No wrapper needs to know.

Without a surrounding :func:`call`, for example in a script or a notebook cell, :func:`wait` uses a private loop in a
background thread and blocks the calling thread.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import inspect
import logging
import os
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

import greenlet

from llmgym.errors import SettingsError, UsageError

__all__ = ["call", "in_bridge", "label", "pause", "run", "unwatch", "wait", "watchdog_limit"]

T = TypeVar("T")
P = ParamSpec("P")

logger = logging.getLogger("llmgym.bridge")


def _limit_from_environment() -> float:
    given = os.environ.get("LLMGYM_WATCHDOG_MS") or "100"
    try:
        return float(given) / 1000
    except ValueError:
        raise SettingsError(
            f"Expected LLMGYM_WATCHDOG_MS to be a number of milliseconds, found {given!r}."
        ) from None


watchdog_limit: float = _limit_from_environment()
"""Seconds that synchronous code may hold the event loop before the watchdog names it in a log warning."""


class _Bridge(greenlet.greenlet):
    """A greenlet that runs synchronous code on behalf of a task."""

    label: str = ""
    watched: bool = True


def in_bridge() -> bool:
    """Tell whether the current code runs inside :func:`call`."""
    return isinstance(greenlet.getcurrent(), _Bridge)


def label(name: str) -> None:
    """Name the work that follows, for the watchdog's message. Does nothing outside :func:`call`."""
    current = greenlet.getcurrent()
    if isinstance(current, _Bridge):
        current.label = name


def pause() -> None:
    """Let the loop's other tasks go on, in the middle of long work inside :func:`call`. Does nothing elsewhere."""
    if in_bridge():
        wait(asyncio.sleep(0))


def unwatch() -> None:
    """Spare the rest of the current :func:`call` the watchdog: it is set-up that happens once."""
    current = greenlet.getcurrent()
    if isinstance(current, _Bridge):
        current.watched = False


async def call(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a synchronous function so that a :func:`wait` inside it suspends this task only.

    Args:
        function: Any synchronous callable, for example ``env.step``.
        *args: Its positional arguments.
        **kwargs: Its keyword arguments.

    Returns:
        What the function returns.

    Raises:
        BaseException: Whatever the function raises. Cancelling the task raises ``CancelledError`` inside the
            function at the point where it waits.
    """
    worker = _Bridge(function)
    # The greenlet shares the task's context, so context variables set on either side are seen on the other.
    worker.gr_context = greenlet.getcurrent().gr_context
    result = _switch(worker, worker.switch, *args, **kwargs)
    while not worker.dead:
        try:
            value = await result
        except BaseException as error:
            result = _switch(worker, worker.throw, error)
        else:
            result = _switch(worker, worker.switch, value)
    return result


def wait(awaitable: Awaitable[T]) -> T:
    """Return the result of an awaitable, from synchronous code.

    Args:
        awaitable: A coroutine, future or other awaitable.

    Returns:
        Its result.

    Raises:
        UsageError: When called on llmgym's own background loop outside :func:`call`.
        BaseException: Whatever the awaitable raises.

    Example:
        >>> async def answer():
        ...     await asyncio.sleep(0)
        ...     return 42
        >>> wait(answer())
        42
    """
    current = greenlet.getcurrent()
    if isinstance(current, _Bridge) and current.parent is not None:
        return current.parent.switch(awaitable)
    return _Background.shared().run(awaitable)


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine from synchronous code, wherever that code runs.

    In a plain script this is ``asyncio.run``, so that an interrupt from the keyboard cancels the coroutine. Where a
    loop already runs in this thread, as in a notebook, or inside a bridge, it is :func:`wait`.

    Args:
        main: The coroutine.

    Returns:
        Its result.
    """
    if in_bridge() or _loop_is_running():
        return wait(main)
    return asyncio.run(main)


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def _switch(worker: _Bridge, switch: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    started, processor = time.perf_counter(), time.thread_time()
    try:
        return switch(*args, **kwargs)
    finally:
        held = time.perf_counter() - started
        if held > watchdog_limit and worker.watched:
            logger.warning(
                "%s held the event loop for %.0f ms, %.0f ms of them on the processor. Make the hook async, mark the "
                "tool @tool(blocking=True), or move the work to a process. (Where the hook waits for nothing, the "
                "rest is time that the machine gave to others.)",
                worker.label or "a synchronous step",
                held * 1000,
                (time.thread_time() - processor) * 1000,
            )


async def _as_coroutine(awaitable: Awaitable[T]) -> T:
    return await awaitable


class _Background:
    """A private event loop in a daemon thread, made on first use."""

    _shared: _Background | None = None
    _inherited: list[_Background] = []
    _guard = threading.Lock()

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self._serve, name="llmgym-loop", daemon=True)
        self.thread.start()

    @classmethod
    def shared(cls) -> _Background:
        with cls._guard:
            if cls._shared is None:
                cls._shared = cls()
            return cls._shared

    @classmethod
    def forget(cls) -> None:
        """Start anew in a forked child, which inherits the object but not the thread, and maybe a held lock."""
        if cls._shared is not None:
            # Its loop shares descriptors with the parent's: it must not be closed, not even by the collector.
            cls._inherited.append(cls._shared)
        cls._shared, cls._guard = None, threading.Lock()

    def _serve(self) -> None:
        asyncio.set_event_loop(self.loop)
        while True:
            try:
                self.loop.run_forever()
            except (SystemExit, KeyboardInterrupt):
                # asyncio stops the loop for these. The task that raised one keeps it for whoever waits.
                continue

    def run(self, awaitable: Awaitable[T]) -> T:
        if threading.current_thread() is self.thread:
            if inspect.iscoroutine(awaitable):
                awaitable.close()
            raise UsageError(
                "env.step was called directly on llmgym's own event loop, where waiting would stop that loop for "
                "ever. Call it as: await llmgym.bridge.call(env.step, action)."
            )
        context = contextvars.copy_context()
        done: concurrent.futures.Future[T] = concurrent.futures.Future()
        tasks: list[asyncio.Task[T]] = []

        def start() -> None:
            main = awaitable if inspect.iscoroutine(awaitable) else _as_coroutine(awaitable)
            task = self.loop.create_task(main, context=context)
            tasks.append(task)
            task.add_done_callback(lambda task: _copy_result(task, done))

        try:
            # An interrupt may come as soon as the work has begun.
            self.loop.call_soon_threadsafe(start)
            return done.result()
        except BaseException:
            if not done.done():
                # The waiting thread was interrupted (Ctrl-C): the work must not go on unseen.
                self.loop.call_soon_threadsafe(lambda: [task.cancel() for task in tasks])
            raise
        finally:
            for variable, value in context.items():
                if variable.get(_MISSING) is not value:
                    variable.set(value)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_Background.forget)

_MISSING: Any = object()


def _copy_result(task: asyncio.Task[T], done: concurrent.futures.Future[T]) -> None:
    if task.cancelled():
        done.set_exception(asyncio.CancelledError())
    elif (error := task.exception()) is not None:
        done.set_exception(error)
    else:
        done.set_result(task.result())
