from __future__ import annotations

import copy
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testing_env import make_weather_task

from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import tool_call
from llmgym.tasks import Task, TaskSet

ROW = {
    "responses_create_params": {
        "instructions": "Be brief.",
        "input": [{"role": "user", "content": "2 + 2?"}],
        "tools": [{"type": "function", "name": "add", "parameters": {"type": "object"}, "strict": True}],
        "temperature": 0.5,
        "tool_choice": "auto",
    },
    "expected": [4],
    "uuid": "u-1",
}


CHAT_TOOL = {"type": "function", "function": {"name": "add", "parameters": {"type": "object"}}}


def test_a_public_row():
    task = Task.of(ROW, id="7")
    assert task.id == "u-1"
    assert task.messages == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "2 + 2?"},
    ]
    assert task.data == {"expected": [4], "uuid": "u-1"}
    assert task.tools == [{**CHAT_TOOL, "function": {**CHAT_TOOL["function"], "strict": True}}]
    assert task.params == {"temperature": 0.5, "tool_choice": "auto"}
    assert task.source is ROW and task.row() == ROW and task.row() is not ROW


@pytest.mark.parametrize("name", ["prompt", "messages"])
def test_a_chat_row(name):
    messages = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    task = Task.of({name: messages, "answer": 4, "tools": [CHAT_TOOL]}, id="7")
    assert (task.id, task.messages, task.data, task.tools, task.params) == (
        "7",
        messages,
        {"answer": 4},
        [CHAT_TOOL],
        {},
    )
    assert task.messages[0] is not messages[0]


def test_a_prompt_that_is_text():
    task = Task.of({"prompt": "2 + 2?", "answer": 4})
    assert task.messages == [{"role": "user", "content": "2 + 2?"}] and task.tools is None


def test_messages_win_over_a_prompt_field():
    task = Task.of({"messages": [{"role": "user", "content": "m"}], "prompt": "template"})
    assert task.messages[0]["content"] == "m" and task.data == {"prompt": "template"}


@pytest.mark.parametrize(
    ("row", "id"),
    [
        ({}, "d"),
        ({"id": 3}, "3"),
        ({"uuid": "u"}, "u"),
        ({"id": "a", "task_id": "b"}, "b"),
        ({"id": None}, "d"),
    ],
)
def test_identifiers(row, id):
    assert Task.of({"prompt": "p", **row}, id="d").id == id


def test_a_task_is_returned_as_it_is():
    task = Task("t", [])
    assert Task.of(task) is task and copy.deepcopy(task) is task


@pytest.mark.parametrize(
    ("row", "told"),
    [
        (5, "x.jsonl, line 3: expected a JSON object, found int"),
        ({}, "x.jsonl, line 3: expected 'responses_create_params'.*found the fields none"),
        ({"question": "?"}, "found the fields question"),
        ({"prompt": []}, "found the fields prompt"),
        ({"prompt": [{"content": "?"}]}, "found the fields prompt"),
        (
            {"responses_create_params": {}},
            "line 3: expected 'responses_create_params' to be an object with 'input'",
        ),
        ({"responses_create_params": "{}"}, "expected 'responses_create_params' to be an object"),
        (
            {"responses_create_params": {"input": 5}},
            "line 3: field 'responses_create_params': Expected 'input' to be text",
        ),
        (
            {"responses_create_params": {"input": [{"role": "tool"}]}},
            r"field 'responses_create_params': input\[0\]",
        ),
        ({"responses_create_params": {"input": "?", "tools": [{"type": "web_search"}]}}, r"tools\[0\]"),
        ({"prompt": "?", "tools": [5]}, r"line 3: field 'tools': tools\[0\]"),
    ],
)
def test_bad_rows_are_named(row, told):
    with pytest.raises(InvalidTask, match=told):
        Task.of(row, where="x.jsonl, line 3")


