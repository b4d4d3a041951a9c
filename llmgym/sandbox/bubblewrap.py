"""The default backend on Linux: namespaces and limits through bubblewrap, without a container engine."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import json
import os
import signal
import socket
import weakref
from collections.abc import Callable
from typing import Any

from llmgym.sandbox.base import (
    Cause,
    Completed,
    FileProblem,
    Limits,
    Profile,
    Program,
    Sandbox,
    broken,
    checked_argv,
)
from llmgym.sandbox.fork_server import default_environment, fork_server
from llmgym.sandbox.turnstile import starting, turnstile

__all__ = ["BubblewrapSandbox"]

_AT_ONCE = 1 << 20
"""Bytes that are copied without a pause for the event loop."""
_START_SECONDS = 60.0
_PATIENCE = 10.0
"""Seconds beyond its deadline in which a program must be reported as ended."""


class BubblewrapSandbox(Sandbox):
    """A sandbox in namespaces of its own: user, mounts, processes, network, IPC, host name.

    Programs in it see a read-only system and interpreter, folders of their own (``/work``, ``/tmp``, ``/testbed``,
    ``/dev/shm``) and their own processes. They have no network, no capability, and only the system calls that an
    ordinary program needs. When the sandbox is closed, or the process that made it ends in whatever way, everything
    in it is killed by the kernel.

    Sandboxes are started by a warm process that already is inside bubblewrap, one for each profile. Programs in
    Python start as forks of it.

    Args:
        profile: What programs may import and find warm.
        limits: What programs may use.

    Raises:
        UsageError: When this is not Linux, or bubblewrap or a package of the profile is not installed.
    """

    backend = "bubblewrap"

    def __init__(self, *, profile: Profile, limits: Limits):
        self.limits = limits
        self._server = fork_server(profile)
        self._channel: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._handle: int | None = None
        self._started: asyncio.Future[None] | None = None
        self._reply: asyncio.Future[dict[str, Any]] | None = None
        self._absence = "The sandbox is not running; start it first.", False

    async def start(self) -> None:
        """Make the sandbox; see :class:`~llmgym.sandbox.base.Sandbox`."""
        self._loop = asyncio.get_running_loop()
        spawn, disk_bytes = self._server.spawn, self.limits.disk_bytes
        async with starting():
            self._channel = (
                spawn(disk_bytes) if self._server.running() else await _in_thread(spawn, disk_bytes)
            )
            _open.add(self)
            self._started = self._loop.create_future()
            self._loop.add_reader(self._channel, self._hear)
            try:
                # Not wait_for, which before Python 3.12 forgets that it was cancelled when the answer is there too.
                async with asyncio.timeout(_START_SECONDS):
                    await self._started
            except BaseException as error:
                await self.close()
                if isinstance(error, TimeoutError):
                    raise broken(f"A sandbox did not start within {_START_SECONDS:.0f} seconds.") from error
                raise

    async def run(self, program: Program, limits: Limits | None = None) -> Completed:
        """Run a program; see :class:`~llmgym.sandbox.base.Sandbox`."""
        limits = limits or self.limits
        bounds = {name: getattr(limits, name) for name in Limits.__slots__}
        watched = {"merge_stderr": program.merge_stderr, "leave_running": program.leave_running}
        # Told to the program's process alone: the next program is forked from the one that watches.
        told = {
            "argv": checked_argv(program.argv),
            "python": program.python,
            "cwd": program.cwd,
            "env": {**default_environment(), **program.env},
            **bounds,
        }
        async with turnstile():
            with (
                _memory_file(json.dumps(told).encode()) as what,
                _memory_file() as stdin,
                _memory_file() as out,
                _memory_file() as err,
            ):
                await _fill(stdin, program.stdin)
                _seal(stdin)
                request = {"operation": "run", **watched, **bounds}
                reply = await self._ask(request, [what, stdin, out, err], limits.wall_seconds + _PATIENCE)
                kept = [await _content(file, limits.output_bytes) for file in (out, err)]
        code = os.waitstatus_to_exitcode(reply["status"])
        cause = reply["cause"] or _cause(code, reply["cpu"], limits)
        return Completed(code, kept[0], kept[1], cause, reply["seconds"], reply["truncated"])

    async def write(self, path: str, data: bytes, mode: int = 0o644) -> None:
        """Write a file; see :class:`~llmgym.sandbox.base.Sandbox`."""
        request = {"operation": "write", "path": path, "mode": mode, "size": len(data)}
        with _memory_file() as source:
            await _fill(source, data)
            reply = await self._ask(request, [source], _START_SECONDS)
        if "error" in reply:
            raise FileProblem(f"{path!r} could not be written: {reply['error']}.")

    async def read(self, path: str, limit: int = 16 << 20) -> bytes:
        """Return a file; see :class:`~llmgym.sandbox.base.Sandbox`."""
        with _memory_file() as sink:
            reply = await self._ask(
                {"operation": "read", "path": path, "limit": limit}, [sink], _START_SECONDS
            )
            if "error" in reply:
                raise FileProblem(f"{path!r} could not be read: {reply['error']}.")
            return await _content(sink, limit)

    async def close(self) -> None:
        """Kill everything inside; see :class:`~llmgym.sandbox.base.Sandbox`."""
        handle, self._handle = self._handle, None
        self._cut("The sandbox is not running; it was closed.", retryable=False)
        if handle is None:
            return
        try:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)
            await _ended(handle)
        finally:
            os.close(handle)

    async def _ask(self, request: dict[str, Any], files: list[int], seconds: float) -> dict[str, Any]:
        """Send a request and wait for its reply. A request that is given up takes the sandbox with it."""
        if self._channel is None or self._loop is None:
            why, retryable = self._absence
            raise broken(why, retryable=retryable)
        self._reply = self._loop.create_future()
        try:
            with _memory_file(json.dumps(request).encode()) as told:
                try:
                    socket.send_fds(self._channel, [b"request"], [told, *files])
                except OSError as error:
                    raise broken(f"The sandbox is gone: {error}.") from error
                async with asyncio.timeout(seconds):
                    return await self._reply
        except TimeoutError as error:
            await self.close()
            raise broken(f"The sandbox did not answer within {seconds:.0f} seconds.") from error
        except asyncio.CancelledError:
            self._kill()
            raise
        finally:
            self._reply = None

    def _hear(self) -> None:
        """Take a message from the sandbox."""
        assert self._channel is not None
        try:
            message, handles, _, _ = socket.recv_fds(self._channel, 1 << 16, 1)
        except BlockingIOError:
            return
        except OSError:
            message, handles = b"", []
        if handles:
            self._handle = handles[0]
        if message == b"started":
            if self._started is not None and not self._started.done():
                self._started.set_result(None)
        elif message.startswith(b"{"):
            if self._reply is not None and not self._reply.done():
                self._reply.set_result(json.loads(message))
        elif message.startswith(b"failed "):
            self._cut(
                f"A sandbox could not be made: {message[7:].decode(errors='replace').strip().splitlines()[-1]}."
            )
        else:
            self._lost()

    def _lost(self) -> None:
        waiting = self._started is not None and not self._started.done()
        complaint = self._server.complaint() if waiting else ""
        if complaint:
            self._cut(
                f"Bubblewrap cannot make sandboxes here: {complaint}. Try 'llmgym sandbox check', which tells what "
                "is missing.",
                retryable=False,
            )
        else:
            self._cut("The sandbox was ended from outside.")

    def _cut(self, message: str, *, retryable: bool = True) -> None:
        """Close the channel, which ends the sandbox, and fail what waits for an answer."""
        channel, self._channel = self._channel, None
        self._absence = message, retryable
        _open.discard(self)
        if channel is not None and self._loop is not None:
            _let_go(channel, self._loop)
        for future in (self._started, self._reply):
            if future is not None and not future.done():
                future.set_exception(broken(message, retryable=retryable))

    def _kill(self) -> None:
        """End the sandbox now, without waiting until it has ended."""
        self._cut("The sandbox was ended while it worked.")
        if self._handle is not None:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)


_open: weakref.WeakSet[BubblewrapSandbox] = weakref.WeakSet()
"""Sandboxes whose channels a forked child would inherit."""


def _leave_to_parent() -> None:
    """In a forked child: close the channels, or the sandboxes would live as long as the child does."""
    for sandbox in list(_open):
        if sandbox._channel is not None:
            sandbox._channel.close()
        if sandbox._handle is not None:
            os.close(sandbox._handle)
        # Not more: the loop's list of descriptors is shared with the parent.
        sandbox._channel = sandbox._handle = None
    _open.clear()


os.register_at_fork(after_in_child=_leave_to_parent)


async def _in_thread(spawn: Callable[[int], socket.socket], disk_bytes: int) -> socket.socket:
    """Start a sandbox in a thread; one that nobody waits for any more is closed."""
    starting = asyncio.get_running_loop().run_in_executor(None, spawn, disk_bytes)
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        starting.add_done_callback(_close_unwanted)
        raise


def _close_unwanted(made: asyncio.Future[socket.socket]) -> None:
    if not made.cancelled() and made.exception() is None:
        made.result().close()


def _cause(code: int, processor_seconds: float, limits: Limits) -> Cause:
    if code >= 0:
        return "exited"
    if code == -signal.SIGXCPU or (code == -signal.SIGKILL and processor_seconds >= limits.cpu_seconds):
        return "cpu_time"
    return "output" if code == -signal.SIGXFSZ else "signal"


def _let_go(channel: socket.socket, loop: asyncio.AbstractEventLoop) -> None:
    """Close a socket that a loop listens to, from wherever this is called."""

    def now() -> None:
        loop.remove_reader(channel)
        channel.close()

    try:
        running = asyncio.get_running_loop()
    except RuntimeError:
        running = None
    if loop.is_closed():
        channel.close()
    elif running is loop or not loop.is_running():
        now()
    else:
        # At once for the sandbox; for the loop of another thread, which must forget the descriptor first, soon.
        channel.shutdown(socket.SHUT_RDWR)
        loop.call_soon_threadsafe(now)


@contextlib.contextmanager
def _memory_file(data: bytes = b"") -> Any:
    descriptor = os.memfd_create("sandbox", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        view = memoryview(data)
        while view:
            view = view[os.write(descriptor, view) :]
        if data:
            os.lseek(descriptor, 0, os.SEEK_SET)
        yield descriptor
    finally:
        os.close(descriptor)


async def _fill(descriptor: int, data: bytes) -> None:
    """Write a file of memory, however large. Not in a thread, which would go on after a cancellation."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view[:_AT_ONCE]) :]
        if view:
            await asyncio.sleep(0)
    os.lseek(descriptor, 0, os.SEEK_SET)


def _seal(descriptor: int) -> None:
    """Let nobody change a file: what a program is given to read is no room to write."""
    seals = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE
    fcntl.fcntl(descriptor, fcntl.F_ADD_SEALS, seals)


async def _content(descriptor: int, most: int) -> bytes:
    """Return what a file of memory holds; a thread reads it when it is large."""
    if min(os.fstat(descriptor).st_size, most) <= _AT_ONCE:
        return os.pread(descriptor, most, 0)
    return await asyncio.to_thread(os.pread, descriptor, most, 0)


async def _ended(handle: int) -> None:
    """Wait until the process behind a handle has ended."""
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        async with asyncio.timeout(_PATIENCE):
            await ended.wait()
    except TimeoutError as error:
        raise broken("A sandbox could not be ended.") from error
    finally:
        loop.remove_reader(handle)
