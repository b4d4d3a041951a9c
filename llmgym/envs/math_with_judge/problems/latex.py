r"""Exact numbers and expressions, written in LaTeX."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm

__all__ = [
    "Number",
    "joined",
    "matrix",
    "number",
    "pi_times",
    "point",
    "polynomial",
    "square_part",
    "surd",
    "surd_sum",
    "times",
]

Number = int | Fraction


def number(value: Number) -> str:
    r"""Write a rational number.

    Example:
        >>> print(number(Fraction(-3, 4)), number(Fraction(4, 2)))
        -\frac{3}{4} 2
    """
    return _over(str(abs(Fraction(value).numerator)), Fraction(value))


def times(value: Number, symbol: str) -> str:
    r"""Write a number times a symbol.

    Example:
        >>> print(times(-1, "x"), times(Fraction(3, 2), r"\pi"), times(4, r"\ln 2"), times(0, "x"))
        -x \frac{3\pi}{2} 4\ln 2 0
    """
    value = Fraction(value)
    if not value:
        return "0"
    size = abs(value.numerator)
    return _over(symbol if size == 1 else f"{size}{symbol}", value)


def pi_times(value: Number) -> str:
    """Write a rational multiple of pi."""
    return times(value, "\\pi")


def square_part(n: int) -> tuple[int, int]:
    """Split a positive integer into ``a * a * b`` with ``b`` free of squares.

    Returns:
        ``a`` and ``b``.

    Example:
        >>> square_part(72)
        (6, 2)
    """
    a, factor = 1, 2
    while factor * factor <= n:
        while n % (factor * factor) == 0:
            n //= factor * factor
            a *= factor
        factor += 1
    return a, n


def surd(value: Number, radicand: int) -> str:
    r"""Write a number times a square root, simplified.

    Args:
        value: The number before the root.
        radicand: What stands under it; at least 0.

    Example:
        >>> print(surd(1, 12), surd(Fraction(-1, 2), 3), surd(2, 9))
        2\sqrt{3} -\frac{\sqrt{3}}{2} 6
    """
    if not radicand:
        return "0"
    outside, inside = square_part(radicand)
    return number(value * outside) if inside == 1 else times(value * outside, f"\\sqrt{{{inside}}}")


def surd_sum(first: Number, value: Number, radicand: int) -> str:
    r"""Write ``first + value * sqrt(radicand)`` over one denominator.

    Example:
        >>> print(surd_sum(Fraction(3, 2), Fraction(-1, 2), 5), surd_sum(1, 2, 8), surd_sum(0, 1, 2))
        \frac{3 - \sqrt{5}}{2} 1 + 4\sqrt{2} \sqrt{2}
    """
    outside, inside = square_part(radicand)
    if inside == 1:
        return number(first + value * outside)
    first, value = Fraction(first), Fraction(value) * outside
    if not first or not value:
        return surd(value, inside) if not first else number(first)
    bottom = lcm(first.denominator, value.denominator)
    top = joined([number(first * bottom), surd(value * bottom, inside)])
    return top if bottom == 1 else f"\\frac{{{top}}}{{{bottom}}}"


def joined(terms: Iterable[str]) -> str:
    """Write a sum of terms, each with its own sign; terms that are 0 are left out.

    Example:
        >>> joined(["2x", "-y", "0", "3"])
        '2x - y + 3'
    """
    text = ""
    for term in terms:
        if term == "0":
            continue
        if not text:
            text = term
        elif term.startswith("-"):
            text += f" - {term[1:]}"
        else:
            text += f" + {term}"
    return text or "0"


def polynomial(coefficients: Sequence[Number], variable: str = "x") -> str:
    r"""Write a polynomial.

    Args:
        coefficients: The highest first.
        variable: Its variable.

    Example:
        >>> print(polynomial([1, 0, Fraction(-1, 2), 3]))
        x^3 - \frac{1}{2}x + 3
    """
    terms = []
    for place, value in enumerate(coefficients):
        degree = len(coefficients) - 1 - place
        if not degree:
            terms.append(number(value))
            continue
        exponent = "" if degree == 1 else f"^{degree}" if degree < 10 else f"^{{{degree}}}"
        if not value:
            continue
        before = "" if value == 1 else "-" if value == -1 else number(value)
        terms.append(f"{before}{variable}{exponent}")
    return joined(terms)


def point(*coordinates: Number) -> str:
    """Write a point.

    Example:
        >>> point(1, -2)
        '(1, -2)'
    """
    return f"({', '.join(map(number, coordinates))})"


def matrix(rows: Sequence[Sequence[Number]]) -> str:
    r"""Write a matrix.

    Example:
        >>> print(matrix([[1, 2], [3, 4]]))
        \begin{pmatrix} 1 & 2 \\ 3 & 4 \end{pmatrix}
    """
    inside = " \\\\ ".join(" & ".join(map(number, row)) for row in rows)
    return f"\\begin{{pmatrix}} {inside} \\end{{pmatrix}}"


def _over(top: str, value: Fraction) -> str:
    sign = "-" if value < 0 else ""
    return f"{sign}{top}" if value.denominator == 1 else f"{sign}\\frac{{{top}}}{{{value.denominator}}}"
