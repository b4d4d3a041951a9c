from __future__ import annotations

import json
from collections import Counter

import gymnasium as gym
import pytest

import llmgym
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Response, assistant, tool_call
from llmgym.registration import register
from llmgym.testing.check import run_checks

pytest.importorskip("jsonschema")
pytest.importorskip("xmltodict")

ID = "llmgym/StructuredOutputs-v0"
if ID not in gym.registry:
    register(ID, "llmgym.envs.structured_outputs:StructuredOutputsEnv")

ROW = {
    "responses_create_params": {"input": [{"role": "user", "content": "Give a."}]},
    "schema_str": '{"type": "object", "properties": {"a": {"type": "integer"}}}',
}
TOOL = {
    "type": "function",
    "name": "save",
    "description": "Save.",
    "parameters": {"type": "object", "properties": {"p": {}}},
    "strict": False,
}
CALL_ROW = {
    **ROW,
    "responses_create_params": {**ROW["responses_create_params"], "tools": [TOOL]},
    "response_mode": "tool_call",
    "tool_name": "save",
    "tool_payload_key": "p",
    "num_tools": 1,
    "has_distractors": False,
}


def play(row, *answers, **options):
    env = gym.make(ID, **options)
    env.reset(seed=0, options={"task": row})
    for answer in answers:
        _, reward, terminated, truncated, info = env.step(answer)
    env.close()
    return reward, terminated, truncated, info


@pytest.mark.parametrize("difficulty", ["easy", "medium", "hard"])
@pytest.mark.parametrize("kind", ["json", "yaml", "xml", "toml", "csv", "tool"])
def test_the_oracle_earns_the_reward(kind, difficulty):
    how = (
        {"response_mode": "tool_call"}
        if kind == "tool"
        else {"schema_types": [kind], "response_mode": "text"}
    )
    env = gym.make(ID, difficulty=difficulty, **how)
    for index in range(8):
        env.reset(seed=0, options={"task": index})
        task = env.unwrapped.task
        assert task.row() == task.source and json.loads(json.dumps(task.source)) == task.source
        assert "reference" in task.data and "split_identity" not in task.source
        (answer,) = env.unwrapped.oracle(task)
        _, reward, terminated, _, info = env.step(answer)
        assert reward == 1.0 and terminated and not info["vacuous"]
    env.close()


def leaves(value):
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    return [leaf for item in value for leaf in leaves(item)] if isinstance(value, list) else [value]


def test_the_document_tells_every_fact():
    tasks = gym.make(ID, difficulty="hard").unwrapped.tasks
    for index in range(40):
        data = tasks[index].data
        prompt = tasks[index].messages[-1]["content"]
        told = [leaf for leaf in leaves(data["reference"]) if isinstance(leaf, str | int | float)]
        assert all(str(leaf) in prompt for leaf in told if not isinstance(leaf, bool))


def test_the_mix_has_all_formats_and_both_modes():
    tasks = gym.make(ID).unwrapped.tasks
    seen = Counter(
        tasks[i].data["schema_type"] if tasks[i].data["response_mode"] == "text" else "tool"
        for i in range(120)
    )
    assert set(seen) == {"json", "yaml", "xml", "toml", "csv", "tool"} and min(seen.values()) >= 8


def test_splits_share_nothing():
    splits = [gym.make(ID, split=split, difficulty="easy").unwrapped.tasks for split in llmgym.tasks.SPLITS]
    found = [{json.dumps(tasks[i].data["reference"]) for i in range(60)} for tasks in splits]
    assert not (found[0] & found[1] or found[0] & found[2] or found[1] & found[2])


def test_distractors_do_not_fit():
    tasks = gym.make(ID, difficulty="hard", response_mode="tool_call").unwrapped.tasks
    for index in range(10):
        task = tasks[index]
        assert len(task.tools) == task.data["num_tools"] > 4
        about = Counter(tool["function"]["description"] for tool in task.tools)
        right = next(tool for tool in task.tools if tool["function"]["name"] == task.data["tool_name"])
        assert about[right["function"]["description"]] == 1


