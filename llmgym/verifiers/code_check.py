"""One program and its tests: what is run in its sandbox, in which pieces, and what the answers mean."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from llmgym.errors import UsageError
from llmgym.sandbox import Limits, Program, Sandbox
from llmgym.verifiers.code_comparison import compare_outputs
from llmgym.verifiers.code_frames import Failure, Frame, read_failure, read_frames, write_request
from llmgym.verifiers.code_values import Malformed, decode, equal_values, read_expected

__all__ = ["Check", "CodeResult", "UnitTests"]

T = TypeVar("T")

_FIRST_BUDGET, _BUDGET_GROWTH = 0.1, 5.0
_OUTPUT_BYTES = 40 << 20
_REPEATS = 4
"""All runs together may take so many times what one may: each repeats a part of the one before."""
_LARGE = 1 << 16
_SHOWN = 300
_PROGRAM = "import code_runner; code_runner.main()"


@dataclass(frozen=True, slots=True)
class UnitTests:
    """The tests of a program. Surplus inputs or outputs are ignored.

    Attributes:
        inputs: What each test reads from standard input; in call mode its arguments, one in JSON a line.
        outputs: What each should print; in call mode the value it should return, in JSON.
        fn_name: The function, or method of ``Solution``, that is called; ``None`` for programs that print.
    """

    inputs: Sequence[str]
    outputs: Sequence[str]
    fn_name: str | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> UnitTests:
        return self

    @classmethod
    def of(cls, value: UnitTests | Mapping[str, Any]) -> UnitTests:
        """Accept the form in which rows have it.

        Raises:
            UsageError: When a field is missing or of the wrong kind.
        """
        if isinstance(value, UnitTests):
            return value
        if not isinstance(value, Mapping):
            raise UsageError(
                f"Expected unit tests to have 'inputs' and 'outputs', found {type(value).__name__}."
            )
        for name in ("inputs", "outputs"):
            texts = value.get(name)
            if not isinstance(texts, list | tuple) or not all(isinstance(text, str) for text in texts):
                raise UsageError(f"Expected {name!r} of the unit tests to be a list of texts.")
        if not isinstance(value.get("fn_name"), str | None):
            raise UsageError(
                f"Expected 'fn_name' of the unit tests to be a name, found {value['fn_name']!r}."
            )
        return cls(list(value["inputs"]), list(value["outputs"]), value.get("fn_name"))


@dataclass(frozen=True, slots=True)
class CodeResult:
    """What the tests of a program gave.

    Attributes:
        result: For each test that was run ``True``, or what went wrong: ``False`` or -2 for a wrong answer, -3 for a
            timeout, -4 for an error, -1 when the program as a whole gave no result. Tests after the first that fails
            are not run.
        metadata: About the failure: ``error_code``, ``error_message``, and where they apply ``error``, ``inputs``,
            ``expected`` and ``output``, cut to about 300 characters.
        sandbox: Which backend ran it.
    """

    result: list[bool | int]
    metadata: dict[str, Any] = field(default_factory=dict)
    sandbox: str = ""

    @property
    def passed(self) -> bool:
        """Whether every test passed; also true where there was none."""
        return all(each is True for each in self.result)


class _Stop(Exception):
    """A test failed: carries the result for it, or for all, and what is told about it."""

    def __init__(self, code: bool | int, metadata: dict[str, Any], alone: bool = False):
        super().__init__(code)
        self.code, self.metadata, self.alone = code, metadata, alone


class Check:
    """One program and its tests.

    Args:
        code: The program.
        tests: Its tests.
        seconds: Most seconds for one test.
        memory: Most bytes of memory.
        fresh: Whether each test has a process of its own.

    Attributes:
        limits: What the sandbox should allow.
    """

    def __init__(self, code: str, tests: UnitTests, seconds: float, memory: int, fresh: bool):
        self.code, self.tests, self.seconds, self.fresh = code, tests, seconds, fresh
        self.count = min(len(tests.inputs), len(tests.outputs))
        self.inputs = list(tests.inputs[: self.count])
        longest = (seconds + 1) * len(tests.inputs) + 5
        self.limits = Limits(
            wall_seconds=longest,
            cpu_seconds=longest * 2,
            memory_bytes=memory,
            file_bytes=256 << 20,
            output_bytes=_OUTPUT_BYTES,
        )
        self.passed, self.spent = 0, 0.0

    async def run(self, sandbox: Sandbox) -> CodeResult:
        """Run and compare, until a test fails or all have passed.

        Args:
            sandbox: Where to run it; started.
        """
        try:
            expected = await _apart(sum(map(len, self.tests.outputs)), self._expected)
            for budget in _budgets():
                frames = await self._ask(sandbox, budget)
                last = frames[-1].kind if frames else ""
                before = self.passed
                for frame in frames:
                    await self._judge(frame, expected)
                if last == "Z":
                    return CodeResult([True] * self.count, {}, sandbox.backend)
                if last != "P" or self.passed == before:
                    # A program may also have asked for another run by itself, without an answer to show for it.
                    raise self._nothing("The program gave no result: it ended early, or met a limit")
                if self.spent > _REPEATS * self.limits.wall_seconds:
                    raise self._nothing("The tests took too long all together")
        except _Stop as stop:
            passed = [] if stop.alone else [True] * self.passed
            result = [*passed, stop.code]
            if stop.code == -1 and type(stop.code) is int:
                result = [-1] * len(self.tests.inputs)
            return CodeResult(result, stop.metadata, sandbox.backend)
        raise AssertionError("unreachable")

    def _expected(self) -> list[Any]:
        texts = list(self.tests.outputs[: self.count])
        if self.tests.fn_name is None:
            return texts
        try:
            return [read_expected(text) for text in texts]
        except (ValueError, RecursionError) as error:
            raise self._nothing(f"An expected output is not JSON: {error}") from error

    async def _ask(self, sandbox: Sandbox, budget: float) -> list[Frame]:
        """Run what has not passed yet, for about as many seconds, and return what came out."""
        alone = sandbox.backend == "bubblewrap"
        header = {
            "mode": "stdin" if self.tests.fn_name is None else "call",
            "fn_name": self.tests.fn_name,
            "timeout": self.seconds,
            "memory": self.limits.memory_bytes,
            "fresh": self.fresh,
            "alone": alone,
            "first": self.passed,
            "budget": budget,
        }
        inputs = self.inputs[self.passed :] if self.fresh else self.inputs
        request = await _apart(sum(map(len, inputs)) >> 4, write_request, header, self.code, inputs)
        completed = await sandbox.run(Program(python=_PROGRAM, stdin=request))
        self.spent += completed.seconds
        return await _apart(
            len(completed.stdout) >> 4, read_frames, completed.stdout, self.passed, self.count
        )

    async def _judge(self, frame: Frame, expected: list[Any]) -> None:
        if frame.kind in "OV":
            await self._compare(frame, expected[frame.number])
            self.passed += 1
        elif frame.kind == "L":
            shown = self._shown(frame.number, "")
            raise _Stop(-2 if self.tests.fn_name is None else False, _wrong(shown, "Wrong answer: too long"))
        elif frame.kind == "N":
            raise self._nothing("A test ended without a result")
        elif frame.kind in "EX":
            failure = read_failure(frame.content)
            if failure is None:
                raise self._nothing("The program gave no result")
            if failure.code == -1:
                raise self._nothing(failure.message)
            shown = self._shown(frame.number) if frame.kind == "E" else {}
            raise _Stop(failure.code, {**_told(failure), **shown}, alone=frame.kind == "X")

    async def _compare(self, frame: Frame, expected: Any) -> None:
        prints = self.tests.fn_name is None
        if (frame.kind == "O") != prints:
            raise self._nothing("The program gave no result")
        size = len(frame.content) + len(self.tests.outputs[frame.number])
        found = await _apart(size, _printed if prints else _returned, frame.content, expected)
        if found is None:
            raise self._nothing("The program gave no result")
        if isinstance(found, Failure):
            raise _Stop(found.code, {**_told(found), **self._shown(frame.number)}, alone=prints)
        if found is not True:
            output, message = found
            raise _Stop(-2 if prints else False, _wrong(self._shown(frame.number, output), message))

    def _shown(self, number: int, output: str | None = None) -> dict[str, str]:
        told = {} if output is None else {"output": output}
        told |= {"inputs": self.tests.inputs[number], "expected": self.tests.outputs[number]}
        return {name: _shortened(text) for name, text in told.items()}

    def _nothing(self, why: str) -> _Stop:
        return _Stop(-1, {"error_code": -1, "error_message": why}, alone=True)


_Found = Literal[True] | tuple[str, str] | Failure | None
"""Of a comparison: equal; what came out and what is wrong with it; why it cannot be compared; nothing to compare."""


async def _apart(size: int, function: Callable[..., T], *args: Any) -> T:
    """Call a function, in a thread when so many characters would keep the event loop waiting."""
    return await asyncio.to_thread(function, *args) if size > _LARGE else function(*args)


def _printed(content: bytes, expected: str) -> _Found:
    try:
        text = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    code, message = compare_outputs(text, expected)
    if code == -4:
        return Failure(-4, message, message)
    return True if code is True else (text, message)


def _returned(content: bytes, expected: Any) -> _Found:
    try:
        value = decode(content.decode("utf-8", "surrogatepass"))
    except (Malformed, UnicodeDecodeError):
        return None
    try:
        return True if equal_values(value, expected) else (_written(value), "Wrong Answer")
    except ValueError as error:
        return Failure(-4, repr(error)[:_SHOWN], "Runtime Error")


def _written(value: Any) -> str:
    try:
        return _shortened(str(value))
    except (ValueError, RecursionError):
        return "a value that cannot be written"


def _told(failure: Failure) -> dict[str, Any]:
    return {"error": failure.error, "error_code": failure.code, "error_message": failure.message}


def _wrong(shown: dict[str, str], message: str) -> dict[str, Any]:
    return {**shown, "error_code": -2, "error_message": message}


def _shortened(text: str) -> str:
    if len(text) <= _SHOWN:
        return text
    return f"{text[: _SHOWN // 2]}...(truncated) ...{text[-_SHOWN // 2 :]}"


def _budgets() -> Iterator[float]:
    seconds = _FIRST_BUDGET
    while True:
        yield seconds
        seconds *= _BUDGET_GROWTH
