from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from testing_env import WeatherEnv
from vector.playing import Asked, played
from vector.seeded_run import as_bytes, records

from llmgym.vector.jobs import jobs_of


def job_list(**options):
    given = {
        "tasks": 20,
        "size": None,
        "repeats": 4,
        "seed": 0,
        "share_seed": True,
        "attempted": {},
        **options,
    }
    return list(jobs_of(**given))


@pytest.fixture(scope="module")
def alone():
    return records(1)


@pytest.mark.parametrize("concurrency", [1, 8, 64])
def test_a_run_is_the_same_at_any_concurrency(concurrency, alone):
    assert records(concurrency) == alone
    assert len({str(record["messages"]) for record in alone}) == len(alone)


def test_another_seed_gives_another_run(alone):
    other = records(8, seed=1)
    assert all(mine["messages"] != theirs["messages"] for mine, theirs in zip(alone, other, strict=True))


def test_a_run_is_the_same_in_another_process_with_other_hashes(alone):
    tests = Path(__file__).resolve().parents[1]
    for hashes in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-m", "vector.seeded_run"],
            cwd=tests,
            env={**os.environ, "PYTHONHASHSEED": hashes, "TZ": "Pacific/Auckland"},
            capture_output=True,
            check=True,
        )
        # A module that runs as a program has another name.
        there = done.stdout.replace(b"__main__:", b"vector.seeded_run:")
        assert there == as_bytes(alone)


def test_repeats_share_the_seed_of_the_episode_or_not():
    shared, own = job_list(), job_list(share_seed=False)
    assert len({job.seed for job in shared}) == 20
    assert all(len({job.seed for job in shared if job.index == index}) == 1 for index in range(20))
    assert len({job.seed for job in own}) == len(own) == 80


def test_policy_seeds_differ_between_tasks_repeats_and_turns():
    seeds = []
    policy = Asked(lambda request: seeds.append(request.seed))
    played(WeatherEnv, policy, tasks=10, repeats=5)
    assert len(seeds) == len(set(seeds)) == 10 * 5 * 2
    assert all(0 <= seed < 2**31 for seed in seeds)


def test_more_tasks_and_repeats_leave_the_first_as_they_are():
    for share_seed in (True, False):
        few = {(job.index, job.repeat): job for job in job_list(tasks=5, repeats=2, share_seed=share_seed)}
        many = {(job.index, job.repeat): job for job in job_list(share_seed=share_seed)}
        assert few.items() <= many.items()


def test_repeats_of_a_shared_seed_differ_in_the_policy_alone():
    made = records(8, tasks=1, repeats=6)
    assert len({record["seed"] for record in made}) == 1
    # The environment rolls the same dice for all of them.
    first_rolls = {next(m["content"] for m in record["messages"] if m["role"] == "tool") for record in made}
    assert len(first_rolls) == 1
    assert len({str(record["messages"]) for record in made}) == 6
    apart = records(8, tasks=1, repeats=6, share_seed=False)
    assert len({record["seed"] for record in apart}) == 6
