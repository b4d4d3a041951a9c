"""One assistant turn, and the content of any message, between Chat and Responses form."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from llmgym.content import content_to_chat, content_to_input
from llmgym.errors import InvalidAction, UsageError
from llmgym.messages import Message, message_text

__all__ = [
    "Item",
    "derive_items",
    "items_from_message",
    "message_from_items",
    "reasoning_item",
    "reasoning_text",
    "text_field",
    "turn_from_items",
    "untyped",
]

Item = dict[str, Any]
"""One item of a Responses input or output."""

_HINTS = {
    "item_reference": " It points into a server's memory: put the item itself in its place.",
    "custom_tool_call": " Only function tools are supported.",
    "custom_tool_call_output": " Only function tools are supported.",
}


def message_from_items(items: Iterable[Mapping[str, Any]]) -> Message:
    """Convert the output items of one turn to an assistant message.

    Args:
        items: Reasoning items, messages and function calls, as a Responses server sends them.

    Returns:
        Text parts are joined without a separator under ``content``, refusals under ``refusal``, reasoning texts with
        a blank line between them under ``reasoning_content``; calls are under ``tool_calls``. ``output_items`` holds
        the items themselves, unless :func:`items_from_message` can do without.

    Raises:
        InvalidAction: When an item is of another type or lacks a field.
    """
    return turn_from_items([dict(item) for item in items], InvalidAction, "output", 0, output=True)


def items_from_message(message: Mapping[str, Any]) -> list[Item]:
    """Convert an assistant message to Responses output items: what public verifiers read.

    Reasoning is told as the summary of its item: a verifier that grades the first part of the last item's ``content``
    then never takes reasoning for an answer. Empty content makes no message item beside reasoning or tool calls; a
    message with nothing at all makes one with empty text. Ids are made from the text.

    Args:
        message: An assistant message. Its ``output_items`` are returned as they are when it has them.

    Raises:
        UsageError: When a tool call is not a function call.

    Example:
        >>> [item["content"][0]["text"] for item in items_from_message({"role": "assistant", "content": "4"})]
        ['4']
    """
    raw = message.get("output_items")
    return list(raw) if raw is not None else derive_items(message, "the message", output=True)


def turn_from_items(
    items: list[Item], error: type[UsageError], name: str, start: int, *, output: bool
) -> Message:
    """Convert the items of one turn to an assistant message.

    Args:
        items: The items, in order.
        error: What to raise when one is of another type or lacks a field.
        name: Name of the list that they are from, for the error.
        start: Position of the first one in it.
        output: Whether they are to be compared with the items of a server or with the plainer ones of an input.

    Returns:
        The message, with its raw items if they cannot be derived from it.
    """
    reasoning: list[str] = []
    contents: list[Any] = []
    refusals: list[str] = []
    calls: list[dict[str, Any]] = []
    for index, item in enumerate(items, start):
        where, kind = f"{name}[{index}]", item.get("type", "message")
        if kind == "reasoning":
            reasoning.append(reasoning_text(item))
        elif kind == "function_call":
            function = {key: text_field(item, key, error, where) for key in ("name", "arguments")}
            calls.append(
                {"id": text_field(item, "call_id", error, where), "type": "function", "function": function}
            )
        elif kind == "message" and item.get("role") == "assistant":
            content = content_to_chat(item.get("content"), error, where)
            if "type" in item and not isinstance(content, str):
                refusals += [part["refusal"] for part in content if part["type"] == "refusal"]
                content = message_text({"content": content})
            contents.append(content)
        else:
            found = f"role {item.get('role')!r}" if kind == "message" else f"type {kind!r}"
            raise error(
                f"{where}: expected reasoning, an assistant message or a function call, found {found}."
                + _HINTS.get(str(kind), "")
            )
    content = (
        contents[0] if len(contents) == 1 else "".join(message_text({"content": each}) for each in contents)
    )
    message: Message = {"role": "assistant", "content": content or (None if calls or refusals else "")}
    if any(reasoning):
        message["reasoning_content"] = "\n\n".join(filter(None, reasoning))
    if refusals:
        message["refusal"] = "".join(refusals)
    if calls:
        message["tool_calls"] = calls
    if derive_items(message, name, output=output) != (items if output else [untyped(item) for item in items]):
        message["output_items"] = list(items)
    return message


def untyped(item: Item) -> Item:
    """Drop ``type`` from a message where it says nothing."""
    if item.get("type") == "message" and (item["role"] != "assistant" or isinstance(item["content"], str)):
        return {key: value for key, value in item.items() if key != "type"}
    return item


def derive_items(message: Mapping[str, Any], where: str, *, output: bool) -> list[Item]:
    """Make the items of an assistant message from its Chat form.

    Args:
        message: An assistant message.
        where: Its name, for errors.
        output: Whether to make a server's output items or the plainer ones that an input takes.

    Raises:
        UsageError: When a tool call is not a function call, or a part has no place in an input.
    """
    content, reasoning = message.get("content"), message.get("reasoning_content")
    refusal, calls = message.get("refusal"), message.get("tool_calls") or ()
    items: list[Item] = []
    if reasoning and isinstance(reasoning, str):
        items.append(reasoning_item(reasoning))
    if content or refusal or not (reasoning or calls):
        if output or refusal:
            items.append(_output_message(content, refusal))
        else:
            items.append({"role": "assistant", "content": content_to_input(content, where, "output_text")})
    items += [_call_item(call, position, where) for position, call in enumerate(calls)]
    return items


def _call_item(call: Any, position: int, where: str) -> Item:
    """Convert a tool call, however incomplete: it may be a model's mistake."""
    call = call if isinstance(call, Mapping) else {}
    if (call.get("type") or "function") != "function":
        raise UsageError(
            f"{where}: expected tool calls of type 'function', found {call['type']!r}. "
            "Only function tools are supported."
        )
    function = call.get("function")
    function = function if isinstance(function, Mapping) else {}
    arguments = function.get("arguments")
    return {
        "type": "function_call",
        "call_id": call.get("id") or f"call_{position}",
        "name": str(function.get("name") or ""),
        "arguments": arguments
        if isinstance(arguments, str)
        else ""
        if arguments is None
        else json.dumps(arguments),
    }


