"""Prose: sentences in parts, with whatever marks are asked for."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from llmgym.envs.instruction_following.lexicon import PHRASE_MIDDLES, PLACEHOLDERS
from llmgym.envs.instruction_following.samples import SENTENCES
from llmgym.envs.instruction_following.solving.wishes import Wishes
from llmgym.envs.instruction_following.solving.words import Words

__all__ = ["Prose", "Sentence"]

PALINDROME = "civic"
ECHO = "again"


@dataclass(slots=True)
class Sentence:
    """A sentence.

    Attributes:
        parts: Its words, some of them several in one.
        mark: What ends it.
        alone: Whether it stands on a line of its own.
    """

    parts: list[str]
    mark: str
    alone: bool = False

    def text(self) -> str:
        """Return the sentence, its first letter a capital."""
        text = " ".join(self.parts).replace(" \n", "\n")
        return text[:1].upper() + text[1:] + self.mark


class Prose:
    """Sentences that follow a task's wishes, in parts between dividers.

    Args:
        wishes: What the text has to be like.
        words: Where plain words come from.
    """

    def __init__(self, wishes: Wishes, words: Words):
        self.wishes, self.words = wishes, words
        self.lead = self._lead()
        self.body = self._body()
        self.close = self._close()

    def text(self, extra: list[Sentence]) -> str:
        """Return the text, with more sentences before its end."""
        wishes = self.wishes
        # More sentences go to the last part, so that the others begin with the words they should.
        parts = _split([*self.lead, *self.body], wishes.parts, max(1, len(self.lead)))
        parts[-1] = [*parts[-1], *extra, *self.close]
        texts = [_joined(part) for part in parts]
        if wishes.prompt:
            texts[0] = f"{wishes.prompt}\n{texts[0]}"
        return wishes.divider.join(texts)

    def plain(self, words: list[str] | None = None) -> Sentence:
        """Return another sentence."""
        return self._made(words or self.words.sentence())

    def _made(self, parts: list[str], alone: bool = False) -> Sentence:
        start, end = self.wishes.sentence_start, self.wishes.sentence_end
        return Sentence([*filter(None, [start]), *parts, *filter(None, [end])], self.wishes.mark, alone)

    def _lead(self) -> list[Sentence]:
        """Return the sentences up to the one with a keyword at a given place."""
        wishes = self.wishes
        if wishes.language:
            return [Sentence([sentence], "") for sentence in SENTENCES[wishes.language]]
        sentences: list[Sentence] = []
        if wishes.position:
            keyword, number, place = wishes.position
            for current in range(1, number + 1):
                words = self.words.bare(max(place + 1, 5))
                if wishes.sentence_start:
                    words[0] = wishes.sentence_start
                if current == number:
                    words[place - 1] = keyword
                words += filter(None, [wishes.sentence_end])
                sentences.append(Sentence(words, wishes.mark))
        return sentences

    def _body(self) -> list[Sentence]:
        wishes, words = self.wishes, self.words
        if wishes.language:
            return self._bullets() + self._more(wishes.parts)
        sentences: list[Sentence] = []
        marked = self._marked()
        required = [*wishes.required]
        while marked or required:
            parts = words.bare(5)
            # Never first or last: a mark at the beginning of a line, or before a full stop, would count differently.
            for place in (4, 3, 2):
                if required and place != 3:
                    parts.insert(place, required.pop())
                elif marked and place == 3:
                    parts.insert(place, marked.pop())
            sentences.append(self._made(parts))
        phrase, times = wishes.phrase
        for number in range(times):
            # Not first in its sentence, where it would get a capital.
            sentences.append(self._made(["we", *_variant(phrase, number)]))
        if wishes.answer:
            sentences.append(Sentence(["My answer is yes"], "."))
        word, number = wishes.sections
        for current in range(1, number + 1):
            sentences.append(self._made([f"{word} {current}", *words.bare(5)], alone=True))
        sentences += self._bullets()
        if wishes.english:
            sentences += [self.plain() for _ in range(8 if wishes.case == "upper" else 4)]
        # The sentences that lead up to a keyword stay together in the first part.
        missing = wishes.parts - len(sentences) - min(1, len(self.lead))
        return sentences + [self.plain() for _ in range(missing)]

    def _marked(self) -> list[str]:
        """Return words with marks around them, and words in capitals."""
        wishes, words = self.wishes, self.words
        marked = [words.pick("P").upper() for _ in range(wishes.capitals)]
        marked += [f"*{words.pick('A')} {words.pick('P')}*" for _ in range(wishes.highlights)]
        marked += [f"[{PLACEHOLDERS[place % len(PLACEHOLDERS)]}]" for place in range(wishes.placeholders)]
        if wishes.palindrome:
            marked.append(PALINDROME)
        if wishes.title:
            marked.append(f"<<{words.pick('A').capitalize()} {words.pick('P').capitalize()}>>")
        return marked

    def _bullets(self) -> list[Sentence]:
        number = self.wishes.bullets or 0
        if not number:
            return []
        if self.wishes.language:
            known = SENTENCES[self.wishes.language]
            return [Sentence([f"* {known[place % len(known)]}"], "", alone=True) for place in range(number)]
        items = [f"\n* {' '.join(self.words.bare(3))}" for _ in range(number)]
        return [self._made(["our", "ideas", "are", *items], alone=True)]

    def _more(self, number: int) -> list[Sentence]:
        known = SENTENCES[self.wishes.language or "en"]
        # In another order than at the beginning, so that two responses differ.
        return [Sentence([known[-1 - place % len(known)]], "") for place in range(number)]

    def _close(self) -> list[Sentence]:
        """Finish the first and the last sentences."""
        wishes = self.wishes
        close: list[Sentence] = []
        if wishes.marker:
            close.append(Sentence([wishes.marker, *self.words.bare(4)], wishes.mark, alone=True))
        elif wishes.closing or wishes.echo:
            close.append(self.plain())
        if wishes.closing:
            close[-1].parts.append(wishes.closing)
        if wishes.ending:
            close.append(Sentence([wishes.ending], ""))
        opening = wishes.opening or (ECHO if wishes.echo else "")
        if wishes.echo:
            close[-1].parts.append(ECHO)
            close[-1].mark = ""
        if opening:
            self._begin((self.lead or self.body)[0], opening)
        if wishes.part_start:
            number, word = wishes.part_start
            first = _split([*self.lead, *self.body], wishes.parts, max(1, len(self.lead)))[number - 1][0]
            self._begin(first, word)
        return close

    def _begin(self, sentence: Sentence, word: str) -> None:
        if any(sentence is other for other in self.lead):
            # Words are counted there.
            sentence.parts[0] = word
        else:
            sentence.parts.insert(0, word)


def _split(sentences: list[Sentence], parts: int, first: int) -> list[list[Sentence]]:
    """Divide sentences into parts, the first of which has at least so many."""
    rest = len(sentences) - first
    if parts == 1:
        return [sentences]
    ends = [first + rest * place // (parts - 1) for place in range(parts)]
    return [sentences[:first], *(sentences[start:end] for start, end in pairwise(ends))]


def _joined(sentences: list[Sentence]) -> str:
    text = ""
    for place, sentence in enumerate(sentences):
        if place:
            text += "\n" if sentence.alone or sentences[place - 1].alone else " "
        text += sentence.text()
    return text


def _variant(phrase: str, number: int) -> list[str]:
    """Return a phrase with one word in the middle replaced."""
    words = phrase.split()
    place = 1 + number % max(1, len(words) - 2)
    others = [word for word in PHRASE_MIDDLES if word not in words]
    words[place] = others[number % len(others)]
    return words
