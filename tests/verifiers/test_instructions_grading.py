from __future__ import annotations

import random

import numpy as np
import pytest

from llmgym.errors import DependencyMissing
from llmgym.verifiers.instructions import (
    INSTRUCTIONS,
    check_instruction,
    grade_instructions,
    packages,
    settle,
    settle_instructions,
    verdict_of,
)
from llmgym.verifiers.instructions.arguments import LANGUAGES, RELATIONS

COMMA, DOT = "punctuation:no_comma", "punctuation:punctuation_dot"


def settled(id, kwargs=None, seed=0):
    return settle(id, kwargs, np.random.default_rng(seed))


@pytest.mark.parametrize(
    ("text", "mode", "reward", "followed"),
    [
        ("no marks", "binary", 1.0, [True, True]),
        ("no, marks", "binary", 0.0, [False, True]),
        ("no, marks", "fraction", 0.5, [False, True]),
        ("no, marks.", "fraction", 0.0, [False, False]),
        ("", "binary", 1.0, [True, True]),
    ],
)
def test_the_modes(text, mode, reward, followed):
    verdict = grade_instructions(text, [COMMA, DOT], [None, {}], mode)
    assert verdict.reward == reward
    assert verdict.metrics == {"follow_all_instructions": all(followed), "follow_instruction_list": followed}
    assert not verdict.vacuous


@pytest.mark.parametrize(("mode", "reward"), [("binary", 1.0), ("fraction", 0.0)])
def test_no_instructions(mode, reward):
    verdict = grade_instructions("anything", [], [], mode)
    assert (verdict.reward, verdict.vacuous, verdict.reason) == (reward, True, "no_instructions")
    assert verdict.metrics == {"follow_all_instructions": True, "follow_instruction_list": []}


def test_an_unknown_mode_earns_nothing():
    verdict = grade_instructions("anything", [COMMA], [{}], "loose")
    assert (verdict.reward, verdict.reason) == (0.0, "unknown_grading_mode: 'loose'")


@pytest.mark.parametrize(("ids", "kwargs"), [([COMMA, DOT], [{}]), ([COMMA], [{}, {}, None])])
def test_a_surplus_is_ignored(ids, kwargs):
    assert grade_instructions("a.", ids, kwargs).metrics["follow_instruction_list"] == [True]


def test_the_reason_names_what_was_not_followed():
    verdict = grade_instructions("a, b", [COMMA, DOT, "copy:other"], [{}, {}, {}])
    assert verdict.reason == "not_followed: punctuation:no_comma, copy:other (unknown instruction)"


def test_nulls_are_left_out():
    assert check_instruction(COMMA, {"keyword": None, "num_words": None}, "a b")
    assert not check_instruction(COMMA, {"keyword": "a"}, "a b")


@pytest.mark.parametrize(
    ("id", "kwargs", "detail"),
    [
        (COMMA, {"keyword": "a"}, "TypeError: unexpected argument 'keyword'"),
        ("combination:repeat_prompt", {}, "ValueError: expected a prompt_to_repeat"),
        (
            "length_constraints:number_words",
            {"relation": "exactly"},
            "ValueError: expected a relation among less than, at least, found 'exactly'",
        ),
        ("count:word_count_range", {}, "unknown instruction (it is one of IFBench)"),
    ],
)
def test_what_cannot_be_checked_says_why(id, kwargs, detail):
    outcome = settled(id, kwargs).check("a b")
    assert (outcome.followed, outcome.detail) == (False, detail)


def test_settling_leaves_the_arguments_of_a_row_alone():
    kwargs = {"keywords": ["oak", "elm"]}
    assert settled("keywords:existence", kwargs).arguments == {"keywords": ["elm", "oak"]}
    assert kwargs == {"keywords": ["oak", "elm"]}


@pytest.mark.parametrize("id", INSTRUCTIONS)
def test_missing_arguments_are_drawn_from_the_generator_alone(id):
    state = random.getstate()
    np.random.seed(1)
    numpy_state = np.random.get_state()[1].tolist()
    drawn = [settled(id, seed=seed) for seed in (1, 1, 2)]
    assert drawn[0] == drawn[1]
    assert random.getstate() == state
    assert np.random.get_state()[1].tolist() == numpy_state
    if not drawn[0].detail:
        assert drawn[0].arguments.keys() == INSTRUCTIONS[id].parameters.keys()
        assert None not in drawn[0].arguments.values()


def drawn_values(id, name, kwargs=None):
    return {settled(id, kwargs, seed).arguments[name] for seed in range(300)}


@pytest.mark.parametrize(
    ("id", "name", "kwargs", "values"),
    [
        ("length_constraints:number_sentences", "num_sentences", {}, set(range(1, 21))),
        ("length_constraints:number_sentences", "num_sentences", {"num_sentences": -1}, set(range(1, 21))),
        ("length_constraints:number_sentences", "num_sentences", {"num_sentences": 0}, {0}),
        ("length_constraints:number_sentences", "relation", {}, set(RELATIONS)),
        ("length_constraints:number_paragraphs", "num_paragraphs", {}, set(range(1, 6))),
        ("detectable_content:number_placeholders", "num_placeholders", {}, set(range(1, 5))),
        ("detectable_content:postscript", "postscript_marker", {}, {"P.S.", "P.P.S"}),
        ("detectable_format:multiple_sections", "section_spliter", {}, {"Section", "SECTION"}),
        ("change_case:capital_word_frequency", "capital_frequency", {}, set(range(1, 21))),
        ("change_case:capital_word_frequency", "capital_frequency", {"capital_frequency": -1}, {-1}),
        ("keywords:letter_frequency", "letter", {"letter": "ab"}, set("abcdefghijklmnopqrstuvwxyz")),
        ("keywords:letter_frequency", "letter", {"letter": "#"}, set("abcdefghijklmnopqrstuvwxyz")),
        ("keywords:letter_frequency", "letter", {"letter": "B"}, {"b"}),
        ("language:response_language", "language", {}, set(LANGUAGES)),
        ("copy:repeat_phrase", "small_n", {"small_n": 0}, {2, 3}),
        ("keywords:keyword_specific_position", "n", {}, set(range(20, 31))),
        ("new:copy_span_idx", "n_start", {"prompt_to_repeat": "a b c d", "n_start": 0}, {0, 1, 2}),
        (
            "length_constraints:nth_paragraph_first_word",
            "nth_paragraph",
            {"num_paragraphs": 2, "nth_paragraph": 3},
            {1, 2, 3},
        ),
    ],
)
def test_ranges_of_the_draws(id, name, kwargs, values):
    assert drawn_values(id, name, kwargs) == values


def test_without_a_generator_the_draw_is_the_same_every_time():
    text = " ".join(["word"] * 300)
    drawn = {check_instruction("length_constraints:number_words", {}, text) for _ in range(20)}
    assert len(drawn) == 1


def test_one_generator_serves_all_instructions_in_order():
    ids, kwargs = ["length_constraints:number_words"] * 3, [{}, {}, {}]
    first = settle_instructions(ids, kwargs, np.random.default_rng(5))
    again = settle_instructions(ids, kwargs, np.random.default_rng(5))
    assert first == again
    assert len({str(each.arguments) for each in first}) == 3
    assert verdict_of("a", first).metrics["follow_instruction_list"] == [
        each.check("a").followed for each in again
    ]


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setattr(packages, "find_spec", lambda name: None)
    with pytest.raises(DependencyMissing, match="'langdetect' is needed to grade instructions"):
        check_instruction("change_case:english_lowercase", {}, "some words")
    assert check_instruction(COMMA, {}, "some words")
