"""What users and engines do wrong: each is told as what it is."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sandbox.engines import IMAGE

from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox import FileProblem, Limits, Program, make_sandbox
from llmgym.sandbox.container import ContainerSandbox
from llmgym.sandbox.container_engine import Engine, default_address
from llmgym.testing.engine_containers import can_run_containers
from llmgym.testing.engine_double import engine_process


@contextmanager
def running_double(path: Path) -> Iterator[Any]:
    if missing := can_run_containers():
        pytest.skip(f"the engine double cannot run here: {missing}")
    fetched = ["fetched:1", "plain:latest", "host:5000/team/name:latest"]
    with engine_process(path, [IMAGE], fetched) as process:
        process.path = str(path)  # type: ignore[attr-defined]
        yield process


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    with running_double(tmp_path_factory.mktemp("engine") / "s") as process:
        yield process


@pytest.fixture
def double(lasting: Any) -> Any:
    """An engine without faults."""
    order(lasting, kind="none")
    return lasting


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[Any]:
    """An engine that may be killed."""
    with running_double(tmp_path / "s") as process:
        yield process


def order(double: Any, **fault: Any) -> None:
    asyncio.run(Engine(double.path, "double").request("POST", "/double/fault", json=fault))


def made(double: Any, kind: str = "docker", **setting: Any) -> ContainerSandbox:
    sandbox = make_sandbox(
        {"kind": kind, "socket": double.path, "image": IMAGE, "pull": "never", **setting},
        limits=Limits(wall_seconds=10),
    )
    assert isinstance(sandbox, ContainerSandbox)
    return sandbox


def play(double: Any, *argv: str, fault: dict[str, Any] | None = None, **setting: Any) -> Any:
    async def scenario() -> Any:
        async with made(double, **setting) as sandbox:
            if fault is not None:
                await Engine(double.path, "double").request("POST", "/double/fault", json=fault)
            return await sandbox.run(Program(argv or ("echo", "ok")))

    return asyncio.run(scenario())


def failure(double: Any, *argv: str, **options: Any) -> InfrastructureError:
    with pytest.raises(InfrastructureError) as caught:
        play(double, *argv, **options)
    assert caught.value.boundary == "sandbox"
    return caught.value


@pytest.mark.parametrize(
    "setting, told",
    [
        ({"image": ""}, "image"),
        ({"image": "a b"}, "image"),
        ({"image": "--privileged"}, "image"),
        ({"pull": "often"}, "pull"),
        ({"user": "root"}, "user"),
        ({"user": "1000:1000:1"}, "user"),
        ({"cpus": 0}, "cpus"),
        ({"cpus": float("nan")}, "cpus"),
        ({"ttl": 0}, "ttl"),
        ({"concurrency": 0}, "concurrency"),
        ({"host": "tcp://localhost:1"}, "both"),
        ({"mystery": 1}, "mystery"),
    ],
)
def test_wrong_settings_are_told_at_once(tmp_path, setting, told):
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(tmp_path / "s"))
    with listening, pytest.raises(UsageError, match=told):
        make_sandbox({"kind": "docker", "socket": str(tmp_path / "s"), **setting})


@pytest.mark.parametrize("address", ["ssh://host", "npipe:////./pipe/docker", "tcp://host:port"])
def test_addresses_of_other_kinds_are_refused(address):
    with pytest.raises(UsageError):
        make_sandbox({"kind": "docker", "host": address})


@pytest.mark.parametrize(
    "kind, start", [("docker", "systemctl start docker"), ("podman", "podman system service")]
)
def test_without_an_engine_the_error_says_how_to_start_one(tmp_path, kind, start):
    with pytest.raises(UsageError, match=start):
        make_sandbox({"kind": kind, "socket": str(tmp_path / "absent")})


def test_a_socket_where_nobody_listens_is_told_at_the_start(tmp_path):
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(tmp_path / "s"))
    left.close()
    sandbox = make_sandbox({"kind": "docker", "socket": str(tmp_path / "s")})
    with pytest.raises(UsageError, match="systemctl start docker"):
        asyncio.run(sandbox.start())
    with pytest.raises(UsageError, match="can be reached"):
        asyncio.run(make_sandbox({"kind": "docker", "host": "tcp://127.0.0.1:1"}).start())


def test_the_address_comes_from_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/there")
    assert default_address(("DOCKER_HOST",), ("/var/run/docker.sock",)) == f"unix://{tmp_path}/there"
    with pytest.raises(UsageError, match=f"{tmp_path}/there"):
        make_sandbox("docker")
    monkeypatch.delenv("DOCKER_HOST")
    (tmp_path / "second").touch()
    found = default_address(("DOCKER_HOST",), (f"{tmp_path}/first", f"{tmp_path}/second", "/last"))
    assert found == f"unix://{tmp_path}/second"
    assert default_address((), (f"{tmp_path}/first", "/last")) == "unix:///last"


def test_both_products_speak_the_same_language(double):
    for kind in ("docker", "podman"):
        assert made(double, kind).backend == kind
        assert play(double, kind=kind).stdout == b"ok\n"


def test_an_image_that_is_missing_is_named(double):
    error = failure(double, image="absent:1")
    assert "absent:1" in str(error) and not error.retryable
    error = failure(double, image="absent:1", pull="missing")
    assert "absent:1" in str(error) and "cannot fetch" in str(error) and not error.retryable


@pytest.mark.parametrize("image", ["fetched:1", "plain", "host:5000/team/name"])
def test_an_image_is_fetched_when_asked(double, image):
    wanted = image if image.rpartition(":")[2] == "1" else f"{image}:latest"
    assert play(double, image=wanted, pull="missing").stdout == b"ok\n"
    assert play(double, image=wanted, pull="always").stdout == b"ok\n"


def test_the_engine_dies_during_a_program(mortal):
    error = failure(mortal, "sleep", "30", fault={"path": "/exec/.*/start", "kind": "die"})
    assert error.retryable
    mortal.wait(10)
    # In the middle of a run this must not end the run: only an engine that never answered is the user's mistake.
    assert failure(mortal).retryable
    Path(mortal.path).unlink(missing_ok=True)
    assert failure(mortal).retryable


def test_the_engine_is_gone_between_two_programs(mortal):
    async def scenario() -> None:
        async with made(mortal) as sandbox:
            await sandbox.run(Program(("true",)))
            mortal.kill()
            mortal.wait()
            for attempt in (
                sandbox.run(Program(("true",))),
                sandbox.read("/work/x"),
                sandbox.write("/work/x", b""),
            ):
                with pytest.raises(InfrastructureError) as caught:
                    await attempt
                assert caught.value.boundary == "sandbox"

    asyncio.run(scenario())


def test_the_container_is_killed_from_outside(double):
    async def scenario() -> None:
        async with made(double) as sandbox:
            running = asyncio.create_task(sandbox.run(Program(("sleep", "30"))))
            await asyncio.sleep(0.3)
            await Engine(double.path, "double").request("POST", f"/containers/{sandbox._name}/kill")
            with pytest.raises(InfrastructureError):
                await running
            with pytest.raises(InfrastructureError):
                await sandbox.read("/etc/passwd")

    began = time.monotonic()
    asyncio.run(scenario())
    assert time.monotonic() - began < 25


@pytest.mark.parametrize("kind", ["half_frame", "garbage"])
def test_a_broken_stream_is_no_output(double, kind):
    assert "frame" in str(failure(double, fault={"path": "/exec/.*/start", "kind": kind}))


@pytest.mark.parametrize("kind", ["error", "close"])
@pytest.mark.parametrize("path", ["/containers/[^/]*/exec", "/exec/.*/start", "/exec/.*/json"])
def test_a_failing_engine_is_the_worlds_fault(double, kind, path):
    failure(double, fault={"path": path, "kind": kind, "times": 3})
    order(double, kind="none")
    assert play(double).stdout == b"ok\n"


@pytest.mark.parametrize("kind", ["error", "close"])
@pytest.mark.parametrize(
    "path", ["/containers/create", "/containers/[^/]*/attach", "/containers/[^/]*/start"]
)
def test_a_failing_start_is_the_worlds_fault_and_leaves_nothing(double, kind, path):
    order(double, path=path, kind=kind)
    failure(double)
    assert (
        asyncio.run(Engine(double.path, "double").request("GET", "/containers/json", query={"all": 1})).json()
        == []
    )


def test_a_failing_removal_is_made_up_by_the_container_itself(double):
    assert (
        play(double, fault={"path": "/containers/llmgym-[0-9a-f]*$", "kind": "error", "times": 9}).stdout
        == b"ok\n"
    )
    deadline = time.monotonic() + 10
    engine = Engine(double.path, "double")
    while asyncio.run(engine.request("GET", "/containers/json", query={"all": 1})).json():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_failing_archive_is_told_as_a_problem_of_the_file(double):
    async def scenario() -> None:
        async with made(double) as sandbox:
            await Engine(double.path, "double").request(
                "POST", "/double/fault", json={"path": "archive", "kind": "error"}
            )
            with pytest.raises(FileProblem):
                await sandbox.read("/etc/passwd")
            assert b"root" in await sandbox.read("/etc/passwd")

    asyncio.run(scenario())


def test_a_slow_engine_is_waited_for(double):
    assert play(double, fault={"path": "/exec/.*/start", "kind": "slow", "seconds": 0.5}).stdout == b"ok\n"
