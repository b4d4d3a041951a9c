from __future__ import annotations

import pytest

from llmgym.errors import InvalidAction
from llmgym.turns import items_from_message, message_from_items


def test_unknown_output_items_are_an_invalid_action():
    with pytest.raises(InvalidAction, match=r"output\[0\]: .*function_call_output"):
        message_from_items([{"type": "function_call_output", "call_id": "c", "output": ""}])


@pytest.mark.parametrize(
    ("message", "kinds"),
    [
        ({"content": "a"}, ["message"]),
        ({"content": ""}, ["message"]),
        ({"content": None}, ["message"]),
        ({"content": []}, ["message"]),
        ({"content": "", "reasoning_content": "r"}, ["reasoning"]),
        ({"content": None, "reasoning_content": "r"}, ["reasoning"]),
        ({"content": "", "tool_calls": [{}]}, ["function_call"]),
        ({"content": None, "tool_calls": [{}]}, ["function_call"]),
        (
            {"content": "a", "reasoning_content": "r", "tool_calls": [{}]},
            ["reasoning", "message", "function_call"],
        ),
        ({"content": None, "refusal": "no"}, ["message"]),
        ({"content": "a", "output_items": []}, []),
    ],
)
def test_which_items_a_message_makes(message, kinds):
    items = items_from_message({"role": "assistant", **message})
    assert [item["type"] for item in items] == kinds
    assert items == items_from_message({"role": "assistant", **message})


def test_derived_reasoning_is_never_graded_as_text():
    (item,) = items_from_message({"role": "assistant", "content": "", "reasoning_content": "\\boxed{A}"})
    assert "content" not in item
    assert item["summary"] == [{"type": "summary_text", "text": "\\boxed{A}"}]


@pytest.mark.parametrize(
    "call", [{}, None, "x", {"function": None}, {"id": 1, "function": {"arguments": {"a": 1}}}]
)
def test_incomplete_tool_calls_are_data(call):
    (item,) = items_from_message({"role": "assistant", "content": None, "tool_calls": [call]})
    assert item["type"] == "function_call"
    assert isinstance(item["name"], str) and isinstance(item["arguments"], str)


def test_lone_surrogates():
    message = {"role": "assistant", "content": "\ud800", "reasoning_content": "\udfff"}
    assert message_from_items(items_from_message(message)) == message
