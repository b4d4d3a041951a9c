"""Families of programming problems."""

from __future__ import annotations

from llmgym.envs.code_gen.problems import easy, hard, medium
from llmgym.envs.code_gen.problems.problem import Draw, Family, Parameter, Problem

__all__ = ["FAMILIES", "Draw", "Family", "Parameter", "Problem"]

FAMILIES: dict[str, tuple[Family, ...]] = {
    "easy": easy.FAMILIES,
    "medium": medium.FAMILIES,
    "hard": hard.FAMILIES,
}
"""The families of each difficulty."""
