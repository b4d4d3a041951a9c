from __future__ import annotations

import re
from collections import Counter
from fractions import Fraction
from itertools import permutations, product

import pytest
from envs.mcqa_solving import TEMPLATES, check, integers

WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
MONTHS = "January February March April May June July August September October November December".split()
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()


def is_leap(year):
    return year % 400 == 0 or (year % 4 == 0 and year % 100 != 0)


def day_number(text):
    """Days since the first of January of the year 1, counted without the datetime module."""
    month, day, year = re.fullmatch(r"(\w+) (\d+), (\d+)", text).groups()
    lengths = [31, 28 + is_leap(int(year)), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    before = int(year) - 1
    place = MONTHS.index(month)
    assert 1 <= int(day) <= lengths[place]
    return before * 365 + before // 4 - before // 100 + before // 400 + sum(lengths[:place]) + int(day) - 1


def dates(stem):
    return re.findall(rf"(?:{'|'.join(MONTHS)}) \d+, \d+", stem)


def weekday(stem):
    *known, asked = dates(stem)
    name = lambda date: WEEKDAYS[(day_number(date) + 1) % 7]  # noqa: E731
    for date in known:
        assert f"{date} is a {name(date)}." in stem
    return name(asked)


def weekday_later(stem):
    place = next(place for place, name in enumerate(WEEKDAYS) if name in stem)
    for _ in range(integers(stem)[0]):
        place = (place + (-1 if "ago" in stem else 1)) % 7
    return WEEKDAYS[place]


def days_between(stem):
    first, last = dates(stem)
    return day_number(last) - day_number(first)


def date_later(stem):
    days = integers(stem)[0] * (1 if " after " in stem else -1)
    return lambda option: day_number(option) - day_number(dates(stem)[0]) == days


def leap_year(stem):
    return lambda option: is_leap(int(option)) == ("not a leap" not in stem)


def leap_year_count(stem):
    first, last = integers(stem)
    return sum(map(is_leap, range(first, last + 1)))


def minutes(clock):
    return int(clock[:2]) * 60 + int(clock[3:])


def arrival(stem):
    start = minutes(re.search(r"\d\d:\d\d", stem)[0])
    total = sum(int(h) * 60 for h in re.findall(r"(\d+) h", stem)) + sum(
        map(int, re.findall(r"(\d+) min", stem))
    )
    return lambda option: minutes(option) == (start + total) % 1440


def elapsed(stem):
    start, end = map(minutes, re.findall(r"\d\d:\d\d", stem))
    return end + 1440 - start if "next day" in stem else end - start


def parse(text):
    """Read a formula into a function of the values of its variables: not, then and, or, implies, left to right."""
    tokens = re.findall(r"\w+|[()]", text)

    def operand():
        token = tokens.pop(0)
        if token == "not":
            inner = operand()
            return lambda values: not inner(values)
        if token == "(":
            inner = formula()
            assert tokens.pop(0) == ")"
            return inner
        assert len(token) == 1
        return lambda values: values[token]

    def formula():
        left = operand()
        if not tokens or tokens[0] == ")":
            return left
        word, right = tokens.pop(0), operand()
        # More than one operator on a level would need a convention that the question does not state.
        assert not tokens or tokens[0] == ")", text
        return {
            "and": lambda values: left(values) and right(values),
            "or": lambda values: left(values) or right(values),
            "implies": lambda values: not left(values) or right(values),
        }[word]

    result = formula()
    assert not tokens
    return result


def cases(names):
    return [dict(zip(names, values, strict=True)) for values in product((False, True), repeat=len(names))]


def true_formula(stem):
    values = {
        name: truth == "true" for name, truth in re.findall(r"\b(\w) is (true|false)", stem.split("?")[0])
    }
    wanted = "formulas is true" in stem
    return lambda option: parse(option)(values) == wanted


def true_rows(stem):
    names = re.search(r"variables (.*?) can", stem)[1].replace(" and ", ", ").split(", ")
    rows = cases(names)
    assert f"gives {len(rows)} cases" in stem
    return sum(map(parse(re.search(r"the formula (.*?) true\?", stem)[1]), rows))


def equivalent(stem):
    given = parse(re.search(r"truth value as (.*?) in every case", stem)[1])
    return lambda option: all(parse(option)(row) == given(row) for row in cases("pqr"))


def holds(statement, world):
    """Whether a statement is true in a world, a set of inhabited kinds; a kind is the set of its groups."""
    form, one, negated, two = re.fullmatch(r"(all|no|some) (\w+) are (not )?(\w+)", statement).groups()
    both = any(one in kind and two in kind for kind in world)
    only = any(one in kind and two not in kind for kind in world)
    return {"all": not only, "no": not both, "some": only if negated else both}[form]


def syllogism(stem):
    names = re.search(r"groups (\w+), (\w+) and (\w+) has", stem).groups()
    premises = re.search(r"Suppose that (.*?), and that (.*?)\. ", stem).groups()
    kinds = [
        frozenset(n for n, inside in zip(names, bits, strict=True) if inside)
        for bits in product((0, 1), repeat=3)
    ]
    worlds = []
    for chosen in product((False, True), repeat=8):
        world = [kind for kind, inhabited in zip(kinds, chosen, strict=True) if inhabited]
        if all(any(name in kind for kind in world) for name in names):
            worlds.append(world)
    worlds = [world for world in worlds if all(holds(premise, world) for premise in premises)]
    assert worlds
    return lambda option: all(holds(option, world) for world in worlds)


def knights(stem):
    said = re.findall(r'(\w+) says: "(.*?)"', stem)
    names = [name for name, _ in said]
    solutions = []
    for kinds in product((False, True), repeat=len(names)):
        is_knight = dict(zip(names, kinds, strict=True))
        if all(spoken(text, is_knight, name) == is_knight[name] for name, text in said):
            solutions.append(is_knight)
    assert len(solutions) == 1, stem
    wanted = [f"{name} is a {'knight' if kind else 'knave'}" for name, kind in solutions[0].items()]
    return lambda option: sorted(option.split(", ")) == sorted(wanted)


def spoken(text, is_knight, speaker):
    known = {**is_knight, "I": is_knight[speaker]}
    if match := re.fullmatch(r"(\w+) is a (knight|knave)\.", text):
        return known[match[1]] == (match[2] == "knight")
    if match := re.fullmatch(r"(\w+) and (\w+) are of the same kind\.", text):
        return known[match[1]] == known[match[2]]
    if match := re.fullmatch(r"(\w+) and (\w+) are of different kinds\.", text):
        return known[match[1]] != known[match[2]]
    match = re.fullmatch(r"Exactly (\d) of the (\d) of us (?:is a knight|are knights)\.", text)
    assert int(match[2]) == len(is_knight)
    return sum(is_knight.values()) == int(match[1])


def race(stem):
    listed, told = stem.split(" ran a race without ties. ")
    names = listed.replace(" and ", ", ").split(", ")
    clues = [clue for clue in re.findall(r"[^.?]+\.", told)]
    orders = [order for order in permutations(names) if all(fits(clue.strip(), order) for clue in clues)]
    assert len(orders) == 1, stem
    return orders[0]


def fits(clue, order):
    place = order.index
    if match := re.fullmatch(r"(\w+) did not finish (\w+)\.", clue):
        return order[ORDINALS.index(match[2])] != match[1]
    one, two = (name for name in re.findall(r"\w+", clue) if name in order)
    gap = place(one) - place(two)
    for words, truth in (
        ("finished before", gap < 0),
        ("finished directly after", gap == 1),
        (f"and {two} finished in neighbouring", gap in (1, -1)),
        ("Exactly one person finished between", gap in (2, -2)),
        ("did not finish in neighbouring", gap not in (1, -1)),
    ):
        if words in clue:
            return truth
    raise AssertionError(clue)


def chain(stem):
    pairs = re.findall(r"(\w+) is (taller|older|faster|shorter|younger|slower) than (\w+)", stem)
    above = {(a, b) if word in ("taller", "older", "faster") else (b, a) for a, word, b in pairs}
    names = sorted({name for pair in above for name in pair})
    for middle in names:
        above |= {(a, b) for a in names for b in names if (a, middle) in above and (middle, b) in above}
    ranked = sorted(names, key=lambda name: sum(pair[1] == name for pair in above))
    assert len(above) == len(names) * (len(names) - 1) // 2
    return ranked[ORDINALS.index(re.search(r"who comes (\w+)\?", stem)[1])]


def queue(stem):
    front, back, *between = integers(stem)
    place = front + between[0] + 1 if between else front
    return next(size for size in range(1, 1000) if size - place + 1 == back)


def moves(stem):
    row = re.search(r"this order: (.*?)\.", stem)[1].split(", ")
    for one, two in re.findall(r"seats (\d+) and (\d+) swap", stem):
        row[int(one) - 1], row[int(two) - 1] = row[int(two) - 1], row[int(one) - 1]
    return row[int(re.search(r"sits in seat (\d+)", stem)[1]) - 1]


def table(stem):
    text, asked = stem.split("\n\n")
    header, *rows = [line.split(" | ") for line in text.split("\n")]
    return {row[0]: dict(zip(header[1:], map(int, row[1:]), strict=True)) for row in rows}, asked


def column(stem, pattern):
    rows, asked = table(stem)
    match = re.search(pattern, asked)
    return {name: row[match[match.re.groups]] for name, row in rows.items()}, match


def total(stem):
    return sum(column(stem, r"column '(\w+)'")[0].values())


def average(stem):
    values = column(stem, r"column '(\w+)'")[0].values()
    return Fraction(sum(values), len(values))


def ranked(stem):
    values, match = column(stem, r"the (second |third )?(highest|lowest) number of (\w+)\?")
    order = sorted(values, key=values.__getitem__, reverse=match[2] == "highest")
    return order[{None: 0, "second ": 1, "third ": 2}[match[1]]]


def difference(stem):
    rows, asked = table(stem)
    heading, one, two = re.search(r"more (\w+) does (\w+) have than (\w+)\?", asked).groups()
    return rows[one][heading] - rows[two][heading]


def above(stem):
    rows, asked = table(stem)
    low, first, high, second = re.search(
        r"more than (\d+) (\w+) and fewer than (\d+) (\w+)\?", asked
    ).groups()
    return lambda option: rows[option][first] > int(low) and rows[option][second] < int(high)


def count_above(stem):
    values, match = column(stem, r"more than (-?\d+) (\w+)\?")
    return sum(value > int(match[1]) for value in values.values())


def bill(stem):
    rows, asked = table(stem)
    least = integers(asked)[0] if integers(asked) else 0
    return sum(row["amount"] * row["price of one"] for row in rows.values() if row["amount"] >= least)


def quoted(stem):
    return re.findall(r"'(.*?)'", stem)


def vowels(stem):
    letters = [letter for letter in quoted(stem)[0] if letter != " "]
    inside = [letter for letter in letters if letter in set("aeiou")]
    return len(inside) if "many vowels" in stem else len(letters) - len(inside)


def caesar(stem):
    shift = integers(stem)[0] * (1 if "later" in stem else -1)
    back = lambda text: "".join(chr((ord(c) - 97 - shift) % 26 + 97) for c in text)  # noqa: E731
    return lambda option: back(option) == quoted(stem)[0]


def alphabetical(stem):
    words = re.search(r"words (.*?) are put", stem)[1].replace(" and ", ", ").split(", ")
    return sorted(words)[ORDINALS.index(re.search(r"comes (\w+)\?", stem)[1])]


def removal(stem):
    text = quoted(stem)[0]
    if "1st, 3rd" in stem:
        return "".join(letter for place, letter in enumerate(text, start=1) if place % 2)
    return re.sub("[aeiou]" if "every vowel" in stem else quoted(stem)[1], "", text)


SOLVERS = {
    "weekday": weekday, "weekday_later": weekday_later, "days_between": days_between, "date_later": date_later,
    "leap_year": leap_year, "leap_year_count": leap_year_count, "arrival": arrival, "elapsed": elapsed,
    "true_formula": true_formula, "true_rows": true_rows, "equivalent": equivalent, "syllogism": syllogism,
    "knights": knights, "race_order": lambda stem: ", ".join(race(stem)),
    "race_place": lambda stem: race(stem)[ORDINALS.index(re.search(r"Who finished (\w+)\?", stem)[1])],
    "chain": chain, "queue": queue, "moves": moves, "total": total, "average": average, "ranked": ranked,
    "difference": difference, "above": above, "count_above": count_above, "bill": bill,
    "letter_count": lambda stem: quoted(stem)[1].count(quoted(stem)[0]), "vowels": vowels,
    "reversal": lambda stem: "".join(reversed(quoted(stem)[0])), "caesar": caesar, "alphabetical": alphabetical,
    "anagram": lambda stem: lambda option: Counter(option) == Counter(quoted(stem)[0]) and option != quoted(stem)[0],
    "removal": removal,
}  # fmt: skip


@pytest.mark.parametrize("level", range(3))
@pytest.mark.parametrize("name", SOLVERS)
def test_the_right_option_is_right_and_the_others_are_wrong(name, level):
    check(name, level, SOLVERS[name], 60)


def test_every_template_has_a_solver():
    from envs.test_mcqa_quantities import SOLVERS as QUANTITIES

    assert set(TEMPLATES) == {*SOLVERS, *QUANTITIES, "extreme"}
