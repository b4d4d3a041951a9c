from __future__ import annotations

import asyncio
import errno
import json
import os
import subprocess
import sys
from contextlib import aclosing
from pathlib import Path

import pytest
from testing_env import WeatherEnv
from vector.faults import ROWS, Faults, forever
from vector.killed_collector import RUN
from vector.playing import Asked, Made, by_key, untimed
from vector.seeded_run import DiceEnv, TooledRandomPolicy

from llmgym.errors import InfrastructureError, StoreError, UsageError
from llmgym.policies.scripted import OraclePolicy, RandomPolicy
from llmgym.records import DiskError, read_rollouts, read_rows
from llmgym.records.fileops import FileOps
from llmgym.tasks import Task
from llmgym.vector import collect, collecting


def counted():
    return Asked(lambda request: None)


def told(made):
    return {key: untimed(rollout) for key, rollout in by_key(made).items()}


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


def test_without_a_file():
    assert [rollout.reward for rollout in collect(WeatherEnv, OraclePolicy(), tasks=3)] == [1.0] * 3


def test_each_rollout_is_a_line(path):
    made = collect(WeatherEnv, OraclePolicy(), tasks=5, repeats=2, output=path)
    assert told(made) == told(read_rollouts(path))
    assert set(by_key(made)) == {(task, repeat) for task in range(5) for repeat in range(2)}
    assert path.read_bytes().count(b"\n") == 10


def test_a_rollout_is_on_disk_before_it_is_given_out(path):
    async def main():
        seen = set()
        async for rollout in collecting(WeatherEnv, OraclePolicy(), tasks=30, output=path):
            seen.add(rollout.task_index)
            assert seen <= {json.loads(line)["task_index"] for line in path.read_text().splitlines()}
        return seen

    assert len(asyncio.run(main())) == 30


def test_a_file_with_rollouts_is_refused_without_resume(path):
    collect(WeatherEnv, OraclePolicy(), tasks=2, output=path)
    before = path.read_bytes()
    factory = Made()
    with pytest.raises(StoreError, match="already has rollouts"):
        collect(factory, OraclePolicy(), tasks=2, output=path)
    assert path.read_bytes() == before
    assert factory.all_closed


def test_resuming_what_is_complete_makes_nothing(path):
    first = collect(WeatherEnv, OraclePolicy(), tasks=4, output=path)
    policy = counted()
    assert told(collect(WeatherEnv, policy, tasks=4, output=path, resume=True)) == told(first)
    assert policy.requests == 0


def test_resuming_makes_what_is_missing(path):
    async def some():
        policy = Asked(lambda request: forever() if int(request.session[6:-2]) > 7 else None)
        async with aclosing(collecting(WeatherEnv, policy, tasks=20, output=path)) as made:
            async for _ in made:
                break

    asyncio.run(some())
    kept = len(by_key(read_rollouts(path)))
    assert 1 <= kept < 20
    policy, starts = counted(), []

    async def rest():
        made = collecting(
            WeatherEnv, policy, tasks=20, output=path, resume=True, on_start=lambda *told: starts.append(told)
        )
        return [rollout async for rollout in made]

    assert len(asyncio.run(rest())) == 20 - kept
    assert starts == [(20, kept)]
    assert policy.requests == 2 * (20 - kept)
    assert told(read_rollouts(path)) == told(collect(WeatherEnv, OraclePolicy(), tasks=20))


def test_killed_three_times_the_file_is_that_of_an_unkilled_run(path):
    tests = Path(__file__).resolve().parents[1]
    rows = 0
    for episodes in (4, 9, 15):
        command = [sys.executable, "-m", "vector.killed_collector", str(path), str(episodes)]
        with subprocess.Popen(command, cwd=tests, stdout=subprocess.PIPE, text=True) as process:
            # With four at a time, the first episode that hangs keeps three more from ending.
            for _ in range(episodes - 3):
                assert process.stdout.readline() == "made\n"
            process.kill()
        kept = len(by_key(read_rollouts(path)))
        assert rows + episodes - 3 <= kept < 40
        rows = kept
    made = collect(DiceEnv, TooledRandomPolicy(), output=path, resume=True, **RUN)
    assert len(made) == 40
    assert told(made) == told(read_rollouts(path)) == told(collect(DiceEnv, TooledRandomPolicy(), **RUN))


def test_a_half_written_line_is_made_again(path):
    whole = collect(WeatherEnv, OraclePolicy(), tasks=6, output=path)
    content = path.read_bytes()
    path.write_bytes(content[:-40])
    policy = counted()
    assert told(collect(WeatherEnv, policy, tasks=6, output=path, resume=True)) == told(whole)
    assert policy.requests == 2


SESSION = {"env": "llmgym/SessionState-v0", "policy": RandomPolicy(seed=1), "tasks": 2}


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"env": "llmgym/MCQA-v0"}, "env.id"),
        ({"difficulty": "hard"}, "env.kwargs.difficulty"),
        ({"policy": RandomPolicy(seed=2)}, "policy.seed: 1 in the file, 2 now"),
        ({"seed": 1}, "seed: 0 in the file, 1 now"),
        ({"share_seed": False}, "share_seed: true in the file, false now"),
        ({"tasks": [0, 1]}, "tasks"),
    ],
)
def test_another_run_is_refused_and_the_difference_named(path, change, named):
    collect(**SESSION, output=path)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="belongs to another run") as refused:
        collect(**{**SESSION, **change}, output=path, resume=True)
    assert named in str(refused.value)
    assert path.read_bytes() == before


