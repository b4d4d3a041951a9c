"""Evaluating what a model has done to a repository."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llmgym.envs.mini_swe.patches import PatchFailed, apply_patch, make_patch
from llmgym.envs.mini_swe.unittests import DetachedTest, detach
from llmgym.envs.mini_swe.workspace import Workspace
from llmgym.errors import InvalidTask
from llmgym.sandbox import FileProblem
from llmgym.tasks import Task
from llmgym.threads import in_thread
from llmgym.verifiers.repository_tests import names_of_tests, report_of

__all__ = ["EACH_SECONDS", "Evaluation", "Repository"]

EACH_SECONDS = 20.0
"""How long one test may take."""


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation found.

    Attributes:
        report: In the form of the SWE-bench harness; ``None`` when the tests did not run.
        patch: What was graded, as a patch; ``None`` when it could not be told.
        patch_applied: Whether it fits the repository; ``None`` where nothing was applied.
        error: Why there is no report, in a few words.
    """

    report: Mapping[str, Any] | None
    patch: str | None = None
    patch_applied: bool | None = None
    error: str = ""


class Repository:
    """A repository that a row brings with it, and its tests.

    Args:
        task: The task.

    Raises:
        InvalidTask: When a field is missing or malformed.
    """

    def __init__(self, task: Task):
        data = task.data
        files = data.get("files")
        if not isinstance(files, Mapping) or not all(isinstance(text, str) for text in files.values()):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'files' to be an object with the text of each file."
            )
        self.files: dict[str, str] = dict(files)
        for path in self.files:
            if path.startswith("/") or {"", ".", "..", ".git"} & set(path.split("/")):
                raise InvalidTask(
                    f"Task {task.id!r}: the path {path!r} in 'files' leads out of the repository."
                )
        try:
            self.fail_to_pass = names_of_tests(data.get("FAIL_TO_PASS"))
            self.pass_to_pass = names_of_tests(data.get("PASS_TO_PASS"))
            full = apply_patch(self.files, data["test_patch"]) if data.get("test_patch") else self.files
            tests = [
                test
                for path, text in sorted(full.items())
                if is_test_file(path)
                for test in detach(path, text)
            ]
        except ValueError as error:
            raise InvalidTask(f"Task {task.id!r}: its tests cannot be read: {error}.") from error
        wanted = {*self.fail_to_pass, *self.pass_to_pass}
        self.tests: list[DetachedTest] = [test for test in tests if test.id in wanted]
        missing = wanted - {test.id for test in self.tests}
        if missing:
            raise InvalidTask(f"Task {task.id!r}: the test {min(missing)!r} is in none of its files.")

    async def evaluate_live(self, box: Workspace, seconds: float, nonce: str) -> Evaluation:
        """Run the tests on the tree as the model left it.

        Args:
            box: Where the model worked.
            seconds: How long the tests may take.
            nonce: See :meth:`~llmgym.envs.mini_swe.workspace.Workspace.run_tests`.
        """
        tree = await box.tree()
        patch = (
            None if tree is None else await in_thread(make_patch, self._code(self.files), self._code(tree))
        )
        return await self._tested(box, seconds, nonce, patch, None)

    async def evaluate_clean(
        self, box: Workspace, fresh: Workspace, submitted: str, seconds: float, nonce: str
    ) -> Evaluation:
        """Run the tests on the repository as it was, with what was handed in alone.

        Args:
            box: Where the model worked.
            fresh: Another sandbox, open and empty.
            submitted: The patch that was handed in; blank for all that was changed.
            seconds: How long the tests may take.
            nonce: See :meth:`~llmgym.envs.mini_swe.workspace.Workspace.run_tests`.
        """
        if submitted.strip():
            try:
                tree: dict[str, str] | None = await in_thread(apply_patch, self.files, submitted)
            except PatchFailed as error:
                return Evaluation(None, submitted, False, f"the patch does not apply: {error}")
        else:
            tree = await box.tree()
        if tree is None:
            return Evaluation(None, None, False, "the files cannot be read")
        changed = self._code(tree)
        patch = await in_thread(make_patch, self._code(self.files), changed)
        kept = {path: text for path, text in self.files.items() if _is_restored(path)}
        try:
            await fresh.set_up({**changed, **kept})
        except FileProblem as error:
            return Evaluation(None, patch, False, str(error))
        return await self._tested(fresh, seconds, nonce, patch, True)

    async def _tested(
        self, box: Workspace, seconds: float, nonce: str, patch: str | None, applied: bool | None
    ) -> Evaluation:
        outcomes = await box.run_tests(
            self.tests, seconds=seconds, each=min(EACH_SECONDS, seconds), nonce=nonce
        )
        if outcomes is None:
            return Evaluation(None, patch, applied, "the tests gave no report")
        return Evaluation(report_of(outcomes, self.fail_to_pass, self.pass_to_pass), patch, applied)

    @staticmethod
    def _code(files: Mapping[str, str]) -> dict[str, str]:
        return {path: text for path, text in files.items() if not _is_restored(path)}


def is_test_file(path: str) -> bool:
    """Tell whether a file holds tests."""
    return path.startswith("tests/") and path.rpartition("/")[2].startswith("test_") and path.endswith(".py")


def _is_restored(path: str) -> bool:
    """Tell whether a file is put back as it was: whatever a model does to tests is not part of its work."""
    return path.startswith("tests/")
