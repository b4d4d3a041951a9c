"""Propositional logic, syllogisms, and knights and knaves."""

from __future__ import annotations

from functools import lru_cache
from itertools import permutations, product
from typing import NamedTuple

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, numbers, texts
from llmgym.envs.mcqa.questions.words import INVENTED, NAMES

__all__ = ["TEMPLATES"]

RULES = '"or" includes the case of both, and "x implies y" is false only when x is true and y is false.'


class Formula(NamedTuple):
    """A formula as text and as truth table, so that reasoning is arithmetic on integers.

    Variable k is true in row i of the table when bit k of i is set; bit i of the table is the value in row i.
    """

    text: str
    table: int
    binary: bool = False


@lru_cache(maxsize=64)
def _column(variable: int, variables: int) -> int:
    return sum(1 << row for row in range(1 << variables) if row >> variable & 1)


def _joined(word: str, left: Formula, right: Formula, full: int) -> Formula:
    table = {"and": left.table & right.table, "or": left.table | right.table}.get(
        word, ~left.table & full | right.table
    )
    one, two = (f"({side.text})" if side.binary else side.text for side in (left, right))
    return Formula(f"{one} {word} {two}", table, True)


def _negated(formula: Formula, full: int) -> Formula:
    inside = formula.text if len(formula.text) == 1 else f"({formula.text})"
    return Formula(f"not {inside}", ~formula.table & full)


def _formula(draw: Draw, names: str, depth: int) -> Formula:
    full = (1 << (1 << len(names))) - 1
    if depth == 0:
        variable = draw.below(len(names))
        formula = Formula(names[variable], _column(variable, len(names)))
    else:
        word = draw.pick(("and", "or", "implies"))
        deep, shallow = _formula(draw, names, depth - 1), _formula(draw, names, draw.below(depth))
        pair = (deep, shallow) if draw.chance(0.5) else (shallow, deep)
        formula = _joined(word, *pair, full)
    return _negated(formula, full) if draw.chance(0.3) else formula


def true_formula(draw: Draw, level: int) -> Question | None:
    """Tell the one true formula, or the one false formula, under given truth values."""
    names = ("pq", "pqr", "pqrs")[level]
    row = draw.below(1 << len(names))
    wanted = draw.chance(0.5)
    answer, others = "", set()
    for _ in range(90):
        text, table, _ = _formula(draw, names, draw.between(1, (1, 2, 2)[level]))
        if bool(table >> row & 1) != wanted:
            others.add(text)
        elif not answer:
            answer = text
        if answer and len(others) >= 14:
            break
    values = [f"{name} is {'true' if row >> place & 1 else 'false'}" for place, name in enumerate(names)]
    if not answer:
        return None
    told = f"Suppose that {', '.join(values[:-1])} and {values[-1]}. Which of these formulas is {'true' if wanted else 'false'}?"
    return Question(f"{told} Here {RULES}", answer, texts(answer, others))


