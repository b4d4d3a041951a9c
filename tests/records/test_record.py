from __future__ import annotations

import collections
import dataclasses
import json
import math
import types

import gymnasium as gym
import numpy as np
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from testing_env import CITIES, WeatherEnv
from vector.playing import played

from llmgym.errors import InfrastructureError, StoreError, UsageError
from llmgym.messages import Response
from llmgym.policies.scripted import OraclePolicy, RandomPolicy
from llmgym.records.record import SCHEMA_VERSION, Failure, Rollout, TurnRecord
from llmgym.records.spec import make_env, spec_of
from llmgym.tasks import Task
from llmgym.wrappers import UserSimulation

ROWS = [{"prompt": f"Weather in {city}?", "city": city} for city in CITIES]


def rollout(**fields) -> Rollout:
    given = {
        "task_id": "t",
        "task_index": 0,
        "repeat": 0,
        "seed": 1,
        "env": {"id": "e-v0"},
        "policy": {"kind": "random"},
        "outcome": "completed",
        "reward": 1.0,
        "verdict": {"reward": 1.0},
        "stop_reason": "answered",
        "messages": [{"role": "user", "content": "?"}, {"role": "assistant", "content": "!"}],
        "prompt_length": 1,
        "task": {"data": {}},
        "turns": [TurnRecord(1)],
    }
    return Rollout(**{**given, **fields})


# Whatever JSON and UTF-8 can hold.
encodable = st.text(st.characters(exclude_categories=["Cs"]))
scalar = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
)
value = st.recursive(
    scalar | encodable,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(encodable, inner, max_size=3),
    max_leaves=10,
)
# And what a model, a tool or a verifier may come up with beyond that.
odd = (
    st.text(st.characters())
    | st.integers()
    | st.floats()
    | st.binary()
    | st.sets(st.integers())
    | st.sampled_from(
        [np.float32(1.5), np.int64(3), np.arange(4)[::2], np.array([{1}, "x"], dtype=object), object()]
    )
)
odd_value = st.recursive(
    odd,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner),
    max_leaves=8,
)


@given(value, value, encodable, st.lists(st.integers(0, 2**40)), st.lists(st.floats(-50, 0)))
def test_a_record_comes_back_the_same(data, metric, text, token_ids, logprobs):
    made = rollout(
        task={"data": {"gold": data}, "params": {"temperature": 0.5}},
        verdict={"reward": 0.5, "metrics": {"m": metric}},
        messages=[{"role": "user", "content": text}, {"role": "assistant", "content": text}],
        turns=[
            TurnRecord(1, "stop", {"prompt_tokens": 3}, 0.5, 0.25, [{"id": "c"}], [1], token_ids, logprobs)
        ],
        failures=[Failure("policy", "TimeoutError", text)],
    )
    line = made.to_json()
    assert b"\n" not in line
    assert Rollout.from_json(line) == made
    assert Rollout.from_json(line.decode()) == made
    assert Rollout.from_json(made.to_dict()) == made
    assert Rollout.from_json(line).to_json() == line


@given(odd_value)
def test_anything_can_be_written_and_read_again(content):
    made = rollout(task={"data": {"odd": content}}, verdict={"reward": 1.0, "metrics": {"odd": content}})
    line = made.to_json()
    again = Rollout.from_json(line)
    assert b"\n" not in line
    assert again.to_json() == line
    assert (again.messages, again.reward) == (made.messages, made.reward)


