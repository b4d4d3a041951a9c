"""Hard problems with numbers: an algorithm and an idea."""

from __future__ import annotations

import functools
import itertools
import math

from llmgym.envs.code_gen.problems.problem import Draw, Family, Parameter, Problem, modulus

__all__ = ["FAMILIES"]


def recurrence(draw: Draw) -> Problem:
    """A term of a linear recurrence, far out."""
    a, b, c, d0 = (draw.between(1, 30) for _ in range(4))
    p = modulus(draw)
    return Problem(
        f"A sequence begins with f(0) = {d0}, f(1) = 1, f(2) = 2 and goes on by f(n) = {a} f(n-1) + {b} f(n-2) + {c} "
        f"f(n-3). Give the sum f(l) + f(l+1) + ... + f(r) modulo {p}.",
        [Parameter("l", "int", "0 <= l <= 10^18"), Parameter("r", "int", "l <= r <= 10^18")],
        f"the sum modulo {p}",
        recurrence_sum,
        lambda d: (d.between(0, 9), d.between(9, 30)),
        [(0, 0), (0, 1), (1, 1), (2, 3), (3, 3), (0, 10**18)],
        lambda d: (d.between(10**6, 10**9), d.between(10**17, 10**18)),
        {"a": a, "b": b, "c": c, "first": d0, "p": p},
    )


def recurrence_sum(l, r, a, b, c, first, p):  # noqa: E741
    """Raise the matrix of the recurrence and of its sums to a power."""

    def times(x, y):
        columns = list(zip(*y, strict=True))
        return [[sum(s * t for s, t in zip(row, column, strict=True)) % p for column in columns] for row in x]

    def sum_below(n):
        # The state is f(k), f(k+1), f(k+2) and the sum of all terms before f(k).
        step = [[0, 1, 0, 0], [0, 0, 1, 0], [c, b, a, 0], [1, 0, 0, 1]]
        power = [[int(i == j) for j in range(4)] for i in range(4)]
        while n:
            if n & 1:
                power = times(power, step)
            step = times(step, step)
            n >>= 1
        return sum(s * t for s, t in zip(power[3], (first, 1, 2, 0), strict=True)) % p

    return (sum_below(r + 1) - sum_below(l)) % p


def digit_count(draw: Draw) -> Problem:
    """Numbers by the sum and the neighbourhood of their digits."""
    m = draw.between(2, 12)
    r, gap = draw.below(m), draw.between(1, 2)
    return Problem(
        f"Count the integers x with 1 <= x <= n whose sum of digits leaves the remainder {r} on division by {m}, and in "
        f"which any two neighbouring digits differ by at least {gap}. (Numbers of one digit have no neighbours.)",
        [Parameter("n", "int", "1 <= n <= 10^18")],
        "how many there are",
        count_by_digits,
        lambda d: (d.between(1, 3000),),
        [(1,), (9,), (10,), (11,), (10**18,)],
        lambda d: (d.between(10**17, 10**18),),
        {"m": m, "r": r, "gap": gap},
    )


def count_by_digits(n, m, r, gap):
    """Count digit by digit, by the last digit and the sum so far."""

    @functools.lru_cache(None)
    def free(left, last, total):
        if left == 0:
            return int(total == r)
        return sum(free(left - 1, d, (total + d) % m) for d in range(10) if abs(d - last) >= gap)

    text = str(n)
    count = 0
    for length in range(1, len(text)):
        count += sum(free(length - 1, d, d % m) for d in range(1, 10))
    total, last = 0, None
    for place, letter in enumerate(text):
        digit, left = int(letter), len(text) - place - 1
        for d in range(1 if place == 0 else 0, digit):
            if last is None or abs(d - last) >= gap:
                count += free(left, d, (total + d) % m)
        if last is not None and abs(digit - last) < gap:
            return count
        total, last = (total + digit) % m, digit
    return count + int(total % m == r)


