"""Which judge is meant: the description of an environment, filled up from the settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from llmgym.errors import SettingsError, UsageError

if TYPE_CHECKING:
    from llmgym.settings import PolicySettings, Settings

__all__ = ["HOW", "JUDGE_KINDS", "resolve"]

JUDGE_KINDS = ("openai", "local", "exact", "scripted")
"""Kinds of judges that a description may name."""

HOW = (
    "This environment needs a judge and none is configured: pass judge={'kind': 'openai', 'model': ..., 'base_url': "
    "...}, judge='local' for the embedded model or judge='exact' for a rule in place of a model, or set "
    "LLMGYM_JUDGE__MODEL and LLMGYM_JUDGE__BASE_URL."
)
"""What a user is told who has no judge."""

_OWN = ("temperature", "top_p", "max_tokens", "concurrency", "extra_body")


def resolve(description: Mapping[str, Any] | str | None) -> dict[str, Any]:
    """Return all that a judge is made from.

    What a description leaves out is taken from the section ``judge`` of the settings, then from ``policy``: model,
    address and API from both, everything else from ``judge`` alone. A key goes to the address that it was set for
    and to no other.

    Args:
        description: What an environment was given.

    Returns:
        ``kind`` and the arguments of that kind.

    Raises:
        UsageError: When there is no judge, or the kind is unknown.
    """
    if not isinstance(description, Mapping | str | None):
        raise UsageError(
            "Expected judge to be the name of a kind or a mapping with 'kind', "
            f"found {type(description).__name__}."
        )
    given = {"kind": description} if isinstance(description, str) else dict(description or {})
    kind = given.get("kind") or "openai"
    if kind not in JUDGE_KINDS:
        raise UsageError(f"Expected a kind of judge among {', '.join(JUDGE_KINDS)}, found {kind!r}.")
    given["kind"] = kind
    if kind in ("exact", "scripted") or any(name.startswith("azure") for name in given):
        return given
    from llmgym.settings import load_settings

    settings = load_settings()
    if description is None:
        given["kind"] = kind = _configured(settings)
    if kind == "local":
        return (
            {**_set(settings.judge, ("model", *_OWN[:4])), **given}
            if settings.judge.kind == "local"
            else given
        )
    return given if kind == "exact" else _endpoint(given, settings)


def _configured(settings: Settings) -> str:
    own = settings.judge
    if own.kind in JUDGE_KINDS:
        return str(own.kind)
    if own.model or own.base_url:
        return "openai"
    return "local" if settings.policy.kind == "local" else "openai"


def _endpoint(given: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """Fill up the description of an endpoint."""
    own, policy = settings.judge, settings.policy
    found = {**_set(own, (*_OWN, "timeout", "api", "model", "base_url")), **given}
    for name in ("model", "base_url", "api"):
        if found.get(name) is None and getattr(policy, name) is not None:
            found[name] = getattr(policy, name)
    variable = found.pop("api_key_env", None)
    if variable is not None:
        if not os.environ.get(variable):
            raise SettingsError(
                f"The judge's key is to be in the environment variable {variable}, which is not set."
            )
        found["api_key"] = os.environ[variable]
    where = _place(found.get("base_url"))
    if found.get("api_key") is None:
        # Empty, and not None, for which a policy would take the key of the settings wherever it is to go.
        found["api_key"] = ""
        for section in (policy, own):
            mine = section is own and section.base_url is None
            if section.api_key is not None and (mine or _place(section.base_url) == where):
                found["api_key"] = section.api_key.get_secret_value()
    if not found.get("model") or not (found.get("base_url") or found["api_key"]):
        raise SettingsError(HOW)
    return found


def _set(section: PolicySettings, names: tuple[str, ...]) -> dict[str, Any]:
    """Return the settings that somebody has set."""
    return {name: getattr(section, name) for name in names if name in section.model_fields_set}


def _place(base_url: Any) -> list[str]:
    from llmgym.policies.connection import PUBLIC_URL

    urls = [base_url or PUBLIC_URL] if isinstance(base_url, str | None) else list(base_url)
    return [str(url).rstrip("/") for url in urls]
