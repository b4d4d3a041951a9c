"""A policy from a description, as settings, wrappers and the command line give it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from llmgym.errors import UsageError
from llmgym.policies.base import Policy

__all__ = ["KINDS", "make_policy"]

KINDS = ("openai", "local", "oracle", "random")
"""Kinds of policies that a description may name."""


def make_policy(description: Mapping[str, Any] | str) -> Policy:
    """Make a policy.

    Args:
        description: The kind (``openai``, ``local``, ``oracle`` or ``random``), or a mapping with ``kind``
            (``openai`` by default) and the constructor's arguments.

    Raises:
        UsageError: When the kind or an argument is unknown.

    Example:
        >>> make_policy({"kind": "random", "seed": 3}).describe()
        {'kind': 'random', 'seed': 3}
    """
    arguments = {"kind": description} if isinstance(description, str) else dict(description)
    kind = arguments.pop("kind", "openai")
    if kind not in KINDS:
        raise UsageError(f"Expected a kind of policy among {', '.join(KINDS)}, found {kind!r}.")
    make = _constructor(kind)
    try:
        return make(**arguments)
    except TypeError as error:
        if "argument" not in str(error):
            raise
        raise UsageError(f"The description of a policy of kind {kind!r} is wrong: {error}.") from error


def _constructor(kind: str) -> Callable[..., Policy]:
    if kind == "openai":
        from llmgym.policies.openai import OpenAIPolicy

        return OpenAIPolicy
    if kind == "local":
        from llmgym.policies.local import LocalPolicy

        return LocalPolicy
    from llmgym.policies.scripted import OraclePolicy, RandomPolicy

    return OraclePolicy if kind == "oracle" else RandomPolicy
