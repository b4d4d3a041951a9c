"""Answers of OpenAI-compatible servers, read into a :class:`~llmgym.messages.Response`.

Chat completions and Responses, as ``openai`` objects or as the JSON that a server sends, with the additions of vLLM,
SGLang, llama.cpp, DeepSeek and NeMo Gym for reasoning, token ids and log-probabilities.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping, Sequence
from typing import Any

from llmgym.errors import InfrastructureError, InvalidAction
from llmgym.messages import Message, Response
from llmgym.turns import message_from_items

__all__ = ["response_from_server"]

_FINISH_REASONS = {
    "function_call": "tool_calls",
    "max_output_tokens": "length",
}
_TRAINING_KEYS = ("prompt_token_ids", "generation_token_ids", "generation_log_probs")
_HANDLED = frozenset(
    {"role", "content", "tool_calls", "function_call", "reasoning_content", "parsed", *_TRAINING_KEYS}
)


def response_from_server(answer: Any) -> Response:
    """Read the answer of a server.

    Args:
        answer: An ``openai`` chat completion, choice or message, or an ``openai`` Responses object; or any of them as
            the dictionary that a server sends.

    Returns:
        The response. Keys of a Chat message without a value are left out; ``reasoning`` becomes
        ``reasoning_content``; a call of the old ``function_call`` form becomes a tool call. ``finish_reason`` is
        ``length`` for a Responses answer that ran out of tokens, and ``tool_calls`` or ``stop`` for one that is
        complete. ``usage`` has ``prompt_tokens``, ``completion_tokens`` and ``total_tokens``, and
        ``reasoning_tokens`` and ``cached_tokens`` when the server counts them. An identifier that a tool call lacks
        stays absent.

    Raises:
        InvalidAction: When it is no such answer, holds more than one choice, or calls a tool that is not a function.
        InfrastructureError: When the server answered with an error; the boundary is ``policy``.

    Example:
        >>> answer = response_from_server({"choices": [{"message": {"content": "4"}, "finish_reason": "stop"}]})
        >>> answer.message, answer.finish_reason
        ({'role': 'assistant', 'content': '4'}, 'stop')
    """
    data = _plain(answer)
    if data is None:
        raise _unknown(answer)
    error = data.get("error")
    if error or data.get("status") in ("failed", "cancelled"):
        told = error.get("message") if isinstance(error, Mapping) else error
        raise InfrastructureError(
            f"The server answered with an error: {told or data.get('status')}.", boundary="policy"
        )
    if "choices" in data:
        choices = data["choices"]
        choice = _plain(choices[0]) if isinstance(choices, list | tuple) and len(choices) == 1 else None
        if choice is None:
            count = len(choices) if isinstance(choices, list | tuple) else "none"
            raise InvalidAction(
                f"Expected a chat completion with one choice, found {count}: pass one choice."
            )
        return _from_choice(choice, data)
    if "message" in data:
        return _from_choice(data, {})
    if isinstance(data.get("output"), list | tuple):
        return _from_responses(data)
    if "role" in data:
        return _from_choice({"message": data}, {})
    raise _unknown(answer)


def _plain(answer: Any) -> Mapping[str, Any] | None:
    """Return the dictionary of an object, without the fields that the server did not send."""
    if isinstance(answer, Mapping):
        return answer
    if isinstance(answer, type) or not hasattr(answer, "model_dump"):
        return None
    return answer.model_dump(by_alias=True, exclude_unset=True, warnings=False)


def _unknown(answer: Any) -> InvalidAction:
    found = type(answer).__name__
    if isinstance(answer, Mapping):
        found += f" with the keys {', '.join(map(repr, answer)) or 'none'}"
    return InvalidAction(
        "Expected a string, an assistant message, a Response, a chat completion or an answer of the Responses API, "
        f"found {found}."
    )


def _from_choice(choice: Mapping[str, Any], completion: Mapping[str, Any]) -> Response:
    given = _plain(choice.get("message"))
    if given is None:
        raise InvalidAction(
            f"Expected a choice with an assistant message, found {type(choice.get('message')).__name__}. "
            "Ask the server for chat completions."
        )
    tokens = _tokens(choice.get("logprobs"))
    reason = choice.get("finish_reason")
    ids = _first((choice.get("token_ids"), given.get("generation_token_ids")))
    return Response(
        _message(given),
        finish_reason=_FINISH_REASONS.get(reason, reason) if isinstance(reason, str) else None,
        usage=_usage(completion.get("usage")),
        prompt_token_ids=_integers(
            _first(place.get("prompt_token_ids") for place in (completion, choice, given)), "prompt_token_ids"
        ),
        token_ids=_ids_of(tokens) if ids is None else _integers(ids, "token_ids"),
        logprobs=_logprobs([token.get("logprob") for token in tokens] or given.get("generation_log_probs")),
        model=completion.get("model"),
    )


def _message(given: Mapping[str, Any]) -> Message:
    """Keep what a Chat message says."""
    if given.get("role") not in (None, "assistant"):
        raise InvalidAction(f"Expected an assistant message as answer, found role {given['role']!r}.")
    content = given.get("content")
    if not (content is None or isinstance(content, str | list)):
        raise InvalidAction(
            f"Expected message content to be text, a list of parts or None, found {type(content).__name__}."
        )
    message: Message = {"role": "assistant", "content": copy.deepcopy(content)}
    thoughts = (given.get("reasoning_content"), given.get("reasoning"))
    reasoning = next((text for text in thoughts if isinstance(text, str) and text), None)
    if reasoning is not None:
        message["reasoning_content"] = reasoning
    calls = given.get("tool_calls") or []
    if not calls and given.get("function_call"):
        calls = [{"type": "function", "function": given["function_call"]}]
    if calls:
        if not isinstance(calls, list | tuple):
            raise InvalidAction(f"Expected tool_calls to be a list, found {type(calls).__name__}.")
        message["tool_calls"] = [_tool_call(_plain(call) or {}, index) for index, call in enumerate(calls)]
    for key, value in given.items():
        if key in _HANDLED or value is None or value in ("", [], {}):
            continue
        if key != "reasoning" or not isinstance(value, str):
            message[key] = copy.deepcopy(value)
    return message


def _tool_call(call: Mapping[str, Any], index: int) -> dict[str, Any]:
    kind = call.get("type") or "function"
    if kind != "function":
        raise InvalidAction(
            f"tool_calls[{index}]: expected a call of a function tool, found type {kind!r}. "
            "Only function tools are supported."
        )
    function = _plain(call.get("function")) or {}
    arguments = function.get("arguments")
    if not isinstance(arguments, str):
        arguments = "{}" if arguments is None else json.dumps(arguments)
    # The index is an artefact of streaming.
    rest = {
        key: value
        for key, value in call.items()
        if key not in ("type", "function", "index") and value is not None
    }
    own = {"type": kind, "function": {"name": str(function.get("name") or ""), "arguments": arguments}}
    return {**copy.deepcopy(rest), **own}


def _from_responses(answer: Mapping[str, Any]) -> Response:
    if answer.get("status") in ("queued", "in_progress"):
        raise InvalidAction(
            f"Expected a finished answer of the Responses API, found status {answer['status']!r}. Wait for its end."
        )
    items = [copy.deepcopy(dict(_plain(item) or {"type": type(item).__name__})) for item in answer["output"]]
    message = message_from_items(items)
    details = _plain(answer.get("incomplete_details"))
    if details or answer.get("status") == "incomplete":
        reason = (details or {}).get("reason") or "length"
        reason = _FINISH_REASONS.get(reason, reason)
    else:
        reason = "tool_calls" if message.get("tool_calls") else "stop"
    trained: Mapping[str, Any] = next(
        (item for item in reversed(items) if item.get("generation_token_ids")), {}
    )
    return Response(
        message,
        finish_reason=reason,
        usage=_usage(answer.get("usage")),
        prompt_token_ids=_integers(trained.get("prompt_token_ids"), "prompt_token_ids"),
        token_ids=_integers(trained.get("generation_token_ids"), "generation_token_ids"),
        logprobs=_logprobs(trained.get("generation_log_probs")),
        items=items,
        model=answer.get("model"),
    )


def _usage(usage: Any) -> dict[str, int] | None:
    """Bring the token counts of both interfaces under the names of Chat."""
    counts = _plain(usage) or {}
    inputs = (
        _plain(_first(counts.get(key) for key in ("prompt_tokens_details", "input_tokens_details"))) or {}
    )
    outputs = (
        _plain(_first(counts.get(key) for key in ("completion_tokens_details", "output_tokens_details")))
        or {}
    )
    found = {
        "prompt_tokens": _first((counts.get("prompt_tokens"), counts.get("input_tokens"))),
        "completion_tokens": _first((counts.get("completion_tokens"), counts.get("output_tokens"))),
        "total_tokens": counts.get("total_tokens"),
        "reasoning_tokens": _first((outputs.get("reasoning_tokens"), counts.get("reasoning_tokens"))),
        "cached_tokens": _first((inputs.get("cached_tokens"), counts.get("prompt_cache_hit_tokens"))),
    }
    known = {key: int(value) for key, value in found.items() if isinstance(value, int | float)}
    if "total_tokens" not in known and known.keys() >= {"prompt_tokens", "completion_tokens"}:
        known["total_tokens"] = known["prompt_tokens"] + known["completion_tokens"]
    return known or None


def _tokens(logprobs: Any) -> Sequence[Mapping[str, Any]]:
    content = (_plain(logprobs) or {}).get("content") or ()
    return [_plain(token) or {} for token in content]


def _ids_of(tokens: Sequence[Mapping[str, Any]]) -> list[int] | None:
    """Read token ids told with the log-probabilities: as ``id`` (llama.cpp) or as ``token_id:7`` (vLLM on request)."""
    ids = [token.get("id") for token in tokens]
    if not all(isinstance(each, int) for each in ids):
        texts = [str(token.get("token")) for token in tokens]
        if not all(text.startswith("token_id:") for text in texts):
            return None
        ids = [text.removeprefix("token_id:") for text in texts]
    return _integers(ids, "token_ids") or None


def _integers(values: Any, name: str) -> list[int] | None:
    if values is None:
        return None
    try:
        return [int(value) for value in values]
    except (TypeError, ValueError) as error:
        raise InvalidAction(f"Expected {name} to be a list of integers, found {error}.") from error


def _logprobs(values: Any) -> list[float] | None:
    """Read log-probabilities; a list with gaps is none."""
    if not isinstance(values, list | tuple) or not all(isinstance(value, int | float) for value in values):
        return None
    return [float(value) for value in values]


def _first(values: Any) -> Any:
    return next((value for value in values if value is not None), None)
