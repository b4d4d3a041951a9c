"""The companies in use: made up or read once, then shared by all environments of the process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from llmgym.envs.workplace_assistant.company import Size, generate_company
from llmgym.envs.workplace_assistant.csv_files import FILES, read_company
from llmgym.envs.workplace_assistant.requests import Office
from llmgym.envs.workplace_assistant.workplace import Company
from llmgym.errors import InvalidTask

__all__ = ["Source", "company_of", "is_ready", "office_of"]


@dataclass(frozen=True, slots=True)
class Source:
    """Which company is meant.

    Attributes:
        tables: Folder of CSV files; ``None`` for one that is made up.
        seed: Seed of one that is made up.
        size: Size of one that is made up, relative to the public one.
    """

    tables: str | None = None
    seed: int = 0
    size: float = 1.0

    def told(self) -> dict[str, Any] | None:
        """Return what a row says of its company; nothing when it comes from files."""
        return {"seed": self.seed, "size": self.size} if self.tables is None else None

    @classmethod
    def of(cls, told: Any, task: str) -> Source:
        """Read what a row says of its company.

        Raises:
            InvalidTask: When it is not an object with the numbers ``seed`` and ``size``.
        """
        if isinstance(told, Mapping):
            seed, size = told.get("seed"), told.get("size", 1.0)
            if isinstance(seed, int) and not isinstance(seed, bool) and isinstance(size, int | float):
                if seed >= 0 and 0 < size <= 100:
                    return cls(None, seed, float(size))
        raise InvalidTask(
            f"Task {task!r}: expected 'company' to be an object with 'seed' (0 or more) and 'size' (above 0), found {told!r}."
        )


def is_ready(source: Source) -> bool:
    """Tell whether a company is at hand, so that asking for it takes no time."""
    return (source, _state_of_files(source.tables)) in _offices


def company_of(source: Source) -> Company:
    """Return a company; the first call for it takes some tens of milliseconds.

    Raises:
        UsageError: When its files cannot be read, or its size is impossible.
    """
    return office_of(source).company


def office_of(source: Source) -> Office:
    """Return a company as the author of tasks sees it.

    Raises:
        UsageError: When its files cannot be read, or its size is impossible.
    """
    key = (source, _state_of_files(source.tables))
    office = _offices.get(key)
    if office is None:
        if source.tables is not None:
            office = Office(read_company(source.tables))
        else:
            office = Office(generate_company(source.seed, Size().scaled(source.size)))
        while len(_offices) >= _MOST_KEPT:
            _offices.pop(next(iter(_offices)), None)
        _offices[key] = office
    return office


_MOST_KEPT = 16
_offices: dict[tuple[Source, tuple[int, ...]], Office] = {}


def _state_of_files(folder: str | None) -> tuple[int, ...]:
    """Return when files were last changed, so that tables are read again after an edit."""
    if folder is None:
        return ()
    paths = [Path(folder) / name for name in FILES.values()]
    return tuple(path.stat().st_mtime_ns for path in paths if path.is_file())
