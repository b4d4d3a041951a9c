"""What made-up tasks ask for: the arguments of each instruction, and words for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llmgym.envs.instruction_following.draw import Draw
from llmgym.envs.instruction_following.lexicon import ENDINGS, PHRASE_ENDS, PHRASE_MIDDLES, PHRASE_STARTS
from llmgym.envs.instruction_following.samples import LANGUAGE_NAMES

__all__ = ["ASKED", "Setting", "draw_arguments", "needs_text"]

ASKED = "{asked}"
"""Stands for the text that an instruction to repeat something refers to."""

_COMMON = "acegiklmnorstuw"
_ALL = "abcdefghijklmnopqrstuvwxyz"
_AT_LEAST, _LESS = "at least", "less than"


@dataclass(slots=True)
class Setting:
    """What the arguments of an instruction depend on.

    Attributes:
        draw: Where they are drawn from.
        level: 0 to 2, from easy to hard.
        ids: Every instruction of the task.
        letters: Letters that are taken.
    """

    draw: Draw
    level: int
    ids: Sequence[str]
    letters: list[str]

    def size(self, low: int, high: int) -> int:
        """Draw a number that grows with the level."""
        span = (high - low) / 3
        return self.draw.between(round(low + span * self.level), round(low + span * (self.level + 1)))

    def relation(self) -> str:
        """Draw a relation."""
        return self.draw.pick((_AT_LEAST, _AT_LEAST, _LESS))


Arguments = Callable[[Setting], dict[str, Any]]


def _nothing(setting: Setting) -> dict[str, Any]:
    return {}


def _number(name: str, low: int, high: int) -> Arguments:
    return lambda setting: {name: setting.size(low, high)}


def _keyword(*names: str) -> Arguments:
    return lambda setting: {name: setting.draw.keyword() for name in names}


def _keywords(name: str, low: int, high: int) -> Arguments:
    return lambda setting: {name: [setting.draw.keyword() for _ in range(setting.size(low, high))]}


def _frequency(setting: Setting) -> dict[str, Any]:
    return {
        "keyword": setting.draw.keyword(),
        "frequency": setting.size(2, 5),
        "relation": setting.relation(),
    }


def _letter_frequency(setting: Setting) -> dict[str, Any]:
    relation = setting.relation()
    letter = setting.draw.letter(_COMMON if relation == _AT_LEAST else _ALL, setting.letters)
    setting.letters.append(letter)
    return {"letter": letter, "let_frequency": setting.size(4, 30), "let_relation": relation}


def _compared(
    name: str, at_least: tuple[int, int], less: tuple[int, int], relation: str = "relation"
) -> Arguments:
    def draw(setting: Setting) -> dict[str, Any]:
        chosen = setting.relation()
        return {name: setting.size(*(at_least if chosen == _AT_LEAST else less)), relation: chosen}

    return draw


def _nth_paragraph(setting: Setting) -> dict[str, Any]:
    number = setting.size(2, 6)
    return {
        "num_paragraphs": number,
        "nth_paragraph": setting.draw.between(1, number),
        "first_word": setting.draw.keyword(),
    }


def _sections(setting: Setting) -> dict[str, Any]:
    upper = "change_case:english_capital" in setting.ids or setting.draw.chance(0.3)
    return {"section_spliter": "SECTION" if upper else "Section", "num_sections": setting.size(2, 5)}


def _capital_words(setting: Setting) -> dict[str, Any]:
    relation = setting.relation()
    return {"capital_frequency": setting.size(2, 12), "capital_relation": relation}


def _phrase(setting: Setting) -> dict[str, Any]:
    draw = setting.draw
    middle = draw.some(PHRASE_MIDDLES, setting.size(2, 4))
    return {
        "phrase": " ".join([draw.pick(PHRASE_STARTS), *middle, draw.pick(PHRASE_ENDS)]),
        "small_n": setting.size(2, 4),
    }


def _position(setting: Setting) -> dict[str, Any]:
    return {"keyword": setting.draw.keyword(), "n": setting.size(1, 5), "m": setting.size(2, 8)}


def _ending(setting: Setting) -> dict[str, Any]:
    return {"end_phrase": setting.draw.pick(ENDINGS)}


def _marker(setting: Setting) -> dict[str, Any]:
    return {"postscript_marker": setting.draw.pick(("P.S.", "P.P.S"))}


def _language(setting: Setting) -> dict[str, Any]:
    return {"language": setting.draw.pick(tuple(LANGUAGE_NAMES))}


def _copies(setting: Setting) -> dict[str, Any]:
    return {"prompt_to_repeat": ASKED, "N": setting.size(2, 5)}


def _span(setting: Setting) -> dict[str, Any]:
    # The shortest request has more characters than this.
    start = setting.draw.between(1, 12)
    return {"prompt_to_repeat": ASKED, "n_start": start, "n_end": start + setting.draw.between(6, 16)}


_DRAWN: Mapping[str, Arguments] = {
    "keywords:existence": _keywords("keywords", 1, 5),
    "keywords:frequency": _frequency,
    "keywords:forbidden_words": _keywords("forbidden_words", 1, 5),
    "keywords:letter_frequency": _letter_frequency,
    "keywords:word_once": _keyword("keyword"),
    "keywords:word_count_different_numbers": _frequency,
    "keywords:exclude_word_harder": _keyword("keyword"),
    "keywords:keyword_specific_position": _position,
    "language:response_language": _language,
    "length_constraints:number_sentences": _compared("num_sentences", (3, 20), (5, 30)),
    "length_constraints:number_paragraphs": _number("num_paragraphs", 2, 6),
    "length_constraints:number_words": _compared("num_words", (40, 300), (80, 400)),
    "length_constraints:nth_paragraph_first_word": _nth_paragraph,
    "detectable_content:number_placeholders": _number("num_placeholders", 1, 7),
    "detectable_content:postscript": _marker,
    "detectable_format:number_bullet_lists": _number("num_bullets", 2, 8),
    "detectable_format:number_highlighted_sections": _number("num_highlights", 1, 7),
    "detectable_format:multiple_sections": _sections,
    "combination:repeat_prompt": lambda setting: {"prompt_to_repeat": ASKED},
    "startend:end_checker": _ending,
    "change_case:capital_word_frequency": _capital_words,
    "copy:repeat_phrase": _phrase,
    "copy:copy": lambda setting: {"prompt_to_repeat": ASKED},
    "copy:copying_simple": lambda setting: {"prompt_to_repeat": ASKED},
    "copy:copying_multiple": _copies,
    "new:copy_span_idx": _span,
    "first_word:first_word_sent": _keyword("first_word"),
    "first_word:first_word_answer": _keyword("first_word"),
    "last_word:last_word_sent": _keyword("last_word"),
    "last_word:last_word_answer": _keyword("last_word"),
    "count:lowercase_counting": lambda setting: {"N": 20 - setting.size(0, 15)},
    "letters:letter_counting": _compared("N", (150, 900), (300, 1500)),
    "letters:letter_counting2": _letter_frequency,
    "count:counting_composition": lambda setting: {
        "n_sent": setting.size(2, 4),
        "n_words": setting.size(5, 10),
    },
    "count:count_increment_word": _keyword("keyword1", "keyword2"),
}

# Instructions that an empty text follows, whatever their arguments.
_PROHIBITIONS = frozenset(
    {
        "keywords:forbidden_words",
        "keywords:exclude_word_harder",
        "keywords:no_adjacent_consecutive",
        "language:response_language",
        "punctuation:no_comma",
        "punctuation:punctuation_dot",
        "punctuation:punctuation_exclamation",
        "count:lowercase_counting",
        "count:count_unique",
        "detectable_format:square_brackets",
        "detectable_format:bigram_wrapping",
        "detectable_format:sentence_hyphens",
        "first_word:first_word_sent",
        "last_word:last_word_sent",
    }
)


def draw_arguments(instruction_id: str, setting: Setting) -> dict[str, Any]:
    """Draw the arguments of an instruction; what it asks to repeat is :data:`ASKED`."""
    return _DRAWN.get(instruction_id, _nothing)(setting)


def needs_text(instruction_id: str, kwargs: Mapping[str, Any]) -> bool:
    """Tell whether an instruction asks for something, so that an empty text does not follow it."""
    relations = [kwargs.get(name) for name in ("relation", "let_relation", "capital_relation")]
    return instruction_id not in _PROHIBITIONS and _LESS not in relations
