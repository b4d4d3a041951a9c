"""Free-running rollouts: many episodes at once, without a barrier.

A slot takes the next task the moment its episode ends, so one slow episode delays nobody. At most ``concurrency``
episodes are in flight and at most as many finished ones wait for the consumer, whatever the number of tasks.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium as gym
import numpy as np

from llmgym import bridge
from llmgym.core import Env
from llmgym.errors import InfrastructureError, InvalidTask, UsageError
from llmgym.policies.base import Policy, Request
from llmgym.records.record import Failure, Rollout, record_episode, spec_of
from llmgym.tasks import Task, TaskSet

__all__ = ["Job", "Pool", "jobs_of", "play", "rollouts"]

_GOLDEN = 0x9E3779B1
"""Steps through all 32-bit numbers before it repeats, so the turns of a rollout have different seeds."""

_TOLD = ("components", "metrics", "reason", "vacuous")

logger = logging.getLogger("llmgym.vector")

CLOSE_SECONDS = 10.0
"""Longest wait for an environment's ``close``."""


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
    return np.random.SeedSequence(seed, spawn_key=(index,)).generate_state(count, np.uint32).tolist()


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
        finished: asyncio.Queue[Rollout | BaseException | None] = asyncio.Queue(maxsize=concurrency)
        slots: set[asyncio.Task[None]] = set()

        async def slot(first: Job) -> None:
            try:
                job: Job | None = first
                while job is not None:
                    rollout = await _attempt(pool, policy, job, attempts, retry_delay, timeout)
                    await finished.put(rollout)
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
    finally:
        await pool.close()


class Pool:
    """Environments of one kind, reused from episode to episode, sharing one task set.

    Args:
        env: Id of an environment, a spec, or a function that makes one.
        kwargs: Constructor arguments.

    Raises:
        UsageError: When it is anything else.
    """

    def __init__(self, env: Any, kwargs: dict[str, Any]):
        if isinstance(env, gym.Env):
            raise UsageError(
                "Expected an environment id, a spec or a function that makes environments, found one environment: a "
                f"runner needs many. Pass {env.spec.id if env.spec else 'a factory'!r} and the constructor arguments."
            )
        if not (isinstance(env, str | gym.envs.registration.EnvSpec) or callable(env)):
            raise UsageError(f"Expected an environment id, a spec or a function, found {type(env).__name__}.")
        self._make: Callable[[], gym.Env[Any, Any]] = (
            (lambda: env(**kwargs))
            if callable(env)
            else (lambda: gym.make(env, **{"disable_env_checker": True, **kwargs}))
        )
        self._idle: list[gym.Env[Any, Any]] = []
        self._all: dict[int, gym.Env[Any, Any]] = {}
        self._closing: set[asyncio.Future[None]] = set()
        self._tasks: Any = None
        self.spec: dict[str, Any] = {}

    async def size(self) -> int | None:
        """Return the size of the task set, which is made once."""
        env = await self.take()
        self.give(env)
        return self._tasks.size

    async def take(self) -> gym.Env[Any, Any]:
        """Return an environment that nobody uses."""
        if self._idle:
            return self._idle.pop()
        env = await bridge.call(self._make_unwatched)
        inner = env.unwrapped
        if not isinstance(inner, Env):
            env.close()
            raise UsageError(
                f"Expected an llmgym environment, found {type(inner).__name__}; llmgym runs environments whose "
                "observation is a conversation."
            )
        self._all[id(env)] = env
        if self._tasks is None:
            self._tasks = await bridge.call(_tasks_of, inner)
            self.spec = spec_of(env)
        inner.tasks = self._tasks
        return env

    def _make_unwatched(self) -> gym.Env[Any, Any]:
        # The first environment of a kind imports its modules.
        bridge.unwatch()
        return self._make()

    def give(self, env: gym.Env[Any, Any]) -> None:
        """Take back an environment for the next episode."""
        self._idle.append(env)

    def discard(self, env: gym.Env[Any, Any]) -> Awaitable[None]:
        """Close an environment that may be damaged. A cancelled wait for that leaves it to :meth:`close`."""
        self._all.pop(id(env), None)
        closing = asyncio.ensure_future(_close(env))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)
        return asyncio.shield(closing)

    async def close(self) -> None:
        """Close every environment."""
        for env in list(self._all.values()):
            self.discard(env)
        self._idle.clear()
        await asyncio.gather(*self._closing)


def _tasks_of(env: Env) -> TaskSet:
    bridge.unwatch()
    return env.tasks


async def _close(env: gym.Env[Any, Any]) -> None:
    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await bridge.call(env.close)
    except Exception:
        logger.exception("Closing an environment failed.")


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
        return _never_begun(job, _fields(job, policy, pool.spec, Failure.of(error), 0.0))
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


