"""What the host puts up to be attacked, and whether it was."""

from __future__ import annotations

import fcntl
import os
import secrets
import select
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Host", "descendants"]

_SWITCHES = ("fs/lease-break-time", "kernel/core_pattern", "kernel/modprobe")
_DESCRIPTOR = 251
_VARIABLE = "LLMGYM_PROBE_CANARY"


class Host:
    """A file, an environment variable, an inherited descriptor and servers that nobody inside may reach.

    It is put up before the sandbox is started: what a sandbox inherits, it inherits then.
    """

    def __init__(self) -> None:
        self.marker = f"llmgym-canary-{secrets.token_hex(8)}"
        self.name = f"llmgym-probe-{secrets.token_hex(6)}"
        self._secret = f"{self.marker}-secret"
        self._servers: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory(prefix="llmgym-probes-")
        self._file = Path(self._folder.name).resolve() / "canary"
        self._file.write_text(self._secret)
        os.environ[_VARIABLE] = f"{self.marker}-environment"
        with open(self._file, "rb") as file:
            # A descriptor that is inherited, in a place where none is looked for.
            self._descriptor = fcntl.fcntl(file, fcntl.F_DUPFD, _DESCRIPTOR)
        loopback = socket.create_server(("127.0.0.1", 0))
        self.port = loopback.getsockname()[1]
        self._servers = [loopback, *self._abstract()]
        self._before = self._state()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in self._servers:
            server.close()
        os.close(self._descriptor)
        del os.environ[_VARIABLE]
        # Made inside, where nothing kept it inside.
        (Path("/tmp") / self.name).unlink(missing_ok=True)
        self._folder.cleanup()

    def _abstract(self) -> list[socket.socket]:
        """Return servers with names that are no files, which only Linux has."""
        if not hasattr(os, "memfd_create"):
            return []
        stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        stream.bind("\0" + self.name)
        stream.listen()
        datagram = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        datagram.bind("\0" + self.name + "-datagram")
        return [stream, datagram]

    def _state(self) -> dict[str, Any]:
        switches = {name: _read(Path("/proc/sys") / name) for name in _SWITCHES}
        return {
            **switches,
            "the canary file": self._file.read_bytes(),
            "the host's name": socket.gethostname(),
            "the host's priority": os.getpriority(os.PRIO_PROCESS, 0),
        }

    def facts(self, paths: list[str]) -> dict[str, Any]:
        """Return what the attacks are told: where things are, nothing that is secret.

        Args:
            paths: Places on the host whose names should not be seen inside.
        """
        return {
            "marker": self.marker,
            "name": self.name,
            "abstract": self.name,
            "file": str(self._file),
            "home": str(Path.home()),
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "command": (_read(Path("/proc/self/cmdline")) or b"?").decode(errors="replace"),
            "port": self.port,
            "number": 20000 + secrets.randbelow(30000),
            "paths": paths,
        }

    def harm(self) -> list[str]:
        """Return what has happened to the host since it was put up."""
        found = [
            f"{name} was changed" for name, value in self._state().items() if value != self._before[name]
        ]
        reached, _, _ = select.select(self._servers, [], [], 0)
        found += [f"somebody reached {server.getsockname()}" for server in reached]
        if (Path("/tmp") / self.name).exists():
            found.append("a file that was made inside is in /tmp")
        return found


def descendants(root: int | None = None) -> set[int]:
    """Return the processes that descend from a process, by default from this one.

    Args:
        root: Number of the process.
    """
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        told = _read(entry / "stat") if entry.name.isdigit() else None
        if told:
            state, parent = told.rpartition(b")")[2].split()[:2]
            if state not in (b"Z", b"X"):
                children.setdefault(int(parent), []).append(int(entry.name))
    found: set[int] = set()
    waiting = [root or os.getpid()]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:
        return None
