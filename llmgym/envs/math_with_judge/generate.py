r"""Generated problems as rows of the public schema."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from llmgym.envs.math_with_judge.problems import DOMAINS, Draw, Problem
from llmgym.errors import UsageError

__all__ = ["DIFFICULTIES", "PROMPTS", "make_problem", "written"]

DIFFICULTIES = ("easy", "medium", "hard")

PROMPTS = (
    "Solve this problem and put the final result, and nothing else, inside \\boxed{{}}.\n\n{question}",
    "{question}\n\nReason step by step. Write your final result in \\boxed{{}}.",
    "Here is a mathematical problem.\n\n{question}\n\nWork it out, then give the exact result inside \\boxed{{}}.",
    "{question}\n\nGive an exact value, no decimal approximation. The last line must hold the result in \\boxed{{}}.",
    "Work out the following. Only what stands inside \\boxed{{}} at the end is read.\n\n{question}",
    "Problem: {question}\n\nExplain how you get there and state the result once, as \\boxed{{...}}.",
)
"""Ways to ask; each has the place of the question."""

_MOST_DRAWS = 200

_MATHEMATICS = re.compile(r"(\$\$?)(.+?)\1", re.DOTALL)
_INTEGER = re.compile(r"-?\d+")


def make_problem(
    rng: np.random.Generator,
    index: int,
    *,
    difficulty: str = "medium",
    domains: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Make one row.

    The right answer never stands in the question, so that repeating the question earns nothing. How the problem is
    written follows from the problem: it never comes back in another guise.

    Args:
        rng: Where the problem is drawn from. One number is taken.
        index: Number of the task; not used.
        difficulty: ``easy``, ``medium`` or ``hard``.
        domains: Keys of :data:`~llmgym.envs.math_with_judge.problems.DOMAINS`; ``None`` for all of them.

    Returns:
        A row with ``responses_create_params``, ``question``, ``expected_answer``, ``metadata`` (``domain``,
        ``template`` and ``difficulty``) and ``split_identity`` (the problem).

    Raises:
        UsageError: When no draw gave a problem of use, which does not happen with the kinds that are there.
    """
    level = DIFFICULTIES.index(difficulty)
    draw = Draw(int(rng.integers(2**63)))
    domain = draw.pick(tuple(domains or DOMAINS))
    template = draw.pick(DOMAINS[domain])
    for _ in range(_MOST_DRAWS):
        problem = template(draw, level)
        if not _gives_away(problem):
            row = _row(problem)
            row["metadata"] = {"domain": domain, "template": template.__name__, "difficulty": difficulty}
            return row
    raise UsageError(
        f"{_MOST_DRAWS} draws of {template.__name__} gave no problem of use; choose other domains."
    )


def written(text: str, draw: Draw) -> str:
    r"""Write a text in one of the ways that LaTeX is written in.

    Args:
        text: The text, with mathematics between dollar signs, doubled for a line of its own.
        draw: Chooses the delimiters, the kind of fractions and the form of simple exponents.

    Example:
        >>> print(written("Let $x^2 = \\frac{1}{4}$.", Draw(5)))
        Let \(x^2 = \tfrac{1}{4}\).
    """
    opening, closing = draw.pick((("$", "$"), ("\\(", "\\)"), ("\\( ", " \\)")))
    wide = draw.pick((("$$", "$$"), ("\\[", "\\]"), ("\\[\n", "\n\\]")))
    fraction = draw.pick(("\\frac", "\\frac", "\\dfrac", "\\tfrac"))
    braced, sized = draw.chance(0.5), draw.chance(0.5)

    def rewritten(match: re.Match[str]) -> str:
        inside = match[2].replace("\\frac", fraction)
        if braced:
            inside = re.sub(r"([\^_])(\w)(?!\w)", r"\1{\2}", inside)
        if sized and match[1] == "$$":
            inside = inside.replace("(", "\\left(").replace(")", "\\right)")
        left, right = wide if match[1] == "$$" else (opening, closing)
        return f"{left}{inside}{right}"

    return _MATHEMATICS.sub(rewritten, text)


def _row(problem: Problem) -> dict[str, Any]:
    identity = f"{problem.question}\n{problem.answer}"
    style = Draw(int.from_bytes(blake2b(identity.encode(), digest_size=8).digest()))
    question = written(problem.question, style)
    prompt = style.pick(PROMPTS).format(question=question)
    answer = problem.answer if style.chance(0.4) else written(f"${problem.answer}$", style)
    return {
        "responses_create_params": {"input": [{"role": "user", "content": prompt}]},
        "question": question,
        "expected_answer": answer,
        "split_identity": identity,
    }


def _gives_away(problem: Problem) -> bool:
    """Tell whether the right answer stands in the question."""
    numbers = {int(text) for text in _INTEGER.findall(problem.question)}
    if problem.answer.lstrip("-").isdigit():
        return abs(int(problem.answer)) in {abs(n) for n in numbers}
    return any(problem.answer == match[2].strip() for match in _MATHEMATICS.finditer(problem.question))
