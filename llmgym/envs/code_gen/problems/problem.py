"""What a generated programming problem is, and how its data are read and written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal

import numpy as np

from llmgym.envs.draw import Draw

__all__ = ["Draw", "Family", "Kind", "Parameter", "Problem", "many", "modulus"]

Kind = Literal["int", "ints", "text", "texts", "rows"]


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing that a program is given.

    Attributes:
        name: Its name, in the statement and in code.
        kind: A number, a list of numbers, a text, a list of texts, or a list of rows of numbers.
        note: What it is and within which bounds, as the statement says it.
        columns: For rows, the names of their numbers.
    """

    name: str
    kind: Kind
    note: str
    columns: str = ""

    def type_name(self) -> str:
        """Return its type in Python."""
        names = {
            "int": "int",
            "ints": "list[int]",
            "text": "str",
            "texts": "list[str]",
            "rows": "list[list[int]]",
        }
        return names[self.kind]

    def written(self, value: Any) -> str:
        """Return a value as the lines that a program reads."""
        if self.kind == "ints":
            return f"{len(value)}\n{' '.join(map(str, value))}\n"
        if self.kind == "texts":
            return "".join(f"{line}\n" for line in (len(value), *value))
        if self.kind == "rows":
            return "".join(f"{line}\n" for line in (len(value), *(" ".join(map(str, row)) for row in value)))
        return f"{value}\n"

    def reading(self) -> str:
        """Return the code that reads it from an iterator of lines."""
        row = "list(map(int, next(lines).split()))"
        if self.kind == "ints":
            return f"next(lines)\n    {self.name} = {row}"
        if self.kind in ("texts", "rows"):
            one = "next(lines)" if self.kind == "texts" else row
            return f"{self.name} = [{one} for _ in range(int(next(lines)))]"
        return f"{self.name} = {'int(next(lines))' if self.kind == 'int' else 'next(lines)'}"

    def described(self) -> str:
        """Return what the statement says about its lines."""
        if self.kind == "ints":
            return f"A line with the length of `{self.name}`, then a line with its elements: {self.note}."
        if self.kind == "texts":
            return f"A line with the number of `{self.name}`, then each of them on a line: {self.note}."
        if self.kind == "rows":
            return f"A line with the number of `{self.name}`, then each of them on a line, as {self.columns}: {self.note}."
        return f"A line with `{self.name}`: {self.note}."


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem whose right answers are known.

    Attributes:
        statement: What is asked for. Two problems with one statement are the same.
        parameters: What a program is given.
        answer: What it gives back, in words.
        solve: A fast solution, called with the parameters and the knobs. Its source is part of the oracle's program,
            so it uses nothing but modules of the standard library, by their names.
        knobs: What the statement fixes, passed by name.
        draw_case: Draws an ordinary case: the values of the parameters.
        edges: Cases at the bounds.
        large: Draws a case that a straightforward solution does not finish in time.
    """

    statement: str
    parameters: Sequence[Parameter]
    answer: str
    solve: Callable[..., Any]
    draw_case: Callable[[Draw], tuple[Any, ...]]
    edges: Sequence[tuple[Any, ...]]
    large: Callable[[Draw], tuple[Any, ...]]
    knobs: Mapping[str, Any] = field(default_factory=dict)

    def solved(self, case: Sequence[Any]) -> Any:
        """Return the right answer of a case."""
        return self.solve(*case, **self.knobs)

    def stdin(self, case: Sequence[Any]) -> str:
        """Return a case as standard input. Numbers that follow each other share a line."""
        parts = []
        values = iter(case)
        for kind, group in groupby(self.parameters, lambda parameter: parameter.kind):
            if kind == "int":
                parts.append(" ".join(str(next(values)) for _ in group) + "\n")
            else:
                parts += [parameter.written(next(values)) for parameter in group]
        return "".join(parts)

    def arguments(self, case: Sequence[Any]) -> str:
        """Return a case as the arguments of a call, one in JSON a line."""
        return "\n".join(json.dumps(value) for value in case)


Family = Callable[[Draw], Problem]
"""Draws a problem. Its name is the name of the family."""


def many(draw: Draw, count: int, low: int, high: int) -> list[int]:
    """Return so many numbers within bounds. Where they are many, they are mixed from one draw, which is faster."""
    if count < 100:
        return [draw.between(low, high) for _ in range(count)]
    # The mixing function of SplitMix64.
    mixed = np.arange(1, count + 1, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(
        draw.below(1 << 53)
    )
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    mixed ^= mixed >> np.uint64(31)
    return ((mixed % np.uint64(high - low + 1)).astype(np.int64) + low).tolist()


def modulus(draw: Draw) -> int:
    """Return a prime to count by."""
    return draw.pick(
        (998_244_353, 1_000_000_007, 1_000_003, 999_983, 65_537, 104_729, 15_485_863, 32_452_843)
    )
