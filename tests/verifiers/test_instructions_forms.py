"""One case a rule of the instructions about lengths, forms and copies: id, what is pinned, arguments, text, followed."""

from __future__ import annotations

from collections import Counter

import pytest

from llmgym.verifiers.instructions import INSTRUCTIONS, check_instruction, copying, formats, lengths

LESS, LEAST = "less than", "at least"
SENTENCES, WORDS = "length_constraints:number_sentences", "length_constraints:number_words"
PARAGRAPHS, NTH = "length_constraints:number_paragraphs", "length_constraints:nth_paragraph_first_word"
TWO, TWO_SPACED = "paragraphs:paragraphs", "paragraphs:paragraphs2"
COMPOSITION, UNIQUE = "count:counting_composition", "count:count_unique"
PLACEHOLDERS, POSTSCRIPT = "detectable_content:number_placeholders", "detectable_content:postscript"
BULLETS, ANSWER = "detectable_format:number_bullet_lists", "detectable_format:constrained_response"
HIGHLIGHTS, SECTIONS = "detectable_format:number_highlighted_sections", "detectable_format:multiple_sections"
JSON, TITLE = "detectable_format:json_format", "detectable_format:title"
RESPONSES, REPEAT = "combination:two_responses", "combination:repeat_prompt"
ENDING, QUOTATION = "startend:end_checker", "startend:quotation"
HYPHENS, BRACKETS = "detectable_format:sentence_hyphens", "detectable_format:square_brackets"
BIGRAMS, PHRASE = "detectable_format:bigram_wrapping", "copy:repeat_phrase"
COPIES, SPAN = "copy:copying_multiple", "new:copy_span_idx"

ASKED = {"prompt_to_repeat": "Say Hi."}
VARIED = {"phrase": "small boats cross the lake", "small_n": 2}
SPANNED = {"prompt_to_repeat": "0123456789", "n_start": 2, "n_end": 5}
NTH_OF = {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "Crash"}
COMPOSED = {"n_sent": 1, "n_words": 3}

