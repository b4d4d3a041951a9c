from __future__ import annotations

import time

import pytest
from testing_env import WeatherEnv

from llmgym import Response, ScriptedUser, Task, tool, tool_call
from llmgym.errors import InfrastructureError, InvalidTask, ResetNeeded
from llmgym.messages import assistant, user


def ask(city: str):
    return assistant(None, tool_call("get_weather", {"city": city}))


def begin(env, **options):
    env.reset(seed=0, options=options)
    return ask(env.task.data["city"])


def end(result):
    _, reward, terminated, truncated, info = result
    return reward, terminated, truncated, info.get("stop_reason")


def test_answered():
    env = WeatherEnv()
    begin(env)
    assert end(env.step("I do not know.")) == (0.0, True, False, "answered")


def test_max_turns_runs_the_last_calls_and_verifies():
    env = WeatherEnv(max_turns=2)
    question = begin(env)
    assert end(env.step(ask("Elsewhere"))) == (0.0, False, False, None)
    result = env.step(question)
    assert end(result) == (1.0, False, True, "max_turns")
    assert result[0][-1]["role"] == "tool" and env.episode.truncated


def test_an_answer_in_the_last_turn_is_no_truncation():
    env = WeatherEnv(max_turns=1)
    begin(env)
    assert end(env.step("x")) == (0.0, True, False, "answered")


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_a_response_that_was_cut_off_runs_no_calls_and_is_verified(reason):
    env = WeatherEnv()
    question = begin(env)
    result = env.step(Response(question, finish_reason=reason))
    assert end(result) == (1.0, False, True, reason)
    assert result[0][-1] == question and not env.episode.tool_results and len(env.episode.tool_calls) == 1


@pytest.mark.parametrize("reason", ["stop", "tool_calls", None, "eos"])
def test_other_finish_reasons_do_not_matter(reason):
    env = WeatherEnv()
    question = begin(env)
    assert end(env.step(Response(question, finish_reason=reason))) == (0.0, False, False, None)


def test_the_deadline_verifies(monkeypatch):
    env = WeatherEnv(deadline=10.0)
    question = begin(env)
    assert end(env.step(question)) == (0.0, False, False, None)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 11)
    assert end(env.step(question)) == (1.0, False, True, "deadline")


def test_the_deadline_counts_from_the_reset(monkeypatch):
    env = WeatherEnv(deadline=10.0)
    question = begin(env)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 11)
    assert begin(env) == question and end(env.step(question)) == (0.0, False, False, None)


class SubmitEnv(WeatherEnv):
    @tool
    def submit(self, reason: str = "submitted") -> str:
        """Hand in."""
        self.episode.finish(reason)
        return "thanks"


def test_a_tool_can_end_the_episode():
    env = SubmitEnv()
    question = begin(env)
    env.step(question)
    observation, *_ = result = env.step(assistant("here", tool_call("submit", {})))
    assert end(result) == (1.0, True, False, "submitted") and observation[-1]["content"] == "thanks"


def test_calls_after_the_end_are_not_run():
    env = SubmitEnv()
    begin(env)
    calls = [tool_call("submit", {}, "a"), tool_call("get_weather", {"city": "Oslo"}, "b")]
    observation, *_ = env.step(assistant(None, *calls))
    assert [r.name for r in env.episode.tool_results] == ["submit"] and observation[-1]["tool_call_id"] == "a"
    assert [call.name for call in env.episode.tool_calls] == ["submit", "get_weather"]


def test_a_tool_that_ends_in_the_last_turn_is_no_truncation():
    env = SubmitEnv(max_turns=1)
    begin(env)
    assert end(env.step(assistant(None, tool_call("submit", {"reason": "gave_up"})))) == (
        0.0,
        True,
        False,
        "gave_up",
    )


def thought(**more):
    return {"role": "assistant", "content": "", "reasoning_content": "hmm", **more}


