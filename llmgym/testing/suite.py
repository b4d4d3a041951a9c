"""The checks of the conformance kit."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import gymnasium as gym
import numpy as np
import orjson
from gymnasium.utils.env_checker import check_env as gymnasium_check_env

from llmgym import bridge
from llmgym.core import Env, fork
from llmgym.messages import Action
from llmgym.records.spec import make_env, spec_of
from llmgym.spaces import ResponseSpace
from llmgym.testing.trace import (
    first_difference,
    hostile,
    inner,
    open_files,
    plan,
    running_threads,
    step_text,
    trace,
)

__all__ = ["NotApplicable", "Suite"]


class NotApplicable(Exception):
    """A check has nothing to look at."""


class Suite:
    """The checks of one environment.

    Args:
        env: Registered id of the environment.
        tasks: How many tasks the checks of rewards play.
        fuzz: How many random actions it must survive.
        kwargs: Constructor arguments.
    """

    def __init__(self, env: str, tasks: int, fuzz: int, kwargs: dict[str, Any]):
        self.id, self.kwargs, self.fuzz = env, kwargs, fuzz
        probe = self._make()
        size = inner(probe).tasks.size
        self.vacuous = inner(probe).vacuous
        self.tasks = tasks if size is None else min(tasks, size)
        probe.close()

    def checks(self) -> list[tuple[str, Callable[[], str]]]:
        """Return the checks by name, in the order in which they run.

        Each returns what it found. It raises ``AssertionError`` when the environment does not conform, and
        :class:`NotApplicable` when it has nothing to look at.
        """
        return [
            ("Gymnasium's own checker", self._gymnasium_checker),
            ("the oracle earns the full reward", self._oracle),
            ("an empty response does not", self._empty),
            ("random responses do not", self._random),
            ("the same seed gives the same episode", self._deterministic),
            ("also in another process", self._deterministic_across_processes),
            ("observations and infos are JSON", self._serialisable),
            ("history only grows", self._append_only),
            ("a fork goes on alike and apart", self._forks),
            ("the spec rebuilds the environment", self._spec),
            (f"{self.fuzz} fuzzed actions are survived", self._fuzzed),
            ("nothing is left behind", self._leaks),
        ]

    def _make(self, **changes: Any) -> gym.Env[Any, Any]:
        env = gym.make(self.id, **{**self.kwargs, **changes})
        assert isinstance(env.unwrapped, Env), f"expected an llmgym.Env, found {type(env.unwrapped).__name__}"
        return env

    def _gymnasium_checker(self) -> str:
        env = self._make()
        gymnasium_check_env(env.unwrapped, skip_render_check=True)
        env.close()
        rendered = self._make(render_mode="ansi")
        rendered.reset(seed=0)
        rendered.step("")
        text = rendered.render()
        assert isinstance(text, str) and text, f"expected text from render(), found {text!r}"
        rendered.close()
        rendered.close()
        return "conforms"

    def _oracle(self) -> str:
        env = self._make()
        env.reset(seed=0, options={"task": 0})
        if inner(env)._call("oracle", inner(env).task) is None:
            raise NotApplicable("the environment has no oracle")
        most = 0.0
        for index in range(self.tasks):
            reward, info = self._play_oracle(env, index)
            assert reward >= 1.0, f"task {index}: reward {reward}, reason {info.get('reason')!r}"
            most = max(most, reward)
        env.close()
        return f"{self.tasks} tasks at {most:g}"

    def _play_oracle(self, env: gym.Env[Any, Any], index: int) -> tuple[float, dict[str, Any]]:
        _, info = env.reset(seed=index, options={"task": index})
        total = 0.0
        for action in plan(env):
            _, reward, terminated, truncated, info = env.step(action)
            total += float(reward)
            if terminated or truncated:
                return total, info
        raise AssertionError(f"task {index}: the episode goes on after the oracle's last response")

    def _empty(self) -> str:
        return self._unrewarded(lambda env, turn: "")

    def _random(self) -> str:
        def act(env: gym.Env[Any, Any], turn: int) -> Action:
            if turn == 0:
                env.action_space.seed(inner(env).episode.seed % 2**31)
            return env.action_space.sample()

        return self._unrewarded(act, tolerated=0.2)

    def _unrewarded(self, act: Callable[[gym.Env[Any, Any], int], Action], tolerated: float = 0.0) -> str:
        if self.vacuous:
            raise NotApplicable("the environment declares that its reward is vacuous")
        env, paid, counted = self._make(), 0, 0
        for index in range(self.tasks):
            env.reset(seed=index, options={"task": index})
            over, turn, total = False, 0, 0.0
            info: dict[str, Any] = {}
            while not over:
                _, reward, terminated, truncated, info = env.step(act(env, turn))
                total, turn, over = total + float(reward), turn + 1, terminated or truncated
            if not info.get("vacuous"):
                counted += 1
                paid += total >= 1.0
        env.close()
        assert paid <= tolerated * max(counted, 1), f"{paid} of {counted} tasks paid the full reward"
        return f"{paid} of {counted} tasks paid"

    def _deterministic(self) -> str:
        first, second = trace(self.id, self.kwargs), trace(self.id, self.kwargs)
        assert first == second, first_difference(first, second)
        return f"{len(first)} bytes equal"

    def _deterministic_across_processes(self) -> str:
        env = self._make()
        kind, registered = type(env.unwrapped), gym.spec(self.id)
        env.close()
        entry = f"{kind.__module__}:{kind.__qualname__}"
        if kind.__module__ == "__main__" or "<" in entry:
            raise NotApplicable("no other process can import the environment")
        program = (
            "import sys, importlib, json; spec = json.loads(sys.stdin.read()); sys.path[:0] = spec['path']\n"
            "import llmgym\n"
            "if spec['id'] not in __import__('gymnasium').registry:\n"
            "    llmgym.register(spec['id'], spec['entry'], kwargs=spec['registered'])\n"
            "from llmgym.testing.trace import trace\n"
            "sys.stdout.buffer.write(trace(spec['id'], spec['kwargs']))\n"
        )
        told = {
            "id": self.id,
            "kwargs": self.kwargs,
            "entry": entry,
            "registered": registered.kwargs,
            "path": [p for p in sys.path if p],
        }
        environment = {**os.environ, "PYTHONHASHSEED": "12345", "TZ": "Pacific/Auckland"}
        done = subprocess.run(
            [sys.executable, "-c", program],
            input=json.dumps(told).encode(),
            capture_output=True,
            env=environment,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, (
            f"the other process failed: {done.stderr.decode(errors='replace')[-500:]}"
        )
        here = trace(self.id, self.kwargs)
        assert done.stdout == here, first_difference(here, done.stdout)
        return f"{len(here)} bytes equal"

    def _serialisable(self) -> str:
        env = self._make()
        env.action_space.seed(0)
        for seed in range(5):
            observation, info = env.reset(seed=seed)
            over = False
            while True:
                for value in (list(observation), info):
                    again = json.loads(json.dumps(value, allow_nan=False))
                    assert again == value, f"changes when written as JSON and read again: {value!r}"
                if over:
                    break
                observation, _, terminated, truncated, info = env.step(env.action_space.sample())
                over = terminated or truncated
        env.close()
        return "5 episodes"

    def _append_only(self) -> str:
        env = self._make()
        env.action_space.seed(0)
        for seed in range(5):
            observation, _ = env.reset(seed=seed)
            over = False
            while not over:
                before = orjson.dumps(list(observation))
                later, _, terminated, truncated, _ = env.step(env.action_space.sample())
                assert orjson.dumps(list(observation)) == before, (
                    "an earlier observation was changed by step()"
                )
                assert later[: len(observation)] == observation, "the history was rewritten"
                assert len(later) > len(observation), "the response is missing from the history"
                observation, over = later, terminated or truncated
        env.close()
        return "5 episodes"

    def _forks(self) -> str:
        env = self._make()
        env.action_space.seed(0)
        steps = 0
        for seed in range(5):
            env.reset(seed=seed)
            try:
                fork(env).close()
            except NotImplementedError as reason:
                raise NotApplicable(f"the environment has no forks ({reason})") from None
            planned = plan(env) or [env.action_space.sample() for _ in range(3)]
            for action in planned:
                branch = fork(env)
                probe = fork(env)
                probe.step("something else")
                mine, theirs = env.step(action), branch.step(action)
                assert step_text(mine) == step_text(theirs), "a fork and its origin went different ways"
                steps += 1
                branch.close()
                probe.close()
                if mine[2] or mine[3]:
                    break
        env.close()
        return f"{steps} forks"

    def _spec(self) -> str:
        env = self._make()
        spec = env.spec
        assert spec is not None, "env.spec is None: constructor arguments must be plain JSON values"
        again = [
            gym.make(gym.envs.registration.EnvSpec.from_json(spec.to_json())),
            # A record does not repeat rows that were given as the data set.
            make_env(spec_of(env), **{key: value for key, value in self.kwargs.items() if key == "dataset"}),
        ]
        env.reset(seed=3)
        import pickle

        again.append(pickle.loads(pickle.dumps(env)))
        expected = orjson.dumps(list(env.reset(seed=7)[0]))
        for other in again:
            assert orjson.dumps(list(other.reset(seed=7)[0])) == expected, (
                "a rebuilt environment plays another task"
            )
            other.close()
        env.close()
        return "through spec, record and pickle"

    def _fuzzed(self) -> str:
        env, taken, episodes = self._make(), 0, 0
        names = inner(env).toolbox.names
        space = ResponseSpace(names, seed=0)
        while taken < self.fuzz:
            env.reset(seed=episodes)
            episodes += 1
            over = False
            while not over and taken < self.fuzz:
                action = hostile(taken // 2, names) if taken % 2 else space.sample()
                _, reward, terminated, truncated, _ = env.step(action)
                assert np.isfinite(float(reward)), f"reward {reward} for {action!r}"
                taken, over = taken + 1, terminated or truncated
        env.close()
        return f"{taken} actions in {episodes} episodes"

    def _leaks(self) -> str:
        gc.collect()
        files, threads = open_files(), running_threads()

        async def main() -> int:
            env = await bridge.call(self._make)
            for seed in range(10):
                await bridge.call(env.reset, seed=seed)
                await bridge.call(env.step, "")
            await bridge.call(env.close)
            await asyncio.sleep(0)
            return len(asyncio.all_tasks()) - 1

        tasks = asyncio.run(main())
        gc.collect()
        assert tasks == 0, f"{tasks} asyncio tasks still run"
        left = running_threads() - threads
        assert left <= 0, f"{left} threads still run"
        if files is not None:
            now = open_files() or 0
            assert now <= files, f"{now - files} files are still open"
        return "no tasks, threads or files"
