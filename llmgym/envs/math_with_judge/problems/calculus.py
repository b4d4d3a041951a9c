"""Derivatives, areas, volumes, limits, series and differential equations."""

from __future__ import annotations

from fractions import Fraction
from math import factorial

from llmgym.envs.math_with_judge.problems.latex import (
    Number,
    joined,
    number,
    pi_times,
    point,
    polynomial,
    surd,
    surd_sum,
    times,
)
from llmgym.envs.math_with_judge.problems.polynomials import derivative, integral, multiply, value
from llmgym.envs.math_with_judge.problems.problem import Draw, Problem, Template

__all__ = ["TEMPLATES"]


def _nonzero(draw: Draw, most: int) -> int:
    return draw.between(1, most) * draw.pick((-1, 1))


def slope(draw: Draw, level: int) -> Problem:
    """Evaluate the derivative of a polynomial or a rational function."""
    at = _nonzero(draw, 4)
    f: list[Number] = [_nonzero(draw, 6) for _ in range(3 + (level > 0))]
    if level < 2:
        told = f"Let $f(x) = {polynomial(f)}$."
        return Problem(f"{told} Find $f'({at})$.", number(value(derivative(f), at)))
    while True:
        bottom: list[Number] = [draw.between(1, 4), _nonzero(draw, 9)]
        under = value(bottom, at)
        if under and value(multiply(f[1:], [1]), Fraction(-bottom[1], bottom[0])):
            break
    top = f[1:]
    answer = (value(derivative(top), at) * under - value(top, at) * bottom[0]) / under**2
    told = f"Let $$f(x) = \\frac{{{polynomial(top)}}}{{{polynomial(bottom)}}}.$$"
    return Problem(f"{told} Find $f'({at})$.", number(answer))


def product_rule(draw: Draw, level: int) -> Problem:
    """Differentiate a power times an exponential function."""
    n, k = draw.between(2, (6, 6, 7)[level]), draw.pick((-1, 1)) * draw.between(2, (6, 7, 9)[level])
    a = draw.between(2, 9) if level else 1
    f = f"{times(a, f'x^{n}')} e^{{{k}x}}"
    if level == 2:
        inside = polynomial([a * k * k, 2 * a * n * k, a * n * (n - 1)])
        power = "" if n == 2 else "x" if n == 3 else f"x^{n - 2}"
        asked, answer = "f''(x)", f"{power}({inside}) e^{{{k}x}}"
    else:
        power = "x" if n == 2 else f"x^{n - 1}"
        asked, answer = "f'(x)", f"{power}({polynomial([a * k, a * n])}) e^{{{k}x}}"
    return Problem(f"For $f(x) = {f}$, find ${asked}$.", answer)


def tangent_line(draw: Draw, level: int) -> Problem:
    """Find the equation of a tangent."""
    f: list[Number] = [_nonzero(draw, 4), *[_nonzero(draw, 9) for _ in range(2 + level)]]
    at: Number = _nonzero(draw, 3) if level < 2 else Fraction(_nonzero(draw, 5), 2)
    m = value(derivative(f), at)
    line = polynomial([m, value(f, at) - m * at])
    told = f"Find the equation of the tangent to the curve $y = {polynomial(f)}$ at the point with $x = {number(at)}$."
    return Problem(f"{told} Solve it for $y$.", f"y = {line}")


def area_under(draw: Draw, level: int) -> Problem:
    """Find the area between a curve that lies above the axis, and the axis."""
    low = draw.between(0, 2)
    high = low + draw.between(1, (3, 4, 5)[level])
    f: list[Number] = [draw.between(1, 5) for _ in range(2 + level)]
    whole = integral(f)
    area = value(whole, high) - value(whole, low)
    told = f"Find the area of the region below the curve $y = {polynomial(f)}$ and above the $x$-axis"
    return Problem(f"{told}, between $x = {low}$ and $x = {high}$.", number(area))


def area_between(draw: Draw, level: int) -> Problem:
    """Find the area between a parabola and a line, or between two parabolas."""
    a = draw.between(1, (1, 3, 5)[level])
    low, high = (Fraction(n, 1 + (level == 2)) for n in sorted(draw.sample(range(-6, 7), 2)))
    m, c = _nonzero(draw, 6), _nonzero(draw, 9)
    e = -draw.between(1, 3) if level == 2 else 0
    # The difference of the two curves has its roots at low and high.
    gap: list[Number] = [a, -a * (low + high), a * low * high]
    upper: list[Number] = [e, m, c]
    under = [gap[0] + e, gap[1] + m, gap[2] + c]
    first, second = polynomial(under), polynomial(upper)
    area = a * (high - low) ** 3 / 6
    return Problem(f"Find the area of the region enclosed by $y = {first}$ and $y = {second}$.", number(area))


