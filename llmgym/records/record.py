"""The rollout record: one self-contained JSON line a rollout."""

from __future__ import annotations

import dataclasses
import functools
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import gymnasium as gym
import orjson

from llmgym.episode import Episode, Turn
from llmgym.errors import Error, InfrastructureError, StoreError
from llmgym.messages import Message, Response
from llmgym.records.encoding import dumped
from llmgym.tasks import Task

__all__ = ["SCHEMA_VERSION", "Failure", "Outcome", "Rollout", "TurnRecord", "record_episode", "versions"]

SCHEMA_VERSION = 1

Outcome = Literal["completed", "truncated", "failed"]
"""``completed``: the policy ended it. ``truncated``: a limit did; the reward is still true. ``failed``: the world
did; there is no reward."""


@functools.cache
def versions() -> Mapping[str, Any]:
    """Return the versions that a record names."""
    import llmgym

    return {
        "schema": SCHEMA_VERSION,
        "llmgym": llmgym.__version__,
        "gymnasium": gym.__version__,
        "python": platform.python_version(),
    }


@dataclass(slots=True)
class Failure:
    """Why a rollout, or an attempt at it, has no reward.

    Attributes:
        boundary: Which part of the world failed.
        type: Class of the exception.
        message: Its text.
        retryable: Whether another attempt may help.
    """

    boundary: str
    type: str
    message: str
    retryable: bool = True

    @classmethod
    def of(cls, error: BaseException, boundary: str = "environment") -> Failure:
        """Describe an exception.

        Args:
            error: The exception.
            boundary: Where it came from, when it does not say so itself.
        """
        if isinstance(error, InfrastructureError):
            cause = error.__cause__ or error
            return cls(error.boundary, type(cause).__name__, str(error), error.retryable)
        return cls(boundary, type(error).__name__, str(error), not isinstance(error, Error))


@dataclass(slots=True)
class TurnRecord:
    """What is known about one response of the policy.

    Attributes:
        message: Position of the assistant message in the rollout's messages.
        finish_reason: Why generation ended, as the server gave it.
        usage: Token counts.
        model_seconds: Wall time the policy took.
        env_seconds: Wall time the environment took: tools, counterpart, and verification in the last turn.
        tools: For each tool call ``id``, ``name``, ``outcome`` and ``seconds``.
        prompt_token_ids: Token ids of the prompt, when known.
        token_ids: Generated token ids, when known.
        logprobs: Their log-probabilities in nats, when known.
    """

    message: int
    finish_reason: str | None = None
    usage: dict[str, int] = field(default_factory=dict)
    model_seconds: float = 0.0
    env_seconds: float = 0.0
    tools: list[dict[str, Any]] = field(default_factory=list)
    prompt_token_ids: list[int] | None = None
    token_ids: list[int] | None = None
    logprobs: list[float] | None = None

    @classmethod
    def of(cls, turn: Turn, message: int, model_seconds: float, env_seconds: float) -> TurnRecord:
        """Record a turn of an episode."""
        response = turn.response
        tools = [
            {
                "id": result.call.id,
                "name": result.name,
                "outcome": result.outcome,
                "seconds": round(result.seconds, 6),
            }
            for result in turn.results
        ]
        return cls(
            message,
            response.finish_reason,
            dict(response.usage or {}),
            round(model_seconds, 6),
            round(env_seconds, 6),
            tools,
            response.prompt_token_ids,
            response.token_ids,
            response.logprobs,
        )


