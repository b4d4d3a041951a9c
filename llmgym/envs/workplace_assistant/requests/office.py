"""What the author of a task knows: the tables of a company as typed records, and the names people go by."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

import numpy as np

from llmgym.envs.workplace_assistant.timestamps import NOW, timestamp
from llmgym.envs.workplace_assistant.workplace import Company
from llmgym.verifiers.tables import Table, is_missing

__all__ = ["Customer", "Event", "Job", "Mail", "Office", "Person", "Request", "TODAY", "pick", "sample"]

T = TypeVar("T")

TODAY = NOW.date()
"""The day on which all requests are made."""

_OPENING, _CLOSING = 9, 18


@dataclass(frozen=True, slots=True)
class Request:
    """A task before it is a row.

    Attributes:
        text: What the user says.
        actions: The calls that do it, as names and arguments.
        lookups: Calls that find out all that the actions need.
        about: What makes it the same request as another one, besides the actions.
    """

    text: str
    actions: list[tuple[str, dict[str, Any]]]
    lookups: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    about: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A colleague.

    Attributes:
        address: Their address.
        name: What they are called in a request: the first name if no other colleague has it, else the full name.
        query: What finds their address in the directory.
    """

    address: str
    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail; ``received`` tells the inbox from the outbox."""

    id: str
    received: bool
    person: str
    subject: str
    sent: datetime
    body: str


@dataclass(frozen=True, slots=True)
class Event:
    """An event."""

    id: str
    name: str
    person: str
    start: datetime
    minutes: int

    @property
    def end(self) -> datetime:
        """When it is over."""
        return self.start + timedelta(minutes=self.minutes)


@dataclass(frozen=True, slots=True)
class Job:
    """A task on a board."""

    id: str
    name: str
    person: str
    list_name: str
    due: date
    board: str


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer."""

    id: str
    person: str
    name: str
    email: str
    phone: str
    contact: date
    product: str
    status: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit of the website."""

    day: date
    seconds: float
    source: str
    engaged: bool


class Office:
    """A company as its people see it. Rows with gaps or unreadable dates are left out of requests.

    Args:
        company: The company.
    """

    def __init__(self, company: Company):
        self.company = company
        self.people = _people(company.directory)
        self._by_address = {person.address: person for person in self.people}
        self.mails = [
            Mail(r[0], r[1] == "inbox", r[2], r[3], sent, r[5])
            for r in _whole(company.emails, 6)
            if (sent := _moment(r[4])) is not None
        ]
        self.mails.sort(key=lambda mail: mail.sent)
        self._received: dict[str, list[Mail]] = {}
        for mail in self.mails:
            if mail.received:
                self._received.setdefault(mail.person, []).append(mail)
        self.events = [
            Event(r[0], r[1], r[2], start, int(r[4]))
            for r in _whole(company.events, 5)
            if (start := _moment(r[3])) is not None and r[4].isdigit()
        ]
        self.events.sort(key=lambda event: event.start)
        self.jobs = [
            Job(r[0], r[1], r[2], r[3], due.date(), r[5])
            for r in _whole(company.tasks, 6)
            if (due := _moment(r[4])) is not None
        ]
        self.customers = [
            Customer(r[0], r[1], r[2], r[3], "" if is_missing(r[4]) else r[4], contact.date(), r[6], r[7])
            for r in _whole(company.customers, 4)
            if not any(map(is_missing, r[5:8])) and (contact := _moment(r[5])) is not None
        ]
        self.visits = [
            Visit(day.date(), float(r[3]), r[4], r[5])
            for r in _whole(company.visits, 6)
            if (day := _moment(r[0])) is not None
        ]
        self.days: dict[date, list[Event]] = {}
        for event in self.events:
            self.days.setdefault(event.start.date(), []).append(event)
        self.assignees = self._known(job.person for job in self.jobs)
        self.salespeople = self._known(customer.person for customer in self.customers)
        self.days_of_visits: dict[date, list[Visit]] = {}
        for visit in self.visits:
            self.days_of_visits.setdefault(visit.day, []).append(visit)

    def _known(self, addresses: Any) -> list[Person]:
        return [
            self._by_address[address] for address in dict.fromkeys(addresses) if address in self._by_address
        ]

    def person(self, address: str) -> Person | None:
        """Return the colleague of an address, if there is one."""
        return self._by_address.get(address)

    def mails_from(self, person: Person) -> list[Mail]:
        """Return the mails that somebody sent, the earliest first."""
        return self._received.get(person.address, [])

    def mails_with(self, *texts: str, since: date | None = None, until: date | None = None) -> list[Mail]:
        """Return the mails that a search for texts finds, the earliest first."""
        queries = " ".join(texts).lower().split()
        first = 0 if since is None else bisect_left(self.mails, since, key=lambda mail: mail.sent.date())
        last = (
            len(self.mails)
            if until is None
            else bisect_right(self.mails, until, key=lambda mail: mail.sent.date())
        )
        return [
            mail
            for mail in self.mails[first:last]
            if all(word in f"{mail.subject} {mail.body} {mail.person}".lower() for word in queries)
        ]

    def workdays(self, first: int = 1, last: int = 21) -> list[date]:
        """Return the working days between so many days from today, both included."""
        days = (TODAY + timedelta(days=n) for n in range(first, last + 1))
        return [day for day in days if day.weekday() < 5]

    def is_free(self, start: datetime, minutes: int, but: Event | None = None) -> bool:
        """Tell whether a time lies within office hours and overlaps no event, an event to be moved left out."""
        end = start + timedelta(minutes=minutes)
        if start.hour < _OPENING or end > start.replace(hour=_CLOSING, minute=0, second=0):
            return False
        events = self.days.get(start.date(), [])
        return all(event is but or event.end <= start or event.start >= end for event in events)

    def free_starts(self, day: date, minutes: int) -> list[datetime]:
        """Return the full and half hours of a day at which a meeting of some length can start."""
        first = datetime(day.year, day.month, day.day, _OPENING)
        starts = [first + timedelta(minutes=30 * n) for n in range(2 * (_CLOSING - _OPENING))]
        return [start for start in starts if self.is_free(start, minutes)]


def pick(rng: np.random.Generator, options: Sequence[T]) -> T:
    """Draw one of some options."""
    return options[int(rng.integers(len(options)))]


def sample(rng: np.random.Generator, options: Sequence[T], count: int) -> list[T]:
    """Draw different ones of some options."""
    return [options[int(place)] for place in rng.choice(len(options), size=count, replace=False)]


def _people(directory: Sequence[str]) -> list[Person]:
    split = {address: address.partition("@")[0].split(".") for address in directory}
    firsts = Counter(parts[0] for parts in split.values())
    people = []
    for address, parts in split.items():
        alone = firsts[parts[0]] == 1
        name = parts[0] if alone else " ".join(parts)
        people.append(Person(address, name.title(), parts[0] if alone else ".".join(parts)))
    return people


def _whole(table: Table, cells: int) -> list[tuple[Any, ...]]:
    return [row for row in table.rows if not any(map(is_missing, row[:cells]))]


def _moment(text: Any) -> datetime | None:
    try:
        moment = timestamp(text)
    except (ValueError, TypeError):
        return None
    return None if moment is None or moment.tzinfo is not None else moment
