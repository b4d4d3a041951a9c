"""Easy problems: one pass, a dictionary, a formula."""

from __future__ import annotations

import collections
import math

from llmgym.envs.code_gen.problems.problem import Draw, Family, Parameter, Problem, many

__all__ = ["FAMILIES"]

_SERIES = ("water levels", "ticket prices", "wind speeds", "queue lengths", "page counts", "battery charges")
_N = 24_000


def records(draw: Draw) -> Problem:
    """Elements that exceed all before them by a gap."""
    gap, series = draw.between(0, 60), draw.pick(_SERIES)
    return Problem(
        f"You are given {series} in the order in which they were measured. A measurement is a record when it is the "
        f"first one, or when it is at least {gap} more than every measurement before it. Count the records.",
        [Parameter("a", "ints", f"the {series}, 1 to {_N} integers from -1000000 to 1000000")],
        "the number of records",
        count_records,
        lambda d: (many(d, d.between(2, 12), -20, 40 + 3 * gap),),
        [([5],), ([7, 7, 7],), ([-3, -2, -1, 0],), ([gap, 2 * gap, 3 * gap, 4 * gap],), ([9, 3, 1],)],
        # Ever new records, so that nobody who looks back at all earlier ones can stop early.
        lambda d: ([40 * i + x - 1000 for i, x in enumerate(many(d, _N, 0, 39))],),
        {"gap": gap},
    )


def count_records(a, gap):
    """Count the elements that are at least a gap above all before them."""
    count, top = 0, None
    for x in a:
        if top is None or x >= top + gap:
            count += 1
        if top is None or x > top:
            top = x
    return count


def most_frequent(draw: Draw) -> Problem:
    """The most frequent remainder."""
    m, largest = draw.between(50_000, 99_999), draw.chance(0.5)
    word = "largest" if largest else "smallest"
    return Problem(
        f"Replace every number of a list by its remainder on division by {m}, which lies between 0 and {m - 1}. Which "
        f"remainder occurs most often? If several do, give the {word} of them.",
        [Parameter("a", "ints", f"1 to {_N} integers from -10^9 to 10^9")],
        "the remainder",
        frequent_remainder,
        lambda d: ([d.pick((1, 2, 3)) + m * d.between(-3, 3) for _ in range(d.between(2, 10))],),
        [([0],), ([-1],), ([m, 2 * m, 1, 1],), ([m - 1, -1, 0, m, 5],), ([1, 2, 3],)],
        lambda d: (many(d, _N, -(10**9), 10**9),),
        {"m": m, "largest": largest},
    )


def frequent_remainder(a, m, largest):
    """Return the most frequent remainder."""
    counts = collections.Counter(x % m for x in a)
    top = max(counts.values())
    candidates = [r for r, count in counts.items() if count == top]
    return max(candidates) if largest else min(candidates)


def pair_sums(draw: Draw) -> Problem:
    """Pairs with a sum of a given remainder."""
    m = draw.between(1_000, 99_999)
    r = draw.below(m)
    return Problem(
        f"Count the pairs of positions i < j in a list for which a[i] + a[j] leaves the remainder {r} on division by "
        f"{m}.",
        [Parameter("a", "ints", f"0 to {_N} integers from 0 to 10^9")],
        "the number of pairs",
        count_pairs,
        lambda d: (
            [(d.pick((r, 0, 1, r + m - 1)) + m * d.below(4)) % 10**9 for _ in range(d.between(2, 10))],
        ),
        [([],), ([r],), ([r, 0],), ([m, m, m],), ([0] * 30,)],
        lambda d: (many(d, _N, 0, 10**9),),
        {"m": m, "r": r},
    )


def count_pairs(a, m, r):
    """Count the pairs whose sum leaves a remainder."""
    seen: dict[int, int] = {}
    count = 0
    for x in a:
        count += seen.get((r - x) % m, 0)
        seen[x % m] = seen.get(x % m, 0) + 1
    return count


