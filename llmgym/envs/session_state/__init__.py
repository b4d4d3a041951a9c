"""Bring a counter to the right value: ``llmgym/SessionState-v0``."""

from llmgym.envs.session_state.env import SessionStateEnv
from llmgym.envs.session_state.tasks import make_counter_task

__all__ = ["SessionStateEnv", "make_counter_task"]
