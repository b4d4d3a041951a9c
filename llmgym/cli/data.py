"""``llmgym data``: tasks as rows of the public schema."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from llmgym.cli.options import Arguments, AsJson, EnvName, Force, Imports, Split
from llmgym.cli.output import plural, results, say
from llmgym.errors import UsageError

if TYPE_CHECKING:
    from llmgym.core import Env
    from llmgym.tasks import Task

__all__ = ["app", "public_row"]

app = typer.Typer(help="Write tasks as data sets.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Write tasks as data sets."""


@app.command("export")
def export(
    env: EnvName,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="The .jsonl file to write.")],
    n: Annotated[
        int | None, typer.Option("-n", min=1, help="How many tasks; by default all.", show_default=False)
    ] = None,
    split: Split = None,
    args: Arguments = "{}",
    force: Force = False,
    imports: Imports = None,
    as_json: AsJson = False,
) -> None:
    """Write tasks as public rows. --dataset reads them back."""
    from llmgym.cli.environments import import_modules, make, offline, resolve
    from llmgym.cli.files import fresh_file

    with results() as out:
        import_modules(imports or [])
        name = resolve(env)
        arguments = offline(args, name) | ({} if split is None else {"split": split})
        made = make(name, arguments)
        try:
            inner: Any = made.unwrapped
            size = inner.tasks.size
            if n is None and size is None:
                raise UsageError(f"{name} makes up tasks without end; say how many (-n 1000).")
            if n is not None and size is not None and n > size:
                raise UsageError(f"Asked for {n} tasks, but {name} has {size} here.")
            with fresh_file(output, force=force) as stream:
                written = 0
                for task in islice(inner.tasks, n):
                    stream.write(_line(public_row(inner, task)))
                    written += 1
        finally:
            made.close()
        if as_json:
            out.json({"output": str(output), "env": name, "arguments": arguments, "rows": written})
        say(f"{plural(written, 'task')} written to {output}; play them with --dataset {output}")


def public_row(env: Env, task: Task) -> dict[str, Any]:
    """Return a task as a row of the public schema, with the tools that the environment offers for it.

    Args:
        env: Its environment.
        task: The task.
    """
    from llmgym.conversion import tools_to_responses

    row = task.row()
    params = row["responses_create_params"]
    offered = env.tools(task)
    if offered and not params.get("tools"):
        row = {**row, "responses_create_params": {**params, "tools": tools_to_responses(offered)}}
    return row


def _line(row: dict[str, Any]) -> bytes:
    import json

    # Unlike orjson it also writes integers beyond 64 bits and lone surrogates.
    return json.dumps(row, allow_nan=False).encode() + b"\n"
