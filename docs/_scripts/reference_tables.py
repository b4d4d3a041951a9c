"""A Sphinx extension that writes what can be read off the code: the schema of a record, and tables of fields.

The pages include these files, so they say what the code says.
"""

from __future__ import annotations

import dataclasses
import json
import re
import typing
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import docstring_parser
from environment_pages import write
from pydantic import BaseModel, TypeAdapter

from llmgym.errors import BOUNDARIES
from llmgym.records.record import Failure, Rollout, TurnRecord
from llmgym.settings import PolicySettings, RolloutSettings, SandboxSettings
from llmgym.tools import Outcome

__all__ = ["commands", "fragments", "setup"]


def setup(app: Any) -> dict[str, Any]:
    """Write the files before Sphinx looks for sources."""
    app.connect("builder-inited", lambda app: _write(Path(app.srcdir)))
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _write(docs: Path) -> None:
    for name, text in fragments().items():
        write(docs / "_generated" / name, text)


def fragments() -> Mapping[str, str]:
    """Return the text of each file, by name."""
    return {
        "rollout.schema.json": json.dumps(_schema(), indent=2) + "\n",
        "rollout_fields.md": _of_dataclass(Rollout),
        "turn_fields.md": _of_dataclass(TurnRecord),
        "failure_fields.md": _of_dataclass(Failure),
        "policy_settings.md": _of_model(PolicySettings),
        "rollout_settings.md": _of_model(RolloutSettings),
        "sandbox_settings.md": _of_model(SandboxSettings),
        "boundaries.md": ", ".join(f"`{name}`" for name in BOUNDARIES) + "\n",
        "commands.md": commands(),
        "tool_outcomes.md": ", ".join(f"`{name}`" for name in typing.get_args(Outcome)) + "\n",
    }


def commands() -> str:
    """Return a section for each command of the program: its own help."""
    return "\n".join(_helps(_root(), ()))


def _helps(app: Any, words: tuple[str, ...]) -> Iterator[str]:
    from typer.testing import CliRunner

    for command in app.registered_commands:
        name = (*words, command.name)
        told = CliRunner().invoke(_root(), [*name, "--help"], prog_name="llmgym", env={"COLUMNS": "100"})
        if told.exit_code:
            raise ValueError(f"llmgym {' '.join(name)} --help ended with {told.exit_code}: {told.output}")
        yield f"## llmgym {' '.join(name)}\n\n```text\n{told.output.strip()}\n```\n"
    for group in app.registered_groups:
        yield from _helps(group.typer_instance, (*words, group.name))


def _root() -> Any:
    from llmgym.cli.app import app

    return app


def _schema() -> dict[str, Any]:
    """Return the JSON Schema of a record, with what the docstrings say of each field."""
    schema = TypeAdapter(Rollout).json_schema()
    inner = schema["$defs"]
    for kind, part in ((Rollout, schema), (TurnRecord, inner["TurnRecord"]), (Failure, inner["Failure"])):
        part["description"] = (kind.__doc__ or "").splitlines()[0]
        for name, text in _attributes(kind).items():
            part["properties"][name] = {"description": text.replace("`", ""), **part["properties"][name]}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _of_dataclass(kind: type) -> str:
    texts = _attributes(kind)
    rows = [(f.name, _type(f.type), texts[f.name]) for f in dataclasses.fields(kind)]
    return _table(("field", "type", "meaning"), rows)


def _of_model(kind: type[BaseModel]) -> str:
    texts = _attributes(kind)
    rows = []
    for name, field in kind.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "" if default is None else f"`{json.dumps(default)}`"
        rows.append((name, _type(field.annotation), shown, texts[name]))
    return _table(("key", "type", "default", "meaning"), rows)


def _attributes(kind: type) -> dict[str, str]:
    """Return what a docstring says of each attribute, as Markdown."""
    parsed = docstring_parser.parse(kind.__doc__ or "", style=docstring_parser.DocstringStyle.GOOGLE)
    return {entry.arg_name: _markdown(entry.description or "") for entry in parsed.params}


def _markdown(text: str) -> str:
    text = re.sub(r":\w+:`~?(?:[\w.]+\.)?(\w+)`", r"`\1`", " ".join(text.split()))
    return text.replace("``", "`")


def _type(annotation: Any) -> str:
    if isinstance(annotation, str):
        return annotation
    if annotation is type(None):
        return "null"
    if typing.get_origin(annotation) is typing.Literal:
        return " | ".join(json.dumps(value) for value in typing.get_args(annotation))
    arguments = typing.get_args(annotation)
    if arguments and typing.get_origin(annotation) not in (dict, list):
        return " | ".join(_type(argument) for argument in arguments)
    if isinstance(annotation, type) and not arguments:
        return annotation.__name__
    return str(annotation).replace("typing.", "")


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for name, kind, *rest in rows:
        cells = (f"`{name}`", f"`{kind}`", *rest)
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"
