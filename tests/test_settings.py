from __future__ import annotations

import os
import pickle
import re
import traceback
from pathlib import Path

import pytest

from llmgym.errors import SettingsError
from llmgym.settings import Settings, load_settings

SECRET = "sk-canary-4711"


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    """Without the developer's own settings, in an empty folder."""
    for name in list(os.environ):
        if name.upper().startswith(("LLMGYM_", "OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def write(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def key(settings: Settings) -> str | None:
    return settings.policy.api_key and settings.policy.api_key.get_secret_value()


def test_defaults():
    settings = load_settings()
    assert settings == Settings() and settings.policy.kind is None and settings.policy.api == "chat"
    assert (settings.rollout.split, settings.rollout.k, settings.rollout.concurrency) == ("train", 1, 32)


def test_from_weakest_to_strongest(monkeypatch):
    found = []

    def look():
        settings = load_settings()
        found.append((settings.policy.model, settings.policy.base_url, key(settings)))

    monkeypatch.setenv("OPENAI_BASE_URL", "http://openai")
    monkeypatch.setenv("OPENAI_API_KEY", "key-openai")
    look()
    write("env.yaml", "policy_base_url: http://nemo\npolicy_api_key: key-nemo\npolicy_model_name: m-nemo\n")
    look()
    write("llmgym.yaml", "policy:\n  base_url: http://file\n  model: m-file\n")
    look()
    monkeypatch.setenv("LLMGYM_MODEL", "m-short")
    monkeypatch.setenv("LLMGYM_API_KEY", "key-short")
    look()
    monkeypatch.setenv("LLMGYM_POLICY__MODEL", "m-long")
    monkeypatch.setenv("LLMGYM_POLICY__API_KEY", "key-long")
    look()
    monkeypatch.setenv("LLMGYM_BASE_URL", "http://short")
    look()
    monkeypatch.setenv("LLMGYM_POLICY__BASE_URL", "http://long")
    look()
    assert found == [
        (None, "http://openai", "key-openai"),
        ("m-nemo", "http://nemo", "key-nemo"),
        ("m-file", "http://file", "key-nemo"),
        ("m-short", "http://file", "key-short"),
        ("m-long", "http://file", "key-long"),
        ("m-long", "http://short", "key-long"),
        ("m-long", "http://long", "key-long"),
    ]


def test_empty_variables_do_not_count(monkeypatch):
    monkeypatch.setenv("LLMGYM_MODEL", "")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    write("llmgym.yaml", "policy:\n  model: m\n")
    assert load_settings().policy.model == "m" and load_settings().policy.api_key is None


def test_variables_of_every_kind(monkeypatch):
    monkeypatch.setenv("LLMGYM_ROLLOUT__N", "7")
    monkeypatch.setenv("LLMGYM_ROLLOUT__ARGS", '{"difficulty": "hard"}')
    monkeypatch.setenv("LLMGYM_POLICY__BASE_URL", '["http://a", "http://b"]')
    monkeypatch.setenv("llmgym_policy__temperature", "0.5")
    monkeypatch.setenv("LLMGYM_WATCHDOG_MS", "100")
    settings = load_settings()
    assert settings.rollout.n == 7 and settings.rollout.args == {"difficulty": "hard"}
    assert settings.policy.base_url == ["http://a", "http://b"] and settings.policy.temperature == 0.5


def test_a_file_of_ones_own_replaces_those_of_the_folder():
    write("llmgym.yaml", "policy:\n  model: folder\n  top_p: 0.5\n")
    own = write(
        "own.yaml", "policy:\n  model: own\n  extra_body: {seed: 1}\nrollout:\n  env: llmgym/MCQA-v0\n"
    )
    settings = load_settings(own)
    assert settings.policy.model == "own" and settings.policy.top_p is None
    assert settings.policy.extra_body == {"seed": 1} and settings.rollout.env == "llmgym/MCQA-v0"
    Path("sub").mkdir()
    assert load_settings(directory="sub") == Settings()
    assert load_settings(str(write("nemo.yaml", "policy_model_name: n\nother: 1\n"))).policy.model == "n"


def test_an_env_yaml_may_hold_keys_of_other_programs():
    write("env.yaml", "policy_model_name: m\nwandb_key: x\nhead_server: {port: 1}\nrollout:\n  k: 4\n")
    assert load_settings().policy.model == "m" and load_settings().rollout.k == 4
    write("env.yaml", "wandb_key: x\n")
    assert load_settings() == Settings()


def test_variables_in_files(monkeypatch):
    monkeypatch.setenv("MY_KEY", SECRET)
    write(
        "llmgym.yaml",
        "policy:\n  api_key: ${MY_KEY}\n  model: ${MODEL_NAME,small}-${oc.env:SIZE,1b}\n"
        '  base_url: ["http://${oc.env:MY_HOST,localhost}:1", http://b]\n  timeout: 5\n',
    )
    settings = load_settings()
    assert key(settings) == SECRET and settings.policy.model == "small-1b"
    assert settings.policy.base_url == ["http://localhost:1", "http://b"] and settings.policy.timeout == 5.0
    write("llmgym.yaml", "policy:\n  api_key: ${oc.env:NOT_SET}\n")
    with pytest.raises(
        SettingsError, match=r"llmgym\.yaml uses the environment variable NOT_SET, which is not set"
    ):
        load_settings()


@pytest.mark.parametrize("text", ["", "# nothing\n", "policy:\n", "policy:\nrollout:\n  k: 1\n"])
def test_empty_files_and_sections(text, monkeypatch):
    monkeypatch.setenv("LLMGYM_MODEL", "m")
    write("llmgym.yaml", text)
    assert load_settings().policy.model == "m"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "policy:\n  modle: m\n",
            "Unknown setting 'policy.modle' in llmgym.yaml or the environment. Did you mean 'model'?",
        ),
        (
            "rollout:\n  concurency: 1\n",
            "Unknown setting 'rollout.concurency' .* Did you mean 'concurrency'?",
        ),
        ("polcy: {}\n", "Unknown setting 'polcy' in llmgym.yaml .* Did you mean 'policy'?"),
        ("policy:\n  zzz: m\n", "Unknown setting 'policy.zzz' .* Known keys: kind, model, base_url"),
        (
            "policy:\n  timeout: soon\n",
            "Setting 'policy.timeout' in llmgym.yaml .* is wrong: Input should be a valid number",
        ),
        ("policy:\n  kind: robot\n", "Setting 'policy.kind' .* 'openai', 'local', 'oracle' or 'random'"),
        ("policy: 5\n", "Expected .policy. in llmgym.yaml to hold keys and values, found int"),
        ("[1, 2]\n", "Expected llmgym.yaml to hold keys and values, found list"),
        ("1: 2\n", "Expected llmgym.yaml to hold keys and values"),
        ("policy: {a\n", "llmgym.yaml, line 2 is not YAML"),
        ("a: b: c\n", "llmgym.yaml, line 1 is not YAML: mapping values are not allowed"),
    ],
)
def test_mistakes_are_named(text, told):
    write("llmgym.yaml", text)
    with pytest.raises(SettingsError, match=told):
        load_settings()


