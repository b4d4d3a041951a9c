"""Days, dates and times of the Gregorian calendar."""

from __future__ import annotations

import calendar
from datetime import date, timedelta

from llmgym.envs.draw import Draw
from llmgym.envs.mcqa.questions.options import Question, Template, numbers, texts

__all__ = ["TEMPLATES"]

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def _written(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


def _day(draw: Draw, level: int) -> date:
    low, high = ((2015, 2035), (1970, 2060), (1900, 2099))[level]
    return date(low, 1, 1) + timedelta(days=draw.below((high - low) * 365))


def weekday(draw: Draw, level: int) -> Question:
    """Find the weekday of a date, from that of another date below the hard level."""
    day = _day(draw, level)
    answer = WEEKDAYS[day.weekday()]
    wrong = texts(answer, [name for name in WEEKDAYS if name != answer])
    if level == 2:
        return Question(f"On which day of the week does {_written(day)} fall?", answer, wrong)
    known = day - timedelta(days=draw.between(8, (40, 400)[level]))
    told = f"{_written(known)} is a {WEEKDAYS[known.weekday()]}. Which day of the week is {_written(day)}?"
    return Question(told, answer, wrong)


def weekday_later(draw: Draw, level: int) -> Question:
    """Count on or back from a weekday."""
    today, days = draw.below(7), draw.between(*((8, 30), (40, 400), (500, 9000))[level])
    back = draw.chance(0.5)
    answer = WEEKDAYS[(today - days if back else today + days) % 7]
    wrong = texts(answer, [name for name in WEEKDAYS if name != answer])
    told = f"Today is {WEEKDAYS[today]}. Which day of the week "
    return Question(
        told + (f"was it {days} days ago?" if back else f"will it be in {days} days?"), answer, wrong
    )


def days_between(draw: Draw, level: int) -> Question:
    """Count the days from one date to a later one."""
    first = _day(draw, level)
    value = draw.between(*((12, 75), (90, 360), (400, 2500))[level])
    last = first + timedelta(days=value)
    months = (last.year - first.year) * 12 + last.month - first.month
    slips = [value + 1, value - 1, months * 30 + last.day - first.day, months * 31 + last.day - first.day]
    wrong = numbers(value, slips, low=1)
    told = f"How many days after {_written(first)} is {_written(last)}?"
    return Question(told, str(value), wrong)


def date_later(draw: Draw, level: int) -> Question:
    """Find the date some days before or after a date."""
    first = _day(draw, level)
    days = draw.between(*((15, 45), (60, 300), (400, 1500))[level]) * draw.pick((1, -1))
    value = first + timedelta(days=days)
    offsets = (-31, -30, -10, -7, -4, -3, -2, -1, 1, 2, 3, 4, 7, 10, 30, 31)
    candidates = [_written(value + timedelta(days=offset)) for offset in offsets]
    side = "after" if days > 0 else "before"
    told = f"Which date is {abs(days)} days {side} {_written(first)}?"
    return Question(told, _written(value), texts(_written(value), candidates))


def leap_year(draw: Draw, level: int) -> Question:
    """Tell leap years from common years."""
    low, high = ((2001, 2099), (1801, 2199), (1600, 2800))[level]
    wants_leap = level == 0 or draw.chance(0.5)
    while True:
        year = draw.between(low, high)
        if level:
            # Every year is even, and centuries are frequent: they are what the rule is about.
            year = year // 100 * 100 if draw.chance(0.3) else year // 2 * 2
        if calendar.isleap(year) == wants_leap:
            break
    around = [*range(year - 30, year + 31, 2 if level else 1)]
    around += [year // 100 * 100 + 100 * n for n in range(-4, 5)] if level else []
    wrong = {str(other) for other in around if calendar.isleap(other) != wants_leap}
    told = f"Which of these years is {'' if wants_leap else 'not '}a leap year in the Gregorian calendar?"
    return Question(told, str(year), texts(str(year), wrong))


def leap_year_count(draw: Draw, level: int) -> Question:
    """Count the leap years in a span of years."""
    first = draw.between(*((2001, 2010), (1880, 1990), (1600, 1900))[level])
    last = first + draw.between(*((40, 80), (60, 180), (200, 600))[level])
    value = calendar.leapdays(first, last + 1)
    slips = [(last - first) // 4, (last - first) // 4 + 1, last // 4 - first // 4, value + 1, value - 1]
    wrong = numbers(value, slips, low=1)
    told = f"How many leap years does the Gregorian calendar have from {first} to {last}, both included?"
    return Question(told, str(value), wrong)


def arrival(draw: Draw, level: int) -> Question:
    """Add durations to a time of day."""
    start = draw.between(6 * 60, 23 * 60)
    legs = [draw.between(35, (180, 420, 700)[level]) for _ in range((1, 1, 2)[level])]
    end = (start + sum(legs)) % 1440
    shown = " and then for ".join(
        f"{leg // 60} h {leg % 60} min" if leg >= 60 else f"{leg} min" for leg in legs
    )
    offsets = (-100, -60, -40, -30, -20, -10, -5, 5, 10, 20, 30, 40, 60, 100)
    candidates = [_clock((end + offset) % 1440) for offset in offsets]
    told = (
        f"A trip starts at {_clock(start)} and goes on for {shown}. At what time (24-hour clock) does it end?"
    )
    return Question(told, _clock(end), texts(_clock(end), candidates))


def elapsed(draw: Draw, level: int) -> Question:
    """Count the minutes between two times of day."""
    start = draw.between(0, 1439)
    value = draw.between(*((25, 95), (100, 600), (300, 1400))[level])
    end = start + value
    when = " on the next day" if end >= 1440 else " on the same day"
    slips = [value + 40, value - 40, value + 60, value - 60, value + 100]
    wrong = numbers(value, [n for n in slips if n > 0], step=5, low=1)
    told = f"How many minutes pass from {_clock(start)} to {_clock(end % 1440)}{when}?"
    return Question(told, str(value), wrong)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


TEMPLATES: tuple[Template, ...] = (
    Template(weekday, (7, 7, 7)),
    Template(weekday_later, (7, 7, 7)),
    Template(days_between),
    Template(date_later),
    Template(leap_year),
    Template(leap_year_count),
    Template(arrival),
    Template(elapsed),
)
