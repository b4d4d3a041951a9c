"""Vector environments by id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gymnasium as gym
from gymnasium.vector import AutoresetMode

from llmgym.vector.async_vector_env import AsyncVectorEnv

__all__ = ["make_vec"]


def make_vec(
    id: str,
    num_envs: int = 1,
    *,
    autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
    on_failure: str = "mark",
    env_wrappers: Sequence[Callable[[gym.Env[Any, Any]], gym.Env[Any, Any]]] = (),
    **kwargs: Any,
) -> AsyncVectorEnv:
    """Make a vector environment of one kind; ``gymnasium.make_vec`` comes here too.

    Args:
        id: Id of a registered environment.
        num_envs: How many.
        autoreset_mode: See :class:`~llmgym.vector.AsyncVectorEnv`.
        on_failure: See :class:`~llmgym.vector.AsyncVectorEnv`.
        env_wrappers: Wrappers for each environment.
        **kwargs: Constructor arguments, and those of ``gymnasium.make``.

    Example:
        >>> import gymnasium as gym, llmgym
        >>> envs = gym.make_vec("llmgym/SessionState-v0", num_envs=2)
        >>> observations, infos = envs.reset(seed=0)
        >>> len(observations)
        2
        >>> envs.close()
    """

    def make() -> gym.Env[Any, Any]:
        env: gym.Env[Any, Any] = gym.make(id, **kwargs)
        for wrap in env_wrappers:
            env = wrap(env)
        return env

    return AsyncVectorEnv(
        [make] * num_envs, autoreset_mode=autoreset_mode, on_failure=on_failure, share_tasks=True
    )
