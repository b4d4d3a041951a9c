"""What goes into the sandbox and what comes out of it: the request and the frames of ``sandbox/runners/code_runner.py``."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Failure", "Frame", "read_failure", "read_frames", "write_request"]

_HEADER = re.compile(rb"([OVLENXPZ]) (\d{1,9}) (\d{1,9})\n")
_LAST = frozenset("LENXPZ")


@dataclass(frozen=True, slots=True)
class Frame:
    """One thing that the runner said.

    Attributes:
        kind: One letter; see the runner.
        number: Which test it is about.
        content: What came with it.
    """

    kind: str
    number: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Failure:
    """An error in the program.

    Attributes:
        code: -1, -3 or -4.
        error: What was raised, up to 400 characters.
        message: The public words for it, up to 400 characters.
    """

    code: int
    error: str
    message: str


def write_request(
    header: dict[str, Any],
    code: str,
    inputs: Sequence[str],
) -> bytes:
    """Return a request.

    Args:
        header: Settings for the runner.
        code: The program.
        inputs: The inputs of the tests. The outputs never go into a sandbox.
    """
    parts = [text.encode("utf-8", "surrogatepass") for text in (code, *inputs)]
    sizes = {"code": len(parts[0]), "inputs": [len(part) for part in parts[1:]]}
    told = json.dumps({**header, **sizes}).encode()
    return b"".join([struct.pack("!Q", len(told)), told, *parts])


def read_frames(answer: bytes, first: int, count: int) -> list[Frame]:
    """Return the frames of an answer, up to the first byte that is out of place.

    A program may have written anything into the answer. So nothing but frames for one test after the other is read,
    and nothing that follows a last frame.

    Args:
        answer: What came out of a sandbox.
        first: Number of the first test that should be told of.
        count: How many tests there are.

    Returns:
        The frames. Without one of the kinds that come last, the run did not come to its end.
    """
    frames: list[Frame] = []
    position = 0
    while match := _HEADER.match(answer, position):
        kind, number, size = match[1].decode(), int(match[2]), int(match[3])
        end = match.end() + size
        if answer[end : end + 1] != b"\n" or not _in_place(kind, number, first + len(frames), count):
            break
        frames.append(Frame(kind, number, answer[match.end() : end]))
        position = end + 1
        if kind in _LAST:
            break
    if frames and frames[-1].kind in _LAST and position != len(answer):
        frames.pop()
    return frames


def _in_place(kind: str, number: int, next_test: int, count: int) -> bool:
    if kind == "X":
        return True
    if kind == "Z":
        return number == next_test == count
    if kind == "E":
        # A test that was run for what it leaves behind may fail the second time.
        return number <= next_test < count
    return number == next_test < count


def read_failure(content: bytes) -> Failure | None:
    """Return the failure that a frame tells of, or nothing when it is out of shape."""
    if len(content) > 1 << 16:
        return None
    try:
        told = json.loads(content)
        code, error, message = told["error_code"], told["error"], told["error_message"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if (
        type(code) is not int
        or code not in (-1, -3, -4)
        or not isinstance(error, str)
        or not isinstance(message, str)
    ):
        return None
    return Failure(code, error[:400], message[:400])
