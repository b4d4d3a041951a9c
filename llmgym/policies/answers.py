"""From the body of a successful reply to a response."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from llmgym.answers import response_from_server
from llmgym.errors import Error
from llmgym.messages import Response
from llmgym.policies.faults import Fault, fault_of_error
from llmgym.policies.payload import Api

__all__ = ["read_answer", "read_plainly", "truncated"]

_ABORTED = ("abort", "error")
_UNFINISHED = ("in_progress", "queued", "cancelled")
_PLAIN_REASONS = ("stop", "tool_calls", "length")
_COUNTS = {"prompt_tokens", "completion_tokens", "total_tokens"}
_CHOICE = {"index", "message", "finish_reason", "stop_reason"}
_MESSAGE = {"role", "content"}
_EMPTY: tuple[Any, ...] = ("", [], {})
_CALL = {"id", "type", "function"}
_FUNCTION = {"name", "arguments"}
_CODES = {"rate_limit_exceeded": 429}


def truncated(model: str) -> Response:
    """Return the response that stands for a conversation too long for the model: nothing said, cut by length."""
    return Response({"role": "assistant", "content": ""}, finish_reason="length", model=model)


def read_answer(body: dict[str, Any], api: Api, turn: int, token_limit: int = 0) -> Response | Fault:
    """Read a response, forgiving what servers get wrong about tool calls.

    A call without an id gets ``call_<turn>_<position>``; arguments that are an object become its JSON text. What the
    *model* wrote is kept as it is: arguments that are not JSON and names of tools that do not exist are for the
    environment to answer.

    Args:
        body: The parsed body.
        api: Which API was asked.
        turn: Number of the turn, for ids.
        token_limit: Most tokens that the response was allowed; 0 for no limit.

    Returns:
        The response, or why the body holds none.
    """
    error = body.get("error")
    parts = body.get("choices" if api == "chat" else "output")
    if error:
        # Some proxies wrap an error in a success, with the true status as its code.
        code = error.get("code") if isinstance(error, Mapping) else None
        status = code if isinstance(code, int) and 400 <= code < 600 else _CODES.get(str(code), 500)
        return fault_of_error(status, body, token_limit)
    if not isinstance(parts, list) or (api == "chat" and not parts):
        return _misshapen(f"it has no {'choices' if api == 'chat' else 'output'}")
    if api == "chat":
        # Whatever the server was asked for, a turn has one message.
        del parts[1:]
    else:
        body.pop("choices", None)
    problem = _mend_choice(parts[0], turn) if api == "chat" else _mend_items(body, parts, turn)
    if problem is not None:
        return _misshapen(problem)
    plain = read_plainly(body) if api == "chat" else None
    if plain is not None:
        return plain
    try:
        return response_from_server(body)
    except (Error, ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        # A server can send any shape; one that the reader did not foresee is the server's fault, not a crash here.
        return _misshapen(f"{type(error).__name__}: {error}")


def read_plainly(body: dict[str, Any]) -> Response | None:
    """Read a completion that has text, tool calls and token counts and nothing else: at once and without copies.

    Most turns of most servers are such, and the general reader would be a sixth of a turn's cost.

    Args:
        body: The parsed body, put right already. The response takes over its parts.

    Returns:
        What the general reader would return, or ``None`` when the completion has anything more to it.
    """
    choice, usage = body["choices"][0], body.get("usage")
    given, reason = choice["message"], choice.get("finish_reason")
    content = given.get("content")
    if reason not in _PLAIN_REASONS or not (content is None or isinstance(content, str)):
        return None
    if type(usage) is not dict or "prompt_token_ids" in body or not _COUNTS <= usage.keys():
        return None
    message = {"role": "assistant", "content": content}
    for name, value in given.items():
        if name == "tool_calls" and value:
            if not all(map(_is_plain_call, value)):
                return None
            message[name] = value
        elif name not in _MESSAGE and value is not None and value not in _EMPTY:
            return None
    for name, value in choice.items():
        if value is not None and name not in _CHOICE:
            return None
    counts = {name: value for name, value in usage.items() if value is not None}
    if counts.keys() != _COUNTS or not all(type(value) is int for value in counts.values()):
        return None
    return Response(message, reason, counts, model=body.get("model"))


def _is_plain_call(call: dict[str, Any]) -> bool:
    return call.keys() == _CALL and call["type"] == "function" and call["function"].keys() == _FUNCTION


def _misshapen(problem: str) -> Fault:
    return Fault(f"the reply has the wrong shape: {problem}", retry=True)


def _mend_choice(choice: Any, turn: int) -> str | None:
    """Put a Chat choice right in place. Returns what is wrong beyond mending."""
    if not isinstance(choice, dict) or not isinstance(choice.get("message"), dict):
        return "its first choice has no message"
    if choice.get("finish_reason") in _ABORTED:
        return f"the server ended the generation with finish_reason {choice['finish_reason']!r}"
    message = choice["message"]
    if message.setdefault("role", "assistant") != "assistant":
        return f"its message has the role {message['role']!r}"
    if not isinstance(message.get("content"), str | list | None):
        return f"its content is {type(message['content']).__name__}"
    old = message.pop("function_call", None)
    if isinstance(old, dict) and not message.get("tool_calls"):
        message["tool_calls"] = [{"function": old}]
    calls = message.get("tool_calls")
    if not isinstance(calls, list | None):
        return f"its tool_calls are {type(calls).__name__}"
    for position, call in enumerate(calls or ()):
        if not isinstance(call, dict) or not isinstance(call.get("function", {}), dict):
            return f"tool call {position} is not an object"
        if not (isinstance(call.get("id"), str) and call["id"]):
            call["id"] = f"call_{turn}_{position}"
        if isinstance(call.get("function"), dict):
            call.setdefault("type", "function")
            _mend_function(call["function"])
    return None


def _mend_items(body: Mapping[str, Any], items: list[Any], turn: int) -> str | None:
    if body.get("status") in _UNFINISHED:
        return f"the response is {body['status']}"
    position = 0
    for item in items:
        if not isinstance(item, dict):
            return "an output item is not an object"
        if item.get("type") == "function_call":
            if not item.get("call_id"):
                item["call_id"] = item.get("id") or f"call_{turn}_{position}"
            _mend_function(item)
            position += 1
    return None


def _mend_function(function: dict[str, Any]) -> None:
    arguments = function.get("arguments")
    if arguments is None:
        function["arguments"] = "{}"
    elif not isinstance(arguments, str):
        function["arguments"] = json.dumps(arguments, ensure_ascii=False)
    if not isinstance(function.get("name"), str):
        function["name"] = "" if function.get("name") is None else str(function["name"])
