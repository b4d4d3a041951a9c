"""Makes conversations about a calendar.

A hidden schedule comes first. Constraints are drawn around it, so they can always be met together. Then the requests
get an order, an assistant that moves as little as possible plays them through, and a persona puts them into words.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from llmgym.envs.calendar.levels import LEVELS, Level
from llmgym.envs.calendar.personas import NAMES, PERSONAS, Persona
from llmgym.envs.calendar.phrases import chance, pick
from llmgym.envs.calendar.schedule import GRID, Calendar, Event, clock, expected_state, short_time, update
from llmgym.envs.calendar.speech import Speaker, system_prompt
from llmgym.errors import UsageError

__all__ = ["KINDS", "calendar_text", "make_conversation"]

KINDS = ("before", "after", "between", "at")
"""Kinds of constraint."""

SHORTEST, LONGEST = 30, 90


@dataclass(slots=True)
class _Turn:
    """What the user asks for in one message: requests, or nothing; and the calendar that answers it."""

    added: list[int]
    constrained: list[int]
    calendar: Calendar

    def words(self) -> list[str]:
        return [f"add {number}" for number in self.added] + [
            f"constrain {number}" for number in self.constrained
        ]


def make_conversation(rng: np.random.Generator, index: int, *, difficulty: str) -> dict[str, Any]:
    """Make a conversation that ends with the user's turn.

    Args:
        rng: Source of every choice.
        index: Index of the task; the conversation does not depend on it.
        difficulty: One of ``easy``, ``medium``, ``hard`` and ``expert``.

    Returns:
        A row of the public schema, with ``difficulty`` and ``requests`` (for each turn of the user, such as
        ``["add 2", "constrain 0"]``) besides.

    Raises:
        UsageError: When the difficulty is unknown.
    """
    level = LEVELS.get(difficulty)
    if level is None:
        raise UsageError(f"Expected a difficulty among {', '.join(LEVELS)}, found {difficulty!r}.")
    persona = pick(rng, PERSONAS)
    opens, closes = pick(rng, level.hours)
    events, shorts = _events(rng, level, persona, opens, closes)
    always = chance(rng, 0.6)
    turns = _best_plan(rng, level, events)
    _add_chat(rng, level, turns, always)

    speaker = Speaker(rng, level, persona, events, shorts)
    by_time = chance(rng, 0.5)
    prompt = [
        {"role": "system", "content": system_prompt(rng, short_time(opens), short_time(closes), always)}
    ]
    known: list[int] = []
    for turn in turns:
        known += turn.added
        answer = calendar_text(turn.calendar, events, by_time=by_time)
        if turn.added or turn.constrained:
            said = speaker.request(turn.added, turn.constrained)
        else:
            said, reply = speaker.chat(known)
            answer = f"{reply}\n\n{speaker.showing()}\n\n{answer}" if always else reply
        prompt += [{"role": "user", "content": said}, {"role": "assistant", "content": answer}]
    del prompt[-1]
    return {
        "responses_create_params": {"input": prompt, "tools": []},
        "exp_cal_state": expected_state(events),
        "difficulty": difficulty,
        "requests": [turn.words() for turn in turns],
    }


def calendar_text(calendar: Calendar, events: Sequence[Event], *, by_time: bool = True) -> str:
    """Write a calendar the way the rules ask for: a JSON list with one object for each event.

    Args:
        calendar: The starts; events without one are left out.
        events: The events.
        by_time: Order the entries by their start rather than by their id.
    """
    present = [event for event in events if event.event_id in calendar]
    present.sort(key=lambda event: calendar[event.event_id] if by_time else event.event_id)
    return json.dumps(
        [
            {
                "event_id": event.event_id,
                "event_name": event.name,
                "start_time": clock(calendar[event.event_id]),
                "duration": event.duration,
            }
            for event in present
        ],
        ensure_ascii=False,
    )


def _events(
    rng: np.random.Generator, level: Level, persona: Persona, opens: int, closes: int
) -> tuple[list[Event], list[str]]:
    """Draw events and constraints that fit a hidden schedule; ids follow the order in which they are added."""
    count = int(rng.integers(level.events[0], level.events[1] + 1))
    low, high = level.fill
    wanted = (low + (high - low) * rng.random()) * (closes - opens)
    durations = [SHORTEST] * count
    while sum(durations) + GRID <= wanted and min(durations) < LONGEST:
        chosen = int(rng.integers(count))
        durations[chosen] = min(LONGEST, durations[chosen] + GRID)
    gaps = [0] * (count + 1)
    for place in rng.integers(count + 1, size=(closes - opens - sum(durations)) // GRID):
        gaps[place] += GRID
    order = [int(number) for number in rng.permutation(count)]
    constrained = [chance(rng, level.constrained) for _ in range(count)]
    constrained[int(rng.integers(count))] = True

    events: dict[int, Event] = {}
    shorts: dict[int, str] = {}
    plans = rng.permutation(len(persona.events))
    now = opens
    for place, number in enumerate(order):
        start = now + gaps[place]
        now = start + durations[number]
        name, short = persona.events[plans[number]]
        fill = {"who": pick(rng, NAMES), "thing": pick(rng, persona.things)}
        constraint = _constraint(rng, level, start, now, opens, closes) if constrained[number] else None
        events[number] = Event(number, name.format(**fill), durations[number], opens, closes, constraint)
        shorts[number] = short.format(**fill)
    return [events[number] for number in range(count)], [shorts[number] for number in range(count)]


def _constraint(rng: np.random.Generator, level: Level, start: int, end: int, opens: int, closes: int) -> str:
    """Draw a constraint that the hidden slot meets and that the working hours alone do not imply."""

    def room() -> int:
        return GRID * int(rng.integers(level.room // GRID + 1))

    while True:
        kind = pick(rng, KINDS)
        if kind == "at":
            return f"at {short_time(start)}"
        if kind == "before" and end < closes:
            return f"before {short_time(min(end + room(), closes - GRID))}"
        if kind == "after" and start > opens:
            return f"after {short_time(max(start - room(), opens + GRID))}"
        if kind == "between":
            first, last = max(start - room(), opens), min(end + room(), closes)
            if (first, last) != (opens, closes):
                return f"between {short_time(first)} and {short_time(last)}"


def _best_plan(rng: np.random.Generator, level: Level, events: Sequence[Event]) -> list[_Turn]:
    """Draw orders of the requests; keep the one whose last request, the policy's own, forces the most to be done."""
    best: tuple[int, list[_Turn]] | None = None
    for _ in range(level.orders):
        turns = _plan(rng, level, events)
        moved = _play(turns, events)
        last = turns[-1].calendar != turns[-2].calendar
        score = level.prefer * (sum(moved) + 10 * last + 10 * min(moved[-1], 1))
        if best is None or score > best[0]:
            best = score, turns
        if level.prefer > 0 and moved[-1]:
            break
    assert best is not None
    return best[1]


