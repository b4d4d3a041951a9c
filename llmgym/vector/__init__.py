"""Many environments at once: a vector environment and a free-running runner."""

from __future__ import annotations

from llmgym.vector.async_vector_env import AsyncVectorEnv, make_vec
from llmgym.vector.collection import collect, collecting
from llmgym.vector.runner import rollouts

__all__ = ["AsyncVectorEnv", "collect", "collecting", "make_vec", "rollouts"]
