from __future__ import annotations

import gzip
import json
import math
import os
import pickle
import sys
import threading
from pathlib import Path

import pytest

from llmgym.errors import InfrastructureError, InvalidTask, UsageError
from llmgym.row_sources import Hub
from llmgym.rows import open_rows
from llmgym.tasks import Task, TaskSet

ROWS = [{"prompt": f"question {i}?", "answer": i, "city": "Zürich\u2028東京"} for i in range(10)]
PARAMS = {"input": [{"role": "user", "content": "hi"}], "temperature": 0.5}


def write(path: Path, lines, separator=b"\n", end=b"\n", start=b"") -> str:
    encoded = [
        line if isinstance(line, bytes) else json.dumps(line, ensure_ascii=False).encode() for line in lines
    ]
    path.write_bytes(start + separator.join(encoded) + end)
    return str(path)


def prompts(tasks):
    return [task.messages[0]["content"] for task in tasks]


QUESTIONS = [row["prompt"] for row in ROWS]


@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"end": b""},
        {"separator": b"\r\n", "end": b"\r\n"},
        {"separator": b"\n\n  \n", "end": b"\n\n"},
        {"start": b"\xef\xbb\xbf"},
        {"start": b"\n\n"},
    ],
    ids=["plain", "no last newline", "CRLF", "blank lines", "BOM", "blank lines first"],
)
@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz"])
def test_json_lines(tmp_path, layout, kind):
    path = tmp_path / f"rows.{kind}"
    write(path, ROWS, **layout)
    if kind.endswith("gz"):
        path.write_bytes(gzip.compress(path.read_bytes()))
    tasks = TaskSet.load(str(path))
    assert len(tasks) == 10 and prompts(tasks) == QUESTIONS
    assert tasks[3].data == {"answer": 3, "city": "Zürich\u2028東京"} and tasks[3].id == "3"
    assert prompts([tasks[-1], tasks[0], tasks[5]]) == ["question 9?", "question 0?", "question 5?"]
    assert str(path) in repr(tasks)


def test_a_path_object_and_a_home_folder(tmp_path, monkeypatch):
    write(tmp_path / "rows.jsonl", ROWS)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert len(TaskSet.load("~/rows.jsonl")) == 10
    assert TaskSet.load(tmp_path / "rows.jsonl").name.endswith("rows.jsonl")


def test_zstd_with_several_frames(tmp_path):
    zstandard = pytest.importorskip("zstandard")
    plain = Path(write(tmp_path / "rows.jsonl", ROWS)).read_bytes()
    pack = zstandard.ZstdCompressor().compress
    path = tmp_path / "rows.jsonl.zst"
    path.write_bytes(pack(plain[:100]) + pack(b"") + pack(plain[100:]))
    assert prompts(TaskSet.load(str(path))) == QUESTIONS


def test_packed_files_that_are_damaged(tmp_path):
    zstandard = pytest.importorskip("zstandard")
    plain = b"".join(json.dumps({"prompt": f"{i}" * 500}).encode() + b"\n" for i in range(500))
    packed = {"gz": gzip.compress(plain), "zst": zstandard.ZstdCompressor().compress(plain)}
    for suffix, content in packed.items():
        damaged = bytearray(content)
        damaged[40:90] = b"\xff" * 50
        for number, bad in enumerate((b"no archive" * 9, content[: len(content) // 2], bytes(damaged))):
            path = tmp_path / f"{number}.jsonl.{suffix}"
            path.write_bytes(bad)
            with pytest.raises(UsageError, match=f"{number}.jsonl.{suffix} cannot be unpacked"):
                TaskSet.load(str(path))


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b'{"prompt": ', "line 3: not JSON"),
        (b"[1, 2]", "line 3: expected a JSON object, found list"),
        (
            b'{"question": "?"}',
            "line 3: expected one of the fields 'responses_create_params', .* found question",
        ),
        (b"{}", "line 3: .* found none"),
        (
            b'{"responses_create_params": {"messages": []}}',
            "line 3: expected 'responses_create_params' to be .* 'input'",
        ),
        (b"\xff\xfe", "line 3: not JSON"),
        (b"[" * 100_000, "line 3: not JSON"),
    ],
)
def test_bad_rows_are_named_or_skipped(tmp_path, line, told):
    path = write(tmp_path / "rows.jsonl", [ROWS[0], b"", line, ROWS[1], line])
    with pytest.raises(InvalidTask, match=r"rows\.jsonl, " + told):
        TaskSet.load(path)
    tasks = TaskSet.load(path, on_error="skip")
    assert prompts(tasks) == QUESTIONS[:2] and tasks.skipped == 2
    assert tasks.take(1).skipped == tasks.map(lambda task: task).skipped == 2


