"""``llmgym demo``: verified rollouts with a real, small language model on this machine."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from llmgym.cli.options import AsJson
from llmgym.cli.output import plural, results, say, table

__all__ = ["demo"]

_COURSE: tuple[tuple[str, dict[str, Any]], ...] = (
    ("llmgym/Calendar-v0", {"difficulty": "easy"}),
    ("llmgym/SingleToolCall-v1", {"difficulty": "easy", "max_turns": 4}),
)
"""A conversation, and a tool."""


def demo(
    n: Annotated[int, typer.Option("-n", min=1, help="Tasks in each environment.")] = 6,
    folder: Annotated[
        Path | None,
        typer.Option(
            "-o", help="Folder for the rollouts; by default a new one in ./rollouts.", show_default=False
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Play two environments with the embedded model: no key, no server, no GPU."""
    from llmgym.policies import LocalPolicy
    from llmgym.vector import collect

    with results() as out:
        where = folder or Path("rollouts") / f"demo-{datetime.now():%Y%m%d-%H%M%S}"
        where.mkdir(parents=True, exist_ok=True)
        say("starting the embedded model (135 million parameters)")
        rows = []
        with LocalPolicy(max_tokens=128, temperature=0.0) as policy:
            for env, arguments in _COURSE:
                say(f"{env}: {plural(n, 'rollout')}")
                file = where / f"{env.partition('/')[2]}.jsonl"
                made = collect(env, policy, tasks=n, concurrency=4, output=file, **arguments)
                rows.append(_row(env, made, file))
        if as_json:
            out.json(rows)
            return
        columns = [
            "environment",
            "rollouts>",
            "reward>",
            "truncated>",
            "failed>",
            "tool calls>",
            "tokens>",
            "file",
        ]
        out.show(table(columns, [[*row.values()][:-1] + [Path(row["file"]).name] for row in rows]))
        first = rows[0]["file"]
        say(
            f"The files are in {where}, one rollout a line. Next: llmgym metrics {first}; llmgym verify {first}"
        )


def _row(env: str, made: list[Any], file: Path) -> dict[str, Any]:
    scored = [rollout.reward for rollout in made if rollout.reward is not None]
    tokens = sum(turn.usage.get("completion_tokens", 0) for rollout in made for turn in rollout.turns)
    return {
        "environment": env,
        "rollouts": len(made),
        "reward": round(sum(scored) / len(scored), 3) if scored else None,
        "truncated": sum(rollout.outcome == "truncated" for rollout in made),
        "failed": len(made) - len(scored),
        "tool_calls": sum(len(turn.tools) for rollout in made for turn in rollout.turns),
        "tokens": tokens,
        "file": str(file),
    }
