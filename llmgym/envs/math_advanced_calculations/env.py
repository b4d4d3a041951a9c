"""The environment of the alternate arithmetic."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

from llmgym.conversion import tools_to_responses
from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of
from llmgym.envs.math_advanced_calculations.expressions import calls_of
from llmgym.envs.math_advanced_calculations.tasks import (
    LEVELS,
    MOST_BREADTH,
    MOST_DEPTH,
    listed,
    make_expressions,
)
from llmgym.envs.math_advanced_calculations.transport import CalculationsToolbox
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Action, assistant, message_text, tool_call
from llmgym.tasks import Task, TaskSet
from llmgym.tools import tool
from llmgym.verdict import Verdict
from llmgym.verifiers.calculations import CalculationFailed, calculate, grade_calculations

__all__ = ["MathAdvancedCalculationsEnv"]


class MathAdvancedCalculationsEnv(Env):
    r"""Compute nested expressions with functions that do not do what one remembers.

    ## Description
    The prompt lists expressions. The tools bear the names of well-known functions but compute something else, so
    the values can only be obtained by calling them, one step at a time, and by trusting what they return.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. It may call eleven tools, each of which
    returns `{"solution": ...}`:

    | tool | in the prompt | what it really computes |
    |---|---|---|
    | `add(a, b)` | `(a + b)` | a + b + 1.2 |
    | `subtract(a, b)` | `(a - b)` | a - b - 3 |
    | `multiply(a, b)` | `(a * b)` | 1.1 a b |
    | `divide(a, b)` | `(a / b)` | 0.5 a / b |
    | `sin(radians)` | `sin(x)` | the cosine |
    | `cos(radians)` | `cos(x)` | the sine |
    | `power(a, b)` | `(a ** b)` | a to the power of b + 2 |
    | `log(a, base)` | `log(a, b)` | the logarithm of a to the base \|b + 1.5\| |
    | `pi()` | `pi` | Euler's number |
    | `negate(a)` | `-(a)` | a |
    | `return_constant(a)` | a number alone | a |

    The order of the floating-point operations is that of the public server. A result that is not finite is `null`. A
    call without a result returns `{"detail": ...}` with what went wrong, as does an unknown tool. Arguments other
    than `a`, `b`, `radians` and `base` are dropped, as are nulls.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    One user message with the expressions. Procedural tasks:

    | difficulty | depth of the deepest expression | expressions |
    |---|---|---|
    | `easy` | 1-2 | 1-3 |
    | `medium` | 2-3 | 2-4 |
    | `hard` | 4-5 | 3-5 |

    ## Rewards
    1.0 when every value of the row's `ground_truth` (JSON text of a list of numbers, one for each expression) is
    exactly equal to the `solution` of some tool call, else 0.0. Order and number of the calls and the text of the
    answer do not count. A number that stands alone in the prompt must be obtained too, with `return_constant` for
    instance. An empty list is always satisfied; such a verdict is marked as vacuous.

    ## Episode End
    * Termination: a response without a tool call (`answered`).
    * Truncation: `max_turns` responses (200 by default), a response that was cut off (`length`), or `deadline`.

    ## Information
    At reset `tools`, `task_id`, `task_index` and `new_messages`; at each step `turn` and `new_messages`; at the end
    also `stop_reason`, `components`, `reason`, `vacuous` and `metrics` with `expected_values` and `found_values`
    (int): how many values there are, and how many of them were obtained.

    ## Arguments
    ```python
    gym.make("llmgym/MathAdvancedCalculations-v0", difficulty="hard", breadth=2)
    ```
    * `difficulty="medium"`: `easy`, `medium` or `hard`; of procedural tasks only.
    * `depth=None`: 1 to 6, instead of the difficulty's; of procedural tasks only.
    * `breadth=None`: 1 to 10 expressions, instead of the difficulty's; of procedural tasks only.
    * `dataset=None`: a file, hub id or rows of the public schema; `None` for procedural tasks.
    * `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode`: as in `llmgym.Env`.

    ## References
    NeMo Gym, resource server `math_advanced_calculations`; data set `nvidia/Nemotron-RL-math-advanced_calculations`
    (100 rows, Apache 2.0). The idea is that of MultiVerseMath.

    ## Version History
    * v0: the public rule; a `ground_truth` that crashes the public verifier, such as a real list, is a reward of 0.0
      with a reason here.
    """

    default_max_turns = 200

    def __init__(
        self,
        *,
        difficulty: str = "medium",
        depth: int | None = None,
        breadth: int | None = None,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        one_of("difficulty", difficulty, LEVELS)
        _within("depth", depth, MOST_DEPTH)
        _within("breadth", breadth, MOST_BREADTH)
        self.difficulty, self.depth, self.breadth = difficulty, depth, breadth
        self.toolbox = CalculationsToolbox.of(self, self.toolbox.timeout)

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is not None:
            return TaskSet.load(dataset, split, on_error=self.on_bad_row)
        tools = [{**each, "strict": True} for each in tools_to_responses(self.toolbox.schemas)]
        return TaskSet.procedural(
            make_expressions,
            split=split,
            difficulty=self.difficulty,
            depth=self.depth,
            breadth=self.breadth,
            tools=tools,
        )

    def begin(self, task: Task) -> None:
        """Check that the task has a ground truth.

        Raises:
            InvalidTask: When ``ground_truth`` is neither text nor a list.
        """
        truth = task.data.get("ground_truth")
        if not isinstance(truth, str | list):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'ground_truth' to be JSON text of a list of numbers, found {truth!r}."
            )

    @tool(extra="ignore")
    def add(self, a: float, b: float) -> dict[str, float]:
        """Add two numbers: a + b.

        Args:
            a: The first summand.
            b: The second summand.
        """
        return _solved("add", a=a, b=b)

    @tool(extra="ignore")
    def subtract(self, a: float, b: float) -> dict[str, float]:
        """Subtract a number from another: a - b.

        Args:
            a: What to subtract from.
            b: What to subtract.
        """
        return _solved("subtract", a=a, b=b)

    @tool(extra="ignore")
    def multiply(self, a: float, b: float) -> dict[str, float]:
        """Multiply two numbers: a * b.

        Args:
            a: The first factor.
            b: The second factor.
        """
        return _solved("multiply", a=a, b=b)

    @tool(extra="ignore")
    def divide(self, a: float, b: float) -> dict[str, float]:
        """Divide a number by another: a / b. The order matters.

        Args:
            a: The numerator.
            b: The denominator.
        """
        return _solved("divide", a=a, b=b)

    @tool(extra="ignore")
    def sin(self, radians: float) -> dict[str, float]:
        """Return the sine of an angle.

        Args:
            radians: The angle in radians.
        """
        return _solved("sin", radians=radians)

    @tool(extra="ignore")
    def cos(self, radians: float) -> dict[str, float]:
        """Return the cosine of an angle.

        Args:
            radians: The angle in radians.
        """
        return _solved("cos", radians=radians)

    @tool(extra="ignore")
    def power(self, a: float, b: float) -> dict[str, float]:
        """Raise a number to a power: a ** b.

        Args:
            a: The base.
            b: The exponent.
        """
        return _solved("power", a=a, b=b)

    @tool(extra="ignore")
    def log(self, a: float, base: float) -> dict[str, float]:
        """Return the logarithm of a number. In this alternate universe any base counts as positive.

        Args:
            a: The number.
            base: The base of the logarithm.
        """
        return _solved("log", a=a, base=base)

    @tool(extra="ignore")
    def pi(self) -> dict[str, float]:
        """Return the value that pi has in this alternate universe."""
        return _solved("pi")

    @tool(extra="ignore")
    def negate(self, a: float) -> dict[str, float]:
        """Negate a number: -a.

        Args:
            a: The number.
        """
        return _solved("negate", a=a)

    @tool(extra="ignore")
    def return_constant(self, a: float) -> dict[str, float]:
        """Return a number as it is.

        Args:
            a: The number.
        """
        return _solved("return_constant", a=a)

    def verify(self, episode: Episode) -> Verdict:
        """Look for the expected values among the tool outputs: the public verifier's rule."""
        outputs = [result.content for result in episode.tool_results]
        return grade_calculations(episode.task.data["ground_truth"], outputs)

    def oracle(self, task: Task) -> Sequence[Action] | None:
        """Return a turn for each function of the expressions, innermost first, and an answer.

        Where the expressions cannot be read from the prompt, or come out otherwise than the ground truth, the expected
        values themselves are fetched with ``return_constant``. ``None`` when the row cannot be satisfied.
        """
        truth = task.data["ground_truth"]
        try:
            expected = [float(value) for value in json.loads(truth)]
        except (TypeError, ValueError):
            return None
        if not all(map(math.isfinite, expected)):
            # A result that is not finite is null, which is not a value.
            return None
        steps: list[tuple[str, dict[str, float]]]
        try:
            calls, values = calls_of(listed(message_text(task.messages[-1])))
            steps = [(call.name, dict(call.arguments)) for call in calls]
        except (ValueError, CalculationFailed):
            values = []
        if values != expected:
            steps = [("return_constant", {"a": value}) for value in expected]
        responses: list[Action] = [
            assistant(None, tool_call(name, arguments, f"call_{number}"))
            for number, (name, arguments) in enumerate(steps)
        ]
        return [*responses, assistant("The values are " + ", ".join(map(repr, expected)) + ".")]


def _solved(name: str, **arguments: float) -> dict[str, float]:
    return {"solution": calculate(name, arguments)}


def _within(name: str, value: int | None, most: int) -> None:
    if value is not None and (
        not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= most
    ):
        raise UsageError(f"Expected {name} to be an integer from 1 to {most} or None, found {value!r}.")
