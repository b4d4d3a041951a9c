from __future__ import annotations

import copy

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.messages import Messages, Response, assistant, tool_call, user
from llmgym.policies.base import Request
from llmgym.policies.constrained import (
    action_schema,
    constrain,
    instruction,
    offered_tools,
    read_action,
    text_history,
)

ROLL = {"type": "function", "function": {"name": "roll", "description": "Roll\n a die."}}
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "parameters": {
            "type": "object",
            "properties": {
                "a": {"type": "number", "description": "One."},
                "b": {"type": ["number", "null"]},
            },
            "required": ["a"],
        },
    },
}
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class TestSchema:
    def test_one_form_a_tool_and_one_for_the_answer(self):
        schema = action_schema([ROLL, ADD])
        assert [form["required"] for form in schema["anyOf"]] == [["name", "arguments"]] * 2 + [["answer"]]
        assert schema["anyOf"][0]["properties"] == {
            "name": {"const": "roll"},
            "arguments": {"type": "object", "properties": {}, "required": [], "additionalProperties": False},
        }
        assert schema["anyOf"][1]["properties"]["arguments"]["properties"] == {
            "a": {"type": "number"},
            "b": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        }

    def test_no_answer_when_a_call_is_a_must(self):
        assert len(action_schema([ROLL, ADD], must_call=True)["anyOf"]) == 2
        assert "anyOf" not in action_schema([ROLL], must_call=True)

    def test_arguments_are_an_object_whatever_the_schema_says(self):
        tool = {"type": "function", "function": {"name": "x", "parameters": {"type": "string"}}}
        assert action_schema([tool], must_call=True)["properties"]["arguments"] == {"type": "object"}


class TestInstruction:
    def test_lists_tools_with_their_types(self):
        assert instruction([ADD, ROLL]).splitlines() == [
            "You may use these tools:",
            "- add(a: number, b?: number | null)",
            "    a: One.",
            "- roll(): Roll a die.",
            "",
            'Reply with one JSON object. If a tool is needed, call it: {"name": "add", "arguments": {"a": "..."}}',
            'Once you know the result, or if no tool is needed, answer the user: {"answer": "The ..."}',
        ]

    def test_speaks_of_no_answer_when_a_call_is_a_must(self):
        assert "answer" not in instruction([ADD], must_call=True)


class TestChoice:
    @pytest.mark.parametrize(
        ("choice", "names", "must"),
        [
            (None, ["roll", "add"], False),
            ("auto", ["roll", "add"], False),
            ("none", [], False),
            ("required", ["roll", "add"], True),
            ({"type": "function", "function": {"name": "add"}}, ["add"], True),
            ({"type": "function", "name": "add"}, ["add"], True),
            ({"type": "function", "name": "unknown"}, ["roll", "add"], False),
        ],
    )
    def test_choices(self, choice, names, must):
        offered, must_call = offered_tools([ROLL, {"type": "function", **ADD["function"]}], choice)
        assert ([tool["function"]["name"] for tool in offered], must_call) == (names, must)

    def test_nothing_to_choose_from(self):
        assert offered_tools([], "required") == ([], False)


class TestHistory:
    conversation = [
        {"role": "developer", "content": "Be brief."},
        user("Roll twice."),
        assistant("Rolling.", tool_call("roll", {}, "c1"), tool_call("roll", '{"cut', "c2")),
        {"role": "tool", "tool_call_id": "c1", "content": "4"},
        {"role": "tool", "tool_call_id": "c2", "content": [{"type": "text", "text": "no JSON"}]},
        user("And?"),
        assistant("Four."),
        {"role": "tool", "tool_call_id": "unknown", "content": "5"},
    ]

    def test_becomes_text_with_turns_that_alternate(self):
        before = copy.deepcopy(self.conversation)
        assert text_history(self.conversation, "TOLD", "Go on.") == [
            {"role": "system", "content": "Be brief.\n\nTOLD"},
            user("Roll twice."),
            assistant('Rolling.\n{"name": "roll", "arguments": {}}\n{"name": "roll", "arguments": {"cut}'),
            user("Result of roll: 4\nResult of roll: no JSON\nGo on.\nAnd?"),
            assistant('{"answer": "Four."}'),
            user("Result of the tool: 5\nGo on."),
        ]
        assert self.conversation == before

    def test_without_instruction_answers_stay_text(self):
        assert text_history(self.conversation)[-2:] == [assistant("Four."), user("Result of the tool: 5")]

    def test_brings_a_system_message_where_there_is_none(self):
        assert text_history([user("hi")], "TOLD") == [{"role": "system", "content": "TOLD"}, user("hi")]

    @given(st.integers(1, 8), st.integers(1, 8))
    def test_grows_at_its_end_only(self, first, second):
        """So that a server finds the beginning in its cache."""
        first, second = sorted((first, second))
        shorter = text_history(self.conversation[:first], "TOLD", "Go on.")
        longer = text_history(self.conversation[:second], "TOLD", "Go on.")
        for one, other in zip(shorter, longer, strict=False):
            assert one["content"] == other["content"] or other["content"].startswith(
                one["content"].removesuffix("\nGo on.")
            )


