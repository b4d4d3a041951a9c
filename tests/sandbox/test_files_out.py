"""Files that go into a sandbox and come out of it: nothing outside is read or written, whatever they are called."""

from __future__ import annotations

import asyncio

import pytest

from llmgym.sandbox import FileProblem, Limits, Profile, Program, make_sandbox
from llmgym.sandbox.probes import Host

from .test_escapes import needs_bubblewrap

pytestmark = needs_bubblewrap
LIMITS = Limits(wall_seconds=20, file_bytes=8 << 20, disk_bytes=16 << 20)
FILES = """
import os, sys
host = sys.argv[1]
os.makedirs("deep/er"); os.makedirs("folder")
with open("own", "w") as file: file.write("own")
with open("new\\nline", "w") as file: file.write("newline")
with open("x" * 255, "w") as file: file.write("long")
with open("unreadable", "w") as file: file.write("secret")
os.chmod("unreadable", 0)
with open("large", "wb") as file: file.truncate(4 << 20)
os.symlink("/etc/passwd", "to-passwd"); os.symlink("/etc", "to-etc"); os.symlink(host, "to-host")
os.symlink(os.path.dirname(host), "to-host-folder"); os.symlink("/proc/1", "to-first"); os.symlink("self", "self")
os.symlink("/nowhere", "to-nowhere"); os.symlink("own", "to-own"); os.symlink("/proc/self/root", "to-root")
os.link("own", "hard"); os.mkfifo("pipe"); os.symlink("/dev/tty", "to-tty")
try: os.link("/etc/passwd", "hard-passwd")
except OSError: pass
try: os.mknod("device", 0o20666, os.makedev(1, 5))
except OSError: pass
"""


def play(scene):
    async def act(host):
        async with make_sandbox("bubblewrap", profile=Profile(), limits=LIMITS) as sandbox:
            made = await sandbox.run(Program(python=FILES, argv=(host.facts([])["file"],)))
            assert made.returncode == 0, made.stderr
            return await scene(sandbox, host.facts([]))

    with Host() as host:
        result = asyncio.run(act(host))
        assert host.harm() == []
    return result


async def content(sandbox, path, **arguments):
    try:
        return await sandbox.read(path, **arguments)
    except FileProblem:
        return None


READS = [
    ("/work/own", b"own"),
    ("/work/hard", b"own"),
    ("/work/new\nline", b"newline"),
    ("/work/" + "x" * 255, b"long"),
    ("/work/deep/../own", b"own"),
    ("/work/../work/own", b"own"),
    ("/proc/self/root/work/own", b"own"),
    ("/work/to-root/work/own", b"own"),
    # Never through a link at the end, even to the sandbox's own.
    ("/work/to-own", None),
    ("/work/to-passwd", None),
    ("/work/to-host", None),
    ("/work/to-nowhere", None),
    ("/work/self", None),
    ("/work/self/own", None),
    ("/work/to-tty", None),
    ("/work/to-first/fd/0", None),
    ("/work/to-first/exe", None),
    ("/work/to-host-folder/canary", None),
    ("/work/folder", None),
    ("/work/pipe", None),
    ("/work/device", None),
    ("/work/hard-passwd", None),
    ("/work/unreadable", None),
    ("/work/absent", None),
    ("/work/own/below", None),
    ("/dev/null", None),
    ("/dev/zero", None),
    ("/etc/shadow", None),
    ("/work/../../../etc/shadow", None),
    ("/proc/kcore", None),
    ("/proc/sys/kernel/core_pattern", None),
    ("/root/.bashrc", None),
    ("", None),
    ("/", None),
    ("\0", None),
    ("/work/own\0", None),
    ("/work/\ud800", None),
    ("/work/" + "y" * 256, None),
    ("/work/" + "z" * 5000, None),
    ("/work/" + "d/" * 2040 + "f", None),
]


def test_only_regular_files_of_the_sandbox_are_read():
    async def scene(sandbox, facts):
        found = [(path, await content(sandbox, path)) for path, _ in READS]
        found.append(("host", await content(sandbox, facts["file"])))
        return found

    assert play(scene) == [*READS, ("host", None)]


def test_a_link_in_a_parent_folder_leads_to_the_sandboxs_own():
    async def scene(sandbox, facts):
        return await sandbox.read("/work/to-etc/passwd")

    assert play(scene) == b"sandbox:x:1000:1000::/work:/bin/sh\n"


def test_a_file_is_read_up_to_the_limit_or_not_at_all():
    async def scene(sandbox, facts):
        return [await content(sandbox, "/work/large", limit=limit) for limit in (4 << 20, (4 << 20) - 1, 1)]

    whole, *others = play(scene)
    assert whole == bytes(4 << 20) and others == [None, None]


def test_a_file_without_end_cannot_be_made():
    async def scene(sandbox, facts):
        source = "import os; os.truncate('own', 1 << 40)"
        ended = await sandbox.run(Program(python=source))
        return ended.cause, ended.returncode, await sandbox.read("/work/own")

    cause, code, kept = play(scene)
    assert (cause == "output" or code != 0) and kept == b"own"


