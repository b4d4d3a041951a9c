"""Requests about mail."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from llmgym.envs.workplace_assistant.requests.office import TODAY, Mail, Office, Person, Request, pick, sample
from llmgym.envs.workplace_assistant.requests.wording import BODIES, SUBJECTS, day, quoted

__all__ = ["EASY", "HARD", "MEDIUM", "directory"]

_MOST_FOUND = 20


def directory(person: Person) -> tuple[str, dict[str, Any]]:
    """Return the call that finds a colleague's address."""
    return "company_directory_find_email_address", {"name": person.query}


def _search(found: list[Mail], query: str, **dates: str) -> tuple[str, dict[str, Any]]:
    return "email_search_emails", {"query": query, **dates, "page_size": max(5, len(found))}


def _reply(mail: Mail, body: str) -> tuple[str, dict[str, Any]]:
    return "email_reply_email", {"email_id": mail.id, "body": body}


def _forward(mail: Mail, person: Person) -> tuple[str, dict[str, Any]]:
    return "email_forward_email", {"email_id": mail.id, "recipient": person.address}


def _delete(mail: Mail) -> tuple[str, dict[str, Any]]:
    return "email_delete_email", {"email_id": mail.id}


def _tied(mails: list[Mail]) -> bool:
    """Tell whether two mails share the place of the latest."""
    return len(mails) > 1 and mails[-2].sent == mails[-1].sent


def _latest(
    rng: np.random.Generator, office: Office
) -> tuple[Person, Mail, tuple[str, dict[str, Any]]] | None:
    """Choose somebody who has written, with their latest mail and the call that finds it."""
    person = pick(rng, office.people)
    mails = office.mails_from(person)
    if not mails or _tied(mails):
        return None
    since = mails[-1].sent.date()
    found = office.mails_with(person.address, since=since)
    return person, mails[-1], _search(found, person.address, date_min=str(since))


def send(rng: np.random.Generator, office: Office) -> Request:
    """Send a dictated mail."""
    person, subject, body = pick(rng, office.people), pick(rng, SUBJECTS), pick(rng, BODIES)
    text = pick(
        rng,
        (
            "Send an email to {who} with the subject {subject} and the body {body}",
            "Please email {who}. The subject is {subject}, the text {body}",
            "Write to {who} for me: subject {subject}, body {body}",
        ),
    ).format(who=person.name, subject=quoted(subject), body=quoted(body))
    send = ("email_send_email", {"recipient": person.address, "subject": subject, "body": body})
    return Request(text, [send], [directory(person)])


def reply_to_latest(rng: np.random.Generator, office: Office) -> Request | None:
    """Reply to somebody's latest mail."""
    if (latest := _latest(rng, office)) is None:
        return None
    (person, mail, search), body = latest, pick(rng, BODIES)
    text = pick(
        rng,
        (
            "Reply to the last email {who} sent me with {body}",
            "Answer {who}'s latest email to me: {body}",
            "What {who} wrote me last needs an answer. Reply with {body}",
        ),
    ).format(who=person.name, body=quoted(body))
    return Request(text, [_reply(mail, body)], [search])


