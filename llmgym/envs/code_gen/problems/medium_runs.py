"""Problems of medium difficulty about runs and selections of a list."""

from __future__ import annotations

import bisect
import collections

from llmgym.envs.code_gen.problems.problem import Draw, Family, Parameter, Problem, many, modulus

__all__ = ["FAMILIES"]

_N = 20_000


def divisible_stretches(draw: Draw) -> Problem:
    """Stretches with a sum of a given remainder."""
    m = draw.pick((31, 61, 97, 211, 503, 997, 2_003, 4_999, 7_919, 9_973))
    r, weight = draw.below(m), draw.between(1, 30)
    fitting = (r - 1) * pow(weight, -1, m) % m
    return Problem(
        f"For a run of neighbouring elements of a list, take {weight} times their sum, and add the number of elements. "
        f"Count the runs, of at least one element, for which this leaves the remainder {r} on division by {m}.",
        [Parameter("a", "ints", f"0 to {_N} integers from -10^9 to 10^9")],
        "the number of runs",
        count_stretches,
        lambda d: ([d.pick((0, 1, fitting, fitting - m, -fitting)) for _ in range(d.between(2, 9))],),
        [([],), ([r],), ([0] * 12,), ([-1, 1, -1, 1],), ([m, m, m],)],
        lambda d: (many(d, _N, -(10**9), 10**9),),
        {"m": m, "r": r, "weight": weight},
    )


def count_stretches(a, m, r, weight):
    """Count the runs by remainders of prefix sums."""
    seen = collections.Counter([0])
    total = count = 0
    for x in a:
        total = (total + weight * x + 1) % m
        count += seen[(total - r) % m]
        seen[total] += 1
    return count


def steady_window(draw: Draw) -> Problem:
    """The longest run whose values lie close together."""
    spread, fewest = draw.between(0, 5_000), draw.between(1, 5)
    return Problem(
        f"Find the longest run of neighbouring elements in which the largest and the smallest element differ by at most "
        f"{spread}. Give its length, or 0 if it has fewer than {fewest} elements.",
        [Parameter("a", "ints", f"1 to {_N} integers from 0 to 10^9")],
        "the length, or 0",
        longest_steady,
        lambda d: (many(d, d.between(1, 14), 0, 2 * spread + 3),),
        [([0],), ([1] * fewest,), ([0, spread, 0],), ([0, spread + 1, 0],), (list(range(10)),)],
        lambda d: (many(d, _N, 0, spread),),
        {"spread": spread, "fewest": fewest},
    )


def longest_steady(a, spread, fewest):
    """Slide a window that knows its extremes."""
    lows: collections.deque[int] = collections.deque()
    highs: collections.deque[int] = collections.deque()
    left = best = 0
    for right, x in enumerate(a):
        while lows and a[lows[-1]] >= x:
            lows.pop()
        while highs and a[highs[-1]] <= x:
            highs.pop()
        lows.append(right)
        highs.append(right)
        while a[highs[0]] - a[lows[0]] > spread:
            left += 1
            if lows[0] < left:
                lows.popleft()
            if highs[0] < left:
                highs.popleft()
        best = max(best, right - left + 1)
    return best if best >= fewest else 0


def longest_climb(draw: Draw) -> Problem:
    """The longest increasing selection with a gap."""
    gap, turn = draw.between(1, 200), draw.chance(0.5)
    word = "smaller" if turn else "larger"
    return Problem(
        f"Choose elements of a list, keeping their order, so that each chosen element is at least {gap} {word} than the "
        "one chosen before it. At most how many can you choose?",
        [Parameter("a", "ints", f"1 to {_N} integers from -10^9 to 10^9")],
        "the number of elements",
        climb_length,
        lambda d: (many(d, d.between(1, 12), 0, 5 * gap),),
        [([3],), ([0, gap, 2 * gap],), ([2 * gap, gap, 0],), ([5, 5, 5],), ([-(10**9), 10**9],)],
        lambda d: ([(1 - 2 * turn) * gap * (i // 2) + x for i, x in enumerate(many(d, _N, 0, 50 * gap))],),
        {"gap": gap, "turn": turn},
    )


def climb_length(a, gap, turn):
    """Keep the least last element of a selection of each length."""
    ends: list[int] = []
    for x in a:
        x = -x if turn else x
        place = bisect.bisect_right(ends, x - gap)
        if place == len(ends):
            ends.append(x)
        elif x < ends[place]:
            ends[place] = x
    return len(ends)


def next_taller(draw: Draw) -> Problem:
    """Distances to the next element that is taller by some."""
    least, m = draw.between(0, 30), modulus(draw)
    return Problem(
        f"For each position i of a list find the next position j > i with a[j] > a[i] and give it the value (j - i) * "
        f"a[i] + {least}; positions without such a j have the value -{least}. Give the sum of all values modulo {m}, "
        f"as a number from 0 to {m - 1}.",
        [Parameter("a", "ints", f"1 to {_N} integers from 0 to 10^9")],
        f"the sum modulo {m}",
        taller_sum,
        lambda d: (many(d, d.between(1, 12), 0, 9),),
        [([0],), ([1, 2, 3, 4],), ([4, 3, 2, 1],), ([5, 5, 5],), ([0, 10**9],)],
        # Falling all the way, so that those who look ahead look far.
        lambda d: ([10**9 - 40_000 * i - x for i, x in enumerate(many(d, _N, 0, 39_999))],),
        {"least": least, "m": m},
    )


def taller_sum(a, least, m):
    """Keep those who still wait for somebody taller."""
    waiting: list[int] = []
    total = 0
    for j, x in enumerate(a):
        while waiting and a[waiting[-1]] < x:
            i = waiting.pop()
            total += (j - i) * a[i] + least
        waiting.append(j)
    return (total - least * len(waiting)) % m


def covered_length(draw: Draw) -> Problem:
    """The length of a union of intervals that are widened."""
    before, after = draw.between(0, 50), draw.between(0, 50)
    return Problem(
        f"A lamp at the rows l to r of a long wall lights everything from l - {before} to r + {after}, both points "
        "included. How many whole-numbered rows are lit by at least one lamp? Rows may be negative.",
        [Parameter("lamps", "rows", "0 to 6000 lamps, 0 <= l <= r <= 10^12", "l and r")],
        "the number of rows",
        lit_rows,
        lambda d: ([sorted((d.below(200), d.below(200))) for _ in range(d.between(1, 6))],),
        [
            ([],),
            ([[0, 0]],),
            ([[5, 9], [5, 9]],),
            ([[0, 10**12]],),
            ([[1, 2], [4 + before + after, 9 + before + after]],),
        ],
        lambda d: ([[x, x + x % 999_983] for x in many(d, 6_000, 0, 9 * 10**11)],),
        {"before": before, "after": after},
    )


def lit_rows(lamps, before, after):
    """Go through the lamps from left to right."""
    total, end = 0, None
    for left, right in sorted((left - before, right + after) for left, right in lamps):
        if end is None or left > end:
            total += right - left + 1
            end = right
        elif right > end:
            total += right - end
            end = right
    return total


FAMILIES: tuple[Family, ...] = (
    divisible_stretches,
    steady_window,
    longest_climb,
    next_taller,
    covered_length,
)
