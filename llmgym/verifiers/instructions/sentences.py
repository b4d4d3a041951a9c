"""The rule-based sentence splitter of IFEval, which some instructions use instead of Punkt."""

from __future__ import annotations

import re

__all__ = ["split_sentences"]

# A dot that does not end a sentence is hidden while the text is cut; both marks are part of the public rule, so a
# text that contains them is read as if it had the dot or the cut.
_DOT, _CUT = "<prd>", "<stop>"

_STARTER = r"(Mr|Mrs|Ms|Dr|Prof|Capt|Cpt|Lt|He\s|She\s|It\s|They\s|Their\s|Our\s|We\s|But\s|However\s|That\s|This\s|Wherever)"
_LETTER_DOT = r"([A-Za-z])[.]"

_BEFORE_DEGREES = (
    (re.compile(r"(Mr|St|Mrs|Ms|Dr)[.]"), rf"\1{_DOT}"),
    (re.compile(r"[.](com|net|org|io|gov|edu|me)"), rf"{_DOT}\1"),
    (re.compile(r"([0-9])[.]([0-9])"), rf"\1{_DOT}\2"),
)
_DOTS = re.compile(r"\.{2,}")
_AFTER_DEGREES = (
    (re.compile(rf"\s{_LETTER_DOT} "), rf" \1{_DOT} "),
    (re.compile(rf"([A-Z][.][A-Z][.](?:[A-Z][.])?) {_STARTER}"), rf"\1{_CUT} \2"),
    (re.compile(_LETTER_DOT * 3), rf"\1{_DOT}\2{_DOT}\3{_DOT}"),
    (re.compile(_LETTER_DOT * 2), rf"\1{_DOT}\2{_DOT}"),
    (re.compile(rf" (Inc|Ltd|Jr|Sr|Co)[.] {_STARTER}"), rf" \1{_CUT} \2"),
    (re.compile(r" (Inc|Ltd|Jr|Sr|Co)[.]"), rf" \1{_DOT}"),
    (re.compile(f" {_LETTER_DOT}"), rf" \1{_DOT}"),
)
# A closing quote moves before the mark that ends its sentence, so that it stays with the sentence.
_QUOTES = ((".”", "”."), ('."', '".'), ('!"', '"!'), ('?"', '"?'))


def split_sentences(text: str) -> list[str]:
    """Split a text into sentences by the public library's rule.

    A line break counts as a blank. Titles, web addresses, decimals, ellipses (which end a sentence), single letters,
    acronyms and a few abbreviations are recognised; then every ``.``, ``?`` and ``!`` ends a sentence.

    Args:
        text: Any text.

    Returns:
        The sentences, stripped; inner ones may be empty. An empty last one is left out.

    Example:
        >>> split_sentences('Dr. Bell paid 3.50 euros. "Fine." Really?')
        ['Dr. Bell paid 3.50 euros.', '"Fine".', 'Really?']
    """
    text = f" {text}  ".replace("\n", " ")
    for pattern, replacement in _BEFORE_DEGREES:
        text = pattern.sub(replacement, text)
    text = _DOTS.sub(lambda dots: _DOT * len(dots.group()) + _CUT, text)
    text = text.replace("Ph.D.", f"Ph{_DOT}D{_DOT}")
    for pattern, replacement in _AFTER_DEGREES:
        text = pattern.sub(replacement, text)
    for before, after in _QUOTES:
        text = text.replace(before, after)
    for mark in ".?!":
        text = text.replace(mark, mark + _CUT)
    sentences = [sentence.strip() for sentence in text.replace(_DOT, ".").split(_CUT)]
    return sentences if sentences[-1] else sentences[:-1]
