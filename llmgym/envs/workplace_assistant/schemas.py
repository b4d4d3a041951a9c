"""What a model is told about the 27 tools: names and parameters as in the public rows, descriptions of our own."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from llmgym.envs.workplace_assistant.workplace import Workplace
from llmgym.tools import Tool

__all__ = ["chat_tools", "tools_by_name"]

_ID = "Id of the {0}, 8 digits"
_DAY = "{0} day that counts, as YYYY-MM-DD"
_PAGES: Mapping[str, str] = {
    "page": "integer: Which page of the results; the first by default",
    "page_size": "integer: How many results a page has; 5 by default",
}
_DAYS: Mapping[str, str] = {"time_min": _DAY.format("First"), "time_max": _DAY.format("Last")}
_TASK: Mapping[str, str] = {
    "task_name": "Name of the task",
    "assigned_to_email": "Address of the member of the team who has the task",
    "list_name": "List: Backlog, In Progress, In Review or Completed",
    "due_date": "Day on which it is due, as YYYY-MM-DD",
    "board": "Board: Back end, Front end or Design",
}

# Name: (description, parameters, how many of them are required). Parameters are strings unless they say otherwise.
_TOOLS: Mapping[str, tuple[str, Mapping[str, str], int]] = {
    "company_directory_find_email_address": (
        "Look up the addresses of colleagues whose address contains a name, upper or lower case.",
        {"name": "A name or a part of it"},
        0,
    ),
    "email_get_email_information_by_id": (
        "Read one field of an email.",
        {
            "email_id": _ID.format("email"),
            "field": "One of email_id, inbox/outbox, sender/recipient, subject, sent_datetime, body",
        },
        2,
    ),
    "email_search_emails": (
        "Find emails that contain every word of a query in subject, body or address, the latest first.",
        {
            "query": "Words to look for; none to find all emails",
            "date_min": _DAY.format("First"),
            "date_max": _DAY.format("Last"),
            **_PAGES,
        },
        0,
    ),
    "email_send_email": (
        "Send an email.",
        {"recipient": "Address to send it to", "subject": "Subject", "body": "Text of the email"},
        3,
    ),
    "email_delete_email": ("Delete an email.", {"email_id": _ID.format("email")}, 1),
    "email_forward_email": (
        "Forward an email to somebody.",
        {"email_id": _ID.format("email"), "recipient": "Address to forward it to"},
        2,
    ),
    "email_reply_email": (
        "Reply to an email.",
        {"email_id": _ID.format("email"), "body": "Text of the reply"},
        2,
    ),
    "calendar_get_event_information_by_id": (
        "Read one field of an event.",
        {
            "event_id": _ID.format("event"),
            "field": "One of event_id, event_name, participant_email, event_start, duration",
        },
        2,
    ),
    "calendar_search_events": (
        "Find events by name or participant, the latest start first.",
        {
            "query": "Text to look for in the name and the participant's address; none to find all events",
            "time_min": "Earliest start, as YYYY-MM-DD HH:MM:SS",
            "time_max": "Latest start, as YYYY-MM-DD HH:MM:SS",
            **_PAGES,
        },
        0,
    ),
    "calendar_create_event": (
        "Create an event. Returns its id.",
        {
            "event_name": "Name of the event",
            "participant_email": "Address of the participant",
            "event_start": "Start, as YYYY-MM-DD HH:MM:SS",
            "duration": "Length in minutes",
        },
        4,
    ),
    "calendar_delete_event": ("Delete an event.", {"event_id": _ID.format("event")}, 1),
    "calendar_update_event": (
        "Change one field of an event.",
        {
            "event_id": _ID.format("event"),
            "field": "One of event_name, participant_email, event_start, duration",
            "new_value": "What the field shall be",
        },
        3,
    ),
    "analytics_get_visitor_information_by_id": (
        "List the visits of a visitor of the website.",
        {"visitor_id": "Id of the visitor"},
        1,
    ),
    "analytics_create_plot": (
        "Plot a measure of the website over a range of days. Returns the path of the picture.",
        {
            **_DAYS,
            "value_to_plot": "One of total_visits, session_duration_seconds, user_engaged, visits_direct, "
            "visits_referral, visits_search_engine, visits_social_media",
            "plot_type": "One of bar, line, scatter, histogram",
        },
        4,
    ),
    "analytics_total_visits_count": ("Count the visits of each day.", _DAYS, 0),
    "analytics_engaged_users_count": ("Count the engaged users of each day.", _DAYS, 0),
    "analytics_traffic_source_count": (
        "Count the visits of each day that came from one source.",
        {**_DAYS, "traffic_source": "One of direct, referral, search engine, social media; none for all"},
        0,
    ),
    "analytics_get_average_session_duration": (
        "Average the session duration of each day, in seconds.",
        _DAYS,
        0,
    ),
    "project_management_get_task_information_by_id": (
        "Read one field of a task.",
        {
            "task_id": _ID.format("task"),
            "field": "One of task_id, task_name, assigned_to_email, list_name, due_date, board",
        },
        2,
    ),
    "project_management_search_tasks": ("Find the tasks that match everything given.", _TASK, 0),
    "project_management_create_task": ("Create a task. Returns its id.", _TASK, 5),
    "project_management_delete_task": ("Delete a task.", {"task_id": _ID.format("task")}, 1),
    "project_management_update_task": (
        "Change one field of a task.",
        {
            "task_id": _ID.format("task"),
            "field": "One of task_name, assigned_to_email, list_name, due_date, board",
            "new_value": "What the field shall be",
        },
        3,
    ),
    "customer_relationship_manager_search_customers": (
        "Find the customers that match everything given.",
        {
            "customer_name": "Name of the customer",
            "customer_email": "Address of the customer",
            "product_interest": "Product: Software, Hardware, Services, Consulting or Training",
            "status": "Status: Qualified, Won, Lost, Lead or Proposal",
            "assigned_to_email": "Address of the colleague who looks after the customer",
            "last_contact_date_min": "Earliest last contact, as YYYY-MM-DD",
            "last_contact_date_max": "Latest last contact, as YYYY-MM-DD",
            "follow_up_by_min": "Earliest follow-up, as YYYY-MM-DD",
            "follow_up_by_max": "Latest follow-up, as YYYY-MM-DD",
            **_PAGES,
        },
        0,
    ),
    "customer_relationship_manager_update_customer": (
        "Change one field of a customer.",
        {
            "customer_id": _ID.format("customer"),
            "field": "One of customer_name, assigned_to_email, customer_email, customer_phone, last_contact_date, "
            "product_interest, status, notes, follow_up_by",
            "new_value": "What the field shall be",
        },
        3,
    ),
    "customer_relationship_manager_add_customer": (
        "Add a customer. Returns the id.",
        {
            "customer_name": "Name of the customer",
            "assigned_to_email": "Address of the colleague who looks after the customer",
            "status": "Status: Qualified, Won, Lost, Lead or Proposal",
            "customer_email": "Address of the customer",
            "customer_phone": "Phone number of the customer",
            "last_contact_date": "Last contact, as YYYY-MM-DD",
            "product_interest": "Product: Software, Hardware, Services, Consulting or Training",
            "notes": "Notes",
            "follow_up_by": "Day of the next contact, as YYYY-MM-DD",
        },
        3,
    ),
    "customer_relationship_manager_delete_customer": (
        "Delete a customer.",
        {"customer_id": _ID.format("customer")},
        1,
    ),
}


class WorkplaceTool(Tool):
    """A tool that is described by a table, not by a signature: it takes whatever JSON it is given.

    Its function takes the workplace, and the arguments by name.
    """

    @property
    def schema(self) -> dict[str, Any]:
        """The tool in Chat form, not strict, as in the public rows."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": {**function, "strict": False}}

    def __reduce__(self) -> tuple[Any, ...]:
        return _named, (self.name,)


def tools_by_name() -> dict[str, Tool]:
    """Return the tools by name, in the public order."""
    return dict(_MADE)


def chat_tools() -> list[dict[str, Any]]:
    """Return the tools in Chat form."""
    return [tool.schema for tool in _MADE.values()]


def _named(name: str) -> Tool:
    return _MADE[name]


def _called(name: str, workplace: Workplace, /, **arguments: Any) -> Any:
    return workplace.functions[name](**arguments)


def _made(name: str, description: str, parameters: Mapping[str, str], required: int) -> Tool:
    properties = {}
    for parameter, text in parameters.items():
        kind, _, told = text.partition(": ") if text.startswith("integer: ") else ("string", "", text)
        properties[parameter] = {"type": kind, "description": told}
    schema = {
        "type": "object",
        "properties": properties,
        "required": list(parameters)[:required],
        "additionalProperties": False,
    }
    return WorkplaceTool(name, description, partial(_called, name), schema)


_MADE = {name: _made(name, *told) for name, told in _TOOLS.items()}
