"""The counterpart: whoever speaks when the assistant yields the floor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from llmgym.episode import Episode
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Message, user

__all__ = ["Counterpart", "ScriptedUser"]


class Counterpart(Protocol):
    """Whoever speaks when the assistant yields the floor, such as a simulated user.

    Both methods may be ``async``. A counterpart has a random stream of its own, and its messages are never trainable.

    One that has an attribute ``acts`` that is true does something in the world for what it replies, such as running a
    command. A replay asks it again; of any other it repeats what is on record.
    """

    def begin(self, episode: Episode, rng: np.random.Generator) -> Any:
        """Prepare for a new episode."""
        ...

    def reply(self, episode: Episode) -> Any:
        """Return the next message (or its text), or ``None`` to end the conversation."""
        ...


class ScriptedUser:
    """Says given lines in order, then ends the conversation.

    It keeps no state of its own, so a fork of an episode goes on where the episode stood.

    Args:
        lines: The lines; by default those that the task brings under ``user_turns``.

    Raises:
        UsageError: When the lines are one text.
    """

    def __init__(self, lines: Sequence[str] | None = None):
        if isinstance(lines, str):
            raise UsageError(
                f"Expected a list of lines for a scripted user, found one text; pass [{lines[:40]!r}]."
            )
        self._lines = None if lines is None else list(lines)

    def begin(self, episode: Episode, rng: np.random.Generator) -> None:
        """Check that there is a script.

        Raises:
            InvalidTask: When neither the constructor nor the task brings lines.
        """
        turns = episode.task.data.get("user_turns")
        if self._lines is None and (isinstance(turns, str) or not isinstance(turns, Sequence)):
            raise InvalidTask(
                f"Task {episode.task.id!r} has no 'user_turns' for a scripted user; give the user its lines, or let a "
                "model play it."
            )

    def reply(self, episode: Episode) -> Message | None:
        """Return the next line, or ``None`` when there is none left."""
        said = sum(turn.reply is not None for turn in episode.turns)
        lines = episode.task.data.get("user_turns", ()) if self._lines is None else self._lines
        return user(lines[said]) if said < len(lines) else None
