"""For root alone: puts what a sandbox needs where an ordinary user can reach it, becomes that user, starts bubblewrap.

Bubblewrap started by root is no boundary: the user inside would still own root's files. The places that it mounts may
be closed to an ordinary user (an interpreter below /root), so they are mounted again below a file system that only
this process and its children see, before the rights to do so are given up. Standard library only.
"""

import json
import os
import sys

from . import kernel

_STAGE = "/tmp"
_USER = 65534


def main():
    """Mount place number N as ``/tmp/N``, become an ordinary user, and execute the command."""
    places, command = json.loads(sys.argv[1]), sys.argv[2:]
    kernel.unshare(kernel.NEWNS)
    kernel.mount("none", "/", "none", kernel.REC | kernel.PRIVATE)
    handles = [os.open(place, os.O_PATH) for place in places]
    kernel.mount("tmpfs", _STAGE, "tmpfs", kernel.NOSUID | kernel.NODEV, "size=1m,mode=755")
    for number, handle in enumerate(handles):
        target = f"{_STAGE}/{number}"
        if os.path.isdir(f"/proc/self/fd/{handle}"):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
        kernel.mount(f"/proc/self/fd/{handle}", target, "none", kernel.BIND)
        os.close(handle)
    os.setgroups([])
    os.setresgid(_USER, _USER, _USER)
    os.setresuid(_USER, _USER, _USER)
    kernel.no_new_privileges()
    os.chdir("/")
    os.execv(command[0], command)
