"""A sandbox with a repository in it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from llmgym.envs.mini_swe.protocol import CommandResult
from llmgym.envs.mini_swe.unittests import DetachedTest
from llmgym.envs.mini_swe.values import decode
from llmgym.sandbox import FileProblem, Limits, Program, Sandbox, make_sandbox
from llmgym.sandbox.base import broken
from llmgym.threads import in_thread

__all__ = ["CWD", "Workspace"]

CWD = "/testbed"
"""Where the repository is."""

VARIABLES: Mapping[str, str] = {
    "PAGER": "cat",
    "MANPAGER": "cat",
    "LESS": "-R",
    "PIP_PROGRESS_BAR": "off",
    "TQDM_DISABLE": "1",
}
"""Environment variables of every command."""

_IN_CONDA = (
    "if [ -f /opt/miniconda3/bin/activate ]; then . /opt/miniconda3/bin/activate testbed; fi\n"
    'exec bash -c "$1"'
)
_OF_IMAGES: Mapping[str, Any] = {
    "memory_bytes": 8 << 30,
    "processes": 512,
    "open_files": 4096,
    "file_bytes": 2 << 30,
}
"""What the repositories of the public rows need, as the public agent gives them."""
_LONGEST_COMMAND = 100_000
_COMMAND_BYTES = 8 << 20
"""The model reads the end of an output too, and a patch is handed in as one."""
_TREE_BYTES = 64 << 20
_SET_UP_SECONDS = 60.0
_HERE = Path(__file__).parent


@cache
def _program(*names: str) -> str:
    return "\n".join((_HERE / name).read_text(encoding="utf-8") for name in names)


class Workspace:
    """A sandbox with a repository in it.

    Args:
        setting: Which sandbox; see :func:`~llmgym.sandbox.make_sandbox`.
        step_timeout: How long a command may take, in seconds.
        cwd: Where the repository is.
        conda: Whether commands run in the conda environment ``testbed``, where there is one.
    """

    def __init__(self, setting: Any, step_timeout: float, *, cwd: str = CWD, conda: bool = False):
        limits = Limits(wall_seconds=step_timeout, cpu_seconds=step_timeout, output_bytes=_COMMAND_BYTES)
        if conda:
            limits = replace(limits, **_OF_IMAGES)
        self.sandbox: Sandbox = make_sandbox(setting, limits=limits)
        self._limits = limits
        self._timeout, self._cwd, self._conda = step_timeout, cwd, conda

    async def open(self) -> None:
        """Start the sandbox.

        Raises:
            InfrastructureError: When it cannot be started.
        """
        await self.sandbox.start()

    async def close(self) -> None:
        """Take the sandbox away. It may be called twice."""
        await self.sandbox.close()

    async def set_up(self, files: Mapping[str, str], history: bytes = b"") -> None:
        """Write a repository.

        Args:
            files: Text by path.
            history: Its past, for ``git fast-import``; not used where there is no git.

        Raises:
            FileProblem: When the sandbox cannot hold the files.
            InfrastructureError: When the sandbox failed.
        """
        await self.sandbox.write(f"{self._cwd}/.set-up", b"")
        order = await in_thread(_order, files, history)
        source = f"import os\nos.remove('.set-up')\n{_program('inside/set_up.py')}"
        limits = Limits(wall_seconds=_SET_UP_SECONDS, cpu_seconds=_SET_UP_SECONDS)
        program = Program(python=source, stdin=order, cwd=self._cwd)
        done = await self.sandbox.run(program, limits)
        if done.cause == "wall_time":
            raise broken(f"A repository could not be written within {_SET_UP_SECONDS:g} seconds.")
        if done.returncode != 0:
            said = done.stderr.decode("utf-8", "replace").strip().splitlines() or [done.cause]
            raise FileProblem(f"The repository could not be written: {said[-1][:300]}.")

    async def run(self, command: str) -> CommandResult:
        """Run a command of the model, in a new shell.

        Args:
            command: Anything. What no system can run is told as a shell would.
        """
        command = command.encode("utf-8", "replace").decode()
        if "\0" in command:
            return CommandResult(command, "bash: a command cannot hold a null character\n", 127)
        if len(command.encode()) > _LONGEST_COMMAND:
            return CommandResult(command, "bash: argument list too long\n", 126)
        argv = ("bash", "-c", _IN_CONDA, "bash", command) if self._conda else ("bash", "-c", command)
        program = Program(argv=argv, cwd=self._cwd, env=VARIABLES, merge_stderr=True, leave_running=True)
        done = await self.sandbox.run(program)
        return CommandResult.of(command, done, self._timeout)

    async def script(self, text: str, seconds: float) -> str:
        """Run a script of ours, and return what it writes.

        Args:
            text: The script.
            seconds: How long it may take.
        """
        await self.sandbox.write("/tmp/eval.sh", text.encode(), 0o755)
        limits = replace(self._limits, wall_seconds=seconds, cpu_seconds=seconds, output_bytes=_TREE_BYTES)
        program = Program(argv=("bash", "/tmp/eval.sh"), cwd=self._cwd, merge_stderr=True)
        done = await self.sandbox.run(program, limits)
        text = done.stdout.decode("utf-8", "replace")
        return f"{text}\n>>>>> Tests Timed Out\n" if done.cause == "wall_time" else text

    async def tree(self) -> dict[str, str] | None:
        """Return the text files of the repository by path, or ``None`` when they cannot be read."""
        limits = Limits(wall_seconds=_SET_UP_SECONDS, cpu_seconds=_SET_UP_SECONDS, output_bytes=_TREE_BYTES)
        program = Program(python=_program("inside/read_tree.py"), cwd=self._cwd)
        done = await self.sandbox.run(program, limits)
        return await in_thread(_files, done.stdout)

    async def run_tests(
        self, tests: Sequence[DetachedTest], *, seconds: float, each: float, nonce: str
    ) -> dict[str, bool] | None:
        """Run tests that were taken apart.

        Args:
            tests: The tests.
            seconds: How long all of them may take.
            each: How long one may take.
            nonce: What no code in the sandbox can know; it encloses the report.

        Returns:
            For each test, by id, whether it passes; ``None`` when there is no report.
        """
        groups: dict[str, list[list[str]]] = {}
        for number, test in enumerate(tests):
            groups.setdefault(test.group, []).append([str(number), test.program])
        order = json.dumps({"groups": list(groups.values()), "seconds": each, "nonce": nonce})
        limits = Limits(wall_seconds=seconds, cpu_seconds=seconds, output_bytes=_TREE_BYTES)
        source = _program("values.py", "inside/run_tests.py")
        done = await self.sandbox.run(Program(python=source, stdin=order.encode(), cwd=self._cwd), limits)
        return await in_thread(_outcomes, done.stdout, nonce, tests) if done.returncode == 0 else None


# What follows reads and writes megabytes where a model wants it: piece by piece, in threads, so that the event loop
# goes on meanwhile.


def _order(files: Mapping[str, str], history: bytes) -> bytes:
    """Return what the set-up reads."""
    texts = ", ".join(f"{json.dumps(path)}: {json.dumps(text)}" for path, text in files.items())
    return f'{{"files": {{{texts}}}, "history": {json.dumps(history.decode())}}}'.encode()


def _files(output: bytes) -> dict[str, str] | None:
    """Read the files of a repository, as they were printed; ``None`` when that is not what the output holds."""
    *lines, end = output.split(b"\n")
    files: dict[str, str] = {}
    try:
        if not isinstance(json.loads(end), dict):
            return None
        for line in lines:
            path, text = json.loads(line)
            if not isinstance(path, str) or not isinstance(text, str):
                return None
            files[path] = text
    except (ValueError, TypeError, RecursionError):
        return None
    return files


def _outcomes(output: bytes, nonce: str, tests: Sequence[DetachedTest]) -> dict[str, bool] | None:
    """Read the reports on tests; ``None`` when the output is not what the runner prints."""
    mark = nonce.encode()
    lines = output.split(b"\n")
    if len(lines) < 2 or lines[0] != mark or lines[-1] != mark or output.count(mark) != 2:
        return None
    reports: dict[str, str] = {}
    try:
        for line in lines[1:-1]:
            number, report = json.loads(line)
            reports[number] = report
    except (ValueError, TypeError, RecursionError):
        return None
    return {test.id: test.passes(_seen(reports.get(str(number)))) for number, test in enumerate(tests)}


def _seen(text: Any) -> list[tuple[str, Any]]:
    """Return what a test found; nothing when it did not get through or its report is malformed."""
    found = []
    try:
        report = json.loads(text)
        if report["failure"] != "":
            return []
        for kind, value in report["seen"]:
            found.append((str(kind), list(value) if kind == "raised" else decode(value)))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return []
    return found
