"""Grade actions by the tables that they leave behind.

The rule of the public verifier of the workplace: the calls that the model made and those of the ground truth are each
replayed on a fresh world, and every table of the two worlds must be equal. What the tools answered, and what the model
said in the end, does not count.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from llmgym.verdict import Verdict
from llmgym.verifiers.tables import Incomparable, Table, lowered_difference

__all__ = ["AS_WRITTEN", "Comparison", "World", "compare", "grade", "replay"]

AS_WRITTEN = frozenset({"status", "list_name", "board"})
"""Columns whose case counts: the public verifier does not lower-case them."""


class World(Protocol):
    """Something that actions change."""

    @property
    def writers(self) -> Mapping[str, Callable[..., Any]]:
        """The functions that may change a table, by name; functions that only read need not be replayed."""
        ...

    @property
    def tables(self) -> Mapping[str, Table]:
        """The tables that are compared, by name."""
        ...


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two worlds compare.

    Attributes:
        equal: For each table whether it is equal in both.
        reason: The first difference, in words; empty when there is none.
    """

    equal: Mapping[str, bool]
    reason: str = ""

    @property
    def same(self) -> bool:
        """Whether all tables are equal."""
        return all(self.equal.values())


def replay(actions: Iterable[Any], functions: Mapping[str, Callable[..., Any]]) -> int:
    """Perform actions one after the other, and pass over those that fail: the public verifier's rule.

    Args:
        actions: Objects with ``name`` and ``arguments``, the arguments as JSON text. Anything else is passed over,
            as the public verifier does: a text, for example, is taken as a list of characters.
        functions: What the names stand for. A name that is missing is passed over.

    Returns:
        How many actions ran without an exception.
    """
    done = 0
    for action in actions:
        try:
            arguments = json.loads(action["arguments"])
            functions[action["name"]](**arguments)
        except Exception:
            # The rule: whatever a call raises, it is as if it had not been made.
            continue
        done += 1
    return done


def compare(
    found: Mapping[str, Table], expected: Mapping[str, Table], as_written: Iterable[str] = AS_WRITTEN
) -> Comparison:
    """Compare the tables of two worlds, text lower-cased, with the meaning of ``pandas.DataFrame.equals``.

    A table that pandas cannot lower-case counts as different: there the public verifier fails.

    Args:
        found: The tables of one world.
        expected: The tables of the other, under the same names and with the same columns.
        as_written: Columns whose case counts.
    """
    equal: dict[str, bool] = {}
    reasons: list[str] = []
    exact = frozenset(as_written)
    for name, table in expected.items():
        try:
            difference = lowered_difference(found[name], table, exact)
        except Incomparable as error:
            difference = f"the public verifier fails here: {error}"
        equal[name] = difference is None
        if difference is not None:
            reasons.append(f"{name}: {difference}")
    return Comparison(equal, reasons[0] if reasons else "")


def grade(predicted: Iterable[Any], ground_truth: Iterable[Any], fresh: Callable[[], World]) -> Verdict:
    """Grade the calls of a model against those of the ground truth: the public verifier's rule.

    Args:
        predicted: All calls of the model in order, failed and read-only ones included, as for :func:`replay`.
        ground_truth: The calls that solve the task, or a text, which stands for no calls.
        fresh: Makes a world in its first state.

    Returns:
        1.0 when all tables are equal, else 0.0 with the first difference as the reason. There is a component for
        each table. The verdict is vacuous when the ground truth changes nothing, so that doing nothing is right.
    """
    mine, theirs, untouched = fresh(), fresh(), fresh()
    replay(predicted, mine.writers)
    replay(ground_truth, theirs.writers)
    comparison = compare(mine.tables, theirs.tables)
    return Verdict(
        float(comparison.same),
        {name: float(equal) for name, equal in comparison.equal.items()},
        reason=comparison.reason,
        vacuous=compare(theirs.tables, untouched.tables).same,
    )
