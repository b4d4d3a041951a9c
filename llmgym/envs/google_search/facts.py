"""The shape of what an encyclopedia says, and the values that have no articles of their own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["POOLS", "Fact", "Kind"]


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is said about every thing of a kind.

    Attributes:
        value: What it is: the name of a kind, the name of a pool, or bounds of a number.
        told: Ways to say it in an article; ``{it}`` is the thing, ``{value}`` the value.
        asked: The question for it; ``{it}`` is the thing.
        path: How to name the value by way of the thing, where the value is a thing itself.
    """

    value: str | tuple[int, int]
    told: tuple[str, ...]
    asked: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of things.

    Attributes:
        share: Share of the articles, in parts of the sum.
        called: How a question names one.
        opening: First sentence of its article.
        facts: What is said about it.
    """

    share: int
    called: str
    opening: str
    facts: Mapping[str, Fact]


POOLS: Mapping[str, tuple[str, ...]] = {
    name: tuple(values.split(", "))
    for name, values in {
        "province": "Ardmark, Brevia, Cindral, Dunmoor, Estavel, Forland, Gresk, Hollin, Isenau, Jutra",
        "river": "Aln, Brisk, Corra, Dwyn, Esse, Fluer, Gann, Hesper, Isk, Jarn, Kolva, Lume",
        "craft": (
            "bell casting, glass blowing, paper making, rope making, lace, clock making, salt "
            "boiling, boat building, cheese, mirror making, tanning, type founding"
        ),
        "profession": (
            "engineer, botanist, composer, cartographer, physician, printer, astronomer, potter, "
            "jurist, chemist, historian, surveyor"
        ),
        "instrument": "cello, oboe, zither, organ, bassoon, harp, viola, horn, clarinet, lute",
        "product": (
            "barometers, typewriters, water pumps, weaving looms, spectacles, roof tiles, sewing "
            "needles, church organs, steam whistles, fishing nets, letter scales, street lamps"
        ),
        "material": "granite, larch, brick, cast iron, limestone, oak, concrete, basalt, steel",
        "colour": "orange, slate grey, violet, pale yellow, white, crimson, olive, turquoise, black",
        "month": "January, February, March, April, May, June, July, August, September, October",
        "dish": (
            "plum dumplings, smoked eel, barley soup, honey bread, pickled pears, roast chestnuts, curd pie"
        ),
    }.items()
}
"""Values that are not things with articles of their own."""
