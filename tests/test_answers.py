from __future__ import annotations

import copy

import pytest
from openai.types.chat import ChatCompletion, ChatCompletionMessage
from openai.types.chat.chat_completion import Choice
from openai.types.responses import Response as ResponsesAnswer

from llmgym.answers import response_from_server
from llmgym.conversion import items_from_message, message_from_items, messages_from_input, messages_to_input
from llmgym.errors import InfrastructureError, InvalidAction
from llmgym.messages import Response

CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}


def completion(message=None, **choice):
    message = {"role": "assistant", "content": "4", "refusal": None, **(message or {})}
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "model": "m-1",
        "choices": [{"index": 0, "finish_reason": "stop", "logprobs": None, "message": message, **choice}],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
    }


def answer(*output, **fields):
    return {
        "id": "resp_1",
        "object": "response",
        "created_at": 1.0,
        "model": "m-2",
        "status": "completed",
        "error": None,
        "incomplete_details": None,
        "output": list(output),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        **fields,
    }


def said(text="4", **fields):
    part = {"type": "output_text", "text": text, "annotations": []}
    return {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [part],
        **fields,
    }


THOUGHT = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"}
ITEM_CALL = {"type": "function_call", "id": "fc_1", "call_id": "c1", "name": "look", "arguments": '{"at": 1}'}


def both(kind, data):
    """Read an answer as an object of the openai package and as the JSON that it came from."""
    untouched = copy.deepcopy(data)
    read = response_from_server(data)
    assert data == untouched
    assert response_from_server(kind.model_validate(data)) == read
    assert response_from_server(kind.construct(**data)) == read
    assert Response.of(kind.model_validate(data)) == read
    return read