class TestConstrain:
    def test_moves_the_tools_into_text_and_schema(self):
        params = {"tool_choice": "required", "parallel_tool_calls": True, "temperature": 0.5}
        request = Request(Messages([user("hi")]), [ROLL], seed=3, session="s", turn=1, params=params)
        asked = constrain(request)
        assert (asked.tools, asked.seed, asked.session, asked.turn) == ([], 3, "s", 1)
        assert asked.messages[0]["content"] == instruction([ROLL], must_call=True)
        assert asked.params.keys() == {"temperature", "response_format"}
        assert asked.params["response_format"]["json_schema"]["schema"] == action_schema(
            [ROLL], must_call=True
        )
        assert request.params == params

    @pytest.mark.parametrize(
        "request_",
        [
            Request(Messages([user("hi")])),
            Request(Messages([user("hi")]), [ROLL], params={"tool_choice": "none"}),
        ],
    )
    def test_without_tools_the_reply_is_free(self, request_):
        assert constrain(request_).params == {}
        assert constrain(request_).messages == [user("hi")]


class TestRead:
    @given(st.text(min_size=1), st.dictionaries(st.text(), JSON, max_size=4), st.integers(0, 99))
    def test_reads_calls(self, name, arguments, turn):
        text = orjson.dumps({"name": name, "arguments": arguments}).decode()
        read = read_action(Response({"role": "assistant", "content": text}, "length"), turn)
        (call,) = read.tool_calls
        assert (call["id"], call["function"]["name"]) == (f"call_{turn}_0", name)
        assert orjson.loads(call["function"]["arguments"]) == orjson.loads(orjson.dumps(arguments))
        assert (read.message["content"], read.finish_reason) == (None, "tool_calls")

    @given(st.text())
    def test_reads_answers(self, text):
        read = read_action(Response.of(orjson.dumps({"answer": text}).decode()))
        assert (read.message, read.finish_reason) == (assistant(text), "stop")

    @given(
        st.text() | JSON.map(lambda value: orjson.dumps(value).decode()),
        st.sampled_from(["stop", "length", None]),
    )
    def test_anything_else_is_text(self, text, reason):
        response = Response(assistant(text), reason, usage={"total_tokens": 3}, token_ids=[1])
        assert read_action(response) == response

    @given(st.integers(0, 40))
    def test_a_call_that_is_cut_is_text(self, end):
        text = '{"name": "add", "arguments": {"a": "Oslo"}}'[:end]
        response = Response(assistant(text), "length")
        assert read_action(response) == response

    @pytest.mark.parametrize(
        "text",
        [
            '{"name": "add", "arguments": "{}"}',
            '{"name": 3, "arguments": {}}',
            '{"name": "add", "arguments": {}, "answer": "x"}',
            '{"answer": 3}',
            '{"answer": "\\ud800"}',
            '{"name": "add", "arguments": {"a": ' + "[" * 500 + "]" * 500 + "}}",
        ],
    )
    def test_what_is_neither_is_text(self, text):
        response = Response.of(text)
        assert read_action(response) == response

    def test_what_was_called_reads_the_same_in_the_history(self):
        text = '{"name": "add", "arguments": {"a": 1, "b": null}}'
        assert text_history([read_action(Response.of(text)).message], "TOLD")[-1] == assistant(text)