def longest_stretch(draw: Draw) -> Problem:
    """The longest stretch whose steps are small."""
    step, series = draw.between(1, 400), draw.pick(_SERIES)
    return Problem(
        f"You are given {series}. A stretch is a run of neighbouring measurements; it is calm when any two neighbours "
        f"in it differ by at most {step}. Give the length of the longest calm stretch.",
        [Parameter("a", "ints", f"the {series}, 1 to {_N} integers from 0 to 10^7")],
        "the length",
        longest_calm,
        lambda d: (many(d, d.between(2, 14), 0, 3 * step),),
        [([0],), ([0, step],), ([0, step + 1],), ([5] * 9,), ([0, 10**7, 0],)],
        lambda d: ([i * (step // 2) + x for i, x in enumerate(many(d, _N, 0, step // 2))],),
        {"step": step},
    )


def longest_calm(a, step):
    """Return the length of the longest run with small steps."""
    best = length = 1
    for before, after in zip(a[:-1], a[1:], strict=True):
        length = length + 1 if abs(after - before) <= step else 1
        best = max(best, length)
    return best


def range_sums(draw: Draw) -> Problem:
    """Weighted sums over ranges."""
    p, q, m = draw.between(2, 40), draw.between(1, 40), draw.between(10_000, 999_999)
    return Problem(
        f"The weight of the number a[i] of a list (i counts from 1) is {p} * a[i] + {q} * i * i. For each query give the "
        f"sum of the weights at the positions from l to r, both included; then add up the remainders of all these sums "
        f"on division by {m}.",
        [
            Parameter("a", "ints", "1 to 12000 integers from -10^6 to 10^6"),
            Parameter("queries", "rows", "0 to 12000 queries, 1 <= l <= r <= length of a", "l and r"),
        ],
        "the sum of the remainders",
        sum_of_ranges,
        lambda d: _range_case(d, d.between(1, 8), d.between(0, 5), 50),
        [([0], []), ([7], [[1, 1]]), ([1, 2, 3], [[1, 3], [1, 3], [2, 2]]), ([-5, -6], [[1, 2]])],
        lambda d: (
            many(d, 12_000, -(10**6), 10**6),
            [[1 + x % 50, 12_000 - x // 50] for x in many(d, 9_000, 0, 4_999)],
        ),
        {"p": p, "q": q, "m": m},
    )


def _range_case(draw: Draw, n: int, queries: int, most: int) -> tuple[list[int], list[list[int]]]:
    pairs = [sorted((draw.between(1, n), draw.between(1, n))) for _ in range(queries)]
    return many(draw, n, -most, most), pairs


def sum_of_ranges(a, queries, p, q, m):
    """Add up the remainders of weighted sums."""
    sums = [0]
    for i, x in enumerate(a, 1):
        sums.append(sums[-1] + p * x + q * i * i)
    return sum((sums[r] - sums[l - 1]) % m for l, r in queries)  # noqa: E741


def multiples_below(draw: Draw) -> Problem:
    """The sum of numbers that one of two divides."""
    p, q = draw.between(2, 60), draw.between(2, 60)
    both = draw.chance(0.5)
    rule = "by at least one of" if not both else "by exactly one of"
    return Problem(
        f"Add up all integers from 1 to n that are divisible {rule} {p} and {q}.",
        [Parameter("n", "int", "1 <= n <= 10^15")],
        "the sum",
        sum_of_multiples,
        lambda d: (d.between(1, 300),),
        [(1,), (p,), (q - 1,), (p * q,), (p * q - 1,)],
        lambda d: (d.between(10**14, 10**15),),
        {"p": p, "q": q, "exactly_one": both},
    )


def sum_of_multiples(n, p, q, exactly_one):
    """Add up the multiples of two numbers."""

    def multiples(d):
        count = n // d
        return d * count * (count + 1) // 2

    return multiples(p) + multiples(q) - (2 if exactly_one else 1) * multiples(math.lcm(p, q))


def shifted_words(draw: Draw) -> Problem:
    """Groups of words that are shifts of each other."""
    ordered, size = draw.chance(0.5), draw.between(3, 20)
    letters = "abcdefghijklmnopqrstuvwxyz"[: size + 6]
    rule = "" if ordered else " and then change the order of the letters in any way"
    return Problem(
        f"Words are made of the letters {letters[0]} to {letters[-1]}. To shift a word means to replace every letter by "
        f"the next one, and {letters[-1]} by {letters[0]}. Two words belong to the same group when you can get one from "
        f"the other by shifting it any number of times{rule}. How many groups are there?",
        [Parameter("words", "texts", "1 to 6000 words of 1 to 8 letters")],
        "the number of groups",
        count_groups,
        lambda d: (
            ["".join(d.pick(letters[:3]) for _ in range(d.between(1, 3))) for _ in range(d.between(2, 8))],
        ),
        [
            ([letters[0]],),
            ([letters[0], letters[-1]],),
            ([letters[:2], letters[1::-1]],),
            (["aab", "bba", "abb"],),
        ],
        lambda d: (_words(d, letters, 6000 if ordered else 1200),),
        {"ordered": ordered, "size": len(letters)},
    )


def _words(draw: Draw, letters: str, count: int) -> list[str]:
    text = "".join([letters[x] for x in many(draw, 8 * count, 0, len(letters) - 1)])
    return [text[8 * i : 8 * i + 8] for i in range(count)]


def count_groups(words, ordered, size):
    """Count the groups of words that are shifts of each other."""
    groups = set()
    for word in words:
        codes = [ord(letter) - 97 for letter in word]
        if ordered:
            groups.add(tuple((code - codes[0]) % size for code in codes))
        else:
            groups.add(min(tuple(sorted((code - first) % size for code in codes)) for first in set(codes)))
    return len(groups)


def repeated_walk(draw: Draw) -> Problem:
    """A walk that is repeated very often on a ring."""
    m, jump = draw.between(1_000, 10**9), draw.between(2, 50)
    return Problem(
        f"A token stands on place 0 of a ring with places 0 to {m - 1}. A program is a text of the letters F (one place "
        f"forward), B (one place back) and J ({jump} places forward). The program is run k times from its beginning to "
        "its end. Where does the token stand?",
        [
            Parameter("program", "text", "1 to 2000 letters"),
            Parameter("k", "int", "0 <= k <= 10^15"),
        ],
        "the place",
        where_it_ends,
        lambda d: ("".join(d.pick("FBJ") for _ in range(d.between(1, 9))), d.between(0, 40)),
        [("F", 0), ("B", 1), ("FB", 10**15), ("J", m), ("BBB", 10**6)],
        lambda d: ("".join(d.pick("FJ") for _ in range(2000)), d.between(10**14, 10**15)),
        {"m": m, "jump": jump},
    )


def where_it_ends(program, k, m, jump):
    """Return where the token ends."""
    step = program.count("F") - program.count("B") + jump * program.count("J")
    return step * k % m


def lamps(draw: Draw) -> Problem:
    """Lamps that are switched by their divisors."""
    first, every = draw.between(1, 40), draw.between(2, 30)
    return Problem(
        "n lamps in a row, numbered from 1, are off. In round 1 every lamp is switched, in round 2 every second one, "
        "in round i every i-th one, up to round n; to switch a lamp turns it on if it is off, and off if it is on. "
        f"Afterwards all lamps whose number is at most {first}, and all whose number is divisible by {every}, are "
        "turned off. How many lamps are on?",
        [Parameter("n", "int", "1 <= n <= 10^15")],
        "the number of lamps that are on",
        lamps_on,
        lambda d: (d.between(1, 400),),
        [(1,), (first,), (every * every,), (every * every - 1,), (4 * every,)],
        lambda d: (d.between(10**14, 10**15),),
        {"first": first, "every": every},
    )


def lamps_on(n, first, every):
    """Count the squares that stay lit."""
    # The square of r is divisible by a number exactly when r is divisible by this root of it.
    root = next(r for r in range(1, every + 1) if r * r % every == 0)
    count = math.isqrt(n) - math.isqrt(n) // root
    small = min(first, n)
    return count - sum(1 for r in range(1, math.isqrt(small) + 1) if r % root)


FAMILIES: tuple[Family, ...] = (
    records,
    most_frequent,
    pair_sums,
    longest_stretch,
    range_sums,
    multiples_below,
    shifted_words,
    repeated_walk,
    lamps,
)
