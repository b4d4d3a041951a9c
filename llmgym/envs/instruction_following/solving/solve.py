"""Composing a text that follows all instructions of a task."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

from llmgym.envs.instruction_following.conflicts import compatible
from llmgym.envs.instruction_following.solving.prose import PALINDROME, Prose, Sentence
from llmgym.envs.instruction_following.solving.wishes import Wishes, gather
from llmgym.envs.instruction_following.solving.words import Words
from llmgym.verifiers.instructions import INSTRUCTIONS

__all__ = ["Unsolvable", "compose"]

_MOST_ROUNDS = 60


class Unsolvable(ValueError):
    """Instructions contradict each other, or are beyond the solver."""


def compose(ids: Sequence[str], kwargs: Sequence[Mapping[str, Any] | None]) -> str:
    """Compose a short text that follows all of some instructions.

    Args:
        ids: Ids of the instructions.
        kwargs: Their arguments.

    Returns:
        The text: the same for the same instructions. Upper bounds are kept by being brief.

    Raises:
        Unsolvable: When the instructions do not go together, or leave an argument to chance.

    Example:
        >>> compose(["keywords:start_end", "keywords:word_once"], [{}, {"keyword": "kayak"}])[:6]
        'Again '
    """
    pairs = list(zip(ids, kwargs, strict=False))
    for place, (id, _) in enumerate(pairs):
        if id not in INSTRUCTIONS or not compatible(id, [other for other, _ in pairs[:place]]):
            raise Unsolvable(f"{id!r} does not go with the other instructions")
    wishes = gather(ids, kwargs)
    if wishes is None:
        raise Unsolvable("an argument is left to chance")
    if wishes.fixed is not None:
        return wishes.fixed
    # Upper bounds are no part of the wishes, so raising one does not change the text.
    words = Words(crc32(repr(wishes).encode()), wishes.avoided, capitals=wishes.case == "upper")
    if wishes.form == "composition":
        return _composition(wishes, words)
    if wishes.form == "unique":
        return _unique(wishes, words)
    return _prose(wishes, words)


def _prose(wishes: Wishes, words: Words) -> str:
    prose = Prose(wishes, words)
    extra: list[Sentence] = []
    for _ in range(_MOST_ROUNDS):
        text = _finished(wishes, prose, extra)
        more = _missing(wishes, prose, words, text, len(prose.lead) + len(prose.body) + len(extra))
        if not more:
            return text
        extra += more
    raise Unsolvable("the text does not get long enough")


def _missing(wishes: Wishes, prose: Prose, words: Words, text: str, sentences: int) -> list[Sentence]:
    """Return the sentences that a text needs to reach its lower bounds."""
    # Headings and lists may not end where a sentence does, so there are two to spare.
    number = max(0, wishes.sentences + 2 - sentences) if wishes.sentences else 0
    number = max(number, (wishes.words - len(re.findall(r"\w+", text)) + 7) // 8)
    number = max(number, (wishes.letters - len(re.findall("[a-zA-Z]", text)) + 29) // 30)
    if wishes.language:
        return prose._more(max(0, number))
    more = [prose.plain() for _ in range(number)]
    lowered = text.lower()
    for letter, least in wishes.letter_counts.items():
        lacking = least - lowered.count(letter)
        more += [prose.plain(words.rich(letter)) for _ in range((lacking + 7) // 8)]
    return more


def _finished(wishes: Wishes, prose: Prose, extra: list[Sentence]) -> str:
    """Return the text in its case and form."""
    if wishes.form == "hyphens":
        return "-".join(
            _cased(wishes, sentence.text()) for sentence in (*prose.lead, *prose.body, *extra, *prose.close)
        )
    text = _cased(wishes, prose.text(extra))
    if wishes.form == "json":
        return json.dumps({"answer": text}, ensure_ascii=False)
    if wishes.form == "brackets":
        return " ".join(f"[{word}]" for word in text.split())
    if wishes.form == "bigrams":
        pieces = text.split()
        pairs = zip(pieces[::2], pieces[1::2], strict=False)
        return " ".join([*(f"<<{one} {two}>>" for one, two in pairs), *pieces[len(pieces) // 2 * 2 :]])
    return f'"{text}"' if wishes.quoted else text


def _cased(wishes: Wishes, text: str) -> str:
    if wishes.case == "upper":
        return text.upper()
    if wishes.case == "lower":
        return text.lower()
    if wishes.case == "title":
        # A palindrome, and a keyword that is looked for as it is written, stay small.
        kept = {PALINDROME, wishes.position[0] if wishes.position else ""}
        return re.sub(
            r"\b[a-z]+\b",
            lambda word: word.group() if word.group() in kept else word.group().capitalize(),
            text,
        )
    return text


def _composition(wishes: Wishes, words: Words) -> str:
    """Return three parts of sentences of a given length, in which the mark counts as a word."""
    number, length = wishes.composition
    if length < 2:
        raise Unsolvable("a sentence needs a word and a mark")
    required = [*wishes.required]
    parts = []
    for _ in range(3):
        sentences = []
        for _ in range(number):
            pieces = words.bare(length - 1)
            for place in range(len(pieces)):
                if required:
                    pieces[place] = required.pop()
            sentences.append(Sentence(pieces, wishes.mark).text())
        parts.append(" ".join(sentences))
    if required:
        raise Unsolvable("there is no room for all words")
    return "\n***\n".join(parts)


def _unique(wishes: Wishes, words: Words) -> str:
    """Return different words, without any mark."""
    pieces = [*dict.fromkeys(wishes.required)]
    if wishes.palindrome:
        pieces.append(PALINDROME)
    middle = [words.new(slot) for slot in "APV"] + pieces + [words.new(slot) for slot in "AP"]
    text = " ".join(filter(None, [wishes.opening, *middle, wishes.closing]))
    return text[:1].upper() + text[1:]
