from __future__ import annotations

import json
import math

import gymnasium as gym
import numpy as np
import orjson
import pytest
from envs.tool_playing import call_once, play
from hypothesis import given
from hypothesis import strategies as st

import llmgym
from llmgym.envs.math_advanced_calculations import MathAdvancedCalculationsEnv, make_expressions
from llmgym.envs.math_advanced_calculations.expressions import Expression, calls_of, draw, parse, value_of
from llmgym.envs.math_advanced_calculations.tasks import LEVELS, listed
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import assistant, tool_call
from llmgym.testing.check import run_checks
from llmgym.toolbox import render

ID = "llmgym/MathAdvancedCalculations-v0"
ROW = {"prompt": "Get me the value for (4.0 + 2.0) using only the given tools.", "ground_truth": "[7.2]"}

if ID not in gym.registry:
    llmgym.register(ID, "llmgym.envs.math_advanced_calculations:MathAdvancedCalculationsEnv")


@pytest.mark.parametrize(
    ("name", "raw", "content"),
    [
        ("add", '{"a": 4.0, "b": 2.0}', '{"solution":7.2}'),
        ("add", '{"a": 4, "b": 2}', '{"solution":7.2}'),
        ("add", '{"a": "4", "b": " 2.0 "}', '{"solution":7.2}'),
        ("add", '{"a": 4.0, "b": true}', '{"solution":6.2}'),
        ("add", '{"a": 4.0, "b": 2.0, "c": 9}', '{"solution":7.2}'),
        ("add", '{"a": 4.0, "b": 2.0, "base": null}', '{"solution":7.2}'),
        ("add", '{"a": 1e308, "b": 1e308}', '{"solution":null}'),
        ("add", '{"a": "nan", "b": 1}', '{"solution":null}'),
        ("multiply", '{"a": 3.0, "b": 1e3}', '{"solution":3300.0000000000005}'),
        ("pi", "{}", '{"solution":2.718281828459045}'),
        ("pi", '{"c": 3}', '{"solution":2.718281828459045}'),
        ("negate", '{"a": 5}', '{"solution":5.0}'),
        ("log", '{"a": 5.0, "base": -9}', render({"solution": math.log(5, 7.5)})),
    ],
)
def test_solutions(name, raw, content):
    assert call_once(MathAdvancedCalculationsEnv(), ROW, name, raw) == ("ok", content)


@pytest.mark.parametrize(
    ("name", "raw", "detail"),
    [
        ("divide", '{"a": 1, "b": 0}', "float division by zero"),
        ("log", '{"a": -1, "base": 2}', "math domain error"),
        ("add", '{"a": 1}', "add() missing 1 required positional argument: 'b'"),
        ("add", '{"a": 1, "b": null}', "add() missing 1 required positional argument: 'b'"),
        ("add", '{"a": 1, "b": NaN}', "add() missing 1 required positional argument: 'b'"),
        ("add", '{"a": 1, "b": 1e999}', "add() missing 1 required positional argument: 'b'"),
        ("pi", '{"a": 1}', "pi() got an unexpected keyword argument 'a'"),
        ("sin", '{"radians": "inf"}', "math domain error"),
    ],
)
def test_calls_without_a_result(name, raw, detail):
    assert call_once(MathAdvancedCalculationsEnv(), ROW, name, raw) == (
        "tool_error",
        render({"detail": detail}),
    )


@pytest.mark.parametrize("name", ["tan", "verify", "Add", "seed_session"])
def test_unknown_functions(name):
    assert call_once(MathAdvancedCalculationsEnv(), ROW, name, "{}") == (
        "unknown_tool",
        '{"detail":"Function not found"}',
    )


def test_names_that_have_no_route():
    assert call_once(MathAdvancedCalculationsEnv(), ROW, "a/b", "{}") == (
        "unknown_tool",
        '{"detail":"Not Found"}',
    )


