"""Chat messages to Responses items and back, without loss.

An environment speaks Chat; public rows and some servers speak Responses. What one side writes comes back the same
from the other:

* ``messages_to_input(messages_from_input(items)) == items``. Where the Chat form cannot tell everything (ids,
  statuses, encrypted reasoning, annotations, several messages in a turn, an unusual order), the message keeps its raw
  items beside the Chat form: an assistant message under ``output_items``, any other under ``input_items``, and the way
  back returns those. Normalised: a string becomes one user message, ``instructions`` become a leading system message,
  and ``"type": "message"`` is dropped from an input message and from an assistant message with plain text, where it
  says nothing.
* ``messages_from_input(messages_to_input(messages)) == messages``. Normalised, because Responses has no place for it:
  ``name`` of a message and keys of a tool call other than id, name and arguments are dropped; an assistant's empty
  content is ``None`` beside tool calls or a refusal and ``""`` otherwise; image detail ``auto`` is left out, being the
  default. Assistant messages in a row stay apart when each has a text, or begins with reasoning; otherwise nothing
  tells them apart and they become one.

Parts with no Chat form (an image by file id, a file by URL) stay as they are among the Chat parts. Results share
structure with what they are made from: messages are never edited.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from llmgym.content import content_to_chat, content_to_input
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Message
from llmgym.turns import (
    Item,
    derive_items,
    items_from_message,
    message_from_items,
    reasoning_item,
    reasoning_text,
    text_field,
    turn_from_items,
    untyped,
)

__all__ = [
    "items_from_message",
    "message_from_items",
    "messages_from_input",
    "messages_to_input",
    "request_messages",
    "tools_to_chat",
    "tools_to_responses",
]

_OWN_KEYS = frozenset({"input_items", "output_items"})
_PROMPT_ROLES = ("system", "developer", "user")


def messages_from_input(
    input: str | Sequence[Mapping[str, Any]], instructions: str | None = None
) -> list[Message]:
    """Convert a Responses ``input`` to Chat messages.

    Assistant items in a row (reasoning, messages, function calls) become one assistant message. Two kinds, which no
    server sends, begin a new one: a message without a type after a message or call, and a reasoning item that was
    made by :func:`messages_to_input`.

    Args:
        input: Text, or items: messages with or without type, reasoning, function calls and their outputs.
        instructions: Becomes a leading system message, indistinguishable from one in the input.

    Raises:
        InvalidTask: When an item is of another type or lacks a field.

    Example:
        >>> messages_from_input("2 + 2?", instructions="Be brief.")
        [{'role': 'system', 'content': 'Be brief.'}, {'role': 'user', 'content': '2 + 2?'}]
    """
    if not (instructions is None or isinstance(instructions, str)):
        raise InvalidTask(f"Expected 'instructions' to be text, found {type(instructions).__name__}.")
    messages: list[Message] = [{"role": "system", "content": instructions}] if instructions else []
    if isinstance(input, str):
        return [*messages, {"role": "user", "content": input}]
    if not isinstance(input, Sequence):
        raise InvalidTask(f"Expected 'input' to be text or a list of items, found {type(input).__name__}.")
    turn: list[Item] = []
    start = 0
    for index, given in enumerate(input):
        where = f"input[{index}]"
        if not isinstance(given, Mapping):
            raise InvalidTask(f"{where}: expected an item (an object), found {type(given).__name__}.")
        item = given if isinstance(given, dict) else dict(given)
        kind = item.get("type", "message")
        prompt = kind == "function_call_output" or (kind == "message" and item.get("role") != "assistant")
        if turn and (prompt or _begins_turn(item, turn)):
            messages.append(turn_from_items(turn, InvalidTask, "input", start, output=False))
            turn = []
        if prompt:
            messages.append(_prompt_message(item, where))
        else:
            start = start if turn else index
            turn.append(item)
    if turn:
        messages.append(turn_from_items(turn, InvalidTask, "input", start, output=False))
    return messages


def messages_to_input(messages: Iterable[Mapping[str, Any]]) -> list[Item]:
    """Convert Chat messages to items for a Responses ``input``: the inverse of :func:`messages_from_input`.

    Args:
        messages: A conversation.

    Raises:
        UsageError: When a role, a part of the content or a kind of tool call has no place in Responses.

    Example:
        >>> messages_to_input([{"role": "tool", "tool_call_id": "c", "content": "4"}])
        [{'type': 'function_call_output', 'call_id': 'c', 'output': '4'}]
    """
    items: list[Item] = []
    for index, message in enumerate(messages):
        role = message.get("role")
        raw = message.get("output_items" if role == "assistant" else "input_items")
        if raw is not None:
            items += raw
        elif role == "assistant":
            items += derive_items(message, f"messages[{index}]", output=False)
        else:
            items.append(_prompt_item(message, f"messages[{index}]"))
    return items


def request_messages(messages: list[Message]) -> list[Message]:
    """Return messages as a Chat server takes them: without the keys that only llmgym knows.

    Args:
        messages: A conversation.

    Returns:
        The same list when nothing has to be removed; otherwise a new list in which only the messages concerned are
        new.
    """
    if all(_OWN_KEYS.isdisjoint(message) for message in messages):
        return messages
    return [
        message
        if _OWN_KEYS.isdisjoint(message)
        else {key: value for key, value in message.items() if key not in _OWN_KEYS}
        for message in messages
    ]


def tools_to_chat(tools: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Convert function tools to Chat form, ``{"type": "function", "function": {...}}``.

    Args:
        tools: Tools in either form; those in Chat form are returned as they are.

    Raises:
        InvalidTask: When a tool is not a function tool or has no name.
    """
    converted = []
    for tool, nested in _function_tools(tools):
        if not nested:
            tool = {"type": "function", "function": {key: tool[key] for key in tool if key != "type"}}
        converted.append(tool)
    return converted


