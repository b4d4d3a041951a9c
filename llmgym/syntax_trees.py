"""Python source as syntax trees, from several threads.

Before Python 3.13 the conversion between source and trees counts its depth in one place for all threads, and raises
``SystemError`` when another thread converts in between. Here one converts at a time.
"""

from __future__ import annotations

import ast
import threading
from types import CodeType

__all__ = ["compile_tree", "parse_expression", "parse_module"]

_one_at_a_time = threading.RLock()


def parse_module(source: str) -> ast.Module:
    """Return the tree of a module, as :func:`ast.parse` does.

    Args:
        source: The source.

    Raises:
        SyntaxError: When it is not Python.
        ValueError: When it holds a null character.

    Example:
        >>> ast.unparse(parse_module("a=b+1"))
        'a = b + 1'
    """
    with _one_at_a_time:
        return ast.parse(source)


def parse_expression(source: str) -> ast.expr:
    """Return the tree of an expression.

    Args:
        source: The source.

    Raises:
        SyntaxError: When it is not an expression of Python.
        ValueError: When it holds a null character.
    """
    with _one_at_a_time:
        return ast.parse(source, mode="eval").body


def compile_tree(tree: ast.Module, name: str) -> CodeType:
    """Return the code of a module's tree, as :func:`compile` does.

    Args:
        tree: The tree.
        name: The name of its file, for tracebacks.
    """
    with _one_at_a_time:
        return compile(tree, name, "exec")
