"""A run of rollouts from the command line: its progress, its end, and its exit code."""

from __future__ import annotations

from collections import Counter
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from llmgym.cli.exits import Code, signal_code
from llmgym.cli.output import Results, one_line, plural, say
from llmgym.errors import UsageError

if TYPE_CHECKING:
    from llmgym.cli.plan import Plan
    from llmgym.policies.base import Policy
    from llmgym.records import Rollout, Summary

__all__ = ["run_plan"]

_CAUSES_TOLD = 5


@dataclass(slots=True)
class _Course:
    """How a run goes.

    Attributes:
        earlier: Rollouts that the file had already.
        causes: How often each boundary and exception was the reason of a failure.
        signal: Number of the signal that ended the run.
    """

    earlier: int = 0
    causes: Counter[tuple[str, str]] = field(default_factory=Counter)
    signal: int | None = None

    def add(self, rollout: Rollout, quiet: bool) -> None:
        if rollout.reward is not None or not rollout.failures:
            return
        last = rollout.failures[-1]
        cause = last.boundary, last.type
        self.causes[cause] += 1
        if self.causes[cause] == 1 and len(self.causes) <= _CAUSES_TOLD and not quiet:
            say(f"failed: task {rollout.task_id}, {last.boundary}: {one_line(last.message)}")


def run_plan(out: Results, plan: Plan, policy: Policy, *, as_json: bool, quiet: bool) -> int:
    """Make the rollouts of a plan, and print what they add up to.

    Args:
        out: Where results go.
        plan: The run.
        policy: Who plays; it is closed.
        as_json: Print a JSON document instead of tables.
        quiet: Tell nothing on standard error.

    Returns:
        The exit code.

    Raises:
        StoreError: When the file cannot be begun, gone on with or written.
    """
    from llmgym.cli.interruption import Interrupted, run
    from llmgym.cli.metrics import rows_of, summary_tables
    from llmgym.records import summarise

    try:
        plan.output.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"The folder of '{plan.output}' cannot be made: {error.strerror}; choose another -o."
        ) from error
    course = _Course()
    try:
        run(_collect(plan, policy, course, quiet=quiet))
    except Interrupted as stop:
        course.signal = stop.number
    summary = summarise(rows_of(plan.output) if plan.output.exists() else [])
    code = _code(course, summary)
    if as_json:
        ended = {"interrupted": course.signal is not None, "exit_code": code}
        out.json(
            {
                **plan.to_dict(),
                "made_earlier": course.earlier,
                **ended,
                "summary": summary.to_dict(per_task=False),
            }
        )
    elif summary.total:
        out.show(*summary_tables(summary))
    if not quiet:
        _tell(plan, course, summary)
    return code


async def _collect(plan: Plan, policy: Policy, course: _Course, *, quiet: bool) -> None:
    import sys

    from llmgym.cli.environments import make_spec
    from llmgym.cli.logs import retries_told
    from llmgym.vector.collection import collecting
    from llmgym.vector.progress import CollectionProgress

    def start(total: int | None, done: int) -> None:
        course.earlier = done
        if not quiet:
            there = f", {done} of which it has already" if done else ""
            say(f"{plan.env}: {plural(plan.rollouts, 'rollout')} into {plan.output}{there}")
        bar.start(total, done)

    shown = not quiet and sys.stderr.isatty()
    with CollectionProgress(enabled=shown) as bar, nullcontext() if quiet else retries_told():
        making = collecting(
            make_spec(plan.env, plan.arguments),
            policy,
            output=plan.output,
            resume=plan.resume,
            on_start=start,
            attempts=plan.attempts,
            tasks=plan.tasks,
            repeats=plan.repeats,
            seed=plan.seed,
            share_seed=plan.share_seed,
            concurrency=plan.concurrency,
            timeout=plan.timeout,
        )
        async with policy, aclosing(making) as running:
            async for one in running:
                bar.add(one)
                course.add(one, quiet)


def _code(course: _Course, summary: Summary) -> int:
    if course.signal is not None:
        return signal_code(course.signal)
    if not summary.outcomes.get("failed"):
        return Code.OK
    return Code.FOUND if summary.scored else Code.INFRASTRUCTURE


def _tell(plan: Plan, course: _Course, summary: Summary) -> None:
    """Say where the rollouts are, and how to go on."""
    say(f"{plural(summary.total, 'rollout')} in {plan.output}")
    failed = summary.outcomes.get("failed", 0)
    if course.signal is not None:
        say("Interrupted. The same command with --resume goes on.")
    elif failed:
        again = plan.attempts * 2
        say(f"{failed} failed. The same command with --resume --attempts {again} tries them again.")
