"""Sandboxes under load and under fire: many at once, random ones killed, nothing lost and nothing left.

Run it with ``python benchmarks/sandbox_survival.py``. Oracle rollouts of CodeGen and of MiniSWE are played at the same
time, in turn undisturbed and while the first processes of random sandboxes are killed with SIGKILL. Every rollout must
be accounted for: a reward of 1, or failed without a reward; and no process, mount, file or descriptor may be left.
"""

from __future__ import annotations

import argparse
import asyncio
import collections
import os
import random
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import llmgym
from llmgym.sandbox import fork_server


def children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = collections.defaultdict(list)
    for place in Path("/proc").iterdir():
        if place.name.isdigit():
            try:
                parent = int(place.joinpath("stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            found[parent].append(int(place.name))
    return found


def descendants(root: int) -> set[int]:
    tree, found, waiting = children(), set(), [root]
    while waiting:
        for child in tree.get(waiting.pop(), []):
            found.add(child)
            waiting.append(child)
    return found


def sandboxes() -> list[int]:
    """Return the first processes of all sandboxes: whose parent is a fork server."""
    tree = children()
    found = []
    for outer in tree.get(os.getpid(), []):
        for inner in tree.get(outer, []):
            for server in tree.get(inner, []):
                found += tree.get(server, [])
    return found


async def fire(every: float, tally: collections.Counter[str]) -> None:
    rng = random.Random(0)
    while True:
        await asyncio.sleep(every)
        targets = await asyncio.to_thread(sandboxes)
        if targets:
            try:
                os.kill(rng.choice(targets), signal.SIGKILL)
                tally["kills"] += 1
            except ProcessLookupError:
                continue


async def play(
    env: str, count: int, concurrency: int, tally: collections.Counter[str], **arguments: object
) -> None:
    made = llmgym.rollouts(
        env, llmgym.OraclePolicy(), tasks=count, concurrency=concurrency, retry_delay=0.05, **arguments
    )
    async for rollout in made:
        tally[f"{env} reward {rollout.reward}"] += 1
        tally[f"{env} rollouts"] += 1
        tally[f"{env} tries that failed"] += len(rollout.failures)


async def run(options: argparse.Namespace, shots: float | None) -> collections.Counter[str]:
    tally: collections.Counter[str] = collections.Counter()
    shooting = None if shots is None else asyncio.create_task(fire(shots, tally))
    try:
        await asyncio.gather(
            play("llmgym/CodeGen-v0", options.code, options.concurrency, tally),
            play("llmgym/MiniSWE-v0", options.swe, options.swe, tally),
        )
    finally:
        if shooting is not None:
            shooting.cancel()
    return tally


def state() -> dict[str, object]:
    folder = Path(tempfile.gettempdir())
    return {
        "mounts": Path("/proc/self/mountinfo").read_text(),
        "files": sorted(place.name for place in folder.iterdir() if place.name.startswith("llmgym")),
        "descriptors": len(list(Path("/proc/self/fd").iterdir())),
        "processes": len(descendants(os.getpid())),
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--code", type=int, default=1000, help="CodeGen rollouts")
    parser.add_argument("--swe", type=int, default=100, help="MiniSWE rollouts, all at once")
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--every", type=float, default=0.5, help="seconds between two kills")
    options = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)
    before, faults = state(), 0
    for title, shots in (("undisturbed", None), (f"a kill every {options.every} s", options.every)):
        began = time.perf_counter()
        tally = asyncio.run(run(options, shots))
        print(f"{title}: {time.perf_counter() - began:.1f} s")
        for name, count in sorted(tally.items()):
            print(f"  {name}: {count}")
        for env, wanted in (("llmgym/CodeGen-v0", options.code), ("llmgym/MiniSWE-v0", options.swe)):
            scored, failed = tally[f"{env} reward 1.0"], tally[f"{env} reward None"]
            faults += scored + failed != wanted or (shots is None and failed > 0)
        for server in list(fork_server._servers.values()):
            server.close()
        after = state()
        for name, value in before.items():
            same = value == after[name]
            faults += not same
            print(f"  {name} as before: {'yes' if same else f'NO: {value!r} became {after[name]!r}'}")
    print("all accounted for, nothing left" if not faults else f"{faults} faults")
    return int(faults > 0)


if __name__ == "__main__":
    sys.exit(main())
