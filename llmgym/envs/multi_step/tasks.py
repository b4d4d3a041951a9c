"""Procedural tasks: questions about terms, and a list of synonyms that says which values to collect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from llmgym.envs.multi_step.vocabulary import TERMS, VOCABULARY, Term

__all__ = ["DIFFICULTIES", "QUESTIONS", "make_synonym_task", "synonym_value"]

Line = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Level:
    """What a difficulty means. Ranges are inclusive."""

    lines: tuple[int, int]
    asked: tuple[int, int]
    by_synonym: float
    settled: float
    decoy: float


_LEVELS = {
    "easy": _Level(lines=(10, 16), asked=(1, 1), by_synonym=0.0, settled=0.0, decoy=0.0),
    "medium": _Level(lines=(35, 50), asked=(1, 2), by_synonym=0.5, settled=0.0, decoy=0.25),
    "hard": _Level(lines=(100, 140), asked=(2, 3), by_synonym=0.6, settled=0.7, decoy=0.6),
}
DIFFICULTIES = tuple(_LEVELS)
"""Names of the difficulties."""

QUESTIONS: dict[str, tuple[str, ...]] = {
    "noun": (
        "what do poets write about {word}",
        "how does {word} change a family",
        "which songs deal with {word}",
        "what does history teach about {word}",
        "how do children speak of {word}",
        "what can a small town do about {word}",
        "where does {word} come from",
        "who has written a book on {word}",
    ),
    "verb": (
        "why do people {word}",
        "when is it sensible to {word}",
        "who taught children to {word}",
        "how often do travellers {word}",
        "what drives a person to {word}",
        "should an actor learn to {word}",
        "does anybody {word} on a Sunday",
        "which animals {word}",
    ),
    "adjective": (
        "what makes something {word}",
        "when does a story feel {word}",
        "why would anyone call a place {word}",
        "which animals seem {word}",
        "how does one describe something {word}",
        "can a painting look {word}",
        "is there a town that stays {word} for years",
        "who would like to be {word}",
    ),
}
"""Questions by kind of word. None of their own words is a term or a synonym."""

_INSTRUCTIONS = """# Instructions
You collect the values of synonyms. The user asks one or more questions, and each question is about one term of the \
list below. Find out which terms are asked about. Then use the tools to get the value of every synonym that the list \
gives for these terms.

- A question is about a term when it contains the term itself or one of the synonyms listed for it, in upper or lower \
case. A word that is a term of the list means that term, even where it is also listed as a synonym of another one.
- A question that the user calls settled does not count: leave its term out.
- Get the values of listed synonyms only, spelled as in the list. A term is not a synonym of itself: its own value does \
not belong in the result.
- When you have all values, call `extract_synonym_values` once, with the values in the order in which their lines \
stand in the list, from top to bottom, whatever the order of the questions. Then tell the user that you are done.

# List of synonyms
{lines}

