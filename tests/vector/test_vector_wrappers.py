from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from gymnasium.wrappers import vector as wrappers
from testing_env import WeatherEnv
from vector.vector_envs import MODES, WalkEnv, action, assert_same

from llmgym import tool_call
from llmgym.messages import Messages, assistant
from llmgym.vector import AsyncVectorEnv


def kinds(mode, num=3, kind=WalkEnv):
    return [made([kind] * num, autoreset_mode=mode) for made in (AsyncVectorEnv, SyncVectorEnv)]


def history(envs, mode, steps=60):
    rng = np.random.default_rng(3)
    yield envs.reset(seed=1)
    for _ in range(steps):
        step = envs.step([action(rng) for _ in range(envs.num_envs)])
        yield step
        ended = step[2] | step[3]
        if mode is AutoresetMode.DISABLED and ended.any():
            yield envs.reset(options={"reset_mask": ended})


WRAP = {
    "RecordEpisodeStatistics": wrappers.RecordEpisodeStatistics,
    "DictInfoToList": wrappers.DictInfoToList,
    "ClipReward": lambda envs: wrappers.ClipReward(envs, 0.2, 0.4),
    "NormalizeReward": wrappers.NormalizeReward,
    "TransformReward": lambda envs: wrappers.TransformReward(envs, lambda rewards: rewards * 2 - 1),
}


def without_times(value):
    if isinstance(value, dict):
        # RecordEpisodeStatistics reports the seconds of an episode under "t".
        return {key: without_times(item) for key, item in value.items() if key not in ("t", "_t")}
    if isinstance(value, tuple | list):
        return type(value)(map(without_times, value))
    return value


# Beside a mask RecordEpisodeStatistics goes wrong over Gymnasium's own, which takes the mask from the caller.
@pytest.mark.parametrize(
    ("name", "mode"),
    [
        (name, mode)
        for name in WRAP
        for mode in MODES
        if (name, mode) != ("RecordEpisodeStatistics", AutoresetMode.DISABLED)
    ],
)
def test_wrappers_do_what_they_do_to_gymnasiums_own(name, mode):
    ours, theirs = (WRAP[name](envs) for envs in kinds(mode))
    for mine, other in zip(history(ours, mode), history(theirs, mode), strict=True):
        if name == "DictInfoToList":
            assert mine[-1] == other[-1]
            mine, other = mine[:-1], other[:-1]
        assert_same(without_times(mine), without_times(other))


def test_statistics_see_the_mask_of_a_reset():
    envs = wrappers.RecordEpisodeStatistics(AsyncVectorEnv([WeatherEnv] * 3, autoreset_mode="Disabled"))
    envs.reset(seed=0)
    look = assistant(None, tool_call("get_weather", {"city": "Oslo"}))
    envs.step(["It is cold.", look, look])
    envs.reset(options={"reset_mask": np.array([True, False, False])})
    assert envs.episode_lengths.tolist() == [0, 1, 1]
    *_, infos = envs.step([look, "It is cold.", look])
    assert infos["episode"]["l"].tolist() == [0, 2, 0]
    assert infos["_episode"].tolist() == [False, True, False]


@pytest.mark.parametrize("mode", [AutoresetMode.NEXT_STEP, AutoresetMode.DISABLED])
def test_observations_are_transformed(mode):
    def last_only(observations):
        return tuple(Messages(observation[-1:]) for observation in observations)

    ours, theirs = (wrappers.TransformObservation(envs, last_only) for envs in kinds(mode))
    for mine, other in zip(history(ours, mode), history(theirs, mode), strict=True):
        assert {len(observation) for observation in mine[0]} == {1}
        assert_same(mine, other)


def test_each_observation_is_transformed():
    for envs in kinds(AutoresetMode.NEXT_STEP):
        wrapped = wrappers.VectorizeTransformObservation(
            envs,
            gym.wrappers.TransformObservation,
            func=lambda seen: Messages(seen[-1:]),
            observation_space=None,
        )
        observations, _ = wrapped.reset(seed=0)
        assert [len(observation) for observation in observations] == [1] * 3


def test_actions_are_transformed():
    envs = AsyncVectorEnv([WeatherEnv] * 2, autoreset_mode="Disabled")
    wrapped = wrappers.TransformAction(envs, lambda actions: [f"{each}!" for each in actions])
    wrapped.reset(seed=0)
    observations, *_ = wrapped.step(["a", "b"])
    assert [observation[-1]["content"] for observation in observations] == ["a!", "b!"]


def test_wrappers_of_the_single_environments():
    def make():
        return gym.wrappers.RecordEpisodeStatistics(gym.wrappers.ClipReward(WeatherEnv(), 0.25, 0.5))

    envs = AsyncVectorEnv([make] * 2)
    envs.reset(seed=0)
    *_, infos = envs.step(["I do not know."] * 2)
    assert infos["episode"]["r"].tolist() == [0.25] * 2
