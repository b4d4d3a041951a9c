"""The processes behind the math verifier, and the conversation with one of them.

A :class:`Nursery` is a process that has math-verify loaded and forks workers; a :class:`Worker` is one of these, known
by a socket. :func:`exchange` talks to it on the caller's event loop, without a thread.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from dataclasses import dataclass

from llmgym.errors import InfrastructureError
from llmgym.verifiers import math_worker

__all__ = ["Nursery", "Worker", "exchange"]

_END_SECONDS = 2.0


class Nursery:
    """The process that forks workers.

    Attributes:
        process: The process.
        control: The socket on which it is told what to do; it and all workers end when that is closed.

    Raises:
        InfrastructureError: When it cannot be started. Boundary ``sandbox``.
    """

    def __init__(self) -> None:
        mine, its = socket.socketpair()
        with its:
            # Without -P the folder of the program, which has a math.py, would come first on the path. A fixed hash
            # seed, because the order of a set must not decide between two ways of writing an answer.
            command = [sys.executable, "-P", "-s", "-W", "ignore", math_worker.__file__, str(its.fileno())]
            ours = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
            try:
                # A session of its own: an interrupt typed at the terminal is for the host to handle.
                self.process = subprocess.Popen(
                    [*command, json.dumps([str(entry) for entry in sys.path])],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    pass_fds=[its.fileno()],
                    env={**ours, "PYTHONHASHSEED": "0"},
                    start_new_session=True,
                )
            except OSError as error:
                mine.close()
                raise InfrastructureError(
                    f"The process for math-verify could not be started: {error}.", boundary="sandbox"
                ) from error
        self.control = mine

    def fork(self) -> socket.socket:
        """Ask for a worker, and return the socket to it. Nothing is heard there if this process is gone."""
        mine, its = socket.socketpair()
        mine.setblocking(False)
        with its:
            try:
                socket.send_fds(self.control, [b"fork\n"], [its.fileno()])
            except OSError:
                # It has ended: our socket then ends too, which is how the caller learns of it.
                pass
        return mine

    def kill(self, pid: int) -> None:
        """Kill a worker."""
        try:
            self.control.sendall(b"kill %d\n" % pid)
        except OSError:
            # Then it has ended. A worker ends with its socket, or when its processor time is used up.
            pass

    def failure(self) -> str:
        """Return what it said when it could not begin."""
        try:
            self.control.settimeout(_END_SECONDS)
            return self.control.recv(4096).decode(errors="replace")
        except OSError:
            return ""

    def end(self) -> None:
        """End it and all workers."""
        self.control.close()
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def forget(self) -> None:
        """Leave it to the parent, after a fork."""
        # Not our child: without a return code, Popen would warn that it is still running.
        self.process.returncode = 0
        self.control.close()


@dataclass(slots=True, eq=False)
class Worker:
    """A worker.

    Attributes:
        nursery: Where it comes from.
        socket: The connection to it; not blocking.
        pid: Its number, once it has told it.
        jobs: How many jobs it has done.
    """

    nursery: Nursery
    socket: socket.socket
    pid: int = 0
    jobs: int = 0

    @property
    def dead(self) -> bool:
        """Whether it went away while it had nothing to do."""
        try:
            return not self.socket.recv(1, socket.MSG_PEEK)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def kill(self) -> None:
        """End it, whatever it is doing."""
        if self.pid:
            self.nursery.kill(self.pid)
        self.socket.close()


async def exchange(end: socket.socket, line: bytes, seconds: float) -> bytes | None:
    """Send a line and wait for the line that comes back.

    Args:
        end: A socket that does not block.
        line: What to send; may be empty.
        seconds: How long to wait, on the clock.

    Returns:
        The reply; nothing when the other end is gone, and ``None`` when there is no reply in time.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[bytes | None] = loop.create_future()
    unsent, reply, timers = memoryview(line), bytearray(), list[asyncio.TimerHandle]()

    def settle(outcome: bytes | None) -> None:
        if not done.done():
            done.set_result(outcome)

    def send() -> None:
        nonlocal unsent
        try:
            while unsent:
                unsent = unsent[end.send(unsent) :]
        except BlockingIOError:
            return
        except OSError:
            settle(b"")
        loop.remove_writer(end)

    def receive() -> None:
        try:
            while chunk := end.recv(1 << 18):
                reply.extend(chunk)
                if chunk.endswith(b"\n"):
                    settle(bytes(reply))
                    return
        except BlockingIOError:
            return
        except OSError:
            pass
        settle(b"")

    def expire() -> None:
        # A loop that was held up sees the deadline and a reply that came in time at once.
        receive()
        if reply:
            timers.append(loop.call_later(1.0, expire))
        else:
            settle(None)

    timers.append(loop.call_later(seconds, expire))
    try:
        loop.add_reader(end, receive)
        loop.add_writer(end, send)
        send()
        return await done
    finally:
        for timer in timers:
            timer.cancel()
        if not loop.is_closed():
            loop.remove_reader(end)
            loop.remove_writer(end)
