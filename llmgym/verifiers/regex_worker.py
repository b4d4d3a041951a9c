"""The program that :mod:`llmgym.verifiers.bounded_regex` runs as a separate process: one search a line of input.

A request is a line of JSON with ``pattern``, ``text``, ``flags`` (an integer of :mod:`re`) and ``cpu_seconds``; the
reply is a line of JSON. A search that uses up its processor time is ended by the operating system, together with
the process: the C code of :mod:`re` cannot be interrupted in any gentler way.

It imports the standard library only and is started with ``python -I -S``, so that it starts fast and nothing of
the host program is inside.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from typing import Any

__all__ = ["last_match", "main"]


def last_match(pattern: str, text: str, flags: int) -> dict[str, Any]:
    """Return what the last item of ``re.findall`` would be, in constant memory.

    Args:
        pattern: A regular expression of :mod:`re`.
        text: The text to search.
        flags: Flags of :mod:`re`, as an integer.

    Returns:
        ``status`` (``found``, ``absent``, ``invalid_pattern`` or ``failed``), ``groups`` (the number of capture
        groups of the pattern), ``value`` (of a match: the only group, or the whole match when there is not
        exactly one group; a group that took no part is "", as in ``findall``), ``captured`` (of a match: the first
        group that is more than blanks, or the whole match) and ``detail`` (of a failure).

    Example:
        >>> last_match("answer: ([a-d])", "Answer: B, no, answer: C", int(re.IGNORECASE))["value"]
        'C'
    """
    try:
        compiled = re.compile(pattern, flags)
        groups = compiled.groups
        last = None
        for match in compiled.finditer(text):
            last = match
        if last is None:
            return {"status": "absent", "groups": groups}
        value = last.group(1) if groups == 1 else last.group()
        captured = next((group for group in last.groups() if group and group.strip()), last.group())
        return {"status": "found", "groups": groups, "value": value or "", "captured": captured}
    except re.error as error:
        return {"status": "invalid_pattern", "detail": str(error)}
    except (OverflowError, RecursionError, MemoryError) as error:
        return {"status": "failed", "detail": f"{type(error).__name__}: {error}"}


def main() -> None:
    """Answer requests from standard input until it is closed."""
    # A parent may ignore or block the signal, and both would be inherited: then nothing would end a search.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, request["cpu_seconds"])
        reply = last_match(request["pattern"], request["text"], request["flags"])
        signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