def test_what_json_cannot_hold():
    content = {
        "surrogate": "a\ud800b",
        "huge": 2**70,
        "nan": math.nan,
        "infinite": -math.inf,
        "set": {"b", "a"},
        "key": {2**70: 1, (1, 2): 2, "\udfff": 3, None: 4},
        "numpy": [np.float64(0.5), np.bool_(True), np.arange(3), np.arange(6).reshape(2, 3).T],
        "mapping": types.MappingProxyType({"a": collections.OrderedDict(b=1)}),
        "function": math.sqrt,
        "object": OraclePolicy(),
    }
    told = Rollout.from_json(rollout(task={"data": content}).to_json()).task["data"]
    assert told == {
        "surrogate": "a?b",
        "huge": str(2**70),
        "nan": None,
        "infinite": None,
        "set": ["a", "b"],
        "key": {str(2**70): 1, "(1, 2)": 2, "?": 3, "null": 4},
        "numpy": [0.5, True, [0, 1, 2], [[0, 3], [1, 4], [2, 5]]],
        "mapping": {"a": {"b": 1}},
        "function": "math:sqrt",
        "object": {"kind": "oracle"},
    }


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"[]",
        b"7",
        b"\xff",
        b'{"versions": {}}',
        b'{"versions": {"schema": 1}}',
        {"versions": None},
        b"null",
    ],
)
def test_what_is_no_record(line):
    with pytest.raises(StoreError, match="Expected a rollout record of llmgym"):
        Rollout.from_json(line)


def test_a_newer_schema_is_refused_whatever_else_it_holds():
    for record in (rollout().to_dict(), {}):
        record["versions"] = {"schema": SCHEMA_VERSION + 1}
        with pytest.raises(StoreError, match=f"has schema {SCHEMA_VERSION + 1}.*Update llmgym"):
            Rollout.from_json(record)


def test_fields_that_are_not_known_are_ignored():
    made = rollout(failures=[Failure("policy", "E", "m")])
    record = made.to_dict()
    for part in (record, record["turns"][0], record["failures"][0]):
        part["later"] = 1
    assert Rollout.from_json(record) == made


def test_failures():
    assert Failure.of(InfrastructureError("away", boundary="judge")) == Failure(
        "judge", "InfrastructureError", "away"
    )
    assert Failure.of(KeyError("k"), "policy") == Failure("policy", "KeyError", "'k'")
    assert not Failure.of(UsageError("no")).retryable
    try:
        try:
            raise ConnectionError("refused")
        except ConnectionError as cause:
            raise InfrastructureError("no answer", boundary="policy", retryable=False) from cause
    except InfrastructureError as error:
        assert Failure.of(error, "tool") == Failure("policy", "ConnectionError", "no answer", False)


def test_the_responses_are_ready_to_be_replayed():
    made = rollout(turns=[TurnRecord(1, "stop", {"total_tokens": 2}, token_ids=[5], logprobs=[-0.5])])
    assert made.responses == [
        Response({"role": "assistant", "content": "!"}, "stop", {"total_tokens": 2}, None, [5], [-0.5])
    ]
    assert made.key == ("t", 0)


def test_the_task_is_rebuilt():
    tools = [{"type": "function", "function": {"name": "f", "description": "", "parameters": {}}}]
    task = Task("id", [{"role": "user", "content": "?"}], {"city": "Oslo"}, tools, {"temperature": 0.0})
    (made,) = played(WeatherEnv, RandomPolicy(), tasks=[task])
    again = Rollout.from_json(made.to_json()).as_task()
    assert again == task


def spec_round_trip(env):
    spec = json.loads(json.dumps(spec_of(env)))
    again = make_env(spec)
    assert list(env.reset(seed=3)[0]) == list(again.reset(seed=3)[0])
    assert spec_of(again) == spec
    return spec, again


def test_a_spec_rebuilds_the_environment_with_its_arguments():
    env = gym.make("llmgym/SessionState-v0", difficulty="hard", max_turns=3, max_episode_steps=7)
    spec, again = spec_round_trip(env)
    assert spec == {
        "id": "llmgym/SessionState-v0",
        "kwargs": {"difficulty": "hard", "max_turns": 3},
        "max_episode_steps": 7,
    }
    assert again.unwrapped.max_turns == 3


