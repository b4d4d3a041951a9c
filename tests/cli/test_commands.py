from __future__ import annotations

import json
from pathlib import Path

import gymnasium as gym
import pytest
from suite_rows import played

import llmgym
from llmgym.cli.data import public_row
from llmgym.registration import SUITE

ENV = "llmgym/SessionState-v0"


@pytest.fixture
def rollouts(cli) -> Path:
    """A file with four rollouts of two tasks."""
    cli("rollout", "SessionState", "--policy", "oracle", "-n", "2", "-k", "2", "-o", "made.jsonl", "-q")
    return Path("made.jsonl")


def public_rollout(count: int, reward: float, text: str = "Done.") -> dict:
    row = {"responses_create_params": {"input": "add 2"}, "initial_count": 0, "expected_count": 2}
    call = {
        "type": "function_call",
        "name": "increment_counter",
        "call_id": "a",
        "arguments": json.dumps({"count": count}),
    }
    result = {"type": "function_call_output", "call_id": "a", "output": "{}"}
    said = {
        "type": "message",
        "role": "assistant",
        "content": [{"type": "output_text", "text": text, "annotations": []}],
    }
    return {**row, "response": {"output": [call, result, said]}, "reward": reward}


def write(path: str, rows: list[dict]) -> str:
    Path(path).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


# list and show


def test_list(cli, cli_json):
    assert [row["id"] for row in cli_json("list")] == [row.id for row in SUITE]
    assert cli_json("list")[0]["entry_point"] == SUITE[0].entry_point
    shown = cli("list").stdout
    assert all(row.id in shown for row in SUITE)


def test_list_shows_environments_from_elsewhere(cli_json):
    llmgym.register("mine/Weather-v0", "testing_env:WeatherEnv")
    llmgym.register("mine/Broken-v0", "no_such_module:Env")
    try:
        rows = {row["id"]: row for row in cli_json("list", "--import", "testing_env")}
    finally:
        del gym.registry["mine/Weather-v0"], gym.registry["mine/Broken-v0"]
    assert rows["mine/Weather-v0"]["domain"].startswith("Ask for the weather")
    assert "cannot be loaded" in rows["mine/Broken-v0"]["domain"]


def test_show(cli, cli_json):
    known = cli_json("show", "SessionState", "--task", "3", "--args", '{"difficulty": "easy"}')
    assert known["id"] == ENV and known["tasks"] is None and known["task"]["index"] == 3
    assert known["arguments"][0] == {
        "name": "difficulty",
        "default": "medium",
        "required": False,
        "type": "str",
    }
    assert {tool["function"]["name"] for tool in known["offers"]} == {
        "increment_counter",
        "get_counter_value",
    }
    assert known["oracle"][0]["tool_calls"]
    shown = cli("show", "SessionState").stdout
    for part in (
        "difficulty",
        "increment_counter",
        "Task 0 (train-0)",
        "user:",
        "The oracle answers",
        "count",
    ):
        assert part in shown


@pytest.mark.parametrize("row", played())
def test_show_knows_every_environment(cli_json, row):
    known = cli_json("show", row.id)
    assert known["oracle"] and known["task"]["messages"] and known["description"]


def test_show_makes_hostile_tasks_harmless(cli):
    row = {"prompt": "\x1b[2J[bold]add[/bold] 2\x9b31m", "initial_count": 0, "expected_count": 2}
    args = json.dumps({"dataset": write("rows.jsonl", [row])})
    for shown in (cli("show", ENV, "--args", args).stdout, cli("show", ENV, "--args", args, "--json").stdout):
        assert "\x1b" not in shown and "\x9b" not in shown and "[bold]add[/bold] 2" in shown


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["show", "Calender"], "Did you mean llmgym/Calendar-v0?"),
        (["show", ENV, "--task", "5", "--args", '{"num_tasks": 2}'], "--task 5: Task 5 does not exist"),
        (
            ["show", ENV, "--args", '{"difficulty": "harder"}'],
            "Expected difficulty to be one of easy, medium, hard",
        ),
        (["metrics", "none.jsonl"], "There is no rollout file 'none.jsonl'"),
        (["verify", "none.jsonl"], "There is no rollout file 'none.jsonl'"),
        (["check"], "Expected the environments to check, or --all"),
        (["data", "export", ENV, "-o", "x.jsonl"], "makes up tasks without end"),
        (["play", ENV, "--task", "5", "--args", '{"num_tasks": 2}'], "Task 5 does not exist"),
        (["rollout", "a.yaml", "b.yaml"], "the two files 'a.yaml' and 'b.yaml'"),
        (["rollout", "a.yaml", "--config", "b.yaml"], "Settings are given twice"),
        (["rollout", "a.yaml"], "The settings file a.yaml does not exist"),
        (["list", "--import", "no_such_module"], "Importing 'no_such_module' failed"),
    ],
)
def test_mistakes_are_told_in_one_line(cli, arguments, hint):
    result = cli(*arguments, code=2)
    assert result.stdout == ""
    assert result.stderr.startswith("error: ") and result.stderr.count("\n") == 1
    assert hint in result.stderr


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [(["rolout"], "rollout"), (["rollout", "--modle", "x"], "--model"), (["rollout", "--api", "x"], "chat")],
)
def test_mistyped_commands_and_options(cli, arguments, hint):
    assert hint in cli(*arguments, code=2).stderr


