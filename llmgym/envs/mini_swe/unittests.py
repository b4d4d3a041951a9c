"""Test files: written from cases, and read again as what to run and what to expect.

To grade a repository its tests are taken apart. What a test does, its statements and the expressions that it compares,
runs inside the sandbox; what it expects stays outside, and so does the comparison. Code under test can do to its own
process what it likes: it does not learn what a passing test would report.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmgym.envs.mini_swe.repositories.draft import Case, Suite
from llmgym.envs.mini_swe.trial import Outcome
from llmgym.syntax_trees import parse_module

__all__ = ["DetachedTest", "class_name", "detach", "id_of_test", "write_tests"]


def class_name(module: str) -> str:
    """Return the name of the class that tests a module."""
    return f"{module.title().replace('_', '')}Test"


def id_of_test(module: str, case: str) -> str:
    """Return the name by which ``python -m unittest`` knows a test."""
    return f"tests.test_{module}.{class_name(module)}.test_{case}"


def write_tests(
    suite: Suite, cases: Sequence[Case], expected: Mapping[tuple[str, str], list[Outcome]]
) -> str:
    """Return a test file.

    Args:
        suite: The suite, for its imports.
        cases: Which of its cases.
        expected: What the checks of each case give.
    """
    parts = [
        f"import unittest\n\n{suite.imports}\n\n\nclass {class_name(suite.module)}(unittest.TestCase):\n"
    ]
    for place, case in enumerate(cases):
        lines = case.setup.split("\n") if case.setup else []
        for check, (kind, value) in zip(case.checks, expected[suite.module, case.name], strict=True):
            if kind == "raised":
                lines += [f"with self.assertRaises({value}):", f"    {check}"]
            else:
                lines.append(f"self.assertEqual({check}, {value!r})")
        body = "\n".join(f"        {line}" for line in lines)
        parts.append(f"{'' if place == 0 else chr(10)}    def test_{case.name}(self):\n{body}\n")
    return "".join(parts)


@dataclass(frozen=True, slots=True)
class DetachedTest:
    """A test without what it expects, and that beside it.

    Attributes:
        id: Name of the test.
        program: Statements that put what they find at the end of the list ``__seen__``, through ``__value__`` and
            ``__raised__``.
        expected: What has to be found, in order.
    """

    id: str
    program: str
    expected: tuple[Outcome, ...]

    @property
    def group(self) -> str:
        """Name of the class that the test is from; the tests of one run in one process."""
        return self.id.rpartition(".")[0]

    def passes(self, seen: Sequence[Any]) -> bool:
        """Tell whether a run of the program found what is expected.

        Args:
            seen: For each check ``("value", data)``, or ``("raised", names)`` with the names of the exception's class
                and of those above it.
        """
        if len(seen) != len(self.expected) or not self.expected:
            return False
        for (kind, wanted), (found, value) in zip(self.expected, seen, strict=True):
            if kind != found:
                return False
            if (wanted not in value) if kind == "raised" else (wanted != value):
                return False
        return True


def detach(path: str, source: str) -> list[DetachedTest]:
    """Take the tests of a file apart.

    Args:
        path: Where it is, such as ``tests/test_stock.py``.
        source: Its text. Tests are methods that compare with ``assertEqual(expression, literal)`` and with
            ``with self.assertRaises(name):``.

    Raises:
        ValueError: When a test is of another form; the message names the line.
    """
    module = path.removesuffix(".py").replace("/", ".")
    try:
        tree = parse_module(source)
    except SyntaxError as error:
        raise ValueError(f"{path}: {error}") from error
    above = [statement for statement in tree.body if not isinstance(statement, ast.ClassDef)]
    prelude = ast.unparse(ast.Module([statement for statement in above if not _is_unittest(statement)], []))
    tests = []
    for kind in tree.body:
        if not isinstance(kind, ast.ClassDef):
            continue
        for method in kind.body:
            if isinstance(method, ast.FunctionDef) and method.name.startswith("test"):
                expected: list[Outcome] = []
                body = [_detached(path, statement, expected) for statement in method.body]
                program = f"{prelude}\n{ast.unparse(ast.Module(body, []))}"
                tests.append(DetachedTest(f"{module}.{kind.name}.{method.name}", program, tuple(expected)))
            elif isinstance(method, ast.FunctionDef):
                raise ValueError(
                    f"{path}:{method.lineno}: expected methods that are tests, found {method.name}"
                )
    return tests


def _detached(path: str, statement: ast.stmt, expected: list[Outcome]) -> ast.stmt:
    call = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(call, ast.Call) and _on_self(call.func) == "assertEqual" and len(call.args) == 2:
        try:
            expected.append(("value", _literal(call.args[1])))
        except ValueError:
            raise ValueError(
                f"{path}:{statement.lineno}: expected a literal as the second argument"
            ) from None
        return _seen(ast.Call(ast.Name("__value__", ast.Load()), [call.args[0]], []))
    if isinstance(statement, ast.With):
        (item,) = statement.items
        context = item.context_expr
        if isinstance(context, ast.Call) and _on_self(context.func) == "assertRaises":
            kind = context.args[0]
            if not isinstance(kind, ast.Name) or item.optional_vars is not None:
                raise ValueError(f"{path}:{statement.lineno}: expected the name of an exception")
            expected.append(("raised", kind.id))
            raised = _seen(
                ast.Call(ast.Name("__raised__", ast.Load()), [ast.Name("__error__", ast.Load())], [])
            )
            handler = ast.ExceptHandler(ast.Name("BaseException", ast.Load()), "__error__", [raised])
            nothing = _seen(ast.Call(ast.Name("__raised__", ast.Load()), [ast.Constant(None)], []))
            return ast.Try(statement.body, [handler], [nothing], [])
    if any(_on_self(node) for node in ast.walk(statement)):
        raise ValueError(f"{path}:{statement.lineno}: expected assertEqual or assertRaises")
    return statement


def _literal(node: ast.expr) -> Any:
    """Return the value of a literal; a set is one too, and so is an empty one, which Python writes as a call."""
    if isinstance(node, ast.Call) and ast.unparse(node) in ("set()", "frozenset()"):
        return frozenset()
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "frozenset" and len(node.args) == 1:
        return frozenset(_literal(node.args[0]))
    return ast.literal_eval(node)


def _on_self(node: ast.AST) -> str:
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self":
        return node.attr
    return ""


def _seen(call: ast.expr) -> ast.stmt:
    append = ast.Attribute(ast.Name("__seen__", ast.Load()), "append", ast.Load())
    return ast.Expr(ast.Call(append, [call], []))


def _is_unittest(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Import) and [name.name for name in statement.names] == ["unittest"]
