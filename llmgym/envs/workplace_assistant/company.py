"""Make up a company: people, mails, events, visits, tasks and customers, in the columns of the public tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np

from llmgym.envs.workplace_assistant import vocabulary as words
from llmgym.envs.workplace_assistant.timestamps import NOW
from llmgym.envs.workplace_assistant.toolkits.customers import PRODUCTS, STATUSES
from llmgym.envs.workplace_assistant.toolkits.project_management import BOARDS, LISTS
from llmgym.envs.workplace_assistant.workplace import COLUMNS, Company
from llmgym.errors import UsageError
from llmgym.verifiers.tables import MISSING, Table

__all__ = ["Size", "generate_company"]

_TODAY = NOW.date()


@dataclass(frozen=True, slots=True)
class Size:
    """How large a company is; by default as large as the public one.

    Attributes:
        people: Colleagues.
        emails: Mails.
        events: Events.
        visits: Visits of the website.
        tasks: Tasks.
        customers: Customers.
    """

    people: int = 20
    emails: int = 500
    events: int = 300
    visits: int = 1000
    tasks: int = 300
    customers: int = 200

    def scaled(self, factor: float) -> Size:
        """Return a size whose tables are larger or smaller by a factor; there are as many people or more.

        Raises:
            UsageError: When the factor is not positive, or beyond 100.
        """
        if not 0 < factor <= 100:
            raise UsageError(f"Expected company_size to be above 0 and at most 100, found {factor!r}.")
        tables = (self.emails, self.events, self.visits, self.tasks, self.customers)
        return Size(
            round(self.people * max(1.0, factor**0.5)), *(max(40, round(rows * factor)) for rows in tables)
        )


def generate_company(seed: int = 0, size: Size | None = None) -> Company:
    """Make up a company. The same seed and size give the same company on every machine.

    No two mails were sent in the same second, no two events overlap, and a visitor, mail, event, task or customer is
    named by an id that does not occur in the public tables.

    Args:
        seed: A number from 0.
        size: How large it is.

    Raises:
        UsageError: When the seed is negative, or the size is too small or too large for the words at hand.

    Example:
        >>> company = generate_company(7)
        >>> len(company.emails), company.emails.columns[:2]
        (500, ('email_id', 'inbox/outbox'))
    """
    size = size or Size()
    if seed < 0:
        raise UsageError(f"Expected company_seed to be 0 or more, found {seed}.")
    most = len(words.FIRST_NAMES) * 20
    if not 6 <= size.people <= most:
        raise UsageError(f"Expected a company of 6 to {most} people, found {size.people}.")
    streams = [np.random.Generator(np.random.PCG64(s)) for s in np.random.SeedSequence([seed, 42]).spawn(6)]
    people = _people(streams[0], size.people)
    salespeople = max(2, size.people // 4)
    events = _events(streams[1], people, size.events)
    tasks = _tasks(streams[2], people[salespeople:], size.tasks)
    topics = [*dict.fromkeys([*events.column("event_name"), *tasks.column("task_name")])] or list(
        words.EVENTS
    )
    return Company(
        directory=tuple(people),
        emails=_emails(streams[3], people, topics, size.emails),
        events=events,
        visits=_visits(streams[4], size.visits),
        tasks=tasks,
        customers=_customers(streams[5], people[:salespeople], size.customers),
    )


def _pick(rng: np.random.Generator, options: Sequence[Any]) -> Any:
    return options[int(rng.integers(len(options)))]


def _ids(rng: np.random.Generator, count: int) -> list[str]:
    """Return different numbers of eight digits in no order. Public ids are below 1000."""
    found: dict[int, None] = {}
    while len(found) < count:
        found.update(dict.fromkeys(map(int, rng.integers(10_000_000, 90_000_000, size=count))))
    return [str(number) for number in list(found)[:count]]


def _people(rng: np.random.Generator, count: int) -> list[str]:
    """Return addresses; first names repeat only when there are more people than first names."""
    found: dict[str, None] = {}
    lasts = rng.permutation(len(words.LAST_NAMES))
    while len(found) < count:
        for first in rng.permutation(len(words.FIRST_NAMES)):
            last = words.LAST_NAMES[int(lasts[len(found) % len(lasts)])]
            found[f"{words.FIRST_NAMES[int(first)]}.{last}@{words.DOMAIN}".lower()] = None
            if len(found) == count:
                break
        lasts = rng.permutation(lasts)
    return list(found)


def _workdays(first: date, count: int) -> list[date]:
    days: list[date] = []
    while len(days) < count:
        if first.weekday() < 5:
            days.append(first)
        first += timedelta(days=1)
    return days


def _events(rng: np.random.Generator, people: Sequence[str], count: int) -> Table:
    """Fill workdays with two to five events each, from some weeks ahead back into the past."""
    day = _workdays(_TODAY + timedelta(days=1), max(5, count // 15))[-1]
    ids = _ids(rng, count)
    rows: list[tuple[str, ...]] = []
    while len(rows) < count:
        start = datetime(day.year, day.month, day.day, 9) + timedelta(minutes=30 * int(rng.integers(3)))
        for _ in range(int(rng.integers(2, 6))):
            minutes = int(_pick(rng, (30, 30, 60, 60, 90, 120)))
            end = start + timedelta(minutes=minutes)
            if end > start.replace(hour=18, minute=0) or len(rows) == count:
                break
            row = (_pick(rng, words.EVENTS), _pick(rng, people), f"{start:%Y-%m-%d %H:%M:%S}", str(minutes))
            rows.append((ids[len(rows)], *row))
            start = end + timedelta(minutes=30 * int(rng.integers(0, 4)))
        day -= timedelta(days=3 if day.weekday() == 0 else 1)
    return Table(COLUMNS["events"], sorted(rows, key=lambda row: row[3]))


def _tasks(rng: np.random.Generator, people: Sequence[str], count: int) -> Table:
    """Make tasks of different names and assignees as long as there are any, due around the present."""
    rows: dict[tuple[str, str, int], tuple[str, ...]] = {}
    days = _workdays(_TODAY - timedelta(days=21), 32)
    ids = _ids(rng, count)
    while len(rows) < count:
        board = _pick(rng, BOARDS)
        verbs, things = words.BOARD_TASKS[board]
        name, person = f"{_pick(rng, verbs)} {_pick(rng, things)}", _pick(rng, people)
        repeated = 0 if len(rows) < 30 * len(people) else len(rows)
        due = _pick(rng, days)
        # What is long past is mostly done.
        weights = (0.1, 0.1, 0.1, 0.7) if due < _TODAY - timedelta(days=5) else (0.45, 0.2, 0.15, 0.2)
        row = (name, person, LISTS[int(rng.choice(4, p=weights))], f"{due}", board)
        rows.setdefault((name, person, repeated), (ids[len(rows)], *row))
    return Table(COLUMNS["tasks"], sorted(rows.values(), key=lambda row: (row[4], row[0])))


def _emails(rng: np.random.Generator, people: Sequence[str], topics: Sequence[str], count: int) -> Table:
    """Make mails of the last two months, or of more where there are many; one in eight was sent by the user."""
    days = max(61, count // 50)
    seconds: dict[int, None] = {}
    while len(seconds) < count:
        seconds.update(dict.fromkeys(map(int, rng.integers(days * 9 * 3600, size=count))))
    ids = _ids(rng, count)
    rows = []
    for number, second in enumerate(sorted(list(seconds)[:count])):
        day, within = divmod(second, 9 * 3600)
        sent = datetime(_TODAY.year, _TODAY.month, _TODAY.day, 8, 30) - timedelta(
            days=days - 1 - day, seconds=-within
        )
        person, topic, own = _pick(rng, people), _pick(rng, topics), rng.random() < 0.125
        sentences = [
            words.BODIES[int(i)].format(topic) for i in rng.choice(len(words.BODIES), size=2, replace=False)
        ]
        other = person.partition(".")[0].capitalize()
        greeting = _pick(rng, words.GREETINGS).replace("Robin", other if own else "Robin")
        body = f"{greeting}\n\n{sentences[0]}\n\n{sentences[1]}\n\n{_pick(rng, words.SIGNATURES)},\n"
        rows.append(
            (
                ids[number],
                "outbox" if own else "inbox",
                person,
                _pick(rng, words.ANGLES).format(topic),
                f"{sent:%Y-%m-%d %H:%M:%S}",
                body + ("Robin" if own else other),
            )
        )
    return Table(COLUMNS["emails"], rows)


def _visits(rng: np.random.Generator, count: int) -> Table:
    """Make visits of the last 91 days, more of them on some weekdays and from some sources than others."""
    sources = ("direct", "referral", "search engine", "social media")
    weekday = rng.uniform(0.5, 1.5, size=7)
    days = [_TODAY - timedelta(days=90 - n) for n in range(91)]
    weights = np.array([weekday[day.weekday()] for day in days])
    drawn = rng.choice(91, size=count, p=weights / weights.sum())
    liking = rng.dirichlet([4.0, 3.0, 3.0, 2.0], size=13)
    rows = []
    for number in drawn:
        pages = 1 + int(rng.geometric(0.25))
        seconds = int(rng.exponential(20.0)) + pages
        source = sources[int(rng.choice(4, p=liking[int(number) // 7]))]
        engaged = bool(rng.random() < min(0.9, seconds / 60))
        rows.append(
            (
                f"{days[int(number)]}",
                f"{int(rng.integers(10_000)):04d}",
                str(pages),
                str(seconds),
                source,
                engaged,
            )
        )
    return Table(COLUMNS["visits"], rows)


def _customers(rng: np.random.Generator, people: Sequence[str], count: int) -> Table:
    """Make customers of different names; some have no phone number, some no notes."""
    names: dict[str, None] = {}
    while len(names) < count:
        extra = f" {chr(65 + len(names) % 26)}." if len(names) > 2500 else ""
        names[f"{_pick(rng, words.FIRST_NAMES)}{extra} {_pick(rng, words.LAST_NAMES)}"] = None
    ids = _ids(rng, count)
    rows = []
    for number, name in enumerate(names):
        contact = _TODAY - timedelta(days=int(rng.integers(0, 61)))
        follow_up = contact + timedelta(days=int(rng.integers(7, 31)))
        business = f"{_pick(rng, words.BUSINESSES)}{_pick(rng, ('labs', 'works', 'foods', 'energy', 'care', 'media'))}"
        digits = f"{int(rng.integers(10**7)):07d}"
        notes = [
            f"{contact - timedelta(days=7 * n)}: {_pick(rng, words.NOTES)}"
            for n in range(int(rng.integers(4)))
        ]
        rows.append(
            (
                ids[number],
                _pick(rng, people),
                name,
                f"{name.replace('. ', '.').replace(' ', '.')}@{business}.example".lower(),
                MISSING if rng.random() < 0.3 else f"555-{digits[:3]}-{digits[3:]}",
                f"{contact} 23:59:00",
                _pick(rng, PRODUCTS),
                _pick(rng, STATUSES),
                f"{follow_up} 23:59:00",
                " ".join(notes) or MISSING,
            )
        )
    return Table(COLUMNS["customers"], sorted(rows, key=lambda row: (row[5], row[0]), reverse=True))
