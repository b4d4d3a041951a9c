"""What every sandbox offers, whichever backend holds it.

A sandbox is one trust boundary: a private file system and a private set of processes in which code that nobody has
read may run. Everything that an episode runs goes into its own sandbox, and what a sandbox says is only ever data:
verdicts are computed outside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import ClassVar, Literal, Protocol, Self

from llmgym.errors import InfrastructureError, UsageError

__all__ = ["HOME", "Cause", "Completed", "FileProblem", "Limits", "Profile", "Program", "Sandbox", "broken"]

HOME = "/work"
"""The writable folder in which programs start."""

Cause = Literal["exited", "signal", "wall_time", "cpu_time", "memory", "output"]
"""How a program ended: by itself, by a signal, or at the limit that is named."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use.

    Attributes:
        wall_seconds: Longest time on the clock.
        cpu_seconds: Most processor time of one process.
        memory_bytes: Most memory of all its processes together, and most address space of one is twice as much.
        processes: Most processes and threads at a time.
        file_bytes: Size of the largest file, and of the largest output, it may write.
        disk_bytes: Size of each writable folder.
        open_files: Most open files of one process.
        output_bytes: Most bytes kept of each output stream.
    """

    wall_seconds: float = 10.0
    cpu_seconds: float = 10.0
    memory_bytes: int = 1 << 30
    processes: int = 64
    file_bytes: int = 64 << 20
    disk_bytes: int = 256 << 20
    open_files: int = 256
    output_bytes: int = 1 << 20

    def __post_init__(self) -> None:
        for name in self.__slots__:
            value = getattr(self, name)
            whole = not name.endswith("seconds")
            if (
                isinstance(value, bool)
                or not isinstance(value, int if whole else int | float)
                or not value > 0
            ):
                kind = "whole number" if whole else "number"
                raise UsageError(f"Expected the limit {name} to be a {kind} above 0, found {value!r}.")


@dataclass(frozen=True, slots=True)
class Profile:
    """What the sandboxes of one family share, read-only. Sandboxes of one profile start faster from the second on.

    Attributes:
        packages: Names of installed packages that programs may import, such as ``numpy``.
        modules: Paths of single Python files that programs may import, our own runners for example.
        preload: Modules that are imported before a program starts, so that its own import of them costs nothing.
    """

    packages: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Program:
    """What to run. Give ``argv`` for a command, or ``python`` for Python source with ``argv`` as its arguments.

    Attributes:
        argv: The command and its arguments; for Python source, the arguments alone.
        python: Source that runs as ``__main__``; where the backend has a warm interpreter, without starting one.
        stdin: What it reads from its standard input.
        cwd: The folder in which it starts.
        env: Environment variables beside the few that a sandbox sets.
        merge_stderr: Whether errors go where output goes, in the order they were written.
        leave_running: Whether processes that it leaves behind may go on; else they are killed when it ends.
    """

    argv: tuple[str, ...] = ()
    python: str | None = None
    stdin: bytes = b""
    cwd: str = HOME
    env: Mapping[str, str] = field(default_factory=dict)
    merge_stderr: bool = False
    leave_running: bool = False

    def __post_init__(self) -> None:
        if self.python is None and not self.argv:
            raise UsageError("Expected a program to have an argv or Python source, found neither.")


@dataclass(frozen=True, slots=True)
class Completed:
    """How a program ended.

    Attributes:
        returncode: Its exit status; minus the number of the signal that ended it.
        stdout: What it wrote, up to the limit.
        stderr: What it wrote to standard error, up to the limit; empty when merged.
        cause: Why it ended.
        seconds: Time on the clock.
        truncated: Whether output was cut at the limit.
    """

    returncode: int
    stdout: bytes
    stderr: bytes
    cause: Cause
    seconds: float
    truncated: bool = False


class FileProblem(OSError):
    """A file in a sandbox could not be read or written: absent, no regular file, too large, no room."""


class Sandbox(Protocol):
    """One trust boundary. Backends inherit from it what is the same for all.

    Attributes:
        backend: The name of what holds it; environments put it into their metrics.
    """

    backend: ClassVar[str]

    async def start(self) -> None:
        """Make the sandbox.

        Raises:
            InfrastructureError: When it cannot be made. Boundary ``sandbox``, like all below.
        """

    async def run(self, program: Program, limits: Limits | None = None) -> Completed:
        """Run a program to its end, one at a time.

        Args:
            program: What to run.
            limits: What it may use; by default the limits of the sandbox.

        Returns:
            How it ended. What the program does wrong, up to being killed, is data.

        Raises:
            InfrastructureError: When the sandbox itself is gone. It cannot be used any more.
        """

    async def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file, and the folders above it.

        Raises:
            FileProblem: When the sandbox cannot hold it there.
            InfrastructureError: When the sandbox is gone.
        """

    async def read(self, path: str, limit: int = 16 << 20) -> bytes:
        """Return the content of a regular file, as seen from inside.

        Raises:
            FileProblem: When it is absent, no regular file, or larger than ``limit`` bytes.
            InfrastructureError: When the sandbox is gone.
        """

    async def close(self) -> None:
        """Kill everything inside and take the sandbox away. It may be called twice, and before :meth:`start`."""

    async def __aenter__(self) -> Self:
        """Start the sandbox."""
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the sandbox."""
        await self.close()


def broken(message: str, *, retryable: bool = True) -> InfrastructureError:
    """Return the error for a sandbox that failed, as opposed to a program in it.

    Args:
        message: What happened, in one sentence.
        retryable: Whether another sandbox may fare better.
    """
    return InfrastructureError(message, boundary="sandbox", retryable=retryable)


def checked_argv(argv: Sequence[str]) -> list[str]:
    """Return arguments that an operating system can take.

    Raises:
        UsageError: When one holds a NUL character.
    """
    if any("\0" in word for word in argv):
        raise UsageError("Expected the arguments of a program to be free of NUL characters.")
    return list(argv)
