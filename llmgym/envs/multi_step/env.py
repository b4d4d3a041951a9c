"""The synonym extraction environment and its grader."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of
from llmgym.envs.multi_step.tasks import DIFFICULTIES, make_synonym_task, synonym_value
from llmgym.errors import InvalidTask
from llmgym.messages import Action, assistant, tool_call
from llmgym.tasks import Task, TaskSet
from llmgym.tools import tool
from llmgym.verdict import Verdict

__all__ = ["MultiStepEnv", "grade_extraction"]


class MultiStepEnv(Env):
    """Find the synonyms that a query is about, get their values one by one, and hand them in, in order.

    ## Description
    The prompt holds a list of lines such as "The term 'Hot' has a synonym 'Blazing'." and a query that is about one
    term or several. The model has to get the value of each listed synonym of these terms with a tool, and to hand in
    all values at once, in the order of the list. It is easily led astray: the query seldom uses the synonyms' exact
    words, the term has a value of its own that does not belong in the result, and the order is that of the list.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. It may call the tools

    | tool | arguments | returns |
    |---|---|---|
    | `get_synonym_value` | `synonym`: string | `{"synonym_value": ...}`: the sum of its code points |
    | `extract_synonym_values` | `synonym_values`: array of integers | `{"success": true}` |

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    A system message with the instructions and the list, and the user's query. Procedural tasks:

    | difficulty | lines | terms asked | beyond that |
    |---|---|---|---|
    | `easy` | 10-16 | 1, by name | |
    | `medium` | 35-50 | 1-2, by name or by a listed synonym | terms that are also listed as a synonym |
    | `hard` | 100-140 | 2-3, by name or by a listed synonym | as above, and a question that does not count |

    ## Rewards
    1.0 when the last call of `extract_synonym_values` lists exactly the expected values in the expected order, else
    0.0. Only the arguments of that call count, whether or not it succeeded; without a call, or when its arguments
    cannot be read, the list is taken as empty. Values are compared as numbers: 711.0 equals 711.

    ## Episode End
    * Termination: a response without a tool call (`answered`).
    * Truncation: `max_turns` responses, or a response that was cut off (`length`).

    ## Information
    At reset `tools`, `task_id`, `task_index` and `new_messages`; at each step `turn` and `new_messages`;
    at the end also `stop_reason`, `components`, `reason`, `vacuous` and `metrics` with

    | metric | meaning |
    |---|---|
    | `accuracy` | the reward, as a bool |
    | `parsed_synonym_values` | the values handed in; absent when one is beyond 64 bits |
    | `set_overlap` | share of the expected values that were handed in, in any order |
    | `original_term_minefield_hit` | the term's own value was handed in; absent where the row names no term |
    | `order_instruction_following_failure` | all expected values were handed in, but not as asked |

    ## Arguments
    ```python
    gym.make("llmgym/MultiStep-v0", difficulty="hard")
    ```
    * `difficulty="medium"`: `easy`, `medium` or `hard`; of procedural tasks only.
    * `dataset=None`: a file, hub id or rows of the public schema; `None` for procedural tasks.
    * `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode`: as in `llmgym.Env`.

    ## References
    NeMo Gym, resource server `example_multi_step`.

    ## Version History
    * v0: the public rule. Where the public verifier fails (arguments that are no JSON or lack the list, nothing
      expected) the reward is 0 with a reason.
    """

    def __init__(self, *, difficulty: str = "medium", **kwargs: Any):
        super().__init__(**kwargs)
        one_of("difficulty", difficulty, DIFFICULTIES)
        self.difficulty = difficulty

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is None:
            return TaskSet.procedural(make_synonym_task, split=split, difficulty=self.difficulty)
        return TaskSet.load(dataset, split, on_error=self.on_bad_row)

    def begin(self, task: Task) -> None:
        """Read what the task expects.

        Raises:
            InvalidTask: When ``expected_synonym_values`` is not a list of integers, or ``minefield_label_value`` is
                not an integer.
        """
        self._expected = _integers(task.data.get("expected_synonym_values"))
        if self._expected is None:
            raise InvalidTask(
                f"Task {task.id!r}: expected 'expected_synonym_values' to be a list of integers, found "
                f"{task.data.get('expected_synonym_values')!r}."
            )
        own = task.data.get("minefield_label_value")
        self._term_value = None
        if own is not None:
            values = _integers([own])
            if values is None:
                raise InvalidTask(
                    f"Task {task.id!r}: expected 'minefield_label_value' to be an integer, found {own!r}."
                )
            self._term_value = values[0]

    @tool(extra="ignore")
    def get_synonym_value(self, synonym: str) -> dict[str, int]:
        """Get the value of a synonym.

        Args:
            synonym: The synonym, spelled as in the list.
        """
        return {"synonym_value": synonym_value(synonym)}

    @tool(extra="ignore")
    def extract_synonym_values(self, synonym_values: list[int]) -> dict[str, bool]:
        """Hand in the values of all synonyms that the query is about.

        Args:
            synonym_values: The values, in the order asked for.
        """
        return {"success": True}

    def verify(self, episode: Episode) -> Verdict:
        """Compare the last extraction with what was expected: the public verifier's rule."""
        calls = [call.raw for call in episode.tool_calls if call.name == "extract_synonym_values"]
        return grade_extraction(calls[-1] if calls else None, self._expected or [], self._term_value)

    def oracle(self, task: Task) -> Sequence[Action]:
        """Return one lookup per synonym, the extraction, and an answer."""
        synonyms, values = task.data.get("expected_synonyms", []), task.data["expected_synonym_values"]
        calls = [("get_synonym_value", {"synonym": synonym}) for synonym in synonyms]
        calls.append(("extract_synonym_values", {"synonym_values": values}))
        responses: list[Action] = [
            assistant(None, tool_call(name, arguments, f"call_{turn}_0"))
            for turn, (name, arguments) in enumerate(calls)
        ]
        return [*responses, assistant("Done: I have handed in the values of all synonyms asked for.")]


