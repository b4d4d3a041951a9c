"""The calendar: search, create, change and delete events."""

from __future__ import annotations

from typing import Any

from llmgym.envs.workplace_assistant.matching import chosen, contains, either
from llmgym.envs.workplace_assistant.timestamps import at_or_after, timestamp
from llmgym.envs.workplace_assistant.toolkits.paging import page_of
from llmgym.verifiers.tables import Table

__all__ = ["CalendarTool"]

_FIELDS = ("event_id", "event_name", "participant_email", "event_start", "duration")
_CHANGEABLE = _FIELDS[1:]
_BAD_ID = "Invalid event ID format. Expected 8-digit ID."


class CalendarTool:
    """The calendar of the user.

    Args:
        events: Its table.
    """

    def __init__(self, events: Table):
        self.events = events

    def get_event_information_by_id(self, event_id: Any = None, field: Any = None) -> Any:
        """Return a field of an event."""
        if not event_id:
            return "Event ID not provided."
        if not field:
            return "Field not provided."
        if not _is_id(event_id):
            return _BAD_ID
        if field not in _FIELDS:
            return f"Invalid field. Available fields are: {', '.join(_FIELDS)}"
        found = self.events.records(self.events.equal("event_id", event_id))
        return {field: found[0][field]} if found else "Event not found."

    def search_events(
        self, query: Any = "", time_min: Any = None, time_max: Any = None, page: Any = 1, page_size: Any = 5
    ) -> Any:
        """Return a page of the events whose name or participant matches a query, the latest first."""
        for name, bound in (("time_min", time_min), ("time_max", time_max)):
            if bound and not _is_moment(bound):
                return f"Invalid {name} format. Expected YYYY-MM-DD HH:MM:SS."
        mask = either(
            contains(self.events.column("event_name"), query),
            contains(self.events.column("participant_email"), query),
        )
        found = [(timestamp(event["event_start"]), event) for event in chosen(self.events, mask).records()]
        # The start is compared with both bounds, whatever the public schema says of the end.
        if time_min:
            found = [(start, event) for start, event in found if at_or_after(start, timestamp(time_min))]
        if time_max:
            found = [(start, event) for start, event in found if at_or_after(timestamp(time_max), start)]
        if not found:
            return "No events found."
        found.sort(key=lambda dated: _Order(dated[0]), reverse=True)
        return page_of([event for _, event in found], "events", page, page_size)

    def create_event(
        self,
        event_name: Any = None,
        participant_email: Any = None,
        event_start: Any = None,
        duration: Any = None,
    ) -> str:
        """Add an event, with all values stored as they are given, and return its id."""
        if not event_name:
            return "Event name not provided."
        if not participant_email:
            return "Participant email not provided."
        if not event_start:
            return "Event start not provided."
        if not duration:
            return "Event duration not provided."
        problem = _problem_of_start(event_start) or _problem_of_duration(duration)
        if problem:
            return problem
        participant_email = participant_email.lower()
        event_id = str(self.events.following("event_id")).zfill(8)
        event = {
            "event_id": event_id,
            "event_name": event_name,
            "participant_email": participant_email,
            "event_start": event_start,
            "duration": duration,
        }
        # The public server keeps the index label of the frame that holds the new row alone.
        self.events = self.events.appended(event, label=0)
        return event_id

    def delete_event(self, event_id: Any = None) -> str:
        """Delete an event."""
        if not event_id:
            return "Event ID not provided."
        if not _is_id(event_id):
            return _BAD_ID
        if not self.events.holds("event_id", event_id):
            return "Event not found."
        self.events = self.events.kept([not same for same in self.events.equal("event_id", event_id)])
        return "Event deleted successfully."

    def update_event(self, event_id: Any = None, field: Any = None, new_value: Any = None) -> str:
        """Change a field of an event."""
        if not event_id or not field or not new_value:
            return "Event ID, field, or new value not provided."
        if not _is_id(event_id):
            return _BAD_ID
        if field not in _CHANGEABLE:
            return f"Invalid field. Available fields are: {', '.join(_CHANGEABLE)}"
        problem = None
        if field == "event_start":
            problem = _problem_of_start(new_value)
        elif field == "duration":
            problem = _problem_of_duration(new_value)
        elif field == "participant_email":
            new_value = new_value.lower()
        if problem:
            return problem
        if not self.events.holds("event_id", event_id):
            return "Event not found."
        self.events = self.events.assigned(self.events.equal("event_id", event_id), field, new_value)
        return "Event updated successfully."


class _Order:
    """Orders points in time; an empty one is neither before nor after another."""

    def __init__(self, moment: Any):
        self.moment = moment

    def __lt__(self, other: _Order) -> bool:
        if self.moment is None or other.moment is None:
            return False
        return not at_or_after(self.moment, other.moment)


def _is_id(event_id: Any) -> bool:
    return isinstance(event_id, str) and len(event_id) == 8 and event_id.isdigit()


def _is_moment(value: Any) -> bool:
    try:
        timestamp(value)
    except ValueError:
        return False
    return True


def _problem_of_start(value: Any) -> str | None:
    return None if _is_moment(value) else "Invalid event_start format. Expected YYYY-MM-DD HH:MM:SS."


def _problem_of_duration(value: Any) -> str | None:
    try:
        if int(value) <= 0:
            return "Duration must be a positive number of minutes."
    except ValueError:
        return "Invalid duration format. Expected a number of minutes."
    return None
