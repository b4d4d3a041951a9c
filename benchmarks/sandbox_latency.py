"""What a sandbox costs: a fresh one with a trivial program, a program in one that is there, and how many a second.

Run it with ``python benchmarks/sandbox_latency.py``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import time

from llmgym.sandbox import Limits, Profile, Program, make_sandbox

PROGRAM = Program(python="print(1 + 1)")
COMMAND = Program(argv=("true",))
LIMITS = Limits(wall_seconds=30)


async def fresh(profile: Profile) -> float:
    began = time.perf_counter()
    async with make_sandbox("bubblewrap", profile=profile, limits=LIMITS) as sandbox:
        ended = await sandbox.run(PROGRAM)
    assert ended.stdout == b"2\n", ended
    return time.perf_counter() - began


async def again(profile: Profile, program: Program, count: int) -> list[float]:
    times = []
    async with make_sandbox("bubblewrap", profile=profile, limits=LIMITS) as sandbox:
        for _ in range(count):
            began = time.perf_counter()
            await sandbox.run(program)
            times.append(time.perf_counter() - began)
            # What a policy would take at the least: the next program is not asked for at once.
            await asyncio.sleep(0.01)
    return times


async def main(count: int) -> None:
    for title, profile in (
        ("plain", Profile()),
        ("with numpy imported", Profile(packages=("numpy",), preload=("numpy",))),
    ):
        await fresh(profile)
        times = []
        for _ in range(count):
            times.append(await fresh(profile))
            await asyncio.sleep(0.01)
        print(f"{title}: a fresh sandbox, a program, and away: p50 {_p(times, 50)}, p95 {_p(times, 95)}")
        for kind, program in (("Python program", PROGRAM), ("command", COMMAND)):
            times = await again(profile, program, count)
            print(f"{title}: a {kind} in a sandbox that is there: p50 {_p(times, 50)}, p95 {_p(times, 95)}")
        began, gate = time.perf_counter(), asyncio.Semaphore(16)

        async def one(profile: Profile = profile, gate: asyncio.Semaphore = gate) -> None:
            async with gate:
                await fresh(profile)

        await asyncio.gather(*[one() for _ in range(count * 5)])
        rate = count * 5 / (time.perf_counter() - began)
        print(f"{title}: {rate:.0f} fresh sandboxes a second on {os.cpu_count()} processors")


def _p(times: list[float], percent: int) -> str:
    return f"{statistics.quantiles(times, n=100)[percent - 1] * 1000:.1f} ms"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    asyncio.run(main(parser.parse_args().count))
