"""Limits and back-off of one endpoint, shared by everything in the process that talks to it.

Private back-off in each of a thousand rollouts stampedes: all wait the same second, then all return. Here the
endpoint is the unit. A server's complaint pauses it for everyone, halves how many requests may be under way, and
each success lets that number grow again.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from weakref import WeakValueDictionary

from llmgym.errors import UsageError

__all__ = ["Bucket", "Limiter", "limiter_for"]

BURST_SECONDS = 6.0
"""How much of a per-minute allowance may be spent at once."""

GROWTH = 0.25
"""By how much each success widens the window that a complaint had narrowed."""


class Bucket:
    """A token bucket that refills evenly.

    Args:
        per_minute: The allowance.
        now: Current time, seconds.

    Example:
        >>> bucket = Bucket(60, now=0.0)
        >>> bucket.take(6, now=0.0)
        >>> bucket.delay(1, now=0.5)
        0.5
    """

    __slots__ = ("capacity", "level", "per_second", "stamp")

    def __init__(self, per_minute: float, now: float):
        self.per_second = per_minute / 60
        self.capacity = max(1.0, self.per_second * BURST_SECONDS)
        self.level = self.capacity
        self.stamp = now

    def _fill(self, now: float) -> None:
        self.level = min(self.capacity, self.level + (now - self.stamp) * self.per_second)
        self.stamp = now

    def delay(self, amount: float, now: float) -> float:
        """Return the seconds until ``amount`` may be taken; more than the capacity needs a full bucket."""
        self._fill(now)
        missing = min(amount, self.capacity) - self.level
        # What is left by rounding is no reason to wait.
        return missing / self.per_second if missing > 1e-9 else 0.0

    def take(self, amount: float, now: float) -> None:
        """Take ``amount``, or give it back when negative. The level may fall below zero."""
        self._fill(now)
        self.level = min(self.capacity, self.level - amount)


class _Ticket:
    """A place in the queue, owned by one task of one loop."""

    __slots__ = ("future", "loop", "tokens")

    def __init__(self, tokens: int):
        self.loop = asyncio.get_running_loop()
        self.tokens = tokens
        self.future: asyncio.Future[None] = self.loop.create_future()

    def rearm(self) -> None:
        if self.future.done():
            self.future = self.loop.create_future()

    def wake(self) -> bool:
        """Wake the owner, from any thread. Returns False when its loop is gone."""
        if asyncio._get_running_loop() is self.loop:
            self.fire()
            return True
        try:
            self.loop.call_soon_threadsafe(self.fire)
        except RuntimeError:
            return False
        return True

    def fire(self) -> None:
        if not self.future.done():
            self.future.set_result(None)


class Limiter:
    """Admits requests to one endpoint, in the order in which they came.

    It may be used from several threads and event loops at once. Only the head of the queue watches the clock.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._queue: OrderedDict[_Ticket, None] = OrderedDict()
        self._requests: Bucket | None = None
        self._tokens: Bucket | None = None
        self._window = math.inf
        self._paused_until = -math.inf
        self._down_until = -math.inf
        self.concurrency: float = math.inf
        self.in_flight = 0

    def configure(
        self,
        *,
        concurrency: int | None = None,
        requests_per_minute: float | None = None,
        tokens_per_minute: float | None = None,
    ) -> None:
        """Set limits. What is ``None`` stays as it is, so the latest number given for an endpoint holds for all.

        Args:
            concurrency: Requests that may be under way at once.
            requests_per_minute: Requests that may start in a minute.
            tokens_per_minute: Tokens, of prompts and completions together, that may be spent in a minute.

        Raises:
            UsageError: When a limit is not positive.
        """
        for name, value in (
            ("concurrency", concurrency),
            ("requests_per_minute", requests_per_minute),
            ("tokens_per_minute", tokens_per_minute),
        ):
            if value is not None and not value > 0:
                raise UsageError(
                    f"Expected {name} to be positive, found {value!r}. Leave it out for no limit."
                )
        with self._lock:
            now = self._clock()
            if concurrency is not None:
                self.concurrency = concurrency
            if requests_per_minute is not None:
                self._requests = Bucket(requests_per_minute, now)
            if tokens_per_minute is not None:
                self._tokens = Bucket(tokens_per_minute, now)
            self._wake_head()

    @property
    def waiting(self) -> int:
        """How many requests wait for admission."""
        return len(self._queue)

    @property
    def paused_for(self) -> float:
        """Seconds until the endpoint's pause ends; 0 when it is not paused."""
        return max(0.0, self._paused_until - self._clock())

    @property
    def down(self) -> bool:
        """Whether the endpoint was found dead a short while ago."""
        return self._clock() < self._down_until

    def mark_down(self, seconds: float) -> None:
        """Remember for so many seconds that the endpoint cannot be reached; 0 forgets it."""
        self._down_until = self._clock() + seconds if seconds > 0 else -math.inf

    def throttle(self, seconds: float) -> None:
        """Pause the whole endpoint because it complained of its load. Call it before :meth:`release`.

        Complaints that arrive during a pause lengthen it but narrow the window only once.

        Args:
            seconds: How long from now nobody is admitted.
        """
        with self._lock:
            now = self._clock()
            if now >= self._paused_until:
                self._window = max(1.0, min(self._window, self.in_flight) / 2)
            self._paused_until = max(self._paused_until, now + seconds)

    async def acquire(self, tokens: int = 0) -> None:
        """Wait until a request may start, and count it as started.

        Args:
            tokens: Estimate of the tokens it will spend.
        """
        with self._lock:
            if not self._queue and self._delay(tokens) == 0:
                self._admit(tokens)
                return
            ticket = _Ticket(tokens)
            self._queue[ticket] = None
        try:
            while True:
                with self._lock:
                    delay = math.inf
                    if next(iter(self._queue)) is ticket:
                        delay = self._delay(tokens)
                        if delay == 0:
                            self._admit(tokens)
                            return
                    ticket.rearm()
                await self._sleep(ticket, delay)
        finally:
            with self._lock:
                self._queue.pop(ticket, None)
                self._wake_head()

    def release(self, tokens: int = 0, *, used: int | None = None, ok: bool = True) -> None:
        """Count a request as ended. Every :meth:`acquire` needs exactly one.

        Args:
            tokens: The estimate given to :meth:`acquire`.
            used: Tokens that were spent in truth; ``None`` leaves the estimate.
            ok: Whether the endpoint answered well.
        """
        with self._lock:
            self.in_flight -= 1
            if ok and self._window != math.inf:
                self._window += GROWTH
            if used is not None and self._tokens is not None:
                self._tokens.take(used - tokens, self._clock())
            self._wake_head()

    def _delay(self, tokens: int) -> float:
        """Seconds until a request of this size may start; infinite while all places are taken."""
        if self.in_flight >= self.concurrency or self.in_flight + 1 > self._window:
            return math.inf
        if self._requests is None and self._tokens is None and self._paused_until == -math.inf:
            return 0.0
        now = self._clock()
        delay = max(0.0, self._paused_until - now)
        if self._requests is not None:
            delay = max(delay, self._requests.delay(1, now))
        if self._tokens is not None:
            delay = max(delay, self._tokens.delay(tokens, now))
        return delay

    def _admit(self, tokens: int) -> None:
        self.in_flight += 1
        if self._requests is not None:
            self._requests.take(1, self._clock())
        if self._tokens is not None:
            self._tokens.take(tokens, self._clock())

    def _wake_head(self) -> None:
        while self._queue:
            head = next(iter(self._queue))
            if head.wake():
                return
            self._queue.pop(head)

    async def _sleep(self, ticket: _Ticket, delay: float) -> None:
        alarm = ticket.loop.call_later(delay, ticket.fire) if delay != math.inf else None
        try:
            await ticket.future
        finally:
            if alarm is not None:
                alarm.cancel()


_limiters: WeakValueDictionary[str, Limiter] = WeakValueDictionary()
_guard = threading.Lock()


def limiter_for(url: str) -> Limiter:
    """Return the limiter that everything in this process shares for an endpoint.

    Args:
        url: Base URL of the endpoint.
    """
    with _guard:
        limiter = _limiters.get(url)
        if limiter is None:
            limiter = _limiters[url] = Limiter()
        return limiter
