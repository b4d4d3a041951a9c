"""Replay: recorded responses stepped through a fresh environment."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import gymnasium as gym
import numpy as np

from llmgym.core import Env
from llmgym.episode import Episode
from llmgym.errors import InvalidTask, StoreError, UsageError
from llmgym.messages import Action, Message, Response
from llmgym.records.record import Failure, Rollout, record_episode
from llmgym.records.spec import spec_of
from llmgym.tasks import Task

__all__ = ["replay", "replay_row"]


class _RecordedCounterpart:
    """Says again what the counterpart of a recording said."""

    def __init__(self, replies: Sequence[Message]):
        self._replies = list(replies)
        self._said = 0

    def begin(self, episode: Episode, rng: np.random.Generator) -> None:
        self._said = 0

    def reply(self, episode: Episode) -> Message | None:
        if self._said >= len(self._replies):
            return None
        self._said += 1
        return self._replies[self._said - 1]


def replay(
    env: str | gym.Env[Any, Any],
    task: int | Task | Mapping[str, Any],
    recorded: Action | Sequence[Action] | Mapping[str, Any],
    *,
    seed: int | None = None,
) -> Rollout:
    """Step recorded responses through an environment and verify the end, whatever the last turn was.

    Tools are executed again. Messages of a counterpart that the recording holds are said again by a stand-in, unless
    the counterpart ``acts``: then it is asked again, as a tool would be.

    Args:
        env: Id of an environment, or an environment, which is reset and not closed.
        task: Its index, a task, or a row.
        recorded: One response; a list of responses; a conversation (only its messages after the prompt, or all of
            them); or a Responses object with its ``output`` items, as public rollout files hold it.
        seed: Seed for the reset.

    Returns:
        The record of the replay. Responses left over after the episode's end are ignored.

    Raises:
        UsageError: When the recording is of no known kind, or the task does not fit.

    Example:
        >>> import llmgym
        >>> row = {"prompt": "add 2", "initial_count": 0, "expected_count": 2}
        >>> calls = [llmgym.assistant(None, llmgym.tool_call("increment_counter", {"count": 2})), "Done."]
        >>> llmgym.replay("llmgym/SessionState-v0", row, calls).reward
        1.0
    """
    made = gym.make(env, disable_env_checker=True) if isinstance(env, str) else env
    try:
        responses, replies = _read(_without_prompt(made, task, recorded))
        return _play(made, task, responses, replies, seed)
    finally:
        if isinstance(env, str):
            made.close()


def replay_row(row: Mapping[str, Any], env: gym.Env[Any, Any], position: int = 0) -> Rollout:
    """Replay one line of a rollout file through an environment.

    Args:
        row: A rollout record of llmgym, or a public row with ``responses_create_params`` and ``response``.
        env: The environment.
        position: Position of the line in its file, used where the row names no task.

    Raises:
        StoreError: When the row is of neither kind.
    """
    if "prompt_length" in row:
        rollout = Rollout.from_json(row)
        tail = rollout.messages[rollout.prompt_length :]
        replies = [message for message in tail if message["role"] not in ("assistant", "tool")]
        again = _play(env, rollout.as_task(), rollout.responses, replies, rollout.seed)
        again.task_index, again.repeat, again.policy = rollout.task_index, rollout.repeat, rollout.policy
        return again
    if "responses_create_params" in row and "response" in row:
        bare = {key: value for key, value in row.items() if key not in ("response", "reward")}
        responses, replies = _read(row["response"])
        task = Task.of(bare, id=str(position), where=f"row {position}")
        with _room_for(env, len(responses)):
            again = _play(env, task, responses, replies, 0)
        again.task_index = int(row.get("_ng_task_index", position))
        again.repeat = int(row.get("_ng_rollout_index", 0))
        return again
    raise StoreError(
        f"Row {position} is neither a rollout of llmgym nor a row with 'responses_create_params' and 'response'."
    )


@contextmanager
def _room_for(env: gym.Env[Any, Any], turns: int) -> Iterator[None]:
    """Let a recording be longer than an episode is by default: the public verifiers grade all that was recorded."""
    inner = env.unwrapped
    if not isinstance(inner, Env) or inner.max_turns != inner.default_max_turns:
        yield
        return
    inner.max_turns = max(inner.max_turns, turns)
    try:
        yield
    finally:
        inner.max_turns = inner.default_max_turns


def _play(
    env: gym.Env[Any, Any],
    task: Any,
    responses: Sequence[Response],
    replies: Sequence[Message],
    seed: int | None,
) -> Rollout:
    inner = env.unwrapped
    if not isinstance(inner, Env):
        raise UsageError(f"Expected an llmgym environment, found {type(inner).__name__}.")
    own = inner.counterpart
    if (replies or own is not None) and not getattr(own, "acts", False):
        inner.counterpart = _RecordedCounterpart(replies)
    started = time.perf_counter()
    timings: list[tuple[float, float]] = []
    reward, truncated, over = 0.0, False, False
    failures: list[Failure] = []
    try:
        _, info = env.reset(seed=seed, options={"task": task})
    except BaseException:
        inner.counterpart = own
        raise
    index = info["task_index"]
    try:
        for response in responses:
            before = time.perf_counter()
            _, gain, terminated, truncated, info = env.step(response)
            timings.append((0.0, time.perf_counter() - before))
            reward += float(gain)
            over = terminated or truncated
            if over:
                break
        if not over:
            _, gain, _, truncated, info = inner.conclude("recording_ended")
            reward += gain
    except UsageError:
        raise
    except Exception as error:
        failures = [Failure.of(error)]
    finally:
        inner.counterpart = own
    verdict = {name: info[name] for name in ("components", "metrics", "reason", "vacuous") if name in info}
    return record_episode(
        inner.episode,
        timings,
        task_index=index,
        repeat=0,
        seed=seed or 0,
        env=spec_of(env),
        policy={"kind": "replay"},
        outcome="failed" if failures else "truncated" if truncated else "completed",
        reward=None if failures else reward,
        verdict=None if failures else {"reward": reward, **verdict},
        failures=failures,
        seconds=round(time.perf_counter() - started, 6),
    )


def _without_prompt(env: gym.Env[Any, Any], task: Any, recorded: Any) -> Any:
    """Leave out the prompt of a conversation that was recorded whole."""
    inner = env.unwrapped
    if not isinstance(recorded, Sequence) or isinstance(recorded, str) or not isinstance(inner, Env):
        return recorded
    if isinstance(task, int | np.integer):
        known = inner.tasks[int(task)]
    else:
        known = inner.adapt(Task.of(inner.convert_row(task) if isinstance(task, Mapping) else task))
    length = len(known.messages)
    return recorded[length:] if list(recorded[:length]) == known.messages else recorded


def _read(recorded: Any) -> tuple[list[Response], list[Message]]:
    """Return the responses of a recording, and what its counterpart said."""
    if isinstance(recorded, Mapping) and isinstance(recorded.get("output"), list):
        return _read_items(recorded)
    if hasattr(recorded, "output") and hasattr(recorded, "model_dump"):
        return _read_items(recorded.model_dump(exclude_none=True))
    if isinstance(recorded, str | Response | Mapping) or not isinstance(recorded, Sequence):
        return [Response.of(recorded)], []
    entries = list(recorded)
    conversation = [m for m in entries if isinstance(m, Mapping) and m.get("role") not in (None, "assistant")]
    if not conversation:
        return [Response.of(entry) for entry in entries], []
    if not _speaks(entries[0]):
        raise UsageError(
            f"Expected the conversation to begin with the task's prompt or with a response, found a message of the role "
            f"{entries[0].get('role')!r}: its prompt is not that of the task."
        )
    responses = [Response.of(entry) for entry in entries if _speaks(entry)]
    replies = [dict(entry) for entry in entries if not _speaks(entry) and entry.get("role") != "tool"]
    return responses, replies


def _speaks(entry: Any) -> bool:
    return not isinstance(entry, Mapping) or entry.get("role") == "assistant"


def _read_items(answer: Mapping[str, Any]) -> tuple[list[Response], list[Message]]:
    """Split the output items of a public rollout into turns.

    A turn is what one model call produced; the outputs of its calls follow it.
    """
    from llmgym.conversion import message_from_items, messages_from_input

    responses: list[Response] = []
    replies: list[Message] = []
    turn: list[dict[str, Any]] = []

    def close_turn() -> None:
        if turn:
            responses.append(Response(message_from_items(turn), items=list(turn)))
            turn.clear()

    for item in answer["output"]:
        if not isinstance(item, Mapping):
            raise InvalidTask(f"Expected output items to be objects, found {type(item).__name__}.")
        if item.get("type") == "function_call_output":
            close_turn()
        elif item.get("role") in ("user", "system", "developer"):
            close_turn()
            replies += messages_from_input([item])
        else:
            turn.append(dict(item))
    close_turn()
    if responses and isinstance(answer.get("incomplete_details"), Mapping):
        reason = answer["incomplete_details"].get("reason")
        last = responses[-1]
        finish = "content_filter" if reason == "content_filter" else "length"
        responses[-1] = Response(last.message, finish, items=last.items)
    return responses, replies
