"""The program that asks the ``swebench`` package, in a process of its own: one request a line of input.

Its package imports far more than its rules need (Docker, data sets, cloud clients), which takes seconds and memory.
Here its modules of rules are imported alone. Its log parsers are regular expressions over text that a model's code has
written, so each request has a limit of processor time, at which the operating system ends the process.

A request is a line of JSON with ``ask`` (``script`` or ``report``) and ``instance``, the reply a line of JSON.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import re
import signal
import sys
import tempfile
import types
from typing import Any

__all__ = ["main"]

_GYM_TEST_COMMAND = "pytest -rA --tb=short --color=no -p no:cacheprovider"
_REPORT_FIELDS = {
    "patch_is_None": False,
    "patch_exists": False,
    "patch_successfully_applied": False,
    "resolved": False,
}


def main(cpu_seconds: float) -> None:
    """Answer requests from standard input until it is closed.

    Args:
        cpu_seconds: Processor time, in seconds, that a request may use.
    """
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGPROF})
    rules: _Rules | None = None
    for line in sys.stdin.buffer:
        request = json.loads(line)
        reply: dict[str, Any]
        try:
            rules = rules or _Rules()
            signal.setitimer(signal.ITIMER_PROF, cpu_seconds)
            reply = {"told": getattr(rules, request["ask"])(**request["arguments"])}
        except ModuleNotFoundError as error:
            name = error.name or "swebench"
            # Later releases have their rules elsewhere.
            reply = {"missing": "swebench>=4.1,<5" if name.startswith("swebench.") else name}
        except _Unknown as error:
            reply = {"unknown": str(error)}
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        sys.stdout.buffer.write(json.dumps(reply).encode() + b"\n")
        sys.stdout.buffer.flush()
        if "missing" in reply:
            # What was imported by half stays in this process.
            return


class _Unknown(Exception):
    """The package has no rules for an instance."""


class _Rules:
    """The rules of the package, and ours for the repositories of SWE-Gym that it does not know."""

    def __init__(self) -> None:
        found = importlib.util.find_spec("swebench")
        if found is None or not found.submodule_search_locations:
            raise ModuleNotFoundError("No module named 'swebench'", name="swebench")
        place = next(iter(found.submodule_search_locations))
        for name, folder in (("swebench", place), ("swebench.harness", os.path.join(place, "harness"))):
            package = types.ModuleType(name)
            package.__path__ = [folder]
            sys.modules[name] = package
        for name, words in (
            ("datasets", ("Dataset", "load_dataset", "load_from_disk")),
            ("dotenv", ("load_dotenv",)),
            ("requests", ("get",)),
        ):
            stub = types.ModuleType(name)
            for word in words:
                setattr(stub, word, _nothing if word == "load_dotenv" else _not_here)
            sys.modules[name] = stub
        load = importlib.import_module
        self.constants: Any = load("swebench.harness.constants")
        self.scripts: Any = load("swebench.harness.test_spec.create_scripts")
        self._known = frozenset(self.constants.MAP_REPO_VERSION_TO_SPECS)
        self.grading: Any = load("swebench.harness.grading")
        self.parsers: Any = load("swebench.harness.log_parsers")
        self.python: Any = load("swebench.harness.test_spec.python")

    def script(self, instance: dict[str, Any], cwd: str, env_name: str) -> list[str]:
        """Return the commands that run an instance's tests."""
        specs = self._specs(instance)
        commands: list[str] = self.scripts.make_eval_script_list(
            instance, specs, env_name, cwd, instance["base_commit"], instance["test_patch"]
        )
        return commands

    def report(self, instance: dict[str, Any], log: str) -> dict[str, Any]:
        """Return the package's report on a log."""
        self._specs(instance)
        identity = instance["instance_id"]
        with tempfile.NamedTemporaryFile("w", suffix=".log", encoding="utf-8", errors="replace") as file:
            file.write(log)
            file.flush()
            try:
                reports = self.grading.get_eval_report(
                    types.SimpleNamespace(**instance),
                    {"instance_id": identity, "model_name_or_path": "model", "model_patch": ""},
                    file.name,
                    True,
                )
            except Exception as error:
                # The parsers trip over lines that a program under test can print.
                return {**_REPORT_FIELDS, "patch_exists": True, "error": f"{type(error).__name__}: {error}"}
        return {**_REPORT_FIELDS, **reports[identity]}

    def _specs(self, instance: dict[str, Any]) -> dict[str, Any]:
        repo, version = instance["repo"], instance["version"]
        table = self.constants.MAP_REPO_VERSION_TO_SPECS
        if instance["subset"] == "gym" and repo not in self._known:
            self._adopt(instance)
        known = table.get(repo, {})
        if version not in known:
            what = f"version {version!r} of {repo}" if known else f"the repository {repo}"
            raise _Unknown(f"The package swebench has no test command and no log parser for {what}.")
        specs: dict[str, Any] = known[version]
        return specs

    def _adopt(self, instance: dict[str, Any]) -> None:
        """Give a repository of SWE-Gym pytest as its test command, and pytest's log parser."""
        repo, version = instance["repo"], instance["version"]
        command = _GYM_TEST_COMMAND
        if not self.python.get_test_directives(instance) or repo == "python/mypy":
            # Tests that are data files of a driver are run by their names.
            names = [name for name in [*instance["FAIL_TO_PASS"], *instance["PASS_TO_PASS"]] if "::" in name]
            command = " ".join([command, *map(_quoted, names)])
        self.constants.MAP_REPO_VERSION_TO_SPECS[repo] = {version: {"test_cmd": command}}
        self.constants.MAP_REPO_TO_EXT[repo] = "py"
        parser = importlib.import_module("swebench.harness.log_parsers.python").parse_log_pytest
        self.parsers.MAP_REPO_TO_PARSER[repo] = parser


def _quoted(word: str) -> str:
    return word if re.fullmatch(r"[\w@%+=:,./\[\]-]+", word) else "'" + word.replace("'", "'\\''") + "'"


def _nothing() -> None:
    """Stand in for what the package does when it is imported: here, reading a file of settings."""


def _not_here(*_: Any, **__: Any) -> None:
    raise RuntimeError("The rules of swebench are used without its data sets and its network.")


if __name__ == "__main__":
    sys.path[:] = json.loads(sys.argv[2])
    main(float(sys.argv[1]))
