"""Solvers for geometry."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import sympy
from envs.math_solving import X, chunks, integers, read, sides


def right_triangle(problem):
    a, b = integers(problem.question)
    corner, one, two = sympy.Point(0, 0), sympy.Point(a, 0), sympy.Point(0, b)
    side = sympy.Line(one, two)
    foot = side.projection(corner)
    if "altitude onto its" in problem.question:
        return foot.distance(corner)
    if "foot" in problem.question:
        return min(foot.distance(one), foot.distance(two))
    (meet,) = side.intersection(sympy.Line(corner, sympy.Point(1, 1)))
    return meet.distance(corner)


def _points(text: str) -> list[Any]:
    found = re.findall(r"\$\((-?\d+(?:, -?\d+)+)\)\$", text)
    return [sympy.Point(*map(int, one.split(", "))) for one in found]


def distance(problem):
    one, two = _points(problem.question)
    return one.distance(two)


def sector(problem):
    if "circumference" in problem.question:
        length = read(chunks(problem.question)[0])
        return sympy.pi * (length / (2 * sympy.pi)) ** 2
    angle = int(re.search(r"(\d+)\^\\circ", problem.question)[1])
    (radius,) = integers(problem.question)
    part = sympy.pi * radius**2 * sympy.Rational(angle, 360)
    if "chord" not in problem.question:
        return part
    turn = sympy.pi * sympy.Rational(angle, 180)
    ends = [sympy.Point(radius, 0), sympy.Point(radius * sympy.cos(turn), radius * sympy.sin(turn))]
    return part - abs(sympy.Triangle(sympy.Point(0, 0), *ends).area)


def _triangle(a: int, b: int, c: int) -> Any:
    x = sympy.Rational(a * a - b * b + c * c, 2 * c)
    return sympy.Triangle(sympy.Point(0, 0), sympy.Point(c, 0), sympy.Point(x, sympy.sqrt(a * a - x * x)))


def heron(problem):
    triangle = _triangle(*integers(problem.question))
    if "inscribed" in problem.question:
        return triangle.inradius
    return triangle.circumradius if "circumscribed" in problem.question else abs(triangle.area)


def third_side(problem):
    angle = re.search(r"(\d+)\^\\circ", problem.question)
    if angle:
        a, b = integers(problem.question)
        turn = sympy.pi * sympy.Rational(int(angle[1]), 180)
        return sympy.Point(a, 0).distance(sympy.Point(b * sympy.cos(turn), b * sympy.sin(turn)))
    a, b, c, *_ = integers(problem.question)
    return float(sympy.N(sympy.cos(_triangle(b, c, a).angles[sympy.Point(0, 0)])))


def circle_equation(problem):
    left = sides(chunks(problem.question)[0]).subs(sympy.Symbol("y"), sympy.Symbol("y", real=True))
    circle = sympy.Circle(left, x=X, y=sympy.Symbol("y", real=True))
    return tuple(circle.center) if "centre" in problem.question else circle.radius


def solids(problem):
    n = integers(problem.question)
    if "frustum" in problem.question:
        height, low, high = n
        radius = low + (high - low) * X / height
    elif "surface" in problem.question:
        radius, height = n
        # The slanted side unrolls into a sector.
        return sympy.pi * radius**2 + sympy.pi * radius * sympy.sqrt(radius**2 + height**2)
    else:
        base, height = n
        radius = base * (X / height if "cone" in problem.question else 1)
    return sympy.integrate(sympy.pi * radius**2, (X, 0, height))


def point_to_line(problem):
    (place,) = _points(problem.question)
    left = sides(chunks(problem.question)[-1])
    names = sympy.symbols("x y z")[: len(place)]
    # Lagrange: the nearest point lies along the normal.
    normal = [sympy.diff(left, name) for name in names]
    t = sympy.Symbol("t")
    nearest = [a + t * n for a, n in zip(place, normal, strict=True)]
    at = sympy.solve(left.subs(dict(zip(names, nearest, strict=True))), t)[0]
    return place.distance(sympy.Point(*[each.subs(t, at) for each in nearest]))


def polygon_area(problem):
    return abs(sympy.Polygon(*_points(problem.question)).area)


def regular_polygon(problem):
    found = re.search(r"\$(\d+)\$-gon", problem.question)
    if found:
        n = int(found[1])
        return Fraction((n - 2) * 180, n)
    (side,) = integers(problem.question)
    if "dodecagon" in problem.question:
        return float(12 * side * side * math.sin(math.pi / 6) / 2)
    if "diagonal" in problem.question:
        return float(side * math.sin(math.radians(108)) / math.sin(math.radians(36)))
    n = {"hexagon": 6, "triangle": 3, "octagon": 8}[re.search(r"regular (\w+)", problem.question)[1]]
    return float(n * side * side / (4 * math.tan(math.pi / n)))


def chords(problem):
    n = integers(problem.question)
    if "away from the centre" in problem.question:
        radius, far = n
        one, two = sympy.Circle(sympy.Point(0, 0), radius).intersection(sympy.Line((0, far), (1, far)))
        return one.distance(two)
    if "cross" in problem.question:
        a, b, c = n
        return Fraction(a * b, c)
    r, s, d = n
    # A right triangle whose hypotenuse joins the centres.
    turn = math.acos((r - s) / d) if "same side" in problem.question else math.acos((r + s) / d)
    return float(d * math.sin(turn))


def vectors(problem):
    if "perpendicular" in problem.question:
        u, v = chunks(problem.question)[:2]
        u, v = (text.split(" = ")[1].strip("()").split(", ") for text in (u, v))
        return sympy.solve(sum(sympy.sympify(a) * int(b) for a, b in zip(u, v, strict=True)))[0]
    found = re.findall(r"[uv] = \((.+?)\)", problem.question)
    u, v = (sympy.Matrix([int(n) for n in text.split(", ")]) for text in found)
    if "projection" in problem.question:
        return u.dot(v) / v.dot(v)
    return u.cross(v).norm() / 2


def similar(problem):
    if "stick" in problem.question:
        stick, shade, far = integers(problem.question)
        return Fraction(stick * far, shade)
    if "bisector" in problem.question:
        sizes = {name: int(n) for name, n in re.findall(r"(A[BC]|BD) = (\d+)", problem.question)}
        return Fraction(sizes["AC"] * sizes["BD"], sizes["AB"])
    low, high = integers(problem.question)
    # The width grows linearly; the area above the line is half of all.
    width = low + (high - low) * X
    whole = sympy.integrate(width, (X, 0, 1))
    t = sympy.Symbol("t", positive=True)
    part = sympy.integrate(width, (X, 0, t))
    at = next(root for root in sympy.solve(part - whole / 2, t) if 0 < root < 1)
    return float(sympy.N(width.subs(X, at)))


SOLVERS = {
    solver.__name__: solver
    for solver in (
        *(right_triangle, distance, sector, heron, third_side, circle_equation, solids, point_to_line),
        *(polygon_area, regular_polygon, chords, vectors, similar),
    )
}
