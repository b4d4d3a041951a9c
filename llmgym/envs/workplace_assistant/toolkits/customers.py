"""Customer relationship management."""

from __future__ import annotations

from typing import Any

from llmgym.envs.workplace_assistant.matching import chosen, contains
from llmgym.envs.workplace_assistant.toolkits.paging import page_of
from llmgym.verifiers.tables import Table

__all__ = ["PRODUCTS", "STATUSES", "CustomerRelationshipManagerTool"]

STATUSES = ("Qualified", "Won", "Lost", "Lead", "Proposal")
"""How far a customer is."""

PRODUCTS = ("Software", "Hardware", "Services", "Consulting", "Training")
"""What a customer can be interested in."""

_CHANGEABLE = (
    "customer_name",
    "assigned_to_email",
    "customer_email",
    "customer_phone",
    "last_contact_date",
    "product_interest",
    "status",
    "notes",
    "follow_up_by",
)


def _choices(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, names))


class CustomerRelationshipManagerTool:
    """The customers.

    Args:
        customers: Their table.
    """

    def __init__(self, customers: Table):
        self.customers = customers

    def search_customers(
        self,
        customer_name: Any = None,
        customer_email: Any = None,
        product_interest: Any = None,
        status: Any = None,
        assigned_to_email: Any = None,
        last_contact_date_min: Any = None,
        last_contact_date_max: Any = None,
        follow_up_by_min: Any = None,
        follow_up_by_max: Any = None,
        page: Any = 1,
        page_size: Any = 5,
    ) -> Any:
        """Return a page of the customers that match every given text; dates are compared as text."""
        texts = {
            "customer_name": customer_name,
            "customer_email": customer_email,
            "product_interest": product_interest,
            "status": status,
            "assigned_to_email": assigned_to_email,
        }
        bounds = (
            ("last_contact_date", ">=", last_contact_date_min),
            ("last_contact_date", "<=", last_contact_date_max),
            ("follow_up_by", ">=", follow_up_by_min),
            ("follow_up_by", "<=", follow_up_by_max),
        )
        if not any(texts.values()) and not any(bound for _, _, bound in bounds):
            return "No search parameters provided. Please provide at least one parameter."
        found = self.customers
        for name, text in texts.items():
            if text:
                found = chosen(found, contains(found.column(name), text))
        for name, operator, bound in bounds:
            if bound:
                found = found.kept(found.compared(name, operator, bound))
        if not len(found):
            return "No customers found."
        return page_of(found.records(), "customers", page, page_size)

    def update_customer(self, customer_id: Any = None, field: Any = None, new_value: Any = None) -> str:
        """Change a field of a customer."""
        if not customer_id or not field or not new_value:
            return "Customer ID, field, or new value not provided."
        if field == "status" and new_value not in STATUSES:
            return f"Status not valid. Please choose from: {_choices(STATUSES)}"
        if field == "product_interest" and new_value not in PRODUCTS:
            return f"Product interest not valid. Please choose from: {_choices(PRODUCTS)}"
        if field in ("customer_email", "assigned_to_email"):
            new_value = new_value.lower()
        if not self.customers.holds("customer_id", customer_id):
            return "Customer not found."
        if not self.customers.has(field):
            return f"Field not valid. Please choose from: {_choices(_CHANGEABLE)}"
        mask = self.customers.equal("customer_id", customer_id)
        self.customers = self.customers.assigned(mask, field, new_value)
        return "Customer updated successfully."

    def add_customer(
        self,
        customer_name: Any = None,
        assigned_to_email: Any = None,
        status: Any = None,
        customer_email: Any = None,
        customer_phone: Any = None,
        last_contact_date: Any = None,
        product_interest: Any = None,
        notes: Any = "",
        follow_up_by: Any = None,
    ) -> str:
        """Add a customer and return its id. Neither the status nor the product is checked."""
        if not all([customer_name, assigned_to_email, status]):
            return "Please provide all required fields: customer_name, assigned_to_email, status."
        assigned_to_email = assigned_to_email.lower()
        if customer_email:
            customer_email = customer_email.lower()
        customer_id = str(self.customers.following("customer_id")).zfill(8)
        self.customers = self.customers.appended(
            {
                "customer_id": customer_id,
                "assigned_to_email": assigned_to_email,
                "customer_name": customer_name,
                "customer_email": customer_email,
                "customer_phone": customer_phone,
                "last_contact_date": last_contact_date,
                "product_interest": product_interest,
                "status": status,
                "follow_up_by": follow_up_by,
                "notes": notes,
            }
        )
        return customer_id

    def delete_customer(self, customer_id: Any = None) -> str:
        """Delete a customer."""
        if not customer_id:
            return "Customer ID not provided."
        if not self.customers.holds("customer_id", customer_id):
            return "Customer not found."
        self.customers = self.customers.kept(
            [not same for same in self.customers.equal("customer_id", customer_id)]
        )
        return "Customer deleted successfully."
