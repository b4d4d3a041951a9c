from __future__ import annotations

import asyncio
import gc
import subprocess
import sys

import orjson
import pytest

from llmgym.errors import InfrastructureError, SettingsError, UsageError
from llmgym.messages import Messages, Response, assistant, tool_call, user
from llmgym.policies import OpenAIPolicy, Request
from llmgym.policies.limiter import limiter_for
from llmgym.testing.server import Fault, ModelServer

QUESTION = Messages([user("hi")])
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "add",
            "description": "Add two numbers.",
            "parameters": {"type": "object", "properties": {"x": {"type": "integer"}}},
        },
    }
]
SETTINGS = ("LLMGYM_MODEL", "LLMGYM_BASE_URL", "LLMGYM_API_KEY", "OPENAI_BASE_URL", "OPENAI_API_KEY")


@pytest.fixture(autouse=True)
def no_settings(monkeypatch, tmp_path):
    for name in (*SETTINGS, "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_AD_TOKEN", "OPENAI_API_VERSION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)


def policy(url, **options) -> OpenAIPolicy:
    given = {"api_key": "", "api": "chat", "timeout": 5.0, "retry_base_delay": 0.001}
    return OpenAIPolicy("m", base_url=url, **given | options)


def ask(reply, *requests, **options):
    """Return the responses to requests made one after the other, and the server."""

    async def main():
        async with ModelServer(reply) as server, policy(server.url, **options) as asked:
            return [await asked.respond(request) for request in requests or [Request(QUESTION)]], server

    responses, server = asyncio.run(main())
    return responses, server


def sent(*requests, **options) -> dict:
    return ask("ok", *requests, **options)[1].requests[-1].json


@pytest.mark.parametrize("transport", ["fast", "openai"])
def test_chat(transport):
    said = Response(
        assistant("Let me see.", tool_call("add", {"x": 1}, "call_a")) | {"reasoning_content": "Hm."},
        usage={"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12},
        prompt_token_ids=[1, 2, 3],
        token_ids=[4, 5],
        logprobs=[-0.5, -0.25],
        model="m-2",
    )
    (found,), server = ask(said, Request(QUESTION, TOOLS), transport=transport)
    assert found.message == said.message
    assert found.finish_reason == "tool_calls"
    assert found.usage == said.usage
    assert (found.prompt_token_ids, found.token_ids) == ([1, 2, 3], [4, 5])
    assert (found.logprobs, found.model, found.reasoning) == ([-0.5, -0.25], "m-2", "Hm.")
    assert server.requests[0].path == "/v1/chat/completions"
    assert server.requests[0].json == {"model": "m", "messages": QUESTION, "tools": TOOLS}


@pytest.mark.parametrize("transport", ["fast", "openai"])
def test_responses(transport):
    items = [
        {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAAA"},
        {"type": "function_call", "id": "fc_1", "call_id": "call_a", "name": "add", "arguments": '{"x":1}'},
    ]
    output = Response({"role": "assistant", "content": None}, items=items)

    async def main():
        async with ModelServer([output, "done"]) as server:
            async with policy(server.url, api="responses", transport=transport, max_tokens=9) as asked:
                first = await asked.respond(Request(QUESTION, TOOLS))
                answer = {"role": "tool", "tool_call_id": "call_a", "content": "2"}
                second = await asked.respond(Request(Messages([*QUESTION, first.message, answer]), TOOLS, turn=1))
                return first, second, server.requests

    first, second, requests = asyncio.run(main())
    assert first.items == items
    assert [call["function"]["arguments"] for call in first.tool_calls] == ['{"x":1}']
    assert (second.text, second.finish_reason) == ("done", "stop")
    assert requests[0].path == "/v1/responses"
    assert requests[0].json == {
        "model": "m",
        "input": [{"role": "user", "content": "hi"}],
        "store": False,
        "max_output_tokens": 9,
        "tools": [{"type": "function", "strict": False, **TOOLS[0]["function"]}],
        "include": ["reasoning.encrypted_content"],
    }
    # What the server said goes back to it word by word.
    assert requests[1].json["input"][1:3] == items
    assert requests[1].json["input"][3] == {"type": "function_call_output", "call_id": "call_a", "output": "2"}


def test_a_server_without_encrypted_reasoning_is_asked_once():
    refusal = Fault(400, message="Encrypted content is not supported with this model.")

    def reply(asked):
        return refusal if "include" in asked else "fine"

    responses, server = ask(reply, *[Request(QUESTION)] * 3, api="responses")
    assert [response.text for response in responses] == ["fine"] * 3
    assert [("include" in request.json) for request in server.requests] == [True, False, False, False]


def test_requests_under_way_survive_that_refusal_too():
    async def reply(asked):
        await asyncio.sleep(0.01)
        return Fault(400, message="include: unknown value") if "include" in asked else "fine"

    async def main():
        async with ModelServer(reply) as server, policy(server.url, api="responses") as asked:
            return await asyncio.gather(*(asked.respond(Request(QUESTION)) for _ in range(5)))

    assert [response.text for response in asyncio.run(main())] == ["fine"] * 5


def test_own_sampling_parameters_win_over_the_task():
    task = {
        "temperature": 0.1,
        "top_p": 0.2,
        "max_output_tokens": 30,
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "metadata": {"row": 1},
    }
    assert sent(Request(QUESTION, TOOLS, params=task)) == {
        "model": "m",
        "messages": QUESTION,
        "temperature": 0.1,
        "top_p": 0.2,
        "max_tokens": 30,
        "tools": TOOLS,
        "tool_choice": "required",
        "parallel_tool_calls": False,
    }
    own = {"temperature": 0.0, "top_p": 1.0, "max_tokens": 5, "tool_choice": "auto", "parallel_tool_calls": True}
    found = sent(Request(QUESTION, TOOLS, params=task), **own)
    assert {name: found[name] for name in own} == own
    # Without tools there is nothing to choose, and servers refuse to be told so.
    assert "tool_choice" not in sent(Request(QUESTION, params=task))


@pytest.mark.parametrize("given", [{"name": "add"}, {"function": {"name": "add"}}])
def test_a_forced_tool_is_named_as_the_api_wants_it(given):
    task = {"tool_choice": {"type": "function", **given}}
    request = Request(QUESTION, TOOLS, params=task)
    assert sent(request)["tool_choice"] == {"type": "function", "function": {"name": "add"}}
    assert sent(request, api="responses")["tool_choice"] == {"type": "function", "name": "add"}


def test_the_token_limit_has_one_name():
    assert sent(max_tokens=5, token_limit_field="max_completion_tokens")["max_completion_tokens"] == 5
    found = sent(Request(QUESTION, params={"max_output_tokens": 9}), extra_body={"max_completion_tokens": 3})
    assert found["max_completion_tokens"] == 3 and "max_tokens" not in found


def test_extra_fields_win():
    found = sent(temperature=1.0, extra_body={"temperature": 0.5, "chat_template_kwargs": {"thinking": False}})
    assert found["temperature"] == 0.5 and found["chat_template_kwargs"] == {"thinking": False}


def test_seeds_are_sent_when_asked_for():
    request = Request(QUESTION, seed=2**40 + 7)
    assert "seed" not in sent(request)
    assert sent(request, send_seed=True)["seed"] == 7
    assert "seed" not in sent(Request(QUESTION), send_seed=True)


def test_token_ids_and_logprobs_are_asked_for():
    found = sent(return_token_ids=True, logprobs=True)
    assert found["return_token_ids"] is True and found["logprobs"] is True
    found = sent(logprobs=True, encrypted_reasoning=False, api="responses")
    assert found["include"] == ["message.output_text.logprobs"]


def test_messages_of_the_developer():
    messages = Messages([{"role": "developer", "content": "Be brief."}, user("hi")])
    assert sent(Request(messages))["messages"] == messages
    assert sent(Request(messages), developer_role="system")["messages"][0]["role"] == "system"
    assert messages[0]["role"] == "developer"


def test_keys_of_llmgym_are_not_sent():
    message = assistant("hi") | {"output_items": [{"type": "message"}]}
    assert sent(Request(Messages([message])))["messages"] == [assistant("hi")]


def test_a_conversation_that_is_no_json():
    with pytest.raises(UsageError, match="cannot be written as JSON"):
        ask("ok", Request(Messages([user("hi") | {"extra": object()}])))


def test_sessions_keep_to_their_server():
    async def main():
        async with ModelServer("a") as a, ModelServer("b") as b, ModelServer("c") as c:
            async with policy([a.url, b.url, c.url]) as asked:
                for _ in range(3):
                    for number in range(12):
                        await asked.respond(Request(QUESTION, session=f"s{number}", params={"top_p": number}))
                return [{request.json["top_p"] for request in server.requests} for server in (a, b, c)]

    served = asyncio.run(main())
    assert sum(map(len, served)) == 12 and all(served)


def test_a_dead_server_hands_over_and_comes_back():
    async def main():
        async with ModelServer("alive") as alive:
            async with ModelServer("back") as back:
                port = back._port
            async with policy([alive.url, back.url], revive_after=0.05, max_retries=0) as asked:
                sessions = [Request(QUESTION, session=f"s{number}") for number in range(8)]
                with pytest.raises(InfrastructureError):
                    [await asked.respond(request) for request in sessions]
                asked._exchange._patience = asked._exchange._patience.__class__(5.0, None, 3, 0.001, 0.01, 0.05)
                first = {(await asked.respond(request)).text for request in sessions}
                async with ModelServer("back", port=port):
                    await asyncio.sleep(0.06)
                    second = {(await asked.respond(request)).text for request in sessions}
                return first, second

    assert asyncio.run(main()) == ({"alive"}, {"alive", "back"})


def test_a_server_that_keeps_failing_is_left():
    async def main():
        async with ModelServer(Fault(500)) as broken, ModelServer("fine") as sound:
            async with policy([broken.url, sound.url]) as asked:
                return {(await asked.respond(Request(QUESTION, session=f"s{n}"))).text for n in range(8)}

    assert asyncio.run(main()) == {"fine"}


def test_requests_without_a_session_are_dealt_out():
    async def main():
        async with ModelServer("a") as a, ModelServer("b") as b, policy([a.url, b.url]) as asked:
            return [(await asked.respond(Request(QUESTION))).text for _ in range(4)]

    assert asyncio.run(main()) == ["a", "b", "a", "b"]


def test_concurrency_is_shared_by_all_policies_of_an_endpoint():
    async def reply(asked):
        await asyncio.sleep(0.005)
        return "ok"

    async def main():
        async with ModelServer(reply) as server:
            async with policy(server.url, concurrency=3) as one, policy(server.url + "/") as two:
                await asyncio.gather(*(asked.respond(Request(QUESTION)) for asked in (one, two) for _ in range(10)))
            return server.most_in_flight

    assert asyncio.run(main()) == 3


def test_a_complaint_pauses_the_whole_endpoint():
    said = []

    def reply(asked):
        said.append(asyncio.get_running_loop().time())
        return Fault(429, headers={"Retry-After": "0.1"}) if len(said) == 1 else "ok"

    async def main():
        async with ModelServer(reply) as server, policy(server.url) as one, policy(server.url) as two:
            first = asyncio.create_task(one.respond(Request(QUESTION)))
            while not limiter_for(server.url).paused_for:
                await asyncio.sleep(0.001)
            await asyncio.gather(first, *(two.respond(Request(QUESTION)) for _ in range(5)))

    asyncio.run(main())
    assert len(said) == 7
    assert min(said[1:]) - said[0] >= 0.09


def test_many_requests_get_through_a_narrow_server():
    busy = [0]

    async def reply(asked):
        if busy[0] >= 4:
            return Fault(429, headers={"Retry-After": "0.01"})
        busy[0] += 1
        await asyncio.sleep(0.001)
        busy[0] -= 1
        return "ok"

    async def main():
        async with ModelServer(reply) as server, policy(server.url, max_retries=0) as asked:
            await asyncio.gather(*(asked.respond(Request(QUESTION)) for _ in range(40)))

    asyncio.run(main())


def test_cancelling_ends_the_request_and_frees_its_place():
    async def main():
        async with ModelServer(Fault(delay=30)) as server, policy(server.url, concurrency=1) as asked:
            limiter = limiter_for(server.url)
            task = asyncio.create_task(asked.respond(Request(QUESTION)))
            queued = asyncio.create_task(asked.respond(Request(QUESTION)))
            while not server.in_flight:
                await asyncio.sleep(0.001)
            assert (limiter.in_flight, limiter.waiting) == (1, 1)
            for each in (task, queued):
                each.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await each
            assert (limiter.in_flight, limiter.waiting) == (0, 0)
            while server.in_flight:
                await asyncio.sleep(0.001)
            server.reply = "free"
            assert (await asked.respond(Request(QUESTION))).text == "free"

    asyncio.run(asyncio.wait_for(main(), 20))


def test_the_deadline_covers_waiting_for_a_turn():
    async def main():
        async with ModelServer(Fault(delay=30)) as server, policy(server.url, concurrency=1) as patient:
            holder = asyncio.create_task(patient.respond(Request(QUESTION)))
            await asyncio.sleep(0)
            async with policy(server.url, timeout=0.1) as hasty:
                with pytest.raises(InfrastructureError, match="still waiting for its turn"):
                    await hasty.respond(Request(QUESTION))
            holder.cancel()
            with pytest.raises(asyncio.CancelledError):
                await holder

    asyncio.run(main())


def test_tokens_are_estimated_then_corrected():
    usage = {"prompt_tokens": 10, "completion_tokens": 10, "total_tokens": 20}

    async def main():
        async with ModelServer(Response(assistant("ok"), usage=usage)) as server:
            async with policy(server.url, tokens_per_minute=60_000, max_tokens=1000) as asked:
                bucket = limiter_for(server.url)._tokens
                full = bucket.capacity
                await asked.respond(Request(QUESTION))
                return full - bucket.level

    assert 0 <= asyncio.run(main()) <= 20


def test_sync_use_on_one_line_and_in_a_running_loop():
    with ModelServer("hello") as server, policy(server.url) as asked:
        assert asked([user("hi")], tools=TOOLS).text == "hello"
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


def test_a_script_that_closes_nothing_ends_in_silence():
    script = (
        "from llmgym.policies import OpenAIPolicy; import sys\n"
        "policy = OpenAIPolicy('m', base_url=sys.argv[1], api_key='', api='chat')\n"
        "sys.stdout.write(policy([{'role': 'user', 'content': 'hi'}]).text)\n"
    )
    with ModelServer("hello") as server:
        command = [sys.executable, "-W", "error", "-c", script, server.url]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert (ended.stdout, ended.stderr) == ("hello", "")


def test_describe_is_json_and_tells_the_sampling():
    asked = policy("http://u:p@host.test:8000/v1/?key=k", temperature=0.0, extra_body={"top_k": 5}, send_seed=True)
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
