"""The contract of every environment.

An environment plays one task at a time with one policy. :meth:`Env.reset` shows a prompt, :meth:`Env.step` takes the
policy's response, runs its tool calls, lets a counterpart answer, and in the end asks the verifier for a reward.

An author writes up to five things, each of them ``def`` or ``async def``: :meth:`Env.task_set`, :meth:`Env.begin`,
methods marked ``@tool``, :meth:`Env.verify` and :meth:`Env.oracle`.
"""

from __future__ import annotations

import copy
import inspect
import time
import zlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, Literal

import gymnasium as gym
import numpy as np

from llmgym import bridge
from llmgym.counterpart import Counterpart
from llmgym.episode import Episode, Turn
from llmgym.errors import InvalidTask, ResetNeeded, UsageError, boundary
from llmgym.messages import Action, Message, Messages, Response
from llmgym.spaces import MessagesSpace, ResponseSpace
from llmgym.tasks import Task, TaskSet
from llmgym.toolbox import Toolbox
from llmgym.tools import ToolCall
from llmgym.verdict import Verdict

__all__ = ["Counterpart", "Env", "Episode", "Turn", "fork"]


class Env(gym.Env[Messages, Any]):
    """An environment for language models.

    The observation is the conversation so far (:class:`~llmgym.messages.Messages`). The action is a response: a
    string, an assistant message, or a :class:`~llmgym.messages.Response`.

    Args:
        dataset: Where tasks come from: a file, a hub id, rows, or ``None`` for the environment's own.
        split: Split of the task set.
        max_turns: Most responses in an episode; the end is still verified, and reported as truncated.
        num_tasks: Use only the first so many tasks.
        tool_timeout: Deadline of one tool call in seconds.
        deadline: Most seconds an episode may last; checked at each step. ``None`` for no limit.
        on_bad_row: ``raise`` or ``skip`` rows of a data set that cannot be read.
        render_mode: ``ansi`` or ``None``.
    """

    metadata: dict[str, Any] = {"render_modes": ["ansi"], "render_fps": 1}
    default_max_turns: ClassVar[int] = 32
    vacuous: ClassVar[bool] = False
    """True when the reward carries no signal, because every response earns it."""
    sandbox_backend: str | None = None
    """Name of what holds the code that a model writes, for records; ``None`` where none is run."""
    executes_tools: bool = True
    """False when tool calls are themselves the answer: they are not run, and the first response ends the episode."""

    def __init__(
        self,
        *,
        dataset: Any = None,
        split: str = "train",
        max_turns: int | None = None,
        num_tasks: int | None = None,
        tool_timeout: float | None = 60.0,
        deadline: float | None = None,
        on_bad_row: Literal["raise", "skip"] = "raise",
        render_mode: str | None = None,
    ):
        if max_turns is not None and max_turns < 1:
            raise UsageError(f"Expected max_turns to be at least 1, found {max_turns}.")
        self.dataset, self.split, self.num_tasks, self.on_bad_row = dataset, split, num_tasks, on_bad_row
        self.max_turns = self.default_max_turns if max_turns is None else max_turns
        self.deadline, self.render_mode = deadline, render_mode
        self.toolbox = Toolbox.of(self, tool_timeout)
        self.observation_space = MessagesSpace()
        self.action_space = ResponseSpace(self.toolbox.names)
        self.counterpart: Counterpart | None = None
        self._tasks: TaskSet | None = None
        self._episode: Episode | None = None
        self._over = True
        self._started = 0.0

    # What an author writes.

    def task_set(self, dataset: Any, split: str) -> Any:
        """Return the tasks: procedural when ``dataset`` is ``None``, else loaded from it."""
        raise NotImplementedError(f"{type(self).__name__} must define task_set(dataset, split).")

    def begin(self, task: Task) -> Any:
        """Prepare the state of an episode."""

    def verify(self, episode: Episode) -> Any:
        """Return the reward of a finished episode: a float or a :class:`~llmgym.verdict.Verdict`."""
        raise NotImplementedError(f"{type(self).__name__} must define verify(episode).")

    def oracle(self, task: Task) -> Any:
        """Return the responses that earn the full reward, or ``None`` where none are known."""
        return None

    def tools(self, task: Task) -> list[dict[str, Any]]:
        """Return the tools offered to the policy, in Chat form: the row's, or else the environment's own."""
        return list(task.tools) if task.tools is not None else self.toolbox.schemas

    # What a caller sees.

    @property
    def tasks(self) -> TaskSet:
        """The task set, made on first use."""
        if self._tasks is None:
            tasks = self._call("task_set", self.dataset, self.split)
            if not isinstance(tasks, TaskSet):
                raise UsageError(
                    f"Expected {type(self).__name__}.task_set to return a TaskSet, found {type(tasks).__name__}. "
                    "Return TaskSet.procedural(...) or TaskSet.load(...)."
                )
            self._tasks = tasks if self.num_tasks is None else tasks.take(self.num_tasks)
        return self._tasks

    @tasks.setter
    def tasks(self, tasks: TaskSet) -> None:
        self._tasks = tasks

    @property
    def episode(self) -> Episode:
        """The current episode, or the one that has just ended.

        Raises:
            ResetNeeded: When there is none yet.
        """
        if self._episode is None:
            raise ResetNeeded("There is no episode yet; call env.reset() first.")
        return self._episode

    @property
    def task(self) -> Task:
        """The task of the current episode."""
        return self.episode.task

    def reset(
        self, *, seed: int | None = None, options: Mapping[str, Any] | None = None
    ) -> tuple[Messages, dict[str, Any]]:
        """Begin an episode.

        Args:
            seed: Seeds ``np_random``, as in every Gymnasium environment.
            options: ``{"task": ...}`` chooses the task: its index, a :class:`~llmgym.tasks.Task`, or a raw row.

        Returns:
            The prompt, and info with ``tools`` (Chat form), ``task_id``, ``task_index`` (-1 for a task that was
            given as an object) and ``new_messages``. Sampling parameters that the row asks for are in
            ``env.unwrapped.task.params``.

        Raises:
            UsageError: When an option is unknown.
            InvalidTask: When the task lacks what this environment needs.
        """
        super().reset(seed=seed)
        self._over = True
        index, task = self._choose(options or {})
        episode_seed = int(self.np_random.integers(2**63))
        self._episode = Episode(task, list(task.messages), len(task.messages), episode_seed)
        try:
            self._call("begin", task)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if isinstance(error, UsageError):
                raise
            raise InvalidTask(
                f"Task {task.id!r} does not fit {type(self).__name__}: {type(error).__name__}: {error}."
            ) from error
        if self.counterpart is not None:
            with boundary("counterpart"):
                self._settle(self.counterpart.begin(self._episode, self.stream("counterpart")))
        self._over, self._started = False, time.monotonic()
        info = {
            "tools": self.tools(task),
            "task_id": task.id,
            "task_index": index,
            "new_messages": list(self._episode.messages),
        }
        return Messages(self._episode.messages), info

    def step(self, action: Action) -> tuple[Messages, float, bool, bool, dict[str, Any]]:
        """Take one response of the policy.

        Args:
            action: A string, an assistant message or a :class:`~llmgym.messages.Response`.

        Returns:
            The conversation so far, the reward (0 until the end), terminated, truncated, and info with ``turn`` and
            ``new_messages``; at the end also ``stop_reason``, ``components``, ``metrics``, ``reason`` and
            ``vacuous``.

        Raises:
            ResetNeeded: Before a reset, or after the end.
            InvalidAction: When the action is of another kind.
            InfrastructureError: When the world failed; the episode then has no reward.
        """
        if self._over:
            raise ResetNeeded("The episode is over or has not begun; call env.reset() before env.step().")
        episode, known = self.episode, len(self.episode.messages)
        turn = Turn(_identified(Response.of(action), len(episode.turns)))
        # An exception from here on leaves the episode half-way: it cannot go on.
        self._over = True
        episode.turns.append(turn)
        episode.messages.append(turn.response.message)
        self._advance(episode, turn)
        if episode.stop_reason:
            return self._end(known)
        self._over = False
        info = {"turn": len(episode.turns), "new_messages": episode.messages[known:]}
        return Messages(episode.messages), 0.0, False, False, info

    def conclude(self, reason: str) -> tuple[Messages, float, bool, bool, dict[str, Any]]:
        """End the running episode from outside, and verify it as it stands.

        For runners with a deadline of their own, and for recordings that stop before the environment would.

        Args:
            reason: Becomes the stop reason; the episode counts as truncated.

        Returns:
            What :meth:`step` returns at the end of an episode.

        Raises:
            ResetNeeded: When no episode is running.
        """
        if self._over:
            raise ResetNeeded("No episode is running; call env.reset() before env.conclude().")
        self._over = True
        self._cut(self.episode, reason)
        return self._end(len(self.episode.messages))

    def _end(self, known: int) -> tuple[Messages, float, bool, bool, dict[str, Any]]:
        episode = self.episode
        verdict = Verdict.of(self._call("verify", episode))
        told = verdict.to_dict()
        del told["reward"]
        info = {
            "turn": len(episode.turns),
            "new_messages": episode.messages[known:],
            "stop_reason": episode.stop_reason,
            **told,
        }
        return Messages(episode.messages), verdict.reward, not episode.truncated, episode.truncated, info

    def render(self) -> str | None:
        """Return the conversation as text, coloured where the output is a terminal."""
        if self.render_mode != "ansi":
            return None
        from llmgym.rendering import conversation

        return conversation(self._episode, type(self).__name__)

    def close(self) -> None:
        """Release what the episode holds. It may be called twice."""
        self._over = True

    def fork(self) -> Env:
        """Return an independent environment in the same mid-episode state, for branching and tree search.

        Tasks and past messages are shared; the episode's state, the generator and the author's attributes are
        copied deeply. An environment that holds what cannot be copied (a process, a connection) overrides this.
        """
        return copy.deepcopy(self)

    def stream(self, name: str) -> np.random.Generator:
        """Return a random stream of this episode that no other stream disturbs.

        Args:
            name: Who draws from it, for example ``counterpart`` or the name of a tool.
        """
        return np.random.default_rng(np.random.SeedSequence([self.episode.seed, zlib.crc32(name.encode())]))

    # How it works.

    def _advance(self, episode: Episode, turn: Turn) -> None:
        """Do what the response asks for, and set the stop reason if that ends the episode."""
        response = turn.response
        if response.finish_reason in ("length", "content_filter"):
            # Cut off by the server: its tool calls may be incomplete, so they are not executed.
            self._cut(episode, response.finish_reason)
            return
        if not self.executes_tools:
            episode.finish("answered")
        elif response.tool_calls:
            self._run_tools(episode, turn)
        elif not _only_reasoning(response):
            self._yield_floor(episode, turn)
        if episode.stop_reason:
            return
        if len(episode.turns) >= self.max_turns:
            self._cut(episode, "max_turns")
        elif self.deadline is not None and time.monotonic() - self._started > self.deadline:
            self._cut(episode, "deadline")

    def _run_tools(self, episode: Episode, turn: Turn) -> None:
        for position, raw in enumerate(turn.response.tool_calls):
            call = ToolCall.of(raw, f"call_{len(episode.turns) - 1}_{position}")
            bridge.label(f"tool {call.name!r} of {type(self).__name__}")
            with boundary("tool"):
                result = self.toolbox.execute(call, bridge.wait)
            turn.results.append(result)
            episode.messages.append(result.message())
            if episode.stop_reason:
                return

    def _yield_floor(self, episode: Episode, turn: Turn) -> None:
        if self.counterpart is None:
            episode.finish("answered")
            return
        bridge.label(f"the counterpart of {type(self).__name__}")
        with boundary("counterpart"):
            reply = self._settle(self.counterpart.reply(episode))
        if reply is None:
            episode.finish("counterpart_ended")
            return
        turn.reply = {"role": "user", "content": reply} if isinstance(reply, str) else dict(reply)
        episode.messages.append(turn.reply)

    def _cut(self, episode: Episode, reason: str) -> None:
        episode.truncated = True
        episode.finish(reason)

    def _choose(self, options: Mapping[str, Any]) -> tuple[int, Task]:
        unknown = set(options) - {"task"}
        if unknown:
            raise UsageError(f"Unknown reset option {sorted(unknown)[0]!r}; this environment knows 'task'.")
        chosen = options.get("task")
        if chosen is None:
            chosen = self.tasks.sample(self.np_random)
        if isinstance(chosen, int | np.integer) and not isinstance(chosen, bool):
            task, index = self.tasks[int(chosen)], int(chosen)
            return index if index >= 0 else index + len(self.tasks), task
        if isinstance(chosen, Mapping | Task):
            row = chosen if isinstance(chosen, Task) else self.convert_row(chosen)
            return -1, self.adapt(Task.of(row, id="given", where="options['task']"))
        raise UsageError(
            f"Expected options['task'] to be an index, a Task or a row, found {type(chosen).__name__}."
        )

    def convert_row(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Bring a row of another public schema into one that makes a task. By default it stays as it is."""
        return row

    def adapt(self, task: Task) -> Task:
        """Change a task given as an object into the form that this environment plays. By default as it is."""
        return task

    def _call(self, hook: str, *arguments: Any) -> Any:
        bridge.label(f"{type(self).__name__}.{hook}")
        return self._settle(getattr(self, hook)(*arguments))

    @staticmethod
    def _settle(value: Any) -> Any:
        return bridge.wait(value) if inspect.isawaitable(value) else value


def fork(env: gym.Env[Any, Any]) -> gym.Env[Any, Any]:
    """Return an independent copy of an environment with all its wrappers, in the same mid-episode state.

    Args:
        env: An environment whose innermost part is an :class:`Env`.
    """
    if env is env.unwrapped:
        return env.fork() if isinstance(env, Env) else copy.deepcopy(env)
    inner = env.unwrapped
    forked = fork(inner)
    return copy.deepcopy(env, {id(inner): forked})


def _only_reasoning(response: Response) -> bool:
    """Tell whether the policy thought without speaking; it is then asked again, as the public agent does."""
    if response.items is not None:
        return bool(response.items) and not any(item.get("type") == "message" for item in response.items)
    return (
        bool(response.reasoning)
        and not response.message.get("content")
        and not response.message.get("refusal")
    )


def _identified(response: Response, turn: int) -> Response:
    """Give an identifier to each tool call that lacks one, so that its result can name it."""
    calls = response.tool_calls
    if all(isinstance(call, Mapping) and isinstance(call.get("id"), str) and call["id"] for call in calls):
        return response
    named = []
    for position, call in enumerate(calls):
        known = ToolCall.of(call, f"call_{turn}_{position}")
        function = {"name": known.name, "arguments": known.raw}
        named.append(
            {
                "type": "function",
                **(call if isinstance(call, Mapping) else {}),
                "id": known.id,
                "function": function,
            }
        )
    message: Message = {**response.message, "tool_calls": named}
    return replace(response, message=message)
