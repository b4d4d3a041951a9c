from __future__ import annotations

import json
from pathlib import Path

import pytest

from llmgym.cli.plan import make_plan
from llmgym.errors import SettingsError, UsageError
from llmgym.settings import load_settings

ENV = "llmgym/SessionState-v0"


def plan(**given):
    return make_plan(load_settings(), {"env": "SessionState", "n": 3, **given})


def test_an_oracle_needs_nothing(here):
    made = plan(policy="oracle", k=2)
    assert (made.env, made.policy, made.rollouts) == (ENV, {"kind": "oracle"}, 6)
    assert made.output == Path("rollouts/SessionState-v0-oracle.jsonl")


def test_a_model_that_is_named_is_behind_an_endpoint(here):
    made = plan(model="Qwen/Qwen3-8B", base_url="http://127.0.0.1:1/v1", temperature=0.0)
    assert made.policy == {
        "kind": "openai",
        "model": "Qwen/Qwen3-8B",
        "base_url": "http://127.0.0.1:1/v1",
        "api_key": "",
        "api": "chat",
        "timeout": 600.0,
        "temperature": 0.0,
    }
    assert made.output == Path("rollouts/SessionState-v0-Qwen-Qwen3-8B.jsonl")


def test_options_win_over_settings(here):
    (here / "llmgym.yaml").write_text(
        "policy: {model: weak, base_url: 'http://127.0.0.1:1/v1', max_tokens: 9, extra_body: {a: 1}, concurrency: 5}\n"
        "rollout: {env: SessionState, n: 4, k: 3, seed: 8, args: {difficulty: hard, max_turns: 2}}\n"
    )
    made = make_plan(load_settings(), {"k": 2, "args": '{"max_turns": 5}', "model": "strong"})
    assert (made.env, made.tasks, made.repeats, made.seed) == (ENV, 4, 2, 8)
    assert made.arguments == {"difficulty": "hard", "max_turns": 5}
    assert made.policy["model"] == "strong" and made.policy["max_tokens"] == 9
    assert made.policy["extra_body"] == {"a": 1} and made.policy["concurrency"] == 5


def test_arguments_of_the_settings_belong_to_their_environment(here):
    (here / "llmgym.yaml").write_text("rollout: {env: SessionState, args: {difficulty: hard}}\n")
    made = make_plan(load_settings(), {"env": "MCQA", "n": 1, "policy": "oracle"})
    assert made.arguments == {}


def test_data_set_and_split_are_arguments_of_the_environment(here):
    (here / "rows.jsonl").write_text(
        json.dumps({"prompt": "add 1", "initial_count": 0, "expected_count": 1}) + "\n"
    )
    made = make_plan(
        load_settings(), {"env": ENV, "dataset": "rows.jsonl", "split": "test", "policy": "oracle"}
    )
    assert made.arguments == {"dataset": "rows.jsonl", "split": "test"}
    assert (made.size, made.rollouts) == (1, 1)


def test_a_key_is_never_shown(here, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-canary-0123456789")
    made = plan(model="m", base_url="http://user:hunter22@127.0.0.1:1/v1", api_key_env="MY_KEY")
    assert made.policy["api_key"] == "sk-canary-0123456789"
    shown = json.dumps(made.to_dict()) + repr(made)
    assert "canary" not in shown and "hunter22" not in shown
    assert made.to_dict()["policy"]["api_key"] == "********"


def test_a_local_model_takes_sampling_options(here):
    (here / "tiny.gguf").write_bytes(b"GGUF")
    made = plan(policy="local", model="tiny.gguf", temperature=0.5)
    assert made.policy == {"kind": "local", "model": "tiny.gguf", "temperature": 0.5}
    (here / "llmgym.yaml").write_text("policy: {kind: local, model: tiny.gguf}\n")
    assert plan().policy == {"kind": "local", "model": "tiny.gguf"}


@pytest.mark.parametrize(
    ("given", "hint"),
    [
        ({}, "No policy is named"),
        ({"model": "m"}, "No endpoint is set"),
        ({"base_url": "http://127.0.0.1:1/v1"}, "No model is named"),
        ({"model": "m", "api_key_env": "NOT_THERE"}, "NOT_THERE (--api-key-env) is not set"),
        ({"policy": "oracle", "model": "m"}, "--model means nothing to --policy oracle"),
        ({"policy": "random", "temperature": 1.0}, "--temperature means nothing to --policy random"),
        ({"policy": "local", "base_url": "http://x"}, "--base-url means nothing to --policy local"),
        ({"policy": "oracle", "n": None}, "makes up tasks without end"),
        ({"policy": "oracle", "args": '{"num_tasks": 2}'}, "Asked for 3 tasks (-n), but the task set has 2"),
        ({"policy": "oracle", "args": '{"max_turns": "x"}'}, "cannot be made with"),
        ({"policy": "oracle", "env": None}, "No environment is named"),
        ({"policy": "oracle", "env": "CartPole-v1"}, "has no argument"),
    ],
)
def test_what_is_missing_or_does_not_fit_is_told(here, given, hint):
    given = {"env": "SessionState", "n": 3, **given}
    if given["env"] == "CartPole-v1":
        given["args"] = '{"difficulty": 1}'
    with pytest.raises(UsageError) as caught:
        make_plan(load_settings(), {name: value for name, value in given.items() if value is not None})
    assert hint in str(caught.value)


def test_an_environment_of_another_kind_is_refused(here):
    with pytest.raises(UsageError, match="not a conversation"):
        make_plan(load_settings(), {"env": "CartPole-v1", "n": 1, "policy": "random"})


def test_a_wrong_setting_is_told(here):
    (here / "llmgym.yaml").write_text("rollout: {concurency: 3}\n")
    with pytest.raises(SettingsError, match="Did you mean 'concurrency'"):
        load_settings()
