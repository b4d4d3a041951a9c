"""The probes: every attack of the modules beside, with what is special about some."""

from __future__ import annotations

import dataclasses
import inspect
import signal
from types import ModuleType
from typing import Any

from llmgym.sandbox.base import Cause, Limits
from llmgym.sandbox.probes.attacks import (
    bombs,
    channels,
    files,
    identity,
    kernel,
    namespaces,
    network,
    privileges,
    processes,
    sharing,
)
from llmgym.sandbox.probes.probe import Probe, Row

__all__ = ["BOMBS", "CHANNELS", "ESCAPES", "PROBES"]

_MODULES = (files, identity, processes, privileges, namespaces, network, kernel, sharing)
_ALONE = {
    "files.scan_descriptors",
    "processes.interrupt_first",
    "processes.kill_everybody",
    "processes.kill_first",
    "processes.stop_first",
}
_ACTS = {
    "files.change_modes",
    "files.touch_shared",
    "files.mark_shared",
    "kernel.adjust_clock",
    "kernel.privilege_level",
    "kernel.reboot",
    "kernel.set_clock",
    "kernel.set_domain_name",
    "kernel.set_host_name",
    "kernel.swap",
    "kernel.type_into_terminal",
    "kernel.write_sysctl",
    "namespaces.bind_root",
    "namespaces.mount_proc",
    "namespaces.mount_tmpfs",
    "namespaces.pivot",
    "namespaces.remount_root",
    "namespaces.set_mount_attributes",
    "namespaces.uncover",
    "privileges.shadow_system_library",
    "sharing.evict_pages",
    "sharing.hint",
}
_ENDS = {"kernel.i386_calls": frozenset({int(signal.SIGSYS), int(signal.SIGSEGV)})}
_KNOWN = {
    "identity.load": "the C library asks the kernel for the size of memory by the same call",
    "identity.paths_in_mounts": "the list of mounts names where a mounted folder lies on the host's disk; nothing of "
    "it can be opened",
    "channels.room_of_pipes": "the kernel counts the pipes of all sandboxes of a user together, and makes new ones "
    "smaller when there are many",
    "channels.wait_on_page": "two programs that agree on it can wake each other through a page that both map; only "
    "sandboxes on other machines have no page in common",
}
_MIB = 1 << 20
_LIMITS = Limits(
    wall_seconds=1,
    cpu_seconds=10,
    memory_bytes=128 * _MIB,
    processes=32,
    file_bytes=16 * _MIB,
    disk_bytes=64 * _MIB,
    open_files=256,
    output_bytes=_MIB,
)
_ROOMY = dataclasses.replace(_LIMITS, wall_seconds=8, disk_bytes=256 * _MIB, file_bytes=64 * _MIB)
_CROWDED = dataclasses.replace(_LIMITS, memory_bytes=1024 * _MIB)
_SHORT = dataclasses.replace(_LIMITS, cpu_seconds=1, wall_seconds=8)
_Bomb = tuple[frozenset[Cause], Limits, bool]


def _ended(*causes: Cause, limits: Limits = _LIMITS, fast: bool = False) -> _Bomb:
    return frozenset(causes), limits, fast


_BOMBS: dict[str, _Bomb] = {
    "fork": _ended("wall_time", limits=_CROWDED, fast=True),
    "fork_and_exit": _ended("exited", fast=True),
    "threads": _ended("exited"),
    "memory": _ended("memory", limits=_ROOMY, fast=True),
    "memory_of_many": _ended("memory", limits=_ROOMY),
    "memory_of_the_hidden": _ended("memory", limits=_ROOMY, fast=True),
    "memory_shared": _ended("exited", fast=True),
    "memory_in_folders": _ended("memory", limits=_ROOMY),
    "memory_in_pipes": _ended("memory", "wall_time"),
    "memory_in_sockets": _ended("memory", limits=_ROOMY, fast=True),
    "disk": _ended("exited"),
    "one_file": _ended("exited", "output"),
    "inodes": _ended("exited", limits=_ROOMY),
    "descriptors": _ended("exited"),
    "output": _ended("output", limits=_ROOMY, fast=True),
    "errors": _ended("output", limits=_ROOMY),
    "long_line": _ended("exited", "output", limits=_ROOMY),
    "zip_archive": _ended("memory", "exited", "wall_time", limits=_ROOMY),
    "pattern": _ended("wall_time"),
    "deep_json": _ended("signal", "exited", limits=_ROOMY),
    "sleep": _ended("wall_time"),
    "busy": _ended("cpu_time", limits=_SHORT),
    "busy_in_many": _ended("cpu_time", "wall_time", limits=_CROWDED),
    "ignore_signals": _ended("cpu_time", "wall_time", limits=_SHORT),
    "stop": _ended("wall_time", fast=True),
    "daemon": _ended("exited", fast=True),
    "hold_output": _ended("exited"),
}
_LIMITED_BY_PROCESS = {"memory", "one_file", "descriptors", "pattern", "sleep", "busy", "ignore_signals"}
"""What a backend without a boundary limits all the same."""


def _attacks(module: ModuleType) -> dict[str, str]:
    """Return the attacks of a module with their titles, in the order of the file."""
    found: dict[str, str] = {}
    for name, thing in vars(module).items():
        if inspect.isfunction(thing) and thing.__module__ == module.__name__ and not name.startswith("_"):
            if list(inspect.signature(thing).parameters) == ["facts"]:
                found[name] = (thing.__doc__ or name.replace("_", " ")).splitlines()[0]
    return found


def _made(row: Row, module: ModuleType, name: str, title: str, **special: Any) -> Probe:
    full = f"{module.__name__.rpartition('.')[2]}.{name}"
    return Probe(
        full,
        row,
        title,
        alone=full in _ALONE,
        ends=_ENDS.get(full, frozenset()),
        known=_KNOWN.get(full, ""),
        **{"acts": full in _ACTS, **special},
    )


def _channels() -> tuple[Probe, ...]:
    names = [name.removeprefix("send_") for name in vars(channels) if name.startswith("send_")]
    return tuple(
        _made("leak", channels, name, f"Tell another sandbox one bit: {name.replace('_', ' ')}.", acts=True)
        for name in names
        if name != "all"
    )


ESCAPES = tuple(
    _made("escape", module, name, title) for module in _MODULES for name, title in _attacks(module).items()
)
"""Attempts to get out."""
CHANNELS = _channels()
"""Attempts to tell another sandbox one bit."""
BOMBS = tuple(
    _made(
        "bomb",
        bombs,
        name,
        title,
        causes=_BOMBS[name][0],
        limits=_BOMBS[name][1],
        fast=_BOMBS[name][2],
        acts=name not in _LIMITED_BY_PROCESS,
    )
    for name, title in _attacks(bombs).items()
)
"""Attempts to exhaust the machine."""
PROBES = ESCAPES + CHANNELS + BOMBS
"""All of them."""
