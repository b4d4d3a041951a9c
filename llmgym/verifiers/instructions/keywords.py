"""Instructions about keywords. The public library reads most of them as regular expressions, unescaped."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from llmgym.verifiers.instructions.arguments import compare, count, draw_words, keyword, relation
from llmgym.verifiers.instructions.definition import Instruction
from llmgym.verifiers.instructions.patterns import count_matches

__all__ = ["INSTRUCTIONS"]


def _some_words(value: Any, rng: np.random.Generator) -> list[str]:
    return sorted(value or draw_words(rng, 2))


def _different_words(value: Any, rng: np.random.Generator) -> list[str]:
    return sorted(set(value or draw_words(rng, 2)))


def _existence(text: str, keywords: list[str]) -> bool:
    return all(count_matches(each, text, most=1) for each in keywords)


def _frequency(text: str, keyword: str, frequency: Any, relation: str) -> bool:
    return compare(count_matches(keyword, text), relation, frequency)


def _forbidden(text: str, forbidden_words: list[str]) -> bool:
    return not any(re.search(pattern, text, re.IGNORECASE) for pattern in _bounded(forbidden_words))


def _bounded(words: list[str]) -> list[str]:
    return [rf"\b{_text(word)}\b" for word in words]


def _text(word: Any) -> str:
    if not isinstance(word, str):
        raise TypeError(f"expected a word, found {type(word).__name__}")
    return word


def _once(text: str, keyword: str) -> bool:
    return count_matches(keyword, text, most=2) == 1


def _excluded(text: str, keyword: str) -> bool:
    return f" {keyword} " not in text


def _increment(text: str, keyword1: str, keyword2: str) -> bool:
    return count_matches(keyword1, text, most=2) == 1 and count_matches(keyword2, text, most=3) == 2


def _own(*names: str) -> Any:
    def patterns(arguments: Mapping[str, Any]) -> list[str]:
        return [arguments[name] for name in names]

    return patterns


_FREQUENCY = {"keyword": keyword, "frequency": count(1, 3), "relation": relation}

INSTRUCTIONS = (
    Instruction(
        "keywords:existence",
        _existence,
        {"keywords": _some_words},
        patterns=lambda arguments: arguments["keywords"],
    ),
    Instruction("keywords:frequency", _frequency, _FREQUENCY, patterns=_own("keyword")),
    Instruction(
        "keywords:forbidden_words",
        _forbidden,
        {"forbidden_words": _different_words},
        patterns=lambda arguments: arguments["forbidden_words"],
    ),
    Instruction("keywords:word_once", _once, {"keyword": keyword}, patterns=_own("keyword")),
    Instruction("keywords:word_count_different_numbers", _frequency, _FREQUENCY, patterns=_own("keyword")),
    Instruction("keywords:exclude_word_harder", _excluded, {"keyword": keyword}),
    Instruction(
        "count:count_increment_word",
        _increment,
        {"keyword1": keyword, "keyword2": keyword},
        patterns=_own("keyword1", "keyword2"),
    ),
)
