from __future__ import annotations

import json
import math

import gymnasium as gym
import numpy as np
import orjson
import pytest
from envs.tool_playing import call_once, play

import llmgym
from llmgym.envs.google_search import GoogleSearchEnv, make_search_question
from llmgym.envs.google_search.encyclopedia import encyclopedia
from llmgym.envs.google_search.facts import POOLS
from llmgym.envs.google_search.relations import KINDS
from llmgym.envs.google_search.tasks import LEVELS
from llmgym.errors import InvalidTask
from llmgym.messages import Response, assistant, tool_call
from llmgym.testing.check import run_checks

ID = "llmgym/GoogleSearch-v0"
ROW = {"prompt": "Which?\nA: one\nB: two", "expected_answer": "B"}

if ID not in gym.registry:
    llmgym.register(ID, "llmgym.envs.google_search:GoogleSearchEnv")


SEARCH = assistant(None, tool_call("search", {"query": "x"}))


@pytest.mark.parametrize(
    ("actions", "reward", "reason"),
    [
        ([r"\boxed{B}"], 1.0, ""),
        ([SEARCH, r"So: \boxed{B}"], 1.0, ""),
        ([r"\boxed{A}"], 0.0, "wrong_option"),
        (["B"], 0.0, "no_box"),
        ([""], 0.0, "no_box"),
        ([{"role": "assistant", "content": None, "refusal": r"\boxed{B}"}], 1.0, ""),
        (
            [Response.of({"role": "assistant", "content": r"\boxed{B}", "reasoning_content": r"\boxed{A}"})],
            1.0,
            "",
        ),
        ([{"role": "assistant", "content": [{"type": "text", "text": r"\boxed{B}"}]}], 1.0, ""),
    ],
)
def test_rewards(actions, reward, reason):
    assert play(GoogleSearchEnv(), ROW, actions)[0] == reward
    assert play(GoogleSearchEnv(), ROW, actions)[1]["reason"] == reason


def test_a_box_beside_a_tool_call_does_not_count():
    env = GoogleSearchEnv(max_turns=1)
    action = assistant(r"\boxed{B}", tool_call("search", {"query": "x"}))
    reward, info = play(env, ROW, [action])
    assert (reward, info["reason"], info["stop_reason"]) == (0.0, "no_message", "max_turns")


def test_an_answer_that_was_cut_off_is_graded():
    reward, info = play(
        GoogleSearchEnv(), ROW, [Response(assistant(r"\boxed{B} and"), finish_reason="length")]
    )
    assert (reward, info["stop_reason"]) == (1.0, "length")


def test_the_end_from_outside():
    env = GoogleSearchEnv()
    env.reset(options={"task": ROW})
    *_, info = env.conclude("enough")
    assert info["reason"] == "no_message"


def test_metrics():
    browse = tool_call("browse", {"url": "x"})
    metrics = play(GoogleSearchEnv(), ROW, [SEARCH, assistant(None, browse, browse), r"\boxed{A}"])[1][
        "metrics"
    ]
    assert metrics == {"parsed_option": "A", "searches": 1, "pages": 2}
    assert "parsed_option" not in play(GoogleSearchEnv(), ROW, ["none"])[1]["metrics"]


