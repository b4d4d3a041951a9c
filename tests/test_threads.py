from __future__ import annotations

import asyncio
import contextvars
import threading

import pytest

from llmgym.threads import in_thread

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


def test_it_runs_beside_the_loop_and_returns_the_result():
    def work(a, *, b):
        return (
            a + b,
            threading.current_thread() is not threading.main_thread(),
            threading.current_thread().daemon,
        )

    assert asyncio.run(in_thread(work, 1, b=2)) == (3, True, True)


def test_exceptions_come_back():
    def fail(error):
        raise error

    for error in (ValueError("x"), SystemExit("x")):
        with pytest.raises(type(error), match="x"):
            asyncio.run(in_thread(fail, error))
    with pytest.raises(RuntimeError, match="StopIteration"):
        asyncio.run(in_thread(next, iter(())))


def test_context_variables_are_seen():
    async def main():
        variable.set("caller")
        return await in_thread(variable.get)

    assert asyncio.run(main()) == "caller"


def test_nobody_waits_for_a_call_that_was_cancelled():
    release, ended = threading.Event(), threading.Event()

    def work():
        release.wait(10)
        ended.set()

    async def main():
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(in_thread(work), 0.001)
        return ended.is_set()

    try:
        assert asyncio.run(main()) is False
    finally:
        # The loop is closed by now; the thread has nobody to tell, and must not mind.
        release.set()
    assert ended.wait(5)


def test_many_calls_that_hang_do_not_stop_another():
    release = threading.Event()

    async def main():
        stuck = [asyncio.create_task(in_thread(release.wait, 10)) for _ in range(40)]
        await asyncio.sleep(0)
        quick = await in_thread(int, "7")
        release.set()
        await asyncio.gather(*stuck)
        return quick

    assert asyncio.run(main()) == 7
