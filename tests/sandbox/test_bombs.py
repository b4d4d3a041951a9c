"""Programs that take all they can get: each is ended at its limit, which is named, and leaves nothing."""

from __future__ import annotations

import asyncio
import dataclasses
import time

import pytest

from llmgym.sandbox import Completed, Limits, Profile, Program, Sandbox, make_sandbox
from llmgym.sandbox.probes import BOMBS, Host, descendants, explode
from llmgym.sandbox.probes.trials import _BEGIN, _bring

from .test_escapes import needs_bubblewrap
from .test_lifecycle import gone, settled

pytestmark = needs_bubblewrap
MIB = 1 << 20


def make(limits: Limits) -> Sandbox:
    return make_sandbox("bubblewrap", profile=Profile(), limits=limits)


@pytest.mark.parametrize("probe", BOMBS, ids=lambda probe: probe.name)
def test_a_bomb_ends_at_its_limit_and_leaves_nothing(probe):
    async def play():
        return [finding async for finding in explode(make, [probe], host)]

    with Host() as host:
        [finding] = asyncio.run(play())
    assert finding.outcome == "held", finding.detail


def run(*programs: Program, limits: Limits | None = None) -> list[Completed]:
    async def play():
        async with make(limits or Limits(wall_seconds=20)) as sandbox:
            return [await sandbox.run(program) for program in programs]

    return asyncio.run(play())


def test_right_and_wrong_answers_are_told_apart_after_every_bomb():
    right, wrong = Program(python="print(42)"), Program(python="print(43)")

    async def play():
        for name in ("memory", "fork", "output", "stop", "daemon"):
            [probe] = [one for one in BOMBS if one.name == f"bombs.{name}"]
            async with make(dataclasses.replace(probe.limits, wall_seconds=1)) as sandbox:
                await _bring(sandbox)
                task = b'{"attacks": ["bombs:%s"], "facts": {}, "apart": false}' % name.encode()
                await sandbox.run(Program(python=_BEGIN, stdin=task))
                assert (await sandbox.run(right)).stdout == b"42\n"
                assert (await sandbox.run(wrong)).stdout == b"43\n"

    asyncio.run(play())


def test_a_daemon_may_stay_when_that_is_asked_for_and_dies_with_the_sandbox():
    start = "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(60)"
    count = "print(len([n for n in __import__('os').listdir('/proc') if n.isdigit()]))"
    stay = Program(python=start, leave_running=True)
    look = Program(python=count, leave_running=True)
    before = len(descendants())
    told = run(stay, look, Program(python="pass"), Program(python=count))
    assert [int(one.stdout or 0) for one in told] == [0, 3, 0, 2]
    deadline = time.monotonic() + 10
    while len(descendants()) > before + 8:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_what_was_left_running_is_watched_between_programs():
    source = (
        "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(1)\n    kept = bytearray(b'x') * (160 << 20)\n"
        "    time.sleep(5)\n    open('survived', 'w')\n    time.sleep(60)"
    )
    count = "import os\nprint(len([n for n in os.listdir('/proc') if n.isdigit()]))"
    limits = Limits(wall_seconds=20, memory_bytes=128 << 20)

    async def play():
        async with make(limits) as sandbox:
            before = await settled()
            await sandbox.run(Program(python=source, leave_running=True))
            assert await asyncio.to_thread(gone, descendants() - before)
            told = await sandbox.run(Program(python=count, leave_running=True))
            return told.stdout, (await sandbox.run(Program(python="open('survived')"))).returncode

    assert asyncio.run(play()) == (b"2\n", 1)


def test_orphans_do_not_use_up_the_processes():
    source = "for i in $(seq 400); do /bin/sh -c 'true &'; done; echo done"
    [ended] = run(Program(argv=("sh", "-c", source)), limits=Limits(processes=16, wall_seconds=30))
    assert ended.stdout == b"done\n" and ended.returncode == 0, ended.stderr


def test_the_watch_is_kept_while_everything_is_busy():
    # Every processor has more than enough to do, at a priority that the watcher cannot outdo.
    source = "import os, time\nfor _ in range(8):\n    if os.fork() == 0: break\nwhile True: pass"
    [ended] = run(Program(python=source), limits=Limits(wall_seconds=1, cpu_seconds=30))
    assert ended.cause == "wall_time" and ended.seconds < 6


def test_a_program_that_ends_while_its_child_floods_is_ended():
    source = "import os\nif os.fork() == 0:\n    os.setsid()\n    while True: os.write(1, b'x' * 65536)"
    [ended] = run(Program(python=source), limits=Limits(wall_seconds=5, output_bytes=1000))
    assert ended.cause in ("exited", "output") and len(ended.stdout) <= 1000


def test_output_is_kept_up_to_the_limit_and_counted_beyond():
    source = "import sys\nsys.stdout.write('a' * 3000)\nsys.stderr.write('b' * 500)"
    [ended] = run(Program(python=source), limits=Limits(output_bytes=1000))
    assert (len(ended.stdout), len(ended.stderr), ended.truncated) == (1000, 500, True)
    [ended] = run(Program(python=source, merge_stderr=True), limits=Limits(output_bytes=3500))
    assert (len(ended.stdout), ended.stderr, ended.truncated) == (3500, b"", False)


def test_what_a_program_is_given_to_read_is_no_room_to_write():
    source = "import os\nfd = os.open('/proc/self/fd/0', os.O_RDWR)\nos.ftruncate(fd, 1 << 20)"
    [ended] = run(Program(python=source, stdin=b"given"))
    assert ended.returncode == 1 and b"PermissionError" in ended.stderr
