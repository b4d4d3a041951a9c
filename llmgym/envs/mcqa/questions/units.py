"""Exact conversions between units."""

from __future__ import annotations

from fractions import Fraction

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Number, Question, Template, decimal, numbers, texts

__all__ = ["TEMPLATES"]

LENGTHS = {"millimetres": Fraction(1), "centimetres": Fraction(10), "metres": Fraction(1000)} | {
    "kilometres": Fraction(1000000)
}
MASSES = {"milligrams": Fraction(1), "grams": Fraction(1000), "kilograms": Fraction(1000000)}
VOLUMES = {"millilitres": Fraction(1), "centilitres": Fraction(10), "litres": Fraction(1000)}
IMPERIAL = (
    ("inches", "centimetres", Fraction(254, 100), "1 inch is exactly 2.54 centimetres"),
    ("feet", "inches", Fraction(12), "1 foot is 12 inches"),
    ("yards", "feet", Fraction(3), "1 yard is 3 feet"),
    ("miles", "yards", Fraction(1760), "1 mile is 1760 yards"),
    ("pounds", "ounces", Fraction(16), "1 pound is 16 ounces"),
    ("gallons", "pints", Fraction(8), "1 gallon is 8 pints"),
)


def _shifted(value: Fraction) -> list[Number]:
    """Return the value with its decimal point in the wrong place."""
    return [value * 10, value / 10, value * 100, value / 100, value * 1000, value / 1000]


def metric(draw: Draw, level: int) -> Question:
    """Convert within the metric system."""
    table = draw.pick((LENGTHS, MASSES, VOLUMES))
    source, target = draw.sample(list(table), 2)
    amount = Fraction(draw.between(2, (99, 999, 9999)[level]), (1, 10, 100)[level])
    value = amount * table[source] / table[target]
    step = Fraction(1, 10 ** max(0, len(decimal(value).partition(".")[2])))
    wrong = numbers(value, _shifted(value), render=lambda n: f"{decimal(n)} {target}", step=step, low=step)
    told = f"How many {target} are {decimal(amount)} {source}?"
    return Question(told, f"{decimal(value)} {target}", wrong)


def imperial(draw: Draw, level: int) -> Question:
    """Convert with a given factor, in either direction."""
    source, target, factor, rule = draw.pick(IMPERIAL)
    amount = Fraction(draw.between(4, (20, 90, 900)[level]), (1, 1, 2)[level])
    forward = level == 0 or draw.chance(0.5)
    given, asked = (amount, amount * factor) if forward else (amount * factor, amount)
    if not forward:
        source, target = target, source
    slips: list[Number] = [given * factor, given / factor, given + factor, asked + factor, asked * 2]
    exact = [n for n in slips if n > 0 and 10**9 % Fraction(n).denominator == 0]
    step = Fraction(1, asked.denominator)
    wrong = numbers(asked, exact, render=lambda n: f"{decimal(n)} {target}", step=step, low=step)
    told = f"{rule}. How many {target} are {decimal(given)} {source}?"
    return Question(told, f"{decimal(asked)} {target}", wrong)


def temperature(draw: Draw, level: int) -> Question:
    """Convert between degrees Celsius and Fahrenheit."""
    celsius = draw.between(-8 * level, 12 + 8 * level) * 5 + (draw.between(0, 4) if level == 2 else 0)
    fahrenheit = Fraction(celsius * 9, 5) + 32
    if level and draw.chance(0.5):
        given, value, units = fahrenheit, Fraction(celsius), ("Fahrenheit", "Celsius")
        slips = [fahrenheit - 32, value + 32, -value, value + 10]
    else:
        given, value, units = Fraction(celsius), fahrenheit, ("Celsius", "Fahrenheit")
        slips = [given + 32, value - 32, value - 64, value + 10]
    step = Fraction(1, value.denominator)
    wrong = numbers(value, slips, render=lambda n: f"{decimal(n)} degrees {units[1]}", step=step)
    told = f"What is a temperature of {decimal(given)} degrees {units[0]} in degrees {units[1]}?"
    return Question(told, f"{decimal(value)} degrees {units[1]}", wrong)


def speed(draw: Draw, level: int) -> Question:
    """Convert between kilometres an hour and metres a second."""
    metres = Fraction(draw.between(5, (30, 60, 900)[level]), (1, 2, 10)[level])
    hourly = metres * Fraction(36, 10)
    if level and draw.chance(0.5):
        given, value, source, target = metres, hourly, "metres per second", "kilometres per hour"
    else:
        given, value, source, target = hourly, metres, "kilometres per hour", "metres per second"
    step = Fraction(1, value.denominator)
    slips = [given * Fraction(36, 10), given / 6, given / 60, given * 10, value * 2, value / 2, value * 10]
    exact = [n for n in slips if 10**9 % n.denominator == 0]
    wrong = numbers(value, exact, render=lambda n: f"{decimal(n)} {target}", step=step, low=step)
    told = f"A speed of {decimal(given)} {source} is how many {target}?"
    return Question(told, f"{decimal(value)} {target}", wrong)


