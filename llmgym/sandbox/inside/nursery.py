"""Starts sandboxes: a process that is warm, and forks. Runs inside bubblewrap. Standard library only.

It is told over a socket to start one, and is given the socket on which that sandbox will take its requests. When its
own socket closes, it ends, and every sandbox that it started with it.
"""

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import struct
import sys
import traceback

from . import init, kernel

_USER = os.getuid()


def main():
    """Import what programs will need, then start a sandbox for each message."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    system_calls = os.fdopen(int(sys.argv[2]), "rb").read()
    sys.path[:0] = ["/packages"]
    for name in sys.argv[3:]:
        importlib.import_module(name)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
    for number in signal.valid_signals() - {signal.SIGPIPE}:
        # From inside its own sandbox, a first process receives only signals that it handles: none.
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        # What they print belongs to no program.
        stream.flush()
    gc.collect()
    gc.freeze()
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    while True:
        _reap()
        # Children that have ended since are met at the latest a second from now.
        if not poll.poll(1000):
            continue
        message, descriptors, _, _ = socket.recv_fds(channel, 64, 1)
        if not message:
            os._exit(0)
        (disk_bytes,) = struct.unpack("<q", message)
        with socket.socket(fileno=descriptors[0]) as theirs:
            _begin(theirs, channel, disk_bytes, system_calls)


def _begin(theirs, channel, disk_bytes, system_calls):
    """Start a sandbox, and hand the host a handle of its first process."""
    # The host may be gone by now, which is its own affair.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        try:
            first = kernel.fork_into(kernel.NEWUSER | kernel.NEWNS | kernel.NEWPID | kernel.NEWNET)
        except OSError as error:
            theirs.send(f"failed {error}".encode())
            return
        if first == 0:
            channel.close()
            _become_first(theirs, disk_bytes, system_calls)
        handle = os.pidfd_open(first)
        try:
            socket.send_fds(theirs, [b"started"], [handle])
        finally:
            os.close(handle)


def _become_first(theirs, disk_bytes, system_calls):
    """In the new process: be the user outside that one is inside, and the first process of the sandbox."""
    try:
        for name, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{_USER} {_USER} 1"),
            ("gid_map", f"{_USER} {_USER} 1"),
        ):
            file = os.open(f"/proc/self/{name}", os.O_WRONLY)
            os.write(file, line.encode())
            os.close(file)
        init.enter(theirs, disk_bytes, system_calls)
    except BaseException:
        theirs.send(b"failed " + traceback.format_exc().encode()[-4000:])
    finally:
        os._exit(0)


def _reap():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
