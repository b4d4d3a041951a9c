"""The program that :mod:`llmgym.verifiers.structured_pool` runs as separate processes: one grading a line of input.

A request is a line of JSON with ``grader`` and ``arguments``, the reply a line of JSON with the verdict. A grading
that uses up its processor time is ended by the operating system, together with the process.
"""

from __future__ import annotations

import json
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmgym.verdict import Verdict

__all__ = ["main"]


def main(cpu_seconds: float) -> None:
    """Answer requests from standard input until it is closed.

    Args:
        cpu_seconds: Processor time, in seconds, that a grading may use.
    """
    from llmgym.errors import DependencyMissing
    from llmgym.verifiers import structured

    graders: dict[str, Callable[..., Verdict]] = {
        "grade_structured": structured.grade_structured,
        "grade_tool_call": structured.grade_tool_call,
    }
    # A parent may ignore or block the signal, and both would be inherited: then nothing would end a grading.
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
        try:
            reply: dict[str, Any] = {"verdict": graders[request["grader"]](**request["arguments"]).to_dict()}
        except DependencyMissing as missing:
            reply = {"missing": list(missing.__reduce__()[1])}
        except MemoryError:
            reply = {"verdict": structured._failed("parse_error", "needs too much memory").to_dict()}
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        # Lone surrogates of a text are legal in JSON escapes only.
        sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.path[:] = json.loads(sys.argv[2])
    main(float(sys.argv[1]))
