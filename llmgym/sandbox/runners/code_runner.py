"""Runs one program on its tests, inside a sandbox, and tells what it gave. It knows no right answer.

The request comes on standard input: the size of a header in 8 bytes, the header in JSON (``mode``, ``fn_name``,
``timeout``, ``fresh``, ``alone``, ``memory``, ``first``, ``budget``, ``code`` and ``inputs``, the latter two as sizes
in bytes), then the code and the inputs. The answer goes to standard output as frames: kind, number of the test and
size in a line, then that many bytes and a newline.

======  =============================================================================
kind    what it tells
======  =============================================================================
``O``   the text that the program printed in a test
``V``   the value that the function returned, encoded as JSON
``L``   either of them is too large to be sent; the last frame
``E``   an error in a test, as JSON; the last frame
``N``   a test ended without a word; the last frame
``X``   an error before the first test, as JSON; the last frame
``P``   the time budget is used up and there are tests left; the last frame
``Z``   every test was run; the last frame
======  =============================================================================

With ``fresh``, each test runs in a process of its own (``code_apart``). Without, all tests run in this process, and
one that takes too long is interrupted by an exception, as in the public checker; tests before ``first`` are run for
what they leave behind, and told about only when they fail. Standard library only.
"""

import json
import os
import resource
import signal
import struct
import sys
import time

if __package__:
    from . import code_apart, code_program
else:
    import code_apart  # type: ignore[import-not-found,no-redef]
    import code_program  # type: ignore[import-not-found,no-redef]


MOST_SENT = 16 << 20
"""After so many bytes a run pauses, so that its answer stays bounded."""

# Kept, because a program may replace them.
_write, _leave, _clock, _timer = os.write, os._exit, time.monotonic, signal.setitimer


class TimeoutException(Exception):
    """A test took too long."""


def main():
    """Answer the request on standard input, and end the process."""
    # Read to the byte: what is left on standard input is no part of this process's memory.
    header = json.loads(_read(*struct.unpack("!Q", _read(8))))
    code = _read(header["code"]).decode("utf-8", "surrogatepass")
    channel = os.dup(1)

    def send(kind, number, content=b""):
        rest = memoryview(b"%s %d %d\n%s\n" % (kind, number, len(content), content))
        while rest:
            rest = rest[_write(channel, rest) :]

    sys.set_int_max_str_digits(50000)
    for kind in (resource.RLIMIT_DATA, resource.RLIMIT_STACK):
        hard = resource.getrlimit(kind)[1]
        resource.setrlimit(kind, (header["memory"] if hard < 0 else min(header["memory"], hard), hard))
    signal.signal(signal.SIGALRM, _interrupt)
    code_of_exit = 1
    try:
        if header["fresh"]:
            _run_apart(header, code, channel, send)
        else:
            _run_together(header, code, send)
        code_of_exit = 0
    except code_program.Failed as failure:
        send(b"X", 0, failure.payload())
        code_of_exit = 0
    finally:
        _leave(code_of_exit)


def _read(size):
    content = bytearray()
    while len(content) < size:
        part = os.read(0, min(size - len(content), 1 << 24))
        if not part:
            raise EOFError("the request is cut off")
        content += part
    return bytes(content)


def _interrupt(number, frame):
    raise TimeoutException


def _within(seconds, function, *args):
    """Call a function, and interrupt it by an exception at the deadline."""
    _timer(signal.ITIMER_REAL, seconds)
    try:
        return function(*args)
    finally:
        _timer(signal.ITIMER_REAL, 0)


def _run_together(header, code, send):
    mode, seconds = header["mode"], header["timeout"]
    tests = [_read(size).decode("utf-8", "surrogatepass") for size in header["inputs"]]
    code_program.look_nowhere()
    code_program.guard()
    pace = _Pace(header)
    try:
        program = _within(seconds, code_program.compiled, mode, code)
        function = _within(seconds, code_program.loaded, mode, header["fn_name"], code, program)
    except Exception as error:
        raise code_program.before_the_tests(error) from None
    if mode == "call":
        tests = [code_program.arguments(text) for text in tests]
    for number, test in enumerate(tests):
        try:
            kind, content = _within(seconds, code_program.tested, mode, function, test)
        except Exception as error:
            send(b"E", number, code_program.in_a_test(error).payload())
            return
        if number < header["first"]:
            continue
        send(kind, number, content)
        if kind == b"L":
            return
        if pace.pauses(content, number + 1, len(tests) - number - 1):
            send(b"P", number + 1)
            return
    send(b"Z", len(tests))


def _run_apart(header, code, channel, send):
    code_apart.keep_to_ourselves(header["alone"])
    pace = _Pace(header)
    try:
        program = _within(header["timeout"], code_program.compiled, header["mode"], code)
    except Exception as error:
        raise code_program.before_the_tests(error) from None
    first = header["first"]
    last = first + len(header["inputs"])
    if first == last:
        kind, content = code_apart.run_one(header, code, program, None, channel)
        send(kind, 0, content)
        return
    for number in range(first, last):
        size = header["inputs"][number - first]
        kind, content = code_apart.run_one(header, code, program, lambda size=size: _read(size), channel)
        send(kind, number, content)
        if kind not in (b"O", b"V"):
            return
        if pace.pauses(content, number + 1 - first, last - number - 1):
            send(b"P", number + 1)
            return
    send(b"Z", last)


class _Pace:
    """Tells when a run should pause, so that a wrong answer is noticed before much time is spent.

    Args:
        header: The request.
    """

    def __init__(self, header):
        self._began, self._budget, self._repeats, self._sent = (
            _clock(),
            header["budget"],
            not header["fresh"],
            0,
        )

    def pauses(self, content, done, left):
        """Tell whether it is time.

        Args:
            content: What was sent last.
            done: Tests that this run has done.
            left: Tests that are left.
        """
        self._sent += len(content)
        spent = _clock() - self._began
        if not left or (spent < self._budget and self._sent < MOST_SENT):
            return False
        if not self._repeats or self._sent >= MOST_SENT:
            return True
        # What was done must be done again, so what is left has to be worth it.
        return left > (4 if spent < 1.0 else 1) * done
