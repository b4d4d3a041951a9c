"""Triangles, circles, solids and coordinates."""

from __future__ import annotations

from fractions import Fraction

from llmgym.envs.math_with_judge.problems.latex import (
    joined,
    number,
    pi_times,
    point,
    surd,
    surd_sum,
    times,
)
from llmgym.envs.math_with_judge.problems.problem import Draw, Problem, Template

__all__ = ["TEMPLATES"]

_TRIPLES = ((3, 4, 5), (5, 12, 13), (8, 15, 17), (7, 24, 25), (20, 21, 29), (9, 40, 41), (12, 35, 37))


def _nonzero(draw: Draw, most: int) -> int:
    return draw.between(1, most) * draw.pick((-1, 1))


def right_triangle(draw: Draw, level: int) -> Problem:
    """Find a length in a right triangle."""
    scale = draw.between(1, 12)
    a, b, c = (scale * n for n in draw.pick(_TRIPLES[: (3, 5, 7)[level]]))
    told = f"A right triangle has legs ${a}$ and ${b}$."
    if level == 0:
        return Problem(f"{told} How long is the altitude onto its hypotenuse?", number(Fraction(a * b, c)))
    if level == 1:
        asked = (
            "How far is the foot of the altitude onto the hypotenuse from the nearer end of the hypotenuse?"
        )
        return Problem(f"{told} {asked}", number(Fraction(min(a, b) ** 2, c)))
    # The bisector from the right angle.
    asked = "How long is the bisector of its right angle, from the right angle to the hypotenuse?"
    return Problem(f"{told} {asked}", surd(Fraction(a * b, a + b), 2))


def distance(draw: Draw, level: int) -> Problem:
    """Find a distance between two points."""
    size = 2 + (level > 0)
    most = (9, 9, 30)[level]
    p, q = ([draw.between(-most, most) for _ in range(size)] for _ in range(2))
    squared = sum((a - b) ** 2 for a, b in zip(p, q, strict=True))
    told = f"What is the distance between the points ${point(*p)}$ and ${point(*q)}$?"
    return Problem(f"{told} Simplify the square root, if there is one.", surd(1, squared))


def sector(draw: Draw, level: int) -> Problem:
    """Find an area or a length in a circle."""
    radius, angle = draw.between(3, (40, 20, 40)[level]), 15 * draw.between(1, 23)
    if level == 0:
        asked = f"What is the area of a circle with circumference ${pi_times(2 * radius)}$?"
        return Problem(asked, pi_times(radius**2))
    if level == 1:
        asked = f"What is the area of a sector with central angle ${angle}^\\circ$ of a circle with radius ${radius}$?"
        return Problem(asked, pi_times(Fraction(radius**2 * angle, 360)))
    angle = draw.pick((60, 90, 120))
    triangle = {60: surd(Fraction(-(radius**2), 4), 3), 90: number(Fraction(-(radius**2), 2))}
    triangle[120] = triangle[60]
    asked = f"A chord cuts a circle with radius ${radius}$. Seen from the centre, the chord spans ${angle}^\\circ$."
    answer = joined([pi_times(Fraction(radius**2 * angle, 360)), triangle[angle]])
    return Problem(f"{asked} What is the area of the smaller part that it cuts off?", answer)


def heron(draw: Draw, level: int) -> Problem:
    """Find the area or a radius of a triangle with given sides."""
    most = (9, 12, 20)[level]
    while True:
        a, b, c = (draw.between(3, most) for _ in range(3))
        if a + b > c and b + c > a and c + a > b:
            break
    # Sixteen times the square of the area.
    squared = (a + b + c) * (-a + b + c) * (a - b + c) * (a + b - c)
    told = f"A triangle has sides ${a}$, ${b}$ and ${c}$."
    if level < 2:
        return Problem(f"{told} What is its area?", surd(Fraction(1, 4), squared))
    if draw.chance(0.5):
        answer = surd(Fraction(1, 2 * (a + b + c)), squared)
        return Problem(f"{told} What is the radius of its inscribed circle?", answer)
    answer = surd(Fraction(a * b * c, squared), squared)
    return Problem(f"{told} What is the radius of its circumscribed circle?", answer)


def third_side(draw: Draw, level: int) -> Problem:
    """Use the law of cosines."""
    a, b = draw.sample(range(2, (9, 15, 30)[level]), 2)
    if level < 2:
        angle, double = draw.pick(((60, 1), (120, -1)))
        told = f"Two sides of a triangle have lengths ${a}$ and ${b}$, and the angle between them is ${angle}^\\circ$."
        return Problem(f"{told} How long is the third side?", surd(1, a * a + b * b - double * a * b))
    while True:
        c = draw.between(abs(a - b) + 1, a + b - 1)
        cosine = Fraction(a * a + b * b - c * c, 2 * a * b)
        if cosine:
            break
    told = f"A triangle has sides ${a}$, ${b}$ and ${c}$."
    return Problem(
        f"{told} What is the cosine of the angle between the sides ${a}$ and ${b}$?", number(cosine)
    )


