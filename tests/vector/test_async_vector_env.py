from __future__ import annotations

import asyncio
import json

import gymnasium as gym
import numpy as np
import pytest
from gymnasium.vector import AsyncVectorEnv as ProcessVectorEnv
from gymnasium.vector import AutoresetMode, SyncVectorEnv
from suite_rows import played
from testing_env import CITIES, AsyncWeatherEnv, WeatherEnv
from vector.playing import Made, Meeting
from vector.vector_envs import assert_same, texts

import llmgym
from llmgym import Task, bridge, tool, tool_call
from llmgym.errors import UsageError
from llmgym.messages import assistant
from llmgym.spaces import MessagesSpace, ResponseSpace
from llmgym.vector import AsyncVectorEnv

ROWS = [{"prompt": f"Weather in {city}?", "city": city} for city in CITIES]
ID = "llmgym/SessionState-v0"


def vector(kind=WeatherEnv, num=3, **kwargs):
    return AsyncVectorEnv([kind] * num, **kwargs)


def test_what_a_vector_environment_has():
    envs = vector()
    assert envs.num_envs == 3
    assert (envs.single_observation_space, envs.single_action_space) == (MessagesSpace(), ResponseSpace())
    assert envs.metadata == {**WeatherEnv.metadata, "autoreset_mode": AutoresetMode.NEXT_STEP}
    assert envs.render_mode is None and envs.spec is None and envs.unwrapped is envs
    assert "autoreset_mode" not in WeatherEnv.metadata
    observations, _ = envs.reset(seed=0)
    assert isinstance(observations, tuple)
    assert observations in envs.observation_space
    assert envs.action_space.sample() in envs.action_space


def test_gymnasium_makes_it_and_the_spec_makes_it_again():
    envs = gym.make_vec(ID, num_envs=2, difficulty="hard", autoreset_mode="SameStep", max_episode_steps=3)
    assert isinstance(envs.unwrapped, AsyncVectorEnv)
    assert envs.metadata["autoreset_mode"] is AutoresetMode.SAME_STEP
    spec = gym.envs.registration.EnvSpec.from_json(envs.spec.to_json())
    again = gym.make_vec(spec)
    assert again.num_envs == 2 and again.envs[0].unwrapped.difficulty == "hard"
    assert_same(envs.reset(seed=3), again.reset(seed=3))
    assert repr(envs) == f"AsyncVectorEnv({ID}, num_envs=2)"
    assert envs.envs[0].spec.max_episode_steps == 3
    envs.close()
    again.close()


@pytest.mark.parametrize("row", played())
@pytest.mark.filterwarnings("ignore:.*is out of date")
def test_every_registered_environment_has_a_vector_environment(row):
    envs = gym.make_vec(row.id, num_envs=2, **row.offline)
    observations, infos = envs.reset(seed=0)
    assert observations in envs.observation_space
    assert list(infos["_task_id"]) == [True, True]
    envs.step(["hello"] * 2)
    envs.close()


def test_make_vec_takes_wrappers():
    def dearer(env):
        return gym.wrappers.TransformReward(env, lambda reward: reward - 5)

    envs = llmgym.make_vec(ID, 2, env_wrappers=[dearer], autoreset_mode="Disabled")
    envs.reset(seed=0)
    assert envs.step(["I do not know."] * 2)[1].tolist() == [-5.0, -5.0]
    assert envs.envs[0].unwrapped.tasks is envs.envs[1].unwrapped.tasks


@pytest.mark.parametrize("seed", [7, [7, 8, 9], (7, 8, 9), np.array([7, 8, 9]), np.int64(7)])
def test_seeds(seed):
    alone = [WeatherEnv().reset(seed=one)[0] for one in (7, 8, 9)]
    envs = vector()
    assert list(envs.reset(seed=seed)[0]) == alone
    assert envs.np_random_seed == (7, 8, 9)
    assert len(envs.np_random) == 3


def test_seeds_of_some():
    envs = vector()
    first, _ = envs.reset(seed=[1, None, 1])
    assert texts(first)[0] == texts(first)[2]
    second, _ = envs.reset(seed=[1, None, None])
    assert texts(second)[0] == texts(first)[0]
    assert texts(second)[2] != texts(first)[2]
    assert texts(envs.reset()[0]) != texts(second)


def test_a_task_for_each():
    envs = vector()
    _, infos = envs.reset(options={"tasks": [4, Task.of(ROWS[0], id="oslo"), ROWS[1]]})
    assert infos["task_id"].tolist() == ["train-4", "oslo", "given"]
    assert infos["task_index"].tolist() == [4, -1, -1]
    _, infos = envs.reset(options={"task": 6})
    assert infos["task_index"].tolist() == [6] * 3
    _, infos = envs.reset(seed=0, options={"tasks": [None, 2, None]})
    assert infos["task_index"][1] == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"seed": [1, 2]}, "Expected 'seed' to be a list with one entry for each of 3 environments"),
        ({"options": {"tasks": [1]}}, "Expected 'tasks' to be a list with one entry"),
        ({"options": {"tasks": "abc"}}, "Expected 'tasks' to be a list with one entry"),
        ({"options": {"colour": 1}}, "Unknown reset option 'colour'"),
    ],
)
def test_resets_that_are_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        vector().reset(**arguments)


