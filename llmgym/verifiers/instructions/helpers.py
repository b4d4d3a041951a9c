"""Helper processes that make the checks which may take long, each within a hard bound on processor time.

It is processor time, not time on the clock: a loaded machine does not change a verdict. A helper starts when the
first such check is made, serves every later one, is replaced after it was ended, and goes away with its host. As
many run as checks are made at once, up to :data:`MOST_HELPERS`.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from typing import Any

from llmgym.errors import InfrastructureError

__all__ = ["MOST_HELPERS", "ask", "close"]

MOST_HELPERS = max(1, min(4, os.cpu_count() or 1))
"""Most helper processes at a time."""

_GRACE_SECONDS = 60.0
"""How much longer than its processor time a check may take on the clock before the machine is to blame."""

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from llmgym.verifiers.instructions.helper import main; main()"
)


def ask(request: dict[str, Any], cpu_seconds: float) -> dict[str, Any] | None:
    """Have a check made.

    Args:
        request: What :func:`llmgym.verifiers.instructions.helper.answer` takes, without ``cpu_seconds``.
        cpu_seconds: Processor time in seconds that the check may use.

    Returns:
        The reply, or ``None`` when the processor time ran out.

    Raises:
        InfrastructureError: When a helper cannot be started, was ended by somebody else, or got no processor time
            for a minute. Boundary ``sandbox``.
    """
    line = json.dumps({**request, "cpu_seconds": cpu_seconds}).encode() + b"\n"
    reply = _helpers.ask(line, cpu_seconds + _GRACE_SECONDS)
    return None if reply is None else json.loads(reply)


def close() -> None:
    """End the idle helper processes; the next check starts another."""
    _helpers.close()


class _Helpers:
    """The helper processes, and who talks to which."""

    def __init__(self) -> None:
        self._idle: list[subprocess.Popen[bytes]] = []
        self._renew()

    def _renew(self) -> None:
        self._free = threading.BoundedSemaphore(MOST_HELPERS)
        self._lock = threading.Lock()

    def ask(self, line: bytes, seconds: float) -> bytes | None:
        """Return the reply to a request, or None when its processor time ran out."""
        with self._free:
            code = 0
            # Twice, because a helper that was ended while it was idle is noticed only by its silence.
            for _ in range(2):
                process = self._take()
                try:
                    reply = _exchange(process, line, time.monotonic() + seconds)
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
            f"The helper process for instructions ended with status {code} during a check. "
            "Check that the machine has memory to spare.",
            boundary="sandbox",
        )

    def close(self) -> None:
        """End the idle processes."""
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
        self._idle = []
        self._renew()

    def _take(self) -> subprocess.Popen[bytes]:
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return _start()


def _start() -> subprocess.Popen[bytes]:
    path = [os.path.abspath(entry) for entry in sys.path]
    command = [sys.executable, "-W", "ignore", "-c", _PROGRAM, json.dumps(path)]
    try:
        # A session of its own: an interrupt typed at the terminal is for the host to handle.
        process = subprocess.Popen(
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise InfrastructureError(
            f"The helper process for instructions could not be started: {error}.", boundary="sandbox"
        ) from error
    assert process.stdin is not None
    os.set_blocking(process.stdin.fileno(), False)
    return process


def _exchange(process: subprocess.Popen[bytes], line: bytes, deadline: float) -> bytes:
    """Send a line and return the line that comes back, or nothing when the process ended instead."""
    assert process.stdin is not None and process.stdout is not None
    source, sink = process.stdout.fileno(), process.stdin.fileno()
    poll = select.poll()
    poll.register(source, select.POLLIN)
    poll.register(sink, select.POLLOUT)
    unsent, reply = memoryview(line), bytearray()
    while True:
        ready = dict(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))
        if not ready:
            raise InfrastructureError(
                "The helper process for instructions got no processor time for a minute. "
                "Run fewer things at once on this machine.",
                boundary="sandbox",
            )
        if source in ready:
            chunk = os.read(source, 1 << 16)
            if not chunk:
                return b""
            reply += chunk
            if reply.endswith(b"\n"):
                return bytes(reply)
        elif sink in ready:
            try:
                unsent = unsent[os.write(sink, unsent) :]
            except BrokenPipeError:
                return b""
            if not unsent:
                poll.unregister(sink)


def _end(process: subprocess.Popen[bytes]) -> int:
    _close_pipes(process)
    return process.wait()


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


_helpers = _Helpers()
atexit.register(close)
os.register_at_fork(after_in_child=_helpers.forget)
