"""The file operations of the rollout store, each a method that a test can count, stop or break."""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from llmgym.errors import StoreError

__all__ = ["DiskError", "FileOps", "replace_file", "sync_directory", "write_all"]

T = TypeVar("T")

_HINTS = {
    errno.ENOSPC: "Free some space on that disk",
    errno.EDQUOT: "Free some of your disk quota",
    errno.EMFILE: "Raise the limit of open files (ulimit -n)",
    errno.ENFILE: "Close other programs: the system has no file handles left",
    errno.EACCES: "Give yourself the right to write there, or choose another -o",
    errno.EROFS: "Choose an -o on a disk that can be written",
    errno.ENOENT: "Create the folder, or choose another -o",
}


class DiskError(StoreError):
    """The disk or the system refused an operation on a rollout file.

    Rows acknowledged before it are on disk. A command line should end with exit status 74 (``EX_IOERR``).

    Attributes:
        path: The file concerned.
        errno: The system's error number, such as ``errno.ENOSPC``; 0 when there is none.
    """

    def __init__(self, message: str, path: str | Path, number: int = 0):
        super().__init__(message)
        self.path, self.errno = Path(path), number

    def __reduce__(self):
        """Keep the path and the error number through pickling."""
        return type(self), (str(self), self.path, self.errno)

    @classmethod
    def of(cls, error: OSError, path: str | Path, doing: str, *, reading: bool = False) -> DiskError:
        """Say in one sentence what failed and what to do.

        Args:
            error: What the system said.
            path: The file concerned.
            doing: What was being done, as the subject of the sentence "... failed".
            reading: Whether nothing was to be written.
        """
        number = error.errno or 0
        happened = f"{doing} '{path}' failed: {error.strerror or error} (errno {number})."
        if reading:
            return cls(f"{happened} Check the path and the disk.", path, number)
        hint = _HINTS.get(number, "Check the disk")
        return cls(
            f"{happened} Rows already acknowledged are safe. {hint}, then go on with --resume.", path, number
        )


class FileOps:
    """The system calls that the store makes: the only door through which it changes anything on disk."""

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        """Open a file and return its descriptor, which child programs do not inherit."""
        return os.open(path, flags | os.O_CLOEXEC, mode)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        """Write at the end of the file and return the number of bytes taken."""
        return os.write(fd, data)

    def fsync(self, fd: int) -> None:
        """Wait until everything written to the file is on the disk itself."""
        if sys.platform == "darwin":  # there, fsync stops at the drive's cache
            try:
                fcntl.fcntl(fd, fcntl.F_FULLFSYNC)
                return
            except OSError:  # a directory or a network disk: the plain call is all there is
                pass
        os.fsync(fd)

    def truncate(self, fd: int, size: int) -> None:
        """Cut the file to `size` bytes."""
        os.ftruncate(fd, size)

    def rename(self, source: str, target: str) -> None:
        """Give a file a new name, replacing what had it."""
        os.replace(source, target)

    def lock(self, fd: int) -> None:
        """Lock the file for this descriptor alone, or raise ``BlockingIOError`` at once."""
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def size(self, fd: int) -> int:
        """Return the size of the file in bytes."""
        return os.fstat(fd).st_size

    def close(self, fd: int) -> None:
        """Close a descriptor, which also gives its lock back."""
        os.close(fd)


def uninterrupted(call: Callable[..., T], *args: object) -> T:
    """Repeat a system call for as long as a signal interrupts it."""
    while True:
        try:
            return call(*args)
        except InterruptedError:
            continue


def write_all(ops: FileOps, fd: int, data: bytes) -> None:
    """Write all of `data`: in one call, unless the system takes only a part of it.

    Raises:
        OSError: When the system refuses. A part of `data` may then be in the file.
    """
    rest = memoryview(data)
    while rest:
        taken = uninterrupted(ops.write, fd, rest)
        if taken <= 0:
            raise OSError(errno.EIO, "the system wrote nothing")
        rest = rest[taken:]


def sync_directory(ops: FileOps, folder: str | Path) -> None:
    """Make the names in a folder durable: without it, a power loss can undo a creation or a rename.

    Raises:
        OSError: When the system refuses.
    """
    fd = ops.open(str(folder), os.O_RDONLY | os.O_DIRECTORY)
    try:
        uninterrupted(ops.fsync, fd)
    finally:
        ops.close(fd)


def replace_file(ops: FileOps, path: Path, data: bytes) -> None:
    """Put `data` in place of a file: after a crash at any moment it holds the old or the new bytes, whole.

    Args:
        ops: The file operations.
        path: The file; its neighbour ``<path>.tmp`` is used on the way.
        data: The new content.

    Raises:
        OSError: When the system refuses.
    """
    temporary = f"{path}.tmp"
    fd = ops.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    try:
        write_all(ops, fd, data)
        uninterrupted(ops.fsync, fd)
    finally:
        ops.close(fd)
    ops.rename(temporary, str(path))
    sync_directory(ops, path.parent)
