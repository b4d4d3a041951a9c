"""What a rollout file is: the identity kept beside it, and whether two identities are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from llmgym.errors import StoreError
from llmgym.records.fileops import DiskError, FileOps, replace_file

__all__ = ["check_identity", "differences", "write_identity"]

FORMAT = "llmgym-rollouts"
VERSION = 1

_ABSENT = object()
_SHOWN = 80


def write_identity(path: Path, identity: Mapping[str, Any], notes: Mapping[str, Any], ops: FileOps) -> None:
    """Write the identity of a new file, whole or not at all, and make the names in its folder durable.

    Args:
        path: The identity's own file.
        identity: JSON values that are compared on resuming.
        notes: JSON values that are only kept.
        ops: The file operations.

    Raises:
        StoreError: When a value is not JSON.
        DiskError: When the file cannot be written.
    """
    record = {"format": FORMAT, "version": VERSION, "identity": _plain(identity), "notes": _plain(notes)}
    try:
        replace_file(
            ops, path, orjson.dumps(record, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"
        )
    except OSError as error:
        raise DiskError.of(error, path, "Writing") from error


def check_identity(path: Path, identity: Mapping[str, Any], rows: Path) -> None:
    """Compare the identity of a file with that of the run that wants to go on with it.

    Args:
        path: The identity's own file.
        identity: That of the run.
        rows: The file of rows, for messages.

    Raises:
        StoreError: When they differ, naming each key with both values, or when there is no identity to compare.
    """
    try:
        record = orjson.loads(path.read_bytes())
        found = record["identity"] if record["format"] == FORMAT else None
    except FileNotFoundError:
        raise StoreError(
            f"Expected '{path}' to say which run '{rows}' belongs to, found no such file: choose another -o."
        ) from None
    except OSError as error:
        raise DiskError.of(error, path, "Reading", reading=True) from error
    except (ValueError, KeyError, TypeError):
        found = None
    if not isinstance(found, dict):
        raise StoreError(
            f"Expected the identity of a run in '{path}', found something else: choose another -o."
        )
    if record.get("version") != VERSION:
        raise StoreError(
            f"'{rows}' has version {record.get('version')!r} of the format, this llmgym writes version {VERSION}: "
            "choose another -o."
        )
    differing = [
        f"{name}: {_shown(before)} in the file, {_shown(now)} now"
        for name, before, now in differences(found, _plain(identity))
    ]
    if differing:
        raise StoreError(
            f"'{rows}' belongs to another run ({'; '.join(differing)}): repeat its settings, or choose another -o."
        )


def differences(
    before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = ""
) -> Iterator[tuple[str, Any, Any]]:
    """List where two mappings differ, as (dotted key, value before, value now), keys in alphabetical order.

    A value that is absent is given as a marker that is equal to no JSON value.

    Example:
        >>> list(differences({"env": "a", "policy": {"model": "m"}}, {"env": "a", "policy": {"model": "n"}}))
        [('policy.model', 'm', 'n')]
    """
    for key in sorted({*before, *now}):
        old, new = before.get(key, _ABSENT), now.get(key, _ABSENT)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from differences(old, new, f"{prefix}{key}.")
        elif old != new or isinstance(old, bool) is not isinstance(new, bool):
            yield prefix + key, old, new


def _plain(value: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return orjson.loads(orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY))
    except TypeError as error:
        raise StoreError(
            f"Expected the identity of a run to be JSON values, found one that is not: {error}."
        ) from error


def _shown(value: Any) -> str:
    if value is _ABSENT:
        return "nothing"
    text = orjson.dumps(value).decode()
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
