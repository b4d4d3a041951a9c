"""Letters and words."""

from __future__ import annotations

from collections import Counter

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, numbers, texts
from llmgym.envs.mcqa.questions.words import WORDS

__all__ = ["TEMPLATES"]

ALPHABET = "abcdefghijklmnopqrstuvwxyz"


def _word(draw: Draw, level: int) -> str:
    low, high = ((5, 6), (6, 8), (8, 11))[level]
    return draw.pick([word for word in WORDS if low <= len(word) <= high])


def letter_count(draw: Draw, level: int) -> Question:
    """Count how often a letter occurs."""
    phrase = " ".join(draw.sample(WORDS, (1, 3, 7)[level]))
    letter = draw.pick(phrase.replace(" ", ""))
    value = phrase.count(letter)
    told = f"How many times does the letter '{letter}' occur in '{phrase}'?"
    return Question(told, str(value), numbers(value, [value + 1, value + 2, value - 1], low=0))


def vowels(draw: Draw, level: int) -> Question:
    """Count vowels or consonants."""
    phrase = " ".join(draw.sample(WORDS, (1, 3, 7)[level]))
    inside = sum(letter in "aeiou" for letter in phrase)
    wants_vowels = draw.chance(0.5)
    value = inside if wants_vowels else len(phrase.replace(" ", "")) - inside
    asked = "vowels (a, e, i, o, u)" if wants_vowels else "letters other than a, e, i, o and u"
    told = f"How many {asked} are there in '{phrase}'? Count every occurrence."
    return Question(told, str(value), numbers(value, [value + 1, value - 1, value + 2, value - 2], low=0))


def _near(draw: Draw, text: str, amount: int) -> set[str]:
    """Return texts of the same length that differ from one by swapped letters or by one other letter."""
    found: set[str] = set()
    for _ in range(6 * amount):
        letters = list(text)
        if draw.chance(0.7):
            one = draw.below(len(letters) - 1)
            two = one + 1 if draw.chance(0.6) else draw.below(len(letters))
            letters[one], letters[two] = letters[two], letters[one]
        else:
            letters[draw.below(len(letters))] = draw.pick(text)
        found.add("".join(letters))
        if len(found) > amount:
            break
    found.discard(text)
    return found


def reversal(draw: Draw, level: int) -> Question:
    """Write a word backwards."""
    word = "".join(_word(draw, level) for _ in range(1 + level // 2))
    answer = word[::-1]
    return Question(
        f"What is '{word}' written backwards?",
        answer,
        texts(answer, lambda own: _near(own, answer, 12) - {word}),
    )


def caesar(draw: Draw, level: int) -> Question:
    """Shift the letters of a word through the alphabet."""
    word, shift = _word(draw, level), draw.between(1, (2, 5, 12)[level])
    if level == 2 and draw.chance(0.5):
        shift = -shift
    answer = _shifted(word, shift)
    side = "later" if shift > 0 else "earlier"
    told = f"Each letter of '{word}' is replaced by the letter {abs(shift)} place{'s' if abs(shift) > 1 else ''} {side} in "
    told += f"the alphabet, going round from {'z to a' if shift > 0 else 'a to z'}. What is the result?"
    slips = {_shifted(word, other) for other in (shift - 1, shift + 1, -shift)}
    return Question(told, answer, texts(answer, lambda own: _near(own, answer, 10) | slips))


def _shifted(word: str, shift: int) -> str:
    return "".join(ALPHABET[(ALPHABET.index(letter) + shift) % 26] for letter in word)


def alphabetical(draw: Draw, level: int) -> Question:
    """Find a word's place in alphabetical order."""
    size = (5, 8, 10)[level]
    initial = draw.pick("bcmpst")
    # Above the easy level most words share their first letter.
    pool = [word for word in WORDS if level == 0 or word[0] == initial]
    chosen = draw.sample(pool, min(size, len(pool)))
    if len(chosen) < size:
        chosen += draw.sample([word for word in WORDS if word not in chosen], size - len(chosen))
    chosen = draw.shuffled(chosen)
    place = draw.below(size)
    answer = sorted(chosen)[place]
    rank = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")[
        place
    ]
    told = f"When the words {', '.join(chosen[:-1])} and {chosen[-1]} are put in alphabetical order, which one comes {rank}?"
    return Question(told, answer, texts(answer, [word for word in chosen if word != answer]))


def anagram(draw: Draw, level: int) -> Question | None:
    """Find the word's letters in another order."""
    word = _word(draw, level)
    answer = "".join(draw.shuffled(word))
    if answer == word:
        return None

    def others(own: Draw) -> set[str]:
        found: set[str] = set()
        for _ in range(14):
            letters = own.shuffled(word)
            for _ in range(2 - level // 2):
                letters[own.below(len(letters))] = own.pick(word if level else ALPHABET)
            if Counter(letters) != Counter(word):
                found.add("".join(letters))
        return found

    return Question(
        f"Which of these is made of exactly the letters of '{word}', in another order?",
        answer,
        texts(answer, others),
    )


def removal(draw: Draw, level: int) -> Question:
    """Take letters out of a text."""
    phrase = "".join(draw.sample([word for word in WORDS if len(word) > 4], (1, 1, 2)[level]))
    if level == 0:
        letter = draw.pick(phrase)
        told, answer = (
            f"What is left of '{phrase}' when every '{letter}' is removed?",
            phrase.replace(letter, ""),
        )
    elif level == 1:
        told = f"What is left of '{phrase}' when every vowel (a, e, i, o, u) is removed?"
        answer = "".join(letter for letter in phrase if letter not in "aeiou")
    else:
        told, answer = (
            f"What do the 1st, 3rd, 5th, ... letters of '{phrase}' spell, in that order?",
            phrase[::2],
        )
    return Question(told, answer, texts(answer, lambda own: _near(own, answer, 12) | {phrase[1::2]}))


TEMPLATES: tuple[Template, ...] = (
    Template(letter_count),
    Template(vowels),
    Template(reversal),
    Template(caesar),
    Template(alphabetical, (5, 8, 10)),
    Template(anagram),
    Template(removal),
)
