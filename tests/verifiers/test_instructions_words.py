"""One case a rule of the instructions about words and characters: id, what is pinned, arguments, text, followed."""

from __future__ import annotations

from collections import Counter

import pytest

from llmgym.verifiers.instructions import characters, check_instruction, keywords, positions

LESS, LEAST = "less than", "at least"
EXISTENCE, FREQUENCY, FORBIDDEN = "keywords:existence", "keywords:frequency", "keywords:forbidden_words"
LETTER, LETTERS = "keywords:letter_frequency", "letters:letter_counting"
ONCE, TIMES = "keywords:word_once", "keywords:word_count_different_numbers"
EXCLUDE, INCREMENT = "keywords:exclude_word_harder", "count:count_increment_word"
LANGUAGE, CAPITALS = "language:response_language", "change_case:capital_word_frequency"
UPPER, LOWER = "change_case:english_capital", "change_case:english_lowercase"
FIRST_SENT, FIRST = "first_word:first_word_sent", "first_word:first_word_answer"
LAST_SENT, LAST = "last_word:last_word_sent", "last_word:last_word_answer"
POSITION, START_END = "keywords:keyword_specific_position", "keywords:start_end"
PALINDROME, CONSECUTIVE = "keywords:palindrome", "keywords:no_adjacent_consecutive"
ENGLISH = "we went around an old garden and saw a small owl in its oak."

