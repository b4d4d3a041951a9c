"""Procedural tasks: instructions that change a counter whose start value is not told."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

__all__ = ["DIFFICULTIES", "make_counter_task"]


class Step(NamedTuple):
    """One instruction.

    Attributes:
        text: The instruction, as a clause without a full stop.
        increments: What it adds to the counter, call by call.
        reads: Whether the value of the counter must be known to follow it.
    """

    text: str
    increments: list[int]
    reads: bool = False


MakeStep = Callable[[np.random.Generator, int], Step]

_TIMES = {2: "twice", 3: "three times", 4: "four times", 5: "five times"}


def _pick(rng: np.random.Generator, options: Sequence[Any]) -> Any:
    return options[int(rng.integers(len(options)))]


def _number(rng: np.random.Generator, most: int) -> int:
    return int(rng.integers(2, most + 1))


def _add(rng: np.random.Generator, count: int) -> Step:
    n = _number(rng, 40)
    texts = ("add {n}", "increase the counter by {n}", "count {n} more", "raise it by {n}", "put {n} on top")
    return Step(_pick(rng, texts).format(n=n), [n])


def _subtract(rng: np.random.Generator, count: int) -> Step:
    n = _number(rng, 40)
    texts = (
        "subtract {n}",
        "lower the counter by {n}",
        "take away {n}",
        "count {n} back",
        "reduce it by {n}",
    )
    return Step(_pick(rng, texts).format(n=n), [-n])


def _repeat(rng: np.random.Generator, count: int) -> Step:
    n, times = _number(rng, 20), int(rng.integers(2, 6))
    if rng.random() < 0.3:
        return Step(f"subtract {n} {_TIMES[times]}", [-n] * times)
    return Step(f"add {n} {_TIMES[times]}", [n] * times)


def _correct(rng: np.random.Generator, count: int) -> Step:
    n = _number(rng, 30)
    back = int(rng.integers(1, n))
    return Step(f"add {n} but take {back} of that back at once", [n, -back])


def _product(rng: np.random.Generator, count: int) -> Step:
    a, b = _number(rng, 12), _number(rng, 12)
    return Step(f"add the product of {a} and {b}", [a * b])


def _parity(rng: np.random.Generator, count: int) -> Step:
    which = int(rng.integers(2))
    a, b = _number(rng, 30), _number(rng, 30)
    text = f"if the counter is {('even', 'odd')[which]} now, add {a}, otherwise subtract {b}"
    return Step(text, [a if count % 2 == which else -b], True)


def _threshold(rng: np.random.Generator, count: int) -> Step:
    limit = count + int(rng.integers(-15, 16))
    a, b = _number(rng, 30), _number(rng, 30)
    text = f"if the counter is above {limit} now, subtract {a}, otherwise add {b}"
    return Step(text, [-a if count > limit else b], True)


def _double(rng: np.random.Generator, count: int) -> Step:
    text = _pick(rng, ("add as much as the counter shows by then", "double the value of the counter"))
    return Step(text, [count], True)


def _exactly(rng: np.random.Generator, count: int) -> Step:
    target = count + _pick(rng, (-1, 1)) * _number(rng, 60)
    text = _pick(rng, ("bring the counter to exactly {t}", "change the counter so that it shows {t}"))
    return Step(text.format(t=target), [target - count], True)


def _round_up(rng: np.random.Generator, count: int) -> Step:
    unit = _pick(rng, (5, 10, 25))
    return Step(
        f"raise the counter to the next multiple of {unit} above its value", [unit - count % unit], True
    )


def _until(rng: np.random.Generator, count: int) -> Step:
    n, times = _number(rng, 15), int(rng.integers(2, 6))
    limit = count + n * times - int(rng.integers(n))
    return Step(f"keep adding {n} until the counter shows {limit} or more", [n] * times, True)


def _last_digit(rng: np.random.Generator, count: int) -> Step:
    return Step("add the last digit of the value that the counter has by then", [abs(count) % 10], True)


_PLAIN: tuple[MakeStep, ...] = (_add, _subtract, _repeat, _correct, _product)
_READING: tuple[MakeStep, ...] = (_parity, _threshold, _double, _exactly, _round_up, _until, _last_digit)


def _steps(rng: np.random.Generator, count: int, makers: Sequence[MakeStep]) -> list[Step]:
    """Make one step after the other, each with the count that the ones before it leave."""
    steps: list[Step] = []
    for make in makers:
        step = make(rng, count)
        while not all(step.increments) or (steps and step.text == steps[-1].text):
            step = _add(rng, count)
        steps.append(step)
        count += sum(step.increments)
    return steps


_CLOSINGS = (
    "then get the count",
    "then read the counter",
    "and tell me the final value",
    "then report the count",
)


def _instructions(rng: np.random.Generator, steps: Sequence[Step]) -> str:
    closing = _pick(rng, _CLOSINGS)
    style = int(rng.integers(3))
    if style == 0:
        return (
            "; ".join(f"then {step.text}" if i else step.text for i, step in enumerate(steps))
            + f"; {closing}"
        )
    if style == 1:
        lines = "\n".join(f"{i}. {step.text[0].upper()}{step.text[1:]}." for i, step in enumerate(steps, 1))
        return f"Do these with the counter, in this order:\n{lines}\nWhen you are through, tell me its value."
    words = ("First", *_some_words(len(steps) - 2), "Last")
    text = " ".join(f"{word}, {step.text}." for word, step in zip(words, steps, strict=True))
    return f"There is a counter. {text} I want to know where it ends up."


def _some_words(count: int) -> list[str]:
    return [("Then", "Next", "After that")[i % 3] for i in range(count)]


# What is counted; how it grows; how it shrinks.
_STORIES = (
    ("books on a shelf", "{who} brings back {n} books", "{who} borrows {n} books"),
    ("apples in a crate", "{who} picks {n} apples into it", "{who} takes {n} apples out"),
    (
        "passengers on a bus",
        "{n} passengers get on at {who}'s stop",
        "{n} passengers get off at {who}'s stop",
    ),
    ("bottles in a cellar", "{who} carries {n} bottles down", "{who} takes {n} bottles upstairs"),
    ("sheep on a meadow", "{who} drives {n} sheep onto it", "{who} leads {n} sheep away"),
    ("open tickets of a help desk", "{who} files {n} new tickets", "{who} closes {n} tickets"),
    ("stamps in an album", "{who} sticks in {n} stamps", "{who} trades away {n} stamps"),
    ("chairs in a hall", "{who} sets up {n} chairs", "{who} carries {n} chairs out"),
)
_PEOPLE = ("Ana", "Ben", "Chidi", "Dora", "Emil", "Farah", "Goran", "Hana", "Ines", "Jonas", "Kira", "Luis")
_CHORES = (
    "Keep the counter right, event by event, and tell me how many there are in the end.",
    "Book every change on the counter and report the last value.",
    "Please bring the counter up to date.",
)


def _story(rng: np.random.Generator, count: int, length: int, hard: bool) -> tuple[str, list[Step]]:
    """Tell what happens to a stock of things that never falls below zero."""
    things, grows, shrinks = _pick(rng, _STORIES)
    steps: list[Step] = []
    for position in range(length):
        who, n = _pick(rng, _PEOPLE), _number(rng, 20)
        if hard and position == length - 1 and count >= 2:
            step = Step(
                "at closing time half of them are gone, rounded down to a whole number", [-(count // 2)], True
            )
        elif hard and position == 1:
            limit = max(1, count + int(rng.integers(-9, 10)))
            added = [n] if count < limit else []
            step = Step(
                f"if there are fewer than {limit} by now, {n} are added, otherwise nothing happens",
                added,
                True,
            )
        elif rng.random() < 0.45 and count > n:
            step = Step(shrinks.format(who=who, n=n), [-n])
        else:
            step = Step(grows.format(who=who, n=n), [n])
        steps.append(step)
        count += sum(step.increments)
    events = " ".join(f"{step.text[0].upper()}{step.text[1:]}." for step in steps)
    return f"The counter holds the number of {things}. {events} {_pick(rng, _CHORES)}", steps


def _easy(rng: np.random.Generator, count: int) -> tuple[str, list[Step]]:
    steps = _steps(rng, count, [_add] * int(rng.integers(2, 4)))
    return _instructions(rng, steps), steps


def _medium(rng: np.random.Generator, count: int) -> tuple[str, list[Step]]:
    if rng.random() < 0.35:
        return _story(rng, count, int(rng.integers(3, 5)), hard=False)
    steps = _steps(rng, count, [_pick(rng, _PLAIN) for _ in range(int(rng.integers(3, 5)))])
    return _instructions(rng, steps), steps


def _hard(rng: np.random.Generator, count: int) -> tuple[str, list[Step]]:
    if rng.random() < 0.25:
        return _story(rng, count, int(rng.integers(4, 6)), hard=True)
    makers = [_pick(rng, _READING) if i % 2 else _pick(rng, _PLAIN) for i in range(int(rng.integers(4, 7)))]
    steps = _steps(rng, count, makers)
    return _instructions(rng, steps), steps


_BY_DIFFICULTY = {"easy": _easy, "medium": _medium, "hard": _hard}
DIFFICULTIES = tuple(_BY_DIFFICULTY)
"""Names of the difficulties."""


def make_counter_task(rng: np.random.Generator, index: int, *, difficulty: str = "medium") -> dict[str, Any]:
    """Make a row whose instructions lead from a hidden start value to an expected one.

    Args:
        rng: Source of all randomness.
        index: Position of the task; it does not change the row.
        difficulty: "easy": two or three additions. "medium": additions, subtractions, repetitions, or a short
            story. "hard": also steps that depend on the value of the counter.

    Returns:
        A row of the public schema. Its further field ``steps`` lists the increments of each instruction, and whether
        the counter must be read for it. The expected count always differs from the initial one.
    """
    while True:
        initial = int(rng.integers(0, 100))
        text, steps = _BY_DIFFICULTY[difficulty](rng, initial)
        expected = initial + sum(sum(step.increments) for step in steps)
        if expected != initial and (difficulty != "hard" or any(step.reads for step in steps)):
            break
    return {
        "responses_create_params": {"input": [{"role": "user", "content": text}]},
        "initial_count": initial,
        "expected_count": expected,
        "steps": [{"reads": step.reads, "increments": step.increments} for step in steps],
    }
