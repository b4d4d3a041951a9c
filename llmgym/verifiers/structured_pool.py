"""Processes that grade structured outputs: as many as there are processors, each ended when a grading takes too long.

Parsers and validators are Python or C code that nothing can interrupt from within, and a large YAML text keeps them
busy for seconds. So the operating system ends a process that has used up its processor time; it is processor time,
not time on the clock, so a loaded machine does not change a verdict. Processes start when they are first needed,
serve one grading after another, and go away with their host.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from llmgym.errors import DependencyMissing
from llmgym.verifiers import structured_worker
from llmgym.verifiers.helper_processes import HelperPool

__all__ = ["CPU_SECONDS", "close", "grade"]

CPU_SECONDS = 10.0
"""Processor time, in seconds, that one grading may use."""

_GRACE_SECONDS = 60.0
"""How much longer than that a grading may take on the clock before the machine is to blame."""


def grade(request: bytes) -> dict[str, Any] | None:
    """Have one request graded.

    Args:
        request: A line for :mod:`llmgym.verifiers.structured_worker`.

    Returns:
        The verdict as a dictionary; ``None`` when the processor time ran out.

    Raises:
        InfrastructureError: When no process can be started, or one was ended by somebody else, twice.
        DependencyMissing: When the grader needs a package that is not installed.
    """
    reply = _pool.ask(request, CPU_SECONDS + _GRACE_SECONDS)
    if reply is None:
        return None
    told = json.loads(reply)
    if "missing" in told:
        raise DependencyMissing(*told["missing"])
    return told["verdict"]


def close() -> None:
    """End all processes; the next grading starts others."""
    _pool.close()


def _command() -> list[str]:
    # Without -P the folder of the program, which has a math.py, would come first on the path.
    program = [sys.executable, "-P", "-s", "-W", "ignore", structured_worker.__file__, str(CPU_SECONDS)]
    return [*program, json.dumps([str(entry) for entry in sys.path])]


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


_pool = HelperPool("structured outputs", _command, os.cpu_count() or 1, _environment)