def reasoning_item(text: str) -> Item:
    """Return a reasoning item with this text as its summary."""
    summary = [{"type": "summary_text", "text": text}]
    return {"type": "reasoning", "id": _id("rs", text), "summary": summary}


def reasoning_text(item: Item) -> str:
    """Return the text of a reasoning item, or its summary when only that is told."""
    parts = item.get("content") or item.get("summary")
    if not isinstance(parts, list | tuple):
        return ""
    texts = (part.get("text") for part in parts if isinstance(part, Mapping))
    return "\n\n".join(text for text in texts if text and isinstance(text, str))


def _output_message(content: Any, refusal: str | None) -> Item:
    given = [{"type": "text", "text": content}] if isinstance(content, str) else [*(content or ())]
    if refusal:
        given.append({"type": "refusal", "refusal": refusal})
    parts: list[dict[str, Any]] = []
    for part in given:
        if text := message_text({"content": [part]}):
            parts.append({"type": "output_text", "text": text, "annotations": []})
        elif isinstance(part, Mapping) and part.get("refusal"):
            parts.append({"type": "refusal", "refusal": part["refusal"]})
    if not parts:
        parts.append({"type": "output_text", "text": "", "annotations": []})
    text = "".join(part.get("text", "") for part in parts)
    return {
        "type": "message",
        "id": _id("msg", text),
        "role": "assistant",
        "status": "completed",
        "content": parts,
    }


def _id(prefix: str, text: str) -> str:
    # Servers demand an id. One made from the text is the same in every run, and tells this module's items apart.
    return f"{prefix}_{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"


def text_field(item: Item, key: str, error: type[UsageError], where: str) -> str:
    """Return a field that has to be text.

    Args:
        item: The item.
        key: Name of the field.
        error: What to raise when it is missing or something else.
        where: Name of the item, for the error.
    """
    if not isinstance(item.get(key), str):
        raise error(
            f"{where}: expected a {item['type']} item to have the text {key!r}, found {item.get(key)!r}."
        )
    return item[key]
