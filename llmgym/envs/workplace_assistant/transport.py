"""From a tool call to the text that the model reads, as through the public server.

Every tool answers with the body ``{"output": ...}``, its errors included. Arguments reach it without their nulls; the
verifier's replay, which does not come this way, keeps them.
"""

from __future__ import annotations

import json
import math
from collections.abc import Awaitable, Callable
from typing import Any

from llmgym.envs.workplace_assistant.matching import is_plain
from llmgym.envs.workplace_assistant.schemas import tools_by_name
from llmgym.envs.workplace_assistant.workplace import Workplace
from llmgym.threads import in_thread
from llmgym.tools import Outcome, Toolbox, ToolCall, ToolDenied, render

__all__ = ["WorkplaceToolbox", "sent"]

_SEARCHES = frozenset(
    {
        "company_directory_find_email_address",
        "calendar_search_events",
        "project_management_search_tasks",
        "customer_relationship_manager_search_customers",
    }
)
"""Tools that take what the model writes for a regular expression."""

_MANY_ROWS = 5_000


class WorkplaceToolbox(Toolbox):
    """The tools of a workplace.

    Args:
        owner: The environment, whose attribute ``workplace`` is the workplace of the episode.
        timeout: Deadline of one call in seconds.
    """

    def __init__(self, owner: Any, timeout: float | None = 60.0):
        super().__init__(tools_by_name().values(), timeout)
        self._owner = owner

    def _execute(self, call: ToolCall, wait: Callable[[Awaitable[Any]], Any]) -> tuple[Outcome, str, Any]:
        try:
            given = json.loads(call.raw)
        except (ValueError, RecursionError) as error:
            return "malformed_arguments", json.dumps({"error": f"Invalid tool call arguments: {error!r}"}), None
        given = sent(given)
        if not isinstance(given, dict):
            return "malformed_arguments", render({"detail": [_refusal(given)]}), None
        if not call.name or "/" in call.name:
            return "unknown_tool", '{"detail":"Not Found"}', None
        workplace: Workplace = self._owner.workplace
        arguments = {name: value for name, value in given.items() if value is not None}
        outcome: Outcome = "ok"
        try:
            if self.guard is not None:
                self.guard(call)
            function = workplace.functions[call.name]
            if _may_take_long(call.name, arguments, workplace):
                value = wait(in_thread(function, **arguments))
            else:
                value = function(**arguments)
        except ToolDenied as error:
            return "denied", json.dumps({"error": str(error) or f"Calling {call.name!r} is not allowed."}), None
        except Exception as error:
            # The public rule: whatever a tool raises is told to the model, under its own name.
            outcome = "tool_error" if call.name in self._tools else "unknown_tool"
            value = f"Error executing tool '{call.name}': {error}"
        return outcome, render({"output": value}), value if outcome == "ok" else None


def sent(value: Any) -> Any:
    """Return what arrives of a JSON value: numbers that JSON lacks (NaN, infinity) become null."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: sent(item) for name, item in value.items()}
    if isinstance(value, list):
        return [sent(item) for item in value]
    return value


def _may_take_long(name: str, arguments: dict[str, Any], workplace: Workplace) -> bool:
    if name in _SEARCHES and not all(map(is_plain, arguments.values())):
        return True
    company = workplace.company
    return max(map(len, (company.emails, company.events, company.visits, company.tasks, company.customers))) > _MANY_ROWS


def _refusal(given: Any) -> dict[str, Any]:
    """Return how the public server refuses a body that is no object."""
    if given is None:
        return {"type": "missing", "loc": ["body"], "msg": "Field required", "input": None}
    return {
        "type": "model_attributes_type",
        "loc": ["body"],
        "msg": "Input should be a valid dictionary or object to extract fields from",
        "input": given,
    }
