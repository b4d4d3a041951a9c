from __future__ import annotations

import json

import gymnasium as gym
import pytest
from gymnasium.utils.env_checker import check_env

import llmgym
from llmgym.envs.calendar import CalendarEnv, live_task, user_script
from llmgym.envs.calendar.levels import LEVELS
from llmgym.errors import InvalidTask
from llmgym.messages import Response, assistant, tool_call
from llmgym.tasks import Task


def play(env: gym.Env, answers, **options) -> tuple[float, dict]:
    _, info = env.reset(seed=0, options=options or None)
    for answer in answers if isinstance(answers, list) else answers(env.unwrapped):
        _, reward, terminated, truncated, info = env.step(answer)
    assert terminated or truncated
    return reward, info


def oracle(env: CalendarEnv) -> list:
    answers = env.oracle(env.task)
    assert answers is not None
    return list(answers)


@pytest.mark.parametrize("difficulty", LEVELS)
@pytest.mark.parametrize("form", ["recorded", "live"])
def test_the_oracle_earns_everything(difficulty, form):
    env = CalendarEnv(difficulty=difficulty, conversation=form)
    for index in range(40):
        reward, info = play(env, oracle, task=index)
        assert reward == 1.0, info
        assert info["metrics"]["difficulty"] == difficulty
        assert info["stop_reason"] == ("answered" if form == "recorded" else "counterpart_ended")
        if form == "live":
            assert info["metrics"]["calendars_correct"] == 1.0
        else:
            assert "calendars_correct" not in info["metrics"]


def test_wrong_answers_earn_nothing():
    env = CalendarEnv(difficulty="hard")
    env.reset(seed=1, options={"task": 0})
    right = json.loads(oracle(env)[0])
    shifted = [{**entry, "start_time": right[0]["start_time"]} for entry in right]
    cases = {
        "": "no_json_list",
        "Done, it is all arranged.": "no_json_list",
        json.dumps(right[1:]): "different_number_of_events",
        json.dumps(shifted): "conflicting_events",
        json.dumps([{**right[0], "duration": right[0]["duration"] - 15}, *right[1:]]): "constraint_violated",
        "<think>hm</think>" + json.dumps(right): "think_found",
        json.dumps([{**right[0], "start_time": "10:00 AM"}, *right[1:]]): "error_in_grading",
    }
    for text, reason in cases.items():
        reward, info = play(env, [text], task=0)
        assert (reward, info["reason"]) == (0.0, reason)
    assert play(env, ["Here you are:\n```json\n" + json.dumps(right) + "\n```"], task=0)[0] == 1.0


def test_the_graded_text_is_the_first_part_of_the_last_item():
    env = CalendarEnv()
    env.reset(seed=2, options={"task": 3})
    right = oracle(env)[0]
    part = {"type": "output_text", "text": right}
    message = {"type": "message", "role": "assistant", "content": [part]}
    other = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": "One moment."}],
    }
    cases = [
        (Response(assistant(right), items=[message]), 1.0),
        (Response(assistant(right), items=[other, message]), 1.0),
        (Response(assistant(right), items=[message, other]), 0.0),
        (
            Response(
                assistant(right), items=[{**message, "content": [{"type": "refusal", "refusal": right}]}]
            ),
            0.0,
        ),
        (Response({**assistant(right), "reasoning_content": "<think> about it"}), 1.0),
        (Response(assistant(right), finish_reason="length"), 1.0),
    ]
    for response, reward in cases:
        assert play(env, [response], task=3)[0] == reward


def test_a_trailing_tool_call_leaves_no_text():
    env = CalendarEnv(max_turns=1)
    env.reset(seed=2, options={"task": 3})
    reward, info = play(env, [assistant(oracle(env)[0], tool_call("book", {}))], task=3)
    assert (reward, info["stop_reason"]) == (0.0, "max_turns")


def test_live_play_says_what_was_recorded():
    recorded, live = CalendarEnv(difficulty="hard"), CalendarEnv(difficulty="hard", conversation="live")
    prompt, _ = recorded.reset(seed=0, options={"task": 4})
    play(live, oracle, task=4)
    said = [m["content"] for m in live.episode.messages if m["role"] == "user"]
    assert said == [m["content"] for m in prompt if m["role"] == "user"] == user_script(live.task)
    assert live.task.id == recorded.task.id
    assert user_script(recorded.task) == said
    row = live.task.row()
    assert play(live, oracle, task=row)[0] == 1.0
    assert play(live, oracle, task=recorded.task)[0] == 1.0
    assert live_task(live.task) is live.task


