"""Orders and positions, each with one solution."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, numbers, texts
from llmgym.envs.mcqa.questions.words import NAMES

__all__ = ["TEMPLATES"]

ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
COMPARED = (("tallest", "taller", "shorter"), ("oldest", "older", "younger"), ("fastest", "faster", "slower"))
RELATIONS = (
    ("{0} finished before {1}.", lambda a, b: a < b),
    ("{0} finished directly after {1}.", lambda a, b: a == b + 1),
    ("{0} and {1} finished in neighbouring places.", lambda a, b: abs(a - b) == 1),
    ("Exactly one person finished between {0} and {1}.", lambda a, b: abs(a - b) == 2),
    ("{0} and {1} did not finish in neighbouring places.", lambda a, b: abs(a - b) != 1),
)


@lru_cache(maxsize=4)
def _orders(size: int) -> tuple[tuple[int, ...], ...]:
    """Return, for each possible order, the place of each person."""
    return tuple(permutations(range(size)))


@lru_cache(maxsize=1024)
def _holds(size: int, relation: int, one: int, two: int) -> int:
    """Return the set of orders, as bits, in which a relation holds between two people."""
    test = RELATIONS[relation][1]
    return sum(1 << row for row, places in enumerate(_orders(size)) if test(places[one], places[two]))


@lru_cache(maxsize=1024)
def _placed(size: int, person: int, place: int) -> int:
    return sum(1 << row for row, places in enumerate(_orders(size)) if places[person] == place)


def _race(draw: Draw, size: int) -> tuple[list[str], list[str], list[str]]:
    """Draw a race: its clues, the names in finishing order and the names in any order.

    Clues are added until one order is left, and those that turn out not to be needed are dropped.
    """
    people = draw.sample(NAMES, size)
    solution = draw.below(len(_orders(size)))
    places = _orders(size)[solution]
    full = left = (1 << len(_orders(size))) - 1
    clues: list[tuple[str, int]] = []
    while left.bit_count() > 1:
        relation = draw.below(len(RELATIONS) + 1)
        if relation == len(RELATIONS):
            one, place = draw.below(size), draw.below(size)
            holds = full & ~_placed(size, one, place)
            text = f"{people[one]} did not finish {ORDINALS[place]}."
        else:
            one, two = draw.sample(range(size), 2)
            holds = _holds(size, relation, one, two)
            text = RELATIONS[relation][0].format(people[one], people[two])
        if holds >> solution & 1 and left & ~holds:
            left &= holds
            clues.append((text, holds))
    for clue in list(clues):
        rest = full
        for other in clues:
            if other is not clue:
                rest &= other[1]
        if rest == left:
            clues.remove(clue)
    ranked = sorted(range(size), key=places.__getitem__)
    return [text for text, _ in draw.shuffled(clues)], [people[person] for person in ranked], people


def race_order(draw: Draw, level: int) -> Question:
    """Find the whole order from clues."""
    clues, ranked, _ = _race(draw, 4 + level)
    answer = ", ".join(ranked)

    def others(own: Draw) -> set[str]:
        found: set[str] = set()
        while len(found) < 14:
            swapped = list(ranked)
            for _ in range(own.between(1, 2)):
                one, two = own.sample(range(len(ranked)), 2)
                swapped[one], swapped[two] = swapped[two], swapped[one]
            if swapped != ranked:
                found.add(", ".join(swapped))
        return found

    told = _told(clues, ranked) + "Which is the finishing order, from first to last?"
    return Question(told, answer, texts(answer, others))


def race_place(draw: Draw, level: int) -> Question:
    """Find who finished in a certain place."""
    clues, ranked, people = _race(draw, 4 + level)
    place = draw.below(len(ranked))
    answer = ranked[place]
    told = _told(clues, ranked) + f"Who finished {ORDINALS[place]}?"
    return Question(told, answer, texts(answer, [name for name in people if name != answer]))


def _told(clues: list[str], names: list[str]) -> str:
    listing = sorted(names)
    return f"{', '.join(listing[:-1])} and {listing[-1]} ran a race without ties. {' '.join(clues)} "


def chain(draw: Draw, level: int) -> Question:
    """Rank people from comparisons of neighbours."""
    ranked = draw.sample(NAMES, (5, 8, 10)[level])
    extreme, more, less = draw.pick(COMPARED)
    told = []
    for high, low in zip(ranked, ranked[1:], strict=False):
        told.append(f"{high} is {more} than {low}." if draw.chance(0.5) else f"{low} is {less} than {high}.")
    place = draw.below(len(ranked))
    answer = ranked[place]
    wrong = texts(answer, [name for name in ranked if name != answer])
    asked = f"When they are ranked from the {extreme} down, who comes {ORDINALS[place]}?"
    return Question(f"{' '.join(draw.shuffled(told))} {asked}", answer, wrong)


def queue(draw: Draw, level: int) -> Question:
    """Count the people in a line from positions in it."""
    one, two = draw.sample(NAMES, 2)
    front, back = draw.between(4, (15, 40, 90)[level]), draw.between(11, (20, 50, 120)[level])
    if level == 0:
        value = front + back - 1
        told = f"In a line, {one} is number {front} from the front and number {back} from the back."
        told += " How many people are in the line?"
        slips = [front + back, front + back + 1, front + back - 2]
    else:
        between = draw.between(2, 20)
        value = front + between + back
        told = f"In a line, {one} is number {front} from the front and {two} is number {back} from the back. "
        told += f"{two} is somewhere behind {one}, and there are exactly {between} people between them. "
        told += "How many people are in the line?"
        slips = [value - 1, value + 1, value - 2, front + back - between, front + back]
    return Question(told, str(value), numbers(value, [n for n in slips if n > 0], low=1))


def moves(draw: Draw, level: int) -> Question:
    """Follow swaps in a row of people."""
    row = draw.sample(NAMES, (4, 6, 10)[level])
    told = f"Seats 1 to {len(row)} are taken in this order: {', '.join(row)}. "
    for _ in range((2, 4, 7)[level]):
        one, two = draw.sample(range(len(row)), 2)
        told += f"The people in seats {one + 1} and {two + 1} swap. "
        row[one], row[two] = row[two], row[one]
    seat = draw.below(len(row))
    wrong = texts(row[seat], [name for name in row if name != row[seat]])
    return Question(f"{told}Who sits in seat {seat + 1} at the end?", row[seat], wrong)


TEMPLATES: tuple[Template, ...] = (
    Template(race_order),
    Template(race_place, (4, 5, 6)),
    Template(chain, (5, 8, 10)),
    Template(queue),
    Template(moves, (4, 6, 10)),
)
