"""Solvers for probability: by trying, or by other recurrences."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import cache
from itertools import permutations, product

import sympy
from envs.math_solving import fractions, integers

MOST = 300_000


def urn(problem):
    red, blue, taken, k = integers(problem.question)

    @cache
    def chance(reds, blues, rest, wanted):
        if not rest:
            return Fraction(wanted <= 0 if "or more" in problem.question else wanted == 0)
        total, share = reds + blues, Fraction(0)
        if reds:
            share += Fraction(reds, total) * chance(reds - 1, blues, rest - 1, wanted - 1)
        if blues:
            share += Fraction(blues, total) * chance(reds, blues - 1, rest - 1, wanted)
        return share

    return chance(red, blue, taken, k)


def dice(problem):
    amount, _, sides, target = integers(problem.question)
    rolls = [sum(roll) for roll in product(range(1, sides + 1), repeat=amount)]
    good = sum(total >= target if "at least" in problem.question else total == target for total in rolls)
    return Fraction(good, len(rolls))


def trials(problem):
    n, p, k = fractions(problem.question)
    total = Fraction(0)
    for outcome in product((0, 1), repeat=int(n)):
        hits = sum(outcome)
        if hits >= k if "at least" in problem.question else hits == k:
            total += math.prod([p if hit else 1 - p for hit in outcome])
    return total


def bayes(problem):
    n = fractions(problem.question)
    if "illness" in problem.question:
        sick, hit, false = n
        ill, well = sick * hit, (100 - sick) * false
        return ill / (ill + well)
    a, b, c, d = n[:4]
    first = n[4] if len(n) > 4 else Fraction(1, 2)
    one, two = first * a / (a + b), (1 - first) * c / (c + d)
    return one / (one + two)


def expected_value(problem):
    n = integers(problem.question)
    if "wins" in problem.question:
        _, sides, _, prize, cost = n
        return Fraction(sum(prize if face == 1 else -cost for face in range(1, sides + 1)), sides)
    amount, _, sides = n
    choose = min if "smallest" in problem.question else max
    return Fraction(sum(choose(roll) for roll in product(range(1, sides + 1), repeat=amount)), sides**amount)


def first_to_win(problem):
    n = fractions(problem.question)
    if "exactly" in problem.question:
        p, k = n
        return (1 - p) ** (int(k) - 1) * p
    p, q = map(float, n)
    still, ann, bob = 1.0, 0.0, 0.0
    while still > 1e-15:
        ann += still * p
        bob += still * (1 - p) * q
        still *= (1 - p) * (1 - q)
    return ann if "Ann wins" in problem.question else bob


def random_points(problem):
    n = fractions(problem.question)
    x, y = sympy.symbols("x y")
    if "minutes" in problem.question:
        whole, wait = map(int, n)
        apart = 2 * sympy.integrate(sympy.integrate(1, (y, x + wait, whole)), (x, 0, whole - wait))
        return 1 - apart / whole**2
    t = sympy.Rational(n[-1].numerator, n[-1].denominator)
    if "Two" in problem.question:
        return sympy.integrate(t - x, (x, 0, t))
    # The density of a sum of two, and then the third below what is left.
    density = sympy.Piecewise((x, x < 1), (2 - x, True))
    third = sympy.Piecewise((t - x, t - x < 1), (1, True))
    return sympy.integrate(density * third, (x, 0, t))


def ruin(problem):
    start, p, top, _ = fractions(problem.question)
    p = sympy.Rational(p.numerator, p.denominator)
    h = sympy.symbols(f"h0:{int(top) + 1}")
    equations = [h[0], h[-1] - 1, *[h[k] - p * h[k + 1] - (1 - p) * h[k - 1] for k in range(1, int(top))]]
    return sympy.solve(equations, h)[h[int(start)]]


def birthdays(problem):
    k, n = integers(problem.question)
    share = Fraction(1)
    for taken in range(k):
        share *= Fraction(n - taken, n)
    return share if "different" in problem.question.split("probability")[1] else 1 - share


def coupons(problem):
    n, *rest = integers(problem.question)
    have = rest[0] if "Having" in problem.question else 0

    @cache
    def more(known):
        if known == n:
            return Fraction(0)
        # One packet, and then either a new picture or the same again.
        fresh = Fraction(n - known, n)
        return (1 + fresh * more(known + 1)) / fresh

    return more(have)


def permutations_(problem):
    n, *rest = integers(problem.question)
    good = 0
    for a, b, c in permutations(range(n), 3):
        if "next to each other?" in problem.question and "no two" not in problem.question:
            good += abs(a - b) == 1
        elif "two ends" in problem.question:
            good += {a, b} == {0, n - 1}
        elif "neither" in problem.question:
            good += not {a, b} & {0, n - 1}
        elif "neighbouring" in problem.question:
            good += max(a, b, c) - min(a, b, c) == 2
        elif "no two" in problem.question:
            good += min(abs(a - b), abs(a - c), abs(b - c)) > 1
        elif "left of both" in problem.question:
            good += 0 < a < min(b, c)
        else:
            good += abs(a - b) == rest[0] + 1
    return Fraction(good, math.perm(n, 3))


def weather(problem):
    stay, turn, *days = fractions(problem.question)
    if not days:
        share = 0.5
        for _ in range(5000):
            share = share * float(stay) + (1 - share) * float(turn)
        return share
    total = Fraction(0)
    for path in product((True, False), repeat=int(days[0]) - 1):
        chain = [True, *path, True]
        steps = zip(chain, chain[1:], strict=False)
        chances = [(stay if a else turn) if b else 1 - (stay if a else turn) for a, b in steps]
        total += math.prod(chances)
    return total


SOLVERS = {
    solver.__name__.strip("_"): solver
    for solver in (
        *(urn, dice, trials, bayes, expected_value, first_to_win, random_points, ruin, birthdays, coupons),
        *(permutations_, weather),
    )
}
