"""The settings of a container, and the request that makes it."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llmgym.errors import UsageError
from llmgym.sandbox.base import HOME, Limits
from llmgym.sandbox.container_keeper import KEEPER
from llmgym.sandbox.container_owner import labels_of_this_process

__all__ = ["SPARE_PROCESSES", "Settings", "body_of", "owner_of"]

SPARE_PROCESSES = 2
"""The keeper, and the one that the engine starts a program with."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What a container is made of; see :class:`~llmgym.sandbox.container.ContainerSandbox`.

    Raises:
        UsageError: When a value makes no sense.
    """

    image: str
    network: bool | str
    cpus: float | None
    user: str | None
    pull: str
    platform: str | None
    writable: bool
    capabilities: tuple[str, ...]
    env: Mapping[str, str]
    ttl: float

    def __post_init__(self) -> None:
        if not self.image or re.search(r"\s", self.image) or self.image.startswith("-"):
            raise UsageError(f"Expected image to be the name of an image, found {self.image!r}.")
        if self.pull not in ("missing", "always", "never"):
            raise UsageError(f"Expected pull to be missing, always or never, found {self.pull!r}.")
        if self.user is not None and not re.fullmatch(r"\d{1,9}(:\d{1,9})?", self.user):
            raise UsageError(f"Expected user to be a number, or two as in '1000:1000', found {self.user!r}.")
        if self.cpus is not None and not (math.isfinite(self.cpus) and self.cpus > 0):
            raise UsageError(f"Expected cpus to be a number above 0, found {self.cpus!r}.")
        if not self.ttl > 0:
            raise UsageError(f"Expected ttl to be a number of seconds above 0, found {self.ttl!r}.")

    @property
    def program_user(self) -> str:
        """The user and group of the programs."""
        user = self.user or ("0" if self.writable else "65534")
        return user if ":" in user else f"{user}:{user}"


def owner_of(settings: Settings) -> tuple[int, int]:
    """Return the user and the group that own what is written into the container."""
    user, _, group = settings.program_user.partition(":")
    return int(user), int(group)


def body_of(settings: Settings, limits: Limits, tmpfs_volumes: bool) -> dict[str, Any]:
    """Return the body of the request that makes a container.

    Args:
        settings: What it is made of.
        limits: What its programs may use together.
        tmpfs_volumes: Whether its writable folders must be volumes, because the engine does not copy files to and from
            what it mounts as tmpfs. Docker does not, Podman does.
    """
    folders = [HOME] if settings.writable else [HOME, "/tmp"]
    options = f"size={limits.disk_bytes},mode=1777,nosuid,nodev"
    host: dict[str, Any] = {
        "AutoRemove": True,
        "CapAdd": ["KILL", *settings.capabilities],
        "CapDrop": ["ALL"],
        "IpcMode": "private",
        "LogConfig": {"Type": "none"},
        "Memory": limits.memory_bytes,
        "MemorySwap": limits.memory_bytes,
        "NetworkMode": _network(settings.network),
        "PidsLimit": limits.processes + SPARE_PROCESSES,
        "ReadonlyRootfs": not settings.writable,
        "SecurityOpt": ["no-new-privileges"],
        "ShmSize": min(limits.disk_bytes, 64 << 20),
        "Ulimits": [
            {"Name": "core", "Soft": 0, "Hard": 0},
            {"Name": "nofile", "Soft": max(limits.open_files, 64), "Hard": max(limits.open_files, 64)},
            # Counted for a user on the whole machine; the container's own limit is PidsLimit.
            {"Name": "nproc", "Soft": 32768, "Hard": 32768},
        ],
    }
    if settings.cpus is not None:
        host["NanoCpus"] = int(settings.cpus * 1e9)
    if tmpfs_volumes:
        driver = {"Name": "local", "Options": {"type": "tmpfs", "device": "tmpfs", "o": options}}
        host["Mounts"] = [
            {"Type": "volume", "Target": folder, "VolumeOptions": {"DriverConfig": driver}}
            for folder in folders
        ]
    else:
        host["Tmpfs"] = dict.fromkeys(folders, f"rw,exec,notmpcopyup,{options}")
    return {
        "Image": settings.image,
        "Entrypoint": ["/bin/sh", "-c", KEEPER],
        "Cmd": [],
        # Root can end what programs leave; programs of another user cannot touch it.
        "User": "0:0",
        "WorkingDir": "/",
        "Env": [f"{name}={value}" for name, value in settings.env.items()],
        "Labels": labels_of_this_process(settings.ttl),
        "OpenStdin": True,
        "StdinOnce": True,
        "AttachStdin": True,
        "AttachStdout": True,
        "AttachStderr": False,
        "Tty": False,
        "NetworkDisabled": settings.network is False,
        "HostConfig": host,
    }


def _network(setting: bool | str) -> str:
    if isinstance(setting, str):
        return setting
    return "default" if setting else "none"
