from __future__ import annotations

import datetime
import enum
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel, Field

from llmgym.bridge import wait
from llmgym.toolbox import Toolbox
from llmgym.tools import Tool, ToolCall, tool


class Unit(enum.Enum):
    CELSIUS = "C"
    FAHRENHEIT = "F"


class Place(BaseModel):
    """A place on a map."""

    name: str = Field(description="What people call it.")
    title: str | None = None
    nearby: list[Place] = []


def parameters(function):
    return Tool.of(function).parameters


def properties(function):
    return parameters(function)["properties"]


def fault(function, arguments):
    with pytest.raises(ValueError) as caught:
        Tool.of(function).validate(arguments)
    return str(caught.value)


def test_summary_and_arguments_are_read_from_the_docstring():
    def book(city: str, nights: int = 1):
        """Book a room.

        The cheapest room is taken.

        Args:
            city: Where to
                stay.
            nights (int): How long.

        Returns:
            The number of the booking.
        """

    made = Tool.of(book)
    assert made.description == "Book a room.\n\nThe cheapest room is taken."
    assert made.schema == {
        "type": "function",
        "function": {
            "name": "book",
            "description": made.description,
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "Where to stay."},
                    "nights": {"type": "integer", "description": "How long.", "default": 1},
                },
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    }


def test_a_function_without_arguments_and_without_docstring():
    def look(): ...

    assert Tool.of(look).description == ""
    assert parameters(look) == {
        "type": "object",
        "properties": {},
        "required": [],
        "additionalProperties": False,
    }
    assert Tool.of(look).validate({}) == {}


def test_name_and_description_can_be_given():
    @tool(name="get-weather", description="Look outside.")
    def f(): ...

    assert Tool.of(f).schema["function"]["name"] == "get-weather"
    assert Tool.of(f).description == "Look outside."


def test_plain_containers_and_unions():
    def f(
        flag: bool,
        ratio: float | None = None,
        words: list[str] = [],  # noqa: B006
        table: dict[str, int] | None = None,
        pair: tuple[int, str] = (0, ""),
        anything: Any = None,
        unit: Literal["C", "F"] = "C",
        day: datetime.date | None = None,
    ): ...

    found = properties(f)
    assert found["flag"] == {"type": "boolean"}
    assert found["ratio"] == {"anyOf": [{"type": "number"}, {"type": "null"}], "default": None}
    assert found["words"] == {"type": "array", "items": {"type": "string"}, "default": []}
    assert found["table"]["anyOf"][0] == {"type": "object", "additionalProperties": {"type": "integer"}}
    assert found["pair"]["prefixItems"] == [{"type": "integer"}, {"type": "string"}]
    assert found["anything"] == {"default": None}
    assert found["unit"] == {"type": "string", "enum": ["C", "F"], "default": "C"}
    assert found["day"]["anyOf"][0] == {"type": "string", "format": "date"}
    assert parameters(f)["required"] == ["flag"]
    assert Tool.of(f).validate({"flag": True, "pair": [1, "a"], "day": "2025-02-28"}) == {
        "flag": True,
        "pair": (1, "a"),
        "day": datetime.date(2025, 2, 28),
    }


def test_enums_and_nested_models_keep_their_documentation_but_no_titles():
    def f(place: Place, unit: Unit = Unit.CELSIUS):
        """Look.

        Args:
            place: Where.
        """

    found = parameters(f)
    assert found["properties"]["place"] == {"$ref": "#/$defs/Place", "description": "Where."}
    assert found["properties"]["unit"] == {"$ref": "#/$defs/Unit", "default": "C"}
    place = found["$defs"]["Place"]
    assert place["description"] == "A place on a map."
    assert place["properties"]["name"] == {"type": "string", "description": "What people call it."}
    assert set(place["properties"]) == {"name", "title", "nearby"}
    assert "title" not in place and "title" not in found["$defs"]["Unit"]
    arguments = Tool.of(f).validate({"place": {"name": "A", "nearby": [{"name": "B"}]}, "unit": "F"})
    assert arguments == {"place": Place(name="A", nearby=[Place(name="B")]), "unit": Unit.FAHRENHEIT}


def test_names_that_pydantic_reserves():
    def f(
        self_: int,
        schema: str,
        copy: int,
        json: str,
        model_config: str,
        dict: str,
        *,
        p1: int,
        title: str = "",
    ):
        return schema, copy, json, model_config, dict, p1, title, self_

    given = {
        "schema": "s",
        "copy": 1,
        "json": "j",
        "model_config": "m",
        "dict": "d",
        "p1": 2,
        "self_": 3,
        "title": "t",
    }
    assert set(properties(f)) == set(given)
    assert f(**Tool.of(f).validate(given)) == ("s", 1, "j", "m", "d", 2, "t", 3)
    assert "p0: not a parameter" in fault(f, {**given, "p0": 1})


def test_constraints_and_description_inside_annotated():
    def f(count: Annotated[int, Field(ge=1, description="How many.")], size: Annotated[int, Field(le=9)] = 3):
        """Count.

        Args:
            size: How large.
        """

    assert properties(f)["count"] == {"type": "integer", "minimum": 1, "description": "How many."}
    assert properties(f)["size"] == {
        "type": "integer",
        "maximum": 9,
        "default": 3,
        "description": "How large.",
    }
    assert "count: Input should be greater than or equal to 1, found 0" in fault(f, {"count": 0})


def test_keyword_only_parameters_and_defaults_of_the_function():
    def f(a: int, *, b: int = 2):
        return a, b

    assert Toolbox([f]).execute(ToolCall("c", "f", '{"a": 1}'), wait).value == (1, 2)
    assert Toolbox([f]).execute(ToolCall("c", "f", '{"a": 1, "b": 5}'), wait).value == (1, 5)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "city: missing"),
        ({"city": 5}, "city: Input should be a valid string, found 5"),
        ({"city": "Oslo", "town": 1}, "town: not a parameter of this tool"),
        (
            {"city": "Oslo", "days": "many"},
            "days: Input should be a valid integer, unable to parse string as an integer",
        ),
        ({"city": "Oslo", "days": "x" * 500}, 'found "' + "x" * 79 + ". Expected"),
        ({"city": "Oslo", "place": {"name": 1}}, "place.name: Input should be a valid string, found 1"),
        ({"city": ["Zürich"]}, 'found ["Zürich"]'),
    ],
)
def test_the_model_is_told_which_argument_is_wrong(arguments, told):
    def get_weather(city: str, days: int = 1, place: Place | None = None): ...

    said = fault(get_weather, arguments)
    assert said.startswith("Invalid arguments for 'get_weather': ")
    assert told in said and said.endswith("Required: city.") and '"city": {"type": "string"}' in said


def test_all_faults_are_told_at_once():
    def f(a: int, b: int): ...

    assert "a: missing; b: Input should be" in fault(f, {"b": "x"})


def test_unknown_arguments_can_be_dropped():
    @tool(extra="ignore")
    def f(a: int):
        return a

    assert Tool.of(f).validate({"a": 1, "b": 2}) == {"a": 1}
    assert parameters(f)["additionalProperties"] is False


def test_an_input_that_json_cannot_show_is_named_by_its_type():
    from llmgym.tool_schema import _found

    cycle: list = []
    cycle.append(cycle)
    assert _found(cycle) == "list"
