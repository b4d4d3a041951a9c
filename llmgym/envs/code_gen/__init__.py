"""Programming problems, graded by running the program on unit tests in a sandbox."""

from __future__ import annotations

from llmgym.envs.code_gen.env import CodeGenEnv
from llmgym.envs.code_gen.hardened import CodeGenV1Env

__all__ = ["CodeGenEnv", "CodeGenV1Env"]
