"""The shape of a summary of rollouts. Every rate is a share between 0 and 1."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from llmgym.records.estimators import Distribution, Interval

__all__ = ["AtK", "Summary", "TaskSummary"]


@dataclass(frozen=True, slots=True)
class AtK:
    """Scores of k rollouts a task, averaged over the tasks that have at least k scored ones.

    Attributes:
        k: How many rollouts.
        tasks: How many tasks have that many.
        pass_at_k: The chance that at least one of k passes. Without a threshold and with rewards other than 0 and 1,
            the largest reward of the first k.
        pass_hat_k: The chance that all of k pass ("pass^k"); likewise, the smallest reward of the first k.
        avg_at_k: The mean reward of the first k.
        majority_at_k: The reward of the most common answer among the first k; None when no row has an answer.
        std_dev_across_runs: How much the mean reward differs between runs; None for k = 1.
        std_err_across_runs: That over the square root of k.
    """

    k: int
    tasks: int
    pass_at_k: float
    pass_hat_k: float
    avg_at_k: float
    majority_at_k: float | None
    std_dev_across_runs: float | None
    std_err_across_runs: float | None


@dataclass(frozen=True, slots=True)
class TaskSummary:
    """One task.

    Attributes:
        task_id: Its id.
        total: Its rollouts.
        scored: Those with a reward.
        mean_reward: Their mean reward; None when there are none.
        pass_rate: Share of them that pass; None without a threshold where rewards are other than 0 and 1.
    """

    task_id: str
    total: int
    scored: int
    mean_reward: float | None
    pass_rate: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """What a set of rollouts adds up to.

    Attributes:
        total: All rollouts: ``scored + unscorable``, always.
        scored: Rollouts with a reward, truncated ones among them.
        unscorable: Rollouts without one, because something outside the model failed. They count in no mean.
        tasks: How many tasks there are.
        reward: Mean reward of the scored, with its 95 % confidence interval clustered by task; None without any.
        threshold: Smallest reward that passes; None for the public rule (see :func:`summarise`).
        binary: Whether every reward is 0 or 1.
        at_k: The scores at each k, in ascending order.
        no_answer: Share of the scored without an extracted answer; None when no row has one.
        vacuous: Rollouts of tasks that demanded nothing.
        outcomes: Rollouts by outcome.
        truncation_rate: Share of all that a limit cut.
        failure_rate: Share of all that failed.
        failures: Failed rollouts by the boundary where they failed.
        stop_reasons: Rollouts by stop reason.
        prompt_tokens: Tokens read, a rollout; None when unknown.
        completion_tokens: Tokens generated, a rollout; None when unknown.
        seconds: Wall time, a rollout; None when unknown.
        tool_outcomes: Tool calls by outcome.
        tools: Tool calls by tool and outcome.
        components: Mean of each part of the reward, over the scored rollouts that have it.
        metrics: Mean of each numeric metric, over the scored rollouts that have it.
        per_task: Each task, in the order of first appearance.
        subsets: For each field asked for, a summary for each of its values.
    """

    total: int
    scored: int
    unscorable: int
    tasks: int
    reward: Interval | None
    threshold: float | None
    binary: bool
    at_k: list[AtK]
    no_answer: float | None
    vacuous: int
    outcomes: dict[str, int]
    truncation_rate: float
    failure_rate: float
    failures: dict[str, int]
    stop_reasons: dict[str, int]
    prompt_tokens: Distribution | None
    completion_tokens: Distribution | None
    seconds: Distribution | None
    tool_outcomes: dict[str, int]
    tools: dict[str, dict[str, int]]
    components: dict[str, float]
    metrics: dict[str, float]
    per_task: list[TaskSummary]
    subsets: dict[str, dict[str, Summary]] = field(default_factory=dict)

    def to_dict(self, *, per_task: bool = True) -> dict[str, Any]:
        """Return the summary as JSON values.

        Args:
            per_task: Whether to include each task.
        """
        values = {name: getattr(self, name) for name in (f.name for f in dataclasses.fields(self))}
        subsets = {
            name: {label: part.to_dict(per_task=per_task) for label, part in parts.items()}
            for name, parts in values.pop("subsets").items()
        }
        if not per_task:
            del values["per_task"]
        return {name: _jsonable(value) for name, value in values.items()} | {"subsets": subsets}


def _jsonable(value: Any) -> Any:
    if isinstance(value, list):
        return [_jsonable(item) for item in value]
    return (
        dataclasses.asdict(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type)
        else value
    )
