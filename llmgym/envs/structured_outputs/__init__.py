"""Structured outputs: data in a form that a schema prescribes."""

from __future__ import annotations

from llmgym.envs.structured_outputs.env import StructuredOutputsEnv

__all__ = ["StructuredOutputsEnv"]