def _plan(rng: np.random.Generator, level: Level, events: Sequence[Event]) -> list[_Turn]:
    turns: list[_Turn] = []
    waiting: list[int] = []
    for event in events:
        number = event.event_id
        at_once = event.constraint is not None and chance(rng, level.combine)
        turns.append(_Turn([number], [number] if at_once else [], {}))
        if event.constraint is not None and not at_once:
            waiting.append(number)
        while waiting and not chance(rng, level.linger):
            turns.append(_Turn([], [waiting.pop(int(rng.integers(len(waiting))))], {}))
    waiting = [waiting[place] for place in rng.permutation(len(waiting))]
    while waiting:
        take = 2 if len(waiting) > 1 and chance(rng, level.combine) else 1
        turns.append(_Turn([], waiting[:take], {}))
        waiting = waiting[take:]
    return turns


def _play(turns: Sequence[_Turn], events: Sequence[Event]) -> list[int]:
    """Answer every turn with a correct calendar; return how many events other than the ones asked about moved."""
    known: dict[int, Event] = {}
    calendar: Calendar = {}
    moved = []
    for turn in turns:
        before = calendar
        for number in turn.added:
            known[number] = events[number] if number in turn.constrained else events[number].free()
        for number in turn.constrained:
            known[number] = events[number]
        for number in dict.fromkeys(turn.added + turn.constrained):
            # An event whose new constraint is broken may not get in the way of placing another one.
            others = {key: at for key, at in calendar.items() if key == number or known[key].allows(at)}
            updated = update(others, [known[key] for key in {**others, number: 0}], number)
            assert updated is not None, "constraints are drawn around a schedule, so there is one"
            calendar = updated
        asked = {*turn.added, *turn.constrained}
        moved.append(sum(calendar[key] != at for key, at in before.items() if key not in asked))
        turn.calendar = calendar
    return moved


def _add_chat(rng: np.random.Generator, level: Level, turns: list[_Turn], always: bool) -> None:
    """Let the user chat between requests, and now and then at the end, if an answer there shows the calendar."""
    for place in range(len(turns) - 1, -1, -1):
        last = place == len(turns) - 1
        if chance(rng, (level.last_chat if always else 0.0) if last else level.chat):
            turns.insert(place + 1, replace(turns[place], added=[], constrained=[]))
