"""Polynomials with exact coefficients, the highest first."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from llmgym.envs.math_with_judge.problems.latex import Number

__all__ = ["add", "derivative", "integral", "multiply", "value"]


def value(coefficients: Sequence[Number], at: Number) -> Fraction:
    """Return the value of a polynomial at a place.

    Example:
        >>> value([1, 0, -2], 3)
        Fraction(7, 1)
    """
    result = Fraction(0)
    for coefficient in coefficients:
        result = result * at + coefficient
    return result


def multiply(one: Sequence[Number], other: Sequence[Number]) -> list[Number]:
    """Return a product.

    Example:
        >>> multiply([1, 1], [1, -1])
        [1, 0, -1]
    """
    product: list[Number] = [0] * (len(one) + len(other) - 1)
    for i, a in enumerate(one):
        for j, b in enumerate(other):
            product[i + j] += a * b
    return product


def add(one: Sequence[Number], other: Sequence[Number]) -> list[Number]:
    """Return a sum, without leading zeros.

    Example:
        >>> add([1, 2, 3], [-1, 4])
        [1, 1, 7]
    """
    size = max(len(one), len(other))
    padded = ([*[0] * (size - len(each)), *each] for each in (one, other))
    total = [a + b for a, b in zip(*padded, strict=True)]
    while len(total) > 1 and not total[0]:
        total.pop(0)
    return total


def derivative(coefficients: Sequence[Number]) -> list[Number]:
    """Return the derivative.

    Example:
        >>> derivative([1, 2, 3])
        [2, 2]
    """
    degree = len(coefficients) - 1
    return [value * (degree - place) for place, value in enumerate(coefficients[:-1])] or [0]


def integral(coefficients: Sequence[Number]) -> list[Number]:
    """Return the antiderivative that is 0 at 0.

    Example:
        >>> integral([2, 2])
        [Fraction(1, 1), Fraction(2, 1), 0]
    """
    size = len(coefficients)
    return [*[Fraction(value) / (size - place) for place, value in enumerate(coefficients)], 0]