def test_chat_completion():
    read = both(ChatCompletion, completion())
    assert read == Response(
        {"role": "assistant", "content": "4"},
        finish_reason="stop",
        usage={"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5},
        model="m-1",
    )


def test_choice_and_message():
    (choice,) = completion({"tool_calls": [CALL], "content": None}, finish_reason="tool_calls")["choices"]
    read = both(Choice, choice)
    assert read.finish_reason == "tool_calls" and read.model is None and read.usage is None
    assert read.message == {"role": "assistant", "content": None, "tool_calls": [CALL]}
    message = ChatCompletionMessage.model_validate(choice["message"])
    assert response_from_server(message) == response_from_server(choice["message"]) == Response(read.message)
    assert response_from_server({"message": message}).message == read.message


def test_values_that_say_nothing_are_left_out():
    nothing: dict = {
        "refusal": None,
        "audio": None,
        "function_call": None,
        "annotations": [],
        "tool_calls": None,
    }
    read = both(ChatCompletion, completion({**nothing, "reasoning_content": ""}))
    assert read.message == {"role": "assistant", "content": "4"}
    assert both(ChatCompletion, completion({"content": None, "refusal": "no"})).message["refusal"] == "no"
    kept = both(ChatCompletion, completion({"reasoning_details": [{"a": 1}]})).message
    assert kept["reasoning_details"] == [{"a": 1}]


@pytest.mark.parametrize(
    "extra",
    [{"reasoning_content": "hm"}, {"reasoning": "hm"}, {"reasoning": "hm", "reasoning_content": "hm"}],
)
def test_reasoning_of_vllm_sglang_and_deepseek(extra):
    message = both(ChatCompletion, completion(extra)).message
    assert message == {"role": "assistant", "content": "4", "reasoning_content": "hm"}


def test_token_ids_of_vllm():
    logprobs = {
        "content": [{"token": "4", "bytes": [52], "logprob": -0.5, "top_logprobs": []}],
        "refusal": None,
    }
    data = {**completion(logprobs=logprobs, token_ids=[19]), "prompt_token_ids": [1, 2, 3]}
    read = both(ChatCompletion, data)
    assert (read.prompt_token_ids, read.token_ids, read.logprobs) == ([1, 2, 3], [19], [-0.5])


def test_token_ids_inside_the_log_probabilities():
    token = {"token": "token_id:19", "bytes": [], "logprob": -0.5, "top_logprobs": []}
    assert both(ChatCompletion, completion(logprobs={"content": [token]})).token_ids == [19]
    token = {**token, "token": "4", "id": 7}
    assert both(ChatCompletion, completion(logprobs={"content": [token]})).token_ids == [7]
    token = {**token, "id": "x"}
    assert both(ChatCompletion, completion(logprobs={"content": [token]})).token_ids is None


def test_token_ids_of_a_nemo_chat_message():
    told = {"prompt_token_ids": [1], "generation_token_ids": ["2"], "generation_log_probs": [-1]}
    read = both(ChatCompletion, completion(told))
    assert (read.prompt_token_ids, read.token_ids, read.logprobs) == ([1], [2], [-1.0])
    assert read.message == {"role": "assistant", "content": "4"}


def test_tool_calls():
    untidy = {"id": None, "index": 0, "type": None, "function": {"name": "look", "arguments": {"at": 1}}}
    read = response_from_server(completion({"tool_calls": [untidy]}))
    assert read.message["tool_calls"] == [{k: v for k, v in CALL.items() if k != "id"}]
    read = both(
        ChatCompletion, completion({"function_call": CALL["function"]}, finish_reason="function_call")
    )
    assert read.finish_reason == "tool_calls"
    assert read.message["tool_calls"] == [{"type": "function", "function": CALL["function"]}]
    custom = {"id": "c", "type": "custom", "custom": {"name": "n", "input": "i"}}
    with pytest.raises(InvalidAction, match="Only function tools are supported"):
        both(ChatCompletion, completion({"tool_calls": [custom]}))


def test_usage():
    chat = {
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
        "completion_tokens_details": {"reasoning_tokens": 1, "audio_tokens": None},
        "prompt_tokens_details": {"cached_tokens": 2},
    }
    full = {
        "prompt_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 5,
        "reasoning_tokens": 1,
        "cached_tokens": 2,
    }
    assert both(ChatCompletion, {**completion(), "usage": chat}).usage == full
    responses = {
        "input_tokens": 3,
        "output_tokens": 2,
        "total_tokens": 5,
        "output_tokens_details": {"reasoning_tokens": 1},
        "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 0},
    }
    assert both(ResponsesAnswer, answer(said(), usage=responses)).usage == full
    flat = {"prompt_tokens": 3, "completion_tokens": 2, "prompt_cache_hit_tokens": 2, "reasoning_tokens": 1}
    assert response_from_server({**completion(), "usage": flat}).usage == full
    assert response_from_server({**completion(), "usage": None}).usage is None


def test_responses_answer():
    items = [THOUGHT, said("I look."), ITEM_CALL]
    read = both(ResponsesAnswer, answer(*items))
    assert read.items == items
    assert read.finish_reason == "tool_calls" and read.model == "m-2"
    assert read.message == {
        "role": "assistant",
        "content": "I look.",
        "tool_calls": [CALL],
        "output_items": items,
    }
    assert items_from_message(read.message) == items
    assert messages_to_input([read.message]) == items
    assert messages_from_input(items) == [read.message]
    assert message_from_items(items) == read.message


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({}, "stop"),
        ({"status": "incomplete", "incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"status": "incomplete", "incomplete_details": {"reason": "content_filter"}}, "content_filter"),
        ({"status": "incomplete"}, "length"),
        ({"incomplete_details": {"reason": "max_output_tokens"}}, "length"),
        ({"incomplete_details": {}}, "stop"),
    ],
)
def test_why_a_responses_answer_ended(fields, reason):
    assert both(ResponsesAnswer, answer(said(), **fields)).finish_reason == reason


def test_token_ids_of_nemo_items():
    told = {"prompt_token_ids": [1, 2], "generation_token_ids": [3], "generation_log_probs": [-0.25]}
    items = [{**said(), "id": "a"}, {**ITEM_CALL, **told}]
    read = both(ResponsesAnswer, answer(*items))
    assert (read.prompt_token_ids, read.token_ids, read.logprobs) == ([1, 2], [3], [-0.25])
    assert items_from_message(read.message) == items


def test_refusal_and_empty_output_of_a_responses_server():
    refusal = said(content=[{"type": "refusal", "refusal": "no"}])
    message = both(ResponsesAnswer, answer(refusal)).message
    assert (message["content"], message["refusal"]) == (None, "no")
    read = both(ResponsesAnswer, answer())
    assert read.message == {"role": "assistant", "content": "", "output_items": []}


@pytest.mark.parametrize(
    "item",
    [
        {"type": "custom_tool_call", "call_id": "c", "name": "n", "input": "i"},
        {
            "type": "local_shell_call",
            "id": "i",
            "call_id": "c",
            "status": "completed",
            "action": {"type": "exec"},
        },
    ],
)
def test_items_that_are_not_supported(item):
    with pytest.raises(InvalidAction, match=rf"output\[1\]: .*{item['type']}"):
        response_from_server(answer(said(), item))


@pytest.mark.parametrize(
    "data",
    [
        answer(status="failed", error={"code": "server_error", "message": "overloaded"}),
        {"error": {"message": "overloaded", "code": 503}},
        {"error": "overloaded"},
    ],
)
def test_an_error_of_the_server_is_not_the_callers_fault(data):
    with pytest.raises(InfrastructureError, match="overloaded") as caught:
        response_from_server(data)
    assert caught.value.boundary == "policy"


@pytest.mark.parametrize(
    "unknown",
    [
        None,
        7,
        [],
        {},
        {"text": "4"},
        object(),
        ChatCompletion,
        {"role": "user", "content": "4"},
        {"role": "assistant", "content": 4},
        {"role": "assistant", "tool_calls": "look"},
        {"choices": []},
        {"choices": None},
        {"choices": [{"text": "4"}]},
        {**completion(), "choices": completion()["choices"] * 2},
        completion(token_ids=["x"]),
        answer(status="in_progress"),
        answer("hello"),
    ],
)
def test_everything_else_is_an_invalid_action(unknown):
    with pytest.raises(InvalidAction) as caught:
        response_from_server(unknown)
    assert str(caught.value).startswith(("Expected", "output["))


def test_the_caller_cannot_reach_the_response():
    data = answer(said())
    read = response_from_server(data)
    data["output"][0]["content"][0]["text"] = "5"
    assert read.text == "4"
    data = completion({"content": [{"type": "text", "text": "4"}], "tool_calls": [copy.deepcopy(CALL)]})
    read = response_from_server(data)
    message = data["choices"][0]["message"]
    message["content"][0]["text"] = message["tool_calls"][0]["function"]["name"] = "5"
    assert read.text == "4" and read.tool_calls == [CALL]
