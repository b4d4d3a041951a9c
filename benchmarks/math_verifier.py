"""Throughput of the math verifier: python benchmarks/math_verifier.py.

The same answers are graded twice: by a process forked for each answer and looked after every 50 ms, which is how the
public verifier works, and by the pool of warm workers. The two ways take turns, so that whatever else the machine does
slows both, and the median of the rounds' ratios is told. Processor time counts all processes of a way, without what
starting the pool takes once. Needs Linux and the extra 'math'.
"""

import argparse
import asyncio
import logging
import multiprocessing
import os
import platform
import resource
import statistics
import time
from pathlib import Path

import numpy as np
from math_verify.metric import math_metric
from math_verify.parser import ExprExtractionConfig, LatexExtractionConfig

from llmgym.envs.math_with_judge.generate import DIFFICULTIES, make_problem
from llmgym.verifiers import math_pool
from llmgym.verifiers.math import boxed, strip_delimiters, verify_math

POLL_SECONDS = 0.05
FORKS_AT_A_TIME = 32


def answers(count: int, first: int = 0) -> list[tuple[str, str]]:
    """Return right answers and responses, every third of which is wrong."""
    found = []
    for index in range(first, first + count):
        rng = np.random.default_rng(index)
        row = make_problem(rng, index, difficulty=DIFFICULTIES[index % 3])
        box = boxed(
            row["expected_answer"] if index % 3 else f"{strip_delimiters(row['expected_answer'])} + 1"
        )
        steps = " ".join(f"Step {step}: we have $a_{step} = {step * index}$." for step in range(40))
        found.append((row["expected_answer"], f"{row['question']}\n{steps}\nSo it is {box}."))
    return found


async def forked(items: list[tuple[str, str]]) -> float:
    """Grade with a fork for each item. Return the mean score."""
    places, context = asyncio.Semaphore(FORKS_AT_A_TIME), multiprocessing.get_context("fork")
    metric = math_metric(
        gold_extraction_target=(LatexExtractionConfig(),),
        pred_extraction_target=(ExprExtractionConfig(), LatexExtractionConfig()),
    )

    def work(end, gold, text):
        try:
            end.send(metric([gold], [text]))
        except ValueError:
            # Reading the right answer took more than the library's 5 s: 0 there.
            end.send((0.0, None))
        end.close()

    async def one(expected: str, text: str) -> float:
        async with places:
            mine, its = context.Pipe(duplex=False)
            process = context.Process(target=work, args=(its, boxed(expected), text))
            process.start()
            its.close()
            while process.is_alive():
                await asyncio.sleep(POLL_SECONDS)
            with mine:
                return mine.recv()[0]

    scores = await asyncio.gather(*[one(expected, text) for expected, text in items])
    return sum(scores) / len(scores)


async def pooled(items: list[tuple[str, str]]) -> float:
    """Grade with the pool. Return the mean score."""
    results = await asyncio.gather(*[verify_math(expected, text) for expected, text in items])
    return sum(result.score for result in results) / len(results)


async def one_by_one(items: list[tuple[str, str]]) -> list[float]:
    """Return the milliseconds that each item took from the call to the result."""
    took = []
    for expected, text in items:
        started = time.perf_counter()
        await verify_math(expected, text)
        took.append((time.perf_counter() - started) * 1000)
    return sorted(took)


async def longest_hold(limit_seconds: float) -> tuple[float, float]:
    """Grade answers that never end. Return seconds, and the most ms that the event loop was held meanwhile."""
    held, started = [0.0], time.perf_counter()

    async def watch() -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            held.append((time.perf_counter() - before - 0.001) * 1000)

    watcher = asyncio.create_task(watch())
    endless = [r"\boxed{9^{9^{9^{9}}}}", r"\boxed{(10^{9})!}", r"\boxed{\binom{10^9}{5\cdot 10^8}}"]
    await asyncio.gather(*[verify_math("42", text, timeout_seconds=limit_seconds) for text in endless])
    watcher.cancel()
    return time.perf_counter() - started, max(held)


def cpu() -> float:
    """Return the processor seconds of this process, its children that have ended, and the pool's processes."""
    own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    pool = math_pool._pool
    pids = [worker.pid for worker in pool._workers]
    if pool._nursery is not None:
        pids.append(pool._nursery.process.pid)
    return own + sum(ticks(pid) for pid in pids) / os.sysconf("SC_CLK_TCK")


def ticks(pid: int) -> int:
    """Return the processor time of a process and its children that have ended, in ticks of the clock."""
    # The name of the program, in parentheses, may hold anything.
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15]))


def timed(grade, items: list[tuple[str, str]]) -> tuple[float, float, float]:
    """Return seconds and processor milliseconds an item, and the mean score."""
    wall, used = time.perf_counter(), cpu()
    score = asyncio.run(grade(items))
    wall, used = time.perf_counter() - wall, cpu() - used
    return wall / len(items), used / len(items) * 1000, score


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.1f} ({min(values):.1f} to {max(values):.1f})"


def main() -> None:
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=600, help="items a round for the pool")
    parser.add_argument(
        "--forks", type=int, default=100, help="items a round for the forking way, of the same"
    )
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(f"{'round':>5}{'fork and poll':>31}{'warm workers':>31}{'ratio':>18}")
    print(f"{'':5}" + f"{'items/s':>12}{'CPU ms':>10}{'score':>9}" * 2 + f"{'items/s':>9}{'CPU':>9}")
    rates, costs = [], []
    asyncio.run(pooled(answers(20)))
    for number in range(options.rounds):
        items = answers(options.n, number * options.n)
        slow, dear, theirs = timed(forked, items[: options.forks])
        fast, cheap, ours = timed(pooled, items)
        rates.append(slow / fast)
        costs.append(dear / cheap)
        both = "".join(
            f"{1 / seconds:12.0f}{used:10.2f}{score:9.3f}"
            for seconds, used, score in ((slow, dear, theirs), (fast, cheap, ours))
        )
        print(f"{number + 1:5}{both}{rates[-1]:9.1f}{costs[-1]:9.1f}")
    print(f"median ratio: {spread(rates)} in items/s, {spread(costs)} in processor time")
    took = asyncio.run(one_by_one(answers(500)))
    print(f"one at a time: median {took[250]:.2f} ms, 99th percentile {took[495]:.2f} ms")
    seconds, held = asyncio.run(longest_hold(1.0))
    print(
        f"three endless answers with 1 s each: {seconds:.1f} s; the event loop was held for {held:.1f} ms at most"
    )


if __name__ == "__main__":
    main()
