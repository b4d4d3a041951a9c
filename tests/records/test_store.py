from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading

import numpy as np
import orjson
import pytest
from records.disk_faults import IDENTITY, FastOps, key, row

from llmgym import records
from llmgym.errors import StoreError
from llmgym.records import RolloutStore, read_rows
from llmgym.records.identity import differences
from llmgym.records.progress import failure_of, outcome_of, task_of


@pytest.fixture
def path(tmp_path):
    return tmp_path / "run.jsonl"


def opened(path, identity=IDENTITY, **more):
    return RolloutStore.open(path, identity=identity, ops=FastOps(), **more)


def test_rows_come_back_as_they_were(path):
    with opened(path) as store:
        for number in range(5):
            store.write(row(number))
    assert [found for _, found in read_rows(path)] == [row(number) for number in range(5)]
    offsets = [offset for offset, _ in read_rows(path)]
    assert [path.read_bytes()[offset : offset + 1] for offset in offsets] == [b"{"] * 5
    assert orjson.loads(store.meta_path.read_bytes())["identity"] == IDENTITY
    assert not store.corrupt_path.exists()
    assert sorted(file.name for file in path.parent.iterdir()) == ["run.jsonl", "run.jsonl.meta.json"]


def test_text_is_taken_too(path):
    with opened(path) as store:
        store.write(orjson.dumps(row(1)))
        store.write(orjson.dumps(row(2), option=orjson.OPT_INDENT_2))
    assert [found for _, found in read_rows(path)] == [row(1), row(2)]
    assert path.read_bytes().count(b"\n") == 2


def test_odd_values(path):
    odd = {**row(1), "text": "lone \ud83d surrogate", "big": 2**80}
    with opened(path) as store:
        store.write(odd)
        store.write({**row(2), "reward": np.float32(0.5)})
    first, second = [found for _, found in read_rows(path)]
    assert first["text"] == odd["text"]
    assert second["reward"] == 0.5


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({}, "empty object"),
        ({"reward": 1.0, "outcome": "completed"}, "'task_id'"),
        ({"task_id": "a", "outcome": "ok"}, "completed, truncated, failed"),
        ({"task_id": "a"}, "'outcome'"),
        ({**row(1), "crc32": "00000000"}, "'crc32'"),
        ({**row(1), "what": object()}, "JSON values"),
        ({**row(1), "what": "x" * 20_000}, "max_line_bytes"),
        (b"[1]", "JSON text of one rollout"),
        (b'{"task_id": "a"', "JSON text of one rollout"),
    ],
)
def test_rows_that_are_refused(path, wrong, message):
    with opened(path, max_line_bytes=10_000) as store:
        with pytest.raises(StoreError, match=message):
            store.append(wrong)
        store.write(row(2))
    assert len(list(read_rows(path))) == 1


def test_a_file_with_rows_is_not_overwritten(path):
    with opened(path) as store:
        store.write(row(1))
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"--resume, or choose another -o"):
        opened(path)
    assert path.read_bytes() == before


def test_an_empty_file_is_started(path):
    path.touch()
    opened(path, {"env": "a"}).close()
    opened(path, {"env": "b"}).close()
    with opened(path, {"env": "c"}, resume=True) as store:
        store.write(row(1))
    opened(path, {"env": "c"}, resume=True).close()


def test_another_run_is_refused_and_every_difference_named(path):
    with opened(path, {"env": "a", "seed": 1, "policy": {"model": "m", "t": 1.0}, "old": 1}) as store:
        store.write(row(1))
    before = path.read_bytes() + store.meta_path.read_bytes()
    now = {"env": "a", "seed": 2, "policy": {"model": "x" * 200, "t": 1}, "new": None}
    with pytest.raises(StoreError) as refused:
        opened(path, now, resume=True)
    text = str(refused.value)
    assert "seed: 1 in the file, 2 now" in text
    assert 'policy.model: "m" in the file, "xxx' in text
    assert "old: 1 in the file, nothing now" in text
    assert "new: nothing in the file, null now" in text
    assert "env:" not in text and "policy.t" not in text and len(text) < 600
    assert path.read_bytes() + store.meta_path.read_bytes() == before