async def play(
    env: gym.Env[Any, Any],
    policy: Policy,
    job: Job,
    *,
    timeout: float | None = None,
    spec: dict[str, Any] | None = None,
) -> Rollout:
    """Play one episode and record it. Whatever goes wrong in the world is in the record, not raised.

    Args:
        env: An environment that nobody else uses meanwhile.
        policy: Who plays.
        job: What to play.
        timeout: Most seconds; then the episode is cut and verified as it stands.
        spec: Description of the environment for the record.

    Raises:
        UsageError: When the policy lacks a setting or returned no response.
    """
    inner = env.unwrapped
    assert isinstance(inner, Env)
    inner._episode = None
    started = time.perf_counter()
    timings: list[tuple[float, float]] = []
    reward, ended = 0.0, None
    info: dict[str, Any] = {}
    failure: Failure | None = None
    where = "environment"
    try:
        task = job.task
        if isinstance(task, Mapping):
            task = Task.of(task, id=str(job.index), where=f"task {job.index}")
        scope = asyncio.timeout(timeout)
        try:
            async with scope:
                observation, info = await bridge.call(env.reset, seed=job.seed, options={"task": task})
                session = f"{info['task_id']}/{job.repeat}"
                tools, params = info["tools"], inner.task.params
                while ended is None:
                    turn = len(timings)
                    seed = (job.policy_seed + turn * _GOLDEN) % 2**31
                    request = Request(observation, tools, seed, session, turn, params=params, env=env)
                    asked, where = time.perf_counter(), "policy"
                    response = await policy.respond(request)
                    answered, where = time.perf_counter(), "environment"
                    observation, gain, over, cut, info = await bridge.call(env.step, response)
                    timings.append((answered - asked, time.perf_counter() - answered))
                    reward += float(gain)
                    if over or cut:
                        ended = cut and not over
        except TimeoutError as error:
            if not scope.expired():
                raise
            where = "environment"
            if inner._over:
                raise _late(timeout) from error
            scope = asyncio.timeout(timeout)
            try:
                async with scope:
                    _, gain, _, ended, info = await bridge.call(inner.conclude, "deadline")
            except TimeoutError as second:
                if scope.expired():
                    raise _late(timeout) from second
                raise
            reward += float(gain)
    except InvalidTask as error:
        # One bad row of a large data set must not end the run.
        failure = Failure("dataset", type(error).__name__, str(error), retryable=False)
    except UsageError:
        raise
    except asyncio.CancelledError:
        here = asyncio.current_task()
        if here is None or here.cancelling():
            raise
        # Nobody cancelled this rollout: something that it waited for was cancelled from inside.
        failure = Failure(where, "CancelledError", f"What the {where} waited for was cancelled.")
    except Exception as error:
        if where == "environment" and not hasattr(error, "boundary"):
            logger.exception("The environment %s raised.", (spec or {}).get("id"))
        failure = Failure.of(error, where)
    seconds = round(time.perf_counter() - started, 6)
    fields = _fields(job, policy, spec_of(env) if spec is None else spec, failure, seconds)
    if failure is not None and inner._episode is None:
        return _never_begun(job, fields)
    if failure is None:
        verdict: dict[str, Any] = {name: info[name] for name in _TOLD if name in info}
        fields["outcome"] = "truncated" if ended else "completed"
        fields["reward"] = reward
        fields["verdict"] = {"reward": reward, **verdict}
    return record_episode(inner.episode, timings, **fields)


def _late(timeout: float | None) -> InfrastructureError:
    return InfrastructureError(
        f"The environment was still busy when the rollout's {timeout:g} seconds were over.",
        boundary="environment",
    )


def _fields(
    job: Job, policy: Policy, spec: dict[str, Any], failure: Failure | None, seconds: float
) -> dict[str, Any]:
    """Return what a record says about a job, and that it failed, until more is known."""
    return {
        "task_index": job.index,
        "repeat": job.repeat,
        "seed": job.seed,
        "env": spec,
        "policy": policy.describe(),
        "failures": [] if failure is None else [failure],
        "seconds": seconds,
        "outcome": "failed",
        "reward": None,
        "verdict": None,
    }


def _never_begun(job: Job, fields: dict[str, Any]) -> Rollout:
    task, task_id = job.task, str(job.index)
    if isinstance(task, Task):
        task_id = task.id
    elif isinstance(task, Mapping):
        names = (task.get(key) for key in ("task_id", "id", "uuid"))
        task_id = next((str(name) for name in names if isinstance(name, str | int)), task_id)
    return Rollout(task_id=task_id, stop_reason="", messages=[], prompt_length=0, task={}, **fields)