CASES = [
    (SENTENCES, "at-least", {"num_sentences": 2, "relation": LEAST}, "We sing. They dance.", True),
    (SENTENCES, "less-than-is-strict", {"num_sentences": 2, "relation": LESS}, "We sing. They dance.", False),
    (SENTENCES, "punkt-knows-titles", {"num_sentences": 2, "relation": LESS}, "Dr. Bell sings at 5 p.m. daily.", True),
    (SENTENCES, "a-line-is-no-sentence", {"num_sentences": 2, "relation": LEAST}, "We sing\nThey dance", False),
    (SENTENCES, "empty", {"num_sentences": 1, "relation": LESS}, "", True),
    (WORDS, "at-least", {"num_words": 3, "relation": LEAST}, "one two three", True),
    (WORDS, "marks-cut-words", {"num_words": 4, "relation": LEAST}, "don't semi-open", True),
    (WORDS, "marks-are-no-words", {"num_words": 2, "relation": LESS}, "one !?, --", True),
    (WORDS, "underscores-join", {"num_words": 2, "relation": LEAST}, "snake_case", False),
    (WORDS, "unknown-relation", {"num_words": 1, "relation": "more than"}, "one two", False),
    (PARAGRAPHS, "divider", {"num_paragraphs": 2}, "one\n***\ntwo", True),
    (PARAGRAPHS, "divider-inside-a-line", {"num_paragraphs": 2}, "one***two", True),
    (PARAGRAPHS, "blank-edges-do-not-count", {"num_paragraphs": 1}, "***\none\n***\n", True),
    (PARAGRAPHS, "blank-inner-piece", {"num_paragraphs": 2}, "one\n***\n\n***\ntwo", False),
    (PARAGRAPHS, "six-stars-are-two-dividers", {"num_paragraphs": 2}, "one ****** two", False),
    (PARAGRAPHS, "empty-text-is-no-paragraph", {"num_paragraphs": 0}, "", True),
    (PARAGRAPHS, "not-at-least", {"num_paragraphs": 2}, "one *** two *** three", False),
    (TWO, "two", {}, "one\n***\ntwo", True),
    (TWO, "three", {}, "one *** two *** three", False),
    (TWO, "line-breaks-do-not-count", {}, "one\n\ntwo", False),
    (TWO_SPACED, "two", {}, "one\n\ntwo", True),
    (TWO_SPACED, "blank-inner-piece", {}, "one\n\n\n\ntwo", False),
    (TWO_SPACED, "blank-edges-do-not-count", {}, "\n\none\n\ntwo\n\n", True),
    (NTH, "found", NTH_OF, "one\n\ncrash two", True),
    (NTH, "cut-at-a-mark", NTH_OF, "one\n\nCrash,two", True),
    (NTH, "quotes-are-stripped", NTH_OF, "one\n\n'\"crash two", True),
    (NTH, "quotes-in-the-other-order-are-not", NTH_OF, "one\n\n\"'crash two", False),
    (NTH, "blank-pieces-do-not-count", NTH_OF, "one\n\ncrash\n\n", True),
    (NTH, "but-take-a-place", NTH_OF, "one\n\n\n\ncrash", False),
    (NTH, "another-number", NTH_OF, "one\n\ncrash\n\nthree", False),
    (NTH, "word-is-a-whole-one", NTH_OF, "one\n\ncrashed", False),
    (COMPOSITION, "marks-are-words", COMPOSED, "we sing.\n***\nwe dance.\n***\nwe go!", True),
    (COMPOSITION, "three-paragraphs", COMPOSED, "we sing.\n***\nwe dance.", False),
    (COMPOSITION, "no-blank-edges", COMPOSED, "we sing.\n***\nwe dance.\n***\nwe go!\n***\n", False),
    (COMPOSITION, "every-sentence", COMPOSED, "we sing.\n***\nwe all dance.\n***\nwe go!", False),
    (COMPOSITION, "number-of-sentences", COMPOSED, "we sing. we go.\n***\nwe dance.\n***\nwe go!", False),
    (UNIQUE, "case-counts", {}, "The oak the elm", True),
    (UNIQUE, "marks-are-words", {}, "An oak, an elm, yes", False),
    (UNIQUE, "repeated", {}, "oak elm oak", False),
    (UNIQUE, "empty", {}, "", True),
    (PLACEHOLDERS, "at-least", {"num_placeholders": 2}, "[a] and [b] and [c]", True),
    (PLACEHOLDERS, "empty-ones-count", {"num_placeholders": 2}, "[][]", True),
    (PLACEHOLDERS, "nested-ones-are-one", {"num_placeholders": 2}, "[a [b]]", False),
    (PLACEHOLDERS, "not-across-lines", {"num_placeholders": 1}, "[a\nb]", False),
    (POSTSCRIPT, "anywhere", {"postscript_marker": "P.S."}, "see p.s. here", True),
    (POSTSCRIPT, "blank-within", {"postscript_marker": "P.S."}, "P. S. more", True),
    (POSTSCRIPT, "last-dot-needed", {"postscript_marker": "P.S."}, "P.S more", False),
    (POSTSCRIPT, "double-needs-no-last-dot", {"postscript_marker": "P.P.S"}, "P.P.S more", True),
    (POSTSCRIPT, "other-markers-are-expressions", {"postscript_marker": "P.S"}, "peso", True),
    (POSTSCRIPT, "with-dots-for-anything", {"postscript_marker": "N.B"}, "n-bx", True),
    (BULLETS, "stars-and-dashes", {"num_bullets": 2}, "* one\n- two", True),
    (BULLETS, "exactly", {"num_bullets": 1}, "* one\n* two", False),
    (BULLETS, "rules-count", {"num_bullets": 1}, "text\n---\ntext", True),
    (BULLETS, "two-stars-do-not", {"num_bullets": 0}, "** bold **\n***", True),
    (BULLETS, "no-blank-needed", {"num_bullets": 2}, "*one\n  -two", True),
    (BULLETS, "a-lone-star-takes-the-next-line", {"num_bullets": 1}, "*\n* two", True),
    (BULLETS, "plus-is-none", {"num_bullets": 0}, "+ one\n1. two", True),
    (ANSWER, "contained", {}, "Well. My answer is maybe. Yes.", True),
    (ANSWER, "case-counts", {}, "my answer is yes.", False),
    (ANSWER, "dot-needed", {}, "My answer is yes", False),
    (HIGHLIGHTS, "single", {"num_highlights": 2}, "*one* and *two*", True),
    (HIGHLIGHTS, "bold-counts-once", {"num_highlights": 2}, "**one**", False),
    (HIGHLIGHTS, "bold-counts", {"num_highlights": 1}, "**one**", True),
    (HIGHLIGHTS, "blank-ones-do-not", {"num_highlights": 1}, "* *  ** ** ***", False),
    (HIGHLIGHTS, "not-across-lines", {"num_highlights": 1}, "*one\ntwo*", False),
    (HIGHLIGHTS, "two-bullets-on-a-line", {"num_highlights": 1}, "* one * two", True),
    (SECTIONS, "at-least", {"section_spliter": "Section", "num_sections": 2}, "Section 1 a Section 2 b", True),
    (SECTIONS, "case-counts", {"section_spliter": "Section", "num_sections": 1}, "SECTION 1", False),
    (SECTIONS, "number-needed", {"section_spliter": "Section", "num_sections": 1}, "Section one", False),
    (SECTIONS, "no-blank-needed", {"section_spliter": " Section ", "num_sections": 1}, "aSection1b", True),
    (SECTIONS, "groups-count-too", {"section_spliter": "(Section)", "num_sections": 2}, "Section 1", True),
    (JSON, "fenced", {}, '```json\n{"a": [1, 2]}\n```', True),
    (JSON, "other-fences", {}, "```Json\n1\n```", True),
    (JSON, "numbers-and-nan", {}, " NaN ", True),
    (JSON, "text-around", {}, 'Here: {"a": 1}', False),
    (JSON, "single-quotes", {}, "{'a': 1}", False),
    (JSON, "empty", {}, "", False),
    (JSON, "too-deep", {}, "[" * 10_000 + "]" * 10_000, False),
    (JSON, "too-many-digits", {}, "9" * 5_000, False),
    (TITLE, "found", {}, "a <<day at sea>> b", True),
    (TITLE, "blank", {}, "<<  >>", False),
    (TITLE, "empty", {}, "<<>>", False),
    (TITLE, "not-across-lines", {}, "<<a\nb>>", False),
    (TITLE, "brackets-alone", {}, "<<<>>>", False),
    (TITLE, "up-to-the-last", {}, "<< >> <<a>>", True),
    (RESPONSES, "two", {}, "one\n******\ntwo", True),
    (RESPONSES, "the-same", {}, "one ****** one", False),
    (RESPONSES, "case-counts", {}, "one ****** One", True),
    (RESPONSES, "three", {}, "one ****** two ****** three", False),
    (RESPONSES, "blank-edges-do-not-count", {}, "****** one ****** two ******", True),
    (RESPONSES, "blank-inner-piece", {}, "one ************ two", False),
    (REPEAT, "case-and-edges-do-not-count", {"prompt_to_repeat": " Say HI "}, "\nsay hi there", True),
    (REPEAT, "not-first", {"prompt_to_repeat": "Say hi"}, "I say hi", False),
    (REPEAT, "nothing-to-repeat", {"prompt_to_repeat": ""}, "", False),
    (REPEAT, "not-told", {}, "anything", False),
    (ENDING, "any-case", {"end_phrase": " The End "}, "it is THE END ", True),
    (ENDING, "within-quotes", {"end_phrase": "the end."}, '"This is the end."', True),
    (ENDING, "quotes-of-the-phrase-stay", {"end_phrase": '"end"'}, 'the "end"', False),
    (ENDING, "something-after", {"end_phrase": "the end"}, "the end.", False),
    (ENDING, "empty-phrase", {"end_phrase": ""}, "anything", True),
    (QUOTATION, "wrapped", {}, ' "one" and "two" ', True),
    (QUOTATION, "one-mark", {}, '"', False),
    (QUOTATION, "two-marks", {}, '""', True),
    (QUOTATION, "curly-marks", {}, "\u201cone\u201d", False),
    (HYPHENS, "joined", {}, "We sing.-They dance.", True),
    (HYPHENS, "blank-beside-it", {}, "We sing. - They dance.", False),
    (HYPHENS, "blank-instead", {}, "We sing. They dance.", False),
    (HYPHENS, "hyphen-in-a-word", {}, "A semi-open door.", False),
    (HYPHENS, "empty", {}, "", True),
    (HYPHENS, "surplus-is-ignored", {}, "We sing.-", True),
    (BRACKETS, "each-word", {}, "[We] [sing.]", True),
    (BRACKETS, "mark-outside", {}, "[We] [sing].", False),
    (BRACKETS, "empty", {}, "", True),
    (BIGRAMS, "pairs", {}, "<<we sing>> <<they dance>>", True),
    (BIGRAMS, "odd-last-word", {}, "<<we sing>> now", True),
    (BIGRAMS, "a-bare-pair", {}, "<<we sing>> they dance", False),
    (BIGRAMS, "one-word", {}, "anything", True),
    (PHRASE, "one-word-each", VARIED, "small boats leave the lake and small ships cross the lake", True),
    (PHRASE, "the-last-must-differ", VARIED, "small boats leave the lake, small boats cross the lake", False),
    (PHRASE, "the-others-need-not", VARIED, "small boats cross the lake, small boats leave the lake", True),
    (PHRASE, "two-words-differ", VARIED, "small ships leave the lake, small boats leave the lake", False),
    (PHRASE, "another-number", VARIED, "small boats leave the lake", False),
    (PHRASE, "another-length", VARIED, "small boats leave lake, small boats leave the lake", False),
    (PHRASE, "case-counts", VARIED, "Small boats leave the lake, small boats leave the lake", False),
    (PHRASE, "not-across-lines", VARIED, "small boats leave the\nlake, small boats leave the lake", False),
    ("copy:copy", "case-and-edges-do-not-count", ASKED, " say hi.\n", True),
    ("copy:copy", "more", ASKED, "say hi. Hi!", False),
    ("copy:copy", "not-told", {}, "", False),
    ("copy:copying_simple", "same-rule", ASKED, "SAY HI.", True),
    ("copy:copying_simple", "less", ASKED, "Say hi", False),
    ("copy:copying_simple", "unknown-argument", {**ASKED, "N": 2}, "Say Hi.", False),
    (COPIES, "each", {**ASKED, "N": 2}, "say hi. ****** Say Hi.", True),
    (COPIES, "another-number", {**ASKED, "N": 2}, "Say Hi.", False),
    (COPIES, "one-differs", {**ASKED, "N": 2}, "Say Hi. ****** Say Ho.", False),
    (COPIES, "blank-edges-count", {**ASKED, "N": 2}, "Say Hi.******Say Hi.******", False),
    (SPAN, "end-not-included", SPANNED, "234", True),
    (SPAN, "end-included", SPANNED, "2345", False),
    (SPAN, "edges-do-not-count", SPANNED, " 234\n", True),
    (SPAN, "negative-places", {**SPANNED, "n_start": -3, "n_end": -1}, "78", True),
]  # fmt: skip

NAMES = [f"{id.partition(':')[2]}-{name}" for id, name, *_ in CASES]


@pytest.mark.parametrize(("id", "name", "kwargs", "text", "followed"), CASES, ids=NAMES)
def test_rule(id, name, kwargs, text, followed):
    assert check_instruction(id, kwargs, text) is followed


def test_every_id_of_these_families_has_three_cases():
    counted = Counter(case[0] for case in CASES)
    assert counted.keys() == {
        each.id for family in (copying, formats, lengths) for each in family.INSTRUCTIONS
    }
    assert min(counted.values()) >= 3
    assert len(INSTRUCTIONS) == 54
