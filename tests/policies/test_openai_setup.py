from __future__ import annotations

import asyncio
import gc
import subprocess
import sys

import orjson
import pytest

from llmgym.errors import SettingsError
from llmgym.messages import Messages, user
from llmgym.policies import OpenAIPolicy, Request
from llmgym.testing.server import ModelServer

QUESTION = Messages([user("hi")])
SETTINGS = ("LLMGYM_MODEL", "LLMGYM_BASE_URL", "LLMGYM_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_KEY")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    for name in (*SETTINGS, "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN", "OPENAI_API_VERSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def policy(url, **options) -> OpenAIPolicy:
    given = {"api_key": "", "api": "chat", "timeout": 5.0, "retry_base_delay": 0.001}
    return OpenAIPolicy("m", base_url=url, **given | options)


def test_sync_use_on_one_line_and_in_a_running_loop():
    with ModelServer("hello") as server, policy(server.url) as asked:
        assert asked([user("hi")], seed=1).text == "hello"
        assert asyncio.run(asked.respond(Request(QUESTION))).text == "hello"

        async def notebook():
            return asked([user("hi")]).text

        assert asyncio.run(notebook()) == "hello"


def test_a_closed_policy_opens_again():
    with ModelServer("hello") as server:
        asked = policy(server.url)
        for _ in range(2):
            assert asked([user("hi")]).text == "hello"
            with asked:
                pass


def test_a_forgotten_policy_leaves_no_connection():
    with ModelServer("hello") as server:
        asyncio.run(policy(server.url).respond(Request(QUESTION)))
        assert policy(server.url)([user("hi")]).text == "hello"
        gc.collect()


@pytest.mark.parametrize("transport", ["fast", "openai"])
def test_a_script_that_closes_nothing_ends_in_silence(transport):
    script = (
        "from llmgym.policies import OpenAIPolicy; import sys\n"
        "policy = OpenAIPolicy('m', base_url=sys.argv[1], api_key='', api='chat', transport=sys.argv[2])\n"
        "sys.stdout.write(policy([{'role': 'user', 'content': 'hi'}]).text)\n"
    )
    with ModelServer("hello") as server:
        command = [sys.executable, "-W", "error", "-c", script, server.url, transport]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert (ended.stdout, ended.stderr) == ("hello", "")


def test_describe_is_json_and_tells_the_sampling():
    asked = policy(
        "http://u:p@host.test:8000/v1/?key=k", temperature=0.0, extra_body={"top_k": 5}, send_seed=True
    )
    assert orjson.loads(orjson.dumps(asked.describe())) == {
        "kind": "openai",
        "model": "m",
        "api": "chat",
        "base_url": "http://host.test:8000/v1",
        "temperature": 0.0,
        "send_seed": True,
        "extra_body": {"top_k": 5},
    }
    assert policy(["http://a/v1", "http://b/v1"]).describe()["base_url"] == ["http://a/v1", "http://b/v1"]
    assert repr(asked) == "OpenAIPolicy('m', base_url='http://host.test:8000/v1', api='chat')"


def test_settings_fill_in(monkeypatch):
    with ModelServer("hello") as server:
        monkeypatch.setenv("LLMGYM_MODEL", "from-settings")
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "sk-from-settings")
        with OpenAIPolicy() as asked:
            asked([user("hi")])
        assert server.requests[0].json["model"] == "from-settings"
        assert server.requests[0].headers["authorization"] == "Bearer sk-from-settings"


def test_openai_itself_is_the_default_endpoint(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-from-settings")
    asked = OpenAIPolicy("gpt-x", max_tokens=5)
    assert asked.describe()["base_url"] == "https://api.openai.com/v1"
    assert asked._payload.token_limit_field == "max_completion_tokens"


AZURE = {"azure_endpoint": "https://a.test", "api_version": "2024-10-21"}


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "LLMGYM_MODEL"),
        ({"model": "m"}, "OPENAI_API_KEY"),
        ({"model": "m", "base_url": []}, "at least one base_url"),
        ({"model": "m", "base_url": "localhost:8000"}, "http or https"),
        ({"model": "m", "base_url": "http://:80/v1"}, "http or https"),
        ({"model": "m", "base_url": "http://h:port/v1"}, "http or https"),
        ({"model": "m", "base_url": "http://h/v1", "api": "completions"}, "'chat' or 'responses'"),
        ({"model": "m", "base_url": "http://h/v1", "transport": "carrier pigeon"}, "'fast' or 'openai'"),
        ({"model": "m", "base_url": "http://h/v1", "timeout": 0}, "timeout"),
        ({"model": "m", "base_url": "http://h/v1", "max_retries": -1}, "max_retries"),
        ({"model": "m", "base_url": "http://h/v1", "developer_role": "user"}, "developer_role"),
        ({"model": "m", "base_url": "http://h/v1", "extra_body": {"stream": True}}, "stream"),
        ({"model": "m", "base_url": "http://h/v1", "extra_body": {"n": 4}}, "'n'"),
        ({"model": "m", "azure_deployment": "d"}, "azure_endpoint"),
        ({"model": "m", "base_url": "http://h/v1", **AZURE}, "found both"),
        ({"model": "m", "transport": "fast", **AZURE}, "transport='openai'"),
        ({"model": "m", **AZURE}, "AZURE_OPENAI_API_KEY"),
        ({"model": "m", "azure_endpoint": "https://a.test", "api_key": "k"}, "OPENAI_API_VERSION"),
    ],
)
def test_what_is_missing_or_wrong_is_said_in_a_sentence(options, told):
    with pytest.raises(SettingsError, match=told) as caught:
        OpenAIPolicy(**options)
    assert "\n" not in str(caught.value)


def test_azure():
    async def main():
        async with ModelServer("hello") as server:
            asked = OpenAIPolicy(
                api="chat",
                api_key="azure-canary",
                azure_endpoint=server.url.removesuffix("/v1"),
                azure_deployment="dep",
                api_version="2024-10-21",
            )
            async with asked:
                response = await asked.respond(Request(QUESTION))
            return response, server.requests[0], asked

    response, request, asked = asyncio.run(main())
    assert response.text == "hello"
    assert request.path == "/openai/deployments/dep/chat/completions?api-version=2024-10-21"
    assert request.headers["api-key"] == "azure-canary" and "authorization" not in request.headers
    assert asked.describe()["azure_deployment"] == "dep"
    assert "azure-canary" not in repr(asked) + str(asked.describe())


def test_importing_the_policies_imports_no_library():
    script = (
        "import sys, llmgym.policies; heavy = {'openai', 'aiohttp', 'pydantic'} & set(sys.modules); assert not heavy, heavy\n"
        "from llmgym.policies import OpenAIPolicy; OpenAIPolicy('m', base_url='http://h/v1', api_key='', api='chat')\n"
        "assert 'openai' not in sys.modules and 'pydantic' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)
