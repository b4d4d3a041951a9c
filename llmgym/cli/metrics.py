"""``llmgym metrics``: what rollouts add up to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmgym.cli.options import AsJson
from llmgym.cli.output import fields, one_line, results, say, table
from llmgym.errors import UsageError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from llmgym.records import Summary

__all__ = ["metrics", "rows_of", "summary_tables"]


def metrics(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Rollout files.", show_default=False)],
    by: Annotated[
        list[str] | None,
        typer.Option(
            "--by",
            metavar="FIELD",
            help="Also divide the rollouts by a field, such as difficulty. Repeatable.",
        ),
    ] = None,
    ks: Annotated[
        str | None,
        typer.Option("-k", metavar="LIST", help="Which pass@k to show, such as 1,4,16.", show_default=False),
    ] = None,
    threshold: Annotated[
        float | None,
        typer.Option(
            "--threshold", help="Smallest reward that passes, where it is not 0 or 1.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Summarise rollout files. Rewards with error bars, pass@k, failures, tokens and times."""
    from llmgym.records import summarise

    with results() as out:
        rows = rows_of(*files)
        summary = summarise(rows, ks=_numbers(ks), subsets=by or [], threshold=threshold)
        if not summary.total:
            raise UsageError(f"Expected rollouts in {', '.join(map(str, files))}, found none.")
        if as_json:
            out.json(summary.to_dict())
        else:
            out.show(*summary_tables(summary))


def rows_of(*files: Path) -> Iterator[dict[str, Any]]:
    """Read the rows of files one after the other, and say on standard error what could not be read.

    Args:
        *files: Rollout files.

    Raises:
        StoreError: When there is no such file.
    """
    from llmgym.records import read_rows

    for file in files:
        reader = read_rows(file)
        for _, row in reader:
            yield row
        if reader.report.bad_spans:
            say(f"warning: {file}: {reader.report}")


def summary_tables(summary: Summary) -> list[RenderableType]:
    """Show a summary.

    Args:
        summary: What ``summarise`` returned.
    """
    counted = [("rollouts", summary.total), ("tasks", summary.tasks), ("scored", summary.scored)]
    parts: list[RenderableType] = [
        fields(
            [
                *counted,
                ("reward", _interval(summary)),
                ("truncated", _share(summary.outcomes.get("truncated", 0), summary.total)),
                ("failed", _failures(summary)),
                ("without an answer", None if summary.no_answer is None else f"{summary.no_answer:.1%}"),
                ("vacuous", summary.vacuous or None),
                ("stopped by", _counts(summary.stop_reasons)),
                ("tool calls", _counts(summary.tool_outcomes)),
                ("prompt tokens", _distribution(summary.prompt_tokens, "")),
                ("completion tokens", _distribution(summary.completion_tokens, "")),
                ("seconds", _distribution(summary.seconds, " s")),
            ]
        )
    ]
    if summary.at_k:
        rows = [
            [
                one.k,
                one.tasks,
                one.pass_at_k,
                one.pass_hat_k,
                one.avg_at_k,
                one.majority_at_k,
                one.std_err_across_runs,
            ]
            for one in summary.at_k
        ]
        columns = ["k>", "tasks>", "pass@k>", "pass^k>", "mean of k>", "majority@k>", "std err across runs>"]
        parts += ["", table(columns, rows)]
    for title, means in (("part of the reward", summary.components), ("metric", summary.metrics)):
        if means:
            parts += ["", table([title, "mean>"], means.items())]
    for name, groups in summary.subsets.items():
        lines = [
            [label, group.total, group.scored, _interval(group), group.outcomes.get("failed", 0)]
            for label, group in groups.items()
        ]
        parts += ["", table([name, "rollouts>", "scored>", "reward", "failed>"], lines)]
    return parts


def _interval(summary: Summary) -> str:
    reward = summary.reward
    if reward is None:
        return "none scored"
    if reward.low is None or reward.high is None:
        return f"{reward.mean:.4f}"
    return (
        f"{reward.mean:.4f} (95 % interval {reward.low:.4f} to {reward.high:.4f}, {reward.clusters} clusters)"
    )


def _failures(summary: Summary) -> str:
    count = summary.outcomes.get("failed", 0)
    where = f": {_counts(summary.failures)}" if summary.failures else ""
    return _share(count, summary.total) + where


def _share(count: int, total: int) -> str:
    return f"{count} ({count / total:.1%})" if count else "0"


def _counts(counts: dict[str, int]) -> str | None:
    return ", ".join(f"{one_line(name, 60)} {count}" for name, count in counts.items()) or None


def _distribution(values: Any, unit: str) -> str | None:
    if values is None:
        return None
    return (
        f"{values.mean:,.4g}{unit} a rollout (median {values.p50:,.4g}, 95th percentile {values.p95:,.4g}), "
        f"{values.total:,.6g}{unit} in all"
    )


def _numbers(text: str | None) -> list[int] | None:
    if text is None:
        return None
    try:
        return [int(part) for part in text.split(",")]
    except ValueError:
        raise UsageError(f"Expected -k to be numbers such as 1,4,16, found '{text}'.") from None
