"""The calendar environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from llmgym.core import Env
from llmgym.counterpart import ScriptedUser
from llmgym.envs.arguments import one_of
from llmgym.envs.calendar.conversation import calendar_text, make_conversation
from llmgym.envs.calendar.levels import LEVELS
from llmgym.envs.calendar.live import (
    added_by_turn,
    event_names,
    live_task,
    recorded_task,
    state_after,
)
from llmgym.envs.calendar.schedule import Event, read_events, solve
from llmgym.episode import Episode
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Action
from llmgym.tasks import Task, TaskSet
from llmgym.verdict import Verdict
from llmgym.verifiers.calendar import grade_calendar

__all__ = ["CalendarEnv"]


class CalendarEnv(Env):
    """Keep a calendar for a user who adds events, restricts their times and chats in between.

    ## Description
    A user plans one day with an assistant. Message by message they add events of a given length, say when some of
    them may take place, and talk about other things. Events must not overlap and must lie within the working hours,
    so a new request may force earlier events to other times. No request is ever taken back, and all requests can be
    met together. The model has to show a calendar that meets them all.

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. There are no tools. The calendar is a JSON
    list, anywhere in the text, with one object for each event: `event_id` (integer or string), `start_time`
    (`HH:MM`), `duration` (minutes); `event_name` and other fields are not graded.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    With `conversation="recorded"` the prompt is the rules (system), then user and assistant in turn, and it ends
    with the user. The earlier answers are correct. With `conversation="live"` the prompt is the rules and the first
    message of the user; a scripted user sends the others, one after each response.

    Procedural tasks:

    | difficulty | events | share of the day | events with a constraint | besides |
    |---|---|---|---|---|
    | `easy` | 2-3 | 25-45 % | 60 % | little small talk; constraints follow their events |
    | `medium` | 4-5 | 50-75 % | 75 % | some constraints come later; some messages hold two requests |
    | `hard` | 6-7 | 75-92 % | 90 % | events are moved; some are named without their id; talk of other times |
    | `expert` | 7-9 | 88-100 % | all | tighter constraints, other working hours, times in words, longer talk |

    ## Rewards
    1.0 when the text of the last response holds a correct calendar, else 0.0; 0.0 at every step before the end. The
    first JSON list that contains an object is graded. It is correct when

    * it has as many different event ids as events were asked for, and these ids;
    * no two entries that differ overlap;
    * every event has its duration and lies within the working hours;
    * every constraint holds: `before T` (ends at T or earlier), `after T` (starts at T or later), `between A and B`
      (both), `at T` (starts at T).

    A text with `<think>` earns 0.0; reasoning belongs in the message's `reasoning_content`. The text is the first
    part of the last output item, so a response that ends with a tool call has none. A row that expects no event
    earns 1.0 for any other text and is marked as vacuous.

    ## Episode End
    * Termination: a response without tool calls (`answered`); in live play, the response to the user's last message
      (`counterpart_ended`).
    * Truncation: `max_turns` responses, a response that was cut off (`length`, `content_filter`), or `deadline`.
      Live play that is cut short is graded by the whole conversation all the same.

    ## Information
    At reset `tools` (empty), `task_id`, `task_index` and `new_messages`; at each step `turn` and
    `new_messages`; at the end also `stop_reason`, `components`, `metrics`, `reason` and `vacuous`. A reward of 0.0
    has one of these reasons: `think_found`, `no_json_list`, `different_number_of_events`, `conflicting_events`,
    `constraint_violated`, `error_in_grading`. `metrics` has

    * `difficulty` (str), where the row tells it;
    * `calendars_correct` (float), in live play of procedural tasks: share of the requests to which a calendar was
      shown that met everything asked for until then;
    * `error` (str), with `error_in_grading`: what was wrong.

    ## Arguments
    ```python
    gym.make("llmgym/Calendar-v0", difficulty="hard", conversation="live")
    ```
    * `difficulty="medium"`: `easy`, `medium`, `hard` or `expert`; of procedural tasks only.
    * `conversation="recorded"`: `recorded` or `live`. Either form plays the same rows.
    * `dataset=None`: a file, hub id or rows of the public schema; `None` for procedural tasks.
    * `max_turns=None`: most responses in an episode; `None` for 32, or 128 in live play.
    * `split`, `num_tasks`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode`: as in `llmgym.Env`.

    A row has `exp_cal_state`: for each event id, as a string, an object of `event_id`, `duration`, `constraint`
    (or null), `min_time`, `max_time` and, if it likes, `event_name`. Procedural rows add `difficulty` and `requests`
    (what each turn of the user asks for), and live tasks `user_turns` (what the user has yet to say).

    ## References
    NeMo Gym, resource server `calendar`; data set `nvidia/Nemotron-RL-agent-calendar_scheduling`.

    ## Version History
    * v0: the public rule, in time linear in the length of the text.
    """

    def __init__(
        self,
        *,
        difficulty: str = "medium",
        conversation: str = "recorded",
        max_turns: int | None = None,
        **kwargs: Any,
    ):
        one_of("difficulty", difficulty, LEVELS)
        if conversation not in ("recorded", "live"):
            raise UsageError(f"Expected conversation to be 'recorded' or 'live', found {conversation!r}.")
        live = conversation == "live"
        super().__init__(max_turns=128 if live and max_turns is None else max_turns, **kwargs)
        self.difficulty, self.conversation = difficulty, conversation
        if live:
            self.counterpart = ScriptedUser()

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set, in the form of conversation that is played."""
        if dataset is None:
            tasks = TaskSet.procedural(make_conversation, split=split, difficulty=self.difficulty)
        else:
            tasks = TaskSet.load(dataset, split, on_error=self.on_bad_row)
        return tasks.map(live_task if self.conversation == "live" else recorded_task)

    def adapt(self, task: Task) -> Task:
        """Return a task that was given as an object in the form of conversation that is played."""
        return live_task(task) if self.conversation == "live" else recorded_task(task)

    def begin(self, task: Task) -> None:
        """Check that the task says what is expected.

        Raises:
            InvalidTask: When it does not.
        """
        state = task.data.get("exp_cal_state")
        if not isinstance(state, Mapping) or not all(isinstance(entry, Mapping) for entry in state.values()):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'exp_cal_state' to be an object with an object for each event id, "
                f"found {type(state).__name__ if state is not None else 'none'}. Correct the row."
            )

    def verify(self, episode: Episode) -> Verdict:
        """Grade the calendar in the last response: the public verifier's rule."""
        data = episode.task.data
        verdict = grade_calendar(episode.last_item_text, _with_constraints(data["exp_cal_state"]))
        metrics = {
            **verdict.metrics,
            "difficulty": data.get("difficulty"),
            "calendars_correct": _calendars_correct(episode) if "user_turns" in data else None,
        }
        return Verdict(verdict.reward, verdict.components, metrics, verdict.reason, verdict.vacuous)

    def oracle(self, task: Task) -> Sequence[Action] | None:
        """Return a correct calendar, or one for each turn of the user in live play.

        The last calendar is found by an exact search; earlier ones show of it what the user has asked for by then.
        """
        events = read_events(task.data["exp_cal_state"], event_names(task.messages))
        calendar = solve(events)
        if calendar is None:
            return None
        if "user_turns" not in task.data:
            return [calendar_text(calendar, events)]
        answers: list[str] = []
        known: list[Event] = []
        turns = added_by_turn(task)
        for numbers in turns[:-1]:
            known += [event for event in events if event.event_id in numbers]
            answers.append(calendar_text(calendar, known))
        return [*answers, calendar_text(calendar, events)]


def _with_constraints(state: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Give every entry a constraint: tables lose a null on the way, and the verifier asks for the field."""
    return {number: {"constraint": None, **entry} for number, entry in state.items()}


def _calendars_correct(episode: Episode) -> float | None:
    """Return the share of requests that were answered with a correct calendar, if the task tells them apart."""
    requests = episode.task.data.get("requests") or []
    asked = [turn for turn, words in enumerate(requests) if words]
    if not asked:
        return None
    answers: dict[int, str] = {}
    heard = 0
    for turn in episode.turns:
        answers[heard] = turn.response.text
        heard += turn.reply is not None
    right = 0.0
    for place in asked:
        state = state_after(episode.task, place + 1) or {}
        right += grade_calendar(answers.get(place, ""), state).reward
    return right / len(asked)
