"""Wrappers: what can be put around any environment. One file each."""

from __future__ import annotations

from llmgym.wrappers.user_simulation import (
    PolicyUser,
    ScriptedUser,
    UserSimulation,
)

__all__ = ["PolicyUser", "ScriptedUser", "UserSimulation"]
