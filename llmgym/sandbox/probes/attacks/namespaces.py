"""New namespaces, other namespaces, mounts. Standard library only."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
from typing import Any

from .calls import NotApplicable, allowed, call

Facts = dict[str, Any]
_FLAGS = {
    "user": 0x10000000,
    "mnt": 0x20000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "ipc": 0x08000000,
    "uts": 0x04000000,
    "cgroup": 0x02000000,
    "time": 0x80,
}
_BIND, _REMOUNT, _DETACH = 4096, 32, 2
_HERE = -100


def _unshare(kind: str) -> str | None:
    call("unshare", _FLAGS[kind])
    return f"left the namespace {kind}"


def unshare_user(facts: Facts) -> str | None:
    """Become root of a new user namespace."""
    return _unshare("user")


def unshare_mounts(facts: Facts) -> str | None:
    """Get mounts of one's own."""
    return _unshare("mnt")


def unshare_everything(facts: Facts) -> str | None:
    """Leave any other namespace, alone or with a user namespace."""
    refused: OSError | None = None
    for flag in _FLAGS.values():
        for flags in (flag, flag | _FLAGS["user"]):
            try:
                call("unshare", flags)
                return f"left a namespace by {flags:#x}"
            except OSError as error:
                refused = error
    raise refused or OSError()


def clone_into_user(facts: Facts) -> str | None:
    """Start a child in a new user namespace."""
    child = call("clone", _FLAGS["user"] | signal.SIGCHLD, 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "started a child in a new user namespace"


def clone3_into_user(facts: Facts) -> str | None:
    """The same through the newer call, whose flags a filter cannot see."""
    arguments = (ctypes.c_uint64 * 11)(_FLAGS["user"], 0, 0, 0, signal.SIGCHLD)
    child = call("clone3", arguments, ctypes.sizeof(arguments))
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    return "started a child in a new user namespace"


def enter_namespaces(facts: Facts) -> str | None:
    """Enter the namespaces of other processes, and one's own again."""
    refused: OSError | None = None
    for process in ("1", "self"):
        for kind in _FLAGS:
            try:
                handle = os.open(f"/proc/{process}/ns/{kind}", os.O_RDONLY)
            except OSError as error:
                refused = error
                continue
            try:
                call("setns", handle, 0)
                return f"entered /proc/{process}/ns/{kind}"
            except OSError as error:
                # What is wrong with entering one's own user namespace is not that it is forbidden.
                if error.errno == errno.EINVAL:
                    return f"setns was not refused, only its arguments were: {error.strerror}"
                refused = error
            finally:
                os.close(handle)
    raise refused or OSError()


def map_users(facts: Facts) -> str | None:
    """Change who one is outside."""
    refused: OSError | None = None
    for name, text in (("uid_map", b"0 0 1"), ("gid_map", b"0 0 1"), ("setgroups", b"allow")):
        try:
            handle = os.open(f"/proc/self/{name}", os.O_WRONLY)
            try:
                os.write(handle, text)
                return f"wrote /proc/self/{name}"
            finally:
                os.close(handle)
        except OSError as error:
            refused = error
    raise refused or OSError()


def mount_tmpfs(facts: Facts) -> str | None:
    """Mount a file system."""
    call("mount", b"none", os.getcwd().encode(), b"tmpfs", 0, b"size=4k")
    call("umount2", os.getcwd().encode(), _DETACH)
    return "mounted a file system"


def mount_proc(facts: Facts) -> str | None:
    """Mount another list of processes, with everything that this one hides."""
    os.makedirs("proc", exist_ok=True)
    call("mount", b"proc", b"proc", b"proc", 0, None)
    call("umount2", b"proc", _DETACH)
    return "mounted /proc"


def bind_root(facts: Facts) -> str | None:
    """Mount the root folder somewhere else."""
    call("mount", b"/", os.getcwd().encode(), None, _BIND, None)
    call("umount2", os.getcwd().encode(), _DETACH)
    return "mounted the root folder again"


def remount_root(facts: Facts) -> str | None:
    """Make the root folder writable."""
    call("mount", None, b"/", None, _BIND | _REMOUNT, None)
    return "remounted the root folder"


def uncover(facts: Facts) -> str | None:
    """Take away what is mounted over the host's own devices and processes."""
    for place in (b"/dev/pts", b"/proc", b"/dev/zero"):
        call("umount2", place, _DETACH)
        return f"unmounted {place.decode()}"
    return None


def pivot(facts: Facts) -> str | None:
    """Change the root of the mounts."""
    return allowed("pivot_root", b"/nowhere", b"/nowhere")


def change_root(facts: Facts) -> str | None:
    """Change the root folder to what it is."""
    call("chroot", b"/")
    return "changed the root folder"


def open_file_system(facts: Facts) -> str | None:
    """Mount by the newer calls."""
    handle = call("fsopen", b"tmpfs", 0)
    os.close(handle)
    return "opened a file system"


def open_tree(facts: Facts) -> str | None:
    """Copy a tree of mounts."""
    os.close(call("open_tree", _HERE, b"/", 1))
    return "copied a tree of mounts"


def pick_file_system(facts: Facts) -> str | None:
    """Reconfigure a mounted file system."""
    return allowed("fspick", _HERE, b"/", 0)


def move_mount(facts: Facts) -> str | None:
    """Move a mount."""
    return allowed("move_mount", _HERE, b"/nowhere", _HERE, b"/nowhere", 0)


def set_mount_attributes(facts: Facts) -> str | None:
    """Change attributes of a mount to none."""
    return allowed("mount_setattr", _HERE, b"/", 0, (ctypes.c_uint64 * 4)(), 32)


def list_mounts(facts: Facts) -> str | None:
    """List the mounts through the newer calls."""
    return allowed("listmount", None, None, 0, 0)


def handle_of_file(facts: Facts) -> str | None:
    """Get the handle of a file, by which files outside are reached."""
    handle = (ctypes.c_uint32 * 34)(128)
    mount = ctypes.c_int()
    call("name_to_handle_at", _HERE, b"/usr", handle, ctypes.byref(mount), 0)
    return "has the handle of a file"


def open_by_handle(facts: Facts) -> str | None:
    """Open a file by its handle."""
    handle = (ctypes.c_uint32 * 34)(0)
    return allowed("open_by_handle_at", _HERE, handle, os.O_RDONLY)


def quota(facts: Facts) -> str | None:
    """Ask for the quota of a disk."""
    if not os.path.exists("/proc/self"):
        raise NotApplicable("no processes are listed")
    return allowed(
        "quotactl",
        0x800001 << 8,
        None,
        0,
        None,
        refusals=(errno.EPERM, errno.EACCES, errno.ESRCH, errno.ENODEV),
    )
