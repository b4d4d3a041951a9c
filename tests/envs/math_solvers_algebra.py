"""Solvers for algebra and calculus."""

from __future__ import annotations

import re
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
    return all(
        abs(sympy.N((one - other).subs(symbol, at), 30)) < 1e-15 * (1 + abs(sympy.N(one.subs(symbol, at))))
        for at in places
    )


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


SOLVERS = {
    solver.__name__: solver
    for solver in (
        *(linear_equation, larger_root, solution_set, linear_system, symmetric_roots, series, exponents),
        *(
            inequality,
            remainder,
            composition,
            complex_equation,
            radical_equation,
            determinant,
            matrix_product,
        ),
        *(slope, product_rule, tangent_line, area_under, area_between, logarithmic_area, extremum, fence),
        *(limit_value, initial_value, taylor_coefficient, revolution, growth, turning_points),
    )
}
