"""Who may import whom: the rule of the design, enforced on the source of every module."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import llmgym

ROOT = Path(llmgym.__file__).parent

LAYERS = (
    {"errors", "messages", "content", "turns", "conversion", "answers"},
    {
        "verdict",
        "bridge",
        "threads",
        "spaces",
        "tools",
        "toolbox",
        "tool_schema",
        "tasks",
        "procedural",
        "rows",
        "row_sources",
        "settings",
        "registration",
        "syntax_trees",
    },
    {"verifiers", "sandbox"},
    {"episode", "counterpart", "rendering", "core"},
    {"envs", "wrappers", "policies"},
    {"vector", "records", "multiagent"},
    {"trainers", "serve", "cli", "testing"},
)
"""Each room and file imports from its own layer and from those before."""

FOUNDATION = LAYERS[0] | {"verdict"}
"""All that the sandbox may know; verifiers, some of which run programs, know the sandbox too."""


def level(room: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if room in layer)


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def modules() -> dict[str, Path]:
    return {module_of(path): path for path in sorted(ROOT.rglob("*.py"))}


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


class Imports(ast.NodeVisitor):
    """Collects the modules of the package that a file imports, those for type checking alone left out.

    An import inside a function counts: it delays the cost, not the dependency.
    """

    def __init__(self, path: Path):
        self.package = module_of(path) if path.name == "__init__.py" else module_of(path).rpartition(".")[0]
        self.found: list[tuple[int, str]] = []

    def visit_If(self, node: ast.If) -> None:
        if ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING"):
            for child in node.orelse:
                self.visit(child)
        else:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self.add(node.lineno, alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            package = self.package.split(".")
            base = ".".join(package[: len(package) - node.level + 1] + ([base] if base else []))
        for alias in node.names:
            name = f"{base}.{alias.name}"
            if base == "llmgym" and name not in modules():
                name = f"llmgym.{llmgym._HOMES.get(alias.name, '')}".rstrip(".")
            self.add(node.lineno, name if name in modules() else base)

    def add(self, line: int, name: str) -> None:
        if name.partition(".")[0] == "llmgym":
            self.found.append((line, name))


@cache
def imports() -> list[tuple[str, str, str]]:
    """All imports inside the package: place, importing module, imported module."""
    found = []
    for module, path in modules().items():
        if module == "llmgym":
            continue
        visitor = Imports(path)
        visitor.visit(ast.parse(path.read_text(encoding="utf-8")))
        found += [(f"{path.relative_to(ROOT.parent)}:{line}", module, name) for line, name in visitor.found]
    return found


def test_every_room_has_a_layer():
    assert {room_of(module) for module in modules()} - {""} <= set.union(*LAYERS)


def test_nobody_imports_from_a_layer_above():
    wrong = [
        f"{place}: {room_of(module)} may not import {name}"
        for place, module, name in imports()
        if room_of(name) and level(room_of(name)) > level(room_of(module))
    ]
    assert not wrong, "\n".join(wrong)


def test_verifiers_and_the_sandbox_know_the_foundation_only():
    known = {"sandbox": FOUNDATION | {"sandbox"}, "verifiers": FOUNDATION | {"sandbox", "verifiers"}}
    wrong = [
        f"{place}: {room_of(module)} may not import {name}"
        for place, module, name in imports()
        if room_of(module) in known and room_of(name) not in known[room_of(module)]
    ]
    assert not wrong, "\n".join(wrong)


def test_nobody_imports_an_environment():
    wrong = [
        f"{place}: environments are reached through the registry, not as {name}"
        for place, module, name in imports()
        if room_of(name) == "envs" and room_of(module) != "envs"
    ]
    assert not wrong, "\n".join(wrong)


def test_the_package_itself_imports_the_registration_only():
    visitor = Imports(ROOT / "__init__.py")
    visitor.visit(ast.parse((ROOT / "__init__.py").read_text(encoding="utf-8")))
    assert {name for _, name in visitor.found} == {"llmgym.registration"}


def test_the_visitor_sees_what_it_should():
    source = """
from typing import TYPE_CHECKING
import llmgym.core
from llmgym import bridge, Env
from .schedule import Event
if TYPE_CHECKING:
    from llmgym.vector import runner
else:
    import llmgym.tasks

def f():
    from llmgym.rows import open_rows
"""
    visitor = Imports(ROOT / "envs" / "calendar" / "env.py")
    visitor.visit(ast.parse(source))
    assert [name for _, name in visitor.found] == [
        "llmgym.core",
        "llmgym.bridge",
        "llmgym.core",
        "llmgym.envs.calendar.schedule",
        "llmgym.tasks",
        "llmgym.rows",
    ]
