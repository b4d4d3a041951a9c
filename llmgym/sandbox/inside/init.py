"""The first process of a sandbox: makes its file system, runs programs, watches them, moves files. Standard library only.

It answers requests that come over a socket from the host. A request brings file descriptors: its parameters as JSON,
and what it reads and writes. When the socket closes, this process ends, and with it everything in the sandbox.
"""

import contextlib
import errno
import json
import os
import select
import signal
import socket
import stat
import time
import traceback

from . import kernel, program

_POLL_SECONDS, _IDLE_POLL_SECONDS = 0.05, 0.2
"""How often memory is measured while a program runs, and while only what it left behind does."""
_BURIALS = 256
_ENDED = os.WEXITED | os.WNOHANG | os.WNOWAIT
_PAUSE_SECONDS = 0.002
"""How long the host must have asked for nothing before a child is forked in advance."""
_PAGE = os.sysconf("SC_PAGE_SIZE")
_FOLDERS = ("/work", "/tmp", "/testbed", "/dev/shm")
_SOCKET_BYTES, _FREE_SOCKETS = 416 << 10, 64
"""The most that the kernel keeps for a socket, and how many are not worth counting."""


def enter(channel, disk_bytes, system_calls):
    """Become the first process of a new sandbox; never returns.

    Args:
        channel: The socket to the host.
        disk_bytes: Size of each writable folder.
        system_calls: The compiled filter.
    """
    # The last signal that is handled by who forked this process; a first process lives through it.
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    _make_file_system(disk_bytes)
    kernel.no_new_privileges()
    kernel.drop_capabilities()
    kernel.install_filter(system_calls)
    kernel.dumpable(False)
    try:
        _serve(channel)
    except BaseException:
        # Into the log of the fork server.
        traceback.print_exc()
    finally:
        os._exit(0)


def _make_file_system(disk_bytes):
    quiet = kernel.NOSUID | kernel.NODEV
    kernel.mount("none", "/", "none", kernel.REC | kernel.PRIVATE)
    size = f"size={disk_bytes},nr_inodes={max(1024, disk_bytes >> 13)}"
    for folder in _FOLDERS:
        mode = "1777" if folder in ("/tmp", "/dev/shm") else "755"
        kernel.mount("tmpfs", folder, "tmpfs", quiet, f"{size},mode={mode}")
    kernel.mount("tmpfs", "/dev/pts", "tmpfs", quiet | kernel.RDONLY, "size=4k,nr_inodes=2,mode=555")
    # The inodes of devices are the host's: when one was last changed is nothing to write on.
    read_only = kernel.REMOUNT | kernel.BIND | kernel.RDONLY | kernel.NOSUID
    for device in ("null", "zero", "full", "random", "urandom", "tty"):
        kernel.mount("none", f"/dev/{device}", "none", read_only)
    # Only processes: nothing about the machine, and no switch of the kernel. None is hidden: a program could hide
    # itself from the count of memory.
    kernel.mount("proc", "/proc", "proc", quiet | kernel.NOEXEC, "subset=pid")


def _serve(channel):
    standby: _Standby | None = _Standby()
    allowance = 0
    while True:
        if standby is None and not _asked_within(channel, _PAUSE_SECONDS):
            # Only now, when nobody waits; and most sandboxes are given up after one program.
            standby = _Standby()
        if allowance:
            standby = _guard(channel, standby or _Standby(), allowance)
        note, descriptors, _, _ = socket.recv_fds(channel, 64, 8)
        if not note:
            return
        try:
            with open(descriptors[0], "rb", closefd=False) as file:
                file.seek(0)
                request = json.loads(file.read())
            if request["operation"] == "run":
                reply = _run(channel, standby or _Standby(), request, *descriptors[1:])
                standby = None
            else:
                reply = _OPERATIONS[request["operation"]](request, *descriptors[1:])
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
        channel.send(json.dumps(reply).encode())
        if request["operation"] == "run":
            allowance = request["memory_bytes"] if request["leave_running"] else 0
        # The next program can look into the frames of the process that it is forked from.
        del file, request, reply


