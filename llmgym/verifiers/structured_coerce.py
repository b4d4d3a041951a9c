"""What the public verifier of structured outputs does to a schema and to untyped values before it validates.

The rules are those of ``structured_outputs`` (NeMo Gym), quirks included.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["coerce_csv", "coerce_xml", "strictify"]

_TRUE, _FALSE = ("true", "1"), ("false", "0")


def strictify(schema: Any) -> Any:
    """Make every object of a schema demand all its properties and allow no others, in place.

    The public rule: each dictionary with a key ``properties`` gets ``required`` (all names) and
    ``additionalProperties: false``, through the values of dictionaries only. Schemas in lists (``anyOf``, ``oneOf``,
    ``allOf``, ``prefixItems``) stay as they are; those under ``$defs`` are changed; a property that is itself called
    ``properties`` is mistaken for a schema.

    Args:
        schema: A schema, as read from JSON.

    Returns:
        The same object.

    Raises:
        AttributeError: When the value of ``properties`` is not an object.
        RecursionError: When the schema is nested too deeply.

    Example:
        >>> strictify({"properties": {"a": {}}, "required": []})
        {'properties': {'a': {}}, 'required': ['a'], 'additionalProperties': False}
    """
    if isinstance(schema, dict):
        if "properties" in schema:
            schema["required"] = list(schema["properties"].keys())
            schema["additionalProperties"] = False
        for value in schema.values():
            strictify(value)
    return schema


def coerce_xml(value: Any, schema: Any) -> Any:
    """Give the texts of an XML document the types that a schema asks for.

    The public rule, where ``type`` is a single string: numbers and booleans (true, 1, false, 0) are read from text;
    an empty element is "" for a string and stays ``None`` otherwise; in the place of an array an object with one key
    is unwrapped, ``None`` is an empty array, and anything else becomes an array of one. What cannot be read stays.

    Args:
        value: What ``xmltodict`` made of the document.
        schema: The schema of this value.

    Returns:
        The value with types; the argument is not changed.

    Example:
        >>> coerce_xml({"n": "5", "tags": {"tag": "a"}}, {"type": "object", "properties": {
        ...     "n": {"type": "integer"}, "tags": {"type": "array", "items": {"type": "string"}}}})
        {'n': 5, 'tags': ['a']}
    """
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if kind == "object":
        properties = schema.get("properties")
        if not isinstance(value, dict) or not isinstance(properties, Mapping):
            return value
        return {
            key: coerce_xml(item, properties[key]) if key in properties else item
            for key, item in value.items()
        }
    if kind == "array":
        if isinstance(value, dict) and len(value) == 1:
            value = next(iter(value.values()))
        if value is None:
            return []
        items = schema.get("items", {})
        return [coerce_xml(item, items) for item in (value if isinstance(value, list) else [value])]
    if value is None:
        return "" if kind == "string" else None
    return _read(value, kind)[0]


def coerce_csv(rows: list[dict[Any, Any]], schema: Any) -> list[dict[Any, Any]]:
    """Give the cells of a CSV text the types that a schema asks for.

    The public rule, with ``items.properties[column].type``: a single type is read from the text, and an empty cell
    stays ""; of a list of types an empty cell is ``null`` if that is allowed, and any other the first type that can
    be read. What cannot be read stays text.

    Args:
        rows: What ``csv.DictReader`` made of the text.
        schema: The schema of the whole text, an array.

    Returns:
        New rows.

    Example:
        >>> coerce_csv([{"a": "1", "b": ""}], {"items": {"properties": {
        ...     "a": {"type": "integer"}, "b": {"type": ["number", "null"]}}}})
        [{'a': 1, 'b': None}]
    """
    items = schema.get("items") if isinstance(schema, Mapping) else None
    properties = items.get("properties") if isinstance(items, Mapping) else None
    if not isinstance(properties, Mapping):
        return rows
    return [{column: _cell(text, properties.get(column)) for column, text in row.items()} for row in rows]


def _cell(text: Any, schema: Any) -> Any:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if isinstance(kind, Sequence) and not isinstance(kind, str):
        if text == "" and "null" in kind:
            return None
        for one in kind:
            value, read = _read(text, one)
            if read:
                return value
        return text
    return text if text == "" else _read(text, kind)[0]


def _read(text: Any, kind: Any) -> tuple[Any, bool]:
    """Return a text as a value of a type, and whether it could be read as one."""
    if not isinstance(text, str):
        return text, False
    try:
        if kind == "integer":
            return int(text), True
        if kind == "number":
            return float(text), True
    except ValueError:
        return text, False
    if kind == "boolean":
        lower = text.lower()
        return (lower in _TRUE, True) if lower in _TRUE + _FALSE else (text, False)
    return text, kind == "string"
