"""Ten thousand episodes at once in one process, and their memory: python benchmarks/concurrent_episodes.py.

Each episode waits 50 ms before each of its responses, as for a model, so all of them are alive together.
"""

import argparse
import asyncio
import resource
import subprocess
import sys
import time
import warnings

import llmgym
from llmgym.policies import Request


class SlowOracle(llmgym.OraclePolicy):
    """The oracle, after a wait."""

    def __init__(self, gate: asyncio.Event, wanted: int):
        super().__init__()
        self.gate, self.wanted, self.waiting, self.most = gate, wanted, 0, 0

    async def respond(self, request: Request) -> llmgym.Response:
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        if self.waiting >= self.wanted:
            # All episodes have begun and none has ended: this is the moment to measure.
            self.gate.set()
        await self.gate.wait()
        await asyncio.sleep(0.05)
        self.waiting -= 1
        return await super().respond(request)


def rss_kib() -> int:
    """Return the resident memory of this process in KiB."""
    try:
        with open("/proc/self/statm") as file:
            return int(file.read().split()[1]) * resource.getpagesize() // 1024
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak // 1024 if sys.platform == "darwin" else peak


async def run(env_id: str, count: int) -> None:
    async for _ in llmgym.rollouts(env_id, llmgym.OraclePolicy(), tasks=2):
        pass
    gate = asyncio.Event()
    policy = SlowOracle(gate, count)
    before, peak, lags = rss_kib(), 0, []

    async def watch() -> None:
        nonlocal peak
        await gate.wait()
        peak = rss_kib()
        while True:
            started = time.perf_counter()
            await asyncio.sleep(0.01)
            lags.append(time.perf_counter() - started - 0.01)

    watcher = asyncio.create_task(watch())
    started, cpu, rewards = time.perf_counter(), time.process_time(), []
    async for rollout in llmgym.rollouts(env_id, policy, tasks=count, concurrency=count):
        rewards.append(rollout.reward)
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    watcher.cancel()
    lags.sort()
    print(
        f"{env_id}: {count} episodes, {policy.most} alive at once, reward {sum(rewards) / count:.3f}, "
        f"{wall:.1f} s, {cpu / count * 1000:.2f} CPU ms each, {(peak - before) / count:.1f} KiB each, "
        f"{peak / 1024:.0f} MiB in all"
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=10_000)
    parser.add_argument("--env", help="one environment, in this process")
    options = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)
    if options.env:
        asyncio.run(run(options.env, options.n))
    else:
        # A process for each: memory that one has used would be there for the next.
        for name in ("llmgym/MCQA-v0", "llmgym/SingleToolCall-v0"):
            subprocess.run([sys.executable, __file__, "-n", str(options.n), "--env", name], check=True)
