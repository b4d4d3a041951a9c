from __future__ import annotations

import asyncio
import logging
from types import SimpleNamespace

import gymnasium as gym
import pytest
from gymnasium import wrappers
from testing_env import WeatherEnv

from llmgym import bridge, tool, tool_call
from llmgym.errors import SettingsError
from llmgym.messages import assistant

COUNT = 2000


class Meeting:
    """Lets nobody pass before a number of hooks wait here at the same time. Good for one meeting."""

    def __init__(self, count):
        self.count, self.waiting = count, 0
        self.everyone = asyncio.Event()

    async def __call__(self):
        self.waiting += 1
        if self.waiting == self.count:
            self.everyone.set()
        await self.everyone.wait()


at_the_tool, at_the_verifier = Meeting(COUNT), Meeting(COUNT)


class MeetingEnv(WeatherEnv):
    @tool
    async def get_weather(self, city: str) -> str:
        """Current weather of a city."""
        await at_the_tool()
        return "cold"

    async def verify(self, episode):
        await at_the_verifier()
        return super().verify(episode)


gym.register("bridge_tests/Meeting-v0", entry_point=MeetingEnv)


class Counting(gym.Wrapper, gym.utils.RecordConstructorArgs):
    def __init__(self, env):
        gym.utils.RecordConstructorArgs.__init__(self)
        gym.Wrapper.__init__(self, env)
        self.inside = 0

    def step(self, action):
        self.inside += 1
        try:
            return super().step(action)
        finally:
            self.inside -= 1


def make_stack():
    env = gym.make("bridge_tests/Meeting-v0", max_episode_steps=5)
    env = wrappers.RecordEpisodeStatistics(env)
    env = wrappers.TransformReward(env, lambda reward: 10 * reward)
    env = wrappers.TransformObservation(env, lambda messages: messages[-1:], env.observation_space)
    return Counting(wrappers.ClipReward(env, max_reward=5.0))


def test_thousands_of_wrapped_environments_wait_on_one_loop(monkeypatch):
    monkeypatch.setattr(bridge, "watchdog_limit", 60.0)
    envs = [make_stack() for _ in range(COUNT)]
    chain, env = set(), envs[0]
    while env is not env.unwrapped:
        chain.add(type(env).__name__)
        env = env.env
    assert chain >= {
        "TimeLimit",
        "OrderEnforcing",
        "PassiveEnvChecker",
        "RecordEpisodeStatistics",
        "TransformReward",
    }

    async def play(env, seed):
        await bridge.call(env.reset, seed=seed)
        city = env.unwrapped.task.data["city"]
        await bridge.call(env.step, assistant(None, tool_call("get_weather", {"city": city})))
        return await bridge.call(env.step, "It is cold.")

    async def main():
        async with asyncio.timeout(60):
            return await asyncio.gather(*(play(env, seed) for seed, env in enumerate(envs)))

    ends = asyncio.run(main())
    assert at_the_tool.waiting == at_the_verifier.waiting == COUNT
    assert all(reward == 5.0 and terminated for _, reward, terminated, _, _ in ends)
    assert all(info["episode"]["l"] == 2 and len(messages) == 1 for messages, _, _, _, info in ends)
    assert not any(env.inside for env in envs)


def test_cancelling_one_environment_spares_the_others():
    here = Meeting(4)  # Three of them come, one of these is cancelled, and two come later.

    class Env(WeatherEnv):
        async def verify(self, episode):
            try:
                await here()
            finally:
                left.append(self.number)
            return 1.0

    left: list[int] = []
    envs = [Env() for _ in range(4)]

    async def main():
        tasks = []
        for number, env in enumerate(envs[:3]):
            env.number = number
            await bridge.call(env.reset, seed=0)
            tasks.append(asyncio.create_task(bridge.call(env.step, "done")))
        await asyncio.sleep(0)
        tasks[1].cancel()
        with pytest.raises(asyncio.CancelledError):
            await tasks[1]
        assert not here.everyone.is_set()
        here.waiting -= 1
        for number in (1, 3):
            envs[number].number = number
            await bridge.call(envs[number].reset, seed=0)
            tasks.append(asyncio.create_task(bridge.call(envs[number].step, "done")))
        return [(await task)[1] for task in (tasks[0], *tasks[2:])]

    assert asyncio.run(main()) == [1.0] * 4
    assert sorted(left) == [0, 1, 1, 2, 3]


@pytest.fixture
def clock(monkeypatch):
    clock = SimpleNamespace(now=0.0)
    times = SimpleNamespace(perf_counter=lambda: clock.now, thread_time=lambda: clock.now / 10)
    monkeypatch.setattr(bridge, "time", times)
    monkeypatch.setattr(bridge, "watchdog_limit", 0.1)
    return clock


def drive(env):
    async def main():
        await bridge.call(env.reset, seed=0)
        await bridge.call(env.step, assistant(None, tool_call("get_weather", {"city": "Oslo"})))
        await bridge.call(env.step, "done")

    asyncio.run(main())


def test_the_watchdog_names_the_hook_that_holds_the_loop(clock, caplog):
    class SlowEnv(WeatherEnv):
        def verify(self, episode):
            clock.now += 0.25
            return 1.0

    with caplog.at_level(logging.WARNING, "llmgym.bridge"):
        drive(SlowEnv())
    assert [record.getMessage().split(". ")[0] for record in caplog.records] == [
        "SlowEnv.verify held the event loop for 250 ms, 25 ms of them on the processor"
    ]


def test_the_watchdog_names_the_tool_that_holds_the_loop(clock, caplog):
    class SlowEnv(WeatherEnv):
        @tool
        def get_weather(self, city: str) -> str:
            """Current weather of a city."""
            clock.now += 1
            return "cold"

    with caplog.at_level(logging.WARNING, "llmgym.bridge"):
        drive(SlowEnv())
    assert ["tool 'get_weather' of SlowEnv held" in record.getMessage() for record in caplog.records] == [
        True
    ]
    assert "@tool(blocking=True)" in caplog.text


def test_the_watchdog_is_silent_about_time_that_is_awaited(clock, caplog):
    class PatientEnv(WeatherEnv):
        @tool
        async def get_weather(self, city: str) -> str:
            """Current weather of a city."""
            clock.now += 100
            await asyncio.sleep(0)
            clock.now += 100
            return "cold"

        async def verify(self, episode):
            clock.now += 100
            return 1.0

    with caplog.at_level(logging.WARNING, "llmgym.bridge"):
        drive(PatientEnv())
    assert not caplog.records


def test_the_limit_is_a_setting(monkeypatch):
    for given, limit in (("250", 0.25), ("", 0.1)):
        monkeypatch.setenv("LLMGYM_WATCHDOG_MS", given)
        assert bridge._limit_from_environment() == limit
    monkeypatch.setenv("LLMGYM_WATCHDOG_MS", "soon")
    with pytest.raises(
        SettingsError, match="LLMGYM_WATCHDOG_MS to be a number of milliseconds, found 'soon'"
    ):
        bridge._limit_from_environment()