CASES = [
    (EXISTENCE, "any-case", {"keywords": ["Oak", "ELM"]}, "an oak and an elm", True),
    (EXISTENCE, "part-of-a-word", {"keywords": ["cat"]}, "concatenate", True),
    (EXISTENCE, "all-of-them", {"keywords": ["oak", "elm"]}, "an oak", False),
    (EXISTENCE, "unescaped", {"keywords": ["o.k|yes$"]}, "oak", True),
    (EXISTENCE, "bad-expression", {"keywords": ["(c"]}, "(c", False),
    (EXISTENCE, "a-string-is-its-letters", {"keywords": "ba"}, "a b", True),
    (EXISTENCE, "not-stripped", {"keywords": [" oak "]}, "oak", False),
    (FREQUENCY, "at-least", {"keyword": "a", "frequency": 2, "relation": LEAST}, "A banana", True),
    (FREQUENCY, "less-than-is-strict", {"keyword": "an", "frequency": 2, "relation": LESS}, "banana", False),
    (FREQUENCY, "stripped", {"keyword": " oak ", "frequency": 1, "relation": LEAST}, "oak", True),
    (FREQUENCY, "no-overlaps", {"keyword": "aa", "frequency": 2, "relation": LEAST}, "aaa", False),
    (FREQUENCY, "unknown-relation", {"keyword": "a", "frequency": 1, "relation": "at most"}, "a", False),
    (FREQUENCY, "keyword-is-no-text", {"keyword": 5, "frequency": 1, "relation": LEAST}, "5", False),
    (FREQUENCY, "number-is-no-number", {"keyword": "a", "frequency": "1", "relation": LEAST}, "a", False),
    (FORBIDDEN, "whole-words-only", {"forbidden_words": ["cat"]}, "concatenate", True),
    (FORBIDDEN, "any-case", {"forbidden_words": ["cat"]}, "The CAT.", False),
    (FORBIDDEN, "unescaped", {"forbidden_words": ["c.t"]}, "a cut", False),
    (FORBIDDEN, "no-boundary-after-a-sign", {"forbidden_words": ["cat!"]}, "cat! cat!", True),
    (FORBIDDEN, "empty-text", {"forbidden_words": ["cat"]}, "", True),
    (ONCE, "exactly-once", {"keyword": "oak"}, "An Oak", True),
    (ONCE, "twice", {"keyword": "oak"}, "oak, oaken", False),
    (ONCE, "never", {"keyword": "oak"}, "elm", False),
    (TIMES, "at-least", {"keyword": "oak", "frequency": 2, "relation": LEAST}, "oak oak oak", True),
    (TIMES, "not-exactly", {"keyword": "oak", "frequency": 2, "relation": LESS}, "oak oak", False),
    (TIMES, "less-than", {"keyword": "oak", "frequency": 2, "relation": LESS}, "oak", True),
    (EXCLUDE, "between-blanks", {"keyword": "oak"}, "an oak tree", False),
    (EXCLUDE, "case-counts", {"keyword": "oak"}, "an Oak tree", True),
    (EXCLUDE, "beside-a-mark", {"keyword": "oak"}, "an oak, oak. oak", True),
    (EXCLUDE, "not-an-expression", {"keyword": "o.k"}, "an oak tree", True),
    (INCREMENT, "one-and-two", {"keyword1": "oak", "keyword2": "elm"}, "elm oak Elm", True),
    (INCREMENT, "two-and-two", {"keyword1": "oak", "keyword2": "elm"}, "elm oak elm oak", False),
    (INCREMENT, "one-and-three", {"keyword1": "oak", "keyword2": "elm"}, "elm oak elm elm", False),
    (LETTER, "any-case", {"letter": "A", "let_frequency": 3, "let_relation": LEAST}, "AaA", True),
    (LETTER, "less-than", {"letter": "a", "let_frequency": 3, "let_relation": LESS}, "aaa", False),
    (LETTER, "unknown-relation", {"letter": "a", "let_frequency": 3, "let_relation": "exactly"}, "aaa", False),
    ("letters:letter_counting2", "same", {"letter": "b", "let_frequency": 1, "let_relation": LEAST}, "B", True),
    ("letters:letter_counting2", "less", {"letter": "b", "let_frequency": 1, "let_relation": LESS}, "B", False),
    ("letters:letter_counting2", "none", {"letter": "b", "let_frequency": 1, "let_relation": LESS}, "", True),
    (LETTERS, "ascii-letters-only", {"N": 3, "relation": LEAST}, "aé1b", False),
    (LETTERS, "at-least", {"N": 3, "relation": LEAST}, "a-B-c", True),
    (LETTERS, "less-than", {"N": 3, "relation": LESS}, "abc", False),
    (LETTERS, "unknown-relation", {"N": 3, "relation": "more than"}, "abcd", False),
    ("count:lowercase_counting", "at-most", {"N": 2}, "one Two three", True),
    ("count:lowercase_counting", "too-many", {"N": 2}, "one two three", False),
    ("count:lowercase_counting", "a-digit-ends-no-word", {"N": 0}, "one1 éa", True),
    ("count:lowercase_counting", "parts-of-don't", {"N": 1}, "don't", False),
    (CAPITALS, "tokens", {"capital_frequency": 2, "capital_relation": LEAST}, "OK, NASA!", True),
    (CAPITALS, "single-letters", {"capital_frequency": 1, "capital_relation": LESS}, "I am", False),
    (CAPITALS, "hyphens-join", {"capital_frequency": 2, "capital_relation": LEAST}, "SEMI-OPEN", False),
    (CAPITALS, "digits-do-not-spoil", {"capital_frequency": 1, "capital_relation": LEAST}, "B2B", True),
    (CAPITALS, "a-clitic-is-a-token", {"capital_frequency": 2, "capital_relation": LEAST}, "CAN'T", True),
    (UPPER, "english", {}, "WE WENT AROUND AN OLD GARDEN AND SAW A SMALL OWL IN ITS OAK.", True),
    (UPPER, "one-small-letter", {}, "WE WENT AROUND AN OLD GARDEN AND SAW A SMALL OWL IN ITS OAk.", False),
    (UPPER, "empty", {}, "", False),
    (UPPER, "another-language", {}, "СЕГОДНЯ УТРОМ МЫ ПОШЛИ НА РЫНОК.", False),
    (LOWER, "english", {}, ENGLISH, True),
    (LOWER, "one-capital", {}, ENGLISH.capitalize(), False),
    (LOWER, "another-language", {}, "ce matin nous sommes allés au marché du village.", False),
    (LOWER, "no-letters", {}, "123", False),
    (LANGUAGE, "detected", {"language": "fr"}, "Ce matin nous sommes allés au marché du village.", True),
    (LANGUAGE, "another", {"language": "en"}, "Ce matin nous sommes allés au marché du village.", False),
    (LANGUAGE, "nothing-to-go-by", {"language": "fi"}, "123 ...", True),
    (LANGUAGE, "unknown-code", {"language": "zh"}, "", False),
    (LANGUAGE, "code-is-no-text", {"language": ["en"]}, "", False),
    ("punctuation:no_comma", "none", {}, "a; b", True),
    ("punctuation:no_comma", "one", {}, "a, b", False),
    ("punctuation:no_comma", "another-comma", {}, "a\uff0cb \u3001", True),
    ("punctuation:punctuation_dot", "none", {}, "a! b?", True),
    ("punctuation:punctuation_dot", "in-a-number", {}, "3.5", False),
    ("punctuation:punctuation_dot", "an-ellipsis-character", {}, "well\u2026", True),
    ("punctuation:punctuation_exclamation", "none", {}, "a. b?", True),
    ("punctuation:punctuation_exclamation", "one", {}, "a!", False),
    ("punctuation:punctuation_exclamation", "inverted", {}, "\u00a1a", True),
    (FIRST_SENT, "every-sentence", {"first_word": "we"}, "We sing. we dance! WE go", True),
    (FIRST_SENT, "one-differs", {"first_word": "we"}, "We sing. They dance.", False),
    (FIRST_SENT, "punctuation-stays", {"first_word": "well"}, "Well, we sing.", False),
    (FIRST_SENT, "no-sentence", {"first_word": "we"}, " \n ", True),
    (FIRST_SENT, "dots-stay-with-their-word", {"first_word": "we"}, "We... we go.", False),
    (FIRST_SENT, "bare-mark", {"first_word": "we"}, "We go. ? We go.", False),
    (FIRST_SENT, "a-list-is-refused", {"first_word": ["we"]}, "We sing.", False),
    (FIRST_SENT, "a-line-ends-no-sentence", {"first_word": "we"}, "We sing\nthey dance.", True),
    (FIRST_SENT, "a-title-ends-no-sentence", {"first_word": "dr."}, "Dr. Bell sings. Dr. Kay too.", True),
    (FIRST, "first-token", {"first_word": "well,"}, "  Well, yes", True),
    (FIRST, "punctuation-stays", {"first_word": "well"}, "Well, yes", False),
    (FIRST, "empty", {"first_word": "well"}, " ", False),
    (LAST_SENT, "before-the-mark", {"last_word": "home"}, "We go home. They are HOME!", True),
    (LAST_SENT, "one-differs", {"last_word": "home"}, "We go home. They stay.", False),
    (LAST_SENT, "all-marks-are-removed", {"last_word": "home"}, 'They "ho-me".', True),
    (LAST_SENT, "of-a-list-the-first", {"last_word": ["home", "away"]}, "We go home.", True),
    (LAST_SENT, "word-is-not-cleaned", {"last_word": "home."}, "We go home.", False),
    (LAST, "last-token", {"last_word": "home"}, "We go Home!! ", True),
    (LAST, "another", {"last_word": "home"}, "We go home now", False),
    (LAST, "empty", {"last_word": "home"}, "", False),
    (LAST, "a-list-is-refused", {"last_word": ["home"]}, "home", False),
    (POSITION, "found", {"keyword": "oak", "n": 2, "m": 3}, "Hi there. See the oak.", True),
    (POSITION, "marks-are-words", {"keyword": "oak", "n": 1, "m": 3}, "Hi, oak.", True),
    (POSITION, "case-counts", {"keyword": "oak", "n": 1, "m": 1}, "Oak.", False),
    (POSITION, "too-few-sentences", {"keyword": "oak", "n": 3, "m": 1}, "Hi. oak.", False),
    (POSITION, "too-few-words", {"keyword": "oak", "n": 1, "m": 9}, "an oak.", False),
    (POSITION, "clitics-are-words", {"keyword": "oak", "n": 1, "m": 3}, "Don't oak.", True),
    (START_END, "any-case", {}, "Echo is an echo", True),
    (START_END, "a-mark-is-a-word", {}, "Echo is an echo.", False),
    (START_END, "one-word", {}, "echo", False),
    (START_END, "marks-alone", {}, ". .", True),
    (START_END, "quotes-change-their-form", {}, '"echo"', False),
    (PALINDROME, "a-word", {}, "a level road", True),
    (PALINDROME, "a-single-letter", {}, "I know", True),
    (PALINDROME, "case-counts", {}, "Level ground", False),
    (PALINDROME, "marks-stay", {}, "level, ground", False),
    (PALINDROME, "empty", {}, "", False),
    (CONSECUTIVE, "ascending", {}, "apple bread", False),
    (CONSECUTIVE, "descending", {}, "bread apple", True),
    (CONSECUTIVE, "case-does-not-count", {}, "Apple Bread", False),
    (CONSECUTIVE, "other-characters-too", {}, "1st 2nd", False),
    (CONSECUTIVE, "a-letter-that-becomes-two", {}, "\u0130zmir yes", False),
    (CONSECUTIVE, "empty", {}, "", True),
]  # fmt: skip

NAMES = [f"{id.partition(':')[2]}-{name}" for id, name, *_ in CASES]


@pytest.mark.parametrize(("id", "name", "kwargs", "text", "followed"), CASES, ids=NAMES)
def test_rule(id, name, kwargs, text, followed):
    assert check_instruction(id, kwargs, text) is followed


def test_every_id_of_these_families_has_three_cases():
    counted = Counter(case[0] for case in CASES)
    families = (characters, keywords, positions)
    assert counted.keys() == {each.id for family in families for each in family.INSTRUCTIONS}
    assert min(counted.values()) >= 3
