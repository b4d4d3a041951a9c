from __future__ import annotations

import json

import gymnasium as gym
import pytest
from records.recordings import CALL, OUTPUT, SPEECH
from testing_env import WeatherEnv
from vector.playing import played

from llmgym.errors import StoreError, UsageError
from llmgym.policies.scripted import OraclePolicy, RandomPolicy
from llmgym.records import read_rows, replay_row, verify_rows
from llmgym.vector import collect

ID = "llmgym/SessionState-v0"
COUNT = {"type": "function_call", "call_id": "c", "name": "increment_counter", "arguments": '{"count": 2}'}
DONE = {"type": "function_call_output", "call_id": "c", "output": "{}"}


def public_row(output, reward, **fields):
    return {
        "responses_create_params": {"input": [{"role": "user", "content": "Add 2."}]},
        "initial_count": 3,
        "expected_count": 5,
        "response": {"object": "response", "output": output},
        "reward": reward,
        **fields,
    }


def told(verifications):
    return [(one.position, one.recorded, one.reward, one.changed) for one in verifications]


def test_our_rows(tmp_path):
    path = tmp_path / "run.jsonl"
    run = {"tasks": 6, "repeats": 2, "output": path, "difficulty": "easy"}
    collect(ID, RandomPolicy(), **run)
    rows = [row for _, row in read_rows(path)]
    found = list(verify_rows(rows))
    assert [one.recorded for one in found] == [one.reward for one in found] == [row["reward"] for row in rows]
    assert not any(one.changed for one in found)
    for one, row in zip(found, rows, strict=True):
        assert one.rollout.messages == row["messages"]
        assert (one.rollout.task_index, one.rollout.repeat) == (row["task_index"], row["repeat"])
        assert one.rollout.env["kwargs"] == {"difficulty": "easy"}


def test_a_reward_that_differs_is_told():
    rows = [rollout.to_dict() for rollout in played(ID, OraclePolicy(), tasks=2)]
    rows[1]["reward"] = 0.0
    assert told(verify_rows(rows)) == [(0, 1.0, 1.0, False), (1, 0.0, 1.0, True)]


def test_failed_rows_have_nothing_to_verify():
    (row,) = [rollout.to_dict() for rollout in played(ID, OraclePolicy(), tasks=1)]
    assert told(verify_rows([{**row, "outcome": "failed", "reward": None}, row])) == [
        (0, None, None, False),
        (1, 1.0, 1.0, False),
    ]


def test_the_data_set_of_a_record_need_not_exist_any_more(tmp_path):
    data = tmp_path / "data.jsonl"
    data.write_text(json.dumps({"prompt": "Add 2.", "initial_count": 3, "expected_count": 5}) + "\n")
    rows = [rollout.to_dict() for rollout in played(ID, OraclePolicy(), dataset=str(data))]
    rows += [
        rollout.to_dict() for rollout in played(ID, OraclePolicy(), dataset=[json.loads(data.read_text())])
    ]
    data.unlink()
    assert told(verify_rows(rows)) == [(0, 1.0, 1.0, False), (1, 1.0, 1.0, False)]


def test_public_rows():
    rows = [
        public_row([COUNT, DONE, SPEECH], 1.0),
        public_row([SPEECH], 0.0, _ng_task_index=7, _ng_rollout_index=2),
        public_row([COUNT, DONE, COUNT, DONE], 1.0),
        public_row([COUNT], 1),
    ]
    found = list(verify_rows(rows, ID))
    assert told(found) == [
        (0, 1.0, 1.0, False),
        (1, 0.0, 0.0, False),
        (2, 1.0, 0.0, True),
        (3, 1.0, 1.0, False),
    ]
    assert [(one.rollout.task_index, one.rollout.repeat) for one in found] == [(0, 0), (7, 2), (2, 0), (3, 0)]
    # The answer on record does not leak into the task.
    assert set(found[0].rollout.task["data"]) == {"initial_count", "expected_count"}


def test_public_rows_are_graded_to_their_end():
    once = {**COUNT, "arguments": '{"count": 1}'}
    most = gym.make(ID).unwrapped.default_max_turns
    row = public_row([once, DONE] * (most + 3), 1.0, initial_count=0, expected_count=most + 3)
    (found,) = verify_rows([row], ID)
    assert not found.changed
    (found,) = verify_rows([row], ID, max_turns=most - 1)
    assert (found.reward, found.rollout.stop_reason) == (0.0, "max_turns")


def test_an_environment_that_is_given():
    env = gym.wrappers.TransformReward(gym.make(ID), lambda reward: reward * 2)
    rows = [public_row([COUNT, DONE, SPEECH], 2.0), public_row([SPEECH], 0.0)]
    assert not any(one.changed for one in verify_rows(rows, env))
    assert replay_row(rows[0], env).reward == 2.0


def test_arguments_replace_those_of_the_record():
    (row,) = [rollout.to_dict() for rollout in played(ID, OraclePolicy(), tasks=1)]
    (found,) = verify_rows([row], max_turns=1)
    assert (found.rollout.stop_reason, found.changed) == ("max_turns", True)


def test_several_environments_in_a_file():
    rows = [
        played(id, OraclePolicy(), tasks=1)[0].to_dict()
        for id in (ID, "llmgym/MultiStep-v0", "llmgym/Calendar-v0", ID)
    ]
    assert not any(one.changed for one in verify_rows(rows))


@pytest.mark.parametrize(
    ("rows", "env", "error", "message"),
    [
        ([public_row([], 0.0)], None, UsageError, "Row 0 names no environment"),
        (
            [{"reward": 1.0, "env": {"id": ID}}],
            None,
            StoreError,
            "Row 0 is neither a rollout of llmgym nor a row",
        ),
        ([{"env": {"id": "llmgym/Gone-v0"}}], None, StoreError, "not registered here"),
        (
            [{"env": {"id": None, "class": "testing_env:WeatherEnv"}}],
            None,
            StoreError,
            "pass the environment itself",
        ),
    ],
)
def test_rows_that_cannot_be_verified(rows, env, error, message):
    with pytest.raises(error, match=message):
        list(verify_rows(rows, env))


def test_arguments_for_an_environment_that_is_made_already():
    with pytest.raises(
        UsageError, match="Expected no constructor arguments with an environment, found dataset"
    ):
        list(verify_rows([], WeatherEnv(), dataset="x"))


def test_rows_of_a_factory_with_the_environment():
    rows = [rollout.to_dict() for rollout in played(WeatherEnv, tasks=2)]
    assert not any(one.changed for one in verify_rows(rows, WeatherEnv()))
    items = {"output": [CALL, OUTPUT, SPEECH]}
    row = {
        "responses_create_params": {"input": "Weather in Lima?"},
        "city": "Lima",
        "response": items,
        "reward": 1.0,
    }
    assert not any(one.changed for one in verify_rows([row], WeatherEnv()))
