"""Tools: methods that a model may call.

``@tool`` marks a method of an environment. Its signature and Google docstring make the schema that the model sees;
the model's arguments are validated against it. A :class:`~llmgym.toolbox.Toolbox` executes the calls.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, overload

from llmgym.errors import InvalidToolDefinition

__all__ = ["Outcome", "Tool", "ToolCall", "ToolDenied", "ToolError", "ToolResult", "is_tool", "tool"]

Outcome = Literal["ok", "tool_error", "malformed_arguments", "unknown_tool", "timeout", "denied"]
"""How a tool call ended. Every outcome is told to the model as the content of a tool message."""

F = TypeVar("F", bound=Callable[..., Any])
_MARK = "__llmgym_tool__"
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ToolError(Exception):
    """Raise it in a tool to tell the model that the call failed; the text is shown as it is."""


class ToolDenied(Exception):
    """Raise it in a tool or a guard to tell the model that this call is not allowed."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call as the model wrote it.

    Attributes:
        id: Identifier that ties the result to the call.
        name: Name of the tool.
        raw: The arguments as JSON text, exactly as written.
    """

    id: str
    name: str
    raw: str

    @classmethod
    def of(cls, call: Any, default_id: str) -> ToolCall:
        """Read a Chat tool call, however incomplete.

        Args:
            call: What the model put into ``tool_calls``.
            default_id: Identifier to use when the call has none.
        """
        function = call.get("function") if isinstance(call, Mapping) else None
        function = function if isinstance(function, Mapping) else {}
        raw = function.get("arguments")
        if not isinstance(raw, str):
            raw = "" if raw is None else json.dumps(raw, default=str)
        call_id = call.get("id") if isinstance(call, Mapping) else None
        return cls(
            call_id if isinstance(call_id, str) and call_id else default_id,
            str(function.get("name") or ""),
            raw,
        )

    @property
    def arguments(self) -> dict[str, Any] | None:
        """The arguments as a dictionary, or ``None`` when the text is not a JSON object. No text is no arguments."""
        try:
            arguments = json.loads(self.raw or "{}")
        except (ValueError, RecursionError):
            return None
        return arguments if isinstance(arguments, dict) else None


@dataclass(frozen=True, slots=True)
class ToolResult:
    """What became of a call.

    Attributes:
        call: The call.
        outcome: How it ended.
        content: Text of the tool message that the model sees.
        value: What the tool returned; ``None`` unless the outcome is ``ok``.
        seconds: Wall time of the call. Not part of comparisons: it differs from run to run.
    """

    call: ToolCall
    outcome: Outcome
    content: str
    value: Any = None
    seconds: float = field(default=0.0, compare=False)

    @property
    def name(self) -> str:
        """Name of the tool that was called."""
        return self.call.name

    def message(self) -> dict[str, Any]:
        """The tool message for the conversation."""
        return {"role": "tool", "tool_call_id": self.call.id, "content": self.content}


@dataclass(frozen=True, slots=True)
class Tool:
    """A callable with its schema.

    Attributes:
        name: Name by which the model calls it.
        description: What it does, from the docstring's summary.
        function: The function or unbound method.
        parameters: JSON Schema of the arguments.
        blocking: Run it in a thread because it blocks.
        timeout: Deadline of one call in seconds; ``None`` uses the toolbox's.
    """

    name: str
    description: str
    function: Callable[..., Any]
    parameters: dict[str, Any]
    blocking: bool = False
    timeout: float | None = None
    _model: Any = field(default=None, repr=False)
    _names: Mapping[str, str] = field(default_factory=dict, repr=False)

    def __deepcopy__(self, memo: dict[int, Any]) -> Tool:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        # The pydantic model has no importable name; it is made again from the function.
        return Tool.of, (self.function,)

    @classmethod
    def of(cls, function: Callable[..., Any]) -> Tool:
        """Make a tool from a function, marked with ``@tool`` or not.

        Raises:
            InvalidToolDefinition: When the signature cannot be turned into a schema.
        """
        from llmgym.tool_schema import tool_schema

        options: Mapping[str, Any] = getattr(function, _MARK, {})
        name = options.get("name") or function.__name__
        if not _NAME.fullmatch(name):
            raise InvalidToolDefinition(
                f"The tool name {name!r} is not one that servers accept. Use 1 to 64 ASCII letters, digits, '_' and '-'."
            )
        if options.get("blocking") and inspect.iscoroutinefunction(function):
            raise InvalidToolDefinition(
                f"Tool {name!r} is async, so it does not block; mark it without blocking=True."
            )
        schema = tool_schema(function, name, ignore_extra=options.get("extra") == "ignore")
        return cls(
            name,
            options.get("description") or schema.description,
            function,
            schema.parameters,
            options.get("blocking", False),
            options.get("timeout"),
            schema.model,
            schema.names,
        )

    @property
    def schema(self) -> dict[str, Any]:
        """The tool in Chat form, a new dictionary each time."""
        function = {"name": self.name, "description": self.description, "parameters": self.parameters}
        return {"type": "function", "function": function}

    def validate(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Check arguments and convert them to the annotated types.

        Args:
            arguments: The decoded arguments of a call.

        Returns:
            Keyword arguments for the function.

        Raises:
            ValueError: In the model's terms: what is wrong with which argument.
        """
        from llmgym.tool_schema import explain

        try:
            model = self._model.model_validate(arguments)
        except ValueError as error:
            raise ValueError(explain(error, self.name, self.parameters)) from None
        return {self._names[key]: getattr(model, key) for key in model.model_fields_set}


@overload
def tool(function: F, /) -> F: ...
@overload
def tool(
    *,
    name: str | None = ...,
    description: str | None = ...,
    blocking: bool = ...,
    timeout: float | None = ...,
    extra: Literal["forbid", "ignore"] = ...,
) -> Callable[[F], F]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    name: str | None = None,
    description: str | None = None,
    blocking: bool = False,
    timeout: float | None = None,
    extra: Literal["forbid", "ignore"] = "forbid",
) -> Any:
    """Mark a method (or function) as a tool.

    Args:
        function: The method, when used without parentheses.
        name: Name by which the model calls it; the function's own by default.
        description: What the model reads; the docstring's text by default.
        blocking: Run it in a thread, because it blocks (files, subprocesses, a synchronous client).
        timeout: Deadline of one call in seconds.
        extra: What to do with arguments that the signature does not have: tell the model, or drop them.

    Example:
        >>> @tool
        ... def add(a: int, b: int) -> int:
        ...     '''Add two numbers.
        ...
        ...     Args:
        ...         a: The first.
        ...         b: The second.
        ...     '''
        ...     return a + b
        >>> Tool.of(add).parameters["properties"]["a"] == {"type": "integer", "description": "The first."}
        True
    """
    options = {
        "name": name,
        "description": description,
        "blocking": blocking,
        "timeout": timeout,
        "extra": extra,
    }

    def mark(function: F) -> F:
        # The mark of a static or class method would be lost on the way to its function.
        setattr(getattr(function, "__func__", function), _MARK, options)
        return function

    return mark if function is None else mark(function)


def is_tool(function: object) -> bool:
    """Tell whether a function was marked with :func:`tool`."""
    return hasattr(function, _MARK)
