"""Starts sandboxes: a process that is warm, and forks. Runs inside bubblewrap. Standard library only.

It is told over a socket to start one, and is given the socket on which that sandbox will take its requests. When its
own socket closes, it ends, and every sandbox that it started with it.
"""

import gc
import importlib
import os
import random
import select
import socket
import struct
import sys
import traceback

from . import init, kernel


def main():
    """Import what programs will need, then start a sandbox for each message."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    system_calls = os.fdopen(int(sys.argv[2]), "rb").read()
    sys.path[:0] = ["/packages"]
    for name in sys.argv[3:]:
        importlib.import_module(name)
    random.seed(0)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed(0)
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
        if os.fork() == 0:
            channel.close()
            _begin(socket.socket(fileno=descriptors[0]), disk_bytes, system_calls)
        os.close(descriptors[0])


def _begin(channel, disk_bytes, system_calls):
    """In a child: make the namespaces and the first process in them, tell the host about it, and go."""
    try:
        user, group = os.getuid(), os.getgid()
        kernel.unshare(kernel.NEWUSER | kernel.NEWNS | kernel.NEWPID)
        for name, line in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(line)
        first = os.fork()
        if first == 0:
            init.enter(channel, disk_bytes, system_calls)
        handle = os.pidfd_open(first)
        socket.send_fds(channel, [b"started"], [handle])
    except BaseException:
        channel.send(b"failed " + traceback.format_exc().encode()[-4000:])
    finally:
        os._exit(0)


def _reap():
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass
