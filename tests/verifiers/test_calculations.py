from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.verifiers.calculations import CalculationFailed, calculate, grade_calculations, solution_of

numbers = st.floats(allow_nan=False, allow_infinity=False)


def out(value):
    return json.dumps({"solution": value})


# The functions: the value pins both the meaning and the order of the operations.


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("add", (4.0, 2.0), 7.2),
        ("add", (0.1, 0.2), (0.1 + 0.2) + 1.2),
        ("subtract", (9.0, 9.0), -3.0),
        ("subtract", (0.1, 0.3), (0.1 - 0.3) - 3),
        ("multiply", (1.0, 9.0), 9.9),
        ("multiply", (3.3, 7.7), (1.1 * 3.3) * 7.7),
        ("divide", (1.0, 1.0), 0.5),
        ("divide", (1.1, 3.0), (0.5 * 1.1) / 3.0),
        ("power", (2.0, 10.0), 4096.0),
        ("power", (0.0, -2.0), 1.0),
        ("log", (5.0, 2.5), math.log(5.0, 4.0)),
        ("log", (-9.9 + 20, -9.0), math.log(-9.9 + 20, 7.5)),
    ],
)
def test_two_operands(name, arguments, value):
    names = ("a", "base") if name == "log" else ("a", "b")
    assert calculate(name, dict(zip(names, arguments, strict=True))) == value


@pytest.mark.parametrize(
    ("name", "arguments", "value"),
    [
        ("sin", {"radians": 5.0}, 0.28366218546322625),
        ("cos", {"radians": 5.0}, math.sin(5.0)),
        ("pi", {}, 2.718281828459045),
        ("negate", {"a": 3.0}, 3.0),
        ("negate", {"a": -3.0}, -3.0),
        ("return_constant", {"a": 3.0}, 3.0),
    ],
)
def test_one_operand(name, arguments, value):
    assert calculate(name, arguments) == value


@pytest.mark.parametrize(
    ("name", "arguments", "text"),
    [
        ("divide", {"a": 1.0, "b": 0.0}, "float division by zero"),
        ("log", {"a": 5.0, "base": -0.5}, "float division by zero"),
        ("log", {"a": 5.0, "base": -2.5}, "float division by zero"),
        ("log", {"a": 0.0, "base": 3.0}, "math domain error"),
        ("log", {"a": 5.0, "base": -1.5}, "math domain error"),
        ("sin", {"radians": math.inf}, "math domain error"),
        ("power", {"a": 0.0, "b": -3.0}, "0.0 cannot be raised to a negative power"),
        ("power", {"a": 10.0, "b": 400.0}, "(34, 'Numerical result out of range')"),
        ("power", {"a": -8.0, "b": 0.5}, "Input should be a valid number, not a complex one"),
        ("add", {"a": 1.0}, "add() missing 1 required positional argument: 'b'"),
        ("add", {}, "add() missing 2 required positional arguments: 'a' and 'b'"),
        ("log", {"a": 1.0}, "log() missing 1 required positional argument: 'base'"),
        ("log", {"a": 1.0, "b": 2.0}, "log() got an unexpected keyword argument 'b'"),
        ("pi", {"a": 1.0}, "pi() got an unexpected keyword argument 'a'"),
    ],
)
def test_no_value(name, arguments, text):
    with pytest.raises(CalculationFailed) as caught:
        calculate(name, arguments)
    assert str(caught.value) == text


def test_unknown_function():
    with pytest.raises(KeyError):
        calculate("tan", {})


# The verifier.

TWO = "[-3.0, 0.5]"


