"""The structured-outputs environment."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Sequence
from dataclasses import replace
from typing import Any

from llmgym.core import Env, Episode
from llmgym.envs.arguments import one_of, unshaped
from llmgym.envs.structured_outputs.instances import instance_of
from llmgym.envs.structured_outputs.tasks import (
    DIFFICULTIES,
    RESPONSE_MODES,
    SCHEMA_TYPES,
    make_structured_task,
)
from llmgym.envs.structured_outputs.writing import write
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Action, assistant, tool_call
from llmgym.tasks import Task, TaskSet
from llmgym.threads import in_thread
from llmgym.verdict import Verdict
from llmgym.verifiers.structured import grade_apart, grade_structured, grade_tool_call, is_heavy
from llmgym.verifiers.structured_schema import SchemaProblem, compile_schema

__all__ = ["StructuredOutputsEnv"]

# Row fields by which the public metrics tell rewards apart, and the prefix of each.
_GROUPS = {
    "schema_type": "",
    "problem_type": "",
    "schema_repr": "repr_",
    "response_mode": "response_mode_",
    "tool_schema_mode": "tool_schema_mode_",
    "tool_choice": "tool_choice_",
    "parallel_tool_calls": "parallel_tool_calls_",
    "num_tools": "num_tools_",
    "has_distractors": "has_distractors_",
    "instruction_layout": "instruction_layout_",
    "instruction_detail_level": "instruction_detail_level_",
    "system_instruction_style": "system_instruction_style_",
    "tool_name_style": "tool_name_style_",
    "distractor_style": "distractor_style_",
    "tool_union_mode": "tool_union_mode_",
}


class StructuredOutputsEnv(Env):
    """Answer in JSON, YAML, XML, TOML or CSV that fits a schema, or with one tool call that does.

    ## Description
    A document and a schema. The model answers with data of that form, as text in one of five formats, or as the
    arguments of one tool call among tools that do not fit. The schema alone is the ground truth: whether the data are
    true to the document is not judged.

    Procedural tasks are generated notes about lighthouses, festivals, research vessels, bridges and cooperatives.
    One text task in four asks to convert data from another format instead (not for CSV); one task in six is a tool
    call.

    | difficulty | properties | nested objects | sentences beside the point | other tools |
    |---|---|---|---|---|
    | `easy` | 4-5 | none | none | 0-1 |
    | `medium` | 6-8, one may be null | 1 | 1 | up to 5 |
    | `hard` | 9-11, one may be null | 2 | 3 | up to 14 |

    ## Action Space
    A response: a string, an assistant message or an `llmgym.Response`. The tools of tool-call tasks come with the
    row. They are not run: the call is the answer.

    ## Observation Space
    The conversation so far: `Messages`, a list of Chat messages.

    ## Starting State
    The prompt of the task.

    ## Rewards
    1.0 when the answer fits the schema, else 0.0.

    The schema is made strict first: each object with `properties` demands all of them and allows no others, also
    where the row lists fewer as required. Schemas in lists (`anyOf`, `oneOf`, `allOf`, `prefixItems`) stay as they
    are. It is then JSON Schema 2020-12 as in OpenAPI 3.1: formats are not enforced, `true` is no integer, 1.0 is one.

    * **Text**: the texts of all assistant messages, joined with nothing between, are parsed. A Markdown fence makes
      JSON unreadable. Numbers, booleans and empty elements of XML, and cells of CSV, get the types that the schema
      asks for; XML has its root element as a key. Dates of YAML and TOML are no strings.
    * **Tool call**: exactly one call, of the tool that the row names, whose arguments, or what they hold under
      `tool_payload_key`, fit the schema.

    ## Episode End
    * Termination: the first response that says something; in tool-call tasks the first response (`answered`).
    * Truncation: `max_turns` responses, a response that was cut off (`length`, `content_filter`), or `deadline`.
      What was said is graded all the same.

    ## Information
    At reset `tools`, `task_id`, `task_index` and `new_messages`; at each step `turn` and `new_messages`; at the
    end also `stop_reason`, `components`, `metrics`, `reason` and `vacuous` (true for a schema that demands nothing).

    * `metrics`: `error_type` and `error_message` (up to 200 characters) when the reward is 0.0. The types:
      `empty_response`, `schema_error`, `parse_error`, `validation_error`, `missing_tool_call`,
      `multiple_tool_calls`, `wrong_tool_name`, `tool_arguments_parse_error`, `missing_tool_payload_key`. The reason
      is the same word.
    * `components`: the reward once for each group of the public metrics that the row belongs to, such as
      `reward_json`, `reward_direct`, `reward_repr_yaml`, `reward_tool_choice_auto`, `reward_num_tools_3`.

    ## Arguments
    ```python
    gym.make("llmgym/StructuredOutputs-v0", difficulty="hard", schema_types=["toml", "xml"], response_mode="text")
    ```

    | argument | default | meaning |
    |---|---|---|
    | `difficulty` | `"medium"` | `easy`, `medium` or `hard`; procedural tasks only |
    | `schema_types` | `None` | list of formats of text tasks; `None` for all; procedural tasks only |
    | `response_mode` | `None` | `text`, `tool_call` or `None` for a mix; procedural tasks only |
    | `xml_coerce_types` | `True` | give texts of XML the types that the schema asks for |
    | `dataset` | `None` | a file, hub id or rows of the public schema |
    | `split`, `num_tasks`, `max_turns`, `deadline`, `tool_timeout`, `on_bad_row`, `render_mode` | | as in `llmgym.Env` |

    A row has `schema_str` (JSON text), and if it likes `schema_type` (default `json`), `response_mode` (default
    `text`), `tool_name` and `tool_payload_key`; procedural rows also have `reference`, an answer that fits.

    ## Limits
    Text longer than 2,000,000 characters, nesting deeper than 300 levels, YAML aliases that stand for more than
    100,000 nodes, TOML keys of 100 parts, and a grading that takes more than 10 s of processor time earn 0.0. A
    public row may ask for what its format cannot give, such as an object in CSV: nothing earns a reward then.

    Needs the extra `structured`.

    ## References
    NeMo Gym, resource server `structured_outputs`; data set
    `nvidia/Nemotron-RL-instruction_following-structured_outputs` (9437 rows for training, 512 for validation).

    ## Version History
    * v0: the public rule; what hangs the public parsers is a reward of 0.0 with a reason here.
    """

    def __init__(
        self,
        *,
        difficulty: str = "medium",
        schema_types: Sequence[str] | None = None,
        response_mode: str | None = None,
        xml_coerce_types: bool = True,
        **kwargs: Any,
    ):
        super().__init__(**kwargs)
        # The validator is imported here, not in the middle of a run; where it is missing, this says so.
        compile_schema("{}")
        one_of("difficulty", difficulty, DIFFICULTIES)
        if response_mode is not None:
            one_of("response_mode", response_mode, RESPONSE_MODES)
        if schema_types is not None:
            if isinstance(schema_types, str) or not isinstance(schema_types, Sequence) or not schema_types:
                raise UsageError(
                    f"Expected schema_types to be a list among {', '.join(SCHEMA_TYPES)}, or None, found {schema_types!r}."
                )
            for each in schema_types:
                one_of("each of the schema_types", each, SCHEMA_TYPES)
        if not isinstance(xml_coerce_types, bool):
            raise UsageError(f"Expected xml_coerce_types to be true or false, found {xml_coerce_types!r}.")
        unshaped(self.dataset, schema_types=schema_types, response_mode=response_mode)
        self.difficulty, self.response_mode, self.xml_coerce_types = (
            difficulty,
            response_mode,
            xml_coerce_types,
        )
        self.schema_types = None if schema_types is None else list(schema_types)

    def task_set(self, dataset: Any, split: str) -> TaskSet:
        """Return procedural tasks, or those of a data set."""
        if dataset is not None:
            return TaskSet.load(dataset, split, on_error=self.on_bad_row)
        return TaskSet.procedural(
            make_structured_task,
            split=split,
            difficulty=self.difficulty,
            schema_types=self.schema_types,
            response_mode=self.response_mode,
        )

    def begin(self, task: Task) -> None:
        """Check that the task can be graded, and leave tools alone where the call is the answer.

        Raises:
            InvalidTask: When a field is missing or of the wrong kind.
        """
        data = task.data
        if not isinstance(data.get("schema_str"), str):
            raise InvalidTask(
                f"Task {task.id!r}: expected 'schema_str' to be a schema as JSON text, found {data.get('schema_str')!r}."
            )
        for name, allowed in (("schema_type", SCHEMA_TYPES), ("response_mode", RESPONSE_MODES)):
            if data.get(name) is not None and data[name] not in allowed:
                raise InvalidTask(
                    f"Task {task.id!r}: expected {name!r} to be one of {', '.join(allowed)}, found {data[name]!r}."
                )
        for name in ("tool_name", "tool_payload_key"):
            if not isinstance(data.get(name), str | None):
                raise InvalidTask(f"Task {task.id!r}: expected {name!r} to be text, found {data[name]!r}.")
        self.executes_tools = _mode(task) == "text"

    def verify(self, episode: Episode) -> Verdict | Awaitable[Verdict]:
        """Grade the text or the tool call by the public rule."""
        data = episode.task.data
        told: dict[str, Any] = {"schema_str": data["schema_str"]}
        if _mode(episode.task) == "tool_call":
            calls = [(call.name, call.raw) for call in episode.tool_calls]
            told |= {name: data.get(name) for name in ("tool_name", "tool_payload_key")}
            if len(calls) != 1 or not is_heavy(calls[0][1], data["schema_str"]):
                return _grouped(grade_tool_call(calls, **told), episode.task)
            return in_thread(_graded_apart, "grade_tool_call", {"calls": calls, **told}, episode.task)
        kind, text = _kind(episode.task), episode.output_text
        told |= {"text": text, "schema_type": kind, "xml_coerce_types": self.xml_coerce_types}
        if not is_heavy(text, data["schema_str"], kind):
            return _grouped(grade_structured(**told), episode.task)
        return in_thread(_graded_apart, "grade_structured", told, episode.task)

    def oracle(self, task: Task) -> list[Action] | None:
        """Return an answer that fits: the row's reference, or the smallest that its schema allows.

        ``None`` when no such answer earns the reward, as when the format cannot hold what the schema demands.
        """
        data = task.data
        kind = _kind(task)
        try:
            schema = compile_schema(data["schema_str"]).schema
            value = data["reference"] if "reference" in data else instance_of(schema)
            if _mode(task) == "tool_call":
                key = data.get("tool_payload_key")
                name = data.get("tool_name") or _first_tool(task)
                arguments = json.dumps(value if key is None else {key: value})
                told = {"tool_name": data.get("tool_name"), "tool_payload_key": key}
                verdict = grade_tool_call([(name, arguments)], data["schema_str"], **told)
                answer: Action = assistant(None, tool_call(name, arguments))
            else:
                text = write(value, kind)
                verdict = grade_structured(
                    text, data["schema_str"], kind, xml_coerce_types=self.xml_coerce_types
                )
                answer = text
        except (SchemaProblem, ValueError, TypeError, KeyError):
            return None
        return [answer] if verdict.reward == 1.0 else None


def _mode(task: Task) -> str:
    return task.data.get("response_mode") or "text"


def _kind(task: Task) -> str:
    return task.data.get("schema_type") or "json"


def _first_tool(task: Task) -> str:
    return task.tools[0]["function"]["name"] if task.tools else "answer"


def _graded_apart(grader: str, arguments: dict[str, Any], task: Task) -> Verdict:
    return _grouped(grade_apart(grader, arguments), task)


def _grouped(verdict: Verdict, task: Task) -> Verdict:
    row = {"schema_type": _kind(task), "response_mode": _mode(task), **task.data}
    components = {
        f"reward_{prefix}{str(row[name]).lower() if isinstance(row[name], bool) else row[name]}": verdict.reward
        for name, prefix in _GROUPS.items()
        if isinstance(row.get(name), str | int)
    }
    return replace(verdict, components=components)
