"""Probabilities and expected values."""

from __future__ import annotations

from fractions import Fraction
from math import comb, perm

from llmgym.envs.math_with_judge.problems.latex import number
from llmgym.envs.math_with_judge.problems.problem import Draw, Problem, Template

__all__ = ["TEMPLATES"]


def _chance(draw: Draw, most: int) -> Fraction:
    """Draw a fraction strictly between 0 and 1."""
    bottom = draw.between(3, most)
    return Fraction(draw.between(1, bottom - 1), bottom)


def _sums(dice: int, sides: int) -> list[int]:
    """Count the ways to roll each total."""
    ways = [1]
    for _ in range(dice):
        longer = [0] * (len(ways) + sides)
        for total, count in enumerate(ways):
            for face in range(1, sides + 1):
                longer[total + face] += count
        ways = longer
    return ways


def urn(draw: Draw, level: int) -> Problem:
    """Draw balls without putting them back."""
    red, blue = (draw.between(3, (10, 9, 14)[level]) for _ in range(2))
    taken = draw.between(2, (2, 4, 5)[level])
    k = draw.between(1, min(taken, red, blue) - 1) if level else 1
    told = f"An urn holds ${red}$ red and ${blue}$ blue balls. ${taken}$ of them are drawn at random, without replacement."
    whole = comb(red + blue, taken)
    if level == 2:
        ways = sum(comb(red, j) * comb(blue, taken - j) for j in range(k, taken + 1))
        return Problem(
            f"{told} What is the probability that ${k}$ or more of them are red?",
            number(Fraction(ways, whole)),
        )
    ways = comb(red, k) * comb(blue, taken - k)
    return Problem(
        f"{told} What is the probability that exactly ${k}$ {'is' if k == 1 else 'are'} red?",
        number(Fraction(ways, whole)),
    )


def dice(draw: Draw, level: int) -> Problem:
    """Add up dice."""
    amount, sides = (2 + (level == 2), draw.pick(((4, 6, 8), (8, 10, 12, 20), (6, 8, 10, 12))[level]))
    ways, target = _sums(amount, sides), draw.between(amount + 2, amount * sides - 1)
    told = f"${amount}$ fair dice with faces numbered $1$ to ${sides}$ are rolled."
    if level and draw.chance(0.5):
        share = Fraction(sum(ways[target:]), sides**amount)
        return Problem(
            f"{told} What is the probability that the total is at least ${target}$?", number(share)
        )
    share = Fraction(ways[target], sides**amount)
    return Problem(f"{told} What is the probability that the total is exactly ${target}$?", number(share))


def trials(draw: Draw, level: int) -> Problem:
    """Repeat an independent trial."""
    p, n = _chance(draw, (5, 7, 9)[level]), draw.between(*((3, 4), (4, 5), (5, 6))[level])
    k = draw.between(1, n - 1)
    told = f"Each of ${n}$ independent attempts succeeds with probability ${number(p)}$."
    if level < 2:
        share = comb(n, k) * p**k * (1 - p) ** (n - k)
        return Problem(
            f"{told} What is the probability of exactly ${k}$ success{'es' if k > 1 else ''}?", number(share)
        )
    share = sum((comb(n, j) * p**j * (1 - p) ** (n - j) for j in range(k, n + 1)), Fraction(0))
    return Problem(
        f"{told} What is the probability of at least ${k}$ success{'es' if k > 1 else ''}?", number(share)
    )


