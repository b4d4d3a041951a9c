"""Calls by which one sandbox could leave something on what it shares with others. Standard library only."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import mmap
import os
import struct
from collections.abc import Callable
from typing import Any

from .calls import call

Facts = dict[str, Any]
SHARED = "/usr/bin/env"
"""A file that every sandbox of a machine sees, and that programs seldom start."""
_OWN = "lock-probe"
GET_HINT, SET_HINT, SET_FILE_HINT = 1035, 1036, 1038
OFD_GET, OFD_SET = 36, 37


def lock(kind: int, *, start: int = 0, length: int = 1) -> bytes:
    """Return the record lock that fcntl takes, on a part of a file."""
    return struct.pack("=hhxxxxqqixxxx", kind, os.SEEK_SET, start, length, 0)


def _opened() -> int:
    return os.open(SHARED, os.O_RDONLY)


def _refused_to_another(path: str, take: Callable[[int], Any], *, fork: bool = False) -> bool:
    """Tell whether a lock that is taken once cannot be taken again: whether it is real, and not just said to be."""
    flags = os.O_RDONLY if path == SHARED else os.O_RDWR | os.O_CREAT
    take(os.open(path, flags))
    child = os.fork() if fork else 0
    refused = False
    if not child:
        try:
            take(os.open(path, flags))
        except OSError as error:
            refused = error.errno in (errno.EAGAIN, errno.EACCES)
        if fork:
            os._exit(refused)
        return refused
    return bool(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def whole_lock(facts: Facts) -> str | None:
    """Lock a shared file."""
    real = _refused_to_another(SHARED, lambda file: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB))
    return "locked a shared file" if real else None


def record_lock(facts: Facts) -> str | None:
    """Lock a part of a file; what locks one's own would lock a shared one."""
    wanted = lock(fcntl.F_WRLCK)
    real = _refused_to_another(_OWN, lambda file: fcntl.fcntl(file, fcntl.F_SETLK, wanted), fork=True)
    return "locked a part of a file" if real else None


def ask_for_lock(facts: Facts) -> str | None:
    """Ask who has locked a part of a shared file."""
    fcntl.fcntl(_opened(), fcntl.F_GETLK, lock(fcntl.F_WRLCK))
    return "may ask for locks of a shared file"


def open_file_lock(facts: Facts) -> str | None:
    """Lock a part of a file on behalf of an open file; what locks one's own would lock a shared one."""
    real = _refused_to_another(_OWN, lambda file: fcntl.fcntl(file, OFD_SET, lock(fcntl.F_WRLCK)))
    return "locked a part of a file" if real else None


def device_lock(facts: Facts) -> str | None:
    """Lock a device that all share and may write."""
    real = _refused_to_another("/dev/full", lambda file: fcntl.fcntl(file, OFD_SET, lock(fcntl.F_WRLCK)))
    return "locked /dev/full" if real else None


def lease(facts: Facts) -> str | None:
    """Be told before anybody changes a shared file."""
    fcntl.fcntl(_opened(), fcntl.F_SETLEASE, fcntl.F_RDLCK)
    return "has a lease on a shared file"


def note(facts: Facts) -> str | None:
    """Be told when somebody reads a shared folder."""
    fcntl.fcntl(os.open("/usr/bin", os.O_RDONLY), fcntl.F_NOTIFY, fcntl.DN_ACCESS)
    return "watches a shared folder"


def watch(facts: Facts) -> str | None:
    """Be told when somebody opens a shared file."""
    os.close(call("inotify_init1", 0))
    return "may watch shared files"


def watch_mount(facts: Facts) -> str | None:
    """Be told of everything on a mount."""
    os.close(call("fanotify_init", 0x200, os.O_RDONLY))
    return "may watch mounts"


def hint(facts: Facts) -> str | None:
    """Leave a hint on a shared file about how long what is written will live; the one that it has."""
    descriptor = os.open(os.__file__, os.O_RDONLY)
    for get, put in ((GET_HINT, SET_HINT), (GET_HINT, SET_FILE_HINT)):
        value = fcntl.fcntl(descriptor, get, bytes(8))
        fcntl.fcntl(descriptor, put, value)
    return "left a hint on a shared file"


def pages_in_memory(facts: Facts) -> str | None:
    """See which pages of a shared file others have read."""
    with open(SHARED, "rb") as file, mmap.mmap(file.fileno(), 4096, prot=mmap.PROT_READ) as pages:
        where = ctypes.c_void_p()
        # The address of a read-only map is had through the mapping itself.
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [
            ctypes.c_void_p,
            ctypes.c_size_t,
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_int,
            ctypes.c_long,
        ]
        where.value = libc.mmap(None, len(pages), mmap.PROT_READ, mmap.MAP_PRIVATE, file.fileno(), 0)
        call("mincore", where, 4096, ctypes.create_string_buffer(1))
    return "sees which pages of a shared file are in memory"


def count_cached_pages(facts: Facts) -> str | None:
    """Count which pages of a shared file others have read."""
    span, counts = (ctypes.c_uint64 * 2)(0, 4096), (ctypes.c_uint64 * 5)()
    call("cachestat", _opened(), span, counts, 0)
    return "counts the pages of a shared file that are in memory"


def read_if_cached(facts: Facts) -> str | None:
    """Read a shared file only where others have read it."""
    os.preadv(_opened(), [bytearray(16)], 0, os.RWF_NOWAIT)
    return "may ask which pages of a shared file are in memory"


def evict_pages(facts: Facts) -> str | None:
    """Have the pages of a shared file leave memory."""
    os.posix_fadvise(_opened(), 0, 0, os.POSIX_FADV_DONTNEED)
    return "may have a shared file leave memory"
