"""Bugs in statements."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

from llmgym.syntax_trees import parse_module

__all__ = ["STATEMENT_KINDS"]

Found = Iterator[tuple[ast.AST, ast.AST | None]]


def _bodies(node: ast.AST) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list):
            yield body


def _missing_return(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.Return) and node.value is not None:
        if isinstance(node.value, ast.Call):
            yield node, ast.Expr(node.value)
        else:
            yield node, ast.Return(None)


def _wrong_default(node: ast.AST, module: ast.Module) -> Found:
    if not isinstance(node, ast.FunctionDef):
        return
    for default in (*node.args.defaults, *(each for each in node.args.kw_defaults if each is not None)):
        if not isinstance(default, ast.Constant):
            continue
        if isinstance(default.value, bool):
            yield default, ast.Constant(not default.value)
        elif isinstance(default.value, int):
            yield default, ast.Constant(default.value + 1)
            yield default, ast.Constant(0)
        elif isinstance(default.value, str) and default.value:
            yield default, ast.Constant("")


def _mutable_default(node: ast.AST, module: ast.Module) -> Found:
    """Turn ``if x is None: x = []`` into a default that all calls share."""
    if not isinstance(node, ast.FunctionDef):
        return
    arguments = node.args.args[len(node.args.args) - len(node.args.defaults) :]
    for place, statement in enumerate(node.body):
        if not (isinstance(statement, ast.If) and not statement.orelse and len(statement.body) == 1):
            continue
        test, inner = statement.test, statement.body[0]
        if not (
            isinstance(test, ast.Compare)
            and isinstance(test.ops[0], ast.Is)
            and isinstance(test.left, ast.Name)
        ):
            continue
        if isinstance(inner, ast.Assign) and isinstance(inner.value, ast.List | ast.Dict | ast.Name):
            for position, argument in enumerate(arguments):
                if argument.arg == test.left.id:
                    defaults = [*node.args.defaults]
                    defaults[position] = inner.value
                    fields = {name: getattr(node.args, name) for name in node.args._fields}
                    args = ast.arguments(**{**fields, "defaults": defaults})
                    body = node.body[:place] + node.body[place + 1 :]
                    yield node, _function(node, args, body)
    for part in ast.walk(node):
        # "list(x) if x else []" kept apart what the caller gave.
        if (
            isinstance(part, ast.IfExp)
            and isinstance(part.body, ast.Call)
            and isinstance(part.test, ast.Name)
        ):
            for position, argument in enumerate(arguments):
                default = node.args.defaults[position]
                if (
                    argument.arg == part.test.id
                    and isinstance(default, ast.Constant)
                    and default.value is None
                ):
                    defaults = [*node.args.defaults]
                    defaults[position] = part.orelse
                    fields = {name: getattr(node.args, name) for name in node.args._fields}
                    args = ast.arguments(**{**fields, "defaults": defaults})
                    swapped = _Swapped(part)
                    body = [swapped.visit(_copy(statement)) for statement in node.body]
                    yield node, _function(node, args, body)


def _function(node: ast.FunctionDef, args: ast.arguments, body: list[ast.stmt]) -> ast.FunctionDef:
    # Decorators stay where they are, in front of what is replaced.
    return ast.FunctionDef(node.name, args, body, [], node.returns, lineno=node.lineno)


def _copy(node: ast.stmt) -> ast.stmt:
    (copy,) = parse_module(ast.unparse(node)).body
    return copy


class _Swapped(ast.NodeTransformer):
    """Replaces a conditional expression by the variable that it tests."""

    def __init__(self, old: ast.IfExp):
        self._old = ast.dump(old)
        self._new = old.test

    def visit_IfExp(self, node: ast.IfExp) -> ast.AST:
        return self._new if ast.dump(node) == self._old else node


def _dropped_branch(node: ast.AST, module: ast.Module) -> Found:
    for body in _bodies(node):
        for statement in body:
            if isinstance(statement, ast.If) and not statement.orelse and len(body) > 1:
                yield statement, None
    if isinstance(node, ast.If) and node.orelse:
        yield node, ast.If(node.test, node.body, [])


def _inverted_condition(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.If | ast.IfExp | ast.While):
        test = node.test
        if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
            yield test, test.operand
        elif not isinstance(node, ast.While):
            yield test, ast.UnaryOp(ast.Not(), test)
    elif isinstance(node, ast.comprehension):
        for test in node.ifs:
            if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
                yield test, test.operand


def _early_exit(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.Continue):
        yield node, ast.Break()
    elif isinstance(node, ast.For | ast.While) and node.body:
        last = node.body[-1]
        if isinstance(last, ast.Assign | ast.AugAssign | ast.Expr):
            body: list[ast.stmt] = [*node.body, ast.Break()]
            if isinstance(node, ast.For):
                yield node, ast.For(node.target, node.iter, body, node.orelse, lineno=node.lineno)
            else:
                yield node, ast.While(node.test, body, node.orelse)


def _swallowed_exception(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.Raise):
        yield node, ast.Pass()
        yield node, ast.Return(ast.Constant(None))


def _lost_update(node: ast.AST, module: ast.Module) -> Found:
    for body in _bodies(node):
        for statement in body:
            call = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
            if len(body) > 1 and (call or isinstance(statement, ast.AugAssign | ast.Delete)):
                yield statement, None
    if isinstance(node, ast.AugAssign):
        yield node, ast.Assign([node.target], node.value, lineno=node.lineno)


def _wrong_order(node: ast.AST, module: ast.Module) -> Found:
    """Exchange two statements that follow each other, both of them plain."""
    for body in _bodies(node):
        for one, other in zip(body, body[1:], strict=False):
            plain = (ast.Assign, ast.AugAssign, ast.Expr)
            if isinstance(one, plain) and isinstance(other, plain) and not _is_text(one):
                yield _Span(one, other), ast.Module([other, one], [])


def _is_text(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)


class _Span(ast.stmt):
    """Two statements as one place in the text."""

    def __init__(self, first: ast.stmt, last: ast.stmt):
        super().__init__()
        self.lineno, self.col_offset = first.lineno, first.col_offset
        self.end_lineno, self.end_col_offset = last.end_lineno, last.end_col_offset


STATEMENT_KINDS: dict[str, Callable[[ast.AST, ast.Module], Found]] = {
    "missing_return": _missing_return,
    "wrong_default": _wrong_default,
    "mutable_default": _mutable_default,
    "dropped_branch": _dropped_branch,
    "inverted_condition": _inverted_condition,
    "early_exit": _early_exit,
    "swallowed_exception": _swallowed_exception,
    "lost_update": _lost_update,
    "wrong_order": _wrong_order,
}
"""What finds bugs of each kind."""
