"""What the documentation says is run.

Conventions of the pages: the Python blocks of a page are executed in order, in one namespace and one empty folder. A
block with a ``:caption:`` that names a file is written to that file instead. A line of comment before a block changes
what is done with it:

* ``% output``: the text is what the Python block before it prints.
* ``% needs: endpoint``: addresses on port 8000 and up are those of a scripted model server.
* ``% needs: model`` (the embedded model) and ``% needs: network``: the block is compiled, its imports are resolved,
  and it is not run.
"""

from __future__ import annotations

import ast
import contextlib
import importlib
import importlib.util
import io
import json
import re
import shlex
import sys
import warnings
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
import yaml
from suite_rows import played

import llmgym
from llmgym.registration import Row

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGES = sorted([*DOCS.glob("*.md"), DOCS / "environments" / "index.md"])
BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?P<language>\S*) *(?P<argument>[^\n]*)\n(?P<body>.*?)^(?P=fence)$", re.M | re.S
)
ADDRESS = re.compile(r"http://127\.0\.0\.1:80\d\d/v1")
SECTIONS = (
    *("Description", "Example", "Action Space", "Observation Space", "Starting State", "Rewards"),
    *("Episode End", "Information", "Arguments", "Version History"),
)
ENDPOINT, NOT_RUN = "endpoint", ("model", "network")


@dataclass(frozen=True)
class Block:
    language: str
    text: str
    line: int
    caption: str = ""
    needs: str = ""
    is_output: bool = False


def blocks(page: Path) -> list[Block]:
    found = []
    content = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(content):
        before = content[: match.start()].splitlines()
        mark = before[-1] if before and before[-1].startswith("%") else ""
        language, text, caption = match["language"], match["body"], ""
        if language == "{code-block}":
            language = match["argument"]
            options = re.match(r"((?::[\w-]+:.*\n)*)\n*", text)
            assert options is not None
            text = text[options.end() :]
            caption = next(iter(re.findall(r":caption: *(.*)", options[1])), "")
        needs = mark.partition("needs:")[2].strip()
        assert needs in ("", ENDPOINT, *NOT_RUN), f"{page.name}: unknown need {needs!r}"
        found.append(Block(language, text, len(before) + 2, caption, needs, mark.strip() == "% output"))
    return found


def parsed(block: Block, page: Path, address: str = "") -> ast.Module:
    """Parse a block so that a traceback shows its place in the page."""
    text = ADDRESS.sub(address, block.text) if address else block.text
    return ast.parse("\n" * (block.line - 1) + text, filename=str(page))


