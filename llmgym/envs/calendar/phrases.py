"""The wording of requests: system prompts, four voices, and ways to name times, lengths and events."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from llmgym.envs.calendar.schedule import clock, short_time

__all__ = [
    "ADD",
    "BOTH",
    "BRIDGES",
    "CONSTRAIN",
    "SYSTEM",
    "chance",
    "pick",
    "said_length",
    "said_time",
    "sentence",
]

T = TypeVar("T")

EXAMPLE = (
    '[{"event_id": 0, "event_name": "first event", "start_time": "10:00", "duration": 60}, '
    '{"event_id": 1, "event_name": "second event", "start_time": "11:00", "duration": 45}]'
)

SYSTEM: tuple[str, ...] = (
    """You are a helpful assistant who also keeps the user's calendar for one day. Follow these rules.

1. Format: write the calendar as one JSON list with no other text inside it. Every entry has "event_id" (a unique integer), "event_name" (a string), "start_time" (a string, HH:MM on the 24-hour clock) and "duration" (an integer, in minutes).
2. The calendar is empty when the conversation starts.
3. Keep every constraint that the user puts on the time of an event, such as "before 11am", "after 2pm", "between 10am and noon" or "at 11:15am". A constraint holds for the rest of the conversation, also when events are moved.
4. No two events may overlap. When a request causes a conflict, move events to other free slots in which all constraints still hold. Do not ask for permission.
5. "Before 11am" means that the event ends at 11am or earlier. "After 2pm" means that it starts at 2pm or later. "Between" two times means that all of it lies between them.
6. All events lie between {opens} and {closes}.
7. Requests that have nothing to do with the calendar are answered as any helpful assistant would.
8. Never ask the user a question.
9. {display} Example: {example}""",
    """You help the user with anything they ask, and you manage their calendar for today.

Rules for the calendar:
- It starts out empty, and only the user adds events to it.
- Working hours are {opens} to {closes}; every event starts and ends within them.
- Events never overlap. If something new does not fit, rearrange the calendar yourself, without asking, so that everything fits.
- Time limits that the user gives for an event ("at 1:15pm", "after 2pm", "before noon", "between 10am and 11:30am") are permanent. Rearranging must not break them. "Before" a time means finished by then, "after" a time means not started earlier, and "between" means start and end both lie in the range.
- Print it as a JSON list of objects with the fields "event_id" (integer), "event_name" (string), "start_time" ("HH:MM", 24 hours) and "duration" (integer minutes), like this: {example}
- {display}
- Do not ask the user anything back. If the user merely chats, chat along.""",
    """Act as a friendly personal assistant. One of your duties is the user's schedule of the day ({opens} to {closes}).