@pytest.mark.parametrize(
    ("name", "raw", "kind", "content"),
    [
        (
            "browse",
            '{"url": "https://encyclopedia.example/wiki/None"}',
            "ok",
            '{"page_content":"No HTML found"}',
        ),
        ("browse", '{"url": ""}', "ok", '{"page_content":"No HTML found"}'),
        ("browse", '{"url": "file:///etc/passwd"}', "ok", '{"page_content":"No HTML found"}'),
        ("browse", '{"url": "http://127.0.0.1/", "why": 1}', "ok", '{"page_content":"No HTML found"}'),
        (
            "search",
            '{"query": ""}',
            "ok",
            '{"search_results":"{\\"searchInformation\\": {\\"totalResults\\": \\"0\\"}}"}',
        ),
        (
            "search",
            '{"query": "the of"}',
            "ok",
            '{"search_results":"{\\"searchInformation\\": {\\"totalResults\\": \\"0\\"}}"}',
        ),
        ("search", '{"query": "\\" OR * NEAR( ^"}', "ok", None),
        ("search", '{"query": "title:a AND text:b -c"}', "ok", None),
        ("open", '{"url": "x"}', "unknown_tool", '{"detail":"Not Found"}'),
        ("", "{}", "unknown_tool", '{"detail":"Not Found"}'),
        (
            "search",
            "{}",
            "malformed_arguments",
            '{"detail":[{"type":"missing","loc":["body","query"],"msg":"Field required","input":{}}]}',
        ),
        (
            "search",
            '{"query": 5}',
            "malformed_arguments",
            '{"detail":[{"type":"string_type","loc":["body","query"],"msg":"Input should be a valid string","input":5}]}',
        ),
        (
            "browse",
            '{"query": "x"}',
            "malformed_arguments",
            '{"detail":[{"type":"missing","loc":["body","url"],"msg":"Field required","input":{"query":"x"}}]}',
        ),
        (
            "search",
            "null",
            "malformed_arguments",
            '{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}',
        ),
        (
            "search",
            '"herons"',
            "malformed_arguments",
            '{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or '
            'object to extract fields from","input":"herons"}]}',
        ),
        (
            "search",
            "herons",
            "malformed_arguments",
            '{"error": "Invalid tool call arguments: JSONDecodeError(\'Expecting value: line 1 column 1 (char 0)\')"}',
        ),
        ("search", '{"query": "\\ud800"}', "ok", None),
    ],
)
def test_tool_texts(name, raw, kind, content):
    found = call_once(GoogleSearchEnv(), ROW, name, raw)
    assert found[0] == kind
    assert content is None or found[1] == content
    json.loads(found[1])


def test_searching_and_browsing_the_encyclopedia():
    article = encyclopedia(600, 0).by_kind["bridge"][0]
    _, content = call_once(
        GoogleSearchEnv(), ROW, "search", json.dumps({"query": f"who designed the {article.title}?"})
    )
    hits = json.loads(json.loads(content)["search_results"])["items"]
    assert 1 < len(hits) <= 10
    assert hits[0]["link"] == article.url
    assert hits[0].keys() == {"title", "link", "snippet"}
    _, page = call_once(GoogleSearchEnv(), ROW, "browse", json.dumps({"url": article.url + "#top"}))
    assert article.facts["architect"] in json.loads(page)["page_content"]


@pytest.mark.parametrize("answer", [None, 2, ["B"]])
def test_rows_without_an_answer_are_refused(answer):
    with pytest.raises(InvalidTask, match="'expected_answer'"):
        GoogleSearchEnv().reset(options={"task": {**ROW, "expected_answer": answer}})


@pytest.mark.parametrize(
    "book", [5, {}, {"articles": 600}, {"articles": 10**9, "seed": 0}, {"articles": 600, "seed": -1}]
)
def test_rows_that_name_no_encyclopedia_are_refused(book):
    with pytest.raises(InvalidTask, match="'encyclopedia'"):
        GoogleSearchEnv().reset(options={"task": {**ROW, "encyclopedia": book}})


def test_public_rows(shared_data):
    env = GoogleSearchEnv(dataset=str(shared_data / "google_search" / "example.jsonl"))
    for index, task in enumerate(env.tasks):
        assert play(env, index, env.oracle(task))[0] == 1.0
        assert play(env, index, ["I do not know."])[0] == 0.0
        assert task.row() == task.source
        assert [each["function"]["name"] for each in task.tools] == ["search", "browse"]
        assert [message["role"] for message in task.messages] == ["system", "user"]


def test_answers_that_no_box_can_hold_have_no_oracle():
    env = GoogleSearchEnv()
    assert env.oracle(llmgym.Task.of({**ROW, "expected_answer": "}"}, id="0")) is None
    assert env.oracle(llmgym.Task.of({**ROW, "expected_answer": "\n"}, id="0")) is None


