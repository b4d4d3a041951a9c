"""Repair a repository with shell commands: ``llmgym/MiniSWE-v0`` and ``llmgym/MiniSWE-v1``."""

from __future__ import annotations

from llmgym.envs.mini_swe.env import MiniSWEEnv
from llmgym.envs.mini_swe.hardened import MiniSWEV1Env

__all__ = ["MiniSWEEnv", "MiniSWEV1Env"]
