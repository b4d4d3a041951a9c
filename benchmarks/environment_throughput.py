"""Environment throughput without a model: python benchmarks/environment_throughput.py.

The oracle answers at once, so what is measured is the environment, its verifier, the runner and the record.
"""

import argparse
import asyncio
import platform
import time
import warnings

import gymnasium as gym

import llmgym

IDS = (
    "llmgym/SingleToolCall-v0",
    "llmgym/MCQA-v0",
    "llmgym/SessionState-v0",
    "llmgym/MultiStep-v0",
    "llmgym/Calendar-v0",
)


def plain_steps(env_id: str, episodes: int) -> tuple[float, float]:
    """Return CPU microseconds a step and a reset, for a plain loop over one environment."""
    env = gym.make(env_id, disable_env_checker=True)
    stepping = resetting = 0.0
    steps = 0
    for index in range(episodes):
        started = time.process_time()
        env.reset(seed=index, options={"task": index})
        resetting += time.process_time() - started
        plan = env.unwrapped.oracle(env.unwrapped.task)
        started = time.process_time()
        for action in plan:
            env.step(action)
        stepping += time.process_time() - started
        steps += len(plan)
    return stepping / steps * 1e6, resetting / episodes * 1e6


async def runner(env_id: str, count: int, concurrency: int) -> tuple[float, float, float]:
    """Return rollouts a second, CPU ms a rollout, and the mean reward, for the runner with records."""
    policy, rewards = llmgym.OraclePolicy(), []
    wall, cpu = time.perf_counter(), time.process_time()
    async for rollout in llmgym.rollouts(env_id, policy, tasks=count, concurrency=concurrency):
        rollout.to_json()
        rewards.append(rollout.reward)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return count / wall, cpu / count * 1000, sum(rewards) / count


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=2000)
    parser.add_argument("-c", "--concurrency", type=int, default=64)
    options = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)
    print(f"Python {platform.python_version()}, {options.n} rollouts, concurrency {options.concurrency}")
    print(
        f"{'environment':28}{'us/step':>10}{'us/reset':>10}{'steps/s':>10}{'rollouts/s':>12}{'CPU ms':>9}{'reward':>8}"
    )
    for env_id in IDS:
        asyncio.run(runner(env_id, 50, 8))
        step, reset = plain_steps(env_id, options.n)
        rate, cpu, reward = asyncio.run(runner(env_id, options.n, options.concurrency))
        print(f"{env_id:28}{step:10.0f}{reset:10.0f}{1e6 / step:10.0f}{rate:12.0f}{cpu:9.3f}{reward:8.3f}")


if __name__ == "__main__":
    main()
