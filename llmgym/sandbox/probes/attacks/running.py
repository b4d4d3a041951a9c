"""Runs attacks, each in a process of its own, and tells what they achieved, one JSON line for each."""

from __future__ import annotations

import importlib
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any

from .calls import NotApplicable

_SECONDS = 6.0


def main() -> None:
    """Read what to run from standard input."""
    task = json.loads(sys.stdin.buffer.read())
    for name in task["attacks"]:
        answer = apart(name, task["facts"]) if task["apart"] else here(name, task["facts"])
        os.write(1, json.dumps({"attack": name, **answer}).encode() + b"\n")


def here(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Run an attack in this process; return what it did."""
    module, _, function = name.partition(":")
    try:
        attack = getattr(importlib.import_module(f"{__package__}.{module}"), function)
        return {"achieved": attack(facts)}
    except NotApplicable as reason:
        return {"absent": str(reason)}
    except OSError as error:
        return {"refused": f"{type(error).__name__}: {error.strerror or error}"}
    except BaseException as error:
        return {"failed": f"{type(error).__name__}: {error}"}


def apart(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Run an attack in a child, and end it when it takes too long."""
    outlet, inlet = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(outlet)
        os.write(inlet, json.dumps(here(name, facts)).encode()[:60000])
        os._exit(0)
    os.close(inlet)
    told = b"".join(_read_until(outlet, time.monotonic() + _SECONDS))
    os.close(outlet)
    try:
        os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
    except OSError:
        status = 0
    if told:
        return json.loads(told)
    code = os.waitstatus_to_exitcode(status)
    return {"died": -code if code < 0 else 0}


def _read_until(outlet: int, deadline: float) -> Iterator[bytes]:
    while select.select([outlet], [], [], max(0.0, deadline - time.monotonic()))[0]:
        block = os.read(outlet, 1 << 16)
        if not block:
            return
        yield block
