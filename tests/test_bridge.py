from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import subprocess
import sys
import textwrap
import threading

import pytest
from testing_env import AsyncWeatherEnv

from llmgym import bridge, tool_call
from llmgym.bridge import call, in_bridge, run, wait
from llmgym.errors import UsageError
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


def test_wait_from_worker_threads_at_the_same_time():
    count = 8
    waiting, everyone = 0, asyncio.Event()

    async def meet(number):
        nonlocal waiting
        waiting += 1
        if waiting == count:
            everyone.set()
        await everyone.wait()
        return number

    results: list[int] = []
    threads = [threading.Thread(target=lambda n=n: results.append(wait(meet(n)))) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == list(range(count))


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


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
def test_an_exit_in_a_hook_reaches_the_caller_and_spares_the_loop(error):
    async def leave():
        raise error("bye")

    async def leave_in_a_child():
        await asyncio.create_task(leave())

    for hook in (leave, leave_in_a_child):
        with pytest.raises(error, match="bye"):
            wait(hook())
        assert wait(later(1)) == 1


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


def test_cancellation_in_the_background_reaches_the_synchronous_code():
    async def cancelled():
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        wait(cancelled())


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


def test_context_variables_are_seen_both_ways_in_the_background():
    async def hook(value, *, fail=False):
        seen = variable.get()
        variable.set(value)
        if fail:
            raise LookupError
        return seen

    def body():
        variable.set("caller")
        assert wait(hook("hook")) == "caller"
        assert variable.get() == "hook"
        with pytest.raises(LookupError):
            wait(hook("failed", fail=True))
        return variable.get()

    assert contextvars.copy_context().run(body) == "failed"


def test_run_in_a_script_in_a_loop_and_in_a_bridge():
    async def main():
        return run(later("loop")), await call(lambda: run(later("bridge")))

    assert run(later("script")) == "script"
    assert asyncio.run(main()) == ("loop", "bridge")


def test_wait_on_the_background_loop_itself_says_what_to_do():
    async def hook():
        return wait(later(1))

    with pytest.raises(UsageError, match=r"await llmgym\.bridge\.call\(env\.step, action\)"):
        wait(hook())
    assert wait(call(lambda: wait(later(1)))) == 1


@pytest.mark.skipif(threading.current_thread() is not threading.main_thread(), reason="signals need the main thread")
def test_keyboard_interrupt_cancels_the_background_work():
    cancelled = threading.Event()

    async def endless():
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(KeyboardInterrupt):
        wait(endless())
    assert cancelled.wait(5)
    assert wait(later(1)) == 1


def test_a_forked_child_can_wait():
    script = """
        import asyncio, os
        from llmgym import bridge

        async def hook():
            await asyncio.sleep(0)
            return 7

        assert bridge.wait(hook()) == 7
        with bridge._Background._guard:
            child = os.fork()
            if child == 0:
                os._exit(bridge.wait(hook()))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), bridge.wait(hook()))
    """
    command = [sys.executable, "-W", "error::ResourceWarning", "-c", textwrap.dedent(script)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("7 7\n", "")


def test_the_shared_loop_is_made_once():
    async def loop():
        return asyncio.get_running_loop()

    assert wait(loop()) is wait(loop())
    assert bridge._Background.shared().thread.daemon
