"""The environment of programming problems without the weaknesses of the public rule."""

from __future__ import annotations

from typing import ClassVar

from llmgym.envs.code_gen.env import CodeGenEnv
from llmgym.verifiers.code import CodeResult

__all__ = ["CodeGenV1Env"]


class CodeGenV1Env(CodeGenEnv):
    """Write a Python program; the reward is 1 when it passes every unit test, each in a process of its own.

    ## Description
    As `llmgym/CodeGen-v0`, which has the same tasks and arguments, without the weaknesses of the public rule.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. There are no tools. The program is what stands
    between the last two lines that hold three backticks.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    The prompt of the task.

    ## Rewards
    1.0 when every test passes, else 0.0, by the rules of v0 with these differences:

    * *Timeouts.* A test that takes longer than `unit_test_timeout_secs` is killed and fails. In v0 it is interrupted
      by an exception, which the program may catch to go on for as long as it likes.
    * *State.* Each test runs in a new process, in which the program is loaded again; what a test leaves in memory, in
      files or in processes is gone before the next begins, and no test is given the input of another. In v0 all tests
      share one process.
    * *No tests.* A task without tests pays 0.0, with the reason `no_tests`. In v0 it pays 1.0 for any program that
      compiles.

    ## Episode End
    As in v0.

    ## Information
    As in v0, with the reason `no_tests`.

    ## Arguments
    ```python
    gym.make("llmgym/CodeGen-v1", difficulty="hard")
    ```

    As in v0.

    ## References
    As v0.

    ## Version History
    * v1: timeouts cannot be caught, tests share nothing, and no tests are no success.
    """

    fresh_processes: ClassVar[bool] = True

    def grade(self, result: CodeResult) -> tuple[float, str]:
        """Return the reward for a result, and the reason when it is 0. No tests are not passed."""
        return super().grade(result) if result.result else (0.0, "no_tests")
