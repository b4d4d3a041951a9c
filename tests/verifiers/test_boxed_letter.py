from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.verifiers.boxed_letter import final_content, first_box, grade_boxed_letter, representation


def text(*texts):
    return [{"type": "output_text", "text": each} for each in texts]


@pytest.mark.parametrize(
    ("said", "expected", "reward", "option"),
    [
        # the plain box
        (r"\boxed{B}", "B", 1.0, "B"),
        (r"The answer is \boxed{B}.", "B", 1.0, "B"),
        (r"$\boxed{B}$", "B", 1.0, "B"),
        (r"\\boxed{B}", "B", 1.0, "B"),
        (r"\boxed{B", "B", 0.0, None),
        (r"\boxed {B}", "B", 0.0, None),
        (r"boxed{B}", "B", 0.0, None),
        (r"\Boxed{B}", "B", 0.0, None),
        (r"\fbox{B}", "B", 0.0, None),
        ("B", "B", 0.0, None),
        ("", "B", 0.0, None),
        ("\b" + "oxed{B}", "B", 0.0, None),
        # the first box wins, to the first closing brace
        (r"\boxed{A} no, \boxed{B}", "A", 1.0, "A"),
        (r"\boxed{A} no, \boxed{B}", "B", 0.0, "A"),
        (r"\boxed{} \boxed{B}", "B", 0.0, ""),
        (r"\boxed{A \boxed{B}", "B", 0.0, r"A \\boxed{B"),
        (r"\boxed{{B}}", "B", 0.0, "{B"),
        (r"\boxed{\text{C}}", "C", 0.0, r"\\text{C"),
        (r"\boxed{\mathrm C}", "C", 0.0, r"\\mathrm C"),
        # compared as it is
        (r"\boxed{b}", "B", 0.0, "b"),
        (r"\boxed{B}", "b", 0.0, "B"),
        (r"\boxed{ B}", "B", 0.0, " B"),
        (r"\boxed{B }", "B", 0.0, "B "),
        (r"\boxed{B.}", "B", 0.0, "B."),
        (r"\boxed{(B)}", "B", 0.0, "(B)"),
        (r"\boxed{B: yes}", "B", 0.0, "B: yes"),
        (r"\boxed{A, B}", "B", 0.0, "A, B"),
        (r"\boxed{BB}", "B", 0.0, "BB"),
        ("\\boxed{\u0412}", "B", 0.0, "\u0412"),
        (r"\boxed{}", "", 1.0, ""),
        # effects of the representation
        ("\\boxed{\nB}", "B", 0.0, r"\nB"),
        ("\\boxed{B\n}", r"B\n", 1.0, r"B\n"),
        ("thinking\n\n\\boxed{B}\n", "B", 1.0, "B"),
        ("\\boxed{\tB}", "B", 0.0, r"\tB"),
        ("\\boxed{\u00e9}", "\u00e9", 1.0, "\u00e9"),
        ("\\boxed{\u200bB}", "B", 0.0, r"\u200bB"),
        ("it's \\boxed{B}", "B", 1.0, "B"),
        ("it's \"so\" \\boxed{B'}", "B'", 0.0, r"B\'"),
        ("it's so \\boxed{B'}", "B'", 1.0, "B'"),
        ('say "so" \\boxed{B"}', 'B"', 1.0, 'B"'),
        ("\\boxed{\ud800}", "B", 0.0, r"\ud800"),
        ("\u2028\\boxed{B}\u2028", "B", 1.0, "B"),
        ("{\\boxed{B}}", "B", 1.0, "B"),
        ("} \\boxed{B}", "B", 1.0, "B"),
    ],
)
def test_a_text(said, expected, reward, option):
    verdict = grade_boxed_letter(text(said), expected)
    assert (verdict.reward, verdict.metrics.get("parsed_option")) == (reward, option)
    assert verdict.reason == ("" if reward else "no_box" if option is None else "wrong_option")