def test_tasks_and_repeats_may_grow(path):
    for tasks, repeats in ((2, 1), (2, 3), (5, 3)):
        made = collect(WeatherEnv, OraclePolicy(), tasks=tasks, repeats=repeats, output=path, resume=True)
        assert set(by_key(made)) == {(task, repeat) for task in range(tasks) for repeat in range(repeats)}
    assert told(made) == told(collect(WeatherEnv, OraclePolicy(), tasks=5, repeats=3))


def test_given_tasks_resume_too_and_may_not_change(path):
    tasks = [Task.of(ROWS[0]), ROWS[1], 7]
    first = collect(WeatherEnv, OraclePolicy(), tasks=iter(tasks), output=path)
    assert len(first) == 3
    assert told(collect(WeatherEnv, OraclePolicy(), tasks=tasks, output=path, resume=True)) == told(first)
    with pytest.raises(StoreError, match="tasks"):
        collect(WeatherEnv, OraclePolicy(), tasks=tasks[:2], output=path, resume=True)
    with pytest.raises(UsageError, match="Expected tasks to be a number or a list"):
        collect(WeatherEnv, OraclePolicy(), tasks=7.5, output=path, resume=True)


def test_failed_rollouts_are_tried_again_while_attempts_are_left(path):
    faults = Faults({"Oslo": 5, "Lima": 99}, lambda: InfrastructureError("refused", boundary="policy"))
    run = {
        "env": WeatherEnv,
        "policy": Asked(faults.of_request),
        "tasks": ROWS[:4],
        "output": path,
        "resume": True,
    }

    def attempts(most):
        made = by_key(collect(**run, attempts=most, retry_delay=0.0))
        assert len(made) == 4
        return {made[i, 0].task_id: (made[i, 0].attempt, made[i, 0].reward) for i in (0, 3)}

    assert attempts(3) == {"Oslo": (3, None), "Lima": (3, None)}
    asked = faults.asked
    assert attempts(3) == {"Oslo": (3, None), "Lima": (3, None)}
    assert faults.asked == asked
    assert attempts(8) == {"Oslo": (6, 1.0), "Lima": (8, None)}
    # Each run adds a row; none is changed.
    assert [row["attempt"] for _, row in read_rows(path) if row["task_id"] == "Oslo"] == [3, 6]


def test_what_is_not_retryable_is_tried_once_a_run(path):
    faults = Faults({"Oslo": 9}, lambda: InfrastructureError("no", boundary="policy", retryable=False))
    run = {
        "env": WeatherEnv,
        "policy": Asked(faults.of_request),
        "tasks": ROWS[:2],
        "output": path,
        "resume": True,
    }
    # A wrong key, say, can be put right between two runs; after three attempts it is left alone.
    for asked in (1, 2, 3, 3):
        assert any(rollout.reward is None for rollout in collect(**run))
        assert faults.asked == asked


def test_a_data_set_that_changed_is_refused(path, tmp_path):
    data = tmp_path / "data.jsonl"
    rows = [{"prompt": "Add.", "initial_count": i, "expected_count": i + 1} for i in range(3)]
    data.write_text("\n".join(map(json.dumps, rows)))
    run = {"env": "llmgym/SessionState-v0", "policy": OraclePolicy(), "dataset": str(data), "output": path}
    assert len(collect(**run)) == 3
    assert len(collect(**run, resume=True)) == 3
    data.write_text("\n".join(map(json.dumps, rows[::-1])))
    with pytest.raises(StoreError, match="dataset_digest"):
        collect(**run, resume=True)


def test_rows_given_in_code_are_told_by_their_digest(path):
    rows = [{"prompt": "Add.", "initial_count": i, "expected_count": i + 1} for i in range(3)]
    run = {"env": "llmgym/SessionState-v0", "policy": OraclePolicy(), "output": path}
    made = collect(**run, dataset=rows)
    assert set(made[0].env["kwargs"]["dataset"]) == {"rows", "sha256"}
    assert len(collect(**run, dataset=rows, resume=True)) == 3
    with pytest.raises(StoreError, match="env.kwargs.dataset"):
        collect(**run, dataset=rows[1:], resume=True)


def test_what_cannot_be_run_is_said_before_a_file_is_made(path):
    with pytest.raises(UsageError, match="a runner needs many"):
        collect(WeatherEnv(), OraclePolicy(), tasks=1, output=path)
    assert not path.exists()


def test_inside_a_running_loop(path):
    async def main():
        return collect(WeatherEnv, OraclePolicy(), tasks=3, output=path)

    assert len(asyncio.run(main())) == 3


def test_a_rollout_that_the_disk_refuses_is_not_given_out(path, monkeypatch):
    def fsync(self, fd):
        if os.path.samestat(os.fstat(fd), os.stat(path)) and self.size(fd):
            raise OSError(errno.EIO, "Input/output error")

    async def main():
        async for _ in collecting(WeatherEnv, OraclePolicy(), tasks=3, output=path):
            raise AssertionError("it is not on disk")

    monkeypatch.setattr(FileOps, "fsync", fsync)
    with pytest.raises(DiskError, match="Input/output error"):
        asyncio.run(main())
