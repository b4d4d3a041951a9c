"""Equations, inequalities, series, polynomials, complex numbers and matrices."""

from __future__ import annotations

from fractions import Fraction

from llmgym.envs.math_with_judge.problems.latex import (
    Number,
    joined,
    matrix,
    number,
    point,
    polynomial,
    surd_sum,
    times,
)
from llmgym.envs.math_with_judge.problems.polynomials import add, multiply, value
from llmgym.envs.math_with_judge.problems.problem import Draw, Problem, Template

__all__ = ["TEMPLATES"]


def _nonzero(draw: Draw, most: int) -> int:
    return draw.between(1, most) * draw.pick((-1, 1))


def linear_equation(draw: Draw, level: int) -> Problem:
    """Solve a linear equation in one unknown."""
    a, c = draw.sample(range(2, (8, 12, 20)[level]), 2)
    b, d = _nonzero(draw, (9, 15, 25)[level]), _nonzero(draw, (9, 30, 60)[level])
    if level == 0:
        equation, x = f"{polynomial([a, b])} = {d}", Fraction(d - b, a)
    elif level == 1:
        equation, x = f"{a}({polynomial([1, b])}) = {polynomial([c, d])}", Fraction(d - a * b, a - c)
    else:
        e = _nonzero(draw, 9)
        left = f"\\frac{{{polynomial([1, b])}}}{{{a}}} + \\frac{{{polynomial([1, d])}}}{{{c}}}"
        equation, x = (
            f"{left} = {e}",
            (e - Fraction(b, a) - Fraction(d, c)) / (Fraction(1, a) + Fraction(1, c)),
        )
    return Problem(f"For which number $x$ does $${equation}$$ hold?", number(x))


def larger_root(draw: Draw, level: int) -> Problem:
    """Find the larger root of a quadratic equation."""
    a = (1, draw.between(1, 3), draw.between(2, 7))[level]
    while True:
        b, c = _nonzero(draw, (6, 9, 15)[level]), _nonzero(draw, (6, 9, 15)[level])
        if b * b - 4 * a * c > 0:
            break
    root = surd_sum(Fraction(-b, 2 * a), Fraction(1, 2 * a), b * b - 4 * a * c)
    return Problem(f"Find the larger of the two solutions of ${polynomial([a, b, c])} = 0$.", root)


def solution_set(draw: Draw, level: int) -> Problem:
    """Find all real solutions of a polynomial equation."""
    places = draw.sample([n for n in range(-9, 10) if n], 2 + level)
    roots = [Fraction(n) for n in sorted(places)]
    product: list[Number] = [1]
    if level:
        roots[0] = Fraction(places[0] * 2 + 1, 2)
    for root in roots:
        product = multiply(product, [root.denominator, -root.numerator])
    answer = ", ".join(number(root) for root in sorted(roots))
    asked = "Find all real numbers $x$ with"
    return Problem(f"{asked} $${polynomial(product)} = 0.$$ List them separated by commas.", answer)


def linear_system(draw: Draw, level: int) -> Problem:
    """Solve a system of linear equations."""
    size = 3 if level == 2 else 2
    names = "xyz"[:size]
    while True:
        solution = [Fraction(_nonzero(draw, 9), draw.pick((1, 1, 2, 3)) if level == 1 else 1) for _ in names]
        rows = [[_nonzero(draw, (5, 9, 6)[level]) for _ in names] for _ in names]
        totals = [sum((a * x for a, x in zip(row, solution, strict=True)), Fraction(0)) for row in rows]
        if (
            _determinant(rows)
            and all(total.denominator == 1 for total in totals)
            and len(set(solution)) == size
        ):
            break
    equations = [
        joined([times(a, name) for a, name in zip(row, names, strict=True)]) + f" = {total}"
        for row, total in zip(rows, totals, strict=True)
    ]
    given = ", ".join(f"${equation}$" for equation in equations[:-1]) + f" and ${equations[-1]}$"
    letters = ", ".join(names)
    asked = f"Find the {'triple' if size == 3 else 'pair'} $({letters})$ of real numbers that satisfies"
    return Problem(f"{asked} {given}.", point(*solution))