def resolve_names(tree: ast.Module) -> None:
    """Check imports and names such as ``llmgym.OpenAIPolicy`` of a block that is not run."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            module = importlib.import_module(node.module)
            for alias in node.names:
                assert hasattr(module, alias.name), f"{node.module} has no {alias.name}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "llmgym":
            assert hasattr(llmgym, node.attr), f"llmgym has no {node.attr}"


@pytest.fixture
def empty_folder(tmp_path, monkeypatch):
    """Run in an empty folder from which modules can be imported, without settings of the outside."""
    import os

    for name in os.environ:
        if name.startswith(("LLMGYM_", "OPENAI_", "AZURE_OPENAI_")):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    modules, registry = set(sys.modules), set(llmgym.registration.gym.registry)
    yield tmp_path
    for name in set(llmgym.registration.gym.registry) - registry:
        del llmgym.registration.gym.registry[name]
    for name in set(sys.modules) - modules:
        if getattr(sys.modules[name], "__file__", None) and str(tmp_path) in str(sys.modules[name].__file__):
            del sys.modules[name]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_python_blocks(page, empty_folder):
    found = blocks(page)
    with contextlib.ExitStack() as stack:
        address = ""
        if any(block.needs == ENDPOINT for block in found):
            from llmgym.testing.server import ModelServer

            address = stack.enter_context(ModelServer("The answer is \\boxed{A}.")).url
        namespace = ModuleType("page").__dict__
        printed = ""
        for block in found:
            if block.is_output:
                assert printed.strip() == block.text.strip(), f"{page.name}, line {block.line}: other output"
            if re.fullmatch(r"[\w.]+\.\w+", block.caption):
                (empty_folder / block.caption).write_text(block.text, encoding="utf-8")
                importlib.invalidate_caches()
            elif block.language == "python":
                tree = parsed(block, page, address if block.needs == ENDPOINT else "")
                if block.needs in NOT_RUN:
                    resolve_names(tree)
                    continue
                output = io.StringIO()
                with contextlib.redirect_stdout(output):
                    exec(compile(tree, str(page), "exec"), namespace)
                printed = output.getvalue()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_data_blocks(page, empty_folder, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-none")
    for block in blocks(page):
        if block.language == "json":
            json.loads(block.text)
        if block.language == "yaml":
            yaml.safe_load(block.text)
            if block.caption in ("llmgym.yaml", "env.yaml"):
                from llmgym.settings import load_settings

                path = empty_folder / block.caption
                path.write_text(block.text, encoding="utf-8")
                load_settings(path)


@pytest.mark.parametrize("page", [*PAGES, DOCS.parent / "README.md"], ids=lambda page: page.stem)
def test_nobody_is_told_to_install_another_project(page):
    # The name on the package index belongs to somebody else.
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"pip install (-\S+ )*[\"']?llmgym\b", text)
    assert not re.search(r"uvx? (run |tool )?(--\S+ )*llmgym\b", text)


def commands(page: Path) -> list[str]:
    lines: list[str] = []
    for block in blocks(page):
        if block.language in ("console", "bash"):
            joined = block.text.replace("\\\n", " ")
            lines += [line.removeprefix("$ ").strip() for line in joined.splitlines()]
    return [line for line in lines if line.startswith("llmgym ")]


def test_commands_exist():
    # The command line is built on typer; its parser says which commands and options there are.
    app = pytest.importorskip("llmgym.cli.app", reason="there is no command line yet").app
    import typer

    root = typer.main.get_command(app)
    for page in PAGES:
        for line in commands(page):
            command, words = root, shlex.split(line, comments=True)[1:]
            while words and words[0] in getattr(command, "commands", {}):
                command = command.commands[words.pop(0)]
            assert not hasattr(command, "commands"), f"{page.name}: no such command: {line}"
            known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)}
            asked = {word.partition("=")[0] for word in words if re.match(r"--?[A-Za-z]", word)}
            assert asked <= known | {"--help"}, f"{page.name}: no such option {asked - known}: {line}"


def load_script(name: str) -> ModuleType:
    folder = str(DOCS / "_scripts")
    if folder not in sys.path:
        sys.path.insert(0, folder)
    return importlib.import_module(name)


@pytest.mark.parametrize("row", played())
def test_page_of_environment(row: Row):
    text = load_script("environment_pages").page(row)
    headings = re.findall(r"^## (.*)$", text, re.M)
    assert set(SECTIONS) <= set(headings)
    assert row.id in text
    assert "This environment has no oracle." in text or re.search(r"^Reward 1, stop reason", text, re.M)


@pytest.mark.parametrize("row", played())
def test_code_of_environment(row: Row, empty_folder, monkeypatch):
    for name in ("GOOGLE_API_KEY", "GOOGLE_CX"):
        monkeypatch.setenv(name, "x")
    text = load_script("environment_pages").page(row)
    namespace: dict = {}
    exec("import gymnasium as gym\nimport llmgym", namespace)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*is out of date.*")
        for match in BLOCK.finditer(text):
            if match["language"] == "python":
                exec(compile(match["body"], row.id, "exec"), namespace)


def test_every_public_name_is_in_the_reference():
    text = (DOCS / "api.md").read_text(encoding="utf-8")
    documented = set(re.findall(r"^\.\. auto\w+:: llmgym\.(?:\w+\.)*(\w+)$", text, re.M))
    assert set(llmgym.__all__) - {"__version__"} <= documented | set(llmgym.errors.__all__)


def test_tables_of_reference():
    fragments = load_script("reference_tables").fragments()
    schema = json.loads(fragments["rollout.schema.json"])
    made = llmgym.collect("llmgym/SessionState-v0", llmgym.OraclePolicy(), tasks=1, progress=False)
    assert set(made[0].to_dict()) == set(schema["properties"])
    assert all("description" in field for field in schema["properties"].values())
    assert "| `stop_reason` |" in fragments["rollout_fields.md"]
