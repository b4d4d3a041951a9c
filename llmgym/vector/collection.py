"""Rollouts into a file, with resume and a progress bar."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator, Mapping, Sized
from contextlib import aclosing
from pathlib import Path
from typing import Any

import numpy as np

from llmgym import bridge
from llmgym.errors import UsageError
from llmgym.policies.base import Policy
from llmgym.records.journal import Acknowledgement
from llmgym.records.record import Rollout, versions
from llmgym.records.store import RolloutStore
from llmgym.tasks import Task
from llmgym.vector.heap import KEPT_EVERY, set_aside_again
from llmgym.vector.pool import Pool
from llmgym.vector.progress import CollectionProgress
from llmgym.vector.runner import rollouts

__all__ = ["collect", "collecting", "identity_of"]

_MOST_WAITING = 1024
"""Most rollouts that wait for the disk before no more are taken."""

_BLOCK_OF_EPISODES = 4
"""How many times as many rollouts as are played at a time are kept before they are set aside from the collector."""


def collect(
    env: Any,
    policy: Policy,
    *,
    output: str | Path | None = None,
    resume: bool = False,
    progress: bool | None = None,
    **options: Any,
) -> list[Rollout]:
    """Make rollouts and return them: the blocking twin of :func:`~llmgym.vector.runner.rollouts`.

    Args:
        env: Id of an environment, a spec, or a function that makes one.
        policy: Who plays. It is not closed.
        output: File to append each rollout to as it finishes.
        resume: Go on with that file: rollouts that it holds are not made again.
        progress: Show a progress bar; by default where standard error is a terminal.
        **options: What :func:`~llmgym.vector.runner.rollouts` takes: ``tasks``, ``repeats``, ``concurrency``, ...

    Returns:
        The rollouts in the order in which they finished; after a resume also those of the file, each once.

    Raises:
        StoreError: When the file exists and ``resume`` is false, or belongs to another run.

    Example:
        >>> import llmgym
        >>> made = llmgym.collect("llmgym/SessionState-v0", llmgym.OraclePolicy(), tasks=2, progress=False)
        >>> [rollout.reward for rollout in made]
        [1.0, 1.0]
    """

    async def main() -> list[Rollout]:
        made: list[Rollout] = []
        block = max(KEPT_EVERY, _BLOCK_OF_EPISODES * options.get("concurrency", 0))
        shown = sys.stderr.isatty() if progress is None else progress
        with CollectionProgress(enabled=shown) as bar:
            making = collecting(env, policy, output=output, resume=resume, on_start=bar.start, **options)
            async with aclosing(making) as running:
                async for rollout in running:
                    bar.add(rollout)
                    made.append(rollout)
                    if len(made) % block == 0:
                        set_aside_again()
        return made

    made = bridge.run(main())
    if output is None or not resume:
        return made
    from llmgym.records import read_rollouts

    # A rollout that failed in an earlier run and was tried again has a row of each.
    latest: dict[tuple[int, int], Rollout] = {}
    for rollout in read_rollouts(output):
        latest.pop((rollout.task_index, rollout.repeat), None)
        latest[rollout.task_index, rollout.repeat] = rollout
    return list(latest.values())


async def collecting(
    env: Any,
    policy: Policy,
    *,
    output: str | Path | None = None,
    resume: bool = False,
    on_start: Callable[[int | None, int], None] | None = None,
    attempts: int = 3,
    tasks: Any = None,
    repeats: int = 1,
    seed: int = 0,
    share_seed: bool = True,
    **options: Any,
) -> AsyncGenerator[Rollout, None]:
    """Make rollouts, append each to a file, and yield it once it is safe on disk.

    Args:
        env: Id of an environment, a spec, or a function that makes one.
        policy: Who plays.
        output: File to append to; ``None`` keeps nothing.
        resume: Go on with that file. Its environment, tasks, policy and seed must be the same; the number of tasks
            and repeats may grow.
        on_start: Called once with the number of rollouts (``None`` if unknown) and how many are done already.
        attempts: Most tries of a rollout that the world breaks, earlier runs included.
        tasks: As in :func:`~llmgym.vector.runner.rollouts`.
        repeats: Rollouts a task.
        seed: Seed of the run.
        share_seed: Whether the repeats of a task share the episode's seed.
        **options: What else :func:`~llmgym.vector.runner.rollouts` takes.

    Yields:
        The new rollouts.

    Raises:
        StoreError: When the file exists and ``resume`` is false, or belongs to another run.
    """
    if isinstance(tasks, np.integer):
        tasks = int(tasks)
    elif output is not None and isinstance(tasks, Iterator):
        # Its digest is part of what the file is.
        tasks = list(tasks)
    size = tasks if isinstance(tasks, int) else len(tasks) if isinstance(tasks, Sized) else None
    running: dict[str, Any] = {
        "tasks": tasks,
        "repeats": repeats,
        "seed": seed,
        "share_seed": share_seed,
        "attempts": attempts,
        **options,
    }
    if output is None:
        if on_start is not None:
            on_start(None if size is None else size * repeats, 0)
        async with aclosing(rollouts(env, policy, **running)) as made:
            async for rollout in made:
                yield rollout
        return
    constructor = {
        name: value
        for name, value in options.items()
        if name not in ("concurrency", "retry_delay", "timeout")
    }
    spec, known = await _probe(env, constructor)
    identity = identity_of(spec, policy, tasks, seed, share_seed)
    async with RolloutStore.open(output, identity=identity, resume=resume, notes=versions()) as store:
        failed = store.failed("task_index")
        # What could not succeed then (a wrong key, say) may have been put right since: only attempts count.
        settled = store.done("task_index") | {key for key, made in failed.items() if made >= attempts}
        if on_start is not None:
            total = known if size is None else size
            on_start(None if total is None else total * repeats, len(settled))
        making = rollouts(env, policy, skip=settled, attempted=failed, **running)
        async with aclosing(making) as made, aclosing(_stored(made, store)) as stored:
            async for rollout in stored:
                yield rollout


async def _stored(made: AsyncGenerator[Rollout, None], store: RolloutStore) -> AsyncGenerator[Rollout, None]:
    """Append each rollout as it comes, and yield it once the disk has it; the next ones do not wait for that."""
    waiting: deque[tuple[asyncio.Future[None], Rollout]] = deque()
    coming: asyncio.Future[Rollout] | None = asyncio.ensure_future(anext(made))
    try:
        while coming is not None or waiting:
            awaited: list[asyncio.Future[Any]] = [waiting[0][0]] if waiting else []
            if coming is not None and len(waiting) < _MOST_WAITING:
                awaited.append(coming)
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            if coming is not None and coming.done():
                try:
                    rollout = coming.result()
                except StopAsyncIteration:
                    coming = None
                else:
                    waiting.append(
                        (asyncio.ensure_future(_acknowledged(store.append(rollout.to_json()))), rollout)
                    )
                    coming = asyncio.ensure_future(anext(made))
            while waiting and waiting[0][0].done():
                safe, rollout = waiting.popleft()
                safe.result()
                yield rollout
    finally:
        left = [future for future, _ in waiting] + ([] if coming is None else [coming])
        for future in left:
            future.cancel()
        await asyncio.gather(*left, return_exceptions=True)


async def _acknowledged(acknowledgement: Acknowledgement) -> None:
    await acknowledgement


def identity_of(
    spec: Mapping[str, Any], policy: Policy, tasks: Any, seed: int, share_seed: bool
) -> dict[str, Any]:
    """Return what must be the same for a file to be gone on with.

    Args:
        spec: Description of the environment.
        policy: Who plays.
        tasks: The tasks of the run. A number may grow from run to run; a list may not change.
        seed: Seed of the run.
        share_seed: Whether repeats share the episode's seed.
    """
    dataset = spec.get("kwargs", {}).get("dataset")
    identity: dict[str, Any] = {
        "env": dict(spec),
        "policy": policy.describe(),
        "seed": seed,
        "share_seed": share_seed,
        "tasks": "from the first" if tasks is None or isinstance(tasks, int) else _digest_of_tasks(tasks),
    }
    if isinstance(dataset, str) and Path(dataset).is_file():
        with open(dataset, "rb") as file:
            identity["dataset_digest"] = hashlib.file_digest(file, "sha256").hexdigest()
    return identity


def _digest_of_tasks(tasks: Any) -> str:
    if not isinstance(tasks, Iterable) or isinstance(tasks, str | Mapping):
        raise UsageError(
            f"Expected tasks to be a number or a list of indices, tasks and rows, found {type(tasks).__name__}."
        )
    listed = [[task.id, task.row()] if isinstance(task, Task) else task for task in tasks]
    text = json.dumps(
        listed, sort_keys=True, default=lambda value: getattr(value, "tolist", value.__repr__)()
    )
    return hashlib.sha256(text.encode()).hexdigest()


async def _probe(env: Any, kwargs: dict[str, Any]) -> tuple[dict[str, Any], int | None]:
    """Make one environment to learn its description and the size of its task set."""
    pool = Pool(env, kwargs)
    try:
        size = await pool.size()
        return pool.spec, size
    finally:
        await pool.close()
