from __future__ import annotations

import math
import re
from fractions import Fraction
from itertools import combinations, permutations, product

import pytest
from envs.mcqa_solving import check, integers


def evaluate(stem: str):
    text = re.search(r"(?:What is|value of) ([-+×()/ \d]+?)(?: as an integer.*)?\?", stem)[1]
    return eval(re.sub(r"\d+", r"F(\g<0>)", text).replace("×", "*"), {"F": Fraction})


def percentage(stem):
    first, second = integers(stem)
    return Fraction(first * 100, second) if "of which" in stem else Fraction(first * second, 100)


def price_changes(stem):
    price = Fraction(re.search(r"price of (\d+)", stem)[1])
    for way, percent in re.findall(r"(rises|falls) by (\d+)%", stem):
        price += price * int(percent) / 100 * (1 if way == "rises" else -1)
    return price


def remainder(stem):
    total, divisor = integers(stem)
    return min(rest for rest in range(divisor) if (total - rest) % divisor == 0)


def power_remainder(stem):
    base, exponent, *_, modulus = integers(stem)
    return base**exponent % modulus


def change(stem):
    cost = sum(int(n) * int(price) for n, price in re.findall(r"(\d+) \w+ at (\d+) coins", stem))
    return int(re.search(r"pays with (\d+)", stem)[1]) - cost


def committee(stem):
    chosen, size = integers(stem)
    groups = combinations(range(size), chosen)
    return sum(not ("do not both" in stem and {0, 1} <= set(group)) for group in groups)


def arrangement(stem):
    size, places = integers(stem)
    return math.prod(size - place for place in range(places))


def handshakes(stem):
    return sum(range(integers(stem)[0]))


def letters(stem):
    word, left, ways = stem.split("'")[1], 0, 1
    for letter in set(word):
        left += word.count(letter)
        ways *= math.comb(left, word.count(letter))
    return ways


def codes(stem):
    numbers, ways = integers(stem), 1
    for _ in range(numbers[0]):
        ways *= numbers[1]
    for place in range(numbers[2]):
        ways *= 10 - place if "all be different" in stem else 10
    return ways


def either(stem):
    everyone, first, second, last = integers(stem)
    found = [n for n in range(everyone + 1) if (first + second - (last if "neither?" in stem else n)) + (
        n if "neither?" in stem else last) == everyone]  # fmt: skip
    assert len(found) == 1
    return found[0]


def multiples(stem):
    _, bound, one, two = integers(stem)
    if "neither" in stem:
        return sum(n % one > 0 and n % two > 0 for n in range(1, bound + 1))
    if "but not" in stem:
        return sum(n % one == 0 and n % two > 0 for n in range(1, bound + 1))
    return sum(n % one == 0 or n % two == 0 for n in range(1, bound + 1))


def set_operation(stem):
    one, two = (set(integers(part)) for part in stem.split("Which")[0].split(";"))
    for asked, members in (
        ("belong to both", one & two),
        ("first but not", one - two),
        ("exactly one", one.symmetric_difference(two)),
        ("at least one", one.union(two)),
    ):
        if asked in stem:
            return lambda option: set(integers(option)) == members
    raise AssertionError(stem)


def grid_paths(stem):
    wide, high, *point = integers(stem)

    def ways(right, up):
        row = [1] * (right + 1)
        for _ in range(up):
            for place in range(1, right + 1):
                row[place] += row[place - 1]
        return row[-1]

    if not point:
        return ways(wide, high)
    return ways(*point) * ways(wide - point[0], high - point[1])


