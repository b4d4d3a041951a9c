"""Requests about the tasks of the team."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from llmgym.envs.workplace_assistant.requests.emails import directory
from llmgym.envs.workplace_assistant.requests.office import TODAY, Job, Office, Person, Request, pick, sample
from llmgym.envs.workplace_assistant.requests.wording import BODIES, SUBJECTS, TASK_NAMES, day, quoted
from llmgym.envs.workplace_assistant.toolkits.project_management import BOARDS, LISTS

__all__ = ["EASY", "HARD", "MEDIUM"]

Call = tuple[str, dict[str, Any]]


def _create(name: str, person: Person, list_name: str, due: date, board: str) -> Call:
    arguments = {
        "task_name": name,
        "assigned_to_email": person.address,
        "list_name": list_name,
        "due_date": str(due),
        "board": board,
    }
    return "project_management_create_task", arguments


def _change(job: Job, field: str, value: str) -> Call:
    return "project_management_update_task", {"task_id": job.id, "field": field, "new_value": value}


def _delete(job: Job) -> Call:
    return "project_management_delete_task", {"task_id": job.id}


def _search(person: Person, **more: str) -> Call:
    return "project_management_search_tasks", {"assigned_to_email": person.address, **more}


def _one(rng: np.random.Generator, office: Office) -> tuple[Person, Job, list[Call]] | None:
    """Choose a task that its assignee and its name tell from all others, with the calls that find it."""
    return _told_apart(office, pick(rng, office.jobs))


def _told_apart(office: Office, job: Job) -> tuple[Person, Job, list[Call]] | None:
    person, name = office.person(job.person), job.name.lower()
    names = [other.name.lower() for other in office.jobs if other.person == job.person]
    if person is None or sum(name in other or other in name for other in names) > 1:
        return None
    return person, job, [directory(person), _search(person)]


def create(rng: np.random.Generator, office: Office) -> Request:
    """Create a task."""
    name, person, board = pick(rng, TASK_NAMES), pick(rng, office.assignees), pick(rng, BOARDS)
    list_name, due = pick(rng, LISTS[:2]), pick(rng, office.workdays())
    text = pick(
        rng,
        (
            "Create a task {name} for {who} on the {board} board. Put it in the list {list} and make it due on {day}",
            "{who} gets a new task {name}: board {board}, list {list}, due {day}",
            "Add {name} to {who}'s tasks. Board: {board}, list: {list}, due date: {day}",
        ),
    ).format(name=quoted(name), who=person.name, board=board, list=list_name, day=day(rng, due))
    return Request(text, [_create(name, person, list_name, due, board)], [directory(person)])


def move(rng: np.random.Generator, office: Office) -> Request | None:
    """Move a task to another list."""
    if (one := _one(rng, office)) is None:
        return None
    person, job, lookups = one
    list_name = pick(rng, [name for name in LISTS if name != job.list_name])
    text = pick(
        rng,
        (
            "Move {who}'s task {name} to {list}",
            "{who}'s task {name} belongs in the list {list} now. Please move it",
        ),
    ).format(who=person.name, name=quoted(job.name), list=list_name)
    return Request(text, [_change(job, "list_name", list_name)], lookups)


def postpone(rng: np.random.Generator, office: Office) -> Request | None:
    """Give a task another due date."""
    if (one := _one(rng, office)) is None:
        return None
    (person, job, lookups), due = one, pick(rng, office.workdays())
    if due == job.due:
        return None
    text = pick(
        rng,
        (
            "Change the due date of {who}'s task {name} to {day}",
            "{who}'s task {name} is now due on {day}. Update it",
        ),
    ).format(who=person.name, name=quoted(job.name), day=day(rng, due))
    return Request(text, [_change(job, "due_date", str(due))], lookups)


def delete(rng: np.random.Generator, office: Office) -> Request | None:
    """Delete a task."""
    if (one := _one(rng, office)) is None:
        return None
    person, job, lookups = one
    text = pick(
        rng,
        (
            "Delete the task {name} that is assigned to {who}",
            "We don't need {who}'s task {name} any more. Delete it",
        ),
    ).format(who=person.name, name=quoted(job.name))
    return Request(text, [_delete(job)], lookups)


def reassign(rng: np.random.Generator, office: Office) -> Request | None:
    """Give a task to somebody else."""
    one, other = _one(rng, office), pick(rng, office.assignees)
    if one is None or other == one[0]:
        return None
    person, job, lookups = one
    text = pick(
        rng,
        (
            "Give {who}'s task {name} to {other}",
            "{other} takes over the task {name} from {who}. Reassign it",
        ),
    ).format(who=person.name, name=quoted(job.name), other=other.name)
    return Request(text, [_change(job, "assigned_to_email", other.address)], [*lookups, directory(other)])


def move_all(rng: np.random.Generator, office: Office) -> Request | None:
    """Move somebody's tasks of a list and board to another list."""
    person, start, board = pick(rng, office.assignees), pick(rng, LISTS[:3]), pick(rng, BOARDS)
    end = pick(rng, [name for name in LISTS if name != start])
    jobs = [
        j for j in office.jobs if j.person == person.address and j.list_name == start and j.board == board
    ]
    if not 1 <= len(jobs) <= 3:
        return None
    text = pick(
        rng,
        (
            "Move all of {who}'s tasks on the {board} board that are in the list {start} to {end}",
            "Whatever {who} has in the list {start} on the {board} board goes to {end}. Please move it",
        ),
    ).format(who=person.name, board=board, start=start, end=end)
    lookups = [directory(person), _search(person, list_name=start, board=board)]
    return Request(text, [_change(job, "list_name", end) for job in jobs], lookups)