def bayes(draw: Draw, level: int) -> Problem:
    """Infer a cause from what was seen."""
    if level < 2:
        a, b = (draw.between(1, 5 + 3 * level) for _ in range(2))
        c, d = (draw.between(1, 5 + 3 * level) for _ in range(2))
        first, second = Fraction(a, a + b), Fraction(c, c + d)
        if level == 0:
            choice, told = Fraction(1, 2), "One of the boxes is chosen by a fair coin"
        else:
            choice = _chance(draw, 6)
            told = f"The first box is chosen with probability ${number(choice)}$, else the second"
        start = f"One box holds ${a}$ red and ${b}$ blue balls, a second box ${c}$ red and ${d}$ blue ones."
        share = choice * first / (choice * first + (1 - choice) * second)
        asked = "and a ball drawn at random from it is red. What is the probability that the first box was chosen?"
        return Problem(f"{start} {told}, {asked}", number(share))
    sick, hit, false = draw.between(1, 20), draw.between(70, 99), draw.between(1, 20)
    told = f"An illness affects ${sick}$ percent of a population. A test is positive for ${hit}$ percent of the ill and"
    told += f" for ${false}$ percent of the others. A person chosen at random tests positive."
    asked = "What is the probability, as a fraction, that this person is ill?"
    return Problem(f"{told} {asked}", number(Fraction(sick * hit, sick * hit + (100 - sick) * false)))


def expected_value(draw: Draw, level: int) -> Problem:
    """Find an expected value."""
    sides, amount = draw.between(4, 20), 2 + (level == 2)
    if level == 0:
        prize, cost = draw.between(10, 60), draw.between(1, 5)
        told = f"A fair die with faces $1$ to ${sides}$ is rolled. Face $1$ wins ${prize}$ points; any other loses ${cost}$."
        mean = Fraction(prize - cost * (sides - 1), sides)
        return Problem(f"{told} What is the expected number of points?", number(mean))
    least = draw.chance(0.5)
    mean = Fraction(sum(k**amount for k in range(1, sides + 1)), sides**amount)
    mean = mean if least else sides + 1 - mean
    told = f"${amount}$ fair dice with faces numbered $1$ to ${sides}$ are rolled."
    return Problem(
        f"{told} What is the expected value of the {'smallest' if least else 'largest'} number shown?",
        number(mean),
    )


def first_to_win(draw: Draw, level: int) -> Problem:
    """Wait for the first success, alone or in turns."""
    p = _chance(draw, (7, 12, 12)[level])
    if level == 0:
        n = draw.between(2, 4)
        told = f"Independent attempts, each with success probability ${number(p)}$, are repeated until the first success."
        return Problem(
            f"{told} What is the probability that this takes exactly ${n}$ attempts?",
            number((1 - p) ** (n - 1) * p),
        )
    q = p if level == 1 else _chance(draw, 12)
    told = (
        f"Ann and Bob take turns at shooting at a target, Ann first. Ann hits with probability ${number(p)}$"
    )
    told += f" and Bob with probability ${number(q)}$. Whoever hits first wins."
    share = p / (1 - (1 - p) * (1 - q))
    if draw.chance(0.5):
        return Problem(f"{told} What is the probability that Ann wins?", number(share))
    return Problem(f"{told} What is the probability that Bob wins?", number(1 - share))


def random_points(draw: Draw, level: int) -> Problem:
    """Compare areas of random points."""
    if level == 0:
        n, wait = draw.pick((30, 40, 60, 90)), draw.between(5, 25)
        told = (
            f"Two people arrive independently, each at a uniformly random moment of the same ${n}$ minutes."
        )
        asked = f"What is the probability that they arrive less than ${wait}$ minutes apart?"
        return Problem(f"{told} {asked}", number(1 - Fraction(n - wait, n) ** 2))
    t = _chance(draw, 12)
    if level == 1:
        told = "Two numbers are chosen independently and uniformly from the interval from $0$ to $1$."
        share = t * t / 2
        return Problem(
            f"{told} What is the probability that their sum is less than ${number(t)}$?", number(share)
        )
    t = t + draw.below(2)
    told = "Three numbers are chosen independently and uniformly from the interval from $0$ to $1$."
    # By inclusion and exclusion over the corners of the cube.
    share = sum(((-1) ** k * comb(3, k) * (t - k) ** 3 for k in range(3) if t > k), Fraction(0)) / 6
    return Problem(
        f"{told} What is the probability that their sum is less than ${number(t)}$?", number(share)
    )


