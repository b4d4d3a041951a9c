"""The weather environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of
from llmgym.envs.single_tool_call.cities import accepted_names, aliases_of, cities_in, normalise
from llmgym.envs.single_tool_call.tasks import DIFFICULTIES, make_weather_task
from llmgym.errors import InvalidTask
from llmgym.messages import Action, assistant, message_text, tool_call
from llmgym.tasks import Task, TaskSet
from llmgym.tools import tool
from llmgym.verdict import Verdict

__all__ = ["SingleToolCallEnv", "SingleToolCallV1Env"]


class SingleToolCallEnv(Env):
    """Look up the weather: one tool, and a reward that is always 1.

    ## Description
    A user asks about the weather. The model may call `get_weather` and answers. This is the smallest environment of
    the suite: it shows that a policy, a tool and a runner work together. For a reward that means something use
    `llmgym/SingleToolCall-v1`.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. It may call the tool

    | tool | arguments | returns |
    |---|---|---|
    | `get_weather` | `city`: string | `{"city": ..., "weather_description": "The weather in ... is cold."}` |

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    A system message and one question of a user. Procedural tasks name one city:

    | difficulty | the question |
    |---|---|
    | `easy` | names the city and no other |
    | `medium` | names other cities too, or corrects itself half-way |
    | `hard` | describes the city, or leaves it to be worked out from what is said |

    ## Rewards
    1.0 at the end of every episode, whatever was done, as in the public environment. The verdict is marked as
    vacuous.

    ## Episode End
    * Termination: a response without a tool call (`answered`).
    * Truncation: `max_turns` responses, or a response that was cut off (`length`).

    ## Information
    At reset `tools`, `task_id`, `task_index` and `new_messages`; at each step `turn` and `new_messages`;
    at the end also `stop_reason`, `components`, `metrics`, `reason` and `vacuous`.

    ## Arguments
    ```python
    gym.make("llmgym/SingleToolCall-v0", difficulty="easy")
    ```
    * `difficulty="medium"`: `easy`, `medium` or `hard`; of procedural tasks only.
    * `dataset=None`: a file, hub id or rows of the public schema; `None` for procedural tasks.
    * `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode`: as in `llmgym.Env`.

    ## References
    NeMo Gym, resource server `example_single_tool_call`.

    ## Version History
    * v1: the reward demands the right call and an answer (`SingleToolCallV1Env`).
    * v0: the public rule.
    """

    default_max_turns = 8
    vacuous = True

    def __init__(self, *, difficulty: str = "medium", **kwargs: Any):
        super().__init__(**kwargs)
        one_of("difficulty", difficulty, DIFFICULTIES)
        self.difficulty = difficulty

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is None:
            return TaskSet.procedural(make_weather_task, split=split, difficulty=self.difficulty)
        return TaskSet.load(dataset, split, on_error=self.on_bad_row)

    @tool(extra="ignore")
    def get_weather(self, city: str) -> dict[str, str]:
        """Get the current weather of a city.

        Args:
            city: Name of the city.
        """
        return {"city": city, "weather_description": f"The weather in {city} is cold."}

    def verify(self, episode: Episode) -> Verdict:
        """Pay 1.0 for everything: the public verifier's rule."""
        return Verdict(1.0, reason="this version rewards every response", vacuous=True)

    def oracle(self, task: Task) -> Sequence[Action]:
        """Return the lookup and an answer, or only an answer where no single city is named."""
        city = expected_city(task)
        if city is None:
            return [assistant("Which city do you mean?")]
        name = city[0]
        return [
            assistant(None, tool_call("get_weather", {"city": name}, "call_0_0")),
            assistant(f"The weather in {name} is cold."),
        ]


