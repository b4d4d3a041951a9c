"""Finding the whole rows inside a damaged line: half a row with a whole one after it, two rows on one line, junk."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from llmgym.records.rowcodec import CHECKSUM, MISMATCH, Damaged, parse

__all__ = ["NUL", "Piece", "salvage"]

NUL = "NUL bytes"
"""Cause given for a run of zero bytes, which a file system leaves where it had room but no data."""

_MARKS = re.compile(rb'["{}\[\]]')
_WINDOW = 1 << 16
_NOTHING = re.compile(r"[ \t\r\n\0]*")
_DECODER = json.JSONDecoder()


class Piece(NamedTuple):
    """A part of a damaged line: a row, or bytes that hold none.

    Attributes:
        start: First byte, counted from the start of the line.
        end: The byte after the last.
        row: The row; None when there is none.
        cause: Why there is none; empty when there is one.
    """

    start: int
    end: int
    row: dict[str, Any] | None
    cause: str


def salvage(line: bytes, cause: str) -> Iterator[Piece]:
    """Take a damaged line apart.

    Rows with a checksum are found wherever they stand. Rows without one are found where they follow each other
    from the start of a stretch: a whole object inside half a row is not a row.

    Args:
        line: The line, without its line feed.
        cause: What is wrong with the line as a whole.

    Yields:
        The pieces in order. Together they cover the line, apart from white space.
    """
    end = 0
    for start, stop, row in _sealed_rows(line):
        yield from _unsealed(line, end, start, cause)
        yield Piece(start, stop, row, "")
        end = stop
    yield from _unsealed(line, end, len(line), cause)


def _sealed_rows(line: bytes) -> Iterator[tuple[int, int, dict[str, Any]]]:
    taken = previous = 0
    budget = 16 * len(line)  # a hostile line must not cost time with the square of its length
    for mark in CHECKSUM.finditer(line):
        end = mark.end()
        start = _object_start(line, end, previous)
        if start is None and previous > taken and budget > 0:
            budget -= end - taken
            start = _object_start(line, end, taken)
        previous = end
        # What goes on after the object is what the object is a part of.
        if start is None or line[end : end + 1] in (b",", b"}", b"]"):
            continue
        try:
            row = parse(line[start:end])
        except Damaged:
            continue
        yield start, end, row
        taken = end


def _object_start(line: bytes, end: int, floor: int) -> int | None:
    """Find the brace that opens the object closed at `end`, reading backwards; None when it is below `floor`."""
    depth, quoted = 0, False
    high = end
    while high > floor:
        low = max(floor, high - _WINDOW)
        for mark in reversed([found.start() for found in _MARKS.finditer(line, low, high)]):
            sign = line[mark]
            if sign == 0x22:
                if not (quoted and _escaped(line, mark)):
                    quoted = not quoted
            elif quoted:
                continue
            elif sign in b"}]":
                depth += 1
            else:
                depth -= 1
                if depth == 0:
                    return mark if sign == 0x7B else None
        high = low
    return None


def _escaped(line: bytes, at: int) -> bool:
    before = at
    while before and line[before - 1] == 0x5C:
        before -= 1
    return (at - before) % 2 == 1


def _unsealed(line: bytes, start: int, end: int, cause: str) -> Iterator[Piece]:
    """Cut a stretch that has no good checksum into rows of other writers and a bad rest."""
    stretch = line[start:end]
    at = start
    if CHECKSUM.search(stretch):
        cause = MISMATCH
    else:
        cause = cause if stretch == line else "half a row"
        for begin, stop, row in _plain_rows(stretch):
            yield from _rest(line, at, start + begin, cause)
            yield Piece(start + begin, start + stop, row, "")
            at = start + stop
    yield from _rest(line, at, end, cause)


def _plain_rows(stretch: bytes) -> Iterator[tuple[int, int, dict[str, Any]]]:
    try:
        text = stretch.decode()
    except UnicodeDecodeError as error:
        text = stretch[: error.start].decode()
    at, offset = 0, 0  # the same place, counted in characters and in bytes
    while True:
        skipped = len(_NOTHING.match(text, at)[0])  # type: ignore[index]  # it matches anywhere
        at, offset = at + skipped, offset + skipped
        if not text.startswith("{", at):
            return
        try:
            row, stop = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            return
        if "crc32" in row:  # one of ours, with a checksum that does not fit
            return
        length = len(text[at:stop].encode())
        yield offset, offset + length, row
        at, offset = stop, offset + length


def _rest(line: bytes, start: int, end: int, cause: str) -> Iterator[Piece]:
    if not line[start:end].strip():
        return
    yield Piece(start, end, None, cause if line[start:end].strip(b" \t\r\n\0") else NUL)
