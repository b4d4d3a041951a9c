"""Project management: tasks on boards."""

from __future__ import annotations

import re
from typing import Any

from llmgym.envs.workplace_assistant.matching import chosen, contains
from llmgym.verifiers.tables import Table

__all__ = ["BOARDS", "LISTS", "ProjectManagementTool"]

LISTS = ("Backlog", "In Progress", "In Review", "Completed")
"""The lists of every board."""

BOARDS = ("Back end", "Front end", "Design")
"""The boards."""

_ADDRESS = re.compile(r"^[a-zA-Z0-9._%+-]+@[a-zA-Z0-9.-]+\.[a-zA-Z]{2,}$")
_BAD_LIST = f"List not valid. Please choose from: {', '.join(map(repr, LISTS))}."
_BAD_BOARD = f"Board not valid. Please choose from: {', '.join(map(repr, BOARDS))}."
_BAD_ASSIGNEE = "Assignee email not valid. Please choose from the list of team members."


class ProjectManagementTool:
    """The tasks of the team.

    Args:
        tasks: Their table.
    """

    def __init__(self, tasks: Table):
        self.tasks = tasks

    def get_task_information_by_id(self, task_id: Any = None, field: Any = None) -> Any:
        """Return a field of a task."""
        if not task_id:
            return "Task ID not provided."
        if not field:
            return "Field not provided."
        found = self.tasks.records(self.tasks.equal("task_id", task_id))
        if not found:
            return "Task not found."
        return {field: found[0][field]} if field in found[0] else "Field not found."

    def search_tasks(
        self,
        task_name: Any = None,
        assigned_to_email: Any = None,
        list_name: Any = None,
        due_date: Any = None,
        board: Any = None,
    ) -> Any:
        """Return all tasks that match every given text; the address must be equal."""
        if not any([task_name, assigned_to_email, list_name, due_date, board]):
            return "No search parameters provided."
        if assigned_to_email and not _ADDRESS.match(assigned_to_email):
            return "Invalid email format for assigned_to_email."
        found = self.tasks
        if task_name:
            found = chosen(found, contains(found.column("task_name"), task_name))
        if assigned_to_email:
            wanted = assigned_to_email.lower()
            found = found.kept([_lower(cell) == wanted for cell in found.column("assigned_to_email")])
        for name, text in (("list_name", list_name), ("due_date", due_date), ("board", board)):
            if text:
                found = chosen(found, contains(found.column(name), text))
        return found.records()

    def create_task(
        self,
        task_name: Any = None,
        assigned_to_email: Any = None,
        list_name: Any = None,
        due_date: Any = None,
        board: Any = None,
    ) -> str:
        """Add a task and return its id."""
        if not all([task_name, assigned_to_email, list_name, due_date, board]):
            return "Missing task details."
        assigned_to_email = assigned_to_email.lower()
        if not self._is_assignee(assigned_to_email):
            return _BAD_ASSIGNEE
        if list_name not in LISTS:
            return _BAD_LIST
        if board not in BOARDS:
            return _BAD_BOARD
        task_id = str(self.tasks.following("task_id")).zfill(8)
        self.tasks = self.tasks.appended(
            {
                "task_id": task_id,
                "task_name": task_name,
                "assigned_to_email": assigned_to_email,
                "list_name": list_name,
                "due_date": due_date,
                "board": board,
            }
        )
        return task_id

    def delete_task(self, task_id: Any = None) -> str:
        """Delete a task."""
        if not task_id:
            return "Task ID not provided."
        if not self.tasks.holds("task_id", task_id):
            return "Task not found."
        self.tasks = self.tasks.kept([not same for same in self.tasks.equal("task_id", task_id)])
        return "Task deleted successfully."

    def update_task(self, task_id: Any = None, field: Any = None, new_value: Any = None) -> str:
        """Change a field of a task; its id is one of them."""
        if not task_id or not field or not new_value:
            return "Task ID, field, or new value not provided."
        if field == "assigned_to_email":
            new_value = new_value.lower()
            if not self._is_assignee(new_value):
                return _BAD_ASSIGNEE
        if field == "list_name" and new_value not in LISTS:
            return _BAD_LIST
        if field == "board" and new_value not in BOARDS:
            return _BAD_BOARD
        if not self.tasks.holds("task_id", task_id):
            return "Task not found."
        if not self.tasks.has(field):
            return "Field not valid."
        self.tasks = self.tasks.assigned(self.tasks.equal("task_id", task_id), field, new_value)
        return "Task updated successfully."

    def _is_assignee(self, address: str) -> bool:
        return any(_lower(cell) == address for cell in self.tasks.column("assigned_to_email"))


def _lower(cell: Any) -> Any:
    return cell.lower() if isinstance(cell, str) else None
