"""Helper processes that make the checks which may take long, each within a hard bound on processor time.

It is processor time, not time on the clock: a loaded machine does not change a verdict. A helper starts when the
first such check is made, serves every later one, is replaced after it was ended, and goes away with its host. As
many run as checks are made at once, up to :data:`MOST_HELPERS`.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from llmgym.verifiers.helper_processes import HelperPool

__all__ = ["MOST_HELPERS", "ask", "close"]

MOST_HELPERS = max(1, min(4, os.cpu_count() or 1))
"""Most helper processes at a time."""

_GRACE_SECONDS = 60.0
"""How much longer than its processor time a check may take on the clock before the machine is to blame."""

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]); "
    "from llmgym.verifiers.instructions.helper import main; main()"
)


def ask(request: dict[str, Any], cpu_seconds: float) -> dict[str, Any] | None:
    """Have a check made.

    Args:
        request: What :func:`llmgym.verifiers.instructions.helper.answer` takes, without ``cpu_seconds``.
        cpu_seconds: Processor time in seconds that the check may use.

    Returns:
        The reply, or ``None`` when the processor time ran out.

    Raises:
        InfrastructureError: When a helper cannot be started, was ended by somebody else, or got no processor time
            for a minute. Boundary ``sandbox``.
    """
    line = json.dumps({**request, "cpu_seconds": cpu_seconds}).encode() + b"\n"
    reply = _helpers.ask(line, cpu_seconds + _GRACE_SECONDS)
    return None if reply is None else json.loads(reply)


def close() -> None:
    """End the idle helper processes; the next check starts another."""
    _helpers.close()


def _command() -> list[str]:
    path = [os.path.abspath(entry) for entry in sys.path]
    return [sys.executable, "-W", "ignore", "-c", _PROGRAM, json.dumps(path)]


_helpers = HelperPool("instructions", _command, MOST_HELPERS)
