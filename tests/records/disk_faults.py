"""File operations that stop, fail or are recorded, and the states a power loss can leave behind."""

from __future__ import annotations

import contextlib
import os
import random
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from llmgym.records import RolloutStore
from llmgym.records.fileops import FileOps

IDENTITY = {"env": "llmgym/Test-v0", "policy": {"model": "m"}}


def row(number: int, **more: Any) -> dict[str, Any]:
    return {
        "task_id": f"task-{number}",
        "repeat": number % 2,
        "outcome": "completed",
        "reward": number / 7,
        "messages": [{"role": "assistant", "content": f'say "{{{number}}}" \\ [é]\n' * (number % 3)}],
        **more,
    }


def key(number: int) -> tuple[str, int]:
    return f"task-{number}", number % 2


class Killed(BaseException):
    """The process died here."""


class FastOps(FileOps):
    """Without syncing, for tests that do not cut the power."""

    def fsync(self, fd: int) -> None:
        pass


class StoppedOps(FastOps):
    """Dies at the n-th operation: before it, after it, or in the middle of a write."""

    def __init__(self, stop_at: int = -1, how: str = "before"):
        self.count, self.stop_at, self.how = 0, stop_at, how
        self.dead = False
        self.names: list[str] = []
        self._fds: set[int] = set()

    def _do(self, name: str, call: Any, *args: Any) -> Any:
        if self.dead:
            raise Killed
        self.names.append(name)
        self.count += 1
        if self.count - 1 != self.stop_at:
            return call(*args)
        if self.how == "after":
            self._remember(name, args, call(*args))
        elif self.how == "halfway" and name == "write":
            call(args[0], args[1][: len(args[1]) // 2])
        self.dead = True
        raise Killed

    def _remember(self, name: str, args: Any, result: Any) -> None:
        if name == "open":
            self._fds.add(result)
        elif name == "close":
            self._fds.discard(args[0])

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        fd = self._do("open", super().open, path, flags, mode)
        self._fds.add(fd)
        return fd

    def close(self, fd: int) -> None:
        self._do("close", super().close, fd)
        self._fds.discard(fd)

    def write(self, fd: int, data: bytes | memoryview) -> int:
        return self._do("write", super().write, fd, data)

    def fsync(self, fd: int) -> None:
        self._do("fsync", super().fsync, fd)

    def truncate(self, fd: int, size: int) -> None:
        self._do("truncate", super().truncate, fd, size)

    def rename(self, source: str, target: str) -> None:
        self._do("rename", super().rename, source, target)

    def lock(self, fd: int) -> None:
        self._do("lock", super().lock, fd)

    def size(self, fd: int) -> int:
        return self._do("size", super().size, fd)

    def bury(self) -> None:
        """Close what the dead process had open, as the system does."""
        for fd in self._fds:
            os.close(fd)
        self._fds.clear()


class FailingOps(StoppedOps):
    """Answers the n-th operation, and those after it if `lasting`, with an error of the system."""

    def __init__(self, fail_at: int, number: int, *, lasting: bool = False, half: bool = False):
        super().__init__()
        self.fail_at, self.number, self.lasting, self.half = fail_at, number, lasting, half

    def _do(self, name: str, call: Any, *args: Any) -> Any:
        self.names.append(name)
        at, self.count = self.count, self.count + 1
        if at == self.fail_at or (self.lasting and at > self.fail_at and name != "close"):
            if self.half and name == "write" and at == self.fail_at:
                self.fail_at += 1
                return call(args[0], args[1][: (len(args[1]) + 1) // 2])
            if name == "close":
                call(*args)
                self._fds.discard(args[0])
            raise OSError(self.number, os.strerror(self.number))
        return call(*args)


@dataclass
class Inode:
    durable: bytes = b""
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def content(self, rng: random.Random | None = None) -> bytes:
        """What is in the file: everything, or after a power loss what the dice say."""
        data = bytearray(self.durable)
        for at, written in self.pending:
            if written is None:
                if rng is None or rng.random() < 0.5:
                    del data[at:]
                    data.extend(bytes(at - len(data)))
                continue
            fate = "kept" if rng is None else rng.choice(["kept", "dropped", "torn", "zeros"])
            if fate == "dropped":
                continue
            end = at + len(written)
            if fate == "torn" and rng is not None:
                written = written[: rng.randrange(len(written) + 1)]
                end = at + len(written)
            data.extend(bytes(max(0, end - len(data))))
            if fate != "zeros":
                data[at:end] = written
        return bytes(data)


class RecordingOps(StoppedOps):
    """Does everything for real and writes down what a disk would have to remember."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[tuple[Any, ...]] = []
        self._paths: dict[int, str] = {}

    def open(self, path: str, flags: int, mode: int = 0o666) -> int:
        fresh = not os.path.exists(path)
        fd = super().open(path, flags, mode)
        self._paths[fd] = path
        if fresh:
            self.log.append(("create", path))
        elif flags & os.O_TRUNC:
            self.log.append(("truncate", path, 0))
        return fd

    def write(self, fd: int, data: bytes | memoryview) -> int:
        taken = super().write(fd, data)
        self.log.append(("write", self._paths[fd], bytes(data[:taken])))
        return taken

    def fsync(self, fd: int) -> None:
        super().fsync(fd)
        path = self._paths[fd]
        self.log.append(("sync folder" if os.path.isdir(path) else "sync", path))

    def truncate(self, fd: int, size: int) -> None:
        super().truncate(fd, size)
        self.log.append(("truncate", self._paths[fd], size))

    def rename(self, source: str, target: str) -> None:
        super().rename(source, target)
        self.log.append(("rename", source, target))


def crash_state(
    log: list[tuple[Any, ...]], start: dict[str, bytes], rng: random.Random
) -> tuple[dict[str, bytes], set[int]]:
    """Cut the power at the end of a log: the files that may be found, and the rows that had been acknowledged.

    Every operation that was not synced may be lost, kept, kept in part or leave zeros, each on its own, and names
    may be lost or kept apart from contents.
    """
    now = {path: Inode(data) for path, data in start.items()}
    disk = dict(now)
    names: list[tuple[str, str, Inode]] = []
    acknowledged: set[int] = set()
    for what, *args in log:
        if what == "create":
            now[args[0]] = Inode()
            names.append(("", args[0], now[args[0]]))
        elif what == "write":
            now[args[0]].pending.append((len(now[args[0]].content()), args[1]))
        elif what == "truncate":
            now[args[0]].pending.append((args[1], None))
        elif what == "sync":
            now[args[0]].durable, now[args[0]].pending = now[args[0]].content(), []
        elif what == "rename":
            now[args[1]] = now.pop(args[0])
            names.append((args[0], args[1], now[args[1]]))
        elif what == "sync folder":
            disk, names = dict(now), []
        elif what == "acknowledged":
            acknowledged.add(args[0])
    for old, new, inode in names:
        if rng.random() < 0.5:
            disk[new] = inode
            if disk.get(old) is inode:
                del disk[old]
    return {path: inode.content(rng) for path, inode in disk.items()}, acknowledged


def run_to_end(
    path: Path, total: int, ops: FileOps | None = None, acknowledged: set[int] | None = None
) -> None:
    """Make what is left of a run of `total` rows, acknowledging two at a time."""
    heard = set() if acknowledged is None else acknowledged
    store = RolloutStore.open(path, identity=IDENTITY, resume=True, ops=ops or FastOps())
    try:
        left = [number for number in range(total) if key(number) not in store.done()]
        for at in range(0, len(left), 2):
            for number in left[at : at + 2]:
                store.write(row(number))
            store.flush()
            heard.update(left[at : at + 2])
            if isinstance(ops, RecordingOps):
                ops.log += [("acknowledged", number) for number in left[at : at + 2]]
    except BaseException:
        with contextlib.suppress(BaseException):
            store.close()
        raise
    store.close()
