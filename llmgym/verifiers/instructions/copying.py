"""Instructions to repeat a text."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from llmgym.verifiers.instructions.arguments import draw_integer, nonzero, prompt_to_repeat
from llmgym.verifiers.instructions.definition import Instruction

__all__ = ["INSTRUCTIONS"]

_PHRASES = (
    "early trains carry quiet people home",
    "small boats cross the wide lake slowly",
    "old clocks keep good time in winter",
)


def _phrase(value: Any, rng: np.random.Generator) -> Any:
    return value.strip() if value else _PHRASES[draw_integer(rng, 0, len(_PHRASES) - 1)]


def _same(text: str, other: str) -> bool:
    return text.strip().lower() == other.strip().lower()


def _repeat_phrase(text: str, phrase: str, small_n: Any) -> bool:
    words = phrase.split()
    found = [variant.split() for variant in re.findall(_variant(phrase), text)]
    if len(found) != small_n:
        return False
    changes = 0
    for variant in found:
        if len(variant) != len(words):
            return False
        changes = sum(mine != theirs for mine, theirs in zip(variant, words, strict=True))
        if changes > 1:
            return False
    # The public check looks at the number of changes once more after the loop: of the last variant alone.
    return changes == 1


def _variant(phrase: str) -> str:
    """Return the expression that finds variants of a phrase; its first and last word are not escaped."""
    words = phrase.split()
    return f"{words[0]} .*? {words[-1]}"


def _copy(text: str, prompt_to_repeat: str) -> bool:
    return _same(text, prompt_to_repeat)


def _copies(text: str, prompt_to_repeat: str, N: Any) -> bool:
    pieces = text.split("******")
    return len(pieces) == N and all(_same(piece, prompt_to_repeat) for piece in pieces)


def _copy_span(text: str, prompt_to_repeat: str, n_start: Any, n_end: Any) -> bool:
    # The end is not included, although prompts say so.
    return _same(text, prompt_to_repeat[n_start:n_end])


def _settle_span(arguments: dict[str, Any], rng: np.random.Generator) -> None:
    words = len(arguments["prompt_to_repeat"].split())
    arguments["n_start"] = arguments["n_start"] or draw_integer(rng, 0, words - 2)
    arguments["n_end"] = arguments["n_end"] or draw_integer(rng, arguments["n_start"] + 1, words - 1)


def _as_given(value: Any, rng: np.random.Generator) -> Any:
    return value


def _begins_with_prompt(text: str, prompt_to_repeat: str) -> bool:
    return text.strip().lower().startswith(prompt_to_repeat.strip().lower())


_PROMPT = {"prompt_to_repeat": prompt_to_repeat}

INSTRUCTIONS = (
    Instruction(
        "copy:repeat_phrase",
        _repeat_phrase,
        {"phrase": _phrase, "small_n": nonzero(2, 3)},
        patterns=lambda arguments: [_variant(arguments["phrase"])],
    ),
    Instruction("copy:copy", _copy, _PROMPT),
    Instruction("copy:copying_simple", _copy, _PROMPT),
    Instruction("copy:copying_multiple", _copies, {**_PROMPT, "N": nonzero(2, 3)}),
    Instruction(
        "new:copy_span_idx",
        _copy_span,
        {**_PROMPT, "n_start": _as_given, "n_end": _as_given},
        complete=_settle_span,
    ),
    Instruction("combination:repeat_prompt", _begins_with_prompt, _PROMPT),
)
