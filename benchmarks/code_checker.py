"""Throughput of the code checker: python benchmarks/code_checker.py.

A hundred programs of mixed behaviour are checked three times: in the public way (for each a manager process and a child
process, 8 at a time, an alarm for each test, no isolation), and in sandboxes with all tests in one process (v0) or
each in its own (v1). The processors are the same for all, and so must the verdicts be.
"""

import argparse
import ast
import asyncio
import builtins
import io
import multiprocessing
import os
import platform
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from unittest import mock

from llmgym.verifiers.code import verify_code
from llmgym.verifiers.code_comparison import compare_outputs

AT_A_TIME = 8

TESTS = {"inputs": [f"{n}\n" for n in range(10)], "outputs": [f"{n * n}\n" for n in range(10)]}
BIG = {"inputs": [f"{n}\n" for n in range(4)], "outputs": [f"{n}\n" * 20_000 for n in range(4)]}

RIGHT = (
    "n = int(input())\nprint(n * n)",
    "import sys\nn = int(sys.stdin.readline())\nprint(sum(n for _ in range(n)))",
    "def main():\n    n = int(input())\n    print(n ** 2)\n\nif __name__ == '__main__':\n    main()",
    "from functools import lru_cache\n@lru_cache(None)\ndef f(n):\n    return 0 if n == 0 else f(n - 1) + 2 * n - 1\nprint(f(int(input())))",
    "import sys\ndata = sys.stdin.read().split()\nprint(int(data[0]) ** 2)\nsys.exit(0)",
)
KINDS = {
    "right": (50, RIGHT, TESTS),
    "wrong": (26, ("n = int(input())\nprint(n + n)", "print(int(input()) ** 3)", "print('no')"), TESTS),
    "crash": (
        8,
        ("print(1 // 0)", "print([][int(input())])", "print(", "import nothing_of_that_name"),
        TESTS,
    ),
    "slow": (4, ("n = int(input())\nt = 0\nfor i in range(60000):\n    t += i\nprint(n * n)",), TESTS),
    "endless": (2, ("while True:\n    pass", "import time\ntime.sleep(1000)"), TESTS),
    "memory": (4, ("x = bytearray(1 << 42)", "x = [0] * (1 << 40)"), TESTS),
    "exit": (4, ("import sys\nsys.exit(0)", "import os\nos._exit(0)"), TESTS),
    "big output": (2, ("n = input()\nfor _ in range(20000):\n    print(n)",), BIG),
}

NAMES = "string re datetime collections heapq bisect copy math random statistics itertools functools operator io sys json"
PRELUDE = (
    "".join(f"from {name} import *\n" for name in [*NAMES.split(), "builtins", "typing"])
    + "".join(f"import {name}\n" for name in NAMES.split())
    + "sys.setrecursionlimit(50000)\n"
)


class TimeoutException(Exception):
    """A test took too long."""


def programs() -> list[tuple[str, str, dict]]:
    """Return kind, program and tests of each, mixed."""
    found = []
    for kind, (count, codes, tests) in KINDS.items():
        found += [(kind, codes[number % len(codes)], tests) for number in range(count)]
    return [found[(37 * place) % len(found)] for place in range(len(found))]


def translated(code: str) -> str:
    """Return a program with its imports at the top and all else in a function, as text."""
    body = ast.parse(code).body
    if isinstance(body[-1], ast.If) and ast.unparse(body[-1].test) == "__name__ == '__main__'":
        body = body[:-1] + body[-1].body
    imports = [node for node in body if isinstance(node, ast.Import | ast.ImportFrom)]
    module = ast.parse("def wrapped_function(): pass")
    module.body[0].body = [node for node in body if node not in imports]
    return f"{PRELUDE}\n{ast.unparse(imports)}\n{ast.unparse(module)}"


