from __future__ import annotations

from typing import Any

import pytest

from llmgym.conversion import messages_from_input, messages_to_input
from llmgym.errors import InvalidTask, UsageError


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ({"type": "item_reference", "id": "x"}, "item_reference"),
        ({"type": "custom_tool_call", "call_id": "c", "name": "n", "input": ""}, "Only function tools"),
        ({"type": "custom_tool_call_output", "call_id": "c", "output": ""}, "Only function tools"),
        ({"type": "web_search_call", "id": "w"}, "web_search_call"),
        ({"role": "tool", "content": "4"}, "function_call_output"),
        ({"role": "user"}, "content"),
        ({"role": "user", "content": [{"type": "input_video"}]}, "input_video"),
        ({"role": "user", "content": [{"type": "input_text"}]}, "input_text"),
        ({"role": "user", "content": ["x"]}, "str"),
        ({"type": "function_call", "call_id": "c", "name": "n"}, "arguments"),
        ({"type": "function_call", "call_id": "c", "name": "n", "arguments": {}}, "arguments"),
        ({"type": "function_call_output", "output": "4"}, "call_id"),
        ({"type": "function_call_output", "call_id": "c"}, "content"),
        ({}, "role"),
        ("hello", "str"),
    ],
)
def test_bad_input_items_are_named(item: Any, words: str) -> None:
    items: list[Any] = [{"role": "user", "content": "?"}, item]
    with pytest.raises(InvalidTask, match=r"input\[1\]: ") as caught:
        messages_from_input(items)
    assert words in str(caught.value)


def test_bad_inputs():
    with pytest.raises(InvalidTask, match="list of items"):
        messages_from_input(None)  # type: ignore[arg-type]
    with pytest.raises(InvalidTask, match="instructions"):
        messages_from_input("x", ["y"])  # type: ignore[arg-type]
    assert messages_from_input([]) == []


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({"role": "function", "content": "4"}, "function"),
        ({"role": "user", "content": [{"type": "video_url", "video_url": {}}]}, "video_url"),
        ({"role": "assistant", "tool_calls": [{"type": "custom", "custom": {}}]}, "Only function tools"),
    ],
)
def test_messages_without_a_place_in_responses(message, words):
    with pytest.raises(UsageError, match=r"messages\[0\]: ") as caught:
        messages_to_input([message])
    assert words in str(caught.value)
