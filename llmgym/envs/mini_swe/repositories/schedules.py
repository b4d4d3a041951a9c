"""Jobs, planned for workers."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["schedules"]

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
