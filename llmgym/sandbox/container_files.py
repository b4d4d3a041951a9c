"""Files on their way into a container and out of it: archives of one regular file, made and read in memory.

Nothing is ever unpacked on this machine's disk, so that links, devices and names in an archive lead nowhere.
"""

from __future__ import annotations

import base64
import io
import posixpath
import tarfile

import orjson

from llmgym.sandbox.base import FileProblem

__all__ = ["LARGEST_OVERHEAD", "checked_path", "content_of", "packed", "size_of"]

LARGEST_OVERHEAD = 64 << 10
"""Most bytes that an archive of one file has beside its content."""

_LONGEST_PATH = 4096
_TYPE_BITS = 1 << 31 | 1 << 27 | 1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19
"""The bits of a Go file mode for folders, links, devices, pipes, sockets, character devices and other oddities."""


def checked_path(path: str) -> tuple[str, str]:
    """Return the folder and the name of an absolute path.

    Raises:
        FileProblem: When it is not absolute, has no name, or leads through ``..``.
    """
    parts = path.split("/")
    if (
        not path.startswith("/")
        or "\0" in path
        or ".." in parts
        or len(path.encode("utf-8", "replace")) > _LONGEST_PATH
    ):
        raise FileProblem(f"{path[:200]!r} is no absolute path without '..'.")
    plain = posixpath.normpath(path)
    folder, name = posixpath.split("/" + plain.lstrip("/"))
    if not name or path.endswith("/"):
        raise FileProblem(f"{path[:200]!r} names no file.")
    return folder, name


def packed(
    files: dict[str, bytes], mode: int, owner: tuple[int, int], folders: tuple[str, ...] = ()
) -> bytes:
    """Return an archive of regular files.

    Args:
        files: Contents by relative name.
        mode: Permissions of each.
        owner: User and group.
        folders: Relative names of folders to make first, readable by all and writable by ``owner``.

    Raises:
        FileProblem: When a name cannot be written in an archive.
    """
    archive = io.BytesIO()
    try:
        with tarfile.open(fileobj=archive, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for folder in folders:
                entry = tarfile.TarInfo(folder)
                entry.type, entry.mode, (entry.uid, entry.gid) = tarfile.DIRTYPE, 0o755, owner
                tar.addfile(entry)
            for name, data in files.items():
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode, (entry.uid, entry.gid) = len(data), mode & 0o7777, owner
                tar.addfile(entry, io.BytesIO(data))
    except (UnicodeError, ValueError) as error:
        raise FileProblem(f"A file could not be packed: {error}.") from error
    return archive.getvalue()


def size_of(path: str, header: str | None) -> int:
    """Return the size of a regular file from the header in which an engine describes it.

    Raises:
        FileProblem: When it is no regular file, or the header makes no sense.
    """
    try:
        told = orjson.loads(base64.b64decode(header or ""))
        mode, size = int(told["mode"]), int(told["size"])
    except (ValueError, KeyError, TypeError) as error:
        raise FileProblem(f"{path!r} could not be looked at.") from error
    if mode & _TYPE_BITS:
        raise FileProblem(f"{path!r} is no regular file.")
    return size


def content_of(path: str, archive: bytes, limit: int) -> bytes:
    """Return the content of the only file in an archive.

    Raises:
        FileProblem: When it is no regular file, larger than ``limit``, cut off, or not alone.
    """
    try:
        with tarfile.open(fileobj=io.BytesIO(archive), mode="r:") as tar:
            entry = tar.next()
            # A sparse file's content is not what follows its header.
            if entry is None or not entry.isreg() or entry.issparse() or entry.type == tarfile.GNUTYPE_SPARSE:
                raise FileProblem(f"{path!r} is no regular file.")
            if entry.size > limit:
                raise FileProblem(f"{path!r} is larger than {limit} bytes.")
            file = tar.extractfile(entry)
            data = b"" if file is None else file.read(limit + 1)
            if len(data) != entry.size or tar.next() is not None:
                raise FileProblem(f"{path!r} could not be read whole.")
            return data
    except (tarfile.TarError, EOFError, ValueError, UnicodeError, OverflowError) as error:
        raise FileProblem(f"{path!r} came in an archive that cannot be read.") from error
