from __future__ import annotations

import copy
import json

from hypothesis import given
from hypothesis import strategies as st
from openai.types.responses import ResponseOutputItem
from pydantic import TypeAdapter

from llmgym.conversion import (
    items_from_message,
    message_from_items,
    messages_from_input,
    messages_to_input,
    request_messages,
    tools_to_chat,
    tools_to_responses,
)

texts = st.text(max_size=12)
spoken = st.text(min_size=1, max_size=12)
ids = st.text("abc123_", min_size=1, max_size=8)


def optional(**fields):
    return st.fixed_dictionaries({}, optional=fields)


def merged(*parts):
    return st.tuples(*parts).map(lambda found: {key: value for part in found for key, value in part.items()})


def just(**fields):
    return st.fixed_dictionaries(
        {k: v if isinstance(v, st.SearchStrategy) else st.just(v) for k, v in fields.items()}
    )


# Chat histories

chat_text = just(type="text", text=texts)
chat_image = just(
    type="image_url",
    image_url=st.fixed_dictionaries(
        {"url": spoken}, optional={"detail": st.sampled_from(["low", "high", "original"])}
    ),
)
chat_file = just(type="file", file=optional(file_data=texts, file_id=ids, filename=texts))
chat_audio = just(type="input_audio", input_audio=just(data=texts, format="wav"))
chat_parts = st.lists(chat_text | chat_image | chat_file | chat_audio, max_size=3)
chat_calls = st.lists(
    just(id=ids, type="function", function=just(name=texts, arguments=texts)), min_size=1, max_size=3
)


@st.composite
def assistants(draw, must_speak=False):
    message = {"role": "assistant", "content": draw(spoken if must_speak else texts)}
    if draw(st.booleans()):
        message["content"] = draw(st.lists(chat_text, min_size=1, max_size=2))
    if draw(st.booleans()):
        message["reasoning_content"] = draw(spoken)
    if draw(st.booleans()):
        message["tool_calls"] = draw(chat_calls)
        if not message["content"]:
            message["content"] = None
    elif not must_speak and draw(st.integers(0, 4)) == 0:
        message |= {"content": None, "refusal": draw(spoken)}
    return message


prompts = just(role=st.sampled_from(["system", "developer", "user"]), content=texts | chat_parts)
tool_messages = just(role="tool", tool_call_id=ids, content=texts | chat_parts)
not_silent = assistants(must_speak=True)


@st.composite
def histories(draw):
    history = []
    for _ in range(draw(st.integers(0, 4))):
        history += draw(st.lists(prompts | tool_messages, min_size=1, max_size=2))
        history += draw(
            st.one_of(st.just([]), st.lists(assistants(), max_size=1), st.lists(not_silent, max_size=3))
        )
    return history


@given(histories())
def test_chat_to_items_to_chat(history):
    before = copy.deepcopy(history)
    assert messages_from_input(messages_to_input(history)) == before
    assert history == before


OUTPUT_ITEM: TypeAdapter[ResponseOutputItem] = TypeAdapter(ResponseOutputItem)


@given(assistants())
def test_derived_items_are_valid_for_the_openai_package(message):
    for item in items_from_message(message):
        OUTPUT_ITEM.validate_python(item)


@given(assistants())
def test_one_turn_to_items_to_message(message):
    if isinstance(message["content"], list):
        message["content"] = "".join(part["text"] for part in message["content"])
    if not message["content"]:
        message["content"] = None if message.get("tool_calls") or message.get("refusal") else ""
    assert message_from_items(items_from_message(message)) == message


# Responses inputs

marks = optional(id=ids, status=st.sampled_from(["completed", "incomplete"]))
input_text = just(type="input_text", text=texts)
input_image = merged(
    just(type="input_image"),
    optional(image_url=spoken | st.none(), file_id=ids | st.none(), detail=st.sampled_from(["auto", "low"])),
)
input_file = merged(
    just(type="input_file"),
    optional(file_data=texts, file_id=ids | st.none(), filename=texts, file_url=texts, detail=st.just("low")),
)
input_parts = st.lists(input_text | input_image | input_file | chat_audio, max_size=3)
output_text = merged(
    just(type="output_text", text=texts),
    optional(annotations=st.just([]) | st.just([{"type": "x"}]), logprobs=st.just([])),
)
output_parts = st.lists(output_text | just(type="refusal", refusal=texts), max_size=3)
easy = just(role=st.sampled_from(["system", "developer", "user"]), content=texts | input_parts)
easy_assistant = merged(
    just(role="assistant", content=texts | output_parts), optional(phase=st.just("commentary"), id=ids)
)
typed = merged(just(type="message", role="user", content=input_parts), marks)
typed_assistant = merged(just(type="message", role="assistant", content=output_parts), marks)
reasoning = merged(
    just(type="reasoning", summary=st.lists(just(type="summary_text", text=texts), max_size=2)),
    optional(
        id=ids,
        content=st.none() | st.lists(just(type="reasoning_text", text=texts), max_size=2),
        encrypted_content=texts,
        prompt_token_ids=st.just([1]),
    ),
)
function_calls = merged(just(type="function_call", call_id=ids, name=texts, arguments=texts), marks)
outputs = merged(just(type="function_call_output", call_id=ids, output=texts | input_parts), marks)
inputs = st.lists(
    st.one_of(easy, easy_assistant, typed, typed_assistant, reasoning, function_calls, outputs), max_size=8
)


