"""Data as text in each of the five formats."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

import yaml

__all__ = ["singular", "write"]


def write(value: Any, schema_type: str) -> str:
    """Write data in a format.

    Args:
        value: JSON values. XML needs an object with one key, TOML an object without nulls, CSV a list of flat
            objects.
        schema_type: ``json``, ``yaml``, ``xml``, ``toml`` or ``csv``.

    Raises:
        ValueError: When the format cannot hold the value.

    Example:
        >>> print(write({"a": [1, 2], "b": {"c": "x"}}, "toml"))
        a = [1, 2]
        <BLANKLINE>
        [b]
        c = "x"
    """
    if schema_type == "json":
        return json.dumps(value, indent=2, ensure_ascii=False)
    if schema_type == "yaml":
        return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=1000)
    if schema_type == "xml":
        if not isinstance(value, Mapping) or len(value) != 1:
            raise ValueError("an XML document has one root element")
        return "\n".join(line for name, item in value.items() for line in _elements(name, item, ""))
    if schema_type == "toml":
        if not isinstance(value, Mapping):
            raise ValueError("a TOML document is an object")
        return "\n".join(_table(value, [])).strip()
    return _rows(value)


def singular(name: str) -> str:
    """Return the name of one element of a list, for XML.

    Example:
        >>> singular("categories"), singular("tags")
        ('category', 'tag')
    """
    if name.endswith("ies"):
        return name[:-3] + "y"
    return name[:-1] if name.endswith("s") and len(name) > 1 else f"{name}_item"


def _elements(name: str, value: Any, indent: str) -> list[str]:
    if value is None or value == "" or value == [] or value == {}:
        return [f"{indent}<{name}/>"]
    if isinstance(value, Mapping):
        inner = [line for key, item in value.items() for line in _elements(key, item, indent + "  ")]
        return [f"{indent}<{name}>", *inner, f"{indent}</{name}>"]
    if isinstance(value, list):
        inner = [line for item in value for line in _elements(singular(name), item, indent + "  ")]
        return [f"{indent}<{name}>", *inner, f"{indent}</{name}>"]
    text = json.dumps(value) if isinstance(value, bool | int | float) else escape(str(value))
    return [f"{indent}<{name}>{text}</{name}>"]


def _table(value: Mapping[str, Any], path: list[str]) -> list[str]:
    lines, tables = [], []
    for key, item in value.items():
        if isinstance(item, Mapping):
            tables += ["", f"[{_path([*path, key])}]", *_table(item, [*path, key])]
        elif isinstance(item, list) and item and all(isinstance(entry, Mapping) for entry in item):
            for entry in item:
                tables += ["", f"[[{_path([*path, key])}]]", *_table(entry, [*path, key])]
        else:
            lines.append(f"{_path([key])} = {_toml_value(item)}")
    return lines + tables


def _path(keys: list[str]) -> str:
    return ".".join(
        key if key.isascii() and key.replace("_", "").replace("-", "").isalnum() else _toml_text(key)
        for key in keys
    )


def _toml_value(value: Any) -> str:
    if value is None:
        raise ValueError("TOML has no null")
    if isinstance(value, str):
        return _toml_text(value)
    if isinstance(value, list):
        return f"[{', '.join(_toml_value(item) for item in value)}]"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_path([key])} = {_toml_value(item)}" for key, item in value.items()) + "}"
    return json.dumps(value)


def _toml_text(text: str) -> str:
    # JSON and TOML escape alike, but for the one control character that JSON may leave as it is.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _rows(rows: Any) -> str:
    if not isinstance(rows, list) or not rows or not all(isinstance(row, Mapping) for row in rows):
        raise ValueError("CSV needs a list of objects")
    if any(isinstance(cell, list | dict) for row in rows for cell in row.values()):
        raise ValueError("a cell of CSV is no list and no object")
    target = io.StringIO()
    writer = csv.DictWriter(target, fieldnames=list(rows[0]), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        writer.writerow(
            {key: json.dumps(cell) if isinstance(cell, bool) else cell for key, cell in row.items()}
        )
    return target.getvalue()