def test_a_spec_rebuilds_the_wrappers():
    env = UserSimulation(gym.make("llmgym/SessionState-v0"), user=["And now?", "Thanks."])
    env = gym.wrappers.ClipReward(env, 0.1, 0.5)
    spec, again = spec_round_trip(env)
    assert [wrapper["kwargs"] for wrapper in spec["wrappers"]] == [
        {"user": ["And now?", "Thanks."]},
        {"min_reward": 0.1, "max_reward": 0.5},
    ]
    again.reset(seed=0)
    assert again.step("hm")[0][-1]["content"] == "And now?"
    again.step("hm")
    assert again.step("hm")[1:3] == (0.1, True)


def test_a_spec_is_the_same_for_the_same_code():
    specs = set()
    for _ in range(2):
        env = gym.wrappers.TransformReward(gym.make("llmgym/SessionState-v0"), lambda reward: reward)
        specs.add(orjson.dumps(spec_of(UserSimulation(env, user=RandomPolicy(seed=4)))))
    (spec,) = map(orjson.loads, specs)
    assert spec["wrappers"][1]["kwargs"] == {"user": {"kind": "random", "seed": 4}}


def test_wrappers_that_json_cannot_describe_are_not_rebuilt():
    env = gym.make("llmgym/SessionState-v0")
    for wrapped in (gym.wrappers.TransformReward(env, abs), UserSimulation(env, user=RandomPolicy())):
        with pytest.raises(StoreError, match="cannot be rebuilt"):
            make_env(spec_of(wrapped))
    assert make_env(spec_of(UserSimulation(env, user=("a", "b")))).get_wrapper_attr("user")


def test_arguments_change_those_of_a_spec():
    spec = spec_of(gym.make("llmgym/SessionState-v0", difficulty="hard"))
    assert make_env(spec, difficulty="easy").unwrapped.difficulty == "easy"


def test_rows_given_in_code_are_not_repeated():
    rows = [{"prompt": "Add.", "initial_count": 0, "expected_count": i} for i in range(3)]
    specs = [spec_of(gym.make("llmgym/SessionState-v0", dataset=rows[:size])) for size in (3, 3, 2)]
    assert specs[0] == specs[1] != specs[2]
    assert specs[0]["kwargs"]["dataset"]["rows"] == 3
    with pytest.raises(StoreError, match="pass dataset="):
        make_env(specs[0])
    assert len(make_env(specs[0], dataset=rows).unwrapped.tasks) == 3


def test_what_cannot_be_rebuilt():
    assert spec_of(WeatherEnv()) == {"id": None, "class": "testing_env:WeatherEnv"}
    with pytest.raises(StoreError, match=r"found 'testing_env:WeatherEnv'\); pass the environment itself"):
        make_env(spec_of(WeatherEnv()))
    with pytest.raises(StoreError, match="'llmgym/NoSuch-v0' of the record is not registered here"):
        make_env({"id": "llmgym/NoSuch-v0"})


def test_every_field_is_described():
    for kind in (Rollout, TurnRecord, Failure):
        for field in dataclasses.fields(kind):
            assert f"{field.name}:" in kind.__doc__


def test_keys_of_users_and_judges_reach_no_record():
    user = {
        "kind": "openai",
        "model": "m",
        "base_url": "http://127.0.0.1:9/v1",
        "api_key": "sk-canary",
        "goal": "x",
    }
    env = UserSimulation(gym.make("llmgym/SessionState-v0"), user=user)
    spec = spec_of(env)
    assert "canary" not in json.dumps(spec) and spec["wrappers"][0]["kwargs"]["user"]["model"] == "m"


@pytest.mark.filterwarnings("ignore:.*is out of date")
def test_the_sandbox_is_named_whether_or_not_there_is_a_verdict():
    env = gym.make("llmgym/CodeGen-v1")
    assert spec_of(env)["sandbox"] == "bubblewrap"
    assert "sandbox" not in spec_of(gym.make("llmgym/SessionState-v0"))
    again = make_env(spec_of(env))
    assert spec_of(again) == spec_of(env)