def logarithmic_area(draw: Draw, level: int) -> Problem:
    """Find an area under a hyperbola or an exponential curve."""
    k = draw.between(2, 12)
    if level == 0:
        low, ratio = draw.between(1, 5), draw.between(2, 7)
        told = f"Find the exact area of the region under the graph of $y = \\frac{{{k}}}{{x}}$"
        answer = times(k, f"\\ln {ratio}")
        return Problem(f"{told} from $x = {low}$ to $x = {low * ratio}$.", answer)
    rate = draw.between(2, 6)
    if level == 1:
        stop = draw.between(2, 9)
        told = f"Find the exact area of the region under the graph of $y = {k} e^{{{rate}x}}$"
        answer = _scaled(Fraction(k, rate), f"e^{{{rate * stop}}} - 1")
        return Problem(f"{told} from $x = 0$ to $x = {stop}$.", answer)
    bottom, stop = draw.between(1, 4), draw.between(2, 20)
    ratio_part = Fraction(stop + bottom, bottom)
    told = (
        f"Find the exact area under the graph of $y = \\frac{{{k}}}{{{polynomial([rate, bottom * rate])}}}$"
    )
    whole = ratio_part.denominator == 1
    inside = f"\\ln {ratio_part}" if whole else f"\\ln\\left({number(ratio_part)}\\right)"
    answer = times(Fraction(k, rate), inside)
    return Problem(f"{told} from $x = 0$ to $x = {stop}$.", answer)


def extremum(draw: Draw, level: int) -> Problem:
    """Find an extreme value or where it is taken."""
    if level == 0:
        a, b = draw.between(2, 20), draw.between(1, 9)
        told = f"What is the smallest value of ${times(b, 'x')} + \\frac{{{a}}}{{x}}$ for $x > 0$?"
        return Problem(told, surd(2, a * b))
    if level == 1:
        a, k = draw.between(2, 9), draw.between(2, 9)
        n = draw.between(2, 5)
        told = f"At which $x > 0$ does $f(x) = {times(a, f'x^{n}')} e^{{-{k}x}}$ take its largest value?"
        return Problem(told, number(Fraction(n, k)))
    while True:
        a, b, c = draw.between(1, 3), _nonzero(draw, 6), -draw.between(1, 9)
        spread = b * b - 3 * a * c
        if spread > 0:
            break
    told = f"At which $x$ does $f(x) = {polynomial([a, b, c, _nonzero(draw, 9)])}$ have its local minimum?"
    return Problem(told, surd_sum(Fraction(-b, 3 * a), Fraction(1, 3 * a), spread))


def fence(draw: Draw, level: int) -> Problem:
    """Find the largest area or volume under a constraint."""
    if level == 0:
        length = 2 * draw.between(11, 99)
        told = f"A rectangular field borders a straight river. Its other three sides take ${length}$ metres of fence."
        return Problem(
            f"{told} What is its largest possible area in square metres?", number(Fraction(length**2, 8))
        )
    if level == 1:
        side = draw.between(5, 60)
        told = f"Equal squares are cut from the corners of a square sheet with side ${side}$, and the flaps are folded up."
        volume = Fraction(2 * side**3, 27)
        return Problem(f"{told} What is the largest possible volume of the open box?", number(volume))
    radius, height = draw.between(2, 9), draw.between(3, 20)
    told = f"A cylinder is inscribed in a cone with base radius ${radius}$ and height ${height}$, on the same axis."
    return Problem(
        f"{told} What is its largest possible volume?", pi_times(Fraction(4 * radius**2 * height, 27))
    )


def limit_value(draw: Draw, level: int) -> Problem:
    """Find what a quotient of two vanishing functions approaches."""
    a, b = draw.sample(range(2, 13), 2)
    if level == 0:
        c = _nonzero(draw, 9)
        top = polynomial(multiply([1, -c], [a, b]))
        told = f"What does $\\frac{{{top}}}{{{polynomial([1, -c])}}}$ approach as $x$ tends to ${c}$?"
        return Problem(told, number(a * c + b))
    top, bottom, answer = draw.pick(
        (
            (f"\\sin({a}x)", f"{b}x", Fraction(a, b)),
            (f"e^{{{a}x}} - 1", f"\\sin({b}x)", Fraction(a, b)),
            (f"\\ln(1 + {a}x)", f"e^{{{b}x}} - 1", Fraction(a, b)),
        )
        if level == 1
        else (
            (f"1 - \\cos({a}x)", f"{b}x^2", Fraction(a * a, 2 * b)),
            (f"e^{{{a}x}} - 1 - {a}x", f"\\sin^2({b}x)", Fraction(a * a, 2 * b * b)),
            (f"{a}x - \\sin({a}x)", f"{b}x^3", Fraction(a**3, 6 * b)),
            (f"\\cos({a}x) - \\cos({b}x)", "x^2", Fraction(b * b - a * a, 2)),
        )
    )
    return Problem(f"What does $\\frac{{{top}}}{{{bottom}}}$ approach as $x$ tends to $0$?", number(answer))


def initial_value(draw: Draw, level: int) -> Problem:
    """Recover a function from its derivative and one value."""
    f: list[Number] = [_nonzero(draw, 9) for _ in range(2 + level)]
    at, known, asked = draw.between(0, 2), _nonzero(draw, 20), draw.between(3, 5)
    whole = integral(f)
    answer = known + value(whole, asked) - value(whole, at)
    told = f"A function has derivative $f'(x) = {polynomial(f)}$, and $f({at}) = {known}$."
    return Problem(f"{told} Find $f({asked})$.", number(answer))