def child(code, tests, seconds, results, metadata):
    """Run all tests of a program, as the public checker's child process does, and say what they gave."""

    def interrupt(number, frame):
        raise TimeoutException

    signal.signal(signal.SIGALRM, interrupt)
    import resource

    resource.setrlimit(resource.RLIMIT_DATA, (4 << 30, 4 << 30))
    for name in ("kill", "system", "fork", "remove", "rename", "chdir", "getcwd"):
        setattr(os, name, None)
    builtins.quit = None
    given, told = [], {}
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        module = ModuleType("tmp_sol")
        exec(translated(code), module.__dict__)
        for text, expected in zip(tests["inputs"], tests["outputs"], strict=True):
            real, sys.stdout = sys.stdout, io.StringIO()
            signal.setitimer(signal.ITIMER_REAL, seconds)
            try:
                with (
                    mock.patch("builtins.open", mock.mock_open(read_data=text)),
                    mock.patch("sys.stdin", io.StringIO(text)),
                ):
                    module.wrapped_function()
            except SystemExit:
                told = {}
            except Exception as error:
                given.append(-3 if isinstance(error, TimeoutException) else -4)
                told = {"error": repr(error), "error_code": given[-1]}
                break
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)
                printed, sys.stdout = sys.stdout.getvalue(), real
            code, message = compare_outputs(printed, expected)
            given.append(code)
            if code is not True:
                told = {"error_code": code, "error_message": message}
                break
    except Exception as error:
        given, told = [-4], {"error": repr(error), "error_code": -4}
    results.append(given)
    metadata.append(told)


def check_publicly(code, tests, seconds) -> list:
    """Check a program with a manager and a child of its own."""
    count = len(tests["inputs"])
    with multiprocessing.Manager() as manager:
        results, metadata = manager.list(), manager.list()
        process = multiprocessing.Process(target=child, args=(code, tests, seconds, results, metadata))
        process.start()
        process.join(timeout=(seconds + 1) * count + 5)
        if process.is_alive():
            process.kill()
            process.join()
        return results[0] if len(results) and metadata[0] is not None else [-1] * count


def public_way(items, seconds) -> list:
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        return list(pool.map(lambda item: check_publicly(item[1], item[2], seconds), items))


def sandboxed(items, seconds, fresh) -> list:
    async def run():
        jobs = [
            verify_code(
                code, tests, unit_test_timeout_secs=seconds, fresh_processes=fresh, num_processes=AT_A_TIME
            )
            for _, code, tests in items
        ]
        return [result.result for result in await asyncio.gather(*jobs)]

    return asyncio.run(run())


def processor_seconds() -> float:
    """Return the processor time of this process and of its descendants, those that have ended and been waited for too."""
    children, total, todo = {}, sum(os.times()[:4]), [os.getpid()]
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            fields = Path(f"/proc/{name}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except OSError:
            continue
        spent = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
        children.setdefault(int(fields[1]), []).append((int(name), spent))
    while todo:
        for child_id, spent in children.get(todo.pop(), []):
            total += spent
            todo.append(child_id)
    return total


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--timeout", type=float, default=0.3, help="seconds that a test may take")
    parser.add_argument("--repeat", type=int, default=1, help="how often the hundred programs are checked")
    options = parser.parse_args()
    items, seconds = programs() * options.repeat, options.timeout
    settled = [item for item in items if item[0] not in ("endless", "slow", "big output")]
    print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}")
    print(", ".join(f"{count} {kind}" for kind, count in Counter(kind for kind, _, _ in items).items()))
    ways = {
        "a manager and a child each": lambda chosen: public_way(chosen, seconds),
        "sandbox, one process (v0)": lambda chosen: sandboxed(chosen, seconds, False),
        "sandbox, one each (v1)": lambda chosen: sandboxed(chosen, seconds, True),
    }
    # The first sandbox waits for the process that starts them all.
    sandboxed(items[:4], seconds, False)
    for title, chosen in (("all programs", items), ("without endless, slow and big output", settled)):
        print(f"\n{title:38}{'programs':>9}{'programs/s':>12}{'ratio':>7}{'CPU ms':>9}{'ratio':>7}")
        bases, verdicts = None, []
        for name, way in ways.items():
            began, used = time.perf_counter(), processor_seconds()
            verdicts.append(way(chosen))
            took = (time.perf_counter() - began) / len(chosen)
            cost = (processor_seconds() - used) / len(chosen)
            bases = bases or (took, cost)
            rates = f"{1 / took:12.1f}{bases[0] / took:7.1f}{cost * 1000:9.1f}{bases[1] / cost:7.1f}"
            print(f"{name:38}{len(chosen):9}{rates}")
        differing = [
            item[:2]
            for item, *found in zip(chosen, *verdicts, strict=True)
            if any(v != found[0] for v in found)
        ]
        print(f"verdicts agree on {len(chosen) - len(differing)} of {len(chosen)}")
        for kind, code in differing:
            print(f"  {kind}: {code!r}")


if __name__ == "__main__":
    main()
