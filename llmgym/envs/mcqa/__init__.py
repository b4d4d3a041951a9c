"""Multiple-choice questions."""

from __future__ import annotations

from llmgym.envs.mcqa.env import MCQAEnv

__all__ = ["MCQAEnv"]
