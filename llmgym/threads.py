"""Blocking work beside the event loop."""

from __future__ import annotations

import asyncio
import contextvars
import itertools
import os
import queue
import threading
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["in_thread"]

T = TypeVar("T")

IDLE_SECONDS = 1.0
"""How long a thread waits for more work before it ends."""

_numbers = itertools.count()
_idle: list[_Worker] = []


async def in_thread(function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
    """Run a blocking function in a daemon thread.

    There are as many threads as calls at a time: a pool of fixed size would be exhausted by calls that hang, and
    would keep the interpreter from ending. A thread that is done takes the next call, since starting one holds up the
    loop. A call that is cancelled goes on in its thread, because Python cannot stop one, but nobody waits for it any
    more.

    Args:
        function: What to run.
        *args: Its positional arguments.
        **kwargs: Its keyword arguments.

    Returns:
        What it returns.

    Raises:
        BaseException: Whatever it raises.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()
    context = contextvars.copy_context()

    def settle(set_outcome: Callable[[Any], None], outcome: Any) -> None:
        if not done.done():
            set_outcome(outcome)

    def work() -> None:
        try:
            outcome: Any = context.run(function, *args, **kwargs)
            finish: Callable[[Any], None] = done.set_result
        except BaseException as error:
            # A future cannot carry StopIteration.
            outcome = RuntimeError("StopIteration") if isinstance(error, StopIteration) else error
            finish = done.set_exception
        try:
            loop.call_soon_threadsafe(settle, finish, outcome)
        except RuntimeError:
            # The loop was closed while the function ran: nobody waits for the outcome.
            return

    try:
        worker = _idle.pop()
    except IndexError:
        worker = _Worker()
    worker.jobs.put(work)
    return await done


class _Worker:
    """A daemon thread that takes one job after the other, and ends when there is none for a while."""

    def __init__(self) -> None:
        self.jobs: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        threading.Thread(target=self._serve, name=f"llmgym-thread-{next(_numbers)}", daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                job = self.jobs.get(timeout=IDLE_SECONDS)
            except queue.Empty:
                try:
                    _idle.remove(self)
                except ValueError:
                    # It was taken a moment ago: its job is coming.
                    job = self.jobs.get()
                else:
                    return
            job()
            # The job's closure holds a loop and a result, which must not live until the next one.
            del job
            _idle.append(self)


# A forked child has the list but not the threads.
os.register_at_fork(after_in_child=_idle.clear)
