from __future__ import annotations

import json
import uuid
from collections import Counter
from fractions import Fraction

import gymnasium as gym
import numpy as np
import pytest
from envs.mcqa_solving import check_texts, value_of
from gymnasium.utils.env_checker import check_env

from llmgym.envs.mcqa import MCQAEnv
from llmgym.envs.mcqa.generate import DIFFICULTIES, LETTERS, make_question
from llmgym.envs.mcqa.prompts import STYLES
from llmgym.envs.mcqa.questions import DOMAINS, Draw
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Response, assistant, tool_call
from llmgym.verifiers.choice import GRADING_MODES

ROW_MODES = GRADING_MODES[:3]


def rows(number: int, **arguments) -> list[dict]:
    rng = np.random.default_rng(0)
    return [make_question(rng, index, **arguments) for index in range(number)]


def texts(row: dict) -> list[str]:
    return [text for option in row["options"] for text in option.values()]


def prompt(row: dict) -> str:
    return row["responses_create_params"]["input"][0]["content"]


def right(row: dict) -> str:
    return texts(row)[LETTERS.index(row["expected_answer"])]


def play(env: gym.Env, answer, **options) -> tuple[float, dict]:
    env.reset(seed=0, options=options or None)
    _, reward, terminated, truncated, info = env.step(answer)
    assert terminated or truncated
    return reward, info


def row(**changes) -> dict:
    given = {
        "responses_create_params": {
            "input": [{"role": "user", "content": "Which?\nA: one\nB: two\nC: three"}]
        },
        "options": [{"A": "one"}, {"B": "two"}, {"C": "three"}],
        "expected_answer": "B",
        "uuid": "x",
    }
    return {**given, **changes}


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
@pytest.mark.parametrize("domain", DOMAINS)
def test_rows_have_the_public_schema(domain, difficulty):
    for made in rows(60, domains=[domain], difficulty=difficulty):
        assert json.loads(json.dumps(made)) == made
        assert [list(option) for option in made["options"]] == [
            [letter] for letter in LETTERS[: len(made["options"])]
        ]
        assert 2 <= len(made["options"]) <= 10
        assert made["expected_answer"] in LETTERS[: len(made["options"])]
        assert made["grading_mode"] in ROW_MODES
        assert str(uuid.UUID(made["uuid"])) == made["uuid"]
        assert (made["metadata"]["domain"], made["metadata"]["difficulty"]) == (domain, difficulty)
        assert all(text in prompt(made) for text in texts(made))
        check_texts(texts(made))


@pytest.mark.parametrize("number", range(2, 11))
def test_the_number_of_options_is_kept_everywhere(number):
    for difficulty in DIFFICULTIES:
        for domain in DOMAINS:
            for made in rows(4, num_options=number, domains=[domain], difficulty=difficulty):
                assert len(made["options"]) == number


def test_harder_questions_have_more_options():
    means = [np.mean([len(made["options"]) for made in rows(200, difficulty=d)]) for d in DIFFICULTIES]
    assert means[0] < means[1] < means[2]


@pytest.mark.parametrize("number", [4, 10])
def test_the_right_letter_is_uniform(number):
    counts = Counter(made["expected_answer"] for made in rows(2000, num_options=number))
    expected = 2000 / number
    # The 0.99999 quantile of chi-square with nine degrees of freedom is about 39.
    assert sum((counts[letter] - expected) ** 2 / expected for letter in LETTERS[:number]) < 39


@pytest.mark.parametrize("guess", ["smallest", "largest", "middle", "longest", "shortest"])
def test_the_shape_of_the_options_does_not_give_the_answer_away(guess):
    hits = tried = 0
    for made in rows(3000, num_options=5):
        options = texts(made)
        values = [value_of(option) for option in options]
        if guess in ("longest", "shortest"):
            pick = (max if guess == "longest" else min)(options, key=len)
        elif all(isinstance(value, Fraction) for value in values):
            order = sorted(range(5), key=values.__getitem__)
            pick = options[order[{"smallest": 0, "middle": 2, "largest": 4}[guess]]]
        else:
            continue
        hits, tried = hits + (pick == right(made)), tried + 1
    assert hits / tried < 0.3


def test_a_question_has_one_guise():
    seen: dict[str, dict] = {}
    repeated = 0
    for made in rows(4000, difficulty="easy", domains=["dates", "geometry", "text"]):
        lines = prompt(made).split("\n")
        stem = lines[[line.lstrip("(")[:2] in ("A:", "A)", "A.") for line in lines].index(True) - 1]
        key = stem + right(made)
        if key in seen:
            repeated += 1
            first = seen[key]
            assert first["uuid"] != made["uuid"]
            assert {**first, "uuid": ""} == {**made, "uuid": ""}
        seen[key] = made
    assert repeated


