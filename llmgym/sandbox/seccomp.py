"""The system calls that sandboxed programs may not make, compiled to a filter for the kernel.

What is refused: everything that changes namespaces or mounts, looks into other processes, talks to devices or to the
kernel's configuration; everything by which two sandboxes could reach each other although namespaces keep them apart
(the keyring, locks and watches on shared files, System V memory, every socket but a local pair); and whole subsystems
with a history of faults (io_uring, bpf, userfaultfd). A refused call fails with an error code; it kills nobody.
"""

from __future__ import annotations

import errno
import platform
import struct

__all__ = ["compile_filter"]

_X86_64, _AARCH64 = 0xC000003E, 0xC00000B7
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_ALLOW, _ERROR, _KILL = 0x7FFF0000, 0x00050000, 0x80000000
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16
_X32 = 0x40000000
_LAST = 470
"""The last call that was known when the list below was made. What came later, a program can do without."""

_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # Namespaces, mounts and handles of files.
    "unshare": (272, 97),
    "setns": (308, 268),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "statmount": (457, 457),
    "listmount": (458, 458),
    "open_tree_attr": (467, 467),
    "listns": (470, 470),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    # Other processes.
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "pidfd_getfd": (438, 438),
    "kcmp": (312, 272),
    "move_pages": (279, 239),
    "migrate_pages": (256, 238),
    "ioprio_set": (251, 30),
    "mbind": (237, 235),
    "set_mempolicy": (238, 237),
    # The kernel and the machine.
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "reboot": (169, 142),
    "syslog": (103, 116),
    "acct": (163, 89),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "sysfs": (139, None),
    "ustat": (136, None),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "vhangup": (153, 58),
    "personality": (135, 92),
    "lookup_dcookie": (212, 18),
    "nfsservctl": (180, 42),
    # What outlives a sandbox, or is seen from another one.
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "bind": (49, 200),
    "connect": (42, 203),
    "io_setup": (206, 0),
    "fadvise64": (221, 223),
    "preadv2": (327, 286),
    "inotify_init": (253, None),
    "inotify_init1": (294, 26),
    "inotify_add_watch": (254, 27),
    "fanotify_init": (300, 262),
    "mincore": (27, 232),
    "cachestat": (451, 451),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    # Memory that no limit counts.
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
}
"""For each call its number on x86_64 and on aarch64."""

_SOCKET, _SOCKETPAIR, _CLONE, _CLONE3 = (41, 198), (53, 199), (56, 220), (435, 435)
_FCNTL, _IOCTL, _PRLIMIT, _SET_PRIORITY, _MMAP = (72, 25), (16, 29), (302, 261), (141, 140), (9, 222)
_SCHEDULING = ((144, 119), (142, 118), (314, 274), (203, 122))
"""Policy, parameters, attributes and processors of a process, which is their first argument."""
_NAMESPACES = 0x7E020080
"""Every flag of clone that makes a namespace."""
_LOCAL_SOCKETS = 1
_LOCKS_AND_NOTES = (5, 36, 1024, 1026, 1036, 1038, 1040)
"""Commands of fcntl: questions about record locks, leases, notes on folders, hints that stay with a shared file,
delegations."""
_LOCKING, _FLOCK = (6, 7, 37, 38), (73, 32)
"""Commands of fcntl, and the call, that take a lock or give it back."""
_SHARED, _ANONYMOUS, _HUGE = 1, 0x20, 0x40000
"""Flags of mmap."""
_TERMINAL_INJECTION = (0x5412, 0x541C)
_MADVISE, _OUT_OF_MEMORY = (28, 233), (20, 21)
"""Advice to swap memory out, where it does not count as resident."""


