"""Read and write the tables of a company as the public CSV files."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from llmgym.envs.workplace_assistant.workplace import COLUMNS, Company
from llmgym.errors import UsageError
from llmgym.verifiers.tables import MISSING, Table, is_missing

__all__ = ["FILES", "read_company", "write_company"]

FILES = {
    "emails": "emails.csv",
    "events": "calendar_events.csv",
    "visits": "analytics_data.csv",
    "tasks": "project_tasks.csv",
    "customers": "customer_relationship_manager_data.csv",
}
"""Names of the public files."""

DIRECTORY_FILE = "email_addresses.csv"
"""Name of the public file of addresses, which has no header."""

_MISSING_TEXTS = frozenset(
    "|#N/A|#N/A N/A|#NA|-1.#IND|-1.#QNAN|-NaN|-nan|1.#IND|1.#QNAN|<NA>|N/A|NA|NULL|NaN|None|n/a|nan|null".split(
        "|"
    )
)
"""Cells that pandas reads as empty."""


def read_company(folder: str | Path) -> Company:
    """Read the tables of a company.

    Args:
        folder: Where the public CSV files lie: the tables beside each other, and the addresses there or in the
            folder ``raw``, beside it or within.

    Raises:
        UsageError: When a file is missing, or has other columns than the public one.
    """
    path = Path(folder)
    tables = {name: _read_table(path / file, COLUMNS[name]) for name, file in FILES.items()}
    visits = tables["visits"]
    place = visits.columns.index("user_engaged")
    tables["visits"] = Table(
        visits.columns, [(*row[:place], row[place] == "True", *row[place + 1 :]) for row in visits.rows]
    )
    return Company(_read_directory(path), **tables)


def write_company(company: Company, folder: str | Path) -> None:
    """Write the tables of a company as the public CSV files, so that other tools can use them.

    Args:
        company: The company.
        folder: Where to; made if it does not exist.
    """
    path = Path(folder)
    path.mkdir(parents=True, exist_ok=True)
    for name, file in FILES.items():
        table: Table = getattr(company, name)
        _write_rows(path / file, [table.columns, *table.rows])
    _write_rows(path / DIRECTORY_FILE, [(address,) for address in company.directory])


def _read_table(path: Path, columns: tuple[str, ...]) -> Table:
    header, *rows = _read_rows(path) or [[]]
    if tuple(header) != columns:
        raise UsageError(
            f"{path}: expected the columns {', '.join(columns)}, found {', '.join(header) or 'none'}."
        )
    cells = []
    for number, row in enumerate(rows, 2):
        if len(row) > len(columns):
            raise UsageError(f"{path}: expected {len(columns)} cells in row {number}, found {len(row)}.")
        row += [""] * (len(columns) - len(row))
        cells.append(tuple(MISSING if cell in _MISSING_TEXTS else cell for cell in row))
    return Table(columns, cells)


def _read_directory(path: Path) -> tuple[str, ...]:
    places = [path / DIRECTORY_FILE, path / "raw" / DIRECTORY_FILE, path.parent / "raw" / DIRECTORY_FILE]
    found = next((place for place in places if place.is_file()), places[0])
    return tuple(row[0] for row in _read_rows(found))


def _read_rows(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8", newline="") as stream:
            return [row for row in csv.reader(stream) if row]
    except FileNotFoundError:
        raise UsageError(
            f"Expected the file {path}, found none. Give tables= the folder of the public CSV files."
        ) from None
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(f"{path} cannot be read as CSV: {error}.") from error


def _write_rows(path: Path, rows: list[Any]) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerows([["" if is_missing(cell) else cell for cell in row] for row in rows])
