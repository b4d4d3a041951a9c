"""Tasks of the environment: made up, or read from rows of several forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from llmgym.envs.mini_swe.prompts import prompt
from llmgym.envs.mini_swe.tasks import make_repair_task
from llmgym.envs.mini_swe.workspace import CWD
from llmgym.envs.slow_tasks import beside_the_loop
from llmgym.errors import InvalidTask
from llmgym.tasks import Task, TaskSet

__all__ = ["loaded", "procedural", "with_input", "with_prompt"]


def procedural(split: str, difficulty: str) -> TaskSet:
    """Return tasks that are made up on demand, beside the event loop where one is running.

    Args:
        split: One of the procedural splits.
        difficulty: One of :data:`~llmgym.envs.mini_swe.tasks.LEVELS`.
    """
    return beside_the_loop(TaskSet.procedural(make_repair_task, split=split, difficulty=difficulty))


def loaded(dataset: Any, split: str, on_bad_row: Any) -> TaskSet:
    """Return the tasks of a data set. Its rows may have the instance's fields alone.

    Args:
        dataset: A file, hub id, rows or a task set.
        split: Split of a hub data set.
        on_bad_row: ``raise`` or ``skip``.
    """
    return TaskSet.load(dataset, split, on_error=on_bad_row, convert=with_input)


def with_input(row: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a row that may be a task: one that has the fields of an instance alone gets an empty prompt.

    Args:
        row: The row.
    """
    if "problem_statement" in row and not {"responses_create_params", "messages", "prompt"} & row.keys():
        return {**row, "responses_create_params": {"input": []}}
    return row


def with_prompt(task: Task, protocol: str, step_timeout: float) -> Task:
    """Return a task with the prompt of a protocol, unless the row brings messages of its own.

    Args:
        task: The task.
        protocol: ``text`` or ``tools``.
        step_timeout: How long a command may take, in seconds.

    Raises:
        InvalidTask: When there is no issue.
    """
    name = task.data.get("instance_id")
    task_id = name if isinstance(name, str) and name else task.id
    if task.messages:
        return replace(task, id=task_id)
    problem = task.data.get("problem_statement")
    if not isinstance(problem, str):
        raise InvalidTask(f"Task {task.id!r}: expected 'problem_statement' to be text.")
    public = task.data.get("files") is None
    messages = prompt(problem, protocol, public=public, cwd=CWD, timeout=step_timeout)
    return replace(task, id=task_id, messages=messages)
