"""Tables of a mutable world, cheap to copy, with the index and the equality of a pandas data frame.

A :class:`Table` is never changed: each operation returns another one that shares the rows which stay as they are.
So a world can be branched for nothing, and comparing two worlds costs only what differs between them. What it does is
what pandas 2.3 does to a frame of object columns, odd corners included, because the public verifier of the workplace
is written in it.
"""

from __future__ import annotations

import math
import operator as operators
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

__all__ = ["MISSING", "Incomparable", "Table", "is_missing", "lowered_difference"]

_OPERATORS = {"==": operators.eq, ">=": operators.ge, "<=": operators.le}

MISSING = math.nan
"""An empty cell."""


class Incomparable(Exception):
    """A column holds no text at all, so that it cannot be lower-cased: pandas raises there."""


def is_missing(cell: Any) -> bool:
    """Tell whether a cell is empty: ``None`` or not a number."""
    return cell is None or (isinstance(cell, float) and cell != cell)


class Table:
    """Named columns, rows, and a label for each row.

    Args:
        columns: Names of the columns.
        rows: The rows, a tuple of cells each. The list is not copied and must not be changed afterwards.
        labels: The index labels of the rows; ``None`` numbers them from 0.

    Example:
        >>> table = Table(("id", "name"), [("0", "Ana"), ("1", "Ben")])
        >>> table.kept([False, True]).appended({"id": "2", "name": "Chi"}, label=0).labels
        [1, 0]
    """

    __slots__ = ("_places", "columns", "given_labels", "rows")

    def __init__(
        self,
        columns: Sequence[str],
        rows: Sequence[tuple[Any, ...]] = (),
        labels: Sequence[int] | None = None,
    ):
        self.columns = tuple(columns)
        self.rows: list[tuple[Any, ...]] = rows if isinstance(rows, list) else list(rows)
        self.given_labels = None if labels is None else list(labels)
        self._places = {name: place for place, name in enumerate(self.columns)}

    def __len__(self) -> int:
        return len(self.rows)

    def __deepcopy__(self, memo: dict[int, Any]) -> Table:
        # Never changed, so a fork of an environment may share it.
        return self

    def __repr__(self) -> str:
        return f"Table({', '.join(self.columns)}: {len(self.rows)} rows)"

    @property
    def labels(self) -> list[int]:
        """The index labels, one for each row; they may repeat."""
        return list(range(len(self.rows))) if self.given_labels is None else self.given_labels

    def has(self, column: Any) -> bool:
        """Tell whether a column of this name exists.

        Raises:
            TypeError: When the name cannot be hashed.
        """
        return column in self._places

    def column(self, name: str) -> list[Any]:
        """Return the cells of a column."""
        place = self._places[name]
        return [row[place] for row in self.rows]

    def records(self, mask: Iterable[Any] | None = None) -> list[dict[str, Any]]:
        """Return rows as dictionaries.

        Args:
            mask: Which rows, one truth value for each; ``None`` for all.
        """
        rows: Iterable[tuple[Any, ...]] = self.rows
        if mask is not None:
            rows = (row for row, chosen in zip(self.rows, mask, strict=True) if chosen)
        return [dict(zip(self.columns, row, strict=True)) for row in rows]

    def compared(self, name: str, operator: str, value: Any) -> list[bool]:
        """Compare each cell of a column with a value, as ``frame[name] == value`` does.

        Args:
            name: The column.
            operator: ``==``, ``>=`` or ``<=``. An empty cell compares as false.
            value: What to compare with; a list is compared item by item.

        Raises:
            ValueError: When the value is a list of another length than the table.
            TypeError: When the two cannot be ordered.
        """
        cells = self.column(name)
        compare = _OPERATORS[operator]
        if not isinstance(value, list):
            return [not is_missing(cell) and bool(compare(cell, value)) for cell in cells]
        shape = _shape(value)
        if shape != (len(cells),):
            problem = "Lengths" if shape[0] != len(cells) else "Shapes"
            suffix = " to compare" if problem == "Lengths" else ""
            raise ValueError(f"{problem} must match{suffix}", (len(cells),), shape)
        pairs = zip(cells, value, strict=True)
        return [not is_missing(cell) and bool(compare(cell, item)) for cell, item in pairs]

    def equal(self, name: str, value: Any) -> list[bool]:
        """Compare each cell of a column with a value for equality; see :meth:`compared`."""
        return self.compared(name, "==", value)

    def holds(self, name: str, value: Any) -> bool:
        """Tell whether a column has a value, as ``value in frame[name].values`` does.

        Raises:
            ValueError: When the value is a list that cannot be broadcast over the column.
        """
        cells = self.column(name)
        if not isinstance(value, list):
            return any(cell == value for cell in cells)
        if len(value) not in (1, len(cells)) and len(cells) != 1:
            raise ValueError(
                f"operands could not be broadcast together with shapes ({len(cells)},) ({len(value)},) "
            )
        width = max(len(cells), len(value))
        pairs = zip(
            cells * (width if len(cells) == 1 else 1), value * (width if len(value) == 1 else 1), strict=False
        )
        return any(cell == item for cell, item in pairs)

    def following(self, name: str) -> int:
        """Return one more than the greatest cell of a column, as ``int(frame[name].max()) + 1`` does.

        Text is compared as text, so "999" comes after "1000".

        Raises:
            ValueError: When the column has no cell, or its greatest is no number.
            TypeError: When its cells cannot be compared.
            OverflowError: When its greatest is infinite.
        """
        cells = self.column(name)
        if cells and all(type(cell) is str for cell in cells):
            return int(max(cells)) + 1
        if all(is_missing(cell) for cell in cells):
            raise ValueError("cannot convert float NaN to integer")
        filled = [-math.inf if is_missing(cell) else cell for cell in cells]
        greatest = filled[0]
        for cell in filled[1:]:
            greatest = greatest if greatest >= cell else cell
        return int(greatest) + 1

    def appended(self, row: Mapping[str, Any], *, label: int | None = None) -> Table:
        """Return the table with another row at its end.

        Args:
            row: A cell for each column.
            label: Label of the new row; ``None`` numbers all rows anew from 0, as ``ignore_index`` does.
        """
        rows = [*self.rows, tuple(row[name] for name in self.columns)]
        return Table(self.columns, rows, None if label is None else [*self.labels, label])

    def kept(self, mask: Sequence[Any]) -> Table:
        """Return the rows that a mask chooses, with the labels that they have."""
        if all(mask):
            return self
        rows = [row for row, chosen in zip(self.rows, mask, strict=True) if chosen]
        return Table(
            self.columns, rows, [label for label, chosen in zip(self.labels, mask, strict=True) if chosen]
        )

    def assigned(self, mask: Sequence[Any], name: str, value: Any) -> Table:
        """Return the table with a value in some cells of a column, as ``frame.loc[mask, name] = value`` does.

        A list of one item stands for the item, a longer one for a value a row; an object is aligned with the index,
        with which it shares no label, and empties the cells.

        Raises:
            ValueError: When a list fits neither one row nor all that are chosen.
        """
        count = sum(map(bool, mask))
        values: Iterator[Any]
        if isinstance(value, dict):
            values = iter([MISSING] * count)
        elif isinstance(value, list):
            if len(value) not in (1, count):
                raise ValueError("setting an array element with a sequence.")
            values = iter(value * count if len(value) == 1 else value)
        else:
            values = iter([value] * count)
        place = self._places[name]
        rows = [
            (*row[:place], next(values), *row[place + 1 :]) if chosen else row
            for row, chosen in zip(self.rows, mask, strict=True)
        ]
        return Table(self.columns, rows, self.given_labels)


