"""A conversation as text for a terminal."""

from __future__ import annotations

import os
import re
import sys
import textwrap

from llmgym.episode import Episode
from llmgym.messages import Message, message_text
from llmgym.tools import ToolCall

__all__ = ["conversation", "message_block", "printable"]

_COLOURS = {"system": "90", "developer": "90", "user": "36", "assistant": "32", "tool": "33"}
_WIDTH = 110
_HARMFUL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def conversation(episode: Episode | None, title: str, *, colour: bool | None = None) -> str:
    """Return an episode as readable text.

    Args:
        episode: The episode; ``None`` before the first reset.
        title: Name of the environment.
        colour: Use terminal colours; by default where standard output is a terminal and ``NO_COLOR`` is not set.

    Returns:
        One block a message, with its role, its text, its tool calls and, at the end, the reason for stopping.
    """
    if colour is None:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    if episode is None:
        return f"{title}: no episode yet"
    blocks = [_paint(printable(f"{title} · task {episode.task.id}"), "1", colour)]
    blocks += [message_block(message, colour) for message in episode.messages]
    if episode.stop_reason:
        blocks.append(_paint(printable(f"end: {episode.stop_reason}"), "1", colour))
    return "\n".join(blocks)


def message_block(message: Message, colour: bool = False) -> str:
    """Return one message as readable text."""
    role = str(message.get("role", "?"))
    lines = [_paint(printable(f"{role}:"), _COLOURS.get(role, "0") + ";1", colour)]
    if message.get("reasoning_content"):
        lines.append(_paint(_indent(str(message["reasoning_content"])), "2", colour))
    text = message_text(message)
    if text:
        lines.append(_paint(_indent(text), _COLOURS.get(role, "0"), colour))
    for raw in message.get("tool_calls") or []:
        call = ToolCall.of(raw, "")
        lines.append(_indent(f"→ {call.name}({call.raw})"))
    return "\n".join(lines)


def _indent(text: str) -> str:
    wrapped = []
    for line in printable(text).split("\n"):
        wrapped += textwrap.wrap(line, _WIDTH, drop_whitespace=False) or [""]
    return "\n".join("  " + line for line in wrapped)


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\033[{code}m{text}\033[0m" if colour else text


def printable(text: str) -> str:
    """Replace what a terminal acts on: control characters, direction overrides and halves of surrogate pairs."""
    return _HARMFUL.sub("�", text)
