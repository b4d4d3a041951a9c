"""The error model of llmgym.

Three parties can be at fault, and each is told in its own way:

1. **The model** is never an exception. Bad JSON, an unknown tool, a wrong argument or a wrong answer is an
   observation for the model or a reward of 0.
2. **The user of the library** gets an exception at once (:class:`UsageError` and its children): one sentence that
   says what was expected, what was found and what to do.
3. **The world** (a judge, a sandbox, a policy endpoint, a data set on a network) raises
   :class:`InfrastructureError` with the boundary that failed. A runner records that rollout as ``failed`` with a
   reward of ``None``, tries again within bounds, and lets its siblings go on. It never becomes a reward of 0.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, get_args

__all__ = [
    "BOUNDARIES",
    "Boundary",
    "DependencyMissing",
    "Error",
    "InfrastructureError",
    "InvalidAction",
    "InvalidTask",
    "InvalidToolDefinition",
    "ResetNeeded",
    "SettingsError",
    "StoreError",
    "UsageError",
    "boundary",
]

Boundary = Literal["policy", "tool", "counterpart", "judge", "sandbox", "dataset", "environment"]
"""Where the world can fail. ``environment`` is a defect in an environment's own code."""

BOUNDARIES: tuple[str, ...] = get_args(Boundary)


class Error(Exception):
    """Root of every exception that llmgym raises on purpose."""


class UsageError(Error):
    """The caller asked for something that cannot be done."""


class ResetNeeded(UsageError):
    """``step`` was called before ``reset``, or after the episode had ended."""


class InvalidAction(UsageError, TypeError):
    """An action is not a string, an assistant message or a response."""


class InvalidTask(UsageError, ValueError):
    """A task or a data set row lacks what its environment needs."""


class InvalidToolDefinition(UsageError, TypeError):
    """A tool's signature or docstring cannot be turned into a schema."""


class SettingsError(UsageError, ValueError):
    """A setting is unknown, missing or of the wrong type."""


class StoreError(UsageError):
    """A rollout file cannot be opened, resumed or written as asked."""


class DependencyMissing(UsageError, ImportError):
    """An optional package is needed for what was asked.

    Args:
        package: Name of the package that could not be imported.
        extra: Name of the llmgym extra that brings it.
        purpose: What it is needed for, as the end of the sentence "... is needed to ...".
    """

    def __init__(self, package: str, extra: str, purpose: str):
        super().__init__(
            f"The package '{package}' is needed to {purpose}. Install the extra '{extra}': in a checkout of llmgym, "
            f"pip install -e '.[{extra}]'."
        )
        self.package, self.extra, self._purpose = package, extra, purpose

    def __reduce__(self):
        """Keep the arguments through pickling."""
        return type(self), (self.package, self.extra, self._purpose)


class InfrastructureError(Error):
    """Something outside the model and the library failed: this rollout has no reward.

    Args:
        message: What happened, in one sentence.
        boundary: Which part of the world failed.
        retryable: Whether trying the rollout again may help.
    """

    def __init__(self, message: str, *, boundary: Boundary, retryable: bool = True):
        super().__init__(message)
        self.boundary: Boundary = boundary
        self.retryable = retryable

    def __reduce__(self):
        """Keep the keyword arguments through pickling."""
        return _rebuild, (type(self), str(self), self.boundary, self.retryable)


def _rebuild(
    cls: type[InfrastructureError], message: str, at: Boundary, retryable: bool
) -> InfrastructureError:
    return cls(message, boundary=at, retryable=retryable)


@contextmanager
def boundary(name: Boundary, *, retryable: bool = True) -> Iterator[None]:
    """Turn any ordinary exception raised inside into an :class:`InfrastructureError` of this boundary.

    Errors of llmgym itself pass through unchanged, as do cancellation and keyboard interrupts.

    Args:
        name: The boundary being crossed.
        retryable: Whether a failure here is worth another try.

    Raises:
        InfrastructureError: When the body raised.

    Example:
        >>> with boundary("judge"):
        ...     raise ConnectionError("refused")
        Traceback (most recent call last):
        ...
        llmgym.errors.InfrastructureError: ConnectionError: refused
    """
    try:
        yield
    except Error:
        raise
    except Exception as error:
        raise InfrastructureError(
            f"{type(error).__name__}: {error}", boundary=name, retryable=retryable
        ) from error
