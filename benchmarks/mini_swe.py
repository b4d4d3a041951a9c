"""Repairs at once: python benchmarks/mini_swe.py.

The oracle plays, so what is measured is the environment: making tasks, sandboxes, commands, and the evaluation. CPU
time includes the sandboxes and what runs in them.
"""

import argparse
import asyncio
import os
import resource
import tempfile
import time
import warnings
from pathlib import Path

import gymnasium as gym

import llmgym

IDS = {
    "llmgym/MiniSWE-v0": "llmgym.envs.mini_swe:MiniSWEEnv",
    "llmgym/MiniSWE-v1": "llmgym.envs.mini_swe:MiniSWEV1Env",
}


def children() -> set[int]:
    """Return the processes that descend from this one."""
    parents = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            # It ended meanwhile.
            continue
    found, waiting = set(), [os.getpid()]
    while waiting:
        parent = waiting.pop()
        new = {process for process, above in parents.items() if above == parent}
        found |= new
        waiting += new
    return found


def processor_seconds() -> float:
    """Return the CPU time of this process and of those that it has waited for, and of those that still run."""
    total = 0.0
    for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN):
        used = resource.getrusage(who)
        total += used.ru_utime + used.ru_stime
    tick = os.sysconf("SC_CLK_TCK")
    for process in children():
        try:
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        # Own time, and that of the children it has waited for.
        total += sum(map(int, fields[11:15])) / tick
    return total


def left_files() -> set[str]:
    """Return what lies in the folder for temporary files, which is this program's own."""
    return {entry.name for entry in Path(tempfile.gettempdir()).iterdir()}


async def measure(name: str, episodes: int, concurrency: int, **arguments: object) -> None:
    """Play, and print one line."""
    rewards, descriptors = [], len(os.listdir("/proc/self/fd"))
    before, files = children(), left_files()
    wall, cpu = time.perf_counter(), processor_seconds()
    rollouts = llmgym.rollouts(
        name, llmgym.OraclePolicy(), tasks=episodes, concurrency=concurrency, **arguments
    )
    async for rollout in rollouts:
        rewards.append(rollout.reward)
    wall, cpu = time.perf_counter() - wall, processor_seconds() - cpu
    await asyncio.sleep(1)
    left = (
        len(children()) - len(before),
        len(left_files() - files),
        len(os.listdir("/proc/self/fd")) - descriptors,
    )
    what = f"{name} {arguments.get('protocol')} {arguments.get('sandbox', 'bubblewrap')}"
    print(
        f"{what:42}{episodes / wall:8.1f} episodes/s {cpu / episodes * 1000:8.1f} CPU-ms/episode   reward "
        f"{sum(map(float, rewards)) / episodes:.2f}   left: {left[0]} processes, {left[1]} files, {left[2]} descriptors"
    )


async def run(episodes: int, concurrency: int) -> None:
    """Measure both versions, after a first episode that starts what all share."""
    for name in IDS:
        async for _ in llmgym.rollouts(name, llmgym.OraclePolicy(), tasks=1):
            pass
        # The server of sandboxes keeps some ready.
        await asyncio.sleep(1)
        for protocol in ("text", "tools"):
            await measure(name, episodes, concurrency, protocol=protocol)


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=100)
    parser.add_argument("-c", "--concurrency", type=int, default=100)
    options = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)
    for name, entry_point in IDS.items():
        if name not in gym.registry:
            llmgym.register(name, entry_point)
    print(f"{options.n} episodes, {options.concurrency} at a time, {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as folder:
        tempfile.tempdir = folder
        asyncio.run(run(options.n, options.concurrency))


if __name__ == "__main__":
    main()
