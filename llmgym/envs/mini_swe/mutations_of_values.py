"""Bugs in expressions."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator

__all__ = ["VALUE_KINDS"]

Found = Iterator[tuple[ast.AST, ast.AST | None]]

_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt,),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt,),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
}
_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.FloorDiv: (ast.Mod, ast.Mult),
    ast.Div: (ast.FloorDiv,),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
}
_BUILTINS = {"min": "max", "max": "min", "any": "all", "all": "any", "sum": "len", "sorted": "list"}
_METHODS = {
    "append": "extend",
    "lower": "upper",
    "ljust": "rjust",
    "startswith": "endswith",
    "lstrip": "rstrip",
}
_COPIES = ("list", "dict", "set")


def _off_by_one(node: ast.AST, module: ast.Module) -> Found:
    places: list[ast.AST] = []
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("range", "max", "min")
    ):
        places = list(node.args)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        places = [node.right]
        if isinstance(node.right, ast.Constant) and node.right.value == 1:
            yield node, node.left
    elif isinstance(node, ast.Compare):
        places = list(node.comparators)
    elif isinstance(node, ast.Subscript) and not isinstance(node.slice, ast.Slice):
        places = [node.slice]
    elif isinstance(node, ast.Assign | ast.AugAssign | ast.Return) and node.value is not None:
        places = [node.value]
    for place in places:
        if isinstance(place, ast.Constant) and type(place.value) is int:
            yield place, ast.Constant(place.value + 1)
            if place.value > 0:
                yield place, ast.Constant(place.value - 1)


def _wrong_comparison(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in _COMPARISONS.get(type(operator), ()):
                ops = [*node.ops[:place], other(), *node.ops[place + 1 :]]
                yield node, ast.Compare(node.left, ops, node.comparators)


def _swapped_arguments(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.Call):
        for place in range(len(node.args) - 1):
            one, other = node.args[place : place + 2]
            if ast.dump(one) != ast.dump(other) and not isinstance(one, ast.Starred):
                args = [*node.args[:place], other, one, *node.args[place + 2 :]]
                yield node, ast.Call(node.func, args, node.keywords)
    elif isinstance(node, ast.Tuple) and isinstance(node.ctx, ast.Load) and len(node.elts) == 2:
        yield node, ast.Tuple([node.elts[1], node.elts[0]], ast.Load())


def _wrong_operator(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.BinOp):
        for other in _OPERATORS.get(type(node.op), ()):
            yield node, ast.BinOp(node.left, other(), node.right)
    elif isinstance(node, ast.AugAssign):
        for other in _OPERATORS.get(type(node.op), ()):
            yield node, ast.AugAssign(node.target, other(), node.value)


def _wrong_connective(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.BoolOp):
        yield node, ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def _lost_condition(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.BoolOp):
        for place in range(len(node.values)):
            kept = node.values[:place] + node.values[place + 1 :]
            yield node, kept[0] if len(kept) == 1 else ast.BoolOp(node.op, kept)


def _wrong_key(node: ast.AST, module: ast.Module) -> Found:
    key = node.slice if isinstance(node, ast.Subscript) else None
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and node.args
    ):
        key = node.args[0]
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        known = sorted(
            {
                name.value
                for each in ast.walk(module)
                if isinstance(each, ast.Dict)
                for name in each.keys
                if isinstance(name, ast.Constant) and isinstance(name.value, str)
            }
        )
        for other in known:
            if other != key.value:
                yield key, ast.Constant(other)
    elif isinstance(node, ast.Subscript) and isinstance(key, ast.Constant) and key.value in (0, 1):
        yield key, ast.Constant(1 - key.value)


def _missing_copy(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _COPIES:
        if len(node.args) == 1 and not node.keywords:
            yield node, node.args[0]


def _slice(node: ast.Slice, name: str, bound: ast.expr) -> ast.Slice:
    lower, upper = (bound, node.upper) if name == "lower" else (node.lower, bound)
    return ast.Slice(lower, upper, node.step)


def _wrong_slice(node: ast.AST, module: ast.Module) -> Found:
    if not isinstance(node, ast.Slice):
        return
    for name in ("lower", "upper"):
        bound: ast.expr | None = getattr(node, name)
        if bound is None:
            continue
        if isinstance(bound, ast.Constant) and isinstance(bound.value, int):
            yield node, _slice(node, name, ast.Constant(bound.value + 1))
        elif isinstance(bound, ast.BinOp) and isinstance(bound.op, ast.Add | ast.Sub):
            yield node, _slice(node, name, bound.left)
        else:
            yield node, _slice(node, name, ast.BinOp(bound, ast.Add(), ast.Constant(1)))


def _wrong_function(node: ast.AST, module: ast.Module) -> Found:
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Name) and node.func.id in _BUILTINS:
        other = _BUILTINS[node.func.id]
        keywords = node.keywords if other in ("min", "max") else []
        if node.func.id not in ("sum", "sorted") or len(node.args) == 1:
            yield node, ast.Call(ast.Name(other, ast.Load()), node.args, keywords)
        if node.func.id == "sorted" and node.keywords:
            yield node, ast.Call(node.func, node.args, [])
    elif isinstance(node.func, ast.Attribute) and node.func.attr in _METHODS:
        func = ast.Attribute(node.func.value, _METHODS[node.func.attr], ast.Load())
        yield node, ast.Call(func, node.args, node.keywords)


def _wrong_variable(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.FunctionDef):
        names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
        for inner in ast.walk(node):
            if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load) and inner.id in names:
                for other in names:
                    if other != inner.id:
                        yield inner, ast.Name(other, ast.Load())


def _wrong_sign(node: ast.AST, module: ast.Module) -> Found:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield node, node.operand


VALUE_KINDS: dict[str, Callable[[ast.AST, ast.Module], Found]] = {
    "off_by_one": _off_by_one,
    "wrong_comparison": _wrong_comparison,
    "swapped_arguments": _swapped_arguments,
    "wrong_operator": _wrong_operator,
    "wrong_connective": _wrong_connective,
    "lost_condition": _lost_condition,
    "wrong_key": _wrong_key,
    "missing_copy": _missing_copy,
    "wrong_slice": _wrong_slice,
    "wrong_function": _wrong_function,
    "wrong_variable": _wrong_variable,
    "wrong_sign": _wrong_sign,
}
"""What finds bugs of each kind."""
