"""Finding out about the host. Standard library only."""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from typing import Any

from .calls import call

Facts = dict[str, Any]


def environment_of_host(facts: Facts) -> str | None:
    """Find values of the host's environment in one's own."""
    found = [name for name, value in os.environ.items() if facts["marker"] in value]
    return f"has the host's {found}" if found else None


def host_name(facts: Facts) -> str | None:
    """Learn the host's name."""
    return "knows the host's name" if facts["host"] in (socket.gethostname(), os.uname().nodename) else None


def boot_id(facts: Facts) -> str | None:
    """Learn the identity of the machine."""
    refused: OSError | None = None
    for path in (
        "/proc/sys/kernel/random/boot_id",
        "/etc/machine-id",
        "/var/lib/dbus/machine-id",
        "/etc/hostname",
    ):
        try:
            with open(path) as file:
                return f"read {path}: {file.read(8)}..."
        except OSError as error:
            refused = error
    raise refused or OSError()


def machine(facts: Facts) -> str | None:
    """Learn how busy and how large the machine is."""
    refused: OSError | None = None
    for name in (
        "meminfo",
        "cpuinfo",
        "loadavg",
        "stat",
        "uptime",
        "version",
        "cmdline",
        "mounts",
        "keys",
        "locks",
    ):
        try:
            with open(f"/proc/{name}") as file:
                file.read(10)
            if name != "mounts":
                return f"read /proc/{name}"
        except OSError as error:
            refused = error
    raise refused or OSError()


def load(facts: Facts) -> str | None:
    """Ask the kernel how long the machine has run and how busy it is."""
    told = ctypes.create_string_buffer(128)
    call("sysinfo", told)
    seconds, load = struct.unpack_from("=qQ", told.raw)
    return f"the machine has run for {seconds} s and has a load of {load / 65536:.1f}"


def paths_in_commands(facts: Facts) -> str | None:
    """Find paths of the host in the commands of processes."""
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/cmdline") as file:
                told = file.read()
        except OSError:
            continue
        for path in facts["paths"]:
            if path in told and name != str(os.getpid()):
                return f"found a path of the host in the command of process {name}"
    return None


def paths_in_memory_map(facts: Facts) -> str | None:
    """Find paths of the host in the map of one's memory."""
    with open("/proc/self/maps") as file:
        told = file.read()
    return next((f"found {path}" for path in facts["paths"] if path in told), None)


def paths_in_interpreter(facts: Facts) -> str | None:
    """Find paths of the host in the interpreter's search path and prefixes."""
    import sys

    told = [*sys.path, sys.prefix, sys.base_prefix, sys.executable or ""]
    return next((f"found {path}" for path in facts["paths"] for one in told if one.startswith(path)), None)


def paths_in_mounts(facts: Facts) -> str | None:
    """Find paths of the host in the list of mounts."""
    with open("/proc/self/mountinfo") as file:
        told = file.read()
    return next((f"found {path}" for path in facts["paths"] if path in told), None)


def users_of_host(facts: Facts) -> str | None:
    """Learn the names of the host's users."""
    with open("/etc/passwd") as file:
        names = [line.split(":")[0] for line in file]
    return f"knows the users {names[:4]}" if len(names) > 1 else None


def control_group(facts: Facts) -> str | None:
    """Learn in which group of processes the host put the sandbox."""
    with open("/proc/self/cgroup") as file:
        groups = [line.strip().split(":")[-1] for line in file]
    named = [group for group in groups if group not in ("/", "")]
    return f"knows the groups {named[:2]}" if named else None
