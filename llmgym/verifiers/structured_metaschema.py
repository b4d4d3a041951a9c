"""Recognise schemas that are valid at a glance.

Checking a schema against the metaschema of JSON Schema 2020-12 takes :mod:`jsonschema` several milliseconds, fifty
times as long as validating a value. Most schemas are made of a few plain keywords, whose rules are short: a schema
that keeps these is valid, and whatever else may or may not be is left to the full check.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["KEYWORDS", "UNCERTAIN", "is_plainly_valid"]

_TYPES = frozenset(("array", "boolean", "integer", "null", "number", "object", "string"))
_METASCHEMAS = (
    "https://json-schema.org/draft/2020-12/schema",
    "http://json-schema.org/draft-07/schema#",
)
# A pointer into the same document; anything else has to be checked as a URI.
_POINTER = re.compile(r"#(?:/[A-Za-z0-9_$-]+)*\Z")


def is_plainly_valid(schema: Any) -> bool:
    """Tell whether a schema is certainly valid. ``False`` means that the full check has to say.

    Args:
        schema: A schema, as read from JSON.

    Raises:
        RecursionError: When it is nested too deeply.

    Example:
        >>> is_plainly_valid({"type": "object", "properties": {"a": {"type": "string", "maxLength": 9}}})
        True
        >>> is_plainly_valid({"type": "text"}), is_plainly_valid({"pattern": "^a"})
        (False, False)
    """
    if isinstance(schema, bool):
        return True
    if not isinstance(schema, dict):
        return False
    for name, value in schema.items():
        if name in UNCERTAIN:
            return False
        check = KEYWORDS.get(name)
        if check is not None and not check(value):
            return False
    return True


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _anything(value: Any) -> bool:
    return True


def _type(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and _names(value) and _TYPES.issuperset(value)
    return isinstance(value, str) and value in _TYPES


def _names(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(name, str) for name in value)
        and len(set(value)) == len(value)
    )


def _schemas(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(is_plainly_valid, value))


def _named_schemas(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_plainly_valid, value.values()))


KEYWORDS: Mapping[str, Callable[[Any], bool]] = {
    "$comment": _text,
    "$defs": _named_schemas,
    "$ref": lambda value: isinstance(value, str) and _POINTER.match(value) is not None,
    "$schema": lambda value: value in _METASCHEMAS,
    "additionalProperties": is_plainly_valid,
    "allOf": _schemas,
    "anyOf": _schemas,
    "const": _anything,
    "contains": is_plainly_valid,
    "default": _anything,
    "deprecated": _flag,
    "description": _text,
    "else": is_plainly_valid,
    "enum": _list,
    "examples": _list,
    "exclusiveMaximum": _number,
    "exclusiveMinimum": _number,
    "format": _text,
    "if": is_plainly_valid,
    "items": is_plainly_valid,
    "maxContains": _count,
    "maxItems": _count,
    "maxLength": _count,
    "maxProperties": _count,
    "maximum": _number,
    "minContains": _count,
    "minItems": _count,
    "minLength": _count,
    "minProperties": _count,
    "minimum": _number,
    "multipleOf": lambda value: _number(value) and value > 0,
    "not": is_plainly_valid,
    "oneOf": _schemas,
    "prefixItems": _schemas,
    "properties": _named_schemas,
    "readOnly": _flag,
    "required": _names,
    "then": is_plainly_valid,
    "title": _text,
    "type": _type,
    "unevaluatedItems": is_plainly_valid,
    "unevaluatedProperties": is_plainly_valid,
    "uniqueItems": _flag,
    "writeOnly": _flag,
}
"""The keywords whose values are judged here. A name that the metaschema does not know may have any value."""

UNCERTAIN = frozenset(
    (
        "$anchor",
        "$dynamicAnchor",
        "$dynamicRef",
        "$id",
        "$recursiveAnchor",
        "$recursiveRef",
        "$vocabulary",
        "contentEncoding",
        "contentMediaType",
        "contentSchema",
        "definitions",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "pattern",
        "patternProperties",
        "propertyNames",
    )
)
"""The other keywords of the metaschema: schemas with one of them are left to the full check."""
