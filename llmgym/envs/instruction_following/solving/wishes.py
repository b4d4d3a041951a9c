"""The instructions of a task, gathered into what a text has to be like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Wishes", "gather"]

_FORMS = {
    "detectable_format:json_format": "json",
    "detectable_format:sentence_hyphens": "hyphens",
    "detectable_format:square_brackets": "brackets",
    "detectable_format:bigram_wrapping": "bigrams",
    "count:counting_composition": "composition",
    "count:count_unique": "unique",
}
_CASES = {
    "change_case:english_capital": "upper",
    "change_case:english_lowercase": "lower",
    "count:lowercase_counting": "title",
}


@dataclass(slots=True)
class Wishes:
    """What a text has to be like.

    Attributes:
        form: What the whole text is wrapped in, or how it is built; empty for prose.
        case: ``upper``, ``lower``, ``title`` (every word capitalised) or empty.
        language: ISO code of another language than plain English; ``None`` for English words.
        english: Whether a language detector has to see English.
        mark: What ends a sentence.
        required: Words to be used, each as often as it is listed.
        avoided: Texts that no other word may contain, in lower case.
        sentence_start: First word of every sentence.
        sentence_end: Last word of every sentence.
        opening: First word of the text.
        closing: Last word of the text.
        echo: Whether the text begins and ends with the same word.
        ending: Phrase at the end.
        prompt: Text at the beginning.
        quoted: Whether the text stands in quotation marks.
        title: Whether there is a title.
        palindrome: Whether there is a palindrome.
        answer: Whether one of the three answers is given.
        placeholders: Number of placeholders.
        highlights: Number of highlighted parts.
        capitals: Number of words in capitals.
        bullets: Number of bullet points; ``None`` for any.
        sections: Word that marks a section, and number of sections.
        marker: Marker of a postscript.
        phrase: A phrase to be varied, and how often.
        position: Keyword, sentence and word number.
        divider: What stands between the parts of the text.
        parts: Number of parts.
        part_start: Number of a part and its first word.
        sentences: Fewest sentences.
        words: Fewest words.
        letters: Fewest letters.
        letter_counts: Fewest occurrences of single letters.
        composition: Number of sentences of each part, and of tokens of each sentence.
        fixed: The whole text, when an instruction gives it away.
    """

    form: str = ""
    case: str = ""
    language: str | None = None
    english: bool = False
    mark: str = "."
    required: list[str] = field(default_factory=list)
    avoided: list[str] = field(default_factory=list)
    sentence_start: str = ""
    sentence_end: str = ""
    opening: str = ""
    closing: str = ""
    echo: bool = False
    ending: str = ""
    prompt: str = ""
    quoted: bool = False
    title: bool = False
    palindrome: bool = False
    answer: bool = False
    placeholders: int = 0
    highlights: int = 0
    capitals: int = 0
    bullets: int | None = None
    sections: tuple[str, int] = ("", 0)
    marker: str = ""
    phrase: tuple[str, int] = ("", 0)
    position: tuple[str, int, int] | None = None
    divider: str = ""
    parts: int = 1
    part_start: tuple[int, str] | None = None
    sentences: int = 0
    words: int = 0
    letters: int = 0
    letter_counts: dict[str, int] = field(default_factory=dict)
    composition: tuple[int, int] = (0, 0)
    fixed: str | None = None


def gather(ids: Sequence[str], kwargs: Sequence[Mapping[str, Any] | None]) -> Wishes | None:
    """Gather instructions.

    Args:
        ids: Ids of the instructions.
        kwargs: Their arguments.

    Returns:
        The wishes, or ``None`` when an instruction leaves an argument to chance.
    """
    wishes = Wishes()
    try:
        for id, arguments in zip(ids, kwargs, strict=False):
            _add(wishes, id, arguments or {})
    except KeyError:
        return None
    return wishes


def _add(wishes: Wishes, id: str, given: Mapping[str, Any]) -> None:
    family, _, name = id.partition(":")
    if id in _FORMS:
        wishes.form = _FORMS[id]
        if id == "count:counting_composition":
            wishes.composition = (given["n_sent"], given["n_words"])
    elif id in _CASES:
        wishes.case = _CASES[id]
        wishes.english |= wishes.case != "title"
    elif family in ("keywords", "letters") or id == "count:count_increment_word":
        _add_words(wishes, id, given)
    elif family in ("length_constraints", "paragraphs"):
        _add_lengths(wishes, name, given)
    elif family in ("copy", "new") or id == "combination:repeat_prompt":
        _add_repetition(wishes, name, given)
    elif id == "language:response_language":
        wishes.english = given["language"] == "en"
        wishes.language = None if wishes.english else given["language"]
    elif family in ("first_word", "last_word"):
        place = {"first": ("sentence_start", "opening"), "last": ("sentence_end", "closing")}[family[:-5]]
        setattr(wishes, place[name.endswith("answer")], given[family])
    else:
        _add_mark(wishes, name, given)


def _at_least(given: Mapping[str, Any], name: str, relation: str = "relation") -> int:
    return given[name] if given[relation] == "at least" else 0


def _add_words(wishes: Wishes, id: str, given: Mapping[str, Any]) -> None:
    if id == "keywords:existence":
        wishes.required += given["keywords"]
    elif id in ("keywords:frequency", "keywords:word_count_different_numbers"):
        wishes.required += [given["keyword"]] * _at_least(given, "frequency")
        wishes.avoided.append(given["keyword"].lower())
    elif id == "keywords:word_once":
        wishes.required.append(given["keyword"])
        wishes.avoided.append(given["keyword"].lower())
    elif id == "count:count_increment_word":
        wishes.required += [given["keyword1"], given["keyword2"], given["keyword2"]]
        wishes.avoided += [given["keyword1"].lower(), given["keyword2"].lower()]
    elif id == "keywords:forbidden_words":
        wishes.avoided += [word.lower() for word in given["forbidden_words"]]
    elif id == "keywords:exclude_word_harder":
        wishes.avoided.append(given["keyword"].lower())
    elif id in ("keywords:letter_frequency", "letters:letter_counting2"):
        wishes.letter_counts[given["letter"]] = _at_least(given, "let_frequency", "let_relation")
    elif id == "letters:letter_counting":
        wishes.letters = _at_least(given, "N")
    elif id == "keywords:keyword_specific_position":
        wishes.position = (given["keyword"], given["n"], given["m"])
    elif id == "keywords:start_end":
        wishes.echo = True
    elif id == "keywords:palindrome":
        wishes.palindrome = True


def _add_lengths(wishes: Wishes, name: str, given: Mapping[str, Any]) -> None:
    if name == "number_sentences":
        wishes.sentences = _at_least(given, "num_sentences")
    elif name == "number_words":
        wishes.words = _at_least(given, "num_words")
    elif name == "nth_paragraph_first_word":
        wishes.divider, wishes.parts = "\n\n", given["num_paragraphs"]
        wishes.part_start = (given["nth_paragraph"], given["first_word"])
    else:
        wishes.divider = "\n\n" if name == "paragraphs2" else "\n***\n"
        wishes.parts = given["num_paragraphs"] if name == "number_paragraphs" else 2


def _add_repetition(wishes: Wishes, name: str, given: Mapping[str, Any]) -> None:
    if name == "repeat_phrase":
        wishes.phrase = (given["phrase"], given["small_n"])
        return
    text = given["prompt_to_repeat"]
    if name == "repeat_prompt":
        wishes.prompt = text
    elif name == "copying_multiple":
        wishes.fixed = "\n******\n".join([text] * given["N"])
    elif name == "copy_span_idx":
        wishes.fixed = text[given["n_start"] : given["n_end"]]
    else:
        wishes.fixed = text


def _add_mark(wishes: Wishes, name: str, given: Mapping[str, Any]) -> None:
    if name == "number_placeholders":
        wishes.placeholders = given["num_placeholders"]
    elif name == "postscript":
        wishes.marker = given["postscript_marker"]
    elif name == "number_bullet_lists":
        wishes.bullets = given["num_bullets"]
    elif name == "constrained_response":
        wishes.answer = True
    elif name == "number_highlighted_sections":
        wishes.highlights = given["num_highlights"]
    elif name == "multiple_sections":
        wishes.sections = (given["section_spliter"], given["num_sections"])
    elif name == "title":
        wishes.title = True
    elif name == "two_responses":
        wishes.divider, wishes.parts = "\n******\n", 2
    elif name == "end_checker":
        wishes.ending = given["end_phrase"]
    elif name == "quotation":
        wishes.quoted = True
    elif name == "capital_word_frequency":
        wishes.capitals = _at_least(given, "capital_frequency", "capital_relation")
    elif name == "punctuation_dot":
        wishes.mark = "?"
