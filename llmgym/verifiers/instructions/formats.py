"""Instructions about the form of a response: marks, lists, sections, wrapping."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from llmgym.verifiers.instructions.arguments import count, option
from llmgym.verifiers.instructions.definition import Instruction
from llmgym.verifiers.instructions.patterns import is_plain
from llmgym.verifiers.instructions.sentences import split_sentences

__all__ = ["INSTRUCTIONS"]

_ANSWERS = ("My answer is yes.", "My answer is no.", "My answer is maybe.")
_MARKERS = {"P.P.S": r"p\.\s?p\.\s?s", "P.S.": r"p\.\s?s\."}
_ENDINGS = ("Any other questions?", "Is there anything else I can help with?")


def _placeholders(text: str, num_placeholders: Any) -> bool:
    r"""Count what ``\[.*?\]`` finds; the expression itself takes quadratic time where brackets stay open."""
    found = 0
    for line in text.split("\n"):
        start = line.find("[")
        while start >= 0:
            end = line.find("]", start + 1)
            if end < 0:
                break
            found += 1
            start = line.find("[", end + 1)
    return bool(found >= num_placeholders)


def _postscript(text: str, postscript_marker: str) -> bool:
    lowered, pattern = text.lower(), postscript_marker.lower()
    if postscript_marker in _MARKERS:
        pattern = _MARKERS[postscript_marker]
    elif not is_plain(pattern):
        pattern = rf"\s*{pattern}.*$"
    # The other public expressions have blanks before and all of the line behind, too: neither changes what is found.
    return re.search(pattern, lowered, re.MULTILINE) is not None


def _other_marker(arguments: Mapping[str, Any]) -> list[str]:
    marker = arguments["postscript_marker"]
    return [] if marker in _MARKERS else [marker.lower()]


def _bullets(text: str, num_bullets: Any) -> bool:
    r"""Count lines with a star or a dash.

    The public expressions begin with ``^\s*``, which runs over empty lines again and again; blanks within the line
    are enough to find the same.
    """
    stars = re.findall(r"^[^\S\n]*+\*[^*].*$", text, re.MULTILINE)
    dashes = re.findall(r"^[^\S\n]*+-.*$", text, re.MULTILINE)
    return bool(len(stars) + len(dashes) == num_bullets)


def _constrained(text: str) -> bool:
    return any(answer in text for answer in _ANSWERS)


def _highlights(text: str, num_highlights: Any) -> bool:
    single = [found.strip("*") for found in re.findall(r"\*[^\n*]*\*", text)]
    double = [found[2:-2] for found in re.findall(r"\*\*[^\n*]*\*\*", text)]
    return bool(sum(1 for inside in single + double if inside.strip()) >= num_highlights)


def _sections(text: str, section_spliter: str, num_sections: Any) -> bool:
    return bool(len(re.split(rf"\s?{section_spliter}\s?\d+\s?", text)) - 1 >= num_sections)


def _json(text: str) -> bool:
    text = text.strip()
    for fence in ("```json", "```Json", "```JSON", "```"):
        text = text.removeprefix(fence)
    try:
        json.loads(text.removesuffix("```").strip())
    except ValueError:
        return False
    return True


def _title(text: str) -> bool:
    """Look for ``<<...>>`` on a line with something inside; an expression can take quadratic time for that."""
    for line in text.split("\n"):
        start, end = line.find("<<"), line.rfind(">>")
        if 0 <= start <= end - 3 and line[start:end].lstrip("<").rstrip(">").strip():
            return True
    return False


def _two_responses(text: str) -> bool:
    pieces = [piece.strip() for piece in text.split("******")]
    if not all(pieces[1:-1]):
        return False
    answers = [piece for piece in pieces if piece]
    return len(answers) == 2 and answers[0] != answers[1]


def _quotation(text: str) -> bool:
    text = text.strip()
    return len(text) > 1 and text[0] == '"' == text[-1]


def _ending(text: str, end_phrase: str) -> bool:
    return text.strip().strip('"').lower().endswith(end_phrase.lower())


def _hyphens(text: str) -> bool:
    expected = split_sentences(text.replace("-", " "))
    return all(
        piece == piece.strip() == sentence for piece, sentence in zip(text.split("-"), expected, strict=False)
    )


def _brackets(text: str) -> bool:
    return all(word.startswith("[") and word.endswith("]") for word in text.split())


def _bigrams(text: str) -> bool:
    words = text.split()
    return all(
        first.startswith("<<") and second.endswith(">>")
        for first, second in zip(words[::2], words[1::2], strict=False)
    )


INSTRUCTIONS = (
    Instruction("detectable_content:number_placeholders", _placeholders, {"num_placeholders": count(1, 4)}),
    Instruction(
        "detectable_content:postscript",
        _postscript,
        {"postscript_marker": option(("P.S.", "P.P.S"))},
        patterns=_other_marker,
    ),
    Instruction("detectable_format:number_bullet_lists", _bullets, {"num_bullets": count(1, 5)}),
    Instruction("detectable_format:constrained_response", _constrained),
    Instruction(
        "detectable_format:number_highlighted_sections", _highlights, {"num_highlights": count(1, 4)}
    ),
    Instruction(
        "detectable_format:multiple_sections",
        _sections,
        {"section_spliter": option(("Section", "SECTION")), "num_sections": count(1, 5)},
        patterns=lambda arguments: [arguments["section_spliter"]],
    ),
    Instruction("detectable_format:json_format", _json),
    Instruction("detectable_format:title", _title),
    Instruction("combination:two_responses", _two_responses),
    Instruction("startend:quotation", _quotation),
    Instruction("startend:end_checker", _ending, {"end_phrase": option(_ENDINGS)}),
    Instruction("detectable_format:sentence_hyphens", _hyphens),
    Instruction("detectable_format:square_brackets", _brackets),
    Instruction("detectable_format:bigram_wrapping", _bigrams),
)
