"""Divisibility, congruences, digits and whole-number equations."""

from __future__ import annotations

from math import gcd, lcm, prod

from llmgym.envs.math_with_judge.problems.problem import Draw, Problem, Template

__all__ = ["TEMPLATES"]

_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31)


def _composite(draw: Draw, level: int) -> tuple[int, dict[int, int]]:
    """Draw a number with a known factorisation."""
    primes = draw.sample(_PRIMES[: (4, 6, 9)[level]], 2 + (level > 0))
    powers = {prime: draw.between(1, (3, 3, 4)[level] if prime < 7 else 2) for prime in primes}
    return prod(prime**power for prime, power in powers.items()), powers


def _coprime(draw: Draw, low: int, high: int, to: int) -> int:
    while True:
        n = draw.between(low, high)
        if gcd(n, to) == 1:
            return n


def common_divisor(draw: Draw, level: int) -> Problem:
    """Find a greatest common divisor or a least common multiple."""
    most = (20, 60, 200)[level]
    common = draw.between(6, most)
    a = draw.between(2, most)
    b = _coprime(draw, 2, most, a)
    if draw.chance(0.5):
        return Problem(f"Find the greatest common divisor of ${common * a}$ and ${common * b}$.", str(common))
    asked = f"Find the least common multiple of ${common * a}$ and ${common * b}$."
    return Problem(asked, str(lcm(common * a, common * b)))


def power_remainder(draw: Draw, level: int) -> Problem:
    """Find the remainder of a large power."""
    modulus = draw.between(*((7, 20), (20, 99), (100, 999))[level])
    while True:
        base, exponent = (
            draw.between(2, (9, 30, 99)[level]),
            draw.between(*((20, 99), (50, 400), (200, 2500))[level]),
        )
        if pow(base, exponent, modulus) > 1:
            break
    asked = f"What is the remainder when ${base}^{{{exponent}}}$ is divided by ${modulus}$?"
    return Problem(asked, str(pow(base, exponent, modulus)))


