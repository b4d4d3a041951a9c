from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.errors import UsageError
from llmgym.verifiers.judge import (
    EQUAL_LABEL,
    NOT_EQUAL_LABEL,
    Comparison,
    Evaluation,
    JudgePrompt,
    first_label,
    read_template,
    verdict_text,
)

PIECES = st.lists(st.sampled_from([EQUAL_LABEL, NOT_EQUAL_LABEL, "[[", "A=B", "]]", " ", "so"]), max_size=8)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["type", "content", "text"]), inner)
    ),
    max_leaves=6,
)


@given(PIECES)
def test_the_label_that_comes_first_wins(pieces):
    text = "".join(pieces)
    places = {
        text.index(label): label == EQUAL_LABEL for label in (EQUAL_LABEL, NOT_EQUAL_LABEL) if label in text
    }
    assert first_label(text) == (places[min(places)] if places else None)


@given(st.lists(st.dictionaries(st.sampled_from(["type", "content", "text"]), JSON), max_size=3))
def test_any_items_have_a_text_or_none(items):
    assert isinstance(verdict_text(items), str | None)
    evaluation = Evaluation.of({}, items, Comparison("", "", ""))
    assert evaluation.equal in (True, False, None)


def test_an_evaluation_tells_what_public_ones_tell():
    items = [{"type": "message", "content": [{"type": "output_text", "text": "No: NO"}]}]
    comparison = Comparison("q", "a", "b", "YES", "NO")
    told = Evaluation.of({"input": []}, items, comparison, {"prompt_tokens": 3}, "m").to_dict()
    response = {"output": items, "model": "m", "usage": {"prompt_tokens": 3}}
    assert told == {"request": {"input": []}, "response": response, "verdict_label": "NO"}
    assert Evaluation.of({}, [], comparison).to_dict()["verdict_label"] is None


def test_texts_are_put_in_once():
    prompt = JudgePrompt("{question}/{expected_answer}/{generated_answer}/{{x}}", "sys", fenced=False)
    messages = prompt.messages("{generated_answer}", "{0}", "{{")
    assert messages == [
        {"role": "system", "content": "sys"},
        {"role": "user", "content": "{generated_answer}/{0}/{{/{x}"},
    ]


def test_labels_can_be_put_in():
    prompt = JudgePrompt(
        "{expected_answer}{generated_answer} {equal_label} {not_equal_label}", None, "Y!", "N!"
    )
    assert prompt.messages("q", "a", "b")[0]["content"].endswith("] Y! N!")


def test_fenced_texts_depend_on_their_place():
    prompt = JudgePrompt("{question}{expected_answer}{generated_answer}")
    assert prompt.messages("q", "a", "b") == prompt.messages("q", "a", "b")
    assert prompt.messages("q", "a", "b") != prompt.messages("q", "b", "a")


@pytest.mark.parametrize(
    ("template", "fault"),
    [
        ("{expected_answer}", "lacks an answer"),
        ("{expected_answer}{generated_answer}{gold}", "it has {gold}"),
        ("{expected_answer}{generated_answer}{}", "it has {}"),
        ("{expected_answer}{generated_answer!r}", "it has {generated_answer}"),
        ("{expected_answer}{generated_answer:>9}", "it has {generated_answer}"),
        ("{expected_answer}{generated_answer.__class__}", "__class__"),
        ("{expected_answer}{generated_answer} {", "brace|'{'|expected '}'|[Ss]ingle"),
        (7, "not a text"),
    ],
)
def test_templates_that_cannot_be_filled_in(template, fault):
    with pytest.raises(UsageError, match=fault):
        JudgePrompt(template)


@pytest.mark.parametrize("labels", [("", "N"), ("Y", " "), ("Y", None), ("Y", "Y")])
def test_labels_that_say_nothing(labels):
    with pytest.raises(UsageError, match="label"):
        JudgePrompt("{expected_answer}{generated_answer}", None, *labels)


def test_template_files(tmp_path):
    path = tmp_path / "template.txt"
    path.write_text("\n {expected_answer} ä {generated_answer}\n\n", encoding="utf-8")
    assert read_template(str(path)) == "{expected_answer} ä {generated_answer}"
    path.write_bytes(b"\xff")
    with pytest.raises(UsageError, match="cannot be read"):
        read_template(str(path))
    with pytest.raises(UsageError, match="cannot be read"):
        read_template(str(tmp_path / "absent.txt"))
    path.write_text("{answer}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"template\.txt.*{answer}"):
        read_template(str(path))
