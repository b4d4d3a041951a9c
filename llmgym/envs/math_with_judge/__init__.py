"""Mathematical problems, graded by math-verify and, if asked for, a judge."""

from __future__ import annotations

from llmgym.envs.math_with_judge.env import MathWithJudgeEnv
from llmgym.envs.math_with_judge.stack_overflow import MathStackOverflowEnv

__all__ = ["MathStackOverflowEnv", "MathWithJudgeEnv"]
