"""What rollouts add up to: rewards with error bars, pass@k and its kin, costs, failures.

Every rate is a share between 0 and 1.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from llmgym.errors import UsageError
from llmgym.records.estimators import (
    distribution,
    majority_at_k,
    mean_interval,
    pass_at_k,
    pass_hat_k,
    spread_across_runs,
)
from llmgym.records.observations import Observation, observe_all
from llmgym.records.summary import AtK, Summary, TaskSummary

__all__ = ["AtK", "Summary", "TaskSummary", "summarise"]

_ANSWERS = ("extracted_answer", "extracted_model_code")


def summarise(
    rows: Iterable[Any],
    *,
    threshold: float | None = None,
    ks: Iterable[int] | None = None,
    subsets: Sequence[str] = (),
    answer: str | None = None,
    all_attempts: bool = False,
) -> Summary:
    """Summarise rollouts.

    A rollout without a reward is never counted as 0: it is unscorable, and the counts say how many are.

    The public rule for pass@k applies unless a threshold is given: rewards of 0 and 1 are counted without bias, and
    of other rewards the largest of the first k is taken.

    Args:
        rows: Rollouts: mappings, JSON texts, objects with ``to_dict()``, or the pairs of a row reader.
        threshold: Smallest reward that passes, for rewards other than 0 and 1.
        ks: Which k to report; by default each up to 8, then powers of two, and the most rollouts a task has.
        subsets: Fields to divide the rollouts by, such as ``difficulty``. A field is looked for among the verdict's
            metrics, in the row, in the task's data and in the environment's arguments; dots reach into mappings.
        answer: Name of the metric that holds the extracted answer; by default ``extracted_answer``, or the program of
            those who are asked for one, ``extracted_model_code``.
        all_attempts: Count every attempt, instead of the last one at each rollout.

    Raises:
        UsageError: When a row is no rollout, or a k is less than 1.

    Example:
        >>> rows = [{"task_id": "a", "repeat": n, "reward": r, "outcome": "completed"} for n, r in enumerate([1, 0])]
        >>> summary = summarise([*rows, {"task_id": "b", "reward": None, "outcome": "failed"}])
        >>> summary.total, summary.scored, summary.unscorable, summary.reward.mean
        (3, 2, 1, 0.5)
    """
    wanted = None if ks is None else sorted(set(ks))
    if wanted and wanted[0] < 1:
        raise UsageError(f"Expected each k to be at least 1, found {wanted[0]}.")
    seen = list(
        observe_all(
            rows,
            answers=_ANSWERS if answer is None else (answer,),
            subsets=subsets,
            all_attempts=all_attempts,
        )
    )
    # One rule for the whole and its parts, or they could not be compared.
    binary = all(one.reward in (0.0, 1.0) for one in seen if one.reward is not None)
    parts: dict[str, dict[str, Summary]] = {}
    for name in subsets:
        groups: dict[str, list[Observation]] = {}
        for one in seen:
            groups.setdefault(one.subsets[name], []).append(one)
        parts[name] = {
            label: _summary(groups[label], binary, threshold, wanted, {}) for label in sorted(groups)
        }
    return _summary(seen, binary, threshold, wanted, parts)


def _summary(
    seen: Sequence[Observation],
    binary: bool,
    threshold: float | None,
    ks: Sequence[int] | None,
    subsets: dict[str, dict[str, Summary]],
) -> Summary:
    by_task: dict[tuple[Any, ...], list[Observation]] = {}
    for one in seen:
        by_task.setdefault(one.task, []).append(one)
    scored = [one for one in seen if one.reward is not None]
    groups = [
        sorted((one for one in task if one.reward is not None), key=lambda one: one.repeat)
        for task in by_task.values()
    ]
    rewards = [[_reward(one) for one in group] for group in groups]
    bar = 1.0 if binary and threshold is None else threshold
    answered = any(one.answer is not None for one in scored)
    answers = [[one.answer for one in group] for group in groups] if answered else None
    outcomes = Counter(one.outcome for one in seen)
    tools: dict[str, Counter[str]] = {}
    for one in seen:
        for (tool, outcome), count in one.tools.items():
            tools.setdefault(tool, Counter())[outcome] += count
    return Summary(
        total=len(seen),
        scored=len(scored),
        unscorable=len(seen) - len(scored),
        tasks=len(by_task),
        reward=mean_interval(rewards),
        threshold=threshold,
        binary=binary,
        at_k=[_at_k(rewards, answers, k, bar) for k in _ks(ks, rewards)],
        no_answer=sum(one.answer is None for one in scored) / len(scored) if answered else None,
        vacuous=sum(one.vacuous for one in seen),
        outcomes=_sorted(outcomes),
        truncation_rate=outcomes["truncated"] / len(seen) if seen else 0.0,
        failure_rate=outcomes["failed"] / len(seen) if seen else 0.0,
        failures=_sorted(Counter(one.boundary for one in seen if one.outcome == "failed")),
        stop_reasons=_sorted(Counter(one.stop_reason for one in seen if one.stop_reason)),
        prompt_tokens=distribution(one.prompt_tokens for one in seen if one.prompt_tokens is not None),
        completion_tokens=distribution(
            one.completion_tokens for one in seen if one.completion_tokens is not None
        ),
        seconds=distribution(one.seconds for one in seen if one.seconds is not None),
        tool_outcomes=_sorted(sum(tools.values(), Counter())),
        tools={tool: _sorted(tools[tool]) for tool in sorted(tools)},
        components=_means(one.components for one in scored),
        metrics=_means(one.metrics for one in scored),
        per_task=[
            TaskSummary(
                max(task, key=lambda one: one.reward is not None).name,
                len(task),
                len(values),
                math.fsum(values) / len(values) if values else None,
                None if bar is None or not values else sum(value >= bar for value in values) / len(values),
            )
            for task, values in zip(by_task.values(), rewards, strict=True)
        ],
        subsets=subsets,
    )


def _at_k(
    rewards: Sequence[Sequence[float]],
    answers: Sequence[Sequence[str | None]] | None,
    k: int,
    bar: float | None,
) -> AtK:
    enough = [at for at, values in enumerate(rewards) if len(values) >= k]
    scores = [rewards[at] for at in enough]
    passed = (
        None if bar is None else [(len(values), sum(value >= bar for value in values)) for values in scores]
    )
    spread = spread_across_runs(scores, k) or (None, None)
    return AtK(
        k,
        len(enough),
        _mean(
            [max(values[:k]) for values in scores]
            if passed is None
            else [pass_at_k(n, c, k) for n, c in passed]
        ),
        _mean(
            [min(values[:k]) for values in scores]
            if passed is None
            else [pass_hat_k(n, c, k) for n, c in passed]
        ),
        _mean([math.fsum(values[:k]) / k for values in scores]),
        None if answers is None else _mean([majority_at_k(answers[at], rewards[at], k) for at in enough]),
        *spread,
    )


def _ks(wanted: Sequence[int] | None, rewards: Sequence[Sequence[float]]) -> list[int]:
    most = max(map(len, rewards), default=0)
    if wanted is None:
        powers = [2**power for power in range(4, most.bit_length())]
        wanted = sorted({*range(1, 9), *powers, most})
    return [k for k in wanted if 1 <= k <= most]


def _means(parts: Iterable[Mapping[str, float]]) -> dict[str, float]:
    values: dict[str, list[float]] = {}
    for part in parts:
        for name, value in part.items():
            values.setdefault(name, []).append(value)
    return {name: _mean(values[name]) for name in sorted(values)}


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _reward(one: Observation) -> float:
    assert one.reward is not None
    return one.reward


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: counts[name] for name in sorted(counts)}
