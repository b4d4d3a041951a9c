r"""Grading of calendars: a JSON list of events against what a conversation had asked for.

The rules are those of the public calendar verifier (``calendar`` of NeMo Gym), all or nothing, quirks included.
Where that one can be kept busy for hours by a short text, this one takes time linear in the text (times a logarithm
for the number of events) and gives the same reward.
"""

from __future__ import annotations

import json
import math
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from typing import Any

from llmgym.verdict import Verdict

__all__ = ["REASONS", "find_event_list", "grade_calendar", "parse_time"]

REASONS = (
    "think_found",
    "no_json_list",
    "different_number_of_events",
    "conflicting_events",
    "constraint_violated",
    "error_in_grading",
)
"""The reasons for a reward of 0, in the order in which the rule checks them; an error may come at any point."""

_SPECIAL = re.compile(r"[\[\]{}]")
_LONGEST_ERROR = 200


def grade_calendar(text: str, expected: Mapping[str, Mapping[str, Any]]) -> Verdict:
    """Grade a calendar written by an assistant.

    The public verifier's rule, step by step: a text with ``<think>`` earns 0; if nothing is expected, any other text
    earns 1; the first JSON list with an object in it (:func:`find_event_list`) is the calendar; it must have as many
    different event ids as are expected; no two different entries may overlap; and every expected event must have its
    duration, lie within its window and meet its constraint. Names are not checked. Whatever goes wrong on the way
    earns 0.

    Args:
        text: The text of the assistant's last message.
        expected: For each event id, as a string, an object of ``duration`` (minutes), ``min_time``, ``max_time``
            (``HH:MM``) and ``constraint`` (null, ``before T``, ``after T``, ``between A and B`` or ``at T``; any
            other string demands nothing).

    Returns:
        A verdict with a reward of 1 or 0. The reason of a 0 is one of :data:`REASONS`; for ``error_in_grading`` the
        metric ``error`` says what went wrong. With nothing expected, the verdict is vacuous.

    Example:
        >>> window = {"duration": 60, "constraint": "after 1pm", "min_time": "10:00", "max_time": "16:00"}
        >>> grade_calendar('[{"event_id": 0, "start_time": "13:30", "duration": 60}]', {"0": window}).reward
        1.0
    """
    if "<think>" in text:
        return Verdict(0.0, reason="think_found")
    if not expected:
        return Verdict(1.0, reason="nothing_expected", vacuous=True)
    # What the rule does with odd values is to fail on them: the failure is the model's, and data.
    try:
        reason = _fault(text, expected)
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        detail = f"{type(error).__name__}: {error}"[:_LONGEST_ERROR]
        return Verdict(0.0, reason="error_in_grading", metrics={"error": detail})
    return Verdict(0.0 if reason else 1.0, reason=reason)


def find_event_list(text: str) -> str | None:
    r"""Return the first JSON list that contains an object, as the public verifier finds it.

    It is exactly what this search returns, which can take a time exponential in the length of the text::

        re.search(r"\[(?:[^\[\]]|\{[^}]*\})*\{(?:[^\[\]]|\{[^}]*\})*\}(?:[^\[\]]|\{[^}]*\})*\]", text, re.DOTALL)

    The pattern has no captures, so what a backtracking search prefers from one place in the pattern and one
    position in the text does not depend on how it came there. There are three places: the loop before the object,
    the one within it and the one after it. The text is read once, from its end, and for each place the end of the
    preferred match from the current position is kept. Characters other than brackets and braces change nothing.

    Args:
        text: Any text, of any length.

    Example:
        >>> find_event_list('Here: [1, 2] and [{"event_id": 0}], done')
        '[{"event_id": 0}]'
    """
    found: tuple[int, int] | None = None
    # Ends of the preferred match in the loops before, within and after the object; 0 is "no match".
    before = within = after = 0
    # The same three just behind the nearest closing brace: where the alternative \{[^}]*\} of a loop leads.
    jump_before = jump_within = jump_after = 0
    for special in _SPECIAL.finditer(text[::-1]):
        position, character = len(text) - 1 - special.start(), special[0]
        if character == "[":
            if before:
                found = (position, before)
            before = within = after = 0
        elif character == "]":
            before = within = 0
            after = position + 1
        elif character == "{":
            # The order of preference: the character, the braces as a whole, leaving the loop.
            before = before or jump_before or within
            within = within or jump_within
            after = after or jump_after
        else:
            jump_before, jump_within, jump_after = before, within, after
            within = within or after
    return None if found is None else text[found[0] : found[1]]


