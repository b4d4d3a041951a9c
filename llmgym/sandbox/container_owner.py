"""Who a container belongs to, and taking away those whose owner is gone."""

from __future__ import annotations

import os
import time
from pathlib import Path

from llmgym.errors import InfrastructureError
from llmgym.sandbox.container_engine import Engine, EngineError

__all__ = ["LABEL", "labels_of_this_process", "sweep"]

LABEL = "llmgym.sandbox"
_OWNER, _EXPIRES = "llmgym.owner", "llmgym.expires"

_swept: set[tuple[int, str]] = set()
"""Engines that this process has looked through."""


def labels_of_this_process(ttl: float) -> dict[str, str]:
    """Return the labels of a container that this process makes now.

    Args:
        ttl: Seconds after which anybody may remove it.
    """
    return {LABEL: "1", _OWNER: _mark(os.getpid()) or "unknown", _EXPIRES: str(int(time.time() + ttl))}


async def sweep(engine: Engine) -> None:
    """Remove the containers that are past their time, or whose owner ran on this machine and is gone.

    A process looks through an engine once. What cannot be removed is left to the next one.

    Raises:
        InfrastructureError: When the engine cannot be reached.
    """
    key = (os.getpid(), engine.address)
    if key in _swept:
        return
    _swept.add(key)
    try:
        answer = await engine.request(
            "GET", "/containers/json", query={"all": "1", "filters": {"label": [LABEL]}}
        )
    except EngineError:
        return
    for container in answer.json():
        labels = container.get("Labels") or {}
        if LABEL in labels and _orphaned(labels):
            try:
                await engine.request(
                    "DELETE", f"/containers/{container['Id']}", query={"force": "1", "v": "1"}
                )
            except (EngineError, InfrastructureError):
                continue


def _orphaned(labels: dict[str, str]) -> bool:
    expires = labels.get(_EXPIRES, "")
    if expires.isdigit() and int(expires) < time.time():
        return True
    machine, _, process = labels.get(_OWNER, "").rpartition("/")
    pid, _, _ = process.partition(":")
    here = _mark(os.getpid())
    if here is None or not pid.isdigit() or here.rpartition("/")[0] != machine:
        # Its owner may live where this process cannot look.
        return False
    return _mark(int(pid)) != labels[_OWNER]


def _mark(pid: int) -> str | None:
    """Return what tells one process from all others: the boot, the process namespace, its id and its start time."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        namespace = os.readlink("/proc/self/ns/pid")
        started = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None
    return f"{boot}/{namespace}/{pid}:{started}"
