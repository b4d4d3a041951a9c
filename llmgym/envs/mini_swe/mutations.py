"""Bugs: small changes of working Python code, of many kinds.

A change is found on the syntax tree and made in the text, so that everything around it stays as it was written.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from llmgym.envs.mini_swe.mutations_of_statements import STATEMENT_KINDS
from llmgym.envs.mini_swe.mutations_of_values import VALUE_KINDS
from llmgym.syntax_trees import parse_module

__all__ = ["KINDS", "Mutation", "mutations"]

KINDS: dict[str, Callable[[ast.AST, ast.Module], Iterator[tuple[ast.AST, ast.AST | None]]]] = {
    **VALUE_KINDS,
    **STATEMENT_KINDS,
}
"""For each kind what finds it: called with a node and the module, it yields nodes and what takes their place."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """One bug in one module, not yet written.

    Attributes:
        kind: Which of :data:`KINDS`.
        function: Name of the function, or ``Class.method``, that has it; empty at the top of the module.
        old: What is replaced.
        new: What takes its place; ``None`` when its lines go.
    """

    kind: str
    function: str
    old: ast.AST
    new: ast.AST | None

    def applied(self, source: str) -> str | None:
        """Return the module with the bug, or ``None`` when that is no Python or no change.

        Args:
            source: The text in which the mutation was found.
        """
        changed = _replaced(source.splitlines(keepends=True), self.old, self.new)
        return changed if changed != source and _compiles(changed) else None


def mutations(source: str) -> list[Mutation]:
    """Return every bug that can be put into a module."""
    module = parse_module(source)
    return [
        Mutation(kind, function, old, new)
        for node, function in _walk(module, "")
        for kind, find in KINDS.items()
        for old, new in find(node, module)
    ]


def _walk(node: ast.AST, function: str) -> Iterator[tuple[ast.AST, str]]:
    """Yield every node with the function that holds it, docstrings left out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant):
            continue
        name = function
        if isinstance(child, ast.ClassDef | ast.FunctionDef):
            name = f"{function}.{child.name}" if function else child.name
        yield child, name
        yield from _walk(child, name)


def _replaced(lines: list[str], old: ast.AST, new: ast.AST | None) -> str:
    """Return the text with one node replaced, or its lines taken out."""
    first, last = old.lineno - 1, old.end_lineno  # type: ignore[attr-defined]
    if new is None:
        return "".join(lines[:first] + lines[last:])
    # All sources are ASCII, so columns in bytes are columns in letters.
    before, after = lines[first][: old.col_offset], lines[last - 1][old.end_col_offset :]  # type: ignore[attr-defined]
    text = ast.unparse(new)
    if isinstance(new, ast.BinOp | ast.BoolOp | ast.Compare | ast.UnaryOp) and not isinstance(old, ast.stmt):
        # Text around the node may bind tighter than what is new.
        if not (isinstance(old, type(new))):
            text = f"({text})"
    indent = " " * (len(before) - len(before.lstrip())) if isinstance(new, ast.stmt) else ""
    return "".join(lines[:first]) + before + text.replace("\n", f"\n{indent}") + after + "".join(lines[last:])


def _compiles(source: str) -> bool:
    try:
        parse_module(source)
    except SyntaxError:
        return False
    return True
