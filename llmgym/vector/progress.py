"""A progress bar for rollouts: how many, how good, how fast, how many failed."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from llmgym.records.record import Rollout

__all__ = ["CollectionProgress"]


class CollectionProgress:
    """Shows a run as it goes, on standard error.

    Args:
        enabled: Show anything at all.
    """

    def __init__(self, *, enabled: bool = True):
        self.enabled = enabled
        self.scored, self.total_reward, self.truncated, self.failed, self.retried = 0, 0.0, 0, 0, 0
        self._bar: Any = None
        self._task: Any = None

    def __enter__(self) -> Self:
        if self.enabled:
            from rich.console import Console
            from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

            self._bar = Progress(
                TextColumn("rollouts"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                TextColumn("{task.fields[summary]}"),
                console=Console(stderr=True),
            )
            self._bar.start()
            self._task = self._bar.add_task("rollouts", total=None, summary="")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def start(self, total: int | None, done: int) -> None:
        """Tell how many rollouts there are.

        Args:
            total: All of them; ``None`` if unknown.
            done: Those that an earlier run made.
        """
        if self._bar is not None:
            self._bar.update(self._task, total=total, completed=done)

    def add(self, rollout: Rollout) -> None:
        """Count a finished rollout."""
        self.retried += rollout.attempt > 1
        if rollout.reward is None:
            self.failed += 1
        else:
            self.scored += 1
            self.total_reward += rollout.reward
            self.truncated += rollout.outcome == "truncated"
        if self._bar is not None:
            self._bar.update(self._task, advance=1, summary=self.summary())

    def summary(self) -> str:
        """Return the state of the run in a few words."""
        parts = [f"reward {self.total_reward / self.scored:.3f}" if self.scored else "no reward yet"]
        if self._bar is not None:
            speed = self._bar.tasks[0].finished_speed or self._bar.tasks[0].speed
            parts += [f"{speed:.1f}/s"] if speed else []
        for count, name in (
            (self.truncated, "truncated"),
            (self.failed, "failed"),
            (self.retried, "retried"),
        ):
            parts += [f"{count} {name}"] if count else []
        return ", ".join(parts)
