"""One row as one line: a JSON object that ends with its own checksum.

A line is the text of a JSON object, and its last key is ``"crc32"``: eight lower-case hexadecimal digits, the CRC-32
(as in ``zlib``) of that text as it was before the key was put in, closing brace included::

    {"task_id":"a","reward":1.0}                        the text whose CRC-32 is 054fcb6c
    {"task_id":"a","reward":1.0,"crc32":"054fcb6c"}     the line

A row that has no ``crc32`` was written by another hand. It is read too, but damage in it can only be seen where it
breaks the JSON.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Mapping
from typing import Any

import orjson

from llmgym.errors import StoreError

__all__ = ["CHECKSUM", "MISMATCH", "Damaged", "encode", "parse"]

CHECKSUM = re.compile(rb',"crc32":"([0-9a-f]{8})"\}')
"""The end of a line that this module wrote."""

MISMATCH = "checksum does not fit"
"""Cause given for a row whose bytes are not those that were written."""

_TAIL = len(b',"crc32":"00000000"}')
_DIGITS = re.compile(rb"[0-9a-f]{8}")
_OPTIONS = orjson.OPT_SERIALIZE_NUMPY


class Damaged(ValueError):
    """A line does not hold a row; the text of the error is the cause, in a few words."""


def encode(row: Mapping[str, Any] | bytes | bytearray) -> tuple[bytes, dict[str, Any]]:
    r"""Make the line of a row.

    Args:
        row: A mapping of JSON values, or the text of a JSON object.

    Returns:
        The line without its line feed, and the row as a dict.

    Raises:
        StoreError: When the row is not a JSON object, is empty, or has a key ``crc32`` of its own.

    Example:
        >>> encode({"task_id": "a", "reward": 1.0})[0]
        b'{"task_id":"a","reward":1.0,"crc32":"054fcb6c"}'
    """
    if isinstance(row, (bytes, bytearray)):
        text = bytes(row).strip()
        try:
            value = loads(text)
        except Damaged as error:
            raise StoreError(
                f"Expected the JSON text of one rollout, found {_shown(text)} ({error})."
            ) from error
        if b"\n" in text or b"\r" in text:
            text = _dumps(value)
    else:
        value = dict(row)
        text = _dumps(value)
    if not value:
        raise StoreError("Expected a rollout to store, found an empty object.")
    if "crc32" in value:
        raise StoreError(
            "Expected a rollout without the key 'crc32', which the store writes itself: remove it."
        )
    return text[:-1] + b',"crc32":"%08x"}' % zlib.crc32(text), value


def parse(line: bytes) -> dict[str, Any]:
    """Read one line.

    Args:
        line: The line, white space around it allowed.

    Returns:
        The row without its checksum.

    Raises:
        Damaged: When the checksum does not fit, or the line is no JSON object.

    Example:
        >>> parse(b'{"task_id":"a","reward":1.0,"crc32":"054fcb6c"}')
        {'task_id': 'a', 'reward': 1.0}
        >>> parse(b'{"task_id":"a","reward":0.0,"crc32":"054fcb6c"}')
        Traceback (most recent call last):
        ...
        llmgym.records.rowcodec.Damaged: checksum does not fit
    """
    line = line.strip()
    digits = line[-10:-2]
    if len(line) > _TAIL and _DIGITS.fullmatch(digits):
        # The digits decide alone: damage to the other bytes of the tail has not touched the row.
        body = line[: line.rfind(b',"', -2 * _TAIL, -10)] + b"}"
        if zlib.crc32(body) == int(digits, 16):
            return loads(body)
    if line[-_TAIL:-10] == b',"crc32":"':
        raise Damaged(MISMATCH)
    row = loads(line)
    # Not at the end, or not in our spelling: another program has written the row again.
    row.pop("crc32", None)
    return row


def loads(text: bytes) -> dict[str, Any]:
    """Read a JSON object, those of other writers included (``NaN``, lone surrogates).

    Raises:
        Damaged: When the text is not one JSON object.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        try:
            value = json.loads(text.decode())
        except (ValueError, RecursionError) as error:
            raise Damaged("not JSON") from error
    if not isinstance(value, dict):
        raise Damaged("not a JSON object")
    return value


def _dumps(value: dict[str, Any]) -> bytes:
    try:
        return orjson.dumps(value, option=_OPTIONS)
    except TypeError as refused:
        # A model can write a lone surrogate, which only the standard library spells (as an escape).
        try:
            return json.dumps(value, separators=(",", ":"), allow_nan=False).encode()
        except (TypeError, ValueError, RecursionError):
            raise StoreError(
                f"Expected a rollout of JSON values, found one that is not: {refused}."
            ) from refused


def _shown(text: bytes, limit: int = 60) -> str:
    return repr(text[:limit].decode(errors="replace")) + ("..." if len(text) > limit else "")
