"""Look up the weather of one city: ``llmgym/SingleToolCall-v0`` and ``-v1``."""

from llmgym.envs.single_tool_call.env import SingleToolCallEnv, SingleToolCallV1Env
from llmgym.envs.single_tool_call.tasks import make_weather_task

__all__ = ["SingleToolCallEnv", "SingleToolCallV1Env", "make_weather_task"]