@pytest.mark.parametrize("difficulty", LEVELS)
def test_the_oracle_reads_the_evidence(difficulty):
    env = GoogleSearchEnv(difficulty=difficulty)
    (least, most), options = LEVELS[difficulty]
    for index in range(10):
        task = env.tasks[index]
        reward, info = play(env, index, env.oracle(task))
        assert (reward, info["stop_reason"]) == (1.0, "answered")
        assert least <= len(task.data["evidence"]) <= most
        results = env.episode.tool_results
        for search, browse, url in zip(results[::2], results[1::2], task.data["evidence"], strict=True):
            assert url in search.content, "the search did not find the article"
            assert "No HTML" not in browse.content
        lines = task.messages[-1]["content"].splitlines()
        choices = dict(line.split(": ", 1) for line in lines[1:])
        assert list(choices) == list("ABCDEFGHIJ"[:options])
        assert len(set(choices.values())) == options
        # The last page states the answer, and the question does not.
        right = choices[task.data["expected_answer"]]
        assert right in results[-1].content
        assert right not in lines[0]


def test_what_the_question_names_is_not_enough():
    env = GoogleSearchEnv(difficulty="hard")
    for index in range(10):
        task = env.tasks[index]
        book = encyclopedia(600, 0)
        path = [book.by_url[url] for url in task.data["evidence"]]
        question = task.messages[-1]["content"].splitlines()[0]
        assert path[0].title in question
        assert not any(article.title in question for article in path[1:])
        for article, following in zip(path, path[1:], strict=False):
            assert following.title in article.facts.values()


def test_right_options_are_spread_evenly():
    env, count = GoogleSearchEnv(), 400
    letters = [env.tasks[index].data["expected_answer"] for index in range(count)]
    for letter in "ABCD":
        assert abs(letters.count(letter) - count / 4) < 4 * math.sqrt(count * 3 / 16)


@pytest.mark.parametrize(("size", "seed"), [(100, 0), (101, 3), (2000, 1)])
def test_encyclopedias(size, seed):
    book = encyclopedia(size, seed)
    assert len(book.by_title) == len(book.by_url) == len(book.articles) == size
    for article in book.articles:
        for name, fact in KINDS[article.kind].facts.items():
            assert article.facts[name] in article.text
            if fact.value in KINDS:
                assert book.by_title[article.facts[name]].kind == fact.value
            elif isinstance(fact.value, str):
                assert article.facts[name] in POOLS[fact.value]
    env = GoogleSearchEnv(articles=size, encyclopedia_seed=seed, difficulty="hard")
    for index in range(5):
        assert play(env, index, env.oracle(env.tasks[index]))[0] == 1.0


def test_rows_have_the_public_schema(shared_data):
    line = (shared_data / "google_search" / "example.jsonl").read_bytes().splitlines()[0]
    public, row = orjson.loads(line), GoogleSearchEnv().tasks[0].row()
    assert row.keys() >= public.keys()
    mine, theirs = row["responses_create_params"], public["responses_create_params"]
    assert {"instructions", *mine} - {"instructions"} <= theirs.keys()
    assert [each["name"] for each in mine["tools"]] == [each["name"] for each in theirs["tools"]]
    assert [each["parameters"]["properties"].keys() for each in mine["tools"]] == [
        each["parameters"]["properties"].keys() for each in theirs["tools"]
    ]


def test_exported_rows_bring_their_encyclopedia():
    env = GoogleSearchEnv(articles=150, encyclopedia_seed=9)
    rows = [json.loads(json.dumps(env.tasks[index].row())) for index in range(3)]
    again = GoogleSearchEnv(dataset=rows)
    for index in range(3):
        assert play(again, index, again.oracle(again.tasks[index]))[0] == 1.0
        assert "No HTML" not in again.episode.tool_results[-1].content


def test_generation_is_a_function_of_the_generator():
    assert make_search_question(np.random.default_rng(5), 0) == make_search_question(
        np.random.default_rng(5), 0
    )


def test_splits_share_no_question():
    train, test = (
        {
            GoogleSearchEnv(split=split).tasks[index].messages[-1]["content"].splitlines()[0]
            for index in range(100)
        }
        for split in ("train", "test")
    )
    assert not train & test


@pytest.mark.parametrize("difficulty", ["medium", "hard"])
def test_conforms(difficulty):
    checks = run_checks(ID, tasks=5, fuzz=60, difficulty=difficulty)
    assert not [check for check in checks if check.passed is False]
