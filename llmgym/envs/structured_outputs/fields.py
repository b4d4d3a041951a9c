"""Fields of the things that generated documents are about, and how their values are drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = [
    "COUNTRIES",
    "Field",
    "Kind",
    "TOWNS",
    "date_text",
    "flag",
    "listed",
    "one",
    "person",
    "pick",
    "real",
    "text",
    "whole",
]

Rng = np.random.Generator


@dataclass(frozen=True, slots=True)
class Field:
    """One fact about a thing.

    Attributes:
        name: Name of the property, in snake case.
        type: ``string``, ``integer``, ``number``, ``boolean``, ``strings``, ``object`` or ``objects``.
        description: What it means.
        make: Draws a value; ``None`` for objects.
        says: A sentence with ``{v}`` for the value and ``{it}`` for the thing; for a boolean one for true and one
            for false, with a bar between; for objects one with the names of the parts.
        options: All the values there are, where they are few.
        parts: Fields of an object, or of each object of a list.
    """

    name: str
    type: str
    description: str
    make: Callable[[Rng], Any] | None
    says: str
    options: tuple[str, ...] = ()
    parts: tuple[Field, ...] = ()


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing.

    Attributes:
        name: What it is called, in snake case.
        names: First and second halves of proper names.
        fields: Its facts.
    """

    name: str
    names: tuple[tuple[str, ...], tuple[str, ...]]
    fields: tuple[Field, ...]


_FIRST = tuple(
    "Amara Bruno Celia Davit Elke Farid Greta Hugo Ines Jonas Kirsi Liam Mina Noor Otto Petra Rafa Sanna Tomas Vera".split()
)
_LAST = tuple(
    "Adeyemi Barros Castellan Dvorak Eriksen Fontaine Gunther Horvat Ivanova Jansen Kowal Lindqvist Moreau Novak Okafor Petit Quist Rossi Silva Tamm".split()
)
TOWNS = tuple(
    "Aldmere,Brackwater,Corvenna,Dunholm,Estervik,Fallowmoor,Grenzau,Hollin Bay,Istrava,Kelmouth,Lowen,Marrick,Nordhavn,Orsova Bridge,Pellworth,Quenby".split(
        ","
    )
)
COUNTRIES = ("Estonia", "Portugal", "Chile", "Norway", "Ghana", "Japan", "Canada", "Slovenia")


def pick(pool: Sequence[str]) -> Callable[[Rng], str]:
    """Return a draw from a pool."""
    return lambda rng: pool[int(rng.integers(len(pool)))]


def _some(pool: Sequence[str], low: int = 1, high: int = 4) -> Callable[[Rng], list[str]]:
    return lambda rng: [
        pool[i] for i in rng.permutation(len(pool))[: int(rng.integers(low, high + 1))].tolist()
    ]


def _between(low: int, high: int) -> Callable[[Rng], int]:
    return lambda rng: int(rng.integers(low, high + 1))


def _decimal(low: int, high: int) -> Callable[[Rng], float]:
    # One decimal that is never zero, so that the number is written with it everywhere.
    return lambda rng: int(rng.integers(low, high)) + int(rng.integers(1, 10)) / 10


def date_text(rng: Rng) -> str:
    """Draw a date, as written in a text."""
    months = "January February March April May June July August September October November December".split()
    return f"{int(rng.integers(1, 29))} {months[int(rng.integers(12))]} {int(rng.integers(1870, 2021))}"


def _coin(rng: Rng) -> bool:
    return bool(rng.integers(2))


def person(rng: Rng) -> str:
    """Draw the name of a person."""
    return f"{pick(_FIRST)(rng)} {pick(_LAST)(rng)}"


def one(name: str, description: str, options: tuple[str, ...], says: str) -> Field:
    """Return a field with few values."""
    return Field(name, "string", description, pick(options), says, options)


def text(name: str, description: str, make: Callable[[Rng], str], says: str) -> Field:
    """Return a field of text."""
    return Field(name, "string", description, make, says)


def whole(name: str, description: str, low: int, high: int, says: str) -> Field:
    """Return a field of whole numbers between two bounds."""
    return Field(name, "integer", description, _between(low, high), says)


def real(name: str, description: str, low: int, high: int, says: str) -> Field:
    """Return a field of numbers with one decimal."""
    return Field(name, "number", description, _decimal(low, high), says)


def flag(name: str, description: str, says: str) -> Field:
    """Return a field that holds or not."""
    return Field(name, "boolean", description, _coin, says)


def listed(name: str, description: str, pool: Sequence[str], says: str) -> Field:
    """Return a field of several texts from a pool."""
    return Field(name, "strings", description, _some(pool), says)
