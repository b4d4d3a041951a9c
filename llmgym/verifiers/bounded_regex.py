"""Search text that a model wrote with a regular expression from a task, within a hard bound on time.

The engine of :mod:`re` backtracks: for patterns such as ``(a+)+$`` a short text keeps it busy for years, and neither
a thread nor a signal handler can stop it reliably. Other engines stop, but do not accept exactly the same matches.
So the search runs in one helper process a host process, with :mod:`re` itself, and the operating system ends that
process when a search has used up its processor time; the caller waits for as long. It is processor time, not time
on the clock: a loaded machine does not change a result. The helper starts at the first search, serves every later
one (well under 0.1 ms each), is replaced after it was ended, and goes away with its host.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Literal

from llmgym.verifiers import regex_worker
from llmgym.verifiers.helper_processes import HelperPool

__all__ = ["CPU_SECONDS", "LastMatch", "close", "last_match"]

CPU_SECONDS = 0.5
"""Processor time, in seconds, that one search may use by default."""

_GRACE_SECONDS = 30.0
"""How much longer than its processor time a search may take on the clock before the machine is to blame."""


@dataclass(frozen=True, slots=True)
class LastMatch:
    """What a bounded search found.

    Attributes:
        status: ``found``; ``absent`` (no match); ``invalid_pattern``; ``too_slow`` (the processor time ran out);
            ``failed`` (the engine gave up, for example on a pattern that is nested too deeply).
        value: The only capture group of the last match, or the whole match if there is not exactly one group.
        captured: The first capture group of the last match that is more than blanks, or the whole match if none is.
        groups: Number of capture groups of the pattern.
        detail: More about a failure, for people.
    """

    status: Literal["found", "absent", "invalid_pattern", "too_slow", "failed"]
    value: str = ""
    captured: str = ""
    groups: int = 0
    detail: str = ""


def last_match(
    pattern: str,
    text: str,
    *,
    ignore_case: bool = True,
    flags: int | None = None,
    cpu_seconds: float = CPU_SECONDS,
) -> LastMatch:
    r"""Return the last of ``re.findall(pattern, text)``, or say within a bounded time why there is none.

    Args:
        pattern: A regular expression of :mod:`re`.
        text: The text to search: any string, of any length.
        ignore_case: Whether to search with ``re.IGNORECASE``.
        flags: Flags of :mod:`re` to search with, in place of ``ignore_case``.
        cpu_seconds: Processor time in seconds after which the search ends as ``too_slow``.

    Raises:
        InfrastructureError: When the helper process cannot be started, was ended by somebody else, or got no
            processor time for half a minute. Boundary ``sandbox``.

    Example:
        >>> last_match(r"option (\w)", "Option a or rather option b").value
        'b'
        >>> last_match(r"(a+)+$", "a" * 60 + "!", cpu_seconds=0.05).status
        'too_slow'
    """
    request = {
        "pattern": pattern,
        "text": text,
        "flags": int(re.IGNORECASE if ignore_case else 0) if flags is None else int(flags),
        "cpu_seconds": cpu_seconds,
    }
    reply = _worker.ask(json.dumps(request).encode() + b"\n", cpu_seconds + _GRACE_SECONDS)
    if reply is None:
        return LastMatch("too_slow", detail=f"more than {cpu_seconds:g} s of processor time")
    return LastMatch(**json.loads(reply))


def close() -> None:
    """End the helper process, if there is one; the next search starts another."""
    _worker.close()


def _command() -> list[str]:
    return [sys.executable, "-I", "-S", "-W", "ignore", regex_worker.__file__]


_worker = HelperPool("regular expressions", _command, 1)
