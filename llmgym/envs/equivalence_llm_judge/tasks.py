"""Procedural tasks as rows of the public schema, and what is read from such rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from hashlib import blake2b
from typing import Any

import numpy as np

from llmgym.envs.equivalence_llm_judge.prompts import STYLES
from llmgym.envs.equivalence_llm_judge.questions import DOMAINS
from llmgym.errors import InvalidTask
from llmgym.tasks import Task

__all__ = ["DIFFICULTIES", "expected_answer", "make_question_task", "output_regex"]

DIFFICULTIES = ("easy", "medium", "hard")


def make_question_task(
    rng: np.random.Generator,
    index: int,
    *,
    difficulty: str = "medium",
    answer_style: str | None = None,
    domains: Sequence[str] | None = None,
) -> dict[str, Any]:
    """Make a row.

    Args:
        rng: Source of all randomness.
        index: Position of the task; it makes the ``uuid`` unique.
        difficulty: ``easy``, ``medium`` or ``hard``.
        answer_style: A key of :data:`~llmgym.envs.equivalence_llm_judge.prompts.STYLES`; ``None`` for a mix of them.
        domains: Keys of :data:`~llmgym.envs.equivalence_llm_judge.questions.DOMAINS`; ``None`` for all of them.

    Returns:
        A row with ``responses_create_params``, ``question``, ``expected_answer``, ``template_metadata`` where an
        answer is to be extracted, ``uuid``, ``split_identity`` and ``metadata``: ``domain``, ``difficulty``,
        ``answer_style``, ``paraphrases`` (right answers in other words) and ``near_misses`` (wrong answers).
    """
    names = tuple(domains or DOMAINS)
    domain = names[int(rng.integers(len(names)))]
    question = DOMAINS[domain](rng, DIFFICULTIES.index(difficulty))
    styles = tuple(STYLES) if answer_style is None else (answer_style,)
    name = styles[int(rng.integers(len(styles)))]
    style = STYLES[name]
    request = style.requests[int(rng.integers(len(style.requests)))]
    row: dict[str, Any] = {
        "responses_create_params": {"input": [{"role": "user", "content": f"{question.text}\n\n{request}"}]},
        "question": question.text,
        "expected_answer": question.answer,
        "metadata": {
            "domain": domain,
            "difficulty": difficulty,
            "answer_style": name,
            "paraphrases": list(question.same),
            "near_misses": list(question.wrong),
        },
        "split_identity": f"{domain}: {question.identity}",
    }
    if style.pattern is not None:
        row["template_metadata"] = {"output_regex": style.pattern}
    digest = blake2b(f"{question.text} {request} {index}".encode(), digest_size=16).digest()
    row["uuid"] = str(uuid.UUID(bytes=digest))
    return row


def expected_answer(task: Task) -> str:
    """Return the expected answer by the public rule: the row's own, else that of its metadata, else nothing.

    Args:
        task: The task.

    Raises:
        InvalidTask: When the row's own is not a text.
    """
    own, metadata = task.data.get("expected_answer"), task.data.get("metadata")
    if not isinstance(own, str | None):
        raise InvalidTask(f"Task {task.id!r}: expected 'expected_answer' to be a text, found {own!r}.")
    if own:
        return own
    other = metadata.get("expected_answer") if isinstance(metadata, Mapping) else None
    return "" if other is None else str(other)


def output_regex(task: Task) -> Any:
    """Return the pattern that the row brings for its answer, or ``None``.

    Args:
        task: The task.
    """
    template = task.data.get("template_metadata")
    return template.get("output_regex") or None if isinstance(template, Mapping) else None
