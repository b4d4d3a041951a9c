"""Schemas and values for the tests of structured outputs."""

from __future__ import annotations

from hypothesis import strategies as st

NAMES = st.sampled_from(["a", "b", "c", "properties", "items"])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 3), st.floats(), st.sampled_from(["", "a", "1", "true", "2.5"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)
TYPES = st.sampled_from(["string", "integer", "number", "boolean", "null", "array", "object"])
LEAVES = st.one_of(
    st.booleans(),
    st.builds(lambda kind: {"type": kind}, TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True)),
    st.builds(lambda values: {"enum": values}, st.lists(SCALARS, max_size=3)),
    st.builds(lambda value: {"const": value}, SCALARS),
    st.sampled_from(
        [
            {"minimum": 1},
            {"multipleOf": 0.5},
            {"maxLength": 1},
            {"pattern": "^a"},
            {"uniqueItems": True},
            {"format": "date"},
            {"type": "nothing"},
            {"$ref": "#/$defs/x"},
            {"discriminator": {"propertyName": "a"}, "oneOf": [{"type": "object"}]},
            {"nullable": True, "xml": {"name": "x"}, "example": 3},
        ]
    ),
)


def _schemas(inner):
    named = st.dictionaries(NAMES, inner, max_size=3)
    listed = st.lists(inner, min_size=1, max_size=2)
    return st.one_of(
        st.builds(lambda each: {"type": "object", "properties": each}, named),
        st.builds(lambda each: {"patternProperties": {"^[ab]": each}, "additionalProperties": False}, inner),
        st.builds(lambda each: {"type": "array", "items": each}, inner),
        st.builds(lambda each: {"prefixItems": each, "unevaluatedItems": False}, listed),
        st.builds(lambda key, each: {key: each}, st.sampled_from(["anyOf", "oneOf", "allOf"]), listed),
        st.builds(lambda each: {"not": each}, inner),
        st.builds(
            lambda each, other: {"$defs": {"x": each}, "$ref": "#/$defs/x", "if": other, "then": False},
            inner,
            inner,
        ),
        st.builds(
            lambda each: {"contains": each, "$schema": "https://json-schema.org/draft/2020-12/schema"}, inner
        ),
    )


SCHEMAS = st.recursive(LEAVES, _schemas, max_leaves=6)
