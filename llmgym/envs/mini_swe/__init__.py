"""Software engineering: repair a repository with shell commands."""

from __future__ import annotations

from llmgym.envs.mini_swe.env import MiniSWEEnv, MiniSWEV1Env

__all__ = ["MiniSWEEnv", "MiniSWEV1Env"]
