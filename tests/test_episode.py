from __future__ import annotations

import copy

import pytest
from testing_env import WeatherEnv

from llmgym import Episode, Response, Task, Turn, tool_call
from llmgym.messages import assistant, user
from llmgym.tools import ToolCall, ToolResult

REASONING = {"type": "reasoning", "id": "rs", "summary": [{"type": "summary_text", "text": "hmm"}]}


def message_item(*texts):
    parts = [{"type": "output_text", "text": text, "annotations": []} for text in texts]
    return {"type": "message", "role": "assistant", "id": "m", "status": "completed", "content": parts}


def call_item(name="f", arguments="{}", id="call_0"):
    return {"type": "function_call", "call_id": id, "name": name, "arguments": arguments}


def episode(*turns):
    """An episode of responses, each with the results of its calls."""
    made = Episode(Task("t", [user("?")]), [user("?")], 1)
    for action, *results in turns:
        turn = Turn(Response.of(action))
        for number, text in enumerate(results):
            call = ToolCall.of(turn.response.tool_calls[number], "")
            turn.results.append(ToolResult(call, "ok", text))
        made.turns.append(turn)
        made.messages += [turn.response.message, *(result.message() for result in turn.results)]
    return made


CALL = assistant("let me see", tool_call("f", {"a": 1}))


def test_before_the_first_turn():
    empty = episode()
    assert empty.items == empty.tool_calls == empty.tool_results == []
    assert (empty.output_text, empty.last_item_text, empty.last_message_text, empty.stop_reason) == (
        "",
        "",
        "",
        "",
    )


def test_calls_and_results_in_order():
    two = assistant(None, tool_call("f", {"n": 1}, "a"), tool_call("g", "not JSON", "b"))
    played = episode((two, "1", "2"), (CALL, "3"))
    assert [(call.name, call.arguments, call.raw, call.id) for call in played.tool_calls] == [
        ("f", {"n": 1}, '{"n":1}', "a"),
        ("g", None, "not JSON", "b"),
        ("f", {"a": 1}, '{"a":1}', "call_0"),
    ]
    assert [result.content for result in played.tool_results] == ["1", "2", "3"]


def test_calls_that_were_not_run_are_calls_all_the_same():
    assert [call.name for call in episode((CALL,)).tool_calls] == ["f"] and not episode((CALL,)).tool_results


def test_items_of_a_chat_policy():
    played = episode(({**CALL, "reasoning_content": "hmm"}, "cold"), ("It is cold.",))
    assert [item["type"] for item in played.items] == [
        "reasoning",
        "message",
        "function_call",
        "function_call_output",
        "message",
    ]
    assert played.items[2:4] == [
        call_item(arguments='{"a":1}'),
        {"type": "function_call_output", "call_id": "call_0", "output": "cold"},
    ]
    assert played.items[-1]["content"][0]["text"] == "It is cold."


def test_items_of_a_responses_policy_are_the_servers_own():
    items = [REASONING, message_item("a", "b"), call_item()]
    played = episode((Response(assistant("ab", tool_call("f", {})), items=items), "cold"))
    assert played.items == [*items, {"type": "function_call_output", "call_id": "call_0", "output": "cold"}]
    recorded = episode(({**assistant("ab", tool_call("f", {})), "output_items": items}, "cold"))
    assert recorded.items == played.items


def test_texts():
    parts = {"role": "assistant", "content": [{"type": "text", "text": "x"}, {"type": "text", "text": "y"}]}
    played = episode((CALL, "cold"), (parts,), (assistant(None, tool_call("f", {})), "tool text"))
    assert (
        played.output_text == "let me seexy"
        and played.last_message_text == "xy"
        and played.last_item_text == ""
    )


@pytest.mark.parametrize(
    ("turns", "text"),
    [
        ([("a",), ("b",)], "b"),
        ([("a",), (assistant(None),)], ""),
        ([({**assistant("b"), "reasoning_content": "hmm"},)], "b"),
        ([({**assistant(""), "reasoning_content": "hmm"},)], ""),
        ([({**assistant(None), "refusal": "no"},)], ""),
        ([(CALL,)], ""),
        ([(CALL, "cold")], ""),
        ([(assistant([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]),)], "a"),
        ([(assistant([]),)], ""),
        ([(Response(assistant("ab"), items=[message_item("a", "b")]),)], "a"),
        ([(Response(assistant("ab"), items=[message_item("a"), message_item("b")]),)], "b"),
        ([(Response(assistant("a"), items=[message_item("a"), REASONING]),)], ""),
        ([({**assistant("ab"), "output_items": [message_item("a"), message_item("b")]},)], "b"),
        ([(Response(assistant("a"), items=[{**message_item(), "content": "plain"}]),)], "plain"),
        ([(Response(assistant("a"), items=[{**message_item(), "content": []}]),)], ""),
        (
            [
                (
                    Response(
                        assistant(None),
                        items=[{**message_item(), "content": [{"type": "refusal", "refusal": "n"}]}],
                    ),
                )
            ],
            "",
        ),
    ],
)
def test_text_of_the_last_item(turns, text):
    assert episode(*turns).last_item_text == text


def test_the_fast_way_to_the_last_text_agrees_with_the_items():
    for action in ("a", "", assistant(None), {**assistant("b"), "reasoning_content": "hmm"}, CALL):
        played = episode((action,))
        content = played.items[-1].get("content")
        assert played.last_item_text == (content[0]["text"] if content else "")


def test_copies_share_the_past_and_part_in_the_future():
    original = episode((CALL, "cold"))
    original.state["seen"] = [1]
    copied = copy.deepcopy(original)
    copied.messages.append(user("more"))
    copied.turns[0].results.clear()
    copied.turns.append(Turn(Response.of("x")))
    copied.state["seen"].append(2)
    copied.finish("over")
    assert len(original.messages) == 3 and len(original.turns) == len(original.tool_results) == 1
    assert original.state == {"seen": [1]} and original.stop_reason == ""
    assert copied.messages[1] is original.messages[1] and copied.task is original.task


def test_an_episode_of_an_environment():
    env = WeatherEnv()
    env.reset(seed=0)
    env.step(assistant("look", tool_call("get_weather", {"city": "Oslo"})))
    env.step("cold")
    played = env.episode
    assert played.prompt_length == 1 and played.messages[: played.prompt_length] == env.task.messages
    assert played.output_text == "lookcold" and played.last_item_text == "cold"
    assert played.tool_results[0].value == {"city": "Oslo", "weather": "cold"}
