"""Rows with random access: JSON lines (plain, gzip, zstd), Parquet, the hub, and lists."""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from llmgym.errors import DependencyMissing, InfrastructureError, UsageError
from llmgym.row_sources import Convert, Hub, Lines, Listed, OnError, Parquet
from llmgym.tasks import RowSource, Task

__all__ = ["open_rows"]


def open_rows(
    source: str | Path | Sequence[Mapping[str, Any] | Task],
    split: str | None,
    on_error: OnError,
    convert: Convert | None = None,
) -> RowSource:
    """Open a source of rows.

    Args:
        source: A path, a hub id, or a list of rows.
        split: Split of a hub data set.
        on_error: What to do about bad rows.
        convert: Brings rows of another schema into one that makes tasks.

    Raises:
        UsageError: When the source does not exist or its kind is unknown.
        InvalidTask: When a row is bad and ``on_error`` is ``raise``.
    """
    if on_error not in ("raise", "skip"):
        raise UsageError(f"Expected on_error to be 'raise' or 'skip', found {on_error!r}.")
    if not isinstance(source, str | Path):
        if not isinstance(source, Iterable):
            raise UsageError(
                f"Expected a file, the id of a hub data set, or a list of rows, found {type(source).__name__}."
            )
        return Listed(source, on_error, convert)
    path = Path(source).expanduser()
    if path.is_dir():
        raise UsageError(f"Expected a file of rows, found the directory {source}.")
    if path.is_file():
        return _open_file(path, on_error, convert)
    looks_like_path = path.suffix in (".jsonl", ".json", ".gz", ".zst", ".parquet") or str(source).startswith(
        (".", "/", "~")
    )
    if looks_like_path or str(source).count("/") > 1:
        raise UsageError(f"The data set file {source} does not exist.")
    return _hub(str(source), split, convert)


_OPEN: weakref.WeakValueDictionary[tuple[Any, ...], Any] = weakref.WeakValueDictionary()
"""Files that are open, so that a thousand environments on one data set index it once."""


def _open_file(path: Path, on_error: OnError, convert: Convert | None) -> RowSource:
    state = path.stat()
    key = (str(path.resolve()), state.st_mtime_ns, state.st_size, state.st_ino, on_error, convert)
    source = _OPEN.get(key)
    if source is None:
        is_table = path.suffix == ".parquet"
        source = _OPEN[key] = Parquet(path, convert) if is_table else Lines(path, on_error, convert)
    return source


def _hub(name: str, split: str | None, convert: Convert | None) -> Hub:
    try:
        import datasets
    except ImportError as error:
        raise DependencyMissing("datasets", "data", f"load the hub data set '{name}'") from error
    try:
        rows = datasets.load_dataset(name, split=split or "train")
    except ValueError as error:
        raise UsageError(f"The hub data set {name!r} has no usable split {split!r}: {error}") from error
    except Exception as error:
        raise InfrastructureError(
            f"The data set {name!r} is neither a file here nor reachable on the hub: {error}",
            boundary="dataset",
        ) from error
    return Hub(rows, name, convert)
