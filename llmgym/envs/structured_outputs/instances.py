"""Smallest data that fit a schema, for rows that bring no answer of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

__all__ = ["instance_of"]

_PREFERRED = ("object", "array", "string", "integer", "number", "boolean", "null")
_DEEPEST = 40


def instance_of(schema: Any, root: Any = None, level: int = 0) -> Any:
    """Return data that fit a strict schema of the usual kind.

    It knows types, properties, items, enumerations, bounds of length and size, combinations, and references within
    the schema; patterns and conditions it does not, so the result must be validated.

    Args:
        schema: A strict schema.
        root: The whole schema, for references; by default the schema itself.
        level: How deep the schema lies in the whole.

    Raises:
        ValueError: When nothing fits, or the schema is nested without end.

    Example:
        >>> instance_of({"type": "object", "properties": {"n": {"type": "integer", "minimum": 3}}})
        {'n': 3}
    """
    root = schema if root is None else root
    if level > _DEEPEST:
        raise ValueError("the schema is nested too deeply")
    if schema is True or schema == {}:
        return "x"
    if not isinstance(schema, Mapping):
        raise ValueError("nothing fits")
    if isinstance(schema.get("$ref"), str):
        return instance_of(_resolve(schema["$ref"], root), root, level + 1)
    if "const" in schema:
        return schema["const"]
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    for combination in ("anyOf", "oneOf", "allOf"):
        if isinstance(schema.get(combination), list) and schema[combination] and "properties" not in schema:
            return instance_of(schema[combination][0], root, level + 1)
    kinds = schema.get("type", "object" if "properties" in schema else "string")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    kind = next((kind for kind in _PREFERRED if kind in kinds), "string")
    if kind == "object":
        properties = schema.get("properties")
        named = properties if isinstance(properties, Mapping) else {}
        return {name: instance_of(each, root, level + 1) for name, each in named.items()}
    if kind == "array":
        first = [instance_of(each, root, level + 1) for each in schema.get("prefixItems", [])]
        missing = max(_size(schema, "minItems", 0), 1 if not first else 0) - len(first)
        return first + [instance_of(schema.get("items", {}), root, level + 1) for _ in range(missing)]
    if kind == "string":
        text = "x" * max(_size(schema, "minLength", 1), 1)
        return text[: _size(schema, "maxLength", len(text))]
    if kind in ("integer", "number"):
        return _number(schema, whole=kind == "integer")
    return False if kind == "boolean" else None


def _number(schema: Mapping[str, Any], whole: bool) -> int | float:
    step = schema.get("multipleOf", 1)
    lowest = schema.get("minimum", schema.get("exclusiveMinimum"))
    highest = schema.get("maximum", schema.get("exclusiveMaximum"))
    start = lowest if lowest is not None else min(1, highest) if highest is not None else 1
    number = -(-start // step) * step if step else start
    if number == schema.get("exclusiveMinimum"):
        number += step
    elif number == schema.get("exclusiveMaximum"):
        number -= step
    return int(number) if whole else number


def _size(schema: Mapping[str, Any], name: str, default: int) -> int:
    size = schema.get(name, default)
    return min(int(size), 1000) if isinstance(size, int | float) else default


def _resolve(reference: str, root: Any) -> Any:
    if not reference.startswith("#"):
        raise ValueError("the reference leads outside")
    found = root
    for part in reference[1:].split("/")[1:]:
        key = part.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or key not in found:
            raise ValueError("the reference leads nowhere")
        found = found[key]
    return found
