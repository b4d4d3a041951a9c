"""Verdicts: what a verifier says at the end of an episode, and how verdicts combine."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from llmgym.errors import UsageError

__all__ = ["Verdict", "gate", "product", "weighted_sum"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a verification.

    Attributes:
        reward: The scalar reward.
        components: Named parts of the reward, each a float.
        metrics: Named observations about the answer that are not reward: JSON values, one type a name for ever,
            left out where they do not apply.
        reason: Why the reward is what it is, in a few words; empty when there is nothing to say.
        vacuous: True when the task demanded nothing, so that any response would have earned the reward.
    """

    reward: float
    components: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    reason: str = ""
    vacuous: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "reward", _finite("reward", self.reward))
        object.__setattr__(self, "components", {k: _finite(k, v) for k, v in self.components.items()})
        object.__setattr__(self, "metrics", {k: v for k, v in self.metrics.items() if v is not None})

    @classmethod
    def of(cls, value: Verdict | float | bool) -> Verdict:
        """Accept a verdict or a bare number.

        Raises:
            UsageError: When a verifier returned anything else, or a number that is not finite.
        """
        if isinstance(value, Verdict):
            return value
        return cls(_finite("reward", value))

    def to_dict(self) -> dict[str, Any]:
        """Return the verdict as JSON values."""
        return {
            "reward": self.reward,
            "components": dict(self.components),
            "metrics": dict(self.metrics),
            "reason": self.reason,
            "vacuous": self.vacuous,
        }


def weighted_sum(parts: Mapping[str, tuple[float, Verdict | float]], reason: str = "") -> Verdict:
    """Add verdicts, each multiplied by its weight.

    Args:
        parts: For each name its weight and its verdict.
        reason: Reason of the result; by default the reasons of the parts.

    Returns:
        A verdict whose components are the unweighted rewards of the parts.

    Example:
        >>> weighted_sum({"answer": (1.0, 1.0), "format": (0.2, 0.5)}).reward
        1.1
    """
    verdicts = {name: (weight, Verdict.of(part)) for name, (weight, part) in parts.items()}
    total = math.fsum(weight * verdict.reward for weight, verdict in verdicts.values())
    return _combine(total, {name: verdict for name, (_, verdict) in verdicts.items()}, reason)


def product(parts: Mapping[str, Verdict | float], reason: str = "") -> Verdict:
    """Multiply verdicts: the reward is 0 as soon as one part is 0.

    Args:
        parts: The verdicts by name.
        reason: Reason of the result; by default the reasons of the parts.

    Example:
        >>> product({"state": 1.0, "spoken": 0.5}).reward
        0.5
    """
    verdicts = {name: Verdict.of(part) for name, part in parts.items()}
    return _combine(math.prod(verdict.reward for verdict in verdicts.values()), verdicts, reason)


def gate(
    condition: Verdict | float | bool, then: Verdict | float, *, name: str = "gate", threshold: float = 1.0
) -> Verdict:
    """Pay a verdict only if another one reaches a threshold.

    Args:
        condition: What must hold.
        then: What is paid if it does.
        name: Name of the condition among the components.
        threshold: Smallest reward of the condition that opens the gate.

    Example:
        >>> gate(False, 1.0, name="called").reward
        0.0
    """
    opened, paid = Verdict.of(condition), Verdict.of(then)
    reward = paid.reward if opened.reward >= threshold else 0.0
    return Verdict(
        reward,
        {name: opened.reward, **opened.components, **paid.components},
        {**opened.metrics, **paid.metrics},
        paid.reason if opened.reward >= threshold else opened.reason or f"{name} not met",
        opened.vacuous and paid.vacuous,
    )


def _combine(total: float, verdicts: Mapping[str, Verdict], reason: str) -> Verdict:
    components: dict[str, float] = {}
    metrics: dict[str, Any] = {}
    for name, verdict in verdicts.items():
        components[name] = verdict.reward
        components |= {f"{name}/{key}": value for key, value in verdict.components.items()}
        metrics |= verdict.metrics
    reasons = [verdict.reason for verdict in verdicts.values() if verdict.reason]
    vacuous = bool(verdicts) and all(verdict.vacuous for verdict in verdicts.values())
    return Verdict(total, components, metrics, reason or "; ".join(reasons), vacuous)


def _finite(name: str, value: Any) -> float:
    try:
        number = math.nan if isinstance(value, str | bytes) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise UsageError(f"Expected '{name}' of a verdict to be a finite number, found {value!r}.")
    return number
