"""Free-running rollouts: many episodes at once, without a barrier.

A slot takes the next task the moment its episode ends, so one slow episode delays nobody. At most ``concurrency``
episodes are in flight and at most as many finished ones wait for the consumer, whatever the number of tasks.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import aclosing
from typing import Any

from llmgym.errors import UsageError
from llmgym.policies.base import Policy
from llmgym.records.record import Failure, Rollout
from llmgym.vector.heap import frozen_heap
from llmgym.vector.jobs import Job, jobs_of
from llmgym.vector.playing import never_begun, play
from llmgym.vector.pool import Pool

__all__ = ["rollouts"]

logger = logging.getLogger("llmgym.vector")


async def rollouts(
    env: Any,
    policy: Policy,
    *,
    tasks: Any = None,
    repeats: int = 1,
    concurrency: int = 32,
    seed: int = 0,
    share_seed: bool = True,
    attempts: int = 3,
    retry_delay: float = 1.0,
    timeout: float | None = None,
    skip: Collection[tuple[int, int]] = (),
    attempted: Mapping[tuple[int, int], int] | None = None,
    **kwargs: Any,
) -> AsyncGenerator[Rollout, None]:
    """Make rollouts, and yield each as it is finished.

    A rollout that the world breaks is tried again, and after ``attempts`` tries it is yielded as ``failed`` with a
    reward of ``None``; its siblings go on. Leaving the loop early, an exception or a cancellation ends all episodes
    and closes all environments.

    For the length of a run, what existed before is set aside from the garbage collector, whose full collections would
    hold the event loop (:mod:`llmgym.vector.heap`).

    Args:
        env: Id of an environment, a spec, or a function that makes one.
        policy: Who plays.
        tasks: ``None`` for the whole task set, a number for its first tasks, or a list of indices, tasks or rows.
        repeats: Rollouts a task.
        concurrency: Most episodes at a time.
        seed: Seed of the run; every random stream derives from it.
        share_seed: Whether the repeats of a task share the episode's seed, as group methods such as GRPO want.
        attempts: Most tries of a rollout that the world breaks, those of an earlier run included.
        retry_delay: Seconds before the first new try; it doubles with each.
        timeout: Most seconds of a rollout. Then it is cut, verified as it stands (for which it has as long again),
            and truncated. It has failed if the environment was in the middle of a reset or a step.
        skip: Task index and repeat of rollouts that are done already.
        attempted: Attempts made in an earlier run, by task index and repeat.
        **kwargs: Constructor arguments for ``env`` when it is an id or a spec.

    Yields:
        The rollouts, in the order in which they finish.

    Raises:
        UsageError: When the arguments make no sense.

    Example:
        >>> async def rewards():
        ...     made = rollouts("llmgym/SessionState-v0", llmgym.OraclePolicy(), tasks=3)
        ...     return [rollout.reward async for rollout in made]
        >>> import asyncio, llmgym
        >>> asyncio.run(rewards())
        [1.0, 1.0, 1.0]
    """
    if concurrency < 1 or attempts < 1:
        raise UsageError(
            f"Expected concurrency and attempts of at least 1, found {concurrency} and {attempts}."
        )
    pool = Pool(env, kwargs)
    done = frozenset(skip)
    try:
        size = await pool.size()
        pending = (
            job
            for job in jobs_of(tasks, size, repeats, seed, share_seed, attempted or {})
            if (job.index, job.repeat) not in done
        )

        async def attempt(job: Job) -> Rollout:
            return await _attempt(pool, policy, job, attempts, retry_delay, timeout)

        with frozen_heap() as tally:
            async with aclosing(_free_running(attempt, pending, concurrency)) as made:
                async for rollout in made:
                    tally.rollouts += 1
                    yield rollout
    finally:
        await pool.close()


async def _free_running(
    attempt: Callable[[Job], Awaitable[Rollout]], pending: Iterator[Job], concurrency: int
) -> AsyncGenerator[Rollout, None]:
    """Play jobs in so many slots, each taking the next job when it is free."""
    finished: asyncio.Queue[Rollout | BaseException | None] = asyncio.Queue(maxsize=concurrency)
    slots: set[asyncio.Task[None]] = set()

    async def slot(first: Job) -> None:
        try:
            job: Job | None = first
            while job is not None:
                await finished.put(await attempt(job))
                job = next(pending, None)
        except asyncio.CancelledError:
            raise
        except BaseException as error:
            await finished.put(error)
        else:
            await finished.put(None)

    try:
        for _ in range(concurrency):
            job = next(pending, None)
            if job is None:
                break
            slots.add(asyncio.create_task(slot(job)))
        running = len(slots)
        while running:
            outcome = await finished.get()
            if outcome is None:
                running -= 1
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                yield outcome
    finally:
        for task in slots:
            task.cancel()
        await asyncio.gather(*slots, return_exceptions=True)


async def _attempt(
    pool: Pool, policy: Policy, job: Job, attempts: int, delay: float, timeout: float | None
) -> Rollout:
    """Play a job until it has a reward or its attempts are used up."""
    failures: list[Failure] = []
    attempt = job.made
    while True:
        attempt += 1
        rollout = await _once(pool, policy, job, timeout)
        rollout.attempt = attempt
        rollout.failures = failures = [*failures, *rollout.failures]
        if rollout.outcome != "failed" or attempt >= attempts or not failures[-1].retryable:
            return rollout
        await asyncio.sleep(delay * 2 ** (len(failures) - 1))


async def _once(pool: Pool, policy: Policy, job: Job, timeout: float | None) -> Rollout:
    try:
        env = await pool.take()
    except UsageError:
        raise
    except Exception as error:
        logger.exception("Making an environment failed.")
        return never_begun(job, policy, pool.spec, Failure.of(error))
    sound = False
    try:
        rollout = await play(env, policy, job, timeout=timeout, spec=pool.spec)
        sound = rollout.outcome != "failed"
        return rollout
    finally:
        # Also on cancellation: an environment in the middle of an episode is not for reuse.
        if sound:
            pool.give(env)
        else:
            await pool.discard(env)
