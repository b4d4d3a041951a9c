"""The 54 instructions of the public environment, by id."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from llmgym.verifiers.instructions import characters, copying, formats, keywords, lengths, positions
from llmgym.verifiers.instructions.definition import Instruction

__all__ = ["INSTRUCTIONS"]

INSTRUCTIONS: Mapping[str, Instruction] = MappingProxyType(
    {
        instruction.id: instruction
        for family in (keywords, characters, lengths, formats, copying, positions)
        for instruction in family.INSTRUCTIONS
    }
)
"""Every instruction that can be checked, by its public id."""
