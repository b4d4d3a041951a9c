"""Playing environments with tools, in the tests of these environments."""

from __future__ import annotations

import json

import gymnasium as gym
from gymnasium.utils.env_checker import check_env

from llmgym.messages import assistant, tool_call


def play(env, task, actions):
    """Play responses until the episode ends or there are no more. Return the last reward and info."""
    env.reset(seed=0, options={"task": task})
    for action in actions:
        _, reward, terminated, truncated, info = env.step(action)
        if terminated or truncated:
            break
    return reward, info


def call_once(env, row, name, raw):
    """Make one call, its arguments as JSON text. Return how it ended and what the model was told."""
    env.reset(seed=0, options={"task": row})
    env.step(assistant(None, tool_call(name, raw)))
    result = env.episode.tool_results[0]
    return result.outcome, result.content


def check_splits(make, count):
    """Check that tasks repeat, and that no two splits of so many share one.

    Args:
        make: Makes an environment from ``split`` and ``num_tasks``.
        count: How many tasks to look at.
    """
    seen = {}
    for split in ("train", "validation", "test"):
        first, again = (
            [content_of(task) for task in make(split=split, num_tasks=count).tasks] for _ in range(2)
        )
        assert first == again
        seen[split] = set(first)
    assert not (
        seen["train"] & seen["validation"]
        or seen["train"] & seen["test"]
        or seen["validation"] & seen["test"]
    )


def content_of(task):
    row = {key: value for key, value in task.row().items() if key not in ("id", "uuid")}
    return json.dumps(row, sort_keys=True)


def check_in_gymnasium(id, **arguments):
    """Let Gymnasium check an environment, and its oracle play it through ``gym.make``."""
    check_env(gym.make(id, **arguments).unwrapped)
    env = gym.make(id, **arguments)
    env.reset(seed=1)
    terminated = truncated = False
    actions = iter(env.unwrapped.oracle(env.unwrapped.task))
    while not (terminated or truncated):
        _, reward, terminated, truncated, info = env.step(next(actions))
    assert (reward, info["stop_reason"]) == (1.0, "answered")
    env.close()