def symmetric_roots(draw: Draw, level: int) -> Problem:
    """Evaluate a symmetric expression in the roots of a polynomial."""
    a = (1, draw.between(2, 5), 1)[level]
    b, c = _nonzero(draw, 12), _nonzero(draw, 12)
    p, q = Fraction(-b, a), Fraction(c, a)
    if level < 2:
        asked, answer = draw.pick(
            (
                ("r^2 + s^2", p * p - 2 * q),
                ("\\frac{1}{r} + \\frac{1}{s}", p / q),
                ("\\frac{r}{s} + \\frac{s}{r}", (p * p - 2 * q) / q),
                ("r^3 + s^3", p**3 - 3 * p * q),
            )
        )
        told = f"Let $r$ and $s$ be the complex roots of ${polynomial([a, b, c])}$."
        return Problem(f"{told} Find ${asked}$.", number(answer))
    d = _nonzero(draw, 12)
    asked, answer = draw.pick(
        (
            ("r^2 + s^2 + t^2", Fraction(b * b - 2 * c)),
            ("\\frac{1}{r} + \\frac{1}{s} + \\frac{1}{t}", Fraction(-c, d)),
            ("r^3 + s^3 + t^3", Fraction(-(b**3) + 3 * b * c - 3 * d)),
            ("(r+1)(s+1)(t+1)", Fraction(1 - b + c - d)),
        )
    )
    told = f"Let $r$, $s$ and $t$ be the complex roots of ${polynomial([1, b, c, d])}$."
    return Problem(f"{told} Find ${asked}$.", number(answer))


def series(draw: Draw, level: int) -> Problem:
    """Sum an arithmetic or a geometric series."""
    first = draw.between(2, 20)
    if level == 0:
        step, count = draw.between(2, 12), draw.between(8, 40)
        total = Fraction(count * (2 * first + (count - 1) * step), 2)
        told = f"An arithmetic sequence begins with ${first}$ and has common difference ${step}$."
        return Problem(f"{told} What is the sum of its first ${count}$ terms?", number(total))
    if level == 1:
        ratio, count = draw.pick((-3, -2, 2, 3, 4)), draw.between(5, 10)
        total = Fraction(first * (ratio**count - 1), ratio - 1)
        told = f"A geometric sequence begins with ${first}$ and has common ratio ${ratio}$."
        return Problem(f"{told} What is the sum of its first ${count}$ terms?", number(total))
    bottom = draw.between(3, 12)
    ratio_part = Fraction(_nonzero(draw, bottom - 1), bottom)
    told = f"An infinite geometric series has first term ${first}$ and common ratio ${number(ratio_part)}$."
    return Problem(f"{told} What does it add up to?", number(first / (1 - ratio_part)))


def exponents(draw: Draw, level: int) -> Problem:
    """Solve an equation with powers or logarithms."""
    base = draw.pick((2, 3, 5))
    if level == 2:
        low, high = draw.sample(range(1, 5 if base > 2 else 8), 2)
        # The sum of the logarithms is low + high at the only x where both exist and that holds.
        x = base**low - _nonzero(draw, 20)
        first, second = (polynomial([1, base**power - x]) for power in (low, high))
        left = f"\\log_{{{base}}}({first}) + \\log_{{{base}}}({second})"
        return Problem(f"Find the real number $x$ with ${left} = {low + high}$.", str(x))
    power = draw.between(2, 3)
    while True:
        m, p, q, r = draw.between(1, 6), _nonzero(draw, 9), draw.between(1, 5), _nonzero(draw, 9)
        if m != power * q:
            break
    left = f"{base}^{{{polynomial([m, p])}}}"
    if level == 0:
        return Problem(
            f"Find the real number $x$ with ${left} = {base**power}$.", number(Fraction(power - p, m))
        )
    equation = f"{left} = {base**power}^{{{polynomial([q, r])}}}"
    return Problem(
        f"Find the real number $x$ with ${equation}$.", number(Fraction(power * r - p, m - power * q))
    )


def inequality(draw: Draw, level: int) -> Problem:
    """Solve an inequality; the answer is an interval or a union of two."""
    low, high = (Fraction(n, 1 + (level == 2)) for n in sorted(draw.sample(range(-12, 13), 2)))
    strict = draw.chance(0.5)
    if level == 0:
        a, up = draw.between(2, 9), draw.chance(0.5)
        b = _nonzero(draw, 9)
        sign = (">" if strict else "\\ge") if up else ("<" if strict else "\\le")
        bound = number(Fraction(high * a - b, a))
        answer = (
            f"{'(' if strict else '['}{bound}, \\infty)"
            if up
            else f"(-\\infty, {bound}{')' if strict else ']'}"
        )
        statement = f"{polynomial([a, b])} {sign} {high * a}"
    else:
        inside = draw.chance(0.5)
        sign = ("<" if strict else "\\le") if inside else (">" if strict else "\\ge")
        product = multiply([low.denominator, -low.numerator], [high.denominator, -high.numerator])
        statement = f"{polynomial(product)} {sign} 0"
        opening, closing = ("(", ")") if strict else ("[", "]")
        left, right = number(low), number(high)
        answer = f"{opening}{left}, {right}{closing}"
        if not inside:
            answer = f"(-\\infty, {left}{closing} \\cup {opening}{right}, \\infty)"
    return Problem(f"Find the set of all real numbers $x$ with ${statement}$, in interval notation.", answer)