def tools_to_responses(tools: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Convert function tools to Responses form, ``{"type": "function", "name": ..., ...}``.

    Args:
        tools: Tools in either form; those in Responses form are returned as they are. Keys that are absent stay
            absent, ``strict`` among them: what a server then assumes is its own choice.

    Raises:
        InvalidTask: When a tool is not a function tool or has no name.
    """
    return [
        {"type": "function", **tool["function"]} if nested else tool
        for tool, nested in _function_tools(tools)
    ]


def _function_tools(tools: Iterable[Mapping[str, Any]] | None) -> Iterable[tuple[dict[str, Any], bool]]:
    for index, tool in enumerate(tools or ()):
        kind = tool.get("type") if isinstance(tool, Mapping) else type(tool).__name__
        if not isinstance(tool, Mapping) or kind != "function":
            raise InvalidTask(f"tools[{index}]: expected a tool of type 'function', found {kind!r}.")
        nested = isinstance(tool.get("function"), Mapping)
        if not isinstance((tool["function"] if nested else tool).get("name"), str):
            raise InvalidTask(f"tools[{index}]: expected a function tool with a 'name', found none.")
        yield (tool if isinstance(tool, dict) else dict(tool)), nested


def _begins_turn(item: Item, turn: list[Item]) -> bool:
    kind = item.get("type", "message")
    if kind == "reasoning":
        return item == reasoning_item(reasoning_text(item))
    by_hand = "id" not in item and ("type" not in item or isinstance(item.get("content"), str))
    return kind == "message" and by_hand and any(earlier.get("type") != "reasoning" for earlier in turn)


def _prompt_message(item: Item, where: str) -> Message:
    """Convert what is put to the assistant: a message of another role, or the output of a call."""
    message: Message
    if item.get("type") == "function_call_output":
        call_id = text_field(item, "call_id", InvalidTask, where)
        content = content_to_chat(item.get("output"), InvalidTask, where)
        message = {"role": "tool", "tool_call_id": call_id, "content": content}
    elif item.get("role") in _PROMPT_ROLES:
        message = {"role": item["role"], "content": content_to_chat(item.get("content"), InvalidTask, where)}
    else:
        raise InvalidTask(
            f"{where}: expected a message with role system, developer, user or assistant, found {item.get('role')!r}. "
            "The result of a tool is an item of type 'function_call_output'."
        )
    if _prompt_item(message, where) != untyped(item):
        message["input_items"] = [item]
    return message


def _prompt_item(message: Mapping[str, Any], where: str) -> Item:
    role = message.get("role")
    content = content_to_input(message.get("content"), where, "input_text")
    if role == "tool":
        return {
            "type": "function_call_output",
            "call_id": message.get("tool_call_id") or "",
            "output": content,
        }
    if role not in _PROMPT_ROLES:
        raise UsageError(
            f"{where}: expected role system, developer, user, assistant or tool, found {role!r}."
        )
    return {"role": role, "content": content}
