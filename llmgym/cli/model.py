"""``llmgym model``: the weights of the model that ``--policy local`` runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from llmgym.cli.options import AsJson
from llmgym.cli.output import results, say
from llmgym.errors import UsageError

__all__ = ["app", "local_weights"]

app = typer.Typer(
    help="Get the small model that --policy local runs.", no_args_is_help=True, rich_markup_mode=None
)

_Model = Annotated[
    str | None,
    typer.Argument(
        metavar="MODEL",
        help="A .gguf file or a hub id; by default SmolLM2-135M-Instruct.",
        show_default=False,
    ),
]


@app.command("path")
def path(model: _Model = None, as_json: AsJson = False) -> None:
    """Print where the weights are. Nothing is fetched unless a hub id is given."""
    with results() as out:
        found = local_weights(model)
        if as_json:
            out.json({"path": str(found)})
        else:
            out.text(str(found))


@app.command("fetch")
def fetch(model: _Model = None, as_json: AsJson = False) -> None:
    """Fetch the weights, unless they are here. Prints where they are."""
    from llmgym.policies.local_model import find_model, model_name

    with results() as out:
        say(f"looking for {model_name(model)}; fetching it may take a minute")
        found = find_model(model, download=True)
        if as_json:
            out.json({"path": str(found), "bytes": found.stat().st_size})
        else:
            out.text(str(found))


def local_weights(model: str | None) -> Path:
    """Return where the weights of a local model are.

    Args:
        model: A ``.gguf`` file, a hub id, or ``None`` for the default.

    Raises:
        UsageError: When they are not on this machine.
    """
    from llmgym.policies.local_model import DEFAULT_MODEL, find_model

    try:
        return find_model(model)
    except UsageError:
        if model is not None:
            raise
    raise UsageError(
        f"The weights of {DEFAULT_MODEL} are not on this machine: run 'llmgym model fetch' (93 MB), or name a .gguf "
        "file."
    )
