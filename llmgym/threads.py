"""Blocking work beside the event loop."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any, TypeVar

__all__ = ["in_thread"]

T = TypeVar("T")


async def in_thread(function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
    """Run a blocking function in a daemon thread of its own.

    A pool would be exhausted by calls that hang, and would keep the interpreter from ending. A call that is
    cancelled goes on in its thread, because Python cannot stop one, but nobody waits for it any more.

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

    threading.Thread(target=work, name=f"llmgym-{getattr(function, '__name__', 'call')}", daemon=True).start()
    return await done
