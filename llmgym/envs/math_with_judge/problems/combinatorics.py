"""Counting."""

from __future__ import annotations

from functools import cache
from math import comb, factorial, perm, prod

from llmgym.envs.math_with_judge.problems.latex import joined, times
from llmgym.envs.math_with_judge.problems.problem import Draw, Problem, Template

__all__ = ["TEMPLATES"]

_WORDS = (
    "BANANA LEVEL PEPPER COFFEE TATTOO BALLOON RADAR KAYAK CIVIC GOOGOL BUBBLE RABBIT CARROT KITTEN MAMMAL SYSTEM "
    "GIGGLE NOODLE ORCHARD PUPPET TEETH SLEEVE ELEVEN COCOON LLAMA EMPEROR MIRROR CHEESE",
    "ALABAMA TOMORROW SUCCESS ASSESS PARALLEL COMMITTEE BASEBALL DESSERTS MINIMUM INITIAL BARBARIC CALCULUS STATISTICS "
    "SEQUENCE DIVISIBILITY INDIVISIBLE REFERENCE TATTOOED ADDITION COLOSSAL HANNAH SENSELESS",
    "MISSISSIPPI ABRACADABRA TENNESSEE BOOKKEEPER PROPORTIONS CONNECTIONS INDEPENDENCE ENGINEERING POSSESSION "
    "PHILOSOPHICAL MATHEMATICAL PERPENDICULAR TRIGONOMETRY COMMUTATIVE CONSTANTINOPLE ASSASSINATION COINCIDENCE",
)


def committee(draw: Draw, level: int) -> Problem:
    """Choose a committee with a condition on its members."""
    women, men = draw.between(4, (7, 9, 12)[level]), draw.between(4, (7, 9, 12)[level])
    size = draw.between(3, min(women, men))
    told = (
        f"A club has ${women}$ women and ${men}$ men. In how many ways can a committee of ${size}$ be chosen"
    )
    least = draw.between(1, size - 1)
    if level == 0:
        count = comb(women, least) * comb(men, size - least)
        return Problem(f"{told} that has exactly ${least}$ {'woman' if least == 1 else 'women'}?", str(count))
    count = sum(comb(women, k) * comb(men, size - k) for k in range(least, size + 1))
    if level == 1:
        return Problem(f"{told} that has ${least}$ or more women?", str(count))
    # Two of the women never serve together.
    both = sum(comb(women - 2, k - 2) * comb(men, size - k) for k in range(max(2, least), size + 1))
    asked = f"that has ${least}$ or more women, if two of the women, Ada and Eve, refuse to serve together?"
    return Problem(f"{told} {asked}", str(count - both))


def anagrams(draw: Draw, level: int) -> Problem:
    """Arrange the letters of a word."""
    word = draw.pick(_WORDS[level].split())
    counts = {letter: word.count(letter) for letter in word}
    total = factorial(len(word)) // prod(map(factorial, counts.values()))
    if level == 0:
        return Problem(f"How many different arrangements do the letters of the word {word} have?", str(total))
    repeated = draw.pick([letter for letter, count in counts.items() if count > 1])
    others = {letter: count for letter, count in counts.items() if letter != repeated}
    rest = len(word) - counts[repeated]
    together = factorial(rest + 1) // prod(map(factorial, others.values()))
    told = f"In how many different arrangements of the letters of the word {word}"
    if level == 1:
        return Problem(f"{told} do all letters {repeated} stand next to each other?", str(together))
    apart = factorial(rest) // prod(map(factorial, others.values())) * comb(rest + 1, counts[repeated])
    return Problem(f"{told} do no two letters {repeated} stand next to each other?", str(apart))


