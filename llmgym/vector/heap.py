"""Keep the garbage collector off the event loop while rollouts are made.

A full collection of Python's cycle collector looks at every container in the process. With a few libraries imported
these are some hundred thousand, and the collection holds the event loop for 20 to 60 ms, every few hundred rollouts.
Nearly all of it was there before the run began and stays until it ends, so for the length of a run it is set aside
with :func:`gc.freeze`: collections go on, but look only at what the run itself has made.

A consumer that keeps every rollout in memory makes the heap grow by just such long-lived objects, and sets them aside
from time to time (:func:`set_aside_again`), as :func:`~llmgym.vector.collection.collect` does.

This is a setting of the whole process, so it is undone: when the last of the runs that overlap ends, everything is
given back to the collector. Meanwhile reference counting frees what it always frees; only *cycles* that were there at
the start and are dropped during the run wait until its end. So that they do not wait for ever in a process that goes
from one run straight to the next, the end of a run looks at everything once, after every :data:`FULL_EVERY` rollouts.

A process whose collector is off (``gc.disable()``), or which has frozen its own objects (``gc.freeze()``), is left as
it is.
"""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["FULL_EVERY", "KEPT_EVERY", "frozen_heap", "set_aside_again"]

FULL_EVERY = 5000
"""Rollouts, of one run or several, after which the end of a run is a good time for a full collection."""

KEPT_EVERY = 400
"""Rollouts that are kept in memory before they, too, are set aside. A collection of so many takes some 10 ms."""

_FEW = 10_000
"""Frozen objects below which nobody has frozen anything: Python 3.12 itself starts with some hundred."""

# A collection may close an abandoned run, in the middle of these very functions.
_guard = threading.RLock()
_runs = 0
_made = 0


class Tally:
    """Counts the rollouts of a run.

    Attributes:
        rollouts: How many were made.
    """

    def __init__(self) -> None:
        self.rollouts = 0


@contextmanager
def frozen_heap() -> Iterator[Tally]:
    """Set aside what exists now, so that collections during a run do not look at it. Undone by the last run's end.

    Yields:
        Where to count the rollouts.
    """
    global _runs, _made
    tally = Tally()
    with _guard:
        if _runs == 0 and (not gc.isenabled() or gc.get_freeze_count() > _FEW):
            ours = False
        else:
            ours = True
            _runs += 1
            if _runs == 1:
                gc.freeze()
    try:
        yield tally
    finally:
        if ours:
            with _guard:
                _runs -= 1
                _made += tally.rollouts
                last = _runs == 0
                if last:
                    gc.unfreeze()
                due = last and _made >= FULL_EVERY
                if due:
                    _made = 0
            if due:
                gc.collect()


def set_aside_again() -> None:
    """Set aside what a run has made and keeps, for consumers that keep every rollout. Does nothing outside a run.

    What is garbage by now is collected first. Of the episodes that are being played, cycles that they drop later wait
    for the end of the run; so call this once for many more rollouts than are played at a time.
    """
    with _guard:
        if _runs:
            gc.collect()
            gc.freeze()


def _forget() -> None:
    """Start anew in a forked child, where no run goes on. What was set aside stays so, and is left as it is."""
    global _guard, _runs, _made
    _guard, _runs, _made = threading.RLock(), 0, 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
