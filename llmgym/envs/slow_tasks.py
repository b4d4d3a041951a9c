"""Procedural tasks that take too long to make on an event loop."""

from __future__ import annotations

from functools import partial

from llmgym import bridge
from llmgym.tasks import Task, TaskSet
from llmgym.threads import in_thread

__all__ = ["beside_the_loop"]


def beside_the_loop(tasks: TaskSet) -> TaskSet:
    """Return the same tasks, each made in a thread where an event loop is running.

    Args:
        tasks: Tasks of which each takes some tens of milliseconds to make.
    """
    return TaskSet(partial(_made, tasks), tasks.size, tasks.name)


def _made(tasks: TaskSet, index: int) -> Task:
    return bridge.wait(in_thread(tasks.__getitem__, index)) if bridge.in_bridge() else tasks[index]
