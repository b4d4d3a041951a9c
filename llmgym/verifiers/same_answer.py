"""Whether two short answers are the same once they are written alike.

A rule for where no language model is at hand. It knows other ways to write the same words and numbers; it does not
know that other words may mean the same. So it errs by refusing right answers, not by accepting wrong ones.
"""

from __future__ import annotations

import re
import unicodedata
from fractions import Fraction

__all__ = ["same_answer", "written_alike"]

LONGEST = 2000
"""Characters. Longer texts are no short answers; they are compared as they are."""

_UNITS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
)
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety"
_SMALL = {word: value for value, word in enumerate(_UNITS.split())}
_SMALL |= {word: 10 * value for value, word in enumerate(_TENS.split(), 2)}
_LARGE = {"thousand": 10**3, "million": 10**6, "billion": 10**9}
_MOST_DIGITS = 60

_LIKE = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u02bc\u00b4", "'"),
        **dict.fromkeys("\u201c\u201d\u201e", '"'),
        "\u2044": "/",
    }
)
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_WRAPPED = re.compile(r"\\(?:boxed|text|mathrm|mathbf)\s*\{([^{}]*)\}")
_RAISED = re.compile("[\u2070\u00b9\u00b2\u00b3\u2074-\u207b]+")
_PIECE = re.compile("(?<=\\d)(?=[\u00bc-\u00be\u2150-\u215f\u2189])")
_MARKS = re.compile(r"[*`$\"]|(?<!\w)_|_(?!\w)|\\[()\[\]]")
_LEAD = re.compile(
    r"(?:so|thus|hence|therefore)?,? *(?:the|my)? *(?:(?:final|correct|right|short) )?(?:answer|result|value|number|word)"
    r" *(?:is|=|:|equals|would be)+ *|(?:it is|it's|that is|this is|=) *"
)
_ARTICLE = re.compile(r"(?:the|an?) +")
_THOUSANDS = re.compile(r"(?<![\d.,])(\d{1,3}(?:,\d{3})+)(?![\d,])")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_BINARY = re.compile(r"(?<=[\w)%]) ?- ?")
_BEFORE_WORD = re.compile(rf"^- ?(?=(?:{'|'.join(_SMALL)})\b)")
_UNARY = re.compile(r"- (?=\.?\d)")
_TOKEN = re.compile(r"-?\d+ ?/ ?\d+|-?\d*\.\d+|-?\d+|[^\W\d_]+(?:'[^\W\d_]+)*|[^\w\s.,;:!?()'-]")


def same_answer(one: str, other: str) -> bool:
    r"""Tell whether two answers are the same once they are written alike.

    Alike are capitals and small letters, blanks, Markdown, ``\boxed{...}``, punctuation, hyphens, a leading article
    or phrase such as "The answer is", digits and number words, thousands separators, and decimals and fractions of
    equal value. An answer with nothing in it is the same as none.

    Args:
        one: An answer.
        other: Another one.

    Example:
        >>> same_answer("1,250", "The answer is **one thousand two hundred and fifty**.")
        True
        >>> same_answer("0.5", "1/2"), same_answer("a prime number", "prime number"), same_answer("12", "12 or 13")
        (True, True, False)
    """
    if len(one) > LONGEST or len(other) > LONGEST:
        return one.strip() == other.strip() != ""
    return written_alike(one) == written_alike(other) != ()


def written_alike(text: str) -> tuple[str, ...]:
    """Return the words, numbers and signs of an answer in one way of writing.

    Args:
        text: An answer of no more than a few lines.

    Example:
        >>> written_alike("Twenty-one  of  the 3.50 %")
        ('21', 'of', 'the', '7/2', 'percent')
    """
    # These would melt into the number before them: 2\u00b3 into 23, 3\u00bd into 31/2.
    text = _PIECE.sub(" ", _RAISED.sub(lambda power: f"^{power[0]}", text))
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", text).casefold().translate(_LIKE))
    for _ in range(2):
        text = _WRAPPED.sub(r"\1", text)
    text = _MARKS.sub("", text).strip()
    lead = _LEAD.match(text)
    text = text[lead.end() :] if lead and lead.end() < len(text) else text
    article = _ARTICLE.match(text)
    text = text[article.end() :] if article else text
    text = _THOUSANDS.sub(lambda number: number[1].replace(",", ""), text)
    text = _BEFORE_WORD.sub("minus ", text)
    text = _UNARY.sub("-", _BINARY.sub(" \u2212 ", _HYPHEN.sub(" ", text)))
    written = _numbers_in_digits(_TOKEN.findall(text))
    if len(written) == 2 and written[0] in ("minus", "negative") and written[1][0].isdigit():
        return (f"-{written[1]}",)
    return tuple(written)


def _numbers_in_digits(tokens: list[str]) -> list[str]:
    """Write every number as a fraction in lowest terms, number words among them."""
    written: list[str] = []
    place = 0
    while place < len(tokens):
        end, value = _number_words(tokens, place)
        if value is not None:
            written.append(str(value))
            place = end
        else:
            written.append(_number(tokens[place]))
            place += 1
    return written


def _number(token: str) -> str:
    if not token[-1].isdigit() or len(token) > _MOST_DIGITS:
        return "percent" if token == "%" else token
    try:
        return str(Fraction(token.replace(" ", "")))
    except (ValueError, ZeroDivisionError):
        return token


def _number_words(tokens: list[str], start: int) -> tuple[int, int | None]:
    """Read a number in words, as far as it goes."""
    total, group, place, known = 0, 0, start, False
    while place < len(tokens):
        token = tokens[place]
        if token in _SMALL and _fits(group, _SMALL[token], known):
            group, known = group + _SMALL[token], True
        elif token == "hundred" and 0 < group < 10:
            group *= 100
        elif token in _LARGE and known and group and (total == 0 or total % (_LARGE[token] * 1000) == 0):
            total, group = total + group * _LARGE[token], 0
        elif not (token == "and" and known and place + 1 < len(tokens) and tokens[place + 1] in _SMALL):
            break
        place += 1
    return (place, total + group) if known else (start, None)


def _fits(group: int, value: int, known: bool) -> bool:
    """Tell whether a small number may follow in the same group: 20 + 1 and 300 + 45, but not 2 + 3."""
    if not known or group == 0:
        return True
    if group % 100 == 0:
        return value > 0
    return group % 100 >= 20 and group % 10 == 0 and 0 < value < 10
