"""Reading rollout files of any condition: every good row is found, every bad byte is reported, nothing raises."""

from __future__ import annotations

import os
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from hashlib import blake2b
from os import PathLike
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, cast

from llmgym.errors import StoreError
from llmgym.records.chunks import chunks
from llmgym.records.fileops import DiskError
from llmgym.records.quarantine import Quarantine
from llmgym.records.rowcodec import Damaged, parse
from llmgym.records.salvage import NUL, salvage

__all__ = ["MAX_LINE_BYTES", "BadSpan", "ReadReport", "RowReader", "read_rows"]

MAX_LINE_BYTES = 64 * 1024 * 1024
"""Longest line that is read, in bytes, unless told otherwise."""

_LISTED = 10_000
_BOM = b"\xef\xbb\xbf"


class BadSpan(NamedTuple):
    """A stretch of a file that holds no row.

    Attributes:
        offset: Its first byte, counted from the start of the file (of the unpacked file, where it is compressed).
        length: Its length in bytes.
        cause: What is wrong with it, in a few words.
    """

    offset: int
    length: int
    cause: str


@dataclass(slots=True)
class ReadReport:
    """What a reader met.

    Attributes:
        good: Rows given out.
        bad: The bad stretches; of a ruined file, the first 10,000.
        bad_spans: How many bad stretches there are.
        bad_bytes: How many bytes they hold.
        duplicates: Rows left out because the same bytes had come before.
    """

    good: int = 0
    bad: list[BadSpan] = field(default_factory=list)
    bad_spans: int = 0
    bad_bytes: int = 0
    duplicates: int = 0

    def __str__(self) -> str:
        """Say it in one line."""
        parts = [f"{self.good} good row{'s' * (self.good != 1)}"]
        if self.duplicates:
            parts.append(f"{self.duplicates} duplicate{'s' * (self.duplicates != 1)} left out")
        if self.bad_spans:
            first = self.bad[0]
            parts.append(
                f"{self.bad_spans} bad stretch{'es' * (self.bad_spans != 1)} ({self.bad_bytes} bytes; the first at "
                f"byte {first.offset}: {first.cause})"
            )
        return ", ".join(parts)


def read_rows(
    source: str | PathLike[str] | BinaryIO,
    *,
    quarantine: str | PathLike[str] | None = None,
    max_line_bytes: int = MAX_LINE_BYTES,
    duplicates: bool = False,
) -> RowReader:
    """Read a rollout file, plain or gzipped, row by row.

    Damage never raises: half rows, zero bytes, flipped bits, other line ends, byte order marks, rows of other
    writers, two rows on one line. What cannot be read is in the reader's report.

    Args:
        source: A path, or an open binary stream.
        quarantine: A file to copy the bad bytes to, with their offsets; it grows only by what it does not hold yet.
        max_line_bytes: Longer lines are skipped and reported, in this much memory.
        duplicates: Give out rows again whose bytes have come before. Leaving them out takes some 70 bytes of
            memory a row. Rows that name no task are always given out.

    Returns:
        An iterator of (offset in bytes, row). Its ``report`` is complete when it has ended.

    Raises:
        StoreError: When the file does not exist or cannot be opened.

    Example:
        >>> import io
        >>> reader = read_rows(io.BytesIO(b'{"task_id": "a"}{"task_id": "b"}{"task_'))
        >>> list(reader)
        [(0, {'task_id': 'a'}), (16, {'task_id': 'b'})]
        >>> reader.report.bad
        [BadSpan(offset=32, length=7, cause='cut short')]
    """
    sink = None
    if quarantine is not None:
        sink = Quarantine(Path(quarantine), source=_name(source))
    return RowReader(source, sink=sink, max_line_bytes=max_line_bytes, duplicates=duplicates)