def test_a_file_that_grows_while_it_is_read_is_cut():
    grow = (
        "import os\nif os.fork() == 0:\n    os.setsid()\n    file = open('growing', 'wb', buffering=0)\n"
        "    while True:\n        file.write(b'x' * 4096)\n        if file.tell() > 4 << 20: file.seek(0)\n"
    )

    async def scene(sandbox, facts):
        await sandbox.run(Program(python=grow, leave_running=True))
        return [await content(sandbox, "/work/growing", limit=1 << 20) for _ in range(40)]

    assert all(one is None or (len(one) <= 1 << 20 and set(one) <= {0, 120}) for one in play(scene))


def test_a_file_that_is_swapped_with_a_link_shows_nothing_else():
    swap = (
        "import os, sys\nif os.fork() == 0:\n    os.setsid()\n    os.mkdir('a'); os.mkdir('b')\n"
        "    open('a/file', 'w').write('mine'); os.symlink(sys.argv[1], 'b/file')\n"
        "    os.symlink('a', 'now')\n"
        "    while True:\n        for name in ('b', 'a', '/etc', '/proc/1', '/proc/self/root/tmp'):\n"
        "            os.symlink(name, 'next'); os.rename('next', 'now')\n"
    )

    async def scene(sandbox, facts):
        await sandbox.run(Program(python=swap, argv=(facts["file"],), leave_running=True))
        read = {await content(sandbox, "/work/now/file") for _ in range(300)}
        for number in range(300):
            try:
                await sandbox.write("/work/now/file", str(number).encode())
            except FileProblem:
                continue
        return read

    assert play(scene) <= {None, b"mine"}


WRITES = [
    ("/work/fresh", True),
    ("/work/some/new/folders/file", True),
    ("/work/new\nname", True),
    ("/work/own", True),
    ("/work/hard", True),
    ("/tmp/file", True),
    ("/testbed/file", True),
    ("/work/folder/../beside", True),
    ("/work/to-own", False),
    ("/work/to-host", False),
    ("/work/to-nowhere", False),
    ("/work/to-host-folder/canary", False),
    ("/work/to-etc/passwd", False),
    ("/work/to-root/etc/hosts", False),
    ("/work/self/file", False),
    ("/work/folder", False),
    ("/work/pipe", False),
    ("/work/own/below", False),
    ("/work/../../../etc/llmgym", False),
    ("/etc/llmgym", False),
    ("/usr/llmgym", False),
    ("/sandbox/inside/init.py", False),
    ("/packages/llmgym.py", False),
    ("/llmgym", False),
    ("/dev/null", False),
    ("/dev/llmgym", False),
    ("/proc/sys/kernel/core_pattern", False),
    ("/proc/self/fd/0", False),
    ("", False),
    ("/", False),
    ("\0", False),
    ("/work/\0", False),
    ("/work/\ud800", False),
    ("/work/" + "y" * 256, False),
    ("/work/" + "z" * 5000, False),
    ("/work/" + "d/" * 2040 + "f", False),
]


def test_files_are_written_in_the_sandbox_or_not_at_all():
    async def scene(sandbox, facts):
        found = []
        for path, _ in WRITES:
            try:
                await sandbox.write(path, b"written")
                found.append((path, await sandbox.read(path) == b"written"))
            except FileProblem:
                found.append((path, False))
        # It still works.
        assert (await sandbox.run(Program(python="print(1)"))).stdout == b"1\n"
        return found

    assert play(scene) == WRITES


def test_a_path_of_the_host_is_another_place_inside():
    async def scene(sandbox, facts):
        await sandbox.write(facts["file"], b"inside")
        return await sandbox.read(facts["file"])

    assert play(scene) == b"inside"


def test_a_full_folder_is_a_problem_of_the_file():
    async def scene(sandbox, facts):
        with pytest.raises(FileProblem, match="no space"):
            await sandbox.write("/work/own", bytes(17 << 20))
        await sandbox.write("/work/small", b"x")
        return await sandbox.read("/work/own"), await sandbox.read("/work/small")

    assert play(scene) == (b"own", b"x")


def test_a_file_is_written_over():
    async def scene(sandbox, facts):
        found = []
        for data in (b"longer than before", b"short", b""):
            await sandbox.write("/work/own", data, 0o750)
            found.append(await sandbox.read("/work/own"))
        mode = Program(python="import os; print(oct(os.stat('own').st_mode))")
        return found, (await sandbox.run(mode)).stdout

    assert play(scene) == ([b"longer than before", b"short", b""], b"0o100750\n")


def test_a_folder_that_leads_to_the_kernels_switches_is_no_place_for_a_file():
    async def scene(sandbox, facts):
        await sandbox.run(Program(python="import os; os.symlink('/proc/self', 'switches')"))
        for name in ("oom_score_adj", "comm", "mem", "coredump_filter", "timerslack_ns"):
            with pytest.raises(FileProblem):
                await sandbox.write(f"/work/switches/{name}", b"0")
        return (await sandbox.run(Program(python="print(open('/proc/1/comm').read())"))).stdout

    assert play(scene) != b"0\n\n"