def area(draw: Draw, level: int) -> Question:
    """Convert areas and volumes, where the factor is a power."""
    power = 2 if level < 2 else draw.pick((2, 3))
    kind = {2: "square", 3: "cubic"}[power]
    source, target, factor = draw.pick(
        (("metres", "centimetres", 100), ("centimetres", "millimetres", 10), ("metres", "decimetres", 10))
    )
    amount = Fraction(draw.between(2, (30, 200, 900)[level]), (1, 10, 10)[level])
    value = amount * factor**power
    if level and draw.chance(0.5):
        amount, value, source, target = value, amount, target, source
    step = Fraction(1, value.denominator)
    wrong = numbers(
        value, _shifted(value), render=lambda n: f"{decimal(n)} {kind} {target}", step=step, low=step
    )
    told = f"How many {kind} {target} are {decimal(amount)} {kind} {source}?"
    return Question(told, f"{decimal(value)} {kind} {target}", wrong)


def duration(draw: Draw, level: int) -> Question:
    """Convert a duration to seconds or minutes."""
    days, hours, minutes, seconds = (draw.between(1, high) for high in (4, 11, 59, 59))
    if level == 0:
        told, value = f"How many minutes are {hours} h {minutes} min?", hours * 60 + minutes
        slips = [hours * 100 + minutes, value + 60, value - 60, hours + minutes]
    elif level == 1:
        told, value = (
            f"How many seconds are {hours} h {minutes} min {seconds} s?",
            hours * 3600 + minutes * 60 + seconds,
        )
        slips = [value + 60, value - 60, value + 3600, hours * 360 + minutes * 60 + seconds]
    else:
        value = ((days * 24 + hours) * 60 + minutes) * 60 + seconds
        told = f"How many seconds are {days} d {hours} h {minutes} min {seconds} s?"
        slips = [
            value + 3600,
            value - 3600,
            value + 86400,
            value - 86400 * days + 36000 * days,
            value + 60,
            value - 60,
        ]
    return Question(told, str(value), numbers(value, slips, low=1))


def data_size(draw: Draw, level: int) -> Question:
    """Convert between binary units of data."""
    names = ("bytes", "KiB", "MiB", "GiB")
    high = draw.between(1, 1 if level == 0 else 3)
    low = high - 1 if level < 2 else max(0, high - 2)
    amount = draw.between(3, (12, 40, 90)[level])
    value = amount * 1024 ** (high - low)
    slips = [amount * 1000 ** (high - low), amount * 1024, amount * 1000, value * 2, value // 2, value + 1024]
    wrong = numbers(value, slips, step=1024, low=1)
    rule = "1 KiB is 1024 bytes, 1 MiB is 1024 KiB and 1 GiB is 1024 MiB."
    return Question(f"{rule} How many {names[low]} are {amount} {names[high]}?", str(value), wrong)


def extreme(draw: Draw, level: int) -> Question:
    """Find the largest or smallest of quantities in different units."""
    table = draw.pick((LENGTHS, MASSES, VOLUMES))
    largest = draw.chance(0.5)
    units = list(table)
    centre = draw.between(200, 900) * draw.pick([table[unit] for unit in units[1:]]) / 10
    spread = (60, 30, 9)[level]
    seen: dict[Fraction, str] = {}
    for _ in range(30):
        unit = draw.pick(units)
        exact = centre * Fraction(100 + draw.between(-spread, spread), 100)
        seen.setdefault(exact, f"{decimal(exact / table[unit])} {unit}")
    ranked = sorted(seen, reverse=largest)
    answer = seen[ranked[0]]
    wrong = texts(answer, [seen[exact] for exact in ranked[1:]])
    what = {"metres": "length", "grams": "mass", "litres": "volume"}[
        next(n for n in ("metres", "grams", "litres") if n in table)
    ]
    told = f"Which of these is the {'largest' if largest else 'smallest'} {what}?"
    return Question(told, answer, wrong)


TEMPLATES: tuple[Template, ...] = (
    Template(metric),
    Template(imperial),
    Template(temperature),
    Template(speed),
    Template(area),
    Template(duration),
    Template(data_size),
    Template(extreme),
)
