"""Generated tasks: extract, translate or submit structured data, as rows of the public schema."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import yaml

from llmgym.envs.structured_outputs.records import LEVELS, Record, make_record, make_records
from llmgym.envs.structured_outputs.writing import write

__all__ = ["DIFFICULTIES", "RESPONSE_MODES", "SCHEMA_TYPES", "make_structured_task"]

DIFFICULTIES = tuple(LEVELS)
SCHEMA_TYPES = ("json", "yaml", "xml", "toml", "csv")
RESPONSE_MODES = ("text", "tool_call")

_ORDERS = (
    "Extract structured data from the document in {format}, conforming to this schema:",
    "Read the document and answer in {format} that fits the schema below.",
    "Give the facts of the document as {format}. This schema says how:",
)
_RULES = (
    "Give every property of the schema, even one that is not listed as required{null}. "
    "Answer with the {format} alone: no explanation and no Markdown fence."
)
_XML_RULE = " An array is an element with one child element for each item."
_WRAPPERS = ("extraction", "result", "data", "summary")
_DISTRACTORS = {"easy": (0, 1), "medium": (2, 5), "hard": (8, 14)}
_SYSTEM = "Do not write a prose answer; return the structured result through a tool."


def make_structured_task(
    rng: np.random.Generator,
    index: int,
    *,
    difficulty: str = "medium",
    schema_types: Sequence[str] | None = None,
    response_mode: str | None = None,
) -> dict[str, Any]:
    """Make one row.

    Args:
        rng: Where everything is drawn from.
        index: Number of the task; it does not matter.
        difficulty: ``easy``, ``medium`` or ``hard``.
        schema_types: Formats of text tasks; ``None`` for all five.
        response_mode: ``text``, ``tool_call``, or ``None`` for a mix with one tool call in six.

    Returns:
        A row of the public schema with ``reference``, an answer that fits, and ``split_identity``.
    """
    mode = response_mode or ("tool_call" if rng.integers(6) == 0 else "text")
    if mode == "tool_call":
        return _tool_task(rng, difficulty)
    types = tuple(schema_types or SCHEMA_TYPES)
    kind = types[int(rng.integers(len(types)))]
    if kind == "csv":
        record = make_records(rng, difficulty)
    else:
        record = make_record(rng, difficulty, nulls=kind in ("json", "yaml"), camel=bool(rng.integers(2)))
    if kind == "xml":
        record = _rooted(record)
    return _text_task(rng, record, kind)


def _text_task(rng: np.random.Generator, record: Record, kind: str) -> dict[str, Any]:
    representation = "yaml" if rng.integers(3) == 0 else "json"
    written = _schema_text(record.schema, representation)
    null = "; use null for what the document does not tell" if kind in ("json", "yaml") else ""
    null = "; leave the cell of what the document does not tell empty" if kind == "csv" else null
    rules = _RULES.format(format=kind.upper(), null=null) + (_XML_RULE if kind == "xml" else "")
    order = _ORDERS[int(rng.integers(len(_ORDERS)))].format(format=kind.upper())
    # A table needs no other format than the one it will be given in, and a tree of one root suits XML alone.
    translated = kind != "csv" and rng.integers(4) == 0
    source = None
    if translated:
        source = (
            ("json", "yaml")[int(rng.integers(2))]
            if kind not in ("json", "yaml")
            else ("yaml" if kind == "json" else "json")
        )
        given = f"Here is data in {source.upper()}:\n\n{write(record.data, source)}"
        order = f"Convert it to {kind.upper()} that fits this schema:"
    else:
        given = f"<document>\n{record.document}\n</document>"
    return {
        "responses_create_params": {
            "input": [{"role": "user", "content": f"{given}\n\n{order}\n{written}\n\n{rules}"}]
        },
        "schema_str": json.dumps(record.schema),
        "schema_type": kind,
        "response_mode": "text",
        "problem_type": "translation" if translated else "direct",
        "schema_repr": representation,
        "source_format": source,
        "num_turns": 1,
        "reference": record.data,
        "split_identity": f"{kind}\n{json.dumps(record.data)}",
    }


def _tool_task(rng: np.random.Generator, difficulty: str) -> dict[str, Any]:
    record = make_record(rng, difficulty, nulls=True, camel=bool(rng.integers(2)))
    low, high = _DISTRACTORS[difficulty]
    others = []
    for _ in range(int(rng.integers(low, high + 1))):
        other = make_record(rng, difficulty, nulls=True, camel=bool(rng.integers(2)))
        # A tool for the same kind of thing would be a second right answer.
        if other.kind != record.kind:
            others.append(other)
    place = int(rng.integers(len(others) + 1))
    tools, key, name = [], None, ""
    for position, each in enumerate([*others[:place], record, *others[place:]]):
        wrapper = None if rng.integers(3) == 0 else _WRAPPERS[int(rng.integers(len(_WRAPPERS)))]
        tool = f"record_tool_{position + 1}"
        tools.append(_tool(tool, each, wrapper))
        if position == place:
            name, key = tool, wrapper
    required = bool(rng.integers(2))
    system = bool(rng.integers(2))
    order = "Read the document and call the one tool that fits it, once. Give every property; use null for what the document does not tell."
    messages = [{"role": "user", "content": f"<document>\n{record.document}\n</document>\n\n{order}"}]
    if system:
        messages.insert(0, {"role": "system", "content": _SYSTEM})
    return {
        "responses_create_params": {
            "input": messages,
            "tools": tools,
            "tool_choice": "required" if required else "auto",
            "parallel_tool_calls": False,
        },
        "schema_str": json.dumps(record.schema),
        "schema_type": "json",
        "response_mode": "tool_call",
        "problem_type": "direct_tool_call",
        "schema_repr": "tool",
        "source_format": None,
        "tool_choice": "required" if required else "auto",
        "parallel_tool_calls": False,
        "tool_name": name,
        "tool_schema_mode": "direct" if key is None else "random_wrapper",
        "tool_payload_key": key,
        "tool_name_style": "numbered",
        "distractor_style": "separate_tools" if others else None,
        "num_turns": 1,
        "num_tools": len(tools),
        "num_distractors": len(others),
        "has_distractors": bool(others),
        "instruction_layout": "user_instruction_after_document",
        "instruction_detail_level": "concise",
        "system_instruction_style": "no_prose" if system else "none",
        "reference": record.data,
        "split_identity": f"tool\n{json.dumps(record.data)}",
    }


def _tool(name: str, record: Record, wrapper: str | None) -> dict[str, Any]:
    parameters = (
        record.schema
        if wrapper is None
        else {
            "type": "object",
            "properties": {wrapper: record.schema},
            "required": [wrapper],
            "additionalProperties": False,
        }
    )
    return {
        "type": "function",
        "name": name,
        "description": f"Record the facts about a {record.kind.replace('_', ' ')}.",
        "parameters": parameters,
        "strict": False,
    }


def _rooted(record: Record) -> Record:
    """Put a record under the root element that XML needs."""
    schema = {
        "type": "object",
        "properties": {record.kind: record.schema},
        "required": [record.kind],
        "additionalProperties": False,
    }
    return Record(record.kind, record.document, {record.kind: record.data}, schema)


def _schema_text(schema: dict[str, Any], representation: str) -> str:
    if representation == "yaml":
        return yaml.dump(schema, Dumper=_NoAliases, sort_keys=False)
    return json.dumps(schema)


class _NoAliases(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True
