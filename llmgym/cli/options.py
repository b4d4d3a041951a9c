"""Options that several commands share."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["Arguments", "AsJson", "DataSet", "EnvName", "Force", "Imports", "Split", "complete_env"]


def complete_env(incomplete: str) -> list[str]:
    """Complete an environment's name in a shell."""
    from llmgym.cli.environments import complete

    return complete(incomplete)


EnvName = Annotated[
    str,
    typer.Argument(
        metavar="ENV",
        help="Id of an environment, such as llmgym/Calendar-v0; 'Calendar' is enough.",
        show_default=False,
        autocompletion=complete_env,
    ),
]
Imports = Annotated[
    list[str] | None,
    typer.Option(
        "--import",
        metavar="MODULE",
        help="Import a module or .py file that registers environments. Repeatable.",
    ),
]
Arguments = Annotated[
    str, typer.Option("--args", metavar="JSON", help="Constructor arguments of the environment.")
]
DataSet = Annotated[
    str | None,
    typer.Option(
        "--dataset", metavar="SOURCE", help="A file or hub id with tasks for it.", show_default=False
    ),
]
Split = Annotated[
    str | None,
    typer.Option("--split", help="Split of the tasks: train, validation, test.", show_default=False),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Force = Annotated[bool, typer.Option("--force", help="Replace the file if it exists.")]
