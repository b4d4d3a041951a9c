"""Playing a conversation about a calendar live: the policy answers every turn of the user.

A recorded task shows the whole conversation and asks for the last answer. Its live form shows the first message; a
scripted user says the others as the conversation goes on.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from llmgym.errors import InvalidTask
from llmgym.messages import message_text
from llmgym.tasks import Task

__all__ = ["added_by_turn", "event_names", "live_task", "recorded_task", "state_after", "user_script"]


def user_script(task: Task) -> list[str]:
    """Return the texts of all turns of the user, in order, for a recorded or a live task."""
    prompt = [message_text(message) for message in task.messages if message.get("role") == "user"]
    return prompt + list(task.data.get("user_turns") or [])


def live_task(task: Task) -> Task:
    """Return the live form of a task.

    Args:
        task: A recorded task; a live one is returned as it is.

    Returns:
        A task whose prompt ends with the first turn of the user, and whose data has the other turns under
        ``user_turns``.

    Raises:
        InvalidTask: When the user says nothing.
    """
    if "user_turns" in task.data:
        return task
    first = next((place for place, m in enumerate(task.messages) if m.get("role") == "user"), None)
    if first is None:
        raise InvalidTask(
            f"Task {task.id!r}: expected a conversation with a turn of the user, found none. Correct the row."
        )
    data = {**task.data, "user_turns": user_script(task)[1:]}
    return replace(task, messages=list(task.messages[: first + 1]), data=data, source=None)


def recorded_task(task: Task) -> Task:
    """Return a task that is played from its recorded conversation.

    Raises:
        InvalidTask: When it is a live task, which does not hold the conversation.
    """
    if task.data.get("user_turns"):
        raise InvalidTask(
            f"Task {task.id!r}: expected a recorded conversation, found a live task ('user_turns'). "
            "Make the environment with conversation='live'."
        )
    return task


def added_by_turn(task: Task) -> list[list[int]]:
    """Return, for each turn of the user, the ids of the events that it names first ("event id: 3")."""
    known: set[int] = set()
    turns = []
    for text in user_script(task):
        found = [int(number) for number in re.findall(r"event id:? ?(\d{1,9})", text, re.IGNORECASE)]
        turns.append([number for number in dict.fromkeys(found) if number not in known])
        known.update(found)
    return turns


def state_after(task: Task, turns: int) -> dict[str, Mapping[str, Any]] | None:
    """Return what the calendar must satisfy after some turns of the user.

    Args:
        task: A task made by :func:`~llmgym.envs.calendar.conversation.make_conversation`.
        turns: How many turns the user has had.

    Returns:
        The expected state in the public schema, or ``None`` for rows that do not tell what each turn asks for.
    """
    requests = task.data.get("requests")
    if not requests:
        return None
    state: dict[str, Mapping[str, Any]] = {}
    for words in requests[:turns]:
        for word in words:
            verb, _, number = word.partition(" ")
            entry = task.data["exp_cal_state"][number]
            state[number] = entry if verb == "constrain" else {**entry, "constraint": None}
    return state


def event_names(messages: Sequence[Mapping[str, Any]]) -> dict[int, str]:
    """Return the names of events by id, as the assistant's calendars in a conversation give them."""
    names: dict[int, str] = {}
    for message in messages:
        if message.get("role") == "assistant":
            for entry in _entries(message_text(message)):
                number, name = entry.get("event_id"), entry.get("event_name")
                if str(number).isdigit() and isinstance(name, str):
                    # Brackets in a name can keep the public verifier from finding the list.
                    names[int(str(number))] = re.sub(r"[\[\]{}]", "", name)
    return names


def _entries(text: str) -> Iterator[Mapping[str, Any]]:
    decoder = json.JSONDecoder()
    for match in re.finditer(r"\[\s*\{", text):
        try:
            found, _ = decoder.raw_decode(text, match.start())
        except ValueError:
            # Not every bracket in an answer opens a calendar.
            continue
        yield from (entry for entry in found if isinstance(entry, Mapping))
        return
