from __future__ import annotations

import asyncio
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from llmgym.errors import InfrastructureError
from llmgym.verifiers import math_pool, math_processes
from llmgym.verifiers.math_pool import Job, Outcome, _Pool

pytest.importorskip("math_verify")
linux = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks for processes in /proc")

ENDLESS = r"\boxed{9^{9^{9^{9}}}}"
RIGHT = Outcome("done", 1.0, "42", "")


@pytest.fixture(scope="module")
def pool():
    pool = _Pool()
    yield pool
    pool.close()


@pytest.fixture
def own_pool():
    pool = _Pool()
    yield pool
    pool.close()


def job(text: str = r"\boxed{42}", seconds: float = 30.0) -> Job:
    return Job(r"\boxed{42}", text, seconds=seconds)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition, seconds: float = 30.0) -> bool:
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return bool(found)


def test_jobs_of_one_loop_are_done_at_once_and_in_any_number(pool):
    async def main():
        return await asyncio.gather(*[pool.run(job(), 2) for _ in range(50)])

    assert asyncio.run(main()) == [RIGHT] * 50
    assert len(pool._idle) == 2 and pool._busy == 0 and not pool._waiting


def test_loops_in_many_threads_share_the_workers(pool):
    found = []

    def work():
        async def main():
            return await asyncio.gather(*[pool.run(job(), 2) for _ in range(10)])

        found.extend(asyncio.run(main()))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [RIGHT] * 60
    assert len(pool._idle) <= 2 and pool._busy == 0


@linux
def test_a_worker_is_used_again_and_one_that_was_too_slow_is_killed(pool):
    async def main():
        assert await pool.run(job(), 1) == RIGHT
        first = pool._idle[-1].pid
        assert await pool.run(job(), 1) == RIGHT
        assert pool._idle[-1].pid == first
        assert await pool.run(job(ENDLESS, 0.2), 1) == Outcome("timeout", reason="timeout")
        assert eventually(lambda: not alive(first))
        assert await pool.run(job(), 1) == RIGHT
        assert pool._idle[-1].pid != first

    asyncio.run(main())


def test_no_more_jobs_run_than_the_limit(pool):
    async def main():
        started = time.monotonic()
        await asyncio.gather(*[pool.run(job(ENDLESS, 0.2), 1) for _ in range(3)])
        return time.monotonic() - started

    assert asyncio.run(main()) >= 0.6


def test_a_worker_is_replaced_after_its_share_of_jobs(pool, monkeypatch):
    monkeypatch.setattr(math_pool, "_MOST_JOBS", 2)

    async def main():
        return [await pool.run(job(), 1) for _ in range(5)]

    assert asyncio.run(main()) == [RIGHT] * 5


def test_a_reply_that_came_while_the_loop_was_held_counts(pool):
    async def main():
        await pool.run(job(), 1)
        waiting = asyncio.create_task(pool.run(job(seconds=0.1), 1))
        await asyncio.sleep(0)
        # The worker is done long before the loop looks again, and that is after the deadline.
        time.sleep(0.5)
        return await waiting

    assert asyncio.run(main()) == RIGHT


@linux
def test_a_cancelled_job_leaves_no_worker_behind(pool):
    async def main():
        await pool.run(job(), 2)
        running = asyncio.create_task(pool.run(job(ENDLESS), 1))
        waiting = asyncio.create_task(pool.run(job(), 1))
        await asyncio.sleep(0.05)
        for task in (waiting, running):
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert eventually(lambda: not children(pool._nursery.process.pid))
        assert pool._busy == 0 and not pool._waiting
        assert await pool.run(job(), 1) == RIGHT

    asyncio.run(main())


@linux
def test_a_loop_that_is_closed_in_the_middle_leaves_no_worker_behind(pool):
    loop = asyncio.new_event_loop()
    running = [loop.create_task(pool.run(job(ENDLESS), 1)) for _ in range(2)]
    loop.run_until_complete(asyncio.sleep(0.05))
    for task in running:
        task._log_destroy_pending = False
    loop.close()
    del running, task, loop
    gc.collect()
    assert eventually(lambda: pool._busy == 0)
    assert asyncio.run(pool.run(job(), 1)) == RIGHT
    assert eventually(lambda: len(children(pool._nursery.process.pid)) == 1)