def test_notes_are_kept_and_not_compared(path):
    with opened(path, notes={"llmgym": "0.1"}) as store:
        store.write(row(1))
    opened(path, resume=True, notes={"llmgym": "0.2"}).close()
    assert orjson.loads(store.meta_path.read_bytes())["notes"] == {"llmgym": "0.1"}


@pytest.mark.parametrize(
    "meta", [None, b"", b"{", b"[]", b'{"format": "other"}', b'{"format": "llmgym-rollouts"}']
)
def test_a_file_without_identity_is_left_alone(path, meta):
    path.write_bytes(b"my\nprecious\nnotes")
    if meta is not None:
        path.with_name("run.jsonl.meta.json").write_bytes(meta)
    with pytest.raises(StoreError, match="choose another -o"):
        opened(path, resume=True)
    assert path.read_bytes() == b"my\nprecious\nnotes"


def test_a_newer_format_is_refused(path):
    path.write_bytes(b"{}\n")
    path.with_name("run.jsonl.meta.json").write_bytes(
        b'{"format": "llmgym-rollouts", "version": 9, "identity": {}}'
    )
    with pytest.raises(StoreError, match="version 9"):
        opened(path, {}, resume=True)


def test_a_compressed_file_is_not_resumed(path):
    opened(path).close()
    path.write_bytes(b"\x1f\x8b\x08")
    with pytest.raises(StoreError, match="compressed"):
        opened(path, resume=True)


def test_an_identity_that_is_not_json(path):
    with pytest.raises(StoreError, match="JSON values"):
        opened(path, {"env": object()})


def test_differences_know_booleans_from_numbers():
    assert list(differences({"a": True, "b": {"c": 1}}, {"a": 1, "b": {"c": 1.0}})) == [("a", True, 1)]


def test_progress_and_retries(path):
    failed = {"outcome": "failed", "reward": None}
    with opened(path) as store:
        store.write({"task_id": "a", "task_index": 0, "repeat": 0, "outcome": "completed", "reward": 1.0})
        store.write({"task_id": "a", "task_index": 0, "repeat": 1, "outcome": "truncated", "reward": 0.0})
        store.write({"task_id": "b", "task_index": 1, "repeat": 0, "attempt": 1, **failed})
        store.write({"task_id": "b", "task_index": 1, "repeat": 0, "attempt": 2, **failed})
        store.write({"task_id": "2", "task_index": 2, "attempt": 1, "repeat": 0, **failed})
        store.write({"task_id": "c", "task_index": 2, "attempt": 2, "repeat": 0, "outcome": "completed"})
        store.write({"task_id": "d", "task_index": 3, "attempt": 3, "repeat": 0, **failed})
        store.write(
            {
                "task_id": "e",
                "task_index": 4,
                "repeat": 0,
                **failed,
                "failures": [
                    {"boundary": "judge", "retryable": True},
                    {"boundary": "dataset", "retryable": False},
                ],
            }
        )
    again = opened(path, resume=True)
    for view in (store, again):
        assert view.done() == {("a", 0), ("a", 1), ("c", 0)}
        assert view.done("task_index") == {(0, 0), (0, 1), (2, 0)}
        assert view.failed() == {("b", 0): 2, ("d", 0): 3, ("e", 0): 1}
        assert view.failed("task_index") == {(1, 0): 2, (3, 0): 3, (4, 0): 1}
        assert view.given_up(3) == {("d", 0), ("e", 0)}
        keys = [(task, 0) for task in "abcdef"]
        assert list(view.pending(keys, max_attempts=3)) == [(("b", 0), 2), (("f", 0), 0)]
        assert list(view.pending([(1, 0), (5, 0)], max_attempts=2, by="task_index")) == [((5, 0), 0)]
    again.close()
    assert len(list(read_rows(path))) == 8


def test_a_rollout_has_one_final_row(path):
    with opened(path) as store:
        store.write(row(1))
        with pytest.raises(StoreError, match="already has a final row"):
            store.write(row(1))
    with opened(path, resume=True) as store, pytest.raises(StoreError, match="already has a final row"):
        store.append(row(1))


