from __future__ import annotations

import asyncio
import re
from collections import Counter

import numpy as np
import pytest
from envs.math_solving import TEMPLATES, draws

from llmgym.envs.math_with_judge.generate import (
    DIFFICULTIES,
    PROMPTS,
    _gives_away,
    _row,
    make_problem,
    written,
)
from llmgym.envs.math_with_judge.problems import DOMAINS, Draw, Problem
from llmgym.tasks import TaskSet
from llmgym.verifiers.math import boxed, verify_math

pytest.importorskip("math_verify")


def rows(count: int, **arguments) -> list[dict]:
    return [make_problem(np.random.default_rng(index), index, **arguments) for index in range(count)]


def scores(items: list[tuple[str, str]]) -> list[float]:
    async def main():
        return await asyncio.gather(
            *[verify_math(expected, text, timeout_seconds=30) for expected, text in items]
        )

    return [result.score for result in asyncio.run(main())]


def usable(name: str, level: int, count: int) -> list[Problem]:
    return [problem for problem in draws(name, level, 5 * count) if not _gives_away(problem)][:count]


def neighbours(answer: str) -> list[str]:
    """The answer with one of its numbers off by one, and with its sign turned."""
    near = [
        answer[: found.start()] + str(int(found[0]) + step) + answer[found.end() :]
        for step in (1, -1)
        for found in re.finditer(r"\d+", answer)
        if int(found[0]) + step > 0
    ]
    if answer.startswith("-"):
        return [*near, answer[1:]]
    plain = answer not in ("0", "-0") and answer[0] not in "(["
    return [*near, f"-{answer}"] if plain and not answer.startswith("y =") and "," not in answer else near


def test_there_are_enough_kinds_in_enough_domains():
    assert len(DOMAINS) >= 6
    assert all(len(templates) >= 8 for templates in DOMAINS.values())
    assert len(TEMPLATES) == sum(map(len, DOMAINS.values())) == 77
    assert all(template.__doc__ for template in TEMPLATES.values())


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_right_answer_is_accepted_and_its_neighbours_are_not(domain):
    right, wrong = [], []
    for template in DOMAINS[domain]:
        for level in range(3):
            for problem in usable(template.__name__, level, 2):
                row = _row(problem)
                expected = row["expected_answer"]
                right.append((expected, boxed(expected)))
                right.append((expected, f"So the result is $\\boxed{{{problem.answer}}}$."))
                wrong += [(expected, f"\\boxed{{{near}}}") for near in neighbours(problem.answer)[:4]]
                # Repeating the question or the whole prompt.
                wrong.append((expected, row["question"]))
                wrong.append((expected, row["responses_create_params"]["input"][0]["content"]))
    assert [item for item, score in zip(right, scores(right), strict=True) if not score] == []
    assert [item for item, score in zip(wrong, scores(wrong), strict=True) if score] == []


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_rows_have_the_public_fields(difficulty):
    for row in rows(100, difficulty=difficulty):
        assert set(row) == {
            "responses_create_params",
            "question",
            "expected_answer",
            "metadata",
            "split_identity",
        }
        (message,) = row["responses_create_params"]["input"]
        assert (
            message["role"] == "user"
            and row["question"] in message["content"]
            and "\\boxed{" in message["content"]
        )
        assert row["metadata"]["difficulty"] == difficulty
        assert row["metadata"]["template"] in TEMPLATES
        assert row["question"].strip() and row["expected_answer"].strip()


def test_all_domains_and_most_kinds_come_up():
    found = Counter((row["metadata"]["domain"], row["metadata"]["template"]) for row in rows(1500))
    assert len(found) == len(TEMPLATES)
    assert {domain for domain, _ in found} == set(DOMAINS)
    assert {row["metadata"]["domain"] for row in rows(40, domains=["calculus", "geometry"])} == {
        "calculus",
        "geometry",
    }


def test_no_answer_is_a_good_guess():
    for difficulty in DIFFICULTIES:
        answers = Counter(row["expected_answer"].strip("\\()$ ") for row in rows(1500, difficulty=difficulty))
        assert answers.most_common(1)[0][1] <= 1500 * 0.04, answers.most_common(3)


def test_problems_seldom_repeat():
    for difficulty, share in zip(DIFFICULTIES, (0.7, 0.75, 0.85), strict=True):
        assert len({row["question"] for row in rows(1500, difficulty=difficulty)}) >= 1500 * share


def test_splits_share_no_problem():
    problems = {}
    for split in ("train", "validation", "test"):
        tasks = TaskSet.procedural(make_problem, split=split, difficulty="easy")
        problems[split] = {tasks[index].data["question"] for index in range(300)}
        assert "split_identity" not in tasks[0].data
    assert not problems["train"] & problems["validation"]
    assert not problems["train"] & problems["test"]
    assert not problems["validation"] & problems["test"]


def test_the_same_problem_is_always_written_alike():
    problem = TEMPLATES["heron"](Draw(3), 1)
    assert _row(problem) == _row(problem)


def test_latex_comes_in_many_styles():
    texts = [row["question"] for row in rows(300)]
    for mark in ("$", "\\(", "$$", "\\[", "\\frac", "\\dfrac", "\\tfrac", "^2", "^{2}"):
        assert any(mark in text for text in texts), mark
    prompts = [row["responses_create_params"]["input"][0]["content"] for row in rows(300)]
    for prompt in PROMPTS:
        start, end = prompt.format(question="\0").split("\0")
        assert any(text.startswith(start) and text.endswith(end) for text in prompts), prompt
    answers = [row["expected_answer"] for row in rows(300)]
    assert all(any(answer.startswith(mark) for answer in answers) for mark in ("$", "\\(", "1"))


def test_no_question_has_a_dollar_sign_left_open():
    for row in rows(500):
        assert row["question"].count("$") % 2 == 0
        assert row["question"].count("\\(") == row["question"].count("\\)")
        assert row["question"].count("{") == row["question"].count("}")


@pytest.mark.parametrize(
    ("question", "answer", "given_away"),
    [
        ("Find $x$ with $x + 3 = 5$.", "2", False),
        ("Find $x$ with $x + 3 = 5$.", "-3", True),
        ("Is it $\\frac{1}{2}$?", "\\frac{1}{2}", True),
        ("Is it $\\frac{1}{2}$?", "\\frac{1}{3}", False),
    ],
)
def test_what_stands_in_the_question_is_noticed(question, answer, given_away):
    assert _gives_away(Problem(question, answer)) is given_away


def test_writing_leaves_everything_but_mathematics():
    for seed in range(30):
        text = written("A (small) test: $x^2 + \\frac{1}{2}$, and $$(a)^3 = b_1.$$ The end (5).", Draw(seed))
        assert text.startswith("A (small) test: ") and text.endswith(" The end (5).")
