"""The workplace environment."""

from __future__ import annotations

import json
import os
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, ClassVar

import numpy as np

from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of
from llmgym.envs.workplace_assistant.companies import Source, company_of, is_ready, office_of
from llmgym.envs.workplace_assistant.requests import DIFFICULTIES, draw_request, row_of
from llmgym.envs.workplace_assistant.transport import WorkplaceToolbox
from llmgym.envs.workplace_assistant.workplace import Workplace
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Action, assistant, tool_call
from llmgym.spaces import ResponseSpace
from llmgym.tasks import Task, TaskSet
from llmgym.threads import in_thread
from llmgym.verdict import Verdict
from llmgym.verifiers.table_state import grade

__all__ = ["WorkplaceAssistantEnv", "make_workplace_task"]


class WorkplaceAssistantEnv(Env):
    """Do what a colleague asks for, with the tools of an office: mail, calendar, analytics, tasks and customers.

    ## Description
    A user asks for something in everyday words. The model looks up what it needs with tools that search the tables of
    a company, and changes them with tools that write. What counts is the state of the tables in the end: it must be
    what the actions of the ground truth would have left behind. Some requests have a condition that is not met; then
    nothing may change.

    The company is made up, and its data cannot be known beforehand: `company_seed` gives another one. The public
    tables are read from a folder (`tables`).

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. It may call 27 tools:

    | toolkit | tools |
    |---|---|
    | `company_directory_` | `find_email_address` |
    | `email_` | `get_email_information_by_id`, `search_emails`, `send_email`, `delete_email`, `forward_email`, `reply_email` |
    | `calendar_` | `get_event_information_by_id`, `search_events`, `create_event`, `delete_event`, `update_event` |
    | `analytics_` | `get_visitor_information_by_id`, `create_plot`, `total_visits_count`, `engaged_users_count`, `traffic_source_count`, `get_average_session_duration` |
    | `project_management_` | `get_task_information_by_id`, `search_tasks`, `create_task`, `delete_task`, `update_task` |
    | `customer_relationship_manager_` | `search_customers`, `update_customer`, `add_customer`, `delete_customer` |

    Every tool answers `{"output": ...}`, mistakes included. Searches take regular expressions, which are bounded in
    time.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    A system message that names the present (Thursday, 2023-11-30, 23:59:00) and the office hours, and the request.
    Procedural tasks are drawn evenly from five categories:

    | difficulty | requests |
    |---|---|
    | `easy` | one action on something that a name or "the last" points at |
    | `medium` | several actions, dates and conditions to be looked up, two toolkits, conditions that may not hold |
    | `hard` | comparisons, free times, groups chosen by several properties, actions that depend on what is found |

    Each can be fulfilled in at most five calls, so an answer fits into the six turns.

    ## Rewards
    1.0 when the tables are as they should be, else 0.0. The calls of the model, also those that failed, and those of
    the ground truth are replayed on fresh tables each; then mails, events, plots, tasks and customers are compared.
    Text is compared without regard to case, except in `status`, `list_name` and `board`. The order of rows and their
    index labels count: what was created must be created in the same order. Neither the answers of the tools nor the
    final text count.

    A verdict is marked as vacuous when the ground truth changes nothing, because then doing nothing is right.

    ## Episode End
    * Termination: a response without a tool call (`answered`).
    * Truncation: `max_turns` responses (6 by default, as in the public agent), or a response that was cut off
      (`length`), whose calls are not executed, but count.

    ## Information
    At reset `tools`, `task_id`, `task_index` and `new_messages`; at each step `turn` and `new_messages`;
    at the end also `stop_reason`, `reason` (the first difference), `vacuous`, `metrics` with `category` where the row
    has one, and `components`: for each of `calendar`, `emails`, `plots`, `project_tasks` and `customers` whether that
    table is right.

    ## Arguments
    ```python
    gym.make("llmgym/WorkplaceAssistant-v0", difficulty="hard", company_seed=7)
    gym.make("llmgym/WorkplaceAssistant-v0", dataset="train.jsonl", tables="csv_data/processed")
    ```
    * `difficulty="medium"`: `easy`, `medium` or `hard`; of procedural tasks only.
    * `tables=None`: a folder with the public CSV files; `None` for a company that is made up. Public rows need it.
      Procedural tasks are about these tables too.
    * `company_seed=0`, `company_size=1.0`: which company is made up, and how large it is compared with the public one
      (500 mails, 300 events, 1000 visits, 300 tasks, 200 customers). Procedural rows say in `company` which it is.
    * `dataset=None`: a file, hub id or rows of the public schema; `None` for procedural tasks.
    * `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode`: as in `llmgym.Env`.

    ## References
    NeMo Gym, resource server `workplace_assistant`, which derives from WorkBench (Styles et al., 2024).

    ## Version History
    * v0: the public rule. Where the public verifier fails (a column without any text) the reward is 0 with a reason;
      a search that would take for ever is an error that the model is told.
    """

    default_max_turns: ClassVar[int] = 6

    def __init__(
        self,
        *,
        difficulty: str = "medium",
        tables: str | None = None,
        company_seed: int = 0,
        company_size: float = 1.0,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        one_of("difficulty", difficulty, DIFFICULTIES)
        if company_seed < 0 or not 0 < company_size <= 100:
            raise UsageError(
                "Expected company_seed to be 0 or more and company_size to be above 0 and at most 100, found "
                f"{company_seed!r} and {company_size!r}."
            )
        self.difficulty = difficulty
        self._source = Source(
            None if tables is None else os.fspath(tables), company_seed, float(company_size)
        )
        self.toolbox = WorkplaceToolbox(self, self.toolbox.timeout)
        self.action_space = ResponseSpace(self.toolbox.names)
        self.workplace: Workplace

    def task_set(self, dataset: Any, split: str) -> TaskSet | Awaitable[TaskSet]:
        """Return procedural tasks, or those of a data set."""
        if dataset is not None:
            return TaskSet.load(dataset, split, on_error=self.on_bad_row)
        source = self._source
        tasks = TaskSet.procedural(
            make_workplace_task,
            split=split,
            difficulty=self.difficulty,
            tables=source.tables,
            company_seed=source.seed,
            company_size=source.size,
        )
        return tasks if is_ready(source) else _after(source, tasks)

    def begin(self, task: Task) -> Awaitable[None] | None:
        """Put the company into its first state.

        Raises:
            InvalidTask: When ``ground_truth`` is neither a list of calls nor a text, or belongs to other tables.
        """
        self._truth = _ground_truth(task)
        told = task.data.get("company")
        if self._source.tables is not None:
            source, foreign = self._source, False
        else:
            source, foreign = (self._source, True) if told is None else (Source.of(told, task.id), False)
        if is_ready(source) and not (foreign and company_of(source).is_large):
            self._start(task, source, foreign)
            return None
        return in_thread(self._start, task, source, foreign)

    def _start(self, task: Task, source: Source, foreign: bool) -> None:
        self.workplace = Workplace(company_of(source))
        if foreign:
            self._refuse_foreign(task)

    def _refuse_foreign(self, task: Task) -> None:
        """Refuse a ground truth about rows that a company does not have which the task says nothing of."""
        functions = Workplace(self.workplace.company).writers
        for action in self._truth if isinstance(self._truth, list) else ():
            try:
                told = functions[action["name"]](**json.loads(action["arguments"]))
            except Exception:
                # The verifier passes over such an action too.
                continue
            if isinstance(told, str) and told.endswith("not found."):
                raise InvalidTask(
                    f"Task {task.id!r} is not about the company that is made up here: {action['name']} with "
                    f"{action['arguments']} says {told!r} Give tables= the folder of the CSV files that the task was "
                    "written for."
                )

    def verify(self, episode: Episode) -> Verdict | Awaitable[Verdict]:
        """Compare the tables with those that the ground truth leaves: the public verifier's rule."""
        if self.workplace.company.is_large:
            return in_thread(self._verdict, episode)
        return self._verdict(episode)

    def _verdict(self, episode: Episode) -> Verdict:
        calls = [{"name": call.name, "arguments": call.raw} for call in episode.tool_calls]
        company = self.workplace.company
        verdict = grade(calls, self._truth, lambda: Workplace(company))
        category = episode.task.data.get("category")
        metrics = {"category": category} if isinstance(category, str) else {}
        return Verdict(verdict.reward, verdict.components, metrics, verdict.reason, verdict.vacuous)

    def oracle(self, task: Task) -> Sequence[Action]:
        """Return the lookups of a procedural task, the actions of the ground truth, and an answer.

        It is a call a turn, or all calls in one turn where there are more than turns.
        """
        truth = _ground_truth(task)
        lookups = task.data.get("lookups")
        actions = [
            tool_call(call["name"], call["arguments"], f"call_{number}")
            for number, call in enumerate([*(lookups if isinstance(lookups, list) else ()), *_calls(truth)])
        ]
        if len(actions) < self.max_turns:
            turns = [[action] for action in actions]
        else:
            turns = [actions]
        return [
            *(assistant(None, *turn) for turn in turns),
            assistant("Done." if truth else "There is nothing to do."),
        ]


def make_workplace_task(
    rng: np.random.Generator,
    index: int,
    *,
    difficulty: str = "medium",
    tables: str | None = None,
    company_seed: int = 0,
    company_size: float = 1.0,
) -> dict[str, Any]:
    """Make a row: a request with its ground truth.

    Args:
        rng: Source of all randomness.
        index: Position of the task; becomes the row's ``id``.
        difficulty: ``easy``, ``medium`` or ``hard``.
        tables: Folder of CSV files that the request is about; ``None`` for a company that is made up.
        company_seed: Seed of the company that is made up.
        company_size: Size of the company that is made up, relative to the public one.

    Returns:
        A row of the public schema, with two further fields: ``lookups``, calls that find out what the ground truth
        needs, and ``company``, from which the tables can be made again, unless they were read from files.

    Raises:
        UsageError: When the tables cannot be read or hold too little.
    """
    source = Source(tables, company_seed, float(company_size))
    row = row_of(*draw_request(rng, office_of(source), difficulty), index)
    told = source.told()
    return row if told is None else {**row, "company": told}


async def _after(source: Source, tasks: TaskSet) -> TaskSet:
    """Return the tasks once their company is at hand, so that making one takes no time."""
    await in_thread(office_of, source)
    return tasks


def _calls(truth: list[Any] | str) -> list[Mapping[str, str]]:
    return truth if isinstance(truth, list) else []


def _ground_truth(task: Task) -> list[Any] | str:
    truth = task.data.get("ground_truth")
    if isinstance(truth, str):
        # The public type allows it, and the public verifier finds no action in its characters.
        return truth
    fields = ("name", "arguments")
    if isinstance(truth, list) and all(
        isinstance(call, Mapping) and all(isinstance(call.get(field), str) for field in fields)
        for call in truth
    ):
        return truth
    raise InvalidTask(
        f"Task {task.id!r}: expected 'ground_truth' to be a list of calls with 'name' and 'arguments' (JSON text), found "
        f"{truth!r}."
    )
