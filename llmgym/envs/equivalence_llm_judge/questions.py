"""Questions with short answers that can be worked out, with other ways to write each answer and plausible slips."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from llmgym.envs.equivalence_llm_judge.facts import ELEMENTS, NUMBERS_OF_THINGS, in_words, ordinal, roman
from llmgym.envs.equivalence_llm_judge.terms import TERMS

__all__ = ["DOMAINS", "Question"]


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answer.

    Attributes:
        text: The question.
        answer: The right answer.
        same: Other ways to give it.
        wrong: Wrong answers that lie near.
        identity: What makes it the same question in other words.
    """

    text: str
    answer: str
    same: tuple[str, ...]
    wrong: tuple[str, ...]
    identity: str


Rng = np.random.Generator


def _pick(rng: Rng, options: Sequence[Any]) -> Any:
    return options[int(rng.integers(len(options)))]


def _between(rng: Rng, low: int, high: int) -> int:
    return int(rng.integers(low, high + 1))


def _ways(value: int, unit: str = "") -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return other ways to give a number, and numbers that it is not."""
    words = in_words(value) if 0 <= value < 10**6 else f"minus {-value}" if value < 0 else f"exactly {value}"
    same = [words, f"{value:,}.", f"The answer is {value}."]
    if unit:
        same.append(f"{value} {unit}")
    wrong = (str(value + 1), str(value - 1), str(value * 10 or 10), f"{value} or {value + 1}")
    return tuple(same), wrong


def _number_question(rng: Rng, clause: str, value: int) -> Question:
    text = _pick(
        rng, ("What is {c}?", "Give {c}.", "State {c}.", "How large is {c}?", "Work out {c}.")
    ).format(c=clause)
    same, wrong = _ways(value)
    return Question(text, str(value), same, wrong, f"{clause}={value}")


def _calculation(rng: Rng, level: int) -> tuple[str, int]:
    """Return a noun phrase for a number that takes some working out, and the number."""
    top = (20, 100, 400)[level]
    kind = _between(rng, 0, 6)
    a, b = _between(rng, 2, top), _between(rng, 2, top)
    if kind == 0:
        return f"the sum of {a * 7} and {b * 9}", a * 7 + b * 9
    if kind == 1:
        return f"the product of {a} and {b}", a * b
    if kind == 2:
        factor = _between(rng, 2, 12)
        return f"the greatest common divisor of {a * factor} and {b * factor}", math.gcd(a, b) * factor
    if kind == 3:
        a, b = _between(rng, 2, 12 + 12 * level), _between(rng, 2, 12 + 12 * level)
        return f"the least common multiple of {a} and {b}", math.lcm(a, b)
    if kind == 4:
        rest = _between(rng, 0, b - 1)
        return f"the remainder of {a * b + rest} divided by {b}", rest
    if kind == 5:
        number = _between(rng, 4, (50, 500, 3999)[level])
        return f"the number that the Roman numeral {roman(number)} stands for", number
    number = _between(rng, 5, (31, 255, 2047)[level])
    return f"the decimal value of the binary number {number:b}", number


def _numbers(rng: Rng, level: int) -> Question:
    return _number_question(rng, *_calculation(rng, level))


def _known(rng: Rng) -> tuple[str, int]:
    if rng.random() < 0.5:
        element = _pick(rng, ELEMENTS[:92])
        return f"the atomic number of {element.name}", element.number
    return _pick(rng, NUMBERS_OF_THINGS)


def _facts(rng: Rng, level: int) -> Question:
    """Ask for a number that one knows, or for what comes of two of them."""
    (one, a), (other, b) = _known(rng), _known(rng)
    if level == 0 or one == other:
        return _number_question(rng, one, a)
    operation = _between(rng, 0, 2 if level == 1 else 3)
    if operation == 0:
        return _number_question(rng, f"{one} plus {other}", a + b)
    if operation == 1:
        if a < b:
            (one, a), (other, b) = (other, b), (one, a)
        return _number_question(rng, f"{one} minus {other}", a - b)
    if operation == 2:
        return _number_question(rng, f"the product of {one} and {other}", a * b)
    factor = _between(rng, 3, 19)
    return _number_question(rng, f"{factor} times {one}, plus {other}", factor * a + b)


def _elements(rng: Rng, level: int) -> Question:
    element = _pick(rng, ELEMENTS[: (36, 92, 118)[level]])
    near = [ELEMENTS[n - 1].name for n in (element.number - 1, element.number + 1) if 1 <= n <= len(ELEMENTS)]
    same = (
        f"{element.name.capitalize()} ({element.symbol})",
        f"the element {element.name}",
        *element.spellings,
    )
    if level == 2:
        fitting = [thing for thing in NUMBERS_OF_THINGS if 0 < element.number - thing[1] < 100]
        clause, rest = str(element.number), 0
        if fitting:
            thing, value = _pick(rng, fitting)
            rest = element.number - value
            clause = f"{rest} plus {thing}"
        text = f"Which chemical element has an atomic number of {clause}?"
        return Question(text, element.name, same, tuple(near), f"element {element.number} {rest}")
    if rng.random() < 0.5:
        clauses = (
            "has the atomic number {n}",
            "has {n} protons in its nucleus",
            "is number {n} of the periodic table",
        )
        text = f"Which chemical element {_pick(rng, clauses).format(n=element.number)}?"
        return Question(text, element.name, same, tuple(near), f"element {element.number}")
    if level == 1 and rng.random() < 0.5:
        text = f"What is the chemical symbol of {element.name}?"
        wrong = tuple(
            ELEMENTS[n - 1].symbol for n in (element.number - 1, element.number + 1) if 1 <= n <= 118
        )
        same = (f"The symbol is {element.symbol}", f"{element.symbol} (for {element.name})")
        return Question(text, element.symbol, same, wrong, f"symbol of {element.number}")
    text = _pick(
        rng, ("Which chemical element has the symbol {s}?", "What does the chemical symbol {s} stand for?")
    )
    return Question(
        text.format(s=element.symbol), element.name, same, tuple(near), f"symbol {element.number}"
    )


def _definitions(rng: Rng, level: int) -> Question:
    term = _pick(rng, TERMS)
    meaning = _pick(rng, term.meanings)
    text = _pick(rng, ("What is the term for {m}?", "Which term means {m}?", "What does one call {m}?"))
    same = (
        f"{'an' if term.name[0] in 'aeiou' else 'a'} {term.name}",
        f"The term is '{term.name}'.",
        term.name.capitalize(),
    )
    wrong = (*term.near, f"{term.name} or {term.near[0]}")
    if level == 0:
        return Question(text.format(m=meaning), term.name, same, wrong, term.name)
    letters = term.name.replace(" ", "")
    place = _between(rng, 2, min(len(letters), 6))
    if level == 1:
        text = f"Think of the term for {meaning}. How many letters does it have, blanks not counted?"
        return Question(text, str(len(letters)), *_ways(len(letters), "letters"), f"letters of {term.name}")
    letter = letters[place - 1]
    text = f"Think of the term for {meaning}. What is its {ordinal(place)} letter?"
    wrong = tuple(dict.fromkeys(other for other in (letters[place - 2], "z", "q") if other != letter))
    return Question(
        text, letter, (f"the letter {letter}", f'"{letter.upper()}"'), wrong, f"{place} of {term.name}"
    )


_CONVERSIONS = (
    ("metres", "kilometres", 1000),
    ("grams", "kilograms", 1000),
    ("millimetres", "metres", 1000),
    ("minutes", "hours", 60),
    ("seconds", "minutes", 60),
    ("hours", "days", 24),
    ("days", "weeks", 7),
    ("months", "years", 12),
    ("bits", "bytes", 8),
    ("inches", "feet", 12),
    ("ounces", "pounds", 16),
    ("millilitres", "litres", 1000),
    ("centimetres", "metres", 100),
    ("feet", "yards", 3),
)


def _units(rng: Rng, level: int) -> Question:
    small, large, factor = _pick(rng, _CONVERSIONS)
    count = _between(rng, 2, (20, 200, 900)[level])
    extra = 0 if level == 0 else _between(rng, 2, factor - 1)
    value, unit, other = count * factor + extra, small, large
    if level == 0:
        text = _pick(rng, ("How many {s} are {c} {l}?", "Convert {c} {l} to {s}.", "Express {c} {l} in {s}."))
        text = text.format(s=small, c=count, l=large)
    elif level == 1 or rng.random() < 0.5:
        text = f"How many {small} are {count} {large} and {extra} {small} together?"
    else:
        text = f"How many whole {large} fit into {value} {small}?"
        value, unit, other = count, large, small
    same, wrong = _ways(value, unit)
    return Question(
        text, str(value), same, (*wrong, f"{value} {other}"), f"{count} {large} {extra} {small} in {unit}"
    )


_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def _dates(rng: Rng, level: int) -> Question:
    day = _between(rng, 0, 6)
    shift = _between(rng, 2, (6, 40, 400)[level])
    back = level > 0 and bool(rng.integers(2))
    texts = (
        "Which day of the week comes {n} days {w} a {d}?",
        "A certain day is a {d}. Which day of the week is the one {n} days {w} it?",
    )
    text = _pick(rng, texts).format(n=shift, w="before" if back else "after", d=_DAYS[day])
    found = (day - shift if back else day + shift) % 7
    answer = _DAYS[found]
    same = (f"It is a {answer}.", f"on {answer}", answer.upper())
    wrong = (_DAYS[(found + 1) % 7], _DAYS[(found - 1) % 7], f"{answer} or {_DAYS[(found + 1) % 7]}")
    return Question(text, answer, same, wrong, f"{day} {shift} {back}")


DOMAINS: Mapping[str, Callable[[Rng, int], Question]] = {
    "dates": _dates,
    "definitions": _definitions,
    "elements": _elements,
    "facts": _facts,
    "numbers": _numbers,
    "units": _units,
}
"""For each domain what makes a question, from a random generator and a level from 0 to 2."""
