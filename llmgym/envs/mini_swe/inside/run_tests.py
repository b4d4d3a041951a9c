"""Runs tests, those of each class in a process of their own, and prints what they found. Runs inside a sandbox.

For each test there is a line of JSON with its number and its report, a text that is JSON too where all is well.
The text of ``values.py`` stands before this one, so ``encode`` is at hand. What a test is expected to find is not
known here. The order comes as JSON on the standard input, which is read to its end before any code of the repository
is loaded; a process that runs tests has neither that input nor the output.
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
    reports: dict[str, str] = {}
    for group in order["groups"]:
        reports.update(_run(group, order["seconds"]))
    lines = [json.dumps([number, report]) for number, report in reports.items()]
    sys.stdout.write("\n".join([order["nonce"], *lines, order["nonce"]]))
    sys.stdout.flush()


def _run(group: "list[list[str]]", seconds: float) -> "dict[str, str]":
    """Run tests, given as number and program, and return their reports: one line each, as long as they come in time.

    They are not read here: they come from a process that runs anything.
    """
    reader, writer = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reader)
        _become(group, writer)
    os.close(writer)
    lines = [b""]
    length, deadline = 0, time.monotonic() + seconds
    try:
        while length <= _LONGEST_REPORT * len(group):
            ready, _, _ = select.select([reader], [], [], max(0.0, deadline - time.monotonic()))
            data = os.read(reader, 1 << 16) if ready else b""
            if not data:
                break
            length += len(data)
            parts = (lines[-1] + data).split(b"\n")
            if len(parts) > 1:
                deadline = time.monotonic() + seconds
            lines[-1:] = parts
            if len(lines) > len(group) + 1:
                break
    finally:
        os.close(reader)
        for kill in (os.killpg, os.kill):
            try:
                kill(process, signal.SIGKILL)
            except OSError:
                # It has ended already, or has not yet made its group.
                pass
        os.waitpid(process, 0)
    return {
        number: line.decode("utf-8", "replace")
        for (number, _), line in zip(group, lines[:-1], strict=False)
        if len(line) <= _LONGEST_REPORT
    }


def _become(group: "list[list[str]]", writer: int) -> None:
    """Run tests and report; never returns."""
    try:
        os.setpgid(0, 0)
        nothing = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):
            os.dup2(nothing, handle)
        sys.path.insert(0, os.getcwd())
        for _, program in group:
            report = json.dumps(_report(program)).encode() + b"\n"
            while report:
                report = report[os.write(writer, report) :]
    finally:
        os._exit(0)


def _report(program: str) -> "dict[str, Any]":
    seen: list[Any] = []
    scope = {
        "__name__": "__test__",
        "__seen__": seen,
        "__value__": _value,
        "__raised__": _raised,
        "__error__": None,
    }
    try:
        exec(compile(program, "<test>", "exec"), scope)
    except BaseException as error:
        return {"seen": seen, "failure": type(error).__name__}
    return {"seen": seen, "failure": ""}


def _value(value: Any) -> "list[Any]":
    return ["value", _encode(value)]


def _raised(error: "BaseException | None") -> "list[Any]":
    return ["raised", [] if error is None else [kind.__name__ for kind in type(error).__mro__]]


main()
