from __future__ import annotations

import contextlib
import errno
import os
import random
from pathlib import Path

import pytest
from records.disk_faults import (
    IDENTITY,
    FailingOps,
    FastOps,
    Killed,
    RecordingOps,
    StoppedOps,
    crash_state,
    key,
    row,
    run_to_end,
)

from llmgym.records import DiskError, RolloutStore, read_rows
from llmgym.records.rowcodec import encode

TOTAL = 6


def numbers(path: Path) -> list[int]:
    return sorted(int(found["task_id"].split("-")[1]) for _, found in read_rows(path, duplicates=True))


HALF = encode(row(3))[0][:40].decode()


def dirty_start(path: Path) -> None:
    """A file that a crash has left: three rows, one of them damaged, and half a row."""
    run_to_end(path, 3)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(lines[0] + lines[1].replace(b"reward", b"r\0ward") + lines[2] + HALF.encode())


def check_end(path: Path, heard: set[int]) -> None:
    with RolloutStore.open(path, identity=IDENTITY, resume=True, ops=FastOps()) as store:
        assert {key(number) for number in heard} <= store.done()
    found = numbers(path)
    assert len(found) == len(set(found))
    run_to_end(path, TOTAL)
    assert numbers(path) == list(range(TOTAL))
    assert {tuple(sorted(found)) for _, found in read_rows(path)} == {tuple(sorted(row(0)))}
    for _, found in read_rows(path):
        assert found == row(int(found["task_id"].split("-")[1]))


@pytest.mark.parametrize("start", [None, dirty_start], ids=["fresh", "dirty"])
@pytest.mark.parametrize("how", ["before", "halfway", "after"])
def test_a_kill_at_any_operation_loses_no_acknowledged_row(tmp_path, start, how):
    path = tmp_path / "run.jsonl"
    stops = 0
    while True:
        for file in tmp_path.iterdir():
            file.unlink()
        before = set()
        if start:
            start(path)
            before = {0, 2}
        ops, heard = StoppedOps(stops, how), set()
        with contextlib.suppress(Killed):
            run_to_end(path, TOTAL, ops, heard)
        ops.bury()
        if not ops.dead:
            break
        check_end(path, heard | before)
        stops += 1
    assert stops >= 15
    assert {"open", "lock", "write", "fsync", "close"} <= set(ops.names)


def test_what_a_crash_left_is_kept_with_its_place(tmp_path):
    path = tmp_path / "run.jsonl"
    dirty_start(path)
    damaged = path.read_bytes()
    lines = damaged.splitlines(keepends=True)
    with RolloutStore.open(path, identity=IDENTITY, resume=True, ops=FastOps()) as store:
        report = store.report
        assert [(bad.offset, bad.length) for bad in report.bad] == [
            (len(lines[0]), len(lines[1]) - 1),
            (len(damaged) - 40, 40),
        ]
        assert "2 bad stretches" in str(report)
    assert path.read_bytes() == damaged[:-40]
    kept = [found for _, found in read_rows(store.corrupt_path)]
    assert [(found["offset"], found["text"]) for found in kept] == [
        (len(lines[0]), lines[1].decode().rstrip("\n")),
        (len(damaged) - 40, damaged[-40:].decode()),
    ]
    with RolloutStore.open(path, identity=IDENTITY, resume=True, ops=FastOps()):
        pass
    assert len(list(read_rows(store.corrupt_path))) == 2


def test_a_whole_row_without_its_line_feed_is_kept(tmp_path):
    path = tmp_path / "run.jsonl"
    run_to_end(path, 3)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with RolloutStore.open(path, identity=IDENTITY, resume=True, ops=FastOps()) as store:
        assert store.report.good == 3 and store.report.bad == []
    assert path.read_bytes() == whole


@pytest.mark.parametrize("start", [None, dirty_start], ids=["fresh", "dirty"])
def test_power_loss(tmp_path, start):
    log, files = recorded(tmp_path / "recorded", start)
    states = 0
    for end in range(len(log) + 1):
        for seed in range(5 if start else 8):
            folder = tmp_path / f"{end}-{seed}"
            heard, nothing_lost = restored(log[:end], files, folder, random.Random(f"{end}-{seed}"))
            with RolloutStore.open(
                folder / "run.jsonl", identity=IDENTITY, resume=True, ops=FastOps()
            ) as store:
                assert heard <= {int(task.split("-")[1]) for task, _ in store.done()}
                report = store.report
            assert report.good >= len(heard)
            assert (report.bad_bytes == 0) == nothing_lost
            if start:  # the half row it started with is in one file or the other
                assert HALF in [
                    entry["text"] for _, entry in read_rows(store.corrupt_path) if "text" in entry
                ]
            check_end(folder / "run.jsonl", heard)
            states += 1
    assert states >= 80


@pytest.mark.parametrize(
    "forgotten",
    [("sync", ".tmp"), ("sync", ".jsonl"), ("sync folder", "")],
    ids=["identity", "rows", "names"],
)
def test_the_power_loss_test_sees_a_forgotten_sync(tmp_path, forgotten):
    log, files = recorded(tmp_path / "recorded", None)
    log = [entry for entry in log if not (entry[0] == forgotten[0] and entry[1].endswith(forgotten[1]))]
    wrong = 0
    for seed in range(40):
        folder = tmp_path / str(seed)
        heard, _ = restored(log, files, folder, random.Random(seed))
        try:
            with RolloutStore.open(
                folder / "run.jsonl", identity=IDENTITY, resume=True, ops=FastOps()
            ) as store:
                wrong += not heard <= {int(task.split("-")[1]) for task, _ in store.done()}
        except Exception:
            wrong += 1
    assert wrong


