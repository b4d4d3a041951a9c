from __future__ import annotations

import copy
import json
import pickle

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.spaces.utils import is_space_dtype_shape_equiv
from gymnasium.vector import AsyncVectorEnv, AutoresetMode, SyncVectorEnv
from gymnasium.vector.utils import (
    batch_differing_spaces,
    batch_space,
    concatenate,
    create_empty_array,
    iterate,
)
from gymnasium.wrappers import DelayObservation, FrameStackObservation, TimeAwareObservation
from gymnasium.wrappers.utils import create_zero_array
from testing_env import AsyncWeatherEnv, WeatherEnv

from llmgym.messages import Messages, Response, assistant, tool_call, user
from llmgym.spaces import MessagesSpace, ResponseSpace

SPACES = [MessagesSpace, ResponseSpace]


@pytest.mark.parametrize(
    "conversation",
    [
        [],
        [user("hello")],
        Messages([user("hello"), assistant("hi", tool_call("f", {}))]),
        [
            {"role": "system", "content": [{"type": "text", "text": "a"}]},
            {"role": "tool", "tool_call_id": "c", "content": "1"},
        ],
        [{"role": "developer", "content": None}],
    ],
)
def test_conversations(conversation):
    assert conversation in MessagesSpace()


@pytest.mark.parametrize(
    "other",
    [
        None,
        "text",
        (user("a tuple"),),
        [5],
        [{}],
        [{"role": "robot", "content": ""}],
        [{"role": []}],
        [{"role": "user", "content": 5}],
        [{"role": "assistant", "tool_calls": "f"}],
        np.zeros(2),
        {"role": "user"},
    ],
)
def test_what_is_no_conversation(other):
    assert other not in MessagesSpace()


def test_actions():
    for action in (
        "",
        "text",
        assistant("a"),
        {"role": "assistant"},
        assistant(None, tool_call("f", "{")),
        Response(assistant("a")),
    ):
        assert action in ResponseSpace()
    for other in (
        None,
        5,
        b"text",
        user("a"),
        {},
        [assistant("a")],
        {"role": "assistant", "content": 1},
        Response(user("a")),
    ):
        assert other not in ResponseSpace()


@pytest.mark.parametrize("kind", SPACES)
def test_samples_are_members_and_repeat(kind):
    space, other = kind(seed=3), kind(seed=3)
    samples = [space.sample() for _ in range(200)]
    assert all(sample in space for sample in samples)
    assert samples == [other.sample() for _ in range(200)]
    space.seed(3)
    assert space.sample() == samples[0]
    assert samples != [kind(seed=4).sample() for _ in range(200)]


def test_samples_are_what_a_model_might_send():
    samples = [ResponseSpace(["get_weather"], seed=0).sample()]
    space = ResponseSpace(["get_weather"], seed=0)
    samples = [space.sample() for _ in range(500)]
    texts = "".join(sample["content"] or "" for sample in samples)
    assert any(ord(char) > 0x3000 for char in texts) and "🙂" in texts and "\n" in texts
    assert {sample["content"] is None for sample in samples} == {True, False}
    calls = [call["function"] for sample in samples for call in sample.get("tool_calls", ())]
    assert {call["name"] for call in calls} == {"get_weather", "no_such_tool", ""}
    broken = 0
    for call in calls:
        try:
            json.loads(call["arguments"])
        except ValueError:
            broken += 1
    assert 0 < broken < len(calls)


@pytest.mark.parametrize("kind", SPACES)
def test_masks_are_refused(kind):
    for options in ({"mask": np.ones(1)}, {"probability": np.ones(1)}):
        with pytest.raises(ValueError, match="has no masks; call sample"):
            kind().sample(**options)


def test_equality_hash_and_repr():
    assert MessagesSpace(1) == MessagesSpace(2) and ResponseSpace(["a"]) == ResponseSpace(["b"])
    assert MessagesSpace() != ResponseSpace() and ResponseSpace() != gym.spaces.Discrete(2)
    assert len({MessagesSpace(), MessagesSpace(), ResponseSpace(), ResponseSpace(["a"])}) == 2
    assert (repr(MessagesSpace()), repr(ResponseSpace())) == ("MessagesSpace()", "ResponseSpace()")


