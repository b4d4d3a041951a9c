"""Instructions about single characters: letters, case, punctuation, and the language they make."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from llmgym.verifiers.instructions.arguments import LANGUAGES, compare, count, draw_integer, relation
from llmgym.verifiers.instructions.definition import Instruction
from llmgym.verifiers.instructions.languages import detected_language
from llmgym.verifiers.instructions.tokens import word_tokens

__all__ = ["INSTRUCTIONS"]


def _letter(value: Any, rng: np.random.Generator) -> str:
    """Return a small letter; whatever is not one letter of a to z is drawn anew."""
    if not value or len(value) > 1 or not ord("a") <= ord(value.lower()) <= ord("z"):
        return chr(ord("a") + draw_integer(rng, 0, 25))
    return value.strip().lower()


def _language(value: Any, rng: np.random.Generator) -> str:
    if value is None:
        return LANGUAGES[draw_integer(rng, 0, len(LANGUAGES) - 1)]
    if value not in LANGUAGES:
        raise ValueError(f"expected a language among {', '.join(LANGUAGES)}, found {value!r}")
    return value


def _letter_frequency(text: str, letter: str, let_frequency: Any, let_relation: str) -> bool:
    return compare(text.lower().count(letter), let_relation, let_frequency)


def _letter_counting(text: str, N: Any, relation: str) -> bool:
    return compare(len(re.findall("[a-zA-Z]", text)), relation, N)


def _lowercase_counting(text: str, N: Any) -> bool:
    return bool(len(re.findall(r"\b[a-z]+\b", text)) <= N)


def _capital_words(text: str, capital_frequency: Any, capital_relation: str) -> bool:
    found = sum(word.isupper() for word in word_tokens(text))
    return compare(found, capital_relation, capital_frequency)


def _in_language(text: str, language: str) -> bool:
    # A text without anything to go by counts as followed.
    return detected_language(text) in (language, None)


def _english_capital(text: str) -> bool:
    return text.isupper() and _in_language(text, "en")


def _english_lowercase(text: str) -> bool:
    return text.islower() and _in_language(text, "en")


def _without(mark: str) -> Any:
    def check(text: str) -> bool:
        return mark not in text

    return check


def _capital_frequency(value: Any, rng: np.random.Generator) -> Any:
    # Unlike other thresholds, a negative one is kept.
    return draw_integer(rng, 1, 20) if value is None else value


_LETTER_FREQUENCY = {"letter": _letter, "let_frequency": count(1, 10), "let_relation": relation}

INSTRUCTIONS = (
    Instruction("keywords:letter_frequency", _letter_frequency, _LETTER_FREQUENCY),
    Instruction("letters:letter_counting2", _letter_frequency, _LETTER_FREQUENCY),
    Instruction("letters:letter_counting", _letter_counting, {"N": count(2, 3), "relation": relation}),
    Instruction("count:lowercase_counting", _lowercase_counting, {"N": count(2, 3)}),
    Instruction(
        "change_case:capital_word_frequency",
        _capital_words,
        {"capital_frequency": _capital_frequency, "capital_relation": relation},
        work="tokens",
    ),
    Instruction("change_case:english_capital", _english_capital, work="language"),
    Instruction("change_case:english_lowercase", _english_lowercase, work="language"),
    Instruction("language:response_language", _in_language, {"language": _language}, work="language"),
    Instruction("punctuation:no_comma", _without(",")),
    Instruction("punctuation:punctuation_dot", _without(".")),
    Instruction("punctuation:punctuation_exclamation", _without("!")),
)
