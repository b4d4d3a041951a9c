"""The rollout store: a JSONL file that survives kills and power losses, and that a run can be resumed from."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterable, Iterator, Mapping
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any

from llmgym.errors import StoreError
from llmgym.records.fileops import DiskError, FileOps, uninterrupted, write_all
from llmgym.records.identity import check_identity, write_identity
from llmgym.records.journal import Acknowledgement, Journal
from llmgym.records.progress import OUTCOMES, By, Key, Progress, repeat_of, task_of
from llmgym.records.quarantine import Quarantine
from llmgym.records.reader import MAX_LINE_BYTES, ReadReport, RowReader
from llmgym.records.rowcodec import encode

__all__ = ["RolloutStore"]


class RolloutStore:
    """An append-only file of rollouts, one JSON line each, written by one process at a time.

    ``<path>`` holds the rows, ``<path>.meta.json`` what the run is (its identity), and ``<path>.corrupt``, made when
    needed, the bytes of half rows with their offsets. An acknowledged row survives a killed process and a power
    loss; no row is ever changed, and none is removed. What a crash leaves behind is put right by the next
    :meth:`open`: a half row at the end is moved to ``.corrupt``; damage further up stays where it is and is copied
    there.

    Use it as a context manager, or call :meth:`close`.

    Attributes:
        path: The file of rows.
        meta_path: The file of the identity.
        corrupt_path: The file of half rows.
        report: What was found in the file when it was opened.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "run.jsonl"
        >>> with RolloutStore.open(path, identity={"env": "mcqa-v0"}) as store:
        ...     store.write({"task_id": "a", "repeat": 0, "outcome": "completed", "reward": 1.0})
        >>> with RolloutStore.open(path, identity={"env": "mcqa-v0"}, resume=True) as store:
        ...     list(store.pending([("a", 0), ("b", 0)]))
        [(('b', 0), 0)]
    """

    def __init__(
        self, path: Path, journal: Journal, progress: Progress, report: ReadReport, max_line_bytes: int
    ):
        self.path, self.meta_path, self.corrupt_path = (
            path,
            _beside(path, ".meta.json"),
            _beside(path, ".corrupt"),
        )
        self.report = report
        self._journal, self._progress, self._limit = journal, progress, max_line_bytes

    @classmethod
    def open(
        cls,
        path: str | PathLike[str],
        *,
        identity: Mapping[str, Any],
        resume: bool = False,
        notes: Mapping[str, Any] | None = None,
        commit_rows: int = 64,
        commit_seconds: float = 0.05,
        max_line_bytes: int = MAX_LINE_BYTES,
        ops: FileOps | None = None,
    ) -> RolloutStore:
        """Start a file, or go on with one.

        Args:
            path: The file. Its folder must exist.
            identity: JSON values that say what the run is: environment, tasks, policy, seed. On resuming they must
                be those the file was started with.
            resume: Go on with the file, if it has rows. Without it, a file with rows is refused.
            notes: JSON values to keep beside the identity that are not compared, such as versions.
            commit_rows: Rows after which the file is synced to the disk.
            commit_seconds: Seconds after which it is synced.
            max_line_bytes: Longest row in bytes.
            ops: The file operations, for tests.

        Raises:
            StoreError: When the file has rows and `resume` is false, belongs to another run, has lost its identity,
                is compressed, or is being written by another process.
            DiskError: When the disk or the system refuses an operation.
        """
        path, ops = Path(path), ops or FileOps()
        try:
            fd = ops.open(str(path), os.O_RDWR | os.O_APPEND | os.O_CREAT)
        except OSError as error:
            raise DiskError.of(error, path, "Opening") from error
        try:
            _lock(ops, fd, path)
            progress = Progress()
            if ops.size(fd) == 0:
                report = ReadReport()
                write_identity(_beside(path, ".meta.json"), identity, notes or {}, ops)
            else:
                if not resume:
                    raise StoreError(
                        f"'{path}' already has rollouts: go on with it by --resume, or choose another -o."
                    )
                check_identity(_beside(path, ".meta.json"), identity, path)
                report = _recover(path, fd, ops, progress, max_line_bytes)
            journal = Journal(path, fd, ops, commit_rows=commit_rows, commit_seconds=commit_seconds)
        except BaseException as error:
            _close_after(error, ops, fd)
            if isinstance(error, OSError):
                raise DiskError.of(error, path, "Opening") from error
            raise
        return cls(path, journal, progress, report, max_line_bytes)

    def append(self, row: Mapping[str, Any] | bytes) -> Acknowledgement:
        """Put a row in the queue for the disk; never blocks.

        Rows reach the file in the order of the calls. ``await`` the result (or ``wait()`` for it) to know that the
        row is on disk and to keep the queue short.

        Args:
            row: A mapping of JSON values or the text of a JSON object, with ``task_id`` (or ``task_index``),
                ``outcome``, and where it is not 0, ``repeat``.

        Returns:
            The acknowledgement, resolved once the row and all before it are on the disk itself.

        Raises:
            StoreError: When the row lacks these, is too long, or its rollout already has a final row.
            DiskError: When an earlier row could not be written.
        """
        line, value = encode(row)
        task = task_of(value)
        if task is None:
            raise StoreError("Expected a rollout with a 'task_id' or a 'task_index', found one without.")
        name = value.get("task_id", task)
        if value.get("outcome") not in OUTCOMES:
            raise StoreError(
                f"Expected 'outcome' of task '{name}' to be one of {', '.join(OUTCOMES)}, "
                f"found {value.get('outcome')!r}."
            )
        if len(line) > self._limit:
            raise StoreError(
                f"The rollout of task '{name}' takes {len(line)} bytes, more than the {self._limit} allowed a row: "
                "open the store with a larger max_line_bytes, or limit what is recorded."
            )
        if self._progress.finished(value):
            raise StoreError(
                f"Task '{name}', repeat {repeat_of(value)} already has a final row in '{self.path}': "
                "give each task an index or an id of its own."
            )
        acknowledgement = self._journal.append(line)
        self._progress.add(value)
        return acknowledgement

    def write(self, row: Mapping[str, Any] | bytes) -> None:
        """Append a row from synchronous code; blocks only while more than 64 MiB wait for the disk.

        The row is on disk after the next :meth:`flush` or :meth:`close`, and as a rule within `commit_seconds`.

        Raises:
            StoreError: As :meth:`append`.
            DiskError: As :meth:`append`.
        """
        self._journal.make_room()
        self.append(row)

    def flush(self) -> None:
        """Block until every row so far is on disk.

        Raises:
            DiskError: When one could not be written.
        """
        self._journal.flush()

    def close(self) -> None:
        """Bring every row to disk, close the file and give its lock back. Closing twice does nothing.

        Raises:
            DiskError: When a row could not be written and no earlier call said so.
        """
        self._journal.close()

    def done(self, by: By = "task_id") -> set[Key]:
        """The rollouts, as (task, repeat), that have a completed or truncated row.

        Args:
            by: Whether tasks are named by ``task_id`` or by ``task_index``.
        """
        return self._progress.done(by)

    def failed(self, by: By = "task_id") -> dict[Key, int]:
        """The rollouts that have only failed rows, and how many attempts were made at each.

        That number is the largest of the rows and of their ``attempt``, which counts from 1.

        Args:
            by: Whether tasks are named by ``task_id`` or by ``task_index``.
        """
        return self._progress.failed(by)

    def given_up(self, max_attempts: int, by: By = "task_id") -> set[Key]:
        """The failed rollouts that are not worth another try.

        Args:
            max_attempts: How often a rollout may be tried in all. One whose last failure is marked
                ``"retryable": false`` is never tried again.
            by: Whether tasks are named by ``task_id`` or by ``task_index``.
        """
        return self._progress.given_up(max_attempts, by)

    def pending(
        self, keys: Iterable[Key], *, max_attempts: int = 3, by: By = "task_id"
    ) -> Iterator[tuple[Key, int]]:
        """Say what is left to run: rollouts without a row, and failed ones worth another try.

        Args:
            keys: Every rollout of the run, as (task, repeat).
            max_attempts: As in :meth:`given_up`.
            by: Whether `keys` name tasks by ``task_id`` or by ``task_index``.

        Yields:
            The rollout, and the number of attempts made before.
        """
        return self._progress.pending(keys, max_attempts, by)

    def __enter__(self) -> RolloutStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        try:
            self.close()
        except StoreError as second:
            if error is None:
                raise
            if second is not error:
                error.add_note(str(second))

    async def __aenter__(self) -> RolloutStore:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self.__exit__, kind, error, tb)


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(path.name + suffix)


def _lock(ops: FileOps, fd: int, path: Path) -> None:
    try:
        uninterrupted(ops.lock, fd)
    except BlockingIOError as error:
        raise StoreError(
            f"'{path}' is being written by another process: wait for it, or choose another -o."
        ) from error
    except OSError as error:
        raise DiskError.of(error, path, "Locking") from error


def _recover(path: Path, fd: int, ops: FileOps, progress: Progress, max_line_bytes: int) -> ReadReport:
    """Read the file, set bad bytes aside, and make its end fit for the next row."""
    with open(path, "rb") as stream:
        if stream.read(2) == b"\x1f\x8b":
            raise StoreError(f"'{path}' is compressed: unpack it before --resume.")
    shelf = Quarantine(_beside(path, ".corrupt"), source=path.name, ops=ops)
    reader = RowReader(path, sink=shelf, max_line_bytes=max_line_bytes)
    for _, row in reader:
        progress.add(row)
    # The bad bytes are safe in the other file by now: the reader has synced it at its end.
    terminated = reader.terminated
    if reader.bad_end > reader.kept_end:
        uninterrupted(ops.truncate, fd, reader.kept_end)
        terminated = reader.kept_terminated
    if not terminated:
        write_all(ops, fd, b"\n")
    uninterrupted(ops.fsync, fd)
    return reader.report


def _close_after(error: BaseException, ops: FileOps, fd: int) -> None:
    try:
        ops.close(fd)
    except OSError as second:
        error.add_note(str(second))
