"""Generated multiple-choice tasks, as rows of the public schema."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from llmgym.envs.mcqa.prompts import STYLES, written_options
from llmgym.envs.mcqa.questions import DOMAINS, Draw, Question
from llmgym.errors import UsageError

__all__ = ["DIFFICULTIES", "LETTERS", "make_question"]

LETTERS = "ABCDEFGHIJ"
DIFFICULTIES = ("easy", "medium", "hard")

# Fewest and most options at each level, where the caller does not say.
_SIZES = ((3, 4), (4, 6), (7, 10))

# Patterns are the rarest style: each search crosses a process boundary.
_MIX = ("boxed_letter",) * 4 + ("boxed_option",) * 3 + ("answer_colon",) * 3 + ("pattern",)

_MOST_DRAWS = 300


def make_question(
    rng: np.random.Generator,
    index: int,
    *,
    difficulty: str = "medium",
    answer_style: str | None = None,
    num_options: int | None = None,
    domains: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Make one row.

    Options, their order and the wording follow from the question alone: the same question never comes back in another
    guise, so splits of the rows are splits of the questions.

    Args:
        rng: Where the question is drawn from. One number is taken.
        index: Number of the task; it makes the ``uuid`` unique.
        difficulty: ``easy``, ``medium`` or ``hard``.
        answer_style: A key of :data:`~llmgym.envs.mcqa.prompts.STYLES`; ``None`` for a mix of them.
        num_options: How many options, 2 to 10; ``None`` for a number that grows with the difficulty.
        domains: Keys of :data:`~llmgym.envs.mcqa.questions.DOMAINS`; ``None`` for all of them.

    Returns:
        A row with ``responses_create_params``, ``options``, ``expected_answer``, ``grading_mode``, ``uuid``,
        ``metadata``, ``split_identity`` (the question and its answer) and, for the style ``pattern``,
        ``template_metadata``.

    Raises:
        UsageError: When the domain has too few questions with so many options.
    """
    seed = int(rng.integers(2**63))
    level = DIFFICULTIES.index(difficulty)
    draw = Draw(seed)
    domain = draw.pick(tuple(domains or DOMAINS))
    templates = [template for template in DOMAINS[domain] if template.most[level] >= (num_options or 0)]
    for _ in range(_MOST_DRAWS):
        template = draw.pick(templates)
        question = template.make(draw, level)
        if question is None:
            continue
        own = Draw(
            int.from_bytes(blake2b(f"{question.stem}\n{question.answer}".encode(), digest_size=8).digest())
        )
        size = num_options or min(own.between(*_SIZES[level]), template.most[level])
        wrong = question.wrong(own, size - 1)
        if len(wrong) == size - 1:
            row = _row(own, question, wrong, answer_style)
            row["uuid"] = str(uuid.UUID(bytes=blake2b(f"{seed} {index}".encode(), digest_size=16).digest()))
            row["split_identity"] = f"{question.stem}\n{question.answer}"
            row["metadata"] = {"domain": domain, "template": template.name, "difficulty": difficulty}
            return row
    raise UsageError(
        f"{_MOST_DRAWS} draws in the domain {domain!r} gave no question with {num_options or 'enough'} options; "
        "ask for fewer options or another domain."
    )


def _row(draw: Draw, question: Question, wrong: list[str], answer_style: str | None) -> dict[str, Any]:
    place = draw.below(len(wrong) + 1)
    texts = [*wrong[:place], question.answer, *wrong[place:]]
    options = list(zip(LETTERS, texts, strict=False))
    wording = draw.pick(STYLES[answer_style or draw.pick(_MIX)])
    problem = f"{question.stem}\n{written_options(wording.label, options)}"
    row: dict[str, Any] = {
        "responses_create_params": {
            "input": [{"role": "user", "content": wording.prompt.format(problem=problem)}]
        },
        "options": [{letter: text} for letter, text in options],
        "expected_answer": LETTERS[place],
        "grading_mode": wording.grading_mode,
    }
    if wording.template:
        row["template_metadata"] = dict(wording.template)
    return row
