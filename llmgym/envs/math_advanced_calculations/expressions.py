"""Expressions: drawn at random, written as the public prompts write them, read back, and computed call by call."""

from __future__ import annotations

import ast
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from llmgym.syntax_trees import parse_expression
from llmgym.verifiers.calculations import CalculationFailed, calculate

__all__ = ["Call", "Expression", "calls_of", "draw", "parse", "value_of"]

OPERATORS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}
PARAMETERS = {
    **dict.fromkeys(OPERATORS, ("a", "b")),
    "log": ("a", "base"),
    "sin": ("radians",),
    "cos": ("radians",),
    "negate": ("a",),
    "pi": (),
}
_WEIGHTS = {
    "add": 4,
    "subtract": 4,
    "multiply": 4,
    "divide": 4,
    "log": 2,
    "sin": 2,
    "cos": 2,
    "negate": 2,
    "power": 1,
}
_NODES = {ast.Add: "add", ast.Sub: "subtract", ast.Mult: "multiply", ast.Div: "divide", ast.Pow: "power"}
_LARGEST = 1e9


@dataclass(frozen=True, slots=True)
class Expression:
    """A tree of functions over numbers.

    Attributes:
        name: Name of the function; empty for a literal.
        operands: Its arguments, in the order of its parameters.
        literal: The number, for a literal.
    """

    name: str
    operands: tuple[Expression, ...] = ()
    literal: float = 0.0

    def __str__(self) -> str:
        """Write it: operations of two operands in parentheses, so that there is one way to read it."""
        texts = [str(operand) for operand in self.operands]
        if not self.name:
            return repr(self.literal)
        if self.name == "power" and self.operands[0].name == "negate":
            # A power binds more tightly than a sign.
            texts[0] = f"({texts[0]})"
        if self.name in OPERATORS:
            return f"({texts[0]} {OPERATORS[self.name]} {texts[1]})"
        if self.name == "negate":
            return f"-({texts[0]})"
        return self.name if self.name == "pi" else f"{self.name}({', '.join(texts)})"

    @property
    def depth(self) -> int:
        """How many functions of operands are nested; 0 for a literal and for pi."""
        return 1 + max(operand.depth for operand in self.operands) if self.operands else 0


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a function with numbers, and its value."""

    name: str
    arguments: tuple[tuple[str, float], ...]
    value: float


def calls_of(expressions: Sequence[Expression]) -> tuple[list[Call], list[float]]:
    """Compute expressions one call at a time.

    Args:
        expressions: The expressions.

    Returns:
        The calls in the order in which they can be made, equal ones once, and the value of each expression. A
        literal that stands alone is obtained with ``return_constant``.

    Raises:
        CalculationFailed: When a function has no value.
    """
    made: dict[tuple[str, tuple[tuple[str, float], ...]], Call] = {}

    def call(name: str, arguments: tuple[tuple[str, float], ...]) -> float:
        if (name, arguments) not in made:
            made[name, arguments] = Call(name, arguments, calculate(name, dict(arguments)))
        return made[name, arguments].value

    def compute(expression: Expression) -> float:
        if not expression.name:
            return expression.literal
        values = [compute(operand) for operand in expression.operands]
        return call(expression.name, tuple(zip(PARAMETERS[expression.name], values, strict=True)))

    values = [
        compute(expression) if expression.name else call("return_constant", (("a", expression.literal),))
        for expression in expressions
    ]
    return list(made.values()), values


def value_of(expression: Expression) -> float | None:
    """Return the value of an expression; ``None`` when it has none, or a step of it leaves the moderate numbers."""
    try:
        calls, values = calls_of([expression])
    except CalculationFailed:
        return None
    return values[0] if all(abs(call.value) <= _LARGEST for call in calls) else None


def parse(text: str) -> Expression:
    """Read an expression, with Python's precedence.

    Args:
        text: For example ``(4.0 ** 6.0 / pi)``.

    Raises:
        ValueError: When it is not an expression of these functions.

    Example:
        >>> str(parse("-(1.0) - pi"))
        '(-(1.0) - pi)'
    """
    try:
        return _read(parse_expression(text.strip()))
    except (SyntaxError, RecursionError, MemoryError) as error:
        raise ValueError(f"not an expression: {text[:100]!r}") from error


def _read(node: ast.expr) -> Expression:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        number = float(node.value)  # type: ignore[arg-type]
        if math.isfinite(number):
            return Expression("", literal=number)
    if isinstance(node, ast.Name) and node.id == "pi":
        return Expression("pi")
    if isinstance(node, ast.BinOp) and type(node.op) in _NODES:
        return Expression(_NODES[type(node.op)], (_read(node.left), _read(node.right)))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return Expression("negate", (_read(node.operand),))
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        name, operands = node.func.id, tuple(_read(argument) for argument in node.args)
        if name in ("sin", "cos", "log") and len(operands) == len(PARAMETERS[name]):
            return Expression(name, operands)
    raise ValueError(f"not an expression of the given tools: {ast.unparse(node)[:100]!r}")


def draw(rng: np.random.Generator, depth: int) -> Expression:
    """Draw an expression of exactly this depth that has a value, and moderate ones on the way there.

    Args:
        rng: Where randomness comes from.
        depth: At least 0.
    """
    while True:
        expression = _draw(rng, depth)
        if value_of(expression) is not None:
            return expression


def _draw(rng: np.random.Generator, depth: int) -> Expression:
    if depth == 0:
        return Expression("pi") if rng.random() < 0.15 else Expression("", literal=float(rng.integers(1, 11)))
    names = list(_WEIGHTS)
    weights = np.array(list(_WEIGHTS.values()), dtype=float)
    name = names[int(rng.choice(len(names), p=weights / weights.sum()))]
    operands = [draw(rng, depth - 1)]
    if len(PARAMETERS[name]) == 2:
        # The other branch is often shorter; otherwise deep expressions would grow beyond what anyone writes.
        operands.append(draw(rng, int(rng.integers(depth))))
        if rng.random() < 0.5:
            operands.reverse()
    return Expression(name, tuple(operands))