def test_a_row_is_one_write(tmp_path):
    log, _ = recorded(tmp_path / "recorded", None)
    writes = [entry[2] for entry in log if entry[0] == "write" and entry[1].endswith(".jsonl")]
    assert writes == [encode(row(number))[0] + b"\n" for number in range(TOTAL)]


def recorded(folder: Path, start) -> tuple[list, dict[str, bytes]]:
    folder.mkdir()
    path = folder / "run.jsonl"
    if start:
        start(path)
    files = {str(file): file.read_bytes() for file in folder.iterdir()}
    ops = RecordingOps()
    run_to_end(path, TOTAL, ops)
    if start:
        ops.log = [("acknowledged", number) for number in (0, 2)] + ops.log
    return ops.log, files


def restored(log, files, folder: Path, rng: random.Random) -> tuple[set[int], bool]:
    found, heard = crash_state(log, files, rng)
    folder.mkdir()
    for name, data in found.items():
        (folder / Path(name).name).write_bytes(data)
    rows = next((data for name, data in found.items() if name.endswith(".jsonl")), b"")
    good = {encode(row(number))[0] for number in range(TOTAL)}
    return heard, all(line.strip() in good for line in rows.split(b"\n") if line.strip())


ERRORS = [errno.ENOSPC, errno.EIO, errno.EDQUOT, errno.EMFILE, errno.ENOMEM, errno.EROFS]


@pytest.mark.parametrize("start", [None, dirty_start], ids=["fresh", "dirty"])
@pytest.mark.parametrize("half", [False, True], ids=["whole", "half"])
@pytest.mark.parametrize("lasting", [False, True], ids=["once", "lasting"])
def test_a_disk_error_at_any_operation_is_told_and_loses_nothing(tmp_path, start, half, lasting):
    path = tmp_path / "run.jsonl"
    at = 0
    while True:
        for file in tmp_path.iterdir():
            file.unlink()
        before: set[int] = set()
        if start:
            start(path)
            before = {0, 2}
        ops, heard = FailingOps(at, ERRORS[at % len(ERRORS)], lasting=lasting, half=half), set()
        failed = None
        try:
            run_to_end(path, TOTAL, ops, heard)
        except DiskError as error:
            failed = error
        ops.bury()
        if ops.count <= at:
            break
        assert failed is not None, ops.names[at]
        assert failed.errno == ERRORS[at % len(ERRORS)]
        assert str(failed.path).startswith(str(path)) and str(failed.path) in str(failed)
        assert "--resume" in str(failed)
        if not lasting and not start and path.exists():
            # Our own half row was cut off again.
            assert path.read_bytes()[-1:] in (b"", b"\n")
        check_end(path, heard | before)
        at += 1
    assert at >= 20


def test_an_error_after_half_a_row_keeps_the_rows_before_it(tmp_path):
    path = tmp_path / "run.jsonl"

    class Full(FastOps):
        left = 500

        def write(self, fd, data):
            if self.left <= 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            taken = super().write(fd, data[: self.left])
            self.left -= taken
            return taken

    ops = Full()
    store = RolloutStore.open(path, identity={}, ops=ops)
    ops.left = 500
    told = [store.append(row(number)) for number in range(4)]
    with pytest.raises(DiskError, match="Free some space") as failure:
        store.flush()
    assert failure.value.errno == errno.ENOSPC
    fine = [number for number, promise in enumerate(told) if promise._future.exception() is None]
    assert fine and fine != [0, 1, 2, 3]
    with pytest.raises(DiskError):
        store.append(row(9))
    store.close()
    assert numbers(path) == fine
    assert read_rows(path).report.bad == []
    ops.left = 10_000
    with RolloutStore.open(path, identity={}, resume=True, ops=ops) as store:
        assert store.report.bad == []


def test_interrupted_calls_are_repeated(tmp_path):
    class Interrupted(FastOps):
        def __init__(self):
            self.calls = 0

        def _often(self, call, *args):
            self.calls += 1
            if self.calls % 2:
                raise InterruptedError(errno.EINTR, "Interrupted system call")
            return call(*args)

        def write(self, fd, data):
            return self._often(super().write, fd, data[:7])

        def fsync(self, fd):
            self._often(super().fsync, fd)

        def lock(self, fd):
            self._often(super().lock, fd)

    path = tmp_path / "run.jsonl"
    run_to_end(path, TOTAL, Interrupted())
    assert numbers(path) == list(range(TOTAL))


def test_a_failure_that_nobody_waited_for_is_raised_by_close(tmp_path):
    class Dead(FastOps):
        broken = False

        def fsync(self, fd):
            if self.broken:
                raise OSError(errno.EIO, "Input/output error")

    ops = Dead()
    store = RolloutStore.open(tmp_path / "run.jsonl", identity={}, ops=ops)
    ops.broken = True
    store.append(row(1))
    with pytest.raises(DiskError, match="Syncing"):
        store.close()
    store.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(DiskError, match="Opening"):
        RolloutStore.open(tmp_path / "run.jsonl", identity={})


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(DiskError, match="Create the folder") as failure:
        RolloutStore.open(tmp_path / "no" / "run.jsonl", identity={})
    assert failure.value.errno == errno.ENOENT
