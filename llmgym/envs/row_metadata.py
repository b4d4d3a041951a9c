"""What a row tells of itself beside the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from llmgym.tasks import Task
from llmgym.verdict import Verdict

__all__ = ["with_metadata"]


def with_metadata(verdict: Verdict, task: Task, names: Sequence[str]) -> Verdict:
    """Return a verdict whose metrics also hold what the row's ``metadata`` says, where that is text.

    Args:
        verdict: The verdict.
        task: The task.
        names: Which entries, such as ``difficulty``, by which metrics can be grouped.
    """
    metadata = task.data.get("metadata")
    known = metadata if isinstance(metadata, Mapping) else {}
    told = {name: known[name] for name in names if isinstance(known.get(name), str)}
    return replace(verdict, metrics={**verdict.metrics, **told}) if told else verdict
