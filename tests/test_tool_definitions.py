from __future__ import annotations

import enum
from collections.abc import Callable

import pytest

from llmgym.errors import InvalidToolDefinition, UsageError
from llmgym.tools import Tool, tool


def without_annotation(city): ...


def with_args(*cities: str): ...


def with_kwargs(**cities: str): ...


def positional(city: str, /): ...


def unresolved(city: Nowhere): ...  # type: ignore[name-defined]  # noqa: F821


def not_a_type(city: enum.Nowhere): ...  # type: ignore[name-defined]


def no_expression(city: "1 +"): ...  # type: ignore[valid-type]  # noqa: F722, UP037


def no_json_schema(city: pytest.MonkeyPatch): ...


def callback(city: Callable[[], int]): ...


def documents_another():
    """Look.

    Args:
        city: There is none.
    """


def empty_section(city: str):
    """Look.

    Args:
    """


def umlaut(): ...


umlaut.__name__ = "wetter für"


@tool(name="get weather")
def spaced(): ...


@tool(name="x" * 65)
def endless(): ...


@tool(blocking=True)
async def blocking_async(): ...


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (without_annotation, "Parameter 'city' of tool 'without_annotation' needs a type annotation"),
        (with_args, r"parameter \*cities.*, which a model cannot fill"),
        (with_kwargs, r"parameter \*\*cities.*, which a model cannot fill"),
        (positional, "which a model cannot fill"),
        (unresolved, "annotations of tool 'unresolved' cannot be resolved .*Nowhere"),
        (not_a_type, "annotations of tool 'not_a_type' cannot be resolved .*Nowhere"),
        (no_expression, "annotations of tool 'no_expression' cannot be resolved"),
        (no_json_schema, "types of tool 'no_json_schema' have no JSON Schema"),
        (callback, "types of tool 'callback' have no JSON Schema"),
        (documents_another, "docstring of tool 'documents_another' describes 'city'"),
        (empty_section, "docstring of tool 'empty_section' cannot be read"),
        (umlaut, "tool name 'wetter für' is not one that servers accept"),
        (spaced, "tool name 'get weather'"),
        (endless, "tool name 'xxx"),
        (blocking_async, "Tool 'blocking_async' is async"),
    ],
)
def test_what_cannot_be_a_tool_is_refused(function, told):
    with pytest.raises(InvalidToolDefinition, match=told) as caught:
        Tool.of(function)
    assert isinstance(caught.value, UsageError) and isinstance(caught.value, TypeError)
