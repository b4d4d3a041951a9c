"""One episode of one policy, and the record of it."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym

from llmgym import bridge
from llmgym.core import Env
from llmgym.errors import InfrastructureError, InvalidTask, UsageError
from llmgym.policies.base import Policy, Request
from llmgym.records.record import Failure, Rollout, record_episode
from llmgym.records.spec import spec_of
from llmgym.tasks import Task
from llmgym.vector.jobs import Job

__all__ = ["never_begun", "play"]

logger = logging.getLogger("llmgym.vector")

_GOLDEN = 0x9E3779B1
"""Steps through all 32-bit numbers before it repeats, so the turns of a rollout have different seeds."""

_TOLD = ("components", "metrics", "reason", "vacuous")


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
    course, failure = _Course(), None
    try:
        await _play_in_time(course, env, policy, job, timeout)
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
        text = f"What the {course.where} waited for was cancelled."
        failure = Failure(course.where, "CancelledError", text)
    except Exception as error:
        if course.where == "environment" and not hasattr(error, "boundary"):
            logger.exception("The environment %s raised.", (spec or {}).get("id"))
        failure = Failure.of(error, course.where)
    seconds = round(time.perf_counter() - started, 6)
    told = spec_of(env) if spec is None else spec
    if failure is not None and inner._episode is None:
        return never_begun(job, policy, told, failure, seconds)
    fields = _fields(job, policy, told, failure, seconds)
    if failure is None:
        verdict: dict[str, Any] = {name: course.info[name] for name in _TOLD if name in course.info}
        fields["outcome"] = "truncated" if course.truncated else "completed"
        fields["reward"] = course.reward
        fields["verdict"] = {"reward": course.reward, **verdict}
    return record_episode(inner.episode, course.timings, **fields)


@dataclass(slots=True)
class _Course:
    """How far an episode has come.

    Attributes:
        timings: Seconds of the policy and of the environment, for each turn.
        reward: Sum of the rewards.
        truncated: How the episode ended; ``None`` while it goes on.
        info: The last info of the environment.
        where: Who is at work: ``environment`` or ``policy``.
    """

    timings: list[tuple[float, float]] = field(default_factory=list)
    reward: float = 0.0
    truncated: bool | None = None
    info: dict[str, Any] = field(default_factory=dict)
    where: str = "environment"


async def _play_in_time(
    course: _Course, env: gym.Env[Any, Any], policy: Policy, job: Job, timeout: float | None
) -> None:
    """Play to the end; when the time is over, cut the episode and verify it as it stands."""
    inner = env.unwrapped
    assert isinstance(inner, Env)
    scope = asyncio.timeout(timeout)
    try:
        async with scope:
            await _play_on(course, env, policy, job)
    except TimeoutError as error:
        if not scope.expired():
            raise
        course.where = "environment"
        if inner._over:
            raise _late(timeout) from error
        scope = asyncio.timeout(timeout)
        try:
            async with scope:
                _, gain, _, course.truncated, course.info = await bridge.call(inner.conclude, "deadline")
        except TimeoutError as second:
            if scope.expired():
                raise _late(timeout) from second
            raise
        course.reward += float(gain)


async def _play_on(course: _Course, env: gym.Env[Any, Any], policy: Policy, job: Job) -> None:
    """Let the policy and the environment take turns until the episode is over."""
    inner = env.unwrapped
    assert isinstance(inner, Env)
    task = job.task
    if isinstance(task, Mapping):
        task = Task.of(inner.convert_row(task), id=str(job.index), where=f"task {job.index}")
    observation, course.info = await bridge.call(env.reset, seed=job.seed, options={"task": task})
    session = f"{course.info['task_id']}/{job.repeat}"
    tools, params = course.info["tools"], inner.task.params
    while course.truncated is None:
        turn = len(course.timings)
        seed = (job.policy_seed + turn * _GOLDEN) % 2**31
        request = Request(observation, tools, seed, session, turn, params=params, env=env)
        asked, course.where = time.perf_counter(), "policy"
        response = await policy.respond(request)
        answered, course.where = time.perf_counter(), "environment"
        observation, gain, over, cut, course.info = await bridge.call(env.step, response)
        course.timings.append((answered - asked, time.perf_counter() - answered))
        course.reward += float(gain)
        if over or cut:
            course.truncated = cut and not over


def _late(timeout: float | None) -> InfrastructureError:
    return InfrastructureError(
        f"The environment was still busy when the rollout's {timeout:g} seconds were over.",
        boundary="environment",
    )


def never_begun(
    job: Job, policy: Policy, spec: dict[str, Any], failure: Failure, seconds: float = 0.0
) -> Rollout:
    """Make the record of a rollout whose episode never began.

    Args:
        job: What was to be played.
        policy: Who was to play.
        spec: Description of the environment.
        failure: Why it did not begin.
        seconds: Wall time of the attempt.
    """
    task, task_id = job.task, str(job.index)
    if isinstance(task, Task):
        task_id = task.id
    elif isinstance(task, Mapping):
        names = (task.get(key) for key in ("task_id", "id", "uuid"))
        task_id = next((str(name) for name in names if isinstance(name, str | int)), task_id)
    fields = _fields(job, policy, spec, failure, seconds)
    return Rollout(task_id=task_id, stop_reason="", messages=[], prompt_length=0, task={}, **fields)


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
