"""Procedural tasks: expressions to be computed, and how a prompt lists them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from llmgym.envs.math_advanced_calculations.expressions import Expression, calls_of, draw, parse

__all__ = ["LEVELS", "MOST_BREADTH", "MOST_DEPTH", "listed", "make_expressions"]

LEVELS = {"easy": ((1, 2), (1, 3)), "medium": ((2, 3), (2, 4)), "hard": ((4, 5), (3, 5))}
"""For each difficulty the bounds of depth and of breadth, inclusive."""

MOST_DEPTH, MOST_BREADTH = 6, 10
_MOST_CALLS = 120

_PROMPTS = (
    (
        "Use only the given tools to find the value of {}.",
        "Use only the given tools to find the values of {}.",
    ),
    (
        "What is {}? Compute it using only the given tools.",
        "What are {}? Compute them using only the given tools.",
    ),
    (
        "With the given tools and nothing else, work out {}.",
        "With the given tools and nothing else, work out {}.",
    ),
    ("Please evaluate {} by calling the given tools.", "Please evaluate {} by calling the given tools."),
)
_PUBLIC = (
    "Get me the value for {} using only the given tools.",
    "Get me the values for {} using only the given tools.",
)


def make_expressions(
    rng: np.random.Generator,
    index: int,
    difficulty: str = "medium",
    depth: int | None = None,
    breadth: int | None = None,
    tools: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Make a row of the public schema.

    Args:
        rng: Where randomness comes from.
        index: Number of the task; becomes its ``id``.
        difficulty: A name in :data:`LEVELS`.
        depth: Depth of the deepest expression, 1 to 6; drawn within the difficulty when ``None``.
        breadth: Number of expressions, 1 to 10; drawn within the difficulty when ``None``.
        tools: The tools of the row, in Responses form.
    """
    depths, breadths = LEVELS[difficulty]
    depth = int(rng.integers(depths[0], depths[1] + 1)) if depth is None else depth
    breadth = int(rng.integers(breadths[0], breadths[1] + 1)) if breadth is None else breadth
    while True:
        expressions = _draw_all(rng, depth, breadth)
        calls, values = calls_of(expressions)
        if len(calls) <= _MOST_CALLS:
            break
    texts = [str(expression) for expression in expressions]
    prompt = _PROMPTS[int(rng.integers(len(_PROMPTS)))][breadth > 1].format(_joined(texts))
    return {
        "id": index,
        "responses_create_params": {
            "input": [{"role": "user", "content": prompt}],
            "tools": list(tools),
            "parallel_tool_calls": False,
            "temperature": 1.0,
        },
        "ground_truth": json.dumps(values),
        "depth": depth,
        "breadth": breadth,
        # The same expressions in other words, or in another order, are the same problem.
        "split_identity": "; ".join(sorted(texts)),
    }


def _draw_all(rng: np.random.Generator, depth: int, breadth: int) -> list[Expression]:
    """Draw expressions of which the deepest has the given depth, and no two are the same."""
    expressions: list[Expression] = []
    deepest = int(rng.integers(breadth))
    while len(expressions) < breadth:
        shallow = len(expressions) != deepest
        # Plain numbers occur as well: they too have to be obtained with a tool.
        of_depth = (
            0 if shallow and rng.random() < 0.05 else int(rng.integers(1, depth + 1)) if shallow else depth
        )
        expression = draw(rng, of_depth)
        if expression not in expressions:
            expressions.append(expression)
    return expressions


def _joined(texts: Sequence[str]) -> str:
    if len(texts) < 3:
        return " and ".join(texts)
    return ", ".join(texts[:-1]) + f", and {texts[-1]}"


def listed(prompt: str) -> list[Expression]:
    """Read the expressions that a prompt lists, in the public wording or in one of ours.

    Raises:
        ValueError: When the prompt is worded otherwise, or an expression cannot be read.

    Example:
        >>> [str(e) for e in listed("Get me the values for 3.0, pi, and log(2.0, 3.0) using only the given tools.")]
        ['3.0', 'pi', 'log(2.0, 3.0)']
    """
    for template in [wording for pair in (_PUBLIC, *_PROMPTS) for wording in reversed(pair)]:
        before, after = template.split("{}")
        if prompt.startswith(before) and prompt.endswith(after) and len(prompt) > len(before) + len(after):
            return [parse(text) for text in _parts(prompt[len(before) : len(prompt) - len(after)])]
    raise ValueError(f"the prompt is worded in an unknown way: {prompt[:100]!r}")


def _parts(text: str) -> list[str]:
    """Split a list at its commas and its last "and", not at the commas between parentheses."""
    parts, level = [""], 0
    for token in re.findall(r",\s*(?:and )?|\s+and |[^,\s]+|\s+", text):
        level += token.count("(") - token.count(")")
        if level == 0 and (token[0] == "," or token.strip() == "and"):
            parts.append("")
        else:
            parts[-1] += token
    return parts