def test_a_task_built_in_code_becomes_a_row():
    messages = [
        {"role": "user", "content": "?"},
        {"role": "assistant", "content": None, "tool_calls": [tool_call("add", {"a": 1})]},
        {"role": "tool", "tool_call_id": "call_0", "content": "1"},
    ]
    task = Task("t9", messages, {"answer": 1}, [CHAT_TOOL], {"temperature": 0.0})
    row = task.row()
    assert row["answer"] == 1 and row["responses_create_params"]["temperature"] == 0.0
    again = Task.of(json.loads(json.dumps(row)))
    assert (again.id, again.messages, again.tools, again.params) == ("t9", messages, [CHAT_TOOL], task.params)


def test_a_task_that_was_changed_is_not_its_source_any_more():
    changed = replace(Task.of(ROW), messages=[{"role": "user", "content": "new"}])
    assert changed.row()["responses_create_params"]["input"] == [{"role": "user", "content": "new"}]
    renamed = replace(Task.of(ROW), id="other")
    assert Task.of(renamed.row()).id == "other"


def test_public_sample_rows_survive(shared_data: Path):
    read = 0
    for path in sorted(shared_data.glob("*/*.jsonl")):
        tasks = TaskSet.load(str(path))
        for line, task in zip(path.read_text().splitlines(), tasks, strict=True):
            assert task.row() == json.loads(line), path
            rebuilt = Task.of(replace(task, source=None).row())
            assert (rebuilt.id, rebuilt.messages, rebuilt.tools) == (task.id, task.messages, task.tools), path
            read += 1
    assert read > 50


def test_unbounded_sets():
    tasks = TaskSet.procedural(make_weather_task)
    assert tasks.size is None and "unbounded" in repr(tasks)
    with pytest.raises(UsageError, match="has no end; ask for a number"):
        len(tasks)
    with pytest.raises(IndexError, match="no end to count from"):
        tasks[-1]
    with pytest.raises(UsageError, match="of at least 1, found 0"):
        tasks.take(0)
    first = next(iter(tasks))
    assert first == tasks[0] and tasks.sample(np.random.default_rng(0)) == tasks.sample(
        np.random.default_rng(0)
    )


def test_bounded_sets():
    tasks = TaskSet.procedural(make_weather_task, size=5)
    assert len(tasks) == 5 and len(list(tasks)) == 5 and tasks[-1] == tasks[4] == tasks[np.int64(4)]
    for index in (5, -6):
        with pytest.raises(
            IndexError, match=f"Task {index} does not exist: 'weather_task/train' has 5 tasks"
        ):
            tasks[index]
    assert {tasks.sample(np.random.default_rng(seed)) for seed in range(60)} == set(range(5))


def test_take():
    tasks = TaskSet.procedural(make_weather_task)
    assert list(tasks.take(3)) == [tasks[0], tasks[1], tasks[2]]
    assert tasks.take(3).take(2)[-1] == tasks[1]
    with pytest.raises(UsageError, match="at least 1 and at most 3, found 4"):
        tasks.take(3).take(4)


def test_map_changes_tasks_as_they_are_read():
    tasks = TaskSet.procedural(make_weather_task, size=3)
    changed = tasks.map(lambda task: replace(task, id=task.id + "!"))
    assert changed[0].id == "train-0!" and len(changed) == 3 and tasks[0].id == "train-0"


def test_an_empty_set():
    tasks = TaskSet.load([])
    assert len(tasks) == 0 and list(tasks) == []
    with pytest.raises(UsageError, match="is empty"):
        tasks.sample(np.random.default_rng(0))


@settings(max_examples=40)
@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_whatever_a_row_holds_only_invalid_task_is_raised(value):
    for row in (value, {"prompt": value}, {"messages": value}, {"responses_create_params": value},
                {"responses_create_params": {"input": value}}, {"responses_create_params": {"input": [value]}},
                {"prompt": "p", "tools": value}):  # fmt: skip
        try:
            assert isinstance(Task.of(row), Task)
        except InvalidTask:
            continue
