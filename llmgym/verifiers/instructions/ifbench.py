"""The 58 instructions of IFBench, checked by the package ``if-verifiable``.

They are no part of the public training environment. The package is imported by a helper process alone: it draws
missing thresholds from Python's global generator, which only there belongs to nobody else.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from llmgym.verifiers.instructions import tokens
from llmgym.verifiers.instructions.packages import load

__all__ = ["INSTRUCTION_IDS", "DataMissing", "check", "load_checker"]

_FAMILIES = {
    "count": "conjunctions keywords_multiple numbers person_names pronouns punctuation unique_word_count "
    "word_count_range words_japanese",
    "custom": "character_reverse csv_city csv_quotes csv_special_character date_format_list european_capitals_sort "
    "mcq_count_length multiples reverse_newline sentence_alphabet word_reverse",
    "format": "emoji line_indent list newline no_bullets_bullets no_whitespace options output_template parentheses "
    "quote_unquote quotes sub-bullets thesis title_case",
    "ratio": "overlap sentence_balance sentence_type sentence_words stop_words",
    "repeat": "repeat_change repeat_simple repeat_span",
    "sentence": "alliteration_increment increment keyword",
    "words": "alphabet consonants keywords_specific_position last_first no_consecutive odd_even_syllables palindrome "
    "paragraph_last_first prime_lengths repeats start_verb vowel words_position",
}

INSTRUCTION_IDS = frozenset(
    f"{family}:{name}" for family, names in _FAMILIES.items() for name in names.split()
)
"""Ids of the instructions of IFBench."""


class DataMissing(Exception):
    """A data set of NLTK that a check needs is not on this machine."""


def load_checker(instruction_id: str) -> Any:
    """Return the package's checker of an instruction: seconds of processor time, once a process.

    Only for helper processes: NLTK is kept from downloading, and given the sentence model of
    :mod:`~llmgym.verifiers.instructions.tokens`.

    Raises:
        DependencyMissing: When ``if-verifiable`` is not installed.
    """
    return _checkers()[instruction_id](instruction_id)


@cache
def _checkers() -> Mapping[str, Any]:
    nltk = load("nltk")
    nltk.download = lambda *arguments, **options: False
    nltk.word_tokenize = tokens.word_tokens
    tokens.warm()
    return load("if_verifiable.ifbench.instructions_registry", "ifbench").INSTRUCTION_DICT


def check(checker: Any, arguments: Mapping[str, Any], text: str) -> bool:
    """Check a text: the strict rule of IFBench, by which a blank text follows nothing.

    Args:
        checker: What :func:`load_checker` returned.
        arguments: Arguments of the row, without nulls.
        text: The response.

    Raises:
        DataMissing: Naming the data set of NLTK that is not on this machine.
        ValueError: When the checker fails, of whatever kind its own exception is.
    """
    try:
        checker.build_description(**arguments)
        return bool(text.strip() and checker.check_following(text))
    except LookupError as error:
        for name in ("stopwords", "averaged_perceptron_tagger_eng"):
            if name in str(error):
                raise DataMissing(name) from error
        raise
    except MemoryError:
        raise
    except Exception as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