def test_live_play_counts_the_calendars_on_the_way():
    env = CalendarEnv(difficulty="medium", conversation="live")
    env.reset(seed=0, options={"task": 1})
    answers = oracle(env)
    asked = [place for place, words in enumerate(env.task.data["requests"]) if words]
    answers[asked[0]] = "Of course!"
    reward, info = play(env, answers, task=1)
    assert reward == float(asked[0] != len(answers) - 1)
    assert info["metrics"]["calendars_correct"] == pytest.approx(1 - 1 / len(asked))
    thought = Response({**assistant(""), "reasoning_content": "hm"})
    reward, info = play(env, [thought, *oracle(env)], task=1)
    assert (reward, info["metrics"]["calendars_correct"]) == (1.0, 1.0)


def test_live_play_goes_on_in_a_fork():
    env = CalendarEnv(conversation="live")
    env.reset(seed=0, options={"task": 2})
    answers = oracle(env)
    env.step(answers[0])
    twin = llmgym.fork(env)
    for player in (env, twin):
        for answer in answers[1:]:
            _, reward, terminated, _, _ = player.step(answer)
        assert terminated and reward == 1.0


def test_live_play_has_room_for_long_talks():
    assert CalendarEnv(conversation="live").max_turns == 128
    assert CalendarEnv(conversation="live", max_turns=3).max_turns == 3
    assert CalendarEnv().max_turns == 32
    env = CalendarEnv(conversation="live", difficulty="expert", max_turns=2)
    reward, info = play(env, lambda env: oracle(env)[:2], task=0)
    assert (reward, info["stop_reason"]) == (0.0, "max_turns")


def test_a_live_task_needs_live_play():
    task = live_task(CalendarEnv().tasks[0])
    with pytest.raises(InvalidTask, match="conversation='live'"):
        CalendarEnv().reset(seed=0, options={"task": task})
    with pytest.raises(InvalidTask, match="a turn of the user"):
        live_task(Task("t", [{"role": "system", "content": "x"}], {"exp_cal_state": {}}))


def test_rows_without_an_expected_state_are_refused():
    for state in ({}, {"exp_cal_state": []}, {"exp_cal_state": {"0": None}}):
        with pytest.raises(InvalidTask, match="exp_cal_state"):
            CalendarEnv().reset(seed=0, options={"task": {"prompt": "hi", **state}})


def test_a_null_constraint_that_a_table_lost_is_no_constraint():
    entry = {"event_id": 0, "duration": 30, "min_time": "10:00", "max_time": "16:00"}
    assert play(CalendarEnv(), oracle, task={"prompt": "hi", "exp_cal_state": {"0": entry}})[0] == 1.0


def test_nothing_expected_is_vacuous():
    reward, info = play(CalendarEnv(), ["hello"], task={"prompt": "hi", "exp_cal_state": {}})
    assert reward == 1.0 and info["vacuous"]


def test_an_impossible_state_has_no_oracle():
    entry = {"event_id": 0, "duration": 90, "min_time": "10:00", "max_time": "11:00", "constraint": None}
    assert CalendarEnv().oracle(Task.of({"prompt": "hi", "exp_cal_state": {"0": entry}})) is None


@pytest.mark.parametrize("form", ["recorded", "live"])
def test_public_rows_are_read_unchanged(shared_data, form):
    path = shared_data / "calendar" / "example.jsonl"
    env = gym.make("llmgym/Calendar-v0", dataset=str(path), conversation=form)
    tasks = env.unwrapped.tasks
    assert len(tasks) == 5
    for index, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        reward, info = play(env, oracle, task=index)
        assert reward == 1.0, info
        assert len(user_script(env.unwrapped.task)) == len(row["responses_create_params"]["input"]) // 2
        assert (
            play(
                env,
                ["No."] if form == "recorded" else lambda env: ["No."] * len(user_script(env.task)),
                task=index,
            )[0]
            == 0.0
        )
        if form == "recorded":
            assert tasks[index].row() == row
            assert list(env.unwrapped.episode.messages[:-1]) == [
                {"role": m["role"], "content": m["content"]} for m in row["responses_create_params"]["input"]
            ]


@pytest.mark.parametrize("options", [{}, {"difficulty": "expert"}, {"conversation": "live"}])
def test_gymnasium_accepts_it(options):
    env = gym.make("llmgym/Calendar-v0", **options)
    check_env(env.unwrapped, skip_render_check=False)


def test_a_plain_loop():
    env = gym.make("llmgym/Calendar-v0", difficulty="easy", render_mode="ansi")
    env.action_space.seed(0)
    for episode in range(3):
        observation, info = env.reset(seed=episode)
        assert observation in env.observation_space and info["tools"] == []
        _, reward, terminated, truncated, info = env.step(oracle(env.unwrapped)[0])
        assert (reward, terminated, truncated) == (1.0, True, False)
        assert "event_id" in env.render()
    env.close()
