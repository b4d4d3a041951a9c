"""``llmgym bench``: what an environment costs, without a model."""

from __future__ import annotations

import asyncio
import gc
import os
import platform
import resource
import sys
import time
import tracemalloc
from contextlib import aclosing
from typing import Annotated, Any

import typer

from llmgym.cli.options import Arguments, AsJson, EnvName, Imports
from llmgym.cli.output import fields, results, say

__all__ = ["bench"]

_TICK = 0.005


def bench(
    env: EnvName,
    n: Annotated[int, typer.Option("-n", "--rollouts", min=1, help="How many rollouts.")] = 1000,
    concurrency: Annotated[int, typer.Option("--concurrency", "-c", min=1, help="How many at a time.")] = 64,
    think: Annotated[
        float, typer.Option("--think", min=0.0, help="Seconds that the policy takes before each response.")
    ] = 0.0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the run.")] = 0,
    args: Arguments = "{}",
    imports: Imports = None,
    as_json: AsJson = False,
) -> None:
    """Measure an environment without a model. Speed, processor time, memory and loop lag, its oracle playing."""
    from llmgym.cli.environments import import_modules, offline, resolve

    with results() as out:
        import_modules(imports or [])
        name = resolve(env)
        arguments = offline(args, name)
        say(f"{name}: {n} rollouts, {concurrency} at a time")
        asyncio.run(_throughput(name, arguments, min(n, 32), concurrency, seed, 0.0))
        measured = asyncio.run(_throughput(name, arguments, n, concurrency, seed, think))
        # In this order: tracing allocations takes memory of its own.
        peak, bytes_each = _peak_rss(), _bytes_of_an_episode(name, arguments, concurrency)
        told = {
            "env": name,
            "args": arguments,
            "policy": "oracle",
            "rollouts": n,
            "concurrency": concurrency,
            "think_seconds": think,
            "seed": seed,
            **measured,
            "peak_rss_bytes": peak,
            "bytes_per_episode": bytes_each,
            **_machine(),
        }
        if as_json:
            out.json(told)
        else:
            out.show(fields((key.replace("_", " "), _shown(value)) for key, value in told.items()))


async def _throughput(
    env: str, arguments: dict[str, Any], n: int, concurrency: int, seed: int, think: float
) -> dict[str, Any]:
    """Run rollouts and measure."""
    from llmgym.cli.environments import make, make_spec
    from llmgym.messages import Response
    from llmgym.policies.base import Request
    from llmgym.policies.scripted import OraclePolicy
    from llmgym.vector.runner import rollouts

    class Oracle(OraclePolicy):
        """Gives the loop a turn before each response, as a model would."""

        async def respond(self, request: Request) -> Response:
            await asyncio.sleep(think)
            return await super().respond(request)

    probe = make(env, arguments)
    inner: Any = probe.unwrapped
    size = inner.tasks.size
    probe.close()
    tasks: Any = n if size is None or n <= size else [index % size for index in range(n)]
    steps, failed, rewards = 0, 0, 0.0
    lags: list[float] = []
    gc.collect()
    watch = asyncio.create_task(_watch(lags))
    wall, processor = time.perf_counter(), time.process_time()
    making = rollouts(
        make_spec(env, arguments), Oracle(), tasks=tasks, concurrency=concurrency, seed=seed, attempts=1
    )
    async with aclosing(making) as made:
        async for one in made:
            steps += len(one.turns)
            failed += one.reward is None
            rewards += one.reward or 0.0
    wall, processor = time.perf_counter() - wall, time.process_time() - processor
    watch.cancel()
    lags.sort()
    return {
        "failed": failed,
        "mean_reward": rewards / max(n - failed, 1),
        "steps": steps,
        "seconds": wall,
        "rollouts_per_second": n / wall,
        "steps_per_second": steps / wall,
        "cpu_ms_per_rollout": 1000 * processor / n,
        "cpu_ms_per_step": 1000 * processor / max(steps, 1),
        "loop_lag_p50_ms": 1000 * _quantile(lags, 0.5),
        "loop_lag_p99_ms": 1000 * _quantile(lags, 0.99),
    }


async def _watch(lags: list[float]) -> None:
    """Note by how much the loop wakes this task too late, in seconds."""
    while True:
        asked = time.perf_counter()
        await asyncio.sleep(_TICK)
        lags.append(max(0.0, time.perf_counter() - asked - _TICK))


def _quantile(values: list[float], share: float) -> float:
    return values[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def _bytes_of_an_episode(env: str, arguments: dict[str, Any], count: int) -> int:
    """Return the bytes that each of so many episodes takes while all are alive, the environment included."""
    from llmgym.cli.environments import make, oracle_of

    first = make(env, arguments)
    inner: Any = first.unwrapped
    tasks = inner.tasks
    alive: list[Any] = [first]
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for index in range(count):
            one = make(env, arguments)
            one.unwrapped.tasks = tasks  # type: ignore[attr-defined]
            one.reset(seed=index, options={"task": index if tasks.size is None else index % tasks.size})
            plan = oracle_of(one)
            if plan is not None and len(plan) > 1:
                one.step(plan[0])
            alive.append(one)
        del plan
        gc.collect()
        return (tracemalloc.get_traced_memory()[0] - before) // count
    finally:
        tracemalloc.stop()
        for one in alive:
            one.close()


def _peak_rss() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _machine() -> dict[str, Any]:
    import gymnasium

    import llmgym

    processor = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            names = [line.partition(":")[2].strip() for line in file if line.startswith("model name")]
        processor = names[0] if names else processor
    except OSError:
        # Only Linux has this file; the name above is good enough elsewhere.
        pass
    return {
        "machine": {
            "system": platform.platform(),
            "processor": processor,
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 2),
        },
        "versions": {
            "llmgym": llmgym.__version__,
            "gymnasium": gymnasium.__version__,
            "python": platform.python_version(),
        },
    }


def _shown(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {item}" for key, item in value.items()) or "none"
    if isinstance(value, float):
        return f"{value:,.4g}"
    return f"{value:,}" if isinstance(value, int) else str(value)
