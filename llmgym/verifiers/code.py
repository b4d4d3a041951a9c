"""Grading of programs by their unit tests, with the rewards of the public code checker (``code_gen``).

The program runs in a sandbox of its own, which is given the inputs and never the expected outputs. What it prints or
returns comes out as data, and is compared here: a program that forges what the sandbox says has, at most, printed an
answer. See :mod:`llmgym.verifiers.code_extraction`, :mod:`~llmgym.verifiers.code_comparison` and
:mod:`~llmgym.verifiers.code_values` for the parts of the rule.

A sandbox runs a program for a tenth of a second, what came out is compared, and only if it was right the rest is run,
for longer and longer: so little time is spent on wrong programs, although only this side knows that they are. Where
tests share a process, a later run repeats the earlier tests for what they leave behind; each test is judged once.

Readings of the public rule where it is not plain: tests that are not JSON in call mode give -1 for every test; a test
that prints more than 16 MiB, or returns more than 2 MiB, has a wrong answer; a sandbox that ran out of memory, or was
left early by the program, gives -1 for every test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from llmgym.errors import UsageError
from llmgym.sandbox import Limits, Profile, Sandbox, make_sandbox
from llmgym.verifiers.code_check import Check, CodeResult, UnitTests
from llmgym.verifiers.code_places import places

__all__ = [
    "CONCURRENCY",
    "MEMORY_BYTES",
    "TIMEOUT_SECONDS",
    "CodeResult",
    "UnitTests",
    "code_sandbox",
    "verify_code",
]

TIMEOUT_SECONDS = 10.0
"""Seconds that one test may take, as in the public configuration."""

CONCURRENCY = 8
"""Most programs checked at a time, as in the public configuration."""

MEMORY_BYTES = 4 << 30
"""Memory of one program, as in the public checker."""

_RUNNERS = Path(__file__).parents[1] / "sandbox" / "runners"
_PRELOAD = (
    "bisect collections copy ctypes datetime decimal fractions functools heapq io itertools json math operator random re "
    "select shutil signal socket statistics string struct subprocess typing code_runner"
)
_PLAIN = Profile(
    packages=("numpy",),
    modules=tuple(
        str(_RUNNERS / f"{name}.py")
        for name in ("code_runner", "code_program", "code_apart", "code_encoding")
    ),
    preload=tuple(_PRELOAD.split()),
)
# Processes with NumPy in them start more slowly, and importing it takes longer still: so it is there for those who
# name it.
_NUMERICAL = replace(_PLAIN, preload=(*_PLAIN.preload, "numpy"))


async def verify_code(
    code: str,
    unit_tests: UnitTests | Mapping[str, Any],
    *,
    sandbox: str | Mapping[str, Any] | None = None,
    unit_test_timeout_secs: float = TIMEOUT_SECONDS,
    num_processes: int = CONCURRENCY,
    memory_bytes: int = MEMORY_BYTES,
    fresh_processes: bool = False,
) -> CodeResult:
    r"""Run a program on its tests.

    Args:
        code: The program.
        unit_tests: Its tests.
        sandbox: Where it runs, as for :func:`llmgym.sandbox.make_sandbox`.
        unit_test_timeout_secs: Seconds on the clock that one test may take. All of them may take (that + 1) for each
            test, and 5 more.
        num_processes: Most programs at a time in one event loop; a backend may allow fewer.
        memory_bytes: Most memory of a program.
        fresh_processes: Run each test in a process of its own, killed at the deadline. Otherwise all tests share one,
            and a program may catch the exception that tells it of the timeout, as in the public checker.

    Returns:
        The result. Whatever the program does is data.

    Raises:
        UsageError: When an argument or the sandbox's setting is wrong.
        InfrastructureError: When a sandbox cannot be made or is lost. Boundary ``sandbox``.

    Example:
        >>> tests = {"inputs": ["3\n"], "outputs": ["9\n"]}
        >>> result = asyncio.run(verify_code("print(int(input()) ** 2)", tests))  # doctest: +SKIP
        >>> result.result  # doctest: +SKIP
        [True]
    """
    tests = UnitTests.of(unit_tests)
    if num_processes < 1:
        raise UsageError(f"Expected num_processes to be at least 1, found {num_processes!r}.")
    if not 0 < unit_test_timeout_secs < float("inf"):
        raise UsageError(f"Expected unit_test_timeout_secs to be above 0, found {unit_test_timeout_secs!r}.")
    check = Check(code, tests, unit_test_timeout_secs, memory_bytes, fresh_processes)
    async with places(num_processes):
        async with code_sandbox(sandbox, check.limits, numerical="numpy" in code) as opened:
            return await check.run(opened)


def code_sandbox(
    setting: str | Mapping[str, Any] | None, limits: Limits | None = None, *, numerical: bool = False
) -> Sandbox:
    """Return a sandbox for programs, not started yet.

    Args:
        setting: As for :func:`llmgym.sandbox.make_sandbox`.
        limits: What programs may use.
        numerical: Whether NumPy should be warm. It can be imported in any case.

    Raises:
        UsageError: When it cannot be had on this machine.
    """
    return make_sandbox(setting, profile=_NUMERICAL if numerical else _PLAIN, limits=limits)