@pytest.mark.parametrize("kind", SPACES)
def test_copies_and_pickles_go_on_where_the_space_stood(kind):
    space = kind(seed=1)
    space.sample()
    twins = [copy.deepcopy(space), pickle.loads(pickle.dumps(space))]
    expected = [space.sample() for _ in range(5)]
    for twin in twins:
        assert twin == space and [twin.sample() for _ in range(5)] == expected


@pytest.mark.parametrize("kind", SPACES)
def test_json_round_trip(kind):
    space = kind(seed=0)
    samples = [space.sample() for _ in range(30)]
    loaded = space.from_jsonable(json.loads(json.dumps(space.to_jsonable(samples))))
    assert loaded == samples and all(sample in space for sample in loaded)


def test_responses_become_their_messages_in_json():
    actions = ["text", Response(assistant("said"), finish_reason="stop")]
    assert ResponseSpace().to_jsonable(actions) == ["text", assistant("said")]
    assert ResponseSpace().from_jsonable(["text", assistant("said")]) == ["text", assistant("said")]


@pytest.mark.parametrize("kind", SPACES)
def test_vector_utilities(kind):
    space = kind(seed=0)
    assert not space.is_np_flattenable
    batch = batch_space(space, 3)
    assert isinstance(batch, gym.spaces.Tuple) and len(batch.spaces) == 3
    items = [space.sample() for _ in range(3)]
    joined = concatenate(space, items, create_empty_array(space, 3))
    assert list(joined) == items and joined in batch and list(iterate(batch, joined)) == items
    differing = batch_differing_spaces([space, kind()])
    assert tuple(items[:2]) in differing
    assert is_space_dtype_shape_equiv(space, kind()) and create_zero_array(space) in space


def play(env, seed=0):
    observation, _ = env.reset(seed=seed)
    observations = [observation]
    for action in (assistant(None, tool_call("get_weather", {"city": "Oslo"})), "done"):
        observations.append(env.step(action)[0])
    return observations


def test_delayed_observations():
    plain = play(WeatherEnv())
    assert play(DelayObservation(WeatherEnv(), delay=1)) == [[], *plain[:2]]


def test_stacked_observations():
    plain = play(WeatherEnv())
    stacked = play(FrameStackObservation(WeatherEnv(), stack_size=2, padding_type="zero"))
    assert stacked == [([], plain[0]), (plain[0], plain[1]), (plain[1], plain[2])]
    assert play(FrameStackObservation(WeatherEnv(), stack_size=2))[0] == (plain[0], plain[0])


def test_observations_that_know_the_time():
    env = TimeAwareObservation(gym.wrappers.TimeLimit(WeatherEnv(), 9), flatten=False)
    observations = play(env)
    assert [int(observation["time"][0]) for observation in observations] == [0, 1, 2]
    assert observations[2]["obs"] == play(WeatherEnv())[2] and observations[0] in env.observation_space


@pytest.mark.parametrize("mode", ["same", "different"])
@pytest.mark.parametrize("kind", [WeatherEnv, AsyncWeatherEnv])
def test_sync_vector_env(mode, kind):
    envs = SyncVectorEnv(
        [kind, lambda: kind(max_turns=1)], observation_mode=mode, autoreset_mode=AutoresetMode.DISABLED
    )
    first, info = envs.reset(seed=5)
    assert first in envs.observation_space and len(info["tools"][0]) == 1
    assert first[0] == kind().reset(seed=5)[0] and first[1] == kind().reset(seed=6)[0]
    observations, rewards, terminations, truncations, infos = envs.step(
        (assistant(None, tool_call("x", "")),) * 2
    )
    assert observations in envs.observation_space and list(rewards) == [0.0, 0.0]
    assert (list(terminations), list(truncations)) == ([False, False], [False, True])
    assert list(infos["stop_reason"]) == [None, "max_turns"] and list(infos["turn"]) == [1, 1]
    assert len(first[0]) == 1 and len(observations[0]) == 3
    envs.close()


def test_async_vector_env():
    envs = AsyncVectorEnv([WeatherEnv] * 2, shared_memory=False, context="forkserver")
    try:
        observations, _ = envs.reset(seed=5)
        assert observations[1] == WeatherEnv().reset(seed=6)[0]
        observations, rewards, terminations, _, _ = envs.step(("done", "done"))
        assert (
            observations in envs.observation_space
            and list(terminations) == [True, True]
            and list(rewards) == [0, 0]
        )
    finally:
        envs.close()
