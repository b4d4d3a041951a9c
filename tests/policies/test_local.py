from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from llmgym.errors import DependencyMissing, InfrastructureError, SettingsError, UsageError
from llmgym.messages import Messages, assistant, tool_call, user
from llmgym.policies import local, local_model, local_process
from llmgym.policies.base import Request
from llmgym.policies.local import LocalPolicy
from llmgym.policies.openai import OpenAIPolicy

FAKE = Path(__file__).with_name("fake_model_server.py")
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Current weather of a city.",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def asked(text, **more):
    return Request(Messages([user(text)]), **more)


def running():
    return sum(entry.server is not None for entry in local_process._entries.values())


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """Makes a file of weights, served by the fake."""
    monkeypatch.setattr(local_process.local_server, "__file__", str(FAKE))
    monkeypatch.setattr(local, "require_xllamacpp", lambda: None)

    def make(name="tiny"):
        path = tmp_path / f"{name}.gguf"
        path.touch()
        return str(path)

    yield make
    gc.collect()
    assert not running()


class TestWithoutAModel:
    def test_sends_the_conversation_with_sampling_and_seed(self, weights):
        with LocalPolicy(weights(), top_p=0.9, max_tokens=50) as policy:
            request = Request(
                Messages([{"role": "developer", "content": "Be brief."}, user("hi")]),
                seed=2**40 + 5,
                params={"temperature": 0.2, "max_output_tokens": 30, "parallel_tool_calls": False},
            )
            response = asyncio.run(policy.respond(request))
        sent = json.loads(response.text)
        assert sent["messages"] == [{"role": "system", "content": "Be brief."}, user("hi")]
        assert sent | {"messages": None} == {
            "model": "tiny",
            "messages": None,
            "temperature": 0.2,
            "top_p": 0.9,
            "top_k": 0,
            "min_p": 0.0,
            "max_tokens": 30,
            "seed": 5,
        }
        assert response.usage == {"prompt_tokens": 7, "completion_tokens": 3, "total_tokens": 10}
        assert (response.finish_reason, response.model) == ("stop", "tiny")

    def test_own_limit_and_seed_hold_where_the_request_asks_for_none_or_more(self, weights):
        with LocalPolicy(weights(), max_tokens=50, seed=7, logprobs=True) as policy:
            sent = json.loads(policy([user("hi")]).text)
            later = asyncio.run(policy.respond(asked("hi", turn=2, params={"max_output_tokens": 999})))
        assert (sent["seed"], sent["max_tokens"], sent["temperature"], sent["logprobs"]) == (7, 50, 0.7, True)
        assert (json.loads(later.text)["seed"], json.loads(later.text)["max_tokens"]) == (9, 50)

    def test_tools_are_offered_as_json_and_read_as_a_call(self, weights):
        request = asked("Weather in Oslo?", tools=[WEATHER], turn=3)
        with LocalPolicy(weights()) as policy:
            response = asyncio.run(policy.respond(request))
        assert response.message == assistant(None, tool_call("get_weather", '{"city": "Oslo"}', "call_3_0"))
        assert response.finish_reason == "tool_calls"
        assert request == asked("Weather in Oslo?", tools=[WEATHER], turn=3)

    def test_a_call_that_is_cut_is_text(self, weights):
        with LocalPolicy(weights()) as policy:
            response = policy([user("cut")], tools=[WEATHER])
        assert (response.finish_reason, response.tool_calls) == ("length", [])
        assert response.text.startswith('{"name": "get_weather"')

    def test_without_tools_json_stays_text(self, weights):
        with LocalPolicy(weights()) as policy:
            assert json.loads(policy([user("hi")]).text)["messages"] == [user("hi")]

    @pytest.mark.parametrize(
        ("name", "mode", "native"),
        [
            ("tiny", "auto", False),
            ("native", "auto", True),
            ("tiny", "native", True),
            ("native", "constrained", False),
        ],
    )
    def test_tool_mode(self, weights, name, mode, native):
        with LocalPolicy(weights(name), tool_mode=mode) as policy:
            response = policy([user("hi")], tools=[WEATHER])
        assert bool(response.tool_calls) is not native
        assert not native or json.loads(response.text)["tools"] == [WEATHER]

    def test_a_conversation_beyond_the_context_is_cut(self, weights):
        with LocalPolicy(weights()) as policy:
            response = policy([user("overflow")], tools=[WEATHER])
        assert (response.message, response.finish_reason) == (assistant(""), "length")

    def test_a_dead_server_is_named_and_replaced(self, weights):
        with LocalPolicy(weights()) as policy, LocalPolicy(policy._weights) as other:
            urls = {policy.base_url, other.base_url}
            with pytest.raises(InfrastructureError, match="status 3: out of memory") as caught:
                policy([user("die")])
            assert (caught.value.boundary, caught.value.retryable) == ("policy", True)
            assert policy([user("hi")]).finish_reason == "stop"
            urls.add(policy.base_url)
            with pytest.raises(InfrastructureError):
                other([user("hi")])
            assert other([user("hi")]).finish_reason == "stop"
            urls.add(other.base_url)
            assert len(urls) == 2

    def test_a_server_that_does_not_start_is_an_error_with_its_words(self, weights):
        with LocalPolicy(weights("broken")) as policy:
            for _ in range(2):
                with pytest.raises(
                    InfrastructureError, match="broken.gguf: it ended with status 1: these are no weights"
                ):
                    policy([user("hi")])

    def test_a_server_that_says_nothing_is_ended(self, weights, monkeypatch):
        monkeypatch.setattr(local_process, "START_TIMEOUT", 0.05)
        with (
            LocalPolicy(weights("silent")) as policy,
            pytest.raises(InfrastructureError, match="not answered in time"),
        ):
            policy([user("hi")])

    def test_equal_settings_share_a_server_until_the_last_closes(self, weights):
        async def main():
            path = weights()
            first, second = LocalPolicy(path, context=100), LocalPolicy(path, context=100, temperature=0)
            third = LocalPolicy(path, context=200)
            await asyncio.gather(*[p.respond(asked("hi")) for p in (first, second, third) for _ in range(5)])
            assert first.base_url == second.base_url != third.base_url
            await third.close()
            await first.close()
            await first.close()
            assert running() == 1
            assert (await second.respond(asked("hi"))).finish_reason == "stop"
            assert (await first.respond(asked("hi"))).finish_reason == "stop"
            assert first.base_url == second.base_url
            await first.close()
            await second.close()

        asyncio.run(main())

    def test_a_forgotten_policy_gives_its_server_back(self, weights):
        policy = LocalPolicy(weights())
        process = local_process._entries
        assert policy.base_url and len(process) == 1
        del policy
        gc.collect()
        assert not process

    def test_leaves_no_threads_and_no_files_open(self, weights):
        with LocalPolicy(weights()) as policy:
            policy([user("hi")])
        before = set(threading.enumerate()), set(os.listdir("/dev/fd"))
        with LocalPolicy(weights()) as policy:
            policy([user("hi")])
        gc.collect()
        for thread in set(threading.enumerate()) - before[0]:
            thread.join(10)
        assert set(threading.enumerate()) <= before[0]
        assert set(os.listdir("/dev/fd")) <= before[1]

    def test_a_request_that_is_cancelled_while_the_server_starts_leaves_it_to_the_others(self, weights):
        async def main():
            async with LocalPolicy(weights()) as policy:
                first, second = [asyncio.create_task(policy.respond(asked("hi"))) for _ in range(2)]
                await asyncio.sleep(0)
                first.cancel()
                assert (await second).finish_reason == "stop"
                with pytest.raises(asyncio.CancelledError):
                    await first

        asyncio.run(main())

    def test_the_server_ends_with_the_program(self, weights):
        code = (
            "import sys; from llmgym.policies import local, local_process; from llmgym.policies.local import LocalPolicy\n"
            "local_process.local_server.__file__ = sys.argv[1]; local.require_xllamacpp = lambda: None\n"
            "policy = LocalPolicy(sys.argv[2]); policy.base_url\n"
            "sys.stdout.write(str(next(iter(local_process._entries.values())).server._process.pid))"
        )
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", code, str(FAKE), weights()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        with pytest.raises(ProcessLookupError):
            os.kill(int(done.stdout), 0)

    def test_describe_names_the_model_but_no_place(self, weights):
        policy = LocalPolicy(weights(), context=100, temperature=0.5, seed=3)
        assert policy.describe() == {
            "kind": "local",
            "model": "tiny",
            "context": 100,
            "max_tokens": 256,
            "tool_mode": "auto",
            "temperature": 0.5,
            "top_k": 0,
            "min_p": 0.0,
            "seed": 3,
        }
        assert repr(policy) == "LocalPolicy('tiny')"

    @pytest.mark.parametrize(
        "wrong", [{"slots": 0}, {"context": -1}, {"max_tokens": 0}, {"threads": 0}, {"tool_mode": "x"}]
    )
    def test_wrong_options(self, weights, wrong):
        with pytest.raises(SettingsError, match=next(iter(wrong))):
            LocalPolicy(weights(), **wrong)

    def test_a_model_that_is_nowhere(self, weights):
        with pytest.raises(UsageError, match="neither an existing file"):
            LocalPolicy("/nowhere/tiny.gguf")

    def test_without_xllamacpp_the_extra_is_named(self, monkeypatch):
        monkeypatch.setattr(local_model.importlib.util, "find_spec", lambda name: None)
        with pytest.raises(DependencyMissing, match="xllamacpp.*local"):
            LocalPolicy()


