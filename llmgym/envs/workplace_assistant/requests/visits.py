"""Requests about the website's analytics."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np

from llmgym.envs.workplace_assistant.requests.emails import directory
from llmgym.envs.workplace_assistant.requests.office import TODAY, Office, Request, pick, sample
from llmgym.envs.workplace_assistant.requests.wording import MEASURES, PLOTS, SUBJECTS, day, quoted

__all__ = ["EASY", "HARD", "MEDIUM"]

Call = tuple[str, dict[str, Any]]

_SOURCES = {
    "direct": "visits_direct",
    "referral": "visits_referral",
    "search engine": "visits_search_engine",
    "social media": "visits_social_media",
}


def _plot(first: date, last: date, value: str, kind: str) -> Call:
    arguments = {"time_min": str(first), "time_max": str(last), "value_to_plot": value, "plot_type": kind}
    return "analytics_create_plot", arguments


def _path(plot: Call) -> str:
    told = plot[1]
    return f"plots/{told['time_min']}_{told['time_max']}_{told['value_to_plot']}_{told['plot_type']}.png"


def _count(tool: str, first: date, last: date, **more: str) -> Call:
    return f"analytics_{tool}", {"time_min": str(first), "time_max": str(last), **more}


def _days(rng: np.random.Generator, office: Office, most: int = 40) -> tuple[date, date] | None:
    """Choose a range of days with visits."""
    days = sorted(office.days_of_visits)
    if len(days) < 8:
        return None
    first = pick(rng, days[:-5])
    last = min(first + timedelta(days=int(rng.integers(3, most))), days[-1], TODAY)
    return (first, last) if first < last else None


def _which(rng: np.random.Generator) -> tuple[str, str, str]:
    """Choose a measure and a plot, and the words for both."""
    value, kind = pick(rng, list(MEASURES)), pick(rng, list(PLOTS))
    return value, kind, f"{PLOTS[kind]} of {MEASURES[value]}"


def plot_range(rng: np.random.Generator, office: Office) -> Request | None:
    """Plot a measure over given days."""
    days, (value, kind, words) = _days(rng, office), _which(rng)
    if days is None:
        return None
    text = pick(
        rng,
        (
            "Make a {words} from {first} to {last}",
            "I need a {words} for the time between {first} and {last}, both days included",
            "Please create a {words}. It should start on {first} and end on {last}",
        ),
    ).format(words=words, first=day(rng, days[0]), last=day(rng, days[1]))
    return Request(text, [_plot(*days, value, kind)])


def plot_until_today(rng: np.random.Generator, office: Office) -> Request | None:
    """Plot a measure from a day until today."""
    days, (value, kind, words) = _days(rng, office), _which(rng)
    if days is None:
        return None
    text = pick(
        rng,
        (
            "Make a {words} since {first}, up to and including today",
            "Show me a {words} from {first} until today",
        ),
    ).format(words=words, first=day(rng, days[0]))
    return Request(text, [_plot(days[0], TODAY, value, kind)])


def plot_month(rng: np.random.Generator, office: Office) -> Request | None:
    """Plot a measure over a calendar month or the week that starts on a Monday."""
    value, kind, words = _which(rng)
    days = _days(rng, office)
    if days is None:
        return None
    if rng.random() < 0.5:
        first = days[0].replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        name = ("September", "October", "November")[first.month - 9] if 9 <= first.month <= 11 else ""
        when = f"the whole of {name} {first.year}"
    else:
        first = days[0] - timedelta(days=days[0].weekday())
        last, name = first + timedelta(days=6), "week"
        when = f"the seven days that begin on Monday, {first}"
    if not name or last > TODAY:
        return None
    text = pick(rng, ("Make a {words} for {when}", "I would like to see a {words} for {when}")).format(
        words=words, when=when
    )
    return Request(text, [_plot(first, last, value, kind)])


def plot_two(rng: np.random.Generator, office: Office) -> Request | None:
    """Make two plots, one after the other."""
    days, one, two = _days(rng, office), _which(rng), _which(rng)
    if days is None or one == two:
        return None
    text = pick(
        rng,
        (
            "For the time from {first} to {last}, make first a {one} and then a {two}",
            "I need two plots from {first} to {last}: first a {one}, second a {two}",
        ),
    ).format(first=day(rng, days[0]), last=day(rng, days[1]), one=one[2], two=two[2])
    return Request(text, [_plot(*days, one[0], one[1]), _plot(*days, two[0], two[1])])


def plot_days_before(rng: np.random.Generator, office: Office) -> Request | None:
    """Plot a measure for some days before a day."""
    days, (value, kind, words), count = _days(rng, office), _which(rng), int(rng.integers(4, 15))
    if days is None:
        return None
    last = days[1]
    text = pick(
        rng,
        (
            "Make a {words} for the {count} days that end with {last}, that day included",
            "Plot the {count} days up to and including {last} as a {words}",
        ),
    ).format(words=words, count=count, last=day(rng, last))
    return Request(text, [_plot(last - timedelta(days=count - 1), last, value, kind)])


def compare_days(rng: np.random.Generator, office: Office) -> Request | None:
    """Plot the visits from the busier of two days on."""
    if len(office.days_of_visits) < 2:
        return None
    one, two = sorted(sample(rng, sorted(office.days_of_visits), 2))
    counts = [len(office.days_of_visits[when]) for when in (one, two)]
    if counts[0] == counts[1] or two - one < timedelta(days=2):
        return None
    value, kind, words = _which(rng)
    busier = one if counts[0] > counts[1] else two
    text = pick(
        rng,
        (
            "Which day had more visits to our website, {one} or {two}? Make a {words} for the busier one, that day alone",
            "Compare the total visits of {one} and {two}. For the day with more of them, and for no other, make a {words}",
        ),
    ).format(one=day(rng, one), two=day(rng, two), words=words)
    lookups = [_count("total_visits_count", when, when) for when in (one, two)]
    return Request(text, [_plot(busier, busier, value, kind)], lookups)


def busiest_day(rng: np.random.Generator, office: Office) -> Request | None:
    """Plot a measure for the busiest day of a range."""
    days, (value, kind, words) = _days(rng, office, 20), _which(rng)
    if days is None:
        return None
    engaged = rng.random() < 0.4
    counts = {
        when: sum(visit.engaged for visit in visits) if engaged else len(visits)
        for when, visits in office.days_of_visits.items()
        if days[0] <= when <= days[1]
    }
    most = max(counts.values())
    best = [when for when, count in counts.items() if count == most]
    if len(best) > 1:
        return None
    what = "engaged users" if engaged else "visits in total"
    text = pick(
        rng,
        (
            "Find the day with the most {what} from {first} to {last} and make a {words} for that day alone",
            "On which day between {first} and {last} (both included) did we have the most {what}? I need a {words} for "
            "just that day",
        ),
    ).format(what=what, first=day(rng, days[0]), last=day(rng, days[1]), words=words)
    tool = "engaged_users_count" if engaged else "total_visits_count"
    return Request(text, [_plot(best[0], best[0], value, kind)], [_count(tool, *days)])


def best_source(rng: np.random.Generator, office: Office) -> Request | None:
    """Plot the visits of the source that brought the most in a range."""
    days, kind, most = _days(rng, office, 12), pick(rng, list(PLOTS)), rng.random() < 0.6
    if days is None:
        return None
    visits = [visit for visit in office.visits if days[0] <= visit.day <= days[1]]
    counts = {source: sum(visit.source == source for visit in visits) for source in _SOURCES}
    ranked = sorted(counts, key=lambda source: counts[source], reverse=most)
    if counts[ranked[0]] == counts[ranked[1]]:
        return None
    text = pick(
        rng,
        (
            "Which of our four traffic sources brought the {which} visits from {first} to {last}? Make a {plot} of the "
            "visits from that source over these days",
            "Make a {plot} of the visits from the source with the {which} visits between {first} and {last}, for that "
            "time, both days included",
        ),
    ).format(
        which="most" if most else "fewest", first=day(rng, days[0]), last=day(rng, days[1]), plot=PLOTS[kind]
    )
    lookups = [_count("traffic_source_count", *days, traffic_source=source) for source in _SOURCES]
    return Request(text, [_plot(*days, _SOURCES[ranked[0]], kind)], lookups)


def plot_if(rng: np.random.Generator, office: Office) -> Request | None:
    """Make a plot if a day was good enough."""
    days, (value, kind, words), slow = _days(rng, office), _which(rng), rng.random() < 0.5
    if days is None:
        return None
    when = pick(rng, sorted(office.days_of_visits))
    visits = office.days_of_visits[when]
    if slow:
        figure, what = (
            sum(visit.seconds for visit in visits) / len(visits),
            "average session duration in seconds",
        )
    else:
        figure, what = float(sum(visit.engaged for visit in visits)), "number of engaged users"
    limit = round(figure) + int(rng.integers(-4, 5))
    if limit < 1 or abs(figure - limit) < 0.5:
        return None
    text = pick(
        rng,
        (
            "If the {what} on {day} was above {limit}, make a {words} from {first} to {last}. Otherwise do nothing",
            "Look up the {what} on {day}. Only if it is more than {limit}, create a {words} from {first} to {last}",
        ),
    ).format(
        what=what,
        day=day(rng, when),
        limit=limit,
        words=words,
        first=day(rng, days[0]),
        last=day(rng, days[1]),
    )
    tool = "get_average_session_duration" if slow else "engaged_users_count"
    actions = [_plot(*days, value, kind)] if figure > limit else []
    return Request(
        text, actions, [_count(tool, when, when)], f"{when} {limit} {slow} {_plot(*days, value, kind)}"
    )


def plot_and_send(rng: np.random.Generator, office: Office) -> Request | None:
    """Make a plot and mail its path to somebody."""
    days, (value, kind, words), person = _days(rng, office), _which(rng), pick(rng, office.people)
    if days is None:
        return None
    subject, plot = pick(rng, SUBJECTS), _plot(*days, value, kind)
    text = pick(
        rng,
        (
            "Make a {words} from {first} to {last}. Then email {who} the path of the file under the subject {subject}. The "
            "body of the email is the path as you get it and nothing else",
        ),
    ).format(
        words=words, first=day(rng, days[0]), last=day(rng, days[1]), who=person.name, subject=quoted(subject)
    )
    send = ("email_send_email", {"recipient": person.address, "subject": subject, "body": _path(plot)})
    return Request(text, [plot, send], [directory(person)])


EASY = (plot_range, plot_until_today)
MEDIUM = (plot_month, plot_two, plot_days_before, compare_days, plot_and_send)
HARD = (busiest_day, best_source, plot_if, compare_days, plot_and_send)
