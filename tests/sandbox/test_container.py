"""Containers of every engine that works here: the double, Docker, Podman."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from sandbox.engines import EngineUnderTest, running

from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox import Completed, FileProblem, Limits, Profile, Program, container, make_sandbox
from llmgym.sandbox.container import ContainerSandbox
from llmgym.sandbox.container_engine import Engine
from llmgym.sandbox.container_owner import LABEL, _swept, labels_of_this_process
from llmgym.sandbox.process import UnsafeSandboxWarning

QUICK = Limits(wall_seconds=20, memory_bytes=256 << 20, processes=40, file_bytes=8 << 20, disk_bytes=32 << 20)


@pytest.fixture(scope="session", params=["double", "docker", "podman"])
def engine(request: pytest.FixtureRequest) -> Iterator[EngineUnderTest]:
    with running(request.param) as engine:
        yield engine


@pytest.fixture(scope="module")
def sandbox(engine: EngineUnderTest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ContainerSandbox]:
    """One sandbox for many tests, each with an event loop of its own."""
    module = tmp_path_factory.mktemp("modules") / "given_module.py"
    module.write_text("VALUE = 41\n")
    made = made_by(engine, profile=Profile(modules=(str(module),)))
    with warnings.catch_warnings():
        warnings.simplefilter("error" if engine.limits or not engine.real else "ignore", UnsafeSandboxWarning)
        asyncio.run(made.start())
    yield made
    asyncio.run(made.close())


def nobody(engine: EngineUnderTest) -> bytes:
    """The programs' user. The double of an ordinary user has one user only."""
    return b"65534" if engine.real or os.geteuid() == 0 else b"0"


def made_by(engine: EngineUnderTest, profile: Profile | None = None, **setting: Any) -> ContainerSandbox:
    made = make_sandbox({**engine.setting, **setting}, profile=profile, limits=QUICK)
    assert isinstance(made, ContainerSandbox)
    return made


def run(sandbox: ContainerSandbox, *argv: str, limits: Limits | None = None, **options: Any) -> Completed:
    return asyncio.run(sandbox.run(Program(argv, **options), limits))


def sh(sandbox: ContainerSandbox, script: str, **options: Any) -> Completed:
    return run(sandbox, "sh", "-c", script, **options)


def names(engine: EngineUnderTest) -> list[str]:
    """The containers of ours that the engine knows."""
    told = asyncio.run(
        Engine(f"unix://{engine.socket}", "tested").request(
            "GET", "/containers/json", query={"all": "1", "filters": {"label": [LABEL]}}
        )
    )
    return [name.lstrip("/") for container in told.json() for name in container["Names"]]


def gone(engine: EngineUnderTest, name: str, patience: float = 20.0) -> bool:
    deadline = time.monotonic() + patience
    while name in names(engine):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def processes(sandbox: ContainerSandbox) -> set[str]:
    """The processes inside, without the first and those that look."""
    listed = sh(
        sandbox,
        "for p in /proc/[0-9]*; do tr '\\0' ' ' < $p/cmdline 2>/dev/null; echo; done",
        leave_running=True,
    )
    words = {line.strip() for line in listed.stdout.decode().splitlines()}
    return {line for line in words if line.startswith("sleep")}


