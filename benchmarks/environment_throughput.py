"""Environment throughput without a model: python benchmarks/environment_throughput.py.

The oracle answers at once, so what is measured is the environment, its verifier, the runner and the record. Time
spent in helper processes (math, patterns, schemas) is waited for but not counted as CPU of this process.
"""

import argparse
import asyncio
import logging
import platform
import time
import warnings

import gymnasium as gym

import llmgym
from llmgym.errors import DependencyMissing
from llmgym.registration import SUITE, Row


class HoldCounter(logging.Handler):
    """Counts what the watchdog says about hooks that hold the event loop."""

    def __init__(self):
        super().__init__()
        self.seen = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.seen += 1


def plain_steps(row: Row, episodes: int) -> tuple[float, float, float]:
    """Return CPU microseconds a step, a reset and a verification, for a plain loop over one environment."""
    env = gym.make(row.id, disable_env_checker=True, **row.offline)
    inner = env.unwrapped
    stepping = resetting = verifying = 0.0
    steps = 0
    for index in range(episodes):
        started = time.process_time()
        env.reset(seed=index, options={"task": index})
        resetting += time.process_time() - started
        plan = inner._call("oracle", inner.task)
        started = time.process_time()
        for action in plan:
            env.step(action)
        stepping += time.process_time() - started
        steps += len(plan)
        started = time.process_time()
        inner._call("verify", inner.episode)
        verifying += time.process_time() - started
    env.close()
    return stepping / steps * 1e6, resetting / episodes * 1e6, verifying / episodes * 1e6


async def runner(row: Row, count: int, concurrency: int) -> tuple[float, float, float]:
    """Return rollouts a second, CPU ms a rollout, and the mean reward, for the runner with records."""
    policy, rewards = llmgym.OraclePolicy(), []
    wall, cpu = time.perf_counter(), time.process_time()
    made = llmgym.rollouts(row.id, policy, tasks=count, concurrency=concurrency, **row.offline)
    async for rollout in made:
        rollout.to_json()
        rewards.append(rollout.reward)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return count / wall, cpu / count * 1000, sum(rewards) / count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=1000)
    parser.add_argument("-c", "--concurrency", type=int, default=64)
    parser.add_argument("ids", nargs="*", help="environments; all of the suite by default")
    options = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)
    holds = HoldCounter()
    logging.getLogger("llmgym.bridge").addHandler(holds)
    logging.getLogger("llmgym.bridge").propagate = False
    print(f"Python {platform.python_version()}, {options.n} rollouts, concurrency {options.concurrency}")
    titles = ("us/step", "us/reset", "us/verify", "rollouts/s", "CPU ms", "reward", "holds")
    print(f"{'environment':38}" + "".join(f"{title:>11}" for title in titles))
    for row in SUITE:
        if options.ids and row.id not in options.ids:
            continue
        holds.seen = 0
        try:
            asyncio.run(runner(row, 30, 8))
            step, reset, verify = plain_steps(row, min(options.n, 300))
            rate, cpu, reward = asyncio.run(runner(row, options.n, options.concurrency))
        except DependencyMissing as error:
            print(f"{row.id:38} left out: {error.package} is not installed")
            continue
        figures = (
            f"{step:11.0f}{reset:11.0f}{verify:11.0f}{rate:11.0f}{cpu:11.3f}{reward:11.3f}{holds.seen:11d}"
        )
        print(f"{row.id:38}{figures}")


if __name__ == "__main__":
    main()
