from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.policies.plain_schema import plain_schema, type_text

ANY = {"type": ["string", "number", "boolean", "null", "array", "object"]}
TREE = {
    "$ref": "#/$defs/a~1b",
    "$defs": {
        "a/b": {
            "type": "object",
            "properties": {"below": {"type": "array", "items": {"$ref": "#/$defs/a~1b"}}},
        }
    },
}
WORDS = st.sampled_from(
    [
        "type",
        "properties",
        "items",
        "enum",
        "anyOf",
        "oneOf",
        "allOf",
        "$ref",
        "const",
        "required",
        "object",
        "array",
        "string",
    ]
)
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | WORDS | st.just("#/properties"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("schema", "plain", "text"),
    [
        ({"type": "string", "pattern": "^x", "maxLength": 3}, {"type": "string"}, "string"),
        ({"type": ["string", "null"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"type": ["string"]}, {"type": "string"}, "string"),
        ({"type": "string", "enum": ["a", "b"]}, {"enum": ["a", "b"]}, '"a" | "b"'),
        ({"const": {"x": 1}}, {"const": {"x": 1}}, '{"x":1}'),
        (
            {"oneOf": [{"type": "integer"}, {"type": "integer", "minimum": 3}]},
            {"anyOf": [{"type": "integer"}] * 2},
            "integer",
        ),
        ({"allOf": [{"type": "integer"}]}, {"type": "integer"}, "integer"),
        (
            {"type": "array", "items": {"type": "number"}},
            {"type": "array", "items": {"type": "number"}},
            "[number]",
        ),
        ({"type": "array"}, {"type": "array", "items": ANY}, "[any]"),
        ({"type": "object"}, {"type": "object"}, "object"),
        (
            {"type": "object", "additionalProperties": {"type": "integer"}},
            {"type": "object", "additionalProperties": {"type": "integer"}},
            "{name: integer}",
        ),
        (
            {"properties": {"a": {"type": "null"}, "b": True}, "required": ["a", "c"]},
            {
                "type": "object",
                "properties": {"a": {"type": "null"}, "b": ANY},
                "required": ["a"],
                "additionalProperties": False,
            },
            "{a: null, b?: any}",
        ),
        ({}, ANY, "any"),
        (True, ANY, "any"),
        ({"$ref": "https://example.com/schema"}, ANY, "any"),
        ({"$ref": "#/$defs/missing"}, ANY, "any"),
    ],
)
def test_schemas(schema, plain, text):
    assert plain_schema(schema) == plain
    assert type_text(plain_schema(schema)) == text


def test_follows_references_to_a_depth():
    text = type_text(plain_schema(TREE))
    assert text.startswith("{below?: [{below?: [")
    assert text.count("below") < 10


def test_shows_twenty_values():
    assert type_text(plain_schema({"enum": list(range(100))})).endswith("18 | 19 | ...")


@given(JUNK)
def test_anything_has_a_plain_schema(schema):
    plain = plain_schema(schema)
    assert isinstance(type_text(plain), str)
    assert "$ref" not in plain
