from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from records.disk_faults import IDENTITY, FastOps, key, row, run_to_end

from llmgym.errors import StoreError
from llmgym.records import RolloutStore, read_rows

KILLS = 50
TOTAL = 400


@pytest.fixture(scope="module")
def writers() -> Iterator[subprocess.Popen[str]]:
    tests = Path(__file__).resolve().parents[1]
    with subprocess.Popen(
        [sys.executable, "-m", "records.killed_writer"],
        cwd=tests,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        yield process
        process.stdin.close()
        process.wait()


def start(writers, what: str, path: Path, total: int) -> int:
    writers.stdin.write(f"{what} {path} {total}\n")
    word, pid = writers.stdout.readline().split()
    assert word == "pid"
    return int(pid)


def lines_until(writers, end: str) -> Iterator[str]:
    while (line := writers.stdout.readline().strip()) != end:
        assert line or writers.poll() is None
        yield line


def test_kills_at_random_times(tmp_path, writers):
    rng = random.Random(20)
    kills = files = in_the_middle = 0
    while kills < KILLS:
        path = tmp_path / f"{files}.jsonl"
        heard: set[int] = set()
        ended = False
        while not ended:
            pid = start(writers, "write", path, TOTAL)
            said: list[str] = []
            if kills < KILLS:
                for _ in range(rng.choice([0, 1, rng.randrange(60), rng.randrange(60)])):
                    said.append(writers.stdout.readline().strip())
                    if said[-1] == "end":
                        break
                time.sleep(rng.uniform(0, 0.004))
                os.kill(pid, signal.SIGKILL)
            said += lines_until(writers, "gone")
            ended = "end" in said
            kills += not ended
            now = [int(line.split()[1]) for line in said if line.startswith("row")]
            assert not heard & set(now)
            heard |= set(now)
            if not ended and path.exists():
                found = [row_number(found) for _, found in read_rows(path, duplicates=True)]
                assert heard <= set(found)
                assert len(found) == len(set(found))
                in_the_middle += bool(now)
        # The same rows as a run that nobody killed, order aside, and nothing besides.
        run_to_end(tmp_path / f"whole-{files}.jsonl", TOTAL)
        assert sorted(path.read_bytes().splitlines()) == sorted(
            (tmp_path / f"whole-{files}.jsonl").read_bytes().splitlines()
        )
        files += 1
    assert kills == KILLS and in_the_middle > 10


def row_number(found: dict) -> int:
    return int(found["task_id"].split("-")[1])


def test_two_writers_on_one_file(tmp_path, writers):
    path = tmp_path / "run.jsonl"
    pid = start(writers, "hold", path, 7)
    said = []
    while len(said) < 2:
        said.append(writers.stdout.readline().strip())
    child = next(line for line in said if line.startswith("child")).split(maxsplit=2)
    try:
        assert "held" in said
        assert "before this process was forked" in child[2]
        before = path.read_bytes()
        for resume in (False, True):
            with pytest.raises(StoreError, match="being written by another process"):
                RolloutStore.open(path, identity=IDENTITY, resume=resume)
        assert path.read_bytes() == before
        os.kill(pid, signal.SIGKILL)
        assert list(lines_until(writers, "gone")) == []
        # The dead writer's own child lives, and holds no lock.
        os.kill(int(child[1]), 0)
        with RolloutStore.open(path, identity=IDENTITY, resume=True, ops=FastOps()) as store:
            assert store.done() == {key(7)}
            store.write(row(8))
            with pytest.raises(StoreError, match="being written by another process"):
                RolloutStore.open(path, identity=IDENTITY, resume=True)
    finally:
        os.kill(int(child[1]), signal.SIGKILL)
    with RolloutStore.open(path, identity=IDENTITY, resume=True, ops=FastOps()) as store:
        assert store.done() == {key(7), key(8)}