def compile_filter(machine: str | None = None) -> bytes:
    """Return the filter for a kind of processor.

    Args:
        machine: As ``platform.machine()`` names it; by default this machine's.

    Raises:
        ValueError: When the numbers of its system calls are not known here.
    """
    machine = machine or platform.machine()
    kinds = {"x86_64": (0, _X86_64), "aarch64": (1, _AARCH64), "arm64": (1, _AARCH64)}
    if machine not in kinds:
        raise ValueError(f"no system call filter is known for the processor {machine!r}")
    column, architecture = kinds[machine]
    refuse, absent, family = (_ERROR | code for code in (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT))
    code = [
        _op(_LOAD, _ARCHITECTURE),
        _op(_EQUAL, architecture, 1, 0),
        _op(_RETURN, _KILL),
        _op(_LOAD, _NUMBER),
    ]
    if column == 0:
        code += [_op(_AT_LEAST, _X32, 0, 1), _op(_RETURN, absent)]
    code += [_op(_AT_LEAST, _LAST + 1, 0, 1), _op(_RETURN, absent)]
    for numbers in _REFUSED.values():
        if numbers[column] is not None:
            code += [_op(_EQUAL, numbers[column] or 0, 0, 1), _op(_RETURN, refuse)]
    # The C library falls back on clone, whose flags a filter can see.
    code += [_op(_EQUAL, _CLONE3[column], 0, 1), _op(_RETURN, absent)]
    code += _guarded(_CLONE[column], 0, [_op(_ANY_BIT, _NAMESPACES, 0, 1), _op(_RETURN, refuse)], _ALLOW)
    code += [_op(_EQUAL, _SOCKET[column], 0, 1), _op(_RETURN, family)]
    code += _guarded(
        _SOCKETPAIR[column], 0, [_op(_EQUAL, _LOCAL_SOCKETS, 0, 1), _op(_RETURN, _ALLOW)], family
    )
    # Neither the limits of the process that watches over the sandbox nor its share of the processor are to be changed
    # from inside.
    itself = [_op(_EQUAL, 0, 0, 1), _op(_RETURN, _ALLOW)]
    for numbers in (_PRLIMIT, *_SCHEDULING):
        code += _guarded(numbers[column], 0, itself, refuse)
    one_process = [_op(_EQUAL, 0, 1, 0), _op(_RETURN, refuse), _op(_LOAD, _ARGUMENT + 8), *itself]
    code += _guarded(_SET_PRIORITY[column], 0, one_process, refuse)
    # Shared memory without a file stays when a part of it is unmapped: nobody could count it.
    uncounted = [_op(_ANY_BIT, _HUGE, 0, 1), _op(_RETURN, refuse)]
    uncounted += [_op(_ANY_BIT, _ANONYMOUS, 0, 2), _op(_ANY_BIT, _SHARED, 0, 1), _op(_RETURN, refuse)]
    code += _guarded(_MMAP[column], 3, uncounted, _ALLOW)
    # A lock on a file that all sandboxes see would be a message. Programs are told that they have it, since many do
    # nothing without, but none is taken.
    code += [_op(_EQUAL, _FLOCK[column], 0, 1), _op(_RETURN, _ERROR)]
    for call, answers in (
        (_FCNTL, {_LOCKING: _ERROR, _LOCKS_AND_NOTES: _ERROR | errno.ENOLCK}),
        (_IOCTL, {_TERMINAL_INJECTION: refuse}),
    ):
        told = [(value, answer) for values, answer in answers.items() for value in values]
        tests = [step for value, answer in told for step in (_op(_EQUAL, value, 0, 1), _op(_RETURN, answer))]
        code += _guarded(call[column], 1, tests, _ALLOW)
    swap = [step for value in _OUT_OF_MEMORY for step in (_op(_EQUAL, value, 0, 1), _op(_RETURN, refuse))]
    code += _guarded(_MADVISE[column], 2, swap, _ALLOW)
    code.append(_op(_RETURN, _ALLOW))
    return b"".join(code)


def _op(code: int, value: int, when: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("<HBBI", code, when, otherwise, value)


def _guarded(number: int, argument: int, tests: list[bytes], last: int) -> list[bytes]:
    """Return the steps for one call whose argument decides; ``last`` is returned when no test does."""
    body = [_op(_LOAD, _ARGUMENT + 8 * argument), *tests, _op(_RETURN, last)]
    return [_op(_EQUAL, number, 0, len(body)), *body]
