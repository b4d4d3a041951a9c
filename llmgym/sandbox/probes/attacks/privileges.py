"""Becoming somebody else. Standard library only."""

from __future__ import annotations

import ctypes
import os
import shutil
import stat
import subprocess
from typing import Any

from .calls import NotApplicable, call

Facts = dict[str, Any]


def _status(name: str) -> str:
    with open("/proc/self/status") as file:
        return next(line.split(":")[1].strip() for line in file if line.startswith(name + ":"))


def be_root(facts: Facts) -> str | None:
    """Be root to begin with."""
    return "is root" if 0 in (os.getuid(), os.geteuid(), os.getgid(), os.getegid()) else None


def have_capabilities(facts: Facts) -> str | None:
    """Have a capability to begin with."""
    held = {name: _status(name) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}
    found = {name: value for name, value in held.items() if int(value, 16)}
    return f"has capabilities: {found}" if found else None


def gain_privileges(facts: Facts) -> str | None:
    """Be allowed to gain privileges by starting a program."""
    return None if _status("NoNewPrivs") == "1" else "may gain privileges"


def be_unfiltered(facts: Facts) -> str | None:
    """Run without a filter for system calls."""
    return None if _status("Seccomp") == "2" else "runs without a filter for system calls"


def become_root(facts: Facts) -> str | None:
    """Become root by asking."""
    refused: OSError | None = None
    for change in (lambda: os.setuid(0), lambda: os.setgid(0), lambda: os.setresuid(0, 0, 0)):
        try:
            change()
            return "became root"
        except OSError as error:
            refused = error
    raise refused or OSError()


def join_groups(facts: Facts) -> str | None:
    """Join other groups."""
    os.setgroups([0])
    return "joined a group"


def raise_capabilities(facts: Facts) -> str | None:
    """Take a capability by asking."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    call("capset", header, (ctypes.c_uint32 * 6)(1 << 21, 1 << 21, 0, 0, 0, 0))
    return "took a capability"


def run_setuid_programs(facts: Facts) -> str | None:
    """Start programs that make whoever starts them root, and look who they are."""
    found = [
        path for name in ("su", "mount", "passwd", "sudo", "newgrp", "chsh") if (path := shutil.which(name))
    ]
    if not found:
        raise NotApplicable("there is no setuid program")
    for path in found:
        child = subprocess.Popen([path, "--help"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            with open(f"/proc/{child.pid}/status") as file:
                users = next((line.split()[1:] for line in file if line.startswith("Uid:")), [])
            if "0" in users and os.getuid() != 0:
                return f"{path} runs as root"
        except OSError:
            continue
        finally:
            child.kill()
            child.wait()
    return None


def make_setuid_program(facts: Facts) -> str | None:
    """Make a program that makes whoever starts it its owner."""
    source = shutil.which("id")
    if source is None:
        raise NotApplicable("there is no program id")
    shutil.copy(source, "own-id")
    os.chmod("own-id", 0o6755)
    told = subprocess.run(["./own-id", "-u"], capture_output=True, text=True, timeout=5, check=False).stdout
    return f"became user {told.strip()}" if told.strip() not in ("", str(os.getuid())) else None


def give_capability_to_file(facts: Facts) -> str | None:
    """Give a file a capability."""
    with open("capable", "w") as file:
        file.write("")
    os.setxattr("capable", "security.capability", bytes.fromhex("0100000200002000000000000000000000000000"))
    return "gave a file a capability"


def make_device(facts: Facts) -> str | None:
    """Make a device by which the machine's memory is read."""
    os.mknod("memory", stat.S_IFCHR | 0o600, os.makedev(1, 1))
    try:
        with open("memory", "rb"):
            return "made a device and opened it"
    finally:
        os.unlink("memory")


def shadow_system_library(facts: Facts) -> str | None:
    """Have every program of the sandbox load a library."""
    with open("/etc/ld.so.preload", "x"):
        pass
    os.unlink("/etc/ld.so.preload")
    return "made /etc/ld.so.preload"
