"""Worker processes for math-verify: warm, bounded in number, and killed at the deadline of a job.

Symbolic mathematics can take for ever inside C code, where no thread, signal handler or cancellation reaches it, so
each job runs in a process of its own right. The processes are forked from one that has math-verify loaded
(:mod:`llmgym.verifiers.math_worker`), which takes milliseconds, serve one job after another, and are replaced when
they had to be killed. The caller's event loop talks to them directly: nothing polls, nothing blocks, and no thread
is kept. Any number of loops and threads may use the pool at once.

When the host ends, is killed, or closes the pool, every worker ends within moments, whatever it is doing.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import threading
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from llmgym.errors import InfrastructureError
from llmgym.verifiers.math_processes import Nursery, Worker, exchange

__all__ = ["Job", "Outcome", "close", "run"]

_START_SECONDS = 120.0
"""How long a worker may take to appear; only the first has to wait for math-verify to load."""

_MOST_JOBS = 2000
"""How many jobs a worker does before it is replaced: math-verify's parser remembers, and so grows."""


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to grade.

    Attributes:
        gold: The right answer, in a box.
        text: All that the model said.
        strict: Refuse false equations between numbers.
        seconds: How long it may take, in seconds on the clock.
    """

    gold: str
    text: str
    strict: bool = False
    seconds: float = 10.0


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a job.

    Attributes:
        status: ``done``; ``timeout`` (the worker was killed); ``crash`` (the worker died, twice).
        score: The score of a job that was done.
        answer: The answer that was extracted, if any.
        reason: Why the score is 0; empty otherwise.
    """

    status: Literal["done", "timeout", "crash"]
    score: float = 0.0
    answer: str | None = None
    reason: str = ""


async def run(job: Job, *, limit: int) -> Outcome:
    """Run a job in a worker.

    Args:
        job: What to grade. Its time begins when a worker has it, not while it waits for one.
        limit: Most jobs at a time; there are never more than this process may use processors.

    Returns:
        What became of it.

    Raises:
        InfrastructureError: When no worker can be started. Boundary ``sandbox``.
    """
    return await _pool.run(job, max(1, min(limit, _processors())))


def close() -> None:
    """End all workers. The next job starts new ones."""
    _pool.close()


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(slots=True, eq=False)
class _Waiting:
    limit: int
    loop: asyncio.AbstractEventLoop
    granted: asyncio.Future[None] = field(init=False)

    def __post_init__(self) -> None:
        self.granted = self.loop.create_future()

    def grant(self) -> None:
        if not self.granted.done():
            self.granted.set_result(None)


class _Pool:
    """All workers of this process."""

    def __init__(self) -> None:
        self._over = False
        self._reset()

    def _reset(self) -> None:
        # Reentrant, because a job whose loop was closed is given up by the garbage collector, at any moment.
        self._lock = threading.RLock()
        self._nursery: Nursery | None = None
        self._idle: list[Worker] = []
        # All of them, at work or not: a job that is never finished, because its loop was closed, must not be the
        # only one that knows its worker.
        self._workers: set[Worker] = set()
        self._waiting: deque[_Waiting] = deque()
        self._busy = 0

    async def run(self, job: Job, limit: int) -> Outcome:
        request = {"gold": job.gold, "text": job.text, "strict": job.strict, "seconds": job.seconds}
        line = json.dumps(request).encode() + b"\n"
        await self._take_place(limit)
        try:
            # Twice, because a worker may also be killed by somebody else, such as a machine short of memory.
            for _ in range(2):
                reply = await self._ask(line, job.seconds)
                if reply is None:
                    return Outcome("timeout", reason="timeout")
                if reply:
                    return Outcome("done", **json.loads(reply))
            return Outcome("crash", reason="crash")
        finally:
            self._leave_place()

    async def _ask(self, line: bytes, seconds: float) -> bytes | None:
        """Return a worker's reply; nothing when it died, and None when it was too slow."""
        worker = await self._worker()
        reply: bytes | None = None
        try:
            reply = await exchange(worker.socket, line, seconds)
        finally:
            worker.jobs += 1
            with self._lock:
                keep = bool(reply) and worker.nursery is self._nursery and worker.jobs < _MOST_JOBS
                if keep:
                    self._idle.append(worker)
            if not keep:
                self._discard(worker)
        return reply

    async def _worker(self) -> Worker:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if not worker.dead:
                    return worker
                self._discard(worker)
        failure = ""
        # Twice, because a nursery that was killed while nobody asked is noticed only by its silence.
        for _ in range(2):
            with self._lock:
                if self._over:
                    break
                nursery = self._nursery = self._nursery or Nursery()
            worker = Worker(nursery, nursery.fork())
            self._workers.add(worker)
            try:
                hello = await exchange(worker.socket, b"", _START_SECONDS)
            except BaseException:
                self._discard(worker)
                raise
            if hello:
                worker.pid = int(json.loads(hello)["pid"])
                return worker
            self._discard(worker)
            failure = self._end(nursery) or failure
        raise InfrastructureError(
            f"No process for math-verify could be started: {failure or 'this program is ending'}.",
            boundary="sandbox",
            retryable=False,
        )

    def _discard(self, worker: Worker) -> None:
        self._workers.discard(worker)
        worker.kill()

    def _end(self, nursery: Nursery) -> str:
        """Give up on a nursery, and return why, unless another job has done so already."""
        with self._lock:
            if nursery is not self._nursery:
                return ""
            self._nursery = None
            idle, self._idle = self._idle, []
        said = nursery.failure()
        for worker in idle:
            self._discard(worker)
        nursery.end()
        return said or f"it ended with status {nursery.process.returncode}"

    async def _take_place(self, limit: int) -> None:
        """Wait until fewer jobs than the limit run, first come, first served."""
        with self._lock:
            if self._busy < limit and not self._waiting:
                self._busy += 1
                return
            mine = _Waiting(limit, asyncio.get_running_loop())
            self._waiting.append(mine)
        try:
            await mine.granted
        except BaseException:
            with self._lock:
                waits = mine in self._waiting
                if waits:
                    self._waiting.remove(mine)
            if waits:
                self._call_next()
            else:
                self._leave_place()
            raise

    def _leave_place(self) -> None:
        with self._lock:
            self._busy -= 1
        self._call_next()

    def _call_next(self) -> None:
        while True:
            with self._lock:
                if not self._waiting or self._busy >= self._waiting[0].limit:
                    return
                first = self._waiting.popleft()
                self._busy += 1
            try:
                first.loop.call_soon_threadsafe(first.grant)
            except RuntimeError:
                # Its loop was closed while it waited: nobody is there to take the place.
                with self._lock:
                    self._busy -= 1

    def close(self, for_good: bool = False) -> None:
        with self._lock:
            self._over = for_good
            nursery, self._nursery = self._nursery, None
            idle, self._idle = self._idle, []
        for worker in idle:
            self._discard(worker)
        if nursery is not None:
            nursery.end()

    def forget(self) -> None:
        """Leave everything to the parent, after a fork."""
        if self._nursery is not None:
            self._nursery.forget()
        for worker in self._workers:
            worker.socket.close()
        self._reset()


_pool = _Pool()
atexit.register(_pool.close, for_good=True)
os.register_at_fork(after_in_child=_pool.forget)
