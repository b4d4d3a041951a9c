from __future__ import annotations

import gymnasium as gym
import numpy as np
import pytest
from records.recordings import CALL, LOOK, OUTPUT, ROW, SAY, SPEECH, THOUGHT, TOLD
from testing_env import AsyncWeatherEnv, WeatherEnv
from vector.playing import played, untimed

import llmgym
from llmgym import Response, replay, user
from llmgym.errors import InfrastructureError, InvalidTask, UsageError
from llmgym.tasks import Task
from llmgym.wrappers import UserSimulation


def summary(rollout):
    return (
        rollout.reward,
        rollout.outcome,
        rollout.stop_reason,
        [message["role"] for message in rollout.messages],
    )


WHOLE = (1.0, "completed", "answered", ["user", "assistant", "tool", "assistant"])
CUT = (1.0, "truncated", "recording_ended", ["user", "assistant", "tool"])
WRONG = (0.0, "completed", "answered", ["user", "assistant"])


@pytest.mark.parametrize(
    ("recorded", "expected"),
    [
        ("It is cold.", WRONG),
        (SAY, WRONG),
        (Response(SAY), WRONG),
        (LOOK, CUT),
        ([LOOK, SAY], WHOLE),
        ([LOOK, Response(SAY), "and never reached"], WHOLE),
        ((LOOK, "It is cold."), WHOLE),
        ([], (0.0, "truncated", "recording_ended", ["user"])),
        ([LOOK, TOLD, SAY], WHOLE),
        ([user("Weather in Lima?"), LOOK, TOLD, SAY], WHOLE),
        ([user("Weather in Lima?"), LOOK, TOLD], CUT),
        ([LOOK], CUT),
        ({"output": [CALL, OUTPUT, SPEECH]}, WHOLE),
        ({"output": [THOUGHT, CALL, OUTPUT, THOUGHT, SPEECH]}, WHOLE),
        ({"output": [CALL, OUTPUT, CALL]}, (*CUT[:3], ["user", "assistant", "tool", "assistant", "tool"])),
        ({"output": [CALL]}, CUT),
        ({"output": []}, (0.0, "truncated", "recording_ended", ["user"])),
        (
            {"output": [CALL, OUTPUT, SPEECH], "incomplete_details": {"reason": "max_output_tokens"}},
            (1.0, "truncated", "length", WHOLE[-1]),
        ),
        (
            {"output": [CALL], "incomplete_details": {"reason": "max_output_tokens"}},
            # The call may be incomplete: it counts as written, and is not executed.
            (1.0, "truncated", "length", ["user", "assistant"]),
        ),
        (
            {"output": [SPEECH], "incomplete_details": {"reason": "content_filter"}},
            (0.0, "truncated", "content_filter", ["user", "assistant"]),
        ),
        ({"output": [SPEECH], "incomplete_details": None}, WRONG),
    ],
)
@pytest.mark.parametrize("kind", [WeatherEnv, AsyncWeatherEnv])
def test_every_kind_of_recording(kind, recorded, expected):
    assert summary(replay(kind(), ROW, recorded)) == expected


def test_an_object_of_openai():
    from openai.types.responses import Response as OpenAIResponse

    body = {
        "id": "r",
        "created_at": 0,
        "model": "m",
        "object": "response",
        "tools": [],
        "tool_choice": "auto",
    }
    answer = OpenAIResponse.model_validate({**body, "parallel_tool_calls": True, "output": [THOUGHT, CALL]})
    assert summary(replay(WeatherEnv(), ROW, answer)) == CUT


def test_tools_are_executed_again():
    made = replay(WeatherEnv(), ROW, [LOOK, {**TOLD, "content": "warm"}, SAY])
    assert made.messages[2]["content"] == '{"city":"Lima","weather":"cold"}'


def test_the_record_of_a_replay():
    made = replay(gym.make("llmgym/SessionState-v0", difficulty="easy"), 3, ["hm"], seed=5)
    assert (made.task_id, made.task_index, made.seed, made.policy) == ("train-3", 3, 5, {"kind": "replay"})
    assert made.env == {"id": "llmgym/SessionState-v0", "kwargs": {"difficulty": "easy"}}
    assert replay("llmgym/SessionState-v0", np.int64(3), "hm").task_index == 3
    assert replay(WeatherEnv(), Task.of(ROW), LOOK).task_index == -1


def test_wrappers_take_part():
    env = gym.wrappers.TransformReward(WeatherEnv(), lambda reward: reward * 3)
    assert replay(env, ROW, [LOOK, SAY]).reward == 3.0


