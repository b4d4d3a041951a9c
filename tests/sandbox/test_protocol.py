"""What every backend on this machine promises, whatever it protects."""

from __future__ import annotations

import asyncio
import sys
import warnings

import pytest

from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox import Completed, FileProblem, Limits, Profile, Program, make_sandbox
from llmgym.sandbox.fork_server import find_bubblewrap

LIMITS = Limits(wall_seconds=20, memory_bytes=256 << 20, file_bytes=4 << 20, output_bytes=1000)


def available() -> list[str]:
    try:
        find_bubblewrap()
    except UsageError:
        return ["process"]
    return ["bubblewrap", "process"]


@pytest.fixture(params=available())
def sandbox(request):
    def make(**arguments):
        setting = {"kind": request.param} | ({"unsafe": True} if request.param == "process" else {})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return make_sandbox(setting, **{"limits": LIMITS, **arguments})

    return make


def run(sandbox, *programs: Program, limits: Limits | None = None) -> list[Completed]:
    async def play():
        async with sandbox:
            return [await sandbox.run(program, limits) for program in programs]

    return asyncio.run(play())


def test_a_command_reads_its_input_and_tells_its_status(sandbox):
    command = Program(argv=("sh", "-c", "cat; echo oops >&2; exit 3"), stdin=b"hello\n")
    [ended] = run(sandbox(), command)
    assert (ended.returncode, ended.stdout, ended.stderr) == (3, b"hello\n", b"oops\n")
    assert ended.cause == "exited" and not ended.truncated and ended.seconds > 0


def test_python_source_runs_as_main_with_its_arguments(sandbox):
    source = "import sys\nprint(__name__, sys.argv[1:], sys.stdin.read())\nsys.exit('so be it')"
    [ended] = run(sandbox(), Program(python=source, argv=("a", "b"), stdin=b"in"))
    assert ended.stdout == b"__main__ ['a', 'b'] in\n"
    assert ended.stderr == b"so be it\n" and ended.returncode == 1


def test_an_uncaught_exception_is_told_with_the_line_of_the_program(sandbox):
    [ended] = run(sandbox(), Program(python="x = 1\n1 / 0"))
    assert ended.returncode == 1
    assert b"line 2" in ended.stderr and b"ZeroDivisionError" in ended.stderr


@pytest.mark.parametrize(
    ("source", "code"),
    [("raise SystemExit", 0), ("exit()", 0), ("raise SystemExit(7)", 7), ("import os; os._exit(9)", 9)],
)
def test_the_ways_of_leaving_python(sandbox, source, code):
    [ended] = run(sandbox(), Program(python=source if "exit()" != source else "import sys; sys.exit()"))
    assert ended.returncode == code


def test_exit_handlers_and_threads_are_waited_for(sandbox):
    source = (
        "import atexit, threading, time\n"
        "atexit.register(lambda: print('last', flush=True))\n"
        "threading.Thread(target=lambda: (time.sleep(0.05), print('thread', flush=True))).start()\n"
        "print('first', flush=True)"
    )
    [ended] = run(sandbox(), Program(python=source))
    assert ended.stdout.split() == [b"first", b"thread", b"last"]


def test_streams_merge_in_the_order_of_writing(sandbox):
    command = Program(argv=("sh", "-c", "echo 1; echo 2 >&2; echo 3"), merge_stderr=True)
    [ended] = run(sandbox(), command)
    assert (ended.stdout, ended.stderr) == (b"1\n2\n3\n", b"")


def test_output_is_cut_at_the_limit_and_says_so(sandbox):
    [ended] = run(sandbox(), Program(python="print('x' * 5000)"))
    assert ended.stdout == b"x" * 1000 and ended.truncated and ended.returncode == 0


def test_a_deadline_ends_a_program(sandbox):
    limits = Limits(wall_seconds=0.3)
    [ended] = run(
        sandbox(), Program(python="import time; print(1, flush=True); time.sleep(60)"), limits=limits
    )
    assert ended.cause == "wall_time" and ended.returncode == -9 and ended.stdout == b"1\n"
    assert ended.seconds < 20


def test_used_up_processor_time_ends_a_program(sandbox):
    [ended] = run(
        sandbox(), Program(python="while True: pass"), limits=Limits(cpu_seconds=1, wall_seconds=50)
    )
    assert ended.cause == "cpu_time" and ended.returncode < 0


def test_a_signal_is_told(sandbox):
    [ended] = run(sandbox(), Program(python="import os, signal; os.kill(os.getpid(), signal.SIGTERM)"))
    assert (ended.cause, ended.returncode) == ("signal", -15)


@pytest.mark.skipif(sys.platform != "linux", reason="macOS does not limit address space")
def test_memory_is_limited(sandbox):
    [ended] = run(sandbox(), Program(python="x = bytearray(3 << 30)"))
    assert ended.returncode != 0 and (b"MemoryError" in ended.stderr or ended.cause == "memory")


def test_a_command_that_does_not_exist_is_data(sandbox):
    [ended] = run(sandbox(), Program(argv=("no-such-command",)))
    assert ended.returncode == 127 and b"no-such-command" in ended.stderr


def test_environment_and_folder_are_those_asked_for(sandbox):
    command = Program(argv=("sh", "-c", "echo $COLOUR; pwd"), env={"COLOUR": "red"})
    [ended] = run(sandbox(), command)
    assert ended.stdout.split()[0] == b"red"


