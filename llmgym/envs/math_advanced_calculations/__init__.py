"""Compute with functions that are wrong on purpose: ``llmgym/MathAdvancedCalculations-v0``."""

from llmgym.envs.math_advanced_calculations.env import MathAdvancedCalculationsEnv
from llmgym.envs.math_advanced_calculations.tasks import make_expressions

__all__ = ["MathAdvancedCalculationsEnv", "make_expressions"]
