from __future__ import annotations

import copy
import json
import pickle

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgym.errors import InvalidAction, UsageError
from llmgym.messages import Messages, Response, assistant, message_text, tool_call, user


def test_a_snapshot_equals_a_plain_list_and_shares_the_messages():
    history = [user("a"), assistant("b")]
    snapshot = Messages(history)
    history.append(user("c"))
    assert snapshot == [user("a"), assistant("b")] and len(snapshot) == 2
    for copied in (copy.copy(snapshot), copy.deepcopy(snapshot), Messages(snapshot)):
        assert type(copied) is Messages and copied == snapshot and copied is not snapshot
        assert all(one is other for one, other in zip(copied, snapshot, strict=True))
    assert Messages.dtype is None and not hasattr(snapshot, "__dict__")


def test_thaw_gives_messages_that_may_be_edited():
    snapshot = Messages([assistant("a", tool_call("f", {}))])
    thawed = snapshot.thaw()
    thawed[0]["tool_calls"][0]["function"]["name"] = "g"
    assert type(thawed) is list and snapshot[0]["tool_calls"][0]["function"]["name"] == "f"


def test_a_snapshot_is_json_and_pickles():
    snapshot = Messages([user("é")])
    assert json.loads(json.dumps(snapshot)) == orjson.loads(orjson.dumps(snapshot)) == snapshot
    loaded = pickle.loads(pickle.dumps(snapshot))
    assert loaded == snapshot and type(loaded) is Messages
    assert repr(snapshot) == "Messages([{'role': 'user', 'content': 'é'}])"


def test_strings_messages_and_responses_are_actions():
    for action in ("42", assistant("42"), Response(assistant("42"))):
        response = Response.of(action)
        assert response.message == {"role": "assistant", "content": "42"} and response.text == "42"
        assert response.tool_calls == [] and response.reasoning is None and response.finish_reason is None


def test_what_a_server_told_is_kept():
    given = Response(
        assistant("a"), "stop", {"total_tokens": 3}, [1], [2, 3], [-0.5, 0.0], [{"type": "message"}], "m"
    )
    assert Response.of(given) == given and Response.of(given) is not given
    assert pickle.loads(pickle.dumps(given)) == given


def test_answers_of_servers_are_actions():
    answer = {"choices": [{"message": {"role": "assistant", "content": "4"}, "finish_reason": "length"}]}
    assert Response.of(answer) == Response(assistant("4"), "length")


def test_objects_of_openai_are_actions():
    types = pytest.importorskip("openai.types.chat")
    message = types.ChatCompletionMessage.model_validate(
        assistant("4", tool_call("f", {"a": 1})) | {"role": "assistant"}
    )
    assert Response.of(message).message == assistant("4", tool_call("f", {"a": 1}))


@pytest.mark.parametrize("wrap", [dict, Response], ids=["message", "response"])
def test_an_action_is_a_copy_that_its_author_cannot_reach(wrap):
    message = {
        "role": "assistant",
        "content": [{"type": "text", "text": "before"}],
        "tool_calls": [tool_call("before", {})],
        "annotations": [{"type": "url_citation", "url_citation": {"title": "before"}}],
        "audio": {"id": "before", "parts": ["before"]},
    }
    own = Response.of(wrap(message)).message
    kept = copy.deepcopy(own)
    message["content"][0]["text"] = message["tool_calls"][0]["function"]["name"] = "after"
    message["annotations"][0]["url_citation"]["title"] = message["audio"]["parts"][0] = "after"
    message["content"].append("more")
    message["extra"] = "after"
    assert own == kept and "after" not in json.dumps(own)


def test_absent_content_is_none_and_tuples_become_lists():
    assert Response.of({"role": "assistant", "tool_calls": (tool_call("f", {}),)}).message == assistant(
        None, tool_call("f", {})
    )
    assert Response.of({"role": "assistant", "content": ({"type": "text", "text": "a"},)}).text == "a"


@pytest.mark.parametrize(
    ("action", "told"),
    [
        (None, "found NoneType"),
        (5, "found int"),
        (b"text", "found bytes"),
        (["text"], "found list"),
        ({}, "found dict with the keys none"),
        ({"content": "x"}, "found dict with the keys 'content'"),
        (user("x"), "Expected an assistant message as action, found role 'user'"),
        ({"role": "assistant", "content": 5}, "content to be text, a list of parts or None, found int"),
        ({"role": "assistant", "content": {"text": "a"}}, "found dict"),
        ({"role": "assistant", "tool_calls": {"name": "f"}}, "Expected tool_calls to be a list, found dict"),
        (Response(user("x")), "found role 'user'"),
    ],
)
def test_other_things_are_not_actions(action, told):
    with pytest.raises(InvalidAction, match=told) as caught:
        Response.of(action)
    assert isinstance(caught.value, UsageError) and isinstance(caught.value, TypeError)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a", "a"),
        (None, ""),
        ([], ""),
        (["a", "b"], "ab"),
        (
            [
                {"type": "text", "text": "a"},
                {"type": "image_url", "image_url": {"url": "u"}},
                {"type": "text", "text": "b"},
            ],
            "ab",
        ),
        ([{"type": "refusal", "refusal": "no"}, {"type": "text", "text": None}, 5, None], ""),
        (5, ""),
    ],
)
def test_message_text(content, text):
    assert message_text({"role": "user", "content": content}) == text


def test_message_text_without_content():
    assert message_text({}) == ""


@settings(max_examples=40)
@given(
    st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x))
)
def test_message_text_is_total(content):
    assert isinstance(message_text({"content": content}), str)


def test_calls_are_written_as_a_model_would():
    assert tool_call("f", {"stadt": "Zürich", "n": 1}, "c9") == {
        "id": "c9",
        "type": "function",
        "function": {"name": "f", "arguments": '{"stadt":"Zürich","n":1}'},
    }
    assert tool_call("f", "not JSON")["function"]["arguments"] == "not JSON"
    assert assistant() == {"role": "assistant", "content": None}
    assert assistant("a", tool_call("f", {}), tool_call("g", {}))["tool_calls"][1]["function"]["name"] == "g"
