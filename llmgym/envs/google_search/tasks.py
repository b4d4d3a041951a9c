"""Procedural tasks: multiple-choice questions that only the encyclopedia answers."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from llmgym.envs.google_search.encyclopedia import Article, Encyclopedia, encyclopedia
from llmgym.envs.google_search.facts import POOLS, Fact
from llmgym.envs.google_search.relations import KINDS

__all__ = ["LEVELS", "make_search_question"]

LEVELS = {"easy": ((1, 1), 4), "medium": ((2, 2), 4), "hard": ((3, 4), 6)}
"""For each difficulty the bounds of the number of articles that must be read, inclusive, and the number of options."""

_INSTRUCTIONS = (
    "Answer the multiple-choice question below. Use the tools to look things up: `search` returns search results, and "
    "`browse` shows the page at an address from them. Make one tool call at a time, and as many as you need. When you "
    "know the answer, end with the letter of the right option, and nothing but the letter, inside \\boxed{}."
)

_MOST_DRAWS = 100


def make_search_question(
    rng: np.random.Generator,
    index: int,
    difficulty: str = "medium",
    articles: int = 600,
    seed: int = 0,
    tools: Sequence[dict[str, Any]] = (),
) -> dict[str, Any]:
    """Make a row of the public schema.

    It also says under ``evidence`` at which addresses the answer is found, in the order of reading, and under
    ``encyclopedia`` which one is meant. The measured difficulty of the public rows is 0.0: nobody has measured it.

    Args:
        rng: Where randomness comes from.
        index: Number of the task.
        difficulty: A name in :data:`LEVELS`.
        articles: Size of the encyclopedia.
        seed: Seed of the encyclopedia.
        tools: The tools of the row, in Responses form.
    """
    book = encyclopedia(articles, seed)
    (least, most), count = LEVELS[difficulty]
    path, named = _walk(rng, book, int(rng.integers(least, most + 1)))
    last = path[-1]
    name = str(rng.choice(sorted(KINDS[last.kind].facts)))
    fact = KINDS[last.kind].facts[name]
    question = fact.asked.format(it=named)
    options = [last.facts[name], *_distractors(rng, book, path, name, fact, count - 1)]
    order = [int(place) for place in rng.permutation(count)]
    lines = [f"{'ABCDEFGHIJ'[place]}: {options[which]}" for place, which in enumerate(order)]
    return {
        "responses_create_params": {
            "instructions": _INSTRUCTIONS,
            "input": "\n".join([question, *lines]),
            "tools": list(tools),
            "max_output_tokens": 32768,
            "temperature": 0.6,
            "parallel_tool_calls": False,
        },
        "expected_answer": "ABCDEFGHIJ"[order.index(0)],
        "task_difficulty_qwen3_32b_avg_8": 0.0,
        "evidence": [article.url for article in path],
        "encyclopedia": {"articles": articles, "seed": seed},
        # With other options, or the options in another order, it is the same problem.
        "split_identity": f"{articles} {seed} {question}",
    }


def _walk(rng: np.random.Generator, book: Encyclopedia, length: int) -> tuple[list[Article], str]:
    """Go from article to article; return them, and words that lead from the first to the last without its name."""
    while True:
        start = book.articles[int(rng.integers(len(book.articles)))]
        path, named = [start], KINDS[start.kind].called.format(name=start.title)
        while len(path) < length:
            facts = KINDS[path[-1].kind].facts
            edges = sorted(name for name, fact in facts.items() if fact.path)
            if not edges:
                break
            edge = edges[int(rng.integers(len(edges)))]
            named = facts[edge].path.format(it=named)
            path.append(book.by_title[path[-1].facts[edge]])
        if len({article.title for article in path}) == length:
            return path, named


def _distractors(
    rng: np.random.Generator, book: Encyclopedia, path: Sequence[Article], name: str, fact: Fact, count: int
) -> list[str]:
    """Draw wrong options: what other articles of the kind say, so that each of them can be found as well."""
    taken = {path[-1].facts[name]}
    found: list[str] = []
    # What an article on the way says at the same place is the answer of those who stop too early.
    near = [article.facts[name] for article in path[:-1] if article.kind == path[-1].kind]
    if fact.value in KINDS:
        near += [article.title for article in path if article.kind == fact.value]
    peers = book.by_kind[path[-1].kind]
    for draw in itertools.count():
        if len(found) == count:
            return found
        if near:
            value = near.pop()
        elif draw < _MOST_DRAWS:
            value = peers[int(rng.integers(len(peers)))].facts[name]
        else:
            # A small encyclopedia says too few different things.
            value = _any_value(rng, book, fact)
        if value not in taken:
            taken.add(value)
            found.append(value)
    raise AssertionError("counting does not end")


def _any_value(rng: np.random.Generator, book: Encyclopedia, fact: Fact) -> str:
    if isinstance(fact.value, tuple):
        return str(int(rng.integers(fact.value[0], fact.value[1] + 1)))
    values = (
        [article.title for article in book.by_kind[fact.value]] if fact.value in KINDS else POOLS[fact.value]
    )
    return values[int(rng.integers(len(values)))]