def rectangle(stem):
    wide, other = integers(stem)
    if "has an area" in stem:
        assert other % wide == 0
        return 2 * (wide + other // wide)
    if "has a perimeter" in stem:
        return wide * (other // 2 - wide)
    return wide * other if "its area" in stem else wide + other + wide + other


def box(stem):
    sides = integers(stem)
    return math.prod(sides) if "volume" in stem else sum(2 * a * b for a, b in combinations(sides, 2))


def right_triangle(stem):
    first, second = integers(stem)
    square = first**2 + second**2 if "legs of" in stem else second**2 - first**2
    assert math.isqrt(square) ** 2 == square
    return math.isqrt(square)


def angle(stem):
    known = integers(stem)
    shapes = {"triangle": 3, "quadrilateral": 4, "pentagon": 5, "hexagon": 6, "heptagon": 7}
    corners = next(number for shape, number in shapes.items() if shape in stem)
    assert len(known) == corners - 1 and all(0 < n < 180 for n in known)
    return 180 * (corners - 2) - sum(known)


def polygon(stem):
    corners = integers(stem)[0]
    if "interior angles" in stem:
        return 180 * (corners - 2)
    return sum((one - two) % corners not in (1, corners - 1) for one, two in combinations(range(corners), 2))


def distance(stem):
    a, b, c, d = integers(stem)
    square = (a - c) ** 2 + (b - d) ** 2
    assert math.isqrt(square) ** 2 == square
    return math.isqrt(square)


def scaling(stem):
    factor, size = integers(stem)
    scale = factor ** (2 if "area" in stem else 3)
    return Fraction(size, scale) if "before" in stem else size * scale


def greatest_divisor(stem):
    one, two = integers(stem)
    return max(n for n in range(1, one + 1) if one % n == two % n == 0)


def least_multiple(stem):
    parts = integers(stem)
    return next(n for n in range(max(parts), 10**6, max(parts)) if all(n % part == 0 for part in parts))


def is_prime(option):
    return all(int(option) % n for n in range(2, int(option)))


def divisor_count(stem):
    number = integers(stem)[0]
    return sum(number % n == 0 for n in range(1, number + 1))


def next_multiple(stem):
    divisor, bound = integers(stem)
    return next(n for n in range(bound + 1, bound + divisor + 1) if n % divisor == 0)


def dice(stem):
    amount, _, sides, target = integers(stem)
    rolls = [sum(roll) for roll in product(range(1, sides + 1), repeat=amount)]
    return Fraction(rolls.count(target), len(rolls))


def coins(stem):
    tosses, heads = integers(stem)
    results = [sum(toss) for toss in product((0, 1), repeat=tosses)]
    right = [n for n in results if (n == heads if "exactly" in stem else n >= heads)]
    return Fraction(len(right), len(results))


def bag(stem):
    marbles = []
    for amount, colour in re.findall(
        r"(\d+)(?: more)? (red|blue|green|yellow|white)", stem.split("One marble")[0]
    ):
        marbles += [colour] * int(amount)
    return marbles


def one_marble(stem):
    marbles, asked = bag(stem), re.search(r"that it is (\w+)\?", stem)[1]
    return Fraction(marbles.count(asked), len(marbles))


def two_marbles(stem):
    marbles = bag(stem)
    draws = list(product(marbles, repeat=2) if "put back" in stem else permutations(marbles, 2))
    both = re.search(r"that both are (\w+)\?", stem)
    wanted = (
        [both[1]] * 2
        if both
        else list(re.search(r"that one is (\w+) and the other is (\w+)\?", stem).groups())
    )
    return Fraction(sum(sorted(pair) == sorted(wanted) for pair in draws), len(draws))


def at_least_once(stem):
    _, sides, rolls, face = integers(stem)
    assert 1 <= face <= sides
    results = list(product(range(1, sides + 1), repeat=rolls))
    return Fraction(sum(face in result for result in results), len(results))


def expected_value(stem):
    fields, *prizes = integers(stem)
    assert len(prizes) == fields
    return Fraction(sum(prizes), fields)


def stepped(first, step, place):
    terms = [first]
    while len(terms) < place:
        terms.append(step(terms))
    return terms[-1]


def arithmetic_term(stem):
    a, b, *_, place = integers(stem)
    return stepped(a, lambda terms: terms[-1] + b - a, place)


def geometric_term(stem):
    a, b, _, place = integers(stem)
    return stepped(a, lambda terms: terms[-1] * (b // a), place)


def sum_of_two(stem):
    a, b, place = integers(stem)
    return stepped(a, lambda terms: b if len(terms) == 1 else terms[-1] + terms[-2], place)


def recurrence(stem):
    first, factor, shift, place = integers(stem)
    return stepped(first, lambda terms: terms[-1] * factor + (shift if "plus" in stem else -shift), place)


def missing_term(stem):
    shown = re.search(r"sequence (.*?) always", stem)[1].split(", ")
    gap = shown.index("?")
    left, right = int(shown[gap - 1]), int(shown[gap + 1])
    assert len({int(b) - int(a) for a, b in zip(shown, shown[1:], strict=False) if "?" not in (a, b)} | {
        (right - left) // 2}) == 1  # fmt: skip
    return Fraction(left + right, 2)


def growing_differences(stem):
    *terms, place = integers(stem)
    while len(terms) < place:
        terms.append(3 * terms[-1] - 3 * terms[-2] + terms[-3])
    return terms[-1]


def series(stem):
    first, gap, size = integers(stem)
    return sum(first + gap * n for n in range(size))


UNITS = {
    "millimetres": Fraction(1, 1000), "centimetres": Fraction(1, 100), "decimetres": Fraction(1, 10), "metres": 1,
    "kilometres": 1000, "milligrams": Fraction(1, 1000), "grams": 1, "kilograms": 1000,
    "millilitres": Fraction(1, 1000), "centilitres": Fraction(1, 100), "litres": 1, "inches": 254, "feet": 254 * 12,
    "yards": 254 * 36, "miles": 254 * 36 * 1760, "ounces": 1, "pounds": 16, "pints": 1, "gallons": 8,
}  # fmt: skip


def convert(stem):
    target, amount, source = re.search(r"How many (\w+) are ([\d.]+) (\w+)\?", stem).groups()
    if "2.54" in stem:
        return Fraction(amount) * (Fraction("2.54") if target == "centimetres" else 1 / Fraction("2.54"))
    return Fraction(amount) * UNITS[source] / UNITS[target]


def temperature(stem):
    given = Fraction(re.search(r"of (-?[\d.]+) degrees", stem)[1])
    return given * 9 / 5 + 32 if "in degrees Fahrenheit" in stem else (given - 32) * 5 / 9


def speed(stem):
    given = Fraction(re.search(r"of ([\d.]+) ", stem)[1])
    return given * 1000 / 3600 if "many metres" in stem else given * 3600 / 1000


def area(stem):
    kind, target, amount, source = re.search(r"How many (\w+) (\w+) are ([\d.]+) \w+ (\w+)\?", stem).groups()
    return Fraction(amount) * (Fraction(UNITS[source]) / UNITS[target]) ** {"square": 2, "cubic": 3}[kind]


def duration(stem):
    sizes = {"d": 86400, "h": 3600, "min": 60, "s": 1}
    seconds = sum(int(amount) * sizes[unit] for amount, unit in re.findall(r"(\d+) (d|h|min|s)\b", stem))
    return Fraction(seconds, 60) if "many minutes" in stem else seconds


def data_size(stem):
    names = ["bytes", "KiB", "MiB", "GiB"]
    target, amount, source = re.search(r"How many (\w+) are (\d+) (\w+)\?", stem).groups()
    return int(amount) << 10 * (names.index(source) - names.index(target))


SOLVERS = {
    "sums": evaluate, "product": evaluate, "precedence": evaluate, "fraction_sum": evaluate,
    "percentage": percentage, "price_changes": price_changes, "remainder": remainder, "change": change,
    "power_remainder": power_remainder, "committee": committee, "arrangement": arrangement,
    "handshakes": handshakes, "letters": letters, "codes": codes, "either": either, "multiples": multiples,
    "set_operation": set_operation, "grid_paths": grid_paths, "rectangle": rectangle, "box": box,
    "right_triangle": right_triangle, "angle": angle, "polygon": polygon, "distance": distance, "scaling": scaling,
    "greatest_divisor": greatest_divisor, "least_multiple": least_multiple, "prime": lambda stem: is_prime,
    "divisor_count": divisor_count, "digit_sum": lambda stem: sum(map(int, str(integers(stem)[0]))),
    "to_base": lambda stem: lambda option: int(option, integers(stem)[1]) == integers(stem)[0],
    "from_base": lambda stem: int(str(integers(stem)[0]), integers(stem)[1]), "next_multiple": next_multiple,
    "divisible": lambda stem: lambda option: int(option) % integers(stem)[0] == 0,
    "dice": dice, "coins": coins, "one_marble": one_marble, "two_marbles": two_marbles,
    "at_least_once": at_least_once, "expected_value": expected_value, "arithmetic_term": arithmetic_term,
    "geometric_term": geometric_term, "sum_of_two": sum_of_two, "recurrence": recurrence,
    "missing_term": missing_term, "growing_differences": growing_differences, "series": series,
    "metric": convert, "imperial": convert, "temperature": temperature, "speed": speed, "area": area,
    "duration": duration, "data_size": data_size,
}  # fmt: skip


@pytest.mark.parametrize("level", range(3))
@pytest.mark.parametrize("name", SOLVERS)
def test_the_right_option_is_right_and_the_others_are_wrong(name, level):
    check(name, level, SOLVERS[name], 60)


@pytest.mark.parametrize("level", range(3))
def test_extreme_quantities(level):
    from llmgym.envs.mcqa.questions import Draw
    from llmgym.envs.mcqa.questions.units import extreme

    draw = Draw(level)
    for number in range(100):
        question = extreme(draw, level)
        sizes = {}
        for option in [question.answer, *question.wrong(Draw(number), 9)]:
            amount, unit = option.split()
            sizes[option] = Fraction(amount) * UNITS[unit]
        assert len(sizes) == len(set(sizes.values())) == 10
        best = max if "largest" in question.stem else min
        assert best(sizes, key=sizes.__getitem__) == question.answer
