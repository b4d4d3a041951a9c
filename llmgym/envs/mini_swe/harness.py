"""``mini-swe-agent``'s own agent as a player of the environment: its prompts and its loop, our sandbox and our reward."""

from __future__ import annotations

import base64
import importlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import gymnasium as gym

from llmgym.errors import DependencyMissing, UsageError
from llmgym.messages import Action, assistant, message_text, tool_call

__all__ = ["EpisodeEnvironment", "Played", "play_with_mini_swe_agent"]

_CODE = re.compile(r"<returncode>(-?\d+)</returncode>\n?")
_EXCEPTION = re.compile(r"<exception>(.*?)</exception>\n?", re.DOTALL)
_OUTPUT = re.compile(r"<output>\n(.*)</output>", re.DOTALL)


@dataclass(frozen=True)
class Played:
    """An episode that the agent played.

    Attributes:
        reward: The reward.
        terminated: Whether the agent handed in.
        truncated: Whether the episode was cut off.
        info: What the last step told.
        exit_status: Why the agent stopped, in its own words, such as ``Submitted`` or ``LimitsExceeded``.
        submission: The patch that it handed in.
        messages: Its conversation, as it keeps it.
    """

    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]
    exit_status: str
    submission: str
    messages: list[dict[str, Any]]


def play_with_mini_swe_agent(
    env: gym.Env[Any, Any],
    model: Any,
    *,
    seed: int | None = None,
    options: Mapping[str, Any] | None = None,
    **settings: Any,
) -> Played:
    """Let the agent of the package ``mini-swe-agent`` play one episode.

    The agent talks to its model and reads its answers; each command that it runs is a step of the environment, so
    that sandbox, tests and reward are the environment's. When it stops without handing in, the episode is concluded
    and graded as it stands. The function blocks: beside an event loop, run it in a thread.

    Args:
        env: An environment of the MiniSWE family, wrapped or not. ``protocol="tools"`` suits the agent best.
        model: A model of ``mini-swe-agent``: an object with its ``query`` method, or the name of one.
        seed: Seed of the reset.
        options: Options of the reset, such as ``{"task": 0}``.
        **settings: Settings of ``minisweagent.agents.default.DefaultAgent``. By default its prompts are those of the
            environment, and it stops when the environment does.

    Returns:
        The reward and how it came about.

    Raises:
        DependencyMissing: Without the package ``mini-swe-agent``.
        UsageError: When a setting is unknown or the environment is of another kind.
        InfrastructureError: When the sandbox fails.
    """
    agents, models = _package("agents.default"), _package("models")
    inner: Any = env.unwrapped
    if not hasattr(inner, "protocol") or not hasattr(inner, "conclude"):
        raise UsageError(f"Expected an environment of the MiniSWE family, found {type(inner).__name__}.")
    if isinstance(model, str):
        model = models.get_model(model)
    if not hasattr(model, "query"):
        raise UsageError(
            f"Expected a model of mini-swe-agent or the name of one, found {type(model).__name__}."
        )
    messages, _ = env.reset(seed=seed, options=dict(options or {}))
    told = {message["role"]: message_text(message) for message in messages}
    place = EpisodeEnvironment(env)
    known = {
        "system_template": "{{llmgym_system}}",
        "instance_template": "{{llmgym_prompt}}",
        "cost_limit": 0.0,
    }
    unknown = set(settings) - set(agents.AgentConfig.model_fields)
    if unknown:
        raise UsageError(f"DefaultAgent of mini-swe-agent has no setting {sorted(unknown)[0]!r}.")
    agent = agents.DefaultAgent(model, place, **{**known, **settings})
    task = inner.task.data.get("problem_statement", "")
    left = agent.run(task, llmgym_system=told.get("system", ""), llmgym_prompt=told.get("user", ""))
    if place.last is None:
        _, reward, terminated, truncated, info = inner.conclude(_stop_reason(left.get("exit_status", "")))
        place.last = float(reward), terminated, truncated, info
    reward, terminated, truncated, info = place.last
    status = str(left.get("exit_status", ""))
    return Played(
        reward, terminated, truncated, info, status, str(left.get("submission", "")), agent.messages
    )


