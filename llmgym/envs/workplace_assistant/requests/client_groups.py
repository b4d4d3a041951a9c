"""Requests about groups of customers, and those that join customers with colleagues and the calendar."""

from __future__ import annotations

from datetime import timedelta

import numpy as np

from llmgym.envs.workplace_assistant.requests.clients import (
    FIRST,
    LAST,
    Call,
    change,
    matching,
    one_customer,
    promote_if_lead,
    remove,
    search_for,
)
from llmgym.envs.workplace_assistant.requests.emails import directory
from llmgym.envs.workplace_assistant.requests.events import create as create_event
from llmgym.envs.workplace_assistant.requests.office import (
    TODAY,
    Customer,
    Office,
    Person,
    Request,
    pick,
    sample,
)
from llmgym.envs.workplace_assistant.requests.wording import EVENT_NAMES, clock, day, length, quoted
from llmgym.envs.workplace_assistant.toolkits.customers import PRODUCTS, STATUSES

__all__ = ["HARD", "MEDIUM"]


def _group(rng: np.random.Generator, office: Office) -> tuple[Person, str, str, list[Customer], Call] | None:
    """Choose the few customers of a colleague, a status and a product."""
    person, status, product = pick(rng, office.salespeople), pick(rng, STATUSES), pick(rng, PRODUCTS)
    group = matching(office, person=person.address, status=status, product=product)
    if not 1 <= len(group) <= 3:
        return None
    search = search_for(group, assigned_to_email=person.query, status=status, product_interest=product)
    return person, status, product, group, search


def reassign_group(rng: np.random.Generator, office: Office) -> Request | None:
    """Assign some customers of a colleague to another one."""
    group, other = _group(rng, office), pick(rng, office.salespeople)
    if group is None or other == group[0]:
        return None
    person, status, product, customers, search = group
    text = pick(
        rng,
        (
            "{other} is taking over all of {who}'s customers with the status {status} that are interested in {product}. "
            "Reassign them in the crm",
            "Reassign every customer of {who} who has the status {status} and wants {product} to {other}",
        ),
    ).format(other=other.name, who=person.name, status=status, product=product.lower())
    actions = [change(customer, "assigned_to_email", other.address) for customer in customers]
    return Request(text, actions, [search, directory(other)])


def delete_group(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete some customers of a colleague."""
    if (group := _group(rng, office)) is None:
        return None
    person, status, product, customers, search = group
    text = pick(
        rng,
        (
            "Delete all of {who}'s customers that are interested in {product} and have the status {status}",
            "We no longer keep {who}'s customers with the status {status} and an interest in {product}. Delete them from "
            "the crm",
        ),
    ).format(who=person.name, product=product.lower(), status=status)
    return Request(text, [remove(customer) for customer in customers], [search])


def give_up(rng: np.random.Generator, office: Office) -> Request | None:
    """Mark proposals as lost that nobody has followed up for long."""
    person, product = pick(rng, office.salespeople), pick(rng, PRODUCTS)
    limit = TODAY - timedelta(days=int(rng.integers(7, 50)))
    group = matching(office, person=person.address, status="Proposal", product=product)
    old = [customer for customer in group if customer.contact < limit]
    if len(old) > 4 or not group:
        return None
    text = pick(
        rng,
        (
            "Set all of {who}'s customers with the status Proposal and an interest in {product} to Lost if they were last "
            "contacted before {day}",
            "Which of {who}'s proposals for {product} had their last contact before {day}? Change their status to Lost",
        ),
    ).format(who=person.name, product=product.lower(), day=day(rng, limit))
    search = search_for(
        old,
        assigned_to_email=person.query,
        status="Proposal",
        product_interest=product,
        last_contact_date_max=str(limit),
    )
    actions = [change(customer, "status", "Lost") for customer in old]
    return Request(text, actions, [search], f"{person.address} {product} {limit}")


def meet_about(rng: np.random.Generator, office: Office) -> Request | None:
    """Create an event with whoever looks after a customer."""
    one, when, minutes = one_customer(rng, office), pick(rng, office.workdays()), int(pick(rng, (30, 60)))
    starts = office.free_starts(when, minutes)
    if one is None or not starts or (person := office.person(one[0].person)) is None:
        return None
    start, name = pick(rng, starts), pick(rng, EVENT_NAMES)
    text = pick(
        rng,
        (
            "Schedule a {length} meeting {event} on {day} at {time} with the colleague who is in charge of our customer "
            "{name}",
            "Who looks after the customer {name}? I want to meet that colleague on {day} at {time}. Create a {length} event "
            "called {event}",
        ),
    ).format(
        length=length(rng, minutes),
        event=quoted(name),
        day=day(rng, when),
        time=clock(rng, start),
        name=one[0].name,
    )
    return Request(text, [create_event(name, person, start, minutes)], [one[1]])


def add_for_less_busy(rng: np.random.Generator, office: Office) -> Request | None:
    """Add a customer for whoever of two has fewer of a status."""
    (one, two), status = sample(rng, office.salespeople, 2), pick(rng, STATUSES)
    groups = [matching(office, person=person.address, status=status) for person in (one, two)]
    name = f"{pick(rng, FIRST)} {pick(rng, LAST)}"
    if len(groups[0]) == len(groups[1]) or any(customer.name == name for customer in office.customers):
        return None
    person = one if len(groups[0]) < len(groups[1]) else two
    text = pick(
        rng,
        (
            "Add a new customer {name} with the status Lead for {one} or {two}, whoever has fewer customers with the status "
            "{status}. Give no other details",
            "Who has fewer customers with the status {status}, {one} or {two}? Add {name} as their new customer with the "
            "status Lead and nothing else",
        ),
    ).format(name=name, one=one.name, two=two.name, status=status)
    arguments = {"customer_name": name, "assigned_to_email": person.address, "status": "Lead"}
    lookups = [
        search_for(group, assigned_to_email=one_of.address, status=status)
        for one_of, group in zip((one, two), groups, strict=True)
    ]
    return Request(text, [("customer_relationship_manager_add_customer", arguments)], lookups)


MEDIUM = (reassign_group, delete_group)
HARD = (give_up, promote_if_lead, meet_about, add_for_less_busy, reassign_group)
