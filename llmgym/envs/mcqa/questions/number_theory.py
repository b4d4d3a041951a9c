"""Divisors, primes, digits and number bases."""

from __future__ import annotations

import math
from functools import lru_cache

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, numbers, texts

__all__ = ["TEMPLATES"]


def greatest_divisor(draw: Draw, level: int) -> Question:
    """Find a greatest common divisor."""
    common = draw.between(*((6, 15), (12, 40), (24, 120))[level])
    x, y = draw.sample(range(2, (9, 14, 24)[level]), 2)
    one, two = common * x, common * y
    value = math.gcd(one, two)
    divisors = [
        n for n in (value // 2, value // 3, value * 2, value * 3, abs(one - two), min(one, two)) if n > 0
    ]
    wrong = numbers(value, divisors, low=1)
    return Question(f"What is the greatest common divisor of {one} and {two}?", str(value), wrong)


def least_multiple(draw: Draw, level: int) -> Question:
    """Find a least common multiple of two or three integers."""
    parts = draw.sample(range(*((4, 13), (8, 31), (8, 25))[level]), (2, 2, 3)[level])
    value = math.lcm(*parts)
    slips = [
        math.prod(parts),
        value * 2,
        value // 2,
        value * 3,
        max(parts) * 2,
        value + min(parts),
        value - min(parts),
    ]
    wrong = numbers(value, slips, step=min(parts), low=1)
    listing = ", ".join(map(str, parts[:-1])) + f" and {parts[-1]}"
    return Question(f"What is the least common multiple of {listing}?", str(value), wrong)


def prime(draw: Draw, level: int) -> Question:
    """Tell a prime from composite numbers."""
    primes, composites = _primes_and_composites(level)
    value = str(draw.pick(primes))
    wrong = texts(value, lambda own: map(str, own.sample(composites, 20)))
    return Question("Which of these numbers is prime?", value, wrong)


@lru_cache(maxsize=3)
def _primes_and_composites(level: int) -> tuple[list[int], list[int]]:
    low, high, smallest = ((11, 100, 2), (101, 500, 3), (1001, 5000, 11))[level]
    primes: list[int] = []
    composites: list[int] = []
    for number in range(low, high):
        factor = next((n for n in range(2, math.isqrt(number) + 1) if number % n == 0), None)
        if factor is None:
            primes.append(number)
        elif factor >= smallest:
            composites.append(number)
    return primes, composites


def divisor_count(draw: Draw, level: int) -> Question:
    """Count the divisors of a number."""
    number = 1
    while number < (12, 100, 700)[level]:
        number *= draw.pick((2, 2, 3, 3, 5, 7))
    value = sum(1 + (n * n != number) for n in range(1, math.isqrt(number) + 1) if number % n == 0)
    wrong = numbers(value, [value - 1, value - 2, value + 2, value * 2], low=0)
    told = f"How many positive divisors does {number} have, 1 and {number} included?"
    return Question(told, str(value), wrong)


def digit_sum(draw: Draw, level: int) -> Question:
    """Add the digits of a number."""
    digits = [draw.between(1, 9), *(draw.between(0, 9) for _ in range((3, 6, 11)[level]))]
    value = sum(digits)
    wrong = numbers(value, [value - digits[-1], value + digits[0], value + 9, value - 9], low=0)
    return Question(f"What is the sum of the digits of {''.join(map(str, digits))}?", str(value), wrong)


def to_base(draw: Draw, level: int) -> Question:
    """Write a number in another base."""
    base = (2, draw.pick((2, 3)), draw.pick((3, 4, 5)))[level]
    size = (5, 7, 6)[level]
    low = base ** (size - 1)
    value = draw.between(low, low * base - 1)
    # Neighbours of the same length differ in one digit or by one, and cannot contain one another.
    wrong = [value + sign * base**place for place in range(size) for sign in (1, -1)]
    wrong += [value + offset for offset in (2, -2, 3, -3, 5, -5, 6, -6, 7, -7)]
    candidates = sorted({number for number in wrong if low <= number < low * base})
    answer = _in_base(value, base)
    chosen = texts(answer, (_in_base(number, base) for number in candidates))
    return Question(f"How is the decimal number {value} written in base {base}?", answer, chosen)


def from_base(draw: Draw, level: int) -> Question:
    """Read a number written in another base."""
    base = (2, draw.pick((2, 3)), draw.pick((3, 4, 5, 7)))[level]
    size = (5, 7, 5)[level]
    value = draw.between(base ** (size - 1), base**size - 1)
    text = _in_base(value, base)
    slips = [value * base, value // base, int(text[::-1], base), value + base, value - base]
    wrong = numbers(value, slips, low=1)
    return Question(f"Which decimal number is written as {text} in base {base}?", str(value), wrong)


def _in_base(number: int, base: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, base)
        digits = str(digit) + digits
    return digits


def next_multiple(draw: Draw, level: int) -> Question:
    """Find the first multiple after a number."""
    divisor = draw.between(*((6, 12), (13, 29), (31, 97))[level])
    bound = draw.between(*((40, 90), (200, 900), (2000, 9000))[level])
    value = (bound // divisor + 1) * divisor
    slips = [value - divisor, value + divisor, bound + divisor, value + 2 * divisor, bound + 1]
    wrong = numbers(value, slips, low=1)
    return Question(
        f"What is the smallest multiple of {divisor} that is greater than {bound}?", str(value), wrong
    )


def divisible(draw: Draw, level: int) -> Question:
    """Tell a multiple from numbers that are not."""
    divisor = draw.pick(((3, 4, 6, 7, 8, 9), (7, 8, 11, 12, 13), (13, 17, 19, 23, 29))[level])
    low, high = ((100, 999), (1000, 9999), (10000, 99999))[level]
    value = draw.between(low // divisor + 1, high // divisor) * divisor

    def others(own: Draw) -> set[str]:
        found: set[str] = set()
        while len(found) < 9:
            # Even or odd as the right number, so that the last digit alone does not decide.
            number = own.between(low, high - 1)
            number += (number - value) % 2
            if number % divisor:
                found.add(str(number))
        return found

    told = f"Which of these numbers is divisible by {divisor}?"
    return Question(told, str(value), texts(str(value), others))


TEMPLATES: tuple[Template, ...] = (
    Template(greatest_divisor),
    Template(least_multiple),
    Template(prime),
    Template(divisor_count),
    Template(digit_sum),
    Template(to_base),
    Template(from_base),
    Template(next_multiple),
    Template(divisible),
)
