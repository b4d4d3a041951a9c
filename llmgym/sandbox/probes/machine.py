"""What this machine is, and why bubblewrap does not work on it."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import subprocess
import time
from pathlib import Path
from typing import Any

from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox.base import Limits, Program
from llmgym.sandbox.fork_server import find_bubblewrap
from llmgym.sandbox.probes.trials import MakeSandbox

__all__ = ["advice", "about", "timings"]

_SWITCHES = Path("/proc/sys")
_TIMES = 20


def about() -> dict[str, Any]:
    """Return what matters about this machine: versions, user, processors."""
    told: dict[str, Any] = {
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "python": platform.python_version(),
        "user": os.geteuid() if hasattr(os, "geteuid") else None,
        "processors": os.cpu_count(),
        "bubblewrap": None,
    }
    try:
        found = find_bubblewrap()
        said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=10, check=False)
        told["bubblewrap"] = f"{said.stdout.strip().rpartition(' ')[2]} ({found})"
    except (UsageError, OSError):
        pass
    return told


def advice(error: InfrastructureError | UsageError) -> str:
    """Say in one sentence why a sandbox could not be started and what to do.

    Args:
        error: What starting it raised.
    """
    if isinstance(error, UsageError):
        return str(error)
    for known, remedy in (
        (_switch("kernel/unprivileged_userns_clone") == 0, "sysctl kernel.unprivileged_userns_clone=1"),
        (_switch("user/max_user_namespaces") == 0, "sysctl user.max_user_namespaces=10000"),
    ):
        if known:
            return f"The kernel lets ordinary users make no namespaces; allow it as root with '{remedy}'."
    if _switch("kernel/apparmor_restrict_unprivileged_userns") == 1 and os.geteuid() != 0:
        return (
            "AppArmor keeps ordinary users from making namespaces, as Ubuntu has it since 24.04; install the "
            "distribution's bubblewrap with its AppArmor profile, or allow it as root with 'sysctl "
            "kernel.apparmor_restrict_unprivileged_userns=0'."
        )
    if _in_container():
        return (
            "The container in which this runs allows no namespaces; start it with '--security-opt seccomp=unconfined "
            "--security-opt apparmor=unconfined --security-opt systempaths=unconfined'."
        )
    return (
        f"{error} Nothing that is known to prevent it was found; the words after the colon are bubblewrap's."
    )


def _switch(name: str) -> int | None:
    try:
        return int((_SWITCHES / name).read_text())
    except (OSError, ValueError):
        return None


def _in_container() -> bool:
    """Tell whether this process is in a container with a filter for system calls."""
    marks = any(Path(place).exists() for place in ("/.dockerenv", "/run/.containerenv"))
    try:
        filtered = "\nSeccomp:\t2" in Path("/proc/self/status").read_text()
    except OSError:
        filtered = False
    return (
        marks
        or filtered
        or bool(os.environ.get("container"))
        or shutil.which("dockerd-entrypoint.sh") is not None
    )


async def timings(make: MakeSandbox) -> dict[str, float]:
    """Return how long it takes to start a sandbox and to run a trivial program in one, in milliseconds.

    Args:
        make: Makes a sandbox.
    """
    program, limits = Program(python="pass"), Limits()
    started, ran, again = [], [], []
    for _ in range(_TIMES):
        began = time.perf_counter()
        async with make(limits) as sandbox:
            started.append(time.perf_counter() - began)
            ran.append(await _timed(sandbox.run, program))
            again.append(await _timed(sandbox.run, program))
    return {
        "start_ms": _median(started),
        "run_ms": _median(ran),
        "run_again_ms": _median(again),
    }


async def _timed(run: Any, program: Program) -> float:
    began = time.perf_counter()
    await run(program)
    return time.perf_counter() - began


def _median(values: list[float]) -> float:
    return round(1000 * statistics.median(values), 2)
