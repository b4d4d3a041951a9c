"""The backends for containers: an engine (Docker or Podman) holds each sandbox as a container of its own."""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import warnings
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Literal, TypeVar
from weakref import WeakKeyDictionary

from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox.base import HOME, Completed, FileProblem, Limits, Profile, Program, Sandbox, broken
from llmgym.sandbox.container_engine import Engine, EngineError, default_address
from llmgym.sandbox.container_exec import Execution
from llmgym.sandbox.container_files import LARGEST_OVERHEAD, checked_path, content_of, packed, size_of
from llmgym.sandbox.container_images import fetch
from llmgym.sandbox.container_keeper import Keeper, with_modules
from llmgym.sandbox.container_owner import sweep
from llmgym.sandbox.container_settings import SPARE_PROCESSES, Settings, body_of, owner_of
from llmgym.sandbox.process import UnsafeSandboxWarning

__all__ = ["ContainerSandbox", "DockerSandbox", "PodmanSandbox"]

T = TypeVar("T")

MODULES = f"{HOME}/.llmgym"
"""Where the profile's modules are, inside."""

_LONGEST_ARGUMENT = 20_000
_warned: set[str] = set()
_slots: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[tuple[str, int], asyncio.Semaphore]] = (
    WeakKeyDictionary()
)


