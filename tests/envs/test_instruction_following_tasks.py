"""Made-up tasks of instructions, and the texts that follow them."""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from llmgym.envs.instruction_following import lexicon, samples, topics
from llmgym.envs.instruction_following.conflicts import SOLO, compatible
from llmgym.envs.instruction_following.draw import Draw
from llmgym.envs.instruction_following.solving import Unsolvable, compose
from llmgym.envs.instruction_following.tasks import DIFFICULTIES, SIZES, make_instruction_task
from llmgym.errors import UsageError
from llmgym.tasks import TaskSet
from llmgym.verifiers.instructions import INSTRUCTIONS, grade_instructions
from llmgym.verifiers.instructions.arguments import LANGUAGES
from llmgym.verifiers.instructions.languages import detected_language

DETECTED = {"change_case:english_capital", "change_case:english_lowercase", "language:response_language"}


def asked(task):
    metadata = task.data["verifier_metadata"]
    return metadata["instruction_id_list"], metadata["kwargs"]


def made(number, **arguments):
    tasks = TaskSet.procedural(make_instruction_task, **arguments)
    return [tasks[index] for index in range(number)]


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_every_task_is_followed_by_its_solution_and_not_by_nothing(difficulty):
    seen = Counter()
    low, high = SIZES[difficulty]
    for task in made(250, difficulty=difficulty):
        ids, kwargs = asked(task)
        assert low <= len(ids) <= high
        verdict = grade_instructions(compose(ids, kwargs), ids, kwargs)
        assert verdict.reward == 1.0, (task.id, verdict.reason)
        assert grade_instructions("", ids, kwargs).reward == 0.0
        seen.update(ids)
    assert len(seen) >= (50 if difficulty == "easy" else 48)


@pytest.mark.parametrize("id", INSTRUCTIONS)
def test_each_instruction_alone_or_beside_a_number_of_words(id):
    ids = [id] if id in SOLO else list(INSTRUCTIONS)
    rng = np.random.default_rng(1)
    done = 0
    for index in range(400):
        row = make_instruction_task(
            rng, index, difficulty="medium", num_instructions=1 if id in SOLO else 2, instruction_ids=ids
        )
        found, kwargs = row["verifier_metadata"]["instruction_id_list"], row["verifier_metadata"]["kwargs"]
        if id not in found:
            continue
        assert grade_instructions(compose(found, kwargs), found, kwargs).reward == 1.0, (found, kwargs)
        done += 1
        if done == 4:
            break
    assert done


def test_splits_share_no_task():
    prompts = [
        {task.messages[0]["content"] for task in made(150, split=split, difficulty="easy")}
        for split in ("train", "validation", "test")
    ]
    assert all(one.isdisjoint(other) for one, other in combinations(prompts, 2))
    assert len(prompts[0]) >= 149


def test_tasks_follow_from_their_arguments():
    assert [task.row() for task in made(20)] == [task.row() for task in made(20)]
    assert made(1, seed=1)[0].row() != made(1)[0].row()


@pytest.mark.parametrize("number", range(1, 7))
def test_the_number_of_instructions(number):
    assert {len(asked(task)[0]) for task in made(20, num_instructions=number)} == {number}


def test_the_ids_to_choose_from():
    ids = ["punctuation:no_comma", "detectable_format:title", "startend:quotation"]
    for task in made(20, instruction_ids=ids, num_instructions=2):
        assert set(asked(task)[0]) <= set(ids)


@pytest.mark.parametrize(
    ("ids", "number"),
    [
        (["punctuation:no_comma"], 1),
        (["punctuation:no_comma", "punctuation:punctuation_dot"], 2),
        (["copy:copy", "detectable_format:title"], 2),
        (["detectable_format:title"], 2),
    ],
)
def test_ids_that_make_no_task(ids, number):
    with pytest.raises(UsageError, match=f"Expected {number} instructions that go together"):
        made(1, instruction_ids=ids, num_instructions=number)


def test_the_prompt_names_what_is_asked_for():
    for task in made(150, difficulty="hard"):
        prompt = task.messages[0]["content"]
        for id, kwargs in zip(*asked(task), strict=True):
            for name, value in kwargs.items():
                for each in value if isinstance(value, list) else [value]:
                    said = samples.LANGUAGE_NAMES[each] if name == "language" else str(each)
                    assert said in prompt, (id, name)
        assert "{" not in prompt


def test_compatibility_is_mutual():
    for one, other in combinations(INSTRUCTIONS, 2):
        assert compatible(one, [other]) == compatible(other, [one])
    assert not any(compatible(id, [id]) for id in INSTRUCTIONS)
    partners = {id: sum(compatible(id, [other]) for other in INSTRUCTIONS) for id in INSTRUCTIONS}
    assert {id for id, number in partners.items() if not number} == SOLO


@pytest.mark.parametrize(
    ("ids", "kwargs"),
    [
        (["count:word_count_range"], [{}]),
        (["length_constraints:number_words"], [{"num_words": 5}]),
        (["keywords:frequency"], [None]),
        (["copy:copy", "punctuation:no_comma"], [{"prompt_to_repeat": "a"}, {}]),
        (["punctuation:no_comma", "punctuation:no_comma"], [{}, {}]),
        (["count:counting_composition"], [{"n_sent": 1, "n_words": 1}]),
    ],
)
def test_what_cannot_be_solved(ids, kwargs):
    with pytest.raises(Unsolvable):
        compose(ids, kwargs)


def vocabulary():
    tables = (
        lexicon.NOUNS, lexicon.PLURALS, lexicon.ADJECTIVES, lexicon.VERBS, lexicon.PHRASE_STARTS,
        lexicon.PHRASE_MIDDLES, lexicon.PHRASE_ENDS, lexicon.PLACEHOLDERS, lexicon.ENDINGS,
    )  # fmt: skip
    return [word.lower() for table in tables for text in table for word in re.findall(r"\w+", text)]


def test_no_keyword_is_part_of_another_word():
    words = {*vocabulary(), "section", "answer", "civic", "again"}
    requests = " ".join(topics._SUBJECTS + topics._REQUESTS + topics._AUDIENCES).lower()
    for keyword in lexicon.KEYWORDS:
        others = [word for word in (*words, *lexicon.KEYWORDS) if keyword in word]
        assert others == [keyword]
        assert keyword not in requests


def test_first_letters_are_never_consecutive():
    assert {ord(word[0]) % 2 for word in (*vocabulary(), *lexicon.KEYWORDS)} == {1}


def test_requests_have_no_marks_that_instructions_forbid():
    draw = Draw(np.random.default_rng(0))
    requests = {topics.draw_request(draw) for _ in range(2_000)}
    assert len(requests) > 1_000
    assert not any(re.search('[,!"*<>\\[\\]{}\n]', request) for request in requests)
    assert min(map(len, requests)) > 28


def test_the_sample_sentences_are_recognised():
    assert set(samples.SENTENCES) == set(samples.LANGUAGE_NAMES) == set(LANGUAGES)
    for code, sentences in samples.SENTENCES.items():
        assert detected_language(" ".join(sentences)) == code
        assert not re.search('[,!*"]', " ".join(sentences))
