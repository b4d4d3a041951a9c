"""Solvers for number theory and combinatorics: by trying, or by other recurrences."""

from __future__ import annotations

import math
import re
from functools import cache
from itertools import combinations, permutations, product

import sympy
from envs.math_solving import chunks, integers

MOST = 300_000


# Number theory


def common_divisor(problem):
    a, b = integers(problem.question)
    if "divisor" in problem.question:
        return max(d for d in range(1, min(a, b) + 1) if a % d == b % d == 0)
    return next(m for m in range(a, a * b + 1, a) if m % b == 0)


def power_remainder(problem):
    base, exponent = map(int, re.search(r"\$(\d+)\^\{(\d+)\}\$", problem.question).groups())
    rest, (modulus,) = 1, integers(problem.question)
    for _ in range(exponent):
        rest = rest * base % modulus
    return rest


def divisors(problem):
    (n,) = integers(problem.question)
    found = sympy.divisors(n)
    if "odd" in problem.question:
        return sum(d % 2 for d in found)
    return sum(found) if "sum" in problem.question else len(found)


def trailing_zeros(problem):
    n = int(re.search(r"\$(\d+)!\$", problem.question)[1])
    factorial, prime = math.factorial(n), re.search(r"\$(\d+)\^k\$", problem.question)
    divisor, count = int(prime[1]) if prime else 10, 0
    while factorial % divisor == 0:
        factorial, count = factorial // divisor, count + 1
    return count


def remainders(problem):
    n = integers(problem.question)
    pairs = list(zip(n[::2], n[1::2], strict=True))
    return next(k for k in range(1, 10**6) if all(k % m == rest for rest, m in pairs))


def congruence(problem):
    a, b, m = map(int, re.search(r"(\d+)x \\equiv (\d+) \\pmod\{(\d+)\}", problem.question).groups())
    (only,) = [x for x in range(m) if a * x % m == b]
    return only


def other_base(problem):
    written = re.search(r"\$(\d+)_\{(\d+)\}\$", problem.question)
    if written:
        return int(written[1], int(written[2]))
    n, _, base = integers(problem.question)
    total = 0
    while n:
        n, digit = divmod(n, base)
        total += digit
    return total


