"""The draws under their earlier name."""

from __future__ import annotations

from llmgym.envs.draw import Draw

__all__ = ["Draw"]