class SingleToolCallV1Env(SingleToolCallEnv):
    """Look up the weather of the one city that the user means, then answer.

    ## Description
    A user asks about the weather of one city. The model has to call `get_weather` with that city, and with no
    other, and to answer afterwards.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. It may call the tool

    | tool | arguments | returns |
    |---|---|---|
    | `get_weather` | `city`: string | `{"city": ..., "weather_description": "The weather in ... is cold."}` |

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    A system message and one question of a user. Procedural tasks are those of v0:

    | difficulty | the question |
    |---|---|
    | `easy` | names the city and no other |
    | `medium` | names other cities too, or corrects itself half-way |
    | `hard` | describes the city, or leaves it to be worked out from what is said |

    A procedural row brings the city as `expected_city` and its other names as `city_aliases`. A row without
    `expected_city`, such as a public one, gets it from the last user message: the one city of the built-in table
    that the message names, by its name, an alias ("sf", "nyc") or a description ("the Big Apple"). When the message
    names none or several, the reset fails with `InvalidTask`; `on_bad_row="skip"` leaves such rows out.

    ## Rewards
    1.0 when all three components are 1, else 0.0:

    | component | 1 when |
    |---|---|
    | `called` | a call of `get_weather` succeeded |
    | `right_city` | every successful call was for the expected city, and there was at least one |
    | `answered` | after the first right call, a response with text and without calls came to its end |

    City names are compared without regard to case, accents, punctuation and blanks. The name, an alias and the name
    followed by its region or country are all accepted. One lookup of another city makes `right_city` 0, so asking
    for many cities does not pay. Calls that failed do not count.

    ## Episode End
    * Termination: a response without a tool call (`answered`).
    * Truncation: `max_turns` responses, or a response that was cut off (`length`).

    ## Information
    As in v0; `metrics` has `cities`, the distinct cities that were looked up, as the model wrote them.

    ## Arguments
    ```python
    gym.make("llmgym/SingleToolCall-v1", difficulty="hard")
    ```
    * `difficulty="medium"`: `easy`, `medium` or `hard`; of procedural tasks only.
    * `dataset=None`: a file, hub id or rows of the public schema; `None` for procedural tasks.
    * `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode`: as in `llmgym.Env`.

    ## References
    NeMo Gym, resource server `example_single_tool_call`.

    ## Version History
    * v1: the reward demands the right call and an answer.
    * v0: the public rule, 1.0 for everything (`SingleToolCallEnv`).
    """

    vacuous = False

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set; with ``on_bad_row="skip"`` only where the city is clear."""
        tasks = super().task_set(dataset, split)
        if dataset is None or self.on_bad_row != "skip":
            return tasks
        return TaskSet.load([task for task in tasks if expected_city(task) is not None])

    def begin(self, task: Task) -> None:
        """Find out which city is meant.

        Raises:
            InvalidTask: When the row does not say, and its text does not name exactly one known city.
        """
        city = expected_city(task)
        if city is None:
            raise InvalidTask(
                f"Task {task.id!r}: expected the field 'expected_city', or a user message that names exactly one known "
                "city. Add the field, or pass on_bad_row='skip' to leave such rows out."
            )
        self._accepted = accepted_names(*city)

    def verify(self, episode: Episode) -> Verdict:
        """Pay 1.0 when the expected city, and no other, was looked up and an answer followed."""
        looked_up = [
            (turn_index, str(result.value["city"]))
            for turn_index, turn in enumerate(episode.turns)
            for result in turn.results
            if result.name == "get_weather" and result.outcome == "ok"
        ]
        right = [turn_index for turn_index, city in looked_up if normalise(city) in self._accepted]
        called, right_city = bool(looked_up), bool(right) and len(right) == len(looked_up)
        answered = bool(right) and any(
            turn.response.finish_reason not in ("length", "content_filter")
            and not turn.response.tool_calls
            and message_text(turn.response.message).strip()
            for turn in episode.turns[right[0] + 1 :]
        )
        if not called:
            reason = "the weather was not looked up"
        elif not right:
            reason = "another city was looked up"
        elif not right_city:
            reason = "other cities were looked up too"
        else:
            reason = "" if answered else "no answer followed the lookup"
        return Verdict(
            float(right_city and answered),
            {"called": float(called), "right_city": float(right_city), "answered": float(answered)},
            {"cities": list(dict.fromkeys(city for _, city in looked_up))},
            reason,
        )


def expected_city(task: Task) -> tuple[str, list[str]] | None:
    """Return the city that a task is about and its other names, or ``None`` where that cannot be determined.

    The row's ``expected_city`` and ``city_aliases`` decide. Without ``expected_city`` it is the one city of the table
    that the last user message names; a message that names none or several decides nothing.

    Args:
        task: A task of the weather environments.

    Raises:
        InvalidTask: When one of the two fields has the wrong type.
    """
    name, aliases = task.data.get("expected_city"), task.data.get("city_aliases", [])
    if not (name is None or isinstance(name, str)):
        raise InvalidTask(f"Task {task.id!r}: expected 'expected_city' to be text, found {name!r}.")
    if not (isinstance(aliases, list) and all(isinstance(alias, str) for alias in aliases)):
        raise InvalidTask(
            f"Task {task.id!r}: expected 'city_aliases' to be a list of texts, found {aliases!r}."
        )
    if name is not None:
        return name, aliases
    asked = [message for message in task.messages if message.get("role") == "user"]
    found = cities_in(message_text(asked[-1])) if asked else []
    return (found[0].name, [*aliases_of(found[0]), *aliases]) if len(found) == 1 else None