@pytest.mark.parametrize(
    ("truth", "outputs", "reward"),
    [
        # every value among the outputs, whatever their order and number
        (TWO, [out(-3.0), out(0.5)], 1.0),
        (TWO, [out(0.5), out(-3.0)], 1.0),
        (TWO, [out(7.0), out(0.5), out(0.5), out(-3.0), out(9.0)], 1.0),
        (TWO, [out(0.5)], 0.0),
        (TWO, [], 0.0),
        ("[2.0, 2.0]", [out(2.0)], 1.0),
        # exact comparison
        ("[0.3]", [out(0.1 + 0.2)], 0.0),
        ("[0.30000000000000004]", [out(0.1 + 0.2)], 1.0),
        ("[0.0]", [out(-0.0)], 1.0),
        ("[1e22]", [out(1e22)], 1.0),
        ("[9007199254740993]", [out(9007199254740992.0)], 0.0),
        # numbers in other clothes
        ("[3]", [out(3.0)], 1.0),
        ("[3.0]", [out(3)], 1.0),
        ("[3.0]", [out("3")], 1.0),
        ("[3.0]", [out(" 3.0 ")], 1.0),
        ("[1.0]", [out(True)], 1.0),
        ("[true]", [out(1.0)], 1.0),
        ('["3.0"]', [out(3.0)], 0.0),
        ("[[3.0]]", [out(3.0)], 0.0),
        ('[{"a": 1}]', [out(1.0)], 0.0),
        # outputs without a solution
        ("[3.0]", ['{"detail":"math domain error"}'], 0.0),
        ("[3.0]", ['{"solution":null}'], 0.0),
        ("[3.0]", ["3.0"], 0.0),
        ("[3.0]", ["[3.0]"], 0.0),
        ("[3.0]", ["no JSON", out(3.0)], 1.0),
        ("[3.0]", ['{"Solution":3.0}'], 0.0),
        ("[3.0]", [None, out(3.0)], 1.0),
        ("[3.0]", ["[" * 100_000], 0.0),
        ("[3.0]", [out(10**400)], 0.0),
        ("[3.0]", ['{"solution":4.0,"solution":3.0}'], 1.0),
        # nulls and non-numbers of the ground truth
        ("[null]", ['{"detail":"Function not found"}'], 1.0),
        ("[null]", [out(3.0)], 0.0),
        ("[NaN]", [out(3.0)], 0.0),
        ("[Infinity]", [out(math.inf)], 1.0),
        # other JSON
        ("[]", [], 1.0),
        ("{}", [], 1.0),
        ('""', [], 1.0),
        ('"3"', [out(3.0)], 0.0),
        ('{"3": 1}', [out(3.0)], 0.0),
    ],
)
def test_reward(truth, outputs, reward):
    verdict = grade_calculations(truth, outputs)
    assert verdict.reward == reward
    assert bool(verdict.reason) == (reward == 0.0)
    assert verdict.vacuous == (not json.loads(truth))


@pytest.mark.parametrize(
    ("truth", "reason"),
    [
        ([3.0], "a list"),
        (None, "a NoneType"),
        (3.0, "a float"),
        ("3.0", "one that holds no list"),
        ("null", "one that holds no list"),
        ("true", "one that holds no list"),
        ("", "not JSON"),
        ("[3.0", "not JSON"),
        ("3.0, 4.0", "not JSON"),
        ("[" * 100_000, "not JSON"),
    ],
)
def test_where_the_public_verifier_crashes(truth, reason):
    verdict = grade_calculations(truth, [out(3.0)])
    assert verdict.reward == 0.0
    assert reason in verdict.reason
    assert not verdict.vacuous


def test_metrics():
    verdict = grade_calculations("[1.0, 2.0, 3.0]", [out(2.0)])
    assert verdict.metrics == {"expected_values": 3, "found_values": 1}
    assert verdict.reason == "2 of 3 values were not obtained"


@given(st.lists(numbers), st.lists(numbers))
def test_the_rule_is_membership(truth, solutions):
    reward = grade_calculations(json.dumps(truth), map(out, solutions)).reward
    assert reward == float(all(value in solutions for value in truth))


@given(st.text() | st.recursive(st.none() | st.booleans() | numbers | st.text(), st.lists).map(json.dumps))
def test_any_output_is_a_number_or_nothing(text):
    assert isinstance(solution_of(text), float | None)
    assert grade_calculations(text, [text]).reward in (0.0, 1.0)
