r"""The rules by which a multiple-choice answer is found in a text, one function each.

They are the rules of the public MCQA verifier (``mcqa`` of NeMo Gym), quirks included; :mod:`llmgym.verifiers.choice`
puts them in order and compares. Each takes time linear in the text, except for the patterns that a task brings:
those have a hard bound.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from llmgym.errors import InvalidTask
from llmgym.verifiers.bounded_regex import last_match

__all__ = [
    "Choices",
    "PatternFailure",
    "answer_colon",
    "answer_colon_md",
    "choices_of",
    "lenient_boxed",
    "strict_boxed",
    "template_regex",
]

Choices = Sequence[tuple[str, str]]
"""The options that may be chosen: pairs of a capital letter and a text."""

_BRACE = re.compile(r"[{}]")
_ONLY_LETTER = re.compile(r"[^A-Za-z]*([A-Z])[^A-Za-z]*")
_LABEL = re.compile(r"\s*([A-Z])\s*[:).\-]")
_ANSWER_COLON = re.compile(r"(?i)answer\s*:\s*(.+)")
_ANSWER_COLON_MD = re.compile(r"(?im)[*_]{0,2}Answer[*_]{0,2}\s*:[*_\s]{0,2}(.+)")
_MARKUP = "*_`.,;: \t\n\r\f\v"
_LONE_LETTER = re.compile(r"\b[a-zA-Z]\b")
_LONE_CAPITAL = re.compile(r"\b[A-Z]\b")
_LEADING_LETTER = re.compile(r"([a-zA-Z])(?![a-zA-Z0-9])")
_LISTING = re.compile(r"(?i)(?:[/|&,;\s]|or|and)*")
# Arabic (alef with hamza, beh, jeem, dal), Bengali (a, ba, dda, ddha) and full-width letters.
_FOREIGN = "\u0623\u0628\u062c\u062f\u0985\u09ac\u09a1\u09a2\uff21\uff22\uff23\uff24"
_FOREIGN_LETTERS = str.maketrans(
    {foreign: f" {latin}" for foreign, latin in zip(_FOREIGN, "ABCD" * 3, strict=True)}
)


class PatternFailure(Exception):
    """The pattern of a task could not be applied; ``args[0]`` is the reason that the verdict gives."""


def choices_of(options: Sequence[Mapping[str, str | None]]) -> list[tuple[str, str]]:
    """Return the options that may be chosen.

    The public verifier's rule: keys of one alphabetic character, in upper case, whose text is not null. A table
    format may have given every object all the letters, with null for those that are not its own.

    Raises:
        InvalidTask: When an option is not an object, or a text is neither a string nor null.

    Example:
        >>> choices_of([{"a": "yes"}, {"B": None}, {"note": "x"}])
        [('A', 'yes')]
    """
    choices = []
    for option in options:
        # The exact type first: it is twenty times as fast as asking for a mapping.
        if type(option) is not dict and not isinstance(option, Mapping):
            raise InvalidTask(
                f"Expected each option to be an object of a letter and a text, found {option!r}. Correct the row."
            )
        for key, value in option.items():
            if value is None:
                continue
            if not isinstance(value, str):
                raise InvalidTask(
                    f"Expected the text of option {key!r} to be a string or null, found {value!r}. Correct the row."
                )
            if isinstance(key, str) and len(key) == 1 and key.isalpha():
                choices.append((key.upper(), value))
    return choices


def template_regex(text: str, choices: Choices, patterns: str | Sequence[str]) -> str | None:
    r"""Extract an answer with the pattern of the task.

    The public verifier's rule: the last match, ignoring case; of several patterns the first that yields an answer.
    The match is stripped, Arabic, Bengali and full-width letters become A to D, and it is put in upper case. A
    single alphabetic character is the answer even when it is not an option; otherwise the option whose text it
    equals is. An invalid pattern yields nothing.

    Raises:
        PatternFailure: When a pattern is not a string, matches with several capture groups, or takes too long.

    Example:
        >>> template_regex("Option Selected: c", [("A", "one")], r"Option Selected:\s*([A-Za-z])")
        'C'
    """
    for pattern in [patterns] if isinstance(patterns, str) else patterns:
        if not isinstance(pattern, str):
            raise PatternFailure("output_regex_failed")
        found = last_match(pattern, text)
        if found.status == "too_slow":
            raise PatternFailure("output_regex_too_slow")
        if found.status == "failed":
            raise PatternFailure("output_regex_failed")
        if found.status != "found":
            continue
        if found.groups > 1:
            raise PatternFailure("output_regex_groups")
        captured = _latin(found.value).upper()
        if len(captured) == 1 and captured.isalpha():
            return captured
        letter = _equal_option(captured, choices)
        if letter is not None:
            return letter
    return None


def strict_boxed(text: str, choices: Choices) -> str | None:
    r"""Extract the one capital letter of the last box.

    The public verifier's rule: the content of the last ``\boxed{...}``, without ``\text{...}`` around it, must hold
    no other letter of a to z, or begin with the letter and one of ``: ) . -``. The letter must be an option. A last
    box that is not closed hides the ones before it.

    Example:
        >>> strict_boxed(r"\boxed{A}, no: \boxed{\text{(B)}}", [("A", "one"), ("B", "two")])
        'B'
    """
    box = _last_box(text)
    if box is None:
        return None
    content = _without_text_wrappers(box.strip())
    match = _ONLY_LETTER.fullmatch(content) or _LABEL.match(content)
    return match[1] if match and match[1] in dict(choices) else None


def lenient_boxed(text: str, choices: Choices) -> str | None:
    r"""Extract the letter of the last box, or the option whose text the box contains.

    The public verifier's rule: :func:`strict_boxed` first; then the options whose text, in lower case and with
    blanks collapsed, is part of the content of the box, which must be those of exactly one letter.

    Example:
        >>> lenient_boxed(r"\boxed{\text{the  Moon}}", [("A", "the Sun"), ("B", "the moon")])
        'B'
    """
    letter = strict_boxed(text, choices)
    box = _last_box(text)
    if letter is not None or box is None:
        return letter
    contents = {_normal(box), _normal(_without_text_wrappers(box))}
    letters = set()
    for letter, option in choices:
        wanted = _normal(option)
        if wanted and any(wanted in content for content in contents):
            letters.add(letter)
    return letters.pop() if len(letters) == 1 else None


def answer_colon(text: str, choices: Choices) -> str | None:
    r"""Extract what follows the first ``Answer:``, to the end of its line.

    The public verifier's rule: without ``\text{...}`` around it, it must be the letter of an option, in any case,
    or equal the text of an option in lower case and with blanks collapsed.

    Example:
        >>> answer_colon("ANSWER : b", [("A", "one"), ("B", "two")])
        'B'
    """
    match = _ANSWER_COLON.search(text)
    if match is None:
        return None
    answer = _without_text_wrappers(match[1]).strip()
    if len(answer) == 1 and answer.isalpha() and answer.upper() in dict(choices):
        return answer.upper()
    return _equal_option(answer, choices)


def answer_colon_md(text: str, choices: Choices) -> str | None:
    """Extract what follows the last ``Answer:`` that yields an option, with Markdown around it.

    The public verifier's rule, tried from the last match to the first: foreign letters become A to D; marks, blanks
    and punctuation around the answer are dropped; an answer that lists two different options is refused; the answer
    is its only character, else a letter that it begins with, else the last capital that stands alone. It must be an
    option.

    Example:
        >>> answer_colon_md("**Answer:** **B** is right", [("A", "one"), ("B", "two")])
        'B'
    """
    letters = dict(choices)
    for match in reversed(list(_ANSWER_COLON_MD.finditer(text))):
        answer = _latin(match[1]).strip(_MARKUP)
        if _lists_two(answer, letters):
            continue
        leading = _LEADING_LETTER.match(answer)
        if len(answer) == 1:
            letter = answer.upper()
        elif leading:
            letter = leading[1].upper()
        else:
            letter = (_LONE_CAPITAL.findall(answer) or [""])[-1]
        if letter in letters:
            return letter
    return None


def _last_box(text: str) -> str | None:
    start = text.rfind("\\boxed{")
    if start < 0:
        return None
    start += len("\\boxed{")
    depth = 1
    for brace in _BRACE.finditer(text, start):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return text[start : brace.start()]
    return None


def _without_text_wrappers(content: str) -> str:
    # The public loop of full matches of \text{\s*(.*?)\s*}, by moving two ends: that loop is quadratic in its depth.
    start, end = 0, len(content)
    while end - start >= len("\\text{}") and content.startswith("\\text{", start) and content[end - 1] == "}":
        start, end = start + len("\\text{"), end - 1
        while start < end and content[start].isspace():
            start += 1
        while start < end and content[end - 1].isspace():
            end -= 1
    return content[start:end]


def _latin(answer: str) -> str:
    return answer.translate(_FOREIGN_LETTERS).strip()


def _normal(text: str) -> str:
    return " ".join(text.lower().split())


def _equal_option(answer: str, choices: Choices) -> str | None:
    wanted = _normal(answer)
    return next((letter for letter, option in choices if _normal(option) == wanted), None)


def _lists_two(answer: str, letters: Mapping[str, str]) -> bool:
    before: re.Match[str] | None = None
    for match in _LONE_LETTER.finditer(answer):
        if before is not None and before[0].upper() != match[0].upper():
            both = before[0].upper() in letters and match[0].upper() in letters
            if both and _LISTING.fullmatch(answer, before.end(), match.start()):
                return True
        before = match
    return False
