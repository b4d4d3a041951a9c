"""A repository before anything is broken in it: modules, and cases that exercise them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template

__all__ = ["Case", "Draft", "Suite", "fill"]


@dataclass(frozen=True, slots=True)
class Case:
    """One test: some statements, and expressions whose values are compared.

    Attributes:
        name: Name of the test, without ``test_``.
        setup: Statements, possibly none.
        checks: Expressions. Each has a value made of plain data, or raises an exception that the suite can name.
    """

    name: str
    setup: str
    checks: tuple[str, ...]


@dataclass(slots=True)
class Suite:
    """The tests of one module.

    Attributes:
        module: Name of the module.
        imports: Import statements that the cases need.
        cases: The tests.
    """

    module: str
    imports: str
    cases: list[Case] = field(default_factory=list)

    def add(self, name: str, setup: str, *checks: str) -> None:
        """Add a test; the names of a suite are numbered where they repeat."""
        taken = sum(case.name == name or case.name.startswith(f"{name}_v") for case in self.cases)
        self.cases.append(Case(f"{name}_v{taken + 1}" if taken else name, setup, checks))


@dataclass(slots=True)
class Draft:
    """A working repository.

    Attributes:
        family: What kind of repository it is.
        package: Name of the package.
        summary: What it is for, in one sentence.
        modules: Source of each module, by its name.
        suites: Tests.
        parts: What each module is for, by its name.
    """

    family: str
    package: str
    summary: str
    modules: dict[str, str]
    suites: list[Suite]
    parts: dict[str, str]


def fill(source: str, names: Mapping[str, object]) -> str:
    """Put names into a source text; ``$name`` marks the places."""
    return Template(source).substitute(names).strip("\n") + "\n"
