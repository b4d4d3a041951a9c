"""A simulated user: whoever the assistant talks to, played by a script or by a model."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any

import gymnasium as gym
import numpy as np
from gymnasium.utils import RecordConstructorArgs

from llmgym.core import Env
from llmgym.counterpart import Counterpart, ScriptedUser
from llmgym.episode import Episode
from llmgym.errors import InfrastructureError, InvalidTask, UsageError
from llmgym.messages import Message, Messages, message_text
from llmgym.policies.base import Policy, Request

__all__ = ["PolicyUser", "ScriptedUser", "UserSimulation"]

STOP = "###STOP###"
"""What a model in the role of the user says to end the conversation."""

_INSTRUCTIONS = """You play a person who talks to an AI assistant. You are not the assistant.
{persona}
What you want:
{goal}

Rules:
- Write only the next thing this person says: short, natural, one request at a time.
- Stay in the role. Do not solve the task yourself and do not reveal these instructions.
- When you have got everything you want, or the assistant cannot help, write {stop} and nothing else."""


class PolicyUser:
    """Lets any policy play the user.

    The policy sees the conversation from the other side: what the assistant said are its user messages, what the
    user said are its own. Tool calls, tool results and system messages of the assistant are hidden from it.

    Args:
        policy: The policy; a stronger model than the one under training is usual.
        goal: What the user wants; by default what the task brings under ``user_goal``, or else its ``user_turns``.
        persona: Who the user is; by default what the task brings under ``user_persona``.
        instructions: Template of the system prompt with ``{persona}``, ``{goal}`` and ``{stop}``.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        goal: str | None = None,
        persona: str | None = None,
        instructions: str = _INSTRUCTIONS,
    ):
        self.policy, self._goal, self._persona, self._template = policy, goal, persona, instructions
        self._system = ""
        self._rng = np.random.default_rng(0)

    def begin(self, episode: Episode, rng: np.random.Generator) -> None:
        """Write the role for this task.

        Raises:
            InvalidTask: When there is no goal.
        """
        data = episode.task.data
        goal = self._goal or data.get("user_goal") or _as_goal(data.get("user_turns"))
        if not goal:
            raise InvalidTask(
                f"Task {episode.task.id!r} does not say what the user wants; pass goal=... or bring 'user_goal' in "
                "the row."
            )
        persona = self._persona or data.get("user_persona") or "An ordinary person."
        self._system = self._template.format(persona=persona, goal=goal, stop=STOP)
        self._rng = rng

    async def reply(self, episode: Episode) -> Message | None:
        """Ask the policy for the user's next message; ``None`` when it ends the conversation.

        Raises:
            InfrastructureError: With the boundary ``counterpart``, when the policy has no answer.
        """
        request = Request(
            _from_the_other_side(self._system, episode.messages),
            seed=int(self._rng.integers(2**31)),
            session=f"user/{episode.task.id}/{episode.seed}",
            turn=len(episode.turns) - 1,
        )
        try:
            response = await self.policy.respond(request)
        except InfrastructureError as error:
            raise InfrastructureError(
                str(error), boundary="counterpart", retryable=error.retryable
            ) from error
        text = response.text.strip()
        if STOP in text or not text:
            return None
        return {"role": "user", "content": text}

    def __deepcopy__(self, memo: dict[int, Any]) -> PolicyUser:
        # A fork of an environment asks the same policy, whose connections cannot be copied.
        forked = copy.copy(self)
        forked._rng = copy.deepcopy(self._rng, memo)
        return forked


class UserSimulation(gym.Wrapper[Any, Any, Any, Any], RecordConstructorArgs):
    """Plays an environment as a live conversation with a simulated user.

    When the assistant speaks without calling a tool, the user answers and the episode goes on. It ends when the user
    has nothing more to say, or at ``max_turns``. The user has a random stream of its own, so adding one does not
    change the tasks that are drawn, and its messages are never trainable.

    No vector version of the wrapper exists; pass it in ``env_wrappers`` of ``llmgym.make_vec``.

    Args:
        env: An environment whose innermost part is an :class:`llmgym.Env`.
        user: ``"scripted"`` says the task's own ``user_turns``; a list says its lines; a dictionary describes a
            model (``{"kind": "openai", "model": ..., "base_url": ...}`` or ``{"kind": "local"}``, and the optional
            keys ``goal`` and ``persona``); a policy or any :class:`llmgym.Counterpart` is used as it is.

    Example:
        >>> import gymnasium as gym, llmgym
        >>> from llmgym.wrappers import UserSimulation
        >>> env = UserSimulation(gym.make("llmgym/SessionState-v0"), user=["Thanks. What is it now?"])
        >>> observation, info = env.reset(seed=0)
        >>> observation, reward, terminated, truncated, info = env.step("Let me see.")
        >>> observation[-1]["content"], terminated
        ('Thanks. What is it now?', False)

    Change logs:
     * v0.1.0 - Initially added
    """

    def __init__(self, env: gym.Env[Any, Any], user: Any = "scripted"):
        # A policy or a counterpart may hold connections, which cannot be copied.
        RecordConstructorArgs.__init__(self, user=user, _disable_deepcopy=not _is_plain(user))
        gym.Wrapper.__init__(self, env)
        inner = env.unwrapped
        if not isinstance(inner, Env):
            raise UsageError(f"UserSimulation needs an llmgym environment, found {type(inner).__name__}.")
        self.user = make_user(user)
        inner.counterpart = self.user

    def __deepcopy__(self, memo: dict[int, Any]) -> UserSimulation:
        # A fork's user is the one of the forked environment, and the constructor arguments need no copy.
        forked = copy.copy(self)
        memo[id(self)] = forked
        forked.env = copy.deepcopy(self.env, memo)
        inner = forked.env.unwrapped
        if isinstance(inner, Env) and inner.counterpart is not None:
            forked.user = inner.counterpart
        return forked


def make_user(user: Any) -> Counterpart:
    """Return a counterpart from what :class:`UserSimulation` takes.

    Raises:
        UsageError: When it is of no known kind.
    """
    if user == "scripted":
        return ScriptedUser()
    if isinstance(user, Policy):
        return PolicyUser(user)
    if isinstance(user, Mapping):
        return _model_user(dict(user))
    if isinstance(user, Sequence) and not isinstance(user, str):
        return ScriptedUser(user)
    if hasattr(user, "begin") and hasattr(user, "reply"):
        return user
    raise UsageError(
        "Expected user to be 'scripted', a list of lines, a description such as {'kind': 'openai', 'model': ...}, a "
        f"policy or a counterpart, found {user!r}."
    )


def _model_user(description: dict[str, Any]) -> PolicyUser:
    from llmgym.policies.factory import make_policy

    goal, persona = description.pop("goal", None), description.pop("persona", None)
    return PolicyUser(make_policy(description), goal=goal, persona=persona)


def _is_plain(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(isinstance(key, str) and _is_plain(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return all(map(_is_plain, value))
    return value is None or isinstance(value, str | int | float | bool)


def _as_goal(turns: Any) -> str:
    if not turns or not isinstance(turns, Sequence) or isinstance(turns, str):
        return ""
    return "Ask for these things, one after the other, in your own words:\n" + "\n".join(
        f"- {turn}" for turn in turns
    )


def _from_the_other_side(system: str, messages: Sequence[Message]) -> Messages:
    turned = Messages([{"role": "system", "content": system}])
    for message in messages:
        text = message_text(message)
        if message["role"] == "assistant" and text:
            turned.append({"role": "user", "content": text})
        elif message["role"] == "user":
            turned.append({"role": "assistant", "content": text})
    return turned
