"""Sequences whose rule is stated, so that each has one continuation."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, numbers

__all__ = ["TEMPLATES"]


def _listed(terms: list[int]) -> str:
    return ", ".join(map(str, terms))


def arithmetic_term(draw: Draw, level: int) -> Question:
    """Find a far term of an arithmetic sequence."""
    first, place = draw.between(2, (30, 90, 400)[level]), draw.between(*((8, 15), (15, 60), (50, 400))[level])
    gap = draw.between(3, (9, 20, 40)[level]) * (1 if level == 0 or draw.chance(0.6) else -1)
    value = first + (place - 1) * gap
    slips = [value + gap, value - gap, place * gap, first * place, -value]
    told = f"The sequence {_listed([first + n * gap for n in range(4)])}, ... is arithmetic: "
    told += f"neighbouring terms always differ by the same amount. What is term number {place}?"
    return Question(told, str(value), numbers(value, slips, step=abs(gap)))


def geometric_term(draw: Draw, level: int) -> Question:
    """Find a term of a geometric sequence."""
    first, ratio = (
        draw.between(2, (9, 12, 15)[level]),
        draw.pick(((2, 3), (2, 3, 4, 5), (3, 4, 5, -2, -3))[level]),
    )
    place = draw.between(5, (6, 7, 9)[level])
    value = first * ratio ** (place - 1)
    slips = [value * ratio, value // ratio, first + ratio * (place - 1), -value, first * ratio * (place - 1)]
    told = f"The sequence {_listed([first * ratio**n for n in range(3)])}, ... is geometric: "
    told += f"each term is the one before times the same number. What is term number {place}?"
    return Question(told, str(value), numbers(value, slips, step=first))


def sum_of_two(draw: Draw, level: int) -> Question:
    """Continue a sequence in which each term is the sum of the two before it."""
    terms = [draw.between(1, (9, 20, 50)[level]), draw.between(2, (12, 30, 80)[level])]
    for _ in range((4, 7, 11)[level]):
        terms.append(terms[-1] + terms[-2])
    value = terms[-1]
    told = f"A sequence begins with {terms[0]} and {terms[1]}. Each further term is the sum of the two before it. "
    told += f"What is term number {len(terms)}?"
    slips = [terms[-2], terms[-2] + value, value + terms[0], value - terms[1], terms[-2] * 2, value + 10]
    return Question(told, str(value), numbers(value, slips, low=1))


def recurrence(draw: Draw, level: int) -> Question:
    """Follow a stated rule step by step."""
    first, factor = draw.between(2, 9), draw.between(2, (2, 3, 4)[level])
    shift = draw.between(1, (5, 9, 15)[level]) * (1 if draw.chance(0.6) else -1)
    terms = [first + abs(shift)]
    for _ in range((3, 4, 6)[level]):
        terms.append(terms[-1] * factor + shift)
    value = terms[-1]
    rule = f"{factor} times the term before, {'plus' if shift > 0 else 'minus'} {abs(shift)}"
    told = f"The first term of a sequence is {terms[0]}. Each further term is {rule}. What is term number {len(terms)}?"
    slips = [
        value - shift,
        value - 2 * shift,
        value * factor + shift,
        terms[-2],
        (terms[-2] + shift) * factor,
    ]
    return Question(told, str(value), numbers(value, slips))


def missing_term(draw: Draw, level: int) -> Question:
    """Fill the gap in an arithmetic sequence."""
    gap = draw.between(4, (12, 40, 190)[level]) * (1 if level == 0 or draw.chance(0.5) else -1)
    first = draw.between(*((11, 60), (100, 500), (1000, 5000))[level])
    terms = [first + n * gap for n in range(6)]
    place = draw.between(1, 4)
    shown = [str(term) for term in terms]
    value, shown[place] = terms[place], "?"
    told = f"Neighbouring terms of the sequence {', '.join(shown)} always differ by the same amount. What is the missing term?"
    slips = [
        value + gap,
        value - gap,
        value + gap // 2,
        value - gap // 2,
        value + 1,
        value - 1,
        value + 10,
        value - 10,
    ]
    return Question(told, str(value), numbers(value, slips))


def growing_differences(draw: Draw, level: int) -> Question:
    """Continue a sequence whose differences grow by a constant."""
    first, gap = draw.between(1, (10, 40, 200)[level]), draw.between(2, (6, 12, 30)[level])
    growth = draw.between(2, (3, 6, 15)[level])
    terms = [first]
    for step in range(4 + (1, 2, 5)[level]):
        terms.append(terms[-1] + gap + step * growth)
    value = terms[-1]
    told = f"In the sequence {_listed(terms[:5])}, ... the difference between neighbouring terms grows by the same "
    told += f"amount at each step. What is term number {len(terms)}?"
    last = terms[-1] - terms[-2]
    slips = [value - growth, value + growth, value + last, terms[-2], value - gap, value + gap]
    return Question(told, str(value), numbers(value, slips, low=1))


def series(draw: Draw, level: int) -> Question:
    """Add up the beginning of an arithmetic sequence."""
    first, gap = draw.between(1, (9, 20, 60)[level]), draw.between(2, (5, 9, 25)[level])
    size = draw.between(*((5, 9), (10, 30), (30, 120))[level])
    last = first + (size - 1) * gap
    value = size * (first + last) // 2
    told = (
        f"The first term of a sequence is {first}, and each further term is {gap} more than the one before. "
    )
    told += f"What is the sum of its first {size} terms?"
    slips = [
        value + last + gap,
        value - last,
        size * (first + last),
        last * size,
        value + first,
        value - first,
    ]
    return Question(told, str(value), numbers(value, slips, low=1))


TEMPLATES: tuple[Template, ...] = (
    Template(arithmetic_term),
    Template(geometric_term),
    Template(sum_of_two),
    Template(recurrence),
    Template(missing_term),
    Template(growing_differences),
    Template(series),
)
