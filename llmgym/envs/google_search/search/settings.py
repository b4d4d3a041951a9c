"""Engines from settings."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import fields
from functools import cache
from hashlib import blake2b
from typing import Any

from llmgym.envs.google_search.search.base import Engine
from llmgym.envs.google_search.search.courtesy import Courtesy
from llmgym.envs.google_search.search.google import GoogleEngine
from llmgym.envs.google_search.search.http import TEMPLATES, HTTPEngine, Template
from llmgym.errors import SettingsError

__all__ = ["KINDS", "engine_of", "identity_of", "settings_of"]

KINDS = ("embedded", "google", "http", *TEMPLATES)

_COURTESY = {"concurrency": int, "retries": int, "timeout": float, "pause": float}
_TEMPLATE = {each.name for each in fields(Template)}
_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")


def settings_of(engine: Any) -> dict[str, Any]:
    """Check the settings of an engine, as far as that needs no keys.

    Args:
        engine: The name of a kind, or an object with ``kind`` and what it takes.

    Raises:
        SettingsError: When the kind or a setting is unknown, or one is missing.
    """
    settings = {"kind": engine} if isinstance(engine, str) else engine
    if not isinstance(settings, Mapping) or settings.get("kind") not in KINDS:
        raise SettingsError(
            f"Expected engine to be one of {', '.join(KINDS)}, or an object with such a 'kind'; found {engine!r}."
        )
    kind = settings["kind"]
    allowed = {"kind"}
    if kind == "google":
        allowed |= {"key", "cx", "url", *_COURTESY}
    elif kind != "embedded":
        allowed |= {*_TEMPLATE, *_COURTESY}
    unknown = sorted(set(settings) - allowed)
    if unknown:
        raise SettingsError(
            f"Unknown setting {unknown[0]!r} of the engine {kind!r}; it knows {', '.join(sorted(allowed))}."
        )
    if kind == "http" and not isinstance(settings.get("url"), str):
        raise SettingsError("Expected the engine 'http' to have a 'url' with {query} in it. Give one.")
    for name in _COURTESY:
        value = settings.get(name, 1)
        if (
            isinstance(value, bool)
            or not isinstance(value, int | float)
            or value < (0 if name in ("retries", "pause") else 1e-3)
        ):
            raise SettingsError(f"Expected {name!r} of the engine to be a positive number, found {value!r}.")
    defaults = {"key": "$GOOGLE_API_KEY", "cx": "$GOOGLE_CX"} if kind == "google" else {}
    return {**defaults, **settings}


def engine_of(settings: Mapping[str, Any]) -> Engine:
    """Return the engine of settings; equal settings share one engine, and so its limit of concurrency.

    Args:
        settings: As :func:`settings_of` returns them, of any kind but ``embedded``. In every text ``$NAME`` stands
            for an environment variable, so that keys need not be written down.

    Raises:
        SettingsError: When an environment variable is not set.
    """
    return _engine(json.dumps(_expanded(settings), sort_keys=True))


def identity_of(settings: Mapping[str, Any]) -> str:
    """Return what tells an engine from others in a recording; a key that was written out cannot be read from it.

    Args:
        settings: As :func:`settings_of` returns them.
    """
    kept = {name: value for name, value in settings.items() if name not in ("key", "headers", *_COURTESY)}
    digest = blake2b(json.dumps(kept, sort_keys=True).encode(), digest_size=8).hexdigest()
    return f"{settings['kind']} {digest}"


@cache
def _engine(expanded: str) -> Engine:
    settings = json.loads(expanded)
    kind = settings.pop("kind")
    courtesy = Courtesy(
        **{name: of(settings.pop(name)) for name, of in _COURTESY.items() if name in settings}
    )
    if kind == "google":
        return GoogleEngine(**settings, courtesy=courtesy)
    template = _expanded_template(TEMPLATES[kind], settings) if kind in TEMPLATES else Template(**settings)
    return HTTPEngine(template, courtesy)


def _expanded_template(template: Template, settings: Mapping[str, Any]) -> Template:
    """Fill in a known template where the settings do not replace it."""
    own = {each.name: getattr(template, each.name) for each in fields(Template) if each.name not in settings}
    return Template(**_expanded(own), **settings)


def _expanded(value: Any) -> Any:
    if isinstance(value, str):
        return _VARIABLE.sub(_variable, value)
    if isinstance(value, Mapping):
        return {name: _expanded(item) for name, item in value.items()}
    return [_expanded(item) for item in value] if isinstance(value, list) else value


def _variable(match: re.Match[str]) -> str:
    try:
        return os.environ[match[1]]
    except KeyError:
        raise SettingsError(
            f"The engine needs the environment variable {match[1]!r}, which is not set. Set it, or give the value."
        ) from None
