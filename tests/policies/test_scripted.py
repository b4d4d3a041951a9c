from __future__ import annotations

import asyncio
import threading

import pytest
from testing_env import AsyncWeatherEnv, WeatherEnv
from vector.playing import by_key, played, untimed

import llmgym
from llmgym.errors import UsageError
from llmgym.messages import Messages, assistant, tool_call
from llmgym.policies.base import Request
from llmgym.policies.scripted import HumanPolicy, OraclePolicy, RandomPolicy, ReplayPolicy
from llmgym.spaces import ResponseSpace

QUESTION = Messages([llmgym.user("Weather in Lima?")])
TOOLS = WeatherEnv().toolbox.schemas


def respond(policy, request):
    return asyncio.run(policy.respond(request))


# The oracle.


class AsyncOracleEnv(AsyncWeatherEnv):
    async def oracle(self, task):
        await asyncio.sleep(0)
        return super().oracle(task)


@pytest.mark.parametrize("kind", [WeatherEnv, AsyncWeatherEnv, AsyncOracleEnv])
def test_the_oracle_earns_the_full_reward(kind):
    policy = OraclePolicy()
    made = played(kind, policy, tasks=5, repeats=4, concurrency=7)
    assert {rollout.reward for rollout in made} == {1.0}
    assert policy.describe() == {"kind": "oracle"}
    assert policy._plans == {}


def test_the_oracle_begins_anew_after_an_episode_that_was_broken_off():
    env, policy = WeatherEnv(), OraclePolicy()
    for task in (0, 1):
        observation, info = env.reset(seed=3, options={"task": task})
        response = respond(policy, Request(observation, info["tools"], env=env))
        assert env.task.data["city"] in response.tool_calls[0]["function"]["arguments"]


class MuteEnv(WeatherEnv):
    def oracle(self, task):
        return None


class ShortEnv(WeatherEnv):
    def oracle(self, task):
        return [assistant(None, tool_call("get_weather", {"city": "Oslo"}))]


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (MuteEnv, "MuteEnv has no oracle for task 'train-0'"),
        (ShortEnv, "oracle of ShortEnv gave 1 responses for task 'train-0', but the episode goes on"),
    ],
)
def test_an_oracle_that_is_missing_or_too_short(kind, message):
    with pytest.raises(UsageError, match=message):
        played(kind, OraclePolicy(), tasks=1)


@pytest.mark.parametrize("policy", [OraclePolicy(), ReplayPolicy({"a": ["b"]})])
def test_policies_that_need_the_environment(policy):
    with pytest.raises(UsageError, match=f"{type(policy).__name__} needs the environment"):
        respond(policy, Request(QUESTION))


# Random responses.


def test_random_responses_depend_on_the_seed_alone():
    one, again, other = (RandomPolicy()(QUESTION, tools=TOOLS, seed=seed) for seed in (1, 1, 2))
    assert one == again != other
    assert one.message in ResponseSpace()
    assert RandomPolicy(seed=7)(QUESTION) == RandomPolicy(seed=7)(QUESTION) != RandomPolicy(seed=8)(QUESTION)


def test_random_responses_call_the_tools_that_are_offered():
    names = {
        call["function"]["name"]
        for seed in range(60)
        for call in RandomPolicy()(QUESTION, tools=TOOLS, seed=seed).tool_calls
    }
    assert "get_weather" in names
    assert names <= {"get_weather", "no_such_tool", ""}
    assert RandomPolicy(seed=4).describe() == {"kind": "random", "seed": 4}


def test_turns_without_a_seed_differ():
    policy = RandomPolicy(seed=1)
    responses = [respond(policy, Request(QUESTION, TOOLS, turn=turn)) for turn in range(8)]
    assert len({str(response.message) for response in responses}) > 4


# Replay.


