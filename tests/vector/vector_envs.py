"""Environments for vector tests, and a comparison of what vector environments return."""

from __future__ import annotations

import asyncio
from typing import Any

import numpy as np
from gymnasium.vector import AutoresetMode
from testing_env import WeatherEnv

from llmgym import Messages, TaskSet, Verdict, tool, tool_call
from llmgym.errors import InfrastructureError
from llmgym.messages import assistant


def make_walk_task(rng: np.random.Generator, index: int) -> dict[str, Any]:
    return {"prompt": f"Walk {int(rng.integers(10**9))}.", "length": int(rng.integers(1, 5))}


class WalkEnv(WeatherEnv):
    """Ends after a number of steps that depends on the task, with a reward and infos that depend on chance."""

    def __init__(self, *, asynchronous: bool = False, **kwargs: Any):
        super().__init__(**kwargs)
        self.asynchronous = asynchronous

    def task_set(self, dataset, split):
        return TaskSet.procedural(make_walk_task, split=split)

    @tool
    async def walk(self, metres: float = 1.0) -> dict:
        """Walk."""
        for _ in range(int(self.np_random.integers(4)) if self.asynchronous else 0):
            await asyncio.sleep(0)
        if sum(call.name == "walk" for call in self.episode.tool_calls) >= self.task.data["length"]:
            self.episode.finish("arrived")
        return {"seen": int(self.np_random.integers(1000))}

    def verify(self, episode):
        share = float(self.np_random.random())
        metrics = {"steps": len(episode.turns), "share": share, "names": ["a"], "deep": {"odd": share > 0.5}}
        return Verdict(share, {"a": share}, metrics, "walked")

    def oracle(self, task):
        return None


class FragileEnv(WeatherEnv):
    """Breaks where it is told to: in ``reset`` or in ``step``."""

    breaks: str = ""
    error: Exception = InfrastructureError("the sandbox is gone", boundary="sandbox")

    def reset(self, **kwargs):
        if self.breaks == "reset":
            raise self.error
        return super().reset(**kwargs)

    def verify(self, episode):
        if self.breaks == "step":
            raise self.error
        return super().verify(episode)


def action(rng: np.random.Generator) -> Any:
    """An action of the walk: mostly steps, sometimes the end, sometimes cut off."""
    draw = rng.random()
    if draw < 0.7:
        return assistant(None, tool_call("walk", {}))
    return "I stop here." if draw < 0.9 else {"role": "assistant", "content": f"{draw}"}


def assert_same(mine: Any, theirs: Any, where: str = "") -> None:
    """Compare what two vector environments return, types included."""
    if isinstance(theirs, np.ndarray):
        assert isinstance(mine, np.ndarray), where
        assert (mine.dtype, mine.shape) == (theirs.dtype, theirs.shape), where
        for position, (one, other) in enumerate(zip(mine.tolist(), theirs.tolist(), strict=True)):
            assert_same(one, other, f"{where}[{position}]")
    elif isinstance(theirs, dict):
        assert set(mine) == set(theirs), where
        for key in theirs:
            assert_same(mine[key], theirs[key], f"{where}[{key!r}]")
    elif isinstance(theirs, tuple):
        assert isinstance(mine, tuple)
        for position, (one, other) in enumerate(zip(mine, theirs, strict=True)):
            assert_same(one, other, f"{where}[{position}]")
    else:
        assert type(mine) is type(theirs), where
        assert mine == theirs, where


def texts(observations: tuple[Messages, ...]) -> list[str]:
    return [observation[0]["content"] for observation in observations]


MODES = list(AutoresetMode)
