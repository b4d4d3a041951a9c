"""Requests about single events and days of the calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from llmgym.envs.workplace_assistant.requests.emails import directory
from llmgym.envs.workplace_assistant.requests.office import NOW, TODAY, Event, Office, Person, Request, pick
from llmgym.envs.workplace_assistant.requests.wording import (
    EVENT_NAMES,
    clock,
    day,
    length,
    quoted,
)

__all__ = [
    "EASY",
    "MEDIUM",
    "Call",
    "cancel",
    "change",
    "create",
    "listing_of",
    "moment",
    "next_with",
    "some_day",
]

Call = tuple[str, dict[str, Any]]
_MOST_FOUND = 20


def create(name: str, person: Person, start: datetime, minutes: int) -> Call:
    """Return the call that creates an event."""
    arguments = {
        "event_name": name,
        "participant_email": person.address,
        "event_start": moment(start),
        "duration": str(minutes),
    }
    return "calendar_create_event", arguments


def moment(when: datetime) -> str:
    """Return a point in time as the tools write it."""
    return f"{when:%Y-%m-%d %H:%M:%S}"


def listing_of(when: date, count: int) -> Call:
    """Return the call that lists a day."""
    bounds = {"time_min": f"{when} 00:00:00", "time_max": f"{when} 23:59:59"}
    return "calendar_search_events", {**bounds, "page_size": max(5, count)}


def change(event: Event, field: str, value: str) -> Call:
    """Return the call that changes a field of an event."""
    return "calendar_update_event", {"event_id": event.id, "field": field, "new_value": value}


def cancel(event: Event) -> Call:
    """Return the call that deletes an event."""
    return "calendar_delete_event", {"event_id": event.id}


def some_day(rng: np.random.Generator, office: Office, least: int = 1) -> tuple[date, list[Event]] | None:
    """Choose a day of the next weeks with some events."""
    # The first and the last event must be one each.
    days = [
        when
        for when, events in office.days.items()
        if when > TODAY
        and len(events) >= least
        and not _same_start(events[:2])
        and not _same_start(events[-2:])
    ]
    if not days:
        return None
    when = pick(rng, days)
    return when, office.days[when]


def is_unique(events: list[Event], event: Event) -> bool:
    """Tell whether an event is the only one of its day whose name is this one or contains it."""
    return sum(event.name.lower() in other.name.lower() for other in events) == 1


def _same_start(events: list[Event]) -> bool:
    return len(events) == 2 and events[0].start == events[1].start


def next_with(office: Office, person: Person) -> tuple[Event, Call] | None:
    """Return the next meeting with somebody, and the call that finds it."""
    coming = [event for event in office.events if event.start > NOW and event.person == person.address]
    if not coming or len(coming) > _MOST_FOUND or _same_start(coming[:2]):
        return None
    return coming[0], (
        "calendar_search_events",
        {"query": person.address, "time_min": moment(NOW), "page_size": max(5, len(coming))},
    )


def schedule(rng: np.random.Generator, office: Office) -> Request | None:
    """Create an event at a time that is free."""
    when, minutes, person = (
        pick(rng, office.workdays()),
        int(pick(rng, (30, 60, 90))),
        pick(rng, office.people),
    )
    starts = office.free_starts(when, minutes)
    if not starts:
        return None
    start, name = pick(rng, starts), pick(rng, EVENT_NAMES)
    text = pick(
        rng,
        (
            "Schedule a {length} meeting called {name} with {who} on {day} at {time}",
            "Please put a {length} event {name} with {who} into my calendar. It starts at {time} on {day}",
            "I am meeting {who} on {day} at {time}. Create a {length} event for that with the name {name}",
        ),
    ).format(
        length=length(rng, minutes),
        name=quoted(name),
        who=person.name,
        day=day(rng, when),
        time=clock(rng, start),
    )
    return Request(text, [create(name, person, start, minutes)], [directory(person)])


def rename(rng: np.random.Generator, office: Office) -> Request | None:
    """Rename the first or last event of a day."""
    chosen, name, last = some_day(rng, office), pick(rng, EVENT_NAMES), rng.random() < 0.5
    if chosen is None:
        return None
    when, events = chosen
    text = pick(
        rng,
        (
            "Rename the {which} event on {day} to {name}",
            "Can you change the name of the {which} event on {day} to {name}",
        ),
    ).format(which="last" if last else "first", day=day(rng, when), name=quoted(name))
    event = events[-1 if last else 0]
    return Request(text, [change(event, "event_name", name)], [listing_of(when, len(events))])


def cancel_next(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete the next event with somebody."""
    person = pick(rng, office.people)
    found = next_with(office, person)
    if found is None:
        return None
    text = pick(
        rng,
        (
            "Cancel my next meeting with {who}",
            "{who} can't make it to our next meeting. Delete it from my calendar",
            "Please remove the next event with {who} from my calendar",
        ),
    ).format(who=person.name)
    return Request(text, [cancel(found[0])], [found[1]])


