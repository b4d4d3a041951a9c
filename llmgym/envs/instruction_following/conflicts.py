"""Which instructions can be followed at once, as far as the solver knows how to."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["SOLO", "compatible"]

SOLO = frozenset({"copy:copy", "copy:copying_simple", "copy:copying_multiple", "new:copy_span_idx"})
"""Instructions that fix the whole text."""

_COUNTED = frozenset(
    {
        "keywords:existence",
        "keywords:frequency",
        "keywords:forbidden_words",
        "keywords:word_once",
        "keywords:word_count_different_numbers",
        "keywords:exclude_word_harder",
        "count:count_increment_word",
        "punctuation:no_comma",
        "punctuation:punctuation_exclamation",
    }
)
_LIGHT = _COUNTED | {
    "keywords:letter_frequency",
    "letters:letter_counting",
    "letters:letter_counting2",
    "length_constraints:number_words",
}
_DOT = "punctuation:punctuation_dot"
_LOWER, _UPPER = "change_case:english_lowercase", "change_case:english_capital"
_FEW_LOWER = "count:lowercase_counting"
_STARRED = {"length_constraints:number_paragraphs", "paragraphs:paragraphs"}
_SPACED = {"paragraphs:paragraphs2", "length_constraints:nth_paragraph_first_word"}
_FIRSTS = {"first_word:first_word_sent", "first_word:first_word_answer"}
_LASTS = {"last_word:last_word_sent", "last_word:last_word_answer", "startend:end_checker"}

# A form of the whole text, and the instructions that go with it.
_FORMS: dict[str, frozenset[str]] = {
    "detectable_format:json_format": _LIGHT
    | {_DOT, "detectable_format:title", "keywords:palindrome", "detectable_content:number_placeholders"},
    "detectable_format:sentence_hyphens": _LIGHT
    | {_DOT, _LOWER, _UPPER, _FEW_LOWER, "detectable_format:title", "detectable_content:number_placeholders"},
    "detectable_format:square_brackets": _LIGHT
    | {_DOT, _FEW_LOWER, "keywords:no_adjacent_consecutive", "detectable_content:number_placeholders"},
    "detectable_format:bigram_wrapping": _LIGHT
    | {_DOT, _FEW_LOWER, "keywords:no_adjacent_consecutive", "detectable_format:title"},
    "count:counting_composition": _COUNTED | {_DOT},
    "count:count_unique": frozenset(
        {
            "keywords:existence",
            "keywords:forbidden_words",
            "keywords:word_once",
            "keywords:exclude_word_harder",
            "keywords:palindrome",
            "first_word:first_word_answer",
            "last_word:last_word_answer",
            "punctuation:no_comma",
            "punctuation:punctuation_exclamation",
            _DOT,
        }
    ),
    "language:response_language": frozenset(
        _STARRED
        | {
            "paragraphs:paragraphs2",
            "combination:two_responses",
            "startend:quotation",
            "punctuation:no_comma",
            "punctuation:punctuation_exclamation",
            "detectable_format:number_bullet_lists",
            "length_constraints:number_words",
        }
    ),
    "combination:repeat_prompt": _LIGHT
    | {
        "length_constraints:number_paragraphs",
        "length_constraints:number_sentences",
        "detectable_content:number_placeholders",
        "detectable_content:postscript",
        "detectable_format:number_bullet_lists",
        "detectable_format:number_highlighted_sections",
        "detectable_format:multiple_sections",
        "detectable_format:title",
        "change_case:capital_word_frequency",
        "startend:end_checker",
        "last_word:last_word_answer",
        "keywords:palindrome",
    },
}

# What else cannot be followed at once with an instruction.
_CONFLICTS: dict[str, set[str]] = {
    "first_word:first_word_sent": {
        *_STARRED,
        "first_word:first_word_answer",
        "length_constraints:nth_paragraph_first_word",
        "startend:end_checker",
        "startend:quotation",
        "detectable_content:postscript",
        "detectable_format:constrained_response",
        "combination:two_responses",
        "keywords:start_end",
    },
    "last_word:last_word_sent": {
        "last_word:last_word_answer",
        "startend:end_checker",
        "detectable_content:postscript",
        "detectable_format:constrained_response",
        "keywords:start_end",
    },
    "last_word:last_word_answer": {"startend:end_checker", "keywords:start_end"},
    "keywords:start_end": {
        *_FIRSTS,
        *_LASTS,
        "startend:quotation",
        "length_constraints:nth_paragraph_first_word",
        "detectable_content:postscript",
    },
    "first_word:first_word_answer": {"startend:quotation", "length_constraints:nth_paragraph_first_word"},
    "startend:quotation": {"keywords:keyword_specific_position"},
    "length_constraints:number_paragraphs": {"paragraphs:paragraphs", *_SPACED, "combination:two_responses"},
    "paragraphs:paragraphs": {*_SPACED, "combination:two_responses"},
    "paragraphs:paragraphs2": {"length_constraints:nth_paragraph_first_word", "combination:two_responses"},
    "length_constraints:nth_paragraph_first_word": {"combination:two_responses"},
    _DOT: {"detectable_content:postscript", "detectable_format:constrained_response"},
    _UPPER: {
        _LOWER,
        _FEW_LOWER,
        "detectable_format:constrained_response",
        "keywords:keyword_specific_position",
        "copy:repeat_phrase",
        "change_case:capital_word_frequency",
    },
    _LOWER: {
        _FEW_LOWER,
        "detectable_format:constrained_response",
        "detectable_format:multiple_sections",
        "change_case:capital_word_frequency",
    },
    _FEW_LOWER: {"detectable_format:constrained_response", "copy:repeat_phrase"},
    "keywords:no_adjacent_consecutive": {"detectable_content:postscript"},
}


def compatible(one: str, others: Iterable[str]) -> bool:
    """Tell whether an instruction goes with others.

    Args:
        one: Id of an instruction.
        others: Ids of the others, which go with each other.

    Example:
        >>> compatible("punctuation:no_comma", ["detectable_format:json_format"])
        True
        >>> compatible("startend:quotation", ["first_word:first_word_answer"])
        False
    """
    return all(_goes_with(one, other) for other in others)


def _goes_with(one: str, other: str) -> bool:
    if one == other or one in SOLO or other in SOLO:
        return False
    for form, rest in ((one, other), (other, one)):
        if form in _FORMS and rest not in _FORMS[form]:
            return False
        if rest in _CONFLICTS.get(form, ()):
            return False
    return True