How to keep the schedule:
(1) There is nothing in it at first.
(2) An event keeps its duration and its event id.
(3) Once the user has said when an event may take place, that stays binding. "before T": it is over by T. "after T": it begins at T or later. "between A and B": it begins no earlier than A and is over by B. "at T": it begins exactly at T.
(4) Overlaps are not allowed, and neither is anything outside {opens} to {closes}. Resolve conflicts on your own by moving events to slots that respect (3).
(5) Output format: one JSON list, an object for each event, with "event_id", "event_name", "start_time" as 24-hour HH:MM, and "duration" in minutes. Example: {example}
(6) {display}
(7) Answer all other messages helpfully, and do not ask follow-up questions.""",
)

DISPLAY = {
    True: (
        "Show the whole calendar in every answer.",
        "Every answer, whatever it is about, contains the full calendar.",
        "End each of your answers with the complete calendar, even if nothing has changed.",
    ),
    False: (
        "Show the whole calendar whenever the user adds or changes an event, even if nothing had to move.",
        "Whenever a message is about an event, answer with the full calendar, also if it stays as it was.",
        "Answer each request about the calendar with the complete calendar. Other answers do not need it.",
    ),
}
"""When the calendar must be shown: in every answer, or in answers to requests about it."""

ADD: dict[str, tuple[str, ...]] = {
    "brisk": (
        "Add: {name}, {length} (event id: {id}).",
        "New entry, event id: {id}. {name}. {length}.",
        "Put {name} on the calendar (event id: {id}). It takes {length}.",
        "One slot of {length} for {name} (event id: {id}).",
        "Next one: {name}, event id: {id}, {length} long.",
        "Schedule {name} for {length} (event id: {id}).",
        "I need {length} for {name} (event id: {id}).",
    ),
    "warm": (
        "Could you please add {name} to my day? It will take {length} (event id: {id}). Thank you!",
        "I would love to fit in {name} (event id: {id}), about {length} of it.",
        "Would you mind putting {name} on the calendar, please? {length} should do (event id: {id}).",
        "Please find a nice spot for {name} (event id: {id}). We usually need {length}.",
        "There is one more: {name}, for {length} (event id: {id}). Thanks so much!",
        "Could we make room for {name}? I think {length} is right (event id: {id}).",
        "Please add {name} (event id: {id}) and keep {length} free for it.",
    ),
    "formal": (
        "Please enter {name} (event id: {id}) with a duration of {length}.",
        "I should like to schedule {name} (event id: {id}). The duration is {length}.",
        "Kindly reserve {length} for {name} (event id: {id}).",
        "A further appointment has come up: {name}, event id: {id}, {length}.",
        "Would you add {name} (event id: {id}) to the calendar? It requires {length}.",
        "Please include {name} in today's schedule for {length} (event id: {id}).",
        "The following is to be added: {name} (event id: {id}), which lasts {length}.",
    ),
    "casual": (
        "Hey, can you chuck {name} in there? {length}, event id: {id}.",
        "Got another one for you: {name} (event id: {id}), {length} or it won't work.",
        "Oh, and {name}! Event id: {id}. Give me {length} for that.",
        "Can you squeeze in {name} (event id: {id})? It's {length}.",
        "Let's add {name}, {length} (event id: {id}).",
        "Hi! I need a slot of {length} for {name} (event id: {id}).",
        "Almost forgot {name} (event id: {id}). That's {length}.",
    ),
}
"""Requests for a new event, by voice."""

CONSTRAIN: dict[str, dict[str, tuple[str, ...]]] = {
    "before": {
        "brisk": (
            "{ref} must be over by {a}.",
            "Finish {ref} by {a}.",
            "Hard stop for {ref}: {a}.",
            "{ref}: before {a}.",
        ),
        "warm": (
            "Could {ref} please be done by {a}?",
            "It would help me a lot if {ref} ended by {a}.",
            "Please make sure that {ref} wraps up no later than {a}. Thank you!",
        ),
        "formal": (
            "Please see to it that {ref} concludes by {a}.",
            "{ref} has to end before {a}.",
            "I must ask that {ref} be finished no later than {a}.",
        ),
        "casual": (
            "{ref} has to be done by {a}, can you sort that?",
            "Can we get {ref} out of the way before {a}?",
            "Make sure {ref} is wrapped up by {a}, yeah?",
        ),
    },
    "after": {
        "brisk": (
            "{ref} not before {a}.",
            "Start {ref} at {a} or later.",
            "{ref}: after {a}.",
            "Earliest start for {ref} is {a}.",
        ),
        "warm": (
            "Could {ref} please start at {a} or later?",
            "I will only be ready for {ref} after {a}, if that is all right.",
            "Please let {ref} begin no earlier than {a}. Thanks!",
        ),
        "formal": (
            "Please arrange for {ref} to begin no earlier than {a}.",
            "{ref} should take place after {a}.",
            "It is essential that {ref} starts at or after {a}.",
        ),
        "casual": (
            "Can {ref} kick off at {a} or later?",
            "I can't do {ref} until {a}, so after that please.",
            "Push {ref} to {a} or any time later.",
        ),
    },
    "between": {
        "brisk": (
            "{ref} goes between {a} and {b}.",
            "Window for {ref}: {a} to {b}.",
            "Fit {ref} in between {a} and {b}.",
        ),
        "warm": (
            "Could {ref} please happen between {a} and {b}?",
            "The best time for {ref} would be between {a} and {b}, start to end.",
            "Please keep {ref} somewhere between {a} and {b}. Thank you!",
        ),
        "formal": (
            "Please place {ref} between {a} and {b}.",
            "{ref} must begin no earlier than {a} and end no later than {b}.",
            "The room for {ref} is available only between {a} and {b}; please plan accordingly.",
        ),
        "casual": (
            "Can we do {ref} somewhere between {a} and {b}?",
            "Slot {ref} in between {a} and {b}, would you?",
            "{ref} only works between {a} and {b}, all of it.",
        ),
    },
    "at": {
        "brisk": (
            "{ref} at {a} sharp.",
            "Set {ref} to {a}.",
            "{ref} starts at {a}. Fixed.",
            "Lock {ref} in at {a}.",
        ),
        "warm": (
            "Could you please set {ref} for {a}?",
            "Everyone can make {a} for {ref}, so please start it exactly then.",
            "Please let {ref} start at {a}. Thanks a lot!",
        ),
        "formal": (
            "Please fix {ref} at {a}.",
            "{ref} is to start at {a} precisely.",
            "It has been agreed that {ref} begins at {a}.",
        ),
        "casual": (
            "Let's do {ref} at {a} on the dot.",
            "Can you pin {ref} to {a}?",
            "Turns out {ref} has to start at {a}.",
        ),
    },
}
"""Requests that restrict an event, by kind of constraint and voice."""

BOTH = {
    "before": ("It has to be over by {a}.", "It must end by {a}.", "It needs to be finished before {a}."),
    "after": ("It cannot start before {a}.", "It has to start at {a} or later.", "Only after {a}, please."),
    "between": ("All of it has to lie between {a} and {b}.", "It must take place between {a} and {b}."),
    "at": ("It starts at {a}.", "The start has to be at {a} exactly.", "Please set it for {a}."),
}
"""Constraints told in the same message as the new event, by kind."""

BRIDGES = ("Also: ", "One more thing. ", "And then: ", "In the same go: ", "While you are at it: ")
"""Words that join two requests in one message."""

HOURS = ("twelve", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven")
LENGTHS = {
    30: "half an hour",
    45: "three quarters of an hour",
    60: "an hour",
    75: "an hour and a quarter",
    90: "an hour and a half",
}


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """Draw one of the options, each with the same probability."""
    return options[int(rng.integers(len(options)))]


def chance(rng: np.random.Generator, probability: float) -> bool:
    """Return true with this probability."""
    return bool(rng.random() < probability)


def sentence(text: str) -> str:
    """Return the text with a capital letter at the start of every sentence."""
    return re.sub(r"(?:^|(?<=[.?!] ))[a-z]", lambda match: match[0].upper(), text)


def said_time(minutes: int, style: str) -> str:
    """Return a time the way somebody says it.

    Args:
        minutes: Minutes after midnight.
        style: ``tight`` (2:15pm), ``spaced`` (2:15 pm), ``full`` (2:00 PM), ``clock`` (14:15) or ``spoken``.

    Example:
        >>> [said_time(855, style) for style in ("tight", "full", "clock", "spoken")]
        ['2:15pm', '2:15 PM', '14:15', 'a quarter past two in the afternoon']
    """
    short = short_time(minutes)
    if style == "clock":
        return clock(minutes)
    if style == "full":
        return f"{(minutes // 60 - 1) % 12 + 1}:{minutes % 60:02d} {short[-2:].upper()}"
    if style == "spoken":
        if minutes == 720:
            return "noon"
        hour, minute = divmod(minutes, 60)
        named = {0: "{} o'clock", 15: "a quarter past {}", 30: "half past {}", 45: "a quarter to {}"}.get(
            minute
        )
        if named is not None:
            part = "in the morning" if minutes < 720 else "in the afternoon"
            return f"{named.format(HOURS[(hour + (minute == 45)) % 12])} {part}"
    return f"{short[:-2]} {short[-2:]}" if style == "spaced" else short


def said_length(minutes: int, style: str) -> str:
    """Return a length of time as it is said: ``minutes`` (45 minutes), ``short`` (45 min) or ``words``.

    Example:
        >>> said_length(75, "words"), said_length(45, "short")
        ('an hour and a quarter', '45 min')
    """
    if style == "words" and minutes in LENGTHS:
        return LENGTHS[minutes]
    return f"{minutes} min" if style == "short" else f"{minutes} minutes"
