"""Questions that are generated together with their proof: the right option is computed, the wrong ones are checked."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions import (
    arithmetic,
    counting,
    dates,
    geometry,
    logic,
    number_theory,
    ordering,
    probability,
    sequences,
    tables,
    text,
    units,
)
from llmgym.envs.mcqa.questions.options import Question, Template

__all__ = ["DOMAINS", "Draw", "Question", "Template"]

DOMAINS: dict[str, tuple[Template, ...]] = {
    "arithmetic": arithmetic.TEMPLATES,
    "counting": counting.TEMPLATES,
    "dates": dates.TEMPLATES,
    "geometry": geometry.TEMPLATES,
    "logic": logic.TEMPLATES,
    "number_theory": number_theory.TEMPLATES,
    "ordering": ordering.TEMPLATES,
    "probability": probability.TEMPLATES,
    "sequences": sequences.TEMPLATES,
    "tables": tables.TEMPLATES,
    "text": text.TEMPLATES,
    "units": units.TEMPLATES,
}
"""The templates of each domain. Every domain has one that can give ten options at any level."""
