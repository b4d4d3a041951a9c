"""Small tables to look things up in and to add up."""

from __future__ import annotations

from fractions import Fraction

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, decimal, numbers, texts
from llmgym.envs.mcqa.questions.words import CITIES, GOODS, NAMES

__all__ = ["TEMPLATES"]

SIZES = (5, 7, 10)
HEADINGS = ("visitors", "orders", "members", "tickets", "parcels", "calls")


def _table(header: list[str], rows: list[list[str]]) -> str:
    return "\n".join(" | ".join(cells) for cells in (header, *rows)) + "\n\n"


def _numbers(draw: Draw, level: int, columns: int) -> tuple[list[str], list[str], list[list[int]]]:
    """Draw the labels of the rows, the headings, and one list of different numbers a column."""
    labels = draw.sample(draw.pick((CITIES, NAMES)), SIZES[level])
    headings = draw.sample(HEADINGS, columns)
    span = range(12, (60, 400, 3000)[level])
    return labels, headings, [draw.sample(span, len(labels)) for _ in headings]


def _shown(labels: list[str], headings: list[str], columns: list[list[int]]) -> str:
    rows = [[label, *(str(column[place]) for column in columns)] for place, label in enumerate(labels)]
    return _table(["name", *headings], rows)


def total(draw: Draw, level: int) -> Question:
    """Add up a column."""
    labels, headings, columns = _numbers(draw, level, 1 + level)
    which = draw.below(len(headings))
    column = columns[which]
    value = sum(column)
    slips = [
        value - draw.pick(column),
        value + draw.pick(column),
        value + 10,
        value - 10,
        value + 100,
        value - 100,
    ]
    slips += [sum(other) for other in columns]
    told = _shown(labels, headings, columns) + f"What is the total of the column '{headings[which]}'?"
    return Question(told, str(value), numbers(value, slips, low=1))


def ranked(draw: Draw, level: int) -> Question:
    """Find the row that ranks highest, lowest or next to it."""
    labels, headings, columns = _numbers(draw, level, 1 + level)
    which, place = draw.below(len(headings)), draw.below(level + 1)
    highest = draw.chance(0.5)
    order = sorted(range(len(labels)), key=columns[which].__getitem__, reverse=highest)
    answer = labels[order[place]]
    rank = ("", "second ", "third ")[place]
    told = f"Which name has the {rank}{'highest' if highest else 'lowest'} number of {headings[which]}?"
    wrong = texts(answer, [label for label in labels if label != answer])
    return Question(_shown(labels, headings, columns) + told, answer, wrong)


def difference(draw: Draw, level: int) -> Question:
    """Subtract one cell from another."""
    labels, headings, columns = _numbers(draw, level, 2 + level)
    which = draw.below(len(headings))
    column = columns[which]
    one, two = draw.sample(range(len(labels)), 2)
    if column[one] < column[two]:
        one, two = two, one
    value = column[one] - column[two]
    slips = [abs(other[one] - other[two]) for other in columns] + [
        value + 10,
        value - 10,
        column[one],
        column[two],
    ]
    told = f"How many more {headings[which]} does {labels[one]} have than {labels[two]}?"
    wrong = numbers(value, [n for n in slips if n > 0], low=0)
    return Question(_shown(labels, headings, columns) + told, str(value), wrong)


def average(draw: Draw, level: int) -> Question:
    """Find the mean of a column."""
    labels, headings, columns = _numbers(draw, level, 1 + level)
    which = draw.below(len(headings))
    column = columns[which]
    # The last entry makes the mean an integer.
    column[-1] += -sum(column) % len(column)
    value = Fraction(sum(column), len(column))
    ordered = sorted(column)
    middle, halfway = Fraction(ordered[len(ordered) // 2]), Fraction(ordered[0] + ordered[-1], 2)
    slips = [middle, halfway, value + 1, value - 1, value + 10]
    told = f"What is the mean of the column '{headings[which]}'?"
    wrong = numbers(value, slips, render=decimal, low=1)
    return Question(_shown(labels, headings, columns) + told, decimal(value), wrong)


def above(draw: Draw, level: int) -> Question:
    """Find a row that passes two conditions, where no other row does."""
    labels, headings, columns = _numbers(draw, level, 2)
    right = draw.below(len(labels))
    first, second = columns
    low, high = first[right] - draw.between(1, 5), second[right] + draw.between(1, 5)
    passing = [place for place in range(len(labels)) if first[place] > low and second[place] < high]
    for place in passing:
        # Whoever else passes both is moved just outside one of them.
        if place != right:
            if draw.chance(0.5):
                first[place] = low - draw.between(0, 4)
            else:
                second[place] = high + draw.between(0, 4)
    told = f"Who has more than {low} {headings[0]} and fewer than {high} {headings[1]}?"
    wrong = texts(labels[right], [label for label in labels if label != labels[right]])
    return Question(_shown(labels, headings, columns) + told, labels[right], wrong)


def count_above(draw: Draw, level: int) -> Question:
    """Count the entries of a column beyond a bound."""
    labels, headings, columns = _numbers(draw, level, 1 + level)
    which = draw.below(len(headings))
    bound = draw.pick(columns[which]) + draw.between(-2, 2)
    value = sum(number > bound for number in columns[which])
    told = f"How many names have more than {bound} {headings[which]}?"
    wrong = numbers(value, [len(labels) - value, value + 1, value - 1], low=0)
    return Question(_shown(labels, headings, columns) + told, str(value), wrong)


def bill(draw: Draw, level: int) -> Question:
    """Add up amounts times prices, with a condition at the harder levels."""
    goods = draw.sample(GOODS, (3, 5, 7)[level])
    amounts = [draw.between(2, (9, 20, 60)[level]) for _ in goods]
    prices = [draw.between(2, (12, 40, 90)[level]) for _ in goods]
    rows = [
        [name, str(amount), str(price)] for name, amount, price in zip(goods, amounts, prices, strict=True)
    ]
    told = _table(["item", "amount", "price of one"], rows)
    bound = draw.between(1, 5) if level == 2 else 0
    costs = [amount * price for amount, price in zip(amounts, prices, strict=True)]
    value = sum(cost for cost, amount in zip(costs, amounts, strict=True) if amount >= bound * 4)
    slips = [
        sum(costs),
        sum(costs) - costs[0],
        sum(amounts) * sum(prices),
        sum(prices),
        value + 10,
        value - 10,
        value + 100,
    ]
    if bound:
        asked = f"What do all items cost together of which the amount is at least {bound * 4}?"
    else:
        asked = "What do all the items cost together?"
    return Question(told + asked, str(value), numbers(value, [n for n in slips if n > 0], low=0))


TEMPLATES: tuple[Template, ...] = (
    Template(total),
    Template(ranked, SIZES),
    Template(difference),
    Template(average),
    Template(above, SIZES),
    Template(count_above),
    Template(bill),
)
