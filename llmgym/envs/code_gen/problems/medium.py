"""Problems of medium difficulty: a known algorithm, sometimes with a twist."""

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


def smallest_lorry(draw: Draw) -> Problem:
    """The smallest capacity that suffices for so many trips."""
    extra, rest = draw.between(0, 99), draw.between(2, 9)
    return Problem(
        "Parcels stand in a row and must be carried away in this order. A lorry takes some parcels from the front of the "
        f"row on each trip. A parcel of weight w counts as w + {extra}, and on every {rest}th trip the lorry carries only "
        "half its capacity, rounded down. What is the smallest whole capacity with which at most t trips are enough?",
        [
            Parameter("weights", "ints", "1 to 2000 integers from 1 to 10^12"),
            Parameter("t", "int", "1 <= t <= 10^6"),
        ],
        "the capacity",
        least_capacity,
        lambda d: (many(d, d.between(1, 8), 1, 12), d.between(1, 9)),
        [([1], 1), ([10**12], 10**6), ([1, 1, 1], 1), ([5, 5, 5, 5], 4), ([9, 1, 9, 1, 9], 3)],
        lambda d: (many(d, 200, 10**11, 10**12), d.between(20, 60)),
        {"extra": extra, "rest": rest},
    )


def least_capacity(weights, t, extra, rest):
    """Search for the capacity by halving."""
    loads = [w + extra for w in weights]

    def enough(capacity):
        position = trip = 0
        while position < len(loads):
            trip += 1
            if trip > t:
                return False
            room = capacity // 2 if trip % rest == 0 else capacity
            while position < len(loads) and loads[position] <= room:
                room -= loads[position]
                position += 1
        return True

    low, high = max(loads), 2 * sum(loads)
    while low < high:
        middle = (low + high) // 2
        if enough(middle):
            high = middle
        else:
            low = middle + 1
    return low


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


def change_ways(draw: Draw) -> Problem:
    """Ways to pay, with limits on one coin."""
    coins = sorted(draw.sample(range(2, 60), draw.between(3, 5)))
    p, most = modulus(draw), draw.between(1, 9)
    listed = ", ".join(map(str, coins))
    return Problem(
        f"There are coins of the values {listed}, as many as you like of each, and coins of the value 1, of which you "
        f"may use at most {most}. In how many ways can you pay exactly n? Ways that differ only in the order of the "
        f"coins are the same. Give the number modulo {p}.",
        [Parameter("n", "int", "0 <= n <= 8000")],
        f"the number of ways modulo {p}",
        count_ways,
        lambda d: (d.between(1, 90),),
        [(0,), (1,), (most,), (most + 1,), (coins[0],), (coins[-1] * 2,)],
        lambda d: (d.between(7000, 8000),),
        {"coins": coins, "p": p, "most": most},
    )


def count_ways(n, coins, p, most):
    """Count the ways coin by coin."""
    ways = [1 if i <= most else 0 for i in range(n + 1)]
    for coin in coins:
        for i in range(coin, n + 1):
            ways[i] = (ways[i] + ways[i - coin]) % p
    return ways[n]


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


def piles(draw: Draw) -> Problem:
    """A game of taking from piles."""
    k, loses = draw.between(2, 400), draw.between(1, 50)
    return Problem(
        f"Two players take turns. A move takes 1 to {k} stones from one pile. Who takes the last stone of all wins. "
        f"Before the game {loses} stones are put on top of each pile. How many first moves win the game for the player "
        "who begins, if both play perfectly from then on? Moves differ by the pile or by the number of stones.",
        [
            Parameter(
                "piles", "ints", "1 to 2000 integers from 0 to 10^15, the sizes before the stones are added"
            )
        ],
        "the number of winning first moves",
        winning_moves,
        lambda d: (many(d, d.between(1, 5), 0, 2 * k),),
        [([0],), ([k],), ([k + 1 - loses % (k + 1)],), ([1, 1],), ([10**15, 1],)],
        lambda d: (many(d, 2000, 10**14, 10**15),),
        {"k": k, "loses": loses},
    )


def winning_moves(piles, k, loses):
    """Count the moves to a sum of zero; a pile counts by its remainder."""
    sizes = [(pile + loses) for pile in piles]
    total = 0
    for size in sizes:
        total ^= size % (k + 1)
    if total == 0:
        return 0
    count = 0
    for size in sizes:
        now = size % (k + 1)
        wanted = now ^ total
        # Taking (now - wanted) modulo (k + 1) stones leaves that remainder, if there are so many.
        take = (now - wanted) % (k + 1)
        if wanted <= k and 0 < take <= size:
            count += 1
    return count


def maze(draw: Draw) -> Problem:
    """The shortest way through a grid in which some steps are dear."""
    wall, toll = draw.pick("#XO"), draw.between(2, 99)
    return Problem(
        f"A map is made of the letters . (free), {wall} (wall) and ~ (water). You start in the upper left corner and go "
        f"up, down, left and right, never through walls. A step onto a free field costs 1, onto water {toll}. What does "
        "the cheapest way to the lower right corner cost? Give -1 if there is none. The corners are free.",
        [Parameter("rows", "texts", "1 to 60 rows of the same length, 1 to 60")],
        "the cost, or -1",
        cheapest_way,
        lambda d: (_map(d, d.between(2, 5), d.between(2, 5), wall, 0.25),),
        [(["."],), (["..", ".."],), ([".~."],), ([f".{wall}."],), ([f".{wall}", f"{wall}."],)],
        lambda d: (_map(d, 55, 55, wall, 0.06),),
        {"wall": wall, "toll": toll},
    )


def _map(draw: Draw, height: int, width: int, wall: str, share: float) -> list[str]:
    fields = [wall if draw.chance(share) else "~" if draw.chance(0.2) else "." for _ in range(height * width)]
    fields[0] = fields[-1] = "."
    return ["".join(fields[width * i : width * (i + 1)]) for i in range(height)]


def cheapest_way(rows, wall, toll):
    """Explore by rising cost."""
    height, width = len(rows), len(rows[0])
    by_cost = {0: [(0, 0)]}
    done = set()
    cost = 0
    while by_cost:
        while cost not in by_cost:
            cost += 1
        for i, j in by_cost.pop(cost):
            if (i, j) in done:
                continue
            done.add((i, j))
            if (i, j) == (height - 1, width - 1):
                return cost
            for y, x in ((i + 1, j), (i - 1, j), (i, j + 1), (i, j - 1)):
                if 0 <= y < height and 0 <= x < width and rows[y][x] != wall and (y, x) not in done:
                    price = toll if rows[y][x] == "~" else 1
                    by_cost.setdefault(cost + price, []).append((y, x))
    return -1


FAMILIES: tuple[Family, ...] = (
    divisible_stretches,
    steady_window,
    smallest_lorry,
    longest_climb,
    change_ways,
    covered_length,
    next_taller,
    piles,
    maze,
)
