from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.conversion import tools_to_chat, tools_to_responses
from llmgym.errors import InvalidTask

texts = st.text(max_size=12)
functions = st.fixed_dictionaries(
    {"name": texts},
    optional={
        "description": texts,
        "parameters": st.just({"type": "object"}),
        "strict": st.none() | st.booleans(),
    },
)
flat = functions.map(lambda function: {"type": "function", **function})
nested = functions.map(lambda function: {"type": "function", "function": function})


@given(st.lists(flat), st.lists(nested))
def test_tools_both_ways(flat_tools, nested_tools):
    assert tools_to_responses(tools_to_chat(flat_tools)) == flat_tools
    assert tools_to_chat(tools_to_responses(nested_tools)) == nested_tools
    assert tools_to_chat(nested_tools) == nested_tools
    assert tools_to_responses(flat_tools) == flat_tools
    both = flat_tools + nested_tools
    assert tools_to_chat(tools_to_chat(both)) == tools_to_chat(both)
    assert tools_to_responses(both) == tools_to_responses(tools_to_chat(both))


@pytest.mark.parametrize(
    "bad",
    [{"type": "web_search"}, {"type": "custom", "name": "n"}, {"type": "function"}, {"name": "n"}, "search"],
)
@pytest.mark.parametrize("convert", [tools_to_chat, tools_to_responses])
def test_bad_tools(convert, bad):
    with pytest.raises(InvalidTask, match=r"tools\[0\]: expected a .*function"):
        convert([bad])


def test_no_tools():
    assert tools_to_chat(None) == tools_to_responses(None) == []
