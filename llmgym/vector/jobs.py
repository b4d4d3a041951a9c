"""The rollouts of a run, listed task by task, each with its seeds."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from llmgym.errors import UsageError
from llmgym.tasks import Task

__all__ = ["Job", "jobs_of"]


@dataclass(frozen=True, slots=True)
class Job:
    """One rollout to be made.

    Attributes:
        task: Index of the task, or the task itself.
        index: Index of the task, or its position among the tasks that were given.
        repeat: Which rollout of this task.
        seed: Seed for the environment's reset.
        policy_seed: Number from which the policy's seeds are derived.
        made: Attempts that were made before, in an earlier run.
    """

    task: int | Task | Mapping[str, Any]
    index: int
    repeat: int
    seed: int
    policy_seed: int
    made: int = 0


def jobs_of(
    tasks: Any,
    size: int | None,
    repeats: int,
    seed: int,
    share_seed: bool,
    attempted: Mapping[tuple[int, int], int],
) -> Iterator[Job]:
    """List the rollouts of a run, task by task.

    Args:
        tasks: ``None`` for the whole task set, a number for its first tasks, or indices, tasks and rows.
        size: Size of the task set; ``None`` when it has no end.
        repeats: Rollouts a task.
        seed: Seed of the run.
        share_seed: Whether the repeats of a task share the episode's seed.
        attempted: Attempts made before, by task index and repeat.

    Raises:
        UsageError: When the whole of a set without end is asked for, or a task that the set does not have.
    """
    if repeats < 1:
        raise UsageError(f"Expected at least 1 repeat, found {repeats}.")
    if tasks is None:
        if size is None:
            raise UsageError("The task set has no end; say how many tasks to play (tasks=100, or -n 100).")
        tasks = range(size)
    elif isinstance(tasks, int | np.integer):
        if tasks < 0 or (size is not None and tasks > size):
            raise UsageError(
                f"Asked for {tasks} tasks, but the task set has {'no end' if size is None else size}."
            )
        tasks = range(tasks)
    elif not isinstance(tasks, Iterable) or isinstance(tasks, str | Mapping):
        raise UsageError(
            f"Expected tasks to be a number or a list of indices, tasks and rows, found {type(tasks).__name__}."
        )
    for position, task in enumerate(tasks):
        index = position
        if isinstance(task, int | np.integer):
            index = task = _index(int(task), size)
        shared, *seeds = _seeds(seed, index, repeats + 1)
        for repeat in range(repeats):
            env_seed = shared if share_seed else seeds[repeat] ^ shared
            yield Job(task, index, repeat, env_seed, seeds[repeat], attempted.get((index, repeat), 0))


def _index(index: int, size: int | None) -> int:
    if index < (0 if size is None else -size) or (size is not None and index >= size):
        raise UsageError(
            f"Asked for task {index}, but the task set has {'no end' if size is None else f'{size} tasks'}."
        )
    return index if size is None else index % size


def _seeds(seed: int, index: int, count: int) -> list[int]:
    """Derive independent seeds for a task; asking for more of them does not change the first ones."""
    block, place = divmod(index, _BLOCK)
    return [_seeds_of_block(seed, column, block)[place] for column in range(count)]


@functools.lru_cache(maxsize=256)
def _seeds_of_block(seed: int, column: int, block: int) -> list[int]:
    # A block at a time: a seed sequence costs more than the rest of a short rollout's bookkeeping.
    return np.random.SeedSequence(seed, spawn_key=(column, block)).generate_state(_BLOCK, np.uint32).tolist()


_BLOCK = 256
