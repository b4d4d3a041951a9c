"""Instructions about words at given places."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

import numpy as np

from llmgym.verifiers.instructions.arguments import keyword, nonzero
from llmgym.verifiers.instructions.definition import Instruction
from llmgym.verifiers.instructions.sentences import split_sentences
from llmgym.verifiers.instructions.tokens import word_tokens

__all__ = ["INSTRUCTIONS"]


def _last_word(value: Any, rng: np.random.Generator) -> Any:
    """Return the word; of a list the first, which the public library allows for the last word of sentences."""
    return keyword(value if isinstance(value, str) or not value else value[0], rng)


def _first_in_sentences(text: str, first_word: str) -> bool:
    firsts = [sentence.split()[:1] for sentence in split_sentences(text)]
    return all(first and first[0].lower() == first_word.lower() for first in firsts)


def _last_in_sentences(text: str, last_word: str) -> bool:
    lasts = [sentence.split()[-1:] for sentence in split_sentences(text)]
    return all(last and _bare(last[0]) == last_word.lower() for last in lasts)


def _first_in_answer(text: str, first_word: str) -> bool:
    words = text.split(maxsplit=1)
    return bool(words) and words[0].lower() == first_word.lower()


def _last_in_answer(text: str, last_word: str) -> bool:
    words = text.rsplit(maxsplit=1)
    return bool(words) and _bare(words[-1]) == last_word.lower()


def _bare(word: str) -> str:
    return re.sub(r"[^\w\s]", "", word).lower()


def _at_position(text: str, keyword: str, n: Any, m: Any) -> bool:
    sentences = split_sentences(text)
    if len(sentences) < n:
        return False
    words = word_tokens(sentences[n - 1])
    return len(words) >= m and words[m - 1] == keyword


def _same_ends(text: str) -> bool:
    words = word_tokens(text)
    return len(words) >= 2 and words[0].lower() == words[-1].lower()


def _palindrome(text: str) -> bool:
    return any(word == word[::-1] for word in text.split())


def _no_consecutive(text: str) -> bool:
    # A letter that becomes two in lower case is refused, as is every pair that it is part of.
    letters = [word[0].lower() for word in text.split()]
    return all(len(one) == len(next) == 1 and ord(next) - ord(one) != 1 for one, next in pairwise(letters))


INSTRUCTIONS = (
    Instruction("first_word:first_word_sent", _first_in_sentences, {"first_word": keyword}),
    Instruction("first_word:first_word_answer", _first_in_answer, {"first_word": keyword}),
    Instruction("last_word:last_word_sent", _last_in_sentences, {"last_word": _last_word}),
    Instruction("last_word:last_word_answer", _last_in_answer, {"last_word": keyword}),
    Instruction(
        "keywords:keyword_specific_position",
        _at_position,
        {"keyword": keyword, "n": nonzero(20, 30), "m": nonzero(30, 40)},
        work="tokens",
    ),
    Instruction("keywords:start_end", _same_ends, work="tokens"),
    Instruction("keywords:palindrome", _palindrome),
    Instruction("keywords:no_adjacent_consecutive", _no_consecutive),
)
