from __future__ import annotations

import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from envs.tool_playing import check_in_gymnasium, check_splits, play
from hypothesis import given
from hypothesis import strategies as st

import llmgym  # noqa: F401
from llmgym.envs.multi_step import MultiStepEnv, grade_extraction, make_synonym_task, synonym_value
from llmgym.envs.multi_step.tasks import QUESTIONS
from llmgym.envs.multi_step.vocabulary import TERMS, VOCABULARY
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Response, assistant, tool_call

DIFFICULTIES = ("easy", "medium", "hard")
ROW = {
    "prompt": "How hot is it?",
    "expected_synonyms": ["Blazing", "Warm"],
    "expected_synonym_values": [711, 407],
    "minefield_label": "Hot",
    "minefield_label_value": 299,
}


def extract(values):
    raw = values if isinstance(values, str) else json.dumps({"synonym_values": values})
    return assistant(None, tool_call("extract_synonym_values", raw))


# The public tools' texts, byte for byte.


@pytest.mark.parametrize(
    ("name", "arguments", "content"),
    [
        ("get_synonym_value", '{"synonym": "Blazing"}', '{"synonym_value":711}'),
        ("get_synonym_value", '{"synonym": "Warm"}', '{"synonym_value":407}'),
        ("get_synonym_value", '{"synonym": "warm"}', '{"synonym_value":439}'),
        ("get_synonym_value", '{"synonym": "Hot"}', '{"synonym_value":299}'),
        ("get_synonym_value", '{"synonym": ""}', '{"synonym_value":0}'),
        ("get_synonym_value", '{"synonym": "In proximity"}', '{"synonym_value":1228}'),
        ("get_synonym_value", '{"synonym": "é"}', '{"synonym_value":233}'),
        ("get_synonym_value", '{"synonym": "😀"}', '{"synonym_value":128512}'),
        ("get_synonym_value", '{"synonym": "Hot", "more": 1}', '{"synonym_value":299}'),
        ("extract_synonym_values", '{"synonym_values": [1]}', '{"success":true}'),
        ("extract_synonym_values", '{"synonym_values": []}', '{"success":true}'),
        ("extract_synonym_values", '{"synonym_values": ["1", 2.0, true]}', '{"success":true}'),
    ],
)
def test_tool_text(name, arguments, content):
    env = MultiStepEnv()
    env.reset(options={"task": ROW})
    observation, *_ = env.step(assistant(None, tool_call(name, arguments)))
    assert observation[-1]["content"] == content


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("get_synonym_value", "{}"),
        ("get_synonym_value", '{"synonym": 5}'),
        ("get_synonym_value", '{"synonym": null}'),
        ("extract_synonym_values", '{"synonym_values": 5}'),
        ("extract_synonym_values", '{"synonym_values": [1.5]}'),
        ("extract_synonym_values", '{"synonym_values": "[1]"}'),
        ("extract_synonym_values", "["),
    ],
)
def test_bad_arguments_are_told_to_the_model(name, arguments):
    env = MultiStepEnv()
    env.reset(options={"task": ROW})
    env.step(assistant(None, tool_call(name, arguments)))
    assert env.episode.tool_results[-1].outcome == "malformed_arguments"


# The grader: (arguments of the last call, expected, reward, overlap, own value hit, wrong order).