@pytest.mark.parametrize(
    ("raw", "content"),
    [
        (
            '{"a": "x", "b": 1}',
            '{"detail":[{"type":"float_parsing","loc":["body","a"],'
            '"msg":"Input should be a valid number, unable to parse string as a number","input":"x"}]}',
        ),
        (
            '{"a": [1], "b": 1}',
            '{"detail":[{"type":"float_type","loc":["body","a"],"msg":"Input should be a valid number","input":[1]}]}',
        ),
        ("null", '{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}'),
        (
            "[1, 2]",
            '{"detail":[{"type":"model_attributes_type","loc":["body"],'
            '"msg":"Input should be a valid dictionary or object to extract fields from","input":[1,2]}]}',
        ),
        (
            "",
            '{"error": "Invalid tool call arguments: JSONDecodeError(\'Expecting value: line 1 column 1 (char 0)\')"}',
        ),
        ("{1}", None),
        ('{"a": 1' + "0" * 30 + "}", None),
        ("[" * 100_000, None),
    ],
)
@pytest.mark.parametrize("name", ["add", "tan"])
def test_bodies_that_are_refused_whatever_the_function(name, raw, content):
    kind, told = call_once(MathAdvancedCalculationsEnv(), ROW, name, raw)
    assert kind == "malformed_arguments"
    assert told == content if content else told.startswith('{"error": "Invalid tool call arguments: ')


def test_texts_of_calls_count_however_the_episode_ends():
    env = MathAdvancedCalculationsEnv(max_turns=1)
    reward, info = play(env, ROW, [assistant(None, tool_call("add", {"a": 4, "b": 2}))])
    assert (reward, info["stop_reason"]) == (1.0, "max_turns")
    reward, info = play(env, ROW, ["It is 7.2."])
    assert (reward, info["reason"]) == (0.0, "1 of 1 values were not obtained")


@pytest.mark.parametrize("truth", ["[]", [7.2], "7.2", "nonsense"])
def test_odd_ground_truths_can_be_played(truth):
    reward, info = play(MathAdvancedCalculationsEnv(), {**ROW, "ground_truth": truth}, ["Done."])
    assert reward == (1.0 if truth == "[]" else 0.0)
    assert info["vacuous"] == (truth == "[]")


@pytest.mark.parametrize("truth", [None, 7.2, {"a": 1}])
def test_rows_without_a_ground_truth_are_refused(truth):
    with pytest.raises(InvalidTask, match="'ground_truth'"):
        MathAdvancedCalculationsEnv().reset(options={"task": {**ROW, "ground_truth": truth}})


def test_public_rows(shared_data):
    env = MathAdvancedCalculationsEnv(
        dataset=str(shared_data / "math_advanced_calculations" / "example.jsonl")
    )
    for index, task in enumerate(env.tasks):
        actions = env.oracle(task)
        made = [call["function"]["name"] for action in actions[:-1] for call in action["tool_calls"]]
        assert made != ["return_constant"] * len(made), "the expressions of the prompt were not read"
        assert play(env, index, actions)[0] == 1.0
        assert task.row() == task.source
        assert {each["function"]["name"] for each in task.tools} == set(env.toolbox.names)


@pytest.mark.parametrize("difficulty", LEVELS)
def test_the_oracle(difficulty):
    env = MathAdvancedCalculationsEnv(difficulty=difficulty)
    for index in range(10):
        task = env.tasks[index]
        reward, info = play(env, index, env.oracle(task))
        assert (reward, info["stop_reason"]) == (1.0, "answered")
        assert all(len(turn.results) <= 1 for turn in env.episode.turns)
        assert all(result.outcome == "ok" for result in env.episode.tool_results)


@pytest.mark.parametrize(("depth", "breadth"), [(1, 1), (1, 10), (6, 1), (6, 10), (3, 2)])
def test_depth_and_breadth(depth, breadth):
    env = MathAdvancedCalculationsEnv(depth=depth, breadth=breadth)
    for index in range(3):
        task = env.tasks[index]
        expressions = listed(task.messages[0]["content"])
        assert (task.data["depth"], task.data["breadth"]) == (depth, breadth)
        assert len(expressions) == breadth == len(json.loads(task.data["ground_truth"]))
        assert max(expression.depth for expression in expressions) == depth
        assert calls_of(expressions)[1] == json.loads(task.data["ground_truth"])
        assert len(env.oracle(task)) <= env.max_turns


