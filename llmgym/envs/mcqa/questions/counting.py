"""Sets and counting."""

from __future__ import annotations

import math
from collections import Counter

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, numbers, texts
from llmgym.envs.mcqa.questions.words import GOODS, NAMES, WORDS

__all__ = ["TEMPLATES"]


def committee(draw: Draw, level: int) -> Question:
    """Count the ways to choose people, without or with a restriction."""
    size = draw.between(*((6, 8), (7, 11), (9, 14))[level])
    chosen = draw.between(2, (3, 4, 5)[level])
    value = math.comb(size, chosen)
    told = f"In how many ways can a committee of {chosen} be chosen from {size} people"
    slips = [math.perm(size, chosen), size * chosen, math.comb(size, chosen - 1), math.comb(size - 1, chosen)]
    slips += [math.comb(size + 1, chosen), math.comb(size - 1, chosen - 1)]
    if level == 2:
        one, two = draw.sample(NAMES, 2)
        value -= math.comb(size - 2, chosen - 2)
        told += f", among them {one} and {two}, if {one} and {two} do not both serve"
        slips += [math.comb(size, chosen), math.comb(size - 2, chosen)]
    return Question(told + "?", str(value), numbers(value, slips, low=1))


def arrangement(draw: Draw, level: int) -> Question:
    """Count the ways to fill places in order."""
    size = draw.between(*((4, 6), (6, 9), (8, 12))[level])
    places = draw.between(2, (3, 4, 5)[level])
    value = math.perm(size, places)
    told = f"{size} runners start in a race. In how many ways can the first {places} places be taken, without ties?"
    slips = [
        math.comb(size, places),
        size**places,
        size * places,
        math.perm(size - 1, places),
        math.factorial(places),
    ]
    return Question(told, str(value), numbers(value, slips, step=2, low=1))


def handshakes(draw: Draw, level: int) -> Question:
    """Count the pairs in a group."""
    size = draw.between(*((6, 12), (13, 40), (40, 150))[level])
    value = size * (size - 1) // 2
    told = (
        f"{size} people meet, and every two of them shake hands exactly once. How many handshakes are there?"
    )
    slips = [
        size * (size - 1),
        size * size // 2,
        size * (size + 1) // 2,
        size * size,
        value - size,
        (size - 1) * 2,
    ]
    return Question(told, str(value), numbers(value, slips, low=1))


