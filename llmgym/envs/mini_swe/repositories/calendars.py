"""Dates."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["calendars"]

_DAYS = '''
"""Dates as (year, month, day), and days counted from the first of January of year 1."""

LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
WEEK = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def $leap(year):
    """Tell whether a year has a 29th of February."""
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def $month_length(year, month):
    """Return how many days a month has."""
    if month == 2 and $leap(year):
        return 29
    return LENGTHS[month - 1]


def $to_number(date):
    """Return the number of a date; the first day is 1.

    Raises ValueError for a date that does not exist.
    """
    year, month, day = date
    if not 1 <= month <= 12 or not 1 <= day <= $month_length(year, month):
        raise ValueError("no such date")
    before = year - 1
    days = before * 365 + before // 4 - before // 100 + before // 400
    for earlier in range(1, month):
        days += $month_length(year, earlier)
    return days + day


def $to_date(number):
    """Return the date of a number."""
    year = number // 366 + 1
    while $to_number((year + 1, 1, 1)) <= number:
        year += 1
    month = 1
    while month < 12 and $to_number((year, month + 1, 1)) <= number:
        month += 1
    return (year, month, number - $to_number((year, month, 1)) + 1)


def $weekday(date):
    """Return the short name of the day."""
    return WEEK[($to_number(date) - 1) % 7]
'''

_SERIES = '''
"""Distances between dates, and dates that come again."""

from $package.days import $month_length, $to_date, $to_number, $weekday


def $apart(one, other):
    """Return how many days lie between two dates, whichever is earlier."""
    return abs($to_number(other) - $to_number(one))


def $add_months(date, months):
    """Go on by months; a day that the month lacks becomes its last."""
    year, month, day = date
    place = year * 12 + month - 1 + months
    year, month = place // 12, place % 12 + 1
    return (year, month, min(day, $month_length(year, month)))


def $every(start, days, until):
    """Return dates from a start on, some days apart, up to and with an end."""
    number, last = $to_number(start), $to_number(until)
    found = []
    while number <= last:
        found.append($to_date(number))
        number += days
    return found


def $workdays(start, end, free=()):
    """Count the days from a start up to and with an end that are not Saturday, Sunday or free."""
    count = 0
    for date in $every(start, 1, end):
        if $weekday(date) in ("Sat", "Sun") or date in free:
            continue
        count += 1
    return count


def $age(born, today):
    """Return how many birthdays somebody has had."""
    years = today[0] - born[0]
    if (today[1], today[2]) < (born[1], born[2]):
        years -= 1
    return years
'''


def calendars(draw: Draw) -> Draft:
    """Return a repository about dates."""
    package = draw.pick(("almanac", "datework", "daybook", "seasons", "yearling"))
    names = {
        "package": package,
        "leap": draw.pick(("is_leap", "leap", "leap_year")),
        "month_length": draw.pick(("month_length", "days_in_month", "days_of")),
        "to_number": draw.pick(("to_number", "ordinal", "day_number")),
        "to_date": draw.pick(("to_date", "from_number", "date_of")),
        "weekday": draw.pick(("weekday", "day_name", "weekday_of")),
        "apart": draw.pick(("apart", "days_between", "distance")),
        "add_months": draw.pick(("add_months", "months_later", "shift_months")),
        "every": draw.pick(("every", "repeat", "series_of")),
        "workdays": draw.pick(("workdays", "working_days", "business_days")),
        "age": draw.pick(("age", "birthdays", "years_old")),
    }
    n = {key: str(value) for key, value in names.items()}
    days = Suite(
        "days",
        f"from {package}.days import {', '.join(sorted(n[k] for k in ('leap', 'month_length', 'to_number', 'to_date', 'weekday')))}",
    )
    series = Suite(
        "series",
        f"from {package}.series import {', '.join(sorted(n[k] for k in ('apart', 'add_months', 'every', 'workdays', 'age')))}",
    )

    def date(year: int) -> tuple[int, int, int]:
        return (year, draw.between(1, 12), draw.between(1, 28))

    for _ in range(4):
        year = draw.between(3, 30)
        one, other = date(year), date(year + draw.between(1, 3))
        days.add(
            "there_and_back",
            "",
            f"{n['to_number']}({one})",
            f"{n['to_date']}({n['to_number']}({one}))",
            f"{n['to_date']}({n['to_number']}({(year, 12, 31)}))",
        )
        days.add("weekday", "", f"{n['weekday']}({one})", f"{n['weekday']}({date(2000 + year)})")
        days.add(
            "leap",
            "",
            f"{n['leap']}({draw.between(1, 500) * 4 + 1})",
            f"{n['leap']}({draw.pick((1900, 2100, 1800))})",
            f"{n['leap']}({draw.pick((1600, 2000, 2400))})",
            f"{n['leap']}({draw.pick((1996, 2024, 4))})",
        )
        days.add(
            "month_length",
            "",
            f"{n['month_length']}({draw.pick((2020, 2000))}, 2)",
            f"{n['month_length']}({draw.pick((2021, 1900))}, 2)",
            f"{n['month_length']}(2021, {draw.between(1, 12)})",
        )
        days.add(
            "no_such_date",
            "",
            f"{n['to_number']}(({year}, 13, 1))",
            f"{n['to_number']}((2021, 2, 29))",
            f"{n['to_number']}(({year}, 4, 31))",
        )
        series.add(
            "apart",
            "",
            f"{n['apart']}({one}, {other})",
            f"{n['apart']}({other}, {one})",
            f"{n['apart']}({one}, {one})",
        )
        series.add(
            "add_months",
            "",
            f"{n['add_months']}({one}, {draw.between(8, 20)})",
            f"{n['add_months']}((2019, 12, 31), 2)",
            f"{n['add_months']}({other}, -{draw.between(5, 15)})",
        )
        step = draw.between(4, 11)
        series.add(
            "every",
            "",
            f"{n['every']}({one}, {step}, {n['add_months']}({one}, 1))",
            f"{n['every']}({one}, 1, {one})",
        )
        start = (year + 10, draw.between(1, 12), draw.between(1, 9))
        end = (start[0], start[1], start[2] + draw.between(8, 16))
        series.add(
            "workdays",
            "",
            f"{n['workdays']}({start}, {end})",
            f"{n['workdays']}({start}, {end}, [{start}, {end}])",
        )
        series.add(
            "age",
            "",
            f"{n['age']}({one}, ({year + 20}, {one[1]}, {one[2]}))",
            f"{n['age']}(({year}, 6, 15), ({year + 9}, 6, 14))",
            f"{n['age']}(({year}, 6, 15), ({year + 9}, 7, 1))",
        )
    modules = {"days": fill(_DAYS, names), "series": fill(_SERIES, names)}
    parts = {"days": "dates and their numbers", "series": "distances and repetitions"}
    return Draft("calendars", package, "Computes with dates.", modules, [days, series], parts)
