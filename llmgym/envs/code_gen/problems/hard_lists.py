"""Hard problems with lists, texts and graphs: an algorithm and an idea."""

from __future__ import annotations

import bisect

from llmgym.envs.code_gen.problems.problem import Draw, Family, Parameter, Problem, many, modulus

__all__ = ["FAMILIES"]


def near_half(draw: Draw) -> Problem:
    """Selections whose sum lies in a range."""
    share, margin = draw.between(2, 5), draw.between(0, 10**6)
    return Problem(
        f"From a list of numbers any selection may be taken, also none and also all. Let s be the sum of the whole list, "
        f"divided by {share} and rounded down. Count the selections, by positions, whose sum differs from s by at most "
        f"{margin}.",
        [Parameter("a", "ints", "0 to 28 integers from 0 to 10^12")],
        "the number of selections",
        count_selections,
        lambda d: (many(d, d.between(1, 10), 0, margin // 2 + 9),),
        [([],), ([0],), ([0] * 10,), ([10**12],), ([margin, margin, margin],)],
        lambda d: (many(d, 26, 10**6, 10**9),),
        {"share": share, "margin": margin},
    )


def count_selections(a, share, margin):
    """Meet in the middle."""

    def sums(part):
        found = [0]
        for x in part:
            found += [x + y for y in found]
        return found

    goal = sum(a) // share
    left, right = sums(a[: len(a) // 2]), sorted(sums(a[len(a) // 2 :]))
    count = 0
    for x in left:
        count += bisect.bisect_right(right, goal + margin - x) - bisect.bisect_left(right, goal - margin - x)
    return count


def removals(draw: Draw) -> Problem:
    """Sizes of components while roads are taken away."""
    p, weight = modulus(draw), draw.between(1, 99)
    return Problem(
        "Towns 0 to n - 1 are joined by roads, which are taken away one after the other, in the order of the list. "
        "Before each removal, including the first, look at the largest group of towns that can still reach each other, "
        f"and at the number of groups. The value of the k-th look (k counts from 1) is k * (size of the largest group + "
        f"{weight} * number of groups). Give the sum of all values modulo {p}.",
        [
            Parameter("n", "int", "1 <= n <= 8000"),
            Parameter(
                "roads",
                "rows",
                "0 to 8000 roads, 0 <= x, y < n; a road may join a town with itself",
                "x and y",
            ),
        ],
        f"the sum modulo {p}",
        removal_sum,
        lambda d: _roads(d, d.between(2, 6), d.between(1, 7)),
        [(1, []), (2, [[0, 1]]), (1, [[0, 0], [0, 0]]), (3, [[0, 1], [1, 2], [2, 0]]), (5, [[0, 1], [2, 3]])],
        lambda d: _roads(d, 8000, 8000),
        {"p": p, "weight": weight},
    )


def _roads(draw: Draw, towns: int, count: int) -> tuple[int, list[list[int]]]:
    ends = many(draw, 2 * count, 0, towns - 1)
    return towns, [list(pair) for pair in zip(ends[:count], ends[count:], strict=True)]


def removal_sum(n, roads, p, weight):
    """Put the roads back, from the last one to the first."""
    parent, size = list(range(n)), [1] * n

    def root(x):
        while parent[x] != x:
            parent[x] = parent[parent[x]]
            x = parent[x]
        return x

    groups, largest, total = n, 1, 0
    for k in range(len(roads), 0, -1):
        x, y = root(roads[k - 1][0]), root(roads[k - 1][1])
        if x != y:
            if size[x] < size[y]:
                x, y = y, x
            parent[y] = x
            size[x] += size[y]
            groups -= 1
            largest = max(largest, size[x])
        total += k * (largest + weight * groups)
    return total % p


def mirrored(draw: Draw) -> Problem:
    """Palindromes of at least a length."""
    shortest, letters = draw.between(1, 40), draw.pick(("ab", "abc", "xy", "01"))
    odd = draw.pick(("", "odd ", "even "))
    return Problem(
        f"Count the pieces of a text, by their positions, that read the same forwards and backwards and have {odd}length"
        f"{' and' if odd else ''} at least {shortest} letters.",
        [Parameter("s", "text", f"1 to 16000 of the letters {', '.join(letters)}")],
        "the number of pieces",
        count_mirrored,
        lambda d: _folded(d, letters, d.between(shortest // 2 + 1, shortest // 2 + 5)),
        [
            (letters[0],),
            (letters,),
            (letters[0] * 50,),
            ((letters[0] + letters[1]) * 25,),
            (letters[0] * 49 + letters[1],),
        ],
        lambda d: (letters[0] * d.between(15_000, 16_000),),
        {"shortest": shortest, "odd": odd.strip()},
    )


def _folded(draw: Draw, letters: str, half: int) -> tuple[str]:
    text = "".join(draw.pick(letters) for _ in range(half))
    return (text + text[::-1][draw.below(2) :] + draw.pick(letters),)


def count_mirrored(s, shortest, odd):
    """Find the longest palindrome around each centre, in linear time."""
    text = "|" + "|".join(s) + "|"
    radius = [0] * len(text)
    centre = reach = 0
    for i in range(len(text)):
        k = min(radius[2 * centre - i], reach - i) if i < reach else 0
        while i - k > 0 and i + k + 1 < len(text) and text[i - k - 1] == text[i + k + 1]:
            k += 1
        radius[i] = k
        if i + k > reach:
            centre, reach = i, i + k
    count = 0
    for longest in radius:
        # Around this centre there are palindromes of the lengths longest, longest - 2, and so on.
        if not odd or longest % 2 == (odd == "odd"):
            least = max(shortest, 1)
            least += (longest - least) % 2
            if longest >= least:
                count += (longest - least) // 2 + 1
    return count


def hoarding(draw: Draw) -> Problem:
    """The largest rectangle below a skyline, with a price."""
    p, q = draw.between(1, 40), draw.between(0, 999)
    return Problem(
        f"Boards of width 1 and heights a[0], a[1], ... stand side by side. A poster is a rectangle that covers a run of "
        f"neighbouring boards from the ground up to a height that all of them have. A poster of width w and height h is "
        f"worth {p} * w * h - {q} * w. What is the best poster worth? No poster at all is worth 0.",
        [Parameter("a", "ints", "1 to 20000 integers from 0 to 10^6")],
        "the worth of the best poster",
        best_poster,
        lambda d: (many(d, d.between(1, 10), 0, 2 * q // p + 5),),
        [([0],), ([q // p],), ([10**6],), ([3, 3, 3],), ([1, 2, 3, 2, 1],)],
        lambda d: ([40 * i + x for i, x in enumerate(many(d, 20_000, 0, 39))],),
        {"p": p, "q": q},
    )


def best_poster(a, p, q):
    """Keep the boards that may still be the lowest of a poster."""
    open_boards: list[tuple[int, int]] = []
    best = 0
    for right, height in enumerate([*a, 0]):
        left = right
        while open_boards and open_boards[-1][1] >= height:
            left, low = open_boards.pop()
            best = max(best, (right - left) * (p * low - q))
        open_boards.append((left, height))
    return best


def common_part(draw: Draw) -> Problem:
    """The best common selection of two texts, with weights."""
    vowel, other = draw.between(2, 30), draw.between(1, 20)
    return Problem(
        "Choose letters from a text s, and the same letters in the same order from a text t. A chosen vowel (a, e, i, o, "
        f"u) counts {vowel}, every other letter {other}. What is the largest total?",
        [
            Parameter("s", "text", "1 to 250 letters a to z"),
            Parameter("t", "text", "1 to 250 letters a to z"),
        ],
        "the largest total",
        best_common,
        lambda d: (
            "".join(d.pick("abcde") for _ in range(d.between(1, 8))),
            "".join(d.pick("abcde") for _ in range(6)),
        ),
        [("a", "a"), ("a", "b"), ("abc", "cba"), ("xyz", "xyz"), ("aaaa", "aa")],
        lambda d: tuple("".join(d.pick("abcdefgh") for _ in range(180)) for _ in range(2)),
        {"vowel": vowel, "other": other},
    )


def best_common(s, t, vowel, other):
    """Go through both texts, row by row."""
    row = [0] * (len(t) + 1)
    for x in s:
        worth = vowel if x in "aeiou" else other
        before = 0
        for j, y in enumerate(t, 1):
            above = row[j]
            if x == y:
                row[j] = max(above, row[j - 1], before + worth)
            elif row[j - 1] > above:
                row[j] = row[j - 1]
            before = above
    return row[-1]


FAMILIES: tuple[Family, ...] = (near_half, removals, mirrored, hoarding, common_part)