def test_rows_of_other_writers():
    assert task_of({"task_index": -1, "task_id": 7}) == "7"
    assert task_of({"_ng_task_index": 3}) == 3
    assert task_of({"task_id": True}) is None
    assert outcome_of({"reward": 0.0}) == "completed"
    assert outcome_of({"reward": None}) == "failed"
    assert failure_of({"_ng_failure_class": "judge_failed", "_ng_failure_terminal": True}) == (
        "judge_failed",
        False,
    )
    assert failure_of({"failures": ["what"]}) == ("unknown", True)


def test_an_acknowledgement_means_synced(path):
    synced = []

    class Slow(FastOps):
        def fsync(self, fd):
            gate.wait()
            synced.append(os.fstat(fd).st_size)

    gate = threading.Event()
    gate.set()

    async def main():
        async with RolloutStore.open(path, identity={}, commit_seconds=0.001, ops=Slow()) as store:
            synced.clear()
            gate.clear()
            first = store.append(row(1))
            ticks = 0
            for _ in range(20):
                await asyncio.sleep(0.001)
                ticks += 1
            # The disk hangs, the loop does not.
            assert not first.done and ticks == 20
            gate.set()
            await first
            assert first.done and synced and synced[-1] == path.stat().st_size
            promises = [store.append(row(number)) for number in range(2, 200)]
            await asyncio.gather(*promises)
            assert len(synced) >= 2

    asyncio.run(main())
    assert [found for _, found in read_rows(path)] == [row(number) for number in range(1, 200)]


def test_a_full_group_is_synced_without_waiting_for_the_clock(path):
    sizes = []

    class Counting(FastOps):
        def fsync(self, fd):
            sizes.append(os.fstat(fd).st_size)

    with RolloutStore.open(path, identity={}, commit_rows=4, commit_seconds=3600, ops=Counting()) as store:
        sizes.clear()
        promises = [store.append(row(number)) for number in range(9)]
        promises[7].wait(10)
        assert len(sizes) == 2 and not promises[8].done
    assert promises[8].done and len(sizes) == 3


def test_a_cancelled_wait_does_not_take_the_row_back(path):
    async def main(store):
        task = asyncio.ensure_future(waiting(store.append(row(1))))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await store.append(row(2))

    async def waiting(promise):
        await promise

    with RolloutStore.open(path, identity={}, ops=FastOps()) as store:
        asyncio.run(main(store))
    assert len(list(read_rows(path))) == 2


def test_many_threads(path):
    def work(store, share):
        for number in share:
            store.write(row(number))

    with RolloutStore.open(path, identity={}, ops=FastOps()) as store:
        threads = [threading.Thread(target=work, args=(store, range(at, 400, 4))) for at in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store.flush()
        assert store.done() == {key(number) for number in range(400)}
        assert len(list(read_rows(path))) == 400


def test_a_closed_store_says_so(path):
    store = opened(path)
    store.close()
    for call in (lambda: store.append(row(1)), lambda: store.write(row(1)), store.flush):
        with pytest.raises(StoreError, match="is closed"):
            call()


def test_an_exception_in_the_body_is_not_hidden(path):
    with pytest.raises(KeyError), opened(path) as store:
        store.write(row(1))
        raise KeyError
    assert len(list(read_rows(path))) == 1


def test_rows_are_written_at_the_end_of_a_program_that_forgets_to_close(path):
    code = (
        "import sys; from llmgym.records import RolloutStore\n"
        "store = RolloutStore.open(sys.argv[1], identity={}, commit_seconds=3600)\n"
        "for n in range(100): store.append({'task_id': str(n), 'outcome': 'completed'})\n"
    )
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    assert len(list(read_rows(path))) == 100


def test_names_are_imported_when_used():
    code = (
        "import sys, llmgym.records as r\n"
        "assert not any(m.startswith('llmgym.records.') for m in sys.modules)\n"
        "r.RolloutStore, r.read_rows, r.summarise\n"
        "assert 'openai' not in sys.modules and 'aiohttp' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert set(records.__all__) <= set(dir(records))
    with pytest.raises(AttributeError):
        records.nothing  # noqa: B018
