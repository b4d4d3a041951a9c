"""JSON schemas that every grammar compiler takes.

Servers turn a schema into a grammar, and each supports another part of JSON Schema. What is kept here is the part
that all have: types, properties, required, items, enum, const and anyOf. The rest (patterns, formats, bounds) is
dropped, so a text that the grammar admits may still be refused by the tool, which then says why.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

__all__ = ["fields_text", "plain_schema", "type_text"]

_PRIMITIVES = ("string", "number", "integer", "boolean", "null")
_ANY = {"type": ["string", "number", "boolean", "null", "array", "object"]}
_DEEPEST = 8
_MOST_SHOWN = 20


def plain_schema(schema: Any, root: Any = None, depth: int = 0) -> dict[str, Any]:
    """Return a schema that admits all that the given one does, in the simplest terms.

    Args:
        schema: A JSON schema. What cannot be understood admits anything.
        root: The schema that references such as ``#/$defs/City`` start from; ``None`` for ``schema`` itself.
        depth: How many levels lie above. Eight levels down, anything is admitted: grammars cannot recurse for ever.

    Returns:
        A new schema without references.

    Example:
        >>> plain_schema({"type": "string", "format": "date", "description": "A day."})
        {'type': 'string'}
    """
    root = schema if root is None else root
    if not isinstance(schema, Mapping) or depth > _DEEPEST:
        return dict(_ANY)
    reference = schema.get("$ref")
    if reference is not None:
        return plain_schema(_find(reference, root), root, depth + 1)
    if "const" in schema:
        return {"const": schema["const"]}
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return {"enum": schema["enum"]}
    for name in ("anyOf", "oneOf"):
        choices = schema.get(name)
        if isinstance(choices, list) and choices:
            return {"anyOf": [plain_schema(choice, root, depth + 1) for choice in choices]}
    parts = schema.get("allOf")
    if isinstance(parts, list) and len(parts) == 1:
        return plain_schema(parts[0], root, depth + 1)
    return _typed(schema, root, depth)


def _typed(schema: Mapping[str, Any], root: Any, depth: int) -> dict[str, Any]:
    kind = schema.get("type")
    if isinstance(kind, list):
        choices = [_typed({**schema, "type": each}, root, depth) for each in kind]
        return choices[0] if len(choices) == 1 else {"anyOf": choices} if choices else dict(_ANY)
    if kind == "object" or (kind is None and isinstance(schema.get("properties"), Mapping)):
        return _object(schema, root, depth)
    if kind == "array":
        items = schema.get("items")
        return {"type": "array", "items": plain_schema(items, root, depth + 1)}
    return {"type": kind} if kind in _PRIMITIVES else dict(_ANY)


def _object(schema: Mapping[str, Any], root: Any, depth: int) -> dict[str, Any]:
    properties = schema.get("properties")
    if not isinstance(properties, Mapping):
        values = schema.get("additionalProperties")
        if isinstance(values, Mapping) and values:
            return {"type": "object", "additionalProperties": plain_schema(values, root, depth + 1)}
        return {"type": "object"}
    required = schema.get("required")
    return {
        "type": "object",
        "properties": {str(name): plain_schema(each, root, depth + 1) for name, each in properties.items()},
        "required": [name for name in required if name in properties] if isinstance(required, list) else [],
        "additionalProperties": False,
    }


def _find(reference: Any, root: Any) -> Any:
    """Return what a local reference points to, or ``None``."""
    if not isinstance(reference, str) or not reference.startswith("#"):
        return None
    found = root
    for step in reference[1:].split("/")[1:]:
        step = step.replace("~1", "/").replace("~0", "~")
        if not isinstance(found, Mapping) or step not in found:
            return None
        found = found[step]
    return found


def type_text(schema: Mapping[str, Any]) -> str:
    """Return a short text for a plain schema, as a person would write a type.

    Args:
        schema: What :func:`plain_schema` returned.

    Example:
        >>> type_text(plain_schema({"type": "array", "items": {"enum": ["a", "b"]}}))
        '["a" | "b"]'
    """
    if "const" in schema:
        return _json(schema["const"])
    if "enum" in schema:
        shown = [_json(value) for value in schema["enum"][:_MOST_SHOWN]]
        return " | ".join(shown + ["..."] * (len(schema["enum"]) > _MOST_SHOWN))
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(type_text(choice) for choice in schema["anyOf"]))
    kind = schema.get("type")
    if kind == "array":
        return f"[{type_text(schema['items'])}]"
    if kind == "object":
        if "properties" in schema:
            return "{" + fields_text(schema) + "}"
        values = schema.get("additionalProperties")
        return "object" if values is None else f"{{name: {type_text(values)}}}"
    return kind if isinstance(kind, str) else "any"


def fields_text(schema: Mapping[str, Any]) -> str:
    """Return the properties of a plain object schema as ``name: type``, optional ones marked with ``?``."""
    required = schema.get("required", [])
    return ", ".join(
        f"{name}{'' if name in required else '?'}: {type_text(each)}"
        for name, each in schema.get("properties", {}).items()
    )


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
