"""Collect the values of a term's synonyms in order: ``llmgym/MultiStep-v0``."""

from llmgym.envs.multi_step.env import MultiStepEnv, grade_extraction
from llmgym.envs.multi_step.tasks import make_synonym_task, synonym_value

__all__ = ["MultiStepEnv", "grade_extraction", "make_synonym_task", "synonym_value"]