def without_idle_type(item):
    idle = item.get("type") == "message" and (item["role"] != "assistant" or isinstance(item["content"], str))
    return {key: value for key, value in item.items() if not (idle and key == "type")}


@given(inputs)
def test_items_to_chat_to_items(items):
    before = copy.deepcopy(items)
    messages = messages_from_input(items)
    back = messages_to_input(messages)
    # An item that is kept whole keeps its type too.
    assert [without_idle_type(item) for item in back] == [without_idle_type(item) for item in before]
    assert items == before
    assert json.loads(json.dumps(messages)) == messages
    assert messages_from_input(back) == messages


@given(st.lists(st.one_of(typed_assistant, reasoning, function_calls, easy_assistant), max_size=5))
def test_output_items_to_message_to_items(items):
    assert items_from_message(message_from_items(items)) == items


@given(texts, texts)
def test_text_input(text, instructions):
    expected = [{"role": "system", "content": instructions}] if instructions else []
    assert messages_from_input(text, instructions) == [*expected, {"role": "user", "content": text}]


def test_one_turn_becomes_one_message():
    thought = {
        "type": "reasoning",
        "id": "rs_1",
        "summary": [],
        "content": [{"type": "reasoning_text", "text": "hm"}],
    }
    said = {
        "type": "message",
        "id": "msg_1",
        "role": "assistant",
        "status": "completed",
        "content": [{"type": "output_text", "text": "I look.", "annotations": []}],
    }
    call = {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"}
    result = {
        "type": "function_call_output",
        "call_id": "c1",
        "output": [{"type": "input_text", "text": "seen"}],
    }
    items: list[dict] = [
        {"role": "user", "content": "?"},
        thought,
        said,
        call,
        {**call, "call_id": "c2"},
        result,
    ]
    calls = [
        {"id": each, "type": "function", "function": {"name": "look", "arguments": "{}"}}
        for each in ("c1", "c2")
    ]
    assert messages_from_input(items) == [
        {"role": "user", "content": "?"},
        {
            "role": "assistant",
            "content": "I look.",
            "reasoning_content": "hm",
            "tool_calls": calls,
            "output_items": items[1:5],
        },
        {"role": "tool", "tool_call_id": "c1", "content": [{"type": "text", "text": "seen"}]},
    ]


def test_plain_turn_keeps_no_items():
    call = {"type": "function_call", "call_id": "c1", "name": "look", "arguments": "{}"}
    (message,) = messages_from_input([{"role": "assistant", "content": "I look."}, call])
    assert set(message) == {"role", "content", "tool_calls"}
    (message,) = messages_from_input([{"role": "assistant", "content": "yes", "type": "message"}])
    assert message == {"role": "assistant", "content": "yes"}
    (message,) = messages_from_input([{"role": "user", "content": "yes", "type": "message"}])
    assert message == {"role": "user", "content": "yes"}


def test_several_messages_of_a_server_are_one_turn_and_their_texts_are_joined():
    said = [
        {"type": "message", "id": f"m{n}", "role": "assistant", "status": "completed", "content": [
            {"type": "output_text", "text": text, "annotations": []}]}
        for n, text in enumerate("ab")
    ]  # fmt: skip
    (message,) = messages_from_input(said)
    assert message == {"role": "assistant", "content": "ab", "output_items": said}


def test_assistant_messages_written_by_hand_stay_apart():
    history = [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}]
    assert messages_to_input(history) == history
    assert messages_from_input(history) == history


def test_request_messages_copies_only_what_must_change():
    plain = {"role": "user", "content": "a"}
    messages = [plain, {"role": "assistant", "content": "b"}]
    assert request_messages(messages) is messages
    raw = {"role": "assistant", "content": "b", "output_items": [{}]}
    typed_message = {"role": "user", "content": "c", "input_items": [{}]}
    stripped = request_messages([plain, raw, typed_message])
    assert stripped == [plain, {"role": "assistant", "content": "b"}, {"role": "user", "content": "c"}]
    assert stripped[0] is plain
    assert "output_items" in raw


# Public rows


def test_public_rows(shared_data):
    files = sorted(shared_data.rglob("*.jsonl"))
    assert len(files) >= 14
    for path in files:
        for line in path.read_text(encoding="utf-8").splitlines():
            params = json.loads(line)["responses_create_params"]
            messages = messages_from_input(params["input"], params.get("instructions"))
            back = messages_to_input(messages)
            if isinstance(params["input"], str):
                assert messages[-1] == {"role": "user", "content": params["input"]}
            else:
                assert back == params["input"]
                assert messages == params["input"], "these rows are Chat already"
            if params.get("instructions"):
                assert messages[0] == {"role": "system", "content": params["instructions"]}
            assert messages_from_input(back) == messages
            tools = params.get("tools") or []
            assert tools_to_responses(tools_to_chat(tools)) == tools
