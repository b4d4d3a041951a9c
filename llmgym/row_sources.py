"""What rows are read from.

A plain file is indexed by line offsets and read a row at a time, so it may be larger than memory. Compressed files
have no random access; they are unpacked once into a temporary file, which is removed with the reader.
"""

from __future__ import annotations

import bisect
import gzip
import json
import os
import shutil
import tempfile
import threading
import zlib
from array import array
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Literal

import orjson

from llmgym.errors import DependencyMissing, InvalidTask, UsageError
from llmgym.tasks import Task

__all__ = ["Convert", "Hub", "Lines", "Listed", "OnError", "Parquet"]

OnError = Literal["raise", "skip"]
Convert = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Brings rows of another public schema into one that makes tasks; others it returns as they are."""
_ABSENT: Any = object()
_KINDS = ("responses_create_params", "messages", "prompt")
_EXPECTED = "one of the fields 'responses_create_params', 'messages' and 'prompt'"
_ENCODED = ("responses_create_params", "verifier_metadata", "exp_cal_state", "messages", "prompt")


class Listed:
    """Rows that are in memory already.

    Args:
        rows: Rows or tasks.
        on_error: What to do about bad rows.
        convert: What is done to each row first.

    Raises:
        InvalidTask: When a row is bad and ``on_error`` is ``raise``.
    """

    def __init__(
        self, rows: Sequence[Mapping[str, Any] | Task], on_error: OnError, convert: Convert | None = None
    ):
        self.skipped = 0
        self._rows: list[tuple[int, Mapping[str, Any] | Task]] = []
        for number, row in enumerate(rows):
            try:
                if not isinstance(row, Task):
                    row = convert(row) if convert and isinstance(row, Mapping) else row
                    _check(row, f"row {number}")
            except InvalidTask:
                if on_error == "raise":
                    raise
                self.skipped += 1
            else:
                self._rows.append((number, row))

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> tuple[Mapping[str, Any] | Task, str]:
        number, row = self._rows[index]
        return row, f"row {number}"


class Lines:
    """A file of JSON lines, indexed by the offset of each line.

    Args:
        path: The file, plain or compressed.
        on_error: What to do about bad rows.
        convert: What is done to each row first.

    Raises:
        UsageError: When the file cannot be unpacked.
        InvalidTask: When a row is bad and ``on_error`` is ``raise``.
    """

    def __init__(self, path: Path, on_error: OnError, convert: Convert | None = None):
        self.path, self.skipped, self._on_error, self._convert = path, 0, on_error, convert
        self._file = _plain(path)
        self._offsets, self._lengths, self._numbers = array("q"), array("q"), array("q")
        offset = 0
        for number, line in enumerate(self._file, start=1):
            if line.strip():
                try:
                    _check(self._parse(line, number), self._where(number))
                except InvalidTask:
                    if on_error == "raise":
                        self._file.close()
                        raise
                    self.skipped += 1
                else:
                    self._offsets.append(offset)
                    self._lengths.append(len(line))
                    self._numbers.append(number)
            offset += len(line)

    def __reduce__(self) -> tuple[Any, ...]:
        return Lines, (self.path, self._on_error, self._convert)

    def __del__(self) -> None:
        file = getattr(self, "_file", None)
        if file is not None:
            file.close()

    def __len__(self) -> int:
        return len(self._offsets)

    def __getitem__(self, index: int) -> tuple[Mapping[str, Any], str]:
        number = self._numbers[index]
        # Threads and forked processes share the file's position, so it is not used.
        line = os.pread(self._file.fileno(), self._lengths[index], self._offsets[index])
        return self._parse(line, number), self._where(number)

    def _where(self, number: int) -> str:
        return f"{self.path}, line {number}"

    def _parse(self, line: bytes, number: int) -> Any:
        row = self._decode(line, number)
        return self._convert(row) if self._convert and isinstance(row, Mapping) else row

    def _decode(self, line: bytes, number: int) -> Any:
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        try:
            return orjson.loads(line)
        except orjson.JSONDecodeError:
            # NaN and numbers beyond 64 bits are read by the standard library alone.
            try:
                return json.loads(line)
            except (ValueError, RecursionError) as error:
                raise InvalidTask(f"{self._where(number)}: not JSON ({error}).") from error


def _plain(path: Path) -> IO[bytes]:
    """Open a file for random access, unpacking it first if it is compressed."""
    if path.suffix not in (".gz", ".zst"):
        return path.open("rb")
    unpacked = tempfile.TemporaryFile()
    try:
        if path.suffix == ".gz":
            with gzip.open(path) as packed:
                shutil.copyfileobj(packed, unpacked)
        else:
            try:
                import zstandard
            except ImportError as error:
                raise DependencyMissing("zstandard", "data", "read .zst files") from error
            try:
                _unpack_zstd(path, unpacked)
            except zstandard.ZstdError as error:
                raise EOFError(str(error)) from error
    except (OSError, EOFError, zlib.error) as error:
        unpacked.close()
        raise UsageError(f"{path} cannot be unpacked: {error}.") from error
    except BaseException:
        unpacked.close()
        raise
    unpacked.seek(0)
    return unpacked


def _unpack_zstd(path: Path, unpacked: IO[bytes]) -> None:
    """Unpack all frames of a file.

    Raises:
        EOFError: When the last frame is cut off, which a stream reader would not tell.
    """
    import zstandard

    frame = None
    with path.open("rb") as raw:
        while chunk := raw.read(1 << 20):
            while chunk:
                if frame is None or frame.eof:
                    frame = zstandard.ZstdDecompressor().decompressobj()
                unpacked.write(frame.decompress(chunk))
                chunk = frame.unused_data
    if frame is not None and not frame.eof:
        raise EOFError("the file ends before its last frame does")


class Parquet:
    """A Parquet file, read one row group at a time.

    Args:
        path: The file.
        convert: What is done to each row first.

    Raises:
        UsageError: When it is not a Parquet file.
        InvalidTask: When it has none of the columns that make a task.
    """

    def __init__(self, path: Path, convert: Convert | None = None):
        try:
            import pyarrow
            import pyarrow.parquet
        except ImportError as error:
            raise DependencyMissing("pyarrow", "data", "read Parquet files") from error
        self.path, self.skipped, self._convert = path, 0, convert
        try:
            self._file = pyarrow.parquet.ParquetFile(path)
        except (pyarrow.ArrowException, OSError) as error:
            raise UsageError(f"{path} is not a Parquet file: {error}.") from error
        groups = self._file.metadata.num_row_groups
        self._ends = [0]
        for group in range(groups):
            self._ends.append(self._ends[-1] + self._file.metadata.row_group(group).num_rows)
        _check_columns(self._file.schema_arrow.names, str(path), convert)
        self._cached: tuple[int, list[dict[str, Any]]] | None = None
        self._reading = threading.Lock()

    def __reduce__(self) -> tuple[Any, ...]:
        return Parquet, (self.path, self._convert)

    def __len__(self) -> int:
        return self._ends[-1]

    def __getitem__(self, index: int) -> tuple[Mapping[str, Any], str]:
        group = bisect.bisect_right(self._ends, index) - 1
        with self._reading:
            if self._cached is None or self._cached[0] != group:
                self._cached = (group, self._file.read_row_group(group).to_pylist())
            row = self._cached[1][index - self._ends[group]]
        return _of_table(row, self._convert), f"{self.path}, row {index}"


class Hub:
    """A data set of the hub, through the ``datasets`` library.

    Args:
        rows: The data set.
        name: Its id, for messages.
        convert: What is done to each row first.

    Raises:
        InvalidTask: When it has none of the columns that make a task.
    """

    def __init__(self, rows: Any, name: str, convert: Convert | None = None):
        self._rows, self._name, self.skipped, self._convert = rows, name, 0, convert
        _check_columns(rows.column_names, name, convert)

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: int) -> tuple[Mapping[str, Any], str]:
        return _of_table(self._rows[index], self._convert), f"{self._name}, row {index}"


def _check(row: Any, where: str) -> None:
    """Look at a row without converting it.

    Raises:
        InvalidTask: When it cannot be a task.
    """
    if not isinstance(row, Mapping):
        raise InvalidTask(f"{where}: expected a JSON object, found {type(row).__name__}.")
    if not any(key in row for key in _KINDS):
        raise InvalidTask(f"{where}: expected {_EXPECTED}, found {', '.join(map(str, row)) or 'none'}.")
    params = row.get("responses_create_params", _ABSENT)
    if params is not _ABSENT and not (isinstance(params, Mapping) and "input" in params):
        raise InvalidTask(f"{where}: expected 'responses_create_params' to be an object with 'input'.")


def _check_columns(names: Sequence[str], where: str, convert: Convert | None) -> None:
    if convert is not None:
        names = list(convert(dict.fromkeys(names, "")))
    if not any(name in names for name in _KINDS):
        raise InvalidTask(f"{where}: expected {_EXPECTED}, found the columns {', '.join(names) or 'none'}.")


def _of_table(row: Mapping[str, Any], convert: Convert | None) -> Mapping[str, Any]:
    decoded = _decoded(_without_nulls(row))
    return convert(decoded) if convert is not None else decoded


def _decoded(row: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a table may hold JSON text where a JSON line would hold an object."""
    decoded = dict(row)
    for key in _ENCODED:
        value = decoded.get(key)
        if isinstance(value, str) and value[:1] in ("{", "["):
            try:
                decoded[key] = json.loads(value)
            except ValueError:
                # A prompt may well begin with a bracket.
                continue
    return decoded


def _without_nulls(value: Any, depth: int = 0) -> Any:
    """Tables give every struct the union of all keys; a key that a row did not have comes back as null."""
    if isinstance(value, Mapping):
        return {
            key: _without_nulls(item, depth + 1)
            for key, item in value.items()
            if item is not None or depth == 0
        }
    if isinstance(value, list):
        return [_without_nulls(item, depth + 1) for item in value]
    return value
