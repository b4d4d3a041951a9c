"""Reinforcement-learning environments for language models, as real Gymnasium environments.

Importing this package registers the environments, so that ``gymnasium.make("llmgym/Calendar-v0")`` works. Everything
else is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from llmgym.registration import register, register_suite

if TYPE_CHECKING:
    from llmgym.core import Env as Env
    from llmgym.core import fork as fork
    from llmgym.counterpart import Counterpart as Counterpart
    from llmgym.counterpart import ScriptedUser as ScriptedUser
    from llmgym.episode import Episode as Episode
    from llmgym.episode import Turn as Turn
    from llmgym.errors import InfrastructureError as InfrastructureError
    from llmgym.messages import Messages as Messages
    from llmgym.messages import Response as Response
    from llmgym.messages import assistant as assistant
    from llmgym.messages import tool_call as tool_call
    from llmgym.messages import user as user
    from llmgym.policies import HumanPolicy as HumanPolicy
    from llmgym.policies import LocalPolicy as LocalPolicy
    from llmgym.policies import OpenAIPolicy as OpenAIPolicy
    from llmgym.policies import OraclePolicy as OraclePolicy
    from llmgym.policies import Policy as Policy
    from llmgym.policies import RandomPolicy as RandomPolicy
    from llmgym.policies import ReplayPolicy as ReplayPolicy
    from llmgym.records import Rollout as Rollout
    from llmgym.records import read_rollouts as read_rollouts
    from llmgym.records import replay as replay
    from llmgym.records import summarise as summarise
    from llmgym.spaces import MessagesSpace as MessagesSpace
    from llmgym.spaces import ResponseSpace as ResponseSpace
    from llmgym.tasks import Task as Task
    from llmgym.tasks import TaskSet as TaskSet
    from llmgym.toolbox import Toolbox as Toolbox
    from llmgym.tools import ToolDenied as ToolDenied
    from llmgym.tools import ToolError as ToolError
    from llmgym.tools import tool as tool
    from llmgym.vector import AsyncVectorEnv as AsyncVectorEnv
    from llmgym.vector import collect as collect
    from llmgym.vector import make_vec as make_vec
    from llmgym.vector import rollouts as rollouts
    from llmgym.verdict import Verdict as Verdict

__version__ = "0.1.0"

_HOMES = {
    "AsyncVectorEnv": "vector",
    "Counterpart": "counterpart",
    "ScriptedUser": "counterpart",
    "Env": "core",
    "Episode": "episode",
    "HumanPolicy": "policies",
    "InfrastructureError": "errors",
    "LocalPolicy": "policies",
    "Messages": "messages",
    "MessagesSpace": "spaces",
    "OpenAIPolicy": "policies",
    "OraclePolicy": "policies",
    "Policy": "policies",
    "RandomPolicy": "policies",
    "ReplayPolicy": "policies",
    "Response": "messages",
    "ResponseSpace": "spaces",
    "Rollout": "records",
    "Task": "tasks",
    "TaskSet": "tasks",
    "ToolDenied": "tools",
    "ToolError": "tools",
    "Toolbox": "toolbox",
    "Turn": "episode",
    "Verdict": "verdict",
    "collect": "vector",
    "fork": "core",
    "make_vec": "vector",
    "read_rollouts": "records",
    "replay": "records",
    "rollouts": "vector",
    "summarise": "records",
    "assistant": "messages",
    "tool": "tools",
    "tool_call": "messages",
    "user": "messages",
}

__all__ = ["__version__", "register", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'llmgym' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"llmgym.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})


register_suite()
