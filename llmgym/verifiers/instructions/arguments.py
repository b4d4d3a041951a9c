"""What an instruction asks for where its row does not say: thresholds, relations and words, drawn at random.

A rule of the public library: an argument that a row leaves out is drawn when the response is graded. Here the draw
comes from a generator of the caller, so that it can be repeated. A function of this module takes what the row says
(``None`` when it says nothing) and a generator, and returns what is to be checked. It may raise ``TypeError``,
``ValueError`` or ``AttributeError`` when the row says something that cannot be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

__all__ = [
    "LANGUAGES",
    "LESS_THAN",
    "RELATIONS",
    "Filler",
    "compare",
    "count",
    "draw_integer",
    "draw_words",
    "keyword",
    "nonzero",
    "option",
    "prompt_to_repeat",
    "relation",
]

Filler = Callable[[Any, np.random.Generator], Any]

LESS_THAN = "less than"
RELATIONS = (LESS_THAN, "at least")

LANGUAGES = tuple(
    "en es pt ar hi fr ru de ja it bn uk th ur ta te bg ko pl he fa vi ne sw kn mr gu pa ml fi".split()
)
"""ISO codes of the 30 languages that a response can be asked for."""

_WORDS = tuple(
    "anchor basket candle desert engine fabric garden harbor island jacket kettle ladder market needle orange "
    "pencil quarry ribbon saddle temple umbrella valley window yellow zipper bridge copper dragon ember falcon".split()
)


def draw_integer(rng: np.random.Generator, low: int, high: int) -> int:
    """Draw an integer, both ends included.

    Raises:
        ValueError: When there is none.
    """
    return int(rng.integers(low, high + 1))


def draw_words(rng: np.random.Generator, number: int) -> list[str]:
    """Draw different words."""
    return [_WORDS[place] for place in rng.choice(len(_WORDS), number, replace=False)]


def count(low: int, high: int) -> Filler:
    """Return a filler of a threshold that is drawn when it is missing or negative."""

    def fill(value: Any, rng: np.random.Generator) -> Any:
        return draw_integer(rng, low, high) if value is None or value < 0 else value

    return fill


def nonzero(low: int, high: int) -> Filler:
    """Return a filler of a number that is drawn when it is missing or 0."""

    def fill(value: Any, rng: np.random.Generator) -> Any:
        return value or draw_integer(rng, low, high)

    return fill


def option(options: Sequence[str]) -> Filler:
    """Return a filler of a phrase that is drawn when it is missing, and stripped when it is not."""

    def fill(value: Any, rng: np.random.Generator) -> Any:
        if value is None:
            return options[draw_integer(rng, 0, len(options) - 1)]
        return value.strip()

    return fill


def relation(value: Any, rng: np.random.Generator) -> str:
    """Return the relation; another one than the two known cannot be checked.

    Raises:
        ValueError: When the relation is unknown.
    """
    if value is None:
        return RELATIONS[draw_integer(rng, 0, 1)]
    if value not in RELATIONS:
        raise ValueError(f"expected a relation among {', '.join(RELATIONS)}, found {value!r}")
    return value


def keyword(value: Any, rng: np.random.Generator) -> Any:
    """Return the keyword without blanks around it; an empty one is drawn."""
    return value.strip() if value else draw_words(rng, 1)[0]


def prompt_to_repeat(value: Any, rng: np.random.Generator) -> Any:
    """Return the text to repeat, which cannot be made up.

    Raises:
        ValueError: When it is missing or empty.
    """
    if not value:
        raise ValueError("expected a prompt_to_repeat")
    return value


def compare(found: int, relation: str, threshold: Any) -> bool:
    """Tell whether a number found is less than, or at least, a threshold."""
    return bool(found < threshold if relation == LESS_THAN else found >= threshold)