def integer_sums(draw: Draw, level: int) -> Problem:
    """Count solutions of a sum in integers with bounds."""
    parts, total = draw.between(3, (4, 5, 5)[level]), draw.between(*((6, 30), (12, 40), (15, 30))[level])
    names = " + ".join(f"x_{place}" for place in range(1, parts + 1))
    if level < 2:
        least = level * draw.between(1, 2)
        count = comb(total - parts * least + parts - 1, parts - 1) if total >= parts * least else 0
        bounds = f"x_i \\ge {least}"
    else:
        most = draw.between(total // parts + 1, total // 2)
        terms = range(total // (most + 1) + 1)
        count = sum(
            (-1) ** k * comb(parts, k) * comb(total - k * (most + 1) + parts - 1, parts - 1) for k in terms
        )
        bounds = f"0 \\le x_i \\le {most}"
    asked = f"In how many ways can integers $x_1, \\ldots, x_{parts}$ be chosen with ${names} = {total}$"
    return Problem(f"{asked} and ${bounds}$ for every $i$?", str(count))


def lattice_paths(draw: Draw, level: int) -> Problem:
    """Count shortest paths on a grid."""
    east, north = (draw.between(*((3, 10), (4, 9), (5, 11))[level]) for _ in range(2))
    told = (
        f"A path goes from $(0, 0)$ to $({east}, {north})$ in steps of one unit to the right or one unit up."
    )
    total = comb(east + north, east)
    if level == 0:
        return Problem(f"{told} How many such paths are there?", str(total))
    a, b = draw.between(1, east - 1), draw.between(1, north - 1)
    through = comb(a + b, a) * comb(east + north - a - b, east - a)
    if level == 1:
        return Problem(f"{told} How many such paths pass through $({a}, {b})$?", str(through))
    c, d = draw.between(a, east - 1), draw.between(b, north - 1)
    second = comb(c + d, c) * comb(east + north - c - d, east - c)
    both = comb(a + b, a) * comb(c + d - a - b, c - a) * comb(east + north - c - d, east - c)
    if (a, b) == (c, d):
        return Problem(f"{told} How many such paths do not pass through $({a}, {b})$?", str(total - through))
    asked = f"How many such paths pass through neither $({a}, {b})$ nor $({c}, {d})$?"
    return Problem(f"{told} {asked}", str(total - through - second + both))


def seating(draw: Draw, level: int) -> Problem:
    """Seat people in a row or around a table."""
    n = draw.between(*((5, 10), (6, 12), (7, 14))[level])
    if level == 0:
        k = draw.between(2, n - 2)
        told = f"In how many ways can ${n}$ people sit in a row of ${n}$ chairs if ${k}$ of them, all of one family,"
        return Problem(f"{told} must sit side by side?", str(factorial(k) * factorial(n - k + 1)))
    told = (
        f"In how many ways can ${n}$ people sit around a round table, where rotations count as the same, if"
    )
    if level == 1:
        k = draw.between(2, n - 2)
        if draw.chance(0.5):
            return Problem(
                f"{told} ${k}$ of them, all of one family, must sit side by side?",
                str(factorial(k) * factorial(n - k)),
            )
        count = factorial(n - 1) - 2 * factorial(n - 2)
        return Problem(f"{told} two of them, Ben and Cleo, must not sit side by side?", str(count))
    k = draw.between(2, n // 2)
    count = factorial(n - k - 1) * perm(n - k, k)
    return Problem(f"{told} ${k}$ of them are children and no two children may sit side by side?", str(count))


def sparse_subsets(draw: Draw, level: int) -> Problem:
    """Count subsets without neighbours."""
    n = draw.between(*((6, 26), (8, 24), (10, 30))[level])
    told = f"How many subsets of $\\{{1, 2, \\ldots, {n}\\}}$"
    if level == 0:
        # Those of the first n integers either leave out n, or hold n and leave out n - 1.
        counts = [1, 2]
        while len(counts) <= n:
            counts.append(counts[-1] + counts[-2])
        return Problem(
            f"{told}, the empty set included, contain no two consecutive integers?", str(counts[n])
        )
    k, gap = draw.between(2, 4), draw.between(2, (2, 2, 3)[level])
    room = n - (gap - 1) * (k - 1)
    text = "no two consecutive integers" if gap == 2 else f"no two integers that differ by less than ${gap}$"
    return Problem(f"{told} have exactly ${k}$ elements and contain {text}?", str(comb(room, k)))


def hats(draw: Draw, level: int) -> Problem:
    """Count permutations with a given number of fixed points."""
    n = draw.between(*((4, 6), (6, 8), (8, 12))[level])
    fixed = draw.between(0, n - 2)
    derangements = sum((-1) ** k * factorial(n - fixed) // factorial(k) for k in range(n - fixed + 1))
    told = f"In how many ways can ${n}$ people take one hat each from a pile of their ${n}$ hats so that"
    asked = (
        "nobody gets the right hat?"
        if not fixed
        else f"exactly ${fixed}$ of them get{'s' if fixed == 1 else ''} the right hat?"
    )
    return Problem(f"{told} {asked}", str(comb(n, fixed) * derangements))


def distributions(draw: Draw, level: int) -> Problem:
    """Put different objects into boxes, none of them empty."""
    n, k = draw.between(*((4, 10), (6, 12), (7, 14))[level]), draw.between(*((2, 4), (3, 5), (4, 6))[level])
    onto = sum((-1) ** j * comb(k, j) * (k - j) ** n for j in range(k + 1))
    if level == 2 and draw.chance(0.5):
        told = f"In how many ways can ${n}$ different books be divided into ${k}$ groups that are not empty,"
        return Problem(f"{told} where the order of the groups does not matter?", str(onto // factorial(k)))
    told = f"In how many ways can ${n}$ different books be given to ${k}$ children so that every child gets"
    return Problem(f"{told} at least one?", str(onto))


def numerals(draw: Draw, level: int) -> Problem:
    """Count whole numbers by their digits."""
    size = draw.between(3, (5, 6, 6)[level])
    told = f"How many ${size}$-digit positive integers"
    if level == 0:
        digit, choice = draw.between(1, 9), draw.below(3)
        if choice == 0:
            return Problem(f"{told} have no two equal digits?", str(9 * perm(9, size - 1)))
        if choice == 1:
            return Problem(f"{told} contain no digit ${digit}$?", str(8 * 9 ** (size - 1)))
        return Problem(
            f"{told} contain the digit ${digit}$ at least once?",
            str(9 * 10 ** (size - 1) - 8 * 9 ** (size - 1)),
        )
    if level == 1:
        digit, choice = draw.between(1, 9), draw.below(3)
        if choice == 0:
            # Those that end with 0, and those that end with 2, 4, 6 or 8.
            count = perm(9, size - 1) + 4 * 8 * perm(8, size - 2)
            return Problem(f"{told} are even and have no two equal digits?", str(count))
        if choice == 1:
            count = 8 * (size - 1) * 9 ** (size - 2) + 9 ** (size - 1)
            return Problem(f"{told} contain the digit ${digit}$ exactly once?", str(count))
        count = comb(9, size) + comb(9, size - 1) + comb(9, size)
        return Problem(
            f"{told} have digits that strictly increase, or strictly decrease, from left to right?",
            str(count),
        )
    total = draw.between(5, 20)
    return Problem(f"{told} have the digit sum ${total}$?", str(_with_sum(size, total)))


def _with_sum(size: int, total: int) -> int:
    @cache
    def count(places: int, rest: int) -> int:
        if not places:
            return rest == 0
        return sum(count(places - 1, rest - digit) for digit in range(min(9, rest) + 1))

    return sum(count(size - 1, total - first) for first in range(1, min(9, total) + 1))


def staircases(draw: Draw, level: int) -> Problem:
    """Count compositions with given parts."""
    n = draw.between(*((6, 14), (8, 16), (10, 18))[level])
    steps = (
        tuple(sorted(draw.sample((1, 2, 3, 4, 5), 2 + (level > 0))))
        if level
        else draw.pick(((1, 2), (1, 3), (2, 3)))
    )
    ways = [1]
    for height in range(1, n + 1):
        ways.append(sum(ways[height - step] for step in steps if step <= height))
    given = f"{', '.join(f'${step}$' for step in steps[:-1])} or ${steps[-1]}$"
    told = f"In how many ways can one climb a staircase of ${n}$ steps, if each move goes up {given} steps"
    return Problem(f"{told} and the order of the moves matters?", str(ways[n]))


def binomial_coefficient(draw: Draw, level: int) -> Problem:
    """Find a coefficient of a power of a sum."""
    n = draw.between(*((4, 7), (5, 9), (5, 8))[level])
    p, q = draw.between(1, 4), draw.pick((-3, -2, -1, 1, 2, 3))
    if level < 2:
        k = draw.between(2, n - 2)
        power = f"({joined([times(p, 'x'), times(q, 'y')])})^{n}"
        asked = f"What is the coefficient of $x^{k} y^{n - k}$ in the expansion of ${power}$?"
        return Problem(asked, str(comb(n, k) * p**k * q ** (n - k)))
    i, j = draw.between(1, n - 3), draw.between(1, 2)
    k = n - i - j
    power = f"({joined([times(p, 'x'), times(q, 'y'), 'z'])})^{n}"
    asked = f"What is the coefficient of $x^{i} y^{j} z^{k}$ in the expansion of ${power}$?"
    return Problem(asked, str(factorial(n) // factorial(i) // factorial(j) // factorial(k) * p**i * q**j))


def colourings(draw: Draw, level: int) -> Problem:
    """Colour the edges or corners of a figure."""
    colours, n = draw.between(3, 9), draw.between(4, (9, 10, 10)[level])
    if level == 0:
        told = (
            f"A row of ${n}$ houses is painted with ${colours}$ available colours, one colour for each house."
        )
        asked = "In how many ways can this be done so that no two neighbouring houses get the same colour?"
        return Problem(f"{told} {asked}", str(colours * (colours - 1) ** (n - 1)))
    if level == 1:
        told = f"The corners of a fixed ${n}$-gon are coloured with ${colours}$ available colours."
        asked = "In how many ways can this be done so that corners joined by a side get different colours?"
        return Problem(f"{told} {asked}", str((colours - 1) ** n + (-1) ** n * (colours - 1)))
    n, colours = draw.pick((3, 5, 7, 11)), draw.between(2, 9)
    told = f"A necklace is a ring of ${n}$ beads, each in one of ${colours}$ colours. Two necklaces are the same if"
    asked = "a rotation turns one into the other. How many different necklaces are there?"
    return Problem(f"{told} {asked}", str((colours**n + (n - 1) * colours) // n))


TEMPLATES: tuple[Template, ...] = (
    committee,
    anagrams,
    integer_sums,
    lattice_paths,
    seating,
    sparse_subsets,
    hats,
    distributions,
    numerals,
    staircases,
    binomial_coefficient,
    colourings,
)
