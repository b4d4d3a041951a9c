"""The tools of one environment: which there are, how a call is executed, and what the model is told.

Whatever a model sends, nothing is raised: the outcome is typed, and its text is for the model.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from llmgym.errors import InfrastructureError, InvalidToolDefinition
from llmgym.tools import Outcome, Tool, ToolCall, ToolDenied, ToolError, ToolResult, is_tool

__all__ = ["Toolbox", "render"]


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
        """Called before each call; it may raise :class:`~llmgym.tools.ToolDenied`."""

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
            return (
                "unknown_tool",
                _error(f"There is no tool {call.name!r}. Available tools: {offered}."),
                None,
            )
        try:
            arguments = json.loads(call.raw or "{}")
            if not isinstance(arguments, dict):
                raise ValueError(f"expected a JSON object, found {type(arguments).__name__}")
        except (ValueError, RecursionError) as error:
            expected = json.dumps(known.parameters.get("properties", {}))
            return (
                "malformed_arguments",
                _error(
                    f"The arguments of {call.name!r} are not a JSON object: {error}. Expected: {expected}"
                ),
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
            return (
                "timeout",
                _error(f"The tool {call.name!r} did not answer within {deadline:g} seconds."),
                None,
            )
        except InfrastructureError:
            raise
        except (Exception, SystemExit) as error:
            return "tool_error", _error(f"{type(error).__name__}: {error}"), None

    def _invoke(
        self,
        tool: Tool,
        keywords: dict[str, Any],
        deadline: float | None,
        wait: Callable[[Awaitable[Any]], Any],
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
            if isinstance(value, staticmethod | classmethod) and is_tool(value.__func__):
                raise InvalidToolDefinition(
                    f"The tool {attribute!r} of {kind.__name__} is a {type(value).__name__}; make it a method with self."
                )
            if is_tool(value):
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
