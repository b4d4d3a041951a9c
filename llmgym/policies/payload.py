"""The body of a request, for either API."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from llmgym.conversion import messages_to_input, request_messages, tools_to_responses
from llmgym.errors import SettingsError
from llmgym.messages import Message
from llmgym.policies.base import Request

__all__ = ["Api", "Payload", "TOKEN_LIMITS"]

Api = Literal["chat", "responses"]

TOKEN_LIMITS = ("max_tokens", "max_completion_tokens", "max_output_tokens")
"""Names under which servers take the limit of a response."""

_FROM_TASK: dict[str, tuple[str, ...]] = {
    "chat": (),
    "responses": ("reasoning", "text", "top_logprobs", "truncation"),
}
_SEEDS = 2**31


@dataclass(frozen=True, slots=True)
class Payload:
    """Turns requests into bodies. What is set here wins over what the task asks for; ``None`` leaves it to the task.

    Attributes:
        model: Name of the model.
        api: ``chat`` or ``responses``.
        token_limit_field: Name of the field that limits a response, for Chat.
        temperature: Sampling temperature.
        top_p: Nucleus sampling threshold.
        max_tokens: Most tokens a response may have.
        tool_choice: Which tools may or must be called, in Chat or Responses form.
        parallel_tool_calls: Whether a response may call several tools.
        send_seed: Whether the request's seed is sent.
        return_token_ids: Whether to ask for token ids.
        logprobs: Whether to ask for log-probabilities.
        developer_role: ``system`` renames messages of the developer, which many chat templates do not know.
        extra_body: Further fields; they win over everything else.
    """

    model: str
    api: Api = "chat"
    token_limit_field: str = "max_tokens"
    temperature: float | None = None
    top_p: float | None = None
    max_tokens: int | None = None
    tool_choice: str | Mapping[str, Any] | None = None
    parallel_tool_calls: bool | None = None
    send_seed: bool = False
    return_token_ids: bool = False
    logprobs: bool = False
    developer_role: Literal["keep", "system"] = "keep"
    extra_body: Mapping[str, Any] = field(default_factory=dict, repr=False)

    _own: dict[str, Any] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        for name, value, allowed in (
            ("api", self.api, ("chat", "responses")),
            ("developer_role", self.developer_role, ("keep", "system")),
        ):
            if value not in allowed:
                raise SettingsError(
                    f"Expected {name} to be {' or '.join(map(repr, allowed))}, found {value!r}."
                )
        if self.extra_body.get("stream"):
            raise SettingsError("Streamed responses are not supported: leave 'stream' out of extra_body.")
        if self.extra_body.get("n", 1) != 1:
            raise SettingsError(
                "A turn has one response: leave 'n' out of extra_body and repeat the rollout."
            )
        own = {
            "model": self.model,
            "store": None if self.api == "chat" else False,
            "temperature": self.temperature,
            "top_p": self.top_p,
            self._limit_name: self.max_tokens,
            "return_token_ids": True if self.return_token_ids else None,
            "logprobs": True if self.logprobs and self.api == "chat" else None,
        }
        object.__setattr__(self, "_own", {name: value for name, value in own.items() if value is not None})

    @property
    def _limit_name(self) -> str:
        return "max_output_tokens" if self.api == "responses" else self.token_limit_field

    def build(self, request: Request, *, encrypted_reasoning: bool = False) -> dict[str, Any]:
        """Return the body for a request.

        Args:
            request: The request.
            encrypted_reasoning: Whether a Responses server is asked for reasoning that can be sent back to it.
        """
        body = self._own.copy()
        messages: list[Message] = request.messages
        if self.developer_role == "system":
            messages = _without_developer(messages)
        if self.api == "chat":
            body["messages"] = request_messages(messages)
        else:
            body["input"] = messages_to_input(messages)
            self._add_include(body, encrypted_reasoning)
        if request.params:
            self._add_from_task(body, request.params)
        if request.tools:
            self._add_tools(body, request)
        if self.send_seed and request.seed is not None:
            # Servers take 32 bits, some of them signed.
            body["seed"] = request.seed % _SEEDS
        if self.extra_body:
            if any(name in self.extra_body for name in TOKEN_LIMITS):
                # Servers refuse two limits, so one given here stands alone.
                body.pop(self._limit_name, None)
            body.update(self.extra_body)
        return body

    def token_limit(self, body: Mapping[str, Any]) -> int:
        """Return the most tokens that the response to this body may have; 0 when nothing limits it."""
        for name in TOKEN_LIMITS:
            value = body.get(name)
            if isinstance(value, int):
                return value
        return 0

    def _add_from_task(self, body: dict[str, Any], asked: Mapping[str, Any]) -> None:
        for name in ("temperature", "top_p", *_FROM_TASK[self.api]):
            if asked.get(name) is not None:
                body.setdefault(name, asked[name])
        if asked.get("max_output_tokens") is not None:
            body.setdefault(self._limit_name, asked["max_output_tokens"])

    def _add_tools(self, body: dict[str, Any], request: Request) -> None:
        if self.api == "chat":
            body["tools"] = request.tools
        else:
            # Chat takes an absent "strict" as false, some Responses servers take it as true.
            body["tools"] = [{"strict": False} | tool for tool in tools_to_responses(request.tools)]
        # Servers refuse a choice where there is nothing to choose from, so the task's stays out without tools.
        choice = request.params.get("tool_choice") if self.tool_choice is None else self.tool_choice
        if choice is not None:
            body["tool_choice"] = _CHOICE[self.api](choice) if isinstance(choice, Mapping) else choice
        own = self.parallel_tool_calls
        parallel = request.params.get("parallel_tool_calls") if own is None else own
        if parallel is not None:
            body["parallel_tool_calls"] = parallel

    def _add_include(self, body: dict[str, Any], encrypted_reasoning: bool) -> None:
        include = ["message.output_text.logprobs"] if self.logprobs else []
        if encrypted_reasoning:
            include.append("reasoning.encrypted_content")
        if include:
            body["include"] = include


def _without_developer(messages: list[Message]) -> list[Message]:
    if all(message.get("role") != "developer" for message in messages):
        return messages
    return [
        message | {"role": "system"} if message.get("role") == "developer" else message
        for message in messages
    ]


def _choice_for_chat(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    if choice.get("type") == "function" and "name" in choice:
        return {"type": "function", "function": {"name": choice["name"]}}
    return choice


def _choice_for_responses(choice: Mapping[str, Any]) -> Mapping[str, Any]:
    if choice.get("type") == "function" and isinstance(choice.get("function"), Mapping):
        return {"type": "function", **choice["function"]}
    return choice


_CHOICE: dict[str, Callable[[Mapping[str, Any]], Mapping[str, Any]]] = {
    "chat": _choice_for_chat,
    "responses": _choice_for_responses,
}