def test_steps_that_are_refused():
    envs = vector()
    with pytest.raises(UsageError, match="before env.step"):
        envs.step(["a"] * 3)
    envs.reset(seed=0)
    with pytest.raises(UsageError, match="sequence of 3 actions, found 2 actions"):
        envs.step(["a"] * 2)
    for one in ("abc", assistant("a")):
        with pytest.raises(UsageError, match="sequence of 3 actions, found one action"):
            envs.step(one)


def test_constructors_that_are_refused():
    with pytest.raises(UsageError, match="at least one environment"):
        AsyncVectorEnv([])
    with pytest.raises(UsageError, match="'mark' or 'raise', found 'ignore'"):
        vector(on_failure="ignore")
    factory = Made()
    with pytest.raises(UsageError, match=r"found Box\(.*at position 1"):
        AsyncVectorEnv([factory, lambda: factory.envs.append(gym.make("CartPole-v1")) or factory.envs[1]])
    assert factory.closed == factory.envs[:1]


def test_environments_wait_at_the_same_time():
    class MeetingEnv(WeatherEnv):
        @tool
        async def get_weather(self, city: str) -> str:
            """Current weather of a city."""
            await meeting()
            return "cold"

    meeting = Meeting(50)
    envs = vector(MeetingEnv, 50)
    envs.reset(seed=0)
    observations, *_ = envs.step([assistant(None, tool_call("get_weather", {"city": "Oslo"}))] * 50)
    assert meeting.waiting == 50
    assert all(observation[-1]["content"] == "cold" for observation in observations)


def test_inside_a_running_loop_and_inside_the_bridge():
    async def main():
        envs = vector(AsyncWeatherEnv)
        plain = envs.reset(seed=0), envs.step(["a"] * 3)
        bridged = await bridge.call(envs.reset, seed=0), await bridge.call(envs.step, ["a"] * 3)
        return plain, bridged

    plain, bridged = asyncio.run(main())
    assert_same(bridged, plain)


def test_what_is_returned_is_not_changed_later():
    envs = vector(autoreset_mode="Disabled")
    observations, infos = envs.reset(seed=0)
    before = json.dumps([observations, infos["task_id"].tolist()])
    thought = envs.step([{"role": "assistant", "content": None, "reasoning_content": "?"}] * 3)
    envs.step(["I stop."] * 3)
    assert json.dumps([observations, infos["task_id"].tolist()]) == before
    assert [len(observation) for observation in thought[0]] == [2] * 3
    assert not thought[1].any() and not thought[2].any()


def test_call_and_attributes():
    envs = vector(AsyncWeatherEnv)
    envs.reset(seed=0)
    assert envs.get_attr("begun") == envs.call("begun") == (1, 1, 1)
    envs.set_attr("begun", [5, 6, 7])
    assert envs.get_attr("begun") == (5, 6, 7)
    envs.set_attr("begun", 9)
    assert envs.get_attr("begun") == (9, 9, 9)
    assert [len(plan) for plan in envs.call("oracle", envs.envs[0].task)] == [2, 2, 2]
    with pytest.raises(UsageError, match="Expected 3 values for 'begun', found 2"):
        envs.set_attr("begun", (1, 2))


def test_rendering():
    envs = AsyncVectorEnv([lambda: WeatherEnv(render_mode="ansi")] * 2)
    envs.reset(seed=0)
    assert envs.render_mode == "ansi"
    assert all("Weather in" in text for text in envs.render())


def test_close_twice_and_one_that_fails():
    factory = Made()
    envs = AsyncVectorEnv([factory] * 3)

    def broken():
        raise RuntimeError("stuck")

    factory.envs[0].close = broken
    with pytest.raises(RuntimeError, match="stuck"):
        envs.close()
    assert factory.closed == factory.envs[1:]
    other = Made()
    envs = AsyncVectorEnv([other] * 3)
    envs.close()
    envs.close()
    assert other.all_closed


def play_two_steps(envs):
    seen = [envs.reset(seed=0), envs.step(["a"] * 2), envs.step(["a"] * 2)]
    envs.close()
    return seen


def test_gymnasium_vector_environments_take_our_environments():
    fns = [AsyncWeatherEnv] * 2
    ours = play_two_steps(AsyncVectorEnv(fns))
    for theirs in (SyncVectorEnv(fns), ProcessVectorEnv(fns, shared_memory=False, context="spawn")):
        for mine, other in zip(ours, play_two_steps(theirs), strict=True):
            assert_same(mine, other)
    made = gym.make_vec(ID, 2, vectorization_mode="sync")
    assert made.reset(seed=0)[0] in made.observation_space
    made.close()
