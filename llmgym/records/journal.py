"""Appending lines to a file so that an acknowledged line is never lost and no line is ever half there."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import time
from collections import deque
from collections.abc import Generator
from concurrent.futures import Future
from pathlib import Path
from weakref import WeakSet

from llmgym.errors import StoreError
from llmgym.records.fileops import DiskError, FileOps, uninterrupted, write_all

__all__ = ["Acknowledgement", "Journal"]

MAX_WAITING_BYTES = 64 * 1024 * 1024
"""How many bytes of lines may wait for the disk before a synchronous writer has to wait too."""

_open_journals: WeakSet[Journal] = WeakSet()


class Acknowledgement:
    """The promise that a line, and every line before it, is on the disk itself.

    Await it, or call :meth:`wait`, or leave it: a failure that nobody waited for is raised by the next call on the
    store. Cancelling a task that awaits it does not take the line back.
    """

    __slots__ = ("_future",)

    def __init__(self) -> None:
        self._future: Future[None] = Future()
        self._future.set_running_or_notify_cancel()

    @property
    def done(self) -> bool:
        """Whether the line is on disk, or has failed."""
        return self._future.done()

    def wait(self, timeout: float | None = None) -> None:
        """Block until the line is on disk.

        Args:
            timeout: Longest wait in seconds; None for no limit.

        Raises:
            DiskError: When it could not be written.
            TimeoutError: When it took longer.
        """
        self._future.result(timeout)

    def __await__(self) -> Generator[object, None, None]:
        return asyncio.wrap_future(self._future).__await__()


class Journal:
    """A file that lines are appended to by a thread of its own.

    The thread takes the lines in the order of the calls. Each is handed to the system in one call as soon as it
    comes, so it outlives a killed process from then on. After `commit_rows` lines or `commit_seconds`, whichever
    comes first, the file is synced, and the lines so far are acknowledged: those outlive a power loss.

    The first refusal of the disk is the last thing that happens: what was written before is synced and
    acknowledged, the half line is cut off (or, where that fails too, left for the next opening to set aside), and
    every later call raises. Nothing is tried again after a failed sync, because the system may then have forgotten
    what was not written.

    Args:
        path: The file, for error messages.
        fd: An open, locked descriptor in append mode. It is closed at the end.
        ops: The file operations.
        commit_rows: Lines after which the file is synced.
        commit_seconds: Seconds after which it is synced.
    """

    def __init__(
        self, path: Path, fd: int, ops: FileOps, *, commit_rows: int = 64, commit_seconds: float = 0.05
    ):
        self.path = path
        self._fd, self._ops = fd, ops
        self._commit_rows, self._commit_seconds = commit_rows, commit_seconds
        self._changed = threading.Condition()
        self._queue: deque[tuple[bytes, Acknowledgement]] = deque()
        self._waiting_bytes = 0
        self._last: Acknowledgement | None = None
        self._hurry = self._closing = self._closed = False
        self._error: BaseException | None = None
        self._told = False
        self._size = ops.size(fd)
        self._pid = os.getpid()
        self._thread: threading.Thread | None = None
        _open_journals.add(self)
        atexit.register(self.close)

    def append(self, line: bytes) -> Acknowledgement:
        """Put a line in the queue; never blocks.

        Args:
            line: The line without its line feed.

        Raises:
            StoreError: When the journal is closed, or belongs to a parent process.
            DiskError: When an earlier line could not be written.
        """
        acknowledgement = Acknowledgement()
        with self._changed:
            self._check()
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name=f"llmgym-journal-{self._fd}", daemon=True
                )
                self._thread.start()
            self._queue.append((line + b"\n", acknowledgement))
            self._waiting_bytes += len(line)
            self._last = acknowledgement
            self._changed.notify_all()
        return acknowledgement

    def make_room(self) -> None:
        """Block while too many bytes wait for the disk."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting_bytes < MAX_WAITING_BYTES or self._error is not None)

    def flush(self) -> None:
        """Block until every line so far is on disk.

        Raises:
            StoreError: When the journal is closed, or belongs to a parent process.
            DiskError: When a line could not be written.
        """
        with self._changed:
            self._check()
            last, self._hurry = self._last, True
            self._changed.notify_all()
        if last is not None:
            try:
                last.wait()
            except BaseException as error:
                self._told = self._told or error is self._error
                raise

    def close(self) -> None:
        """Write and sync what waits, close the file and give its lock back. Closing twice does nothing.

        Raises:
            DiskError: When a line could not be written and no earlier call said so.
        """
        with self._changed:
            if self._closed or self._pid != os.getpid():
                return
            self._closed = self._closing = True
            self._changed.notify_all()
        atexit.unregister(self.close)
        _open_journals.discard(self)
        try:
            if self._thread is not None:
                self._thread.join()
        finally:
            try:
                self._ops.close(self._fd)
            except OSError as error:
                self._error = self._error or DiskError.of(error, self.path, "Closing")
        if self._error is not None and not self._told:
            raise self._error

    def _check(self) -> None:
        if self._pid != os.getpid():
            raise StoreError(
                f"'{self.path}' was opened before this process was forked: write to it in the parent."
            )
        if self._error is not None:
            self._told = True
            raise self._error
        if self._closed:
            raise StoreError(f"'{self.path}' is closed: open it again with --resume to add rows.")

    def _run(self) -> None:
        written: list[Acknowledgement] = []
        current: Acknowledgement | None = None
        try:
            deadline = 0.0
            while (item := self._next(written, deadline)) is not None:
                line, current = item
                if line:
                    if not written:
                        deadline = time.monotonic() + self._commit_seconds
                    self._write(line, written)
                    written.append(current)
                    current = None
                if not line or len(written) >= self._commit_rows or time.monotonic() >= deadline:
                    self._sync()
                    _resolve(written)
        except BaseException as error:
            self._fail(error, [*written, *([current] if current else [])])

    def _next(self, written: list[Acknowledgement], deadline: float) -> tuple[bytes, Acknowledgement] | None:
        """Wait for a line. An empty one asks for a sync; None says that all is done."""
        with self._changed:
            while True:
                if self._queue:
                    line, acknowledgement = self._queue.popleft()
                    self._waiting_bytes -= len(line) - 1
                    self._changed.notify_all()
                    return line, acknowledgement
                if not written:
                    self._hurry = False
                    if self._closing:
                        return None
                    self._changed.wait()
                    continue
                left = deadline - time.monotonic()
                if left <= 0 or self._hurry or self._closing:
                    return b"", Acknowledgement()
                self._changed.wait(left)

    def _write(self, line: bytes, written: list[Acknowledgement]) -> None:
        try:
            write_all(self._ops, self._fd, line)
        except OSError as error:
            failure = DiskError.of(error, self.path, "Writing to")
            try:
                if self._ops.size(self._fd) != self._size:
                    uninterrupted(self._ops.truncate, self._fd, self._size)
                if written:
                    self._sync()
                    _resolve(written)
            except OSError as second:
                failure.add_note(f"Tidying up failed too ({second}): the next opening sets half a row aside.")
            raise failure from error
        self._size += len(line)

    def _sync(self) -> None:
        try:
            uninterrupted(self._ops.fsync, self._fd)
        except OSError as error:
            raise DiskError.of(error, self.path, "Syncing") from error

    def _fail(self, error: BaseException, unfinished: list[Acknowledgement]) -> None:
        with self._changed:
            self._error = error
            unfinished += [acknowledgement for _, acknowledgement in self._queue]
            self._queue.clear()
            self._waiting_bytes = 0
            self._changed.notify_all()
        for acknowledgement in unfinished:
            acknowledgement._future.set_exception(error)

    def _abandon(self) -> None:
        """In a forked child: let go of the lock, which would otherwise live on with the child."""
        os.close(self._fd)


def _resolve(written: list[Acknowledgement]) -> None:
    for acknowledgement in written:
        acknowledgement._future.set_result(None)
    written.clear()


def _abandon_all() -> None:
    for journal in list(_open_journals):
        journal._abandon()
    _open_journals.clear()


os.register_at_fork(after_in_child=_abandon_all)
