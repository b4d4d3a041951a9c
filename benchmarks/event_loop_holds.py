"""Longest hold of the event loop by each hook: python benchmarks/event_loop_holds.py.

Each environment plays several hundred rollouts with the oracle at concurrency 64, in a process of its own, as a user's
first run would. What the watchdog sees of each hook is printed: its longest hold on the clock, and its longest on the
processor. A hook that waits for nothing is long on the clock only when the machine was busy with something else: on a
quiet machine both are nearly the same.
"""

import argparse
import asyncio
import logging
import multiprocessing
import os
import platform
import warnings

import llmgym
from llmgym import bridge
from llmgym.errors import DependencyMissing
from llmgym.registration import SUITE, offline_arguments

AIM_MS = 20.0


class Holds(logging.Handler):
    """Keeps the longest hold of each hook."""

    def __init__(self):
        super().__init__()
        self.longest: dict[str, tuple[float, float]] = {}

    def emit(self, record: logging.LogRecord) -> None:
        name, clock, processor = record.args
        known = self.longest.get(name, (0.0, 0.0))
        self.longest[name] = (max(known[0], clock), max(known[1], processor))


def measure(id: str, count: int, concurrency: int) -> dict[str, tuple[float, float]]:
    """Return the longest holds of each hook, in ms on the clock and on the processor."""
    warnings.simplefilter("ignore", DeprecationWarning)
    holds = Holds()
    bridge.logger.addHandler(holds)
    bridge.logger.propagate = False
    bridge.watchdog_limit = 0.0005

    async def play() -> None:
        made = llmgym.rollouts(
            id, llmgym.OraclePolicy(), tasks=count, concurrency=concurrency, **offline_arguments(id)
        )
        async for rollout in made:
            rollout.to_json()

    try:
        asyncio.run(play())
    except DependencyMissing:
        return {}
    return holds.longest


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=500)
    parser.add_argument("-c", "--concurrency", type=int, default=64)
    parser.add_argument("ids", nargs="*", help="environments; all of the suite by default")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, load {os.getloadavg()[0]:.1f}, {options.n} rollouts each")
    print(f"{'hook':62}{'ms':>8}{'CPU ms':>8}")
    context = multiprocessing.get_context("spawn")
    for row in SUITE:
        if options.ids and row.id not in options.ids:
            continue
        with context.Pool(1) as pool:
            longest = pool.apply(measure, (row.id, options.n, options.concurrency))
        print(row.id)
        for name, (clock, processor) in sorted(longest.items(), key=lambda item: -item[1][0]):
            mark = "  over the aim" if processor > AIM_MS else "  on the clock" if clock > AIM_MS else ""
            print(f"  {name:60}{clock:8.1f}{processor:8.1f}{mark}")


if __name__ == "__main__":
    main()
