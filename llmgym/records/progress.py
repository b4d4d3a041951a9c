"""Which rollouts of a run are done, which failed and how often: what a resumed run must know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["OUTCOMES", "By", "Key", "Progress", "failure_of", "outcome_of", "repeat_of", "task_of"]

Key = tuple[Any, int]
"""A rollout: its task, by id or by index, and the number of its repeat, from 0."""

By = Literal["task_id", "task_index"]
"""What names the task in a :data:`Key`."""

OUTCOMES = ("completed", "truncated", "failed")
"""How a rollout can end. The first two are final; a failed one may be tried again."""

_INDEX_NAMES = ("task_index", "_ng_task_index")


@dataclass(slots=True)
class _State:
    task_id: str
    finished: bool = False
    retryable: bool = True
    rows: int = 0
    attempts: int = 0


class Progress:
    """The state of every rollout of a run, kept up to date row by row.

    A rollout is told by the index of its task where there is one, because a task that could not be loaded has no
    other name, and by its id otherwise.
    """

    def __init__(self) -> None:
        self._states: dict[Key, _State] = {}

    def add(self, row: Mapping[str, Any]) -> None:
        """Take in one row. A row that names no task is passed over."""
        task = task_of(row)
        if task is None:
            return
        state = self._states.setdefault((task, repeat_of(row)), _State(str(task)))
        state.task_id = str(row.get("task_id", state.task_id))
        state.rows += 1
        attempt = row.get("attempt")
        state.attempts = max(state.attempts, state.rows, attempt if isinstance(attempt, int) else 0)
        if outcome_of(row) == "failed":
            state.retryable = failure_of(row)[1]
        else:
            state.finished = True

    def finished(self, row: Mapping[str, Any]) -> bool:
        """Whether the rollout that a row belongs to has a completed or truncated row."""
        state = self._states.get((task_of(row), repeat_of(row)))
        return state is not None and state.finished

    def done(self, by: By = "task_id") -> set[Key]:
        """The rollouts that have a completed or truncated row."""
        return {key for key, state in self._named(by) if state.finished}

    def failed(self, by: By = "task_id") -> dict[Key, int]:
        """The rollouts that have failed rows only, and how many attempts were made at each."""
        return {key: state.attempts for key, state in self._named(by) if not state.finished}

    def given_up(self, max_attempts: int, by: By = "task_id") -> set[Key]:
        """The failed rollouts that are not tried again: out of attempts, or marked ``"retryable": false``."""
        return {
            key
            for key, state in self._named(by)
            if not state.finished and (state.attempts >= max_attempts or not state.retryable)
        }

    def pending(
        self, keys: Iterable[Key], max_attempts: int, by: By = "task_id"
    ) -> Iterator[tuple[Key, int]]:
        """Say what is left to run.

        Args:
            keys: Every rollout of the run.
            max_attempts: How often a rollout may be tried in all.
            by: What the keys name tasks by.

        Yields:
            The rollout and the number of attempts made before, in the order of `keys`.
        """
        settled = self.done(by) | self.given_up(max_attempts, by)
        failed = self.failed(by)
        for key in keys:
            if key not in settled:
                yield key, failed.get(key, 0)

    def _named(self, by: By) -> Iterator[tuple[Key, _State]]:
        for (task, repeat), state in self._states.items():
            if by == "task_id":
                yield (state.task_id, repeat), state
            elif isinstance(task, int):
                yield (task, repeat), state


def task_of(row: Mapping[str, Any]) -> int | str | None:
    """Name the task of a row: its index where there is one, else its id; None when it names no task.

    Example:
        >>> task_of({"task_id": "mcqa-7", "task_index": 7}), task_of({"task_id": "mcqa-7"}), task_of({"reward": 1.0})
        (7, 'mcqa-7', None)
    """
    for name in _INDEX_NAMES:
        index = row.get(name)
        if isinstance(index, int) and not isinstance(index, bool) and index >= 0:
            return index
    task = row.get("task_id")
    return str(task) if isinstance(task, (str, int)) and not isinstance(task, bool) else None


def repeat_of(row: Mapping[str, Any]) -> int:
    """Number the rollout of a row among those of its task, from 0; 0 when the row does not say."""
    repeat = row.get("repeat", row.get("_ng_rollout_index"))
    return repeat if isinstance(repeat, int) else 0


def outcome_of(row: Mapping[str, Any]) -> str:
    """Say how a rollout ended; without an ``outcome``, a row with a reward is completed and any other failed."""
    outcome = row.get("outcome")
    if outcome in OUTCOMES:
        return str(outcome)
    return "completed" if isinstance(row.get("reward"), (int, float)) else "failed"


def failure_of(row: Mapping[str, Any]) -> tuple[str, bool]:
    """Say at which boundary a failed rollout failed, and whether it may be tried again.

    Both are taken from the last of its ``failures``, or else from the row itself.

    Example:
        >>> failure_of({"failures": [{"boundary": "judge", "retryable": False}]})
        ('judge', False)
    """
    failures = row.get("failures")
    last = failures[-1] if isinstance(failures, list) and failures else row
    if not isinstance(last, Mapping):
        last = row
    boundary = last.get("boundary") or last.get("_ng_failure_class") or "unknown"
    return str(boundary), last.get("retryable") is not False and not last.get("_ng_failure_terminal")
