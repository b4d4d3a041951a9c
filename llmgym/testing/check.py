"""The conformance kit: what every environment must hold to, for authors to run in their own tests."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from llmgym.errors import Error
from llmgym.testing.suite import NotApplicable, Suite
from llmgym.testing.trace import expected

__all__ = ["Check", "CheckFailed", "check_env", "run_check", "run_checks"]


class CheckFailed(AssertionError, Error):
    """An environment does not conform; the message names each check that failed."""


@dataclass(frozen=True, slots=True)
class Check:
    """The outcome of one check.

    Attributes:
        name: What was checked.
        passed: Whether it holds; ``None`` when it does not apply.
        detail: What was found.
    """

    name: str
    passed: bool | None
    detail: str = ""


def check_env(env: str, *, tasks: int = 20, fuzz: int = 200, **kwargs: Any) -> list[Check]:
    """Check an environment, and raise if it does not conform.

    Args:
        env: Its registered id.
        tasks: How many tasks the checks of rewards play.
        fuzz: How many random actions it must survive.
        **kwargs: Constructor arguments.

    Returns:
        The checks, all passed or not applicable.

    Raises:
        CheckFailed: Naming each check that failed and what was found.
    """
    checks = run_checks(env, tasks=tasks, fuzz=fuzz, **kwargs)
    failed = [f"{check.name}: {check.detail}" for check in checks if check.passed is False]
    if failed:
        raise CheckFailed(f"{env} does not conform.\n" + "\n".join(failed))
    return checks


def run_checks(env: str, *, tasks: int = 20, fuzz: int = 200, **kwargs: Any) -> list[Check]:
    """Run every check and report, without raising.

    Args:
        env: Its registered id.
        tasks: How many tasks the checks of rewards play.
        fuzz: How many random actions it must survive.
        **kwargs: Constructor arguments.
    """
    return [run_check(name, check) for name, check in Suite(env, tasks, fuzz, kwargs).checks()]


def run_check(name: str, check: Callable[[], str]) -> Check:
    """Run one check and report, without raising.

    Args:
        name: What is checked.
        check: One of the :class:`~llmgym.testing.suite.Suite`.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            detail = check()
            passed: bool | None = True
        except NotApplicable as reason:
            detail, passed = str(reason), None
        except AssertionError as failure:
            detail, passed = str(failure), False
        except Exception as error:
            # An author must learn of every check, so one that breaks is reported like one that fails.
            detail, passed = f"raised {type(error).__name__}: {error}", False
    unexpected = [str(warning.message) for warning in caught if not expected(warning)]
    if passed and unexpected:
        return Check(name, False, f"warned: {unexpected[0]}")
    return Check(name, passed, detail)