def _asked_within(channel, seconds):
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    return bool(poll.poll(seconds * 1000))


def _guard(channel, standby, allowance):
    """Watch over what a program has left running, until the host asks for something.

    Args:
        channel: The socket to the host.
        standby: The child that waits.
        allowance: Bytes that all together may hold; above, all are killed.

    Returns:
        The child that waits then.
    """
    poll = select.poll()
    poll.register(channel, select.POLLIN)
    kept = {"1", str(standby.process)}
    while any(name.isdigit() and name not in kept for name in os.listdir("/proc")):
        if poll.poll(_IDLE_POLL_SECONDS * 1000):
            break
        _bury_orphans(standby.process)
        if _memory() > allowance:
            _kill_everything()
            standby.line.close()
            return _Standby()
    return standby


class _Standby:
    """A child that waits to become a program, so that none has to be forked while the host waits."""

    def __init__(self):
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.process = os.fork()
        if self.process == 0:
            self.line.close()
            try:
                _, descriptors, _, _ = socket.recv_fds(theirs, 64, 4)
                program.become(*descriptors)
            finally:
                os._exit(125)
        theirs.close()

    def begin(self, descriptors):
        """Tell the child to become a program."""
        with self.line:
            # When somebody inside has killed it, it is found to have ended.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                socket.send_fds(self.line, [b"begin"], descriptors)


def _run(channel, standby, request, what, stdin, stdout, stderr):
    """Run a program to its end; return how it ended."""
    streams = [_Stream(stdout, request)]
    if not request["merge_stderr"]:
        streams.append(_Stream(stderr, request))
    child, began = standby.process, time.monotonic()
    try:
        standby.begin([what, stdin, streams[0].inlet, streams[-1].inlet])
        for stream in streams:
            os.close(stream.inlet)
        cause = _watch(channel, child, streams, request, began)
        if cause:
            os.kill(-1, signal.SIGKILL)
        _, status, usage = os.wait4(child, 0)
        if cause or not request["leave_running"]:
            _kill_everything()
        else:
            _reap()
        for stream in streams:
            stream.take()
    finally:
        for stream in streams:
            stream.close()
    return {
        "status": status,
        "cause": cause,
        "seconds": time.monotonic() - began,
        "cpu": usage.ru_utime + usage.ru_stime,
        "truncated": any(stream.seen > stream.kept for stream in streams),
    }


class _Stream:
    """An output of a program: a pipe whose first bytes are kept in a file of the host, and the others dropped."""

    def __init__(self, sink, request):
        self.outlet, self.inlet = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.outlet, False)
        self.sink, self.most, self.ceiling = sink, request["output_bytes"], request["file_bytes"]
        self.void = os.open("/dev/null", os.O_WRONLY | os.O_CLOEXEC)
        self.seen = self.kept = 0

    def take(self):
        """Take what is there; return whether more may come. It never comes into this process's memory."""
        while self.seen <= self.ceiling:
            room = self.most - self.kept
            try:
                if room:
                    count = os.splice(self.outlet, self.sink, min(room, 1 << 16))
                else:
                    count = os.splice(self.outlet, self.void, 1 << 16)
            except BlockingIOError:
                return True
            if not count:
                return False
            self.seen += count
            self.kept += min(count, room)
        return False

    def close(self):
        """Close what was opened here."""
        os.close(self.outlet)
        os.close(self.void)


