"""Solvers for algebra, calculus and geometry."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import sympy
from envs.math_solving import X, chunks, fractions, integers, read, sides


def equation(problem) -> Any:
    return sides(next(chunk for chunk in chunks(problem.question) if "=" in chunk and "i^2" not in chunk))


def after(problem, start: str) -> Any:
    """The expression behind a definition such as ``f(x) =``."""
    chunk = next(chunk for chunk in chunks(problem.question) if chunk.startswith(start))
    return read(chunk.removeprefix(start))


# Algebra


def linear_equation(problem):
    return sympy.solve(equation(problem), X)[0]


def larger_root(problem):
    return max(sympy.solve(equation(problem), X), key=lambda root: sympy.N(root))


def solution_set(problem):
    return sympy.FiniteSet(*sympy.solve(equation(problem), X))


def linear_system(problem):
    equations = [sides(chunk) for chunk in chunks(problem.question) if "=" in chunk]
    names = sympy.symbols("x y z")[: len(equations)]
    found = sympy.solve(equations, names)
    return tuple(found[name] for name in names)


def symmetric_roots(problem):
    *names, polynomial, asked = chunks(problem.question)
    roots = sympy.Poly(read(polynomial), X).nroots(n=30)
    found = read(asked).subs(dict(zip(sympy.symbols("r s t"), roots, strict=False)))
    return float(sympy.re(sympy.N(found, 20)))


def series(problem):
    first, *rest = fractions(problem.question)
    if "arithmetic" in problem.question:
        step, count = rest
        return sum(first + step * place for place in range(int(count)))
    if "finite" not in problem.question:
        ratio, count = rest
        return sum(first * ratio**place for place in range(int(count)))
    k = sympy.Symbol("k")
    ratio = sympy.Rational(rest[0].numerator, rest[0].denominator)
    return sympy.summation(int(first) * ratio**k, (k, 0, sympy.oo))


def exponents(problem):
    found = chunks(problem.question)[1]
    at = sympy.Rational(str(read(problem.answer)))
    if "log" in found:
        base, first, _, second, total = re.fullmatch(
            r"\\log_\{(\d+)\}\((.+?)\) \+ \\log_\{(\d+)\}\((.+?)\) = (\d+)", found
        ).groups()
        one, two = read(first).subs(X, at), read(second).subs(X, at)
        return bool(one > 0 and two > 0 and one * two == int(base) ** int(total))
    left, right = found.split(" = ")
    return bool(sympy.simplify(read(left).subs(X, at) - read(right).subs(X, at)) == 0)


def inequality(problem):
    found = chunks(problem.question)[1]
    left, sign, right = re.fullmatch(r"(.+?) (<|>|\\le|\\ge) (.+)", found).groups()
    expression = read(left) - read(right)
    holds = {"<": sympy.Lt, ">": sympy.Gt, "\\le": sympy.Le, "\\ge": sympy.Ge}[sign]
    answer = sympy.sympify(read(problem.answer))
    if isinstance(answer, sympy.Tuple):
        return None
    places = [sympy.Rational(n, 6) for n in range(-150, 151)]
    return all(bool(holds(expression.subs(X, at), 0)) == bool(answer.contains(at)) for at in places)


def remainder(problem):
    dividend, divisor = map(read, chunks(problem.question))
    return sympy.rem(dividend, divisor, X)


def composition(problem):
    f, g = after(problem, "f(x) = "), after(problem, "g(x) = ")
    return sympy.expand(f.subs(X, g) if "f(g(x))" in problem.question else g.subs(X, f))


def complex_equation(problem):
    left, right = next(chunk for chunk in chunks(problem.question) if " z = " in chunk).split(" z = ")
    left, right, z = (_complex(text) for text in (left.strip("()"), right, problem.answer))
    return sympy.expand(left * z - right) == 0


def _complex(latex: str) -> Any:
    return read(latex.replace("i", "x")).subs(X, sympy.I)


def radical_equation(problem):
    found = next(chunk for chunk in chunks(problem.question) if "sqrt" in chunk)
    inside, right = re.fullmatch(r"\\sqrt\{(.+?)\} = (.+)", found).groups()
    inside, right = read(inside), sympy.sympify(read(right))
    roots = sympy.solve(inside - right**2, X)
    (only,) = [root for root in roots if right.subs(X, root) >= 0]
    return only


def _matrices(problem):
    found = re.findall(r"\\begin\{pmatrix\}(.+?)\\end\{pmatrix\}", problem.question)
    return [sympy.Matrix([[int(n) for n in row.split("&")] for row in one.split("\\\\")]) for one in found]


def determinant(problem):
    return _matrices(problem)[0].det()


def matrix_product(problem):
    a, b = _matrices(problem)
    return a * a * b if "A^2" in problem.question else a * b


# Calculus


def slope(problem):
    f = after(problem, "f(x) = ")
    at = int(re.search(r"f'\((-?\d+)\)", problem.question)[1])
    return sympy.diff(f, X).subs(X, at)


def _exponential(latex: str) -> Any:
    """An expression with a power of e, whose e is the number."""
    return read(latex).subs(sympy.Symbol("e"), sympy.E)


def _equal(one: Any, other: Any, symbol: Any) -> bool:
    places = [sympy.Rational(n, 7) for n in (-9, -2, 3, 8)]
    return all(abs(sympy.N((one - other).subs(symbol, at), 30)) < 1e-15 * (1 + abs(sympy.N(one.subs(symbol, at)))) for at in places)


def product_rule(problem):
    f = _exponential(chunks(problem.question)[0].removeprefix("f(x) = "))
    return _equal(sympy.diff(f, X, 2 if "f''" in problem.question else 1), _exponential(problem.answer), X)


def tangent_line(problem):
    curve, place = (chunk.split(" = ")[1] for chunk in chunks(problem.question)[:2])
    curve, place = read(curve), sympy.sympify(read(place))
    line = curve.subs(X, place) + sympy.diff(curve, X).subs(X, place) * (X - place)
    return f"y = {sympy.latex(sympy.expand(line))}"


def area_under(problem):
    f = after(problem, "y = ")
    low, high = _bounds(problem)
    return sympy.integrate(f, (X, low, high))


def _bounds(problem):
    return [int(n) for n in re.findall(r"\$x = (-?\d+)\$", problem.question)]


def area_between(problem):
    one, other = (read(chunk.removeprefix("y = ")) for chunk in chunks(problem.question))
    low, high = sorted(sympy.solve(one - other, X))
    return abs(sympy.integrate(one - other, (X, low, high)))


def logarithmic_area(problem):
    f = _exponential(next(c for c in chunks(problem.question) if c.startswith("y = ")).removeprefix("y = "))
    low, high = _bounds(problem)
    exact = sympy.integrate(f, (X, low, high))
    return bool(abs(sympy.N(exact - _exponential(problem.answer), 30)) < 1e-12 * (1 + abs(sympy.N(exact))))


def extremum(problem):
    if "smallest value" in problem.question:
        f = read(chunks(problem.question)[0])
        return min(f.subs(X, at) for at in sympy.solve(sympy.diff(f, X), X) if at > 0)
    text = next(chunk for chunk in chunks(problem.question) if chunk.startswith("f(x) = "))
    f = _exponential(text.removeprefix("f(x) = "))
    largest = "largest" in problem.question
    places = [at for at in sympy.solve(sympy.diff(f, X), X) if at.is_real and (at > 0 or not largest)]
    (found,) = [at for at in places if (sympy.N(sympy.diff(f, X, 2).subs(X, at)) < 0) == largest]
    return found


def fence(problem):
    n = integers(problem.question)
    if "river" in problem.question:
        f = X * (n[0] - 2 * X)
    elif "square sheet" in problem.question:
        f = X * (n[0] - 2 * X) ** 2
    else:
        f = sympy.pi * X**2 * n[1] * (1 - X / n[0])
    return max((f.subs(X, at) for at in sympy.solve(sympy.diff(f, X), X)), key=sympy.N)


def limit_value(problem):
    quotient = read(chunks(problem.question)[0]).subs(sympy.Symbol("e"), sympy.E)
    return sympy.limit(quotient, X, integers(problem.question)[0])


def initial_value(problem):
    f = after(problem, "f'(x) = ")
    at, known = map(int, re.search(r"f\((\d+)\) = (-?\d+)", problem.question).groups())
    asked = int(re.search(r"Find \$f\((\d+)\)", problem.question)[1])
    return known + sympy.integrate(f, (X, at, asked))


def taylor_coefficient(problem):
    power, f, _ = chunks(problem.question)
    f = _exponential(f)
    n = int(power.removeprefix("x^"))
    return sympy.diff(f, X, n).subs(X, 0) / sympy.factorial(n)


def revolution(problem):
    f = after(problem, "y = ")
    low, high = _bounds(problem)
    return sympy.pi * sympy.integrate(f**2, (X, low, high))


def growth(problem):
    t = sympy.Symbol("t")
    y = _exponential(problem.answer)
    found = [chunk for chunk in chunks(problem.question) if "=" in chunk]
    for condition in found[1:]:
        order = condition.split("(")[0].count("'")
        if sympy.diff(y, t, order).subs(t, 0) != int(condition.split(" = ")[1]):
            return False
    text = found[0]
    for order, name in ((2, "y''(t)"), (1, "y'(t)"), (0, "y(t)")):
        text = text.replace(name, "zyx"[2 - order])
    left = sides(text).subs({"z": sympy.diff(y, t, 2), "y": sympy.diff(y, t), "x": y})
    return sympy.simplify(left) == 0


def turning_points(problem):
    f = read(chunks(problem.question)[0].removeprefix("y = "))
    places = sympy.solve(sympy.diff(f, X), X)
    if "two values" in problem.question:
        return sympy.FiniteSet(*places)
    if "inflection" in problem.question:
        (at,) = sympy.solve(sympy.diff(f, X, 2), X)
    else:
        (at,) = [at for at in places if sympy.diff(f, X, 2).subs(X, at) > 0]
    return (at, f.subs(X, at))


# Geometry


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
        *(linear_equation, larger_root, solution_set, linear_system, symmetric_roots, series, exponents),
        *(inequality, remainder, composition, complex_equation, radical_equation, determinant, matrix_product),
        *(slope, product_rule, tangent_line, area_under, area_between, logarithmic_area, extremum, fence),
        *(limit_value, initial_value, taylor_coefficient, revolution, growth, turning_points),
        *(right_triangle, distance, sector, heron, third_side, circle_equation, solids, point_to_line),
        *(polygon_area, regular_polygon, chords, vectors, similar),
    )
}