def grade_extraction(raw: str | None, expected: Sequence[int], term_value: int | None = None) -> Verdict:
    """Grade the arguments of the last extraction: the public verifier's rule of ``example_multi_step``.

    Args:
        raw: JSON text of the arguments of the last ``extract_synonym_values`` call; ``None`` when there was none.
        expected: The expected values, in order.
        term_value: Value of the original term, which is a trap; ``None`` when the task names none.

    Returns:
        A reward of 1.0 when the values are equal as an ordered list (numerically: ``711.0 == 711``), else 0.0.
        Arguments that cannot be read, and a task that expects nothing, give 0.0 with a reason.

    Example:
        >>> grade_extraction('{"synonym_values": [711, 407]}', [711, 407], 299).reward
        1.0
        >>> grade_extraction('{"synonym_values": [407, 711]}', [711, 407], 299).reason
        'the values are not in the expected order'
    """
    actual, reason = ([], "no values were extracted") if raw is None else _read(raw)
    found = set(actual)
    overlap = len(found & set(expected)) / len(expected) if expected else 0.0
    accurate = bool(expected) and actual == list(expected)
    hit = None if term_value is None else term_value in found
    if not expected:
        reason = "the task expects no values"
    elif accurate:
        reason = ""
    elif not reason:
        reason = (
            "the values are not in the expected order"
            if overlap == 1.0
            else "the values are not the expected ones"
        )
        reason += "; the term's own value is among them" if hit else ""
    parsed = _integers(actual) or []
    metrics = {
        "accuracy": accurate,
        # A model may write numbers beyond 64 bits, which JSON records cannot hold.
        "parsed_synonym_values": parsed if all(abs(value) < 2**63 for value in parsed) else None,
        "set_overlap": overlap,
        "original_term_minefield_hit": hit,
        "order_instruction_following_failure": bool(expected) and not accurate and overlap == 1.0,
    }
    return Verdict(float(accurate), metrics=metrics, reason=reason)


def _read(raw: str) -> tuple[list[Any], str]:
    """Return the values in a call's arguments as they are, or an empty list and why they cannot be read."""
    try:
        arguments = json.loads(raw)
    except (ValueError, RecursionError):
        return [], "the arguments of the last extraction are not JSON"
    values = arguments.get("synonym_values") if isinstance(arguments, dict) else None
    if not isinstance(values, list) or _integers(values) is None:
        return [], "the last extraction has no list of integers under 'synonym_values'"
    return values, ""


@cache
def _integer_list() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(list[int])


def _integers(value: Any) -> list[int] | None:
    """Convert to a list of integers as the public server does ("711" and 711.0 pass), or return ``None``."""
    try:
        integers: list[int] = _integer_list().validate_python(value)
    except ValueError:
        return None
    return integers
