from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from llmgym.cli.app import app

Cli = Callable[..., Result]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no setting from outside."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(("LLMGYM_", "OPENAI_", "AZURE_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "200")
    return tmp_path


@pytest.fixture
def cli(here: Path) -> Iterator[Cli]:
    """Runs a command in this process."""
    logger = logging.getLogger("llmgym")
    handlers = list(logger.handlers)

    def run(*arguments: str, code: int = 0, input: str | None = None) -> Result:
        result = CliRunner().invoke(app, list(arguments), input=input)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        assert result.exit_code == code, result.stderr + result.stdout
        return result

    yield run
    logger.handlers = handlers


@pytest.fixture
def cli_json(cli: Cli) -> Callable[..., Any]:
    """Runs a command with --json and returns its document."""

    def run(*arguments: str, code: int = 0) -> Any:
        return json.loads(cli(*arguments, "--json", code=code).stdout)

    return run
