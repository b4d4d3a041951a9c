"""What the conformance checks see and do: seeded traces, hostile actions, open files."""

from __future__ import annotations

import os
import threading
import warnings
from collections.abc import Sequence
from typing import Any

import gymnasium as gym
import orjson

from llmgym.core import Env
from llmgym.messages import Action, Response
from llmgym.spaces import ResponseSpace

__all__ = [
    "expected",
    "first_difference",
    "hostile",
    "inner",
    "open_files",
    "plan",
    "running_threads",
    "step_text",
    "trace",
]


def inner(env: gym.Env[Any, Any]) -> Env:
    """Return the environment inside all wrappers."""
    found = env.unwrapped
    assert isinstance(found, Env)
    return found


def plan(env: gym.Env[Any, Any]) -> Sequence[Action]:
    """Return the oracle's responses for the current task; empty where there is none."""
    one = inner(env)
    responses = one._call("oracle", one.task)
    return [] if responses is None else list(responses)


def trace(env_id: str, kwargs: dict[str, Any]) -> bytes:
    """Play some seeded episodes and return everything that was seen, as bytes."""
    env = gym.make(env_id, **kwargs)
    space = ResponseSpace(inner(env).toolbox.names, seed=11)
    seen: list[Any] = []
    for seed in range(5):
        observation, info = env.reset(seed=seed)
        seen += [list(observation), info]
        planned = plan(env) if seed % 2 else []
        over, turn = False, 0
        while not over:
            action = planned[turn] if turn < len(planned) else space.sample()
            observation, reward, terminated, truncated, info = env.step(action)
            seen += [list(observation), float(reward), terminated, truncated, info]
            over, turn = terminated or truncated, turn + 1
    env.close()
    return orjson.dumps(seen, option=orjson.OPT_INDENT_2)


def step_text(step: tuple[Any, ...]) -> bytes:
    """Return what a step gave, as bytes that can be compared."""
    return orjson.dumps([list(step[0]), float(step[1]), *step[2:]])


def first_difference(one: bytes, other: bytes) -> str:
    """Say where two traces part."""
    for mine, theirs in zip(one.splitlines(), other.splitlines(), strict=False):
        if mine != theirs:
            return f"first difference: {mine.decode()!r} and {theirs.decode()!r}"
    return f"one is longer: {len(one)} and {len(other)} bytes"


_HOSTILE = (
    "\x00",
    "\ud800",
    "[" * 10_000,
    "9" * 5_000,
    '{"a":' * 2_000,
    "\\boxed{" * 2_000,
    "{}" * 5_000,
    "‮",
    "﷽" * 99,
)


def hostile(number: int, names: Sequence[str]) -> Action:
    """Return an action that is well-typed and malicious.

    Args:
        number: Which one; 36 in a row put each of nine texts into each of four places.
        names: Tools that it may call.
    """
    text = _HOSTILE[number % len(_HOSTILE)]
    name = names[number % len(names)] if names and number % 5 else text[:50]
    kind = number // len(_HOSTILE) % 4
    if kind == 0:
        return text
    if kind == 1:
        return {
            "role": "assistant",
            "content": [{"type": "text", "text": text}, {"type": "refusal", "refusal": "no"}],
        }
    if kind == 2:
        calls: list[Any] = [
            {"id": "x", "type": "function", "function": {"name": name, "arguments": text}},
            {},
            None,
        ]
        return {"role": "assistant", "content": None, "tool_calls": calls}
    return Response({"role": "assistant", "content": None, "reasoning_content": text}, finish_reason="stop")


def expected(warning: warnings.WarningMessage) -> bool:
    """Tell whether a warning says nothing about the environment."""
    text = str(warning.message)
    return "is out of date" in text or issubclass(warning.category, ResourceWarning) and "llmgym" not in text


def open_files() -> int | None:
    """Return how many files this process has open; ``None`` where the system does not tell."""
    try:
        return len(os.listdir("/proc/self/fd"))
    except OSError:
        return None


def running_threads() -> int:
    """Return how many threads run, idle ones of llmgym's own left out."""
    return sum(not thread.name.startswith("llmgym-") for thread in threading.enumerate())
