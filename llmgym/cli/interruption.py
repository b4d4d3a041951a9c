"""Ctrl-C and SIGTERM: the first one ends the work in good order, the second one at once."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Coroutine
from typing import Any, TypeVar

__all__ = ["Interrupted", "run"]

T = TypeVar("T")


class Interrupted(Exception):
    """A signal ended the work, which has cleaned up behind itself.

    Attributes:
        number: Number of the signal.
    """

    def __init__(self, number: int):
        super().__init__(f"signal {number}")
        self.number = number


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine, which SIGINT and SIGTERM cancel.

    Args:
        main: The coroutine. It closes what it opened when it is cancelled.

    Returns:
        Its result.

    Raises:
        Interrupted: When a signal ended it.
    """
    received: list[int] = []

    async def guarded() -> T:
        loop, task = asyncio.get_running_loop(), asyncio.current_task()
        assert task is not None
        numbers = (
            (signal.SIGINT, signal.SIGTERM) if threading.current_thread() is threading.main_thread() else ()
        )

        def stop(number: int) -> None:
            received.append(number)
            # From now on a signal does what it does in any program.
            release()
            task.cancel()

        def release() -> None:
            for number in numbers:
                loop.remove_signal_handler(number)

        for number in numbers:
            loop.add_signal_handler(number, stop, number)
        try:
            return await main
        finally:
            if not received:
                release()

    try:
        return asyncio.run(guarded())
    except asyncio.CancelledError:
        if not received:
            raise
        raise Interrupted(received[0]) from None