GRADES = [
    # Equality as ordered lists.
    ("[711, 407]", [711, 407], 1.0, 1.0, False, False),
    ("[407, 711]", [711, 407], 0.0, 1.0, False, True),
    ("[711]", [711, 407], 0.0, 0.5, False, False),
    ("[711, 407, 1]", [711, 407], 0.0, 1.0, False, True),
    ("[711, 407, 407]", [711, 407], 0.0, 1.0, False, True),
    ("[]", [711, 407], 0.0, 0.0, False, False),
    ("[1, 2]", [711, 407], 0.0, 0.0, False, False),
    # The original term's value is a trap, but only equality pays.
    ("[299]", [711, 407], 0.0, 0.0, True, False),
    ("[299, 711, 407]", [711, 407], 0.0, 1.0, True, True),
    ("[299, 711]", [299, 711], 1.0, 1.0, True, False),
    # JSON numbers compare as in Python.
    ("[711.0, 407]", [711, 407], 1.0, 1.0, False, False),
    ("[7.11e2, 407]", [711, 407], 1.0, 1.0, False, False),
    ("[true]", [1], 1.0, 1.0, False, False),
    ("[false, true]", [0, 1], 1.0, 1.0, False, False),
    ("[299.0]", [1], 0.0, 0.0, True, False),
    # Strings are not numbers in the comparison, though the list is accepted.
    ('["711", "407"]', [711, 407], 0.0, 0.0, False, False),
    ('[711, "407"]', [711, 407], 0.0, 0.5, False, False),
    ('["Hot"]', [711, 407], 0.0, 0.0, False, False),
    # The overlap divides by the length of the list, so duplicates in it keep it below 1.
    ("[5, 5]", [5, 5], 1.0, 0.5, False, False),
    ("[5]", [5, 5], 0.0, 0.5, False, False),
    # A list that the public server cannot read back is a crash there, and 0 here.
    ("[711.5, 407]", [711, 407], 0.0, 0.0, False, False),
    ("[[711], 407]", [711, 407], 0.0, 0.0, False, False),
    ("[null]", [711, 407], 0.0, 0.0, False, False),
    ("[NaN]", [711, 407], 0.0, 0.0, False, False),
    ("[1e999]", [711, 407], 0.0, 0.0, False, False),
    ("{}", [711, 407], 0.0, 0.0, False, False),
    ('"711, 407"', [711, 407], 0.0, 0.0, False, False),
    ("711", [711], 0.0, 0.0, False, False),
    ("null", [711, 407], 0.0, 0.0, False, False),
    # Nothing expected: a division by zero there, and 0 here.
    ("[]", [], 0.0, 0.0, False, False),
    ("[299]", [], 0.0, 0.0, True, False),
]


@pytest.mark.parametrize(("values", "expected", "reward", "overlap", "hit", "disorder"), GRADES)
def test_grade(values, expected, reward, overlap, hit, disorder):
    verdict = grade_extraction(f'{{"synonym_values": {values}}}', expected, 299)
    assert verdict.reward == reward
    assert verdict.metrics["accuracy"] is (reward == 1.0)
    assert verdict.metrics["set_overlap"] == overlap
    assert verdict.metrics["original_term_minefield_hit"] is hit
    assert verdict.metrics["order_instruction_following_failure"] is disorder
    assert bool(verdict.reason) == (reward == 0.0)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "{",
        "[]",
        "[711, 407]",
        "null",
        "7",
        '"synonym_values"',
        "{}",
        '{"values": [711, 407]}',
        "[" * 100_000,
        "{'synonym_values': [711, 407]}",
        '{"synonym_values": [' + "9" * 5000 + "]}",
    ],
)
def test_no_list_is_an_empty_list(raw):
    verdict = grade_extraction(raw, [711, 407], 299)
    assert verdict.reward == 0.0
    assert verdict.metrics["parsed_synonym_values"] == []
    assert verdict.reason


def test_a_repeated_key_takes_its_last_value_as_json_does():
    assert grade_extraction('{"synonym_values": [1], "synonym_values": [711]}', [711]).reward == 1.0
    assert grade_extraction('{"synonym_values": [711], "synonym_values": [1]}', [711]).reward == 0.0


def test_metrics_stay_writable():
    verdict = grade_extraction('{"synonym_values": [100000000000000000000]}', [711], None)
    assert "parsed_synonym_values" not in verdict.metrics
    assert "original_term_minefield_hit" not in verdict.metrics


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(),
        lambda x: st.lists(x),
        max_leaves=8,
    ),
    st.lists(st.integers(-3, 3)),
)
def test_grader_takes_any_json(values, expected):
    verdict = grade_extraction(json.dumps({"synonym_values": values}), expected, 1)
    assert verdict.reward == float(bool(expected) and values == expected)


