from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import create_model

from llmgym.envs.public_bodies import Refusal, checked, posted

Body = create_model("Body", a=(float, ...), b=(str | None, None))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("{}", {}),
        ("null", None),
        ('{"a": [1e999, {"b": -Infinity}], "c": NaN}', {"a": [None, {"b": None}], "c": None}),
        ('{"a": 18446744073709551615}', {"a": 2**64 - 1}),
        (' {"a": true} ', {"a": True}),
    ],
)
def test_what_arrives(raw, value):
    assert posted(raw) == value


@pytest.mark.parametrize(
    "raw", ["", "x", "{", "{'a': 1}", '{"a": 18446744073709551616}', "[" * 100_000, '{"a": 1} 2']
)
def test_what_cannot_be_posted(raw):
    with pytest.raises(Refusal) as caught:
        posted(raw)
    assert json.loads(str(caught.value))["error"].startswith("Invalid tool call arguments: ")


@pytest.mark.parametrize(
    ("body", "types"),
    [
        (None, ["missing"]),
        ([], ["model_attributes_type"]),
        ("x", ["model_attributes_type"]),
        ({}, ["missing"]),
        ({"a": "x", "b": 1}, ["float_parsing", "string_type"]),
    ],
)
def test_what_the_server_refuses(body, types):
    with pytest.raises(Refusal) as caught:
        checked(Body, body)
    details = json.loads(str(caught.value))["detail"]
    assert [detail["type"] for detail in details] == types
    assert all(
        detail["loc"][0] == "body" and detail.keys() == {"type", "loc", "msg", "input"} for detail in details
    )


def test_what_it_accepts():
    assert checked(Body, {"a": "5", "c": 1}).model_dump() == {"a": 5.0, "b": None}


@given(st.text())
def test_any_text_arrives_or_is_refused(raw):
    try:
        json.dumps(posted(raw), allow_nan=False)
    except Refusal as refusal:
        json.loads(str(refusal))
