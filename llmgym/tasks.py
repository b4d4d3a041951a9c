"""Tasks, and where they come from.

A task is frozen data: the prompt, the tools that its row brings, and the fields that its verifier needs. A task set
is an ordered collection of tasks with random access: made up on demand, or read from rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from os import PathLike
from typing import Any, Literal, Protocol

import numpy as np

from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Message

__all__ = ["SPLITS", "RowSource", "Task", "TaskSet"]

SPLITS = ("train", "validation", "test")
"""Names of the procedural streams."""


@dataclass(frozen=True, slots=True)
class Task:
    """One problem to be solved in an episode.

    Attributes:
        id: Identifier, stable over time.
        messages: The prompt, in Chat form.
        data: The environment's fields of the row: ground truth and what else the verifier reads.
        tools: Tools that the row brings, in Chat form; ``None`` offers the environment's own.
        params: Sampling parameters that the row asks for (``temperature``, ``max_output_tokens``, ``tool_choice``,
            ``parallel_tool_calls``, ...), under their Responses names.
        source: The row as it was read; ``None`` for a task built in code.
    """

    id: str
    messages: list[Message]
    data: Mapping[str, Any] = field(default_factory=dict)
    tools: list[dict[str, Any]] | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    source: Mapping[str, Any] | None = field(default=None, repr=False, compare=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> Task:
        # Frozen by agreement, so a fork of an environment may share it.
        return self

    @classmethod
    def of(cls, row: Mapping[str, Any] | Task, *, id: str = "", where: str = "the task") -> Task:
        """Read a row.

        Args:
            row: A row of the public schema (``responses_create_params`` and the environment's fields), a chat row
                (``messages`` or ``prompt``, ``tools``, and fields), or a task.
            id: Identifier to use when the row brings none (``task_id``, ``id`` or ``uuid``).
            where: Name of the row in error messages, such as a file and line.

        Raises:
            InvalidTask: When the row is of neither kind, naming the field at fault.

        Example:
            >>> Task.of({"prompt": "2 + 2?", "answer": 4}, id="0").messages
            [{'role': 'user', 'content': '2 + 2?'}]
        """
        if isinstance(row, Task):
            return row
        if not isinstance(row, Mapping):
            raise InvalidTask(f"{where}: expected a JSON object, found {type(row).__name__}.")
        if "responses_create_params" in row:
            return _of_public_row(cls, row, id, where)
        return _of_chat_row(cls, row, id, where)

    def row(self) -> dict[str, Any]:
        """Return the task as a row of the public schema."""
        if self.source is not None and "responses_create_params" in self.source:
            # A task that was changed since, as by TaskSet.map, is no longer its source.
            if Task.of(self.source, id=self.id) == self:
                return dict(self.source)
        from llmgym.conversion import messages_to_input, tools_to_responses

        params: dict[str, Any] = {"input": messages_to_input(self.messages)}
        if self.tools is not None:
            params["tools"] = tools_to_responses(self.tools)
        row = {**self.data, "responses_create_params": {**params, **self.params}}
        if _identify(row, "") != self.id:
            row["task_id"] = self.id
        return row


def _identify(row: Mapping[str, Any], default: str) -> str:
    for key in ("task_id", "id", "uuid"):
        if isinstance(row.get(key), str | int):
            return str(row[key])
    return default


def _of_public_row(cls: type[Task], row: Mapping[str, Any], id: str, where: str) -> Task:
    from llmgym.conversion import messages_from_input, tools_to_chat

    params = row["responses_create_params"]
    if not isinstance(params, Mapping) or "input" not in params:
        raise InvalidTask(f"{where}: expected 'responses_create_params' to be an object with 'input'.")
    rest = {key: value for key, value in params.items() if key not in ("input", "instructions", "tools")}
    try:
        messages = messages_from_input(params["input"], params.get("instructions"))
        tools = None if params.get("tools") is None else tools_to_chat(params["tools"])
    except (UsageError, KeyError, TypeError, AttributeError) as error:
        raise InvalidTask(f"{where}: field 'responses_create_params': {error}") from error
    data = {key: value for key, value in row.items() if key != "responses_create_params"}
    return cls(_identify(row, id), messages, data, tools, rest, row)


def _of_chat_row(cls: type[Task], row: Mapping[str, Any], id: str, where: str) -> Task:
    name = "messages" if "messages" in row else "prompt"
    prompt = row.get(name)
    if isinstance(prompt, str):
        messages: list[Message] = [{"role": "user", "content": prompt}]
    elif (
        isinstance(prompt, Sequence)
        and prompt
        and all(isinstance(m, Mapping) and "role" in m for m in prompt)
    ):
        messages = [dict(message) for message in prompt]
    else:
        raise InvalidTask(
            f"{where}: expected 'responses_create_params', 'messages' (a list of chat messages) or 'prompt' (text or "
            f"messages), found the fields {', '.join(map(str, row)) or 'none'}."
        )
    tools = row.get("tools")
    if tools is not None:
        from llmgym.conversion import tools_to_chat

        try:
            tools = tools_to_chat(tools)
        except (UsageError, KeyError, TypeError, AttributeError) as error:
            raise InvalidTask(f"{where}: field 'tools': {error}") from error
    data = {key: value for key, value in row.items() if key not in (name, "tools")}
    return cls(_identify(row, id), messages, data, tools or None, {}, row)


class RowSource(Protocol):
    """Rows with random access, such as an indexed file."""

    skipped: int
    """How many bad rows were left out so far."""

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> tuple[Mapping[str, Any] | Task, str]:
        """Return a row and its name for error messages."""
        ...


class TaskSet:
    """An ordered collection of tasks, bounded or not, with random access.

    Make one with :meth:`procedural` or :meth:`load`.

    Args:
        get: Returns the task of an index.
        size: Number of tasks; ``None`` when there is no end.
        name: What it is, for messages and records.
    """

    def __init__(self, get: Callable[[int], Task], size: int | None, name: str):
        self._get, self.size, self.name = get, size, name
        self._source: RowSource | None = None

    def __deepcopy__(self, memo: dict[int, Any]) -> TaskSet:
        return self

    def __repr__(self) -> str:
        return f"TaskSet({self.name!r}, size={'unbounded' if self.size is None else self.size})"

    def __len__(self) -> int:
        if self.size is None:
            raise UsageError(f"The task set {self.name!r} has no end; ask for a number of tasks.")
        return self.size

    def __getitem__(self, index: int) -> Task:
        """Return a task. The same index gives the same task for ever.

        Raises:
            IndexError: When the index lies outside the set.
        """
        if self.size is not None and not -self.size <= index < self.size:
            raise IndexError(f"Task {index} does not exist: {self.name!r} has {self.size} tasks.")
        if index < 0:
            if self.size is None:
                raise IndexError(f"Task {index} does not exist: {self.name!r} has no end to count from.")
            index += self.size
        return self._get(int(index))

    def __iter__(self) -> Iterator[Task]:
        index = 0
        while self.size is None or index < self.size:
            yield self[index]
            index += 1

    @property
    def skipped(self) -> int:
        """Number of bad rows that were left out, when that was asked for."""
        return 0 if self._source is None else self._source.skipped

    def sample(self, rng: np.random.Generator) -> int:
        """Draw the index of a task.

        Args:
            rng: The environment's own generator.

        Raises:
            UsageError: When the set is empty.
        """
        if self.size == 0:
            raise UsageError(f"The task set {self.name!r} is empty.")
        return int(rng.integers(2**32 if self.size is None else self.size))

    def take(self, size: int) -> TaskSet:
        """Return the first tasks of this set.

        Raises:
            UsageError: When the set is smaller.
        """
        if size < 1 or (self.size is not None and size > self.size):
            most = "" if self.size is None else f" and at most {self.size}"
            raise UsageError(f"Expected a number of tasks of at least 1{most}, found {size} ({self.name!r}).")
        taken = TaskSet(self._get, size, self.name)
        taken._source = self._source
        return taken

    def map(self, change: Callable[[Task], Task]) -> TaskSet:
        """Return a set whose tasks are changed as they are read."""
        changed = TaskSet(partial(_changed, change, self._get), self.size, self.name)
        changed._source = self._source
        return changed

    @classmethod
    def procedural(
        cls,
        make: Callable[..., Mapping[str, Any] | Task],
        *,
        split: str = "train",
        size: int | None = None,
        seed: int = 0,
        **arguments: Any,
    ) -> TaskSet:
        """Make tasks up on demand.

        The splits share no task: each task belongs to the split that a hash of its content names, and a draw that
        belongs elsewhere is drawn again. A row may say under ``split_identity`` (text) what makes it the same problem
        as another; then that is hashed, and the field is taken out.

        Args:
            make: Called as ``make(rng, index, **arguments)``; returns a task or a row. It must depend on its
                arguments alone.
            split: One of ``train``, ``validation`` and ``test``.
            size: Number of tasks; ``None`` for no end.
            seed: Another number gives other tasks.
            **arguments: JSON values passed to ``make``.

        Raises:
            UsageError: When the split is unknown.
        """
        if split not in SPLITS:
            raise UsageError(f"Expected a split among {', '.join(SPLITS)}, found {split!r}.")
        from llmgym.procedural import draw_task

        name = getattr(make, "__name__", "tasks").removeprefix("make_")
        get = partial(draw_task, make, name, SPLITS.index(split), seed, arguments)
        return cls(get, size, f"{name}/{split}")

    @classmethod
    def load(
        cls,
        source: str | Sequence[Mapping[str, Any] | Task] | TaskSet,
        split: str | None = None,
        *,
        on_error: Literal["raise", "skip"] = "raise",
        convert: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
    ) -> TaskSet:
        """Read tasks from rows.

        Args:
            source: A path (``.jsonl``, ``.jsonl.gz``, ``.jsonl.zst``, ``.parquet``), the id of a data set on the
                hub, a list of rows or tasks, or a task set. Files are indexed, not read into memory.
            split: Split of a hub data set; ignored for files.
            on_error: Stop at a row that is not a JSON object of a known kind, or leave it out and count it.
            convert: Brings rows of another schema into a known one, and returns others as they are. A module's
                function; it must look at a row's keys alone.

        Raises:
            InvalidTask: When a row is bad; it names the file, the line and the field.
            UsageError: When the source does not exist or its kind is unknown.
        """
        if isinstance(source, TaskSet):
            return source
        from llmgym.rows import open_rows

        rows = open_rows(source, split, on_error, convert)
        loaded = cls(
            partial(_read, rows), len(rows), str(source) if isinstance(source, str | PathLike) else "rows"
        )
        loaded._source = rows
        return loaded


def _read(rows: RowSource, index: int) -> Task:
    row, where = rows[index]
    return Task.of(row, id=str(index), where=where)


def _changed(change: Callable[[Task], Task], get: Callable[[int], Task], index: int) -> Task:
    return change(get(index))
