"""What a probe is, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from llmgym.sandbox.base import Cause, Limits

__all__ = ["Finding", "Outcome", "Probe"]

Outcome = Literal["held", "broken", "open", "not applicable", "not run"]
"""``open`` is a way that is known, lets nobody out, and cannot be closed here; :attr:`Probe.known` tells why."""

Row = Literal["escape", "leak", "bomb"]


@dataclass(frozen=True, slots=True)
class Probe:
    """One attempt to get out of a sandbox, to reach another one, or to exhaust the machine.

    Attributes:
        name: Its name, such as ``files.read_shadow``.
        row: What it attempts.
        title: The attempt in a sentence.
        alone: Whether it needs a program of its own.
        acts: Whether it would change something on a machine where nothing stops it; such a probe is not run in a
            backend that promises no boundary.
        fast: Whether ``llmgym sandbox check`` runs it without being asked.
        ends: The signals by which the kernel may end it.
        known: Why it is known to succeed, if it is.
        causes: How a bomb may end.
        limits: What a bomb may use.
    """

    name: str
    row: Row
    title: str
    alone: bool = False
    acts: bool = False
    fast: bool = True
    ends: frozenset[int] = frozenset()
    known: str = ""
    causes: frozenset[Cause] = frozenset()
    limits: Limits = field(default_factory=Limits)

    @property
    def attack(self) -> str:
        """The module and the function that are run inside."""
        return self.name.replace(".", ":")


@dataclass(frozen=True, slots=True)
class Finding:
    """What came of a probe.

    Attributes:
        probe: What was tried.
        outcome: Whether the sandbox held.
        detail: What was seen.
        seconds: How long it took, for a bomb.
    """

    probe: Probe
    outcome: Outcome
    detail: str = ""
    seconds: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        told: dict[str, Any] = {
            "name": self.probe.name,
            "row": self.probe.row,
            "title": self.probe.title,
            "outcome": self.outcome,
            "detail": self.detail,
        }
        return told if self.seconds is None else {**told, "seconds": round(self.seconds, 3)}


def judge(probe: Probe, answer: dict[str, Any] | None) -> Finding:
    """Judge what an attack said of itself.

    What it did not say, and what it failed at by a mistake of its own, does not show that the sandbox holds.
    """
    if answer is None:
        return Finding(probe, "broken", "it gave no answer")
    if answer.get("achieved"):
        return Finding(probe, "open" if probe.known else "broken", str(answer["achieved"]))
    if "achieved" in answer:
        return Finding(probe, "held", "it achieved nothing")
    if "refused" in answer:
        return Finding(probe, "held", str(answer["refused"]))
    if "absent" in answer:
        return Finding(probe, "not applicable", str(answer["absent"]))
    if answer.get("died") in probe.ends:
        return Finding(probe, "held", f"ended by signal {answer['died']}")
    return Finding(probe, "broken", f"the probe itself failed: {answer.get('failed', answer)}")