@dataclass
class EpisodeConfig:
    """What the agent asks of its environment's configuration."""

    cwd: str = "/testbed"
    env: dict[str, str] = field(default_factory=dict)


class EpisodeEnvironment:
    """The agent's view of an episode: an environment in the sense of ``mini-swe-agent``.

    Args:
        env: An environment that has been reset.

    Attributes:
        last: Reward, terminated, truncated and info of the step that ended the episode; ``None`` until then.
    """

    def __init__(self, env: gym.Env[Any, Any]):
        self.env, self.config = env, EpisodeConfig()
        inner: Any = env.unwrapped
        self._tools = inner.protocol == "tools"
        self.last: tuple[float, bool, bool, dict[str, Any]] | None = None
        self._calls = 0

    def execute(self, action: dict[str, Any], cwd: str = "", **_: Any) -> dict[str, Any]:
        """Run a command of the agent as a step of the environment.

        Args:
            action: The agent's action, with ``command``.
            cwd: Where to run it; by default where the environment does.

        Raises:
            minisweagent.exceptions.Submitted: When the episode is over: the agent's sign to stop.
        """
        command = str(action.get("command", ""))
        if cwd and cwd != self.config.cwd:
            command = f"cd '{cwd}' && {{ {command}\n}}"
        _, reward, terminated, truncated, info = self.env.step(self._said(command))
        if terminated or truncated:
            self.last = float(reward), terminated, truncated, info
            self._stop(info, terminated)
        texts = [message_text(message) for message in info["new_messages"] if message["role"] != "assistant"]
        return _output("\n".join(texts))

    def get_template_vars(self, **kwargs: Any) -> dict[str, Any]:
        """Return what the agent's templates may name."""
        uname = {"system": "Linux", "release": "", "version": "", "machine": "x86_64"}
        return {"cwd": self.config.cwd, **uname, **kwargs}

    def serialize(self) -> dict[str, Any]:
        """Return what the agent writes about its environment into its trajectory."""
        name = f"{type(self).__module__}.{type(self).__name__}"
        spec = self.env.spec
        config = {"cwd": self.config.cwd, "environment": "" if spec is None else spec.id}
        return {"info": {"config": {"environment": config, "environment_type": name}}}

    def _said(self, command: str) -> Action:
        """Return the response that runs a command, in the environment's protocol."""
        self._calls += 1
        if self._tools:
            return assistant(None, tool_call("bash", {"command": command}, f"call_{self._calls}"))
        if "```" in command or command != command.strip():
            # A code block cannot hold such a command as it is.
            packed = base64.b64encode(command.encode("utf-8", "surrogatepass")).decode()
            command = f'eval "$(printf %s {packed} | base64 -d)"'
        return f"```bash\n{command}\n```"

    @staticmethod
    def _stop(info: Mapping[str, Any], terminated: bool) -> None:
        exceptions = _package("exceptions")
        status = "Submitted" if terminated else "LimitsExceeded"
        patch = str((info.get("metrics") or {}).get("patch") or "") if terminated else ""
        message = {"role": "exit", "content": patch, "extra": {"exit_status": status, "submission": patch}}
        raise (exceptions.Submitted if terminated else exceptions.LimitsExceeded)(message)


def _output(text: str) -> dict[str, Any]:
    """Return the agent's form of what the environment shows about a command."""
    # What a command wrote may look like any of these: they are taken from the beginning alone.
    exception = _EXCEPTION.match(text)
    rest = text[exception.end() :] if exception else text
    code = _CODE.match(rest)
    rest = rest[code.end() :] if code else rest
    output = _OUTPUT.search(rest)
    return {
        "output": output[1] if output else rest,
        "returncode": int(code[1]) if code else -1,
        "exception_info": exception[1] if exception else "",
    }


def _stop_reason(status: str) -> str:
    return "max_turns" if status in ("LimitsExceeded", "TimeExceeded") else "agent_stopped"


def _package(name: str) -> Any:
    # It greets on the terminal when it is imported.
    os.environ.setdefault("MSWEA_SILENT_STARTUP", "1")
    try:
        return importlib.import_module(f"minisweagent.{name}")
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] != "minisweagent":
            raise
        raise DependencyMissing("mini-swe-agent", "mini-swe-agent", "play with its agent") from error