def test_tools_are_not_run_and_the_first_response_ends():
    reward, terminated, _, info = play(CALL_ROW, assistant(None, tool_call("save", {"p": {"a": 1}})))
    assert (reward, terminated, info["stop_reason"]) == (1.0, True, "answered")
    assert [message["role"] for message in info["new_messages"]] == ["assistant"]
    assert info["components"]["reward_response_mode_tool_call"] == 1.0
    assert (
        info["components"]["reward_num_tools_1"] == info["components"]["reward_has_distractors_false"] == 1.0
    )


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("just text", "missing_tool_call"),
        (Response({"role": "assistant", "content": None, "reasoning_content": "hm"}), "missing_tool_call"),
        (assistant(None, tool_call("save", "{"), tool_call("save", "{}")), "multiple_tool_calls"),
        (assistant(None, tool_call("other", "{}")), "wrong_tool_name"),
        (assistant(None, tool_call("save", "")), "tool_arguments_parse_error"),
        (assistant(None, tool_call("save", "{}")), "missing_tool_payload_key"),
        (assistant("text too", tool_call("save", {"p": {"a": "1"}})), "validation_error"),
    ],
)
def test_wrong_calls(answer, error):
    reward, terminated, _, info = play(CALL_ROW, answer)
    assert (reward, terminated, info["reason"]) == (0.0, True, error)
    assert info["metrics"]["error_type"] == error and info["metrics"]["error_message"]


def test_a_cut_response_is_graded():
    reward, _, truncated, info = play(ROW, Response(assistant('{"a": 1}'), finish_reason="length"))
    assert (reward, truncated, info["stop_reason"]) == (1.0, True, "length")


def test_texts_of_all_messages_are_joined():
    reward, *_ = play(ROW, assistant('{"a"', tool_call("x", "{}")), ": 1}")
    assert reward == 1.0


def test_defaults_of_a_row():
    reward, _, _, info = play(ROW, "{}")
    assert reward == 0.0 and info["components"] == {"reward_json": 0.0, "reward_response_mode_text": 0.0}


def test_heavy_answers_get_the_same_verdict():
    schema = '{"type": "array", "items": {"type": "integer"}}'
    text = "- 1\n" * 2000
    assert play({**ROW, "schema_str": schema, "schema_type": "yaml"}, text)[0] == 1.0
    reward, *_, info = play({**ROW, "schema_str": schema, "schema_type": "yaml"}, text + "- x\n")
    assert (reward, info["reason"]) == (0.0, "validation_error")


def test_the_coercion_can_be_switched_off():
    schema = '{"properties": {"r": {"type": "object", "properties": {"a": {"type": "integer"}}}}}'
    row = {
        **ROW,
        "schema_type": "xml",
        "schema_str": schema.replace('{"properties": {"r"', '{"type": "object", "properties": {"r"'),
    }
    assert play(row, "<r><a>1</a></r>")[0] == 1.0
    assert play(row, "<r><a>1</a></r>", xml_coerce_types=False)[0] == 0.0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("schema_str", None),
        ("schema_str", {}),
        ("schema_type", "ini"),
        ("response_mode", "x"),
        ("tool_name", 3),
    ],
)
def test_bad_rows_are_named(field, value):
    with pytest.raises(InvalidTask, match=field):
        play({**CALL_ROW, field: value}, "x")


@pytest.mark.parametrize(
    "arguments",
    [
        {"difficulty": "x"},
        {"schema_types": "json"},
        {"schema_types": []},
        {"schema_types": ["ini"]},
        {"response_mode": "x"},
        {"xml_coerce_types": "yes"},
        {"dataset": [ROW], "schema_types": ["json"]},
    ],
)
def test_bad_arguments_are_refused(arguments):
    with pytest.raises(UsageError):
        gym.make(ID, **arguments)


@pytest.mark.parametrize("version", ["v3", "v4"])
def test_public_rows_are_read_unchanged(shared_data, version):
    env = gym.make(
        ID, dataset=str(shared_data / "structured_outputs" / f"structured_outputs_{version}_example.jsonl")
    )
    for index in range(5):
        env.reset(options={"task": index})
        task = env.unwrapped.task
        assert task.row() == task.source
        planned = env.unwrapped.oracle(task)
        # Two rows ask for an object in CSV, which is always a list.
        assert (planned is None) == (task.data["schema_type"] == "csv")
        _, reward, terminated, _, info = env.step(planned[0] if planned else "a\n1")
        assert reward == float(planned is not None) and terminated
        assert f"reward_{task.data['problem_type']}" in info["components"]


def test_it_conforms():
    checks = run_checks(ID, tasks=5, fuzz=40)
    assert all(check.passed for check in checks), [check for check in checks if not check.passed]
