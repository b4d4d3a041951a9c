"""Comparing what a program printed with what it should print, by the rule of the public code checker.

Both texts are stripped and split into lines, and each line is stripped. They must have equally many lines. Two lines
are equal when they are the same, or when every word of both is a number and the numbers are the same, one by one.
Numbers are decimal and exact: ``1.0`` equals ``1``, ``0.1`` does not equal ``0.10000001``. "nan" equals nothing but
itself as text.

The work is done word by word, so that a thread which does it for a large output never holds the interpreter for long.
Words of more than 100,000 characters that differ are not read as numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import zip_longest
from typing import Literal

__all__ = ["compare_outputs"]

_LONGEST_NUMBER = 100_000
_WORD = re.compile(rf"\S{{1,{_LONGEST_NUMBER + 1}}}")
_END = object()


def compare_outputs(prediction: str, expected: str) -> tuple[Literal[True, -2, -4], str]:
    r"""Compare two outputs.

    Args:
        prediction: What a program printed.
        expected: What it should print.

    Returns:
        ``True``, or -2 for a difference, or -4 where the public checker fails because a word is a signalling "not a
        number"; and in words what differs.

    Example:
        >>> compare_outputs("1.0 2\n", "1 2")
        (True, '')
    """
    prediction, expected = prediction.strip(), expected.strip()
    if prediction == expected:
        return True, ""
    if prediction.count("\n") != expected.count("\n"):
        return -2, "Wrong answer: mismatched output length"
    for number, (mine, right) in enumerate(zip(_lines(prediction), _lines(expected), strict=True)):
        if mine == right:
            continue
        try:
            same = _same_numbers(mine, right)
        except InvalidOperation as error:
            return -4, f"Error during testing: {error!r}"
        if not same:
            return -2, f"Wrong answer at output_line_idx={number}: {_cut(mine)} != {_cut(right)}"
    return True, ""


def _lines(text: str) -> Iterator[str]:
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start:end].strip()
        start = end + 1
    yield text[start:].strip()


def _same_numbers(mine: str, right: str) -> bool:
    """Tell whether two lines hold the same numbers.

    Raises:
        InvalidOperation: When a signalling "not a number" is met before a difference.
    """
    # As lists are compared: first how many, then one after the other up to the first difference.
    equal, error = True, None
    pairs = zip_longest(_numbers(mine), _numbers(right), fillvalue=_END)
    count_differs = False
    for one, other in pairs:
        if one is None or other is None:
            return False
        if one is _END or other is _END:
            count_differs = True
        elif equal and error is None:
            try:
                equal = one == other
            except InvalidOperation as problem:
                error = problem
    if count_differs:
        return False
    if error is not None:
        raise error
    return equal


def _numbers(line: str) -> Iterator[Decimal | None]:
    """Return the words as numbers, and ``None`` for a word that is none."""
    for match in _WORD.finditer(line):
        word = match[0]
        if len(word) > _LONGEST_NUMBER:
            yield None
            return
        try:
            yield Decimal(word)
        except InvalidOperation:
            yield None
            return


def _cut(text: str, length: int = 300) -> str:
    return text if len(text) <= length else f"{text[: length // 2]}...(truncated) ...{text[-length // 2 :]}"
