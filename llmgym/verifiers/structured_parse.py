"""Read text that a model wrote as JSON, YAML, XML, TOML or CSV, within bounds.

Each format is read by the parser that the public verifier of ``structured_outputs`` (NeMo Gym) uses, so the same
texts are accepted and give the same values: JSON may hold NaN and repeat a key, YAML reads ``1:30`` and ``010`` as
integers, a Markdown fence is not removed. What a short text could do to these parsers is bounded: nesting, aliases,
entities, dotted keys, and columns times rows.
"""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from typing import Any
from xml.parsers import expat

from llmgym.errors import DependencyMissing

__all__ = ["FORMATS", "MAX_CELLS", "MAX_CHARACTERS", "MAX_LEVELS", "ParseError", "parse_structured"]

MAX_CHARACTERS = 2_000_000
"""Longest text that is read, in characters."""

MAX_LEVELS = 300
"""Deepest nesting, in levels."""

MAX_CELLS = 100_000
"""Most cells of a CSV text, rows times columns, unless the text has more characters."""

_MOST_KEY_PARTS = 100
_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[{\]}]', re.DOTALL)
# A key stands at the beginning of a line, after the bracket of a table, or inside an inline table.
_DOTTED = re.compile(
    r"(?:^[ \t]*+(?:\[[ \t]*+){0,2}|[{,][ \t]*+)"
    r"(?:(?:[A-Za-z0-9_-]++|\"[^\"\n]*+\"|'[^'\n]*+')[ \t]*+\.[ \t]*+)"
    rf"{{{_MOST_KEY_PARTS}}}",
    re.MULTILINE,
)


class ParseError(ValueError):
    """A text is not what its format asks for."""


def parse_structured(text: str, schema_type: str) -> Any:
    r"""Read a text in one of the five formats.

    The public verifier's rule: ``json.loads``, ``yaml.safe_load``, ``xmltodict.parse``, ``tomllib.loads`` or
    ``list(csv.DictReader(...))``.

    Args:
        text: The text, as the model wrote it.
        schema_type: ``json``, ``yaml``, ``xml``, ``toml`` or ``csv``.

    Returns:
        What the parser makes of it.

    Raises:
        ParseError: When the parser refuses the text, or it exceeds a bound.
        DependencyMissing: When ``xmltodict`` is needed and not installed.

    Example:
        >>> parse_structured("a,b\n1,x", "csv")
        [{'a': '1', 'b': 'x'}]
    """
    if len(text) > MAX_CHARACTERS:
        raise ParseError(f"longer than {MAX_CHARACTERS} characters")
    read = FORMATS[schema_type]
    try:
        return read(text)
    except (ParseError, DependencyMissing):
        raise
    except Exception as error:
        # These parsers raise nearly anything: IndexError for an empty "!!int", KeyError for "!!bool x".
        raise ParseError(f"{type(error).__name__}: {error}"[:1000]) from error


def _json(text: str) -> Any:
    _check_nesting(text)
    return json.loads(text)


def _yaml(text: str) -> Any:
    from llmgym.verifiers.structured_yaml import load_yaml

    return load_yaml(text)


def _xml(text: str) -> Any:
    try:
        import xmltodict
    except ImportError as error:
        raise DependencyMissing("xmltodict", "structured", "grade XML") from error
    if text.count("<") > MAX_LEVELS:
        _check_elements(text)
    # Entities are refused where they are declared, before anything grows.
    return xmltodict.parse(text, disable_entities=True)


def _toml(text: str) -> Any:
    # The standard parser takes time that grows with the cube of the parts of a key.
    if text.count(".") >= _MOST_KEY_PARTS and _DOTTED.search(text):
        raise ParseError(f"a key of more than {_MOST_KEY_PARTS} parts")
    return tomllib.loads(text)


def _csv(text: str) -> list[dict[Any, Any]]:
    reader = csv.DictReader(io.StringIO(text))
    columns = len(reader.fieldnames or ())
    # A short row is filled up to the width of the header, so cells can outnumber characters.
    most = max(MAX_CELLS, len(text))
    rows: list[dict[Any, Any]] = []
    for row in reader:
        rows.append(row)
        if len(rows) * columns > most:
            raise ParseError(f"more than {most} cells")
    return rows


def _check_nesting(text: str) -> None:
    """Refuse JSON whose brackets are nested deeper than the stack allows."""
    if text.count("[") + text.count("{") <= MAX_LEVELS:
        return
    level = 0
    for token in _BRACKETS.finditer(text):
        mark = token[0]
        if mark in "[{":
            level += 1
            if level > MAX_LEVELS:
                raise ParseError(f"nested deeper than {MAX_LEVELS} levels")
        elif mark in "]}":
            level = max(0, level - 1)


def _check_elements(text: str) -> None:
    """Refuse XML whose elements are nested too deeply, before a tree is made of it."""
    level = 0

    def enter(name: str, attributes: Any) -> None:
        nonlocal level
        level += 1
        if level > MAX_LEVELS:
            raise ParseError(f"nested deeper than {MAX_LEVELS} levels")

    def leave(name: str) -> None:
        nonlocal level
        level -= 1

    def refuse(*declaration: Any) -> None:
        raise ParseError("entities are disabled")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    parser.EntityDeclHandler = refuse
    parser.Parse(text.encode("utf-8"), True)


FORMATS: Mapping[str, Callable[[str], Any]] = {
    "json": _json,
    "yaml": _yaml,
    "xml": _xml,
    "toml": _toml,
    "csv": _csv,
}
"""The parser of each format."""
