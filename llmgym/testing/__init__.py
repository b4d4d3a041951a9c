"""For authors of environments: the conformance kit, and a model server for tests."""

from __future__ import annotations

from llmgym.testing.check import Check, CheckFailed, check_env, run_checks

__all__ = ["Check", "CheckFailed", "check_env", "run_checks"]