# Example
Suppose the list had the lines "The term 'Cheap' has a synonym 'Inexpensive'." and, further down, "The term 'Cheap' \
has a synonym 'Low-cost'.", and the user asked "Why are buses cheap?". If the values of 'Inexpensive' and 'Low-cost' \
were 7 and 4, you would extract [7, 4]. The value of 'Cheap' plays no part."""


def synonym_value(synonym: str) -> int:
    """Return the value of a synonym: the sum of its code points.

    Args:
        synonym: Any text; case counts.

    Example:
        >>> synonym_value("Hot")
        299
    """
    return sum(map(ord, synonym))


def _pick(rng: np.random.Generator, options: Sequence[Any]) -> Any:
    return options[int(rng.integers(len(options)))]


def _some(rng: np.random.Generator, options: Sequence[Any], count: int) -> list[Any]:
    return [options[int(i)] for i in rng.choice(len(options), size=count, replace=False)]


def _between(rng: np.random.Generator, bounds: tuple[int, int]) -> int:
    return int(rng.integers(bounds[0], bounds[1] + 1))


_DECOYS = tuple((term, synonym) for term in TERMS for synonym in term.synonyms if synonym in VOCABULARY)


def _list_lines(
    rng: np.random.Generator, chosen: Sequence[Term], must: Sequence[Line], count: int
) -> list[Line]:
    """Return shuffled lines that have two to four synonyms of each chosen term, and fill up with other terms."""
    lines = dict.fromkeys(must)
    for term in chosen:
        lines |= dict.fromkeys(
            (term.name, synonym) for synonym in _some(rng, term.synonyms, int(rng.integers(2, 5)))
        )
    names = {term.name for term in chosen}
    others = [(term.name, synonym) for term in TERMS if term.name not in names for synonym in term.synonyms]
    for line in _some(rng, others, count):
        if len(lines) < count:
            lines[line] = None
    return _some(rng, list(lines), len(lines))


def _word_for(rng: np.random.Generator, term: Term, lines: Sequence[Line], by_synonym: float) -> str:
    """Return the word by which a query means a term: a synonym listed for it alone, or its name."""
    if rng.random() < by_synonym:
        listed = [synonym for _, synonym in lines]
        clear = [s for name, s in lines if name == term.name and s not in VOCABULARY and listed.count(s) == 1]
        if clear:
            return str(_pick(rng, clear)).lower()
    return term.name.lower()


def _query(rng: np.random.Generator, questions: Sequence[str], settled: str | None) -> str:
    first = questions[0][0].upper() + questions[0][1:]
    text = (
        f"{', '.join([first, *questions[1:-1]])}, and {questions[-1]}?" if len(questions) > 1 else f"{first}?"
    )
    if settled is None:
        return text
    aside = f'The question "{settled}?" is settled.'
    return f"{aside} {text}" if rng.random() < 0.5 else f"{text} {aside}"


def make_synonym_task(rng: np.random.Generator, index: int, *, difficulty: str = "medium") -> dict[str, Any]:
    """Make a row that asks for the values of some terms' synonyms.

    Args:
        rng: Source of all randomness.
        index: Position of the task; it becomes the row's ``id``.
        difficulty: "easy": one term, by name, in a short list. "medium": up to two terms, also by a synonym, in a
            longer list. "hard": two or three terms in a long list, a settled question, and terms that are listed
            as synonyms of others.

    Returns:
        A row of the public schema. ``minefield_label`` is the first term asked about.
    """
    level = _LEVELS[difficulty]
    while True:
        asked: list[Term] = []
        must: list[Line] = []
        if rng.random() < level.decoy:
            other, decoy = _pick(rng, _DECOYS)
            asked, must = [VOCABULARY[decoy]], [(other.name, decoy)]
        asked += _some(rng, [t for t in TERMS if t not in asked], _between(rng, level.asked) - len(asked))
        settled = _pick(rng, [t for t in TERMS if t not in asked]) if rng.random() < level.settled else None
        chosen = asked if settled is None else [*asked, settled]
        lines = _list_lines(rng, chosen, must, _between(rng, level.lines))
        names = {term.name for term in asked}
        expected = [synonym for name, synonym in lines if name in names]
        values = [synonym_value(synonym) for synonym in expected]
        # A value that occurs twice, or that a term itself has too, would make a clean answer look like a slip.
        if len({*values, *map(synonym_value, names)}) == len(values) + len(names):
            break
    asked = _some(rng, asked, len(asked))
    questions = {term.name: _question(rng, term, lines, level.by_synonym) for term in chosen}
    query = _query(
        rng, [questions[term.name] for term in asked], None if settled is None else questions[settled.name]
    )
    listing = "\n".join(f"The term '{name}' has a synonym '{synonym}'." for name, synonym in lines)
    return {
        "id": index,
        "expected_synonyms": expected,
        "expected_synonym_values": values,
        "minefield_label": asked[0].name,
        "minefield_label_value": synonym_value(asked[0].name),
        "responses_create_params": {
            "input": [
                {"role": "system", "content": _INSTRUCTIONS.format(lines=listing)},
                {"role": "user", "content": query},
            ],
            "parallel_tool_calls": False,
        },
    }


def _question(rng: np.random.Generator, term: Term, lines: Sequence[Line], by_synonym: float) -> str:
    return str(_pick(rng, QUESTIONS[term.kind]).format(word=_word_for(rng, term, lines, by_synonym)))