class RowReader(Iterator[tuple[int, dict[str, Any]]]):
    """The iterator of :func:`read_rows`.

    Attributes:
        report: What was met so far.
        size: Bytes read so far.
        terminated: Whether the last byte read is a line feed.
        kept_end: Where the last stretch ends that is not bad (a row, or a line too long to be judged).
        kept_terminated: Whether that stretch includes its line feed.
        bad_end: Where the last bad stretch ends.
    """

    def __init__(
        self,
        source: str | PathLike[str] | BinaryIO,
        *,
        sink: Quarantine | None = None,
        max_line_bytes: int = MAX_LINE_BYTES,
        duplicates: bool = False,
    ):
        self.report = ReadReport()
        self.size, self.terminated = 0, True
        self.kept_end, self.kept_terminated, self.bad_end = 0, True, 0
        self._name = _name(source)
        self._source, self._owned = source, isinstance(source, (str, PathLike))
        if isinstance(source, (str, PathLike)) and not os.path.exists(source):
            raise StoreError(f"There is no rollout file '{self._name}'.")
        self._sink, self._limit = sink, max_line_bytes
        self._too_long = f"longer than {max_line_bytes} bytes"
        self._seen: set[bytes] | None = None if duplicates else set()
        self._rows = self._read()

    def __iter__(self) -> RowReader:
        return self

    def __next__(self) -> tuple[int, dict[str, Any]]:
        return next(self._rows)

    def close(self) -> None:
        """Stop reading and close the file, if this reader opened it."""
        self._rows.close()

    def _read(self) -> Generator[tuple[int, dict[str, Any]]]:
        stream = self._open()
        try:
            for offset, line, terminated in self._lines(stream):
                if line.startswith(_BOM):
                    offset, line = offset + len(_BOM), line[len(_BOM) :]
                if len(line) > self._limit:
                    offset, line = self._shorten(offset, line, terminated)
                if not line.strip():
                    continue
                try:
                    row = parse(line)
                except Damaged as damage:
                    yield from self._salvage(offset, line, str(damage) if terminated else "cut short")
                    continue
                self.kept_end, self.kept_terminated = offset + len(line) + terminated, terminated
                if self._fresh(line, row):
                    yield offset, row
        finally:
            if self._owned:
                stream.close()
            if self._sink is not None:
                self._sink.close()

    def _salvage(self, offset: int, line: bytes, cause: str) -> Iterator[tuple[int, dict[str, Any]]]:
        for piece in salvage(line, cause):
            if piece.row is None:
                self._spoil(offset + piece.start, line[piece.start : piece.end], piece.cause)
                continue
            self.kept_end, self.kept_terminated = offset + piece.end, False
            if self._fresh(line[piece.start : piece.end], piece.row):
                yield offset + piece.start, piece.row

    def _fresh(self, line: bytes, row: dict[str, Any]) -> bool:
        if self._seen is not None and ("task_id" in row or "task_index" in row):
            digest = blake2b(line.strip(), digest_size=8).digest()
            if digest in self._seen:
                self.report.duplicates += 1
                return False
            self._seen.add(digest)
        self.report.good += 1
        return True

    def _spoil(self, offset: int, data: bytes | bytearray, cause: str) -> None:
        report = self.report
        report.bad_bytes += len(data)
        self.bad_end = offset + len(data)
        last = report.bad[-1] if report.bad else None
        if last is not None and last.cause == cause and last.offset + last.length == offset:
            report.bad[-1] = BadSpan(last.offset, last.length + len(data), cause)
        else:
            report.bad_spans += 1
            if len(report.bad) < _LISTED:
                report.bad.append(BadSpan(offset, len(data), cause))
        if self._sink is not None:
            self._sink.add(offset, bytes(data), cause)

    def _shorten(self, offset: int, line: bytes, terminated: bool) -> tuple[int, bytes]:
        """Take the zero bytes off the front of a line that is too long, and skip the rest if it still is."""
        rest = line.lstrip(b"\0")
        if len(rest) < len(line):
            self._spoil(offset, line[: len(line) - len(rest)], NUL)
        offset += len(line) - len(rest)
        if len(rest) <= self._limit:
            return offset, rest
        self._spoil(offset, rest, self._too_long)
        self.kept_end, self.kept_terminated = offset + len(rest) + terminated, terminated
        return offset + len(rest), b""

    def _open(self) -> BinaryIO:
        if not isinstance(self._source, (str, PathLike)):
            return self._source
        try:
            return cast(BinaryIO, open(self._source, "rb", buffering=0))
        except OSError as error:
            raise DiskError.of(error, self._name, "Opening", reading=True) from error

    def _lines(self, stream: BinaryIO) -> Iterator[tuple[int, bytes, bool]]:
        """Cut the stream into (offset, line without line feed, whether there was one), within the memory limit."""
        buffer, offset, searched, skipping = bytearray(), 0, 0, False
        for chunk in chunks(stream, self._name, lambda cause: self._spoil(self.size, b"", cause)):
            self.size += len(chunk)
            self.terminated = chunk.endswith(b"\n")
            buffer += chunk
            start = 0
            while (cut := buffer.find(b"\n", max(start, searched))) >= 0:
                if skipping:
                    self._skip(offset + start, buffer[start:cut], cut + 1 - start)
                    skipping = False
                else:
                    yield offset + start, bytes(buffer[start:cut]), True
                start = cut + 1
            del buffer[:start]
            offset += start
            if len(buffer) > self._limit and not skipping:
                zeros = len(buffer) - len(buffer.lstrip(b"\0"))
                if zeros:
                    self._spoil(offset, buffer[:zeros], NUL)
                    del buffer[:zeros]
                    offset += zeros
                skipping = len(buffer) > self._limit
            if skipping:
                self._skip(offset, buffer, len(buffer))
                offset += len(buffer)
                buffer.clear()
            searched = len(buffer)
        if buffer:
            yield offset, bytes(buffer), False

    def _skip(self, offset: int, data: bytearray, width: int) -> None:
        if data:
            self._spoil(offset, data, self._too_long)
        self.kept_end, self.kept_terminated = offset + width, width > len(data)


def _name(source: object) -> str:
    return (
        os.fspath(source) if isinstance(source, (str, PathLike)) else str(getattr(source, "name", "<stream>"))
    )
