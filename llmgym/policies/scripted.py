"""Policies that need no model: oracle, random, replay and human."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import gymnasium as gym

from llmgym.core import Env
from llmgym.errors import UsageError
from llmgym.messages import Action, Message, Response, assistant, tool_call
from llmgym.policies.base import Policy, Request
from llmgym.spaces import ResponseSpace
from llmgym.threads import in_thread

__all__ = ["HumanPolicy", "OraclePolicy", "RandomPolicy", "ReplayPolicy"]


class OraclePolicy(Policy):
    """Gives the responses that the environment's own oracle knows to earn the full reward.

    For tests, audits of data sets, and measurements of throughput without a model.
    """

    def __init__(self) -> None:
        self._plans: dict[int, tuple[int, Sequence[Action]]] = {}

    async def respond(self, request: Request) -> Response:
        """Return the oracle's next response.

        Raises:
            UsageError: When the environment has no oracle for this task, or the episode outlasts it.
        """
        env = _inner(request.env, "OraclePolicy")
        seed = env.episode.seed
        planned = self._plans.get(id(env))
        if request.turn == 0 or planned is None or planned[0] != seed:
            from llmgym.bridge import call

            plan = await call(env._call, "oracle", env.task)
            if plan is None:
                raise UsageError(f"{type(env).__name__} has no oracle for task {env.task.id!r}.")
            planned = (seed, list(plan))
            self._plans[id(env)] = planned
        if request.turn >= len(planned[1]):
            raise UsageError(
                f"The oracle of {type(env).__name__} gave {len(planned[1])} responses for task {env.task.id!r}, but "
                "the episode goes on."
            )
        if request.turn == len(planned[1]) - 1:
            del self._plans[id(env)]
        return Response.of(planned[1][request.turn])

    def describe(self) -> dict[str, Any]:
        """Return the kind."""
        return {"kind": "oracle"}


class RandomPolicy(Policy):
    """Samples the action space: text in several scripts, tool calls and malformed tool calls.

    Args:
        seed: Seed where the request brings none.
    """

    def __init__(self, seed: int = 0):
        self.seed = seed

    async def respond(self, request: Request) -> Response:
        """Return a random response."""
        names = [tool["function"]["name"] for tool in request.tools]
        seed = self.seed + request.turn if request.seed is None else request.seed
        return Response.of(ResponseSpace(names, seed=seed).sample())

    def describe(self) -> dict[str, Any]:
        """Return the kind and the seed."""
        return {"kind": "random", "seed": self.seed}


class ReplayPolicy(Policy):
    """Gives recorded responses again.

    Args:
        responses: The responses of one episode, or for each task id those of its episode.
    """

    def __init__(self, responses: Sequence[Action] | Mapping[str, Sequence[Action]]):
        self._responses = responses

    async def respond(self, request: Request) -> Response:
        """Return the recorded response of this turn.

        Raises:
            UsageError: When the recording has no such task or turn.
        """
        recorded = self._responses
        if isinstance(recorded, Mapping):
            task_id = _inner(request.env, "ReplayPolicy").task.id
            if task_id not in recorded:
                raise UsageError(f"The recording has no responses for task {task_id!r}.")
            recorded = recorded[task_id]
        if request.turn >= len(recorded):
            raise UsageError(f"The recording has {len(recorded)} responses, but the episode goes on.")
        return Response.of(recorded[request.turn])

    def describe(self) -> dict[str, Any]:
        """Return the kind and a digest of the recording."""
        recorded = self._responses
        listed = {"": recorded} if not isinstance(recorded, Mapping) else recorded
        said = [
            [task, [Response.of(action).message for action in actions]] for task, actions in listed.items()
        ]
        return {
            "kind": "replay",
            "digest": hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest(),
        }


class HumanPolicy(Policy):
    """Asks a person at the terminal.

    A line is an answer; several lines end with an empty one. ``/call NAME {"argument": 1}`` calls a tool, ``/tools``
    shows the tools, ``/quit`` and the end of the input end the program as an interrupt does.

    Args:
        read: Returns a line of input; ``input`` by default.
        write: Shows text; standard output by default.
    """

    def __init__(self, read: Callable[[], str] = input, write: Callable[[str], Any] | None = None):
        self._read = read
        self._write = write or (lambda text: sys.stdout.write(text + "\n"))
        self._shown = 0

    async def respond(self, request: Request) -> Response:
        """Show what is new, and return what the person says; see :meth:`ask`."""
        # A daemon thread: one that waits for input must not keep an interrupted program from ending.
        return await in_thread(self.ask, request)

    def ask(self, request: Request) -> Response:
        """Show what is new, and wait for what the person says.

        Args:
            request: The conversation and the tools.

        Raises:
            KeyboardInterrupt: When the person quits.
        """
        from llmgym.rendering import message_block

        if request.turn == 0 or self._shown > len(request.messages):
            self._shown = 0
        for message in request.messages[self._shown :]:
            self._write(message_block(message))
        self._shown = len(request.messages)
        return self._answer(request.tools)

    def describe(self) -> dict[str, Any]:
        """Return the kind."""
        return {"kind": "human"}

    def _answer(self, tools: Iterable[dict[str, Any]]) -> Response:
        names = [tool["function"]["name"] for tool in tools]
        self._write(
            "your turn" + (f" (tools: {', '.join(names)}; /call NAME {{...}})" if names else "") + ":"
        )
        lines: list[str] = []
        while True:
            try:
                line = self._read()
            except EOFError:
                if not lines:
                    # Nobody is there any more: an environment of many turns would ask until its last.
                    raise KeyboardInterrupt from None
                break
            if not lines and line.strip() == "/quit":
                raise KeyboardInterrupt
            if not lines and line.strip() == "/tools":
                for tool in tools:
                    self._write(str(tool["function"]))
                continue
            if not lines and line.startswith("/call "):
                name, _, arguments = line.removeprefix("/call ").strip().partition(" ")
                return Response(assistant(None, tool_call(name, arguments.strip() or "{}")))
            if not line:
                break
            lines.append(line)
        message: Message = {"role": "assistant", "content": "\n".join(lines)}
        return Response(message)


def _inner(env: gym.Env[Any, Any] | None, who: str) -> Env:
    inner = None if env is None else env.unwrapped
    if not isinstance(inner, Env):
        raise UsageError(
            f"{who} needs the environment: use it in a runner, or call env.unwrapped.oracle(task)."
        )
    return inner
