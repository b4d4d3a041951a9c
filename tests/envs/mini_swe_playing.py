"""Playing the software engineering environment in tests."""

from __future__ import annotations

import asyncio
from functools import cache

import gymnasium as gym
import numpy as np
import pytest

import llmgym
from llmgym.envs.mini_swe.oracle import say
from llmgym.envs.mini_swe.tasks import make_repair_task
from llmgym.errors import InfrastructureError, UsageError
from llmgym.sandbox import Program, make_sandbox

IDS = {
    "llmgym/MiniSWE-v0": "llmgym.envs.mini_swe:MiniSWEEnv",
    "llmgym/MiniSWE-v1": "llmgym.envs.mini_swe:MiniSWEV1Env",
}
SUBMIT = "echo COMPLETE_TASK_AND_SUBMIT_FINAL_OUTPUT"


def register() -> None:
    for name, entry_point in IDS.items():
        if name not in gym.registry:
            llmgym.register(name, entry_point)


@cache
def sandbox_trouble() -> str:
    """Return why bubblewrap does not work here; empty when it does."""

    async def main() -> None:
        async with make_sandbox() as sandbox:
            await sandbox.run(Program(argv=("true",)))

    try:
        asyncio.run(main())
    except (InfrastructureError, UsageError) as error:
        return str(error)
    return ""


def need_sandbox() -> None:
    """Skip a test where bubblewrap does not work."""
    if sandbox_trouble():
        pytest.skip(f"bubblewrap does not work here: {sandbox_trouble()}")


def a_row(seed: int = 5, difficulty: str = "easy", kept: int | None = None) -> dict:
    """Return a procedural row, with so many of the tests that pass already."""
    row = dict(make_repair_task(np.random.default_rng(seed), 0, difficulty))
    del row["split_identity"]
    if kept is not None:
        row["PASS_TO_PASS"] = row["PASS_TO_PASS"][:kept]
    return row


def play(env: gym.Env, commands: list[str], row=None, seed: int = 0) -> tuple[float, dict]:
    """Run commands until the episode ends, and return the reward and the last info."""
    env.reset(seed=seed, options=None if row is None else {"task": row})
    for action in say(commands, env.unwrapped.protocol):
        _, reward, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            return reward, info
    _, reward, _, _, info = env.unwrapped.conclude("deadline")
    return reward, info
