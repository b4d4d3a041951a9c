"""Plain sentences, made of words that a task does not object to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from llmgym.envs.instruction_following.lexicon import ADJECTIVES, NOUNS, PLURALS, VERBS

__all__ = ["Words"]

_FUNCTION_WORDS = "we our some each every many can as in on is and a an".split()

# Capital letters stand for an adjective, a noun, its plural and a verb.
_SENTENCES = tuple(
    sentence.split()
    for sentence in (
        "we V our A P and our A P V some P",
        "each N in our A N is A and A",
        "many A P V some A P as we V our own A N",
        "our P can V every A N in our N",
        "every A N is as A as our N",
        "some P in our N V A P and we V our A P",
        "we can V a A N on our A island as some P V our P",
        "our own N is a A N and many of our P V it",
    )
)
_BARE = "A P V A P".split()

# In a text of capitals, a language detector looks at first letters only. These are typical of English.
_CAPITAL_INITIALS = "ciu"
_CAPITAL_SENTENCES = tuple(
    sentence.split()
    for sentence in (
        "we can V A P in a A N",
        "if I V it we can V A P",
        "a A N can V us until we V it",
        "I can V A P in a N if we V it",
        "it is a A N and I can V it",
        "can I V A P while it is A in a N",
    )
)
_SLOTS = {"A": ADJECTIVES, "N": NOUNS, "P": PLURALS, "V": VERBS}


class Words:
    """A source of words and sentences.

    Args:
        seed: Another number gives other sentences.
        avoided: Texts that no word may contain, in lower case.
        capitals: Whether the text will be written in capitals, and still be recognised as English.
    """

    def __init__(self, seed: int, avoided: Sequence[str], capitals: bool = False):
        self._rng = np.random.default_rng(seed)
        self._avoided = [text for text in avoided if text]
        self._slots = {slot: self._allowed(words) for slot, words in _SLOTS.items()}
        self._sentences = _CAPITAL_SENTENCES if capitals else _SENTENCES
        if capitals:
            self._slots = {
                slot: [word for word in words if word[0] in _CAPITAL_INITIALS]
                for slot, words in self._slots.items()
            }
        self._plain = len(self._allowed(_FUNCTION_WORDS)) < len(_FUNCTION_WORDS)
        self._used: set[str] = set()

    def _allowed(self, words: Sequence[str]) -> list[str]:
        return [word for word in words if not any(text in word for text in self._avoided)] or list(words)

    def pick(self, slot: str) -> str:
        """Return an adjective ``A``, a noun ``N``, a plural ``P`` or a verb ``V``."""
        words = self._slots[slot]
        return words[int(self._rng.integers(len(words)))]

    def new(self, slot: str) -> str:
        """Return a word that was not returned by this method before."""
        fresh = [
            word
            for words in (self._slots[slot], *self._slots.values())
            for word in words
            if word not in self._used
        ]
        word = fresh[int(self._rng.integers(min(20, len(fresh))))]
        self._used.add(word)
        return word

    def sentence(self) -> list[str]:
        """Return the words of an English sentence."""
        if self._plain:
            return self.bare(5 + int(self._rng.integers(4)))
        words: list[str] = []
        for part in self._sentences[int(self._rng.integers(len(self._sentences)))]:
            word = self.pick(part) if part in self._slots else part
            if words and words[-1] == "a" and word[0] in "aeiou" and not word.startswith("us"):
                words[-1] = "an"
            words.append(word)
        return words

    def bare(self, length: int) -> list[str]:
        """Return so many words, none of them a function word."""
        return [self.pick(_BARE[place % 5]) for place in range(length)]

    def rich(self, letter: str, length: int = 8) -> list[str]:
        """Return so many words with a letter in them, as far as there are any."""
        holding = [word for words in self._slots.values() for word in words if letter in word]
        if not holding:
            return [letter * 2] * length
        return [holding[int(self._rng.integers(len(holding)))] for _ in range(length)]
