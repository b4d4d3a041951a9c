"""Tool calls for models that have none: the reply is constrained to JSON, and read back as a call or an answer.

A small model asked for a tool call in its native form writes prose. Constrained to a schema it cannot: every reply is
``{"name": "get_weather", "arguments": {"city": "Oslo"}}`` or ``{"answer": "It is cold."}``. The functions here are
pure: tools to schema and instruction, a history with calls to one in plain text, a reply to a message.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from llmgym.conversion import tools_to_chat
from llmgym.messages import Message, Messages, Response, assistant, message_text
from llmgym.policies.base import Request
from llmgym.policies.plain_schema import fields_text, plain_schema

__all__ = ["action_schema", "constrain", "instruction", "offered_tools", "read_action", "text_history"]

Tool = Mapping[str, Any]


def constrain(request: Request) -> Request:
    """Return the request as a model without tool calls can be asked it.

    Args:
        request: A request, with or without tools.

    Returns:
        A request without tools, whose history is plain text. When tools are offered its ``params`` hold a
        ``response_format`` in Chat form, and the reply is for :func:`read_action`.
    """
    tools, must_call = offered_tools(request.tools, request.params.get("tool_choice"))
    params = {name: request.params[name] for name in request.params if name not in _TOOL_PARAMS}
    told = next_step = ""
    if tools:
        told = instruction(tools, must_call=must_call)
        next_step = "" if must_call else _NEXT_STEP
        schema = action_schema(tools, must_call=must_call)
        params["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "action", "schema": schema},
        }
    return replace(request, messages=text_history(request.messages, told, next_step), tools=[], params=params)


_TOOL_PARAMS = frozenset({"tool_choice", "parallel_tool_calls"})
_NEXT_STEP = "Answer the user, or call another tool."


def offered_tools(tools: Iterable[Tool], choice: Any = None) -> tuple[list[dict[str, Any]], bool]:
    """Return the tools that may be called, and whether one must be.

    Args:
        tools: Tools in Chat or Responses form.
        choice: A ``tool_choice``: ``none``, ``auto``, ``required``, or a tool by name in either form.
    """
    offered = tools_to_chat(tools)
    if choice == "none":
        return [], False
    name = None
    if isinstance(choice, Mapping):
        name = (choice.get("function") or choice).get("name")
    named = [tool for tool in offered if tool["function"]["name"] == name]
    return named or offered, bool(offered) and (bool(named) or choice == "required")


def action_schema(tools: Sequence[Tool], *, must_call: bool = False) -> dict[str, Any]:
    """Return the JSON schema of a reply.

    Args:
        tools: Tools in Chat form, at least one.
        must_call: Whether an answer in text is ruled out.
    """
    forms = [_record(name={"const": tool["function"]["name"]}, arguments=_arguments(tool)) for tool in tools]
    if not must_call:
        forms.append(_record(answer={"type": "string"}))
    return forms[0] if len(forms) == 1 else {"anyOf": forms}


def instruction(tools: Sequence[Tool], *, must_call: bool = False) -> str:
    """Return what the model is told about its tools and the form of its replies.

    Args:
        tools: Tools in Chat form, at least one.
        must_call: Whether an answer in text is ruled out.

    Example:
        >>> print(instruction([{"type": "function", "function": {"name": "roll", "description": "Roll a die."}}]))
        You may use these tools:
        - roll(): Roll a die.
        <BLANKLINE>
        Reply with one JSON object. If a tool is needed, call it: {"name": "roll", "arguments": {}}
        Once you know the result, or if no tool is needed, answer the user: {"answer": "The ..."}
    """
    lines = ["You may use these tools:"]
    for tool in tools:
        function = tool["function"]
        description = " ".join(str(function.get("description") or "").split())
        signature = f"- {function['name']}({fields_text(_arguments(tool))})"
        lines.append(f"{signature}: {description}" if description else signature)
        properties = (function.get("parameters") or {}).get("properties")
        for name, schema in properties.items() if isinstance(properties, Mapping) else ():
            about = schema.get("description") if isinstance(schema, Mapping) else None
            if about:
                lines.append(f"    {name}: {' '.join(str(about).split())}")
    first = tools[0]["function"]["name"]
    example = {name: "..." for name in _arguments(tools[0]).get("required", ())}
    call = _call_text(first, _dump(example))
    if must_call:
        lines += ["", f"Reply with one JSON object that calls a tool: {call}"]
    else:
        # Tried on SmolLM2-135M: it copies an answer that is given as an example, and a bare "..." as well.
        lines += ["", f"Reply with one JSON object. If a tool is needed, call it: {call}"]
        lines.append(
            'Once you know the result, or if no tool is needed, answer the user: {"answer": "The ..."}'
        )
    return "\n".join(lines)


def text_history(messages: Iterable[Message], told: str = "", next_step: str = "") -> Messages:
    """Return a conversation in system, user and assistant texts alone.

    Calls become the JSON that the model is asked to write, results of tools become what the user says. Results that
    follow each other, and what the user says next, are one message, because many templates want turns to alternate.
    Images and other parts that are not text are left out.

    Args:
        messages: A conversation. It is not changed.
        told: The instruction, appended to the system message. With it, the assistant's texts become JSON too.
        next_step: A line that follows the results of a turn. Without it, small models call the tool again and again.
    """
    history = Messages()
    names: dict[Any, str] = {}
    results: list[str] = []
    for message in messages:
        role, text = message.get("role"), message_text(message)
        if role == "tool":
            results.append(f"Result of {names.get(message.get('tool_call_id')) or 'the tool'}: {text}")
            continue
        said = _after(results, next_step)
        results = []
        if role == "user":
            history.append({"role": "user", "content": "\n".join([*said, text])})
            continue
        if said:
            history.append({"role": "user", "content": "\n".join(said)})
        if role == "assistant":
            calls = [(call.get("id"), call.get("function") or {}) for call in message.get("tool_calls") or ()]
            names |= {call_id: function.get("name", "") for call_id, function in calls}
            reply = _reply_text(text, [function for _, function in calls], as_json=bool(told))
            history.append(assistant(reply))
        else:
            history.append({"role": "system", "content": text})
    if results:
        history.append({"role": "user", "content": "\n".join(_after(results, next_step))})
    if told:
        system = history.pop(0)["content"] if history and history[0]["role"] == "system" else ""
        history.insert(0, {"role": "system", "content": f"{system}\n\n{told}" if system else told})
    return history


def read_action(response: Response, turn: int = 0) -> Response:
    """Read a constrained reply.

    Args:
        response: The response whose text is the reply.
        turn: Number of the turn; a call gets the id ``call_<turn>_0``.

    Returns:
        A response with a tool call or an answer. A text that is neither, such as JSON cut off by the limit of
        tokens, stays as it is, with its ``finish_reason``. Token ids and log-probabilities are those of the JSON.

    Example:
        >>> read_action(Response.of('{"answer": "It is cold."}')).text
        'It is cold.'
    """
    message = {key: value for key, value in response.message.items() if key != "tool_calls"}
    try:
        action = orjson.loads(response.text)
        if not isinstance(action, dict):
            return response
        if action.keys() == {"answer"} and isinstance(action["answer"], str):
            return replace(response, message=message | {"content": action["answer"]}, finish_reason="stop")
        if action.keys() != {"name", "arguments"} or not isinstance(action["name"], str):
            return response
        if not isinstance(action["arguments"], dict):
            return response
        orjson.dumps(action)
    except (orjson.JSONDecodeError, orjson.JSONEncodeError):
        # What can be read but not written is nested too deep for anybody.
        return response
    function = {"name": action["name"], "arguments": _dump(action["arguments"])}
    call = {"id": f"call_{turn}_0", "type": "function", "function": function}
    return replace(
        response, message=message | {"content": None, "tool_calls": [call]}, finish_reason="tool_calls"
    )


def _arguments(tool: Tool) -> dict[str, Any]:
    parameters = tool["function"].get("parameters")
    if not isinstance(parameters, Mapping) or not parameters:
        parameters = {"type": "object", "properties": {}}
    schema = plain_schema(parameters)
    # Arguments are an object whatever else their schema says.
    return schema if schema.get("type") == "object" else {"type": "object"}


def _record(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _reply_text(text: str, functions: Sequence[Mapping[str, Any]], *, as_json: bool) -> str:
    """Write an assistant's turn as the model would have: calls as JSON, one a line, after its text if it has any."""
    lines = [_call_text(each.get("name", ""), each.get("arguments") or "{}") for each in functions]
    if text or not functions:
        lines.insert(0, _dump({"answer": text}) if as_json and not functions else text)
    return "\n".join(lines)


def _call_text(name: str, arguments: str) -> str:
    """Write a call. Arguments that are no JSON, a model's mistake, are shown as they were written."""
    return f'{{"name": {_dump(name)}, "arguments": {arguments}}}'


def _after(results: list[str], next_step: str) -> list[str]:
    return [*results, next_step] if results and next_step else results


def _dump(value: Any) -> str:
    """Write JSON with the spaces that models are used to."""
    return json.dumps(value, ensure_ascii=False)
