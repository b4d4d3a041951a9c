"""Reading and writing what is not the sandbox's own. Standard library only."""

from __future__ import annotations

import os
import stat
from typing import Any

from .calls import NotApplicable

Facts = dict[str, Any]


def _read(path: str) -> str:
    with open(path, "rb") as file:
        return f"read {len(file.read(200))} bytes of {path}"


def _create(*folders: str) -> str | None:
    """Try to create a file in each folder, and take it away again."""
    refused: OSError | None = None
    for folder in folders:
        path = os.path.join(folder, "llmgym-probe")
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            refused = error
            continue
        os.unlink(path)
        return f"created a file in {folder}"
    if refused is not None:
        raise refused
    return None


def read_shadow(facts: Facts) -> str | None:
    """Read the password hashes."""
    return _read("/etc/shadow")


def read_file_of_host(facts: Facts) -> str | None:
    """Read a file in the host's folder for temporary files."""
    return _read(facts["file"])


def list_home_of_host(facts: Facts) -> str | None:
    """List home folders."""
    for path in (facts["home"], "/root", "/home"):
        try:
            return f"listed {path}: {os.listdir(path)[:3]}"
        except FileNotFoundError:
            continue
    return None


def follow_link_to_host(facts: Facts) -> str | None:
    """Read a file of the host through a symbolic link."""
    link = os.path.join(os.getcwd(), "link-to-host")
    os.symlink(facts["file"], link)
    return _read(link)


def climb_out(facts: Facts) -> str | None:
    """Read a file of the host through the root folders of processes, and upwards."""
    refused: OSError | None = None
    for start in ("/proc/self/root", "/proc/1/root", "/proc/1/cwd", "/proc/self/root/../../../.."):
        try:
            return _read(start + facts["file"])
        except OSError as error:
            refused = error
    raise refused or OSError()


def read_settings_of_tools(facts: Facts) -> str | None:
    """Read settings of tools, which may hold passwords."""
    import sys

    names = (
        "pip.conf",
        ".condarc",
        ".pypirc",
        ".netrc",
        ".git-credentials",
        ".ssh/id_rsa",
        ".aws/credentials",
    )
    folders = (sys.base_prefix, sys.prefix, "/etc", "/usr", "/usr/local", "/root", facts["home"], os.getcwd())
    for folder in folders:
        for name in names:
            if os.path.exists(os.path.join(folder, name)):
                return _read(os.path.join(folder, name))
    return None


def find_engine_socket(facts: Facts) -> str | None:
    """Find the socket of a container engine or of the system's services."""
    for path in (
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/run/podman/podman.sock",
        "/run/dbus/system_bus_socket",
    ):
        if os.path.exists(path):
            return f"found {path}"
    return None


def write_system(facts: Facts) -> str | None:
    """Create files among the system's."""
    return _create("/usr", "/usr/bin", "/usr/lib", "/etc", "/bin", "/lib", "/var", "/opt")


def write_root(facts: Facts) -> str | None:
    """Create a file in the root folder."""
    return _create("/")


def write_interpreter(facts: Facts) -> str | None:
    """Create files beside the interpreter and its library."""
    return _create("/python", "/python/bin", os.path.dirname(os.__file__))


def write_packages(facts: Facts) -> str | None:
    """Create files beside what every program imports."""
    return _create("/sandbox", "/sandbox/inside", "/packages")


def write_devices(facts: Facts) -> str | None:
    """Create files among devices and processes."""
    return _create("/dev", "/dev/pts", "/proc", "/proc/self")


def open_shared_for_writing(facts: Facts) -> str | None:
    """Open files that sandboxes share for writing, writing nothing."""
    refused: OSError | None = None
    for path in ("/usr/bin/env", os.__file__, "/etc/passwd", "/etc/ld.so.cache", "/sandbox/inside/init.py"):
        try:
            os.close(os.open(path, os.O_RDWR))
        except OSError as error:
            refused = error
        else:
            return f"opened {path} for writing"
    raise refused or OSError()


def reopen_descriptor(facts: Facts) -> str | None:
    """Open a shared file for reading, and what its descriptor points to for writing."""
    descriptor = os.open("/usr/bin/env", os.O_RDONLY)
    os.close(os.open(f"/proc/self/fd/{descriptor}", os.O_RDWR))
    return "reopened /usr/bin/env for writing"


def write_to_standard_input(facts: Facts) -> str | None:
    """Make standard input a place to keep things, which no limit counts."""
    if not stat.S_ISREG(os.fstat(0).st_mode):
        raise NotApplicable("standard input is no file")
    descriptor = os.open("/proc/self/fd/0", os.O_RDWR)
    os.ftruncate(descriptor, 1 << 20)
    return "made standard input 1 MiB long"


def change_modes(facts: Facts) -> str | None:
    """Set the mode of a shared file to what it is."""
    os.chmod("/usr/bin/env", stat.S_IMODE(os.stat("/usr/bin/env").st_mode))
    return "set the mode of /usr/bin/env"


def touch_shared(facts: Facts) -> str | None:
    """Set the times of devices and files that sandboxes share."""
    refused: OSError | None = None
    for path in (
        "/dev/null",
        "/dev/zero",
        "/dev/full",
        "/dev/random",
        "/dev/urandom",
        "/dev/tty",
        "/usr/bin/env",
    ):
        try:
            os.utime(path)
            return f"touched {path}"
        except OSError as error:
            refused = error
    raise refused or OSError()


def link_shared(facts: Facts) -> str | None:
    """Make a hard link to a shared file."""
    os.link("/usr/bin/env", os.path.join(os.getcwd(), "linked"))
    return "linked /usr/bin/env"


def mark_shared(facts: Facts) -> str | None:
    """Put an extended attribute on a shared file."""
    os.setxattr("/usr/bin/env", "user.llmgym", b"1")
    os.removexattr("/usr/bin/env", "user.llmgym")
    return "put an attribute on /usr/bin/env"


def leave_file_in_temporary_folder(facts: Facts) -> str | None:
    """Leave a file where the host would see it; whether it does is for the host to say."""
    with open(os.path.join("/tmp", facts["name"]), "w") as file:
        file.write("left by a probe")
    return None


def scan_descriptors(facts: Facts) -> str | None:
    """Look for descriptors that are not the program's own."""
    kinds = (stat.S_ISFIFO, stat.S_ISREG)
    found = []
    for descriptor in range(4096):
        try:
            mode = os.fstat(descriptor).st_mode
        except OSError:
            continue
        target = os.readlink(f"/proc/self/fd/{descriptor}")
        if descriptor > 2 and target != facts.get("own"):
            found.append(f"{descriptor} -> {target}")
        elif descriptor <= 2 and not any(kind(mode) for kind in kinds):
            found.append(f"{descriptor} -> {target}")
    return f"found descriptors {found}" if found else None