@dataclass(slots=True)
class Rollout:
    """One rollout, with all that is needed to rebuild and verify it again.

    Attributes:
        task_id: Identifier of the task.
        task_index: Its index in the task set, or its position among the tasks that were given.
        repeat: Which rollout of this task it is, from 0.
        seed: Seed that the environment was reset with.
        env: What rebuilds the environment: ``id``, ``kwargs`` and ``wrappers``; ``sandbox`` names the backend, if any.
        policy: What identifies the policy.
        outcome: See :data:`Outcome`.
        reward: Sum of the rewards; ``None`` when it failed.
        verdict: ``reward``, ``components``, ``metrics``, ``reason`` and ``vacuous``, from the verifier.
        stop_reason: Why the episode ended.
        messages: The conversation, prompt included.
        prompt_length: How many of the messages are the prompt.
        task: ``data``, ``tools`` and ``params`` of the task.
        turns: One record for each response of the policy.
        attempt: Number of attempts it took, from 1.
        failures: Why the earlier attempts failed, and this one if its outcome is ``failed``.
        seconds: Wall time of the last attempt.
        versions: Of the record, llmgym, Gymnasium and Python.
    """

    task_id: str
    task_index: int
    repeat: int
    seed: int
    env: dict[str, Any]
    policy: dict[str, Any]
    outcome: Outcome
    reward: float | None
    verdict: dict[str, Any] | None
    stop_reason: str
    messages: list[Message]
    prompt_length: int
    task: dict[str, Any]
    turns: list[TurnRecord] = field(default_factory=list)
    attempt: int = 1
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    versions: dict[str, Any] = field(default_factory=lambda: dict(versions()))

    @property
    def key(self) -> tuple[str, int]:
        """What identifies a rollout in a run: task and repeat."""
        return self.task_id, self.repeat

    @property
    def responses(self) -> list[Response]:
        """The policy's responses, ready to be replayed."""
        return [
            Response(
                self.messages[turn.message],
                turn.finish_reason,
                turn.usage or None,
                turn.prompt_token_ids,
                turn.token_ids,
                turn.logprobs,
            )
            for turn in self.turns
        ]

    def as_task(self) -> Task:
        """Rebuild the task that was played."""
        return Task(
            self.task_id,
            self.messages[: self.prompt_length],
            self.task.get("data", {}),
            self.task.get("tools"),
            self.task.get("params", {}),
        )

    def to_json(self) -> bytes:
        """Return the record as one line of JSON, without the newline."""
        return dumped(self)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as JSON values."""
        return orjson.loads(self.to_json())

    @classmethod
    def from_json(cls, line: bytes | str | Mapping[str, Any]) -> Rollout:
        """Read a record. Fields that this version does not know are ignored.

        Raises:
            StoreError: When it is not a rollout record, or of a newer schema.
        """
        try:
            row = line if isinstance(line, Mapping) else orjson.loads(line)
            schema = row["versions"]["schema"]
            if not isinstance(schema, int) or schema > SCHEMA_VERSION:
                raise StoreError(
                    f"The record has schema {schema}; this version of llmgym reads up to {SCHEMA_VERSION}. Update llmgym."
                )
            known = {name: row[name] for name in _FIELDS if name in row}
            known["turns"] = [
                TurnRecord(**{k: v for k, v in turn.items() if k in _TURN}) for turn in known["turns"]
            ]
            known["failures"] = [
                Failure(**{k: v for k, v in failure.items() if k in _FAILURE})
                for failure in known.get("failures", [])
            ]
            rollout = cls(**known)
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
            raise StoreError(
                f"Expected a rollout record of llmgym, found something else ({type(error).__name__}: {error})."
            ) from error
        return rollout


_FIELDS = tuple(f.name for f in dataclasses.fields(Rollout))
_TURN = frozenset(f.name for f in dataclasses.fields(TurnRecord))
_FAILURE = frozenset(f.name for f in dataclasses.fields(Failure))


def record_episode(
    episode: Episode,
    timings: list[tuple[float, float]],
    **fields: Any,
) -> Rollout:
    """Make the record of an episode.

    Args:
        episode: The episode, ended or broken off.
        timings: Seconds of the policy and of the environment, for each turn that was taken.
        **fields: The remaining fields of the record.
    """
    positions = (
        i for i, m in enumerate(episode.messages) if i >= episode.prompt_length and m["role"] == "assistant"
    )
    turns = [
        TurnRecord.of(turn, position, *timing)
        for turn, position, timing in zip(episode.turns, positions, timings, strict=False)
    ]
    task = episode.task
    content: dict[str, Any] = {"data": dict(task.data)}
    if task.tools is not None:
        content["tools"] = task.tools
    if task.params:
        content["params"] = dict(task.params)
    return Rollout(
        task_id=task.id,
        stop_reason=episode.stop_reason,
        messages=list(episode.messages),
        prompt_length=episode.prompt_length,
        task=content,
        turns=turns,
        **fields,
    )
