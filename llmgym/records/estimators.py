"""Estimators over repeated rollouts: pure functions of numbers."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

from llmgym.errors import UsageError

__all__ = [
    "Distribution",
    "Interval",
    "distribution",
    "majority_at_k",
    "mean_interval",
    "pass_at_k",
    "pass_hat_k",
    "quantile",
    "spread_across_runs",
    "t_quantile",
]


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean and its 95 % confidence interval.

    Attributes:
        mean: The mean.
        std_err: Its standard error; None when there is only one cluster.
        low: Lower end of the interval; None when there is only one cluster.
        high: Upper end of the interval; None when there is only one cluster.
        count: How many values there are.
        clusters: How many clusters they fall into.
    """

    mean: float
    std_err: float | None
    low: float | None
    high: float | None
    count: int
    clusters: int


@dataclass(frozen=True, slots=True)
class Distribution:
    """A distribution in a few numbers, all in the unit of its values.

    Attributes:
        count: How many values there are.
        total: Their sum.
        mean: Their mean.
        p50: Their median.
        p95: Their 95th percentile.
    """

    count: int
    total: float
    mean: float
    p50: float
    p95: float


def pass_at_k(n: int, c: int, k: int) -> float:
    """Estimate, without bias, the chance that at least one of k rollouts passes: 1 - C(n-c, k) / C(n, k).

    Source: Chen et al. 2021, arXiv:2107.03374.

    Args:
        n: Rollouts made.
        c: Rollouts that passed.
        k: Rollouts drawn, without putting them back.

    Raises:
        UsageError: Unless 0 <= c <= n and 1 <= k <= n.

    Example:
        >>> pass_at_k(4, 2, 2) == 1 - 1 / 6
        True
    """
    _check(n, c, k)
    return 1.0 - math.comb(n - c, k) / math.comb(n, k)


def pass_hat_k(n: int, c: int, k: int) -> float:
    """Estimate, without bias, the chance that all of k rollouts pass: C(c, k) / C(n, k).

    Source: Yao et al. 2024, arXiv:2406.12045 ("pass^k").

    Args:
        n: Rollouts made.
        c: Rollouts that passed.
        k: Rollouts drawn, without putting them back.

    Raises:
        UsageError: Unless 0 <= c <= n and 1 <= k <= n.

    Example:
        >>> pass_hat_k(4, 2, 2) == 1 / 6
        True
    """
    _check(n, c, k)
    return math.comb(c, k) / math.comb(n, k)


def majority_at_k(answers: Sequence[Hashable | None], scores: Sequence[float], k: int) -> float:
    """Score the most common answer among the first k rollouts of a task.

    The public rule: among the first k, those without an answer are left out; the most common pair of answer and
    score wins, the earlier one of equals; its score counts. Without any answer the score is 0.

    Args:
        answers: The answer of each rollout, in order; None where there is none.
        scores: Their scores.
        k: How many rollouts vote.

    Example:
        >>> majority_at_k(["4", None, "5", "5"], [1.0, 0.0, 0.0, 0.0], 4)
        0.0
    """
    votes = Counter(
        (answer, score) for answer, score in zip(answers[:k], scores[:k], strict=True) if answer is not None
    )
    return votes.most_common(1)[0][0][1] if votes else 0.0


def mean_interval(clusters: Iterable[Sequence[float]]) -> Interval | None:
    """Average values that come in clusters (the rollouts of one task), with a 95 % confidence interval.

    The standard error is that of a mean of clustered values, with the usual correction for few clusters:
    ``sqrt(C / (C - 1) * sum over clusters of (sum of (x - mean))**2) / n``, for C clusters of n values in all. With
    one value a cluster it is the plain standard error. Half the interval is the standard error times Student's t of
    C - 1 degrees of freedom. It is not clipped to the range of the values.

    Source: Miller 2024, "Adding Error Bars to Evals", arXiv:2411.00640 (clustered standard errors); the
    correction is that of Cameron and Miller 2015, "A Practitioner's Guide to Cluster-Robust Inference".

    Args:
        clusters: The values, cluster by cluster.

    Returns:
        The interval; None when there is no value.

    Example:
        >>> mean_interval([[1.0], [0.0], [1.0], [0.0]]).std_err == (1 / 3 / 4) ** 0.5
        True
    """
    groups = [list(values) for values in clusters if values]
    n, size = sum(map(len, groups)), len(groups)
    if not n:
        return None
    mean = math.fsum(value for values in groups for value in values) / n
    if size == 1:
        return Interval(mean, None, None, None, n, 1)
    squares = math.fsum(math.fsum(value - mean for value in values) ** 2 for values in groups)
    std_err = math.sqrt(size / (size - 1) * squares) / n
    half = t_quantile(size - 1) * std_err
    return Interval(mean, std_err, mean - half, mean + half, n, size)


def t_quantile(freedom: int) -> float:
    """Return the 97.5 % quantile of Student's t.

    Exact for 1 and 2 degrees of freedom, otherwise by the expansion 26.7.5 of Abramowitz and Stegun, which is right
    to 0.2 %.

    Args:
        freedom: Degrees of freedom, at least 1.

    Example:
        >>> [round(t_quantile(freedom), 2) for freedom in (1, 2, 5, 30)]
        [12.71, 4.3, 2.57, 2.04]
    """
    if freedom == 1:
        return math.tan(math.pi * 0.475)
    if freedom == 2:
        return 0.95 * math.sqrt(2 / (1 - 0.95**2))
    z = 1.959963984540054
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / freedom**power for power, term in enumerate(terms, 1))


def spread_across_runs(scores: Sequence[Sequence[float]], k: int) -> tuple[float, float] | None:
    """Measure how much the mean score differs between runs, taking the i-th rollout of every task as run i.

    Args:
        scores: The scores of each task, at least k of them.
        k: How many runs to compare.

    Returns:
        The standard deviation of the k means (with k - 1 in the denominator), and that over the square root of k;
        None for fewer than two runs or no tasks.
    """
    if k < 2 or not scores:
        return None
    means = [math.fsum(values[run] for values in scores) / len(scores) for run in range(k)]
    centre = math.fsum(means) / k
    deviation = math.sqrt(math.fsum((mean - centre) ** 2 for mean in means) / (k - 1))
    return deviation, deviation / math.sqrt(k)


def distribution(values: Iterable[float]) -> Distribution | None:
    """Describe values; None when there are none."""
    ordered = sorted(values)
    if not ordered:
        return None
    total = math.fsum(ordered)
    return Distribution(
        len(ordered), total, total / len(ordered), quantile(ordered, 0.5), quantile(ordered, 0.95)
    )


def quantile(ordered: Sequence[float], share: float) -> float:
    """Return the quantile of values in ascending order, on a straight line between neighbours.

    Example:
        >>> quantile([1.0, 2.0, 4.0], 0.75)
        3.0
    """
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _check(n: int, c: int, k: int) -> None:
    if not (0 <= c <= n and 1 <= k <= n):
        raise UsageError(f"Expected 0 <= c <= n and 1 <= k <= n, found n={n}, c={c}, k={k}.")
