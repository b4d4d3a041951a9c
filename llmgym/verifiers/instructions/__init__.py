"""Instructions that can be checked by rule: 54 of the public training environment, and optionally those of IFBench.

Each instruction has an id such as ``keywords:existence`` and arguments such as ``{"keywords": ["oak"]}``. A check
says whether a text follows it. The rules are those of the public library behind NeMo Gym's environment
``instruction_following``, with their corners; what is random there is drawn from a generator here, and what can run
for ever there is bounded here.
"""

from __future__ import annotations

from llmgym.verifiers.instructions.checking import Outcome, SettledInstruction, settle
from llmgym.verifiers.instructions.definition import Instruction
from llmgym.verifiers.instructions.grading import (
    GRADING_MODES,
    check_instruction,
    grade_instructions,
    settle_instructions,
    verdict_of,
)
from llmgym.verifiers.instructions.ifbench import INSTRUCTION_IDS as IFBENCH_IDS
from llmgym.verifiers.instructions.packages import IFBENCH_PACKAGES, PACKAGES, require
from llmgym.verifiers.instructions.registry import INSTRUCTIONS

__all__ = [
    "GRADING_MODES",
    "IFBENCH_IDS",
    "IFBENCH_PACKAGES",
    "INSTRUCTIONS",
    "PACKAGES",
    "Instruction",
    "Outcome",
    "SettledInstruction",
    "check_instruction",
    "grade_instructions",
    "require",
    "settle",
    "settle_instructions",
    "verdict_of",
]
