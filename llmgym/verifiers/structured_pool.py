"""Processes that grade structured outputs: as many as there are processors, each ended when a grading takes too long.

Parsers and validators are Python or C code that nothing can interrupt from within, and a large YAML text keeps them
busy for seconds. So the operating system ends a process that has used up its processor time; it is processor time,
not time on the clock, so a loaded machine does not change a verdict. Processes start when they are first needed,
serve one grading after another, and go away with their host.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any

from llmgym.errors import DependencyMissing, InfrastructureError
from llmgym.verifiers import structured_worker

__all__ = ["CPU_SECONDS", "close", "grade"]

CPU_SECONDS = 10.0
"""Processor time, in seconds, that one grading may use."""


def grade(request: bytes) -> dict[str, Any] | None:
    """Have one request graded.

    Args:
        request: A line for :mod:`llmgym.verifiers.structured_worker`.

    Returns:
        The verdict as a dictionary; ``None`` when the processor time ran out.

    Raises:
        InfrastructureError: When no process can be started, or one was ended by somebody else, twice.
        DependencyMissing: When the grader needs a package that is not installed.
    """
    reply = _pool.ask(request)
    if reply is None:
        return None
    told = json.loads(reply)
    if "missing" in told:
        raise DependencyMissing(*told["missing"])
    return told["verdict"]


def close() -> None:
    """End all processes; the next grading starts others."""
    _pool.close()


class _Pool:
    def __init__(self) -> None:
        self._start_over()

    def _start_over(self) -> None:
        self._lock = threading.Lock()
        self._places = threading.Semaphore(os.cpu_count() or 1)
        self._idle: list[subprocess.Popen[bytes]] = []

    def ask(self, request: bytes) -> bytes | None:
        """Return the reply to a request, or None when its processor time ran out."""
        with self._places:
            code = 0
            # Twice, because a process that was ended while it was idle is noticed only by its silence.
            for _ in range(2):
                with self._lock:
                    process = self._idle.pop() if self._idle else None
                process = process or _start()
                try:
                    reply = _exchange(process, request)
                except BaseException:
                    process.kill()
                    _end(process)
                    raise
                if reply:
                    with self._lock:
                        self._idle.append(process)
                    return reply
                code = _end(process)
                if code == -signal.SIGPROF:
                    return None
        raise InfrastructureError(
            f"A process that grades structured outputs ended with status {code}. "
            "Check that the machine has memory to spare.",
            boundary="sandbox",
        )

    def close(self) -> None:
        """End the processes that are idle; one at work ends when its host does."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.kill()
            _end(process)

    def forget(self) -> None:
        """Leave the processes to the parent, after a fork."""
        for process in self._idle:
            # Not our child: without a return code, Popen would warn that it is still running.
            process.returncode = 0
            _close_pipes(process)
        self._start_over()


def _start() -> subprocess.Popen[bytes]:
    # Without -P the folder of the program, which has a math.py, would come first on the path.
    command = [sys.executable, "-P", "-s", "-W", "ignore", structured_worker.__file__, str(CPU_SECONDS)]
    try:
        # A session of its own: an interrupt typed at the terminal is for the host to handle.
        return subprocess.Popen(
            [*command, json.dumps([str(entry) for entry in sys.path])],
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
            start_new_session=True,
        )
    except OSError as error:
        raise InfrastructureError(
            f"A process that grades structured outputs could not be started: {error}.", boundary="sandbox"
        ) from error


def _exchange(process: subprocess.Popen[bytes], request: bytes) -> bytes:
    """Send a line and return the line that comes back, or nothing when the process ended instead."""
    assert process.stdin is not None and process.stdout is not None
    unsent, reply = memoryview(request), bytearray()
    try:
        while unsent:
            unsent = unsent[process.stdin.write(unsent) or 0 :]
    except BrokenPipeError:
        return b""
    while not reply.endswith(b"\n"):
        chunk = process.stdout.read(1 << 16)
        if not chunk:
            return b""
        reply += chunk
    return bytes(reply)


def _end(process: subprocess.Popen[bytes]) -> int:
    _close_pipes(process)
    return process.wait()


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


_pool = _Pool()
atexit.register(close)
os.register_at_fork(after_in_child=_pool.forget)
