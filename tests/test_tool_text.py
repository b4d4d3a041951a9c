from __future__ import annotations

import json
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from llmgym.bridge import wait
from llmgym.toolbox import Toolbox, render
from llmgym.tools import ToolCall


def run(function, raw="{}", **options):
    box = function if isinstance(function, Toolbox) else Toolbox([function], **options)
    return box.execute(ToolCall("c1", box.names[0], raw), wait)


class Point(BaseModel):
    x: int


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("naïve", "naïve"),
        ("", ""),
        (None, "null"),
        (True, "true"),
        ({"stadt": "Zürich", "n": 1}, '{"stadt":"Zürich","n":1}'),
        ([1.5, float("nan"), float("inf")], "[1.5,null,null]"),
        ({3: "a", None: "b"}, '{"3":"a","null":"b"}'),
        ({"b", "a"}, '["a","b"]'),
        (Point(x=1), '{"x":1}'),
        ([Point(x=1)], '[{"x":1}]'),
        (np.float64(0.5), "0.5"),
        (np.arange(6).reshape(2, 3)[:, ::2], "[[0,2],[3,5]]"),
        ((x for x in "ab"), '["a","b"]'),
        (2**80, str(2**80)),
        ({"n": -(2**80), "x": float("nan")}, f'{{"n":{-(2**80)},"x":null}}'),
        ({"half": "\ud83d"}, '{"half":"?"}'),
    ],
)
def test_render(value, text):
    assert render(value) == text


ARGUMENTS = st.one_of(
    st.text(),
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats()
        | st.text(st.characters())
        | st.just("\ud83d"),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "n", "tags", "é"]), inner)
        ),
        max_leaves=8,
    ).map(json.dumps),
    st.text('{}[]":,\\u0dn1-.eE ', max_size=30),
)


def echo(text: str, n: int | None = None, tags: dict[str, list[float]] | None = None):
    return [text, n, tags]


@given(ARGUMENTS)
def test_whatever_the_arguments_nothing_is_raised(raw):
    result = run(echo, raw)
    assert result.outcome in ("ok", "malformed_arguments", "tool_error")
    result.content.encode()
    assert (result.outcome == "ok") == (result.value is not None)


@settings(max_examples=40)
@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_whatever_is_in_tool_calls_can_be_read(call):
    read = ToolCall.of(call, "default")
    assert read.id and isinstance(read.name, str) and isinstance(read.raw, str)


@pytest.mark.parametrize("depth", [300, 900, sys.getrecursionlimit() - 60, 5000])
def test_deep_arguments(depth):
    def f(x: int): ...

    assert run(f, '{"x": ' + "[" * depth + "]" * depth + "}").outcome == "malformed_arguments"


@pytest.mark.parametrize(
    ("call", "read"),
    [
        ({"id": "a", "function": {"name": "f", "arguments": "{}"}}, ToolCall("a", "f", "{}")),
        ({"function": {"name": "f", "arguments": {"a": 1}}}, ToolCall("d", "f", '{"a": 1}')),
        ({"id": 5, "function": {"name": None, "arguments": None}}, ToolCall("d", "", "")),
        ({"id": "", "function": "f"}, ToolCall("d", "", "")),
        ({"id": "a", "function": {"name": "f", "arguments": {"a": {1}}}}, ToolCall("a", "f", '{"a": "{1}"}')),
        (None, ToolCall("d", "", "")),
    ],
)
def test_incomplete_calls(call, read):
    assert ToolCall.of(call, "d") == read
