"""Mathematical problems that are generated together with their exact answers."""

from __future__ import annotations

from llmgym.envs.math_with_judge.problems import (
    algebra,
    calculus,
    combinatorics,
    geometry,
    number_theory,
    probability,
)
from llmgym.envs.math_with_judge.problems.problem import Draw, Problem, Template

__all__ = ["DOMAINS", "Draw", "Problem", "Template"]

DOMAINS: dict[str, tuple[Template, ...]] = {
    "algebra": algebra.TEMPLATES,
    "calculus": calculus.TEMPLATES,
    "combinatorics": combinatorics.TEMPLATES,
    "geometry": geometry.TEMPLATES,
    "number_theory": number_theory.TEMPLATES,
    "probability": probability.TEMPLATES,
}
"""The kinds of problems of each domain."""