def payments(problem):
    a, b, total = map(int, re.search(r"\$(\d+)x \+ (\d+)y = (\d+)\$", problem.question).groups())
    first = 0 if "non-negative" in problem.question else 1
    return sum(
        a * x + b * y == total
        for y in range(first, total // b + 1)
        for x in [(total - b * y) // a]
        if x >= first
    )


def totient(problem):
    _, n, _, _ = integers(problem.question)
    return sum(math.gcd(k, n) == 1 for k in range(1, n + 1)) if n < MOST else sympy.totient(n)


def multiples(problem):
    _, most, *given = integers(problem.question)
    hit = sum(any(k % d == 0 for d in given) for k in range(1, most + 1))
    return most - hit if "not divisible" in problem.question else hit


def order(problem):
    base = int(re.search(r"\$(\d+)\^n - 1\$", problem.question)[1])
    (modulus,) = integers(problem.question)
    return next(n for n in range(1, modulus) if (base**n - 1) % modulus == 0)


def stamps(problem):
    a, b = integers(problem.question)
    made = {a * i + b * j for i in range(b + 1) for j in range(a + 1)}
    missing = [n for n in range(1, a * b) if n not in made]
    return max(missing) if "largest" in problem.question else len(missing)


# Combinatorics


def committee(problem):
    women, men, size, least = integers(problem.question)
    if math.comb(women + men, size) > MOST:
        return None
    count = 0
    for chosen in combinations(range(women + men), size):
        number = sum(person < women for person in chosen)
        good = number == least if "exactly" in problem.question else number >= least
        count += good and not ("Ada" in problem.question and 0 in chosen and 1 in chosen)
    return count


def anagrams(problem):
    word = re.search(r"word ([A-Z]+)", problem.question)[1]
    letter = re.search(r"letters ([A-Z]) stand", problem.question)
    kinds = sorted(set(word))

    # Letter by letter; the state is what is left, the last letter and whether the run of the letter has ended.
    @cache
    def count(left, last, ended):
        if not any(left):
            return 1
        total = 0
        for place, kind in enumerate(kinds):
            if not left[place]:
                continue
            if letter and kind == letter[1]:
                if "no two" in problem.question and last == kind:
                    continue
                if "do all" in problem.question and ended:
                    continue
            over = ended or bool(letter and last == letter[1] and kind != letter[1])
            total += count((*left[:place], left[place] - 1, *left[place + 1 :]), kind, over)
        return total

    return count(tuple(word.count(kind) for kind in kinds), "", False)


def integer_sums(problem):
    equation = next(chunk for chunk in chunks(problem.question) if "=" in chunk)
    parts, total = equation.count("x_"), int(equation.split(" = ")[1])
    between = re.search(r"0 \\le x_i \\le (\d+)", problem.question)
    least = 0 if between else int(re.search(r"x_i \\ge (\d+)", problem.question)[1])
    most = int(between[1]) if between else total
    ways = {0: 1}
    for _ in range(parts):
        longer: dict[int, int] = {}
        for reached, count in ways.items():
            for part in range(least, most + 1):
                longer[reached + part] = longer.get(reached + part, 0) + count
        ways = longer
    return ways.get(total, 0)


def lattice_paths(problem):
    places = [tuple(map(int, found)) for found in re.findall(r"\$\((\d+), (\d+)\)\$", problem.question)]
    _, end, *special = places
    ways: dict[tuple[tuple[int, int], bool], int] = {}
    for x, y in product(range(end[0] + 1), range(end[1] + 1)):
        for touched in (False, True):
            if (x, y) == (0, 0):
                count = int(not touched)
            else:
                before = [(x - 1, y), (x, y - 1)]
                if (x, y) in special:
                    count = sum(ways.get((p, t), 0) for p in before for t in (False, True)) if touched else 0
                else:
                    count = sum(ways.get((p, touched), 0) for p in before)
            ways[(x, y), touched] = count
    missed, hit = ways[end, False], ways[end, True]
    return (
        hit
        if "pass through" in problem.question
        and "not" not in problem.question
        and "neither" not in problem.question
        else missed
    )


def seating(problem):
    n, *_, k = [*integers(problem.question), 2] if "Ben" in problem.question else integers(problem.question)
    if n > 8:
        return None
    count = 0
    if "row" in problem.question:
        for seats in permutations(range(n)):
            places = sorted(seats.index(person) for person in range(k))
            count += places[-1] - places[0] == k - 1
        return count
    for rest in permutations(range(1, n)):
        seats = (0, *rest)
        marked = [person < k for person in seats]
        joints = sum(marked[place] and marked[place - 1] for place in range(n))
        count += joints == k - 1 if "must sit" in problem.question else joints == 0
    return count


def sparse_subsets(problem):
    n = int(re.search(r"ldots, (\d+)", problem.question)[1])
    given = integers(problem.question)
    gap = given[1] if "differ by" in problem.question else 2

    # How many subsets of the integers from a number on have so many elements; None for any number.
    @cache
    def count(first, size):
        if size == 0 or first > n:
            return int(size in (0, None))
        return count(first + 1, size) + count(first + gap, None if size is None else size - 1)

    return count(1, given[0] if given else None)


def hats(problem):
    n = integers(problem.question)[0]
    if n > 8:
        return None
    right = 0 if "nobody" in problem.question else integers(problem.question)[2]
    return sum(sum(a == b for a, b in enumerate(hat)) == right for hat in permutations(range(n)))


def distributions(problem):
    n, k = integers(problem.question)

    # Book by book: how many boxes have something already.
    @cache
    def count(books, used, ordered):
        if not books:
            return int(used == k)
        fresh = (k - used) if ordered else 1
        return used * count(books - 1, used, ordered) + (
            fresh * count(books - 1, used + 1, ordered) if used < k else 0
        )

    return count(n, 0, "children" in problem.question)


def numerals(problem):
    size, *digit = integers(problem.question)
    if size > 5:
        return None

    def good(text):
        if "digit sum" in problem.question:
            return sum(map(int, text)) == digit[0]
        if "strictly" in problem.question:
            return list(text) == sorted(set(text)) or list(text) == sorted(set(text), reverse=True)
        if "no two equal" in problem.question:
            return len(set(text)) == size and ("even" not in problem.question or int(text) % 2 == 0)
        times = text.count(str(digit[0]))
        return (
            times == 0
            if "no digit" in problem.question
            else times == 1
            if "once?" in problem.question and "exactly" in problem.question
            else times > 0
        )

    return sum(good(str(n)) for n in range(10 ** (size - 1), 10**size))


def staircases(problem):
    n, *steps = integers(problem.question)
    x = sympy.Symbol("x")
    return sympy.series(1 / (1 - sum(x**step for step in steps)), x, 0, n + 1).removeO().coeff(x, n)


def binomial_coefficient(problem):
    monomial, power = chunks(problem.question)
    inside, n = re.fullmatch(r"\((.+)\)\^(\d+)", power).groups()
    names = sympy.symbols("x y z")
    terms = dict(re.findall(r"([xyz])\^(\d+)", monomial))
    base = sympy.sympify(re.sub(r"(\d)([xyz])", r"\1*\2", inside))
    return sympy.Poly(base ** int(n), *names).coeff_monomial(
        sympy.prod([s ** int(terms.get(s.name, 0)) for s in names])
    )


def colourings(problem):
    found = re.search(r"\$(\d+)\$-gon", problem.question)
    numbers = integers(problem.question)
    n, colours = (int(found[1]), numbers[-1]) if found else numbers[:2]
    if "row" in problem.question:
        ways = [1] * colours
        for _ in range(n - 1):
            ways = [sum(ways) - own for own in ways]
        return sum(ways)
    if colours**n > MOST:
        return None
    rings = product(range(colours), repeat=n)
    if "necklace" in problem.question:
        return len({min(ring[k:] + ring[:k] for k in range(n)) for ring in rings})
    return sum(all(ring[k] != ring[k - 1] for k in range(n)) for ring in rings)


SOLVERS = {
    solver.__name__: solver
    for solver in (
        *(
            common_divisor,
            power_remainder,
            divisors,
            trailing_zeros,
            remainders,
            congruence,
            other_base,
            payments,
        ),
        *(totient, multiples, order, stamps, committee, anagrams, integer_sums, lattice_paths, seating),
        *(sparse_subsets, hats, distributions, numerals, staircases, binomial_coefficient, colourings),
    )
}