def start_if_idle(rng: np.random.Generator, office: Office) -> Request | None:
    """Start a task if its assignee has none in progress."""
    at_work = {job.person for job in office.jobs if job.list_name == "In Progress"}
    idle = rng.random() < 0.5
    jobs = [job for job in office.jobs if job.list_name == "Backlog" and (job.person in at_work) != idle]
    if not jobs or (one := _told_apart(office, pick(rng, jobs))) is None:
        return None
    person, job, lookups = one
    text = pick(
        rng,
        (
            "If {who} has no task in progress, move their task {name} from the backlog to In Progress. Otherwise change "
            "nothing",
            "Look at {who}'s tasks: only if none of them is in the list In Progress, move {name} there",
        ),
    ).format(who=person.name, name=quoted(job.name))
    actions = [_change(job, "list_name", "In Progress")] if idle else []
    return Request(text, actions, lookups, f"{person.address} {job.id}")


def reassign_overdue(rng: np.random.Generator, office: Office) -> Request | None:
    """Give somebody's overdue tasks to somebody else; there may be none."""
    person, other = sample(rng, office.assignees, 2)
    jobs = [
        j for j in office.jobs if j.person == person.address and j.due < TODAY and j.list_name != "Completed"
    ]
    if len(jobs) > 2:
        return None
    text = pick(
        rng,
        (
            "Reassign all overdue tasks of {who} to {other}. Overdue means due before today and not completed",
            "{other} helps {who} out: reassign to {other} whatever {who} has that was due before today and is not in the "
            "list Completed",
        ),
    ).format(who=person.name, other=other.name)
    actions = [_change(job, "assigned_to_email", other.address) for job in jobs]
    lookups = [directory(person), directory(other), _search(person)]
    return Request(text, actions, lookups, f"{person.address} {other.address} overdue")


def postpone_all(rng: np.random.Generator, office: Office) -> Request | None:
    """Give some of somebody's unfinished tasks another due date."""
    person, due = pick(rng, office.assignees), pick(rng, office.workdays(12, 30))
    limit = pick(rng, office.workdays(1, 10))
    jobs = [
        job
        for job in office.jobs
        if job.person == person.address and job.list_name == "Backlog" and TODAY <= job.due <= limit
    ]
    if not 1 <= len(jobs) <= 3:
        return None
    text = pick(
        rng,
        (
            "{who} is on holiday. Set the due date of all their backlog tasks that are due between today and {limit}, both "
            "days included, to {due}",
            "All tasks in {who}'s backlog with a due date from today up to and including {limit} are postponed to {due}",
        ),
    ).format(who=person.name, limit=day(rng, limit), due=day(rng, due))
    lookups = [directory(person), _search(person, list_name="Backlog")]
    return Request(text, [_change(job, "due_date", str(due)) for job in jobs], lookups)


def create_for_less_busy(rng: np.random.Generator, office: Office) -> Request | None:
    """Create a task for whoever of two has fewer unfinished ones."""
    one, two = sample(rng, office.assignees, 2)
    open_tasks = [
        sum(job.person == person.address and job.list_name != "Completed" for job in office.jobs)
        for person in (one, two)
    ]
    if open_tasks[0] == open_tasks[1]:
        return None
    name, board, due = pick(rng, TASK_NAMES), pick(rng, BOARDS), pick(rng, office.workdays())
    text = pick(
        rng,
        (
            "Create the task {name} (board {board}, list Backlog, due {day}) for {one} or {two}, whoever of them has fewer "
            "tasks that are not completed",
            "Who has fewer tasks outside the list Completed, {one} or {two}? Give that person a new task {name} on the "
            "{board} board, in the backlog, due on {day}",
        ),
    ).format(name=quoted(name), board=board, day=day(rng, due), one=one.name, two=two.name)
    person = one if open_tasks[0] < open_tasks[1] else two
    lookups = [directory(one), directory(two), _search(one), _search(two)]
    return Request(text, [_create(name, person, "Backlog", due, board)], lookups)


def complete_and_thank(rng: np.random.Generator, office: Office) -> Request | None:
    """Complete a task that its name alone tells, and write to its assignee."""
    job, subject, body = pick(rng, office.jobs), pick(rng, SUBJECTS), pick(rng, BODIES)
    same = [
        other for other in office.jobs if job.name.lower() in other.name.lower() and other.board == job.board
    ]
    unfinished = [other for other in same if other.list_name == "In Review"]
    if len(unfinished) != 1 or len({other.name for other in same}) > 1:
        return None
    job = unfinished[0]
    text = pick(
        rng,
        (
            "The task {name} that is in review on the {board} board is done. Move it to Completed and email whoever it is "
            "assigned to: subject {subject}, body {body}",
            "Complete {name}, the one on the {board} board that is in review, and send its assignee an email with the "
            "subject {subject} and the body {body}",
        ),
    ).format(name=quoted(job.name), board=job.board, subject=quoted(subject), body=quoted(body))
    send = ("email_send_email", {"recipient": job.person, "subject": subject, "body": body})
    search = ("project_management_search_tasks", {"list_name": "In Review", "board": job.board})
    return Request(text, [_change(job, "list_name", "Completed"), send], [search])


EASY = (create, move, postpone, delete)
MEDIUM = (reassign, move_all, complete_and_thank, start_if_idle)
HARD = (start_if_idle, reassign_overdue, postpone_all, create_for_less_busy, complete_and_thank)