def test_what_was_recorded_is_said_again():
    first = by_key(played(WeatherEnv, RandomPolicy(), tasks=4))
    recorded = {rollout.task_id: rollout.responses for rollout in first.values()}
    again = by_key(played(WeatherEnv, ReplayPolicy(recorded), tasks=4))
    for key, rollout in first.items():
        assert {**untimed(again[key]), "policy": None} == {**untimed(rollout), "policy": None}


def test_one_recording_for_every_task():
    made = played(WeatherEnv, ReplayPolicy(["It is cold."]), tasks=3)
    assert [rollout.messages[-1]["content"] for rollout in made] == ["It is cold."] * 3


@pytest.mark.parametrize(
    ("recorded", "message"),
    [
        ({"other": ["a"]}, "no responses for task 'train-0'"),
        (
            [assistant(None, tool_call("get_weather", {"city": "Oslo"}))],
            "has 1 responses, but the episode goes on",
        ),
    ],
)
def test_a_recording_that_does_not_fit(recorded, message):
    with pytest.raises(UsageError, match=message):
        played(WeatherEnv, ReplayPolicy(recorded), tasks=1)


# A person at the terminal.


def person(*lines):
    shown, given = [], iter(lines)

    def read():
        try:
            return next(given)
        except StopIteration:
            raise EOFError from None

    return HumanPolicy(read, shown.append), shown


@pytest.mark.parametrize(
    ("lines", "content"),
    [
        (["cold", ""], "cold"),
        (["it is", "cold", "", "next"], "it is\ncold"),
        (["cold"], "cold"),
        ([""], ""),
        (["  indented ", "/tools", ""], "  indented \n/tools"),
    ],
)
def test_a_person_answers(lines, content):
    policy, shown = person(*lines)
    assert respond(policy, Request(QUESTION, TOOLS)).message == assistant(content)
    assert "Weather in Lima?" in shown[0]
    assert "get_weather" in shown[1]


@pytest.mark.parametrize(
    ("line", "name", "arguments"),
    [
        ('/call get_weather {"city": "São Paulo"}', "get_weather", '{"city": "São Paulo"}'),
        ("/call  get_weather", "get_weather", "{}"),
        ("/call no_such {broken", "no_such", "{broken"),
    ],
)
def test_a_person_calls_a_tool(line, name, arguments):
    policy, _ = person(line)
    (call,) = respond(policy, Request(QUESTION, TOOLS)).tool_calls
    assert call["function"] == {"name": name, "arguments": arguments}


def test_a_person_looks_at_the_tools_and_quits():
    policy, shown = person("/tools", "/quit")
    with pytest.raises(KeyboardInterrupt):
        respond(policy, Request(QUESTION, TOOLS))
    assert "Current weather of a city" in shown[2]


def test_the_end_of_the_input_ends_it_all():
    policy, _ = person("cold")
    assert respond(policy, Request(QUESTION, TOOLS)).message == assistant("cold")
    with pytest.raises(KeyboardInterrupt):
        respond(policy, Request(QUESTION, TOOLS))


def test_a_person_plays_an_episode_and_sees_each_message_once():
    policy, shown = person('/call get_weather {"city": "Lima"}', "It is cold.", "")
    (made,) = played(WeatherEnv, policy, tasks=[{"prompt": "Weather in Lima?", "city": "Lima"}])
    assert made.reward == 1.0
    assert sum("Weather in Lima?" in text for text in shown) == 1
    assert sum('"weather"' in text for text in shown) == 1


def test_a_person_who_does_not_answer_does_not_keep_the_program_from_ending():
    asked, never = threading.Event(), threading.Event()

    def read():
        asked.set()
        never.wait()
        return ""

    async def main():
        waiting = asyncio.create_task(HumanPolicy(read, lambda text: None).respond(Request(QUESTION)))
        while not asked.is_set():
            await asyncio.sleep(0.001)
        waiting.cancel()

    # It returns although the thread still reads.
    asyncio.run(main())
    never.set()