def test_a_field_that_is_wrong_deeper_down_is_named_when_it_is_read(tmp_path):
    bad = {"responses_create_params": {"input": [{"role": "user", "content": 5}]}}
    tasks = TaskSet.load(write(tmp_path / "rows.jsonl", [ROWS[0], bad]))
    with pytest.raises(
        InvalidTask, match=r"rows\.jsonl, line 2: field 'responses_create_params': input\[0\]"
    ):
        tasks[1]


def test_numbers_that_json_does_not_have(tmp_path):
    line = b'{"prompt": "p", "nan": NaN, "inf": -Infinity, "large": 123456789012345678901234567890}'
    data = TaskSet.load(write(tmp_path / "rows.jsonl", [line]))[0].data
    assert (
        math.isnan(data["nan"])
        and data["inf"] == -math.inf
        and data["large"] == 123456789012345678901234567890
    )


def test_rows_of_a_file_stay_in_the_file(tmp_path, monkeypatch):
    path = write(tmp_path / "rows.jsonl", [{"prompt": str(i), "pad": "x" * 10_000} for i in range(500)])
    tasks = TaskSet.load(path)
    held = sum(sys.getsizeof(value) for value in vars(tasks._source).values())
    assert held < 50_000 < os.path.getsize(path)
    reads = []
    pread = os.pread
    monkeypatch.setattr(os, "pread", lambda *args: reads.append(args[1]) or pread(*args))
    assert prompts([tasks[499], tasks[3]]) == ["499", "3"]
    assert len(reads) == 2 and max(reads) < 11_000


def test_reading_from_many_threads_and_moving_the_file_position(tmp_path):
    tasks = TaskSet.load(
        write(tmp_path / "rows.jsonl", [{"prompt": f"q{i}" * (i % 50 + 1)} for i in range(300)])
    )
    expected, wrong = prompts(tasks), []

    def read(start):
        for index in range(start, 300, 3):
            # A forked process shares the position and moves it like this.
            tasks._source._file.seek(0, os.SEEK_END)
            if tasks[index].messages[0]["content"] != expected[index]:
                wrong.append(index)

    threads = [threading.Thread(target=read, args=(start,)) for start in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.parametrize("kind", ["jsonl", "jsonl.gz", "parquet"])
def test_pickling_opens_the_file_again(tmp_path, kind):
    path = tmp_path / f"rows.{kind}"
    if kind == "parquet":
        parquet(path, ROWS)
    else:
        write(path, [*ROWS, b"bad"])
        path.write_bytes(gzip.compress(path.read_bytes()) if kind.endswith("gz") else path.read_bytes())
    tasks = TaskSet.load(str(path), on_error="skip")
    loaded = pickle.loads(pickle.dumps(tasks))
    assert list(loaded) == list(tasks) and len(loaded) == 10 and loaded.skipped == tasks.skipped


def test_rows_in_memory():
    task = Task("own", [{"role": "user", "content": "t"}])
    tasks = TaskSet.load([ROWS[0], task, {"responses_create_params": PARAMS, "x": 1}])
    assert [t.id for t in tasks] == ["0", "own", "2"] and tasks[1] is task and tasks.name == "rows"
    assert TaskSet.load(tasks) is tasks
    with pytest.raises(InvalidTask, match="row 1: expected a JSON object, found str"):
        TaskSet.load([ROWS[0], "text"])
    skipped = TaskSet.load([{}, ROWS[1], 5], on_error="skip")
    assert prompts(skipped) == ["question 1?"] and skipped.skipped == 2
    assert prompts(TaskSet.load(row for row in ROWS)) == QUESTIONS


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("missing.jsonl", "The data set file missing.jsonl does not exist"),
        ("./missing", "does not exist"),
        ("a/b/c", "does not exist"),
        (".", "Expected a file of rows, found the directory"),
        (5, "Expected a file, the id of a hub data set, or a list of rows, found int"),
        (None, "found NoneType"),
    ],
)
def test_sources_that_are_none(source, told):
    with pytest.raises(UsageError, match=told):
        TaskSet.load(source)