def circle_equation(draw: Draw, level: int) -> Problem:
    """Read a circle off its equation."""
    p, q = (Fraction(_nonzero(draw, 9), 1 + (level == 2)) for _ in range(2))
    rest = draw.between(-12, 12)
    while p * p + q * q - rest <= 0:
        rest = draw.between(-12, 12)
    left = joined(["x^2", "y^2", times(-2 * p, "x"), times(-2 * q, "y"), str(rest)])
    told = f"A circle has the equation ${left} = 0$."
    if level == 0:
        return Problem(f"{told} Find its centre.", point(p, q))
    squared = p * p + q * q - rest
    top = squared.numerator * squared.denominator
    return Problem(f"{told} Find its radius.", surd(Fraction(1, squared.denominator), top))


def solids(draw: Draw, level: int) -> Problem:
    """Find the volume or the surface of a solid."""
    r = draw.between(2, (9, 15, 25)[level])
    h = draw.between(2, (9, 15, 25)[level])
    if level == 0:
        kind, share = draw.pick((("cone", Fraction(1, 3)), ("cylinder", Fraction(1))))
        told = f"What is the volume of a {kind} with base radius ${r}$ and height ${h}$?"
        return Problem(told, pi_times(share * r * r * h))
    if level == 1:
        scale = draw.between(1, 12)
        a, b, c = (scale * n for n in draw.pick(_TRIPLES[:4]))
        told = (
            f"A cone has base radius ${a}$ and height ${b}$. What is its total surface area, base included?"
        )
        return Problem(told, pi_times(a * (a + c)))
    top = draw.between(1, r - 1)
    told = f"A frustum of a cone has height ${h}$ and circular ends with radii ${r}$ and ${top}$."
    return Problem(f"{told} What is its volume?", pi_times(Fraction(h * (r * r + r * top + top * top), 3)))


def point_to_line(draw: Draw, level: int) -> Problem:
    """Find the distance from a point to a line or a plane."""
    size = 2 + (level == 2)
    while True:
        normal = [_nonzero(draw, (5, 9, 6)[level]) for _ in range(size)]
        place = [draw.between(-9, 9) for _ in range(size)]
        c = _nonzero(draw, 20)
        height = sum(a * x for a, x in zip(normal, place, strict=True)) + c
        if height:
            break
    squared = sum(a * a for a in normal)
    left = joined([*[times(a, name) for a, name in zip(normal, "xyz", strict=False)], str(c)])
    told = f"What is the distance from the point ${point(*place)}$ to the {'plane' if level == 2 else 'line'} ${left} = 0$?"
    return Problem(told, surd(Fraction(abs(height), squared), squared))


def polygon_area(draw: Draw, level: int) -> Problem:
    """Find the area of a polygon with given corners."""
    most = (6, 9, 15)[level]
    size = 4 if level == 2 else 3
    while True:
        ring = [(draw.between(-most, most), draw.between(-most, most)) for _ in range(size)]
        turns = [_cross(ring[place - 2], ring[place - 1], ring[place]) for place in range(size)]
        # Convex: it turns the same way at every corner.
        if all(turn > 0 for turn in turns) or all(turn < 0 for turn in turns):
            break
    twice = sum(a * d - b * c for (a, b), (c, d) in zip(ring, [*ring[1:], ring[0]], strict=True))
    given = ", ".join(f"${point(*corner)}$" for corner in ring[:-1]) + f" and ${point(*ring[-1])}$"
    shape = "quadrilateral" if level == 2 else "triangle"
    asked = f"What is the area of the {shape} whose corners are, in this order, {given}?"
    return Problem(asked, number(Fraction(abs(twice), 2)))


def _cross(one: tuple[int, int], two: tuple[int, int], three: tuple[int, int]) -> int:
    return (two[0] - one[0]) * (three[1] - two[1]) - (two[1] - one[1]) * (three[0] - two[0])


