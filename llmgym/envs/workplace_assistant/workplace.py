"""A workplace: the tables of a company, and the tools that work on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from llmgym.envs.workplace_assistant.toolkits import (
    AnalyticsTool,
    CalendarTool,
    CompanyDirectoryTool,
    CustomerRelationshipManagerTool,
    EmailTool,
    ProjectManagementTool,
)
from llmgym.verifiers.tables import Table

__all__ = ["COLUMNS", "READERS", "Company", "Workplace"]

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "emails": ("email_id", "inbox/outbox", "sender/recipient", "subject", "sent_datetime", "body"),
    "events": ("event_id", "event_name", "participant_email", "event_start", "duration"),
    "visits": (
        "date_of_visit",
        "visitor_id",
        "page_views",
        "session_duration_seconds",
        "traffic_source",
        "user_engaged",
    ),
    "tasks": ("task_id", "task_name", "assigned_to_email", "list_name", "due_date", "board"),
    "customers": (
        "customer_id",
        "assigned_to_email",
        "customer_name",
        "customer_email",
        "customer_phone",
        "last_contact_date",
        "product_interest",
        "status",
        "follow_up_by",
        "notes",
    ),
}
"""Columns of the tables, in the order of the public files."""

READERS = frozenset(
    {
        "company_directory_find_email_address",
        "email_get_email_information_by_id",
        "email_search_emails",
        "calendar_get_event_information_by_id",
        "calendar_search_events",
        "analytics_get_visitor_information_by_id",
        "analytics_total_visits_count",
        "analytics_engaged_users_count",
        "analytics_traffic_source_count",
        "analytics_get_average_session_duration",
        "project_management_get_task_information_by_id",
        "project_management_search_tasks",
        "customer_relationship_manager_search_customers",
    }
)
"""Tools that change none of the tables that are compared."""


_MANY_ROWS = 5_000


@dataclass(frozen=True, eq=False)
class Company:
    """The data of a company, never changed.

    Attributes:
        directory: All addresses.
        emails: The mailbox of the user.
        events: The calendar of the user.
        visits: Visits of the website.
        tasks: Tasks of the team.
        customers: The customers.
    """

    directory: tuple[str, ...]
    emails: Table
    events: Table
    visits: Table
    tasks: Table
    customers: Table

    def __deepcopy__(self, memo: dict[int, Any]) -> Company:
        return self

    @cached_property
    def is_large(self) -> bool:
        """Whether its tables are so long that work on them belongs in a thread."""
        tables = (self.emails, self.events, self.visits, self.tasks, self.customers)
        return max(map(len, tables)) > _MANY_ROWS


class Workplace:
    """A company at work, in a state of its own.

    Args:
        company: What it starts from.

    Example:
        >>> empty = Company((), *(Table(COLUMNS[name]) for name in COLUMNS))
        >>> Workplace(empty).functions["calendar_delete_event"](event_id="7")
        'Invalid event ID format. Expected 8-digit ID.'
    """

    def __init__(self, company: Company):
        self.company = company
        self._directory = CompanyDirectoryTool(company.directory)
        self._email = EmailTool(company.emails)
        self._calendar = CalendarTool(company.events)
        self._analytics = AnalyticsTool(company.visits)
        self._tasks = ProjectManagementTool(company.tasks)
        self._customers = CustomerRelationshipManagerTool(company.customers)

    def __deepcopy__(self, memo: dict[int, Any]) -> Workplace:
        copied = Workplace(self.company)
        copied._email.emails, copied._calendar.events = self._email.emails, self._calendar.events
        copied._analytics.visits, copied._analytics.plots = self._analytics.visits, self._analytics.plots
        copied._tasks.tasks, copied._customers.customers = self._tasks.tasks, self._customers.customers
        return copied

    def __getstate__(self) -> dict[str, Any]:
        # The functions are bound to this object and made again on demand.
        return {key: value for key, value in self.__dict__.items() if key != "functions"}

    @cached_property
    def functions(self) -> dict[str, Callable[..., Any]]:
        """The 27 tools by their public names."""
        email, calendar, analytics = self._email, self._calendar, self._analytics
        tasks, customers = self._tasks, self._customers
        return {
            "company_directory_find_email_address": self._directory.find_email_address,
            "email_get_email_information_by_id": email.get_email_information_by_id,
            "email_search_emails": email.search_emails,
            "email_send_email": email.send_email,
            "email_delete_email": email.delete_email,
            "email_forward_email": email.forward_email,
            "email_reply_email": email.reply_email,
            "calendar_get_event_information_by_id": calendar.get_event_information_by_id,
            "calendar_search_events": calendar.search_events,
            "calendar_create_event": calendar.create_event,
            "calendar_delete_event": calendar.delete_event,
            "calendar_update_event": calendar.update_event,
            "analytics_get_visitor_information_by_id": analytics.get_visitor_information_by_id,
            "analytics_create_plot": analytics.create_plot,
            "analytics_total_visits_count": analytics.total_visits_count,
            "analytics_engaged_users_count": analytics.engaged_users_count,
            "analytics_traffic_source_count": analytics.traffic_source_count,
            "analytics_get_average_session_duration": analytics.get_average_session_duration,
            "project_management_get_task_information_by_id": tasks.get_task_information_by_id,
            "project_management_search_tasks": tasks.search_tasks,
            "project_management_create_task": tasks.create_task,
            "project_management_delete_task": tasks.delete_task,
            "project_management_update_task": tasks.update_task,
            "customer_relationship_manager_search_customers": customers.search_customers,
            "customer_relationship_manager_update_customer": customers.update_customer,
            "customer_relationship_manager_add_customer": customers.add_customer,
            "customer_relationship_manager_delete_customer": customers.delete_customer,
        }

    @property
    def writers(self) -> dict[str, Callable[..., Any]]:
        """The tools that may change a table."""
        return {name: function for name, function in self.functions.items() if name not in READERS}

    @property
    def tables(self) -> dict[str, Table]:
        """The tables that the public verifier compares. Visits and addresses are not among them."""
        return {
            "calendar": self._calendar.events,
            "emails": self._email.emails,
            "plots": self._analytics.plots,
            "project_tasks": self._tasks.tasks,
            "customers": self._customers.customers,
        }