def parse_time(value: str) -> int:
    """Return a time of day in minutes after midnight.

    The public verifier's rule: ``H:MM``, or ``H`` or ``H:MM`` with ``am`` or ``pm`` at the end, in lower case. The
    numbers are read by :class:`int`, so signs, underscores and digits of any script are valid, and no range is
    checked.

    Raises:
        TypeError: When the value is not a string.
        ValueError: When the string is not a time.

    Example:
        >>> parse_time("13:30"), parse_time("1:30 pm"), parse_time("12am")
        (810, 810, 0)
    """
    if not isinstance(value, str):
        raise TypeError(f"a time must be a string, not {type(value).__name__}")
    value = value.strip()
    if "am" not in value and "pm" not in value:
        hours, minutes = (int(part) for part in value.split(":"))
        return hours * 60 + minutes
    if not value.endswith(("am", "pm")):
        raise ValueError(f"am or pm must be at the end of a time, not as in {value[:40]!r}")
    clock, half = value[:-2], value[-2:]
    hours, minutes = (int(part) for part in (clock if ":" in clock else clock + ":0").split(":"))
    if hours == 12:
        hours = 0
    return (hours + (12 if half == "pm" else 0)) * 60 + minutes


def _fault(text: str, expected: Mapping[str, Mapping[str, Any]]) -> str:
    found = find_event_list(text)
    if found is None:
        return "no_json_list"
    try:
        entries = json.loads(found)
    except ValueError:
        return "no_json_list"
    events = {str(entry["event_id"]): entry for entry in entries}
    if len(events) != len(expected):
        return "different_number_of_events"
    if _conflict(entries):
        return "conflicting_events"
    for event_id, wanted in expected.items():
        if not _satisfies(events[event_id], wanted):
            return "constraint_violated"
    return ""


def _conflict(entries: Sequence[Mapping[str, Any]]) -> bool:
    """Tell whether two unequal entries a and b overlap: not (a ends <= b starts or a starts >= b ends).

    Entries with different starts are never equal. An entry that ends after its start is called real here; the
    others, of zero or negative length, overlap only what began before their end and ends after their start.
    """
    by_start: dict[int, list[tuple[float, Mapping[str, Any]]]] = {}
    for entry in entries:
        start = parse_time(entry["start_time"])
        end = start + entry["duration"]
        # Every comparison with a NaN is false in the rule, as it is with an end that never comes.
        by_start.setdefault(start, []).append((math.inf if end != end else end, entry))
    starts = sorted(by_start)
    latest: list[float] = [-math.inf]
    for start in starts:
        latest.append(max(latest[-1], max(end for end, _ in by_start[start])))
    for start in starts:
        real = [entry for end, entry in by_start[start] if end > start]
        if any(entry != real[0] for entry in real):
            return True
        if any(latest[bisect_left(starts, min(start, end))] > start for end, _ in by_start[start]):
            return True
    return False


def _satisfies(event: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    if event["duration"] != wanted["duration"]:
        return False
    start = parse_time(event["start_time"])
    end = start + event["duration"]
    if start < parse_time(wanted["min_time"]) or end > parse_time(wanted["max_time"]):
        return False
    constraint = wanted["constraint"]
    if constraint is None:
        return True
    kind, _, when = constraint.partition(" ")
    if kind == "before":
        return end <= parse_time(when)
    if kind == "after":
        return start >= parse_time(when)
    if kind == "between":
        earliest, latest = when.split(" and ")
        return start >= parse_time(earliest) and end <= parse_time(latest)
    if kind == "at":
        return start == parse_time(when)
    return True
