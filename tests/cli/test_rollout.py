from __future__ import annotations

import json
from pathlib import Path

import pytest

import llmgym
from llmgym.testing.server import Fault, ModelServer

ENV = "llmgym/SessionState-v0"


@pytest.fixture
def server(here):
    with ModelServer("Done.") as one:
        yield one


def against(server: ModelServer, *more: str, n: int = 3) -> list[str]:
    return ["rollout", "SessionState", "-m", "any", "--base-url", server.url, "-n", str(n), *more]


def refuse(asked: dict) -> Fault:
    return Fault(status=400, message="no such model\x1b[2J")


def test_a_model_plays(cli, cli_json, server, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-canary-0123456789")
    sampling = ["--temperature", "0.5", "--top-p", "0.9", "--max-tokens", "64", "--api-key-env", "MY_KEY"]
    told = cli_json(*against(server, "-k", "2", "-c", "2", *sampling))
    assert (
        told["exit_code"] == 0
        and told["rollouts"] == 6
        and told["output"] == "rollouts/SessionState-v0-any.jsonl"
    )
    assert told["summary"]["total"] == told["summary"]["scored"] == 6
    asked = server.requests[0]
    assert asked.headers["authorization"] == "Bearer sk-canary-0123456789"
    assert asked.json["temperature"] == 0.5 and asked.json["top_p"] == 0.9 and asked.json["max_tokens"] == 64
    assert server.most_in_flight <= 2
    written = Path(told["output"]).read_text() + Path(told["output"] + ".meta.json").read_text()
    assert "canary" not in written + json.dumps(told)


def test_tables_and_notes(cli, server):
    result = cli(*against(server, "-o", "deep/er/x.jsonl"))
    assert "pass@k" in result.stdout
    assert result.stderr == f"{ENV}: 3 rollouts into deep/er/x.jsonl\n3 rollouts in deep/er/x.jsonl\n"
    assert cli(*against(server, "-o", "y.jsonl", "--quiet")).stderr == ""


def test_responses_api_and_several_endpoints(cli_json, server):
    with ModelServer("Done.") as second:
        cli_json(*against(server, "--base-url", second.url, "--api", "responses", "-k", "4"))
        paths = {request.path for one in (server, second) for request in one.requests}
        assert paths == {"/v1/responses"} and server.requests and second.requests


def test_settings_from_a_file_in_the_style_of_nemo(cli_json, server, here):
    content = f"policy_base_url: {server.url}\npolicy_api_key: k-0123456789\npolicy_model_name: theirs\nrollout: {{env: SessionState, n: 2}}\n"
    (here / "env.yaml").write_text(content)
    assert cli_json("rollout")["policy"]["model"] == "theirs"
    assert server.requests[-1].headers["authorization"] == "Bearer k-0123456789"
    (here / "other.yaml").write_text(
        content.replace("theirs", "other").replace("policy_api_key: k-0123456789\n", "")
    )
    told = cli_json("rollout", "MCQA", "other.yaml", "-o", "out.jsonl")
    assert (told["env"], told["policy"]["model"]) == ("llmgym/MCQA-v0", "other")
    # The key of env.yaml is not for the endpoint of another file.
    assert "authorization" not in server.requests[-1].headers
    assert cli_json("rollout", "other.yaml", "-o", "more.jsonl")["env"] == ENV


def test_a_dry_run_shows_everything_and_does_nothing(cli, cli_json, server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-0123456789")
    told = cli_json(*against(server, "-k", "4", "--dry-run"))
    assert told["rollouts"] == 12 and told["policy"]["api_key"] == "********"
    shown = cli(*against(server, "--dry-run", "--args", '{"difficulty": "hard"}')).stdout
    assert "difficulty" in shown and "policy.model" in shown and "canary" not in shown
    assert server.requests == [] and list(Path().iterdir()) == []


def test_an_unreachable_model_is_a_failure_of_the_world(cli, server):
    server.reply = refuse
    result = cli(*against(server), code=3)
    assert "none scored" in result.stdout
    assert "failed: task train-" in result.stderr and "no such model" in result.stderr
    assert "3 failed. The same command with --resume" in result.stderr
    assert result.stderr.count("failed: task") == 1 and "\x1b" not in result.stderr


def test_some_failures_do_not_stop_the_others(cli, server):
    server.reply = [Fault(status=400), "Done."]
    result = cli(*against(server, "-c", "1"), code=1)
    assert "1 (33.3%): policy 1" in result.stdout
    rewards = [row.reward for row in llmgym.read_rollouts("rollouts/SessionState-v0-any.jsonl")]
    assert sorted(reward is None for reward in rewards) == [False, False, True]


def test_retries_are_told(cli, server):
    server.reply = [Fault(status=429, headers={"retry-after": "0.01"}), "Done."]
    assert "retrying: http://127.0.0.1" in cli(*against(server)).stderr


def test_a_file_is_gone_on_with_only_when_that_is_asked(cli, cli_json, server):
    cli(*against(server))
    assert "--resume" in cli(*against(server), code=2).stderr
    told = cli_json(*against(server, "--resume", n=5))
    assert told["made_earlier"] == 3 and told["summary"]["total"] == 5
    assert len(server.requests) == 5
    assert "belongs to another run" in cli(*against(server, "--resume", "--seed", "7"), code=2).stderr


def test_a_timeout_cuts_a_rollout(cli_json, server):
    server.reply = lambda asked: Fault(delay=60)
    told = cli_json(*against(server, "--timeout", "0.2", n=1))
    assert told["summary"]["outcomes"] == {"truncated": 1}
    assert told["summary"]["stop_reasons"] == {"deadline": 1}


@pytest.mark.parametrize("policy", ["oracle", "random"])
def test_policies_without_a_model(cli_json, policy):
    told = cli_json("rollout", "SessionState", "--policy", policy, "-n", "4", "--no-share-seed", "-k", "2")
    assert told["summary"]["total"] == 8 and told["share_seed"] is False
    assert told["output"] == f"rollouts/SessionState-v0-{policy}.jsonl"


def test_the_folder_of_the_file_cannot_be_made(cli):
    Path("file").touch()
    arguments = ["rollout", "SessionState", "--policy", "oracle", "-n", "1", "-o", "file/x.jsonl"]
    assert "choose another -o" in cli(*arguments, code=2).stderr