def true_rows(draw: Draw, level: int) -> Question:
    """Count the rows of a truth table in which a formula is true."""
    names = ("pqr", "pqrs", "pqrst")[level]
    size = 1 << len(names)
    text, table, _ = _formula(draw, names, (2, 3, 3)[level])
    value = table.bit_count()
    slips = [size - value, value + 1, value - 1, value // 2]
    wrong = numbers(value, [n for n in slips if n >= 0], low=0, high=size)
    told = f"The variables {', '.join(names[:-1])} and {names[-1]} can each be true or false, which gives {size} cases."
    return Question(f"{told} In how many of them is the formula {text} true? Here {RULES}", str(value), wrong)


@lru_cache(maxsize=2)
def _pool(names: str) -> tuple[dict[int, list[str]], tuple[Formula, ...]]:
    """Return formulas of one shape, by truth table and in a list."""
    full = (1 << (1 << len(names))) - 1
    shapes: list[Formula] = []
    for order in permutations(range(len(names))):
        for signs in product((False, True), repeat=len(names)):
            literals = [Formula(names[place], _column(place, len(names))) for place in order]
            literals = [_negated(x, full) if sign else x for x, sign in zip(literals, signs, strict=True)]
            for words in product(("and", "or", "implies"), repeat=len(names) - 1):
                formula = literals[0]
                for word, literal in zip(words, literals[1:], strict=True):
                    formula = _joined(word, formula, literal, full)
                shapes += [formula, _negated(formula, full)]
    by_table: dict[int, list[str]] = {}
    for text, table, _ in shapes:
        by_table.setdefault(table, []).append(text)
    return by_table, tuple(shapes)


def equivalent(draw: Draw, level: int) -> Question | None:
    """Find the formula that is equivalent to another one."""
    names = ("pq", "pq", "pqr")[level]
    by_table, shapes = _pool(names)
    text, table, _ = draw.pick(shapes)
    same = [other for other in by_table[table] if other != text]
    if not same:
        return None
    answer = draw.pick(same)

    def others(own: Draw) -> list[str]:
        return [other.text for other in own.sample(shapes, min(len(shapes), 40)) if other.table != table]

    told = f"Which of these formulas has the same truth value as {text} in every case? Here {RULES}"
    return Question(told, answer, texts(answer, others))


STATEMENTS = ("all {} are {}", "no {} are {}", "some {} are {}", "some {} are not {}")


@lru_cache(maxsize=2)
def _statements(groups: int) -> tuple[tuple[tuple[int, int, int], int], ...]:
    """Return each statement about two groups with the set of worlds in which it holds.

    A world says which regions of the Venn diagram have members. Worlds with an empty group are left out.
    """
    regions = 1 << groups
    worlds = 1 << regions
    # Bit w of inhabited[r] says whether region r has members in world w.
    inhabited = [_column(region, regions) for region in range(regions)]
    full = (1 << worlds) - 1

    def some(*members: tuple[int, bool]) -> int:
        found = 0
        for region in range(regions):
            if all(bool(region >> group & 1) == inside for group, inside in members):
                found |= inhabited[region]
        return found

    possible = full
    for group in range(groups):
        possible &= some((group, True))
    table = []
    for x, y in permutations(range(groups), 2):
        both, only = some((x, True), (y, True)), some((x, True), (y, False))
        for form, holds in enumerate((full & ~only, full & ~both, both, only)):
            table.append(((form, x, y), holds & possible))
    return tuple(table)


def syllogism(draw: Draw, level: int) -> Question | None:
    """Find the statement that follows from two premises, checked in every possible world."""
    table = _statements(3)
    names = draw.sample(INVENTED, 3)
    first = draw.pick([entry for entry in table if {entry[0][1], entry[0][2]} == {0, 1}])
    second = draw.pick([entry for entry in table if {entry[0][1], entry[0][2]} == {1, 2}])
    worlds = first[1] & second[1]
    given, premises = {first[0], second[0]}, (first[1], second[1])
    follows, open_ = [], []
    for key, holds in table:
        if worlds & ~holds:
            open_.append(_statement(key, names))
        # A premise in other words is too easy above the easy level, and what joins the outer groups is hardest.
        elif (
            key not in given
            and not (level and holds in premises)
            and (level < 2 or {key[1], key[2]} == {0, 2})
        ):
            follows.append(_statement(key, names))
    told = f"Each of the groups {names[0]}, {names[1]} and {names[2]} has at least one member. "
    told += f"Suppose that {_statement(first[0], names)}, and that {_statement(second[0], names)}. "
    told += "Which statement must then be true?"
    if not worlds or not follows:
        return None
    answer = draw.pick(follows)
    return Question(told, answer, texts(answer, open_))


def _statement(key: tuple[int, int, int], names: list[str]) -> str:
    form, x, y = key
    return STATEMENTS[form].format(names[x], names[y])


def knights(draw: Draw, level: int) -> Question | None:
    """Find who tells the truth; the solution is unique among all assignments."""
    people = draw.sample(NAMES, level + 2)
    size = len(people)
    full = (1 << (1 << size)) - 1
    worlds, told = full, []
    for speaker in range(size):
        saying, table = _saying(draw, people, speaker)
        told.append(f'{people[speaker]} says: "{saying}"')
        worlds &= full & ~(_column(speaker, size) ^ table)
    if worlds.bit_count() != 1:
        return None
    truth = worlds.bit_length() - 1
    readings = [", ".join(f"{name} is a {'knight' if row >> place & 1 else 'knave'}" for place, name in enumerate(people))
                for row in range(1 << size)]  # fmt: skip
    rule = "Knights always tell the truth and knaves always lie. Each person is a knight or a knave. "
    wrong = texts(readings[truth], [text for row, text in enumerate(readings) if row != truth])
    return Question(rule + " ".join(told) + " Which of these is the case?", readings[truth], wrong)


def _saying(draw: Draw, people: list[str], speaker: int) -> tuple[str, int]:
    size = len(people)
    full = (1 << (1 << size)) - 1
    one, *rest = draw.sample([place for place in range(size) if place != speaker], size - 1)
    column = _column(one, size)
    kind = draw.below(5)
    if kind == 0:
        return f"{people[one]} is a knight.", column
    if kind == 1:
        return f"{people[one]} is a knave.", full & ~column
    other = rest[0] if rest else speaker
    whom, against = ("I", speaker) if other == speaker else (people[other], other)
    if kind == 2:
        return f"{people[one]} and {whom} are of the same kind.", full & ~(column ^ _column(against, size))
    if kind == 3:
        return f"{people[one]} and {whom} are of different kinds.", column ^ _column(against, size)
    number = draw.between(0, size - 1)
    table = sum(1 << row for row in range(1 << size) if row.bit_count() == number)
    return f"Exactly {number} of the {size} of us {'is a knight' if number == 1 else 'are knights'}.", table


TEMPLATES: tuple[Template, ...] = (
    Template(true_formula),
    Template(true_rows, (9, 10, 10)),
    Template(equivalent),
    Template(syllogism),
    Template(knights, (4, 8, 10)),
)
