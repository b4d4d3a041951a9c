"""Tasks that are made up on demand, in splits that share none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from llmgym import bridge
from llmgym.errors import UsageError
from llmgym.tasks import SPLITS, Task

__all__ = ["draw_task"]

_MOST_DRAWS = 1000


def draw_task(
    make: Callable[..., Mapping[str, Any] | Task],
    name: str,
    which: int,
    seed: int,
    arguments: Mapping[str, Any],
    index: int,
) -> Task:
    """Draw until a task belongs to a split, and return it.

    Args:
        make: Called as ``make(rng, index, **arguments)``; returns a task or a row.
        name: What ``make`` makes, for messages.
        which: Position of the split among :data:`~llmgym.tasks.SPLITS`.
        seed: Another number gives other tasks.
        arguments: JSON values passed to ``make``.
        index: Index of the task.

    Raises:
        UsageError: When no draw belongs to the split.
    """
    for attempt in range(_MOST_DRAWS):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, which, index, attempt])))
        made = make(rng, index, **arguments)
        identity: Any = made
        if isinstance(made, Mapping) and "split_identity" in made:
            # The generator may hand out the same row again, so it is not changed.
            identity = {"identity": made["split_identity"]}
            made = {key: value for key, value in made.items() if key != "split_identity"}
        if _split_of(identity) == which:
            task = Task.of(made, id=f"{SPLITS[which]}-{index}")
            return task if task.id else replace(task, id=f"{SPLITS[which]}-{index}")
        # A small split takes many draws.
        bridge.pause()
    raise UsageError(
        f"{name}: {_MOST_DRAWS} draws for task {index} gave none that belongs to the split {SPLITS[which]!r}; "
        "the generator offers too few different tasks."
    )


def _split_of(made: Mapping[str, Any] | Task) -> int:
    """Name the split a task belongs to: of 16 tasks, 12 train, 2 validate and 2 test."""
    content: Any = (
        {"messages": made.messages, "data": dict(made.data)} if isinstance(made, Task) else dict(made)
    )
    for key in ("id", "uuid", "task_id"):
        content.pop(key, None)
    text = json.dumps(content, sort_keys=True, default=str)
    bucket = hashlib.blake2b(text.encode(), digest_size=1).digest()[0] % 16
    return 0 if bucket < 12 else 1 if bucket < 14 else 2
