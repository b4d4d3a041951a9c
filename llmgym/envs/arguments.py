"""Checks of constructor arguments that environments share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from llmgym.errors import UsageError

__all__ = ["one_of", "unshaped"]


def one_of(name: str, value: Any, allowed: Iterable[str]) -> None:
    """Check that an argument is one of the names that it may be.

    Args:
        name: Name of the argument.
        value: What was given.
        allowed: The names.

    Raises:
        UsageError: When it is none of them.
    """
    names = tuple(allowed)
    if value not in names:
        raise UsageError(f"Expected {name} to be one of {', '.join(names)}, found {value!r}.")


def unshaped(dataset: Any, **shaping: Any) -> None:
    """Check that arguments which shape procedural tasks do not come with a data set.

    Args:
        dataset: The data set, or ``None``.
        **shaping: The arguments; ``None`` for one that was not given.

    Raises:
        UsageError: When both are given.
    """
    given = [name for name, value in shaping.items() if value is not None]
    if dataset is not None and given:
        raise UsageError(
            f"Expected no {given[0]} with a dataset, whose rows are read unchanged; leave it out."
        )
