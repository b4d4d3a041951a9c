"""From a tool call to the text that the model reads, as through the public server.

Every tool answers with the body ``{"output": ...}``, its errors included. Arguments reach it without their nulls; the
verifier's replay, which does not come this way, keeps them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from functools import cache
from typing import Any

from llmgym.envs.public_bodies import Refusal, checked, posted
from llmgym.envs.workplace_assistant.matching import is_plain
from llmgym.envs.workplace_assistant.schemas import tools_by_name
from llmgym.envs.workplace_assistant.workplace import Workplace
from llmgym.errors import Error
from llmgym.threads import in_thread
from llmgym.toolbox import Toolbox, render
from llmgym.tools import Outcome, ToolCall, ToolDenied

__all__ = ["WorkplaceToolbox"]

_SEARCHES = frozenset(
    {
        "company_directory_find_email_address",
        "calendar_search_events",
        "project_management_search_tasks",
        "customer_relationship_manager_search_customers",
    }
)
"""Tools that take what the model writes for a regular expression."""


class WorkplaceToolbox(Toolbox):
    """The tools of a workplace.

    Args:
        owner: The environment, whose attribute ``workplace`` is the workplace of the episode.
        timeout: Deadline of one call in seconds.
    """

    def __init__(self, owner: Any, timeout: float | None = 60.0):
        super().__init__(tools_by_name().values(), timeout)
        self._environment = owner

    def _execute(self, call: ToolCall, wait: Callable[[Awaitable[Any]], Any]) -> tuple[Outcome, str, Any]:
        try:
            body = posted(call.raw)
            if not isinstance(body, dict):
                checked(_body_model(), body)
        except Refusal as refusal:
            return "malformed_arguments", refusal.args[0], None
        if not call.name or "/" in call.name:
            return "unknown_tool", '{"detail":"Not Found"}', None
        workplace: Workplace = self._environment.workplace
        arguments = {name: value for name, value in body.items() if value is not None}
        outcome: Outcome = "ok"
        try:
            if self.guard is not None:
                self.guard(call)
            function = self._tools[call.name].function
            if _may_take_long(call.name, arguments, workplace):
                value = wait(asyncio.wait_for(in_thread(function, workplace, **arguments), self.timeout))
            else:
                value = function(workplace, **arguments)
        except ToolDenied as error:
            refused = str(error) or f"Calling {call.name!r} is not allowed."
            return "denied", json.dumps({"error": refused}, ensure_ascii=False), None
        except Error:
            raise
        except TimeoutError:
            outcome = "timeout"
            value = f"Error executing tool '{call.name}': no answer within {self.timeout:g} seconds"
        except Exception as error:
            # The public rule: whatever a tool raises is told to the model, under the tool's name.
            outcome = "tool_error" if call.name in self._tools else "unknown_tool"
            value = f"Error executing tool '{call.name}': {error}"
        return outcome, render({"output": value}), value if outcome == "ok" else None


def _may_take_long(name: str, arguments: dict[str, Any], workplace: Workplace) -> bool:
    if name in _SEARCHES and not all(map(is_plain, arguments.values())):
        return True
    return workplace.company.is_large


@cache
def _body_model() -> Any:
    from pydantic import BaseModel, ConfigDict

    class Arguments(BaseModel):
        model_config = ConfigDict(extra="allow")

    return Arguments
