"""Runs tests, each in a process of its own, and prints what they found. Runs inside a sandbox.

The text of ``values.py`` stands before this one, so ``encode`` is at hand. What a test is expected to find is not
known here. The order comes as JSON on the standard input, which is read to its end before any code of the repository
is loaded; a process that runs a test has neither that input nor the output.
"""

import json
import os
import select
import signal
import sys
import time
from typing import Any

_LONGEST_REPORT = 1 << 20
_encode = encode  # type: ignore[name-defined]  # noqa: F821


def main() -> None:
    """Run all tests, then print one report."""
    order = json.load(sys.stdin)
    sys.dont_write_bytecode = True
    for name in ("PYTHONPATH", "LD_PRELOAD", "LD_LIBRARY_PATH"):
        os.environ.pop(name, None)
    reports = {number: _run(program, order["seconds"]) for number, program in order["tests"].items()}
    sys.stdout.write(order["nonce"] + json.dumps(reports) + order["nonce"])
    sys.stdout.flush()


def _run(program: str, seconds: float) -> "dict[str, Any] | None":
    """Run one test. A report counts when the process closed it and ended by itself, in time."""
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        _become(program, writer)
    os.close(writer)
    report, complete, deadline = b"", False, time.monotonic() + seconds
    try:
        while len(report) <= _LONGEST_REPORT:
            ready, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                break
            data = os.read(reader, 1 << 16)
            if not data:
                complete = True
                break
            report += data
    finally:
        os.close(reader)
        for kill in (os.killpg, os.kill):
            try:
                kill(process, signal.SIGKILL)
            except OSError:
                # It has ended already, or has not yet made its group.
                pass
        os.waitpid(process, 0)
    if not complete:
        return None
    try:
        told = json.loads(report)
    except (ValueError, RecursionError):
        return None
    return told if isinstance(told, dict) else None


def _become(program: str, writer: int) -> None:
    """Run a test and report; never returns."""
    seen: list[Any] = []
    failure = ""
    try:
        os.setpgid(0, 0)
        nothing = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(nothing, handle)
        sys.path.insert(0, os.getcwd())
        scope = {
            "__name__": "__test__",
            "__seen__": seen,
            "__value__": _value,
            "__raised__": _raised,
            "__error__": None,
        }
        exec(compile(program, "<test>", "exec"), scope)
    except BaseException as error:
        failure = type(error).__name__
    finally:
        report = json.dumps({"seen": seen, "failure": failure}).encode()
        while report:
            report = report[os.write(writer, report) :]
        os.close(writer)
        os._exit(0)


def _value(value: Any) -> "list[Any]":
    return ["value", _encode(value)]


def _raised(error: "BaseException | None") -> "list[Any]":
    return ["raised", [] if error is None else [kind.__name__ for kind in type(error).__mro__]]


main()
