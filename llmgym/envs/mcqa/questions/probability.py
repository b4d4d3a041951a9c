"""Probabilities as exact fractions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, Wrong, numbers

__all__ = ["TEMPLATES"]

COLOURS = ("red", "blue", "green", "yellow", "white")
ASKED = " Give it as a fraction in lowest terms."


def _fractions(value: Fraction, mistakes: Sequence[Fraction]) -> Wrong:
    """Choose wrong fractions strictly between 0 and 1."""
    step = Fraction(1, value.denominator * (1 if value.denominator > 24 else 5))
    mistakes = [n for n in mistakes if 0 < n < 1]
    return numbers(value, [*mistakes, 1 - value], step=step, low=step, high=1 - step)


def dice(draw: Draw, level: int) -> Question:
    """Find the probability of a sum of dice."""
    amount, sides = (2, 2, 3)[level], (6, draw.pick((6, 8, 10)), 6)[level]
    target = draw.between(amount + 1, amount * sides - 1)
    ways = [1]
    for _ in range(amount):
        longer = [0] * (len(ways) + sides)
        for total, number in enumerate(ways):
            for face in range(1, sides + 1):
                longer[total + face] += number
        ways = longer
    value = Fraction(ways[target], sides**amount)
    neighbours = [Fraction(ways[target + side], sides**amount) for side in (-1, 1)]
    slips = [
        *neighbours,
        Fraction(1, amount * sides - amount + 1),
        Fraction(sum(ways[: target + 1]), sides**amount),
    ]
    told = f"{amount} fair dice with sides numbered 1 to {sides} are rolled. "
    told += f"What is the probability that the numbers add up to exactly {target}?"
    return Question(told + ASKED, str(value), _fractions(value, slips))


def coins(draw: Draw, level: int) -> Question:
    """Find the probability of a number of heads."""
    tosses = draw.between(*((3, 4), (4, 7), (6, 10))[level])
    heads = draw.between(1, tosses - 1)
    exactly = level == 0 or draw.chance(0.5)
    ways = (
        math.comb(tosses, heads) if exactly else sum(math.comb(tosses, n) for n in range(heads, tosses + 1))
    )
    value = Fraction(ways, 2**tosses)
    slips = [Fraction(1, 2**tosses), Fraction(heads, tosses), Fraction(math.comb(tosses, heads), 2**tosses)]
    slips += [Fraction(1, tosses + 1), Fraction(ways + tosses, 2**tosses), Fraction(heads, 2**tosses)]
    told = f"A fair coin is tossed {tosses} times. "
    told += f"What is the probability of {'exactly' if exactly else 'at least'} {heads} head{'s' if heads > 1 else ''}?"
    return Question(told + ASKED, str(value), _fractions(value, slips))


def _urn(draw: Draw, level: int) -> tuple[str, list[str], list[int], int]:
    names = draw.sample(COLOURS, 2 + level // 2)
    amounts = [draw.between(2, (6, 9, 12)[level]) for _ in names]
    parts = [f"{amount} {name}" for amount, name in zip(amounts, names, strict=True)]
    return f"A bag holds {', '.join(parts[:-1])} and {parts[-1]} marbles. ", names, amounts, sum(amounts)


def one_marble(draw: Draw, level: int) -> Question:
    """Find the probability of a colour in one draw."""
    told, names, amounts, total = _urn(draw, level)
    added = draw.between(1, 5) if level else 0
    if added:
        told += (
            f"{added} more {names[0]} marbles are put in. "
            if added > 1
            else f"1 more {names[0]} marble is put in. "
        )
    right = amounts[0] + added
    value = Fraction(right, total + added)
    slips = [
        Fraction(right, total - amounts[0]),
        Fraction(amounts[0], total),
        Fraction(1, len(names)),
        Fraction(1, right),
    ]
    told += f"One marble is drawn at random. What is the probability that it is {names[0]}?"
    return Question(told + ASKED, str(value), _fractions(value, [n for n in slips if n < 1]))


def two_marbles(draw: Draw, level: int) -> Question:
    """Find a probability when two marbles are drawn with or without replacement."""
    told, names, amounts, total = _urn(draw, level)
    back = level == 0 or draw.chance(0.4)
    rest = total if back else total - 1
    first = amounts[0]
    same = draw.chance(0.5)
    told += "One marble is drawn at random and put back, and then another is drawn. " if back else (
        "Two marbles are drawn at random, one after the other, without putting any back. "
    )  # fmt: skip
    if same:
        value = Fraction(first * (first if back else first - 1), total * rest)
        told += f"What is the probability that both are {names[0]}?"
    else:
        value = Fraction(2 * first * amounts[1], total * rest)
        told += f"What is the probability that one is {names[0]} and the other is {names[1]}?"
    slips = [
        Fraction(first * first, total * total),
        Fraction(first * (first - 1), total * (total - 1)),
        Fraction(first, total),
    ]
    slips += [Fraction(first * amounts[1], total * rest), Fraction(2 * first, total), value / 2]
    return Question(told + ASKED, str(value), _fractions(value, slips))


def at_least_once(draw: Draw, level: int) -> Question:
    """Find the probability that something happens at least once."""
    sides, rolls = (
        draw.pick(((4, 6), (4, 6, 8), (5, 6, 8, 10))[level]),
        (2, draw.between(2, 3), draw.between(3, 4))[level],
    )
    value = 1 - Fraction(sides - 1, sides) ** rolls
    face = draw.between(1, sides)
    slips = [
        Fraction(rolls, sides),
        Fraction(1, sides) ** rolls,
        1 - value,
        Fraction(1, sides),
        1 - Fraction(1, sides**rolls),
    ]
    told = f"A fair die with sides numbered 1 to {sides} is rolled {rolls} times. "
    told += f"What is the probability that the number {face} comes up at least once?"
    return Question(told + ASKED, str(value), _fractions(value, [n for n in slips if n < 1]))


def expected_value(draw: Draw, level: int) -> Question:
    """Find the mean result of a game."""
    sides = (4, 6, 8)[level]
    prizes = [draw.between(2, (12, 40, 120)[level]) for _ in range(sides)]
    prizes[-1] += -sum(prizes) % sides
    value = sum(prizes) // sides
    told = f"A wheel stops on each of {sides} equal fields with the same probability. The fields pay "
    told += f"{', '.join(map(str, prizes[:-1]))} and {prizes[-1]} coins. What is the mean payment of one turn, in coins?"
    ordered = sorted(prizes)
    slips = [
        ordered[sides // 2],
        (ordered[0] + ordered[-1]) // 2,
        value + 1,
        value - 1,
        sum(prizes),
        ordered[-1] // 2,
    ]
    return Question(told, str(value), numbers(value, slips, low=0))


TEMPLATES: tuple[Template, ...] = (
    Template(dice),
    Template(coins),
    Template(one_marble),
    Template(two_marbles),
    Template(at_least_once),
    Template(expected_value),
)
