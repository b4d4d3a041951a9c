"""Repositories about time: schedules of jobs, calendars, events in turn."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["calendars", "events", "schedules"]

_JOBS = '''
"""Jobs, and in which order they can be done."""


class $Job:
    """Something to be done.

    Args:
        name: Its name.
        length: How many hours it takes.
        priority: A larger one goes first.
        after: Names of the jobs that must be done before.
    """

    def __init__(self, name, length=$length, priority=0, after=None):
        self.name = name
        self.length = length
        self.priority = priority
        self.after = list(after) if after else []


def $arrange(jobs):
    """Return the names in an order that respects what comes before what.

    Among the jobs that are free the one of the highest priority goes first, then the shorter, then by name.
    Raises ValueError when they wait for each other, or for a job that is not there.
    """
    waiting = {job.name: job for job in jobs}
    done = []
    while waiting:
        free = [job for job in waiting.values() if all(name in done for name in job.after)]
        if not free:
            raise ValueError("these wait for each other: " + ", ".join(sorted(waiting)))
        first = min(free, key=lambda job: (-job.priority, job.length, job.name))
        done.append(first.name)
        del waiting[first.name]
    return done


def $blocked(jobs, name):
    """Return the names of all jobs that cannot start before a job is done, in order."""
    held = set()
    grown = True
    while grown:
        grown = False
        for job in jobs:
            if job.name in held:
                continue
            if name in job.after or any(other in held for other in job.after):
                held.add(job.name)
                grown = True
    return sorted(held)
'''

_PLAN = '''
"""A plan: when each job is done, and by whom."""

from $package.jobs import $arrange


def $plan(jobs, workers=1):
    """Give each job to the worker who is free first; return (name, worker, start, end) for each.

    A job starts when its worker is free and all before it are done.
    """
    by_name = {job.name: job for job in jobs}
    free_at = [0] * workers
    end_of = {}
    planned = []
    for name in $arrange(jobs):
        job = by_name[name]
        worker = free_at.index(min(free_at))
        start = max([free_at[worker]] + [end_of[other] for other in job.after])
        end = start + job.length
        free_at[worker] = end
        end_of[name] = end
        planned.append((name, worker, start, end))
    return planned


def $finish(planned):
    """Return when everything is done."""
    return max((end for _, _, _, end in planned), default=0)


def $idle(planned, worker):
    """Return how many hours a worker waits before the last own job ends."""
    mine = [entry for entry in planned if entry[1] == worker]
    busy = sum(end - start for _, _, start, end in mine)
    return $finish(mine) - busy


def $late(planned, due):
    """Return the names of jobs that end after they are due, with the delay."""
    delays = {}
    for name, _, _, end in planned:
        if name in due and end > due[name]:
            delays[name] = end - due[name]
    return delays
'''


def schedules(draw: Draw) -> Draft:
    """Return a repository that plans jobs for workers."""
    package = draw.pick(("foreman", "workplan", "taskline", "dispatch", "rota"))
    names = {
        "package": package,
        "Job": draw.pick(("Job", "Task", "Duty")),
        "length": draw.between(1, 3),
        "arrange": draw.pick(("arrange", "sequence", "in_order")),
        "blocked": draw.pick(("blocked", "held_up", "waiting_for")),
        "plan": draw.pick(("plan", "assign", "schedule")),
        "finish": draw.pick(("finish", "done_at", "makespan")),
        "idle": draw.pick(("idle", "waiting", "slack")),
        "late": draw.pick(("late", "overdue", "delays")),
    }
    kind = str(names["Job"])
    jobs = Suite(
        "jobs",
        f"from {package}.jobs import {kind}, {', '.join(sorted((str(names['arrange']), str(names['blocked']))))}",
    )
    offered = ", ".join(sorted(str(names[key]) for key in ("plan", "finish", "idle", "late")))
    planning = Suite(
        "planning", f"from {package}.jobs import {kind}\nfrom {package}.planning import {offered}"
    )
    work = ("dig", "fell", "haul", "lay", "paint", "roof", "saw", "weld")
    for _ in range(4):
        chosen = sorted(draw.sample(work, 5))
        made = []
        for place, name in enumerate(chosen):
            after = [chosen[draw.below(place)]] if place and draw.chance(0.6) else []
            made.append(f"{kind}('{name}', {draw.between(1, 6)}, {draw.between(0, 2)}, {after})")
        setup = f"jobs = [{', '.join(made)}]"
        jobs.add("order", setup, f"{names['arrange']}(jobs)")
        jobs.add(
            "blocked",
            setup,
            f"{names['blocked']}(jobs, '{chosen[0]}')",
            f"{names['blocked']}(jobs, '{chosen[1]}')",
        )
        planning.add(
            "one_worker",
            f"{setup}\nplanned = {names['plan']}(jobs)",
            "planned",
            f"{names['finish']}(planned)",
        )
        planning.add(
            "two_workers",
            f"{setup}\nplanned = {names['plan']}(jobs, 2)",
            "planned",
            f"{names['idle']}(planned, 1)",
            f"{names['idle']}(planned, 0)",
        )
        due = {chosen[0]: draw.between(1, 4), chosen[2]: draw.between(3, 9), chosen[4]: draw.between(4, 16)}
        planning.add("late", f"{setup}\nplanned = {names['plan']}(jobs)", f"{names['late']}(planned, {due})")
        a, b, c = chosen[:3]
        p = draw.between(1, 5)
        jobs.add(
            "priority",
            f"jobs = [{kind}('{a}'), {kind}('{b}', 3, {p}), {kind}('{c}', 2, {p})]",
            f"{names['arrange']}(jobs)",
            "jobs[0].length",
        )
        jobs.add(
            "circle",
            f"jobs = [{kind}('{a}', after=['{b}']), {kind}('{b}', after=['{a}']), {kind}('{c}')]",
            f"{names['arrange']}(jobs)",
        )
        jobs.add(
            "own_lists",
            f"before = ['{a}']\none = {kind}('{b}', after=before)\nbefore.append('{c}')\nother = {kind}('{c}')\nother.after.append('{b}')",
            "one.after",
            f"{kind}('x').after",
        )
    planning.add(
        "nothing",
        "",
        f"{names['plan']}([])",
        f"{names['finish']}([])",
        f"{names['late']}([('a', 0, 0, 4)], {{'a': 4}})",
    )
    modules = {"jobs": fill(_JOBS, names), "planning": fill(_PLAN, names)}
    parts = {"jobs": "jobs and their order", "planning": "who does what when"}
    return Draft("schedules", package, "Plans jobs for workers.", modules, [jobs, planning], parts)


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


_QUEUE = '''
"""Things that happen at a time."""

import heapq


class $Queue:
    """Events in the order of their time; at one time in the order in which they came."""

    def __init__(self):
        self._heap = []
        self._number = 0
        self._cancelled = set()

    def push(self, time, name, payload=None):
        """Add an event, and return its number."""
        if time < 0:
            raise ValueError("time is never below zero")
        self._number += 1
        heapq.heappush(self._heap, (time, self._number, name, payload))
        return self._number

    def cancel(self, number):
        """Take an event away."""
        self._cancelled.add(number)

    def pop(self):
        """Return the next event as (time, name, payload), or None."""
        while self._heap:
            time, number, name, payload = heapq.heappop(self._heap)
            if number in self._cancelled:
                continue
            return (time, name, payload)
        return None

    def until(self, limit):
        """Take out all events before a time."""
        taken = []
        while self._heap and self._heap[0][0] < limit:
            event = self.pop()
            if event is None:
                break
            if event[0] >= limit:
                self.push(*event)
                break
            taken.append(event)
        return taken
'''

_BUS = '''
"""Who listens to what."""


class $Bus:
    """Sends events to listeners, the highest rank first."""

    def __init__(self):
        self._listeners = {}
        self.unheard = []

    def listen(self, name, listener, rank=0):
        """Add a listener; "*" hears everything."""
        self._listeners.setdefault(name, []).append((rank, listener))

    def send(self, name, payload=None):
        """Tell all who listen; one that returns False stops the rest. Return how many heard it."""
        heard = 0
        chosen = self._listeners.get(name, []) + self._listeners.get("*", [])
        for _, listener in sorted(chosen, key=lambda pair: -pair[0]):
            heard += 1
            if listener(name, payload) is False:
                break
        if heard == 0:
            self.unheard.append(name)
        return heard
'''

_RUNNING = '''
"""A run: events from a queue to a bus."""


def $run(queue, bus, limit=$limit):
    """Send events until none is left or a number of them is reached; return a log of (time, name, heard)."""
    log = []
    while len(log) < limit:
        event = queue.pop()
        if event is None:
            break
        time, name, payload = event
        log.append((time, name, bus.send(name, payload)))
    return log


def $repeat(queue, name, first, step, times):
    """Push an event several times, some time apart; return the numbers."""
    return [queue.push(first + step * turn, name, turn + 1) for turn in range(times)]


def $summary(log):
    """Return for each name how often it came and when last."""
    result = {}
    for time, name, _ in log:
        entry = result.setdefault(name, {"count": 0, "last": 0})
        entry["count"] += 1
        entry["last"] = max(entry["last"], time)
    return result
'''


def events(draw: Draw) -> Draft:
    """Return a repository about events in the order of their time."""
    package = draw.pick(("happenings", "signals", "timeline", "clockwork", "tidings"))
    queue, bus = draw.pick(("Queue", "Agenda", "Line")), draw.pick(("Bus", "Exchange", "Board"))
    names = {
        "package": package,
        "Queue": queue,
        "Bus": bus,
        "limit": draw.between(20, 60),
        "run": draw.pick(("run", "play", "drain")),
        "repeat": draw.pick(("repeat", "push_series", "tick")),
        "summary": draw.pick(("summary", "digest", "overview")),
    }
    queue_tests = Suite("queue", f"from {package}.queue import {queue}")
    bus_tests = Suite("bus", f"from {package}.bus import {bus}")
    offered = ", ".join(sorted(str(names[key]) for key in ("run", "repeat", "summary")))
    running = Suite(
        "running",
        f"from {package}.bus import {bus}\nfrom {package}.queue import {queue}\nfrom {package}.running import {offered}",
    )
    kinds = ("bell", "gate", "lamp", "rain", "tide", "wind")
    for _ in range(4):
        a, b, c = draw.sample(kinds, 3)
        t, u = draw.between(3, 9), draw.between(1, 8)
        setup = f"queue = {queue}()\nqueue.push({t + 5}, '{a}')\nnumber = queue.push({t}, '{b}', {u})\nqueue.push({t}, '{c}')"
        queue_tests.add("order", setup, "queue.pop()", "queue.pop()", "queue.pop()", "queue.pop()")
        queue_tests.add("cancel", f"{setup}\nqueue.cancel(number)", "queue.pop()", "queue.pop()", "number")
        queue_tests.add("until", setup, f"queue.until({t})", f"queue.until({t + 5})", "queue.pop()")
        queue_tests.add(
            "until_after_cancel",
            f"{setup}\nqueue.cancel(number)\nqueue.cancel(number + 1)",
            f"queue.until({t + 3})",
            "queue.pop()",
        )
        listen = (
            f"heard = []\nbus = {bus}()\nbus.listen('{a}', lambda name, payload: heard.append((1, payload)))\n"
            f"bus.listen('{a}', lambda name, payload: heard.append((2, name)), {u})"
        )
        bus_tests.add("rank", listen, f"bus.send('{a}', {t})", "heard", f"bus.send('{b}')", "bus.unheard")
        bus_tests.add(
            "stop",
            f"{listen}\nbus.listen('{a}', lambda name, payload: False, {u + 1})",
            f"bus.send('{a}')",
            "heard",
        )
        bus_tests.add(
            "everything",
            f"{listen}\nbus.listen('*', lambda name, payload: heard.append(name), -1)",
            f"bus.send('{c}')",
            f"bus.send('{a}')",
            "heard",
            "bus.unheard",
        )
        running.add(
            "run",
            f"{setup}\nbus = {bus}()\nbus.listen('{b}', lambda name, payload: None)",
            f"{names['run']}(queue, bus, 2)",
            "bus.unheard",
            f"{names['run']}(queue, bus)",
        )
        running.add(
            "repeat",
            f"queue = {queue}()",
            f"{names['repeat']}(queue, '{a}', {t}, {u}, 3)",
            f"{names['run']}(queue, {bus}())",
        )
        log = [(draw.between(1, 30), draw.pick((a, b)), draw.between(0, 2)) for _ in range(4)]
        running.add("summary", "", f"{names['summary']}({log})")
    queue_tests.add(
        "bad_time", f"queue = {queue}()", "queue.push(-1, 'x')", "queue.push(0, 'x')", "queue.pop()"
    )
    modules = {"queue": fill(_QUEUE, names), "bus": fill(_BUS, names), "running": fill(_RUNNING, names)}
    parts = {"queue": "events in order", "bus": "listeners", "running": "runs and their logs"}
    return Draft(
        "events",
        package,
        "Plays events to those who listen.",
        modules,
        [queue_tests, bus_tests, running],
        parts,
    )