def last_chair(draw: Draw) -> Problem:
    """Who stays in a game of counting out."""
    k, shift = draw.between(2, 12), draw.between(0, 999)
    return Problem(
        f"n children sit in a circle, numbered from 0. They are counted in turn, beginning with child {shift} modulo n. "
        f"Whenever the count reaches {k}, that child leaves, and the count begins again at 1 with the next child who is "
        "still there. Which child is the last to stay?",
        [Parameter("n", "int", "1 <= n <= 10^15")],
        "the number of the child",
        who_stays,
        lambda d: (d.between(1, 60),),
        [(1,), (2,), (3,), (k,), (k + 1,)],
        lambda d: (d.between(10**14, 10**15),),
        {"k": k, "shift": shift},
    )


def who_stays(n, k, shift):
    """Let the circle grow, many children at a time."""
    place, size = 0, 1
    while size < n:
        # As long as the place does not pass the end of the circle, each more child moves it by k.
        steps = max(1, (size - place) // (k - 1) - 1) if place + k < size else 1
        steps = min(steps, n - size)
        if steps > 1:
            place += k * steps
            size += steps
        else:
            size += 1
            place = (place + k) % size
    return (place + shift) % n


def quotient_sum(draw: Draw) -> Problem:
    """The sum of quotients rounded down."""
    p, power = modulus(draw), draw.between(1, 3)
    first = draw.between(1, 50)
    factor = "" if power == 1 else "i * " if power == 2 else "i * i * "
    return Problem(
        f"Add up {factor}floor(n / i) for all i from {first} to n, and give the sum modulo {p}. If n is smaller than "
        f"{first}, the sum is 0.",
        [Parameter("n", "int", "1 <= n <= 10^9")],
        f"the sum modulo {p}",
        sum_of_quotients,
        lambda d: (d.between(1, 400),),
        [(1,), (2,), (first,), (first + 1,), (36,)],
        lambda d: (d.between(2 * 10**8, 4 * 10**8),),
        {"p": p, "power": power, "first": first},
    )


def sum_of_quotients(n, p, power, first):
    """Take all i with the same quotient together."""

    def sum_of_powers(m):
        if power == 1:
            return m
        return m * (m + 1) // 2 if power == 2 else m * (m + 1) * (2 * m + 1) // 6

    total, i = 0, first
    while i <= n:
        quotient = n // i
        last = n // quotient
        total += quotient * (sum_of_powers(last) - sum_of_powers(i - 1))
        i = last + 1
    return total % p


def coprime_count(draw: Draw) -> Problem:
    """Numbers in a range that share no factor with any of several."""
    extra = draw.pick((2, 3, 5, 7, 11, 13)) * draw.pick((1, 17, 19, 23))
    share = draw.between(2, 9)
    return Problem(
        f"Count the integers x with n // {share} < x <= n that have no common factor, other than 1, with m and none with "
        f"{extra}. (n // {share} is n divided by {share}, rounded down.)",
        [Parameter("n", "int", "1 <= n <= 10^16"), Parameter("m", "int", "1 <= m <= 10^9")],
        "how many there are",
        count_coprime,
        lambda d: (d.between(1, 300), d.between(1, 60)),
        [(1, 1), (10, 1), (100, 97), (97, 97), (10**16, 223_092_870)],
        lambda d: (d.between(10**15, 10**16), d.pick((223_092_870, 9_699_690, 510_510 * 19 * 2, 6_469_693))),
        {"extra": extra, "share": share},
    )


def count_coprime(n, m, extra, share):
    """Include and exclude by the primes."""
    primes = set()
    for number in (m, extra):
        rest, d = number, 2
        while d * d <= rest:
            while rest % d == 0:
                primes.add(d)
                rest //= d
            d += 1
        if rest > 1:
            primes.add(rest)

    def up_to(limit):
        count = 0
        for size in range(len(primes) + 1):
            for chosen in itertools.combinations(sorted(primes), size):
                count += (-1) ** size * (limit // math.prod(chosen))
        return count

    return up_to(n) - up_to(n // share)


FAMILIES: tuple[Family, ...] = (recurrence, digit_count, last_chair, quotient_sum, coprime_count)
