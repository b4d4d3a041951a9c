"""Tools: methods that a model may call.

``@tool`` marks a method of an environment. Its signature and Google docstring make the schema that the model sees;
the model's arguments are validated against it; the outcome is typed and told to the model. Whatever a model sends,
nothing is raised.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import re
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, overload

from llmgym.errors import InfrastructureError, InvalidToolDefinition

__all__ = ["Outcome", "Tool", "ToolCall", "ToolDenied", "ToolError", "ToolResult", "Toolbox", "tool"]

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
        return cls(call_id if isinstance(call_id, str) and call_id else default_id, str(function.get("name") or ""), raw)

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
            raise InvalidToolDefinition(f"Tool {name!r} is async, so it does not block; mark it without blocking=True.")
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


class Toolbox:
    """The tools of one environment, bound to it.

    Args:
        functions: Functions, tools, or an empty list.
        timeout: Deadline of one call in seconds, where the tool sets none. A synchronous tool that is not marked
            ``blocking`` cannot be interrupted.
    """

    _by_class: dict[type, dict[str, Tool]] = {}

    def __init__(self, functions: Iterable[Callable[..., Any] | Tool] = (), timeout: float | None = 60.0):
        tools = [function if isinstance(function, Tool) else Tool.of(function) for function in functions]
        self._tools = _by_name(tools, "the toolbox")
        self._owner: object | None = None
        self.timeout = timeout
        self.guard: Callable[[ToolCall], None] | None = None
        """Called before each call; it may raise :class:`ToolDenied`."""

    @classmethod
    def of(cls, owner: object, timeout: float | None = 60.0) -> Toolbox:
        """Collect the ``@tool`` methods of an object, in the order of their definition.

        Raises:
            InvalidToolDefinition: When a method cannot be turned into a tool, or two share a name.
        """
        kind = type(owner)
        if kind not in cls._by_class:
            cls._by_class[kind] = _tools_of_class(kind)
        box = cls(timeout=timeout)
        box._tools, box._owner = cls._by_class[kind], owner
        return box

    def __len__(self) -> int:
        return len(self._tools)

    def __contains__(self, name: object) -> bool:
        return name in self._tools

    def __getitem__(self, name: str) -> Tool:
        return self._tools[name]

    @property
    def names(self) -> list[str]:
        """Names of the tools."""
        return list(self._tools)

    @property
    def schemas(self) -> list[dict[str, Any]]:
        """The tools in Chat form."""
        return [tool.schema for tool in self._tools.values()]

    def execute(self, call: ToolCall, wait: Callable[[Awaitable[Any]], Any]) -> ToolResult:
        """Execute one call. Nothing that the model wrote raises.

        Args:
            call: The call.
            wait: How to wait for an asynchronous tool from here (``bridge.wait``).

        Returns:
            The typed result.

        Raises:
            InfrastructureError: When the tool itself says that its world failed.
        """
        started = time.perf_counter()
        outcome, content, value = self._execute(call, wait)
        # JSON can name half a surrogate pair, which no file and no request can hold.
        content = content.encode("utf-8", "replace").decode()
        return ToolResult(call, outcome, content, value, time.perf_counter() - started)

    def _execute(self, call: ToolCall, wait: Callable[[Awaitable[Any]], Any]) -> tuple[Outcome, str, Any]:
        known = self._tools.get(call.name)
        if known is None:
            offered = ", ".join(self._tools) or "none"
            return "unknown_tool", _error(f"There is no tool {call.name!r}. Available tools: {offered}."), None
        try:
            arguments = json.loads(call.raw or "{}")
            if not isinstance(arguments, dict):
                raise ValueError(f"expected a JSON object, found {type(arguments).__name__}")
        except (ValueError, RecursionError) as error:
            expected = json.dumps(known.parameters.get("properties", {}))
            return (
                "malformed_arguments",
                _error(f"The arguments of {call.name!r} are not a JSON object: {error}. Expected: {expected}"),
                None,
            )
        deadline = self.timeout if known.timeout is None else known.timeout
        try:
            try:
                keywords = known.validate(arguments)
            except ValueError as error:
                return "malformed_arguments", _error(str(error)), None
            if self.guard is not None:
                self.guard(call)
            value = self._invoke(known, keywords, deadline, wait)
            return "ok", render(value), value
        except ToolDenied as error:
            return "denied", _error(str(error) or f"Calling {call.name!r} is not allowed."), None
        except ToolError as error:
            return "tool_error", _error(str(error)), None
        except _Timeout:
            return "timeout", _error(f"The tool {call.name!r} did not answer within {deadline:g} seconds."), None
        except InfrastructureError:
            raise
        except (Exception, SystemExit) as error:
            return "tool_error", _error(f"{type(error).__name__}: {error}"), None

    def _invoke(
        self, tool: Tool, keywords: dict[str, Any], deadline: float | None, wait: Callable[[Awaitable[Any]], Any]
    ) -> Any:
        positional = () if self._owner is None else (self._owner,)
        if tool.blocking:
            from llmgym.threads import in_thread

            return wait(_within(in_thread(tool.function, *positional, **keywords), deadline))
        value = tool.function(*positional, **keywords)
        return wait(_within(value, deadline)) if inspect.isawaitable(value) else value


class _Timeout(Exception):
    """The deadline of a call passed."""


async def _within(awaitable: Awaitable[Any], deadline: float | None) -> Any:
    scope = asyncio.timeout(deadline)
    try:
        async with scope:
            return await awaitable
    except TimeoutError:
        # The tool may have raised a TimeoutError of its own; only an expired scope is our deadline.
        if scope.expired():
            raise _Timeout from None
        raise


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
    options = {"name": name, "description": description, "blocking": blocking, "timeout": timeout, "extra": extra}

    def mark(function: F) -> F:
        # The mark of a static or class method would be lost on the way to its function.
        setattr(getattr(function, "__func__", function), _MARK, options)
        return function

    return mark if function is None else mark(function)


def render(value: Any) -> str:
    """Return what a model reads of a tool's return value.

    Text stays as it is; everything else becomes compact JSON with non-ASCII characters kept. Numbers that JSON
    lacks (NaN, infinity) become null.
    """
    if isinstance(value, str):
        return value
    import orjson

    try:
        options = orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY
        return orjson.dumps(value, default=_jsonable, option=options).decode()
    except orjson.JSONEncodeError:
        # The standard library writes integers beyond 64 bits; lone surrogates cannot be sent to any server.
        plain = json.loads(json.dumps(value, default=_jsonable), parse_constant=lambda _: None)
        text = json.dumps(plain, ensure_ascii=False, separators=(",", ":"))
        return text.encode("utf-8", "replace").decode()


def _jsonable(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, set | frozenset):
        return sorted(value, key=repr)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"a tool returned {type(value).__name__}, which is not JSON")


def _error(text: str) -> str:
    return json.dumps({"error": text}, ensure_ascii=False)


def _tools_of_class(kind: type) -> dict[str, Tool]:
    functions: dict[str, Callable[..., Any]] = {}
    for base in reversed(kind.__mro__):
        for attribute, value in vars(base).items():
            if isinstance(value, staticmethod | classmethod) and hasattr(value.__func__, _MARK):
                raise InvalidToolDefinition(
                    f"The tool {attribute!r} of {kind.__name__} is a {type(value).__name__}; make it a method with self."
                )
            if hasattr(value, _MARK):
                functions[attribute] = value
            elif attribute in functions:
                # An override without @tool takes the tool away.
                del functions[attribute]
    return _by_name([Tool.of(function) for function in functions.values()], kind.__name__)


def _by_name(tools: Iterable[Tool], owner: str) -> dict[str, Tool]:
    named: dict[str, Tool] = {}
    for tool in tools:
        if tool.name in named:
            raise InvalidToolDefinition(f"Two tools of {owner} are named {tool.name!r}; rename one of them.")
        named[tool.name] = tool
    return named
