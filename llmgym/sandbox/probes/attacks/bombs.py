"""Programs that exhaust what they can get. Standard library only.

Each stops by itself at a count, a size or a time, should nothing stop it before.
"""

from __future__ import annotations

import json
import mmap
import os
import re
import signal
import socket
import sys
import threading
import time
import zipfile
from typing import Any

_PROCESSES, _SECONDS = 2000, 30.0
_MEMORY, _DISK, _OUTPUT = 2 << 30, 1 << 30, 1 << 30
_BLOCK = 8 << 20

Facts = dict[str, Any]


def _wait() -> None:
    """Do nothing, but not for ever."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        time.sleep(0.05)


def _touch(buffer: Any) -> None:
    for at in range(0, len(buffer), 4096):
        buffer[at] = 1


def fork(facts: Facts) -> str | None:
    """Fork at every level, until there are too many."""
    deadline = time.monotonic() + _SECONDS
    for _ in range(_PROCESSES):
        try:
            if os.fork() == 0:
                _wait()
                os._exit(0)
        except OSError:
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
    _wait()
    return "made processes until it was enough"


def fork_and_exit(facts: Facts) -> str | None:
    """Always be another process: a chain of forks whose parents end."""
    for _ in range(_PROCESSES * 10):
        try:
            if os.fork():
                os._exit(0)
        except OSError:
            time.sleep(0.001)
    return "was ten thousand processes"


def threads(facts: Facts) -> str | None:
    """Start threads."""
    for _ in range(_PROCESSES):
        try:
            threading.Thread(target=_wait, daemon=True).start()
        except RuntimeError:
            break
    else:
        return f"started {_PROCESSES} threads"
    return None


def memory(facts: Facts) -> str | None:
    """Take memory in one process."""
    kept = []
    try:
        for _ in range(_MEMORY // _BLOCK):
            kept.append(bytearray(_BLOCK))
            _touch(kept[-1])
    except MemoryError:
        _wait()
        return None
    _wait()
    return "took 2 GiB"


def memory_of_many(facts: Facts) -> str | None:
    """Take memory in sixteen processes."""
    for _ in range(16):
        if os.fork() == 0:
            kept = [bytearray(b"\1") * _BLOCK for _ in range(_MEMORY // 16 // _BLOCK)]
            _wait()
            os._exit(len(kept) & 0)
    _wait()
    return "took 2 GiB in sixteen processes"


def memory_of_the_hidden(facts: Facts) -> str | None:
    """Take memory in processes that nobody may look into."""
    import ctypes

    ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)
    return memory_of_many(facts)


def memory_shared(facts: Facts) -> str | None:
    """Take memory that belongs to no process: map it, fill it, unmap all but a page, and again."""
    kept = []
    for _ in range(_MEMORY // _BLOCK):
        try:
            one = mmap.mmap(-1, _BLOCK)
        except OSError:
            return None
        _touch(one)
        one.resize(4096)
        kept.append(one)
    _wait()
    return "took 2 GiB of shared memory"


def memory_in_folders(facts: Facts) -> str | None:
    """Take memory by files in every folder."""
    taken = 0
    for folder in ("/dev/shm", "/tmp", os.getcwd(), "/testbed"):
        taken += _fill(folder, _DISK // 2)
        if taken >= _MEMORY:
            break
    _wait()
    return "took 2 GiB of folders" if taken >= _MEMORY else None


def memory_in_pipes(facts: Facts) -> str | None:
    """Take memory by pipes that nobody reads."""
    return _many(lambda: _fill_descriptor(os.pipe()[1]))


def memory_in_sockets(facts: Facts) -> str | None:
    """Take memory by sockets that nobody reads."""

    def pair() -> int:
        one, other = socket.socketpair()
        for end in (one, other):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        kept.append((one, other))
        return _fill_descriptor(one.fileno()) + _fill_descriptor(other.fileno())

    kept: list[Any] = []
    return _many(pair)


def _many(make: Any) -> str | None:
    """Make as many as one process may hold, in sixteen processes."""
    for _ in range(16):
        if os.fork() == 0:
            taken = 0
            try:
                while taken < _MEMORY // 16:
                    taken += make()
            except OSError:
                pass
            _wait()
            os._exit(0)
    _wait()
    return None


def _fill_descriptor(descriptor: int) -> int:
    os.set_blocking(descriptor, False)
    taken = 0
    try:
        while taken < 64 << 20:
            taken += os.write(descriptor, b"x" * 65536)
    except BlockingIOError:
        pass
    return taken


def _fill(folder: str, most: int) -> int:
    taken = 0
    try:
        for number in range(most // _BLOCK):
            with open(os.path.join(folder, f"bomb-{number}"), "wb", buffering=0) as file:
                for _ in range(8):
                    taken += file.write(b"x" * (_BLOCK // 8))
    except OSError:
        pass
    return taken


def disk(facts: Facts) -> str | None:
    """Fill the disk with files."""
    taken = _fill(os.getcwd(), _DISK)
    return f"wrote {taken} bytes" if taken >= _DISK else None


def one_file(facts: Facts) -> str | None:
    """Write one file without end."""
    with open("bomb", "wb", buffering=0) as file:
        for _ in range(_DISK // (1 << 20)):
            file.write(b"x" * (1 << 20))
    return "wrote a file of 1 GiB"


def inodes(facts: Facts) -> str | None:
    """Make files without content."""
    try:
        for number in range(200_000):
            os.mkdir(f"bomb-{number}")
    except OSError:
        return None
    return "made 200000 folders"


def descriptors(facts: Facts) -> str | None:
    """Open files without closing them."""
    try:
        for _ in range(100_000):
            os.open("/dev/null", os.O_RDONLY)
    except OSError:
        return None
    return "opened 100000 files"


def output(facts: Facts) -> str | None:
    """Write without end to standard output."""
    for _ in range(_OUTPUT // (1 << 20)):
        os.write(1, b"x" * (1 << 20))
    return "wrote 1 GiB"


def errors(facts: Facts) -> str | None:
    """Write without end to standard error."""
    for _ in range(_OUTPUT // (1 << 20)):
        os.write(2, b"x\n" * (1 << 19))
    return "wrote 1 GiB"


def long_line(facts: Facts) -> str | None:
    """Write a line that is longer than what is kept."""
    for _ in range(32):
        os.write(1, b"x" * (1 << 20))
    return None


def zip_archive(facts: Facts) -> str | None:
    """Unpack a small archive with a large content."""
    with zipfile.ZipFile("bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open("zeros", "w", force_zip64=True) as file:
            for _ in range(20):
                file.write(bytes(_BLOCK))
    with zipfile.ZipFile("bomb.zip") as archive:
        taken = len(archive.read("zeros"))
    _wait()
    return f"unpacked {taken} bytes"


def pattern(facts: Facts) -> str | None:
    """Match a pattern that takes exponential time."""
    signal.alarm(int(_SECONDS))
    re.match(r"(a+)+$", "a" * 40 + "!")
    return "matched"


def deep_json(facts: Facts) -> str | None:
    """Parse a deeply nested document, with the guard against recursion taken away."""
    sys.setrecursionlimit(10**8)
    try:
        json.loads("[" * 3_000_000)
    except (RecursionError, ValueError):
        return None
    return "parsed it"


def sleep(facts: Facts) -> str | None:
    """Sleep."""
    time.sleep(_SECONDS)
    return "slept"


def busy(facts: Facts) -> str | None:
    """Compute."""
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        pass
    return "computed"


def busy_in_many(facts: Facts) -> str | None:
    """Compute in many processes."""
    for _ in range(12):
        if os.fork() == 0:
            break
    return busy(facts)


def ignore_signals(facts: Facts) -> str | None:
    """Compute, and ignore every signal that can be ignored."""
    for number in signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}:
        signal.signal(number, signal.SIG_IGN)
    return busy(facts)


def stop(facts: Facts) -> str | None:
    """Stop itself, and wait to be woken."""
    child = os.fork()
    if child == 0:
        # Should nobody end the two, this one does.
        time.sleep(_SECONDS)
        os.kill(os.getppid(), signal.SIGKILL)
        os._exit(0)
    os.kill(os.getpid(), signal.SIGSTOP)
    return "was woken"


def daemon(facts: Facts) -> str | None:
    """Leave a process behind that has nothing to do with this one any more."""
    outlet, inlet = os.pipe()
    if os.fork():
        os.close(inlet)
        os.read(outlet, 1)
        return None
    os.setsid()
    if os.fork():
        os._exit(0)
    for number in (signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    os.write(inlet, b"x")
    os.close(inlet)
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        with open("alive", "w") as file:
            file.write(str(time.monotonic()))
        time.sleep(0.02)
    os._exit(0)


def hold_output(facts: Facts) -> str | None:
    """Leave a process behind that keeps the output open and writes to it."""
    if os.fork():
        return None
    os.setsid()
    deadline = time.monotonic() + _SECONDS
    while time.monotonic() < deadline:
        os.write(1, b"still here\n")
        time.sleep(0.02)
    os._exit(0)
