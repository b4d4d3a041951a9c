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

from llmgym import bridge
from llmgym.bridge import call, wait
from llmgym.errors import UsageError

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


async def later(value):
    await asyncio.sleep(0)
    return value


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


def test_cancellation_in_the_background_reaches_the_synchronous_code():
    async def cancelled():
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        wait(cancelled())


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


def test_wait_on_the_background_loop_itself_says_what_to_do():
    async def hook():
        return wait(later(1))

    with pytest.raises(UsageError, match=r"await llmgym\.bridge\.call\(env\.step, action\)"):
        wait(hook())
    assert wait(call(lambda: wait(later(1)))) == 1


@pytest.fixture
def interrupts():
    """Interrupts raise KeyboardInterrupt, as at a terminal; a job in the background ignores them."""
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach the main thread only")
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_keyboard_interrupt_cancels_the_background_work(interrupts):
    cancelled = threading.Event()

    async def endless():
        # Python can lose a signal that comes just when a thread begins to wait.
        await asyncio.sleep(0.02)
        os.kill(os.getpid(), signal.SIGINT)
        try:
            await asyncio.wait_for(asyncio.Event().wait(), 20)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(KeyboardInterrupt):
        wait(endless())
    assert cancelled.wait(5)
    assert wait(later(1)) == 1


def test_an_interrupt_right_after_the_work_began_cancels_it(monkeypatch):
    loop, began, cancelled = bridge._Background.shared().loop, threading.Event(), threading.Event()
    begin = loop.call_soon_threadsafe

    def begin_and_interrupt(callback):
        monkeypatch.undo()
        begin(callback)
        assert began.wait(5)
        raise KeyboardInterrupt

    async def endless():
        began.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    monkeypatch.setattr(loop, "call_soon_threadsafe", begin_and_interrupt)
    with pytest.raises(KeyboardInterrupt):
        wait(endless())
    assert cancelled.wait(5)


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
    command = [
        sys.executable,
        "-W",
        "error::ResourceWarning",
        "-W",
        "ignore::DeprecationWarning",
        "-c",
        textwrap.dedent(script),
    ]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert (done.stdout, done.stderr) == ("7 7\n", "")


def test_the_shared_loop_is_made_once():
    async def loop():
        return asyncio.get_running_loop()

    assert wait(loop()) is wait(loop())
    assert bridge._Background.shared().thread.daemon
