"""Made-up tasks: a request, and instructions that can be followed all at once."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from llmgym.envs.instruction_following.conflicts import SOLO, compatible
from llmgym.envs.instruction_following.demands import ASKED, Setting, draw_arguments, needs_text
from llmgym.envs.instruction_following.draw import Draw
from llmgym.envs.instruction_following.solving import compose
from llmgym.envs.instruction_following.topics import draw_request
from llmgym.envs.instruction_following.wording import said
from llmgym.errors import UsageError
from llmgym.verifiers.instructions import INSTRUCTIONS
from llmgym.verifiers.instructions.arguments import LESS_THAN

__all__ = ["DIFFICULTIES", "SIZES", "make_instruction_task"]

DIFFICULTIES = ("easy", "medium", "hard")
SIZES = {"easy": (1, 2), "medium": (2, 4), "hard": (4, 6)}
"""Fewest and most instructions of a task, by difficulty."""

_MOST_DRAWS = 200

# The argument that holds the threshold, for each instruction that may ask for less than it.
_THRESHOLDS = {
    "keywords:letter_frequency": "let_frequency",
    "letters:letter_counting2": "let_frequency",
    "letters:letter_counting": "N",
    "length_constraints:number_words": "num_words",
    "length_constraints:number_sentences": "num_sentences",
    "change_case:capital_word_frequency": "capital_frequency",
}

_INTRODUCTIONS = (
    "Please follow these instructions in your response:",
    "Your response should comply with these constraints:",
    "Make sure to keep to these requirements:",
    "These rules apply to your response:",
)


def make_instruction_task(
    rng: np.random.Generator,
    index: int,
    *,
    difficulty: str = "medium",
    num_instructions: int | None = None,
    instruction_ids: Sequence[str] | None = None,
    grading_mode: str = "binary",
) -> dict[str, Any]:
    """Make one row.

    Args:
        rng: Where the task is drawn from.
        index: Number of the task; not used.
        difficulty: ``easy``, ``medium`` or ``hard``.
        num_instructions: How many instructions; ``None`` for a number that grows with the difficulty.
        instruction_ids: Ids to choose from; ``None`` for all.
        grading_mode: What the row says about grading.

    Returns:
        A row of the public schema: ``id``, ``verifier_metadata`` and ``responses_create_params``. An empty text
        does not follow all of its instructions.

    Raises:
        UsageError: When too few of the ids go together.
    """
    draw = Draw(rng)
    low, high = SIZES[difficulty]
    size = num_instructions or draw.between(low, high)
    ids, kwargs = _draw_instructions(draw, DIFFICULTIES.index(difficulty), size, instruction_ids)
    request = draw_request(draw)
    kwargs = [
        {name: request if value == ASKED else value for name, value in arguments.items()}
        for arguments in kwargs
    ]
    _make_room(ids, kwargs, draw)
    prompt = _prompt(draw, request, ids, kwargs)
    row = {
        "verifier_metadata": {
            "instruction_id_list": ids,
            "prompt": prompt,
            "kwargs": kwargs,
            "grading_mode": grading_mode,
        },
        "responses_create_params": {
            "input": [{"role": "user", "content": prompt}],
            "tools": [],
            "parallel_tool_calls": False,
        },
    }
    digest = blake2b(json.dumps(row, sort_keys=True).encode(), digest_size=6).digest()
    return {"id": int.from_bytes(digest), **row}


def _draw_instructions(
    draw: Draw, level: int, size: int, allowed: Sequence[str] | None
) -> tuple[list[str], list[dict[str, Any]]]:
    """Draw instructions that go together, at least one of which asks for text."""
    known = list(INSTRUCTIONS if allowed is None else allowed)
    for _ in range(_MOST_DRAWS):
        ids: list[str] = []
        for id in draw.some(known, len(known)):
            if len(ids) < size and compatible(id, ids) and not (id in SOLO and size > 1):
                ids.append(id)
        if len(ids) < size:
            continue
        setting = Setting(draw, level, ids, [])
        kwargs = [draw_arguments(id, setting) for id in ids]
        if any(needs_text(id, arguments) for id, arguments in zip(ids, kwargs, strict=True)):
            return ids, kwargs
        draw.free_keywords()
    raise UsageError(
        f"Expected {size} instructions that go together and do not all merely forbid something, found none among "
        f"{'the known ids' if allowed is None else ', '.join(allowed)}; give more ids or a smaller num_instructions."
    )


def _make_room(ids: Sequence[str], kwargs: Sequence[dict[str, Any]], draw: Draw) -> None:
    """Raise each upper bound that the shortest text which follows the rest would not keep."""
    bounded = [
        place
        for place, id in enumerate(ids)
        if id in _THRESHOLDS
        and LESS_THAN
        in (kwargs[place].get(name) for name in ("relation", "let_relation", "capital_relation"))
    ]
    if not bounded:
        return
    text = compose(ids, kwargs)
    for place in bounded:
        arguments, name = kwargs[place], _THRESHOLDS[ids[place]]
        found = _at_most(ids[place], arguments, text)
        arguments[name] = max(arguments[name], found + 1 + draw.between(0, 1 + found // 10))


def _at_most(id: str, arguments: Mapping[str, Any], text: str) -> int:
    """Return an upper bound of what an instruction counts in a text."""
    if id == "letters:letter_counting":
        return len(re.findall("[a-zA-Z]", text))
    if id == "length_constraints:number_words":
        return len(re.findall(r"\w+", text))
    if id == "length_constraints:number_sentences":
        return len(re.findall("[.?!]", text)) + 1
    if id == "change_case:capital_word_frequency":
        return sum(word.isupper() for word in re.findall(r"[^\W\d_]+", text))
    return text.lower().count(arguments["letter"])


def _prompt(draw: Draw, request: str, ids: Sequence[str], kwargs: Sequence[Mapping[str, Any]]) -> str:
    sentences = [said(id, arguments, draw.between(0, 1)) for id, arguments in zip(ids, kwargs, strict=True)]
    if any(request in sentence for sentence in sentences):
        # The request is quoted by an instruction to repeat it, so that it is clear where it begins and ends.
        request = ""
    if len(sentences) == 1:
        parts = [request, sentences[0]]
        return " ".join(filter(None, parts if draw.chance(0.8) else parts[::-1]))
    style = draw.between(0, 2)
    if style == 0:
        told = " ".join(sentences)
    else:
        marks = [f"{place}. " if style == 1 else "- " for place in range(1, len(sentences) + 1)]
        lines = "\n".join(mark + sentence for mark, sentence in zip(marks, sentences, strict=True))
        told = f"{draw.pick(_INTRODUCTIONS)}\n{lines}"
    parts = [request, told] if draw.chance(0.75) else [told, request]
    return "\n\n".join(filter(None, parts))
