"""What the library logs, as lines on standard error."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

from llmgym.cli.output import one_line, say
from llmgym.rendering import printable

__all__ = ["configure_logging", "retries_told"]

_QUIET_SECONDS = 30.0


class _Lines(logging.Formatter):
    """One line a record; of an exception its last line, or all of it where that is wanted."""

    def __init__(self, tracebacks: bool):
        super().__init__()
        self.tracebacks = tracebacks

    def format(self, record: logging.LogRecord) -> str:
        text = f"{record.levelname.lower()}: {one_line(record.getMessage(), 2000)}"
        if record.exc_info and record.exc_info[1] is not None:
            error = record.exc_info[1]
            if self.tracebacks:
                text += "\n" + self.formatException(record.exc_info)
            else:
                text += f" {type(error).__name__}: {one_line(error)} (--debug shows where)"
        return printable(text)


class _Current(logging.StreamHandler):
    """Writes to whatever is standard error at the time: a progress bar replaces it."""

    def __init__(self) -> None:
        logging.Handler.__init__(self)

    @property
    def stream(self) -> TextIO:
        """Standard error."""
        return sys.stderr

    @stream.setter
    def stream(self, value: TextIO) -> None:
        raise AttributeError("the stream is always standard error")


def configure_logging(*, tracebacks: bool = False) -> None:
    """Show warnings and errors of the library on standard error.

    Args:
        tracebacks: Show where exceptions come from.
    """
    handler = _Current()
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_Lines(tracebacks))
    logger = logging.getLogger("llmgym")
    logger.handlers = [one for one in logger.handlers if not isinstance(one, _Current)] + [handler]


class _Retries(logging.Handler):
    """Tells why the policy's requests are made again: each cause at once, and then every half minute."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._told: dict[str, float] = {}
        self._since: dict[str, int] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Tell a cause that is new, or was told long ago."""
        if record.levelno > logging.INFO:
            return
        cause = f"{record.msg} {record.args[-1] if isinstance(record.args, tuple) and record.args else ''}"
        now = time.monotonic()
        self._since[cause] = self._since.get(cause, 0) + 1
        if now - self._told.get(cause, -_QUIET_SECONDS) < _QUIET_SECONDS:
            return
        count = self._since.pop(cause)
        again = f" ({count} times in the last while)" if count > 1 else ""
        self._told[cause] = now
        say(f"retrying: {one_line(record.getMessage())}{again}")


@contextmanager
def retries_told() -> Iterator[None]:
    """Tell on standard error, while this is open, why requests to the policy's endpoint are made again."""
    logger, handler = logging.getLogger("llmgym.policies"), _Retries()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
