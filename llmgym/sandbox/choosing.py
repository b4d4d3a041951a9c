"""Choosing a backend: by name, by a mapping with its settings, or the best that works on this machine."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from llmgym.errors import UsageError
from llmgym.sandbox.base import Limits, Profile, Sandbox

__all__ = ["BACKENDS", "backend_of", "make_sandbox"]

BACKENDS: dict[str, str] = {
    "bubblewrap": "llmgym.sandbox.bubblewrap:BubblewrapSandbox",
    "process": "llmgym.sandbox.process:ProcessSandbox",
    "docker": "llmgym.sandbox.container:DockerSandbox",
    "podman": "llmgym.sandbox.container:PodmanSandbox",
    "swerex": "llmgym.sandbox.swerex:SwerexSandbox",
}
"""Where each backend is found."""


def make_sandbox(
    setting: str | Mapping[str, Any] | None = None,
    *,
    profile: Profile | None = None,
    limits: Limits | None = None,
) -> Sandbox:
    """Return a sandbox that is not started yet.

    Args:
        setting: The name of a backend, or a mapping with ``kind`` and the backend's own settings. ``None`` or
            ``auto`` takes bubblewrap, and never falls back on something weaker.
        profile: What its programs may import and find warm.
        limits: What its programs may use.

    Raises:
        UsageError: When the backend is unknown or its settings are wrong, or when it does not work on this machine.
    """
    kind, options = _read(setting)
    module, _, name = BACKENDS[kind].partition(":")
    backend = getattr(import_module(module), name)
    try:
        made: Sandbox = backend(profile=profile or Profile(), limits=limits or Limits(), **options)
    except TypeError as error:
        raise UsageError(f"The settings of the sandbox {kind!r} are wrong: {error}.") from error
    return made


def backend_of(setting: str | Mapping[str, Any] | None = None) -> str:
    """Return the name of the backend that a setting chooses.

    Args:
        setting: As for :func:`make_sandbox`.

    Raises:
        UsageError: When the backend is unknown.
    """
    return _read(setting)[0]


def _read(setting: str | Mapping[str, Any] | None) -> tuple[str, dict[str, Any]]:
    if setting is None or isinstance(setting, str):
        setting = {"kind": setting or "auto"}
    if not isinstance(setting, Mapping):
        raise UsageError(f"Expected sandbox to be a name or a mapping with 'kind', found {setting!r}.")
    options = dict(setting)
    kind = options.pop("kind", "auto")
    if kind == "auto":
        kind = "bubblewrap"
    if kind not in BACKENDS:
        raise UsageError(f"Expected a sandbox among auto, {', '.join(BACKENDS)}, found {kind!r}.")
    return kind, options
