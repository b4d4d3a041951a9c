"""``llmgym verify`` on files of public rollouts gives the public rewards."""

from __future__ import annotations

import json
from pathlib import Path

import gymnasium as gym
import pytest
from envs.public_rollouts import CASES, public_row
from envs.workplace_tiny import FILES

from llmgym.conversion import items_from_message

NEEDS = {
    "MathAdvancedCalculations": None,
    "InstructionFollowing": "langdetect",
    "StructuredOutputs": "jsonschema",
    "MathWithJudge": "math_verify",
    "MathStackOverflow": "math_verify",
}


def write(name: str, rows) -> str:
    Path(name).write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return name


def need(env: str) -> None:
    if NEEDS.get(env):
        pytest.importorskip(NEEDS[env])


@pytest.mark.parametrize("env", CASES)
def test_the_public_rewards(env, cli_json, here):
    need(env)
    cases = CASES[env]
    arguments = {}
    if any(case.replies for case in cases):
        script = [reply for case in cases for reply in case.replies]
        arguments["judge"] = {"kind": "scripted", "replies": script}
    if env == "WorkplaceAssistant":
        for name, text in FILES.items():
            (here / name).write_text(text, encoding="utf-8")
        arguments["tables"] = str(here)
    file = write("rollouts.jsonl", [public_row(case) for case in cases])
    failing = [position for position, case in enumerate(cases) if case.reward is None]
    found = cli_json(
        "verify",
        file,
        "--env",
        env,
        "--args",
        json.dumps(arguments),
        "-o",
        "again.jsonl",
        code=1 if failing else 0,
    )
    changed = [(cases[one["row"]].rule, one["recorded"], one["reward"]) for one in found["changed"]]
    assert changed == []
    assert [one["row"] for one in found["failed"]] == failing
    assert all("judge" in one["reason"] for one in found["failed"])
    again = [json.loads(line) for line in Path("again.jsonl").read_text().splitlines()]
    assert [row["reward"] for row in again] == [case.reward for case in cases]


def test_a_wrong_reward_is_found(cli_json):
    right = [case for case in CASES["GoogleSearch"] if case.reward == 1.0]
    file = write("rollouts.jsonl", [{**public_row(case), "reward": 0.0} for case in right])
    found = cli_json("verify", file, "--env", "GoogleSearch", code=1)
    assert [(one["recorded"], one["reward"]) for one in found["changed"]] == [(0.0, 1.0)] * len(right)


SAMPLES = {
    "google_search/example.jsonl": "GoogleSearch",
    "math_advanced_calculations/example.jsonl": "MathAdvancedCalculations",
    "workplace_assistant/example.jsonl": "WorkplaceAssistant",
    "instruction_following/example.jsonl": "InstructionFollowing",
    "structured_outputs/structured_outputs_v3_example.jsonl": "StructuredOutputs",
    "structured_outputs/structured_outputs_v4_example.jsonl": "StructuredOutputs",
    "math_with_judge/example.jsonl": "MathWithJudge",
}


# This row only forbids, and so is content with an answer that says nothing.
CONTENT = ("instruction_following/example.jsonl", 2)


@pytest.mark.parametrize("sample", SAMPLES)
def test_rollouts_of_the_public_samples(sample, shared_data, cli_json):
    env = SAMPLES[sample]
    need(env)
    arguments = {}
    if env == "WorkplaceAssistant":
        arguments["tables"] = str(shared_data / "workplace_assistant" / "tables")
    path = shared_data / sample
    rows = []
    for index, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        row = json.loads(line)
        output = right_output(f"llmgym/{env}-v0", index, dataset=str(path), **arguments)
        if output is not None:
            rows.append({**row, "response": {"output": output}, "reward": 1.0})
        wrong = [{"type": "function_call", "call_id": "c", "name": "none", "arguments": "{}"}]
        rows.append({**row, "response": {"output": wrong}, "reward": float((sample, index) == CONTENT)})
    file = write("rollouts.jsonl", rows)
    found = cli_json("verify", file, "--env", env, "--args", json.dumps(arguments))
    assert (found["rollouts"], found["identical"]) == (len(rows), len(rows))
    assert {row["reward"] for row in rows} == {0.0, 1.0}


def right_output(id, index, **arguments):
    """Return what the oracle and the tools say to a task, as output items; ``None`` where no answer is right."""
    env = gym.make(id, disable_env_checker=True, **arguments)
    env.reset(seed=0, options={"task": index})
    inner = env.unwrapped
    plan = inner._call("oracle", inner.task)
    if plan is None:
        return None
    for action in plan:
        env.step(action)
    prompt = len(inner.task.messages)
    return [item for message in inner.episode.messages[prompt:] for item in items_of(message)]


def items_of(message):
    if message["role"] != "tool":
        return items_from_message(message)
    told = {"call_id": message["tool_call_id"], "output": message["content"]}
    return [{"type": "function_call_output", **told}]