def test_version_and_help(cli):
    assert cli("--version").stdout == f"llmgym {llmgym.__version__}\n"
    shown = cli("--help").stdout
    assert "130 and 143 interrupted" in " ".join(shown.split())
    assert "--resume" in cli("rollout", "--help").stdout


# metrics


def test_metrics(cli, cli_json, rollouts):
    summary = cli_json("metrics", str(rollouts), "--by", "task_id", "-k", "1,2")
    assert summary["total"] == 4 and summary["reward"]["mean"] == 1.0
    assert [one["k"] for one in summary["at_k"]] == [1, 2]
    assert {name: part["total"] for name, part in summary["subsets"]["task_id"].items()} == {
        "train-0": 2,
        "train-1": 2,
    }
    shown = cli("metrics", str(rollouts), "--by", "task_id").stdout
    assert "pass@k" in shown and "train-1" in shown and "1.0000" in shown


def test_metrics_tell_what_could_not_be_read(cli, rollouts):
    with rollouts.open("ab") as file:
        file.write(b'{"half a ro')
    result = cli("metrics", str(rollouts))
    assert "warning: made.jsonl: 4 good rows, 1 bad stretch" in result.stderr


def test_metrics_of_nothing(cli):
    Path("empty.jsonl").touch()
    assert "Expected rollouts in empty.jsonl, found none" in cli("metrics", "empty.jsonl", code=2).stderr
    assert "Expected -k to be numbers" in cli("metrics", "empty.jsonl", "-k", "one", code=2).stderr


# verify


def test_verify_finds_nothing_to_say_about_its_own_file(cli, cli_json, rollouts):
    found = cli_json("verify", str(rollouts))
    assert (found["rollouts"], found["identical"], found["changed"], found["failed"]) == (4, 4, [], [])
    assert "identical" in cli("verify", str(rollouts)).stdout


def test_verify_lists_the_rewards_of_public_rows_that_change(cli, cli_json):
    file = write("public.jsonl", [public_rollout(2, 1.0), public_rollout(3, 1.0, "\x1b[2J[red]")])
    found = cli_json("verify", file, "--env", "SessionState", "-o", "again.jsonl", code=1)
    assert (found["rollouts"], found["identical"]) == (2, 1)
    (changed,) = found["changed"]
    assert (changed["row"], changed["recorded"], changed["reward"]) == (1, 1.0, 0.0)
    assert "stands at 3" in changed["reason"]
    shown = cli("verify", file, "--env", "SessionState", code=1).stdout
    assert "Changed" in shown and "stands at 3" in shown
    rewards = [row.reward for row in llmgym.read_rollouts("again.jsonl")]
    assert rewards == [1.0, 0.0]
    assert cli_json("verify", "again.jsonl")["identical"] == 2
    assert "exists already" in cli("verify", "again.jsonl", "-o", "again.jsonl", code=2).stderr


def test_verify_counts_rollouts_without_a_reward_apart(cli_json, cli, rollouts):
    rows = [json.loads(line) for line in rollouts.read_text().splitlines()]
    for row in rows:
        del row["crc32"]
    rows[0] |= {"outcome": "failed", "reward": None, "verdict": None}
    found = cli_json("verify", write("failed.jsonl", rows), "-o", "again.jsonl")
    assert (found["identical"], found["without_reward"]) == (3, 1)
    assert [row.outcome for row in llmgym.read_rollouts("again.jsonl")].count("failed") == 1


def test_verify_with_other_arguments(cli, cli_json, rollouts):
    found = cli_json("verify", str(rollouts), "--args", '{"max_turns": 1}', code=1)
    assert len(found["changed"]) == 4
    assert (
        "cannot be made with --args" in cli("verify", str(rollouts), "--args", '{"wrong": 1}', code=2).stderr
    )
    assert (
        "has no argument"
        in cli("verify", str(rollouts), "--env", ENV, "--args", '{"wrong": 1}', code=2).stderr
    )


def test_verify_needs_to_know_the_environment(cli):
    file = write("public.jsonl", [public_rollout(2, 1.0)])
    assert "--env" in cli("verify", file, code=2).stderr
    assert "found none" in cli("verify", write("empty.jsonl", []), code=2).stderr


# data


def test_exported_tasks_are_played_like_the_originals(cli, cli_json):
    told = cli_json("data", "export", "SessionState", "-n", "5", "--split", "test", "-o", "data/rows.jsonl")
    assert told == {"output": "data/rows.jsonl", "env": ENV, "arguments": {"split": "test"}, "rows": 5}
    rows = [json.loads(line) for line in Path("data/rows.jsonl").read_text().splitlines()]
    assert {tool["name"] for tool in rows[0]["responses_create_params"]["tools"]} == {
        "increment_counter",
        "get_counter_value",
    }
    made = cli_json(
        "rollout", ENV, "--policy", "oracle", "--dataset", "data/rows.jsonl", "-o", "out.jsonl", "-q"
    )
    assert made["rollouts"] == 5 and made["summary"]["reward"]["mean"] == 1.0
    assert [path.name for path in Path("data").iterdir()] == ["rows.jsonl"]


