"""Whatever ends, by whatever hand, takes what it started with it, and the next sandbox works."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from llmgym.errors import InfrastructureError
from llmgym.sandbox import Limits, Profile, Program, make_sandbox
from llmgym.sandbox.fork_server import fork_server
from llmgym.sandbox.probes import descendants

from .test_escapes import needs_bubblewrap

pytestmark = needs_bubblewrap
LIMITS = Limits(wall_seconds=60)
SLEEP = Program(python="import os, time\nos.fork()\nprint('up', flush=True)\ntime.sleep(50)")
PROFILE = Profile(preload=("bisect",))
"""A profile of these tests alone: its server may be killed."""


def make():
    return make_sandbox("bubblewrap", profile=PROFILE, limits=LIMITS)


async def answer(sandbox) -> bytes:
    return (await sandbox.run(Program(python="print(6 * 7)"))).stdout


async def fresh() -> bytes:
    async with make() as sandbox:
        return await answer(sandbox)


@pytest.fixture(autouse=True)
def server():
    yield
    fork_server(PROFILE).close()


def gone(numbers: set[int], seconds: float = 10) -> bool:
    """Wait until processes have ended."""
    deadline = time.monotonic() + seconds
    while any(_lives(number) for number in numbers):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def _lives(number: int) -> bool:
    try:
        state = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in "ZX"


async def settled() -> set[int]:
    """Wait until nothing is being started any more, spare sandboxes for example; return what runs."""
    before: set[int] = set()
    while (now := descendants()) != before:
        before = now
        await asyncio.sleep(0.3)
    return now


async def running(sandbox) -> tuple[asyncio.Task, set[int]]:
    """Start the program that sleeps; return its task, and what runs on the host because of it."""
    before = await settled()
    task = asyncio.create_task(sandbox.run(SLEEP))
    while not (new := descendants() - before):
        assert not task.done()
        await asyncio.sleep(0.02)
    return task, new


def test_a_cancelled_program_is_killed():
    async def play():
        sandbox = make()
        await sandbox.start()
        task, new = await running(sandbox)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(gone, new)
        with pytest.raises(InfrastructureError):
            await answer(sandbox)
        await sandbox.close()
        return await fresh()

    assert asyncio.run(play()) == b"42\n"


def test_closing_while_a_program_runs_ends_both():
    async def play():
        sandbox = make()
        await sandbox.start()
        task, new = await running(sandbox)
        await sandbox.close()
        with pytest.raises(InfrastructureError) as raised:
            await task
        assert raised.value.boundary == "sandbox"
        assert await asyncio.to_thread(gone, new)
        await sandbox.close()
        return await fresh()

    assert asyncio.run(play()) == b"42\n"


def test_the_death_of_the_first_process_is_the_worlds_failure():
    async def play():
        sandbox = make()
        await sandbox.start()
        task, _ = await running(sandbox)
        signal.pidfd_send_signal(sandbox._handle, signal.SIGKILL)
        with pytest.raises(InfrastructureError) as raised:
            await task
        assert raised.value.boundary == "sandbox"
        with pytest.raises(InfrastructureError):
            await sandbox.write("/work/file", b"")
        await sandbox.close()
        return await fresh()

    assert asyncio.run(play()) == b"42\n"


def test_one_that_dies_while_nothing_runs_is_the_worlds_failure_too():
    async def play():
        sandbox = make()
        await sandbox.start()
        signal.pidfd_send_signal(sandbox._handle, signal.SIGKILL)
        await asyncio.sleep(0.2)
        for _ in range(2):
            with pytest.raises(InfrastructureError) as caught:
                await answer(sandbox)
            assert caught.value.boundary == "sandbox" and caught.value.retryable
        await sandbox.close()
        with pytest.raises(InfrastructureError, match="closed") as caught:
            await answer(sandbox)
        assert not caught.value.retryable

    asyncio.run(play())


def named(words: str) -> set[int]:
    """Return the descendants in whose command some words are."""
    found = set()
    for number in descendants():
        try:
            if words.encode() in Path(f"/proc/{number}/cmdline").read_bytes():
                found.add(number)
        except OSError:
            continue
    return found


def test_the_death_of_what_is_first_in_bubblewrap_ends_its_sandboxes():
    async def play():
        sandbox = make()
        await sandbox.start()
        task, _ = await running(sandbox)
        monitor = fork_server(PROFILE)._process.pid
        everything = descendants(monitor)
        first = min(number for number in named("from inside.nursery") & everything)
        os.kill(first, signal.SIGKILL)
        with pytest.raises(InfrastructureError) as raised:
            await task
        assert raised.value.boundary == "sandbox"
        await sandbox.close()
        assert await asyncio.to_thread(gone, everything)
        return await fresh()

    assert asyncio.run(play()) == b"42\n"


@pytest.mark.parametrize("which", ["bubblewrap", "server"])
def test_sandboxes_outlive_what_started_them_and_end_when_they_are_closed(which):
    async def play():
        sandbox = make()
        await sandbox.start()
        await settled()
        process = fork_server(PROFILE)._process
        old = descendants(process.pid)
        if which == "bubblewrap":
            process.kill()
            await asyncio.to_thread(process.wait)
        else:
            # What was started first of all that is neither bubblewrap nor a sandbox.
            server = min(old & (named("from inside.nursery") - named("--unshare-all")))
            os.kill(server, signal.SIGKILL)
            assert await asyncio.to_thread(gone, {server})
        assert await answer(sandbox) == b"42\n"
        assert await fresh() == b"42\n"
        await sandbox.close()
        assert await asyncio.to_thread(gone, old)

    asyncio.run(play())


PARENT = """
    import asyncio, sys
    from llmgym.sandbox import *
    daemon = "import os, time\\nfor _ in range(2):\\n    if os.fork() == 0: os.setsid()\\ntime.sleep(60)"
    async def main():
        async with make_sandbox("bubblewrap", limits=Limits(wall_seconds=60)) as one:
            task = asyncio.create_task(one.run(Program(python=daemon)))
            await asyncio.sleep(0.3)
            print("up", flush=True)
            await task
    asyncio.run(main())
