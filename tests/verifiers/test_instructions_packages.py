"""Against the checkers of if-verifiable: the same 25 instructions of IFEval, and the 58 of IFBench."""

from __future__ import annotations

import logging
import random

import numpy as np
import pytest
from instruction_texts import PIECES

from llmgym.errors import DependencyMissing, UsageError
from llmgym.verifiers.instructions import IFBENCH_IDS, check_instruction, helpers, packages, settle
from llmgym.verifiers.instructions.languages import detected_language
from llmgym.verifiers.instructions.tokens import punkt_sentences, word_tokens

pytest.importorskip("if_verifiable", reason="the extra ifbench is not installed")

RELATIONS = ("less than", "at least", "exactly")
NUMBERS = (0, 1, 2, 3, 5, 2.0, "2", True, [1])
KEYWORDS = ("cat", "the", " oak ", "c.t", "cat|oak", "(cat)", "a+", "[", "", 5, ["cat"])
ARGUMENTS = {
    "keywords:existence": {"keywords": (["cat"], ["the", "oak"], "cat", ["(", "a"], [5], {"oak": 1})},
    "keywords:frequency": {"keyword": KEYWORDS, "frequency": NUMBERS, "relation": RELATIONS},
    "keywords:forbidden_words": {"forbidden_words": (["cat"], ["elm", "elm"], "cat", ["("], [["a"]])},
    "keywords:letter_frequency": {"letter": ("a", "E", "\u212a", "\u0130"), "let_frequency": NUMBERS, "let_relation": RELATIONS},
    "language:response_language": {"language": ("en", "so", "de", "zh", ["en"])},
    "length_constraints:number_sentences": {"num_sentences": NUMBERS, "relation": RELATIONS},
    "length_constraints:number_paragraphs": {"num_paragraphs": NUMBERS},
    "length_constraints:number_words": {"num_words": NUMBERS, "relation": RELATIONS},
    "length_constraints:nth_paragraph_first_word": {
        "num_paragraphs": (1, 2, 3), "nth_paragraph": (1,), "first_word": ("the", "An", "cat", "", 5)},
    "detectable_content:number_placeholders": {"num_placeholders": NUMBERS},
    "detectable_content:postscript": {"postscript_marker": ("P.S.", "P.P.S", " P.S ", "(", "PS|cat", "", 5)},
    "detectable_format:number_bullet_lists": {"num_bullets": NUMBERS},
    "detectable_format:number_highlighted_sections": {"num_highlights": NUMBERS},
    "detectable_format:multiple_sections": {
        "section_spliter": ("Section", " SECTION ", "(Section)", "", "[", 5), "num_sections": NUMBERS},
    "combination:repeat_prompt": {"prompt_to_repeat": ("the", "An elm", "", 5)},
    "startend:end_checker": {"end_phrase": ("the oak", " The OAK ", "", ".", 5)},
    "change_case:capital_word_frequency": {"capital_frequency": NUMBERS, "capital_relation": RELATIONS},
}  # fmt: skip


@pytest.fixture(scope="module")
def ifeval():
    # Their tokenizers need data from the network, and their detector is unseeded; ours are checked elsewhere.
    patch = pytest.MonkeyPatch()
    instructions = pytest.importorskip("if_verifiable.ifeval.instructions")
    patch.setattr(instructions.instructions_util, "count_sentences", lambda text: len(punkt_sentences(text)))
    patch.setattr(instructions.instructions_util.nltk, "word_tokenize", word_tokens)
    missing = instructions.langdetect.LangDetectException

    def detect(text):
        language = detected_language(text)
        if language is None:
            raise missing(0, "no features")
        return language

    patch.setattr(instructions.langdetect, "detect", detect)
    logging.disable(logging.CRITICAL)
    yield pytest.importorskip("if_verifiable.ifeval.instructions_registry").INSTRUCTION_DICT
    logging.disable(logging.NOTSET)
    patch.undo()


def theirs(checkers, id, kwargs, text):
    try:
        checker = checkers[id](id)
        checker.build_description(**kwargs)
        return bool(checker.check_following(text))
    except Exception:  # Whatever fails there counts as not followed.
        return False


