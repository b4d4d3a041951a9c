"""The checks are total functions, and equal to plain restatements of the public expressions."""

from __future__ import annotations

import json
import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from instruction_texts import PIECES

from llmgym.verifiers.instructions import INSTRUCTIONS, grade_instructions, settle
from llmgym.verifiers.instructions.arguments import RELATIONS

texts = st.lists(st.sampled_from(PIECES) | st.text(max_size=5), max_size=25).map("".join)
scalars = (
    st.none() | st.booleans() | st.integers(-2, 8) | st.floats(allow_nan=False) | st.sampled_from(PIECES)
)
values = (
    scalars | st.lists(scalars, max_size=3) | st.dictionaries(st.sampled_from(PIECES), scalars, max_size=2)
)
names = sorted({name for instruction in INSTRUCTIONS.values() for name in instruction.parameters})
QUICK = sorted(id for id, instruction in INSTRUCTIONS.items() if instruction.work == "text")


@st.composite
def arguments(draw, id):
    likely = {
        name: st.sampled_from(RELATIONS) | values if name.endswith("relation") else values
        for name in INSTRUCTIONS[id].parameters
    }
    given = draw(st.fixed_dictionaries({}, optional=likely))
    if draw(st.integers(0, 19)) == 0:
        given[draw(st.sampled_from(names))] = draw(values)
    return given


@settings(max_examples=400)
@given(st.data(), texts, st.sampled_from(sorted(INSTRUCTIONS)))
def test_any_arguments_and_any_text_give_a_verdict(data, text, id):
    kwargs = data.draw(arguments(id))
    before = json.dumps(kwargs)
    verdicts = [grade_instructions(text, [id], [kwargs], mode) for mode in ("binary", "fraction", "binary")]
    assert json.dumps(kwargs) == before
    assert verdicts[0] == verdicts[2]
    assert {verdict.reward for verdict in verdicts} <= {0.0, 1.0}
    assert json.loads(json.dumps(verdicts[0].to_dict())) == verdicts[0].to_dict()


@settings(max_examples=300)
@given(texts, st.lists(st.sampled_from(QUICK), max_size=6))
def test_the_reward_is_the_share_or_all_or_nothing(text, ids):
    kwargs = [{}] * len(ids)
    binary, fraction = (grade_instructions(text, ids, kwargs, mode) for mode in ("binary", "fraction"))
    followed = binary.metrics["follow_instruction_list"]
    assert fraction.metrics == binary.metrics
    assert len(followed) == len(ids)
    assert binary.reward == float(all(followed))
    assert fraction.reward == (sum(followed) / len(ids) if ids else 0.0)
    assert binary.vacuous == (not ids)


def check(id, text, **kwargs):
    return settle(id, kwargs, np.random.default_rng(0)).check(text).followed


@given(texts, st.integers(0, 5))
def test_placeholders(text, number):
    expected = len(re.findall(r"\[.*?\]", text)) >= number
    assert check("detectable_content:number_placeholders", text, num_placeholders=number) == expected


@given(texts, st.integers(0, 5))
def test_bullets(text, number):
    stars = re.findall(r"^\s*\*[^\*].*$", text, flags=re.MULTILINE)
    dashes = re.findall(r"^\s*-.*$", text, flags=re.MULTILINE)
    expected = len(stars) + len(dashes) == number
    assert check("detectable_format:number_bullet_lists", text, num_bullets=number) == expected


@given(st.text(alphabet="*- \n\ta", max_size=30))
def test_bullets_in_every_arrangement(text):
    number = len(re.findall(r"^\s*\*[^\*].*$", text, flags=re.MULTILINE))
    number += len(re.findall(r"^\s*-.*$", text, flags=re.MULTILINE))
    assert check("detectable_format:number_bullet_lists", text, num_bullets=number)


@given(st.text(alphabet="<> a\n", max_size=20))
def test_titles(text):
    expected = any(found.lstrip("<").rstrip(">").strip() for found in re.findall(r"<<[^\n]+>>", text))
    assert check("detectable_format:title", text) == expected


@given(st.text(alphabet="pPsS. \n", max_size=15), st.sampled_from(["P.S.", "P.P.S", "p.s", "S", " P.P.S. "]))
def test_postscripts(text, marker):
    pattern = {"P.P.S": r"\s*p\.\s?p\.\s?s.*$", "P.S.": r"\s*p\.\s?s\..*$"}.get(
        marker, rf"\s*{marker.strip().lower()}.*$"
    )
    expected = bool(re.findall(pattern, text.lower(), flags=re.MULTILINE))
    assert check("detectable_content:postscript", text, postscript_marker=marker) == expected


@given(st.text(alphabet="* a\n", max_size=20), st.integers(0, 4))
def test_highlights(text, number):
    found = [each.strip("*").strip() for each in re.findall(r"\*[^\n\*]*\*", text)]
    found += [
        each.removeprefix("**").removesuffix("**").strip() for each in re.findall(r"\*\*[^\n\*]*\*\*", text)
    ]
    expected = len([each for each in found if each]) >= number
    assert check("detectable_format:number_highlighted_sections", text, num_highlights=number) == expected


@given(st.text(alphabet="a*\n ", max_size=20), st.integers(0, 4))
def test_paragraphs(text, number):
    pieces = re.split(r"\s?\*\*\*\s?", text)
    count, spoilt = len(pieces), False
    for place, piece in enumerate(pieces):
        if not piece.strip():
            if place in (0, len(pieces) - 1):
                count -= 1
            else:
                spoilt = True
    expected = count == number and not spoilt
    assert check("length_constraints:number_paragraphs", text, num_paragraphs=number) == expected


@given(
    st.lists(
        st.sampled_from(["small", "boats", "ships", "cross", "the", "lake", "\n", "lakes"]), max_size=30
    ),
    st.integers(1, 3),
)
def test_phrases(words, number):
    phrase, text = "small boats cross the lake", " ".join(words)
    found, good, changes = re.findall("small .*? lake", text), True, 0
    for each in found:
        other = each.split()
        changes = sum(a != b for a, b in zip(other, phrase.split(), strict=False))
        good = good and len(other) == 5 and changes <= 1
    expected = len(found) == number and good and changes == 1
    assert check("copy:repeat_phrase", text, phrase=phrase, small_n=number) == expected
