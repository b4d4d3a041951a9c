"""Grading of structured outputs: does a text, or a tool call, hold data that fits a schema?

The rules are those of the public verifier ``structured_outputs`` (NeMo Gym), quirks included: the schema alone is the
ground truth, the content is never judged. Where that verifier can be made to hang, the parsers here end with an
error (:mod:`llmgym.verifiers.structured_parse`). A few things still take as long as they are large: a pattern of the
schema, or a hundred kilobytes of YAML. :func:`grade_apart` grades in a process of its own with a limit on processor
time; use it where something else must go on meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from llmgym.errors import InvalidTask
from llmgym.verdict import Verdict
from llmgym.verifiers.structured_coerce import coerce_csv, coerce_xml
from llmgym.verifiers.structured_metaschema import UNCERTAIN
from llmgym.verifiers.structured_parse import FORMATS, MAX_CHARACTERS, ParseError, parse_structured
from llmgym.verifiers.structured_schema import CompiledSchema, SchemaProblem, compile_schema

__all__ = ["ERROR_TYPES", "grade_apart", "grade_structured", "grade_tool_call", "is_heavy"]

ERROR_TYPES = (
    "empty_response",
    "schema_error",
    "parse_error",
    "validation_error",
    "api_error",
    "missing_tool_call",
    "multiple_tool_calls",
    "wrong_tool_name",
    "tool_arguments_parse_error",
    "missing_tool_payload_key",
)
"""What ``error_type`` can be."""

_LONGEST_MESSAGE = 200

# Longest texts, in characters, that take a few milliseconds at most.
_LIGHT = {"json": 10_000, "xml": 10_000, "csv": 10_000, "toml": 10_000, "yaml": 1_000}
_LIGHT_SCHEMA = 4_000

# Keywords whose cost does not follow from the length of the text, escapes that could spell them, and those for which
# the schema is checked in full.
_COSTLY = (
    '"pattern',
    '"uniqueItems"',
    '"$ref"',
    '"unevaluated',
    '"contains"',
    '"if"',
    "\\u",
    *sorted(f'"{name}"' for name in UNCERTAIN),
)


def grade_structured(
    text: str, schema_str: str, schema_type: str = "json", *, xml_coerce_types: bool = True
) -> Verdict:
    """Grade a text in one of five formats.

    The public verifier's rule: a blank text is an ``empty_response``; a schema that is not JSON is a
    ``schema_error``; the schema is made strict; a text that its parser refuses is a ``parse_error`` (no Markdown
    fence is removed); XML and CSV values get the types that the schema asks for; what does not fit the schema, or an
    invalid schema, is a ``validation_error``. A text that passes earns 1.0, any other 0.0.

    Args:
        text: All that the assistant said: the texts of all its messages, joined with nothing between.
        schema_str: The schema as JSON text.
        schema_type: ``json``, ``yaml``, ``xml``, ``toml`` or ``csv``.
        xml_coerce_types: Whether texts of XML get the types that the schema asks for.

    Returns:
        A verdict whose metrics hold ``error_type`` and ``error_message`` (at most 200 characters) when it is 0.0;
        the reason is the error type.

    Raises:
        InvalidTask: When the format is unknown.
        DependencyMissing: When ``jsonschema``, or ``xmltodict`` for XML, is not installed.

    Example:
        >>> grade_structured('{"n": 1.0}', '{"properties": {"n": {"type": "integer"}}}').reward
        1.0
        >>> grade_structured('{"n": true}', '{"properties": {"n": {"type": "integer"}}}').reason
        'validation_error'
    """
    if schema_type not in FORMATS:
        raise InvalidTask(f"Expected 'schema_type' to be one of {', '.join(FORMATS)}, found {schema_type!r}.")
    if not text.strip():
        return _failed("empty_response", "the response has no text")
    try:
        compiled = compile_schema(schema_str)
    except SchemaProblem as error:
        return _failed("schema_error", str(error))
    try:
        value = parse_structured(text, schema_type)
    except ParseError as error:
        return _failed("parse_error", str(error))
    if schema_type == "xml" and xml_coerce_types:
        value = coerce_xml(value, compiled.schema)
    elif schema_type == "csv":
        value = coerce_csv(value, compiled.schema)
    return _validated(value, compiled)


def grade_tool_call(
    calls: Sequence[tuple[str, str]],
    schema_str: str,
    *,
    tool_name: str | None = None,
    tool_payload_key: str | None = None,
    error: str | None = None,
) -> Verdict:
    """Grade the arguments of the one tool call that a task wants.

    The public verifier's rule: an error of the server is an ``api_error``; there must be exactly one call
    (``missing_tool_call``, ``multiple_tool_calls``, even where several are allowed), of the tool named, if one is
    (``wrong_tool_name``); its arguments must be JSON (``tool_arguments_parse_error``) and, if a payload key is given,
    an object with that key (``missing_tool_payload_key``), whose value alone is validated, like a text in JSON.

    Args:
        calls: The calls of the response, in order: name and arguments as JSON text.
        schema_str: The schema of the payload as JSON text.
        tool_name: The tool that must be called; ``None`` for any.
        tool_payload_key: The argument that holds the payload; ``None`` when the arguments are the payload.
        error: What the server said in place of a response.

    Returns:
        A verdict, as by :func:`grade_structured`.

    Raises:
        DependencyMissing: When ``jsonschema`` is not installed.

    Example:
        >>> grade_tool_call([("save", '{"data": [1]}')], '{"type": "array"}', tool_payload_key="data").reward
        1.0
    """
    if error:
        return _failed("api_error", error)
    if not calls:
        return _failed("missing_tool_call", "expected one tool call, found none")
    if len(calls) > 1:
        return _failed("multiple_tool_calls", f"expected one tool call, found {len(calls)}")
    name, arguments = calls[0]
    if tool_name and name != tool_name:
        return _failed("wrong_tool_name", f"expected a call of {tool_name!r}, found {name!r}")
    try:
        payload = parse_structured(arguments, "json")
    except ParseError as problem:
        return _failed("tool_arguments_parse_error", str(problem))
    if tool_payload_key is not None:
        if not isinstance(payload, dict) or tool_payload_key not in payload:
            return _failed("missing_tool_payload_key", f"the arguments have no {tool_payload_key!r}")
        payload = payload[tool_payload_key]
    try:
        compiled = compile_schema(schema_str)
    except SchemaProblem as problem:
        return _failed("schema_error", str(problem))
    return _validated(payload, compiled)


def is_heavy(text: str, schema_str: str, schema_type: str = "json") -> bool:
    """Tell whether grading may take more than a few milliseconds.

    Args:
        text: The text, or the arguments of the call.
        schema_str: The schema as JSON text.
        schema_type: The format of the text.
    """
    if not text.strip() or len(text) > MAX_CHARACTERS:
        return False
    return (
        len(text) > _LIGHT[schema_type]
        or len(schema_str) > _LIGHT_SCHEMA
        or any(keyword in schema_str for keyword in _COSTLY)
    )


def grade_apart(grader: str, arguments: dict[str, Any]) -> Verdict:
    """Grade in another process, within a limit on processor time. It blocks: call it in a thread.

    Args:
        grader: ``grade_structured`` or ``grade_tool_call``.
        arguments: Its arguments by name.

    Returns:
        Its verdict; a ``parse_error`` when the processor time ran out.

    Raises:
        InfrastructureError: When no process can be started, or it ended by itself. Boundary ``sandbox``.
        DependencyMissing: As the grader.
    """
    from llmgym.verifiers.structured_pool import CPU_SECONDS, grade

    request = json.dumps({"grader": grader, "arguments": arguments})
    told = grade(request.encode() + b"\n")
    if told is None:
        return _failed("parse_error", f"took more than {CPU_SECONDS:g} s of processor time")
    return Verdict(**told)


def _validated(value: Any, compiled: CompiledSchema) -> Verdict:
    problem = compiled.problem(value)
    if problem is not None:
        return _failed("validation_error", problem)
    return Verdict(1.0, vacuous=compiled.empty)


def _failed(error_type: str, message: str) -> Verdict:
    # A lone surrogate could not be written to a record.
    message = message.encode("utf-8", "backslashreplace").decode()
    return Verdict(
        0.0,
        metrics={"error_type": error_type, "error_message": message[:_LONGEST_MESSAGE]},
        reason=error_type,
    )
