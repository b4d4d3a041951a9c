"""From a signature and a docstring to a JSON Schema, through pydantic."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import docstring_parser
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.errors import PydanticUserError
from pydantic.json_schema import GenerateJsonSchema

from llmgym.errors import InvalidToolDefinition

__all__ = ["ToolSchema", "explain", "tool_schema"]


@dataclass(frozen=True, slots=True)
class ToolSchema:
    """What was read off a function.

    Attributes:
        description: The docstring without its sections.
        parameters: JSON Schema of the arguments.
        model: The pydantic model that validates them.
        names: For each field of the model the parameter it stands for.
    """

    description: str
    parameters: dict[str, Any]
    model: type[BaseModel]
    names: Mapping[str, str]


class _Untitled(GenerateJsonSchema):
    """Titles repeat the names and cost tokens."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def tool_schema(function: Callable[..., Any], name: str, *, ignore_extra: bool = False) -> ToolSchema:
    """Read the schema off a function.

    Args:
        function: A function or unbound method; a first parameter named ``self`` is skipped.
        name: Name of the tool, for error messages.
        ignore_extra: Drop unknown arguments instead of refusing them.

    Raises:
        InvalidToolDefinition: When a parameter has no type, cannot be named by a caller, or is documented but does
            not exist.
    """
    try:
        doc = docstring_parser.parse(
            inspect.getdoc(function) or "", style=docstring_parser.DocstringStyle.GOOGLE
        )
    except docstring_parser.ParseError as error:
        raise InvalidToolDefinition(
            f"The docstring of tool {name!r} cannot be read ({error}). Indent the entries of each section."
        ) from error
    documented = {entry.arg_name: " ".join((entry.description or "").split()) for entry in doc.params}
    try:
        hints = typing.get_type_hints(function, include_extras=True)
    except (NameError, AttributeError, SyntaxError, TypeError) as error:
        raise InvalidToolDefinition(
            f"The annotations of tool {name!r} cannot be resolved ({error}). Import the type at the top of its module."
        ) from error
    fields: dict[str, Any] = {}
    names: dict[str, str] = {}
    for position, parameter in enumerate(inspect.signature(function).parameters.values()):
        if position == 0 and parameter.name == "self":
            continue
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            raise InvalidToolDefinition(
                f"Tool {name!r} has the parameter {parameter}, which a model cannot fill. Use named parameters only."
            )
        if parameter.name not in hints:
            raise InvalidToolDefinition(
                f"Parameter {parameter.name!r} of tool {name!r} needs a type annotation."
            )
        # Fields are numbered: a parameter may be called "schema" or "copy", which a pydantic model reserves.
        key = f"p{position}"
        names[key] = parameter.name
        default = ... if parameter.default is parameter.empty else parameter.default
        description = documented.pop(parameter.name, None)
        # A description given as None would hide one inside Annotated.
        told: dict[str, Any] = {"description": description} if description else {}
        fields[key] = (hints[parameter.name], Field(default, alias=parameter.name, **told))
    if documented:
        raise InvalidToolDefinition(
            f"The docstring of tool {name!r} describes {', '.join(map(repr, documented))}, "
            "which is not among its parameters."
        )
    try:
        config = ConfigDict(extra="ignore" if ignore_extra else "forbid", arbitrary_types_allowed=False)
        model = create_model(name, __config__=config, **fields)
        parameters = model.model_json_schema(schema_generator=_Untitled)
    except PydanticUserError as error:
        raise InvalidToolDefinition(
            f"The types of tool {name!r} have no JSON Schema: {str(error).splitlines()[0]}"
        ) from error
    _drop_titles(parameters)
    definitions = parameters.pop("$defs", None)
    parameters = {
        "type": "object",
        "properties": parameters.get("properties", {}),
        "required": parameters.get("required", []),
        "additionalProperties": False,
    }
    if definitions:
        parameters["$defs"] = definitions
    text = "\n\n".join(part for part in (doc.short_description, doc.long_description) if part)
    return ToolSchema(text, parameters, model, names)


def _drop_titles(schema: dict[str, Any]) -> None:
    """Remove the titles and descriptions that pydantic takes from class names, not from the author."""
    schema.pop("title", None)
    schema.pop("description", None)
    for definition in schema.get("$defs", {}).values():
        definition.pop("title", None)


def explain(error: ValueError, name: str, parameters: Mapping[str, Any]) -> str:
    """Tell a model what is wrong with its arguments.

    Args:
        error: What validation raised.
        name: Name of the tool.
        parameters: Its schema.

    Returns:
        One line that names each argument at fault, what was expected and what was found.
    """
    if not isinstance(error, ValidationError):
        return f"Invalid arguments for {name!r}: {error}"
    faults = []
    for fault in error.errors(include_url=False, include_context=False):
        where = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "missing":
            faults.append(f"{where}: missing")
        elif fault["type"] == "extra_forbidden":
            faults.append(f"{where}: not a parameter of this tool")
        else:
            faults.append(f"{where}: {fault['msg']}, found {_found(fault['input'])}")
    expected = json.dumps(parameters.get("properties", {}), ensure_ascii=False)
    required = ", ".join(parameters.get("required", [])) or "none"
    return f"Invalid arguments for {name!r}: {'; '.join(faults)}. Expected: {expected}. Required: {required}."


def _found(value: Any) -> str:
    try:
        return json.dumps(value, ensure_ascii=False, default=str)[:80]
    except (RecursionError, ValueError):
        return type(value).__name__