def divisors(draw: Draw, level: int) -> Problem:
    """Count or add up the divisors of a number."""
    n, powers = _composite(draw, level)
    kind = draw.below(3 if level else 2)
    if kind == 0:
        return Problem(
            f"How many positive divisors does ${n}$ have?", str(prod(e + 1 for e in powers.values()))
        )
    if kind == 1:
        total = prod((p ** (e + 1) - 1) // (p - 1) for p, e in powers.items())
        return Problem(f"What is the sum of all positive divisors of ${n}$?", str(total))
    odd = prod(e + 1 for p, e in powers.items() if p > 2)
    return Problem(f"How many odd positive divisors does ${n}$ have?", str(odd))


def trailing_zeros(draw: Draw, level: int) -> Problem:
    """Find the exponent of a prime, or the number of final zeros, in a factorial."""
    n = draw.between(*((20, 200), (200, 900), (500, 2000))[level])
    if level < 2:
        return Problem(f"How many zeros does ${n}!$ end with?", str(_legendre(n, 5)))
    prime = draw.pick((3, 7, 11))
    asked = f"What is the largest $k$ for which ${prime}^k$ divides ${n}!$?"
    return Problem(asked, str(_legendre(n, prime)))


def _legendre(n: int, prime: int) -> int:
    total = 0
    while n:
        n //= prime
        total += n
    return total


def remainders(draw: Draw, level: int) -> Problem:
    """Find the smallest number with given remainders."""
    while True:
        moduli = sorted(draw.sample(range(3, (10, 14, 20)[level]), 2 + (level > 0)))
        if lcm(*moduli) == prod(moduli):
            break
    n = draw.between(moduli[-1] + 1, prod(moduli) - 1)
    parts = [f"${n % modulus}$ when divided by ${modulus}$" for modulus in moduli]
    given = f"{', '.join(parts[:-1])} and {parts[-1]}"
    return Problem(f"Find the smallest positive integer that leaves the remainder {given}.", str(n))


def congruence(draw: Draw, level: int) -> Problem:
    """Solve a linear congruence."""
    modulus = draw.between(*((7, 30), (31, 120), (121, 999))[level])
    a = _coprime(draw, 2, modulus - 1, modulus)
    x = draw.between(2, modulus - 1)
    b = 1 if level == 1 else a * x % modulus
    answer = b * pow(a, -1, modulus) % modulus
    told = f"Let $x$ be an integer with $0 \\le x < {modulus}$ and ${a}x \\equiv {b} \\pmod{{{modulus}}}$."
    return Problem(f"{told} Find $x$.", str(answer))


def other_base(draw: Draw, level: int) -> Problem:
    """Convert between bases."""
    base, size = draw.pick(((2, 3, 5), (4, 6, 7), (8, 9, 11))[level]), draw.between(4, 6)
    digits = [draw.between(1, base - 1), *[draw.below(base) for _ in range(size - 1)]]
    n = 0
    for digit in digits:
        n = n * base + digit
    if base > 10 or draw.chance(0.5):
        asked = f"What is the sum of the digits of ${n}$ (given in base $10$) when it is written in base ${base}$?"
        return Problem(asked, str(sum(digits)))
    written = "".join(map(str, digits))
    return Problem(
        f"The number ${written}_{{{base}}}$ is written in base ${base}$. What is it in base $10$?", str(n)
    )


def payments(draw: Draw, level: int) -> Problem:
    """Count the solutions of a linear equation in non-negative or positive integers."""
    a = draw.between(2, (5, 9, 15)[level])
    b = _coprime(draw, a + 1, (9, 20, 40)[level], a)
    total = draw.between(*((60, 200), (300, 900), (900, 5000))[level])
    positive = draw.chance(0.5)
    first = 1 if positive else 0
    count = sum((total - b * y) % a == 0 for y in range(first, (total - a * first) // b + 1))
    kind = "positive" if positive else "non-negative"
    asked = f"How many pairs $(x, y)$ of {kind} integers satisfy ${a}x + {b}y = {total}$?"
    return Problem(asked, str(count))


def totient(draw: Draw, level: int) -> Problem:
    """Count the numbers that share no factor with a given one."""
    n, powers = _composite(draw, level)
    count = prod((p - 1) * p ** (e - 1) for p, e in powers.items())
    return Problem(
        f"How many integers from $1$ to ${n}$ have no common factor with ${n}$ other than $1$?", str(count)
    )


def multiples(draw: Draw, level: int) -> Problem:
    """Count multiples by inclusion and exclusion."""
    most = draw.between(*((100, 500), (500, 2000), (2000, 9999))[level])
    numbers = sorted(draw.sample(range(3, (8, 13, 20)[level]), 2 + (level == 2)))
    total = 0
    for mask in range(1, 1 << len(numbers)):
        chosen = [n for place, n in enumerate(numbers) if mask >> place & 1]
        total += (-1) ** (len(chosen) + 1) * (most // lcm(*chosen))
    given = f"{', '.join(f'${n}$' for n in numbers[:-1])} or ${numbers[-1]}$"
    if draw.chance(0.5):
        return Problem(f"How many integers from $1$ to ${most}$ are divisible by {given}?", str(total))
    return Problem(
        f"How many integers from $1$ to ${most}$ are not divisible by any of {given.replace(' or', ' and')}?",
        str(most - total),
    )


def order(draw: Draw, level: int) -> Problem:
    """Find the order of a number for a modulus."""
    n = 1
    while n < 4 + 2 * level:
        modulus = draw.between(*((7, 40), (21, 90), (61, 200))[level])
        a = _coprime(draw, 2, modulus - 2, modulus)
        n, power = 1, a % modulus
        while power != 1:
            n, power = n + 1, power * a % modulus
    asked = f"What is the smallest positive integer $n$ for which ${a}^n - 1$ is divisible by ${modulus}$?"
    return Problem(asked, str(n))


def stamps(draw: Draw, level: int) -> Problem:
    """Find the largest total that two denominations cannot make, or how many there are."""
    most = (9, 25, 60)[level]
    a = draw.between(3, most)
    b = _coprime(draw, a + 1, most + 9, a)
    told = f"Stamps are worth ${a}$ and ${b}$ cents, and there are as many of each as one likes."
    if draw.chance(0.5):
        return Problem(
            f"{told} What is the largest number of cents that they cannot make up exactly?",
            str(a * b - a - b),
        )
    asked = "How many positive whole numbers of cents can they not make up exactly?"
    return Problem(f"{told} {asked}", str((a - 1) * (b - 1) // 2))


TEMPLATES: tuple[Template, ...] = (
    common_divisor,
    power_remainder,
    divisors,
    trailing_zeros,
    remainders,
    congruence,
    other_base,
    payments,
    totient,
    multiples,
    order,
    stamps,
)
