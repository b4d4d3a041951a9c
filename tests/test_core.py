from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from testing_env import AsyncWeatherEnv, WeatherEnv

import llmgym
from llmgym import Messages, Response, Task, Verdict, bridge, tool, tool_call
from llmgym.errors import InfrastructureError, InvalidAction, ResetNeeded, UsageError
from llmgym.messages import assistant, user


def ask(city: str = "Oslo", id: str = "call_0"):
    return assistant(None, tool_call("get_weather", {"city": city}, id))


def test_reset_shows_the_prompt_and_tells_about_the_task():
    env = WeatherEnv()
    observation, info = env.reset(seed=0)
    assert type(observation) is Messages and observation in env.observation_space
    assert info == {
        "tools": env.toolbox.schemas,
        "task_id": env.task.id,
        "task_index": info["task_index"],
        "new_messages": observation,
    }
    assert env.tasks[info["task_index"]] == env.task and type(info["new_messages"]) is list


def test_an_episode_from_reset_to_verdict():
    env = WeatherEnv()
    prompt, _ = env.reset(seed=0)
    city = env.task.data["city"]
    observation, reward, terminated, truncated, info = env.step(ask(city))
    answer = {"role": "tool", "tool_call_id": "call_0", "content": f'{{"city":"{city}","weather":"cold"}}'}
    assert observation == [*prompt, ask(city), answer]
    assert (reward, terminated, truncated) == (0.0, False, False)
    assert info == {"turn": 1, "new_messages": [ask(city), answer]}
    observation, reward, terminated, truncated, info = env.step("It is cold.")
    assert observation[-1] == assistant("It is cold.") and (reward, terminated, truncated) == (
        1.0,
        True,
        False,
    )
    assert info == {
        "turn": 2,
        "new_messages": [assistant("It is cold.")],
        "stop_reason": "answered",
        "components": {},
        "metrics": {},
        "reason": "",
        "vacuous": False,
    }
    assert type(reward) is float


def test_the_oracle_earns_the_full_reward():
    env = WeatherEnv()
    for seed in range(5):
        env.reset(seed=seed)
        ends = [env.step(response) for response in env.oracle(env.task)]
        assert ends[-1][1:3] == (1.0, True)


def test_a_verdict_is_told_in_the_info():
    class Graded(WeatherEnv):
        def verify(self, episode):
            return Verdict(0.5, {"a": 0.5}, {"seen": 3}, "half", vacuous=True)

    env = Graded()
    env.reset(seed=0)
    _, reward, _, _, info = env.step("x")
    assert reward == 0.5 and info["components"] == {"a": 0.5} and info["metrics"] == {"seen": 3}
    assert info["reason"] == "half" and info["vacuous"] is True


def test_step_needs_a_reset():
    env = WeatherEnv()
    with pytest.raises(ResetNeeded, match=r"call env\.reset\(\) before env\.step"):
        env.step("x")
    with pytest.raises(ResetNeeded, match="There is no episode yet"):
        env.task  # noqa: B018
    env.reset(seed=0)
    env.step("done")
    with pytest.raises(ResetNeeded):
        env.step("x")
    assert env.episode.stop_reason == "answered"
    env.reset()
    env.close()
    env.close()
    with pytest.raises(ResetNeeded):
        env.step("x")


def test_an_invalid_action_does_not_end_the_episode():
    env = WeatherEnv()
    env.reset(seed=0)
    for action in (None, 5, {"role": "user", "content": "x"}):
        with pytest.raises(InvalidAction):
            env.step(action)
    assert env.step("fine")[2] is True


def test_the_caller_cannot_change_history():
    env = WeatherEnv()
    env.reset(seed=0)
    action = ask("Oslo")
    env.step(action)
    action["tool_calls"][0]["function"]["arguments"] = "changed"
    action["content"] = "changed"
    assert env.episode.messages[1] == ask("Oslo") and env.episode.tool_calls[0].arguments == {"city": "Oslo"}


def test_observations_are_snapshots_of_an_append_only_history():
    env = WeatherEnv(max_turns=6)
    observations = [env.reset(seed=0)[0]]
    for _ in range(6):
        observations.append(env.step(ask())[0])
    kept = json.dumps(observations)
    for earlier, later in zip(observations, observations[1:], strict=False):
        assert later[: len(earlier)] == earlier and len(later) == len(earlier) + 2
        # The very same messages: a step costs no copy of the history.
        assert all(one is other for one, other in zip(earlier, later, strict=False))
    observations[-1].clear()
    assert len(env.episode.messages) == 13
    env.reset(seed=1)
    assert json.dumps(observations[:-1]) == json.dumps(json.loads(kept)[:-1])


