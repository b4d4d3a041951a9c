"""Grading a repair by the tests of the repository: the rule of SWE-bench."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from llmgym.verdict import Verdict

__all__ = ["grade_report", "report_of", "names_of_tests"]


def names_of_tests(value: Any) -> list[str]:
    """Return the names of a field such as ``FAIL_TO_PASS``: a list, or a list as JSON text.

    Args:
        value: The field; ``None`` is an empty list.

    Raises:
        ValueError: When it is anything else.

    Example:
        >>> names_of_tests('["tests.test_a"]')
        ['tests.test_a']
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            raise ValueError(f"expected a list of tests, found {value[:60]!r}") from None
    if value is None:
        return []
    if isinstance(value, str | Mapping) or not hasattr(value, "__iter__"):
        raise ValueError(f"expected a list of tests, found {type(value).__name__}")
    names = list(value)
    if not all(isinstance(name, str) for name in names):
        raise ValueError("expected the names of tests to be text")
    return names


def report_of(
    outcomes: Mapping[str, bool], fail_to_pass: Sequence[str], pass_to_pass: Sequence[str]
) -> dict[str, Any]:
    """Return the report of an evaluation, in the form of the SWE-bench harness.

    Args:
        outcomes: Whether each test passes; one that is missing does not.
        fail_to_pass: Tests that failed before and have to pass.
        pass_to_pass: Tests that passed before and have to pass still.

    Returns:
        ``resolved``, and ``tests_status`` with the lists ``success`` and ``failure`` for each of the two kinds.
    """
    status: dict[str, dict[str, list[str]]] = {}
    for kind, names in (("FAIL_TO_PASS", fail_to_pass), ("PASS_TO_PASS", pass_to_pass)):
        split: dict[str, list[str]] = {"success": [], "failure": []}
        for name in names:
            split["success" if outcomes.get(name) is True else "failure"].append(name)
        status[kind] = split
    return {"resolved": not any(split["failure"] for split in status.values()), "tests_status": status}


def grade_report(report: Mapping[str, Any] | None, metrics: Mapping[str, Any], reason: str = "") -> Verdict:
    """Return the verdict on a report.

    Args:
        report: The report, or ``None`` where there is none.
        metrics: What else is to be told. Means over rollouts of its ``patch_applied``, and of ``resolved``,
            ``has_eval_error``, ``has_eval_report``, ``has_tests_status`` and the counts by kind and outcome that are
            added to it, are the metrics of NeMo Gym's ``mini_swe_agent_2``.
        reason: Why there is no report, in a few words.

    Returns:
        1.0 when the report says ``resolved`` and its ``tests_status`` lists at least one test, else 0.0: the rule of
        NeMo Gym's ``mini_swe_agent``.
    """
    report = report or {}
    status = report.get("tests_status")
    status = status if isinstance(status, Mapping) else {}
    counts = {"success": 0, "failure": 0}
    shares: dict[str, float] = {}
    totals: dict[str, int] = {}
    for kind in ("FAIL_TO_PASS", "PASS_TO_PASS"):
        split = status.get(kind) if isinstance(status.get(kind), Mapping) else {}
        assert isinstance(split, Mapping)
        found = {name: len(split.get(name) or ()) for name in counts}
        for name, count in found.items():
            counts[name] += count
            totals[f"{kind.lower()}_{name}"] = count
        if sum(found.values()):
            shares[kind.lower()] = found["success"] / sum(found.values())
    tested = sum(counts.values())
    resolved = report.get("resolved") is True and tested > 0
    if not reason and not resolved:
        reason = "no_tests" if report and not tested else "tests_fail" if report else "no_report"
    told = {
        **metrics,
        "resolved": resolved,
        "tests_status": dict(status),
        "tests_passed": counts["success"],
        "tests": tested,
        **totals,
        "has_eval_error": bool(metrics.get("eval_error")),
        "has_eval_report": bool(report),
        "has_tests_status": tested > 0,
    }
    return Verdict(float(resolved), shares, told, "" if resolved else reason)
