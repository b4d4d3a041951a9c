"""``llmgym check``: whether environments conform."""

from __future__ import annotations

import dataclasses
from typing import Annotated, Any

import typer

from llmgym.cli.exits import Code
from llmgym.cli.options import Arguments, AsJson, Imports
from llmgym.cli.output import one_line, results, say, table
from llmgym.errors import UsageError

__all__ = ["check"]

_WORDS = {True: "passed", False: "FAILED", None: "not applicable"}


def check(
    envs: Annotated[
        list[str] | None, typer.Argument(metavar="ENV", help="Environments.", show_default=False)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Check every environment.")] = False,
    tasks: Annotated[int, typer.Option("--tasks", min=1, help="Tasks that the checks of rewards play.")] = 20,
    fuzz: Annotated[int, typer.Option("--fuzz", min=1, help="Random actions to be survived.")] = 200,
    args: Arguments = "{}",
    imports: Imports = None,
    as_json: AsJson = False,
) -> None:
    """Check that environments conform. Rewards, determinism, forks, leaks; no model is needed."""
    from llmgym.cli.environments import environment_ids, import_modules, offline, resolve
    from llmgym.testing.check import run_checks

    with results() as out:
        import_modules(imports or [])
        if bool(envs) == everything:
            raise UsageError("Expected the environments to check, or --all.")
        names = environment_ids() if everything else [resolve(name) for name in envs or []]
        found: dict[str, list[dict[str, Any]]] = {}
        for name in names:
            say(f"checking {name}")
            checks = run_checks(name, tasks=tasks, fuzz=fuzz, **offline(args, name))
            found[name] = [dataclasses.asdict(one) for one in checks]
        failed = any(one["passed"] is False for entries in found.values() for one in entries)
        if as_json:
            out.json({"passed": not failed, "environments": found})
        else:
            for name, entries in found.items():
                rows = [[one["name"], _WORDS[one["passed"]], one_line(one["detail"])] for one in entries]
                out.show(table(["check", "outcome", "found"], rows, title=name))
        if failed:
            raise typer.Exit(Code.FOUND)