def test_files_go_in_and_out(sandbox):
    data = bytes(range(256)) * 100

    async def play(box):
        async with box:
            await box.write("/work/deep/er/data.bin", data)
            await box.write("/work/run.sh", b"#!/bin/sh\nwc -c < deep/er/data.bin > size\n", 0o755)
            ended = await box.run(Program(argv=("./run.sh",)))
            assert ended.returncode == 0, ended
            assert int(await box.read("/work/size")) == len(data)
            assert await box.read("/work/deep/er/data.bin") == data
            await box.write("/work/size", b"")
            assert await box.read("/work/size") == b""

    asyncio.run(play(sandbox()))


@pytest.mark.parametrize(
    "path", ["/work/absent", "/work", "/work/link", "/work/fifo", "/work/a\0b", "/work/big"]
)
def test_only_regular_files_of_a_known_size_come_out(sandbox, path):
    async def play(box):
        async with box:
            await box.run(
                Program(argv=("sh", "-c", "ln -s /etc/passwd link; mkfifo fifo; printf 12345 > big"))
            )
            with pytest.raises(FileProblem):
                await box.read(path, 4)

    asyncio.run(play(sandbox()))


def test_a_file_is_not_written_through_a_link_or_over_a_folder(sandbox):
    async def play(box):
        async with box:
            await box.run(Program(argv=("sh", "-c", "echo old > target; ln -s target link; mkdir folder")))
            for path in ("/work/link", "/work/folder", "/work/target/below"):
                with pytest.raises(FileProblem):
                    await box.write(path, b"new")
            assert await box.read("/work/target") == b"old\n"

    asyncio.run(play(sandbox()))


def test_what_one_program_writes_the_next_one_finds(sandbox):
    write, read = (
        Program(python="open('note', 'w').write('kept')"),
        Program(python="print(open('note').read())"),
    )
    assert run(sandbox(), write, read)[1].stdout == b"kept\n"


def test_a_process_may_be_left_running_if_asked(sandbox):
    async def play(box):
        async with box:
            started = await box.run(
                Program(argv=("sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!"), leave_running=True)
            )
            number = int(started.stdout)
            alive = await box.run(Program(argv=("sh", "-c", f"kill -0 {number}"), leave_running=True))
            assert alive.returncode == 0

    asyncio.run(play(sandbox()))


def test_a_process_left_behind_is_killed_otherwise(sandbox):
    async def play(box):
        async with box:
            started = await box.run(Program(argv=("sh", "-c", "sleep 60 >/dev/null 2>&1 & echo $!")))
            await asyncio.sleep(0.05)
            number = int(started.stdout)
            # Where nobody collects the dead, one may still be listed.
            alive = f"kill -0 {number} && ! grep -qs zombie /proc/{number}/status"
            assert (await box.run(Program(argv=("sh", "-c", alive)))).returncode != 0

    asyncio.run(play(sandbox()))


def test_a_closed_sandbox_does_nothing_more(sandbox):
    async def play(box):
        async with box:
            pass
        await box.close()
        for attempt in (box.run(Program(argv=("true",))), box.read("/work/x"), box.write("/work/x", b"")):
            with pytest.raises(InfrastructureError, match="not running") as caught:
                await attempt
            assert caught.value.boundary == "sandbox"

    asyncio.run(play(sandbox()))


def test_closing_one_that_never_started_is_fine(sandbox):
    asyncio.run(sandbox().close())


def test_our_own_modules_can_be_imported(sandbox, tmp_path):
    (tmp_path / "our_runner.py").write_text("WORD = 'warm'\n")
    profile = Profile(
        modules=(str(tmp_path / "our_runner.py"),), packages=("numpy",), preload=("our_runner", "numpy")
    )
    [ended] = run(
        sandbox(profile=profile, limits=Limits(wall_seconds=60)),
        Program(python="import our_runner, numpy; print(our_runner.WORD, numpy.arange(3).sum())"),
    )
    assert ended.stdout == b"warm 3\n", ended


@pytest.mark.parametrize("name", ["wall_seconds", "processes"])
@pytest.mark.parametrize("value", [0, -1, "9", None, True])
def test_a_limit_must_be_a_number_above_nothing(name, value):
    with pytest.raises(UsageError, match=f"limit {name} to be a"):
        Limits(**{name: value})


def test_a_program_must_say_what_to_run():
    with pytest.raises(UsageError, match="argv or Python source"):
        Program()
    with pytest.raises(UsageError, match="NUL"):
        run(make_sandbox(), Program(argv=("echo", "a\0b")))


def test_choosing_a_backend():
    with pytest.raises(UsageError, match="sandbox among auto, bubblewrap, process"):
        make_sandbox("jail")
    with pytest.raises(UsageError, match="does not protect this machine"):
        make_sandbox("process")
    with pytest.raises(UsageError, match="settings of the sandbox 'bubblewrap' are wrong"):
        make_sandbox({"kind": "bubblewrap", "colour": "red"})
    with pytest.raises(UsageError, match="a name or a mapping"):
        make_sandbox(7)  # type: ignore[arg-type]
    with pytest.warns(UserWarning, match="not your files, not the network"):
        make_sandbox({"kind": "process", "unsafe": True})
    with pytest.raises(UsageError, match="no_such_package"):
        make_sandbox("bubblewrap", profile=Profile(packages=("no_such_package",)))