def test_output_and_errors_are_told_apart(sandbox):
    done = sh(sandbox, "echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr, done.cause) == (3, b"out\n", b"err\n", "exited")


def test_merged_output_keeps_its_order(sandbox):
    done = sh(sandbox, "for i in 1 2 3 4 5; do echo o$i; echo e$i >&2; done", merge_stderr=True)
    assert done.stdout.split() == [b"o1", b"e1", b"o2", b"e2", b"o3", b"e3", b"o4", b"e4", b"o5", b"e5"]
    assert done.stderr == b""


def test_input_is_given_and_ends(sandbox):
    data = bytes(range(256)) * 3000
    assert run(sandbox, "cat", stdin=data).stdout == data
    assert run(sandbox, "cat").stdout == b""


def test_input_that_nobody_reads_is_no_failure(sandbox):
    assert run(sandbox, "true", stdin=b"x" * 3_000_000).returncode == 0


def test_arguments_arrive_as_they_are(sandbox):
    words = ["a b", "", "$HOME", "'", '"', "\n", "ä", "-n", "--", "*"]
    done = run(sandbox, "sh", "-c", 'for word; do printf "%s|" "$word"; done', "sh", *words)
    assert done.stdout.decode() == "|".join(words) + "|"


@pytest.mark.parametrize("number, cause", [(9, "signal"), (11, "signal"), (15, "signal")])
def test_signals_are_negative(sandbox, number, cause):
    done = sh(sandbox, f"kill -{number} $$")
    assert (done.returncode, done.cause) == (-number, cause)


def test_other_high_statuses_stay(sandbox):
    assert sh(sandbox, "exit 129").returncode == 129


def test_what_cannot_start_is_data(sandbox):
    assert run(sandbox, "no-such-program").returncode == 127
    assert run(sandbox, "true", cwd="/no/such/folder").returncode == 126
    done = run(sandbox, "true", "x" * 200_000)
    assert done.returncode == 126 and b"too long" in done.stderr


def test_a_nul_in_an_argument_is_the_callers_error(sandbox):
    with pytest.raises(UsageError, match="NUL"):
        run(sandbox, "echo", "a\0b")


def test_programs_start_in_the_working_folder_as_nobody(engine, sandbox):
    done = sh(sandbox, "pwd; id -u; id -g; echo $HOME; echo $GIVEN", env={"GIVEN": "1"})
    assert done.stdout.split() == [b"/work", nobody(engine), nobody(engine), b"/work", b"1"]


def test_no_capability_and_no_new_privilege(sandbox):
    told = dict(
        line.split(":\t")
        for line in sh(sandbox, "cat /proc/self/status").stdout.decode().splitlines()
        if ":\t" in line
    )
    assert int(told["CapEff"], 16) == int(told["CapPrm"], 16) == int(told["CapAmb"], 16) == 0
    assert told["NoNewPrivs"] == "1"


def test_no_network(sandbox):
    devices = sh(sandbox, "cat /proc/net/dev").stdout.decode()
    assert [line.split(":")[0].strip() for line in devices.splitlines() if ":" in line] == ["lo"]


def test_the_image_cannot_be_written(sandbox):
    done = sh(sandbox, "for f in /etc/x /bin/x /testbed/x /x; do echo 1 > $f && echo written $f; done; true")
    assert b"written" not in done.stdout


def test_wall_time_kills_the_whole_tree(sandbox):
    script = "trap '' TERM; setsid sleep 571 & (sleep 572 &); sleep 573"
    done = sh(sandbox, script, limits=Limits(wall_seconds=0.5))
    assert (done.returncode, done.cause) == (-9, "wall_time")
    assert processes(sandbox) == set()


def test_a_program_that_closes_its_output_still_has_a_limit(sandbox):
    done = sh(sandbox, "exec >/dev/null 2>&1 </dev/null; exec sleep 574", limits=Limits(wall_seconds=0.7))
    assert done.cause == "wall_time" and processes(sandbox) == set()


def test_processes_left_behind_are_killed_or_kept_as_asked(sandbox):
    done = sh(sandbox, "sleep 575 & setsid sleep 576 > /dev/null 2>&1 & echo over", leave_running=True)
    assert (done.returncode, done.stdout) == (0, b"over\n")
    assert processes(sandbox) == {"sleep 575", "sleep 576"}
    assert sh(sandbox, "sleep 577 & echo over").stdout == b"over\n"
    assert processes(sandbox) == set()


def test_killing_everything_does_not_end_the_sandbox(sandbox):
    sh(sandbox, "kill -9 -1; kill -9 1; kill -STOP 1; kill -TERM 1; kill -HUP 1")
    assert run(sandbox, "echo", "here").stdout == b"here\n"


def test_output_is_cut_and_a_flood_is_stopped(sandbox):
    done = sh(
        sandbox, "head -c 300000 /dev/zero; head -c 300000 /dev/zero >&2", limits=Limits(output_bytes=1000)
    )
    assert (len(done.stdout), len(done.stderr), done.truncated, done.returncode) == (1000, 1000, True, 0)
    done = run(sandbox, "yes", limits=Limits(file_bytes=1 << 20, output_bytes=1000))
    assert (done.cause, len(done.stdout), done.truncated) == ("output", 1000, True)
    assert run(sandbox, "true").returncode == 0


def test_processor_time_is_limited(sandbox):
    assert sh(sandbox, "while :; do :; done", limits=Limits(cpu_seconds=1)).cause == "cpu_time"


def test_files_and_folders_are_limited(engine, sandbox):
    done = sh(sandbox, "exec head -c 3000000 /dev/zero > big", limits=Limits(file_bytes=1 << 20))
    assert done.cause == "output"
    if engine.real:
        sh(sandbox, "for i in 1 2 3 4 5 6 7 8; do head -c 8000000 /dev/zero > f$i; done")
        done = sh(
            sandbox,
            "stat -c %s big f* | { t=0; while read s; do t=$((t + s)); done; echo $t; }; rm -f big f*",
        )
        assert int(done.stdout) <= QUICK.disk_bytes
    assert sh(sandbox, "rm -f big f*").returncode == 0


def test_open_files_are_limited(sandbox):
    source = (
        "files = []\ntry:\n    while True: files.append(open('/dev/null'))\nexcept OSError: print(len(files))"
    )
    done = run(sandbox, python=source, limits=Limits(open_files=50))
    assert 30 < int(done.stdout) < 50


def test_memory_is_limited_and_named(engine, sandbox):
    if not engine.limits:
        pytest.skip("neither the double nor Podman without root and cgroup version 2 limits memory")
    done = run(sandbox, python="x = bytearray(400 << 20); print(len(x))", limits=Limits(memory_bytes=1 << 30))
    assert (done.returncode, done.cause) == (-9, "memory")
    assert run(sandbox, "echo", "here").stdout == b"here\n"


def test_limits_that_do_not_hold_are_told_once(engine, monkeypatch):
    sandbox = made_by(engine)
    monkeypatch.setattr(container, "_warned", set())
    with pytest.warns(UnsafeSandboxWarning, match="memory and the number of processes") as told:
        sandbox._compare(None, 10**9)
        sandbox._compare(None, None)
    assert len(told) == 1
    sandbox._compare(QUICK.memory_bytes, QUICK.processes + 2)


def test_a_fork_bomb_ends_with_its_program(engine, sandbox):
    script = (
        "bomb() { bomb & bomb & sleep 578; }; i=0; while [ $i -lt 2000 ]; do sleep 579 & i=$((i + 1)); done"
    )
    if not engine.real:
        script = "i=0; while [ $i -lt 60 ]; do setsid sleep 579 & i=$((i + 1)); done; sleep 579"
    sh(sandbox, script, limits=Limits(wall_seconds=3))
    assert processes(sandbox) == set()
    assert run(sandbox, "echo", "here").stdout == b"here\n"


def test_orphans_are_reaped(engine, sandbox):
    """Each dead process that nobody waits for would count against the limit of processes."""
    for _ in range(4):
        done = sh(
            sandbox, "i=0; while [ $i -lt 15 ]; do (true &) ; (sleep 0.01 &); i=$((i + 1)); done; echo all"
        )
        assert done.stdout == b"all\n", done


def test_files_go_in_and_out(engine, sandbox):
    data = bytes(range(256)) * 1000
    asyncio.run(sandbox.write("/work/a/b/data.bin", data, 0o640))
    assert asyncio.run(sandbox.read("/work/a/b/data.bin")) == data
    done = sh(sandbox, "stat -c '%a %u %g' a/b/data.bin; echo more >> a/b/data.bin; echo $?")
    assert done.stdout.split() == [b"640", nobody(engine), nobody(engine), b"0"]
    assert asyncio.run(sandbox.read("/work/a/b/data.bin")) == data + b"more\n"
    asyncio.run(sandbox.write("/work/a/b/data.bin", b""))
    assert asyncio.run(sandbox.read("/work/a/b/data.bin")) == b""
    asyncio.run(sandbox.write("/tmp/ä b'\"$(x)\n.txt", b"odd name"))
    assert asyncio.run(sandbox.read("/tmp/ä b'\"$(x)\n.txt")) == b"odd name"


def test_only_regular_files_come_out(sandbox):
    sh(
        sandbox,
        "mkdir -p odd/folder; ln -sf /etc/passwd odd/link; ln -sf loop odd/loop; mkfifo odd/pipe; head -c 5000 /dev/zero > odd/big",
    )
    for name in ("folder", "link", "loop", "pipe", "absent", "folder/absent", "big/below"):
        with pytest.raises(FileProblem):
            asyncio.run(sandbox.read(f"/work/odd/{name}"))
    with pytest.raises(FileProblem, match="larger"):
        asyncio.run(sandbox.read("/work/odd/big", limit=4999))
    assert len(asyncio.run(sandbox.read("/work/odd/big", limit=5000))) == 5000


@pytest.mark.parametrize(
    "path", ["relative", "/work/../etc/x", "/work/", "/", "", "/work/a\0b", "/" + "n" * 5000]
)
def test_paths_that_name_no_file_are_refused(sandbox, path):
    for attempt in (sandbox.write(path, b"x"), sandbox.read(path)):
        with pytest.raises(FileProblem):
            asyncio.run(attempt)


def test_what_cannot_be_written_is_a_problem_of_the_file(sandbox):
    sh(sandbox, "mkdir -p kept/full; touch kept/full/x; touch kept/file")
    for path in ("/etc/passwd", "/work/kept/full", "/work/kept/file/below", "/no/such/folder/x"):
        with pytest.raises(FileProblem):
            asyncio.run(sandbox.write(path, b"x"))
    assert run(sandbox, "echo", "here").stdout == b"here\n"


def test_a_link_is_replaced_and_not_followed(sandbox):
    sh(
        sandbox,
        "mkdir -p links; echo old > links/target; ln -s target links/link; ln links/target links/hard",
    )
    asyncio.run(sandbox.write("/work/links/link", b"new"))
    asyncio.run(sandbox.write("/work/links/hard", b"new"))
    assert asyncio.run(sandbox.read("/work/links/target")) == b"old\n"
    assert asyncio.run(sandbox.read("/work/links/link")) == b"new"


def test_python_source_runs_as_main(sandbox):
    source = "from __future__ import annotations\nimport sys\nprint(__name__, sys.argv[1:], sys.stdin.read())"
    done = run(sandbox, "a", "b c", python=source, stdin=b"in")
    assert done.stdout == b"__main__ ['a', 'b c'] in\n", done.stderr


def test_modules_can_be_imported_and_not_changed(engine, sandbox):
    done = run(sandbox, python="import given_module; print(given_module.VALUE + 1)")
    assert done.stdout == b"42\n", done.stderr
    if nobody(engine) == b"0":
        pytest.skip("the double of an ordinary user has one user only")
    sh(
        sandbox,
        "chmod -R u+w .llmgym; rm -rf .llmgym; mv .llmgym other; echo VALUE=0 > .llmgym/given_module.py",
    )
    assert run(sandbox, python="import given_module; print(given_module.VALUE + 1)").stdout == b"42\n"


def test_long_python_source_runs(sandbox):
    done = run(sandbox, "arg", python="x = '" + "ä" * 150_000 + "'\nimport sys; print(len(x), sys.argv[1])")
    assert done.stdout == b"150000 arg\n", done.stderr


def test_a_cancelled_program_is_killed_and_the_sandbox_goes_on(sandbox):
    async def scenario() -> None:
        task = asyncio.create_task(sandbox.run(Program(("sh", "-c", "sleep 581 & sleep 582"))))
        await asyncio.sleep(0.5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert processes(sandbox) == set()
    assert run(sandbox, "echo", "here").stdout == b"here\n"


def test_a_writable_tree_belongs_to_root(engine):
    async def scenario() -> Completed:
        async with made_by(engine, writable=True, env={"A": "1"}) as sandbox:
            await sandbox.write("/testbed/new/file.txt", b"text")
            script = "id -u; echo $A; cat new/file.txt; echo 1 > /testbed/x && echo ok; kill -9 -1; true"
            await sandbox.run(Program(("sh", "-c", "kill -9 -1"), cwd="/testbed"))
            return await sandbox.run(
                Program(("sh", "-c", script.replace("kill -9 -1; ", "")), cwd="/testbed")
            )

    assert asyncio.run(scenario()).stdout == b"0\n1\ntextok\n"


def test_nothing_is_left_after_closing(engine):
    async def scenario() -> str:
        sandbox = made_by(engine)
        await sandbox.close()
        async with sandbox:
            name = sandbox._name
            assert name is not None
            await sandbox.run(Program(("sh", "-c", "setsid sleep 583 & echo"), leave_running=True))
        await sandbox.close()
        with pytest.raises(InfrastructureError, match="not running"):
            await sandbox.run(Program(("true",)))
        return name

    assert gone(engine, asyncio.run(scenario()))


def test_cancelling_the_start_leaves_nothing(engine):
    async def scenario(delay: float) -> str | None:
        sandbox = made_by(engine)
        task = asyncio.create_task(sandbox.start())
        await asyncio.sleep(delay)
        name = sandbox._name
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await sandbox.close()
        return name

    for delay in (0.0, 0.02, 0.05, 0.1, 0.2):
        name = asyncio.run(scenario(delay))
        assert name is None or gone(engine, name)


OWNER = """
import asyncio, json, sys
from llmgym.sandbox import Limits, Program, make_sandbox

async def main():
    sandbox = make_sandbox(json.loads(sys.argv[1]), limits=Limits(wall_seconds=300))
    await sandbox.start()
    print(sandbox._name, flush=True)
    await sandbox.run(Program(("sh", "-c", "trap '' TERM HUP; sleep 584 & sleep 585")))

asyncio.run(main())
"""


def test_a_container_does_not_survive_its_killed_owner(engine):
    owner = subprocess.Popen(
        [sys.executable, "-c", OWNER, json.dumps(engine.setting)], stdout=subprocess.PIPE, text=True
    )
    assert owner.stdout is not None
    name = owner.stdout.readline().strip()
    assert name in names(engine)
    time.sleep(0.3)
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    assert gone(engine, name)


def test_orphans_of_dead_owners_are_swept(engine):
    """A container that was made and never started has no connection to lose."""
    talk = Engine(f"unix://{engine.socket}", "tested")
    sandbox = made_by(engine)
    body = {
        "Image": sandbox.settings.image,
        "Entrypoint": ["/bin/sh"],
        "Cmd": [],
        "HostConfig": {"NetworkMode": "none"},
    }
    mine = labels_of_this_process(3600.0)
    machine, _, _ = mine["llmgym.owner"].rpartition("/")
    made = {
        "alive": mine,
        "dead": {**mine, "llmgym.owner": f"{machine}/4194304:1"},
        "elsewhere": {**mine, "llmgym.owner": "other-boot/pid:[1]/4194304:1"},
        "expired": {**mine, "llmgym.expires": "1"},
        "foreign": {},
    }

    async def scenario() -> None:
        for name, labels in made.items():
            await talk.request(
                "POST",
                "/containers/create",
                query={"name": f"swept-{os.getpid()}-{name}"},
                json={**body, "Labels": labels},
            )
        _swept.clear()
        async with sandbox:
            pass

    try:
        asyncio.run(scenario())
        ours = f"swept-{os.getpid()}-"
        assert {name for name in names(engine) if name.startswith(ours)} == {
            f"{ours}alive",
            f"{ours}elsewhere",
        }
    finally:
        for name in made:
            try:
                asyncio.run(
                    talk.request("DELETE", f"/containers/swept-{os.getpid()}-{name}", query={"force": "1"})
                )
            except Exception as error:
                assert "404" in str(error) or "o such container" in str(error) or "no container" in str(error)


def test_many_at_once_are_bounded(engine):
    async def scenario() -> list[bytes]:
        sandboxes = [made_by(engine, concurrency=2) for _ in range(5)]

        async def play(number: int) -> bytes:
            async with sandboxes[number] as sandbox:
                return (await sandbox.run(Program(("echo", str(number))))).stdout

        return await asyncio.gather(*(play(number) for number in range(5)))

    assert asyncio.run(scenario()) == [b"0\n", b"1\n", b"2\n", b"3\n", b"4\n"]


def test_starting_twice_is_the_callers_error(sandbox):
    with pytest.raises(UsageError, match="already"):
        asyncio.run(sandbox.start())
