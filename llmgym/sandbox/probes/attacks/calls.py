"""System calls by name, which Python does not offer. Standard library only."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
from typing import Any

NUMBERS: dict[str, tuple[int | None, int | None]] = {
    "accept4": (288, 242),
    "acct": (163, 89),
    "add_key": (248, 217),
    "bpf": (321, 280),
    "cachestat": (451, 451),
    "capset": (126, 91),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "futex": (202, 98),
    "init_module": (175, 105),
    "inotify_init1": (294, 26),
    "io_setup": (206, 0),
    "io_uring_setup": (425, 425),
    "ioperm": (173, None),
    "iopl": (172, None),
    "ioprio_set": (251, 30),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "listmount": (458, 458),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "mincore": (27, 232),
    "modify_ldt": (154, None),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "msgctl": (71, 187),
    "msgget": (68, 186),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pidfd_open": (434, 434),
    "pivot_root": (155, 41),
    "prlimit64": (302, 261),
    "process_madvise": (440, 440),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "sched_setattr": (314, 274),
    "semctl": (66, 191),
    "semget": (64, 190),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "shmctl": (31, 195),
    "shmget": (29, 194),
    "statmount": (457, 457),
    "swapon": (167, 224),
    "sysinfo": (99, 179),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
}
"""For each call its number on x86_64 and on aarch64."""

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


class NotApplicable(Exception):
    """What is attacked does not exist here."""


def call(name: str, *arguments: Any) -> int:
    """Make a system call.

    Raises:
        OSError: What the kernel said.
        NotApplicable: The call does not exist on this processor or in this kernel.
    """
    column = {"x86_64": 0, "aarch64": 1}.get(platform.machine())
    number = None if column is None else NUMBERS[name][column]
    if number is None:
        raise NotApplicable(f"{name} has no number on {platform.machine()}")
    made = int(_libc.syscall(ctypes.c_long(number), *(_word(argument) for argument in arguments)))
    if made < 0:
        code = ctypes.get_errno()
        if code == errno.ENOSYS and name not in ("clone3", "sched_setattr"):
            raise NotApplicable(f"{name} does not exist in this kernel")
        raise OSError(code, f"{name}: {os.strerror(code)}")
    return made


def _word(value: Any) -> Any:
    return ctypes.c_long(value) if isinstance(value, int) else value


def allowed(
    name: str, *arguments: Any, refusals: tuple[int, ...] = (errno.EPERM, errno.EACCES)
) -> str | None:
    """Make a call that is wrong on purpose; return what that shows when it was not simply refused.

    The kernel looks at permissions first: an error about the arguments means that right ones would have done harm.
    """
    try:
        return f"{name} returned {call(name, *arguments)}"
    except OSError as error:
        if error.errno in refusals:
            raise
        return f"{name} was not refused, only its arguments were: {error.strerror}"