def test_an_environment_that_is_given_stays_open():
    env = WeatherEnv()
    assert [replay(env, ROW, one).reward for one in ([LOOK, SAY], "?", [LOOK, SAY])] == [1.0, 0.0, 1.0]


@pytest.mark.parametrize(
    ("recorded", "error", "message"),
    [
        ([user("Weather in Oslo?"), LOOK, SAY], UsageError, "its prompt is not that of the task"),
        ([TOLD, SAY], UsageError, "a message of the role 'tool'"),
        ({"output": ["text"]}, InvalidTask, "Expected output items to be objects, found str"),
        (7, UsageError, "found int"),
        (user("?"), UsageError, "found role 'user'"),
    ],
)
def test_what_is_no_recording(recorded, error, message):
    with pytest.raises(error, match=message):
        replay(WeatherEnv(), ROW, recorded)


def test_what_does_not_fit():
    with pytest.raises(UsageError, match="Expected an llmgym environment, found CartPoleEnv"):
        replay(gym.make("CartPole-v1"), 0, "a")
    with pytest.raises(InvalidTask):
        replay(WeatherEnv(), {"nonsense": 1}, "a")


class BrokenEnv(WeatherEnv):
    where = "verify"
    error: Exception = InfrastructureError("away", boundary="judge")

    def begin(self, task):
        if self.where == "begin":
            raise self.error

    def verify(self, episode):
        if self.where == "verify":
            raise self.error
        return super().verify(episode)


@pytest.mark.parametrize("recorded", [[LOOK, SAY], [LOOK]])
def test_a_verifier_that_fails_is_in_the_record(recorded):
    made = replay(BrokenEnv(), ROW, recorded)
    assert (made.outcome, made.reward, made.verdict) == ("failed", None, None)
    assert made.failures[0].boundary == "judge"


def test_a_reset_that_fails_is_raised_and_the_counterpart_stays():
    env, own = BrokenEnv(), llmgym.ScriptedUser(["a"])
    env.where, env.counterpart = "begin", own
    with pytest.raises(InfrastructureError, match="away"):
        replay(env, ROW, [LOOK, SAY])
    assert env.counterpart is own


# Conversations with a counterpart.

LINES = ["And the wind?", "Thanks."]


def live(*responses, lines=LINES, **kwargs):
    env = UserSimulation(WeatherEnv(**kwargs), user=lines)
    env.reset(options={"task": ROW})
    for response in responses:
        *_, terminated, truncated, _ = env.step(response)
    assert terminated or truncated
    return env


@pytest.mark.parametrize(
    "responses",
    [
        [LOOK, SAY, "No wind.", "Bye."],
        ["I do not know.", "No wind.", LOOK, "Bye."],
        [LOOK, SAY, LOOK, "Calm.", "Bye."],
    ],
)
def test_a_live_conversation_is_replayed_with_what_the_counterpart_said(responses):
    env = live(*responses)
    messages = env.unwrapped.episode.messages
    for recorded in (messages, messages[1:]):
        for again in (WeatherEnv(), UserSimulation(WeatherEnv(), user=["Something else."]), env):
            made = replay(again, ROW, recorded)
            assert made.messages == messages
            assert (made.reward, made.stop_reason) == (1.0, "counterpart_ended")
    assert env.unwrapped.counterpart is env.user


def test_a_conversation_cut_by_a_limit():
    messages = live(LOOK, SAY, max_turns=2).unwrapped.episode.messages
    assert messages[-1] == user("And the wind?")
    made = replay(WeatherEnv(), ROW, messages)
    assert (made.messages, made.outcome, made.stop_reason) == (messages, "truncated", "recording_ended")


def test_a_user_between_output_items():
    items = [SPEECH, {"type": "message", "role": "user", "content": "And the wind?"}, CALL, OUTPUT, SPEECH]
    made = replay(WeatherEnv(), ROW, {"output": items})
    assert [message["role"] for message in made.messages] == [
        "user",
        "assistant",
        "user",
        "assistant",
        "tool",
        "assistant",
    ]
    assert made.reward == 1.0


def test_what_a_run_made_is_replayed_to_the_same_record():
    for kind in (WeatherEnv, AsyncWeatherEnv):
        for made in played(kind, tasks=4):
            again = replay(kind(), made.as_task(), made.responses, seed=made.seed)
            again.task_index, again.policy = made.task_index, made.policy
            assert untimed(again) == untimed(made)
