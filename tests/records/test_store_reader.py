from __future__ import annotations

import base64
import gzip
import io
import random
import tracemalloc
import zlib

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records.disk_faults import IDENTITY, FastOps, row

from llmgym.errors import StoreError
from llmgym.records import RolloutStore, read_rows
from llmgym.records.rowcodec import Damaged, encode, parse

ROWS = [row(number) for number in range(50)]
LINES = [encode(found)[0] + b"\n" for found in ROWS]
FILE = b"".join(LINES)
FOREIGN = b'{"task_id": "theirs", "reward": 1.0}'


def read(data: bytes, **more):
    reader = read_rows(io.BytesIO(data), **more)
    rows = [found for _, found in reader]
    assert reader.size == len(data) or data[:2] == b"\x1f\x8b"
    return rows, reader.report


def test_a_clean_file():
    rows, report = read(FILE)
    assert rows == ROWS
    assert (report.good, report.bad, report.duplicates) == (50, [], 0)
    assert str(report) == "50 good rows"


def test_cut_at_every_byte():
    ends = [0]
    for line in LINES:
        ends.append(ends[-1] + len(line))
    whole = 0
    for cut in range(len(FILE) + 1):
        rows, report = read(FILE[:cut])
        while whole < 50 and ends[whole + 1] - 1 <= cut:
            whole += 1
        assert rows == ROWS[:whole], cut
        torn = cut - ends[whole] if cut > ends[whole] else 0
        assert [bad[:2] for bad in report.bad] == ([(ends[whole], torn)] if torn else []), cut
        assert all(bad.cause == "cut short" for bad in report.bad)


def test_resume_after_a_cut_at_many_bytes(tmp_path):
    path = tmp_path / "run.jsonl"
    short = b"".join(LINES[:4])
    with RolloutStore.open(path, identity=IDENTITY, ops=FastOps()) as store:
        store.write(row(0))
    for cut in range(1, len(short) + 1, 3):
        path.write_bytes(short[:cut])
        with RolloutStore.open(path, identity=IDENTITY, resume=True, ops=FastOps()) as store:
            store.write(row(10))
        kept = [found for found, line in zip(ROWS, LINES, strict=False) if line[:-1] in short[:cut]]
        rows, report = read(path.read_bytes())
        assert rows == [*kept, row(10)]
        assert report.bad == []
        shelf = [found for _, found in read_rows(store.corrupt_path)] if store.corrupt_path.exists() else []
        torn = short[:cut][short[:cut].rfind(b"\n") + 1 :]
        if torn and torn not in [line[:-1] for line in LINES]:
            assert torn in [data_of(entry) for entry in shelf if entry["offset"] + len(torn) == cut]


def data_of(entry: dict) -> bytes:
    return base64.b64decode(entry["base64"]) if "base64" in entry else entry.get("text", "").encode()


def test_every_single_bit_flip_costs_at_most_its_own_row():
    rows, lines = ROWS[:3], LINES[:3]
    data = b"".join(lines)
    for at in range(len(data)):
        for bit in range(8):
            flipped = bytearray(data)
            flipped[at] ^= 1 << bit
            found, report = read(bytes(flipped))
            hit = next(i for i in range(3) if at < sum(map(len, lines[: i + 1])))
            on_line_feed = data[at] == 10
            others = [r for i, r in enumerate(rows) if i != hit or on_line_feed]
            assert found in (rows, others), (at, bit)
            if found != rows:
                assert report.bad and report.bad[0].offset <= at


@given(st.data())
def test_any_damage(data):
    damaged = bytearray(b"".join(LINES[:6]))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(damaged)))
        length = data.draw(st.integers(0, 200))
        damaged[at : at + length] = data.draw(
            st.one_of(
                st.binary(max_size=300),
                st.integers(0, 300).map(bytes),
                st.sampled_from(
                    [b"\n", b"\r\n", b"\xef\xbb\xbf", b"{", b'"', b"\\", LINES[7], LINES[7][:50]]
                ),
            )
        )
    text = bytes(damaged)
    rows, report = read(text)
    good = [found for found, line in zip(ROWS, LINES, strict=True) if b"\n" + line in b"\n" + text]
    for found in good:
        assert found in rows
    # Nothing is made up: what has the shape of a row has the content of one.
    for found in rows:
        if found.keys() >= ROWS[0].keys():
            assert {name: found[name] for name in ROWS[0]} in ROWS
    assert report.bad_bytes <= len(text)


