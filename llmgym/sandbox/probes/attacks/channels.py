"""Ways by which one sandbox could tell another one bit. Standard library only.

For each way there is ``send_NAME``, which leaves something, and ``receive_NAME``, which returns what it sees of it.
Both may be refused.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import mmap
import os
import select
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from .calls import call
from .sharing import GET_HINT, OFD_GET, OFD_SET, SET_FILE_HINT, SET_HINT, SHARED, lock

Facts = dict[str, Any]
_KEEP: list[Any] = []
"""What has to stay open for as long as it is to be seen."""
_USER_KEYRING, _SEARCH = -4, 10
_SOCKETS = 40
_LOCKED = "/usr/bin/id"
"""A file of its own: closing a file gives up every record lock on it that a process has."""
_WAIT, _WAKE = 0, 1


def send_all(facts: Facts) -> None:
    """Send on every way in a process that stays behind."""
    outlet, inlet = os.pipe()
    if os.fork():
        os.close(inlet)
        os.read(outlet, 1)
        return
    os.setsid()
    os.close(outlet)
    for name in facts["channels"]:
        try:
            getattr(sys.modules[__name__], f"send_{name}")(facts)
        except OSError:
            continue
    os.write(inlet, b"x")
    os.close(inlet)
    for descriptor in (1, 2):
        os.close(descriptor)
    for _ in range(int(20 / 0.02)):
        # What others could only notice while it happens.
        with open(SHARED, "rb") as file:
            file.read(1)
        time.sleep(0.02)
    os._exit(0)


def receive_all(facts: Facts) -> dict[str, str]:
    """Receive on every way; return what was seen."""
    seen = {}
    for name in facts["channels"]:
        receive: Callable[[Facts], str | None] = getattr(sys.modules[__name__], f"receive_{name}")
        try:
            told = receive(facts)
        except OSError:
            continue
        if told:
            seen[name] = told
    return seen


def _keep(thing: Any) -> Any:
    _KEEP.append(thing)
    return thing


def send_keyring(facts: Facts) -> None:  # noqa: D103
    call("add_key", b"user", facts["name"].encode(), b"1", 1, _USER_KEYRING)


def receive_keyring(facts: Facts) -> str | None:  # noqa: D103
    return f"key {call('keyctl', _SEARCH, _USER_KEYRING, b'user', facts['name'].encode(), 0)}"


def send_whole_lock(facts: Facts) -> None:  # noqa: D103
    fcntl.flock(_keep(open(SHARED, "rb")), fcntl.LOCK_EX | fcntl.LOCK_NB)


def receive_whole_lock(facts: Facts) -> str | None:  # noqa: D103
    return _held(lambda file: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB), SHARED)


def _held(attempt: Callable[[int], Any], path: str) -> str | None:
    descriptor = os.open(path, os.O_RDWR if path.startswith("/dev/") else os.O_RDONLY)
    try:
        attempt(descriptor)
    except OSError as error:
        if error.errno in (errno.EAGAIN, errno.EACCES, errno.EWOULDBLOCK):
            return "it is locked"
        raise
    finally:
        os.close(descriptor)
    return None


def send_record_lock(facts: Facts) -> None:  # noqa: D103
    fcntl.fcntl(_keep(open(_LOCKED, "rb")), fcntl.F_SETLK, lock(fcntl.F_RDLCK, start=7))


def receive_record_lock(facts: Facts) -> str | None:  # noqa: D103
    with open(_LOCKED, "rb") as file:
        told = fcntl.fcntl(file, fcntl.F_GETLK, lock(fcntl.F_WRLCK, start=7))
    return "it is locked" if told[:2] != lock(fcntl.F_UNLCK)[:2] else None


def send_open_file_lock(facts: Facts) -> None:  # noqa: D103
    fcntl.fcntl(_keep(open(SHARED, "rb")), OFD_SET, lock(fcntl.F_RDLCK, start=9))


def receive_open_file_lock(facts: Facts) -> str | None:  # noqa: D103
    with open(SHARED, "rb") as file:
        told = fcntl.fcntl(file, OFD_GET, lock(fcntl.F_WRLCK, start=9))
    return "it is locked" if told[:2] != lock(fcntl.F_UNLCK)[:2] else None


def send_device_lock(facts: Facts) -> None:  # noqa: D103
    descriptor = _keep(os.open("/dev/full", os.O_RDWR))
    fcntl.fcntl(descriptor, fcntl.F_SETLK, lock(fcntl.F_WRLCK, start=facts["number"]))


def receive_device_lock(facts: Facts) -> str | None:  # noqa: D103
    wanted = lock(fcntl.F_WRLCK, start=facts["number"])
    return _held(lambda file: fcntl.fcntl(file, fcntl.F_SETLK, wanted), "/dev/full")


def send_lease(facts: Facts) -> None:  # noqa: D103
    fcntl.fcntl(_keep(open(SHARED, "rb")), fcntl.F_SETLEASE, fcntl.F_RDLCK)


def receive_lease(facts: Facts) -> str | None:  # noqa: D103
    return _held(lambda file: fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_WRLCK), SHARED)


def send_watch(facts: Facts) -> None:  # noqa: D103
    """Opening the file, which goes on all the time, is what is seen."""


def receive_watch(facts: Facts) -> str | None:  # noqa: D103
    watcher = call("inotify_init1", 0)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.inotify_add_watch(watcher, SHARED.encode(), 0x20) < 0:
        raise OSError(ctypes.get_errno(), "inotify_add_watch")
    return "it is opened" if select.select([watcher], [], [], 0.2)[0] else None


def send_hint(facts: Facts) -> None:  # noqa: D103
    with open(os.__file__, "rb") as file:
        for command in (SET_HINT, SET_FILE_HINT):
            fcntl.fcntl(file, command, (3).to_bytes(8, "little"))


def receive_hint(facts: Facts) -> str | None:  # noqa: D103
    with open(os.__file__, "rb") as file:
        told = fcntl.fcntl(file, GET_HINT, bytes(8))
    return f"hint {told[0]}" if told[0] else None


def send_times(facts: Facts) -> None:  # noqa: D103
    os.utime("/dev/full")


def receive_times(facts: Facts) -> str | None:  # noqa: D103
    age = time.time() - os.stat("/dev/full").st_mtime
    return f"touched {age:.1f} s ago" if 0 <= age < 5 else None


def _leave(folder: str, facts: Facts) -> None:
    with open(os.path.join(folder, facts["name"]), "w") as file:
        file.write("1")


def _find(folder: str, facts: Facts) -> str | None:
    return "the file is there" if os.path.exists(os.path.join(folder, facts["name"])) else None


def send_temporary_file(facts: Facts) -> None:  # noqa: D103
    _leave("/tmp", facts)


def receive_temporary_file(facts: Facts) -> str | None:  # noqa: D103
    return _find("/tmp", facts)


def send_shared_memory_file(facts: Facts) -> None:  # noqa: D103
    _leave("/dev/shm", facts)


def receive_shared_memory_file(facts: Facts) -> str | None:  # noqa: D103
    return _find("/dev/shm", facts)


def send_home_file(facts: Facts) -> None:  # noqa: D103
    _leave(os.getcwd(), facts)


def receive_home_file(facts: Facts) -> str | None:  # noqa: D103
    return _find(os.getcwd(), facts)


def send_repository_file(facts: Facts) -> None:  # noqa: D103
    _leave("/testbed", facts)


def receive_repository_file(facts: Facts) -> str | None:  # noqa: D103
    return _find("/testbed", facts)


def send_abstract_name(facts: Facts) -> None:  # noqa: D103
    made = _keep(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
    made.bind("\0" + facts["name"])
    made.listen()


def receive_abstract_name(facts: Facts) -> str | None:  # noqa: D103
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as made:
        made.connect("\0" + facts["name"])
    return "connected"


def send_half_pair(facts: Facts) -> None:  # noqa: D103
    one, _ = _keep(socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
    one.bind("\0" + facts["name"] + "-half")


def receive_half_pair(facts: Facts) -> str | None:  # noqa: D103
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        one.sendto(b"1", "\0" + facts["name"] + "-half")
    return "sent"


def send_loopback(facts: Facts) -> None:  # noqa: D103
    made = _keep(socket.socket())
    made.bind(("127.0.0.1", facts["number"]))
    made.listen()


def receive_loopback(facts: Facts) -> str | None:  # noqa: D103
    with socket.create_connection(("127.0.0.1", facts["number"]), timeout=1):
        return "connected"


def send_vsock(facts: Facts) -> None:  # noqa: D103
    made = _keep(socket.socket(40, socket.SOCK_STREAM))
    made.bind((0xFFFFFFFF, facts["number"]))
    made.listen()


def receive_vsock(facts: Facts) -> str | None:  # noqa: D103
    with socket.socket(40, socket.SOCK_STREAM) as made:
        made.settimeout(1)
        made.connect((1, facts["number"]))
    return "connected"


def send_count_of_sockets(facts: Facts) -> None:  # noqa: D103
    for _ in range(_SOCKETS):
        _keep(socket.socketpair())


def receive_count_of_sockets(facts: Facts) -> str | None:  # noqa: D103
    with open("/proc/self/net/unix") as file:
        listed = len(file.readlines())
    with open("/proc/self/net/sockstat") as file:
        used = int(file.readline().split()[2])
    return f"{listed} listed, {used} used" if max(listed, used) > _SOCKETS else None


def send_system_v(facts: Facts) -> None:  # noqa: D103
    call("shmget", facts["number"], 4096, 0o1666)


def receive_system_v(facts: Facts) -> str | None:  # noqa: D103
    return f"segment {call('shmget', facts['number'], 4096, 0)}"


def send_queue(facts: Facts) -> None:  # noqa: D103
    _keep(call("mq_open", facts["name"].encode(), os.O_RDWR | os.O_CREAT, 0o666, None))


def receive_queue(facts: Facts) -> str | None:  # noqa: D103
    return f"queue {call('mq_open', facts['name'].encode(), os.O_RDWR, 0, None)}"


def send_terminal(facts: Facts) -> None:  # noqa: D103
    _keep(os.openpty())


def receive_terminal(facts: Facts) -> str | None:  # noqa: D103
    found = [name for name in os.listdir("/dev/pts") if name != "ptmx"]
    return f"terminals {found}" if found else None


def send_process(facts: Facts) -> None:  # noqa: D103
    ctypes.CDLL(None).prctl(15, facts["name"][-12:].encode(), 0, 0, 0)


def receive_process(facts: Facts) -> str | None:  # noqa: D103
    for number in os.listdir("/proc"):
        try:
            with open(f"/proc/{number}/comm") as file:
                if file.read().strip() == facts["name"][-12:]:
                    return f"process {number}"
        except OSError:
            continue
    return None


def send_host_name(facts: Facts) -> None:  # noqa: D103
    name = facts["name"][:20].encode()
    call("sethostname", name, len(name))


def receive_host_name(facts: Facts) -> str | None:  # noqa: D103
    return "the host name" if os.uname().nodename == facts["name"][:20] else None


def send_evicted_pages(facts: Facts) -> None:  # noqa: D103
    with open(SHARED, "rb") as file:
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def receive_evicted_pages(facts: Facts) -> str | None:  # noqa: D103
    with open(SHARED, "rb") as file:
        try:
            os.preadv(file.fileno(), [bytearray(16)], 40960, os.RWF_NOWAIT)
        except BlockingIOError:
            return "it is not in memory"
    return None


def _send_descriptors(count: int) -> None:
    for at in range(0, count, 250):
        pair = _keep(socket.socketpair())
        socket.send_fds(pair[0], [b"x"], [0] * min(250, count - at))


def send_descriptors_on_their_way(facts: Facts) -> None:  # noqa: D103
    with contextlib.suppress(OSError):
        _send_descriptors(500)


def receive_descriptors_on_their_way(facts: Facts) -> str | None:  # noqa: D103
    try:
        _send_descriptors(1)
    except OSError as error:
        return "none can be sent" if error.errno == errno.ETOOMANYREFS else None
    return None


def send_room_of_pipes(facts: Facts) -> None:  # noqa: D103
    for _ in range(90):
        outlet, inlet = os.pipe()
        os.close(outlet)
        with contextlib.suppress(OSError):
            fcntl.fcntl(_keep(inlet), fcntl.F_SETPIPE_SZ, 1 << 20)


def receive_room_of_pipes(facts: Facts) -> str | None:  # noqa: D103
    outlet, inlet = os.pipe()
    room = fcntl.fcntl(outlet, fcntl.F_GETPIPE_SZ)
    os.close(outlet)
    os.close(inlet)
    return f"a pipe has room for {room} bytes" if room < 65536 else None


def _page_of_library() -> tuple[ctypes.c_void_p, int]:
    """Return where the first page of a shared file is mapped, and its first word."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    with open(SHARED, "rb") as file:
        place = libc.mmap(None, 4096, mmap.PROT_READ, mmap.MAP_PRIVATE, file.fileno(), 0)
    return ctypes.c_void_p(place), ctypes.c_uint32.from_address(place).value


def send_wait_on_page(facts: Facts) -> None:  # noqa: D103
    if os.fork():
        time.sleep(0.1)
        return
    place, word = _page_of_library()
    call("futex", place, _WAIT, word, (ctypes.c_long * 2)(15, 0), None, 0)
    os._exit(0)


def receive_wait_on_page(facts: Facts) -> str | None:  # noqa: D103
    place, _ = _page_of_library()
    woken = call("futex", place, _WAKE, 1, None, None, 0)
    return f"{woken} woken" if woken else None