def ruin(draw: Draw, level: int) -> Problem:
    """Reach one end of a line before the other."""
    top = draw.between(4, (15, 7, 9)[level])
    start = draw.between(1, top - 1)
    p = Fraction(1, 2) if level == 0 else _chance(draw, (4, 7)[level - 1])
    told = f"A token stands on the number ${start}$. Each turn it moves one up with probability ${number(p)}$, else one down."
    asked = f"What is the probability that it reaches ${top}$ before $0$?"
    odds = (1 - p) / p
    share = Fraction(start, top) if odds == 1 else (1 - odds**start) / (1 - odds**top)
    return Problem(f"{told} {asked}", number(share))


def birthdays(draw: Draw, level: int) -> Problem:
    """Look for a coincidence."""
    n, k = draw.between(*((5, 20), (8, 20), (12, 30))[level]), draw.between(3, (4, 4, 5)[level])
    told = f"Each of ${k}$ people picks one of ${n}$ numbers, independently and uniformly at random."
    distinct = Fraction(perm(n, k), n**k)
    if level == 0 or draw.chance(0.5):
        return Problem(f"{told} What is the probability that all pick different numbers?", number(distinct))
    return Problem(
        f"{told} What is the probability that at least two pick the same number?", number(1 - distinct)
    )


def coupons(draw: Draw, level: int) -> Problem:
    """Collect a full set."""
    n = draw.between(*((3, 9), (6, 12), (9, 14))[level])
    told = f"Every packet holds one of ${n}$ different pictures, each equally likely."
    have = draw.between(0, n - 3)
    mean = sum((Fraction(n, missing) for missing in range(1, n - have + 1)), Fraction(0))
    begin = "Starting with none," if not have else f"Having ${have}$ of them already,"
    asked = f"{begin} how many further packets does one need on average to have all ${n}$?"
    return Problem(f"{told} {asked}", number(mean))


def permutations(draw: Draw, level: int) -> Problem:
    """Put things in a random order."""
    n = draw.between(*((5, 15), (6, 15), (8, 20))[level])
    told = f"${n}$ people, among them Ann, Bob and Cem, stand in a row in random order."
    if level == 0:
        asked, share = draw.pick(
            (
                ("Ann and Bob stand next to each other", Fraction(2, n)),
                ("Ann and Bob stand at the two ends", Fraction(2, n * (n - 1))),
                ("neither Ann nor Bob stands at an end", Fraction((n - 2) * (n - 3), n * (n - 1))),
            )
        )
        return Problem(f"{told} What is the probability that {asked}?", number(share))
    if level == 1:
        asked, share = draw.pick(
            (
                ("Ann, Bob and Cem stand in three neighbouring places", Fraction(6, n * (n - 1))),
                (
                    "no two of Ann, Bob and Cem stand next to each other",
                    Fraction((n - 3) * (n - 4), n * (n - 1)),
                ),
                (
                    "Ann stands somewhere to the left of both Bob and Cem and not at the left end",
                    Fraction(1, 3) - Fraction(1, n),
                ),
            )
        )
        return Problem(f"{told} What is the probability that {asked}?", number(share))
    k = draw.between(2, n - 4)
    asked = f"What is the probability that exactly ${k}$ people stand somewhere between Ann and Bob?"
    return Problem(f"{told} {asked}", number(Fraction(2 * (n - k - 1), n * (n - 1))))


def weather(draw: Draw, level: int) -> Problem:
    """Follow a chain with two states."""
    stay, turn = (_chance(draw, (5, 7, 10)[level]) for _ in range(2))
    told = f"After a dry day the next is dry with probability ${number(stay)}$;"
    told += f" after a wet day the next is dry with probability ${number(turn)}$."
    if level == 2:
        share = turn / (1 - stay + turn)
        return Problem(f"{told} In the long run, which fraction of all days is dry?", number(share))
    days, share = 2 + level, Fraction(1)
    for _ in range(days):
        share = share * stay + (1 - share) * turn
    return Problem(
        f"{told} Today is dry. What is the probability that it is dry ${days}$ days from now?", number(share)
    )


TEMPLATES: tuple[Template, ...] = (
    urn,
    dice,
    trials,
    bayes,
    expected_value,
    first_to_win,
    random_points,
    ruin,
    birthdays,
    coupons,
    permutations,
    weather,
)
