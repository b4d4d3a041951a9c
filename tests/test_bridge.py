from __future__ import annotations

import asyncio
import contextvars

import pytest
from testing_env import AsyncWeatherEnv

from llmgym import tool_call
from llmgym.bridge import call, in_bridge, pause, run, wait
from llmgym.messages import assistant

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


async def later(value):
    await asyncio.sleep(0)
    return value


async def failing():
    await asyncio.sleep(0)
    raise LookupError("from below")


def play(env):
    env.reset(seed=0)
    env.step(assistant(None, tool_call("get_weather", {"city": env.task.data["city"]})))
    return env.step("It is cold.")[1]


def test_wait_outside_a_loop():
    assert wait(later(42)) == 42
    assert play(AsyncWeatherEnv()) == 1.0


def test_wait_takes_any_awaitable():
    class Awaitable:
        def __await__(self):
            yield from asyncio.sleep(0).__await__()
            return "done"

    async def main():
        return await call(wait, Awaitable())

    assert wait(Awaitable()) == "done"
    assert asyncio.run(main()) == "done"


def test_wait_for_what_cannot_be_awaited():
    async def main():
        return await call(wait, 5)

    with pytest.raises(TypeError, match="await"):
        wait(5)
    with pytest.raises(TypeError, match="await"):
        asyncio.run(main())


def test_a_pause_lets_the_others_go_on():
    done = []

    def long_work(name):
        for step in range(3):
            done.append((name, step))
            pause()

    async def main():
        await asyncio.gather(call(long_work, "a"), call(long_work, "b"))

    asyncio.run(main())
    assert done == [(name, step) for step in range(3) for name in "ab"]
    long_work("c")
    assert done[-1] == ("c", 2)


def test_wait_inside_a_running_loop():
    async def main():
        return play(AsyncWeatherEnv(delay=0.001))

    assert asyncio.run(main()) == 1.0


def test_wait_below_a_callback_of_a_running_loop_as_in_a_notebook():
    loop, results = asyncio.new_event_loop(), []

    def cell():
        results.append(play(AsyncWeatherEnv()))
        loop.stop()

    loop.call_soon(cell)
    loop.run_forever()
    loop.close()
    assert results == [1.0]


def test_call_and_wait_nest():
    def inner(value):
        assert in_bridge()
        return wait(later(value)) + wait(later(1))

    def outer():
        return wait(call(inner, 1)) + wait(call(inner, value=10))

    async def main():
        assert not in_bridge()
        return await call(outer)

    assert asyncio.run(main()) == 13
    assert wait(call(outer)) == 13
    assert not in_bridge()


def test_call_of_a_function_that_never_waits():
    async def main():
        return await call(sorted, [2, 1], reverse=True)

    assert asyncio.run(main()) == [2, 1]


def test_exceptions_cross_both_ways():
    def caught():
        try:
            wait(failing())
        except LookupError as error:
            return str(error)

    def passed():
        wait(failing())

    def own():
        raise KeyError("from above")

    assert asyncio.run(call(caught)) == "from below"
    assert caught() == "from below"
    for body, error in ((passed, LookupError), (own, KeyError)):
        with pytest.raises(error, match="from"):
            asyncio.run(call(body))
    with pytest.raises(LookupError, match="from below"):
        passed()


def test_cancellation_reaches_the_synchronous_code():
    trace = []

    def body():
        try:
            wait(asyncio.Event().wait())
        except asyncio.CancelledError:
            trace.append("cancelled")
            raise
        finally:
            trace.append(wait(later("cleaned up")))

    async def main():
        task = asyncio.create_task(call(body))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    assert trace == ["cancelled", "cleaned up"]


def test_closing_the_coroutine_runs_finally_blocks():
    trace = []

    def body():
        try:
            wait(asyncio.sleep(0))
        finally:
            trace.append("closed")

    coroutine = call(body)
    coroutine.send(None)
    coroutine.close()
    assert trace == ["closed"]


def test_context_variables_are_seen_both_ways_in_a_bridge():
    async def hook(value):
        seen = variable.get()
        variable.set(value)
        await asyncio.sleep(0)
        return seen

    def body():
        seen = [variable.get(), wait(hook("hook")), variable.get()]
        variable.set("body")
        return [*seen, wait(hook("last"))]

    async def main():
        variable.set("task")
        return await call(body), variable.get()

    assert asyncio.run(main()) == (["task", "task", "hook", "body"], "last")


def test_run_in_a_script_in_a_loop_and_in_a_bridge():
    async def main():
        return run(later("loop")), await call(lambda: run(later("bridge")))

    assert run(later("script")) == "script"
    assert asyncio.run(main()) == ("loop", "bridge")