def letters(draw: Draw, level: int) -> Question:
    """Count the arrangements of the letters of a word."""
    low, high = ((4, 6), (6, 7), (7, 9))[level]
    word = draw.pick([word for word in WORDS if low <= len(word) <= high])
    repeats = [amount for amount in Counter(word).values() if amount > 1]
    value = math.factorial(len(word)) // math.prod(map(math.factorial, repeats))
    told = f"How many different arrangements are there of all the letters of the word '{word}'?"
    slips = [
        math.factorial(len(word)),
        math.factorial(len(word)) // 6,
        math.factorial(len(word) - 1),
        value * 2,
        value // 2,
    ]
    slips += [math.factorial(len(set(word))), value * 3, value // 3]
    return Question(told, str(value), numbers(value, slips, step=12, low=1))


def codes(draw: Draw, level: int) -> Question:
    """Count codes made of letters and digits."""
    symbols, digits = draw.between(1, level + 1), draw.between(1, level + 2)
    size = draw.between(4, (9, 20, 26)[level])
    distinct = level == 2 and draw.chance(0.6) and digits > 1
    value = size**symbols * (math.perm(10, digits) if distinct else 10**digits)
    told = f"A code consists of {symbols} letter{'s' if symbols > 1 else ''}, each one of {size} possible letters, followed by "
    told += f"{digits} digit{'s' if digits > 1 else ''} from 0 to 9. "
    told += (
        "The digits must all be different; letters may repeat. "
        if distinct
        else "Letters and digits may repeat. "
    )
    slips = [size**symbols + 10**digits, size * symbols * 10 * digits, size**symbols * 9**digits, value * 10]
    slips += [
        size**symbols * math.perm(10, digits),
        size**symbols * 10**digits,
        (size - 1) ** symbols * 10**digits,
    ]
    return Question(
        told + "How many codes are possible?", str(value), numbers(value, slips, step=size, low=1)
    )


def either(draw: Draw, level: int) -> Question:
    """Use inclusion and exclusion on two groups."""
    both, one, two, none = (draw.between(3, (15, 40, 200)[level]) for _ in range(4))
    first, second = draw.sample(GOODS, 2)
    everyone = both + one + two + none
    told = f"Of {everyone} people, {one + both} have {first}, {two + both} have {second}, "
    if level == 0 or draw.chance(0.5):
        value = none
        told += f"and {both} have both. How many have neither?"
        slips = [
            everyone - one - two - 2 * both,
            one + two,
            none + both,
            everyone - one - two,
            one + two + both,
        ]
    else:
        value = both
        told += f"and {none} have neither. How many have both?"
        slips = [one, two, one + two, both + none, everyone - none, both * 2]
    return Question(told, str(value), numbers(value, [n for n in slips if n > 0], low=0))


def multiples(draw: Draw, level: int) -> Question:
    """Count the integers up to a bound that are divisible by one number or another."""
    bound = draw.between(*((40, 99), (100, 500), (1000, 5000))[level])
    one, two = draw.sample(range(*((3, 9), (3, 15), (6, 30))[level]), 2)
    left, right, both = bound // one, bound // two, bound // math.lcm(one, two)
    asked, value = draw.pick(
        (
            (f"divisible by {one} or by {two}, or by both", left + right - both),
            (f"divisible by {one} but not by {two}", left - both),
            (f"divisible neither by {one} nor by {two}", bound - left - right + both),
        )[: level + 1]
    )
    slips = [
        left + right,
        left,
        left + right - 2 * both,
        bound - left - right,
        both,
        bound // (one * two),
        value + 1,
        value - 1,
    ]
    told = f"How many of the integers from 1 to {bound} are {asked}?"
    return Question(told, str(value), numbers(value, [n for n in slips if n >= 0], low=0))


def set_operation(draw: Draw, level: int) -> Question:
    """Work out a union, an intersection or a difference."""
    span, size = range(11, (30, 40, 60)[level]), (5, 6, 8)[level]
    shared = draw.sample(span, size // 2)
    rest = [n for n in span if n not in shared]
    extra = draw.sample(rest, 2 * size)
    one, two = (
        sorted(shared + extra[: size - len(shared)]),
        sorted(shared + extra[size : 2 * size - len(shared)]),
    )
    left, right = set(one), set(two)
    results = {
        "belong to both": left & right,
        "belong to the first but not to the second": left - right,
        "belong to exactly one of them": left ^ right,
        "belong to at least one of them": left | right,
    }
    asked = draw.pick(list(results)[: level + 2])
    answer = sorted(results[asked])
    told = f"The first set consists of {_members(one)}; the second set consists of {_members(two)}. "
    outside = [n for n in span if n not in answer]

    def others(own: Draw) -> set[str]:
        found = {_members(sorted(other)) for other in (*results.values(), right - left)}
        for _ in range(24):
            changed = list(answer)
            changed[own.below(len(changed))] = own.pick(outside)
            found.add(_members(sorted(changed)))
        return found

    return Question(told + f"Which numbers {asked}?", _members(answer), texts(_members(answer), others))


def _members(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))


def grid_paths(draw: Draw, level: int) -> Question:
    """Count the shortest paths through a grid, with a forced point at the hard level."""
    wide, high = (draw.between(*((2, 4), (3, 6), (4, 7))[level]) for _ in range(2))
    value = math.comb(wide + high, wide)
    told = (
        f"A robot walks on a grid from its start to the point {wide} to the right of it and {high} above it. "
    )
    told += "Each step goes one to the right or one up."
    slips = [
        wide * high,
        2 ** (wide + high),
        value * 2,
        math.comb(wide + high, wide - 1),
        math.comb(wide + high + 1, wide),
    ]
    if level == 2:
        right, up = draw.between(1, wide - 1), draw.between(1, high - 1)
        value = math.comb(right + up, up) * math.comb(wide + high - right - up, high - up)
        slips += [
            math.comb(wide + high, wide),
            math.comb(right + up, up),
            math.comb(wide + high - right - up, high - up),
        ]
        told += f" It must pass the point {right} to the right of the start and {up} above it."
    return Question(told + " How many paths are possible?", str(value), numbers(value, slips, low=1))


TEMPLATES: tuple[Template, ...] = (
    Template(committee),
    Template(arrangement),
    Template(handshakes),
    Template(letters),
    Template(codes),
    Template(either),
    Template(multiples),
    Template(set_operation),
    Template(grid_paths),
)
