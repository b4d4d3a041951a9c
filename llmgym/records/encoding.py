"""Anything as JSON, so that no value in a record can keep it from being written."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson

__all__ = ["dumped"]

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


def dumped(value: Any) -> bytes:
    """Return a value as JSON, whatever it holds, and the same in every process.

    Lone surrogates become question marks, integers beyond 64 bits become text, and any other object becomes what its
    ``describe()`` returns, its own text, or the name of its class.

    Args:
        value: JSON values, dataclasses, NumPy values and any other objects, nested.
    """
    try:
        return orjson.dumps(value, default=_plain, option=_OPTIONS)
    except orjson.JSONEncodeError:
        return orjson.dumps(_writable(value), default=_plain, option=_OPTIONS)


def _writable(value: Any) -> Any:
    """Replace what UTF-8 JSON cannot hold: lone surrogates, and integers beyond 64 bits, which become text."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int) and not -(2**63) <= value < 2**64:
        return str(value)
    if isinstance(value, Mapping):
        return {_key(key): _writable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(item) for item in value]
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _writable(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, set | frozenset | np.generic | np.ndarray) or _described(value):
        return _writable(_plain(value))
    return value


def _described(value: Any) -> bool:
    return not isinstance(value, type) and callable(getattr(value, "describe", None))


def _key(key: Any) -> Any:
    return _writable(key) if isinstance(key, str | int | float | None) else repr(key)


def _plain(value: Any) -> Any:
    """Return something like a value that is not JSON, and the same in every process."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, list | tuple):
        return list(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if _described(value):
        return value.describe()
    named = value if hasattr(value, "__qualname__") else type(value)
    # The default repr holds an address.
    default = type(value).__repr__ is object.__repr__ or named is value
    text = f"{named.__module__}:{named.__qualname__}" if default else repr(value)
    return text.encode("utf-8", "replace").decode()
