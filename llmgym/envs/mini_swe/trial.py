"""Running the tests of a drafted repository in this process.

What runs here is code of this package: the modules of a draft, as they are and with one change. Code that a model
wrote never does. The modules live in namespaces of their own, ``sys.modules`` is left alone, and every loop and every
call counts against a budget, so that a change that makes a loop endless ends the run.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence
from types import CodeType, ModuleType
from typing import Any

from llmgym.envs.mini_swe.repositories.draft import Suite
from llmgym.envs.mini_swe.values import decode, encode
from llmgym.syntax_trees import compile_tree, parse_module

__all__ = ["Outcome", "Trial", "compiled"]

Outcome = tuple[str, Any]
"""``("value", plain data)``, ``("raised", name of the exception)``, or ``("stopped", name)`` for a test that failed
before or between its checks."""

_BUDGET = 20_000


class _OutOfBudget(BaseException):
    """A run took too many steps. No code under trial catches it."""


class _Counter(ast.NodeTransformer):
    """Puts a call of ``__tick__`` into every loop and every function."""

    def _count(self, node: Any) -> Any:
        self.generic_visit(node)
        at = 1 if isinstance(node, ast.FunctionDef) and ast.get_docstring(node, clean=False) else 0
        name = ast.copy_location(ast.Name("__tick__", ast.Load()), node)
        call = ast.copy_location(ast.Expr(ast.copy_location(ast.Call(name, [], []), node)), node)
        node.body.insert(at, call)
        return node

    visit_For = visit_While = visit_FunctionDef = _count


def compiled(source: str, name: str) -> CodeType:
    """Compile a module so that its steps are counted.

    Args:
        source: The module.
        name: Its name, for tracebacks.
    """
    return compile_tree(_Counter().visit(parse_module(source)), name)


class Trial:
    """One state of a repository, ready to run its tests.

    Args:
        package: Name of the package.
        modules: Compiled modules by name.
    """

    def __init__(self, package: str, modules: Mapping[str, CodeType]):
        self._package, self._codes = package, modules
        self._loaded: dict[str, ModuleType] = {}
        self._left = 0
        self._builtins = {**vars(builtins), "__import__": self._import, "__tick__": self._tick}

    def run(self, suites: Sequence[Suite], *, apart: bool) -> dict[tuple[str, str], list[Outcome]] | None:
        """Run tests.

        Args:
            suites: The tests.
            apart: Give every test modules of its own, for code that may keep state from test to test.

        Returns:
            For each test, by module and name, the outcomes of its checks; ``None`` when a test takes too many steps.
        """
        results: dict[tuple[str, str], list[Outcome]] = {}
        for suite in suites:
            imports = compile(suite.imports, suite.module, "exec")
            for case in suite.cases:
                if apart:
                    self._loaded.clear()
                self._left = _BUDGET
                try:
                    results[suite.module, case.name] = self._one(imports, case.setup, case.checks)
                except _OutOfBudget:
                    return None
        return results

    def _one(self, imports: CodeType, setup: str, checks: Sequence[str]) -> list[Outcome]:
        scope: dict[str, Any] = {"__builtins__": self._builtins, "__name__": "test"}
        outcomes: list[Outcome] = []
        try:
            exec(imports, scope)
            if setup:
                exec(setup, scope)
            for check in checks:
                try:
                    outcomes.append(("value", decode(encode(eval(check, scope)))))
                except Exception as error:
                    outcomes.append(("raised", type(error).__name__))
        except Exception as error:
            # Broken code may fail in any way: that is what the tests are for.
            outcomes.append(("stopped", type(error).__name__))
        return outcomes

    def _tick(self) -> None:
        self._left -= 1
        if self._left < 0:
            raise _OutOfBudget

    def _import(
        self, name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> Any:
        package, _, module = name.partition(".")
        if package != self._package:
            return __import__(name, globals, locals, fromlist, level)
        if module not in self._loaded:
            loaded = ModuleType(name)
            loaded.__dict__["__builtins__"] = self._builtins
            exec(self._codes[module], loaded.__dict__)
            self._loaded[module] = loaded
        return self._loaded[module]