class ContainerSandbox(Sandbox):
    """A container without network, without capabilities, and with limits. What it holds ends with its owner.

    Its first process reads from a connection of ours and ends when that closes, so that neither a closed sandbox nor
    a killed owner leaves a container behind. A program that runs as root inside (``user="0"``) could keep that
    connection open; such a container goes when the next sandbox is started, as does one past its ``ttl``.

    Memory, processes and processors are limited for the container as a whole, by the limits given here; the time,
    output and files of each program by those of :meth:`run`. Where the folders are writable for good
    (``writable=True``), what is written outside ``/work`` is limited by the engine alone.

    Args:
        profile: What programs may import; packages must be in the image.
        limits: What programs may use.
        image: The image. It must have ``/bin/sh``, and ``python3`` to run Python source.
        socket: Path of the engine's socket.
        host: Address of the engine, ``unix:///path`` or ``tcp://host:port``, instead of ``socket``.
        network: Whether programs may use the network; a string names the engine's network.
        cpus: How many processors it may keep busy, for example ``1.5``; ``None`` for all.
        user: Numeric user, or ``user:group``, of the programs. By default nobody (65534), or root where ``writable``.
        pull: When to fetch the image: ``missing``, ``always`` or ``never``.
        platform: Platform of the image, for example ``linux/amd64``.
        writable: Whether the image's own files can be changed, inside this container alone. Else only ``/work`` and
            ``/tmp`` can be written.
        capabilities: Linux capabilities that programs of the user root keep. By default none but ``KILL``.
        env: Environment variables of every program.
        python: The interpreter that runs Python source.
        ttl: Seconds after which other processes may remove the container.
        concurrency: Most starts and programs at a time on this engine; twice the number of processors by default.

    Raises:
        UsageError: When a setting is wrong, or no engine listens where one should.
        InfrastructureError: When an engine that has answered before is gone.
    """

    backend: ClassVar[str]
    _product: ClassVar[str]
    _variables: ClassVar[tuple[str, ...]]
    _sockets: ClassVar[tuple[str, ...]]
    _hint: ClassVar[str]
    _tmpfs_volumes: ClassVar[bool]

    def __init__(
        self,
        *,
        profile: Profile,
        limits: Limits,
        image: str = "docker.io/library/python:3.12-slim",
        socket: str | os.PathLike[str] | None = None,
        host: str | None = None,
        network: bool | str = False,
        cpus: float | None = None,
        user: str | None = None,
        pull: Literal["missing", "always", "never"] = "missing",
        platform: str | None = None,
        writable: bool = False,
        capabilities: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        python: str = "python3",
        ttl: float = 18_000.0,
        concurrency: int | None = None,
    ):
        if socket is not None and host is not None:
            raise UsageError("Expected socket or host, found both.")
        self.settings = Settings(
            image, network, cpus, user, pull, platform, writable, tuple(capabilities), dict(env or {}), ttl
        )
        address = host or (f"unix://{os.fspath(socket)}" if socket is not None else None)
        self.engine = Engine(address or default_address(self._variables, self._sockets), self._product)
        if missing := self.engine.missing():
            raise self.engine.unreachable(missing, self._hint)
        if concurrency is not None and concurrency < 1:
            raise UsageError(f"Expected concurrency to be at least 1, found {concurrency}.")
        self.profile, self.limits = profile, limits
        self._python = python
        self._concurrency = concurrency or 2 * (os.cpu_count() or 1)
        self._name: str | None = None
        self._keeper: Keeper | None = None

    async def start(self) -> None:
        """Make the container; see :class:`~llmgym.sandbox.base.Sandbox`.

        Raises:
            UsageError: When no engine answers, and none ever did.
            InfrastructureError: When it cannot make the container, for example for want of the image.
        """
        if self._name is not None:
            raise UsageError("The sandbox has been started already.")
        try:
            await self.engine.request("GET", "/_ping", patience=30.0)
        except (EngineError, InfrastructureError) as error:
            raise self.engine.unreachable(str(error).rstrip("."), self._hint) from error
        await sweep(self.engine)
        async with self._slot():
            self._name = f"llmgym-{secrets.token_hex(8)}"
            try:
                await self._create(self._name)
            except EngineError as error:
                await self.close()
                raise broken(
                    f"{self._product} cannot make a container of {self.settings.image!r}: {error}.",
                    retryable=error.status >= 500,
                ) from error
            except BaseException:
                await self.close()
                raise

    async def run(self, program: Program, limits: Limits | None = None) -> Completed:
        """Run a program; see :class:`~llmgym.sandbox.base.Sandbox`.

        An exit status of 128 and the number of a signal that ends programs is read as that signal: engines do not
        tell the two apart. Unless it may leave processes running, all other processes end with the program, those
        that earlier programs left included.
        """
        name, keeper = self._running()
        if program.python is not None and len(program.python) > _LONGEST_ARGUMENT:
            program = await self._filed(program)
        async with self._slot():
            execution = Execution(
                self.engine,
                name,
                keeper,
                self.settings,
                self._python,
                MODULES if self.profile.modules else None,
            )
            try:
                return await execution.run(program, limits or self.limits)
            except EngineError as error:
                raise broken(f"{self._product} cannot run a program: {error}.") from error

    async def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file; see :class:`~llmgym.sandbox.base.Sandbox`. It belongs to the programs' user."""
        folder, base = checked_path(path)
        archive = packed({base: data}, mode, owner_of(self.settings))
        try:
            await self._archive("HEAD", folder, path)
        except FileNotFoundError:
            made = await self.run(Program(("mkdir", "-p", "--", folder), cwd="/", leave_running=True))
            if made.returncode:
                told = made.stderr.decode("utf-8", "replace").strip()
                raise FileProblem(f"The folder of {path!r} could not be made: {told}.") from None
        try:
            await self._archive("PUT", folder, path, body=archive)
        except FileNotFoundError as error:
            raise FileProblem(f"{path!r} could not be written: its folder is gone.") from error

    async def read(self, path: str, limit: int = 16 << 20) -> bytes:
        """Return a file; see :class:`~llmgym.sandbox.base.Sandbox`."""
        checked_path(path)
        try:
            stat = await self._archive("HEAD", path, path)
            if size_of(path, stat) > limit:
                raise FileProblem(f"{path!r} is larger than {limit} bytes.")
            return content_of(
                path, await self._archive("GET", path, path, limit=limit + LARGEST_OVERHEAD), limit
            )
        except FileNotFoundError as error:
            raise FileProblem(f"{path!r} does not exist.") from error

    async def close(self) -> None:
        """Remove the container; see :class:`~llmgym.sandbox.base.Sandbox`."""
        keeper, self._keeper = self._keeper, None
        name, self._name = self._name, None
        try:
            if name is not None:
                await _uninterrupted(self._remove(name))
        finally:
            if keeper is not None:
                keeper.close()

    async def _filed(self, program: Program) -> Program:
        """Return a program that reads its source from a file, as the source is too long for an argument."""
        path = f"{HOME}/.llmgym-main.py"
        source = program.python or ""
        if self.profile.modules:
            source = with_modules(source, MODULES)
        await self.write(path, source.encode("utf-8", "surrogatepass"))
        return replace(program, python=None, argv=(self._python, "-I", path, *program.argv))

    def _slot(self) -> asyncio.Semaphore:
        slots = _slots.setdefault(asyncio.get_running_loop(), {})
        return slots.setdefault(
            (self.engine.address, self._concurrency), asyncio.Semaphore(self._concurrency)
        )

    def _running(self) -> tuple[str, Keeper]:
        if self._name is None or self._keeper is None:
            raise broken("The sandbox is not running; start it first.", retryable=False)
        return self._name, self._keeper

    async def _create(self, name: str) -> None:
        settings, engine = self.settings, self.engine
        if settings.pull == "always":
            await fetch(engine, settings.image, settings.platform)
        body = body_of(settings, self.limits, self._tmpfs_volumes)
        query = {"name": name, **({"platform": settings.platform} if settings.platform else {})}
        # Cut off in the middle, the engine would make or start it all the same, after its removal.
        try:
            await _uninterrupted(engine.request("POST", "/containers/create", query=query, json=body))
        except EngineError as error:
            if error.status != 404 or settings.pull != "missing":
                raise
            await fetch(engine, settings.image, settings.platform)
            await _uninterrupted(engine.request("POST", "/containers/create", query=query, json=body))
        ways = {"stream": "1", "stdin": "1", "stdout": "1"}
        self._keeper = Keeper(await engine.hijack(f"/containers/{name}/attach", query=ways))
        await _uninterrupted(engine.request("POST", f"/containers/{name}/start"))
        self._compare(*await self._keeper.ready())
        if self.profile.modules:
            files = {
                f"{Path(MODULES).name}/{Path(module).name}": await asyncio.to_thread(Path(module).read_bytes)
                for module in self.profile.modules
            }
            archive = packed(files, 0o444, (0, 0), folders=(Path(MODULES).name,))
            await self._archive("PUT", HOME, MODULES, body=archive)

    def _compare(self, memory: int | None, processes: int | None) -> None:
        """Warn, once for each engine, where it does not hold the limits that it was asked for."""
        lacking = []
        if memory is None or memory > self.limits.memory_bytes:
            lacking.append("memory")
        if processes is None or processes > self.limits.processes + SPARE_PROCESSES:
            lacking.append("the number of processes")
        if lacking and self.engine.address not in _warned:
            _warned.add(self.engine.address)
            warnings.warn(
                f"{self._product} at {self.engine.address} does not limit {' and '.join(lacking)} of a container. "
                "Without root it needs cgroup version 2, with these controllers delegated to the user.",
                UnsafeSandboxWarning,
                stacklevel=2,
            )

    async def _archive(
        self, method: str, path: str, file: str, *, body: bytes | None = None, limit: int = 1 << 20
    ) -> Any:
        """Ask for an archive, or about one, or hand one in, for the sake of a file that errors name.

        Raises:
            FileNotFoundError: When there is nothing at the path.
            FileProblem: When the engine refuses.
            InfrastructureError: When the container is gone.
        """
        name, keeper = self._running()
        query = {"path": path, **({"noOverwriteDirNonDir": "true"} if method == "PUT" else {})}
        try:
            answer = await self.engine.request(
                method,
                f"/containers/{name}/archive",
                query=query,
                body=body,
                limit=limit,
                headers_only=method == "HEAD",
            )
        except EngineError as error:
            # A refusal is the file's fault only where the container is there to refuse.
            await keeper.count()
            if error.status == 404:
                raise FileNotFoundError(path) from error
            done = "written to" if method == "PUT" else "read"
            raise FileProblem(f"{file!r} could not be {done}: {error}.") from error
        return answer.headers.get("X-Docker-Container-Path-Stat") if method == "HEAD" else answer.body

    async def _remove(self, name: str) -> None:
        # What cannot be removed now ends by itself, since its connection is closed next.
        with contextlib.suppress(EngineError, InfrastructureError):
            await self.engine.request("DELETE", f"/containers/{name}", query={"force": "1", "v": "1"})