def regular_polygon(draw: Draw, level: int) -> Problem:
    """Find an angle, a diagonal or an area of a regular polygon."""
    if level == 0:
        n = draw.pick((5, 6, 8, 9, 10, 12, 15, 16, 18, 20, 24, 25, 30, 32, 36, 40, 45, 48, 50, 60, 72, 90))
        asked = f"How many degrees does each interior angle of a regular ${n}$-gon have?"
        return Problem(asked, number(180 - Fraction(360, n)))
    side = draw.between(2, 20)
    if level == 1:
        shape, factor = draw.pick((("hexagon", Fraction(3, 2)), ("triangle", Fraction(1, 4))))
        return Problem(
            f"What is the area of a regular {shape} with side ${side}$?", surd(factor * side * side, 3)
        )
    kind = draw.below(3)
    if kind == 0:
        return Problem(
            f"What is the area of a regular octagon with side ${side}$?",
            surd_sum(2 * side**2, 2 * side**2, 2),
        )
    if kind == 1:
        asked = f"How long is a diagonal of a regular pentagon with side ${side}$?"
        return Problem(asked, surd_sum(Fraction(side, 2), Fraction(side, 2), 5))
    asked = f"What is the area of a regular dodecagon that is inscribed in a circle with radius ${side}$?"
    return Problem(asked, number(3 * side**2))


def chords(draw: Draw, level: int) -> Problem:
    """Use chords, secants and tangents."""
    if level == 0:
        r = draw.between(5, 20)
        d = draw.between(1, r - 1)
        told = f"A chord of a circle with radius ${r}$ is ${d}$ away from the centre. How long is the chord?"
        return Problem(told, surd(2, r * r - d * d))
    if level == 1:
        a, b, c = draw.between(2, 12), draw.between(2, 12), draw.between(2, 12)
        told = f"Two chords of a circle cross. One is cut into pieces of length ${a}$ and ${b}$;"
        return Problem(
            f"{told} one piece of the other has length ${c}$. How long is its other piece?",
            number(Fraction(a * b, c)),
        )
    r, s = sorted(draw.sample(range(2, 20), 2))
    d = r + s + draw.between(1, 20)
    told = f"Two circles with radii ${r}$ and ${s}$ have centres ${d}$ apart."
    if draw.chance(0.5):
        where, squared = "has both circles on the same side", d * d - (s - r) ** 2
    else:
        where, squared = "has one circle on each side", d * d - (s + r) ** 2
    asked = f"A line touches both circles and {where}. How far apart are its two points of contact?"
    return Problem(f"{told} {asked}", surd(1, squared))


def vectors(draw: Draw, level: int) -> Problem:
    """Use dot and cross products."""
    most = (5, 6, 9)[level]
    while True:
        u, v = ([_nonzero(draw, most) for _ in range(3)] for _ in range(2))
        cross = [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
        dot = sum(a * b for a, b in zip(u, v, strict=True))
        if any(cross) and dot:
            break
    if level == 0:
        told = f"The vectors $u = ({u[0]}, {u[1]}, t)$ and $v = {point(*v)}$ are perpendicular."
        wanted = Fraction(-(u[0] * v[0] + u[1] * v[1]), v[2])
        return Problem(f"{told} Find $t$.", number(wanted))
    told = f"Let $u = {point(*u)}$ and $v = {point(*v)}$."
    if level == 1:
        size = sum(a * a for a in v)
        asked = "Find the scalar $k$ for which $kv$ is the orthogonal projection of $u$ onto $v$."
        return Problem(f"{told} {asked}", number(Fraction(dot, size)))
    squared = sum(a * a for a in cross)
    return Problem(
        f"{told} What is the area of the triangle with sides $u$ and $v$?", surd(Fraction(1, 2), squared)
    )


def similar(draw: Draw, level: int) -> Problem:
    """Use proportions."""
    if level == 0:
        stick, shade, far = draw.between(1, 5), draw.between(2, 9), draw.between(10, 90)
        told = f"A stick ${stick}$ metres high casts a shadow of ${shade}$ metres; at the same time a tower's is ${far}$ metres."
        return Problem(f"{told} How many metres high is the tower?", number(Fraction(stick * far, shade)))
    a, b, c = draw.between(3, 20), draw.between(3, 20), draw.between(3, 20)
    if level == 1:
        told = f"In triangle $ABC$, $AB = {a}$, $AC = {b}$ and the bisector of angle $A$ meets $BC$ at $D$."
        return Problem(f"{told} If $BD = {c}$, how long is $DC$?", number(Fraction(b * c, a)))
    low, high = a, a + b
    told = f"The parallel sides of a trapezoid have lengths ${low}$ and ${high}$."
    asked = "A line parallel to them cuts the trapezoid into two parts of equal area. How long is the part of it inside?"
    squared = Fraction(low * low + high * high, 2)
    top = squared.numerator * squared.denominator
    return Problem(f"{told} {asked}", surd(Fraction(1, squared.denominator), top))


TEMPLATES: tuple[Template, ...] = (
    right_triangle,
    distance,
    sector,
    heron,
    third_side,
    circle_equation,
    solids,
    point_to_line,
    polygon_area,
    regular_polygon,
    chords,
    vectors,
    similar,
)
