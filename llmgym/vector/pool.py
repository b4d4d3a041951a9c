"""Environments of one kind, kept for the next episode."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import gymnasium as gym

from llmgym import bridge
from llmgym.core import Env
from llmgym.errors import UsageError
from llmgym.records.spec import spec_of
from llmgym.tasks import TaskSet

__all__ = ["Pool"]

logger = logging.getLogger("llmgym.vector")

CLOSE_SECONDS = 10.0
"""Longest wait for an environment's ``close``."""


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