@linux
def test_a_job_whose_workers_die_is_a_crash(pool):
    async def main():
        await pool.run(job(), 1)
        nursery, over = pool._nursery.process.pid, threading.Event()

        def kill():
            while not over.wait(0.01):
                for child in children(nursery):
                    os.kill(child, signal.SIGKILL)

        running = asyncio.create_task(pool.run(job(ENDLESS), 1))
        await asyncio.sleep(0.02)
        killer = threading.Thread(target=kill)
        killer.start()
        try:
            outcome = await running
        finally:
            over.set()
            killer.join()
        assert outcome == Outcome("crash", reason="crash") or outcome.status == "crash"
        assert await pool.run(job(), 1) == RIGHT

    asyncio.run(main())


@linux
@pytest.mark.parametrize("who", ["worker", "nursery"])
def test_what_was_killed_while_it_was_idle_is_replaced(pool, who):
    async def main():
        await pool.run(job(), 1)
        pid = pool._idle[-1].pid if who == "worker" else pool._nursery.process.pid
        os.kill(pid, signal.SIGKILL)
        assert eventually(lambda: not alive(pid))
        return await pool.run(job(), 1)

    assert asyncio.run(main()) == RIGHT


def test_closing_ends_everything_and_the_next_job_begins_anew(own_pool):
    assert asyncio.run(own_pool.run(job(), 1)) == RIGHT
    process = own_pool._nursery.process
    own_pool.close()
    own_pool.close()
    assert process.returncode is not None
    assert asyncio.run(own_pool.run(job(), 1)) == RIGHT


def test_a_program_that_ends_starts_no_workers(own_pool):
    own_pool.close(for_good=True)
    with pytest.raises(InfrastructureError, match="this program is ending") as caught:
        asyncio.run(own_pool.run(job(), 1))
    assert caught.value.boundary == "sandbox"


def test_why_no_worker_can_be_started_is_told(own_pool, monkeypatch):
    path = [entry for entry in sys.path if "site-packages" not in entry]
    monkeypatch.setattr(math_processes, "sys", SimpleNamespace(executable=sys.executable, path=path))
    with pytest.raises(InfrastructureError, match="No module named 'math_verify'"):
        asyncio.run(own_pool.run(job(), 1))
    assert own_pool._busy == 0
    monkeypatch.setattr(math_processes, "sys", SimpleNamespace(executable="/nowhere/python", path=path))
    with pytest.raises(InfrastructureError, match="could not be started"):
        asyncio.run(own_pool.run(job(), 1))


# Other programs.

PROGRAM = """
import asyncio, os, sys
from llmgym.verifiers import math_pool, math_processes
from llmgym.verifiers.math import verify_math
right = lambda: asyncio.run(verify_math("42", r"\\boxed{42}")).score == 1.0
nursery = lambda: math_pool._pool._nursery.process.pid
workers = lambda: open(f"/proc/{nursery()}/task/{nursery()}/children").read().split()
"""


def program(body: str) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", PROGRAM + body], stdout=subprocess.PIPE, text=True)


@linux
def test_a_program_that_ends_leaves_no_process():
    process = program("assert right()\nprint(nursery(), *workers(), flush=True)")
    pids = [int(pid) for pid in process.communicate(timeout=120)[0].split()]
    assert process.returncode == 0 and len(pids) == 2
    assert eventually(lambda: not any(map(alive, pids)))


@linux
def test_a_program_that_is_killed_leaves_no_process():
    process = program(
        "async def main():\n"
        "    assert (await verify_math('42', r'\\boxed{42}')).score\n"
        "    job = asyncio.create_task(verify_math('42', r'\\boxed{9^{9^{9^{9}}}}', timeout_seconds=600))\n"
        "    await asyncio.sleep(0.1)\n"
        "    print(nursery(), *workers(), flush=True)\n"
        "    await job\n"
        "asyncio.run(main())"
    )
    pids = [int(pid) for pid in process.stdout.readline().split()]
    assert len(pids) == 2 and all(map(alive, pids))
    process.kill()
    process.communicate(timeout=60)
    assert eventually(lambda: not any(map(alive, pids)))


def test_a_forked_child_has_workers_of_its_own_and_leaves_the_parents_alone():
    process = program(
        "assert right()\n"
        "child = os.fork()\n"
        "if child == 0:\n"
        "    fine = right()\n"
        "    math_pool.close()\n"
        "    os._exit(0 if fine else 1)\n"
        "status = os.waitpid(child, 0)[1]\n"
        "before = nursery()\n"
        "assert right() and nursery() == before\n"
        "print(status)"
    )
    assert process.communicate(timeout=120)[0].strip() == "0"
    assert process.returncode == 0
