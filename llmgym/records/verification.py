"""Recorded rollouts, verified again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import gymnasium as gym

from llmgym.errors import InvalidTask, StoreError, UsageError
from llmgym.records.record import Rollout
from llmgym.records.replaying import replay_row
from llmgym.records.spec import make_env

__all__ = ["Verification", "verify_rows"]


@dataclass(frozen=True, slots=True)
class Verification:
    """A recorded rollout, verified again.

    Attributes:
        position: Position of the row in its file, from 0.
        recorded: The reward on record; ``None`` for a failed rollout.
        rollout: The replay; ``None`` when the recorded rollout had failed and there is nothing to verify.
        error: Why the row could not be replayed: it is of no known kind, or its task does not fit.
    """

    position: int
    recorded: float | None
    rollout: Rollout | None
    error: str = ""

    @property
    def reward(self) -> float | None:
        """The reward of the replay."""
        return None if self.rollout is None else self.rollout.reward

    @property
    def changed(self) -> bool:
        """Whether the reward differs from the one on record."""
        return self.rollout is not None and self.reward != self.recorded


def verify_rows(
    rows: Iterable[Mapping[str, Any]], env: str | gym.Env[Any, Any] | None = None, **kwargs: Any
) -> Iterator[Verification]:
    """Verify recorded rollouts again, one after the other.

    Args:
        rows: Rows of a rollout file, for example from ``read_rows``.
        env: The environment, where the rows do not name it (public rows), or to replace the one they name.
        **kwargs: Constructor arguments that replace the recorded ones.

    Yields:
        One verification for each row, in order.

    Raises:
        UsageError: When a row names no environment and none is given, or constructor arguments come with an
            environment that is made already.
        StoreError: When the first row is of no known kind. Later ones are told by ``Verification.error``.
    """
    if isinstance(env, gym.Env) and kwargs:
        raise UsageError(f"Expected no constructor arguments with an environment, found {', '.join(kwargs)}.")
    made: dict[str, gym.Env[Any, Any]] = {}
    given = env if isinstance(env, gym.Env) else None
    try:
        for position, row in enumerate(rows):
            reward = row.get("reward")
            recorded = float(reward) if isinstance(reward, int | float) else None
            if row.get("outcome") == "failed" or row.get("_ng_failure_class"):
                yield Verification(position, recorded, None)
                continue
            chosen = given
            if chosen is None:
                spec: Any = row.get("env") if env is None else {"id": env}
                if not isinstance(spec, Mapping):
                    raise UsageError(
                        f"Row {position} names no environment; say which (env=..., or --env ID)."
                    )
                if env is None and kwargs.get("dataset") is None:
                    # The record holds the task itself; its data set need not exist any more.
                    spec = {
                        **spec,
                        "kwargs": {k: v for k, v in spec.get("kwargs", {}).items() if k != "dataset"},
                    }
                key = repr(spec)
                if key not in made:
                    made[key] = make_env(spec, **kwargs)
                chosen = made[key]
            try:
                again = replay_row(row, chosen, position)
            except (InvalidTask, StoreError) as error:
                # One bad row of a large file must not hide the others; a file that begins with one is another file.
                if position == 0:
                    raise
                yield Verification(position, recorded, None, str(error))
            else:
                yield Verification(position, recorded, again)
    finally:
        for one in made.values():
            one.close()