def test_a_step_looks_at_new_messages_only():
    class Watched(dict):
        looks = 0

        def __getitem__(self, key):
            Watched.looks += 1
            return super().__getitem__(key)

        def get(self, key, default=None):
            Watched.looks += 1
            return super().get(key, default)

        def __iter__(self):
            Watched.looks += 1
            return super().__iter__()

        def __deepcopy__(self, memo):
            raise AssertionError("a message of the past was copied")

    env = WeatherEnv(max_turns=1000)
    env.reset(options={"task": Task("t", [Watched(user("x")) for _ in range(500)], {"city": "Oslo"})})
    Watched.looks = 0
    for _ in range(3):
        env.step(ask())
    assert Watched.looks == 0


def test_tool_calls_without_identifiers_get_some():
    env = WeatherEnv()
    env.reset(seed=0)
    function = {"name": "get_weather", "arguments": '{"city": "Oslo"}'}
    calls = [
        {"function": function},
        {"id": "", "function": function},
        {"id": "own", "function": function},
        "odd",
    ]
    observation, *_, info = env.step({"role": "assistant", "content": None, "tool_calls": calls})
    assert [call["id"] for call in info["new_messages"][0]["tool_calls"]] == [
        "call_0_0",
        "call_0_1",
        "own",
        "call_0_3",
    ]
    assert [m["tool_call_id"] for m in observation[2:]] == ["call_0_0", "call_0_1", "own", "call_0_3"]
    assert [call.id for call in env.episode.tool_calls] == ["call_0_0", "call_0_1", "own", "call_0_3"]
    assert [r.outcome for r in env.episode.tool_results] == ["ok", "ok", "ok", "unknown_tool"]
    assert (
        env.step({"role": "assistant", "tool_calls": [{"function": function}]})[0][-1]["tool_call_id"]
        == "call_1_0"
    )


def test_hooks_may_be_async():
    class AllAsync(AsyncWeatherEnv):
        async def task_set(self, dataset, split):
            return super().task_set(dataset, split)

    env = AllAsync()
    env.reset(seed=0)
    env.step(ask(env.task.data["city"]))
    assert env.step("done")[1] == 1.0 and env.begun == 1


@pytest.mark.parametrize("hook", ["begin", "get_weather", "verify"])
def test_a_failure_of_the_world_leaves_an_environment_that_needs_a_reset(hook):
    failure = InfrastructureError("down", boundary="judge")

    class Failing(AsyncWeatherEnv):
        async def begin(self, task):
            self.fail("begin")

        @tool
        async def get_weather(self, city: str) -> str:
            """Current weather of a city."""
            self.fail("get_weather")
            return "cold"

        async def verify(self, episode):
            self.fail("verify")
            return 1.0

        def fail(self, here):
            if here == broken:
                raise failure

    env, broken = Failing(), hook
    with pytest.raises(InfrastructureError) as caught:
        env.reset(seed=0)
        env.step(ask())
        env.step("done")
    assert caught.value is failure
    with pytest.raises(ResetNeeded):
        env.step("again")
    with pytest.raises(ResetNeeded):
        env.conclude("deadline")
    broken = ""
    env.reset(seed=0)
    assert env.step("done")[1] == 1.0


def test_a_reward_that_is_no_number_is_the_authors_mistake():
    class Wrong(WeatherEnv):
        def verify(self, episode):
            return "1.0"

    env = Wrong()
    env.reset(seed=0)
    with pytest.raises(UsageError, match="Expected 'reward' of a verdict to be a finite number, found '1.0'"):
        env.step("x")


def test_a_response_keeps_what_the_server_told():
    env = WeatherEnv()
    env.reset(seed=0)
    response = Response(ask(), "tool_calls", {"total_tokens": 5}, token_ids=[1, 2])
    env.step(response)
    assert env.episode.turns[0].response == response == replace(response)
    assert llmgym.Turn is type(env.episode.turns[0])


def test_a_step_that_is_cancelled_leaves_an_environment_that_needs_a_reset():
    env = AsyncWeatherEnv(delay=30)

    async def main():
        env.delay = 0
        await bridge.call(env.reset, seed=0)
        env.delay = 30
        task = asyncio.create_task(bridge.call(env.step, ask()))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    with pytest.raises(ResetNeeded):
        env.step("x")
    env.delay = 0
    env.reset(seed=0)
    assert env.step("done")[2] is True
