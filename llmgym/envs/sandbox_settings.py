"""Which sandbox an environment uses: the one it is given, or else that of the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from llmgym.settings import load_settings

__all__ = ["sandbox_setting"]


def sandbox_setting(given: str | Mapping[str, Any] | None) -> str | Mapping[str, Any]:
    """Return what :func:`llmgym.sandbox.make_sandbox` takes.

    Args:
        given: The argument of an environment; ``None`` takes the section ``sandbox`` of the settings.

    Raises:
        SettingsError: When the settings cannot be read.
    """
    return load_settings().sandbox.model_dump() if given is None else given
