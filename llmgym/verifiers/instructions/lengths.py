"""Instructions about numbers of words, sentences and paragraphs."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from llmgym.verifiers.instructions.arguments import (
    compare,
    count,
    draw_integer,
    draw_words,
    nonzero,
    relation,
)
from llmgym.verifiers.instructions.definition import Instruction
from llmgym.verifiers.instructions.sentences import split_sentences
from llmgym.verifiers.instructions.tokens import punkt_sentences, word_tokens

__all__ = ["INSTRUCTIONS"]


def _number_sentences(text: str, num_sentences: Any, relation: str) -> bool:
    return compare(len(punkt_sentences(text)), relation, num_sentences)


def _number_words(text: str, num_words: Any, relation: str) -> bool:
    return compare(len(re.findall(r"\w+", text)), relation, num_words)


def _starred_pieces(text: str) -> list[str]:
    return re.split(r"\s?\*\*\*\s?", text)


def _counted(pieces: list[str]) -> int | None:
    """Count the pieces; a blank first or last one does not count, and a blank inner one spoils the count."""
    blank = [place for place, piece in enumerate(pieces) if not piece.strip()]
    if any(0 < place < len(pieces) - 1 for place in blank):
        return None
    return len(pieces) - len(blank)


def _number_paragraphs(text: str, num_paragraphs: Any) -> bool:
    return bool(_counted(_starred_pieces(text)) == num_paragraphs)


def _two_starred(text: str) -> bool:
    return _counted(_starred_pieces(text)) == 2


def _two_spaced(text: str) -> bool:
    return _counted(text.split("\n\n")) == 2


def _nth_first_word(text: str, num_paragraphs: Any, nth_paragraph: Any, first_word: str) -> bool:
    pieces = text.split("\n\n")
    number = sum(1 for piece in pieces if piece.strip())
    if nth_paragraph > number:
        return False
    # The place is one among all pieces, though blank ones are not counted.
    words = pieces[nth_paragraph - 1].split()
    if not words:
        return False
    word = words[0].lstrip("'").lstrip('"')
    # Letter by letter: a sigma at the end of a word has another small form.
    word = "".join(letter.lower() for letter in re.split("[.,?!'\"]", word, maxsplit=1)[0])
    return bool(number == num_paragraphs and word == first_word)


def _settle_nth(arguments: dict[str, Any], rng: np.random.Generator) -> None:
    number, nth = arguments["num_paragraphs"], arguments["nth_paragraph"]
    if nth is None or nth <= 0 or nth > number:
        # One more than there are paragraphs can be drawn, and then nothing can follow.
        arguments["nth_paragraph"] = draw_integer(rng, 1, number + 1)
    word = arguments["first_word"]
    arguments["first_word"] = (draw_words(rng, 1)[0] if word is None else word).lower()


def _as_given(value: Any, rng: np.random.Generator) -> Any:
    return value


def _composition(text: str, n_sent: Any, n_words: Any) -> bool:
    pieces = _starred_pieces(text)
    if _counted(pieces) != 3:
        return False
    for piece in pieces:
        sentences = split_sentences(piece)
        if len(sentences) != n_sent or any(len(word_tokens(each)) != n_words for each in sentences):
            return False
    return True


def _unique(text: str) -> bool:
    words = word_tokens(text)
    return len(words) == len(set(words))


INSTRUCTIONS = (
    Instruction(
        "length_constraints:number_sentences",
        _number_sentences,
        {"num_sentences": count(1, 20), "relation": relation},
        work="tokens",
    ),
    Instruction(
        "length_constraints:number_words", _number_words, {"num_words": count(100, 500), "relation": relation}
    ),
    Instruction("length_constraints:number_paragraphs", _number_paragraphs, {"num_paragraphs": count(1, 5)}),
    Instruction("paragraphs:paragraphs", _two_starred),
    Instruction("paragraphs:paragraphs2", _two_spaced),
    Instruction(
        "length_constraints:nth_paragraph_first_word",
        _nth_first_word,
        {"num_paragraphs": count(1, 5), "nth_paragraph": _as_given, "first_word": _as_given},
        complete=_settle_nth,
    ),
    Instruction(
        "count:counting_composition",
        _composition,
        {"n_sent": nonzero(2, 3), "n_words": nonzero(2, 3)},
        work="tokens",
    ),
    Instruction("count:count_unique", _unique, work="tokens"),
)
