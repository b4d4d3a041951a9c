"""The backend without a boundary: a child process with limits, for trusted code and for machines with nothing better."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

from llmgym.errors import UsageError
from llmgym.sandbox.base import (
    HOME,
    Cause,
    Completed,
    FileProblem,
    Limits,
    Profile,
    Program,
    Sandbox,
    broken,
    checked_argv,
)

__all__ = ["ProcessSandbox", "UnsafeSandboxWarning"]

_LAUNCHER = Path(__file__).with_name("_launcher.py")


class UnsafeSandboxWarning(UserWarning):
    """Code runs with the rights of the user who started the program."""


class ProcessSandbox(Sandbox):
    """A child process with resource limits, in a folder of its own. It holds nobody who wants to get out.

    Programs can read and change what the user can, open connections, see the user's processes, and leave processes
    behind by starting a session of their own.

    Args:
        profile: What programs may import.
        limits: What programs may use; memory is limited for each process alone.
        unsafe: Must be ``True``: says that the caller knows.

    Raises:
        UsageError: Without ``unsafe=True``.
    """

    backend = "process"

    def __init__(self, *, profile: Profile, limits: Limits, unsafe: bool = False):
        if not unsafe:
            raise UsageError(
                "The sandbox 'process' does not protect this machine: programs in it can read and change your files, "
                "use the network and leave processes behind. Use 'bubblewrap' or 'docker', or for code that you "
                "trust {'kind': 'process', 'unsafe': True}."
            )
        warnings.warn(
            "The sandbox 'process' limits time and memory only: not your files, not the network, not what is left "
            "running.",
            UnsafeSandboxWarning,
            stacklevel=3,
        )
        self.profile, self.limits = profile, limits
        self._root: Path | None = None
        self._groups: set[int] = set()

    async def start(self) -> None:
        """Make the folder."""
        self._root = Path(tempfile.mkdtemp(prefix="llmgym-process-"))

    async def run(self, program: Program, limits: Limits | None = None) -> Completed:
        """Run a program; see :class:`~llmgym.sandbox.base.Sandbox`."""
        root, limits = self._home(), limits or self.limits
        with (
            tempfile.TemporaryFile() as stdin,
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
        ):
            stdin.write(program.stdin)
            stdin.seek(0)
            began = time.monotonic()
            try:
                process = await asyncio.create_subprocess_exec(
                    *self._command(program, limits),
                    stdin=stdin,
                    stdout=out,
                    stderr=out if program.merge_stderr else err,
                    cwd=self._inside(program.cwd),
                    env={"PATH": os.defpath, "HOME": str(root), "LANG": "C.UTF-8", **program.env},
                    start_new_session=True,
                )
            except OSError as error:
                raise broken(f"A process could not be started: {error}.") from error
            self._groups.add(process.pid)
            cause: Cause = "exited"
            try:
                await asyncio.wait_for(process.wait(), limits.wall_seconds)
            except TimeoutError:
                cause = "wall_time"
            finally:
                if cause == "wall_time" or not program.leave_running or process.returncode is None:
                    self._kill(process.pid)
                    await asyncio.shield(process.wait())
            kept, cut = [], False
            for stream in (out, err):
                cut |= os.fstat(stream.fileno()).st_size > limits.output_bytes
                stream.seek(0)
                kept.append(stream.read(limits.output_bytes))
        code = process.returncode or 0
        if cause == "exited" and code < 0:
            causes: dict[int, Cause] = {-signal.SIGXCPU: "cpu_time", -signal.SIGXFSZ: "output"}
            cause = causes.get(code, "signal")
        return Completed(code, kept[0], kept[1], cause, time.monotonic() - began, cut)

    async def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file; see :class:`~llmgym.sandbox.base.Sandbox`."""
        target = self._inside(path)
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with open(os.open(target, flags, mode), "wb") as file:
                file.write(data)
            target.chmod(mode)
        except OSError as error:
            raise FileProblem(f"{path!r} could not be written: {error.strerror}.") from error

    async def read(self, path: str, limit: int = 16 << 20) -> bytes:
        """Return a file; see :class:`~llmgym.sandbox.base.Sandbox`."""
        target = self._inside(path)
        try:
            with open(os.open(target, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
                if not target.is_file() or os.fstat(file.fileno()).st_size > limit:
                    raise FileProblem(f"{path!r} is no regular file of at most {limit} bytes.")
                return file.read(limit)
        except FileProblem:
            raise
        except OSError as error:
            raise FileProblem(f"{path!r} could not be read: {error.strerror}.") from error

    async def close(self) -> None:
        """Kill the process groups and remove the folder."""
        for group in self._groups:
            self._kill(group)
        self._groups.clear()
        root, self._root = self._root, None
        if root is not None:
            await asyncio.to_thread(shutil.rmtree, root, ignore_errors=True)

    def _home(self) -> Path:
        if self._root is None:
            raise broken("The sandbox is not running; start it first.", retryable=False)
        return self._root

    def _inside(self, path: str) -> Path:
        """Return the place of a path below the folder; ``/work`` is the folder itself."""
        root = self._home()
        below = "." if path == HOME else path.removeprefix(f"{HOME}/").lstrip("/")
        target = root / below
        real = Path(os.path.realpath(root))
        if "\0" in path or not Path(os.path.realpath(target.parent)).is_relative_to(real) and target != root:
            raise FileProblem(f"{path!r} leads out of the sandbox.")
        return target

    def _command(self, program: Program, limits: Limits) -> list[str]:
        command = [sys.executable, "-I", "-S", str(_LAUNCHER)]
        command += [
            str(int(limits.cpu_seconds + 0.999)),
            str(limits.memory_bytes * 2),
            str(limits.file_bytes),
        ]
        command += [str(limits.open_files)]
        if program.python is None:
            return [*command, "command", *checked_argv(program.argv)]
        places = {str(Path(module).parent) for module in self.profile.modules}
        if self.profile.packages:
            places |= {entry for entry in sys.path if entry.endswith("site-packages")}
        return [
            *command,
            "python",
            os.pathsep.join(sorted(places)),
            program.python,
            *checked_argv(program.argv),
        ]

    @staticmethod
    def _kill(group: int) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
