"""What a command prints: results on standard output, everything else on standard error.

Text that a model may have written is shown without control characters and never read as markup.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from typing import IO, TYPE_CHECKING, Any

from llmgym.rendering import printable

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.table import Table

__all__ = ["Results", "fields", "one_line", "plural", "results", "say", "table"]

_PIPED_WIDTH = 140
_STEERING = re.compile("[\x7f-\x9f]")


class Results:
    """The way to standard output while a command runs.

    Args:
        stream: Where results go.
    """

    def __init__(self, stream: IO[str]):
        self.stream = stream

    @property
    def console(self) -> Console:
        """A console that takes text as it is."""
        from rich.console import Console

        piped = not self.stream.isatty() and "COLUMNS" not in os.environ
        width = _PIPED_WIDTH if piped else None
        return Console(file=self.stream, width=width, markup=False, highlight=False, emoji=False)

    def json(self, value: Any) -> None:
        """Print one JSON document."""
        # Lone surrogates are no UTF-8, and terminals obey C1 control characters, which JSON does not escape.
        text = json.dumps(value, indent=2, ensure_ascii=False).encode("utf-8", "replace").decode()
        self.stream.write(_STEERING.sub(lambda match: f"\\u{ord(match[0]):04x}", text) + "\n")

    def text(self, text: str) -> None:
        """Print text as it is: the caller has made it harmless."""
        self.stream.write(text + "\n")

    def show(self, *parts: RenderableType) -> None:
        """Print tables and texts."""
        console = self.console
        for part in parts:
            console.print(part, soft_wrap=isinstance(part, str))


@contextmanager
def results() -> Iterator[Results]:
    """Keep standard output for results: whatever else writes to it meanwhile ends up on standard error.

    This holds for ``print`` in an environment's code and, where standard output is a real file, for native code and
    child processes too.

    Yields:
        The way to standard output.
    """
    try:
        real = sys.stdout.fileno() == 1
    except (OSError, ValueError):
        real = False
    if not real:
        shown = Results(sys.stdout)
        with redirect_stdout(sys.stderr):
            yield shown
        shown.stream.flush()
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    stream = open(kept, "w", encoding=sys.stdout.encoding, errors="replace", closefd=False)
    try:
        with redirect_stdout(sys.stderr):
            yield Results(stream)
    finally:
        try:
            stream.close()
        finally:
            os.dup2(kept, 1)
            os.close(kept)


def say(text: str) -> None:
    """Tell something that is not a result, on standard error."""
    sys.stderr.write(printable(text) + "\n")
    sys.stderr.flush()


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str | None = None) -> Table:
    """Make a table of plain text.

    Args:
        columns: Headings. One that ends with ``>`` is flush right, without the mark.
        rows: Cells; ``None`` is shown as a dash and a float with four digits.
        title: What stands above.
    """
    from rich import box
    from rich.table import Table
    from rich.text import Text

    made = Table(
        box=box.SIMPLE_HEAD, title=None if title is None else Text(printable(title)), title_justify="left"
    )
    for position, name in enumerate(columns):
        right = name.endswith(">")
        made.add_column(
            name.rstrip(">"), justify="right" if right else "left", overflow="fold", no_wrap=position == 0
        )
    for row in rows:
        made.add_row(*(Text(printable(_cell(cell))) for cell in row))
    return made


def fields(values: Iterable[tuple[str, Any]], *, title: str | None = None) -> Table:
    """Make a table of names and values, without a heading.

    Args:
        values: Pairs; those whose value is ``None`` are left out.
        title: What stands above.
    """
    made = table(["", ""], [pair for pair in values if pair[1] is not None], title=title)
    made.show_header = False
    made.box = None
    return made


def one_line(text: Any, limit: int = 300) -> str:
    """Return a text on one line, cut to a length in characters."""
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def plural(count: int, noun: str) -> str:
    """Return a count with its noun.

    Example:
        >>> plural(1, "rollout"), plural(2, "rollout")
        ('1 rollout', '2 rollouts')
    """
    return f"{count} {noun}" + ("" if count == 1 else "s")


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.4g}"
    return str(value)
