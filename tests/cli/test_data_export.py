"""Tasks that are written as public rows play as they did, and the oracle earns all of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from suite_rows import played

import llmgym
from llmgym.errors import DependencyMissing

IDS = (
    "llmgym/CodeGen-v0",
    "llmgym/EquivalenceLLMJudge-v0",
    "llmgym/GoogleSearch-v0",
    "llmgym/InstructionFollowing-v0",
    "llmgym/MathAdvancedCalculations-v0",
    "llmgym/MathStackOverflow-v0",
    "llmgym/MathWithJudge-v0",
    "llmgym/MiniSWE-v0",
    "llmgym/StructuredOutputs-v0",
    "llmgym/WorkplaceAssistant-v0",
)


@pytest.mark.parametrize("row", [row for row in played() if row.id in IDS])
def test_exported_tasks_are_what_they_were(row, cli):
    told = ["-n", "6", "-o", "rows.jsonl", "--split", "test", "--args", json.dumps(dict(row.offline))]
    try:
        cli("data", "export", row.id, *told)
        made, again = (
            llmgym.collect(row.id, llmgym.OraclePolicy(), **row.offline, **tasks)
            for tasks in ({"tasks": 6, "split": "test"}, {"dataset": "rows.jsonl"})
        )
    except DependencyMissing as missing:
        pytest.skip(f"{missing.package} is not installed")
    rows = [json.loads(line) for line in Path("rows.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == len(made) == len(again) == 6
    assert all("responses_create_params" in each and "split_identity" not in each for each in rows)
    said = [{each.task_index: (each.messages, each.reward) for each in run} for run in (made, again)]
    assert said[0] == said[1]
    assert {each.reward for each in made} == {1.0}
