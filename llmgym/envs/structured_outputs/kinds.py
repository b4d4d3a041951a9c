"""What generated documents are about: kinds of things, their fields, and how a sentence states each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["KINDS", "Field", "Kind"]

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
_TOWNS = tuple(
    "Aldmere,Brackwater,Corvenna,Dunholm,Estervik,Fallowmoor,Grenzau,Hollin Bay,Istrava,Kelmouth,Lowen,Marrick,Nordhavn,Orsova Bridge,Pellworth,Quenby".split(
        ","
    )
)
_COUNTRIES = ("Estonia", "Portugal", "Chile", "Norway", "Ghana", "Japan", "Canada", "Slovenia")


def _pick(pool: Sequence[str]) -> Callable[[Rng], str]:
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


def _date(rng: Rng) -> str:
    months = "January February March April May June July August September October November December".split()
    return f"{int(rng.integers(1, 29))} {months[int(rng.integers(12))]} {int(rng.integers(1870, 2021))}"


def _flag(rng: Rng) -> bool:
    return bool(rng.integers(2))


def _person(rng: Rng) -> str:
    return f"{_pick(_FIRST)(rng)} {_pick(_LAST)(rng)}"


def _one(name: str, description: str, options: tuple[str, ...], says: str) -> Field:
    return Field(name, "string", description, _pick(options), says, options)


def _text(name: str, description: str, make: Callable[[Rng], str], says: str) -> Field:
    return Field(name, "string", description, make, says)


def _whole(name: str, description: str, low: int, high: int, says: str) -> Field:
    return Field(name, "integer", description, _between(low, high), says)


def _real(name: str, description: str, low: int, high: int, says: str) -> Field:
    return Field(name, "number", description, _decimal(low, high), says)


def _bool(name: str, description: str, says: str) -> Field:
    return Field(name, "boolean", description, _flag, says)


def _list(name: str, description: str, pool: Sequence[str], says: str) -> Field:
    return Field(name, "strings", description, _some(pool), says)


_PLACE = Field(
    "location",
    "object",
    "Where it is",
    None,
    "It is found in {town}, {country}.",
    parts=(
        _text("town", "Nearest town", _pick(_TOWNS), ""),
        _text("country", "Country", _pick(_COUNTRIES), ""),
    ),
)
_REPAIRS = Field(
    "repairs",
    "objects",
    "Repairs, in the order told",
    None,
    "A repair of the {part} in {year} cost {cost} crowns.",
    parts=(
        _whole("year", "Year of the repair", 1900, 2022, ""),
        _one("part", "What was repaired", ("roof", "foundation", "railing", "drainage", "paintwork"), ""),
        _whole("cost", "Cost in crowns", 1000, 99999, ""),
    ),
)
_STAFF = Field(
    "team_members",
    "objects",
    "People named, in the order told",
    None,
    "{name} ({age}) serves as {role}.",
    parts=(
        _text("name", "Full name", _person, ""),
        _one("role", "Role", ("director", "treasurer", "engineer", "guide", "secretary"), ""),
        _whole("age", "Age in years", 21, 80, ""),
    ),
)

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "lighthouse",
            (
                ("North", "Grey", "Saint Orla", "Cormorant", "Old", "Split Rock"),
                ("Point Light", "Head Lighthouse", "Reef Beacon", "Skerry Light"),
            ),
            (
                _whole(
                    "built_year", "Year of construction", 1790, 1990, "Construction of {it} ended in {v}."
                ),
                _real("height_m", "Height of the tower in metres", 9, 70, "The tower rises {v} metres."),
                _whole(
                    "range_nm",
                    "Range of the light in nautical miles",
                    5,
                    30,
                    "On a clear night the light carries {v} nautical miles.",
                ),
                _one(
                    "tower_shape",
                    "Shape of the tower",
                    ("round", "octagonal", "square", "skeletal"),
                    "Its tower is {v}.",
                ),
                _text("architect", "Architect", _person, "The plans were drawn by {v}."),
                _bool(
                    "automated",
                    "Whether it runs without a keeper",
                    "No keeper lives there any more: {it} is automated.|It is not automated and still has a keeper.",
                ),
                _list(
                    "colors",
                    "Colours of the tower, in the order told",
                    ("white", "red", "black", "green", "ochre"),
                    "From the sea one sees these colours: {v}.",
                ),
                _text(
                    "first_lit",
                    "Day on which it was first lit, as written",
                    _date,
                    "It was first lit on {v}.",
                ),
                _PLACE,
                _REPAIRS,
            ),
        ),
        Kind(
            "festival",
            (
                ("Harvest", "Lantern", "River", "Winter", "Copper", "Seven Hills"),
                ("Days", "Festival", "Gathering", "Fair"),
            ),
            (
                _whole(
                    "founded_year",
                    "Year in which it was first held",
                    1880,
                    2015,
                    "{it} was first held in {v}.",
                ),
                _whole(
                    "visitors",
                    "Visitors at the last edition",
                    300,
                    90000,
                    "The last edition drew {v} visitors.",
                ),
                _real("ticket_price", "Price of a ticket in crowns", 5, 120, "A ticket costs {v} crowns."),
                _one("season", "Season", ("spring", "summer", "autumn", "winter"), "It takes place in {v}."),
                _bool(
                    "free_for_children",
                    "Whether children enter free",
                    "Children enter free.|Children pay like everybody else.",
                ),
                _list(
                    "genres",
                    "Kinds of performance, in the order told",
                    ("brass music", "puppetry", "folk dance", "poetry", "street theatre"),
                    "The programme has {v}.",
                ),
                _text("opened_by", "Who opened the last edition", _person, "{v} gave the opening speech."),
                _text(
                    "opening_date",
                    "First day of the last edition, as written",
                    _date,
                    "Its gates opened on {v}.",
                ),
                _PLACE,
                _STAFF,
            ),
        ),
        Kind(
            "research_vessel",
            (("RV", "MS", "SV"), ("Aurelia", "Meridian", "Petrel", "Borealis", "Calypsa", "Thule")),
            (
                _whole("launch_year", "Year of launch", 1950, 2020, "{it} was launched in {v}."),
                _real("length_m", "Length in metres", 20, 140, "She is {v} metres long."),
                _whole("crew", "Size of the crew", 6, 90, "A crew of {v} sails her."),
                _one(
                    "propulsion",
                    "Kind of propulsion",
                    ("diesel", "diesel-electric", "sail", "hydrogen"),
                    "Her propulsion is {v}.",
                ),
                _bool(
                    "ice_class",
                    "Whether she may sail in ice",
                    "She is certified for ice.|She has no certificate for ice.",
                ),
                _text("captain", "Captain", _person, "Her captain is {v}."),
                _list(
                    "instruments",
                    "Instruments on board, in the order told",
                    ("multibeam sonar", "gravimeter", "water sampler", "weather mast", "core drill"),
                    "On board are {v}.",
                ),
                _text("home_port", "Home port", _pick(_TOWNS), "Her home port is {v}."),
                Field(
                    "last_voyage",
                    "object",
                    "The last voyage",
                    None,
                    "The last voyage took {days} days and led to {destination}.",
                    parts=(
                        _text("destination", "Where it led", _pick(_TOWNS), ""),
                        _whole("days", "Length in days", 4, 120, ""),
                    ),
                ),
                _STAFF,
            ),
        ),
        Kind(
            "bridge",
            (
                ("Miller's", "High", "Queen Alva", "Saltgate", "Long", "Weir"),
                ("Bridge", "Viaduct", "Crossing", "Footbridge"),
            ),
            (
                _whole("opened_year", "Year of opening", 1820, 2018, "{it} opened in {v}."),
                _real("span_m", "Longest span in metres", 12, 900, "Its longest span measures {v} metres."),
                _whole("lanes", "Number of lanes", 1, 8, "Traffic has {v} lanes."),
                _one(
                    "material",
                    "Main material",
                    ("steel", "stone", "timber", "concrete"),
                    "It is built mainly of {v}.",
                ),
                _bool(
                    "toll",
                    "Whether a toll is charged",
                    "Those who cross pay a toll.|Crossing is free of toll.",
                ),
                _text("engineer", "Engineer", _person, "{v} was the engineer."),
                _list(
                    "carries",
                    "Who may cross, in the order told",
                    ("cars", "trams", "cyclists", "pedestrians", "trains"),
                    "It carries {v}.",
                ),
                _text(
                    "river",
                    "What it crosses",
                    _pick(("the Arle", "the Venn", "the Tosk", "the Lower Mirna")),
                    "Below it flows {v}.",
                ),
                _PLACE,
                _REPAIRS,
            ),
        ),
        Kind(
            "cooperative",
            (
                ("Blue Heron", "Ironwood", "Commons", "Tidewater", "Orchard Lane"),
                ("Bakery", "Press", "Cycle Works", "Dairy", "Textiles"),
            ),
            (
                _whole("founded_year", "Year of foundation", 1900, 2021, "{it} was founded in {v}."),
                _whole("employees", "Number of employees", 3, 900, "It has {v} employees."),
                _real(
                    "revenue_millions",
                    "Revenue of the last year in millions of crowns",
                    1,
                    90,
                    "Last year's revenue was {v} million crowns.",
                ),
                _one(
                    "legal_form",
                    "Legal form",
                    ("cooperative", "foundation", "limited company"),
                    "Its legal form is that of a {v}.",
                ),
                _bool(
                    "exports", "Whether it sells abroad", "It sells abroad as well.|It sells nothing abroad."
                ),
                _text("chair", "Chair of the board", _person, "{v} chairs the board."),
                _list(
                    "products",
                    "Products, in the order told",
                    ("notebooks", "rye bread", "cargo bikes", "wool blankets", "hard cheese", "posters"),
                    "It is known for {v}.",
                ),
                _text(
                    "website",
                    "Website",
                    _pick(("heron.example", "ironwood.example", "tidewater.example")),
                    "More is told at {v}.",
                ),
                _PLACE,
                _STAFF,
            ),
        ),
    )
}
"""The kinds by name."""
