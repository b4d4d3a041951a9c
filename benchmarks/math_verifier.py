"""Throughput of the math verifier: python benchmarks/math_verifier.py.

The same answers are graded twice: by a process forked for each answer and looked after every 50 ms, which is how the
public verifier works, and by the pool of warm workers. Needs the extra 'math'.
"""

import argparse
import asyncio
import logging
import multiprocessing
import os
import platform
import resource
import time

import numpy as np
from math_verify.metric import math_metric
from math_verify.parser import ExprExtractionConfig, LatexExtractionConfig

from llmgym.envs.math_with_judge.generate import DIFFICULTIES, make_problem
from llmgym.verifiers import math_pool
from llmgym.verifiers.math import boxed, strip_delimiters, verify_math

POLL_SECONDS = 0.05
FORKS_AT_A_TIME = 32


def answers(count: int) -> list[tuple[str, str]]:
    """Return right answers and responses, every third of which is wrong."""
    found = []
    for index in range(count):
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
        end.send(metric([gold], [text]))
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
    """Return the processor seconds of this process and its children that have ended."""
    return sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))


def main() -> None:
    logging.disable(logging.CRITICAL)
    parser = argparse.ArgumentParser()
    parser.add_argument("-n", type=int, default=4000)
    parser.add_argument("--forks", type=int, default=300, help="items for the forking way")
    options = parser.parse_args()
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(f"{'way':34}{'items':>8}{'items/s':>10}{'CPU ms/item':>13}{'mean score':>12}")
    items = answers(options.n)
    asyncio.run(pooled(items[:20]))
    rates, costs = {}, {}
    for name, grade, chosen in (
        ("a fork and a poll for each item", forked, items[: options.forks]),
        ("warm workers", pooled, items),
    ):
        wall, used = time.perf_counter(), cpu()
        score = asyncio.run(grade(chosen))
        wall = time.perf_counter() - wall
        # The processor time of workers is known when they have ended.
        math_pool.close()
        rates[name], costs[name] = len(chosen) / wall, (cpu() - used) / len(chosen) * 1000
        print(f"{name:34}{len(chosen):8}{rates[name]:10.0f}{costs[name]:13.2f}{score:12.3f}")
    (slow, fast), (dear, cheap) = rates.values(), costs.values()
    print(f"ratio: {fast / slow:.0f} in items/s, {dear / cheap:.0f} in processor time")
    asyncio.run(pooled(items[:20]))
    took = asyncio.run(one_by_one(items[:500]))
    print(f"one at a time: median {took[250]:.2f} ms, 99th percentile {took[495]:.2f} ms")
    seconds, held = asyncio.run(longest_hold(1.0))
    print(
        f"three endless answers with 1 s each: {seconds:.1f} s; the event loop was held for {held:.1f} ms at most"
    )


if __name__ == "__main__":
    main()
