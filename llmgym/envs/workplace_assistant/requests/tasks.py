"""From requests to rows."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from llmgym.envs.workplace_assistant.requests import (
    busy_days,
    client_groups,
    clients,
    emails,
    events,
    jobs,
    visits,
)
from llmgym.envs.workplace_assistant.requests.office import Office, Request, pick
from llmgym.errors import UsageError

__all__ = ["CATEGORIES", "DIFFICULTIES", "draw_request", "row_of"]

Author = Callable[[np.random.Generator, Office], Request | None]

_AUTHORS: Mapping[str, Mapping[str, Sequence[Author]]] = {
    "workplace_assistant_email": {"easy": emails.EASY, "medium": emails.MEDIUM, "hard": emails.HARD},
    "workplace_assistant_calendar": {"easy": events.EASY, "medium": events.MEDIUM, "hard": busy_days.HARD},
    "workplace_assistant_analytics": {"easy": visits.EASY, "medium": visits.MEDIUM, "hard": visits.HARD},
    "workplace_assistant_project_management": {"easy": jobs.EASY, "medium": jobs.MEDIUM, "hard": jobs.HARD},
    "workplace_assistant_customer_relationship_manager": {
        "easy": clients.EASY,
        "medium": (*clients.MEDIUM, *client_groups.MEDIUM),
        "hard": client_groups.HARD,
    },
}
CATEGORIES = tuple(_AUTHORS)
"""The public names of the five kinds of tasks."""

DIFFICULTIES = ("easy", "medium", "hard")
"""Names of the difficulties."""

_SYSTEM = (
    "Today is Thursday, 2023-11-30, and it is 23:59:00. Take this as the present whenever a request speaks of dates and "
    "times. Meetings start at 9am at the earliest and are over by 6pm."
)
_MOST_DRAWS = 400


def draw_request(rng: np.random.Generator, office: Office, difficulty: str) -> tuple[str, str, Request]:
    """Draw a request that makes sense in an office.

    Args:
        rng: Source of all randomness.
        office: Where the request is made.
        difficulty: One of :data:`DIFFICULTIES`.

    Returns:
        The category, the name of the kind of request, and the request.

    Raises:
        UsageError: When the tables hold too little for any request.
    """
    for _ in range(_MOST_DRAWS):
        category = pick(rng, CATEGORIES)
        author = pick(rng, _AUTHORS[category][difficulty])
        if not _has_enough(office):
            break
        request = author(rng, office)
        if request is not None:
            return category, author.__name__, request
    raise UsageError(
        "The tables hold too little to make up requests: they need people, mails, coming events, visits, tasks of two "
        "colleagues and customers of two. Give tables= a larger company."
    )


def row_of(category: str, kind: str, request: Request, index: int) -> dict[str, Any]:
    """Return a row of the public schema.

    Args:
        category: Public name of the category.
        kind: Name of the kind of request.
        request: The request.
        index: Position of the task; becomes the row's ``id``.
    """
    truth = [{"name": name, "arguments": json.dumps(arguments)} for name, arguments in request.actions]
    lookups = [{"name": name, "arguments": json.dumps(arguments)} for name, arguments in request.lookups]
    return {
        "id": index,
        "responses_create_params": {
            "input": [{"role": "system", "content": _SYSTEM}, {"role": "user", "content": request.text}],
            "parallel_tool_calls": False,
        },
        "ground_truth": truth,
        "category": category,
        "environment_name": "workplace_assistant",
        "lookups": lookups,
        "split_identity": f"{kind} {request.about} {json.dumps(truth)}",
    }


def _has_enough(office: Office) -> bool:
    return bool(
        len(office.people) >= 3
        and office.mails
        and office.events
        and office.visits
        and len(office.assignees) >= 2
        and len(office.salespeople) >= 2
    )