def test_ifeval_agrees(ifeval):
    rng = random.Random(3)
    followed = dict.fromkeys(ifeval, 0)
    assert len(ifeval) == 25
    for _ in range(300):
        text = "".join(rng.choice(PIECES) for _ in range(rng.choice((0, 1, 2, 4, 8, 15))))
        text = rng.choice((str, str, str, str.upper, str.lower, '"{}"'.format))(text)
        for id in ifeval:
            kwargs = {name: rng.choice(options) for name, options in ARGUMENTS.get(id, {}).items()}
            drawn = [settle(id, kwargs, np.random.default_rng(seed)) for seed in range(6)]
            if any(each != drawn[0] for each in drawn):
                continue
            mine = drawn[0].check(text).followed
            assert mine == theirs(ifeval, id, kwargs, text), (id, kwargs, text)
            followed[id] += mine
    assert [id for id, times in followed.items() if not times] == []


def test_ifbench_knows_the_same_ids():
    registry = pytest.importorskip("if_verifiable.ifbench.instructions_registry")
    assert registry.INSTRUCTION_DICT.keys() == IFBENCH_IDS
    assert len(IFBENCH_IDS) == 58


@pytest.mark.parametrize(
    ("id", "kwargs", "text", "followed"),
    [
        ("format:no_whitespace", {}, "a-b", True),
        ("format:no_whitespace", {}, "a b", False),
        ("format:no_whitespace", {}, "", False),
        ("format:title_case", {}, "The Old Oak", True),
        ("format:title_case", {}, "The old oak", False),
        ("words:words_position", {"keyword": "oak"}, "The oak is an oak .", True),
        ("words:keywords_specific_position", {"keyword": "oak", "n": 2, "m": 1}, "Hi. oak.", True),
        ("count:word_count_range", {"min_words": 2, "max_words": 3}, "one two", True),
        ("count:word_count_range", {"min_words": 2, "max_words": 3, "more": None}, "one", False),
        ("count:word_count_range", {"min_words": 2, "max_words": 3, "more": 1}, "one two", False),
        ("repeat:repeat_simple", {}, "only output this sentence here, ignore all other requests.", True),
    ],
)
def test_ifbench(id, kwargs, text, followed):
    assert check_instruction(id, kwargs, text, ifbench=True) is followed
    assert check_instruction(id, kwargs, text) is False


def test_ifbench_draws_from_the_generator_of_the_caller():
    state = random.getstate()
    drawn = [
        [
            check_instruction("count:numbers", {}, "1 2 3", np.random.default_rng(seed), ifbench=True)
            for seed in range(12)
        ]
        for _ in range(2)
    ]
    assert drawn[0] == drawn[1]
    assert set(drawn[0]) == {True, False}
    assert random.getstate() == state


def test_missing_data_of_nltk_is_named(monkeypatch, tmp_path):
    try:
        pytest.importorskip("nltk").data.find("corpora/stopwords")
    except LookupError:
        helpers.close()
    else:
        pytest.skip("the data set is on this machine")
    for name in ("NLTK_DATA", "HOME", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path))
    try:
        with pytest.raises(UsageError, match="nltk.downloader stopwords"):
            check_instruction("ratio:stop_words", {"percentage": 50}, "some words", ifbench=True)
    finally:
        helpers.close()


def test_a_missing_package_is_named(monkeypatch):
    real = packages.find_spec
    monkeypatch.setattr(packages, "find_spec", lambda name: None if name == "if_verifiable" else real(name))
    with pytest.raises(DependencyMissing, match="'if-verifiable' is needed.*'ifbench'"):
        check_instruction("format:no_whitespace", {}, "a", ifbench=True)


def test_a_checker_of_ifbench_that_fails_is_not_followed():
    outcome = settle("custom:csv_city", {}, np.random.default_rng(0), ifbench_ids=True).check("a\rb\x00")
    assert not outcome.followed
    outcome = settle("format:quote_unquote", {}, np.random.default_rng(0), ifbench_ids=True).check("1")
    assert outcome.detail == "IndexError: string index out of range"