# What counts in an episode: the last extraction, succeeded or not.


@pytest.mark.parametrize(
    ("actions", "reward"),
    [
        ([extract([711, 407]), "Done."], 1.0),
        ([extract([1]), extract([711, 407]), "Done."], 1.0),
        ([extract([711, 407]), extract([1]), "Done."], 0.0),
        ([extract([711, 407]), extract("{"), "Done."], 0.0),
        ([extract([711, 407]), extract("{}"), "Done."], 0.0),
        ([extract("{"), extract([711, 407]), "Done."], 1.0),
        # Neither lookups nor an answer are needed.
        ([extract([711, 407]), ""], 1.0),
        # Two extractions in one response: the later one.
        ([assistant(None, *extract([1])["tool_calls"], *extract([711, 407])["tool_calls"]), "Done."], 1.0),
        # A response that was cut off still holds its call, though it was not executed.
        ([Response(extract([711, 407]), finish_reason="length")], 1.0),
        ([extract([711, 407]), Response(extract("{"), finish_reason="length")], 0.0),
        # Values in prose, or handed to another tool, are not extracted.
        (["[711, 407]"], 0.0),
        (
            [assistant(None, tool_call("Extract_synonym_values", {"synonym_values": [711, 407]})), "Done."],
            0.0,
        ),
        ([""], 0.0),
    ],
)
def test_the_last_extraction_counts(actions, reward):
    earned, info = play(MultiStepEnv(), ROW, actions)
    assert earned == reward
    assert info["metrics"]["accuracy"] is (reward == 1.0)


def test_out_of_turns_is_still_verified():
    reward, info = play(MultiStepEnv(max_turns=1), ROW, [extract([711, 407])])
    assert (reward, info["stop_reason"]) == (1.0, "max_turns")


@pytest.mark.parametrize(
    "change",
    [
        {"expected_synonym_values": None},
        {"expected_synonym_values": "711"},
        {"expected_synonym_values": [1.5]},
        {"minefield_label_value": "Hot"},
    ],
)
def test_bad_rows_are_named(change):
    with pytest.raises(InvalidTask, match=list(change)[0]):
        MultiStepEnv().reset(options={"task": {**ROW, **change}})


def test_numbers_of_a_row_may_be_written_as_text():
    row = {**ROW, "expected_synonym_values": ["711", 407.0], "minefield_label_value": "299"}
    assert play(MultiStepEnv(), row, [extract([711, 407]), ""])[0] == 1.0
    assert (
        play(MultiStepEnv(), row, [extract([299]), ""])[1]["metrics"]["original_term_minefield_hit"] is True
    )


# Public rows.


def test_public_rows(shared_data):
    path = shared_data / "multi_step" / "example.jsonl"
    rows = [json.loads(line) for line in Path(path).read_text().splitlines()]
    env = MultiStepEnv(dataset=str(path))
    assert len(env.tasks) == 5
    for index, row in enumerate(rows):
        task = env.tasks[index]
        assert task.row() == row
        _, info = env.reset(options={"task": index})
        assert [tool["function"]["name"] for tool in info["tools"]] == env.toolbox.names
        assert env.task.params == {"parallel_tool_calls": False}
        assert play(env, index, env.oracle(task))[0] == 1.0
        assert play(env, index, [extract(row["expected_synonym_values"][::-1]), ""])[0] == 0.0
        assert play(env, index, [""])[0] == 0.0
        # The values of the row are those of our tool.
        assert [synonym_value(each) for each in row["expected_synonyms"]] == row["expected_synonym_values"]
        assert synonym_value(row["minefield_label"]) == row["minefield_label_value"]


# Procedural tasks.