def test_rows_have_the_public_schema(shared_data):
    line = (shared_data / "math_advanced_calculations" / "example.jsonl").read_bytes().splitlines()[0]
    public, row = orjson.loads(line), MathAdvancedCalculationsEnv().tasks[0].row()
    assert row.keys() == public.keys()
    assert row["responses_create_params"].keys() == public["responses_create_params"].keys()
    ours = {each["name"]: each for each in row["responses_create_params"]["tools"]}
    for theirs in public["responses_create_params"]["tools"]:
        mine = ours.pop(theirs["name"])
        assert mine.keys() == theirs.keys()
        assert mine["parameters"]["properties"].keys() == theirs["parameters"]["properties"].keys()
    assert not ours


def test_exported_rows_play_the_same():
    env = MathAdvancedCalculationsEnv()
    rows = [json.loads(json.dumps(env.tasks[index].row())) for index in range(3)]
    again = MathAdvancedCalculationsEnv(dataset=rows)
    for index in range(3):
        assert again.tasks[index].messages == env.tasks[index].messages
        assert play(again, index, again.oracle(again.tasks[index]))[0] == 1.0


def test_splits_differ():
    prompts = [
        {
            MathAdvancedCalculationsEnv(split=split, difficulty="easy").tasks[i].data["ground_truth"]
            for i in range(30)
        }
        for split in ("train", "test")
    ]
    assert not prompts[0] & prompts[1]


def test_tool_texts_keep_the_secret():
    told = json.dumps(MathAdvancedCalculationsEnv().toolbox.schemas)
    assert (
        "1.1" not in told
        and "1.2" not in told
        and "cosine" not in told.replace("Return the cosine of an angle", "")
    )


@pytest.mark.parametrize(
    "arguments", [{"difficulty": "brutal"}, {"depth": 0}, {"depth": 7}, {"breadth": 11}, {"breadth": True}]
)
def test_bad_arguments(arguments):
    with pytest.raises(UsageError):
        MathAdvancedCalculationsEnv(**arguments)


@given(st.integers(0, 2**32), st.integers(0, 4))
def test_expressions_are_read_as_they_were_written(seed, depth):
    expression = draw(np.random.default_rng(seed), depth)
    assert parse(str(expression)) == expression
    assert expression.depth == depth
    assert math.isfinite(value_of(expression))


def test_a_power_of_a_negated_number():
    power = Expression("power", (Expression("negate", (Expression("pi"),)), Expression("", literal=2.0)))
    assert str(power) == "((-(pi)) ** 2.0)"
    assert parse(str(power)) == power


@given(st.text())
def test_any_text_is_an_expression_or_an_error(text):
    try:
        parse(text)
    except ValueError:
        pass


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "tan(1.0)",
        "log(1.0)",
        "sin(radians=1)",
        "1.0 % 2.0",
        "+1.0",
        "'a'",
        "True",
        "1e999",
        "(" * 300,
    ],
)
def test_what_is_no_expression(text):
    with pytest.raises(ValueError):
        parse(text)


def test_prompts_in_other_words_still_have_an_oracle():
    env = MathAdvancedCalculationsEnv()
    row = {"prompt": "Mind the powers: 2.0 ** 3.0 ** 1.0", "ground_truth": "[1024.0, 3.0]"}
    assert play(env, row, env.oracle(llmgym.Task.of(row, id="0")))[0] == 1.0


@pytest.mark.parametrize("truth", ["x", "[null]", "[NaN]", "[1e999]", [1.0], "1.0"])
def test_ground_truths_without_an_oracle(truth):
    row = {**ROW, "ground_truth": truth}
    assert MathAdvancedCalculationsEnv().oracle(llmgym.Task.of(row, id="0")) is None


@pytest.mark.parametrize("maker", [make_expressions])
def test_generation_is_a_function_of_the_generator(maker):
    assert maker(np.random.default_rng(5), 0) == maker(np.random.default_rng(5), 0)


@pytest.mark.parametrize("difficulty", ["easy", "hard"])
def test_conforms(difficulty):
    checks = run_checks(ID, tasks=5, fuzz=60, difficulty=difficulty)
    assert not [check for check in checks if check.passed is False]
