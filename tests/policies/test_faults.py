from __future__ import annotations

import copy

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.answers import response_from_server
from llmgym.messages import Response
from llmgym.policies.answers import read_answer, read_plainly
from llmgym.policies.faults import Fault, fault_of_reply, parse
from llmgym.policies.http import Reply

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)


def shaped(*names: str):
    """Objects with the names that matter and whatever values."""
    return st.fixed_dictionaries({}, optional={name: JSON for name in names})


FUNCTION = shaped("name", "arguments", "type")
CALL = st.fixed_dictionaries(
    {}, optional={"id": JSON, "type": st.just("function") | JSON, "function": FUNCTION | JSON}
)
MESSAGE = st.fixed_dictionaries(
    {},
    optional={
        "role": st.just("assistant") | JSON,
        "content": JSON,
        "tool_calls": st.lists(CALL, max_size=2) | JSON,
        "reasoning_content": JSON,
        "reasoning": JSON,
        "refusal": JSON,
        "function_call": FUNCTION | JSON,
    },
)
LOGPROBS = st.fixed_dictionaries(
    {}, optional={"content": st.lists(shaped("token", "logprob", "id"), max_size=2) | JSON}
)
CHOICE = st.fixed_dictionaries(
    {},
    optional={
        "message": MESSAGE | JSON,
        "finish_reason": JSON,
        "logprobs": LOGPROBS | JSON,
        "token_ids": JSON,
    },
)
ITEM = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["message", "reasoning", "function_call"]) | JSON,
        "role": st.just("assistant") | JSON,
        "content": st.lists(shaped("type", "text"), max_size=2) | JSON,
        "summary": st.lists(shaped("type", "text"), max_size=2) | JSON,
        "call_id": JSON,
        "id": JSON,
        "name": JSON,
        "arguments": JSON,
    },
)
USAGE = shaped("prompt_tokens", "completion_tokens", "total_tokens", "input_tokens", "prompt_tokens_details")
BODY = st.fixed_dictionaries(
    {},
    optional={
        "choices": st.lists(CHOICE | JSON, max_size=2) | JSON,
        "output": st.lists(ITEM | JSON, max_size=2) | JSON,
        "error": JSON | shaped("message", "code", "type"),
        "status": st.sampled_from(["completed", "incomplete", "failed", "queued"]) | JSON,
        "incomplete_details": shaped("reason") | JSON,
        "usage": USAGE | JSON,
        "prompt_token_ids": JSON,
        "model": JSON,
    },
)


@given(body=BODY, api=st.sampled_from(["chat", "responses"]))
def test_every_body_is_an_answer_or_a_fault(body, api):
    outcome = read_answer(orjson.loads(orjson.dumps(body)), api, turn=0)
    assert isinstance(outcome, Response | Fault)
    if isinstance(outcome, Response):
        assert outcome.message["role"] == "assistant"
        for call in outcome.tool_calls:
            assert (
                call["id"] and isinstance(call["id"], str) and isinstance(call["function"]["arguments"], str)
            )
        orjson.dumps(outcome.message)


COUNT = st.none() | st.integers(0, 99)
TEXT = st.none() | st.just("") | st.text(max_size=5)
PLAIN_CALL = st.fixed_dictionaries(
    {
        "id": st.just("c"),
        "type": st.just("function"),
        "function": st.fixed_dictionaries({"name": st.text(max_size=5), "arguments": st.text(max_size=5)}),
    },
    optional={"index": st.integers(0, 3)},
)
PLAIN = st.fixed_dictionaries(
    {
        "choices": st.tuples(
            st.fixed_dictionaries(
                {
                    "message": st.fixed_dictionaries(
                        {"content": TEXT | st.just([])},
                        optional={
                            "role": st.just("assistant"),
                            "tool_calls": st.none() | st.lists(PLAIN_CALL, max_size=2),
                            "refusal": TEXT,
                            "reasoning_content": TEXT,
                            "annotations": st.lists(st.integers(), max_size=1),
                            "flag": st.booleans(),
                        },
                    ),
                    "finish_reason": st.sampled_from(["stop", "tool_calls", "length", "function_call", None]),
                },
                optional={
                    "index": st.just(0),
                    "logprobs": st.none() | st.just({"content": [{"token": "a", "logprob": -1.0}]}),
                    "token_ids": st.none() | st.just([1]),
                    "stop_reason": st.none() | st.integers(0, 9),
                },
            )
        ).map(list),
        "usage": st.none()
        | st.fixed_dictionaries(
            {"prompt_tokens": COUNT, "completion_tokens": COUNT},
            optional={
                "total_tokens": COUNT | st.floats(0, 9),
                "prompt_tokens_details": st.none() | st.just({"cached_tokens": 3}),
            },
        ),
    },
    optional={"model": TEXT, "prompt_token_ids": st.none() | st.just([1])},
)


@given(body=PLAIN)
def test_plain_completions_read_the_same_either_way(body):
    general = response_from_server(copy.deepcopy(body))
    plain = read_plainly(body)
    assert plain is None or plain == general


def test_plain_completions_are_recognised():
    call = {"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}}
    message = {
        "role": "assistant",
        "content": None,
        "tool_calls": [call],
        "refusal": None,
        "reasoning_content": None,
    }
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": "tool_calls",
        "stop_reason": None,
    }
    usage = {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3, "prompt_tokens_details": None}
    found = read_plainly({"model": "m", "choices": [choice], "usage": usage})
    assert found is not None and found.tool_calls == [call] and len(found.usage) == 3


@given(
    status=st.integers(200, 599),
    body=st.binary(max_size=50)
    | JSON.map(orjson.dumps)
    | BODY.map(orjson.dumps)
    | st.text(max_size=50).map(str.encode),
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "retry-after-ms", "x-should-retry", "Location"]),
        st.text(max_size=10) | st.floats().map(str) | st.sampled_from(["true", "false", "1e400"]),
    ),
    limit=st.integers(0, 10_000),
)
def test_every_reply_is_judged(status, body, headers, limit):
    reply = Reply(status, headers, body)
    fault = fault_of_reply(reply, limit, now=0.0)
    assert (fault is None) == (status < 300)
    if fault is not None:
        assert fault.retry_after is None or 0 <= fault.retry_after < float("inf")
        assert not (fault.retry and fault.overflow)
    assert isinstance(parse(reply), dict | Fault)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "3"}, 3.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"retry-after": "-1"}, 0.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:00 GMT"}, 50.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:00 GMT"}, 0.0),
        ({"retry-after": "later"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "?", "retry-after": "9"}, 9.0),
        ({}, None),
    ],
)
def test_retry_after(headers, seconds):
    fault = fault_of_reply(Reply(429, headers, b""), now=10.0)
    assert fault is not None and fault.retry_after == seconds and fault.busy


def test_long_explanations_are_cut():
    fault = fault_of_reply(Reply(400, {}, b"x" * 100_000))
    assert fault is not None and len(fault.problem) < 600


def test_pages_are_read_in_linear_time():
    fault = fault_of_reply(Reply(502, {}, b"<" * 1_000_000))
    assert fault is not None and fault.retry
