"""From a tool call to the text that the model reads, as through the public server."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from llmgym.envs.public_bodies import Refusal, checked, posted
from llmgym.toolbox import Toolbox
from llmgym.tools import Outcome, ToolCall

__all__ = ["SearchToolbox"]


class SearchToolbox(Toolbox):
    """``search`` and ``browse``, with the public server's answers to calls that do not reach them."""

    def _execute(self, call: ToolCall, wait: Callable[[Awaitable[Any]], Any]) -> tuple[Outcome, str, Any]:
        try:
            body = posted(call.raw)
            if call.name not in self._tools:
                return "unknown_tool", '{"detail":"Not Found"}', None
            checked(_body(call.name), body)
        except Refusal as refusal:
            return "malformed_arguments", str(refusal), None
        return super()._execute(call, wait)


@cache
def _body(tool: str) -> Any:
    from pydantic import create_model

    fields: dict[str, Any] = {"query" if tool == "search" else "url": (str, ...)}
    return create_model("Body", **fields)
