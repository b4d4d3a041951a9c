"""The counter environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of
from llmgym.envs.session_state.tasks import DIFFICULTIES, make_counter_task
from llmgym.errors import InvalidTask
from llmgym.messages import Action, assistant, tool_call
from llmgym.tasks import Task, TaskSet
from llmgym.tools import tool
from llmgym.verdict import Verdict

__all__ = ["SessionStateEnv"]


class SessionStateEnv(Env):
    """Follow instructions that change a counter, through tools that keep its state.

    ## Description
    Each episode has a counter of its own. The instructions say how to change it; its start value can only be learnt
    with a tool. What counts is where the counter stands at the end.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. It may call the tools

    | tool | arguments | returns |
    |---|---|---|
    | `increment_counter` | `count`: integer, may be negative | `{"success": true}` |
    | `get_counter_value` | none | `{"count": ...}` |

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    The counter stands at the row's `initial_count`; the prompt is one user message. Procedural tasks:

    | difficulty | instructions |
    |---|---|
    | `easy` | two or three additions |
    | `medium` | three or four additions, subtractions and repetitions, or a short story |
    | `hard` | four to six steps, some of which depend on the value of the counter, or a longer story |

    The expected count of a procedural task always differs from its initial count.

    ## Rewards
    1.0 when the counter stands at the row's `expected_count` at the end of the episode, else 0.0. Neither the way
    there nor the text of the answer counts. When a row expects the initial count, doing nothing is rewarded; such a
    verdict is marked as vacuous.

    ## Episode End
    * Termination: a response without a tool call (`answered`).
    * Truncation: `max_turns` responses, or a response that was cut off (`length`).

    ## Information
    At reset `tools`, `task_id`, `task_index` and `new_messages`; at each step `turn` and `new_messages`;
    at the end also `stop_reason`, `components`, `reason`, `vacuous` and `metrics` with `expected_count` and,
    unless it is beyond 64 bits, `count`.

    ## Arguments
    ```python
    gym.make("llmgym/SessionState-v0", difficulty="hard")
    ```
    * `difficulty="medium"`: `easy`, `medium` or `hard`; of procedural tasks only.
    * `dataset=None`: a file, hub id or rows of the public schema; `None` for procedural tasks.
    * `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode`: as in `llmgym.Env`.

    ## References
    NeMo Gym, resource server `example_session_state_mgmt`.

    ## Version History
    * v0: the public rule.
    """

    def __init__(self, *, difficulty: str = "medium", **kwargs: Any):
        super().__init__(**kwargs)
        one_of("difficulty", difficulty, DIFFICULTIES)
        self.difficulty = difficulty

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is None:
            return TaskSet.procedural(make_counter_task, split=split, difficulty=self.difficulty)
        return TaskSet.load(dataset, split, on_error=self.on_bad_row)

    def begin(self, task: Task) -> None:
        """Set the counter to its start value.

        Raises:
            InvalidTask: When ``initial_count`` or ``expected_count`` is not an integer.
        """
        self._initial, self._expected = _count(task, "initial_count"), _count(task, "expected_count")
        self._count = self._initial

    @tool(extra="ignore")
    def increment_counter(self, count: int) -> dict[str, bool]:
        """Add a number to the counter.

        Args:
            count: How much to add; negative to subtract.
        """
        self._count += count
        return {"success": True}

    @tool(extra="ignore")
    def get_counter_value(self) -> dict[str, int]:
        """Read the counter."""
        return {"count": self._count}

    def verify(self, episode: Episode) -> Verdict:
        """Compare the counter with the expected count: the public verifier's rule."""
        right = self._count == self._expected
        # A model may count beyond 64 bits, which JSON records cannot hold.
        count = self._count if abs(self._count) < 2**63 else None
        return Verdict(
            float(right),
            metrics={"count": count, "expected_count": self._expected},
            reason=""
            if right
            else f"the counter stands at {'a huge number' if count is None else count}, "
            f"not at {self._expected}",
            vacuous=self._initial == self._expected,
        )

    def oracle(self, task: Task) -> Sequence[Action]:
        """Return a turn for each reading and each instruction, a last reading, and an answer."""
        expected = _count(task, "expected_count")
        difference = expected - _count(task, "initial_count")
        steps: Sequence[Mapping[str, Any]] = task.data.get(
            "steps", [{"reads": True, "increments": [difference] if difference else []}]
        )
        turns: list[list[tuple[str, dict[str, int]]]] = []
        for step in steps:
            if step["reads"]:
                turns.append([("get_counter_value", {})])
            if step["increments"]:
                turns.append([("increment_counter", {"count": count}) for count in step["increments"]])
        turns.append([("get_counter_value", {})])
        responses: list[Action] = []
        for number, calls in enumerate(turns):
            made = [tool_call(name, given, f"call_{number}_{i}") for i, (name, given) in enumerate(calls)]
            responses.append(assistant(None, *made))
        return [*responses, assistant(f"The counter is at {expected}.")]


@cache
def _integer() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(int)


def _count(task: Task, field: str) -> int:
    """Read an integer field as the public server does ("3" and 3.0 pass).

    Raises:
        InvalidTask: When it is missing or not an integer.
    """
    try:
        number: int = _integer().validate_python(task.data.get(field))
    except ValueError:
        raise InvalidTask(
            f"Task {task.id!r}: expected {field!r} to be an integer, found {task.data.get(field)!r}."
        ) from None
    return number
