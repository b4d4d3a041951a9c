"""Invented names, none of them used twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence

import numpy as np

__all__ = ["Names"]

_STARTS = (
    "Bal Ber Cal Cor Dor Dra Eld Fal Fen Gar Gol Hal Har Ild Jor Kal Kes Lan Lor Mar Mel Nor Old Or Pel "
    "Quen Rav Ros Sal Sel Tar Tol Ul Val Vel Wen Yar Zel"
).split()
_MIDDLES = "a e i o u an en in or ar el is em und ist av".split()
_TOWN_ENDS = "bury dal feld ford gate ham holm mere mond mouth stad ton vik wick".split()
_FAMILY_ENDS = "berg ek enko iak idge ini los man mont nes ova quist sen veld".split()
_GIVEN = (
    "Ada Alma Anton Bela Bruno Clara Cyril Dana Edda Egon Elin Felix Freya Gerd Greta Hanno Hedda Ida "
    "Igor Irma Jana Josef Kaja Karl Lena Leon Lotte Magda Milan Nadia Nils Olga Oskar Petra Rasmus Rita "
    "Sonja Stefan Tilda Tomas Ulla Vera Viktor Wanda Xenia Yves Zora"
).split()
_ADJECTIVES = (
    "Amber Ashen Blue Broken Distant Empty Frozen Gilded Green Hidden Hollow Iron Last Long Lost Narrow "
    "Patient Quiet Red Second Silent Silver Wandering"
).split()
_NOUNS = (
    "Anchor Bell Bridge Candle Clock Door Field Garden Harvest Heron Island Key Lantern Letter Mill "
    "Mirror Orchard Road Sail Shore Stair Tower Winter Window"
).split()
_LIVING_THINGS = "hawk moth, owlet, finch, wagtail, orchid, saxifrage, newt, beetle, warbler, lichen".split(
    ", "
)
_TRADES = "Instruments Looms Mills Optics Press Pumps Tiles Works Yards Glass".split()

_ROMAN = "I II III IV V VI VII VIII IX X".split()
_PATIENCE = 100


class Names:
    """Draws names.

    Args:
        rng: Where randomness comes from.
    """

    def __init__(self, rng: np.random.Generator):
        self._rng = rng
        self._used: set[str] = set()
        self._families = [self._stem() + self._pick(_FAMILY_ENDS) for _ in range(60)]

    def town(self) -> str:
        """Return the name of a town."""
        return self._new(lambda: self._stem() + self._pick(_TOWN_ENDS))

    def person(self) -> str:
        """Return the name of a person; family names recur."""
        return self._new(
            lambda: f"{self._pick(_GIVEN)} {self._pick('ABCDEFGHJKLMNPRSTVW')}. {self._pick(self._families)}"
        )

    def company(self) -> str:
        """Return the name of a company."""
        return self._new(lambda: f"{self._stem()} {self._pick(_TRADES)}")

    def work(self) -> str:
        """Return the title of a book."""
        return self._new(lambda: f"The {self._pick(_ADJECTIVES)} {self._pick(_NOUNS)} of {self._stem()}")

    def species(self) -> str:
        """Return the name of a plant or animal."""
        return self._new(lambda: f"{self._stem()} {self._pick(_LIVING_THINGS)}")

    def bridge(self) -> str:
        """Return the name of a bridge."""
        return self._new(
            lambda: f"{self._stem()} {self._pick(('Bridge', 'Crossing', 'Viaduct', 'Footbridge'))}"
        )

    def festival(self) -> str:
        """Return the name of a festival."""
        return self._new(
            lambda: f"{self._stem()} {self._pick(('Fair', 'Lights', 'Regatta', 'Games', 'Song Days'))}"
        )

    def _stem(self) -> str:
        return self._pick(_STARTS) + self._pick(_MIDDLES)

    def _pick(self, options: Sequence[str]) -> str:
        return options[int(self._rng.integers(len(options)))]

    def _new(self, make: Callable[[], str]) -> str:
        for attempt in itertools.count():
            name = make()
            if attempt >= _PATIENCE:
                # A large encyclopedia uses up the plain names.
                name += f" {_ROMAN[attempt % len(_ROMAN)]}"
            if attempt >= 2 * _PATIENCE:
                name += f" {int(self._rng.integers(attempt * 100))}"
            if name not in self._used:
                self._used.add(name)
                return name
        raise AssertionError("counting does not end")
