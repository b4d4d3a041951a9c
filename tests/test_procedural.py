from __future__ import annotations

import asyncio
import copy
import hashlib
import json
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest
from testing_env import make_weather_task

from llmgym import bridge
from llmgym.errors import UsageError
from llmgym.tasks import SPLITS, Task, TaskSet


def make_numbered(rng, index, low=0, high=10**9):
    return Task(f"n{index}", [{"role": "user", "content": str(rng.integers(low, high))}], {"set": {1, 2}})


def make_few(rng, index):
    return {"prompt": "always the same"}


def digest():
    rows = [
        TaskSet.procedural(make_weather_task, split=split)[index].row()
        for split in SPLITS
        for index in range(30)
    ]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()


def test_procedural_tasks_are_the_same_for_ever():
    one, other = (TaskSet.procedural(make_weather_task) for _ in range(2))
    later = one[10**6]
    assert [one[i] for i in range(20)] == [other[i] for i in reversed(range(20))][::-1]
    assert one[10**6] == later and one[0].id == "train-0" and later.id == "train-1000000"
    # A change of these values changes every published result.
    assert one[0].messages == [{"role": "user", "content": PINNED}]


PINNED = "Weather in Quito? (636961687)"


def test_procedural_tasks_are_the_same_in_another_process():
    script = "import test_procedural; print(test_procedural.digest())"
    folder = str(Path(__file__).parent)
    environment = {
        **os.environ,
        "PYTHONHASHSEED": "4711",
        "PYTHONPATH": folder,
        "TZ": "Asia/Tokyo",
        "LC_ALL": "C",
    }
    done = subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=60
    )
    assert (done.stdout.strip(), done.stderr) == (digest(), "")


def test_splits_share_no_task():
    def contents(split):
        return {
            task.messages[0]["content"]
            for task in TaskSet.procedural(make_weather_task, split=split, size=200)
        }

    train, validation, test = map(contents, SPLITS)
    assert not (train & validation or train & test or validation & test)
    assert {len(train), len(validation), len(test)} == {200}


def test_a_generator_with_few_tasks_keeps_the_splits_apart():
    def make_small(rng, index):
        return {"prompt": str(int(rng.integers(40))), "id": f"whatever-{index}"}

    seen = [
        {t.messages[0]["content"] for t in TaskSet.procedural(make_small, split=s, size=60)} for s in SPLITS
    ]
    assert sum(map(len, seen)) == len(set.union(*seen))


def test_a_generator_with_too_few_tasks_says_so():
    offered = []
    for split in SPLITS:
        try:
            TaskSet.procedural(make_few, split=split)[0]
        except UsageError as error:
            assert "few: 1000 draws for task 0 gave none" in str(error) and split in str(error)
        else:
            offered.append(split)
    assert len(offered) == 1


def test_arguments_and_seeds_change_the_tasks():
    def text(**kw):
        return TaskSet.procedural(make_numbered, **kw)[0].messages[0]["content"]

    assert len({text(), text(seed=1), text(split="test"), text(high=10**8)}) == 4
    assert int(text(low=5, high=9)) in range(5, 9)
    assert TaskSet.procedural(make_numbered)[3].id == "n3"


def test_an_unknown_split():
    with pytest.raises(UsageError, match="Expected a split among train, validation, test, found 'dev'"):
        TaskSet.procedural(make_weather_task, split="dev")


def test_pickling_and_copying():
    tasks = TaskSet.procedural(make_numbered, split="test", size=9, high=50).take(5)
    loaded = pickle.loads(pickle.dumps(tasks))
    assert list(loaded) == list(tasks) and len(loaded) == 5
    assert copy.deepcopy(tasks) is tasks


def make_variants(rng, index):
    return VARIANTS[int(rng.integers(len(VARIANTS)))]


VARIANTS = [
    {"prompt": f"{text} {n}", "split_identity": n} for n in range(40) for text in ("What is", "Tell me")
]


def test_a_generator_can_name_what_belongs_to_one_split():
    kept = [dict(row) for row in VARIANTS]
    seen = []
    for split in SPLITS:
        tasks = TaskSet.procedural(make_variants, split=split, size=80)
        assert list(tasks) == list(tasks) and "split_identity" not in tasks[0].data
        seen.append({task.messages[0]["content"].split()[-1] for task in tasks})
    assert sum(map(len, seen)) == len(set.union(*seen)) and VARIANTS == kept


def test_a_small_split_does_not_hold_the_loop_for_all_its_draws():
    tasks = TaskSet.procedural(make_weather_task, split="test")
    turns = []

    def play(name):
        for index in range(20):
            tasks[index]
            turns.append(name)

    async def main():
        await asyncio.gather(*[bridge.call(play, name) for name in "ab"])

    asyncio.run(main())
    assert turns != ["a"] * 20 + ["b"] * 20 and sorted(turns) == ["a"] * 20 + ["b"] * 20
