"""Short answers that a judge compares."""

from __future__ import annotations

from llmgym.envs.equivalence_llm_judge.env import EquivalenceLLMJudgeEnv

__all__ = ["EquivalenceLLMJudgeEnv"]
