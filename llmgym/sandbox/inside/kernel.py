"""System calls that Python does not offer: namespaces, mounts, capabilities, seccomp. Standard library only."""

import ctypes
import errno
import os
import platform
import signal
import struct

NEWNS, NEWUSER, NEWPID, NEWNET, NEWIPC = 0x00020000, 0x10000000, 0x20000000, 0x40000000, 0x08000000
RDONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, REC, PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18

_SET_DUMPABLE, _SET_SECCOMP, _SET_NO_NEW_PRIVS = 4, 22, 38
_SENDING = (46, 307) if platform.machine() == "x86_64" else (211, 269)
"""The calls sendmsg and sendmmsg."""
_CAPABILITIES_VERSION_3 = 0x20080522

_libc = ctypes.CDLL(None, use_errno=True)
_python = ctypes.PyDLL(None, use_errno=True)
_python.syscall.argtypes = [ctypes.c_long] * 6
_libc.prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
_libc.mount.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_char_p]


class _Program(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]


def _checked(result: int, what: str) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def unshare(flags: int) -> None:
    """Leave the namespaces that are named."""
    _checked(_libc.unshare(flags), "unshare")


def fork_into(flags: int) -> int:
    """Fork, with the child in new namespaces; return its process id, or 0 in the child.

    One fork, where leaving the namespaces first would take two: a new one of processes begins with a child. The
    caller must have a single thread, as Python's own preparations for a fork are left out.
    """
    number = 56 if platform.machine() == "x86_64" else 220
    child: int = _python.syscall(number, flags | signal.SIGCHLD, 0, 0, 0, 0)
    _checked(child, "clone")
    return child


def mount(source: str, target: str, kind: str, flags: int, data: str = "") -> None:
    """Mount a file system."""
    arguments = source.encode(), target.encode(), kind.encode(), flags, data.encode()
    _checked(_libc.mount(*arguments), f"mount {target}")


def no_new_privileges() -> None:
    """Let no program that is started from here on gain a privilege."""
    _checked(_libc.prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def dumpable(yes: bool) -> None:
    """Say whether processes of the same user may look into this one."""
    _checked(_libc.prctl(_SET_DUMPABLE, int(yes), 0, 0, 0), "dumpable")


def drop_capabilities() -> None:
    """Give up every capability, for good."""
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION_3, 0)
    nothing = (ctypes.c_uint32 * 6)()
    _checked(_libc.capset(header, nothing), "capset")


def install_filter(code: bytes) -> None:
    """Install a seccomp filter, given as compiled BPF."""
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _checked(_libc.prctl(_SET_SECCOMP, 2, ctypes.addressof(program), 0, 0), "seccomp")


def refuse_messages() -> None:
    """Refuse the calls by which descriptors are sent over a socket, on top of the filter that is there.

    The kernel counts descriptors on their way for all processes of a user together, and lets none send more when they
    are many: a program could tell another sandbox so, or keep those that watch over sandboxes from their work.
    """
    refused = [(0x15, 0, 1, number) for number in _SENDING]
    refused = [step for test in refused for step in (test, (0x06, 0, 0, 0x00050000 | errno.EPERM))]
    steps = [(0x20, 0, 0, 0), *refused, (0x06, 0, 0, 0x7FFF0000)]
    install_filter(b"".join(struct.pack("<HBBI", *step) for step in steps))
