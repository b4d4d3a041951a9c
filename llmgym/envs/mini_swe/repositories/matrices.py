"""Matrices of whole numbers."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["matrices"]

_MATRIX = '''
"""Matrices of whole numbers."""


class $Matrix:
    """Rows of numbers, all of one length.

    Args:
        rows: The rows; they are copied.
    """

    def __init__(self, rows):
        self.rows = [list(row) for row in rows]
        if any(len(row) != len(self.rows[0]) for row in self.rows):
            raise ValueError("rows of different length")

    @classmethod
    def identity(cls, size):
        """Return the matrix that changes nothing."""
        return cls([[1 if row == column else 0 for column in range(size)] for row in range(size)])

    def shape(self):
        """Return how many rows and columns there are."""
        return (len(self.rows), len(self.rows[0]) if self.rows else 0)

    def plus(self, other, times=1):
        """Return this matrix plus another one, taken some times."""
        if self.shape() != other.shape():
            raise ValueError("different shapes")
        pairs = zip(self.rows, other.rows)
        return $Matrix([[one + times * two for one, two in zip(mine, theirs)] for mine, theirs in pairs])

    def times(self, other):
        """Return the product."""
        if self.shape()[1] != other.shape()[0]:
            raise ValueError("shapes that do not fit")
        turned = list(zip(*other.rows))
        return $Matrix([[sum(a * b for a, b in zip(row, column)) for column in turned] for row in self.rows])

    def power(self, exponent):
        """Return the matrix multiplied with itself some times; the power 0 changes nothing."""
        result = $Matrix.identity(len(self.rows))
        for _ in range(exponent):
            result = result.times(self)
        return result
'''

_SHAPES = '''
"""Other forms of the same numbers."""

from $package.matrix import $Matrix


def $transpose(matrix):
    """Return rows as columns."""
    return $Matrix(zip(*matrix.rows))


def $rotate(matrix, quarters=1):
    """Turn a matrix clockwise by quarters."""
    rows = matrix.rows
    for _ in range(quarters % 4):
        rows = [list(row) for row in zip(*rows[::-1])]
    return $Matrix(rows)


def $spiral(matrix):
    """Return the numbers from the first corner inwards, clockwise."""
    rows = [list(row) for row in matrix.rows]
    found = []
    while rows:
        found += rows.pop(0)
        rows = [list(row) for row in zip(*rows)][::-1]
    return found


def $minor(matrix, row, column):
    """Return the matrix without one row and one column."""
    kept = matrix.rows[:row] + matrix.rows[row + 1:]
    return $Matrix([line[:column] + line[column + 1:] for line in kept])


def $determinant(matrix):
    """Return the determinant."""
    if len(matrix.rows) == 1:
        return matrix.rows[0][0]
    total = 0
    for column, number in enumerate(matrix.rows[0]):
        sign = -1 if column % 2 else 1
        total += sign * number * $determinant($minor(matrix, 0, column))
    return total


def $border(matrix, width=1, value=$value):
    """Put a border of a value around the numbers."""
    across = matrix.shape()[1] + 2 * width
    edge = [[value] * across for _ in range(width)]
    middle = [[value] * width + row + [value] * width for row in matrix.rows]
    return $Matrix(edge + middle + edge)
'''


def matrices(draw: Draw) -> Draft:
    """Return a repository about matrices."""
    package = draw.pick(("grids", "matrixkit", "rowscols", "lattice", "tableau"))
    matrix = draw.pick(("Matrix", "Grid", "Lattice"))
    names = {
        "package": package,
        "Matrix": matrix,
        "transpose": draw.pick(("transpose", "flip", "swapped")),
        "rotate": draw.pick(("rotate", "turn", "spin")),
        "spiral": draw.pick(("spiral", "unroll", "coil")),
        "minor": draw.pick(("minor", "without", "strike")),
        "determinant": draw.pick(("determinant", "det")),
        "border": draw.pick(("border", "frame", "pad")),
        "value": draw.between(0, 3),
    }
    basic = Suite("matrix", f"from {package}.matrix import {matrix}")
    offered = ", ".join(
        sorted(str(names[key]) for key in ("transpose", "rotate", "spiral", "minor", "determinant", "border"))
    )
    shapes = Suite("shapes", f"from {package}.matrix import {matrix}\nfrom {package}.shapes import {offered}")

    def rows(high: int, wide: int) -> list[list[int]]:
        return [[draw.between(-4, 9) for _ in range(wide)] for _ in range(high)]

    for _ in range(3):
        high, wide = draw.between(2, 3), draw.between(2, 4)
        a, b, square = rows(high, wide), rows(high, wide), rows(3, 3)
        setup = f"one = {matrix}({a})\nother = {matrix}({b})"
        basic.add(
            "plus", setup, "one.plus(other).rows", f"one.plus(other, {draw.between(2, 5)}).rows", "one.rows"
        )
        basic.add(
            "times",
            f"one = {matrix}({a})\nother = {matrix}({rows(wide, 2)})",
            "one.times(other).rows",
            "one.times(other).shape()",
        )
        basic.add(
            "power",
            f"one = {matrix}({rows(2, 2)})",
            "one.power(0).rows",
            "one.power(1).rows",
            f"one.power({draw.between(3, 6)}).rows",
        )
        basic.add("rows_are_copied", f"given = {a}\none = {matrix}(given)\none.rows[0][0] = 99", "given")
        shapes.add("transpose", f"one = {matrix}({a})", f"{names['transpose']}(one).rows")
        shapes.add(
            "rotate", f"one = {matrix}({a})", *(f"{names['rotate']}(one{n}).rows" for n in ("", ", 2", ", 5"))
        )
        shapes.add("spiral", f"one = {matrix}({rows(3, wide)})", f"{names['spiral']}(one)", "one.shape()")
        row, column = draw.between(0, 2), draw.between(0, 2)
        shapes.add(
            "minor",
            f"one = {matrix}({square})",
            f"{names['minor']}(one, {row}, {column}).rows",
            f"{names['minor']}(one, 1, {column}).rows",
        )
        shapes.add(
            "determinant",
            f"one = {matrix}({square})",
            f"{names['determinant']}(one)",
            f"{names['determinant']}({matrix}({rows(2, 2)}))",
        )
        shapes.add(
            "border",
            f"one = {matrix}({a})",
            f"{names['border']}(one).rows",
            f"{names['border']}(one, 2, 7).rows",
        )
    basic.add("uneven_rows", "", f"{matrix}([[1, 2], [3]])")
    basic.add(
        "misfits",
        f"one = {matrix}([[1, 2]])",
        f"one.plus({matrix}([[1], [2]]))",
        "one.times(one)",
        "one.shape()",
    )
    basic.add("identity", "", f"{matrix}.identity(1).rows", f"{matrix}.identity(3).rows")
    modules = {"matrix": fill(_MATRIX, names), "shapes": fill(_SHAPES, names)}
    parts = {"matrix": "sums, products and powers", "shapes": "other forms of a matrix"}
    return Draft("matrices", package, "Matrices of whole numbers.", modules, [basic, shapes], parts)