"""


def start(source: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(source)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_death_of_the_parent_ends_everything(number):
    with start(PARENT) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == "up\n"
        inside = descendants(parent.pid)
        assert len(inside) >= 5
        parent.send_signal(number)
        parent.wait(20)
        parent.communicate()
    assert gone(inside)


def test_two_loops_in_two_threads_have_sandboxes_at_the_same_time():
    told: list[bytes] = []

    async def many():
        return await asyncio.gather(*(fresh() for _ in range(6)))

    threads = [threading.Thread(target=lambda: told.extend(asyncio.run(many()))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert told == [b"42\n"] * 18


FORKED = """
    import asyncio, multiprocessing, os, warnings
    from llmgym.sandbox import *
    warnings.simplefilter("ignore", DeprecationWarning)
    async def work():
        async with make_sandbox("bubblewrap", limits=Limits(wall_seconds=30)) as one:
            return (await one.run(Program(python="print(42)"))).stdout == b"42\\n"
    def child(*_):
        return asyncio.run(work())
    assert child()
    number = os.fork()
    if number == 0:
        os._exit(0 if child() and child() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(number, 0)[1]) == 0
    assert child()
    with multiprocessing.get_context("fork").Pool(2) as pool:
        assert pool.map(child, range(4)) == [True] * 4
    assert child()
    print("good")
"""


def test_a_forked_child_has_sandboxes_of_its_own():
    with start(FORKED) as parent:
        told, errors = parent.communicate(timeout=120)
    assert told == "good\n", errors


def test_a_fork_in_the_middle_of_an_episode_leaves_the_parents_sandbox_alone():
    source = """
        import asyncio, os, signal
        from llmgym.sandbox import *
        async def work():
            async with make_sandbox("bubblewrap", limits=Limits(wall_seconds=30)) as one:
                number = os.fork()
                if number == 0:
                    os._exit(0)
                os.waitpid(number, 0)
                return (await one.run(Program(python="print(42)"))).stdout
        print(asyncio.run(work()) == b"42\\n")
    """
    with start(source) as parent:
        told, errors = parent.communicate(timeout=60)
    assert told == "True\n", errors


def test_a_forked_child_that_lives_on_does_not_keep_a_killed_parents_sandbox():
    source = """
        import asyncio, os, time
        from llmgym.sandbox import *
        async def work():
            async with make_sandbox("bubblewrap", limits=Limits(wall_seconds=30)) as one:
                await one.run(Program(python="import os, time\\nif os.fork() == 0: time.sleep(60)", leave_running=True))
                if os.fork() == 0:
                    os.close(1); os.close(2)
                    time.sleep(20)
                    os._exit(0)
                print("up", flush=True)
                await asyncio.sleep(60)
        asyncio.run(work())
    """
    with start(source) as parent:
        assert parent.stdout is not None and parent.stdout.readline() == "up\n"
        inside = descendants(parent.pid)
        child = {
            number for number in inside if b"asyncio.run" in Path(f"/proc/{number}/cmdline").read_bytes()
        }
        parent.kill()
        parent.communicate()
    try:
        assert len(child) == 1 and gone(inside - child)
        assert all(_lives(number) for number in child)
    finally:
        for number in child:
            os.kill(number, signal.SIGKILL)


def test_a_start_that_is_cancelled_leaves_nothing():
    async def play():
        sandbox = make()
        task = asyncio.create_task(sandbox.start())
        await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await fresh() == b"42\n"
        quiet = await settled()
        for delay in (0, 0.0005, 0.001, 0.002):
            task = asyncio.create_task(fresh())
            await asyncio.sleep(delay)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert len(await settled()) <= len(quiet) + 4

    asyncio.run(play())


def test_orders_never_fill_the_queue_of_the_server(monkeypatch):
    asked = most = 0
    request = fork_server(PROFILE)._request

    def counted(disk_bytes):
        nonlocal asked
        asked += 1
        return request(disk_bytes)

    async def one():
        nonlocal most
        sandbox = make()
        await sandbox.start()
        most = max(most, asked - len(started))
        started.append(sandbox)

    async def play():
        await fresh()
        monkeypatch.setattr(fork_server(PROFILE), "_request", counted)
        await asyncio.gather(*(one() for _ in range(60)))
        await asyncio.gather(*(sandbox.close() for sandbox in started))

    started: list = []
    asyncio.run(play())
    assert most <= 24


def test_many_at_once_leave_nothing():
    async def play():
        await fresh()
        quiet = len(descendants())
        await asyncio.gather(*(fresh() for _ in range(40)))
        deadline = time.monotonic() + 10
        while len(descendants()) > quiet + 4:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)

    asyncio.run(play())
