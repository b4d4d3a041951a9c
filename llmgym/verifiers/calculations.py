"""Arithmetic of an alternate universe: eleven functions that are wrong on purpose, and the rule that grades their use.

Both are those of the public environment (``math_advanced_calculations`` of NeMo Gym). Results are compared exactly, so
the order of the floating-point operations is part of the rule: ``1.1 * a * b`` is ``(1.1 * a) * b``.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from llmgym.verdict import Verdict

__all__ = ["CALCULATIONS", "CalculationFailed", "calculate", "grade_calculations", "solution_of"]

CALCULATIONS: Mapping[str, tuple[tuple[str, ...], Callable[..., Any]]] = {
    "add": (("a", "b"), lambda a, b: a + b + 1.2),
    "subtract": (("a", "b"), lambda a, b: a - b - 3),
    "multiply": (("a", "b"), lambda a, b: 1.1 * a * b),
    "divide": (("a", "b"), lambda a, b: 0.5 * a / b),
    "sin": (("radians",), lambda radians: math.cos(radians)),
    "cos": (("radians",), lambda radians: math.sin(radians)),
    "power": (("a", "b"), lambda a, b: a ** (b + 2)),
    "log": (("a", "base"), lambda a, base: math.log(a, abs(base + 1.5))),
    "pi": ((), lambda: math.e),
    "negate": (("a",), lambda a: a),
    "return_constant": (("a",), lambda a: a),
}
"""For each function its parameters and what it computes."""


class CalculationFailed(Exception):
    """A function has no value for its arguments; the text is the one that the model reads."""


def calculate(name: str, arguments: Mapping[str, float]) -> float:
    """Compute a function of the alternate universe.

    The public server's rule. The texts of errors are those of Python 3.11 to 3.13, whatever Python runs.

    Args:
        name: A name in :data:`CALCULATIONS`.
        arguments: Numbers by parameter.

    Returns:
        The value; it may be infinite or not a number.

    Raises:
        KeyError: When there is no such function.
        CalculationFailed: When an argument is missing or unexpected, or the result is no real number.

    Example:
        >>> calculate("multiply", {"a": 1.0, "b": 9.0})
        9.9
    """
    parameters, function = CALCULATIONS[name]
    for given in arguments:
        if given not in parameters:
            raise CalculationFailed(f"{name}() got an unexpected keyword argument {given!r}")
    missing = [repr(parameter) for parameter in parameters if parameter not in arguments]
    if missing:
        noun = "argument" if len(missing) == 1 else "arguments"
        raise CalculationFailed(
            f"{name}() missing {len(missing)} required positional {noun}: {' and '.join(missing)}"
        )
    try:
        value = function(*(float(arguments[parameter]) for parameter in parameters))
    except ZeroDivisionError:
        power = name == "power"
        raise CalculationFailed(
            "0.0 cannot be raised to a negative power" if power else "float division by zero"
        ) from None
    except ValueError:
        raise CalculationFailed("math domain error") from None
    except OverflowError:
        raise CalculationFailed("(34, 'Numerical result out of range')") from None
    if isinstance(value, complex):
        raise CalculationFailed("Input should be a valid number, not a complex one")
    return value


def solution_of(output: Any) -> float | None:
    """Return the number that a tool's output states.

    The public verifier's rule: ``float(json.loads(output)["solution"])``, and nothing where that fails.

    Args:
        output: Text of a ``function_call_output``.

    Example:
        >>> solution_of('{"solution":0.5}'), solution_of('{"detail":"math domain error"}')
        (0.5, None)
    """
    try:
        return float(json.loads(output)["solution"])
    except (ValueError, TypeError, LookupError, OverflowError, RecursionError):
        return None


def grade_calculations(ground_truth: Any, outputs: Iterable[Any]) -> Verdict:
    """Grade the values that were obtained with the functions.

    The public verifier's rule: the reward is 1 when every value of the ground truth is exactly equal to one of the
    solutions among the tool outputs. Order, number and purpose of the calls and the text of the answer do not count.
    An empty ground truth is always satisfied; such a verdict is vacuous. A null in the ground truth is met by a
    failed call. A ground truth that is not JSON text of a list crashes the public verifier and is a reward of 0 here.

    Args:
        ground_truth: JSON text of a list of numbers.
        outputs: The texts of all tool outputs.

    Returns:
        A verdict with the metrics ``expected_values`` and ``found_values`` (int).

    Example:
        >>> grade_calculations("[-3.0, 0.5]", ['{"solution":0.5}', '{"solution":-3.0}']).reward
        1.0
    """
    try:
        expected = list(json.loads(ground_truth))
    except TypeError:
        kind = type(ground_truth).__name__
        found = "one that holds no list" if isinstance(ground_truth, str | bytes) else f"a {kind}"
        return Verdict(0.0, reason=f"the ground truth must be JSON text of a list, and is {found}")
    except (ValueError, RecursionError):
        return Verdict(0.0, reason="the ground truth is not JSON")
    solutions = {solution_of(output) for output in outputs}
    met = sum(_is_in(value, solutions) for value in expected)
    metrics = {"expected_values": len(expected), "found_values": met}
    missed = len(expected) - met
    reason = f"{missed} of {len(expected)} values were not obtained" if missed else ""
    return Verdict(float(not missed), metrics=metrics, reason=reason, vacuous=not expected)


def _is_in(value: Any, solutions: set[float | None]) -> bool:
    # Lists and objects cannot be looked up, and are equal to no number.
    return not isinstance(value, list | dict) and value in solutions