def read_task(row):
    """Solve a procedural row by the rules that its prompt states."""
    system, user = (message["content"] for message in row["responses_create_params"]["input"])
    listing = system.split("# List of synonyms")[1].split("# Example")[0]
    lines = re.findall(r"^The term '(.+)' has a synonym '(.+)'\.$", listing, re.M)
    terms = {name.lower(): name for name, _ in lines}
    words = dict(terms)
    for name, synonym in lines:
        if synonym.lower() not in terms:
            words[synonym.lower()] = name if words.get(synonym.lower(), name) == name else "?"
    asked = re.sub(r'The question "[^"]*" is settled\.', "", user).lower()
    longest_first = sorted(words, key=len, reverse=True)
    found = [
        words[word] for word in re.findall(r"\b(?:" + "|".join(map(re.escape, longest_first)) + r")\b", asked)
    ]
    return lines, found


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_prompt_proves_the_expected_values(difficulty):
    counts = []
    for seed in range(200):
        row = make_synonym_task(np.random.default_rng(seed), seed, difficulty=difficulty)
        lines, asked = read_task(row)
        assert len(set(lines)) == len(lines)
        assert len(set(asked)) == len(asked) and "?" not in asked
        expected = [synonym for name, synonym in lines if name in asked]
        assert row["expected_synonyms"] == expected
        assert row["expected_synonym_values"] == [synonym_value(each) for each in expected]
        assert row["minefield_label"] == asked[0]
        assert row["minefield_label_value"] == synonym_value(asked[0])
        assert not {synonym_value(name) for name in asked} & set(row["expected_synonym_values"])
        assert len(set(row["expected_synonym_values"])) == len(expected) >= 2
        counts.append((len(lines), len(asked)))
    lines_low, lines_high = {"easy": (10, 16), "medium": (35, 50), "hard": (100, 140)}[difficulty]
    asked_low, asked_high = {"easy": (1, 1), "medium": (1, 2), "hard": (2, 3)}[difficulty]
    assert all(lines_low <= lines <= lines_high and asked_low <= n <= asked_high for lines, n in counts)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_oracle_earns_everything(difficulty):
    env = MultiStepEnv(difficulty=difficulty)
    for index in range(150):
        task = env.tasks[index]
        reward, info = play(env, index, env.oracle(task))
        assert reward == 1.0 and not info["vacuous"]
        assert info["metrics"]["set_overlap"] == 1.0
        assert not info["metrics"]["original_term_minefield_hit"]
        values = task.data["expected_synonym_values"]
        assert play(env, index, [extract([task.data["minefield_label_value"], *values]), ""])[0] == 0.0
        reward, info = play(env, index, [extract(values[::-1]), ""])
        assert reward == 0.0 and info["metrics"]["order_instruction_following_failure"]
        assert play(env, index, [""])[0] == 0.0


def test_vocabulary():
    assert len(TERMS) == len(VOCABULARY) >= 60
    for term in TERMS:
        assert len(set(term.synonyms)) == len(term.synonyms) >= 6
        assert term.name not in term.synonyms


def test_questions_use_no_word_of_the_vocabulary():
    known = {word.lower() for term in TERMS for word in (term.name, *term.synonyms)}
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, sorted(known))) + r")\b")
    for question in (each for kind in QUESTIONS.values() for each in kind):
        assert not pattern.findall(f'the question "{question.format(word="xyz").lower()}" is settled. and')


def test_same_index_same_task_and_splits_share_nothing():
    check_splits(partial(MultiStepEnv, difficulty="easy"), 100)


def test_unknown_difficulty():
    with pytest.raises(UsageError, match="easy, medium, hard"):
        MultiStepEnv(difficulty="brutal")


@pytest.mark.parametrize("difficulty", ["easy", "hard"])
def test_gymnasium(difficulty):
    check_in_gymnasium("llmgym/MultiStep-v0", difficulty=difficulty)
