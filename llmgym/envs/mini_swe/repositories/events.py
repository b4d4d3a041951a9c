"""Events in the order of their time."""

from __future__ import annotations

from llmgym.envs.draw import Draw
from llmgym.envs.mini_swe.repositories.draft import Draft, Suite, fill

__all__ = ["events"]

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
