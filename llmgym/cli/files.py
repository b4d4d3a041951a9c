"""Files that a command makes whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from llmgym.errors import UsageError

__all__ = ["fresh_file"]


@contextmanager
def fresh_file(path: Path, *, force: bool = False) -> Iterator[BinaryIO]:
    """Write a file beside its place and move it there when it is complete and on disk.

    Args:
        path: Where it is to be. Its folder is made.
        force: Replace a file that is there already.

    Yields:
        A stream to write to.

    Raises:
        UsageError: When the file exists and ``force`` is false.
        DiskError: When the disk or the system refuses.
    """
    from llmgym.records import DiskError

    if path.exists() and not force:
        raise UsageError(f"'{path}' exists already: choose another -o, or replace it by --force.")
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with open(beside, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            os.replace(beside, path)
        finally:
            with suppress(FileNotFoundError):
                os.unlink(beside)
    except OSError as error:
        raise DiskError.of(error, path, "Writing", reading=True) from error
