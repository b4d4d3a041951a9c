from __future__ import annotations

import pytest
from testing_env import WeatherEnv

import llmgym
from llmgym import ScriptedUser, fork
from llmgym.errors import InvalidTask, UsageError

ROW = {"prompt": "Weather in Lima?", "city": "Lima"}


def talking(user, row=ROW, **kwargs):
    env = WeatherEnv(**kwargs)
    env.counterpart = user
    env.reset(seed=0, options={"task": row})
    return env


def said(env, count):
    """What the user says to so many answers, and how the episode ends."""
    lines = []
    for _ in range(count):
        observation, _, terminated, truncated, info = env.step("Hm.")
        if observation[-1]["role"] == "user":
            lines.append(observation[-1]["content"])
        if terminated or truncated:
            lines.append(info["stop_reason"])
            break
    return lines


def test_lines_are_said_in_order_and_then_the_conversation_ends():
    assert said(talking(ScriptedUser(["a", "b"])), 9) == ["a", "b", "counterpart_ended"]
    assert said(talking(ScriptedUser([])), 9) == ["counterpart_ended"]
    assert said(talking(ScriptedUser(["a", "b", "c"]), max_turns=2), 9) == ["a", "b", "max_turns"]


def test_the_lines_of_the_task():
    row = {**ROW, "user_turns": ["x", "y"]}
    assert said(talking(ScriptedUser(), row), 9) == ["x", "y", "counterpart_ended"]
    assert said(talking(ScriptedUser(["own"]), row), 9) == ["own", "counterpart_ended"]


def test_a_tool_call_is_not_answered_by_the_user():
    env = talking(ScriptedUser(["a"]))
    call = llmgym.assistant("Let me look.", llmgym.tool_call("get_weather", {"city": "Lima"}))
    observation, *_ = env.step(call)
    assert observation[-1]["role"] == "tool"
    assert said(env, 9) == ["a", "counterpart_ended"]


def test_one_user_serves_episode_after_episode():
    env = talking(ScriptedUser(["a", "b"]))
    assert said(env, 1) == ["a"]
    env.reset(seed=1)
    assert said(env, 9) == ["a", "b", "counterpart_ended"]


def test_a_fork_goes_on_where_the_episode_stood():
    env = talking(ScriptedUser(["a", "b"]))
    said(env, 1)
    branch = fork(env)
    assert said(env, 9) == said(branch, 9) == ["b", "counterpart_ended"]


@pytest.mark.parametrize("row", [ROW, {**ROW, "user_turns": "one text"}, {**ROW, "user_turns": 7}])
def test_a_task_without_lines(row):
    with pytest.raises(InvalidTask, match="has no 'user_turns' for a scripted user"):
        talking(ScriptedUser(), row)


def test_one_text_is_no_list_of_lines():
    with pytest.raises(UsageError, match=r"pass \['hello'\]"):
        ScriptedUser("hello")