def delete_latest(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete somebody's latest mail."""
    if (latest := _latest(rng, office)) is None:
        return None
    person, mail, search = latest
    text = pick(
        rng,
        (
            "Delete the last email that I got from {who}",
            "The latest email {who} sent me can be deleted",
            "Please remove {who}'s most recent email to me from my inbox",
        ),
    ).format(who=person.name)
    return Request(text, [_delete(mail)], [search])


def forward_latest(rng: np.random.Generator, office: Office) -> Request | None:
    """Forward somebody's latest mail."""
    latest, other = _latest(rng, office), pick(rng, office.people)
    if latest is None or other == latest[0]:
        return None
    person, mail, search = latest
    text = pick(
        rng,
        (
            "Forward the last email from {who} to {other}",
            "{other} should see the latest email that {who} sent me. Forward it",
            "Pass {who}'s most recent email to me on to {other}",
        ),
    ).format(who=person.name, other=other.name)
    return Request(text, [_forward(mail, other)], [search, directory(other)])


def reply_by_subject(rng: np.random.Generator, office: Office) -> Request | None:
    """Reply to the only mail of a subject that came on a day."""
    mail, body = pick(rng, office.mails), pick(rng, BODIES)
    when = mail.sent.date()
    of_day = [other for other in office.mails_with(since=when, until=when) if other.subject == mail.subject]
    person = office.person(mail.person)
    if not mail.received or len(of_day) > 1 or person is None:
        return None
    text = pick(
        rng,
        (
            "On {day} {who} sent me an email with the subject {subject}. Reply to it with {body}",
            "Reply to the email {subject} that {who} sent me on {day}. Just write {body}",
        ),
    ).format(day=day(rng, when), who=person.name, subject=quoted(mail.subject), body=quoted(body))
    found = office.mails_with(person.address, since=when, until=when)
    return Request(
        text, [_reply(mail, body)], [_search(found, person.address, date_min=str(when), date_max=str(when))]
    )


def delete_since(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete the last few mails that somebody sent."""
    person, count = pick(rng, office.people), int(rng.integers(2, 5))
    mails = office.mails_from(person)
    if len(mails) < count + 1:
        return None
    since = mails[-count].sent.date()
    chosen = [mail for mail in mails if mail.sent.date() >= since]
    if len(chosen) > 4:
        return None
    text = pick(
        rng,
        (
            "Delete all emails that {who} sent me on or after {day}",
            "Everything {who} emailed me since {day}, that day included, can be deleted",
            "Please clear out my inbox: all emails from {who} dated {day} or later",
        ),
    ).format(who=person.name, day=day(rng, since))
    found = office.mails_with(person.address, since=since)
    return Request(
        text, [_delete(mail) for mail in chosen], [_search(found, person.address, date_min=str(since))]
    )


def delete_of_day(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete what somebody sent on a day, which may be nothing."""
    person = pick(rng, office.people)
    mails = office.mails_from(person)
    if not mails:
        return None
    when = (
        pick(rng, mails).sent.date() if rng.random() < 0.65 else TODAY - timedelta(days=int(rng.integers(30)))
    )
    chosen = [mail for mail in mails if mail.sent.date() == when]
    if len(chosen) > 4:
        return None
    text = pick(
        rng,
        (
            "If {who} sent me any emails on {day}, delete them",
            "Delete the emails {who} sent me on {day}, if there are any",
        ),
    ).format(who=person.name, day=day(rng, when))
    found = office.mails_with(person.address, since=when, until=when)
    search = _search(found, person.address, date_min=str(when), date_max=str(when))
    return Request(text, [_delete(mail) for mail in chosen], [search], f"{person.address} {when}")


def forward_first_of_day(rng: np.random.Generator, office: Office) -> Request | None:
    """Forward the first or last mail of a day."""
    when, other, last = pick(rng, office.mails).sent.date(), pick(rng, office.people), rng.random() < 0.5
    found = office.mails_with(since=when, until=when)
    received = [mail for mail in found if mail.received]
    if (
        len(received) < 2
        or received[0].sent == received[1].sent
        or _tied(received)
        or len(found) > _MOST_FOUND
    ):
        return None
    text = pick(
        rng,
        (
            "Forward the {which} email that I received on {day} to {other}",
            "{other} asked for the {which} email in my inbox from {day}. Forward it, please",
        ),
    ).format(which="last" if last else "first", day=day(rng, when), other=other.name)
    search = _search(found, "", date_min=str(when), date_max=str(when))
    return Request(text, [_forward(received[-1 if last else 0], other)], [search, directory(other)])


def forward_to_two(rng: np.random.Generator, office: Office) -> Request | None:
    """Forward a mail to two colleagues, one after the other."""
    latest = _latest(rng, office)
    if latest is None:
        return None
    person, mail, search = latest
    first, second = sample(rng, [other for other in office.people if other != person], 2)
    text = pick(
        rng,
        (
            "Forward {who}'s latest email to me, first to {first} and then to {second}",
            "First {first}, then {second} should get the last email that {who} sent me. Forward it in this order",
        ),
    ).format(who=person.name, first=first.name, second=second.name)
    lookups = [search, directory(first), directory(second)]
    return Request(text, [_forward(mail, first), _forward(mail, second)], lookups)


def copy_of_own(rng: np.random.Generator, office: Office) -> Request | None:
    """Forward the last mail that the user sent to somebody."""
    person, other = sample(rng, office.people, 2)
    own = [mail for mail in office.mails if not mail.received and mail.person == person.address]
    if not own or _tied(own):
        return None
    since = own[-1].sent.date()
    found = office.mails_with(person.address, since=since)
    if len(found) > _MOST_FOUND:
        return None
    text = pick(
        rng,
        (
            "Forward the last email that I sent to {who} to {other}",
            "{other} wants to read what I last emailed to {who}. Forward that email from my outbox",
        ),
    ).format(who=person.name, other=other.name)
    search = _search(found, person.address, date_min=str(since))
    return Request(text, [_forward(own[-1], other)], [search, directory(other)])


def _since(rng: np.random.Generator, mails: list[Mail]) -> date:
    return mails[-1].sent.date() + timedelta(days=int(rng.integers(-3, 4)))


def reply_or_send(rng: np.random.Generator, office: Office) -> Request | None:
    """Reply if somebody has written since a day, else write."""
    person, body, subject = pick(rng, office.people), pick(rng, BODIES), pick(rng, SUBJECTS)
    mails = office.mails_from(person)
    if not mails or _tied(mails):
        return None
    since = min(_since(rng, mails), TODAY)
    found = office.mails_with(person.address, since=since)
    text = pick(
        rng,
        (
            "If {who} has emailed me on or after {day}, reply to their latest email with {body}. Otherwise send them a "
            "new email with that text and the subject {subject}",
            "Has {who} sent me an email since {day}, that day included? If so, answer the latest one with {body}. If not, "
            "email the same text to {who} under the subject {subject}",
        ),
    ).format(who=person.name, day=day(rng, since), body=quoted(body), subject=quoted(subject))
    if mails[-1].sent.date() >= since:
        action = _reply(mails[-1], body)
    else:
        action = ("email_send_email", {"recipient": person.address, "subject": subject, "body": body})
    return Request(text, [action], [_search(found, person.address, date_min=str(since)), directory(person)])


def forward_if(rng: np.random.Generator, office: Office) -> Request | None:
    """Forward a mail if it came since a day, else do nothing."""
    person, other = sample(rng, office.people, 2)
    mails = office.mails_from(person)
    if not mails or _tied(mails):
        return None
    since = min(_since(rng, mails), TODAY)
    found = office.mails_with(person.address, since=since)
    text = pick(
        rng,
        (
            "If the last email {who} sent me is from {day} or later, forward it to {other}. If it is older, do nothing",
            "Forward {who}'s latest email to me to {other}, but only if I got it on or after {day}",
        ),
    ).format(who=person.name, other=other.name, day=day(rng, since))
    actions = [_forward(mails[-1], other)] if mails[-1].sent.date() >= since else []
    lookups = [_search(found, person.address, date_min=str(since)), directory(other)]
    return Request(text, actions, lookups, f"{person.address} {other.address} {since}")


EASY = (send, reply_to_latest, delete_latest, forward_latest)
MEDIUM = (reply_by_subject, delete_since, delete_of_day, forward_first_of_day, forward_to_two)
HARD = (delete_since, copy_of_own, reply_or_send, forward_if, forward_to_two)