@given(st.binary(max_size=400) | st.text(max_size=200).map(str.encode))
def test_any_bytes(data):
    read(data)
    read(b"\x1f\x8b" + data)
    read(data, max_line_bytes=10)


def test_zero_bytes():
    rows, report = read(LINES[0] + bytes(1000) + LINES[1] + LINES[2][:30] + bytes(500))
    assert rows == ROWS[:2]
    assert [(bad.length, bad.cause) for bad in report.bad] == [(1000, "NUL bytes"), (530, "cut short")]


def test_line_ends_marks_and_blank_lines():
    data = b"\xef\xbb\xbf" + FILE.replace(b"\n", b"\r\n") + b"\n \n\xef\xbb\xbf" + FOREIGN + b"\r\n\r\n"
    rows, report = read(data)
    assert rows == [*ROWS, orjson.loads(FOREIGN)]
    assert report.bad == []


def test_duplicates():
    anonymous = b'{"x": 1}\n'
    data = FILE + LINES[3] + anonymous * 2 + LINES[3].replace(b"\n", b"\r\n") + FILE
    rows, report = read(data)
    assert rows == [*ROWS, {"x": 1}, {"x": 1}]
    assert report.duplicates == 52
    assert "52 duplicates left out" in str(report)
    assert len(read(data, duplicates=True)[0]) == 104


def test_glued_lines():
    a, b, c = (line[:-1] for line in LINES[:3])
    for data, expected in [
        (a + b + c, ROWS[:3]),
        (a[:40] + b + c, ROWS[1:3]),
        (a + b[:40] + c, [ROWS[0], ROWS[2]]),
        (a + b"junk" + b, ROWS[:2]),
        (FOREIGN + a + b"#" + b, [orjson.loads(FOREIGN), ROWS[0], ROWS[1]]),
        (a[:40] + FOREIGN + b, [ROWS[1]]),
        (FOREIGN + b'{"task_id": "\xff' + a, [orjson.loads(FOREIGN), ROWS[0]]),
        (b + '{"é": 1}{"é": 2} {"é":'.encode(), [ROWS[1], {"é": 1}, {"é": 2}]),
    ]:
        rows, report = read(data + b"\n" + LINES[9])
        assert rows == [*expected, ROWS[9]]


def test_half_a_row_is_not_taken_for_a_row():
    inner = encode({"task_id": "inner", "outcome": "completed", "reward": 1.0})[0]
    outer = encode({"task_id": "outer", "source": "S", "more": [1, 2, 3]})[0].replace(b'"S"', inner)
    damaged = outer.replace(b"[1,2", b"[1,9")
    for line in (damaged, damaged[:-5], damaged[:-30]):
        assert read(line + b"\n" + LINES[1])[0] == [ROWS[1]]
    nested = b'{"task_id": "a", "turns": [{"usage": {"n": 1}}, {"usage"'
    assert read(nested + b"\n" + LINES[1])[0] == [ROWS[1]]


def test_rows_that_contain_rows():
    inner = encode({"task_id": "inner", "outcome": "completed"})[0]
    outer = {"task_id": "outer", "source": orjson.loads(inner), "text": inner.decode()}
    line = encode(outer)[0]
    assert read(line + b"\n")[0] == [outer]
    assert read(b'{"half": [' + line + b"\n")[0] == [outer]


def test_lines_that_are_no_rows():
    data = b"\n".join(
        [b"[1]", b'"a"', b"12", b"null", b"{", b"}{", b"[" * 5000, b'{"a":' * 5000, b"\xff\xfe"]
    )
    rows, report = read(data + b"\n" + LINES[0])
    assert rows == ROWS[:1]
    assert report.bad_spans == 9
    assert report.bad[0].cause == "not a JSON object"


def test_rows_of_the_standard_library():
    rows, report = read(b'{"reward": NaN, "big": 123456789012345678901234567890, "text": "\\ud83d"}\n')
    assert rows[0]["big"] == 123456789012345678901234567890 and rows[0]["text"] == "\ud83d"
    assert report.bad == []


def test_checksum():
    line = encode(ROWS[1])[0]
    assert parse(line) == ROWS[1]
    body = line[:-20] + b"}"
    assert line[-10:-2] == b"%08x" % zlib.crc32(body)
    assert orjson.loads(body) == ROWS[1]
    with pytest.raises(Damaged, match="checksum"):
        parse(line.replace(b"task-1", b"task-2"))
    assert parse(FOREIGN) == orjson.loads(FOREIGN)


