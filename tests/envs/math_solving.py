"""Solves generated problems from nothing but the text of the question, by other means than the generator.

A solver returns the answer: an exact value of SymPy or Python, a float (compared to 9 digits), or a test of the
answer that is given. It returns None for a problem that is too large to be solved by trying.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import sympy
from latex2sympy2_extended import latex2sympy

from llmgym.envs.math_with_judge.problems import DOMAINS, Draw, Problem

TEMPLATES = {template.__name__: template for templates in DOMAINS.values() for template in templates}

X = sympy.Symbol("x")


def integers(text: str) -> list[int]:
    """All numbers of a question that stand alone between dollar signs."""
    return [int(found) for found in re.findall(r"\$(-?\d+)\$", text)]


def fractions(text: str) -> list[Fraction]:
    """All numbers of a question, fractions too, that stand alone between dollar signs."""
    found = re.findall(r"\$(-?)(?:\\frac\{(\d+)\}\{(\d+)\}|(\d+))\$", text)
    values = [Fraction(int(top or whole), int(bottom or 1)) for _, top, bottom, whole in found]
    return [-value if sign else value for (sign, *_), value in zip(found, values, strict=True)]


def chunks(text: str) -> list[str]:
    """All mathematics of a question."""
    return [found.strip(" .,") for _, found in re.findall(r"(\$\$?)(.+?)\1", text, re.DOTALL)]


def read(latex: str) -> Any:
    """An expression or equation, with plain symbols."""
    expression = latex2sympy(latex.replace("\\left", "").replace("\\right", ""), convert_degrees=False)
    if not isinstance(expression, sympy.Basic):
        return expression
    return expression.subs({symbol: sympy.Symbol(symbol.name) for symbol in expression.free_symbols})


def sides(latex: str) -> Any:
    """The difference of the two sides of an equation."""
    left, right = latex.split("=")
    return read(left) - read(right)


def value(answer: str) -> float:
    """The number that an answer denotes."""
    return float(sympy.N(read(answer).doit(), 20))


def solved(name: str, problem: Problem, solve: Any) -> Any:
    """What a solver says about a problem: None, True or False, or an exact value as LaTeX."""
    found = solve(problem)
    if found is None or isinstance(found, bool):
        return found
    if isinstance(found, float):
        return abs(found - value(problem.answer)) <= 1e-9 * max(1.0, abs(found))
    if isinstance(found, Fraction):
        found = sympy.Rational(found.numerator, found.denominator)
    if isinstance(found, str):
        return found
    if isinstance(found, tuple):
        return f"({', '.join(sympy.latex(sympy.sympify(each)) for each in found)})"
    return sympy.latex(sympy.sympify(found))


def draws(name: str, level: int, count: int) -> list[Problem]:
    return [TEMPLATES[name](Draw(1000 * level + seed), level) for seed in range(count)]
