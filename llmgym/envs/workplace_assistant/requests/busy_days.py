"""Requests that weigh the events of a day, or join the calendar with mail."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np

from llmgym.envs.workplace_assistant.requests.emails import directory
from llmgym.envs.workplace_assistant.requests.events import (
    cancel,
    change,
    create,
    listing_of,
    next_with,
    some_day,
)
from llmgym.envs.workplace_assistant.requests.office import Office, Request, pick
from llmgym.envs.workplace_assistant.requests.wording import (
    BODIES,
    EVENT_NAMES,
    SUBJECTS,
    clock,
    day,
    length,
    quoted,
)

__all__ = ["HARD"]


def first_free(rng: np.random.Generator, office: Office) -> Request | None:
    """Create an event at the first free time of a day."""
    when, minutes, person = (
        pick(rng, office.workdays()),
        int(pick(rng, (30, 60, 90))),
        pick(rng, office.people),
    )
    events, starts = office.days.get(when, []), office.free_starts(when, minutes)
    if not starts or not events or starts[0].hour == 9 and starts[0].minute == 0:
        return None
    name = pick(rng, EVENT_NAMES)
    text = pick(
        rng,
        (
            "Find the earliest free slot on {day} for a {length} meeting with {who} and create the event {name}. "
            "It must start on the hour or at half past and overlap nothing",
            "Book a {length} meeting {name} with {who} on {day}, as early as my calendar allows within office hours. "
            "Meetings start on the full or half hour",
        ),
    ).format(day=day(rng, when), length=length(rng, minutes), who=person.name, name=quoted(name))
    lookups = [listing_of(when, len(events)), directory(person)]
    return Request(text, [create(name, person, starts[0], minutes)], lookups)


def schedule_if_free(rng: np.random.Generator, office: Office) -> Request | None:
    """Create an event unless something is in the way."""
    chosen, minutes, person = some_day(rng, office), int(pick(rng, (30, 60))), pick(rng, office.people)
    if chosen is None:
        return None
    when, events = chosen
    start = datetime(when.year, when.month, when.day, 9) + timedelta(minutes=30 * int(rng.integers(16)))
    name = pick(rng, EVENT_NAMES)
    text = pick(
        rng,
        (
            "If I am free on {day} from {start} to {end}, create an event {name} with {who} for that time. If not, do "
            "nothing",
            "Check my calendar for {day}: if nothing overlaps the time from {start} to {end}, book {name} with {who} "
            "there, otherwise leave it as it is",
        ),
    ).format(
        day=day(rng, when),
        start=clock(rng, start),
        end=clock(rng, start + timedelta(minutes=minutes)),
        name=quoted(name),
        who=person.name,
    )
    free = office.is_free(start, minutes)
    lookups = [listing_of(when, len(events)), directory(person)]
    actions = [create(name, person, start, minutes)] if free else []
    return Request(text, actions, lookups, f"{person.address} {start} {minutes} {name}")


def cancel_longest(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete the longest or shortest event of a day."""
    chosen, longest = some_day(rng, office, 3), rng.random() < 0.6
    if chosen is None:
        return None
    when, events = chosen
    lengths = sorted((event.minutes for event in events), reverse=longest)
    if lengths[0] == lengths[1]:
        return None
    event = next(event for event in events if event.minutes == lengths[0])
    text = pick(
        rng,
        (
            "Cancel the {which} event that I have on {day}",
            "My {day} is too full. Delete the {which} event of that day",
        ),
    ).format(which="longest" if longest else "shortest", day=day(rng, when))
    return Request(text, [cancel(event)], [listing_of(when, len(events))])


def cancel_and_tell(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete the next event with somebody, and write to them."""
    person, subject, body = pick(rng, office.people), pick(rng, SUBJECTS), pick(rng, BODIES)
    found = next_with(office, person)
    if found is None:
        return None
    text = pick(
        rng,
        (
            "Cancel my next meeting with {who} and send them an email with the subject {subject} and the body {body}",
            "Delete the next event with {who} from my calendar, then email them: subject {subject}, text {body}",
        ),
    ).format(who=person.name, subject=quoted(subject), body=quoted(body))
    send = ("email_send_email", {"recipient": person.address, "subject": subject, "body": body})
    return Request(text, [cancel(found[0]), send], [found[1], directory(person)])


def swap(rng: np.random.Generator, office: Office) -> Request | None:
    """Exchange the participants of the first and the last event of a day."""
    chosen = some_day(rng, office, 2)
    if chosen is None:
        return None
    when, events = chosen
    first, last = events[0], events[-1]
    if first.person == last.person:
        return None
    text = pick(
        rng,
        (
            "Swap the participants of my first and my last event on {day}",
            "On {day} the participant of my first event and the one of my last event want to trade places. Change both",
        ),
    ).format(day=day(rng, when))
    actions = [
        change(first, "participant_email", last.person),
        change(last, "participant_email", first.person),
    ]
    return Request(text, actions, [listing_of(when, len(events))])


def write_to_participants(rng: np.random.Generator, office: Office) -> Request | None:
    """Write to whoever takes part in the first event of a day, and to whoever takes part in the last."""
    chosen, subject, body = some_day(rng, office, 2), pick(rng, SUBJECTS), pick(rng, BODIES)
    if chosen is None:
        return None
    when, events = chosen
    if events[0].person == events[-1].person:
        return None
    text = pick(
        rng,
        (
            "Send an email with the subject {subject} and the body {body} to the participant of my first event on {day}, "
            "and after that the same email to the participant of my last event that day",
        ),
    ).format(subject=quoted(subject), body=quoted(body), day=day(rng, when))
    actions = [
        ("email_send_email", {"recipient": event.person, "subject": subject, "body": body})
        for event in (events[0], events[-1])
    ]
    return Request(text, actions, [listing_of(when, len(events))])


HARD = (first_free, schedule_if_free, cancel_longest, cancel_and_tell, swap, write_to_participants)
