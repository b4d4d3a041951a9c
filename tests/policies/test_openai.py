from __future__ import annotations

import asyncio

import pytest

from llmgym.errors import UsageError
from llmgym.messages import Messages, Response, assistant, tool_call, user
from llmgym.policies import OpenAIPolicy, Request
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
                second = await asked.respond(
                    Request(Messages([*QUESTION, first.message, answer]), TOOLS, turn=1)
                )
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
    assert requests[1].json["input"][3] == {
        "type": "function_call_output",
        "call_id": "call_a",
        "output": "2",
    }


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
    own = {
        "temperature": 0.0,
        "top_p": 1.0,
        "max_tokens": 5,
        "tool_choice": "auto",
        "parallel_tool_calls": True,
    }
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
    found = sent(
        temperature=1.0, extra_body={"temperature": 0.5, "chat_template_kwargs": {"thinking": False}}
    )
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