def taylor_coefficient(draw: Draw, level: int) -> Problem:
    """Find a coefficient of a power series."""
    a, n = draw.between(2, 9), draw.between(3, (5, 6, 6)[level])
    if level == 0:
        f, answer = f"e^{{{a}x}}", Fraction(a**n, factorial(n))
    elif level == 1:
        f, answer = draw.pick(
            (
                (f"\\ln(1 + {a}x)", Fraction((-1) ** (n + 1) * a**n, n)),
                (f"\\frac{{1}}{{(1 - {a}x)^2}}", Fraction((n + 1) * a**n)),
            )
        )
    else:
        b = draw.between(2, 5)
        # The product of two power series.
        total = sum(Fraction(a**k, factorial(k)) * b ** (n - k) for k in range(n + 1))
        f, answer = f"\\frac{{e^{{{a}x}}}}{{1 - {b}x}}", Fraction(total)
    return Problem(
        f"What is the coefficient of $x^{n}$ in the power series of ${f}$ about $x = 0$?", number(answer)
    )


def revolution(draw: Draw, level: int) -> Problem:
    """Find the volume of a solid of revolution."""
    f: list[Number] = [draw.between(1, 4), *[draw.between(0, 5) for _ in range(1 + (level == 2))]]
    low = 0 if level == 0 else draw.between(0, 2)
    high = low + draw.between(1, 3)
    whole = integral(multiply(f, f))
    volume = value(whole, high) - value(whole, low)
    told = f"The region between $y = {polynomial(f)}$ and the $x$-axis, from $x = {low}$ to $x = {high}$,"
    return Problem(f"{told} is rotated about the $x$-axis. Find the volume of the solid.", pi_times(volume))


def growth(draw: Draw, level: int) -> Problem:
    """Solve a linear differential equation with an initial value."""
    k, start = _nonzero(draw, 6), draw.between(2, 20)
    rate = times(k, "y(t)")
    if level == 0:
        told = f"A function satisfies $y'(t) = {rate}$ and $y(0) = {start}$."
        return Problem(f"{told} Find $y(t)$ in terms of $t$.", f"{start} e^{{{times(k, 't')}}}")
    if level == 1:
        c = _nonzero(draw, 12)
        rest = Fraction(-c, k)
        told = f"A function satisfies $y'(t) = {joined([rate, str(c)])}$ and $y(0) = {start}$."
        scale = start - rest
        grown = "0" if not scale else _scaled(scale, f"e^{{{times(k, 't')}}}")
        return Problem(f"{told} Find $y(t)$ in terms of $t$.", joined([grown, number(rest)]))
    r, s = draw.sample([n for n in range(-4, 5) if n], 2)
    # The general solution is A e^(rt) + B e^(st).
    p, q = _nonzero(draw, 6), _nonzero(draw, 6)
    equation = joined(["y''(t)", times(-(r + s), "y'(t)"), times(r * s, "y(t)")])
    told = f"A function satisfies ${equation} = 0$, $y(0) = {p + q}$ and $y'(0) = {p * r + q * s}$."
    terms = [_scaled(p, f"e^{{{times(r, 't')}}}"), _scaled(q, f"e^{{{times(s, 't')}}}")]
    return Problem(f"{told} Find $y(t)$ in terms of $t$.", joined(terms))


def turning_points(draw: Draw, level: int) -> Problem:
    """Find where the graph of a cubic turns or bends."""
    a, b = draw.sample([n for n in range(-5, 6) if n], 2)
    scale = (1, 1, draw.between(2, 3))[level]
    # The derivative is 6 * scale * (x - a)(x - b).
    cubic: list[Number] = [2 * scale, -3 * scale * (a + b), 6 * scale * a * b, _nonzero(draw, 9)]
    told = f"Consider the graph of $y = {polynomial(cubic)}$."
    if level == 0:
        low, high = sorted((a, b))
        return Problem(f"{told} At which two values of $x$ is its tangent horizontal?", f"{low}, {high}")
    at: Number = Fraction(a + b, 2) if level == 2 else max(a, b)
    asked = (
        "Find its point of inflection." if level == 2 else "Find the point where it has its local minimum."
    )
    return Problem(f"{told} {asked}", point(at, value(cubic, at)))


def _scaled(factor: Number, expression: str) -> str:
    """Write a factor before an exponential, in brackets if it is a difference."""
    inner = f"({expression})" if " " in expression else expression
    if abs(factor) == 1:
        return expression if factor == 1 else f"-{inner}"
    return f"{number(factor)} {inner}"


TEMPLATES: tuple[Template, ...] = (
    slope,
    product_rule,
    tangent_line,
    area_under,
    area_between,
    logarithmic_area,
    extremum,
    fence,
    limit_value,
    initial_value,
    taylor_coefficient,
    revolution,
    growth,
    turning_points,
)
