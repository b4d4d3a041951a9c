from __future__ import annotations

import json
import time

import pytest

from llmgym.verifiers import structured_pool
from llmgym.verifiers.structured import grade_apart, grade_structured, grade_tool_call, is_heavy

pytest.importorskip("jsonschema")
pytest.importorskip("xmltodict")

WIDE = 9


def laughs(item: str) -> str:
    lines = ["a0: &a0 {k: 1}"]
    lines += [f"a{i}: &a{i} {item % ', '.join([f'*a{i - 1}'] * WIDE)}" for i in range(1, 12)]
    return "\n".join(lines)


BOMBS = {
    "json nesting": ("json", "[" * 500_000),
    "json objects": ("json", '{"a":' * 100_000),
    "json digits": ("json", "1" * 1_000_000),
    "json too long": ("json", '"' + "a" * 2_000_000 + '"'),
    "yaml aliases": ("yaml", laughs("[%s]")),
    "yaml merge keys": ("yaml", laughs("{<<: [%s]}")),
    "yaml cycles": ("yaml", "&a [" + "*a, " * 50 + "]"),
    "yaml flow nesting": ("yaml", "[" * 50_000),
    "yaml block nesting": ("yaml", "- " * 50_000),
    "yaml keys of keys": ("yaml", "? " * 50_000),
    "yaml digits": ("yaml", "1" * 20_000),
    "yaml base 60": ("yaml", "1" + ":1" * 20_000),
    "xml entities": ("xml", '<!DOCTYPE l [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><l>&b;</l>'),
    "xml entities among elements": ("xml", '<!DOCTYPE l [<!ENTITY a "x">]><l>' + "<b/>" * 400 + "&a;</l>"),
    "xml nesting": ("xml", "<a>" * 200_000 + "</a>" * 200_000),
    "toml dotted key": ("toml", "a" + ".a" * 50_000 + " = 1"),
    "toml table": ("toml", "[" + "a." * 50_000 + "a]"),
    "toml inline key": ("toml", 'x = {y = 1, "b"' + '."a"' * 50_000 + " = 1}"),
    "toml nesting": ("toml", "a = " + "[" * 50_000),
    "toml inline nesting": ("toml", "a = " + "{a=" * 50_000),
    "toml digits": ("toml", "a = " + "1" * 20_000),
    "csv cells": ("csv", ",".join("a" * 50_000) + "\n" + "1\n" * 50_000),
    "csv field": ("csv", "a\n" + "x" * 200_000),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_a_parse_error(name):
    kind, text = BOMBS[name]
    before = time.process_time()
    assert grade_structured(text, "{}", kind).reason == "parse_error"
    # The aim is 0.1 s on an idle machine; what is caught here is growth that has no bound.
    assert time.process_time() - before < 2.0


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("json", "[" * 290 + "]" * 290),
        ("json", '["' + "[{" * 5000 + '"]'),
        ("yaml", "[" * 250 + "]" * 250),
        ("xml", "<a>" * 290 + "</a>" * 290),
        ("toml", 'a = """\n' + "x." * 90 + '"""'),
        ("toml", 'a = "' + "1.2, " * 500 + '"'),
        ("csv", "a\n" + "1\n" * 60_000),
    ],
)
def test_large_but_honest_texts_are_read(kind, text):
    assert grade_structured(text, "{}", kind).reward == 1.0


def test_another_process_says_the_same():
    schema = json.dumps({"type": "object", "properties": {"a": {"type": "string", "pattern": "^x+$"}}})
    for text in ('{"a": "xx"}', '{"a": "y"}', "{", " ", '{"a": "\ud800"}'):
        told = {"text": text, "schema_str": schema}
        assert grade_apart("grade_structured", told) == grade_structured(**told)
    told = {"calls": [("t", '{"a": "x"}')], "schema_str": schema, "tool_name": "t"}
    assert grade_apart("grade_tool_call", told) == grade_tool_call(**told)


def test_what_would_run_for_ever_ends(monkeypatch):
    structured_pool.close()
    monkeypatch.setattr(structured_pool, "CPU_SECONDS", 0.5)
    schema = json.dumps({"type": "string", "pattern": "(a+)+$"})
    told = {"text": json.dumps("a" * 50 + "!"), "schema_str": schema}
    try:
        verdict = grade_apart("grade_structured", told)
        assert verdict.reason == "parse_error" and "processor time" in verdict.metrics["error_message"]
        assert grade_apart("grade_structured", {**told, "text": '"aaa"'}).reward == 1.0
    finally:
        structured_pool.close()


def test_a_process_that_somebody_ended_is_replaced():
    told = {"text": "{}", "schema_str": "{}"}
    assert grade_apart("grade_structured", told).reward == 1.0
    structured_pool._pool._idle[-1].kill()
    structured_pool._pool._idle[-1].wait()
    assert grade_apart("grade_structured", told).reward == 1.0


def test_what_is_heavy():
    plain = '{"type": "object"}'
    assert not is_heavy("a: 1", plain, "yaml") and not is_heavy("  ", plain, "json")
    assert is_heavy("a: 1\n" * 1000, plain, "yaml") and is_heavy("x" * 20_000, plain)
    assert is_heavy('"a"', '{"pattern": "a"}') and is_heavy("[1]", '{"uniqueItems": true}')
    assert is_heavy("[1]", '{"definitions": {}}') and is_heavy("[1]", '{"$id": "urn:a"}')
    assert is_heavy("[1]", " " * 10_000 + plain) and not is_heavy("x" * 3_000_000, plain)
