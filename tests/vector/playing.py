"""Policies, environments and comparisons that the tests of this room share."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import gymnasium as gym
from testing_env import WeatherEnv

from llmgym.messages import Response
from llmgym.policies.base import Policy, Request
from llmgym.policies.scripted import OraclePolicy
from llmgym.records.record import Rollout
from llmgym.vector import rollouts


async def gathered(env: Any, policy: Policy, **options: Any) -> list[Rollout]:
    return [rollout async for rollout in rollouts(env, policy, **{"retry_delay": 0.0, **options})]


def played(env: Any, policy: Policy | None = None, **options: Any) -> list[Rollout]:
    return asyncio.run(gathered(env, policy or OraclePolicy(), **options))


def by_key(made: Iterable[Rollout]) -> dict[tuple[int, int], Rollout]:
    made = list(made)
    found = {(rollout.task_index, rollout.repeat): rollout for rollout in made}
    assert len(found) == len(made), "a rollout was made twice"
    return found


def untimed(rollout: Rollout) -> dict[str, Any]:
    """A record without what depends on the clock."""
    record = rollout.to_dict()
    del record["seconds"]
    for turn in record["turns"]:
        del turn["model_seconds"], turn["env_seconds"]
        for call in turn["tools"]:
            del call["seconds"]
    return record


async def settle(rounds: int = 300) -> None:
    """Let the loop run until whatever can go on without the outside has gone on."""
    for _ in range(rounds):
        await asyncio.sleep(0)


class Asked(Policy):
    """Plays the oracle after calling a hook, which may wait or raise."""

    def __init__(self, hook: Callable[[Request], Any]):
        self.hook, self.oracle, self.requests = hook, OraclePolicy(), 0

    async def respond(self, request: Request) -> Response:
        self.requests += 1
        waiting = self.hook(request)
        if waiting is not None:
            await waiting
        return await self.oracle.respond(request)

    def describe(self) -> dict[str, Any]:
        return self.oracle.describe()


class Meeting:
    """Lets nobody pass before a number of visitors are here at the same time."""

    def __init__(self, count: int):
        self.count, self.waiting, self.everyone = count, 0, asyncio.Event()

    async def __call__(self, request: Any = None) -> None:
        self.waiting += 1
        if self.waiting >= self.count:
            self.everyone.set()
        await self.everyone.wait()


class Made:
    """A factory that remembers its environments."""

    def __init__(self, make: Callable[..., gym.Env] = WeatherEnv, **kwargs: Any):
        self.make, self.kwargs, self.envs, self.closed = make, kwargs, [], []

    def __call__(self, **kwargs: Any) -> gym.Env:
        env = self.make(**self.kwargs, **kwargs)
        self.envs.append(env)
        close = env.close

        def closing() -> None:
            self.closed.append(env)
            close()

        env.close = closing
        return env

    @property
    def all_closed(self) -> bool:
        return len(self.envs) == len(self.closed) == len({id(env) for env in self.closed})


@contextmanager
def silent(name: str = "llmgym.vector") -> Iterator[None]:
    """Keep the tracebacks of provoked failures out of the test report."""
    logger = logging.getLogger(name)
    before, logger.disabled = logger.disabled, True
    try:
        yield
    finally:
        logger.disabled = before