def test_splits_are_disjoint_and_deterministic():
    def contents(split):
        tasks = MCQAEnv(split=split, difficulty="easy").tasks
        return {json.dumps([tasks[i].messages, tasks[i].data["options"]]) for i in range(150)}

    train, validation, test = (contents(split) for split in ("train", "validation", "test"))
    assert train == contents("train")
    assert not (train & validation or train & test or validation & test)
    tasks = MCQAEnv().tasks
    assert len({tasks[index].id for index in range(300)}) == 300


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_oracle_earns_everything(style, difficulty):
    env = MCQAEnv(difficulty=difficulty, answer_style=style)
    for index in range(25):
        task = env.tasks[index]
        (answer,) = env.oracle(task)
        reward, info = play(env, answer, task=index)
        assert reward == 1.0 and info["stop_reason"] == "answered"
        assert info["metrics"] == {
            "expected_answer": task.data["expected_answer"],
            "extracted_answer": task.data["expected_answer"],
            "domain": task.data["metadata"]["domain"],
            "difficulty": difficulty,
        }


@pytest.mark.parametrize("mode", GRADING_MODES)
def test_the_oracle_serves_every_mode(mode):
    env = MCQAEnv(grading_mode=mode)
    styles = {STYLES[style][0].grading_mode for style in [env.answer_style]}
    for index in range(25):
        assert play(env, env.oracle(env.tasks[index])[0], task=index)[0] == 1.0
        assert env.task.data["grading_mode"] in styles


@pytest.mark.parametrize("mode", [None, *GRADING_MODES])
def test_what_knows_nothing_earns_nothing(mode):
    env = MCQAEnv(grading_mode=mode)
    for index in range(120):
        task = env.tasks[index]
        letters = [letter for option in task.data["options"] for letter in option]
        for answer in (
            "",
            " ",
            task.messages[0]["content"],
            ", ".join(letters),
            "\n".join(texts(task.data)),
            f"\\boxed{{{', '.join(letters)}}}",
            f"\\boxed{{{' '.join(texts(task.data))}}}",
            f"Answer: {'/'.join(letters)}",
        ):
            assert play(env, answer, task=index)[0] == 0.0, answer


@pytest.mark.parametrize("mode", GRADING_MODES)
def test_a_labelled_list_of_all_options_earns_no_more_than_chance(mode):
    # The public rule reads "A: ... B: ..." as the first letter; it does not know that it is a list.
    env = MCQAEnv(grading_mode=mode, num_options=5)
    hits = 0
    for index in range(200):
        listing = "\n".join(
            f"{letter}: {text}" for o in env.tasks[index].data["options"] for letter, text in o.items()
        )
        hits += max(
            play(env, form, task=index)[0] for form in (f"\\boxed{{{listing}}}", f"Answer: {listing}")
        )
    assert hits / 200 < 0.3


def test_the_text_of_an_option_counts_in_the_lenient_modes():
    env = MCQAEnv(grading_mode="lenient_boxed")
    for index in range(60):
        text = right(env.tasks[index].data)
        assert play(env, f"So it is \\boxed{{\\text{{{text}}}}}.", task=index)[0] == 1.0
        assert play(env, f"So it is \\boxed{{{text.upper()}}}.", task=index)[0] == 1.0
    env = MCQAEnv(grading_mode="lenient_answer_colon")
    for index in range(60):
        assert play(env, f"Hm.\nAnswer: {right(env.tasks[index].data)}", task=index)[0] == 1.0


def test_rules_reach_the_grader():
    env = MCQAEnv()
    pattern = {"output_regex": r"Option Selected:\s*([A-Za-z])\s*"}
    for changes, text, reward, reason in (
        ({}, "\\boxed{B}", 1.0, ""),
        ({}, "\\boxed{b}", 0.0, "no_answer"),
        ({}, "\\boxed{C}", 0.0, "wrong_answer"),
        ({"expected_answer": " b "}, "\\boxed{B}", 1.0, ""),
        ({"grading_mode": "lenient_boxed"}, "\\boxed{two}", 1.0, ""),
        ({"grading_mode": "lenient_answer_colon"}, "Answer: b", 1.0, ""),
        ({"grading_mode": None}, "Answer: b", 0.0, "no_answer"),
        ({"template_metadata": pattern}, "option selected: b", 1.0, ""),
        ({"template_metadata": pattern}, "\\boxed{B}", 1.0, ""),
        ({"template_metadata": pattern}, "Option Selected: Z \\boxed{B}", 0.0, "wrong_answer"),
        ({"template_metadata": {"output_regex": "(a)(b)"}}, "ab \\boxed{B}", 0.0, "output_regex_groups"),
        ({"template_metadata": None}, "\\boxed{B}", 1.0, ""),
        ({"expected_answer": ""}, "\\boxed{B}", 0.0, "no_expected_answer"),
    ):
        got, info = play(env, text, task=row(**changes))
        assert (got, info["reason"]) == (reward, reason), (changes, text)


def test_the_mode_of_the_environment_comes_first():
    given = row(grading_mode="strict_single_letter_boxed")
    assert play(MCQAEnv(grading_mode="lenient_answer_colon_md"), "**Answer:** **B**", task=given)[0] == 1.0
    assert play(MCQAEnv(), "**Answer:** **B**", task=given)[0] == 0.0