@pytest.fixture(scope="module")
def model():
    """A policy with the real model. Nothing it says is certain, and nothing it does is fast."""
    try:
        policy = LocalPolicy(context=1024, slots=2, max_tokens=48, temperature=0.7, logprobs=True)
    except UsageError as error:
        pytest.skip(str(error))
    with policy:
        yield policy


@pytest.mark.model
class TestSmolLM2:
    def test_answers_and_repeats_with_its_seed(self, model):
        # The first fills the server's cache, which other processors may not be indifferent to.
        first, second = [model([user("Name three animals.")], seed=1) for _ in range(3)][1:]
        assert first.text
        assert first.text == second.text
        assert first.finish_reason in ("stop", "length")
        assert first.usage["completion_tokens"] == len(first.token_ids) == len(first.logprobs) > 0
        assert all(logprob <= 0 for logprob in first.logprobs)
        assert first.model == "SmolLM2-135M-Instruct.Q4_1"

    def test_conversations_are_computed_together(self, model):
        async def main():
            requests = [asked(f"Tell me about the number {i}. " * (5 + 5 * i), seed=i) for i in range(4)]
            together = await asyncio.gather(*[model.respond(request) for request in requests])
            assert all(each.text and len(each.logprobs) == len(each.token_ids) > 0 for each in together)

        asyncio.run(main())

    def test_calls_a_tool(self, model):
        request = asked(
            "What is the weather in Oslo?", tools=[WEATHER], seed=1, params={"tool_choice": "required"}
        )
        response = asyncio.run(model.respond(request))
        assert response.tool_calls or response.finish_reason == "length"
        for call in response.tool_calls:
            assert call["function"]["name"] == "get_weather"
            assert set(json.loads(call["function"]["arguments"])) == {"city"}

    def test_goes_on_after_a_tool(self, model):
        call = tool_call("get_weather", {"city": "Oslo"})
        result = {"role": "tool", "tool_call_id": "call_0", "content": '{"weather": "cold"}'}
        response = model([user("Weather in Oslo?"), assistant(None, call), result], tools=[WEATHER], seed=1)
        assert response.finish_reason in ("stop", "tool_calls", "length")
        assert response.text or response.tool_calls

    def test_a_long_conversation_is_cut(self, model):
        assert model([user("word " * 2000)]).finish_reason == "length"

    def test_is_an_openai_compatible_server(self, model):
        with OpenAIPolicy("SmolLM2", base_url=model.base_url, max_tokens=8, send_seed=True) as policy:
            response = policy([user("Say hello.")], seed=1)
        assert response.usage["completion_tokens"] <= 8
        assert response.finish_reason in ("stop", "length")

    def test_runs_as_a_program(self, model):
        command = [sys.executable, "-m", "llmgym.policies.local_server", "--context", "256", "--slots", "1"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            url = process.stdout.readline().strip()
            try:
                with OpenAIPolicy("SmolLM2", base_url=url, max_tokens=4) as policy:
                    assert policy([user("Say hello.")]).finish_reason in ("stop", "length")
            finally:
                process.terminate()
        assert process.returncode == 0
