"""Many environments at once: a vector environment and a free-running runner."""

from __future__ import annotations

from llmgym.vector.async_vector_env import AsyncVectorEnv
from llmgym.vector.collection import collect, collecting
from llmgym.vector.making import make_vec
from llmgym.vector.runner import rollouts

__all__ = ["AsyncVectorEnv", "collect", "collecting", "make_vec", "rollouts"]
