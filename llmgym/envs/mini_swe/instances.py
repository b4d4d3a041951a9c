"""Tasks in the form of SWE-bench: rows of SWE-Gym and SWE-bench Verified, their images, test scripts and grading.

The rules (test commands, log parsers, when a test passes) are those of the package ``swebench``, asked in a helper
process: see :mod:`llmgym.envs.mini_swe.swebench_worker`.

Readings where the public rules are silent or could not be had:

* SWE-Gym's own branch of the harness is on no package index. Its repositories that ``swebench`` does not know are
  tested with ``pytest -rA`` on the test files of the row's test patch (on the named tests, where these are data files
  of a driver, as mypy's are), without installing again, and graded with the package's pytest parser.
* A ``clean`` script differs from the public one, whose log and tests a model can prepare: it shows neither the last
  commit nor the changes, it deletes files that the test patch adds before applying that patch, and it ends with the
  harness's sign of a failed reset when the test patch does not apply. The submitted patch is applied by its caller.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from llmgym.envs.mini_swe import swebench_worker
from llmgym.errors import DependencyMissing, InvalidTask, UsageError
from llmgym.verifiers.helper_processes import HelperPool

__all__ = ["CPU_SECONDS", "Instance", "instance_of", "reward_of"]

CPU_SECONDS = 30.0
"""Processor time, in seconds, that the reading of one log may use."""

_GRACE_SECONDS = 120.0
_ENVIRONMENT = "testbed"
_FAILED_RESET = ">>>>> Reset Failed"
_SHOWS = ("git status", "git show", "git -c core.fileMode=false diff ")
_APPLIES = re.compile(r"git apply -v - <<'\w+'")
_SETS = {"gym": ("xingyaoww", "_s_"), "verified": ("swebench", "_1776_")}


@dataclass(frozen=True)
class Instance:
    """One task.

    Attributes:
        instance_id: Its name, as the row has it.
        repo: The repository, ``owner/name``.
        version: The version whose test command and environment apply.
        base_commit: The commit at which work begins.
        problem_statement: What is wrong.
        patch: The reference repair.
        test_patch: The tests that show it.
        fail_to_pass: Tests that must pass afterwards, and fail now.
        pass_to_pass: Tests that pass now and must go on passing.
        subset: ``gym`` or ``verified``.
        image: Name of the container image.
        cwd: Folder of the repository inside.
    """

    instance_id: str
    repo: str
    version: str
    base_commit: str
    problem_statement: str
    patch: str
    test_patch: str
    fail_to_pass: tuple[str, ...]
    pass_to_pass: tuple[str, ...]
    subset: Literal["gym", "verified"]
    image: str
    cwd: str = "/testbed"

    @property
    def lost_in_public_report(self) -> bool:
        """Whether the public agent gives 0 for every attempt, as it looks for its report under another spelling.

        It files reports under the name in lower case and looks for them under the row's.
        """
        return self.instance_id != self.instance_id.lower()

    def eval_script(self, evaluation: Literal["live", "clean"] = "live") -> str:
        """Return the bash script that runs the tests; its output, both streams merged, is the log.

        Args:
            evaluation: ``live`` for the tree as a model left it, the public script; ``clean`` for a fresh tree with
                nothing but the submitted patch.

        Raises:
            InvalidTask: When nobody knows how to test this repository.
            DependencyMissing: Without the package ``swebench``.
            InfrastructureError: When the helper process fails.
        """
        if evaluation not in ("live", "clean"):
            raise UsageError(f"Expected evaluation to be live or clean, found {evaluation!r}.")
        asked = {"instance": self._for_package(), "cwd": self.cwd, "env_name": _ENVIRONMENT}
        commands = self._ask("script", asked)
        if evaluation == "clean":
            commands = _hardened(commands, self.test_patch)
        return "\n".join(["set -uxo pipefail", *commands]) + "\n"

    def grade(self, log: str, *, strict: bool = False) -> dict[str, Any]:
        """Return the report on a log.

        Args:
            log: The output of the script of :meth:`eval_script`.
            strict: Whether a test that was skipped counts as failed. The package lists it neither as passed nor as
                failed, so that it does not stand in the way of ``resolved``.

        Returns:
            ``patch_is_None``, ``patch_exists``, ``patch_successfully_applied``, ``resolved`` and, where the log could
            be read, ``tests_status``: for each kind of test the lists ``success`` and ``failure``. ``error`` says why
            a log that the package's parser cannot cope with was not read.

        Raises:
            InvalidTask: When nobody knows how to read the logs of this repository.
            DependencyMissing: Without the package ``swebench``.
            InfrastructureError: When the helper process fails.
        """
        report: dict[str, Any] = self._ask("report", {"instance": self._for_package(), "log": log})
        return self._strict(report) if strict else report

    def _strict(self, report: dict[str, Any]) -> dict[str, Any]:
        status = report.get("tests_status")
        if not status:
            return report
        for kind, names in (("FAIL_TO_PASS", self.fail_to_pass), ("PASS_TO_PASS", self.pass_to_pass)):
            listed = {*status[kind]["success"], *status[kind]["failure"]}
            unlisted = [name for name in names if name not in listed]
            if unlisted:
                status[kind]["failure"] += unlisted
                report["resolved"] = False
        return report

    def _for_package(self) -> dict[str, Any]:
        return {
            "instance_id": self.instance_id,
            "repo": self.repo,
            "version": self.version,
            "base_commit": self.base_commit,
            "test_patch": self.test_patch,
            "FAIL_TO_PASS": list(self.fail_to_pass),
            "PASS_TO_PASS": list(self.pass_to_pass),
            "subset": self.subset,
        }

    def _ask(self, what: str, arguments: dict[str, Any]) -> Any:
        request = json.dumps({"ask": what, "arguments": arguments}).encode() + b"\n"
        reply = _pool.ask(request, CPU_SECONDS + _GRACE_SECONDS)
        if reply is None:
            # A program under test can print what keeps a log parser busy for ever.
            return {
                "patch_is_None": False,
                "patch_exists": True,
                "patch_successfully_applied": False,
                "resolved": False,
                "error": f"the log took more than {CPU_SECONDS:g} seconds of processor time to read",
            }
        told = json.loads(reply)
        if "missing" in told:
            raise DependencyMissing(told["missing"], "swe", "test and grade SWE-bench tasks")
        if "unknown" in told:
            raise InvalidTask(f"Task {self.instance_id!r}: {told['unknown']}")
        return told["told"]


def instance_of(row: Mapping[str, Any]) -> Instance | None:
    """Read a row of SWE-Gym or SWE-bench.

    Args:
        row: The row, unchanged: its fields at top level.

    Returns:
        The task; ``None`` when the row is of another kind.

    Raises:
        InvalidTask: When it is of this kind and a field is missing or of the wrong type.
    """
    if not all(name in row for name in ("instance_id", "repo", "base_commit", "test_patch")):
        return None
    name = _text(row, "instance_id")
    subset: Any = row.get("subset") or ("verified" if "environment_setup_commit" in row else "gym")
    if subset not in _SETS:
        raise InvalidTask(f"Task {name!r}: expected 'subset' to be gym or verified, found {subset!r}.")
    owner, joint = _SETS[subset]
    image = row.get("image_name") or f"{owner}/sweb.eval.x86_64.{name.replace('__', joint)}:latest".lower()
    if not isinstance(image, str):
        raise InvalidTask(f"Task {name!r}: expected 'image_name' to be a text, found {image!r}.")
    return Instance(
        instance_id=name,
        repo=_text(row, "repo"),
        version=str(row.get("version", "")),
        base_commit=_commit(row),
        problem_statement=_text(row, "problem_statement"),
        patch=_text(row, "patch", ""),
        test_patch=_text(row, "test_patch"),
        fail_to_pass=_names(row, "FAIL_TO_PASS"),
        pass_to_pass=_names(row, "PASS_TO_PASS"),
        subset=subset,
        image=image,
    )


def reward_of(report: Mapping[str, Any] | None) -> float:
    """Return the reward for a report: 1.0 when it is resolved and at least one test was asked for and seen, else 0.0.

    Args:
        report: What :meth:`Instance.grade` returns, or ``None`` where there is none.
    """
    if not report or report.get("resolved") is not True:
        return 0.0
    status = report.get("tests_status") or {}
    named = [
        status.get(kind, {}).get(end, [])
        for kind in ("FAIL_TO_PASS", "PASS_TO_PASS")
        for end in ("success", "failure")
    ]
    return float(any(named))


def _hardened(commands: list[str], test_patch: str) -> list[str]:
    """Return the commands of a script whose log and tests the submitted patch cannot prepare."""
    added = re.findall(r"^--- /dev/null\n\+\+\+ b/(.+?)\t?$", test_patch, re.MULTILINE)
    kept = []
    for command in commands:
        if command.startswith(_SHOWS):
            continue
        if match := _APPLIES.match(command):
            if added:
                kept.append(f"rm -rf -- {' '.join(map(shlex.quote, added))}")
            command = f"{match[0]} || {{ echo '{_FAILED_RESET}'; exit 1; }}{command[match.end() :]}"
        kept.append(command)
    return kept


def _text(row: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = row.get(name, default)
    if not isinstance(value, str):
        raise InvalidTask(
            f"Task {row.get('instance_id')!r}: expected {name!r} to be a text, found {value!r}."
        )
    return value


def _commit(row: Mapping[str, Any]) -> str:
    # It becomes a word of a shell command.
    commit = _text(row, "base_commit")
    if not re.fullmatch(r"[0-9a-fA-F]{7,64}", commit):
        raise InvalidTask(
            f"Task {row['instance_id']!r}: expected 'base_commit' to be a commit, found {commit!r}."
        )
    return commit


def _names(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    """Read a list of tests, given as such or as JSON in a text."""
    value = row.get(name, [])
    if isinstance(value, str):
        try:
            value = json.loads(value) if value else []
        except ValueError as error:
            raise InvalidTask(
                f"Task {row['instance_id']!r}: {name!r} is a text that is no JSON: {error}."
            ) from error
    if not isinstance(value, list) or not all(isinstance(test, str) for test in value):
        raise InvalidTask(
            f"Task {row['instance_id']!r}: expected {name!r} to be a list of names, found {value!r:.100}."
        )
    return tuple(value)


def _command() -> list[str]:
    # Without -P the folder of the program would come first on the path.
    program = [
        sys.executable,
        "-P",
        "-s",
        "-X",
        "utf8",
        "-W",
        "ignore",
        swebench_worker.__file__,
        str(CPU_SECONDS),
    ]
    return [*program, json.dumps([str(entry) for entry in sys.path])]


_pool = HelperPool("the rules of swebench", _command, max(1, min(4, os.cpu_count() or 1)))
