from __future__ import annotations

import asyncio
import email.utils
import logging
import time
import traceback

import orjson
import pytest

from llmgym.errors import InfrastructureError
from llmgym.messages import Messages, assistant, tool_call, user
from llmgym.policies import OpenAIPolicy, Request
from llmgym.testing.server import Fault, ModelServer

CANARY = "sk-canary-0123456789"
QUESTION = Messages([user("hi")])


def policy(url, **options) -> OpenAIPolicy:
    given = {"api_key": CANARY, "api": "chat", "timeout": 5.0, "max_retries": 2, "retry_base_delay": 0.001}
    return OpenAIPolicy("m", base_url=url, **given | options)


def ask(reply, request=None, **options):
    """Return the outcome, a response or an error, and the server."""

    async def main():
        async with ModelServer(reply) as server, policy(server.url, **options) as asked:
            try:
                return await asked.respond(request or Request(QUESTION)), server
            except InfrastructureError as error:
                return error, server

    return asyncio.run(main())


def raw(body: bytes, **fault) -> Fault:
    return Fault(200, body, **fault)


def choice(**message) -> dict:
    return {"choices": [{"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}]}


GOOD = orjson.dumps(choice(content="fine"))

TRANSIENT = {
    "reset before the headers": Fault(reset="before"),
    "reset in the body": Fault(200, {"padding": "x" * 5000}, reset="during"),
    "408": Fault(408),
    "409": Fault(409),
    "429": Fault(429),
    "429 with seconds": Fault(429, headers={"Retry-After": "0.01"}),
    "429 with milliseconds": Fault(429, headers={"Retry-After-Ms": "10"}),
    "429 with a date": Fault(429, headers={"Retry-After": email.utils.formatdate(0, usegmt=True)}),
    "429 with an absurd wait": Fault(429, headers={"Retry-After": "1e9"}),
    "429 with a date far away": Fault(429, headers={"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}),
    "429 with nonsense": Fault(429, headers={"Retry-After": "soon"}),
    "429 with not a number": Fault(429, headers={"Retry-After": "nan"}),
    "429 with a negative wait": Fault(429, headers={"Retry-After": "-5"}),
    "500": Fault(500),
    "502 with a page": Fault(502, "<html><body>Bad Gateway</body></html>"),
    "503 with seconds": Fault(503, headers={"Retry-After": "0"}),
    "504": Fault(504),
    "529": Fault(529),
    "400 that asks for it": Fault(400, headers={"x-should-retry": "true"}),
    "a page": raw(b"<!doctype html><title>Login</title>"),
    "empty": raw(b""),
    "cut-off JSON": raw(GOOD[:-7]),
    "NaN": raw(GOOD.replace(b'"index":0', b'"index":NaN')),
    "invalid UTF-8": raw(GOOD.replace(b"fine", b"\xff\xfe")),
    "another shape": raw(b'{"answer": 42}'),
    "a list": raw(b"[]"),
    "no choices": raw(b'{"choices": []}'),
    "choices of another type": raw(b'{"choices": {"0": {}}}'),
    "a choice without a message": raw(b'{"choices": [{"text": "fine"}]}'),
    "content of another type": raw(orjson.dumps(choice(content=42))),
    "calls of another type": raw(orjson.dumps(choice(content=None, tool_calls="f()"))),
    "a call of another type": raw(orjson.dumps(choice(content=None, tool_calls=["f()"]))),
    "another role": raw(orjson.dumps({"choices": [{"message": {"role": "user", "content": "hi"}}]})),
    "an error in a success": raw(b'{"error": {"message": "upstream died", "code": 502}}'),
    "a rate limit in a success": raw(b'{"error": {"message": "slow down", "code": 429}}'),
    "an aborted generation": raw(
        orjson.dumps({"choices": [{"message": {"content": ""}, "finish_reason": "abort"}]})
    ),
}

FATAL = {
    "400": (Fault(400, message="bad parameter 'foo'"), "bad parameter 'foo'"),
    "401": (
        Fault(401, message=f"Incorrect API key provided: {CANARY}"),
        r"Incorrect API key provided: \[redacted\]",
    ),
    "403": (Fault(403, {"detail": "not yours"}), "not yours"),
    "404": (Fault(404, {"message": "no model m"}), "no model m.*base URL"),
    "405": (Fault(405, ""), "HTTP 405: no explanation"),
    "413": (Fault(413, "<h1>Request Entity Too Large</h1>"), "HTTP 413: Request Entity Too Large"),
    "422": (
        Fault(422, {"detail": [{"loc": ["body"], "msg": "field required", "input": CANARY}]}),
        "field required",
    ),
    "429 for want of money": (
        Fault(429, {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}),
        "exceeded your quota",
    ),
    "500 that asks for it": (Fault(500, message="no", headers={"x-should-retry": "false"}), "no"),
    "a redirect": (
        Fault(308, "", headers={"Location": f"http://u:{CANARY}@b.test/v1"}),
        "redirects to http://b.test",
    ),
    "an error in a success": (raw(b'{"error": {"message": "no such model", "code": 404}}'), "no such model"),
}

OVERFLOWS = {
    "OpenAI": Fault(
        400,
        {
            "error": {
                "message": "This model's maximum context length is 8192 tokens. However, your messages resulted in "
                "9000 tokens. Please reduce the length of the messages.",
                "type": "invalid_request_error",
                "code": "context_length_exceeded",
            }
        },
    ),
    "OpenAI Responses": Fault(400, message="Your input exceeds the context window of this model."),
    "vLLM": Fault(
        400,
        {
            "object": "error",
            "message": "This model's maximum context length is 4096 tokens. However, you requested 4200 tokens "
            "(4100 in the messages, 100 in the completion).",
            "type": "BadRequestError",
            "code": 400,
        },
    ),
    "vLLM prompt": Fault(
        400, message="The decoder prompt (length 5000) is longer than the maximum model length of 4096."
    ),
    "vLLM no room": Fault(400, message="max_tokens must be at least 1, got -17."),
    "SGLang": Fault(
        400, message="The input (5000 tokens) is longer than the model's context length (4096 tokens)."
    ),
    "SGLang total": Fault(
        400, message="Requested token count exceeds the model's maximum context length of 4096 tokens."
    ),
    "llama.cpp": Fault(
        400,
        {
            "error": {
                "code": 400,
                "message": "request (9000 tokens) exceeds the available context size (8192 tokens), try increasing it",
                "type": "exceed_context_size_error",
            }
        },
    ),
    "TGI": Fault(
        422, {"error": "`inputs` must have less than 1024 tokens. Given: 2000", "error_type": "validation"}
    ),
    "Gemini": Fault(
        400, message="The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
    ),
    "xAI": Fault(
        400, message="This model's maximum prompt length is 131072 but the request contains 140000 tokens."
    ),
    "Anthropic": Fault(400, message="prompt is too long: 208310 tokens > 200000 maximum"),
}


@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=list(TRANSIENT))
def test_what_may_pass_is_tried_again(fault):
    outcome, server = ask([fault, Fault(500), "fine"])
    assert outcome.text == "fine"
    assert len(server.requests) == 3
    assert server.requests[0].json == server.requests[2].json


LIMITS = [name for name in TRANSIENT if name.startswith("429") or "rate limit" in name]


@pytest.mark.parametrize("name", [name for name in TRANSIENT if name not in LIMITS])
def test_what_does_not_pass_is_given_up_after_the_retries(name):
    outcome, server = ask(TRANSIENT[name], retry_max_delay=0.05)
    assert isinstance(outcome, InfrastructureError)
    assert outcome.boundary == "policy" and outcome.retryable
    assert len(server.requests) == 3 and "failed 3 times" in str(outcome)


@pytest.mark.parametrize("name", LIMITS)
def test_a_rate_limit_is_waited_out_until_the_deadline(name):
    outcome, server = ask(TRANSIENT[name], timeout=0.15, max_retries=0, retry_max_delay=0.01)
    assert isinstance(outcome, InfrastructureError)
    assert outcome.boundary == "policy" and outcome.retryable
    assert "no answer within 0.15 s" in str(outcome)


@pytest.mark.parametrize("transport", ["fast", "openai"])
@pytest.mark.parametrize(("fault", "told"), FATAL.values(), ids=list(FATAL))
def test_what_will_not_pass_is_an_error_at_once(fault, told, transport):
    outcome, server = ask(fault, transport=transport)
    assert isinstance(outcome, InfrastructureError)
    assert outcome.boundary == "policy" and not outcome.retryable
    assert len(server.requests) == 1
    with pytest.raises(InfrastructureError, match=told):
        raise outcome
    assert CANARY not in "".join(traceback.format_exception(outcome))


@pytest.mark.parametrize("api", ["chat", "responses"])
@pytest.mark.parametrize("fault", OVERFLOWS.values(), ids=list(OVERFLOWS))
def test_a_conversation_that_outgrew_the_model_is_cut_by_length(fault, api):
    outcome, server = ask(fault, api=api, max_tokens=100)
    assert outcome.message == {"role": "assistant", "content": ""}
    assert outcome.finish_reason == "length"
    assert len(server.requests) == 1


@pytest.mark.parametrize("name", ["OpenAI", "vLLM", "llama.cpp", "SGLang"])
def test_a_token_limit_larger_than_the_context_is_no_long_conversation(name):
    outcome, _ = ask(OVERFLOWS[name], max_tokens=10_000)
    assert isinstance(outcome, InfrastructureError) and not outcome.retryable
    assert "lower max_tokens" in str(outcome)


def test_a_wrong_parameter_is_not_taken_for_a_long_conversation():
    fault = Fault(
        400, message="max_tokens is too large: 100000. This model supports at most 16384 completion tokens."
    )
    outcome, _ = ask(fault)
    assert isinstance(outcome, InfrastructureError) and not outcome.retryable


def test_what_the_conversation_says_is_not_read_as_an_error():
    echo = {"detail": [{"msg": "Extra inputs are not permitted", "input": "maximum context length"}]}
    outcome, _ = ask(Fault(422, echo))
    assert isinstance(outcome, InfrastructureError)


def test_a_refused_connection():
    async def main():
        async with ModelServer() as server:
            url = server.url
        async with policy(url) as asked:
            with pytest.raises(InfrastructureError, match="failed 3 times") as caught:
                await asked.respond(Request(QUESTION))
        assert caught.value.retryable

    asyncio.run(main())


@pytest.mark.parametrize("transport", ["fast", "openai"])
@pytest.mark.parametrize(
    "fault", [Fault(delay=30), Fault(200, "x" * 100, drip=0.5)], ids=["silent", "dripping"]
)
def test_the_deadline_covers_slow_servers(fault, transport):
    started = time.monotonic()
    outcome, server = ask(fault, timeout=0.2, transport=transport)
    assert isinstance(outcome, InfrastructureError) and outcome.retryable
    assert "no answer within 0.2 s" in str(outcome)
    assert time.monotonic() - started < 5
    assert len(server.requests) <= 1


def test_an_attempt_may_have_a_deadline_of_its_own():
    outcome, server = ask([Fault(delay=30), "fine"], attempt_timeout=0.3)
    assert outcome.text == "fine"
    assert len(server.requests) == 2


def test_duplicate_keys_are_read_as_the_last():
    outcome, _ = ask(raw(GOOD.replace(b'"content"', b'"content":"old","content"')))
    assert outcome.text == "fine"


def test_what_the_model_got_wrong_is_data():
    calls = [
        {"id": "a", "type": "function", "function": {"name": "add", "arguments": '{"x": '}},
        {"id": "b", "type": "function", "function": {"name": "no_such_tool", "arguments": "{}"}},
        {"type": "function", "function": {"name": "add", "arguments": {"x": 1, "y": "é"}}},
        {"id": "", "function": {"name": None, "arguments": None}},
    ]
    outcome, _ = ask(raw(orjson.dumps(choice(content=None, tool_calls=calls))), Request(QUESTION, turn=3))
    found = [
        (c["id"], c["type"], c["function"]["name"], c["function"]["arguments"]) for c in outcome.tool_calls
    ]
    assert found == [
        ("a", "function", "add", '{"x": '),
        ("b", "function", "no_such_tool", "{}"),
        ("call_3_2", "function", "add", '{"x": 1, "y": "é"}'),
        ("call_3_3", "function", "", "{}"),
    ]


def test_thousands_of_calls():
    calls = [tool_call("add", {"x": number}, f"c{number}") for number in range(2000)]
    outcome, _ = ask(assistant(None, *calls))
    assert outcome.tool_calls == calls


@pytest.mark.parametrize("reason", ["length", "content_filter"])
def test_finish_reasons_are_data(reason):
    body = choice(content="cut")
    body["choices"][0]["finish_reason"] = reason
    outcome, _ = ask(body)
    assert (outcome.text, outcome.finish_reason) == ("cut", reason)


@pytest.mark.parametrize("transport", ["fast", "openai"])
def test_a_key_is_nowhere_to_be_seen(transport, caplog):
    caplog.set_level(logging.DEBUG)
    secret = "p4ssw0rd"

    async def main():
        told = f"key {CANARY} and {secret} at http://ann:{secret}@host/v1"
        async with ModelServer(
            [Fault(500, message=told), Fault(429, message=told), Fault(401, message=told)]
        ) as server:
            url = server.url.replace("://", f"://ann:{secret}@") + f"?token={secret}"
            async with policy(
                url,
                transport=transport,
                extra_headers={"X-Auth": f"Token {secret}"},
                extra_body={"api_key": CANARY, "note": f"n {CANARY}"},
            ) as asked:
                with pytest.raises(InfrastructureError) as caught:
                    await asked.respond(Request(QUESTION))
                assert len(server.requests) == 3
                assert server.requests[0].headers["authorization"] == f"Bearer {CANARY}"
                return caught.value, asked

    error, asked = asyncio.run(main())
    seen = [str(error), repr(error), repr(asked), str(asked.describe()), repr(vars(asked))]
    seen += traceback.format_exception(error)
    seen += [record.getMessage() for record in caplog.records if record.name.startswith("llmgym")]
    assert "[redacted]" in str(error)
    assert orjson.loads(orjson.dumps(asked.describe()))["extra_body"] == {
        "api_key": "[redacted]",
        "note": "n [redacted]",
    }
    for text in seen:
        assert CANARY not in text and secret not in text
