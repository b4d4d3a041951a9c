"""Checks generated questions with a solver that knows nothing but the text of the question."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from llmgym.envs.mcqa.questions import DOMAINS, Draw

TEMPLATES = {template.name: template for templates in DOMAINS.values() for template in templates}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:/\d+)?")


def integers(text: str) -> list[int]:
    return [int(number) for number in re.findall(r"-?\d+", text)]


def value_of(option: str) -> Any:
    """The number that an option begins with, or its text."""
    first = option.split()[0]
    return Fraction(first) if NUMBER.fullmatch(first) and "," not in option else option


def check(name: str, level: int, solve: Callable[[str], Any], draws: int) -> None:
    """A solver returns the right value, or a test that exactly one option passes."""
    template, draw, checked = TEMPLATES[name], Draw(1000 * level + len(name)), 0
    while checked < draws:
        question = template.make(draw, level)
        if question is None:
            continue
        checked += 1
        right = solve(question.stem)
        passes = right if callable(right) else lambda option, right=right: value_of(option) == right
        assert passes(question.answer), (question, right)
        wrong = question.wrong(Draw(checked), template.most[level] - 1)
        assert wrong, question
        for option in wrong:
            assert not passes(option), (question, option)
        options = [question.answer, *wrong]
        assert len({value_of(option) for option in options}) == len(options)
        check_texts(options)


def check_texts(options: list[str]) -> None:
    """No option can be mistaken for another one, or for a letter, by any mode of grading."""
    plain = [" ".join(option.lower().split()) for option in options]
    for place, option in enumerate(options):
        assert option == " ".join(option.split())
        assert len(option) > 1 or option.isdigit()
        assert not re.search(r"[{}\\]|\b[A-Z]\b", option), option
        assert not any(plain[place] in other for other in plain[:place] + plain[place + 1 :]), options
