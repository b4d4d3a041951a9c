"""Messages, observations and responses.

A message is a plain OpenAI Chat dictionary: what chat templates, trainers and servers take as it is. Messages are
immutable by agreement: once it is part of a history, nobody edits a message; whoever wants another one builds a new
dictionary. That agreement is what makes an observation cheap.
"""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from llmgym.errors import InvalidAction

__all__ = ["Action", "Message", "Messages", "Response", "assistant", "message_text", "tool_call", "user"]

Message: TypeAlias = dict[str, Any]
"""One Chat message: ``role``, ``content``, and where they apply ``tool_calls``, ``tool_call_id``,
``reasoning_content``, ``name``. A message that came from a Responses server and cannot be told fully in Chat form
also keeps its raw items under ``output_items``."""

_DIALECTS = frozenset({"reasoning", "function_call"})
"""Keys of messages that servers write in forms of their own."""

ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


class Messages(list[Message]):
    """A snapshot of a conversation: the observation of every environment.

    It is a list of message dictionaries and equals a plain list with the same content. Copies, deep copies
    included, are new lists over the *same* messages, so a snapshot costs one pointer a message. Use :meth:`thaw`
    for messages that you may edit.

    Example:
        >>> history = Messages([{"role": "user", "content": "hello"}])
        >>> copy.deepcopy(history)[0] is history[0]
        True
        >>> history.thaw()[0] is history[0]
        False
    """

    __slots__ = ()

    dtype = None
    """PettingZoo compares it with the space's; a conversation has none."""

    def __copy__(self) -> Messages:
        return Messages(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Messages:
        return Messages(self)

    def thaw(self) -> list[Message]:
        """Return an independent deep copy as a plain list."""
        return copy.deepcopy(list(self))

    def __repr__(self) -> str:
        return f"Messages({list.__repr__(self)})"


@dataclass(frozen=True, slots=True)
class Response:
    """What a policy said in one turn: an assistant message and what the server told about it.

    Attributes:
        message: The assistant message.
        finish_reason: Why generation ended: ``stop``, ``tool_calls``, ``length``, ``content_filter``, or ``None``
            when the policy does not say.
        usage: Token counts: ``prompt_tokens``, ``completion_tokens``, ``total_tokens`` and what else was given.
        prompt_token_ids: Token ids of the rendered prompt, when the server returns them.
        token_ids: Token ids that were generated, when the server returns them.
        logprobs: Log-probability of each generated token (nats), when the server returns them.
        items: Raw output items of a Responses-API server.
        model: Name of the model that answered, as the server gives it.
    """

    message: Message
    finish_reason: str | None = None
    usage: Mapping[str, int] | None = None
    prompt_token_ids: list[int] | None = None
    token_ids: list[int] | None = None
    logprobs: list[float] | None = None
    items: list[dict[str, Any]] | None = None
    model: str | None = None

    @property
    def text(self) -> str:
        """The visible text of the message, parts joined without a separator."""
        return message_text(self.message)

    @property
    def tool_calls(self) -> list[dict[str, Any]]:
        """The tool calls of the message, possibly none."""
        return self.message.get("tool_calls") or []

    @property
    def reasoning(self) -> str | None:
        """The reasoning text, when the server separates it."""
        return self.message.get("reasoning_content")

    @classmethod
    def of(cls, action: Any) -> Response:
        """Normalise whatever a policy returns.

        Args:
            action: A string, an assistant message, a :class:`Response`, an ``openai`` chat completion, choice or
                message, or an ``openai`` Responses object. Objects may also be given as the dictionaries that a
                server sends.

        Returns:
            A response whose message is a copy that the caller cannot reach.

        Raises:
            InvalidAction: When it is none of these.

        Example:
            >>> Response.of("42").message
            {'role': 'assistant', 'content': '42'}
        """
        if isinstance(action, Response):
            return cls(
                _own(action.message),
                action.finish_reason,
                action.usage,
                action.prompt_token_ids,
                action.token_ids,
                action.logprobs,
                action.items,
                action.model,
            )
        if isinstance(action, str):
            return cls({"role": "assistant", "content": action})
        if isinstance(action, Mapping) and "role" in action and not _DIALECTS & action.keys():
            return cls(_own(action))
        from llmgym.answers import response_from_server

        return response_from_server(action)


Action: TypeAlias = "str | Message | Response"


def _own(message: Mapping[str, Any]) -> Message:
    """Copy an assistant message deep enough that its author cannot change history.

    Raises:
        InvalidAction: When it is not an assistant message.
    """
    if message.get("role") != "assistant":
        raise InvalidAction(
            f"Expected an assistant message as action, found role {message.get('role')!r}. "
            "Return {'role': 'assistant', 'content': ...}, a string or a Response."
        )
    content = message.get("content")
    if not (content is None or isinstance(content, str | list | tuple)):
        raise InvalidAction(
            f"Expected message content to be text, a list of parts or None, found {type(content).__name__}."
        )
    calls = message.get("tool_calls")
    if not (calls is None or isinstance(calls, list | tuple)):
        raise InvalidAction(f"Expected tool_calls to be a list, found {type(calls).__name__}.")
    own = dict(message)
    own.setdefault("content", None)
    # Raw items are not copied: they can hold the token ids of a whole prompt.
    for key, value in own.items():
        if isinstance(value, list | tuple) and key != "output_items":
            own[key] = copy.deepcopy(list(value))
        elif isinstance(value, Mapping):
            own[key] = copy.deepcopy(dict(value))
    return own


def message_text(message: Mapping[str, Any]) -> str:
    """Return the visible text of a message.

    Args:
        message: A Chat message whose content is a string, ``None`` or a list of parts.

    Returns:
        The content, or its text parts joined without a separator. Refusals, images and audio have no text.

    Example:
        >>> message_text({"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]})
        'ab'
    """
    content = message.get("content")
    if isinstance(content, str):
        return content
    if not isinstance(content, Iterable):
        return ""
    parts = []
    for part in content:
        if isinstance(part, str):
            parts.append(part)
        elif isinstance(part, Mapping) and isinstance(part.get("text"), str):
            parts.append(part["text"])
    return "".join(parts)


def user(content: str) -> Message:
    """Return a user message."""
    return {"role": "user", "content": content}


def assistant(content: str | None = None, *calls: dict[str, Any]) -> Message:
    """Return an assistant message with text, tool calls or both.

    Args:
        content: The text, or ``None``.
        *calls: Tool calls, for example made by :func:`tool_call`.
    """
    message: Message = {"role": "assistant", "content": content}
    if calls:
        message["tool_calls"] = list(calls)
    return message


def tool_call(name: str, arguments: Mapping[str, Any] | str, call_id: str = "call_0") -> dict[str, Any]:
    """Return a Chat tool call.

    Args:
        name: Name of the tool.
        arguments: The arguments, or their JSON text as a model would write it.
        call_id: Identifier that the tool's answer will carry.
    """
    if not isinstance(arguments, str):
        import orjson

        arguments = orjson.dumps(arguments).decode()
    return {"id": call_id, "type": "function", "function": {"name": name, "arguments": arguments}}
