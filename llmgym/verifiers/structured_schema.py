"""Validation against a JSON Schema as OpenAPI 3.1 understands it, without the network.

The verdicts are those of ``openapi_schema_validator.validate`` with its default class: JSON Schema 2020-12, formats
not enforced, ``true`` no integer and ``1.0`` one, NaN and infinities numbers, and the ``discriminator`` of OpenAPI.
That package wraps :mod:`jsonschema`, which is used here directly. Schemas are checked once and remembered.

On the 2020-12 part of the official JSON Schema test suite, with and without :func:`strictify`, the verdicts are the
same in every case. Remote references are the one thing left out: they would be fetched there, and lead nowhere here.
``jsonschema-rs``, which validates about a hundred times as fast, differs in 40 of the 1,906 cases (regular
expressions are not those of Python, and ``dependencies`` still counts), and also for NaN, infinities, dates,
``multipleOf`` of fractions and the discriminator.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from typing import Any

from llmgym.errors import DependencyMissing
from llmgym.verifiers.structured_coerce import strictify
from llmgym.verifiers.structured_metaschema import is_plainly_valid

__all__ = ["CompiledSchema", "SchemaProblem", "compile_schema"]

_MOST_SCHEMAS = 512


class SchemaProblem(ValueError):
    """A schema text is not JSON, or cannot be made strict."""


class CompiledSchema:
    """A strict schema, ready to validate.

    Attributes:
        schema: The schema after :func:`~llmgym.verifiers.structured_coerce.strictify`. Do not change it.
        empty: Whether it demands nothing.
    """

    def __init__(self, schema: Any):
        self.schema = schema
        self.empty = schema is True or schema == {}
        self._fault = ""
        self._validator: Any = None
        kind, registry = _machinery()
        try:
            if not is_plainly_valid(schema):
                kind.check_schema(schema)
            self._validator = kind(schema, registry=registry)
        except Exception as error:
            # An invalid schema fails every answer, and whatever else the check stumbles over is a defect of it too.
            self._fault = _message(error)

    def problem(self, value: Any) -> str | None:
        """Return why a value does not fit, or ``None`` when it does.

        Args:
            value: The value: what a parser returned.

        Returns:
            The message of the most relevant violation.
        """
        if self._validator is None:
            return self._fault
        from jsonschema.exceptions import best_match

        try:
            error = best_match(self._validator.iter_errors(value))
        except Exception as failure:
            # Keys that are no text, references that lead nowhere, recursion without end: the public verifier counts
            # every exception as a failed validation.
            return _message(failure)
        return None if error is None else _message(error)


def compile_schema(schema_str: str) -> CompiledSchema:
    """Return the strict schema of a row, checked. The last few hundred are remembered.

    Args:
        schema_str: The schema as JSON text.

    Raises:
        SchemaProblem: When the text is not JSON, or cannot be made strict.
        DependencyMissing: When ``jsonschema`` is not installed.
    """
    return _compiled(schema_str)


@lru_cache(maxsize=_MOST_SCHEMAS)
def _compiled(schema_str: str) -> CompiledSchema:
    try:
        schema = strictify(json.loads(schema_str))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise SchemaProblem(_message(error)) from error
    return CompiledSchema(schema)


def _message(error: BaseException) -> str:
    return str(getattr(error, "message", "") or f"{type(error).__name__}: {error}")[:1000]


@cache
def _machinery() -> tuple[Any, Any]:
    """Return the validator class, and the only references that may be followed: the official metaschemas."""
    try:
        from jsonschema import validators
        from jsonschema_specifications import REGISTRY
    except ImportError as error:
        raise DependencyMissing("jsonschema", "structured", "grade structured outputs") from error
    base = validators.Draft202012Validator
    combining = {name: _unless_discriminated(base.VALIDATORS[name]) for name in ("allOf", "anyOf", "oneOf")}
    return validators.extend(base, combining), REGISTRY


def _unless_discriminated(plain: Any) -> Any:
    """Return a keyword that a ``discriminator`` beside it replaces, as in OpenAPI."""

    def keyword(validator: Any, value: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[Any]:
        if "discriminator" in schema:
            return _discriminated(validator, instance, schema["discriminator"])
        return plain(validator, value, instance, schema)

    return keyword


def _discriminated(validator: Any, instance: Any, discriminator: Mapping[str, Any]) -> Iterator[Any]:
    from jsonschema.exceptions import ValidationError
    from referencing.exceptions import Unresolvable

    name = discriminator["propertyName"]
    kind = instance.get(name)
    if not kind:
        yield ValidationError(f"{name!r} is missing, which tells the kind of the object")
        return
    reference = discriminator.get("mapping", {}).get(kind) or f"#/components/schemas/{kind}"
    try:
        validator._resolver.lookup(reference)
    except (Unresolvable, AttributeError, TypeError, ValueError) as error:
        yield ValidationError(f"the reference {reference!r} of the discriminator leads nowhere: {error}")
        return
    yield from validator.descend(instance, {"$ref": reference})
