from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import orjson
import pytest
from envs.tool_playing import check_in_gymnasium, check_splits, play

import llmgym
from llmgym.envs.session_state import SessionStateEnv, make_counter_task
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Response, assistant, tool_call

DIFFICULTIES = ("easy", "medium", "hard")
ROW = {"prompt": "add 1 then add 2 then get the count", "initial_count": 3, "expected_count": 6}
READ = tool_call("get_counter_value", {})


def add(count):
    raw = count if isinstance(count, str) and count[:1] in ("{", "[") else json.dumps({"count": count})
    return tool_call("increment_counter", raw)


# The public tools: texts byte for byte, counts as pydantic's lax mode takes them.


@pytest.mark.parametrize(
    ("arguments", "count"),
    [
        ('{"count": 2}', 5),
        ('{"count": -2}', 1),
        ('{"count": 0}', 3),
        ('{"count": "2"}', 5),
        ('{"count": " 2 "}', 5),
        ('{"count": "-2"}', 1),
        ('{"count": "+2"}', 5),
        ('{"count": 2.0}', 5),
        ('{"count": "2.0"}', 5),
        ('{"count": 2e0}', 5),
        ('{"count": true}', 4),
        ('{"count": false}', 3),
        ('{"count": 2, "reason": "asked"}', 5),
        ('{"count": 1, "count": 2}', 5),
    ],
)
def test_increment(arguments, count):
    env = SessionStateEnv()
    env.reset(options={"task": ROW})
    observation, *_ = env.step(assistant(None, tool_call("increment_counter", arguments)))
    assert observation[-1]["content"] == '{"success":true}'
    observation, *_ = env.step(assistant(None, READ))
    assert observation[-1]["content"] == f'{{"count":{count}}}'


@pytest.mark.parametrize(
    "arguments",
    [
        "{}",
        "",
        "null",
        "[2]",
        "2",
        "{",
        '{"count": null}',
        '{"count": 2.5}',
        '{"count": "2.5"}',
        '{"count": "two"}',
        '{"count": ""}',
        '{"count": [2]}',
        '{"count": NaN}',
        '{"count": 1e999}',
        '{"value": 2}',
    ],
)
def test_a_bad_increment_is_told_and_changes_nothing(arguments):
    env = SessionStateEnv()
    env.reset(options={"task": ROW})
    env.step(assistant(None, tool_call("increment_counter", arguments)))
    assert env.episode.tool_results[-1].outcome == "malformed_arguments"
    observation, *_ = env.step(assistant(None, READ))
    assert observation[-1]["content"] == '{"count":3}'


def test_reading_ignores_arguments():
    env = SessionStateEnv()
    env.reset(options={"task": ROW})
    observation, *_ = env.step(assistant(None, tool_call("get_counter_value", {"count": 7})))
    assert observation[-1]["content"] == '{"count":3}'


# Reward: the live counter equals the expected count.


@pytest.mark.parametrize(
    ("actions", "reward"),
    [
        ([assistant(None, add(1)), assistant(None, add(2)), assistant(None, READ), "6"], 1.0),
        # Reading and the text of the answer are irrelevant.
        ([assistant(None, add(1), add(2)), ""], 1.0),
        ([assistant(None, add(3)), "I do not know."], 1.0),
        # Several increments that net out are accepted.
        ([assistant(None, add(10), add(-7)), ""], 1.0),
        ([assistant(None, add("3"), add(True), add(-1)), ""], 1.0),
        # A failed call does not count.
        ([assistant(None, add("{"), add(3), add([1])), ""], 1.0),
        ([assistant(None, tool_call("decrement_counter", {"count": 1}), add(3)), ""], 1.0),
        ([assistant(None, add(2)), "6"], 0.0),
        ([assistant(None, add(3), add(1)), "6"], 0.0),
        ([assistant(None, READ), "6"], 0.0),
        (["6"], 0.0),
        ([""], 0.0),
        # The calls of a response that was cut off are not executed.
        ([Response(assistant(None, add(3)), finish_reason="length")], 0.0),
        ([assistant(None, add(3)), Response(assistant(None, add(1)), finish_reason="length")], 1.0),
    ],
)
def test_reward(actions, reward):
    earned, info = play(SessionStateEnv(), ROW, actions)
    assert earned == reward
    assert (info["metrics"]["count"] == 6) == (reward == 1.0)
    assert info["metrics"]["expected_count"] == 6
    assert bool(info["reason"]) == (reward == 0.0)
    assert not info["vacuous"]


def test_out_of_turns_is_still_verified():
    reward, info = play(SessionStateEnv(max_turns=1), ROW, [assistant(None, add(3))])
    assert (reward, info["stop_reason"]) == (1.0, "max_turns")


def test_each_episode_has_its_own_counter():
    env = SessionStateEnv()
    assert play(env, ROW, [assistant(None, add(3)), ""])[0] == 1.0
    assert play(env, ROW, [assistant(None, add(3)), ""])[0] == 1.0


def test_a_fork_has_its_own_counter():
    env = SessionStateEnv()
    env.reset(options={"task": ROW})
    env.step(assistant(None, add(3)))
    fork = llmgym.fork(env)
    fork.step(assistant(None, add(1)))
    assert fork.step("")[1] == 0.0
    assert env.step("")[1] == 1.0


@pytest.mark.parametrize(("actions", "reward"), [([""], 1.0), ([assistant(None, add(1)), ""], 0.0)])
def test_a_task_that_expects_its_start_is_vacuous(actions, reward):
    earned, info = play(
        SessionStateEnv(), {"prompt": "get the count", "initial_count": 4, "expected_count": 4}, actions
    )
    assert earned == reward
    assert info["vacuous"] is True


