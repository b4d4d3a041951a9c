"""Problems of medium difficulty that search and count."""

from __future__ import annotations

from llmgym.envs.code_gen.problems.problem import Draw, Family, Parameter, Problem, many, modulus

__all__ = ["FAMILIES"]


def smallest_lorry(draw: Draw) -> Problem:
    """The smallest capacity that suffices for so many trips."""
    extra, rest = draw.between(0, 99), draw.between(2, 9)
    return Problem(
        "Parcels stand in a row and must be carried away in this order. A lorry takes some parcels from the front of the "
        f"row on each trip. A parcel of weight w counts as w + {extra}. Trips are numbered from 1, and on those whose "
        f"number is divisible by {rest} the lorry carries only half its capacity, rounded down. What is the smallest "
        "whole capacity with which at most t trips are enough?",
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


FAMILIES: tuple[Family, ...] = (smallest_lorry, change_ways, piles, maze)