@pytest.mark.parametrize("terminated", [True, False])
def test_a_line_that_is_too_long_is_skipped_in_bounded_memory(terminated):
    class Endless(io.RawIOBase):
        def __init__(self, parts):
            self.parts = iter(parts)

        def readable(self):
            return True

        def read(self, size=-1):
            return next(self.parts, b"")

    def parts():
        yield LINES[0] + b'{"task_id": "'
        for _ in range(60):
            yield b"x" * (1 << 20)
        yield (b'"}\n' + LINES[1]) if terminated else b""

    tracemalloc.start()
    reader = read_rows(Endless(parts()), max_line_bytes=4 << 20)
    rows = [found for _, found in reader]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert rows == ROWS[: 1 + terminated]
    assert [(bad.offset, bad.cause) for bad in reader.report.bad] == [
        (len(LINES[0]), f"longer than {4 << 20} bytes")
    ]
    assert reader.report.bad[0].length == 13 + (60 << 20) + 2 * terminated
    assert peak < 30 << 20
    # It is not for the store to throw away what it has not judged.
    assert reader.kept_end == reader.size


def test_a_hole_of_zero_bytes_longer_than_a_line_may_be():
    rows, report = read(LINES[0] + bytes(5000) + LINES[1] + LINES[2], max_line_bytes=2000)
    assert rows == ROWS[:3]
    assert report.bad == [(len(LINES[0]), 5000, "NUL bytes")]


def test_gzip(tmp_path):
    path = tmp_path / "run.jsonl.gz"
    packed = gzip.compress(FILE)
    path.write_bytes(packed)
    assert [found for _, found in read_rows(path)] == ROWS
    assert read(gzip.compress(FILE[:1000]) + gzip.compress(FILE[1000:]) + bytes(20))[0] == ROWS
    for cut in range(2, len(packed)):
        rows, report = read(packed[:cut])
        assert rows == ROWS[: len(rows)]
        assert "gzip data cut short" in [bad.cause for bad in report.bad]
    for at in range(2, len(packed), 7):
        rows, report = read(packed[:at] + bytes([packed[at] ^ 0x10]) + packed[at + 1 :])
        assert all(found in ROWS for found in rows)


def test_quarantine(tmp_path):
    path, shelf = tmp_path / "run.jsonl", tmp_path / "run.jsonl.corrupt"
    bad = [b"plain junk", b"\xff\xfe\x00binary", bytes(100), b"x" * (3 << 20)]
    path.write_bytes(LINES[0] + b"\n".join(bad) + b"\n" + LINES[1])
    for _ in range(2):
        reader = read_rows(path, quarantine=shelf)
        assert len(list(reader)) == 2
    entries = [found for _, found in read_rows(shelf)]
    assert all(entry["file"] == "run.jsonl" for entry in entries)
    assert b"".join(data_of(entry) for entry in entries) == bad[0] + bad[1] + bad[3]
    assert [entry["length"] for entry in entries] == [10, 9, 100, 1 << 20, 1 << 20, 1 << 20]
    assert all(
        path.read_bytes()[e["offset"] : e["offset"] + e["length"]] == data_of(e)
        for e in entries
        if "cause" in e and e["cause"] != "NUL bytes"
    )
    # A quarantine file that was itself cut short goes on as one.
    shelf.write_bytes(shelf.read_bytes()[:-10])
    assert len(list(read_rows(path, quarantine=shelf))) == 2
    assert sum(entry["length"] for _, entry in read_rows(shelf)) == sum(map(len, bad))


def test_a_ruined_file_does_not_fill_the_memory():
    rng = random.Random(1)
    rows, report = read(b"".join(rng.choice([b"aa\n", b"bb \n{\n"]) for _ in range(20_000)))
    assert rows == [] and len(report.bad) == 10_000 and report.bad_spans > 20_000


def test_a_missing_file(tmp_path):
    with pytest.raises(StoreError, match="There is no rollout file"):
        read_rows(tmp_path / "no.jsonl")
    with pytest.raises(StoreError, match="Check the path"):
        next(read_rows(tmp_path))


def test_reading_can_stop_early(tmp_path):
    path = tmp_path / "run.jsonl"
    path.write_bytes(FILE)
    reader = read_rows(path)
    assert next(reader) == (0, ROWS[0])
    reader.close()
    assert list(reader) == []
    read_rows(path).close()
