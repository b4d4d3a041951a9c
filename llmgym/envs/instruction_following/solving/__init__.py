"""Texts that follow all instructions of a task at once."""

from __future__ import annotations

from llmgym.envs.instruction_following.solving.solve import Unsolvable, compose

__all__ = ["Unsolvable", "compose"]
