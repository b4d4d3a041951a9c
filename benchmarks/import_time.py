"""How long ``import llmgym`` takes beside ``import gymnasium``: python benchmarks/import_time.py."""

import statistics
import subprocess
import sys
import time


def seconds(module: str) -> float:
    """Return the wall time of a fresh interpreter that imports a module."""
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return time.perf_counter() - started


if __name__ == "__main__":
    for module in ("gymnasium", "llmgym"):
        seconds(module)
    ratios, ours, theirs = [], [], []
    for _ in range(15):
        theirs.append(seconds("gymnasium"))
        ours.append(seconds("llmgym"))
        ratios.append(ours[-1] / theirs[-1])
    print(f"import gymnasium: {statistics.median(theirs) * 1000:.0f} ms")
    print(f"import llmgym:    {statistics.median(ours) * 1000:.0f} ms")
    print(f"ratio, median of pairs: {statistics.median(ratios):.2f}")
