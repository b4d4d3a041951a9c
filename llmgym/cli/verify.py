"""``llmgym verify``: recorded rollouts scored again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmgym.cli.exits import Code
from llmgym.cli.options import Arguments, AsJson, Force, Imports
from llmgym.cli.output import fields, one_line, results, say, table
from llmgym.errors import UsageError

if TYPE_CHECKING:
    from llmgym.records import Verification

__all__ = ["verify"]

_LISTED = 50


@dataclass(slots=True)
class _Tally:
    """What verifying a file found."""

    total: int = 0
    identical: int = 0
    unscored: int = 0
    changed: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)

    def add(self, one: Verification) -> None:
        self.total += 1
        if one.error:
            told = {"row": one.position, "task_id": "", "repeat": 0, "recorded": one.recorded, "reward": None}
            self.failed.append({**told, "reason": one.error})
            return
        if one.rollout is None:
            self.unscored += 1
            return
        reason = (one.rollout.verdict or {}).get("reason", "")
        if one.rollout.failures:
            failure = one.rollout.failures[-1]
            reason = f"{failure.boundary}: {failure.message}"
        entry = {
            "row": one.position,
            "task_id": one.rollout.task_id,
            "repeat": one.rollout.repeat,
            "recorded": one.recorded,
            "reward": one.reward,
            "reason": reason,
        }
        if one.reward is None:
            self.failed.append(entry)
        elif one.changed:
            self.changed.append(entry)
        else:
            self.identical += 1


def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A rollout file, or public rows with --env.")],
    env: Annotated[
        str | None,
        typer.Option(
            "--env",
            metavar="ENV",
            help="Score with this environment, not with the recorded one.",
            show_default=False,
        ),
    ] = None,
    args: Arguments = "{}",
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", metavar="FILE", help="Write the rollouts with new rewards.", show_default=False
        ),
    ] = None,
    force: Force = False,
    imports: Imports = None,
    as_json: AsJson = False,
) -> None:
    """Score recorded rollouts again. Lists the rewards that change; tools run again, no model is asked."""
    from llmgym.cli.environments import check_arguments, import_modules, parse_arguments, resolve
    from llmgym.cli.files import fresh_file
    from llmgym.cli.metrics import rows_of
    from llmgym.records import verify_rows
    from llmgym.records.rowcodec import encode

    with results() as out, ExitStack() as files:
        import_modules(imports or [])
        arguments = parse_arguments(args)
        if env is not None:
            env = resolve(env)
            check_arguments(arguments, env)
        stream = None if output is None else files.enter_context(fresh_file(output, force=force))
        current: Mapping[str, Any] = {}

        def rows() -> Iterator[Mapping[str, Any]]:
            nonlocal current
            for row in rows_of(file):
                current = row
                yield row

        tally = _Tally()
        try:
            for one in verify_rows(rows(), env, **arguments):
                tally.add(one)
                if stream is not None:
                    stream.write(encode(current if one.rollout is None else one.rollout.to_json())[0] + b"\n")
        except TypeError as error:
            if not arguments:
                raise
            raise UsageError(f"The environment cannot be made with --args {args}: {error}.") from error
        if not tally.total:
            raise UsageError(f"Expected rollouts in '{file}', found none.")
        _report(out, file, tally, as_json)
    if output is not None:
        say(f"The rollouts with new rewards are in {output}")
    if tally.changed or tally.failed:
        raise typer.Exit(Code.FOUND)


def _report(out: Any, file: Path, tally: _Tally, as_json: bool) -> None:
    if as_json:
        counts = {"rollouts": tally.total, "identical": tally.identical, "without_reward": tally.unscored}
        out.json({"file": str(file), **counts, "changed": tally.changed, "failed": tally.failed})
        return
    out.show(
        fields(
            [
                ("rollouts", tally.total),
                ("identical", tally.identical),
                ("changed", len(tally.changed)),
                ("could not be verified", len(tally.failed)),
                ("recorded without a reward", tally.unscored),
            ]
        )
    )
    for title, entries in (("Changed", tally.changed), ("Could not be verified", tally.failed)):
        if not entries:
            continue
        rows = [
            [
                one["row"],
                one["task_id"],
                one["repeat"],
                one["recorded"],
                one["reward"],
                one_line(one["reason"]),
            ]
            for one in entries[:_LISTED]
        ]
        out.show("", table(["row>", "task", "repeat>", "recorded>", "now>", "reason"], rows, title=title))
        if len(entries) > _LISTED:
            say(f"{len(entries) - _LISTED} more are not shown; --json lists all.")
