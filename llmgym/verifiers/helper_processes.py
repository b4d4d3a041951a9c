"""Helper processes that do work which nothing can interrupt from within: one request at a time each, ended in time.

A request is a line and so is its reply. A helper sets itself a limit of processor time for each request, and the
operating system ends it when that is used up. It is processor time, not time on the clock: a loaded machine does not
change a verdict. Helpers start when they are first needed, serve one request after another, are replaced after they
were ended, and go away with their host.
"""

from __future__ import annotations

import atexit
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence

from llmgym.errors import InfrastructureError

__all__ = ["HelperPool"]


class HelperPool:
    """Helper processes of one kind, at most so many at a time.

    Args:
        what: What they are for, for messages: "The helper process for ...".
        command: Returns the command that starts one.
        most: Most of them at a time; further callers wait.
        environment: Returns their environment variables; by default those of the host.
    """

    def __init__(
        self,
        what: str,
        command: Callable[[], Sequence[str]],
        most: int,
        environment: Callable[[], Mapping[str, str]] | None = None,
    ):
        self._what, self._command, self._most, self._environment = what, command, most, environment
        self._idle: list[subprocess.Popen[bytes]] = []
        self._renew()
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._forget)

    def ask(self, line: bytes, seconds: float) -> bytes | None:
        """Return the reply to a request, or ``None`` when its processor time ran out.

        Args:
            line: The request, with its newline.
            seconds: Longest wait on the clock, well above the processor time that the helper sets itself.

        Raises:
            InfrastructureError: When a helper cannot be started, was ended by somebody else, or got no processor
                time. Boundary ``sandbox``.
        """
        with self._free:
            code = 0
            # Twice, because a helper that was ended while it was idle is noticed only by its silence.
            for _ in range(2):
                with self._lock:
                    process = self._idle.pop() if self._idle else None
                process = process or self._start()
                try:
                    reply = self._exchange(process, line, time.monotonic() + seconds)
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
        raise self._failure(
            f"ended with status {code} at its work. Check that the machine has memory to spare"
        )

    def close(self) -> None:
        """End the idle helpers; the next request starts another."""
        with self._lock:
            idle, self._idle = self._idle, []
        for process in idle:
            process.kill()
            _end(process)

    def _renew(self) -> None:
        self._free = threading.BoundedSemaphore(self._most)
        self._lock = threading.Lock()

    def _forget(self) -> None:
        """Leave the helpers to the parent, after a fork."""
        for process in self._idle:
            # Not our child: without a return code, Popen would warn that it is still running.
            process.returncode = 0
            _close_pipes(process)
        self._idle = []
        self._renew()

    def _failure(self, text: str) -> InfrastructureError:
        return InfrastructureError(f"The helper process for {self._what} {text}.", boundary="sandbox")

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            # A session of its own: an interrupt typed at the terminal is for the host to handle.
            process = subprocess.Popen(
                list(self._command()),
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=None if self._environment is None else dict(self._environment()),
                start_new_session=True,
            )
        except OSError as error:
            raise self._failure(f"could not be started: {error}") from error
        assert process.stdin is not None
        os.set_blocking(process.stdin.fileno(), False)
        return process

    def _exchange(self, process: subprocess.Popen[bytes], line: bytes, deadline: float) -> bytes:
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
                raise self._failure("got no processor time in time. Run fewer things at once on this machine")
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
