"""Search text that a model wrote with a regular expression from a task, within a hard bound on time.

The engine of :mod:`re` backtracks: for patterns such as ``(a+)+$`` a short text keeps it busy for years, and neither
a thread nor a signal handler can stop it reliably. Other engines stop, but do not accept exactly the same matches.
So the search runs in one helper process a host process, with :mod:`re` itself, and the operating system ends that
process when a search has used up its processor time; the caller waits for as long. It is processor time, not time
on the clock: a loaded machine does not change a result. The helper starts at the first search, serves every later
one (well under 0.1 ms each), is replaced after it was ended, and goes away with its host.
"""

from __future__ import annotations

import atexit
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from typing import Literal

from llmgym.errors import InfrastructureError
from llmgym.verifiers import regex_worker

__all__ = ["CPU_SECONDS", "LastMatch", "close", "last_match"]

CPU_SECONDS = 0.5
"""Processor time, in seconds, that one search may use by default."""

_GRACE_SECONDS = 30.0
"""How much longer than its processor time a search may take on the clock before the machine is to blame."""


@dataclass(frozen=True, slots=True)
class LastMatch:
    """What a bounded search found.

    Attributes:
        status: ``found``; ``absent`` (no match); ``invalid_pattern``; ``too_slow`` (the processor time ran out);
            ``failed`` (the engine gave up, for example on a pattern that is nested too deeply).
        value: The only capture group of the last match, or the whole match if there is not exactly one group.
        captured: The first capture group of the last match that is more than blanks, or the whole match if none is.
        groups: Number of capture groups of the pattern.
        detail: More about a failure, for people.
    """

    status: Literal["found", "absent", "invalid_pattern", "too_slow", "failed"]
    value: str = ""
    captured: str = ""
    groups: int = 0
    detail: str = ""


def last_match(
    pattern: str,
    text: str,
    *,
    ignore_case: bool = True,
    flags: int | None = None,
    cpu_seconds: float = CPU_SECONDS,
) -> LastMatch:
    r"""Return the last of ``re.findall(pattern, text)``, or say within a bounded time why there is none.

    Args:
        pattern: A regular expression of :mod:`re`.
        text: The text to search: any string, of any length.
        ignore_case: Whether to search with ``re.IGNORECASE``.
        flags: Flags of :mod:`re` to search with, in place of ``ignore_case``.
        cpu_seconds: Processor time in seconds after which the search ends as ``too_slow``.

    Raises:
        InfrastructureError: When the helper process cannot be started, was ended by somebody else, or got no
            processor time for half a minute. Boundary ``sandbox``.

    Example:
        >>> last_match(r"option (\w)", "Option a or rather option b").value
        'b'
        >>> last_match(r"(a+)+$", "a" * 60 + "!", cpu_seconds=0.05).status
        'too_slow'
    """
    request = {
        "pattern": pattern,
        "text": text,
        "flags": int(re.IGNORECASE if ignore_case else 0) if flags is None else int(flags),
        "cpu_seconds": cpu_seconds,
    }
    reply = _worker.ask(json.dumps(request).encode() + b"\n", cpu_seconds + _GRACE_SECONDS)
    if reply is None:
        return LastMatch("too_slow", detail=f"more than {cpu_seconds:g} s of processor time")
    return LastMatch(**json.loads(reply))


def close() -> None:
    """End the helper process, if there is one; the next search starts another."""
    _worker.close()


class _Worker:
    """The helper process and the only conversation with it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def ask(self, request: bytes, seconds: float) -> bytes | None:
        """Return the reply to a request, or None when its processor time ran out."""
        with self._lock:
            code = 0
            # Twice, because a helper that was ended while it was idle is noticed only by its silence.
            for _ in range(2):
                process = self._process = self._process or _start()
                try:
                    reply = _exchange(process, request, time.monotonic() + seconds)
                except BaseException:
                    process.kill()
                    self._end(process)
                    raise
                if reply:
                    return reply
                code = self._end(process)
                if code == -signal.SIGPROF:
                    return None
        raise InfrastructureError(
            f"The helper process for regular expressions ended with status {code} during a search. "
            "Check that the machine has memory to spare.",
            boundary="sandbox",
        )

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            if self._process is not None:
                self._process.kill()
                self._end(self._process)

    def forget(self) -> None:
        """Leave the process to the parent, after a fork."""
        self._lock = threading.Lock()
        if self._process is not None:
            # Not our child: without a return code, Popen would warn that it is still running.
            self._process.returncode = 0
            _close_pipes(self._process)
            self._process = None

    def _end(self, process: subprocess.Popen[bytes]) -> int:
        self._process = None
        _close_pipes(process)
        return process.wait()


def _start() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-I", "-S", "-W", "ignore", regex_worker.__file__]
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
            f"The helper process for regular expressions could not be started: {error}.", boundary="sandbox"
        ) from error
    assert process.stdin is not None
    os.set_blocking(process.stdin.fileno(), False)
    return process


def _exchange(process: subprocess.Popen[bytes], request: bytes, deadline: float) -> bytes:
    """Send a line and return the line that comes back, or nothing when the process ended instead."""
    assert process.stdin is not None and process.stdout is not None
    source, sink = process.stdout.fileno(), process.stdin.fileno()
    poll = select.poll()
    poll.register(source, select.POLLIN)
    poll.register(sink, select.POLLOUT)
    unsent, reply = memoryview(request), bytearray()
    while True:
        ready = dict(poll.poll(max(0.0, deadline - time.monotonic()) * 1000))
        if not ready:
            raise InfrastructureError(
                "The helper process for regular expressions got no processor time for half a minute. "
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


def _close_pipes(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            pipe.close()


_worker = _Worker()
atexit.register(close)
os.register_at_fork(after_in_child=_worker.forget)
