"""What a question is, and how its wrong options are chosen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from llmgym.envs.draw import Draw

__all__ = ["Number", "Question", "Template", "Wrong", "decimal", "numbers", "texts"]

Number: TypeAlias = int | Fraction

Wrong: TypeAlias = Callable[[Draw, int], list[str]]
"""Chooses wrong options. Fewer than asked for means that there are not enough of them."""

_ATTEMPTS = 120


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its right option and its wrong ones.

    Attributes:
        stem: What is asked.
        answer: The right option.
        wrong: Chooses wrong options: called with a stream of draws and how many are wanted.
    """

    stem: str
    answer: str
    wrong: Wrong


class Template(NamedTuple):
    """One kind of question.

    Attributes:
        make: Called with a stream of draws and the level (0 easy, 1 medium, 2 hard). It returns ``None`` for a draw
            that gave no good question.
        most: How many options, the right one included, it can give at each level.
    """

    make: Callable[[Draw, int], Question | None]
    most: tuple[int, int, int] = (10, 10, 10)

    @property
    def name(self) -> str:
        """Name of the template, as rows carry it."""
        return self.make.__name__


def texts(answer: str, candidates: Iterable[str] | Callable[[Draw], Iterable[str]]) -> Wrong:
    """Choose wrong options among texts.

    No option contains another one, so that a grader which looks for an option's text inside a box finds one letter.

    Args:
        answer: The right option.
        candidates: Texts that are all wrong, in any order, or a function that makes them. The right option among
            them is ignored.
    """
    return partial(_choose_texts, answer, candidates)


def _choose_texts(
    answer: str, candidates: Iterable[str] | Callable[[Draw], Iterable[str]], draw: Draw, count: int
) -> list[str]:
    made = candidates(draw) if callable(candidates) else candidates
    taken = [answer.lower()]
    chosen: list[str] = []
    for text in draw.shuffled(sorted(made)):
        if len(chosen) == count:
            break
        if _stands_apart(text.lower(), taken):
            taken.append(text.lower())
            chosen.append(text)
    return chosen


def numbers(
    value: Number,
    mistakes: Sequence[Number],
    *,
    render: Callable[[Any], str] = str,
    step: Number = 1,
    low: Number | None = None,
    high: Number | None = None,
) -> Wrong:
    """Choose wrong numbers: results of typical mistakes first, then numbers nearby.

    How many of them lie below the right number is drawn uniformly, so its rank among the options tells nothing. No
    option's text contains another one's.

    Args:
        value: The right number.
        mistakes: Numbers that a typical slip would give. The right number among them is ignored.
        render: Turns a number into the text of an option. Different numbers must give different texts.
        step: Distance between neighbouring numbers.
        low: No option is below this number.
        high: No option is above this number.
    """
    return partial(_choose_numbers, value, mistakes, render, step, low, high)


def _choose_numbers(
    value: Number,
    mistakes: Sequence[Number],
    render: Callable[[Any], str],
    step: Number,
    low: Number | None,
    high: Number | None,
    draw: Draw,
    count: int,
) -> list[str]:
    below = draw.below(count + 1)
    room = [below, count - below]
    taken = [render(value).lower()]
    chosen: list[str] = []

    def offer(number: Number) -> None:
        above = number > value
        if number == value or not room[above]:
            return
        if (low is not None and number < low) or (high is not None and number > high):
            return
        text = render(number)
        if _stands_apart(text.lower(), taken):
            taken.append(text.lower())
            chosen.append(text)
            room[above] -= 1

    for mistake in draw.shuffled(mistakes):
        offer(mistake)
    size = abs(Fraction(value) / step)
    units = [step * scale for scale in (1, 10, 100) if scale == 1 or size >= 40 * scale]
    for attempt in range(_ATTEMPTS):
        if not room[0] and not room[1]:
            break
        # A side that is used up hands its share to the other one.
        reach = step * (1 + attempt // 4)
        if room[0] and low is not None and value - reach < low:
            room = [0, room[0] + room[1]]
        if room[1] and high is not None and value + reach > high:
            room = [room[0] + room[1], 0]
        distance = draw.pick(units) * (1 + draw.below(3 + attempt // 2))
        offer(value - distance)
        offer(value + distance)
    return chosen


def decimal(number: Number) -> str:
    """Write a number as an exact decimal.

    Raises:
        ValueError: When it has no finite decimal form.

    Example:
        >>> decimal(Fraction(-7, 40)), decimal(Fraction(6, 2))
        ('-0.175', '3')
    """
    whole = Fraction(number)
    if whole.denominator == 1:
        return str(whole.numerator)
    for digits in range(1, 19):
        scaled = abs(whole) * 10**digits
        if scaled.denominator == 1:
            text = str(scaled.numerator).rjust(digits + 1, "0")
            return f"{'-' if whole < 0 else ''}{text[:-digits]}.{text[-digits:]}"
    raise ValueError(f"Expected a number with a finite decimal form, found {number}.")


def _stands_apart(text: str, taken: Sequence[str]) -> bool:
    return all(text not in other and other not in text for other in taken)