def test_counts_beyond_64_bits():
    env = SessionStateEnv()
    huge = 10**4200
    row = {"prompt": "", "initial_count": 0, "expected_count": 5}
    reward, info = play(env, row, [assistant(None, *[add(huge)] * 12), assistant(None, READ), "?"])
    assert reward == 0.0
    assert "count" not in info["metrics"]
    orjson.dumps(info["metrics"])
    assert play(env, row, [assistant(None, add(huge), add(-huge), add(5)), ""])[0] == 1.0


@pytest.mark.parametrize("field", ["initial_count", "expected_count"])
@pytest.mark.parametrize("value", [None, "three", 1.5, [3]])
def test_bad_rows_are_named(field, value):
    with pytest.raises(InvalidTask, match=field):
        SessionStateEnv().reset(options={"task": {**ROW, field: value}})


def test_numbers_of_a_row_may_be_written_as_text():
    row = {"prompt": "", "initial_count": "3", "expected_count": 6.0}
    assert play(SessionStateEnv(), row, [assistant(None, add(3)), ""])[0] == 1.0


# Public rows.


def test_public_rows(shared_data):
    path = shared_data / "session_state" / "example.jsonl"
    rows = [json.loads(line) for line in Path(path).read_text().splitlines()]
    env = SessionStateEnv(dataset=str(path))
    assert len(env.tasks) == 5
    for index, row in enumerate(rows):
        task = env.tasks[index]
        assert task.row() == row
        _, info = env.reset(options={"task": index})
        assert [tool["function"]["name"] for tool in info["tools"]] == env.toolbox.names
        assert play(env, index, env.oracle(task))[0] == 1.0
        assert play(env, index, [""])[0] == 0.0
        # "add A then add B then get the count", followed literally.
        increments = [
            assistant(None, add(int(n))) for n in re.findall(r"add (\d+)", task.messages[0]["content"])
        ]
        assert play(env, index, [*increments, assistant(None, READ), "done"])[0] == 1.0


# Procedural tasks.


def follow(text, count):
    """Carry out the instructions of a procedural task, read from its text alone."""
    numbered = re.findall(r"^\d+\. (.+)\.$", text, re.M)
    if numbered:
        clauses = numbered
    elif text.startswith("There is a counter. "):
        body = text.removeprefix("There is a counter. ").removesuffix(" I want to know where it ends up.")
        clauses = [
            re.sub(r"^(First|Then|Next|After that|Last), ", "", c) for c in re.split(r"(?<=\.) ", body)
        ]
    elif text.startswith("The counter holds"):
        clauses = re.split(r"(?<=\.) ", text)[1:]
    else:
        clauses = [re.sub(r"^then ", "", clause) for clause in text.split("; ")]
    for clause in clauses:
        count += change(clause.rstrip(".").lower(), count)
    return count


def change(clause, count):
    n = [int(number) for number in re.findall(r"-?\d+", clause)]
    times = {word: k for k, word in enumerate(("twice", "three times", "four times", "five times"), 2)}
    repeat = next((k for word, k in times.items() if clause.endswith(word)), 1)
    if clause.startswith("if the counter is above"):
        return -n[1] if count > n[0] else n[2]
    if clause.startswith("if the counter is"):
        return n[0] if count % 2 == ("odd" in clause.split("now")[0]) else -n[1]
    if clause.startswith("if there are fewer"):
        return n[1] if count < n[0] else 0
    if "half of them are gone" in clause:
        return -(count // 2)
    if "product of" in clause:
        return n[0] * n[1]
    if "of that back at once" in clause:
        return n[0] - n[1]
    if clause.startswith(("bring the counter to exactly", "change the counter so that")):
        return n[0] - count
    if "next multiple of" in clause:
        return min(m for m in range(1, n[0] + 1) if (count + m) % n[0] == 0)
    if clause.startswith("keep adding"):
        return next(n[0] * k for k in range(99) if count + n[0] * k >= n[1])
    if clause.startswith(("add as much", "double")):
        return count
    if "last digit" in clause:
        return int(str(count)[-1])
    if re.match(r"(subtract|lower|take away|count \d+ back|reduce)", clause):
        return -n[0] * repeat
    if re.search(r"(borrows|takes|get off|leads|closes|trades away|out$)", clause):
        return -n[0]
    return n[0] * repeat if n else 0


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_instructions_prove_the_expected_count(difficulty):
    for seed in range(400):
        row = make_counter_task(np.random.default_rng(seed), seed, difficulty=difficulty)
        text = row["responses_create_params"]["input"][0]["content"]
        assert follow(text, row["initial_count"]) == row["expected_count"], text
        assert row["expected_count"] != row["initial_count"]
        increments = [count for step in row["steps"] for count in step["increments"]]
        assert row["initial_count"] + sum(increments) == row["expected_count"]
        assert any(step["reads"] for step in row["steps"]) == (difficulty == "hard")


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_oracle_earns_everything(difficulty):
    env = SessionStateEnv(difficulty=difficulty)
    for index in range(200):
        task = env.tasks[index]
        reward, info = play(env, index, env.oracle(task))
        assert (reward, info["vacuous"], info["stop_reason"]) == (1.0, False, "answered")
        assert play(env, index, [""])[0] == 0.0
        difference = task.data["expected_count"] - task.data["initial_count"]
        assert play(env, index, [assistant(None, add(difference + 1)), ""])[0] == 0.0


def test_same_index_same_task_and_splits_share_nothing():
    check_splits(SessionStateEnv, 300)


def test_unknown_difficulty():
    with pytest.raises(UsageError, match="easy, medium, hard"):
        SessionStateEnv(difficulty="brutal")


@pytest.mark.parametrize("difficulty", ["easy", "hard"])
def test_gymnasium(difficulty):
    check_in_gymnasium("llmgym/SessionState-v0", difficulty=difficulty)