URL = {"type": "url_citation", "url": "http://x/", "title": r"\boxed{A}", "start_index": 0, "end_index": 1}


@pytest.mark.parametrize(
    ("content", "option"),
    [
        (None, None),
        ([], None),
        (text("no", r"\boxed{B}"), "B"),
        (text(r"\boxed{A}", r"\boxed{B}"), "A"),
        ([{"type": "refusal", "refusal": r"I cannot say \boxed{A}"}], "A"),
        ([{"refusal": r"\boxed{B}", "type": "refusal"}, *text(r"\boxed{A}")], "B"),
        # a citation comes before the text it belongs to, in whichever order the keys are
        ([{"type": "output_text", "text": r"\boxed{B}", "annotations": [URL]}], "A"),
        ([{"annotations": [URL], "text": r"\boxed{B}", "type": "output_text"}], "A"),
        ([{"type": "output_text", "text": "none", "annotations": [URL]}], "A"),
        (
            [
                {
                    "type": "output_text",
                    "text": r"\boxed{B}",
                    "logprobs": [{"token": r"\boxed{A}", "logprob": 0.0}],
                }
            ],
            "B",
        ),
        ([{"type": "output_text", "text": r"\boxed{B}", "annotations": []}], "B"),
        # an open box runs on into the next part
        (
            text(r"\boxed{A", r"\boxed{B}"),
            "A', type='output_text', logprobs=None), output_text(annotations=[], text='\\\\boxed{B",
        ),
        ([{"type": "output_text", "text": "none", "note": r"\boxed{B}"}], "B"),
        ([{"type": "unknown", "text": r"\boxed{B}"}], "B"),
        ([r"\boxed{B}"], "B"),
    ],
)
def test_parts(content, option):
    assert grade_boxed_letter(content, "B").metrics.get("parsed_option") == option
    assert grade_boxed_letter(content, "B").reward == float(option == "B")


BOX = {"type": "message", "role": "assistant", "content": text(r"\boxed{B}")}
CALL = {"type": "function_call", "call_id": "c", "name": "search", "arguments": "{}"}


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([], False),
        ([BOX], True),
        ([CALL, {"type": "function_call_output", "call_id": "c", "output": "x"}, BOX], True),
        ([BOX, CALL], False),
        ([BOX, CALL, {"type": "function_call_output", "call_id": "c", "output": r"\boxed{B}"}], False),
        ([BOX, {"type": "reasoning", "summary": [{"type": "summary_text", "text": r"\boxed{B}"}]}], False),
        ([{"type": "reasoning", "summary": []}, BOX], True),
        ([{**BOX, "role": "user"}], False),
        ([{**BOX, "content": r"\boxed{B}"}], True),
        ([{**BOX, "content": None}], False),
        ([BOX, {**BOX, "content": text("Done.")}], False),
    ],
)
def test_the_last_item_counts(items, found):
    verdict = grade_boxed_letter(final_content(items), "B")
    assert verdict.reward == float(found)
    assert found or verdict.reason in ("no_message", "no_box")


def test_many_open_boxes_take_no_time():
    assert grade_boxed_letter(text("\\boxed{" * 200_000), "B").reason == "no_box"


boxes = st.lists(st.sampled_from(["\\boxed{", "}", "{", "A", "B", "\n", "'", '"', " ", "\\", "\u2028"])).map(
    "".join
)


@given(st.lists(boxes))
def test_agrees_with_the_regular_expression(texts):
    found = re.search(r"\\boxed\{(.*?)\}", representation(text(*texts)))
    assert first_box(representation(text(*texts))) == (found and found[1])


@given(boxes | st.text())
def test_agrees_with_the_public_models(said):
    from openai.types.responses import ResponseOutputText

    public = str([ResponseOutputText(annotations=[], text=said, type="output_text")])
    assert representation(text(said)) == public.replace("ResponseOutputText", "output_text")
