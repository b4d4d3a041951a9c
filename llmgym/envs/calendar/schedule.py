"""Time arithmetic and exact scheduling for calendars of one day.

Times are minutes after midnight. A constraint and the working hours together leave an event a window in which it
must lie; scheduling is then the question whether every event fits in its window without an overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from llmgym.errors import InvalidTask
from llmgym.verifiers.calendar import parse_time

__all__ = [
    "Calendar",
    "Event",
    "clock",
    "expected_state",
    "read_events",
    "short_time",
    "solve",
    "update",
]

GRID = 15
"""Minutes between two places that a calendar update tries first."""

Calendar: TypeAlias = dict[int, int]
"""The start of each event, in minutes after midnight, by event id."""


@dataclass(frozen=True, slots=True)
class Event:
    """An event and what is known about when it may take place.

    Attributes:
        event_id: Identifier, unique in a conversation.
        name: What it is called.
        duration: Length in minutes.
        opens: First minute of the working hours.
        closes: Last minute of the working hours.
        constraint: ``before T``, ``after T``, ``between A and B``, ``at T``, or ``None``. Any other text
            restricts nothing, as in the public verifier.
    """

    event_id: int
    name: str
    duration: int
    opens: int
    closes: int
    constraint: str | None = None

    def free(self) -> Event:
        """Return the event without its constraint."""
        return replace(self, constraint=None)

    @property
    def window(self) -> tuple[int, int]:
        """Earliest start and latest end that are allowed, in minutes.

        Raises:
            ValueError: When the constraint names a time that cannot be read.
        """
        kind, _, rest = (self.constraint or "").partition(" ")
        if kind == "before":
            return self.opens, min(self.closes, parse_time(rest))
        if kind == "after":
            return max(self.opens, parse_time(rest)), self.closes
        if kind == "between":
            first, _, last = rest.partition(" and ")
            return max(self.opens, parse_time(first)), min(self.closes, parse_time(last))
        if kind == "at":
            start = parse_time(rest)
            return max(self.opens, start), min(self.closes, start + self.duration)
        return self.opens, self.closes

    def allows(self, start: int) -> bool:
        """Whether the event may start at this minute."""
        earliest, latest = self.window
        return earliest <= start and start + self.duration <= latest


def clock(minutes: int) -> str:
    """Return a time as ``HH:MM``, as calendars and working hours are written.

    Example:
        >>> clock(885)
        '14:45'
    """
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def short_time(minutes: int) -> str:
    """Return a time as constraints write it: no leading zero, and no minutes on the hour.

    Example:
        >>> short_time(600), short_time(735)
        ('10am', '12:15pm')
    """
    hour, minute = divmod(minutes, 60)
    return f"{(hour - 1) % 12 + 1}{f':{minute:02d}' if minute else ''}{'pm' if hour % 24 >= 12 else 'am'}"


def expected_state(events: Iterable[Event]) -> dict[str, dict[str, Any]]:
    """Return the events in the public schema of ``exp_cal_state``."""
    return {
        str(event.event_id): {
            "event_id": event.event_id,
            "duration": event.duration,
            "constraint": event.constraint,
            "min_time": clock(event.opens),
            "max_time": clock(event.closes),
            "event_name": event.name,
        }
        for event in events
    }


def read_events(
    state: Mapping[str, Mapping[str, Any]], names: Mapping[int, str] | None = None
) -> list[Event]:
    """Read an expected state in the public schema.

    Args:
        state: The value of ``exp_cal_state``.
        names: Names of events by id, for a state that gives none.

    Raises:
        InvalidTask: When an entry lacks a field or holds a time that cannot be read.
    """
    events = []
    for key, entry in state.items():
        try:
            number = int(entry.get("event_id", key))
            event = Event(
                number,
                str(entry.get("event_name") or (names or {}).get(number) or f"Event {number}"),
                int(entry["duration"]),
                parse_time(entry["min_time"]),
                parse_time(entry["max_time"]),
                entry.get("constraint"),
            )
            event.window  # noqa: B018  a constraint that cannot be read must be told here, not in the solver
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise InvalidTask(
                f"Expected exp_cal_state[{key!r}] to have duration, min_time, max_time and a constraint such as "
                f"'before 11am', found {entry!r} ({type(error).__name__}: {error}). Correct the row."
            ) from error
        events.append(event)
    return events


def solve(events: Sequence[Event]) -> Calendar | None:
    """Find a calendar in which every event lies in its window and none overlap.

    The search puts events one after the other, each as early as it can be. That loses no solution: any calendar
    can be pushed to the left without changing its order. A set of events that was once reached earlier and failed
    is not tried again, so the search is exact and small for the sizes of a day.

    Returns:
        A calendar, or ``None`` when there is none.
    """
    jobs = sorted(
        ((*event.window, event.duration, event.event_id) for event in events), key=lambda job: job[1]
    )
    failed: dict[int, int] = {}
    starts: Calendar = {}

    def extend(done: int, now: int) -> bool:
        if len(starts) == len(jobs):
            return True
        if failed.get(done, now + 1) <= now:
            return False
        left = [(position, job) for position, job in enumerate(jobs) if not done >> position & 1]
        if all(max(now, opens) + length <= closes for _, (opens, closes, length, _) in left):
            for position, (opens, _, length, number) in left:
                starts[number] = max(now, opens)
                if extend(done | 1 << position, starts[number] + length):
                    return True
                del starts[number]
        failed[done] = now
        return False

    return starts if extend(0, -(10**9)) else None


def update(calendar: Calendar, events: Sequence[Event], changed: int) -> Calendar | None:
    """Fit in one event that is new or has a new constraint, moving as little as possible.

    In this order: leave everything as it is; give the event the first free slot; give it a slot that displaces the
    fewest others, which go to their next free slots; make a new calendar.

    Args:
        calendar: The calendar so far, in which the other events are correct.
        events: All events with the constraints that now hold.
        changed: Id of the event that is new or has changed.

    Returns:
        A correct calendar, or ``None`` when there is none.
    """
    by_id = {event.event_id: event for event in events}
    event = by_id[changed]
    if changed in calendar and event.allows(calendar[changed]):
        return dict(calendar)
    fixed = {number: start for number, start in calendar.items() if number != changed}
    slot = _first_slot(event, fixed, by_id)
    if slot is not None:
        return {**fixed, changed: slot}
    earliest, latest = event.window
    best: Calendar | None = None
    fewest = len(fixed) + 1
    for start in range(earliest, latest - event.duration + 1, GRID):
        kept = {
            number: at
            for number, at in fixed.items()
            if at + by_id[number].duration <= start or at >= start + event.duration
        }
        displaced = sorted((at, number) for number, at in fixed.items() if number not in kept)
        if len(displaced) >= fewest:
            continue
        kept[changed] = start
        for _, number in displaced:
            slot = _first_slot(by_id[number], kept, by_id)
            if slot is None:
                break
            kept[number] = slot
        else:
            best, fewest = kept, len(displaced)
    return best if best is not None else solve(events)


def _first_slot(event: Event, calendar: Calendar, by_id: Mapping[int, Event]) -> int | None:
    start, latest = event.window
    for at, end in sorted((at, at + by_id[number].duration) for number, at in calendar.items()):
        if start + event.duration <= at:
            break
        start = max(start, end)
    return start if start + event.duration <= latest else None