def test_all_messages_are_joined():
    env = MCQAEnv()
    env.reset(options={"task": row()})
    env.step(assistant("It is \\boxed{", tool_call("look_up", {})))
    assert env.step("B}")[1] == 1.0


def test_a_response_that_was_cut_off_is_graded():
    env = MCQAEnv()
    env.reset(options={"task": row()})
    _, reward, terminated, truncated, info = env.step(Response(assistant("\\boxed{B} because"), "length"))
    assert (reward, terminated, truncated, info["stop_reason"]) == (1.0, False, True, "length")


def test_metrics_name_what_the_row_tells_as_text():
    metadata = {"domain": "physics", "difficulty": 3}
    _, info = play(MCQAEnv(), "\\boxed{A}", task=row(metadata=metadata))
    assert info["metrics"] == {"expected_answer": "B", "extracted_answer": "A", "domain": "physics"}
    _, info = play(MCQAEnv(), "?", task=row(metadata="easy"))
    assert info["metrics"] == {"expected_answer": "B"}


def test_an_oracle_without_a_way_says_so():
    env = MCQAEnv()
    env.reset(options={"task": row(expected_answer="D")})
    assert env.oracle(env.task) is None


@pytest.mark.parametrize(
    "pattern",
    [
        r"\\boxed\{\s*([A-Za-z])\s*\}",
        r"Option Selected:\s*([A-Za-z])\s*",
        r"Answer\s*:\s*(?!Answer)\s*([A-Za-z])\s*",
        r"ANSWER IS\s*([A-Za-z])\s*",
        r"(?:final|last) choice: ([A-J])$",
        r"no group at all",
        r"([",
        ["nothing", r"<pick>([A-Z])</pick>"],
    ],
)
def test_the_oracle_finds_a_way_through_patterns(pattern):
    env = MCQAEnv(dataset=[row(template_metadata={"output_regex": pattern})])
    (answer,) = env.oracle(env.tasks[0])
    assert play(env, answer, task=0)[0] == 1.0


@pytest.mark.parametrize("mode", [None, *GRADING_MODES])
@pytest.mark.parametrize("name", ["example.jsonl", "example_with_template_metadata.jsonl"])
def test_public_rows(shared_data, name, mode):
    env = MCQAEnv(dataset=str(shared_data / "mcqa" / name), grading_mode=mode)
    assert len(env.tasks) == 5
    for index, task in enumerate(env.tasks):
        assert play(env, env.oracle(task)[0], task=index)[0] == 1.0
        assert play(env, "I do not know.", task=index)[0] == 0.0


@pytest.mark.parametrize(
    "arguments, word",
    [
        ({"difficulty": "extreme"}, "easy, medium, hard"),
        ({"grading_mode": "strict"}, "lenient_answer_colon_md"),
        ({"answer_style": "essay"}, "boxed_letter"),
        ({"num_options": 1}, "2 to 10"),
        ({"num_options": 11}, "2 to 10"),
        ({"num_options": True}, "2 to 10"),
        ({"num_options": 4.0}, "2 to 10"),
        ({"domains": []}, "list of names among arithmetic"),
        ({"domains": "logic"}, "list of names among arithmetic"),
        ({"domains": ["logic", "alchemy"]}, "arithmetic"),
        ({"dataset": [row()], "num_options": 4}, "num_options with a dataset"),
        ({"grading_mode": "lenient_answer_colon", "answer_style": "boxed_letter"}, "answer_colon, pattern"),
    ],
)
def test_wrong_arguments_are_told_in_a_sentence(arguments, word):
    with pytest.raises(UsageError, match=word) as caught:
        MCQAEnv(**arguments)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    "changes, word",
    [
        ({"options": None}, "options"),
        ({"options": ["one", "two"]}, "option"),
        ({"options": [{"A": 1}]}, "option"),
        ({"expected_answer": None}, "expected_answer"),
        ({"template_metadata": {"output_regex": 3}}, "output_regex"),
        ({"grading_mode": "lenient_answer_colon_md"}, "grading_mode"),
    ],
)
def test_rows_that_cannot_be_graded_are_refused(changes, word):
    with pytest.raises(InvalidTask, match=word):
        MCQAEnv().reset(options={"task": row(**changes)})


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_gymnasium_accepts_it(difficulty):
    env = gym.make("llmgym/MCQA-v0", difficulty=difficulty)
    check_env(env.unwrapped)
    for seed in range(5):
        observation, info = env.reset(seed=seed)
        assert observation[-1]["role"] == "user" and info["tools"] == []
        _, reward, terminated, _, _ = env.step(env.unwrapped.oracle(env.unwrapped.task)[0])
        assert (reward, terminated) == (1.0, True)


def test_draws_cover_their_range():
    draw = Draw(3)
    assert {draw.between(1, 3) for _ in range(100)} == {1, 2, 3}
    assert sorted(draw.shuffled(range(9))) == list(range(9))
    with pytest.raises(ValueError, match="at least 3"):
        draw.sample("ab", 3)
