"""What the scripted model server sends: answers of both APIs, and faults."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson
from aiohttp import web

from llmgym.messages import Message, Response
from llmgym.turns import items_from_message

__all__ = ["Fault", "Reply", "chat_body", "misbehave", "responses_body"]


@dataclass(frozen=True, slots=True)
class Fault:
    """A reply that is not an answer.

    Attributes:
        status: HTTP status.
        body: The body: text and bytes are sent as they are, anything else as JSON. ``None`` is an OpenAI error.
        message: The message of that error.
        headers: Further headers.
        reset: ``before`` breaks the connection before the headers, ``during`` in the middle of the body.
        delay: Seconds before the reply.
        drip: Seconds between single bytes of the body; 0 sends it whole.
    """

    status: int = 200
    body: Any = None
    message: str = "scripted fault"
    headers: Mapping[str, str] = field(default_factory=dict)
    reset: str = ""
    delay: float = 0.0
    drip: float = 0.0

    def content(self) -> bytes:
        """Return the bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        if isinstance(self.body, str):
            return self.body.encode()
        if self.body is None:
            return orjson.dumps({"error": {"message": self.message, "type": "scripted", "code": None}})
        return orjson.dumps(self.body)


Reply: TypeAlias = "str | Message | Mapping[str, Any] | Response | Fault"
"""What the server can be told to say: a text, an assistant message, a response, a whole body, or a fault."""


def chat_body(response: Response, model: str, usage: Mapping[str, int]) -> dict[str, Any]:
    """Return a response as a Chat server sends it, with token ids where vLLM has them."""
    reason = response.finish_reason or ("tool_calls" if response.tool_calls else "stop")
    choice: dict[str, Any] = {"index": 0, "message": response.message, "finish_reason": reason}
    if response.logprobs is not None:
        content: list[dict[str, Any]] = [
            {"token": "", "logprob": value, "bytes": None, "top_logprobs": []} for value in response.logprobs
        ]
        choice["logprobs"] = {"content": content}
    if response.token_ids is not None:
        choice["token_ids"] = response.token_ids
    body = {
        "id": "chatcmpl-0",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [choice],
    }
    if response.prompt_token_ids is not None:
        body["prompt_token_ids"] = response.prompt_token_ids
    return body | {"usage": dict(usage)}


def responses_body(response: Response, model: str, usage: Mapping[str, int]) -> dict[str, Any]:
    """Return a response as a Responses server sends it."""
    cut = response.finish_reason in ("length", "content_filter")
    reason = "max_output_tokens" if response.finish_reason == "length" else response.finish_reason
    return {
        "id": "resp_0",
        "object": "response",
        "created_at": 0,
        "status": "incomplete" if cut else "completed",
        "error": None,
        "incomplete_details": {"reason": reason} if cut else None,
        "model": model,
        "output": response.items if response.items is not None else items_from_message(response.message),
        "parallel_tool_calls": True,
        "tool_choice": "auto",
        "tools": [],
        "usage": {
            "input_tokens": usage.get("prompt_tokens", 0),
            "output_tokens": usage.get("completion_tokens", 0),
            "total_tokens": usage.get("total_tokens", 0),
        },
    }


async def misbehave(request: web.Request, fault: Fault) -> web.StreamResponse:
    """Answer a request with a fault."""
    await asyncio.sleep(fault.delay)
    content = fault.content()
    transport = request.transport
    if transport is None or fault.reset == "before":
        _reset(transport)
        return web.Response()
    headers = {"Content-Type": "application/json", "Content-Length": str(len(content))} | dict(fault.headers)
    stream = web.StreamResponse(status=fault.status, headers=headers)
    await stream.prepare(request)
    if fault.drip:
        for position in range(len(content)):
            await stream.write(content[position : position + 1])
            await asyncio.sleep(fault.drip)
    elif fault.reset == "during":
        await stream.write(content[: len(content) // 2])
        await asyncio.sleep(0.01)
        _reset(transport)
    else:
        await stream.write(content)
    return stream


def _reset(transport: asyncio.Transport | None) -> None:
    """Break a connection so that the other side sees a reset, not an orderly end."""
    if transport is not None:
        transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0)
        )
        transport.abort()
