from __future__ import annotations

import csv
import io
import json
import tomllib
from datetime import date

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from verifiers.structured_schemas import NAMES, SCALARS, SCHEMAS, VALUES

from llmgym.envs.structured_outputs.writing import write
from llmgym.verifiers.structured import ERROR_TYPES, grade_structured, grade_tool_call
from llmgym.verifiers.structured_coerce import strictify
from llmgym.verifiers.structured_parse import FORMATS, ParseError, parse_structured
from llmgym.verifiers.structured_schema import CompiledSchema

pytest.importorskip("jsonschema")
pytest.importorskip("xmltodict")

SCRAPS = st.lists(
    st.sampled_from(
        list("[]{}:,-\"'<>/&*!|#=.\n\t 01ax")
        + [
            "<a>",
            "</a>",
            "null",
            "true",
            "---",
            "<<",
            "!!int",
            "!!set ",
            "1:30",
            "[[",
            '"""',
            "<![CDATA[",
            "\ud800",
            "\x00",
            "é",
            "2020-01-01",
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(
    SCHEMAS,
    VALUES
    | st.dictionaries(st.integers(0, 2), SCALARS, max_size=2)
    | st.builds(lambda: {"a": date(2020, 1, 1)}),
)
def test_validation_agrees_with_the_openapi_validator(schema, value):
    public = pytest.importorskip("openapi_schema_validator")
    strict = strictify_or_none(schema)
    if strict is None:
        return
    try:
        public.validate(value, strict)
        fits = True
    except Exception:
        fits = False
    assert (CompiledSchema(strict).problem(value) is None) == fits


def strictify_or_none(schema):
    try:
        return strictify(json.loads(json.dumps(schema)))
    except AttributeError:
        return None


@settings(max_examples=150, deadline=None)
@given(SCRAPS | st.text(max_size=40), SCHEMAS | st.just({}), st.sampled_from(sorted(FORMATS)))
def test_every_text_gets_a_verdict(text, schema, kind):
    verdict = grade_structured(text, json.dumps(schema), kind)
    assert verdict.reward in (0.0, 1.0)
    assert (verdict.reason in ERROR_TYPES) == (verdict.reward == 0.0)
    json.dumps(verdict.to_dict(), ensure_ascii=False).encode()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.text(max_size=5), SCRAPS | st.text(max_size=20)), max_size=2),
    SCRAPS,
    st.none() | st.text(max_size=3),
    st.none() | st.text(max_size=3),
)
def test_every_call_gets_a_verdict(calls, schema_str, name, key):
    verdict = grade_tool_call(calls, schema_str, tool_name=name, tool_payload_key=key)
    assert (verdict.reason in ERROR_TYPES) == (verdict.reward == 0.0)


def _reference(text: str, kind: str):
    import xmltodict

    read = {
        "json": json.loads,
        "yaml": yaml.safe_load,
        "xml": xmltodict.parse,
        "toml": tomllib.loads,
        "csv": lambda text: list(csv.DictReader(io.StringIO(text))),
    }
    try:
        return repr(read[kind](text))
    except Exception:
        return None


@settings(max_examples=400, deadline=None)
@given(SCRAPS, st.sampled_from(sorted(FORMATS)))
def test_texts_are_read_as_the_public_parsers_read_them(text, kind):
    try:
        found = repr(parse_structured(text, kind))
    except ParseError:
        found = None
    assert found == _reference(text, kind)


@settings(max_examples=100, deadline=None)
@given(
    st.dictionaries(
        NAMES,
        st.text(max_size=8)
        | st.integers(-9, 9)
        | st.booleans()
        | st.lists(st.text(max_size=4), max_size=2)
        | st.dictionaries(NAMES, st.text(max_size=4), max_size=2),
        max_size=4,
    )
)
def test_what_is_written_is_read_again(value):
    # What YAML and TOML cannot print is escaped.
    assert parse_structured(write(value, "json"), "json") == value
    if value:
        assert parse_structured(write(value, "yaml"), "yaml") == value
        assert parse_structured(write(value, "toml"), "toml") == value


@settings(max_examples=200, deadline=None)
@given(SCHEMAS)
def test_strictness_is_reached_at_once(schema):
    # A property called "properties" is taken for a schema, and grows each time.
    if not _names(schema) & {"properties"}:
        once = strictify_or_none(schema)
        assert strictify_or_none(once) == once


def _names(schema) -> set[str]:
    if isinstance(schema, list):
        return {name for each in schema for name in _names(each)}
    if not isinstance(schema, dict):
        return set()
    own = set(schema["properties"]) if isinstance(schema.get("properties"), dict) else set()
    return own | {name for each in schema.values() for name in _names(each)}
