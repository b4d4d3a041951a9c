"""From a tool call to the text that the model reads, as through the public server."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from llmgym.envs.public_bodies import Refusal, checked, posted
from llmgym.toolbox import Toolbox, render
from llmgym.tools import Outcome, ToolCall, ToolDenied
from llmgym.verifiers.calculations import CALCULATIONS, CalculationFailed, calculate

__all__ = ["CalculationsToolbox"]


class CalculationsToolbox(Toolbox):
    """The functions, answering with ``{"solution": ...}`` or ``{"detail": ...}``.

    The public rule: of the arguments only ``a``, ``b``, ``radians`` and ``base`` arrive, as floats and without nulls;
    ``"5"`` and ``true`` pass for numbers. Any other body is refused before the name of the function is looked at.
    """

    def _execute(self, call: ToolCall, wait: Callable[[Awaitable[Any]], Any]) -> tuple[Outcome, str, Any]:
        if not call.name or "/" in call.name:
            return "unknown_tool", '{"detail":"Not Found"}', None
        try:
            body = checked(_body(), posted(call.raw))
        except Refusal as refusal:
            return "malformed_arguments", str(refusal), None
        if call.name not in CALCULATIONS:
            return "unknown_tool", '{"detail":"Function not found"}', None
        try:
            if self.guard is not None:
                self.guard(call)
            value = {"solution": calculate(call.name, body.model_dump(exclude_none=True))}
        except CalculationFailed as failure:
            return "tool_error", render({"detail": str(failure)}), None
        except ToolDenied as denial:
            return (
                "denied",
                json.dumps({"error": str(denial) or f"Calling {call.name!r} is not allowed."}),
                None,
            )
        return "ok", render(value), value


@cache
def _body() -> Any:
    from pydantic import create_model

    fields: dict[str, Any] = {name: (float | None, None) for name in ("a", "b", "radians", "base")}
    return create_model("Body", **fields)
