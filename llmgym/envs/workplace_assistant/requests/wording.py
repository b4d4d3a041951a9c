"""How days, times and measures are said."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np

from llmgym.envs.workplace_assistant.requests.office import TODAY, pick

__all__ = [
    "BODIES",
    "EVENT_NAMES",
    "MEASURES",
    "PLOTS",
    "SUBJECTS",
    "TASK_NAMES",
    "clock",
    "day",
    "length",
    "quoted",
]

MEASURES = {
    "total_visits": "total visits",
    "session_duration_seconds": "session durations",
    "user_engaged": "engaged users",
    "visits_direct": "direct visits",
    "visits_referral": "visits by referral",
    "visits_search_engine": "visits from search engines",
    "visits_social_media": "visits from social media",
}
"""Words for what can be plotted."""

PLOTS = {"bar": "bar chart", "line": "line chart", "scatter": "scatter plot", "histogram": "histogram"}
"""Words for how it can be plotted."""

SUBJECTS = (
    "Change of plan",
    "Documents needed",
    "Great work",
    "Key for the archive",
    "Lunch on Friday",
    "My part is done",
    "New deadline",
    "Numbers for the board",
    "Parking space",
    "Please check",
    "Quick question",
    "Room change",
    "Short notice",
    "Signature missing",
    "Visitors next week",
)
"""Subjects that users dictate."""

BODIES = (
    "Can we talk about it over coffee?",
    "Could you send me the latest version, please?",
    "Everything is settled on my side.",
    "I am out of office tomorrow, so please ask Robin instead.",
    "I have put the documents on your desk.",
    "I will get back to you by Monday.",
    "Let me know if you need anything else.",
    "Please go ahead without me.",
    "Please read it before the meeting.",
    "Sorry for the delay, I will look into it today.",
    "Thank you, this is exactly what I needed.",
    "That works for me.",
    "The figures are final now.",
    "This has to wait until next month.",
    "Well done, the customer was delighted.",
    "We have to start half an hour later.",
)
"""Texts that users dictate."""

EVENT_NAMES = (
    "Bug bash",
    "Catch-up",
    "Closing session",
    "Coffee chat",
    "Contract signing",
    "Decision meeting",
    "Follow-up",
    "Handover",
    "Idea exchange",
    "Lessons learned",
    "Planning round",
    "Press briefing",
    "Quality check",
    "Risk talk",
    "Strategy hour",
    "Test drive",
    "Warm-up",
    "Year-end review",
)
"""Names of new events."""

TASK_NAMES = (
    "Clean up the backlog",
    "Collect feedback from support",
    "Compare three suppliers",
    "Document the release steps",
    "Measure the loading times",
    "Order test devices",
    "Plan the next survey",
    "Prepare the security checklist",
    "Record a demo video",
    "Remove unused feature flags",
    "Renew the certificates",
    "Update the style guide",
    "Write release notes",
    "Write the migration guide",
)
"""Names of new tasks."""


_MONTHS = ("January February March April May June July August September October November December").split()
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


def quoted(text: str) -> str:
    """Put a text into quotation marks that it does not contain."""
    return f"'{text}'" if '"' in text else f'"{text}"'


def day(rng: np.random.Generator, when: date) -> str:
    """Say a day, with the year unless it is the present one."""
    # Not by strftime, whose words depend on the locale of the process.
    month, weekday = _MONTHS[when.month - 1], _WEEKDAYS[when.weekday()]
    if when.year != TODAY.year:
        return f"{month} {when.day}, {when.year}"
    ways = (
        f"{month} {when.day}",
        f"{month[:3]} {when.day}",
        f"{weekday}, {month} {when.day}",
        f"the {_ordinal(when.day)} of {month}",
        f"{when}",
    )
    return pick(rng, ways)


def clock(rng: np.random.Generator, when: datetime) -> str:
    """Say a time of day."""
    hour = when.hour % 12 or 12
    half = "am" if when.hour < 12 else "pm"
    short = f"{hour}{half}" if when.minute == 0 else f"{hour}:{when.minute:02d}{half}"
    return pick(rng, (short, short, f"{when:%H:%M}"))


def length(rng: np.random.Generator, minutes: int) -> str:
    """Say a length of time as an adjective: "half-hour", "90-minute"."""
    words = {30: ("half-hour", "30-minute"), 60: ("one-hour", "60-minute"), 120: ("two-hour", "120-minute")}
    return pick(rng, words.get(minutes, (f"{minutes}-minute",)))


def _ordinal(number: int) -> str:
    if number % 100 in (11, 12, 13):
        return f"{number}th"
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th') }"
