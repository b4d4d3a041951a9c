"""The environment of programming problems."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from llmgym.core import Env, Episode
from llmgym.envs.code_gen.generate import DIFFICULTIES, MODES, make_program_task
from llmgym.envs.code_gen.livecodebench import public_row, unit_tests_of
from llmgym.envs.sandbox_settings import sandbox_setting
from llmgym.envs.slow_tasks import beside_the_loop
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Action
from llmgym.sandbox import backend_of
from llmgym.tasks import Task, TaskSet
from llmgym.threads import in_thread
from llmgym.verdict import Verdict
from llmgym.verifiers.code import (
    CONCURRENCY,
    TIMEOUT_SECONDS,
    CodeResult,
    UnitTests,
    code_sandbox,
    verify_code,
)
from llmgym.verifiers.code_extraction import breaks_reasoning_format, extract_code, reasoning_texts

__all__ = ["CodeGenEnv"]

_REASONS = {
    False: "wrong_answer",
    -1: "no_result",
    -2: "wrong_answer",
    -3: "timeout",
    -4: "error",
}


class CodeGenEnv(Env):
    """Write a Python program; the reward is 1 when it passes every unit test.

    ## Description
    A programming problem with hidden tests. The program either reads standard input and prints, or is a function or a
    method of a class `Solution` that is called. It runs in a sandbox, which is given the inputs of the tests and never
    the right outputs; what comes out is compared outside.

    Procedural tasks are drawn from 28 families of problems, each in thousands of variants, in either form. Each has a
    statement with two examples, and hidden tests with edge cases and one input so large that a straightforward
    solution takes far longer than the limit.

    | difficulty | families |
    |---|---|
    | `easy` | one pass, a dictionary, a formula: records, pair sums, prefix sums, ... |
    | `medium` | a known algorithm: binary search on the answer, monotonic stack, games on piles, grid search, ... |
    | `hard` | an algorithm and an idea: matrix powers, digit counting, meet in the middle, disjoint sets backwards, ... |

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. There are no tools. The program is what stands
    between the last two lines that hold three backticks.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    The prompt of the task: for procedural tasks, one user message with the problem and two examples.

    ## Rewards
    1.0 when every test passes, else 0.0. A response without text, or without a block, earns 0.0. A task without tests
    pays 1.0 for any program that compiles, and is flagged as vacuous.

    If the texts of all assistant messages, joined with nothing between, hold `<think>` or `</think>`, or the reasoning
    holds more than one of either, the reward is `reasoning_format_penalty` instead, whatever the tests gave.

    * *Standard input.* Imports stay at the top, all else becomes the body of a function (so `global` does not reach
      top-level names), and a last `if __name__ == "__main__"` gives way to its body. `sys.stdin.read()` gives the whole
      input each time, `sys.stdout` has no `buffer`, `exit()` is a success and `quit()` an error. Outputs are compared
      line by line, without blanks around; two lines are also equal when they hold the same numbers.
    * *Calls.* Each line of an input is one argument, in JSON. A result passes if it is equal to the expected one, or
      written alike as JSON, or is a number within 1e-8 + 1e-5 of it.
    * Before the program stand star imports of the modules of the standard library that are usual in contests, and a
      recursion limit of 50,000. Many functions of `os`, `shutil` and `subprocess` are `None`.
    * All tests of a program share a process, in which a test that takes longer than `unit_test_timeout_secs` is
      interrupted by an exception; all together may take (that + 1) for each test, and 5 s more. After the first test
      that fails no other counts.

    A sandbox that cannot be made or is lost gives no reward at all: `step` raises `InfrastructureError` with the
    boundary `sandbox`, and a runner records the rollout as failed.

    Known weaknesses, kept for parity: a program may catch the exception that ends a slow test, and go on; what one
    test leaves in memory is there in the next; no tests are passed by anything. `llmgym/CodeGen-v1` has none of them.

    ## Episode End
    * Termination: the first response that says something (`answered`).
    * Truncation: `max_turns` responses (each with tool calls or reasoning alone), a response that was cut off
      (`length`, `content_filter`), or `deadline`. What was said is graded all the same.

    ## Information
    At reset `tools` (empty), `task_id`, `task_index` and `new_messages`; at each step `turn` and `new_messages`; at
    the end also `stop_reason`, `components`, `metrics`, `reason` and `vacuous`.

    `components` has `reward_easy`, `reward_medium`, ...: the reward, under the difficulty of the task where the row
    tells it. `metrics` has

    * `extracted_model_output` (str): all that was said; `extracted_model_code` (str): the program, where there is one;
    * `result` (list): for each test that was run `True`, or `False` or -2 for a wrong answer, -3 for a timeout, -4 for
      an error in the program, -1 for no result at all;
    * `metadata` (dict), empty when all passed: `error_code`, `error_message`, and where they apply `error`, `inputs`,
      `expected` and `output`, cut to 300 characters;
    * `reasoning_format_violation_rate` (float): 1.0 if the reward was replaced for it, else 0.0;
    * `difficulty` (str), where the row tells it; `sandbox` (str): the backend that ran the program.

    The time that tests took is not among them, since it is never the same twice.

    A reward of 0.0 has one of these reasons: `empty_response`, `no_code`, `wrong_answer`, `timeout`, `error`,
    `no_result`, `reasoning_format`.

    ## Arguments
    ```python
    gym.make("llmgym/CodeGen-v0", difficulty="hard", mode="stdin")
    ```

    | argument | default | meaning |
    |---|---|---|
    | `unit_test_timeout_secs` | `10` | seconds on the clock that one test may take |
    | `reasoning_format_penalty` | `0.0` | the reward of a response with marks of reasoning in its text |
    | `num_processes` | `8` | most programs checked at a time in one event loop; a sandbox may allow fewer |
    | `debug` | `False` | accepted for the sake of public configurations; changes nothing |
    | `sandbox` | `None` | where programs run: a name or a mapping with `kind` and its settings; `None` for that of the settings, by default bubblewrap |
    | `difficulty` | `"medium"` | `easy`, `medium` or `hard`; procedural tasks only |
    | `mode` | `None` | `stdin` or `call`; `None` for both; procedural tasks only |
    | `dataset` | `None` | a file, hub id or rows of the public schema; lists and files of JSON lines may have LiveCodeBench's |
    | `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode` | | as in `llmgym.Env` |

    A row has `verifier_metadata` with `unit_tests` (`inputs` and `outputs`, lists of texts, and `fn_name`, a name or
    null) and, if it likes, `difficulty`. A row of LiveCodeBench has `question_content`, `starter_code`,
    `public_test_cases`, `private_test_cases`, `metadata` and `difficulty`; of pickled tests only a string is read.
    Procedural rows also have `solution`, a program that passes.

    ## References
    NeMo Gym, resource server `code_gen`; data set `nvidia/nemotron-RL-coding-competitive_coding` (23,971 rows, Apache
    2.0). LiveCodeBench, https://livecodebench.github.io.

    ## Version History
    * v0: the public rule, with the verdict outside the process of the program. What only a program that tampers with
      its judge would notice is different: it has no judge at hand, and an object that claims to be equal to everything
      is equal to nothing.
    """

    fresh_processes: ClassVar[bool] = False
    """Whether each test has a process of its own."""

    def __init__(
        self,
        *,
        unit_test_timeout_secs: float = TIMEOUT_SECONDS,
        reasoning_format_penalty: float = 0.0,
        num_processes: int = CONCURRENCY,
        debug: bool = False,
        sandbox: str | Mapping[str, Any] | None = None,
        difficulty: str = "medium",
        mode: str | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        _number("unit_test_timeout_secs", unit_test_timeout_secs, above=0.0)
        _number("reasoning_format_penalty", reasoning_format_penalty)
        if isinstance(num_processes, bool) or not isinstance(num_processes, int) or num_processes < 1:
            raise UsageError(f"Expected num_processes to be a whole number above 0, found {num_processes!r}.")
        if difficulty not in DIFFICULTIES:
            raise UsageError(
                f"Expected difficulty to be one of {', '.join(DIFFICULTIES)}, found {difficulty!r}."
            )
        if mode is not None and mode not in MODES:
            raise UsageError(f"Expected mode to be one of {', '.join(MODES)}, or None, found {mode!r}.")
        if mode is not None and self.dataset is not None:
            raise UsageError("Expected no mode with a dataset, whose rows are read unchanged; leave it out.")
        sandbox = sandbox_setting(sandbox)
        self.sandbox_backend = backend_of(sandbox)
        # Made only to learn here, not in the middle of a run, that it cannot be had.
        code_sandbox(sandbox)
        self.unit_test_timeout_secs, self.num_processes, self.debug = (
            unit_test_timeout_secs,
            num_processes,
            debug,
        )
        self.reasoning_format_penalty = float(reasoning_format_penalty)
        self.sandbox, self.difficulty, self.mode = sandbox, difficulty, mode
        self._tests = UnitTests((), ())

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is not None:
            return TaskSet.load(dataset, split, on_error=self.on_bad_row, convert=public_row)
        made = TaskSet.procedural(make_program_task, split=split, difficulty=self.difficulty, mode=self.mode)
        return beside_the_loop(made)

    def convert_row(self, row: Mapping[str, Any]) -> Mapping[str, Any]:
        """Give a row of LiveCodeBench a prompt."""
        return public_row(row)

    async def begin(self, task: Task) -> None:
        """Read the tests of the task.

        Raises:
            InvalidTask: When they are missing or malformed.
        """
        metadata = task.data.get("verifier_metadata")
        try:
            if isinstance(metadata, Mapping) and "unit_tests" in metadata:
                self._tests = UnitTests.of(metadata["unit_tests"])
                return
            # Unpacking what LiveCodeBench has packed takes a while.
            tests = await in_thread(unit_tests_of, task.data)
        except UsageError as error:
            raise InvalidTask(f"Task {task.id!r}: {error}") from error
        if tests is None:
            raise InvalidTask(
                f"Task {task.id!r}: expected 'verifier_metadata' with 'unit_tests', found none."
            )
        self._tests = tests

    async def verify(self, episode: Episode) -> Verdict:
        """Run the program on the tests.

        Raises:
            InfrastructureError: When a sandbox cannot be made or is lost. Boundary ``sandbox``.
        """
        text, difficulty = episode.output_text, _difficulty(episode.task)
        metrics: dict[str, Any] = {"difficulty": difficulty} if difficulty else {}
        if not text.strip():
            return self._verdict(0.0, metrics, "empty_response")
        metrics["extracted_model_output"] = text
        code = extract_code(text)
        if not code:
            return self._verdict(0.0, metrics, "no_code")
        result = await verify_code(
            code,
            self._tests,
            sandbox=self.sandbox,
            unit_test_timeout_secs=self.unit_test_timeout_secs,
            num_processes=self.num_processes,
            fresh_processes=self.fresh_processes,
        )
        violated = breaks_reasoning_format(text, reasoning_texts(episode.items))
        metrics |= {
            "extracted_model_code": code,
            "result": result.result,
            "metadata": result.metadata,
            "reasoning_format_violation_rate": float(violated),
            "sandbox": result.sandbox,
        }
        reward, reason = self.grade(result)
        if violated:
            reward, reason = self.reasoning_format_penalty, "reasoning_format"
        return self._verdict(reward, metrics, reason)

    def grade(self, result: CodeResult) -> tuple[float, str]:
        """Return the reward for a result, and the reason when it is 0."""
        return (1.0, "") if result.passed else (0.0, _REASONS[result.result[-1]])

    def oracle(self, task: Task) -> list[Action] | None:
        """Return the program that procedural rows bring; ``None`` for others."""
        solution = task.data.get("solution")
        return [f"```python\n{solution}\n```"] if isinstance(solution, str) else None

    def _verdict(self, reward: float, metrics: dict[str, Any], reason: str) -> Verdict:
        components = {f"reward_{metrics['difficulty']}": reward} if "difficulty" in metrics else {}
        vacuous = not min(len(self._tests.inputs), len(self._tests.outputs))
        return Verdict(reward, components, metrics, reason, vacuous)


def _difficulty(task: Task) -> str:
    metadata = task.data.get("verifier_metadata")
    places = (metadata if isinstance(metadata, Mapping) else {}, task.data)
    found = next((place["difficulty"] for place in places if isinstance(place.get("difficulty"), str)), "")
    return found


def _number(name: str, value: Any, above: float = float("-inf")) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not above < value < float("inf"):
        more = "" if above == float("-inf") else f" above {above:g}"
        raise UsageError(f"Expected {name} to be a finite number{more}, found {value!r}.")