def test_an_export_replaces_nothing_unasked(cli):
    Path("rows.jsonl").write_text("mine")
    result = cli("data", "export", ENV, "-n", "1", "-o", "rows.jsonl", code=2)
    assert "'rows.jsonl' exists already" in result.stderr and Path("rows.jsonl").read_text() == "mine"
    cli("data", "export", ENV, "-n", "1", "-o", "rows.jsonl", "--force")
    assert Path("rows.jsonl").read_text() != "mine"


def test_a_file_that_cannot_be_finished_is_not_there(cli):
    file = write("public.jsonl", [public_rollout(2, 1.0), {"task_id": "neither"}])
    result = cli("verify", file, "--env", ENV, "-o", "out/again.jsonl", code=1)
    assert "Row 1 is neither" in result.stdout and len(Path("out/again.jsonl").read_text().splitlines()) == 2
    foreign = write("foreign.jsonl", [{"task_id": "neither"}])
    result = cli("verify", foreign, "--env", ENV, "-o", "none/again.jsonl", code=2)
    assert "Row 0 is neither" in result.stderr and list(Path("none").iterdir()) == []
    Path("file").touch()
    assert "Writing" in cli("data", "export", ENV, "-n", "1", "-o", "file/rows.jsonl", code=74).stderr
    assert (
        "but llmgym"
        in cli("data", "export", ENV, "-n", "3", "-o", "x", "--args", '{"num_tasks": 2}', code=2).stderr
    )


def test_tools_that_a_row_brings_are_kept():
    env = gym.make(ENV).unwrapped
    tools = [{"type": "function", "name": "mine", "description": "", "parameters": {"type": "object"}}]
    row = {
        "responses_create_params": {"input": "hi", "tools": tools},
        "initial_count": 0,
        "expected_count": 1,
    }
    assert public_row(env, llmgym.Task.of(row, id="a")) == row


# check, bench, play, model


def test_check(cli, cli_json):
    told = cli_json("check", "SessionState", "--tasks", "2", "--fuzz", "10")
    assert told["passed"] and len(told["environments"][ENV]) > 5


def test_check_fails_for_an_environment_that_does_not_conform(cli, monkeypatch):
    from llmgym.testing import check

    found = [check.Check("rewards", False, "\x1b[2J[red]paid"), check.Check("forks", None, "none")]
    monkeypatch.setattr(check, "run_checks", lambda *args, **kwargs: found)
    result = cli("check", "SessionState", "MCQA", code=1)
    assert "FAILED" in result.stdout and "[red]paid" in result.stdout and "\x1b" not in result.stdout
    assert result.stderr.splitlines() == [f"checking {ENV}", "checking llmgym/MCQA-v0"]


def test_bench(cli, cli_json):
    told = cli_json("bench", "SessionState", "-n", "20", "-c", "4", "--seed", "3")
    assert (told["rollouts"], told["concurrency"], told["seed"]) == (20, 4, 3)
    assert told["mean_reward"] == 1.0 and told["failed"] == 0 and told["steps"] >= 40
    assert told["bytes_per_episode"] > 0 and told["peak_rss_bytes"] > 1e6
    assert set(told["versions"]) == {"llmgym", "gymnasium", "python"}
    args = '{"num_tasks": 3}'
    assert "rollouts per second" in cli("bench", "SessionState", "-n", "8", "-c", "2", "--args", args).stdout


def test_play(cli):
    said = '/tools\n/call increment_counter {"count": 2}\nIt is done,\nI think.\n\n'
    row = {"prompt": "add 2\x1b[2J", "initial_count": 0, "expected_count": 2}
    result = cli("play", "SessionState", "--task", "0", "--dataset", write("rows.jsonl", [row]), input=said)
    shown = result.stdout
    assert "add 2" in shown and "\x1b" not in shown
    assert "'name': 'get_counter_value'" in shown and '{"success":true}' in shown
    assert "answered" in shown and "reward" in shown and '"count": 2' in shown


def test_leaving_a_play(cli):
    assert cli("play", "SessionState", input="/quit\n", code=130).stderr == "interrupted\n"


def test_the_place_of_a_model(cli, cli_json, here, monkeypatch):
    (here / "tiny.gguf").write_bytes(b"GGUF")
    assert cli("model", "path", "tiny.gguf").stdout == f"{here / 'tiny.gguf'}\n"
    assert cli_json("model", "fetch", "tiny.gguf") == {"path": str(here / "tiny.gguf"), "bytes": 4}
    assert "Expected model to be the path" in cli("model", "path", "nothing.gguf", code=2).stderr

    from llmgym.policies import local_model

    monkeypatch.setattr(local_model, "_installed", lambda: None)
    for arguments in (["model", "path"], ["rollout", ENV, "--policy", "local", "-n", "1"]):
        assert "run 'llmgym model fetch'" in cli(*arguments, code=2).stderr