def test_mistakes_in_the_environment_and_missing_files(monkeypatch):
    with pytest.raises(SettingsError, match="The settings file gone.yaml does not exist"):
        load_settings("gone.yaml")
    Path("llmgym.yaml").write_bytes(b"policy: \xff\n")
    with pytest.raises(SettingsError, match=r"llmgym\.yaml is not YAML"):
        load_settings()
    Path("llmgym.yaml").unlink()
    monkeypatch.setenv("LLMGYM_POLICY__MODLE", "m")
    with pytest.raises(
        SettingsError, match="Unknown setting 'policy.modle' in the environment. Did you mean 'model'"
    ):
        load_settings()


def everything_told(error: BaseException) -> str:
    """All text that a report of the error could show, hidden causes included."""
    texts = []
    shown: BaseException | None = error
    while shown is not None:
        texts += [str(shown), repr(shown), "".join(traceback.format_exception(shown))]
        shown = shown.__context__ or shown.__cause__
    return "".join(texts)


def test_keys_show_in_no_settings(monkeypatch):
    monkeypatch.setenv("LLMGYM_API_KEY", SECRET)
    settings = load_settings()
    assert key(settings) == SECRET
    for told in (
        repr(settings),
        str(settings),
        repr(settings.policy),
        settings.model_dump_json(),
        str(settings.model_dump()),
    ):
        assert SECRET not in told
    assert re.search(r"api_key=SecretStr\('\*+'\)", repr(settings))
    assert key(pickle.loads(pickle.dumps(settings))) == SECRET


@pytest.mark.parametrize(
    "text",
    [
        f"policy:\n  api_key: [{SECRET}]\n",
        f"policy:\n  api_key: {{a: {SECRET}}}\n",
        f"policy:\n  api_kye: {SECRET}\n",
        f"policy:\n  api_key: {SECRET}\n  timeout: soon\n",
        f"policy: {SECRET}\n",
        f"policy: {{api_key: {SECRET}\n",
        f"policy:\n  api_key: {SECRET}: b\n",
        f"api_key: {SECRET}\n",
    ],
)
def test_keys_show_in_no_error(text):
    write("llmgym.yaml", text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert SECRET not in everything_told(caught.value)


@pytest.mark.parametrize("name", ["LLMGYM_POLICY", "LLMGYM_POLICY__EXTRA_BODY"])
def test_keys_in_variables_that_are_not_json_show_in_no_error(monkeypatch, name):
    monkeypatch.setenv(name, f'{{"api_key": "{SECRET}"')
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert SECRET not in everything_told(caught.value)


def test_the_sandbox_of_the_settings_is_taken_where_none_is_given():
    from llmgym.envs.sandbox_settings import sandbox_setting

    assert sandbox_setting(None) == {"kind": "auto"}
    write("llmgym.yaml", "sandbox:\n  kind: docker\n  image: python:3.12\n")
    assert sandbox_setting(None) == {"kind": "docker", "image": "python:3.12"}
    assert sandbox_setting("bubblewrap") == "bubblewrap"
    write("llmgym.yaml", "sandbox:\n  kind: jail\n")
    with pytest.raises(SettingsError, match="sandbox.kind"):
        sandbox_setting(None)
