"""Generated records: a document, the facts in it, and the schema that asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from llmgym.envs.structured_outputs.fields import Field, Kind
from llmgym.envs.structured_outputs.kinds import KINDS

__all__ = ["LEVELS", "Record", "make_record", "make_records"]

# For each difficulty: fewest and most plain fields, fields with parts, sentences that no field asks for.
LEVELS: Mapping[str, tuple[int, int, int, int]] = {
    "easy": (3, 4, 0, 0),
    "medium": (4, 6, 1, 1),
    "hard": (6, 8, 2, 3),
}

_ASIDES = (
    "A postcard of 1931 shows it in the rain.",
    "Local children tell a story about it that nobody believes.",
    "The archive of the county holds 14 boxes of letters about it.",
    "A film crew came once and left after 3 days.",
    "In the 1970s somebody proposed to move it, in vain.",
)


@dataclass(frozen=True, slots=True)
class Record:
    """One generated document.

    Attributes:
        kind: Name of the kind of thing.
        document: The text.
        data: The facts that the schema asks for.
        schema: The schema of the facts.
    """

    kind: str
    document: str
    data: Any
    schema: dict[str, Any]


def make_record(rng: np.random.Generator, difficulty: str, *, nulls: bool, camel: bool) -> Record:
    """Make a document about one thing.

    Args:
        rng: Where everything is drawn from.
        difficulty: A key of :data:`LEVELS`.
        nulls: Whether a fact may be missing from the document, to be given as ``null``.
        camel: Whether names are in camel case instead of snake case.
    """
    kind = _kind(rng)
    low, high, with_parts, asides = LEVELS[difficulty]
    plain = _chosen(
        rng, [field for field in kind.fields if not field.parts], int(rng.integers(low, high + 1))
    )
    nested = _chosen(rng, [field for field in kind.fields if field.parts], with_parts)
    fields = [*plain, *nested]
    missing = plain[-1].name if nulls and difficulty != "easy" and rng.integers(2) else None
    thing = _name(rng, kind)
    data: dict[str, Any] = {"name": thing}
    properties: dict[str, Any] = {
        "name": {"type": "string", "description": f"Name of the {_words(kind.name)}"}
    }
    said = []
    for field in fields:
        value, sentences = _fact(rng, field, thing)
        key = _cased(field.name, camel)
        if nulls and difficulty != "easy" and field is plain[-1]:
            properties[key] = _nullable(_schema(field, camel))
            value, sentences = (None, []) if field.name == missing else (value, sentences)
        else:
            properties[key] = _schema(field, camel)
        data[key] = _renamed(value, camel)
        said += sentences
    said += [_ASIDES[i] for i in rng.permutation(len(_ASIDES))[:asides].tolist()]
    text = " ".join(
        [f"This note is about {thing}, a {_words(kind.name)}."]
        + [said[i] for i in rng.permutation(len(said)).tolist()]
    )
    return Record(kind.name, f"# {thing}\n\n{text}", data, _object(properties))


def make_records(rng: np.random.Generator, difficulty: str) -> Record:
    """Make a document about several things of a kind, with plain facts only: the rows of a table.

    Args:
        rng: Where everything is drawn from.
        difficulty: A key of :data:`LEVELS`.
    """
    kind = _kind(rng)
    low, high, _, asides = LEVELS[difficulty]
    flat = [field for field in kind.fields if field.type in ("string", "integer", "number", "boolean")]
    fields = _chosen(rng, flat, int(rng.integers(low, min(high, len(flat)) + 1)))
    count = int(rng.integers(2, 4 + 2 * list(LEVELS).index(difficulty)))
    properties: dict[str, Any] = {
        "name": {"type": "string", "description": f"Name of the {_words(kind.name)}"}
    }
    properties |= {field.name: _schema(field, False) for field in fields}
    last = None if difficulty == "easy" else fields[-1]
    if last is not None:
        properties[last.name] = _nullable(properties[last.name])
    rows, paragraphs = [], []
    for _ in range(count):
        thing = _name(rng, kind)
        row: dict[str, Any] = {"name": thing}
        said = []
        for field in fields:
            value, sentences = _fact(rng, field, thing)
            if field is last and rng.integers(3) == 0:
                value, sentences = None, []
            row[field.name] = value
            said += sentences
        rows.append(row)
        paragraphs.append(" ".join([f"{thing}:"] + [said[i] for i in rng.permutation(len(said)).tolist()]))
    paragraphs += [_ASIDES[i] for i in rng.permutation(len(_ASIDES))[:asides].tolist()]
    schema = {"type": "array", "items": _object(properties)}
    return Record(
        kind.name, f"# {_words(kind.name).capitalize()} register\n\n" + "\n\n".join(paragraphs), rows, schema
    )


def _kind(rng: np.random.Generator) -> Kind:
    return list(KINDS.values())[int(rng.integers(len(KINDS)))]


def _name(rng: np.random.Generator, kind: Kind) -> str:
    first, second = (half[int(rng.integers(len(half)))] for half in kind.names)
    return f"{first} {second}"


def _chosen(rng: np.random.Generator, fields: list[Field], count: int) -> list[Field]:
    return [fields[i] for i in rng.permutation(len(fields))[:count].tolist()]


def _fact(rng: np.random.Generator, field: Field, thing: str) -> tuple[Any, list[str]]:
    """Draw the value of a field and the sentences that state it."""
    if field.parts:
        count = 1 if field.type == "object" else int(rng.integers(1, 4))
        entries = [{part.name: part.make(rng) for part in field.parts if part.make} for _ in range(count)]
        # The order of a list is the order in the text, so its sentences stay together.
        sentences = [" ".join(field.says.format(it=thing, **entry) for entry in entries)]
        return (entries[0] if field.type == "object" else entries), sentences
    assert field.make is not None
    value = field.make(rng)
    if field.type == "boolean":
        return value, [field.says.split("|")[0 if value else 1].format(it=thing)]
    return value, [field.says.format(it=thing, v=", ".join(value) if isinstance(value, list) else value)]


def _schema(field: Field, camel: bool) -> dict[str, Any]:
    told = {"description": field.description}
    if field.type == "strings":
        return {"type": "array", "items": {"type": "string"}, **told}
    if field.parts:
        inner = _object({_cased(part.name, camel): _schema(part, camel) for part in field.parts})
        return {**(inner if field.type == "object" else {"type": "array", "items": inner}), **told}
    return {"type": field.type, **({"enum": list(field.options)} if field.options else {}), **told}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    # As in the public rows, a nullable property is not listed as required; the verifier demands it all the same.
    required = [name for name, each in properties.items() if not isinstance(each.get("type"), list)]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _nullable(schema: dict[str, Any]) -> dict[str, Any]:
    changed = {**schema, "type": [schema["type"], "null"]}
    return {**changed, "enum": [*schema["enum"], None]} if "enum" in schema else changed


def _renamed(value: Any, camel: bool) -> Any:
    if isinstance(value, list):
        return [_renamed(item, camel) for item in value]
    if isinstance(value, dict):
        return {_cased(key, camel): _renamed(item, camel) for key, item in value.items()}
    return value


def _cased(name: str, camel: bool) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.capitalize() for part in rest) if camel else name


def _words(name: str) -> str:
    return name.replace("_", " ")
