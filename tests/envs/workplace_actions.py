"""Random calls of the workplace's tools: sensible, careless and hostile ones."""

from __future__ import annotations

import json

WORDS = ("Plan", "plan", "Sync up", "Résumé", "İstanbul", "review", "X", "30", "straße", "STRASSE")
HOSTILE = (
    None,
    0,
    1,
    30,
    45.5,
    -3,
    True,
    False,
    "",
    " ",
    "0",
    [],
    ["x"],
    ["x", "y"],
    [["x"]],
    {},
    {"a": 1},
    {"0": "x"},
    float("nan"),
    float("inf"),
    10**30,
    "(",
    "\\",
    "a|b",
    "💼",
)
STARTS = (
    "2023-12-01 10:00:00",
    "2023-12-01",
    "12/04/2023 9am",
    "2023-12-01T10:00:00",
    "soon",
    "2023-02-30",
    "10:75",
)
ENUMS = (
    "Backlog",
    "In Progress",
    "backlog",
    "Completed",
    "Design",
    "Front end",
    "design",
    "Won",
    "won",
    "Lost",
    "Software",
    "Training",
)
FIELDS = (
    "subject",
    "email_id",
    "event_name",
    "participant_email",
    "event_start",
    "duration",
    "event_id",
    "task_id",
    "task_name",
    "assigned_to_email",
    "list_name",
    "due_date",
    "board",
    "status",
    "notes",
    "customer_phone",
    "customer_id",
    "customer_email",
    "product_interest",
    "follow_up_by",
    "nothing",
)
FIELDS_OF = {
    "calendar": ("event_name", "participant_email", "event_start", "duration"),
    "project": ("task_name", "assigned_to_email", "list_name", "due_date", "board", "task_id"),
    "customer": (
        "customer_name",
        "notes",
        "status",
        "product_interest",
        "customer_phone",
        "assigned_to_email",
    ),
}
CHOICES = {
    "list_name": ("Backlog", "In Progress", "In Review", "Completed", "backlog"),
    "board": ("Back end", "Front end", "Design", "design"),
    "status": ("Qualified", "Won", "Lost", "Lead", "Proposal", "won"),
    "product_interest": ("Software", "Hardware", "Services", "Consulting", "Training", "training"),
}
PARAMETERS = {
    "email_send_email": ("recipient", "subject", "body"),
    "email_delete_email": ("email_id",),
    "email_forward_email": ("email_id", "recipient"),
    "email_reply_email": ("email_id", "body"),
    "calendar_create_event": ("event_name", "participant_email", "event_start", "duration"),
    "calendar_delete_event": ("event_id",),
    "calendar_update_event": ("event_id", "field", "new_value"),
    "analytics_create_plot": ("time_min", "time_max", "value_to_plot", "plot_type"),
    "project_management_create_task": ("task_name", "assigned_to_email", "list_name", "due_date", "board"),
    "project_management_delete_task": ("task_id",),
    "project_management_update_task": ("task_id", "field", "new_value"),
    "customer_relationship_manager_update_customer": ("customer_id", "field", "new_value"),
    "customer_relationship_manager_add_customer": (
        "customer_name",
        "assigned_to_email",
        "status",
        "customer_email",
        "customer_phone",
        "last_contact_date",
        "product_interest",
        "notes",
        "follow_up_by",
    ),
    "customer_relationship_manager_delete_customer": ("customer_id",),
}
READERS = {
    "company_directory_find_email_address": ("name",),
    "email_get_email_information_by_id": ("email_id", "field"),
    "email_search_emails": ("query", "date_min", "date_max", "page", "page_size"),
    "calendar_get_event_information_by_id": ("event_id", "field"),
    "calendar_search_events": ("query", "time_min", "time_max", "page", "page_size"),
    "analytics_get_visitor_information_by_id": ("visitor_id",),
    "analytics_total_visits_count": ("time_min", "time_max"),
    "analytics_engaged_users_count": ("time_min", "time_max"),
    "analytics_traffic_source_count": ("time_min", "time_max", "traffic_source"),
    "analytics_get_average_session_duration": ("time_min", "time_max"),
    "project_management_get_task_information_by_id": ("task_id", "field"),
    "project_management_search_tasks": ("task_name", "assigned_to_email", "list_name", "due_date", "board"),
    "customer_relationship_manager_search_customers": (
        "customer_name",
        "customer_email",
        "product_interest",
        "status",
        "assigned_to_email",
        "last_contact_date_min",
        "last_contact_date_max",
        "follow_up_by_min",
        "follow_up_by_max",
        "page",
        "page_size",
    ),
}