def test_an_unknown_way_to_treat_bad_rows():
    with pytest.raises(UsageError, match="Expected on_error to be 'raise' or 'skip', found 'ignore'"):
        open_rows([], None, "ignore")


def parquet(path, rows, **options):
    pyarrow = pytest.importorskip("pyarrow")
    tables = pytest.importorskip("pyarrow.parquet")
    tables.write_table(pyarrow.Table.from_pylist(rows), path, **options)
    return str(path)


def test_parquet(tmp_path):
    rows = [
        {"responses_create_params": PARAMS, "meta": {"a": 1, "b": None}, "answer": None},
        {"responses_create_params": PARAMS, "meta": {"a": None, "b": [2]}, "answer": "x"},
    ]
    tasks = TaskSet.load(parquet(tmp_path / "rows.parquet", rows))
    assert (
        len(tasks) == 2 and tasks[0].messages == PARAMS["input"] and tasks[0].params == {"temperature": 0.5}
    )
    assert [task.data for task in tasks] == [
        {"meta": {"a": 1}, "answer": None},
        {"meta": {"b": [2]}, "answer": "x"},
    ]


def test_parquet_with_many_row_groups_and_json_text_in_columns(tmp_path):
    text = json.dumps({**PARAMS, "tool_choice": None})
    rows = [{"responses_create_params": text, "number": i, "prompt": "[not JSON"} for i in range(25)]
    tasks = TaskSet.load(parquet(tmp_path / "rows.parquet", rows, row_group_size=4))
    assert [tasks[i].data["number"] for i in (24, 0, 11, 12, -1)] == [24, 0, 11, 12, 24]
    assert (
        tasks[0].params == {"temperature": 0.5, "tool_choice": None}
        and tasks[0].data["prompt"] == "[not JSON"
    )


def test_parquet_that_is_none_or_has_other_columns(tmp_path):
    path = parquet(tmp_path / "rows.parquet", [{"question": "?"}])
    with pytest.raises(
        InvalidTask, match=r"rows\.parquet: expected one of the fields .* found the columns question"
    ):
        TaskSet.load(path)
    (tmp_path / "bad.parquet").write_bytes(b"PAR?")
    with pytest.raises(UsageError, match=r"bad\.parquet is not a Parquet file"):
        TaskSet.load(str(tmp_path / "bad.parquet"))


def test_hub_rows(monkeypatch):
    datasets = pytest.importorskip("datasets")
    rows = datasets.Dataset.from_list(
        [{"messages": [{"role": "user", "content": f"{i}"}], "answer": i} for i in range(3)]
    )
    asked = []
    monkeypatch.setattr(datasets, "load_dataset", lambda name, split: asked.append((name, split)) or rows)
    tasks = TaskSet.load("someone/questions", "validation")
    assert asked == [("someone/questions", "validation")] and isinstance(tasks._source, Hub)
    assert prompts(tasks) == ["0", "1", "2"] and tasks[-1].data == {"answer": 2} and tasks.skipped == 0
    with pytest.raises(InvalidTask, match="name: expected one of the fields .* found the columns question"):
        Hub(datasets.Dataset.from_list([{"question": "?"}]), "name")


def test_a_hub_that_cannot_be_reached(monkeypatch):
    datasets = pytest.importorskip("datasets")
    hub = pytest.importorskip("huggingface_hub.constants")
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(hub, "HF_HUB_OFFLINE", True)
    with pytest.raises(
        InfrastructureError, match="'nobody/nothing' is neither a file here nor reachable"
    ) as caught:
        TaskSet.load("nobody/nothing")
    assert caught.value.boundary == "dataset" and caught.value.retryable


def test_a_split_that_a_hub_data_set_does_not_have(monkeypatch):
    datasets = pytest.importorskip("datasets")

    def refuse(name, split):
        raise ValueError(f"Unknown split {split!r}.")

    monkeypatch.setattr(datasets, "load_dataset", refuse)
    with pytest.raises(UsageError, match="'a/b' has no usable split 'dev': Unknown split 'dev'"):
        TaskSet.load("a/b", "dev")
