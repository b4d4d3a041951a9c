"""What stands in for containers in the engine double: real processes in namespaces of their own, by bubblewrap.

It needs ``bwrap``, ``nsenter`` and ``setpriv``, as root or as a user who may make user namespaces. A container sees this machine's programs read-only, and has a root folder, processes and, where asked, a network of its
own. Memory and the number of processes are not limited.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import secrets
import shutil
import signal
import tempfile
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

__all__ = ["Container", "Exec", "Refusal", "can_run_containers"]

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_WRITABLE = ("work", "tmp", "testbed", "etc", "root", "var")


class Refusal(Exception):
    """A request that the engine answers with an error: the status and its message."""

    def __init__(self, status: int, message: str):
        super().__init__(message)
        self.status, self.message = status, message


def can_run_containers() -> str | None:
    """Say what is missing on this machine to run the double's containers; ``None`` when nothing is."""
    missing = [name for name in ("bwrap", "nsenter", "setpriv", "tar") if shutil.which(name) is None]
    return f"{', '.join(missing)} not installed" if missing else None


class Exec:
    """A program to be run in a container."""

    def __init__(self, container: Container, request: Mapping[str, Any]):
        self.id = secrets.token_hex(32)
        self.container, self.request = container, request
        self.process: Process | None = None
        self.running = False
        self.code: int | None = None

    async def start(self) -> Process:
        """Start it."""
        self.process = await self.container.enter(
            self.request["Cmd"],
            env=[
                f"PATH={_PATH}",
                *(self.container.request.get("Env") or []),
                *(self.request.get("Env") or []),
            ],
            user=self.request.get("User") or "0:0",
        )
        self.running, self.code = True, None
        return self.process

    async def end(self) -> None:
        """Wait for its end and keep its exit status."""
        assert self.process is not None
        # Waiting would take until its output closes, which those whom it leaves behind may hold.
        while (code := self.process.returncode) is None:
            await asyncio.sleep(0.005)
        self.code, self.running = 128 - code if code < 0 else code, False

    def described(self) -> dict[str, Any]:
        """Return what an inspection tells."""
        return {
            "ID": self.id,
            "Running": self.running,
            "ExitCode": self.code,
            "ContainerID": self.container.id,
        }


class Container:
    """A container: a folder, and, once started, the processes of one bubblewrap."""

    def __init__(
        self,
        name: str,
        request: Mapping[str, Any],
        place: str | os.PathLike[str],
        content: str | os.PathLike[str] | None = None,
    ):
        self.id, self.name, self.request = secrets.token_hex(32), name, request
        self.root = Path(tempfile.mkdtemp(prefix="container-", dir=place))
        for folder in _WRITABLE:
            (self.root / folder).mkdir()
        for folder in ("work", "tmp"):
            (self.root / folder).chmod(0o1777)
        self.root.chmod(0o755)
        (self.root / "etc/passwd").write_text(
            "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n"
        )
        if content is not None:
            shutil.copytree(content, self.root, symlinks=True, dirs_exist_ok=True)
        self.process: Process | None = None
        self.pid = 0
        self.started = asyncio.Event()

    @property
    def running(self) -> bool:
        """Whether its first process lives."""
        return self.process is not None and self.process.returncode is None

    async def start(self) -> None:
        """Start its first process."""
        request, host = self.request, self.request.get("HostConfig") or {}
        told, tell = os.pipe()
        command = [
            "bwrap",
            "--unshare-pid",
            "--unshare-ipc",
            "--unshare-uts",
            "--as-pid-1",
            "--die-with-parent",
        ]
        command += ["--ro-bind", "/usr", "/usr", "--proc", "/proc", "--dev", "/dev", "--clearenv"]
        for link in ("bin", "sbin", "lib", "lib64"):
            command += ["--symlink", f"usr/{link}", f"/{link}"]
        for folder in _WRITABLE:
            read_only = host.get("ReadonlyRootfs") and folder not in ("work", "tmp")
            command += ["--ro-bind" if read_only else "--bind", str(self.root / folder), f"/{folder}"]
        # Its limits are told, though they do not hold.
        for name, value in (("memory.max", host.get("Memory")), ("pids.max", host.get("PidsLimit"))):
            told_limit = self.root / name
            told_limit.write_text(f"{value or 'max'}\n")
            command += ["--ro-bind", str(told_limit), f"/sys/fs/cgroup/{name}"]
        if host.get("ReadonlyRootfs"):
            command += ["--remount-ro", "/"]
        if host.get("NetworkMode") == "none":
            command.append("--unshare-net")
        if os.geteuid() == 0:
            command += ["--cap-drop", "ALL", "--cap-add", "CAP_KILL"]
        else:
            # As root of a single user namespace, or its other namespaces could not be entered from outside.
            command += ["--unshare-user", "--uid", "0", "--gid", "0"]
        for word in (f"PATH={_PATH}", *(request.get("Env") or [])):
            command += ["--setenv", *word.split("=", 1)]
        command += ["--chdir", "/", "--info-fd", str(tell), "--", *(request.get("Entrypoint") or [])]
        command += request.get("Cmd") or []
        try:
            self.process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, pass_fds=(tell,), start_new_session=True
            )
        finally:
            os.close(tell)
        with os.fdopen(told, "rb") as pipe:
            info = await asyncio.to_thread(pipe.read)
        try:
            self.pid = int(orjson.loads(info)["child-pid"])
        except (ValueError, KeyError) as error:
            raise Refusal(500, "OCI runtime create failed: bubblewrap could not start") from error
        self.started.set()

    async def enter(
        self, command: Sequence[str], env: Sequence[str], user: str = "0:0", own: bool = False
    ) -> Process:
        """Start a program inside.

        Args:
            command: The program and its arguments.
            env: Its environment.
            user: Numeric user and group; the double of an ordinary user has one user only.
            own: Whether it belongs to the engine, and keeps its powers.

        Raises:
            Refusal: When the container does not run.
        """
        if not self.running:
            raise Refusal(409, f"Container {self.id} is not running")
        words = ["nsenter", "-t", str(self.pid), "-m", "-p", "-i", "-u", "-n"]
        if os.geteuid() != 0:
            words += ["-U", "--preserve-credentials"]
        words += ["--", "/usr/bin/env", "-i", "-C", "/", *env]
        if not own:
            words += ["setpriv", "--no-new-privs", "--bounding-set=-all", "--inh-caps=-all"]
            uid, _, gid = user.partition(":")
            if os.geteuid() == 0 and uid != "0":
                words += ["--reuid", uid, "--regid", gid or uid, "--clear-groups"]
        return await asyncio.create_subprocess_exec(
            *words, *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
        )

    async def call(self, command: Sequence[str], data: bytes = b"") -> bytes:
        """Run a program of the engine's own inside, and return its output.

        Raises:
            Refusal: When it fails.
        """
        process = await self.enter(command, [f"PATH={_PATH}", "LC_ALL=C"], own=True)
        out, err = await process.communicate(data)
        if process.returncode:
            raise Refusal(500, err.decode("utf-8", "replace").strip()[-300:] or "failed")
        return out

    async def wait(self) -> int:
        """Wait until its first process has ended."""
        assert self.process is not None
        return await self.process.wait()

    def kill(self) -> None:
        """Kill everything in it: the end of its first process is the end of the others."""
        for pid in (self.pid, self.process.pid if self.running and self.process else 0):
            if pid:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.pid = 0

    async def remove(self) -> None:
        """Kill it and delete its folder."""
        if self.process is not None:
            self.kill()
            await self.process.wait()
        await asyncio.to_thread(shutil.rmtree, self.root, ignore_errors=True)
