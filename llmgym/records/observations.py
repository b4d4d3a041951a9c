"""What the metrics take from one rollout row, whichever program wrote it."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from llmgym.errors import UsageError
from llmgym.records.progress import failure_of, outcome_of, repeat_of, task_of

__all__ = ["NO_VALUE", "Observation", "observe", "observe_all"]

NO_VALUE = "(none)"
"""Label of the rollouts that lack the field a subset is made by."""


@dataclass(slots=True)
class Observation:
    """The part of a rollout that metrics are made of.

    Attributes:
        rollout: What tells the rollout from every other; attempts at it share this.
        task: What tells its task from every other.
        name: Id of the task, for people.
        repeat: Number of the rollout among those of its task.
        attempt: Number of the attempt.
        reward: The reward; None when the rollout is not scored.
        outcome: ``completed``, ``truncated`` or ``failed``.
        boundary: Where a failed rollout failed; empty otherwise.
        stop_reason: Why the episode ended; empty when unknown.
        prompt_tokens: Tokens read, summed over turns; None when unknown.
        completion_tokens: Tokens generated, summed over turns; None when unknown.
        seconds: Wall time; None when unknown.
        tools: How often each (tool, outcome) occurred.
        components: Parts of the reward.
        metrics: Numbers among the verdict's metrics, booleans as 0 and 1.
        answer: Canonical text of the extracted answer; None when there is none.
        vacuous: Whether the task demanded nothing.
        subsets: The rollout's value of each field that subsets are made by.
    """

    rollout: tuple[Any, ...]
    task: tuple[Any, ...]
    name: str
    repeat: int
    attempt: int
    reward: float | None
    outcome: str
    boundary: str
    stop_reason: str
    prompt_tokens: float | None
    completion_tokens: float | None
    seconds: float | None
    tools: Mapping[tuple[str, str], int]
    components: Mapping[str, float]
    metrics: Mapping[str, float]
    answer: str | None
    vacuous: bool
    subsets: Mapping[str, str]


def observe_all(
    rows: Iterable[Any], *, answers: Sequence[str], subsets: Sequence[str], all_attempts: bool
) -> Iterator[Observation]:
    """Observe rows; of the attempts at one rollout only the last, unless all are wanted.

    Args:
        rows: See :func:`observe`.
        answers: Names of the metric that holds the extracted answer; the first that is there counts.
        subsets: Fields that subsets are made by.
        all_attempts: Whether every attempt counts as a rollout.
    """
    last: dict[tuple[Any, ...], Observation] = {}
    shared: dict[str, str] = {}
    for number, row in enumerate(rows):
        seen = observe(row, number, answers=answers, subsets=subsets, shared=shared)
        if all_attempts:
            yield seen
        elif (before := last.get(seen.rollout)) is None or seen.attempt >= before.attempt:
            last[seen.rollout] = seen
    yield from last.values()


def observe(
    row: Any, number: int, *, answers: Sequence[str], subsets: Sequence[str], shared: dict[str, str]
) -> Observation:
    """Observe one row.

    Args:
        row: A mapping, its JSON text, an object with ``to_dict()``, or a pair of an offset and any of these.
        number: Its place among the rows, which stands in for a task that it does not name.
        answers: Names of the metric that holds the extracted answer; the first that is there counts.
        subsets: Fields that subsets are made by.
        shared: Texts that many rows have in common, kept once.

    Raises:
        UsageError: When the row is none of these.
    """
    row = _mapping(row)
    verdict = _inner(row, "verdict")
    metrics = _inner(verdict, "metrics") or _inner(row, "metrics")
    outcome = outcome_of(row)
    reward = _number(row.get("reward", verdict.get("reward"))) if outcome != "failed" else None
    task = task_of(row)
    # Rows of several runs may be summarised together: a task index alone does not name a task then.
    env = _text(row.get("env"), shared)
    place = (env, f"row {number}" if task is None else task)
    rollout = (*place, repeat_of(row), _text([row.get("policy"), row.get("seed")], shared))
    turns = [turn for turn in _list(row.get("turns")) if isinstance(turn, Mapping)]
    usages = [_inner(turn, "usage") for turn in turns] or [
        _inner(row, "usage") or _inner(_inner(row, "response"), "usage")
    ]
    places = [place for name in answers for place in (metrics.get(name), row.get(name)) if place is not None]
    found = places[0] if places else None
    return Observation(
        rollout,
        place,
        str(row.get("task_id", place[1])),
        repeat_of(row),
        int(_number(row.get("attempt", row.get("_ng_attempt_index"))) or 0),
        reward,
        outcome,
        failure_of(row)[0] if outcome == "failed" else "",
        str(row.get("stop_reason") or ""),
        _tokens(usages, "prompt_tokens", "input_tokens"),
        _tokens(usages, "completion_tokens", "output_tokens"),
        _number(row.get("seconds")),
        _tools(turns),
        _numbers(_inner(verdict, "components") or _inner(row, "components")),
        _numbers(metrics),
        None if found is None else json.dumps(found, sort_keys=True, default=repr),
        bool(verdict.get("vacuous")),
        {name: _label(row, metrics, name) for name in subsets},
    )


def _mapping(row: Any) -> Mapping[str, Any]:
    if isinstance(row, tuple) and len(row) == 2:
        row = row[1]
    if isinstance(row, (bytes, str)):
        row = orjson.loads(row)
    elif not isinstance(row, Mapping) and hasattr(row, "to_dict"):
        row = row.to_dict()
    if not isinstance(row, Mapping):
        raise UsageError(f"Expected rollouts as mappings, found {type(row).__name__}.")
    return row


def _label(row: Mapping[str, Any], metrics: Mapping[str, Any], name: str) -> str:
    task = _inner(row, "task")
    for place in (metrics, row, _inner(task, "data"), task, _inner(_inner(row, "env"), "kwargs")):
        value: Any = place
        for part in [name] if name in place else name.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        if value is not None:
            return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=repr)
    return NO_VALUE


def _tools(turns: Iterable[Mapping[str, Any]]) -> Counter[tuple[str, str]]:
    return Counter(
        (str(tool.get("name")), str(tool["outcome"]))
        for turn in turns
        for tool in _list(turn.get("tools"))
        if isinstance(tool, Mapping) and "outcome" in tool
    )


def _tokens(usages: Iterable[Mapping[str, Any]], name: str, other: str) -> float | None:
    counts = [count for usage in usages if (count := _number(usage.get(name, usage.get(other)))) is not None]
    return math.fsum(counts) if counts else None


def _inner(row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = row.get(name)
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {str(name): number for name, value in values.items() if (number := _number(value)) is not None}


def _number(value: Any) -> float | None:
    if not isinstance(value, (int, float)):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _text(value: Any, shared: dict[str, str]) -> str:
    text = json.dumps(value, sort_keys=True, default=repr)
    return shared.setdefault(text, text)
