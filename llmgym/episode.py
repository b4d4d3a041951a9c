"""The record of one play of a task: what a verifier sees."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from llmgym.messages import Message, Response, message_text
from llmgym.tasks import Task
from llmgym.tools import ToolCall, ToolResult

__all__ = ["Episode", "Turn"]


@dataclass(slots=True)
class Turn:
    """One response of the policy and what came of it.

    Attributes:
        response: The response, with tool-call identifiers filled in.
        results: Results of its tool calls, in order.
        reply: What the counterpart answered, if one did.
    """

    response: Response
    results: list[ToolResult] = field(default_factory=list)
    reply: Message | None = None


@dataclass(slots=True)
class Episode:
    """One play of a task.

    Attributes:
        task: The task being played.
        messages: The whole conversation so far, prompt included. Append-only; its messages are never edited.
        prompt_length: How many of the messages are the prompt.
        seed: Seed from which the episode's random streams are derived.
        turns: The policy's turns so far.
        stop_reason: Why the episode ended: ``answered``, ``max_turns``, ``length``, ``content_filter``,
            ``deadline``, ``counterpart_ended``, or what :meth:`finish` was given. Empty while it goes on.
        truncated: Whether it was cut short rather than ended by the policy.
        state: Free for the environment's author; a fork copies it deeply.
    """

    task: Task
    messages: list[Message]
    prompt_length: int
    seed: int = 0
    turns: list[Turn] = field(default_factory=list)
    stop_reason: str = ""
    truncated: bool = False
    state: dict[str, Any] = field(default_factory=dict)

    def __deepcopy__(self, memo: dict[int, Any]) -> Episode:
        turns = [Turn(turn.response, list(turn.results), turn.reply) for turn in self.turns]
        return Episode(
            self.task,
            list(self.messages),
            self.prompt_length,
            self.seed,
            turns,
            self.stop_reason,
            self.truncated,
            copy.deepcopy(self.state, memo),
        )

    def finish(self, reason: str) -> None:
        """End the episode after the current tool call, for example from a tool named ``submit``.

        Args:
            reason: Becomes the stop reason.
        """
        self.stop_reason = reason

    @property
    def tool_results(self) -> list[ToolResult]:
        """Results of all tool calls, in order."""
        return [result for turn in self.turns for result in turn.results]

    @property
    def tool_calls(self) -> list[ToolCall]:
        """All tool calls that the policy wrote, in order, executed or not."""
        return [
            ToolCall.of(call, f"call_{index}_{position}")
            for index, turn in enumerate(self.turns)
            for position, call in enumerate(turn.response.tool_calls)
        ]

    @property
    def items(self) -> list[dict[str, Any]]:
        """The rollout as Responses output items, in order: reasoning, messages, calls and their outputs.

        This is the ``output`` list that public verifiers read.
        """
        from llmgym.conversion import items_from_message

        items: list[dict[str, Any]] = []
        for turn in self.turns:
            items += turn.response.items or items_from_message(turn.response.message)
            for result in turn.results:
                items.append(
                    {"type": "function_call_output", "call_id": result.call.id, "output": result.content}
                )
        return items

    @property
    def output_text(self) -> str:
        """Every text part of every assistant message, joined without a separator.

        The public rule for multiple choice, code, structured output and math.
        """
        return "".join(self._texts())

    @property
    def last_item_text(self) -> str:
        """Text of the first part of the last output item, empty when it has none.

        The public rule for calendars and instruction following. After a trailing tool call the last item is not a
        message, so there is no text.
        """
        if not self.turns:
            return ""
        last = self.turns[-1]
        if last.results:
            return ""
        message = last.response.message
        if (
            not last.response.items
            and "output_items" not in message
            and isinstance(message.get("content"), str)
        ):
            return "" if last.response.tool_calls else message["content"]
        items = self.items
        content = items[-1].get("content") if items else None
        if not isinstance(content, list) or not content:
            return content if isinstance(content, str) else ""
        first = content[0]
        text = first.get("text") if isinstance(first, dict) else None
        return text if isinstance(text, str) else ""

    @property
    def last_message_text(self) -> str:
        """Text of the last assistant message that has any."""
        return next((text for text in reversed(list(self._texts())) if text), "")

    def _texts(self) -> Iterator[str]:
        for turn in self.turns:
            yield message_text(turn.response.message)
