"""Policies: whatever answers an observation with a response.

Importing this package imports none of them; each name is loaded when it is first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llmgym.policies.base import Policy as Policy
    from llmgym.policies.base import Request as Request
    from llmgym.policies.factory import make_policy as make_policy
    from llmgym.policies.judge import Judge as Judge
    from llmgym.policies.judge import make_judge as make_judge
    from llmgym.policies.local import LocalPolicy as LocalPolicy
    from llmgym.policies.openai import OpenAIPolicy as OpenAIPolicy
    from llmgym.policies.scripted import HumanPolicy as HumanPolicy
    from llmgym.policies.scripted import OraclePolicy as OraclePolicy
    from llmgym.policies.scripted import RandomPolicy as RandomPolicy
    from llmgym.policies.scripted import ReplayPolicy as ReplayPolicy

_HOMES = {
    "HumanPolicy": "scripted",
    "Judge": "judge",
    "LocalPolicy": "local",
    "OpenAIPolicy": "openai",
    "OraclePolicy": "scripted",
    "Policy": "base",
    "RandomPolicy": "scripted",
    "ReplayPolicy": "scripted",
    "Request": "base",
    "make_judge": "judge",
    "make_policy": "factory",
}

__all__ = [*_HOMES]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
