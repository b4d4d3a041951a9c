"""Rollouts on disk: the record, the store, its reader, replay, and what rollouts add up to.

The names are imported when first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from os import PathLike
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmgym.records.fileops import DiskError
    from llmgym.records.journal import Acknowledgement
    from llmgym.records.metrics import Summary, summarise
    from llmgym.records.reader import BadSpan, ReadReport, RowReader, read_rows
    from llmgym.records.record import Failure, Rollout, TurnRecord
    from llmgym.records.replaying import replay, replay_row
    from llmgym.records.spec import make_env, spec_of
    from llmgym.records.store import RolloutStore
    from llmgym.records.verification import Verification, verify_rows

__all__ = [
    "Acknowledgement",
    "BadSpan",
    "DiskError",
    "Failure",
    "ReadReport",
    "Rollout",
    "RolloutStore",
    "RowReader",
    "Summary",
    "TurnRecord",
    "Verification",
    "make_env",
    "read_rollouts",
    "read_rows",
    "replay",
    "replay_row",
    "spec_of",
    "summarise",
    "verify_rows",
]

_HOMES = {
    "Acknowledgement": "journal",
    "BadSpan": "reader",
    "DiskError": "fileops",
    "Failure": "record",
    "ReadReport": "reader",
    "Rollout": "record",
    "RolloutStore": "store",
    "RowReader": "reader",
    "Summary": "metrics",
    "TurnRecord": "record",
    "Verification": "verification",
    "make_env": "spec",
    "read_rows": "reader",
    "replay": "replaying",
    "replay_row": "replaying",
    "spec_of": "spec",
    "summarise": "metrics",
    "verify_rows": "verification",
}


def read_rollouts(path: str | PathLike[str]) -> Iterator[Rollout]:
    """Read the rollouts of a file, one at a time.

    Args:
        path: A file that ``llmgym rollout``, ``collect`` or a :class:`RolloutStore` wrote; plain or ``.gz``.

    Yields:
        The rollouts, in the order of the file. Damaged lines are left out; ``read_rows`` reports them.

    Raises:
        StoreError: When a line is sound but is not a rollout of llmgym.
    """
    from llmgym.records.reader import read_rows
    from llmgym.records.record import Rollout

    for _, row in read_rows(path):
        yield Rollout.from_json(row)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
