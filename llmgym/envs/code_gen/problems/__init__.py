"""Families of programming problems."""

from __future__ import annotations

from llmgym.envs.code_gen.problems import easy, hard_lists, hard_numbers, medium_runs, medium_search
from llmgym.envs.code_gen.problems.problem import Draw, Family, Parameter, Problem

__all__ = ["FAMILIES", "Draw", "Family", "Parameter", "Problem"]

FAMILIES: dict[str, tuple[Family, ...]] = {
    "easy": easy.FAMILIES,
    "medium": medium_runs.FAMILIES + medium_search.FAMILIES,
    "hard": hard_numbers.FAMILIES + hard_lists.FAMILIES,
}
"""The families of each difficulty."""