REASONING = {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hmm"}]}
MESSAGE = {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": ""}]}


@pytest.mark.parametrize("action", [thought(), thought(content=None), Response(thought(), items=[REASONING])])
def test_who_only_thinks_is_asked_again(action):
    env = WeatherEnv(max_turns=3)
    begin(env)
    assert end(env.step(action)) == (0.0, False, False, None)
    assert env.episode.turns[0].reply is None
    env.step(action)
    assert end(env.step(action)) == (0.0, False, True, "max_turns")


@pytest.mark.parametrize(
    "action",
    [
        "",
        assistant(None),
        thought(content="aha"),
        thought(refusal="I cannot."),
        thought(content=[{"type": "image_url", "image_url": {"url": "u"}}]),
        Response(thought(), items=[REASONING, MESSAGE]),
        {"role": "assistant", "content": None, "tool_calls": []},
    ],
)
def test_who_says_something_or_nothing_at_all_has_answered(action):
    env = WeatherEnv()
    begin(env)
    assert end(env.step(action)) == (0.0, True, False, "answered")


def test_conclude_verifies_from_outside():
    env = WeatherEnv()
    with pytest.raises(ResetNeeded, match="No episode is running"):
        env.conclude("deadline")
    question = begin(env)
    env.step(question)
    observation, reward, terminated, truncated, info = env.conclude("recording_ended")
    assert (reward, terminated, truncated, info["stop_reason"]) == (1.0, False, True, "recording_ended")
    assert info["new_messages"] == [] and info["turn"] == 1 and len(observation) == 3
    with pytest.raises(ResetNeeded):
        env.step("x")


class Talker:
    """A counterpart that draws from its stream and ends when told so."""

    def __init__(self, replies):
        self.replies = replies

    async def begin(self, episode, rng):
        self.rng, self.said = rng, 0

    async def reply(self, episode):
        self.said += 1
        reply = self.replies[self.said - 1]
        return f"{reply} {self.rng.integers(10**9)}" if reply else None


def test_the_counterpart_speaks_when_the_floor_is_free():
    env = WeatherEnv()
    env.counterpart = Talker(["and?", "well?", None])
    question = begin(env)
    observation, *_, info = env.step("hello")
    assert observation[-1]["role"] == "user" and observation[-1]["content"].startswith("and? ")
    assert info["new_messages"] == [assistant("hello"), env.episode.turns[0].reply]
    assert env.step(question)[0][-1]["role"] == "tool" and env.counterpart.said == 1
    env.step("cold")
    assert end(env.step("bye")) == (1.0, True, False, "counterpart_ended")


def test_the_stream_of_the_counterpart_disturbs_no_other():
    plain, talking = WeatherEnv(), WeatherEnv()
    talking.counterpart = Talker(["a", "b", "c"])
    tasks = []
    for env in (plain, talking):
        env.reset(seed=7)
        env.step("x")
        tasks.append([env.reset()[1]["task_id"] for _ in range(3)])
    assert tasks[0] == tasks[1]
    replies = []
    for _ in range(2):
        talking.reset(seed=7)
        replies.append(talking.step("x")[0][-1])
    assert replies[0] == replies[1]


def test_a_conversation_that_goes_on_for_too_long():
    env = WeatherEnv(max_turns=1)
    env.counterpart = Talker(["and?"])
    begin(env)
    assert end(env.step("x")) == (0.0, False, True, "max_turns")
    assert env.episode.turns[0].reply["role"] == "user"


def test_a_counterpart_that_fails_is_a_failure_of_the_world():
    env = WeatherEnv()
    env.counterpart = Talker([])
    begin(env)
    with pytest.raises(InfrastructureError, match="IndexError") as caught:
        env.step("x")
    assert caught.value.boundary == "counterpart"
    with pytest.raises(ResetNeeded):
        env.step("x")


def test_a_scripted_user():
    env = WeatherEnv()
    env.counterpart = ScriptedUser()
    env.reset(options={"task": {"prompt": "hi", "city": "x", "user_turns": ["one", "two"]}})
    assert env.step("a")[0][-1] == user("one")
    branch = env.fork()
    assert env.step("b")[0][-1] == branch.step("c")[0][-1] == user("two")
    assert end(env.step("d")) == (0.0, True, False, "counterpart_ended")
    with pytest.raises(InvalidTask, match="Task 't' has no 'user_turns' for a scripted user"):
        env.reset(options={"task": Task("t", [user("hi")], {"city": "x"})})
    env.counterpart = ScriptedUser(["only"])
    env.reset(seed=0)
    assert env.step("a")[0][-1] == user("only") and end(env.step("b"))[3] == "counterpart_ended"
