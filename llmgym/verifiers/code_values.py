"""Comparing what a function returned with what it should return, by the rule of the public code checker.

Values come out of a sandbox as JSON that keeps their types apart (``sandbox/runners/code_encoding.py``). Whoever wrote
that JSON is not trusted: it can only name values, never objects with a will of their own.
"""

from __future__ import annotations

import json
import math
import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

__all__ = ["Malformed", "Opaque", "decode", "equal_values", "read_expected"]

_MOST_DIGITS = 50_000
"""As in the public checker."""
_MOST_HEX = 50_000
_MOST_FRACTION = 16_000
_DIGITS = 4000
"""Fewer than the interpreter reads at a time, unless it is told otherwise for the whole process."""
_NUMPY_KIND = re.compile(r"[<>|=]?[biufc][0-9]{1,2}")


class Malformed(ValueError):
    """Text that no encoder writes."""


class Opaque:
    """A value without meaning outside: equal to nothing.

    Args:
        name: The name of its class.
    """

    def __init__(self, name: str):
        self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}>"

    def __eq__(self, other: object) -> bool:
        return False

    __hash__ = None  # type: ignore[assignment]


class OddKeys:
    """A dictionary whose keys are not all text: equal to no value of JSON, but it may be written as one.

    Args:
        pairs: Its keys and values, in order.
    """

    def __init__(self, pairs: list[tuple[Any, Any]]):
        self.pairs = pairs

    def __repr__(self) -> str:
        return "{" + ", ".join(f"{key!r}: {value!r}" for key, value in self.pairs) + "}"

    def for_json(self) -> dict[str, Any]:
        """Return it as JSON would have it.

        Raises:
            TypeError: When JSON has no place for a key, or for two of them.
        """
        written: dict[str, Any] = {}
        for key, value in self.pairs:
            if not (key is None or isinstance(key, str | int | float)):
                raise TypeError(f"keys must be text or numbers, not {type(key).__name__}")
            name = key if isinstance(key, str) else json.dumps(key)
            if name in written:
                raise TypeError("two keys are written alike")
            written[name] = value
        return written


class Array(np.ndarray[Any, Any]):
    """An array of NumPy. Compared with more than one number it is neither equal nor not, as in the public checker.

    NumPy would first make an array of all comparisons, which for two of moderate size may be larger than memory.
    """

    def __eq__(self, other: object) -> Any:
        if self.size != 1:
            raise ValueError("The truth value of an array that holds not exactly one number is ambiguous.")
        return super().__eq__(other)

    __hash__ = None


def read_expected(text: str) -> Any:
    """Return an expected value, which a row gives as JSON.

    Raises:
        ValueError: When it is not JSON, or holds a number of more than 50,000 digits.
        RecursionError: When it is nested too deep.
    """
    return json.loads(text, parse_int=_whole_number)


def decode(text: str) -> Any:
    """Return the value that an encoder wrote down.

    Args:
        text: JSON.

    Raises:
        Malformed: When no encoder writes such text.
    """
    try:
        return _decoded(json.loads(text, parse_int=_whole_number))
    except (
        ValueError,
        TypeError,
        LookupError,
        AttributeError,
        ArithmeticError,
        RecursionError,
        MemoryError,
    ) as error:
        raise Malformed(f"{type(error).__name__}: {error}") from error


def equal_values(prediction: Any, expected: Any) -> bool:
    """Tell whether a value counts as the expected one.

    It does when they are equal in Python (a tuple first becomes a list, the outermost one only), or written alike as
    JSON, or both make floats that are close: within 1e-8 + 1e-5 times the expected one.

    Args:
        prediction: What a function returned, decoded.
        expected: What it should return, read from JSON.

    Raises:
        ValueError: Where the public checker fails, since an array of several numbers is neither true nor false.
    """
    if isinstance(prediction, tuple):
        prediction = list(prediction)
    try:
        same = prediction == expected
        if isinstance(same, np.ndarray):
            same = bool(same)
        if same:
            return True
    except (OverflowError, ArithmeticError, RecursionError, TypeError):
        same = False
    try:
        if json.dumps(prediction, default=_for_json) == json.dumps(expected):
            return True
    except (TypeError, ValueError, RecursionError):
        same = False
    return _close(prediction, expected)


def _close(prediction: Any, expected: Any) -> bool:
    try:
        one, other = float(prediction), float(expected)
    except (TypeError, ValueError, OverflowError, ArithmeticError):
        return False
    if math.isinf(one) or math.isinf(other):
        return one == other
    return abs(one - other) <= 1e-8 + 1e-5 * abs(other)


def _for_json(value: Any) -> Any:
    if isinstance(value, OddKeys):
        return value.for_json()
    raise TypeError(f"{type(value).__name__} is no JSON")


def _whole_number(text: str) -> int:
    if len(text) > _MOST_DIGITS + 1:
        raise ValueError(f"a number of more than {_MOST_DIGITS} digits")
    digits = text.removeprefix("-")
    number = 0
    for start in range(0, len(digits), _DIGITS):
        part = digits[start : start + _DIGITS]
        number = number * 10 ** len(part) + int(part)
    return number if digits == text else -number


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "numpy" in value:
        return _numpy(value)
    ((kind, content),) = value.items()
    return _KINDS[kind](content)


def _hexadecimal(text: Any) -> int:
    if not isinstance(text, str) or len(text) > _MOST_HEX:
        raise ValueError("no number, or too long a one")
    return int(text, 16)


def _fraction(above: str, below: str) -> Any:
    # Reducing longer ones would hold the interpreter for too long.
    if max(len(above), len(below)) > _MOST_FRACTION:
        return Opaque("Fraction")
    return Fraction(_hexadecimal(above), _hexadecimal(below))


def _dictionary(pairs: Any) -> Any:
    read = []
    for key, value in pairs:
        # Numbers as keys are never hashed here: they could be chosen to collide.
        read.append((_decoded(key), _decoded(value)))
    if all(isinstance(key, str) for key, _ in read):
        return dict(read)
    return OddKeys(read)


def _numpy(value: dict[str, Any]) -> Any:
    # NumPy reads much more than the name of a kind here, and evaluates a part of it.
    if not _NUMPY_KIND.fullmatch(value["numpy"]):
        raise ValueError("no array of numbers")
    data = np.frombuffer(bytes.fromhex(value["data"]), np.dtype(value["numpy"]))
    if "shape" not in value:
        (scalar,) = data
        return scalar
    return data.reshape(value["shape"]).view(Array)


_KINDS = {
    "int": _hexadecimal,
    "tuple": lambda content: tuple(_decoded(list(content))),
    "dict": _dictionary,
    "complex": lambda content: complex(*content),
    "decimal": lambda content: Decimal(content) if len(content) <= _MOST_DIGITS else Opaque("Decimal"),
    "fraction": lambda content: _fraction(*content),
    "opaque": lambda content: Opaque(str(content)[:100]),
}