def _watch(channel, child, streams, request, began):
    """Wait until a child has ended or met a limit; return the limit."""
    handle = os.pidfd_open(child)
    poll = select.poll()
    poll.register(handle, select.POLLIN)
    poll.register(channel, select.POLLRDHUP)
    open_streams = {stream.outlet: stream for stream in streams}
    for outlet in open_streams:
        poll.register(outlet, select.POLLIN)
    measured, pause = began, _POLL_SECONDS
    try:
        while True:
            left = began + request["wall_seconds"] - time.monotonic()
            if left <= 0:
                return "wall_time"
            ready = {descriptor for descriptor, _ in poll.poll(min(left, pause) * 1000)}
            if channel.fileno() in ready:
                os._exit(0)
            for outlet in ready & open_streams.keys():
                stream = open_streams[outlet]
                if not stream.take():
                    poll.unregister(outlet)
                    del open_streams[outlet]
                if stream.seen > stream.ceiling:
                    return "output"
            if handle in ready:
                return None
            pause = _POLL_SECONDS / 10 if _bury_orphans(child) else _POLL_SECONDS
            now = time.monotonic()
            if now - measured >= _POLL_SECONDS:
                measured = now
                if _memory() > request["memory_bytes"]:
                    return "memory"
    finally:
        os.close(handle)


def _bury_orphans(child):
    """Bury what programs have left to the first process; until then it counts as a process. Return how many."""
    buried = 0
    with contextlib.suppress(ChildProcessError):
        # Not for ever: they may come faster than they can be buried.
        while buried < _BURIALS and (ended := os.waitid(os.P_ALL, 0, _ENDED)):
            if ended.si_pid == child:
                break
            os.waitpid(ended.si_pid, 0)
            buried += 1
    return buried


def _memory():
    """Return the bytes that all processes, folders and sockets hold."""
    pages = 0
    for name in os.listdir("/proc"):
        if name.isdigit() and name != "1":
            with contextlib.suppress(OSError, ValueError, IndexError):
                descriptor = os.open(f"/proc/{name}/statm", os.O_RDONLY)
                try:
                    _, resident, shared, *_ = os.read(descriptor, 256).split()
                finally:
                    os.close(descriptor)
                pages += int(resident) - int(shared)
    total = pages * _PAGE
    for folder in _FOLDERS:
        room = os.statvfs(folder)
        total += (room.f_blocks - room.f_bfree) * room.f_frsize
    return total + max(0, _sockets() - _FREE_SOCKETS) * _SOCKET_BYTES


def _sockets():
    """Return how many sockets this sandbox holds: each may be full, in memory that belongs to no process."""
    descriptor = os.open("/proc/self/net/sockstat", os.O_RDONLY)
    try:
        return int(os.read(descriptor, 64).split()[2])
    finally:
        os.close(descriptor)


def _kill_everything():
    """Kill every process but this one, and wait until none is left."""
    while True:
        try:
            os.kill(-1, signal.SIGKILL)
        except ProcessLookupError:
            return
        _reap()


def _reap():
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _write(request, source):
    try:
        os.makedirs(os.path.dirname(request["path"]) or "/", exist_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK
        target = os.open(request["path"], flags, request["mode"])
        try:
            if not stat.S_ISREG(os.fstat(target).st_mode):
                return {"error": "is no regular file"}
            if request["size"]:
                # Where there is no room, what was there stays, and nothing is taken.
                os.posix_fallocate(target, 0, request["size"])
            os.ftruncate(target, request["size"])
            os.fchmod(target, request["mode"])
            _copy(source, target, request["size"])
        finally:
            os.close(target)
    except (OSError, ValueError, RecursionError) as error:
        return {"error": _told(error)}
    return {}


def _read(request, sink):
    try:
        source = os.open(request["path"], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        try:
            state = os.fstat(source)
            if not stat.S_ISREG(state.st_mode):
                return {"error": "is no regular file"}
            if state.st_size > request["limit"]:
                return {"error": f"has {state.st_size} bytes, more than {request['limit']}"}
            _copy(source, sink, request["limit"])
        finally:
            os.close(source)
    except (OSError, ValueError, RecursionError) as error:
        return {"error": _told(error)}
    return {}


def _copy(source, sink, most):
    os.lseek(source, 0, os.SEEK_SET)
    while most > 0:
        block = os.read(source, min(1 << 20, most))
        if not block:
            return
        most -= len(block)
        while block:
            block = block[os.write(sink, block) :]


def _told(error):
    number = getattr(error, "errno", None)
    return os.strerror(number if number is not None else errno.EINVAL).lower()


_OPERATIONS = {"write": _write, "read": _read}
