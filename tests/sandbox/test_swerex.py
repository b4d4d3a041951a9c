"""Sandboxes behind SWE-ReX: its real server on loopback, and servers that misbehave."""

from __future__ import annotations

import asyncio
import importlib.util
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox import Completed, FileProblem, Limits, Profile, Program, make_sandbox
from llmgym.sandbox.base import broken
from llmgym.sandbox.swerex import SwerexSandbox

LIMITS = Limits(wall_seconds=20, memory_bytes=512 << 20, file_bytes=4 << 20, output_bytes=1000)


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    if importlib.util.find_spec("swerex") is None:
        pytest.skip("the package swe-rex is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "swerex.server",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    process = subprocess.Popen(
        [*command, "--auth-token", "secret"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 60
        while True:
            assert process.poll() is None and time.monotonic() < deadline, "the server did not start"
            with socket.socket() as attempt:
                if attempt.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@pytest.fixture(scope="module")
def sandbox(server: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SwerexSandbox]:
    module = tmp_path_factory.mktemp("modules") / "given_module.py"
    module.write_text("VALUE = 41\n")
    setting = {"kind": "swerex", "port": server, "auth_token": "secret", "image": "any"}
    made = make_sandbox(setting, profile=Profile(modules=(str(module),)), limits=LIMITS)
    assert isinstance(made, SwerexSandbox) and made.backend == "swerex"
    asyncio.run(made.start())
    yield made
    asyncio.run(made.close())


def run(sandbox: SwerexSandbox, *argv: str, limits: Limits | None = None, **options: Any) -> Completed:
    return asyncio.run(sandbox.run(Program(argv, **{"cwd": "/tmp", **options}), limits))


def sh(sandbox: SwerexSandbox, script: str, **options: Any) -> Completed:
    return run(sandbox, "sh", "-c", script, **options)


def sleeping(number: int) -> bool:
    """Whether a process sleeps for that odd number of seconds."""
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if process.read_bytes() == f"sleep\0{number}\0".encode():
                return True
        except OSError:
            continue
    return False


def test_output_errors_and_status(sandbox):
    done = sh(sandbox, "echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout, done.stderr, done.cause) == (3, b"out\n", b"err\n", "exited")
    done = sh(sandbox, "echo out; echo err >&2; echo out", merge_stderr=True)
    assert (done.stdout, done.stderr) == (b"out\nerr\nout\n", b"")
    done = run(sandbox, "true")
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_bytes_go_through(sandbox):
    data = bytes(range(256)) * 100
    assert run(sandbox, "cat", stdin=data, limits=Limits()).stdout == data
    assert run(sandbox, "cat").stdout == b""


def test_arguments_and_variables_arrive_as_they_are(sandbox):
    words = ["a b", "", "$HOME", "'", '"', "\n", "ä", "-n", "--", "*", "x=y"]
    done = run(
        sandbox,
        "sh",
        "-c",
        'for word; do printf "%s|" "$word"; done; printf "%s" "$A"',
        "sh",
        *words,
        env={"A": "x 'y\"\nz"},
    )
    assert done.stdout.decode() == "|".join(words) + "|" + "x 'y\"\nz"


def test_what_cannot_start_is_data(sandbox):
    assert run(sandbox, "no-such-program").returncode == 127
    assert run(sandbox, "true", cwd="/no/such/folder").returncode == 126
    assert run(sandbox, "true", "x" * 200_000).returncode == 126
    with pytest.raises(UsageError, match="NUL"):
        run(sandbox, "echo", "a\0b")


def test_signals_are_negative(sandbox):
    done = sh(sandbox, "kill -11 $$")
    assert (done.returncode, done.cause) == (-11, "signal")
    assert sh(sandbox, "exit 129").returncode == 129


def test_wall_time_ends_all(sandbox):
    done = sh(
        sandbox, "setsid sleep 7711 & (sleep 7712 &); echo begun; sleep 7713", limits=Limits(wall_seconds=0.5)
    )
    assert (done.returncode, done.cause, done.stdout) == (-9, "wall_time", b"begun\n")
    assert not any(map(sleeping, (7711, 7712, 7713)))


def test_processes_left_behind_are_killed_or_kept_as_asked(sandbox):
    assert sh(sandbox, "sleep 7721 & setsid sleep 7722 & echo over", leave_running=True).stdout == b"over\n"
    assert sleeping(7721) and sleeping(7722)
    assert sh(sandbox, "sleep 7723 & echo over").stdout == b"over\n"
    assert not any(map(sleeping, (7721, 7722, 7723)))


def test_limits_are_named(sandbox):
    done = run(sandbox, "yes", limits=Limits(file_bytes=1 << 20, output_bytes=1000))
    assert (done.cause, len(done.stdout), done.truncated) == ("output", 1000, True)
    assert sh(sandbox, "while :; do :; done", limits=Limits(cpu_seconds=1)).cause == "cpu_time"
    assert sh(sandbox, "head -c 5000 /dev/zero").truncated
    source = (
        "files = []\ntry:\n    while True: files.append(open('/dev/null'))\nexcept OSError: print(len(files))"
    )
    assert int(run(sandbox, python=source, limits=Limits(open_files=50)).stdout) < 50
    done = run(
        sandbox, python="x = bytearray(1 << 30)", limits=Limits(memory_bytes=200 << 20, output_bytes=1000)
    )
    assert b"MemoryError" in done.stderr


def test_python_source_and_modules(sandbox):
    source = "from __future__ import annotations\nimport sys, given_module\nprint(__name__, sys.argv[1:], given_module.VALUE + 1)"
    done = run(sandbox, "a b", python=source)
    assert done.stdout == b"__main__ ['a b'] 42\n", done.stderr


def test_files_go_in_and_out(sandbox, tmp_path):
    data, path = bytes(range(256)) * 1000, f"{tmp_path}/a/b ä/data'$(x)"
    asyncio.run(sandbox.write(path, data, 0o640))
    assert asyncio.run(sandbox.read(path)) == data
    assert os.stat(path).st_mode & 0o7777 == 0o640
    asyncio.run(sandbox.write(path, b""))
    assert asyncio.run(sandbox.read(path)) == b"" and os.listdir(f"{tmp_path}/a/b ä") == ["data'$(x)"]


def test_only_regular_files_come_out(sandbox, tmp_path):
    (tmp_path / "big").write_bytes(b"x" * 5000)
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("/etc/passwd")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "link", "loop", "pipe", "absent", "big/below"):
        with pytest.raises(FileProblem):
            asyncio.run(sandbox.read(f"{tmp_path}/{name}"))
    with pytest.raises(FileProblem, match="larger"):
        asyncio.run(sandbox.read(f"{tmp_path}/big", limit=4999))
    assert len(asyncio.run(sandbox.read(f"{tmp_path}/big", limit=5000))) == 5000


def test_what_cannot_be_written_is_a_problem_of_the_file(sandbox, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"kept")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe", "file/below", "../x", ""):
        with pytest.raises(FileProblem):
            asyncio.run(sandbox.write(f"{tmp_path}/{name}", b"x"))
    asyncio.run(sandbox.write(f"{tmp_path}/link", b"new"))
    assert (tmp_path / "file").read_bytes() == b"kept" and (tmp_path / "link").read_bytes() == b"new"


def test_a_closed_sandbox_leaves_nothing(server):
    async def scenario() -> str:
        made = SwerexSandbox(profile=Profile(), limits=LIMITS, port=server, auth_token="secret")
        await made.close()
        async with made:
            await made.run(Program(("sh", "-c", "setsid sleep 7731 & echo"), cwd="/tmp", leave_running=True))
            folder = made._folder
        await made.close()
        with pytest.raises(InfrastructureError, match="not running"):
            await made.run(Program(("true",)))
        return folder

    folder = asyncio.run(scenario())
    assert not sleeping(7731) and not os.path.exists(folder)


def test_a_wrong_token_and_a_silent_place_are_told(server):
    for setting, told in (
        ({"port": server, "auth_token": "wrong"}, "auth_token"),
        ({"port": 1}, "swerex-remote"),
    ):
        with pytest.raises(UsageError, match=told):
            asyncio.run(SwerexSandbox(profile=Profile(), limits=LIMITS, **setting).start())
    for setting in ({"host": "ftp://x"}, {"host": "http://"}, {"mystery": 1}):
        with pytest.raises(UsageError):
            make_sandbox({"kind": "swerex", **setting})


def test_a_server_that_answered_and_is_gone_is_the_worlds_fault(server):
    async def scenario() -> None:
        async with SwerexSandbox(
            profile=Profile(), limits=LIMITS, port=server, auth_token="secret"
        ) as sandbox:
            again = SwerexSandbox(profile=Profile(), limits=LIMITS, port=server, auth_token="secret")
            again._ask = failing  # type: ignore[method-assign]
            with pytest.raises(InfrastructureError, match="gone"):
                await again.start()
            assert (await sandbox.run(Program(("true",)))).returncode == 0

    async def failing(*_: Any) -> Any:
        raise broken("It is gone.")

    asyncio.run(scenario())


def against(answer: Any, alive: int = 200) -> Exception:
    """Run a program on a server that answers so, and return the error."""

    async def scenario() -> Exception:
        started = False

        async def handle(request: web.Request) -> web.StreamResponse:
            if request.path == "/is_alive":
                return web.json_response({"is_alive": True}, status=alive)
            return await answer(request) if started else web.json_response({"stdout": ""})

        runner = web.AppRunner(_application(handle))
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        sandbox = SwerexSandbox(profile=Profile(), limits=LIMITS, port=port)
        try:
            await sandbox.start()
            started = True
            with pytest.raises((InfrastructureError, FileProblem)) as caught:
                await sandbox.run(Program(("true",)))
            return caught.value
        finally:
            await runner.cleanup()

    return asyncio.run(scenario())


def _application(handle: Any) -> web.Application:
    application = web.Application()
    application.router.add_route("*", "/{tail:.*}", handle)
    return application


CALLED: list[str] = []


def dangerous(message: str) -> None:
    CALLED.append(message)


def test_a_server_cannot_have_a_function_called_here():
    async def answer(request: web.Request) -> web.Response:
        transfer = {
            "message": "run me",
            "class_path": f"{__name__}.dangerous",
            "traceback": "",
            "extra_info": {},
        }
        return web.json_response({"swerexception": transfer}, status=511)

    error = against(answer)
    assert "run me" in str(error) and isinstance(error, InfrastructureError) and error.boundary == "sandbox"
    assert CALLED == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"[]",
        b"{}",
        b'{"stdout": 1}',
        b'{"stdout": ""}',
        b'{"stdout": "x y z"}',
        b'{"stdout": "0 1 1\\n!!!\\n.\\n"}',
    ],
)
def test_answers_without_sense_are_the_worlds_fault(body):
    async def answer(request: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    assert against(answer).boundary == "sandbox"  # type: ignore[attr-defined]


def test_an_endless_answer_is_cut():
    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(200):
            await response.write(b'"' + b"x" * 100_000)
        return response

    assert "longer" in str(against(answer))


def test_a_connection_that_breaks_is_the_worlds_fault():
    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        request.transport.close()
        return web.Response()

    assert "cannot be reached" in str(against(answer))
