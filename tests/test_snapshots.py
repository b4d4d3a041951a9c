from __future__ import annotations

import json
import pickle
import warnings

import gymnasium as gym
import pytest
from gymnasium import wrappers
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env
from testing_env import AsyncWeatherEnv, WeatherEnv

import llmgym
from llmgym import ScriptedUser, tool_call
from llmgym.messages import assistant


class CountingEnv(AsyncWeatherEnv):
    """Keeps state in every place an author may use."""

    def begin(self, task):
        self.table = {"rows": [task.id]}
        self.episode.state["count"] = 0
        self.dice = self.stream("dice")

    def verify(self, episode):
        self.table["rows"].append(len(episode.tool_calls))
        episode.state["count"] += 1
        return float(self.dice.integers(1000)) + len(self.table["rows"]) + episode.state["count"]


gym.register("snapshot_tests/Weather-v0", "testing_env:WeatherEnv")
gym.register("snapshot_tests/AsyncWeather-v0", "testing_env:AsyncWeatherEnv")
gym.register("snapshot_tests/Counting-v0", CountingEnv)


def ask(city="Oslo"):
    return assistant(None, tool_call("get_weather", {"city": city}))


def ends(env):
    """Play to the end and into the next episode."""
    seen = [env.step(ask("Lima")), env.step("done"), env.reset(), env.step("again")]
    for entry in seen:
        if "episode" in entry[-1]:
            del entry[-1]["episode"]["t"]
    return seen


@pytest.mark.parametrize("kind", [WeatherEnv, AsyncWeatherEnv, CountingEnv])
def test_a_fork_goes_on_in_the_same_way(kind):
    env = kind()
    env.reset(seed=3)
    env.step(ask())
    forks = [env.fork() for _ in range(2)]
    expected = ends(env)
    for fork in forks:
        assert ends(fork) == expected
        assert type(fork) is kind and fork.toolbox._owner is fork


def test_a_fork_is_independent():
    env = CountingEnv()
    env.counterpart = ScriptedUser(["one", "two"])
    env.reset(seed=3)
    fork = env.fork()
    fork.step("x")
    fork.table["rows"].append("theirs")
    fork.episode.state["count"] = 99
    expected = env.fork().np_random.integers(10**9)
    fork.np_random.integers(5, size=9)
    assert (
        len(env.episode.messages) == 1
        and env.table["rows"] == [env.task.id]
        and env.episode.state["count"] == 0
    )
    assert env.np_random.integers(10**9) == expected
    assert (
        fork.task is env.task
        and fork.tasks is env.tasks
        and fork.episode.messages[0] is env.episode.messages[0]
    )
    assert fork.step("y")[0][-1]["content"] == "two" and env.step("y")[0][-1]["content"] == "one"


def test_forks_before_and_after_an_episode():
    env = WeatherEnv()
    assert env.fork().reset(seed=1) == env.reset(seed=1)
    env.step("done")
    fork = env.fork()
    with pytest.raises(llmgym.core.ResetNeeded):
        fork.step("x")
    assert fork.reset()[0] == env.reset()[0]


def stack():
    env = gym.make("snapshot_tests/Counting-v0", max_episode_steps=3)
    env = wrappers.RecordEpisodeStatistics(env)
    return wrappers.TransformReward(env, lambda reward: 2 * reward)


def test_a_fork_of_a_whole_stack_of_wrappers():
    env = stack()
    env.reset(seed=3)
    env.step(ask())
    fork = llmgym.fork(env)
    names = [[type(layer).__name__ for layer in chain(made)] for made in (env, fork)]
    assert names[0] == names[1] and len(names[0]) == 6
    assert not {id(layer) for layer in chain(env)} & {id(layer) for layer in chain(fork)}
    assert ends(fork) == ends(env)


def test_a_fork_keeps_the_limits_of_its_wrappers():
    env = stack()
    env.reset(seed=3)
    env.step(ask())
    fork = llmgym.fork(env)
    assert [fork.step(ask())[3] for _ in range(2)] == [False, True]
    assert env.step(ask())[3] is False


def chain(env):
    layers = [env]
    while env is not env.unwrapped:
        env = env.env
        layers.append(env)
    return layers


def test_fork_asks_the_environment_how():
    class Remote(WeatherEnv):
        def fork(self):
            made = type(self)()
            made.told = True
            return made

    env = gym.wrappers.TimeLimit(Remote(), 5)
    assert llmgym.fork(env).unwrapped.told and llmgym.fork(env).env is not env.env
    assert isinstance(llmgym.fork(gym.make("CartPole-v1")).unwrapped, gym.Env)


@pytest.mark.parametrize("kind", [WeatherEnv, AsyncWeatherEnv, CountingEnv])
def test_pickles_go_on_in_the_same_way(kind):
    env = kind()
    pickle.loads(pickle.dumps(env)).reset(seed=0)
    env.reset(seed=3)
    env.step(ask())
    loaded = pickle.loads(pickle.dumps(env))
    assert ends(loaded) == ends(env)


def test_the_spec_makes_the_environment_again():
    env = gym.make("snapshot_tests/AsyncWeather-v0", max_turns=2, split="test", delay=0.0)
    text = env.spec.to_json()
    assert json.loads(text)["kwargs"] == {"max_turns": 2, "split": "test", "delay": 0.0}
    for spec in (env.spec, EnvSpec.from_json(text), pickle.loads(pickle.dumps(env.spec))):
        again = gym.make(spec)
        assert again.spec == env.spec and again.unwrapped.max_turns == 2
        assert again.reset(seed=4) == env.reset(seed=4)


def test_rows_may_be_constructor_arguments_of_a_spec():
    env = gym.make("snapshot_tests/Weather-v0", dataset=[{"prompt": "p", "city": "c"}], render_mode="ansi")
    again = gym.make(EnvSpec.from_json(env.spec.to_json()))
    assert again.reset(seed=0)[0] == env.reset(seed=0)[0] and again.render() == env.render()


@pytest.mark.parametrize("name", ["Weather", "AsyncWeather"])
def test_gymnasiums_own_check_has_nothing_to_say(name):
    env = gym.make(f"snapshot_tests/{name}-v0", disable_env_checker=True).unwrapped
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        check_env(env)
    assert [str(warning.message) for warning in said] == []


def test_the_passive_checker_has_nothing_to_say():
    env = gym.make("snapshot_tests/Weather-v0", render_mode="ansi")
    env.reset(seed=0)
    env.render()
    env.action_space.seed(0)
    for _ in range(40):
        if any(env.step(env.action_space.sample())[2:4]):
            env.reset()
    env.close()


def test_an_environment_as_it_is_registered():
    llmgym.register("snapshot_tests/Registered-v0", "testing_env:WeatherEnv", kwargs={"max_turns": 3})
    env = gym.make("snapshot_tests/Registered-v0")
    assert env.unwrapped.max_turns == 3
    assert env.spec.vector_entry_point == "llmgym.vector.entry_points:snapshot_tests/Registered-v0"
    assert gym.make("snapshot_tests/Registered-v0", max_turns=5).unwrapped.max_turns == 5
