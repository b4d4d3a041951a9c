"""Mathematical problems, graded by math-verify and, if asked for, a judge."""

from __future__ import annotations

from llmgym.envs.math_with_judge.env import MathStackOverflowEnv, MathWithJudgeEnv

__all__ = ["MathStackOverflowEnv", "MathWithJudgeEnv"]
