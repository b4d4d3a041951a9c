"""The file that keeps what a rollout file cannot: ``<file>.corrupt``, one JSON line for each bad stretch of bytes."""

from __future__ import annotations

import base64
import os
import zlib
from pathlib import Path

import orjson

from llmgym.records.fileops import DiskError, FileOps, sync_directory, uninterrupted, write_all
from llmgym.records.rowcodec import encode

__all__ = ["Quarantine"]

_PART = 1 << 20


class Quarantine:
    """Bytes set aside, with the place they came from.

    Each line has ``file``, ``offset`` and ``length`` (bytes), ``cause`` and ``crc32_of_data``, then ``text`` where
    the bytes are UTF-8 and ``base64`` where they are not. A long stretch takes several lines; a run of zero bytes
    is only counted. What the file already holds is not added again, so reading twice is harmless. It is created
    when there is something to keep.

    Args:
        path: The file.
        source: Name of the file the bytes come from.
        ops: The file operations.
    """

    def __init__(self, path: Path, *, source: str, ops: FileOps | None = None):
        self.path, self._source = path, os.path.basename(source)
        self._ops = ops or FileOps()
        self._fd: int | None = None
        self._held: set[tuple[str, int, int, int]] = set()

    def add(self, offset: int, data: bytes, cause: str) -> None:
        """Keep a stretch of bytes.

        Args:
            offset: Where it began in its file.
            data: The bytes.
            cause: Why they are bad.

        Raises:
            DiskError: When the file cannot be written.
        """
        try:
            for at in range(0, len(data), _PART):
                self._keep(offset + at, data[at : at + _PART], cause)
        except OSError as error:
            raise DiskError.of(error, self.path, "Writing") from error

    def sync(self) -> None:
        """Wait until everything kept is on disk.

        Raises:
            DiskError: When the system refuses.
        """
        if self._fd is None:
            return
        try:
            uninterrupted(self._ops.fsync, self._fd)
            sync_directory(self._ops, self.path.parent)
        except OSError as error:
            raise DiskError.of(error, self.path, "Writing") from error

    def close(self) -> None:
        """Make everything durable and close the file.

        Raises:
            DiskError: When the system refuses.
        """
        if self._fd is None:
            return
        try:
            self.sync()
        finally:
            fd, self._fd = self._fd, None
            self._ops.close(fd)

    def _keep(self, offset: int, data: bytes, cause: str) -> None:
        key = (self._source, offset, len(data), zlib.crc32(data))
        fd = self._opened()
        if key in self._held:
            return
        self._held.add(key)
        record: dict[str, object] = {
            "file": self._source,
            "offset": offset,
            "length": len(data),
            "cause": cause,
            "crc32_of_data": key[3],
        }
        if data.strip(b"\0"):
            try:
                record["text"] = data.decode()
            except UnicodeDecodeError:
                record["base64"] = base64.b64encode(data).decode()
        write_all(self._ops, fd, encode(record)[0] + b"\n")

    def _opened(self) -> int:
        if self._fd is None:
            cut = self._load()
            self._fd = self._ops.open(str(self.path), os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            if cut:
                write_all(self._ops, self._fd, b"\n")
        return self._fd

    def _load(self) -> bool:
        """Learn what the file holds; return whether its last line was cut short."""
        line = b"\n"
        if self.path.exists():
            with open(self.path, "rb") as stream:
                for line in stream:
                    try:
                        record = orjson.loads(line)
                        self._held.add(
                            (record["file"], record["offset"], record["length"], record["crc32_of_data"])
                        )
                    except (
                        ValueError,
                        KeyError,
                        TypeError,
                    ):  # a line cut by a crash: its bytes are kept again
                        continue
        return not line.endswith(b"\n")