class DockerSandbox(ContainerSandbox):
    """A sandbox that a Docker engine holds. Arguments and errors: see :class:`ContainerSandbox`.

    The engine is found by ``socket`` or ``host``, else the variable ``DOCKER_HOST``, else the usual sockets.
    """

    backend = "docker"
    _product = "Docker"
    _variables = ("DOCKER_HOST",)
    _sockets = ("$XDG_RUNTIME_DIR/docker.sock", "~/.docker/run/docker.sock", "/var/run/docker.sock")
    _hint = (
        "Start Docker (on Linux 'systemctl start docker'), or say where its engine is: "
        "{'kind': 'docker', 'socket': '/path/docker.sock'}, or the variable DOCKER_HOST."
    )
    _tmpfs_volumes = True


class PodmanSandbox(ContainerSandbox):
    """A sandbox that Podman holds, as root or as a user. Arguments and errors: see :class:`ContainerSandbox`.

    Podman's service must run. It is found by ``socket`` or ``host``, else the variable ``CONTAINER_HOST``, else the
    user's socket, else that of the system. It keeps a small process for five minutes after each program, which tells
    how the program ended; a run with many programs a second is better off with Docker. Without root it limits memory
    and processes only with cgroup version 2; where it does not, there is a warning.
    """

    backend = "podman"
    _product = "Podman"
    _variables = ("CONTAINER_HOST",)
    _sockets = ("$XDG_RUNTIME_DIR/podman/podman.sock", "/run/podman/podman.sock")
    _hint = (
        "Start it ('systemctl --user start podman.socket', or 'podman system service --time 0 unix:///path/podman.sock'), "
        "or say where it is: {'kind': 'podman', 'socket': '/path/podman.sock'}, or the variable CONTAINER_HOST."
    )
    _tmpfs_volumes = False


async def _uninterrupted(work: Awaitable[T]) -> T:
    """Finish the work even when the waiting task is cancelled."""
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await task
        raise
