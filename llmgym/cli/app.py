"""The program ``llmgym``."""

from __future__ import annotations

import os
import sys
import traceback
import warnings
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from llmgym.cli import (
    bench,
    catalogue,
    check,
    data,
    demo,
    metrics,
    model,
    play,
    rollout,
    sandbox,
    show,
    verify,
)
from llmgym.cli.exits import EPILOG, Code, code_of, signal_code
from llmgym.cli.logs import configure_logging
from llmgym.cli.output import one_line, say
from llmgym.errors import Error

__all__ = ["app", "main"]

_DEBUG = "LLMGYM_DEBUG"


class _Commands(TyperGroup):
    """Tells errors in one line and ends with the exit code that belongs to them."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except Error as error:
            if debugging():
                traceback.print_exc()
            say(f"error: {one_line(error, 2000)}")
            raise typer.Exit(code_of(error)) from None
        except KeyboardInterrupt:
            say("interrupted")
            raise typer.Exit(signal_code(2)) from None


app = typer.Typer(
    name="llmgym",
    cls=_Commands,
    help="Reinforcement-learning environments for language models.",
    epilog=EPILOG,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def debugging() -> bool:
    """Whether tracebacks are wanted."""
    return bool(os.environ.get(_DEBUG))


def _version(wanted: bool) -> None:
    if wanted:
        from llmgym import __version__

        typer.echo(f"llmgym {__version__}")
        raise typer.Exit()


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks. May stand anywhere.")] = False,
) -> None:
    # That a newer version exists is no news for somebody who named this one.
    warnings.filterwarnings("ignore", message=".*is out of date.*", category=DeprecationWarning)
    configure_logging(tracebacks=debugging())


app.command("demo")(demo.demo)
app.command("list")(catalogue.list_environments)
app.command("show")(show.show)
app.command("rollout", epilog=EPILOG)(rollout.rollout)
app.command("metrics")(metrics.metrics)
app.command("verify")(verify.verify)
app.command("check")(check.check)
app.command("bench")(bench.bench)
app.command("play")(play.play)
app.add_typer(model.app, name="model")
app.add_typer(data.app, name="data")
app.add_typer(sandbox.app, name="sandbox")


def main() -> None:
    """Run the command line of the process, and end the process."""
    arguments = sys.argv[1:]
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    if "--debug" in own:
        os.environ[_DEBUG] = "1"
        arguments = [one for one in own if one != "--debug"] + arguments[len(own) :]
    try:
        app(arguments, prog_name="llmgym")
    except Exception as error:
        if debugging():
            traceback.print_exc()
        say(f"error: {type(error).__name__}: {one_line(error, 2000)} (a defect; --debug shows where it is)")
        raise SystemExit(Code.DEFECT) from None
