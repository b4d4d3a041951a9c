"""Generated programming problems as rows of the public schema, with tests and a program that passes them."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from hashlib import blake2b
from typing import Any

import numpy as np

from llmgym.envs.code_gen.problems import FAMILIES, Draw, Problem
from llmgym.envs.code_gen.prompts import write_prompt

__all__ = ["DIFFICULTIES", "MODES", "make_program_task", "row_of"]

DIFFICULTIES = tuple(FAMILIES)
MODES = ("stdin", "call")

_EXAMPLES, _ORDINARY = 2, 8
_MODULES = ("bisect", "collections", "functools", "heapq", "itertools", "math", "sys")


def make_program_task(
    rng: np.random.Generator, index: int, *, difficulty: str = "medium", mode: str | None = None
) -> dict[str, Any]:
    """Make one row.

    The tests follow from the problem, so a problem never comes back with others.

    Args:
        rng: Where the problem is drawn from. One number is taken.
        index: Number of the task; not used.
        difficulty: ``easy``, ``medium`` or ``hard``.
        mode: ``stdin`` for a program that reads and prints, ``call`` for a function; ``None`` for either.

    Returns:
        A row with ``responses_create_params``, ``verifier_metadata`` (``unit_tests`` and ``difficulty``), ``hash_id``,
        ``dataset``, ``source`` (the family), ``solution`` and ``split_identity``.
    """
    draw = Draw(int(rng.integers(2**63)))
    family = draw.pick(FAMILIES[difficulty])
    problem = family(draw)
    row = row_of(problem, mode or draw.pick(MODES))
    row["verifier_metadata"]["difficulty"] = difficulty
    return {**row, "source": family.__name__}


def row_of(problem: Problem, mode: str) -> dict[str, Any]:
    """Return a problem as a row.

    Args:
        problem: The problem.
        mode: ``stdin`` or ``call``.
    """
    digest = blake2b(problem.statement.encode(), digest_size=16)
    draw = Draw(int.from_bytes(digest.digest()[:8]))
    examples = [problem.draw_case(draw) for _ in range(_EXAMPLES)]
    ordinary = [problem.draw_case(draw) for _ in range(_ORDINARY)]
    cases = [*examples, *problem.edges, *ordinary, problem.large(draw)]
    answers = [problem.solved(case) for case in cases]
    form = _Stdin(problem) if mode == "stdin" else _Call(problem, draw)
    inputs, outputs = [form.input(case) for case in cases], [form.output(answer) for answer in answers]
    shown = list(zip(inputs, outputs, strict=True))[:_EXAMPLES]
    text = f"{problem.statement}\n\n{form.data()}\n\n" + "\n\n".join(
        f"Example {number}\n{form.example(given, right)}" for number, (given, right) in enumerate(shown, 1)
    )
    tests = {"inputs": inputs, "outputs": outputs, "fn_name": form.name}
    return {
        "responses_create_params": {"input": [{"role": "user", "content": write_prompt(text, form.starter)}]},
        "verifier_metadata": {"unit_tests": tests},
        "hash_id": digest.hexdigest(),
        "dataset": "llmgym",
        "solution": form.solution(),
        "split_identity": problem.statement,
    }


class _Stdin:
    """A problem as a program that reads and prints."""

    name: str | None = None
    starter = ""

    def __init__(self, problem: Problem):
        self.problem = problem

    def input(self, case: Sequence[Any]) -> str:
        return self.problem.stdin(case)

    def output(self, answer: int) -> str:
        return f"{answer}\n"

    def data(self) -> str:
        lines, numbers = [], []
        for parameter in self.problem.parameters:
            if parameter.kind == "int":
                numbers.append(parameter)
                continue
            lines += _numbers_line(numbers)
            numbers = []
            lines.append(parameter.described())
        lines += _numbers_line(numbers)
        return "Input\n" + "\n".join(f"* {line}" for line in lines) + f"\n\nOutput\n* {self.problem.answer}"

    def example(self, given: str, right: str) -> str:
        return f"Input:\n{given}Output:\n{right.rstrip()}"

    def solution(self) -> str:
        reading, numbers = [], []
        for parameter in self.problem.parameters:
            if parameter.kind == "int":
                numbers.append(parameter.name)
                continue
            reading += _numbers_reading(numbers)
            numbers = []
            reading.append(parameter.reading())
        reading += _numbers_reading(numbers)
        body = "\n    ".join(
            ['lines = iter(sys.stdin.read().split("\\n"))', *reading, f"print({_call(self.problem)})"]
        )
        return f"{_source(self.problem.solve, 'sys')}\n\ndef main():\n    {body}\n\n\nmain()"


class _Call:
    """A problem as a function, or as a method of a class."""

    def __init__(self, problem: Problem, draw: Draw):
        self.problem, self.in_class = problem, draw.chance(0.5)
        words = problem.solve.__name__.split("_")
        camel = words[0] + "".join(word.capitalize() for word in words[1:])
        self.name = camel if self.in_class else f"{problem.solve.__name__}_of"
        arguments = [f"{each.name}: {each.type_name()}" for each in problem.parameters]
        if self.in_class:
            self.starter = f"class Solution:\n    def {self.name}({', '.join(['self', *arguments])}) -> int:"
        else:
            self.starter = f"def {self.name}({', '.join(arguments)}) -> int:"

    def input(self, case: Sequence[Any]) -> str:
        return self.problem.arguments(case)

    def output(self, answer: int) -> str:
        return json.dumps(answer)

    def data(self) -> str:
        lines = [
            f"* `{each.name}`: {each.note}{f', each of them a list of {each.columns}' if each.columns else ''}"
            for each in self.problem.parameters
        ]
        return "Arguments\n" + "\n".join(lines) + f"\n\nResult\n* {self.problem.answer}"

    def example(self, given: str, right: str) -> str:
        pairs = zip(self.problem.parameters, given.split("\n"), strict=True)
        return "\n".join(f"{parameter.name} = {value}" for parameter, value in pairs) + f"\nResult: {right}"

    def solution(self) -> str:
        indent = "        " if self.in_class else "    "
        return f"{_source(self.problem.solve)}\n\n{self.starter}\n{indent}return {_call(self.problem)}"


def _numbers_line(parameters: Sequence[Any]) -> list[str]:
    if not parameters:
        return []
    names = " and ".join(f"`{each.name}`" for each in parameters)
    return [f"A line with {names}: {', '.join(each.note for each in parameters)}."]


def _numbers_reading(names: Sequence[str]) -> list[str]:
    if len(names) < 2:
        return [f"{name} = int(next(lines))" for name in names]
    return [f"{', '.join(names)} = map(int, next(lines).split())"]


def _call(problem: Problem) -> str:
    names = [parameter.name for parameter in problem.parameters]
    knobs = [f"{name}={value!r}" for name, value in problem.knobs.items()]
    return f"{problem.solve.__name__}({', '.join([*names, *knobs])})"


@cache
def _source(function: Callable[..., Any], *modules: str) -> str:
    """Return the source of a solution, with the imports that it needs."""
    source = re.sub(r"\s*# noqa.*", "", inspect.getsource(function))
    used = [name for name in _MODULES if name in modules or re.search(rf"\b{name}\.", source)]
    return "".join(f"import {name}\n" for name in used) + ("\n\n" if used else "") + source