def resize(rng: np.random.Generator, office: Office) -> Request | None:
    """Change how long an event lasts."""
    chosen = some_day(rng, office)
    if chosen is None:
        return None
    when, events = chosen
    event, minutes = pick(rng, events), int(pick(rng, (30, 45, 60, 90)))
    if (
        minutes == event.minutes
        or not is_unique(events, event)
        or not office.is_free(event.start, minutes, event)
    ):
        return None
    text = pick(
        rng,
        (
            "The event {name} on {day} will take {minutes} minutes. Update its duration",
            "Set the duration of {name} on {day} to {minutes} minutes",
        ),
    ).format(name=quoted(event.name), day=day(rng, when), minutes=minutes)
    return Request(text, [change(event, "duration", str(minutes))], [listing_of(when, len(events))])


def shift(rng: np.random.Generator, office: Office) -> Request | None:
    """Move an event by some minutes."""
    chosen = some_day(rng, office)
    if chosen is None:
        return None
    when, events = chosen
    event, by = pick(rng, events), int(pick(rng, (-60, -30, 30, 60, 90)))
    start = event.start + timedelta(minutes=by)
    if not is_unique(events, event) or not office.is_free(start, event.minutes, event):
        return None
    told = {30: "half an hour", 60: "one hour", 90: "90 minutes"}[abs(by)]
    text = pick(
        rng,
        (
            "Move {name} on {day} by {by} so that it starts {way}",
            "The event {name} on {day} has to start {by} {way}. Change its start",
        ),
    ).format(name=quoted(event.name), day=day(rng, when), by=told, way="later" if by > 0 else "earlier")
    return Request(text, [change(event, "event_start", moment(start))], [listing_of(when, len(events))])


def move_within_day(rng: np.random.Generator, office: Office) -> Request | None:
    """Move the first or last event of a day to another time of that day."""
    chosen, last = some_day(rng, office, 2), rng.random() < 0.5
    if chosen is None:
        return None
    when, events = chosen
    event = events[-1 if last else 0]
    starts = [start for start in office.free_starts(when, event.minutes) if start != event.start]
    if not starts:
        return None
    start = pick(rng, starts)
    text = pick(
        rng,
        (
            "Move my {which} event on {day} to {time} on the same day",
            "Reschedule the {which} event of {day}: it now starts at {time} that day",
        ),
    ).format(which="last" if last else "first", day=day(rng, when), time=clock(rng, start))
    return Request(text, [change(event, "event_start", moment(start))], [listing_of(when, len(events))])


def clear_day(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete all events of a day."""
    chosen = some_day(rng, office)
    if chosen is None or len(chosen[1]) > 4:
        return None
    when, events = chosen
    text = pick(
        rng,
        (
            "I am ill on {day}. Cancel everything in my calendar that day",
            "Delete all my events on {day}",
            "Please clear my calendar for {day}",
        ),
    ).format(day=day(rng, when))
    return Request(text, [cancel(event) for event in events], [listing_of(when, len(events))])


def replace_participant(rng: np.random.Generator, office: Office) -> Request | None:
    """Change the participant of an event."""
    chosen, person = some_day(rng, office), pick(rng, office.people)
    if chosen is None:
        return None
    when, events = chosen
    event = pick(rng, events)
    if event.person == person.address or not is_unique(events, event):
        return None
    text = pick(
        rng,
        (
            "{who} will take part in {name} on {day} instead of the present participant. Update the event",
            "Change the participant of {name} on {day} to {who}",
        ),
    ).format(who=person.name, name=quoted(event.name), day=day(rng, when))
    lookups = [listing_of(when, len(events)), directory(person)]
    return Request(text, [change(event, "participant_email", person.address)], lookups)


def cancel_if_any(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete the events with somebody on a day, of which there may be none."""
    chosen = some_day(rng, office)
    if chosen is None:
        return None
    when, events = chosen
    address = pick(rng, events).person
    person = office.person(address) if rng.random() < 0.65 else pick(rng, office.people)
    if person is None:
        return None
    hit = [event for event in events if event.person == person.address]
    text = pick(
        rng,
        (
            "If I have a meeting with {who} on {day}, cancel it",
            "Cancel whatever I have with {who} on {day}, if there is anything",
        ),
    ).format(who=person.name, day=day(rng, when))
    if len(hit) > 1 and text.startswith("If"):
        return None
    return Request(
        text, [cancel(event) for event in hit], [listing_of(when, len(events))], f"{person.address} {when}"
    )


EASY = (schedule, rename, cancel_next, resize)
MEDIUM = (shift, move_within_day, clear_day, replace_participant, cancel_if_any)