class Calls:
    """Draws calls from a ``random.Random`` over the values of a company's tables."""

    def __init__(self, rng, company):
        self.rng = rng
        self.ids = {
            "email_id": [*company.emails.column("email_id"), "500", "00000500"],
            "event_id": [*company.events.column("event_id"), "00000300", "00000301"],
            "task_id": [*company.tasks.column("task_id"), "00000300", "00000301"],
            "customer_id": [*company.customers.column("customer_id"), "00000200", "00000201"],
            "visitor_id": company.visits.column("visitor_id") or ["0"],
        }
        self.people = [
            *company.directory,
            *(address.upper() for address in company.directory[:2]),
            "me@home.org",
            "me",
        ]
        self.assignees = company.tasks.column("assigned_to_email") or ["nobody@atlas.com"]
        self.known = [*WORDS, *ENUMS, *self.people, *STARTS]

    def pick(self, options):
        return options[self.rng.randrange(len(options))]

    def value(self, name, field, hostility):
        if self.rng.random() < hostility:
            return self.pick(HOSTILE)
        if name in self.ids:
            return self.pick(self.ids[name])
        if name == "new_value":
            if self.rng.random() < 0.2:
                return self.pick(self.known)
            return self.value(field, None, hostility)
        if name in ("recipient", "participant_email", "customer_email", "sender/recipient"):
            return self.pick(self.people)
        if name == "assigned_to_email":
            return self.pick(self.assignees if self.rng.random() < 0.9 else self.people)
        if name in (
            "event_start",
            "time_min",
            "time_max",
            "date_min",
            "date_max",
            "due_date",
            "last_contact_date",
        ):
            return self.pick(STARTS)
        if name == "duration":
            return self.pick(("30", "60", 30, 60, "-5", "half", 45.5, "30.5"))
        if name == "field":
            return self.pick(FIELDS)
        if name in CHOICES:
            return self.pick(CHOICES[name])
        if name == "value_to_plot":
            return self.pick(("total_visits", "user_engaged", "visits"))
        if name == "plot_type":
            return self.pick(("bar", "line", "pie"))
        if name == "traffic_source":
            return self.pick(("direct", "referral", "mail"))
        if name in ("page", "page_size"):
            return self.pick((1, 2, 3, 10))
        return self.pick(WORDS)

    def arguments(self, name, parameters, hostility):
        given = {}
        common = FIELDS_OF.get(name.partition("_")[0], FIELDS)
        field = self.pick(common if self.rng.random() < 0.8 else FIELDS)
        for parameter in parameters:
            if self.rng.random() < 0.04 + (0.5 if len(parameters) > 5 else 0.0):
                continue
            value = field if parameter == "field" else self.value(parameter, field, hostility)
            given[parameter] = value
        if self.rng.random() < hostility / 3:
            given[self.pick(("cc", "self", "page_sizes"))] = self.pick(HOSTILE)
        return given

    def action(self, hostility=0.1):
        """A call of a tool that writes, as the verifier sees it."""
        name = self.pick(list(PARAMETERS))
        text = json.dumps(self.arguments(name, PARAMETERS[name], hostility))
        if self.rng.random() < hostility / 4:
            text = self.pick(("", "null", "[]", "{", "5", '"x"', text[:-1]))
        if self.rng.random() < hostility / 4:
            name = self.pick(("no_such_tool", "email_search_emails", ""))
        return {"name": name, "arguments": text}

    def sequence(self, most, hostility=0.1):
        return [self.action(hostility) for _ in range(self.rng.randrange(1, most + 1))]

    def variation(self, actions, hostility=0.1):
        """A sequence that often leaves the same tables behind."""
        changed = [dict(action) for action in actions]
        kind = self.rng.randrange(7)
        if kind == 0:
            self.rng.shuffle(changed)
        elif kind == 1 and changed:
            del changed[self.rng.randrange(len(changed))]
        elif kind == 2:
            changed.insert(self.rng.randrange(len(changed) + 1), self.action(hostility))
        elif kind == 3:
            changed = [{**action, "arguments": with_other_case(action["arguments"])} for action in changed]
        elif kind == 4 and changed:
            changed.append(changed[self.rng.randrange(len(changed))])
        elif kind == 5 and changed:
            place = self.rng.randrange(len(changed))
            changed[place] = {**changed[place], "arguments": with_other_numbers(changed[place]["arguments"])}
        return changed


def with_other_case(text):
    return changed_values(text, lambda value: value.swapcase() if isinstance(value, str) else value)


def with_other_numbers(text):
    return changed_values(text, lambda value: value + 1 if isinstance(value, int | float) else value)


def changed_values(text, change):
    try:
        given = json.loads(text)
    except ValueError:
        return text
    return (
        json.dumps({key: change(value) for key, value in given.items()}) if isinstance(given, dict) else text
    )
