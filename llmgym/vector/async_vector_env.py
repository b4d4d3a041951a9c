"""A conformant ``gymnasium.vector.VectorEnv`` whose environments wait together instead of one after the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.vector import AutoresetMode, VectorEnv
from gymnasium.vector.utils import batch_space

from llmgym import bridge
from llmgym.core import Env
from llmgym.errors import InfrastructureError, UsageError
from llmgym.messages import Messages
from llmgym.records.record import Failure
from llmgym.vector.infos import fits, widened

__all__ = ["AsyncVectorEnv"]

logger = logging.getLogger("llmgym.vector")

StepResult = tuple[Messages, float, bool, bool, dict[str, Any]]


class AsyncVectorEnv(VectorEnv[tuple[Messages, ...], Sequence[Any], np.ndarray]):
    """Steps environments concurrently on one event loop, in one process.

    Tool calls, counterparts and verifiers of all environments wait at the same time. Observations are a tuple with
    one conversation for each environment, actions a sequence with one response for each.

    When the world, or a defect of its own, breaks an environment in a step, its episode is truncated with a reward of
    NaN, and ``infos["failure"]`` (in ``SameStep`` mode ``infos["final_info"]["failure"]``) holds the boundary and the
    message; the other environments are not affected. An environment that cannot be reset automatically is marked in
    the same way, and reset at the next step. With ``on_failure="raise"`` the error is raised instead, once all
    environments have taken the step.

    Args:
        env_fns: Functions that make the environments; they may carry any Gymnasium wrappers.
        autoreset_mode: ``NextStep`` (default), ``SameStep`` or ``Disabled``, as in Gymnasium. With ``Disabled`` no
            response is wasted on a finished episode: reset the finished ones with
            ``reset(options={"reset_mask": mask})``.
        on_failure: ``mark`` or ``raise``.
        share_tasks: Let all environments use the task set of the first. Right when they differ in nothing else.
    """

    def __init__(
        self,
        env_fns: Sequence[Callable[[], gym.Env[Any, Any]]],
        *,
        autoreset_mode: str | AutoresetMode = AutoresetMode.NEXT_STEP,
        on_failure: str = "mark",
        share_tasks: bool = False,
    ):
        super().__init__()
        if not env_fns:
            raise UsageError("Expected at least one environment, found none.")
        if on_failure not in ("mark", "raise"):
            raise UsageError(f"Expected on_failure to be 'mark' or 'raise', found {on_failure!r}.")
        self.autoreset_mode, self.on_failure = AutoresetMode(autoreset_mode), on_failure
        self.envs: list[gym.Env[Any, Any]] = []
        try:
            self.envs += (make() for make in env_fns)
            self._agree()
        except BaseException:
            self.close()
            raise
        self.num_envs = len(self.envs)
        self._share_tasks = share_tasks
        first = self.envs[0]
        self.metadata = {**first.metadata, "autoreset_mode": self.autoreset_mode}
        self.render_mode = first.render_mode
        self.single_observation_space = first.observation_space
        self.single_action_space = first.action_space
        self.observation_space = batch_space(self.single_observation_space, self.num_envs)
        self.action_space = batch_space(self.single_action_space, self.num_envs)
        self._observations: list[Messages] = [Messages() for _ in self.envs]
        self._ended = np.zeros(self.num_envs, dtype=np.bool_)

    def _agree(self) -> None:
        first = self.envs[0]
        for position, env in enumerate(self.envs):
            if env.observation_space != first.observation_space or env.action_space != first.action_space:
                raise UsageError(
                    f"Expected all environments to have the spaces of the first, found {env.observation_space} and "
                    f"{env.action_space} at position {position}."
                )

    def reset(
        self, *, seed: int | Sequence[int | None] | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[tuple[Messages, ...], dict[str, Any]]:
        """Begin an episode in every environment, or in those of a mask.

        Args:
            seed: One seed, from which each environment gets the next number, or a list with one for each.
            options: ``reset_mask`` (boolean array) names the environments to reset; ``tasks`` is a list with the
                task of each environment (``None`` draws one); everything else is handed to each environment.

        Returns:
            One conversation for each environment, old ones for those that were not reset, and the batched infos.

        Raises:
            UsageError: When the seeds, the mask or the tasks have the wrong length or type.
        """
        # A copy: an outer RecordEpisodeStatistics reads the mask from the caller's dictionary.
        options = dict(options or {})
        mask = self._mask(options.pop("reset_mask", None))
        tasks = self._of_each("tasks", options.pop("tasks", None))
        if seed is None or isinstance(seed, int | np.integer):
            seeds = [None if seed is None else int(seed) + i for i in range(self.num_envs)]
        else:
            seeds = [None if one is None else int(one) for one in self._of_each("seed", seed)]
        if self._share_tasks:
            self._spread_tasks()
        chosen = [int(i) for i in np.flatnonzero(mask)]
        calls = []
        for i in chosen:
            given = options if tasks[i] is None else {**options, "task": tasks[i]}
            calls.append(partial(self.envs[i].reset, seed=seeds[i], options=given or None))
        infos: dict[str, Any] = {}
        for i, (observation, info) in zip(chosen, self._gather(calls), strict=True):
            self._observations[i] = observation
            self._ended[i] = False
            infos = self._add_info(infos, info, i)
        return tuple(self._observations), infos

    def step(
        self, actions: Sequence[Any]
    ) -> tuple[tuple[Messages, ...], np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """Take one response in each environment.

        Args:
            actions: One response for each environment. In ``NextStep`` mode that of an environment whose episode
                ended in the step before is ignored.

        Returns:
            Conversations, rewards (float64), terminations and truncations (bool), and batched infos.

        Raises:
            UsageError: When the number of actions is wrong, or an ended episode is stepped in ``Disabled`` mode.
            InfrastructureError: When the world breaks an environment and ``on_failure`` is ``raise``.
        """
        if isinstance(actions, str | Mapping) or len(actions) != self.num_envs:
            found = "one action" if isinstance(actions, str | Mapping) else f"{len(actions)} actions"
            raise UsageError(f"Expected a sequence of {self.num_envs} actions, found {found}.")
        if self.autoreset_mode is AutoresetMode.DISABLED and self._ended.any():
            ended = ", ".join(map(str, np.flatnonzero(self._ended)))
            raise UsageError(
                f"The episodes of environments {ended} have ended. In Disabled mode call "
                "reset(options={'reset_mask': mask}) before the next step."
            )
        results = self._gather([partial(self._step_one, i, action) for i, action in enumerate(actions)])
        rewards = np.zeros(self.num_envs, dtype=np.float64)
        terminations = np.zeros(self.num_envs, dtype=np.bool_)
        truncations = np.zeros(self.num_envs, dtype=np.bool_)
        infos: dict[str, Any] = {}
        for i, (observation, reward, terminated, truncated, info) in enumerate(results):
            self._observations[i] = observation
            rewards[i], terminations[i], truncations[i] = reward, terminated, truncated
            infos = self._add_info(infos, info, i)
        if self.autoreset_mode is not AutoresetMode.SAME_STEP:
            self._ended = terminations | truncations
        return tuple(self._observations), rewards, terminations, truncations, infos

    def _step_one(self, i: int, action: Any) -> StepResult:
        # In SameStep mode an episode that is still ended is one whose reset failed.
        if self._ended[i]:
            return self._begin_again(i, 0.0, False, False, {})
        try:
            observation, reward, terminated, truncated, info = self.envs[i].step(action)
        except Exception as error:
            observation, reward, terminated, truncated = self._observations[i], np.nan, False, True
            info = self._failure(i, error)
        if self.autoreset_mode is AutoresetMode.SAME_STEP and (terminated or truncated):
            final = {"final_obs": observation, "final_info": info}
            return self._begin_again(i, float(reward), bool(terminated), bool(truncated), final)
        return observation, float(reward), bool(terminated), bool(truncated), info

    def _begin_again(
        self, i: int, reward: float, terminated: bool, truncated: bool, final: dict[str, Any]
    ) -> StepResult:
        same_step = self.autoreset_mode is AutoresetMode.SAME_STEP
        try:
            observation, info = self.envs[i].reset()
        except Exception as error:
            self._ended[i] = same_step
            failure = self._failure(i, error)
            if final:
                return final["final_obs"], reward, terminated, truncated, {**failure, **final}
            return self._observations[i], np.nan, False, True, failure
        self._ended[i] = False
        return observation, reward, terminated, truncated, {**info, **final}

    def _failure(self, i: int, error: Exception) -> dict[str, Any]:
        """Describe what broke an environment, unless it is to be raised."""
        if self.on_failure == "raise" or isinstance(error, UsageError):
            raise error
        if not isinstance(error, InfrastructureError):
            logger.error("Environment %d raised.", i, exc_info=error)
        failure = Failure.of(error)
        return {"failure": {"boundary": failure.boundary, "message": failure.message or failure.type}}

    def _gather(self, calls: Sequence[Callable[[], Any]]) -> list[Any]:
        return bridge.wait(_all(calls))

    def _mask(self, mask: Any) -> np.ndarray:
        if mask is None:
            return np.ones(self.num_envs, dtype=np.bool_)
        if not isinstance(mask, np.ndarray) or mask.dtype != np.bool_ or mask.shape != (self.num_envs,):
            found = (
                f"{mask.dtype} of shape {mask.shape}" if isinstance(mask, np.ndarray) else type(mask).__name__
            )
            raise UsageError(
                f"Expected options['reset_mask'] to be a boolean array of shape ({self.num_envs},), found {found}."
            )
        if not mask.any():
            raise UsageError("Expected options['reset_mask'] to name at least one environment, found none.")
        return mask

    def _of_each(self, name: str, values: Any) -> list[Any]:
        if values is None:
            return [None] * self.num_envs
        if isinstance(values, str | Mapping) or len(values) != self.num_envs:
            raise UsageError(
                f"Expected {name!r} to be a list with one entry for each of {self.num_envs} environments."
            )
        return list(values)

    def _spread_tasks(self) -> None:
        first = self.envs[0].unwrapped
        for env in self.envs[1:]:
            if isinstance(first, Env) and isinstance(env.unwrapped, Env):
                env.unwrapped.tasks = first.tasks

    def _add_info(
        self, vector_infos: dict[str, Any], env_info: dict[str, Any], env_num: int
    ) -> dict[str, Any]:
        """Batch infos as Gymnasium does, but widen an array to objects rather than cut a value down to its type."""
        for key, value in env_info.items():
            known = vector_infos.get(key)
            if not fits(known, value):
                vector_infos[key] = known = widened(vector_infos, key, self.num_envs)
            if isinstance(value, dict) and isinstance(known, np.ndarray):
                # Gymnasium would batch the dictionary over the array.
                known[env_num] = value
                vector_infos.setdefault(f"_{key}", np.zeros(self.num_envs, dtype=np.bool_))[env_num] = True
            else:
                vector_infos = super()._add_info(vector_infos, {key: value}, env_num)
        return vector_infos

    def render(self) -> tuple[Any, ...] | None:
        """Return what each environment renders."""
        return tuple(env.render() for env in self.envs)

    def call(self, name: str, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
        """Call a method of each environment, or read an attribute of each."""
        found = [env.get_wrapper_attr(name) for env in self.envs]
        return tuple(value(*args, **kwargs) if callable(value) else value for value in found)

    def get_attr(self, name: str) -> tuple[Any, ...]:
        """Return an attribute of each environment."""
        return tuple(env.get_wrapper_attr(name) for env in self.envs)

    def set_attr(self, name: str, values: Any) -> None:
        """Set an attribute of each environment: one value for all, or a list or tuple with one for each."""
        each = values if isinstance(values, list | tuple) else [values] * self.num_envs
        if len(each) != self.num_envs:
            raise UsageError(f"Expected {self.num_envs} values for {name!r}, found {len(each)}.")
        for env, value in zip(self.envs, each, strict=True):
            env.set_wrapper_attr(name, value)

    @property
    def np_random_seed(self) -> tuple[int, ...]:  # type: ignore[override]
        """The seed of each environment's generator."""
        return self.get_attr("np_random_seed")

    @property  # type: ignore[misc]
    def np_random(self) -> tuple[np.random.Generator, ...]:  # type: ignore[override]
        """The generator of each environment."""
        return self.get_attr("np_random")

    def close_extras(self, **kwargs: Any) -> None:
        """Close every environment."""
        errors: list[Exception] = []
        for env in getattr(self, "envs", ()):
            try:
                env.close()
            except Exception as error:
                # The others are closed all the same.
                errors.append(error)
        if errors:
            raise errors[0]


async def _all(calls: Sequence[Callable[[], Any]]) -> list[Any]:
    results = await asyncio.gather(*(bridge.call(call) for call in calls), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return list(results)
