"""Requests about single customers."""

from __future__ import annotations

from typing import Any

import numpy as np

from llmgym.envs.workplace_assistant.requests.emails import directory
from llmgym.envs.workplace_assistant.requests.office import (
    Customer,
    Office,
    Request,
    pick,
    sample,
)
from llmgym.envs.workplace_assistant.requests.wording import (
    BODIES,
    SUBJECTS,
    quoted,
)
from llmgym.envs.workplace_assistant.toolkits.customers import PRODUCTS, STATUSES

__all__ = [
    "EASY",
    "FIRST",
    "LAST",
    "MEDIUM",
    "change",
    "matching",
    "one_customer",
    "promote_if_lead",
    "remove",
    "search_for",
]

Call = tuple[str, dict[str, Any]]

FIRST = (
    "Adrian",
    "Bettina",
    "Carlo",
    "Doris",
    "Ernesto",
    "Franka",
    "Gloria",
    "Henrik",
    "Irina",
    "Jonah",
    "Klara",
    "Luca",
)
LAST = (
    "Amsel",
    "Brook",
    "Cordes",
    "Dorn",
    "Elster",
    "Fuchs",
    "Garten",
    "Heide",
    "Imker",
    "Jade",
    "Kiesel",
    "Linde",
)


def change(customer: Customer, field: str, value: str) -> Call:
    """Return the call that changes a field of a customer."""
    arguments = {"customer_id": customer.id, "field": field, "new_value": value}
    return "customer_relationship_manager_update_customer", arguments


def remove(customer: Customer) -> Call:
    """Return the call that deletes a customer."""
    return "customer_relationship_manager_delete_customer", {"customer_id": customer.id}


def search_for(found: list[Customer], **texts: str) -> Call:
    """Return the call that finds customers, all of them on one page."""
    return "customer_relationship_manager_search_customers", {**texts, "page_size": max(5, len(found))}


def one_customer(rng: np.random.Generator, office: Office) -> tuple[Customer, Call] | None:
    """Choose a customer whose name no other one has or contains, with the call that finds them."""
    customer = pick(rng, office.customers)
    same = [other for other in office.customers if customer.name.lower() in other.name.lower()]
    if len(same) > 1 or not customer.name.replace(" ", "").isalpha():
        return None
    return customer, search_for(same, customer_name=customer.name)


def matching(office: Office, **wanted: str) -> list[Customer]:
    """Return the customers whose properties are the wanted ones."""
    return [c for c in office.customers if all(getattr(c, name) == value for name, value in wanted.items())]


def change_status(rng: np.random.Generator, office: Office) -> Request | None:
    """Give a customer another status."""
    one, status = one_customer(rng, office), pick(rng, STATUSES)
    if one is None or one[0].status == status:
        return None
    text = pick(
        rng,
        (
            "Set the status of the customer {name} to {status}",
            "{name} is now in the status {status}. Update the crm",
        ),
    ).format(name=one[0].name, status=status)
    return Request(text, [change(one[0], "status", status)], [one[1]])


def delete(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete a customer."""
    if (one := one_customer(rng, office)) is None:
        return None
    text = pick(
        rng,
        ("Delete the customer {name} from the crm", "{name} asked us to forget them. Delete that customer"),
    )
    return Request(text.format(name=one[0].name), [remove(one[0])], [one[1]])


def new_phone(rng: np.random.Generator, office: Office) -> Request | None:
    """Note a phone number."""
    if (one := one_customer(rng, office)) is None:
        return None
    phone = f"555-{int(rng.integers(100, 1000))}-{int(rng.integers(1000, 10000))}"
    if phone == one[0].phone:
        return None
    text = pick(
        rng,
        (
            "The phone number of the customer {name} is {phone}. Save it in the crm",
            "Update the phone number of {name} in the crm to {phone}",
        ),
    ).format(name=one[0].name, phone=phone)
    return Request(text, [change(one[0], "customer_phone", phone)], [one[1]])


def add(rng: np.random.Generator, office: Office) -> Request | None:
    """Add a customer."""
    name, person = f"{pick(rng, FIRST)} {pick(rng, LAST)}", pick(rng, office.salespeople)
    email, product, status = (
        f"{name.replace(' ', '.')}@mail.example".lower(),
        pick(rng, PRODUCTS),
        pick(rng, STATUSES),
    )
    if any(customer.name == name for customer in office.customers):
        return None
    text = pick(
        rng,
        (
            "Add {name} ({email}) to the crm as a new customer with the status {status}, interested in {product} and "
            "assigned to {who}. There are no other details yet",
            "New customer for {who}: {name}, email {email}, interested in {product}, status {status}. Enter just these "
            "details into the crm",
        ),
    ).format(name=name, email=email, status=status, product=product, who=person.name)
    arguments = {
        "customer_name": name,
        "assigned_to_email": person.address,
        "status": status,
        "customer_email": email,
        "product_interest": product,
    }
    return Request(text, [("customer_relationship_manager_add_customer", arguments)], [directory(person)])


def hand_over(rng: np.random.Generator, office: Office) -> Request | None:
    """Assign a customer to somebody else."""
    one, person = one_customer(rng, office), pick(rng, office.salespeople)
    if one is None or one[0].person == person.address:
        return None
    text = pick(
        rng,
        (
            "Hand the customer {name} over to {who} in the crm",
            "From now on {who} looks after the customer {name}. Reassign them",
        ),
    ).format(name=one[0].name, who=person.name)
    return Request(text, [change(one[0], "assigned_to_email", person.address)], [one[1], directory(person)])


def promote_if_lead(rng: np.random.Generator, office: Office) -> Request | None:
    """Change a status if it is a certain one."""
    one, (start, end) = one_customer(rng, office), sample(rng, STATUSES, 2)
    if one is None:
        return None
    customer, search = one
    if rng.random() < 0.5:
        start = customer.status
    if start == end:
        return None
    text = pick(
        rng,
        (
            "If {name} still has the status {start} in the crm, change it to {end}. Otherwise leave it as it is",
            "Check the customer {name}: only when the status is {start}, set it to {end}",
        ),
    ).format(name=customer.name, start=start, end=end)
    actions = [change(customer, "status", end)] if customer.status == start else []
    return Request(text, actions, [search], f"{customer.id} {start} {end}")


def delete_and_tell(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete a customer and write to whoever looked after them."""
    one, subject, body = one_customer(rng, office), pick(rng, SUBJECTS), pick(rng, BODIES)
    if one is None:
        return None
    customer, search = one
    text = pick(
        rng,
        (
            "Delete the customer {name} and email the colleague they are assigned to: subject {subject}, body {body}",
            "Remove {name} from the crm. Then send an email with the subject {subject} and the body {body} to whoever that "
            "customer was assigned to",
        ),
    ).format(name=customer.name, subject=quoted(subject), body=quoted(body))
    send = ("email_send_email", {"recipient": customer.person, "subject": subject, "body": body})
    return Request(text, [remove(customer), send], [search])


EASY = (change_status, delete, new_phone, add)
MEDIUM = (hand_over, promote_if_lead, delete_and_tell)
