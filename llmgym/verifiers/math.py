r"""Grading of mathematical answers with math-verify, by the rule of the public verifier (``math_with_judge``).

The right answer, without the delimiters around it, goes into a box. math-verify 0.8.0 looks for expressions in the
whole text of the response, the box first, and compares what it finds: as text, as numbers to 6 decimal places,
symbolically. A box is not required: the last expression of the text may count, and so may one that merely
simplifies to the right answer.

The work is done in worker processes (:mod:`llmgym.verifiers.math_pool`) with a hard deadline for each answer. So the
functions here are coroutines; from synchronous code, call them through ``llmgym.bridge.wait``. They need the
packages of the extra ``math``: math-verify 0.8.0 and latex2sympy2-extended 1.10.2, whose exact versions decide what
is read and what is equal.

What is different from the public verifier: an answer of more than 64 KiB is graded, while there it stops the pipe
between two processes and scores 0; an expression that is longer than 100,000 characters or nested deeper than 200
is given up at once, not after seconds; a text of more than 4,194,304 characters is not read at all. Parsing is
faster here, so that some expressions are read which the public verifier gives up after 5 seconds.
"""

from __future__ import annotations

import logging
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import NamedTuple

from llmgym.errors import DependencyMissing, UsageError
from llmgym.verdict import Verdict
from llmgym.verifiers import math_pool

__all__ = [
    "CONCURRENCY",
    "LONGEST_TEXT",
    "REASONS",
    "TIMEOUT_SECONDS",
    "MathResult",
    "boxed",
    "check_installed",
    "grade_math",
    "library_verdict",
    "strip_delimiters",
    "verify_math",
]

TIMEOUT_SECONDS = 10.0
"""Seconds that one answer may take, as in the public configurations."""

CONCURRENCY = 32
"""Most answers graded at a time, as in the public configurations. There are never more than processors."""

LONGEST_TEXT = 1 << 22
"""Most characters of a text, or of a right answer, that are read."""

REASONS: tuple[str, ...] = (
    "wrong_answer",
    "no_answer",
    "timeout",
    "crash",
    "too_long",
    "unreadable_expected_answer",
    "false_equation",
    "error",
)
"""Every reason of a score of 0."""

_PINNED = {"math-verify": "0.8.0", "latex2sympy2-extended": "1.10.2"}

logger = logging.getLogger("llmgym.verifiers.math")


class MathResult(NamedTuple):
    """What the library pass found.

    Attributes:
        score: 1.0 when the answer was verified, else 0.0.
        extracted_answer: What was found: the first expression that is written exactly as the right answer, else the
            first one; ``None`` when nothing was.
        reason: One of :data:`REASONS` for a score of 0, else empty.
    """

    score: float
    extracted_answer: str | None
    reason: str = ""


def strip_delimiters(answer: str) -> str:
    r"""Return an answer without blanks, then ``\( \)``, then ``$ $`` around it, as the public verifier does.

    Args:
        answer: The right answer of a row.

    Example:
        >>> strip_delimiters(r" \( $x+1$ \) "), strip_delimiters("$5$"), strip_delimiters("$")
        ('x+1', '5', '$')
    """
    answer = answer.strip()
    if len(answer) >= 4 and answer.startswith("\\(") and answer.endswith("\\)"):
        answer = answer[2:-2].strip()
    if len(answer) >= 2 and answer.startswith("$") and answer.endswith("$"):
        answer = answer[1:-1].strip()
    return answer


def boxed(answer: str) -> str:
    r"""Return an answer without its delimiters, in a box: the gold string of the public verifier.

    Example:
        >>> print(boxed(r"\( \frac{1}{2} \)"))
        \boxed{\frac{1}{2}}
    """
    return f"\\boxed{{{strip_delimiters(answer)}}}"


async def verify_math(
    expected: str,
    text: str,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    max_concurrency: int = CONCURRENCY,
    strict: bool = False,
) -> MathResult:
    r"""Return the score of a text and the answer that was found in it, by the public verifier's rule.

    Args:
        expected: The right answer, with or without ``\( \)`` or ``$ $`` around it.
        text: All that the assistant said: the texts of all its messages, joined with nothing between.
        timeout_seconds: Seconds on the clock after which the worker is killed; waiting for a worker does not count.
        max_concurrency: Most answers graded at a time by this process.
        strict: Refuse an answer that holds a false equation between numbers. The public rule accepts
            ``\boxed{43=42}`` where the right answer is 42.

    Returns:
        The result. An answer that takes too long, or kills its worker, has the score 0.0 and nothing extracted.

    Raises:
        DependencyMissing: When math-verify is not installed.
        InfrastructureError: When no worker can be started. Boundary ``sandbox``.
        UsageError: When an argument is out of range.

    Example:
        >>> from llmgym.bridge import wait
        >>> wait(verify_math(r"\( \frac{1}{2} \)", r"Half of it: \boxed{0.5}"))
        MathResult(score=1.0, extracted_answer='1/2', reason='')
    """
    check_installed()
    if not 0 < timeout_seconds < float("inf"):
        raise UsageError(f"Expected a time limit above 0 seconds and finite, found {timeout_seconds!r}.")
    if max_concurrency < 1:
        raise UsageError(f"Expected a concurrency of at least 1, found {max_concurrency!r}.")
    if not text.strip():
        return MathResult(0.0, None, "no_answer")
    if len(text) > LONGEST_TEXT or len(expected) > LONGEST_TEXT:
        return MathResult(0.0, None, "too_long")
    job = math_pool.Job(boxed(expected), text, strict, timeout_seconds)
    outcome = await math_pool.run(job, limit=max_concurrency)
    return MathResult(outcome.score, outcome.answer, outcome.reason)


async def grade_math(
    expected: str,
    text: str,
    *,
    timeout_seconds: float = TIMEOUT_SECONDS,
    max_concurrency: int = CONCURRENCY,
    strict: bool = False,
) -> Verdict:
    r"""Grade a text without a judge.

    The arguments and what is raised are those of :func:`verify_math`.

    Returns:
        A verdict with the component ``library_reward`` and the metrics ``library_reward``, ``symbolic_accuracy`` (the
        same, under the name of the public score), ``expected_answer`` and, where there is one, ``extracted_answer``.

    Example:
        >>> from llmgym.bridge import wait
        >>> wait(grade_math("42", r"So \boxed{41}.")).reason
        'wrong_answer'
    """
    result = await verify_math(
        expected, text, timeout_seconds=timeout_seconds, max_concurrency=max_concurrency, strict=strict
    )
    return library_verdict(expected, result)


def library_verdict(expected: str, result: MathResult) -> Verdict:
    """Return the verdict of the library pass alone, as :func:`grade_math` does.

    Args:
        expected: The right answer, as the row has it.
        result: What :func:`verify_math` returned.
    """
    metrics = {
        "library_reward": result.score,
        "symbolic_accuracy": result.score,
        "expected_answer": expected,
        "extracted_answer": result.extracted_answer,
    }
    return Verdict(result.score, {"library_reward": result.score}, metrics, result.reason)


@cache
def check_installed() -> None:
    """Make sure that math-verify is there, and warn in the log when it is not the version that parity needs.

    Raises:
        DependencyMissing: When a package is missing.
    """
    for package, pinned in _PINNED.items():
        try:
            found = version(package)
        except PackageNotFoundError as error:
            raise DependencyMissing(package, "math", "check mathematical answers") from error
        if found != pinned:
            logger.warning(
                "Rewards may differ from the public verifier's: expected %s %s, found %s. Install the extra 'math'.",
                package,
                pinned,
                found,
            )