def remainder(draw: Draw, level: int) -> Problem:
    """Find the remainder of a division of polynomials."""
    degree = 3 + level
    dividend: list[Number] = [draw.between(1, 4), *[draw.between(-9, 9) for _ in range(degree)]]
    a, b = draw.sample([n for n in range(-4, 5) if n], 2)
    at_a, at_b = value(dividend, a), value(dividend, b)
    slope = (at_a - at_b) / (a - b)
    divisor = polynomial(multiply([1, -a], [1, -b]))
    asked = f"What is the remainder when ${polynomial(dividend)}$ is divided by ${divisor}$?"
    return Problem(asked, polynomial(add([slope, at_a - slope * a], [0])))


def composition(draw: Draw, level: int) -> Problem:
    """Expand a composition of two functions."""
    f: list[Number] = [draw.between(2, 5), _nonzero(draw, 9)]
    g: list[Number] = [draw.between(1, 3), _nonzero(draw, 6), _nonzero(draw, 9)]
    if level == 2:
        f = [draw.between(1, 3), *f]
    inner, outer, asked = (g, f, "f(g(x))") if level != 1 else (f, g, "g(f(x))")
    result: list[Number] = [0]
    for coefficient in outer:
        result = add(multiply(result, inner), [coefficient])
    told = f"Let $f(x) = {polynomial(f)}$ and $g(x) = {polynomial(g)}$."
    return Problem(f"{told} Write ${asked}$ as a polynomial in $x$, in expanded form.", polynomial(result))


def complex_equation(draw: Draw, level: int) -> Problem:
    """Solve a linear equation over the complex numbers."""
    c, d = _nonzero(draw, (3, 6, 9)[level]), _nonzero(draw, (3, 6, 9)[level])
    a, b = _nonzero(draw, 12), _nonzero(draw, 12)
    if level == 0:
        p, q = _nonzero(draw, 5), _nonzero(draw, 5)
        a, b = c * p - d * q, c * q + d * p
    size = c * c + d * d
    real, imaginary = Fraction(a * c + b * d, size), Fraction(b * c - a * d, size)
    left = f"({joined([str(c), times(d, 'i')])})"
    right = joined([number(a), times(b, "i")])
    told = f"The complex number $z$ satisfies ${left} z = {right}$, where $i^2 = -1$."
    before = "" if abs(imaginary) == 1 else number(abs(imaginary))
    answer = joined([number(real), f"{'-' if imaginary < 0 else ''}{before}i" if imaginary else "0"])
    return Problem(f"{told} Find $z$ in the form $p + qi$ with real $p$ and $q$.", answer)


def radical_equation(draw: Draw, level: int) -> Problem:
    """Solve an equation with a square root, where one candidate is false."""
    if level == 0:
        a, b, k = draw.between(2, 9), _nonzero(draw, 20), draw.between(2, 12)
        return Problem(
            f"Solve $\\sqrt{{{polynomial([a, b])}}} = {k}$ for $x$.", number(Fraction(k * k - b, a))
        )
    while True:
        c = _nonzero(draw, (0, 6, 15)[level])
        root, false = -c + draw.between(1, (0, 9, 20)[level]), -c - draw.between(1, (0, 9, 20)[level])
        a, b = root + false + 2 * c, c * c - root * false
        if a:
            break
    equation = f"\\sqrt{{{polynomial([a, b])}}} = {polynomial([1, c])}"
    return Problem(f"Find the only real number $x$ with ${equation}$.", str(root))


def determinant(draw: Draw, level: int) -> Problem:
    """Find a determinant."""
    size, most = (2, 3, 3)[level], (12, 5, 12)[level]
    rows = [[draw.between(-most, most) for _ in range(size)] for _ in range(size)]
    return Problem(f"Let $$A = {matrix(rows)}.$$ Find the determinant of $A$.", str(_determinant(rows)))


def matrix_product(draw: Draw, level: int) -> Problem:
    """Multiply two matrices."""
    most = (4, 7, 9)[level]
    a, b = ([[draw.between(-most, most) for _ in range(2)] for _ in range(2)] for _ in range(2))
    product = _product(_product(a, a), b) if level == 2 else _product(a, b)
    told = f"Let $A = {matrix(a)}$ and $B = {matrix(b)}$."
    return Problem(f"{told} Find the matrix ${'A^2 B' if level == 2 else 'AB'}$.", matrix(product))


def _product(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
    columns = list(zip(*b, strict=True))
    return [[sum(x * y for x, y in zip(row, column, strict=True)) for column in columns] for row in a]


def _determinant(rows: list[list[int]]) -> int:
    if len(rows) == 1:
        return rows[0][0]
    minors = ([[*row[:place], *row[place + 1 :]] for row in rows[1:]] for place in range(len(rows)))
    return sum((-1) ** place * rows[0][place] * _determinant(minor) for place, minor in enumerate(minors))


TEMPLATES: tuple[Template, ...] = (
    linear_equation,
    larger_root,
    solution_set,
    linear_system,
    symmetric_roots,
    series,
    exponents,
    inequality,
    remainder,
    composition,
    complex_equation,
    radical_equation,
    determinant,
    matrix_product,
)