def _shape(value: list[Any]) -> tuple[int, ...]:
    inner = [_shape(item) if isinstance(item, list) else () for item in value]
    return (len(value), *inner[0]) if inner and all(shape == inner[0] for shape in inner) else (len(value),)


def lowered_difference(one: Table, other: Table, as_written: Iterable[str] = ()) -> str | None:
    """Say how two tables differ once text is lower-cased, or ``None`` when ``DataFrame.equals`` holds.

    Shape, order of rows, index labels and cells must agree. In a lower-cased column whatever is not text becomes an
    empty cell, and empty cells are equal: 30 equals 60, but not "30".

    Args:
        one: A table.
        other: A table with the same columns.
        as_written: Columns that are compared as they are; there 1, 1.0 and true are equal.

    Raises:
        Incomparable: When a column that must be lower-cased holds numbers or truth values and no text.
    """
    exact = frozenset(as_written)
    lowered = [place for place, name in enumerate(one.columns) if name not in exact]
    kinds = [[_lowered_kind(table, place) for place in lowered] for table in (one, other)]
    if len(one) != len(other):
        return f"{len(one)} rows instead of {len(other)}"
    if (one.given_labels, other.given_labels) != (None, None) and one.labels != other.labels:
        return "the same number of rows, but others were added or removed, or in another order"
    compared = [place for place, name in enumerate(one.columns) if name in exact]
    for mine, theirs in zip(one.rows, other.rows, strict=True):
        if mine is theirs:
            continue
        for place in lowered:
            if _lowered(mine[place]) != _lowered(theirs[place]):
                return _differs(one.columns[place], mine[place], theirs[place])
        for place in compared:
            if not _same(mine[place], theirs[place]):
                return _differs(one.columns[place], mine[place], theirs[place])
    if kinds[0] != kinds[1]:
        return "a column without text has another type"
    return None


def _lowered_kind(table: Table, place: int) -> str:
    """Return the type that a column has after ``.str.lower()``.

    pandas infers what an object column holds: numbers alone or truth values alone it refuses, a mixture without
    any text it turns into a column of floating-point gaps.
    """
    held: set[str] = set()
    for row in table.rows:
        cell = row[place]
        if isinstance(cell, str):
            return "object"
        if isinstance(cell, bool):
            held.add("truth")
        elif isinstance(cell, int | float):
            if cell == cell:
                held.add("number")
        elif cell is not None:
            held.add("other")
    if held in ({"number"}, {"truth"}):
        raise Incomparable(f"the column {table.columns[place]!r} holds no text")
    return "float64" if held else "object"


def _lowered(cell: Any) -> str | None:
    return cell.lower() if isinstance(cell, str) else None


def _same(mine: Any, theirs: Any) -> bool:
    return mine is theirs or bool(mine == theirs) or (is_missing(mine) and is_missing(theirs))


def _differs(column: str, mine: Any, theirs: Any) -> str:
    return f"{column} is {_short(mine)} instead of {_short(theirs)}"


def _short(cell: Any) -> str:
    text = repr(cell)
    return text if len(text) <= 60 else f"{text[:57]}..."
