"""Instructions whose following can be checked by rule."""

from __future__ import annotations

from llmgym.envs.instruction_following.env import InstructionFollowingEnv

__all__ = ["InstructionFollowingEnv"]
