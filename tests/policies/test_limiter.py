from __future__ import annotations

import asyncio
import gc
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.errors import UsageError
from llmgym.policies.limiter import Bucket, Limiter, limiter_for


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@given(
    per_minute=st.floats(1, 1e6),
    steps=st.lists(st.tuples(st.floats(0, 30), st.floats(0.1, 100)), min_size=1, max_size=50),
)
def test_bucket_never_exceeds_its_rate(per_minute, steps):
    bucket, now, spent = Bucket(per_minute, 0.0), 0.0, 0.0
    for pause, amount in steps:
        now += pause
        now += bucket.delay(amount, now)
        assert bucket.delay(amount, now) <= 1e-6
        bucket.take(amount, now)
        spent += amount
        # What was over the capacity may be owed, never more.
        assert spent <= bucket.capacity + max(0.0, amount - bucket.capacity) + now * bucket.per_second + 1e-3


def test_bucket_gives_back():
    bucket = Bucket(60, 0.0)
    bucket.take(6, 0.0)
    assert bucket.delay(1, 0.0) == 1.0
    bucket.take(-3, 0.0)
    assert bucket.delay(3, 0.0) == 0.0
    bucket.take(-100, 0.0)
    assert bucket.level == bucket.capacity


async def _fill(limiter: Limiter, count: int, hold: asyncio.Event, order: list[int]) -> list[asyncio.Task]:
    async def worker(number: int) -> None:
        await limiter.acquire()
        order.append(number)
        try:
            await hold.wait()
        finally:
            limiter.release()

    tasks = [asyncio.create_task(worker(number)) for number in range(count)]
    await asyncio.sleep(0.01)
    return tasks


def test_concurrency_is_bounded_and_fair():
    async def main() -> None:
        limiter, hold, order = Limiter(), asyncio.Event(), []
        limiter.configure(concurrency=3)
        tasks = await _fill(limiter, 10, hold, order)
        assert (limiter.in_flight, limiter.waiting) == (3, 7)
        hold.set()
        await asyncio.gather(*tasks)
        assert order == list(range(10))
        assert (limiter.in_flight, limiter.waiting) == (0, 0)

    asyncio.run(main())


def test_cancelled_tasks_free_their_places():
    async def main() -> None:
        limiter, hold, order = Limiter(), asyncio.Event(), []
        limiter.configure(concurrency=2)
        tasks = await _fill(limiter, 6, hold, order)
        for number in (0, 2, 3):
            tasks[number].cancel()
        await asyncio.sleep(0.01)
        assert order == [0, 1, 4]
        assert (limiter.in_flight, limiter.waiting) == (2, 1)
        hold.set()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (limiter.in_flight, limiter.waiting) == (0, 0)

    asyncio.run(main())


def test_a_pause_holds_everybody_and_narrows_the_window_once():
    async def main() -> None:
        clock = Clock()
        limiter = Limiter(clock)
        for _ in range(8):
            await limiter.acquire()
        limiter.throttle(0.005)
        limiter.throttle(0.006)
        assert limiter.paused_for == 0.006
        for _ in range(8):
            limiter.release(ok=False)
        hold, order = asyncio.Event(), []
        tasks = await _fill(limiter, 8, hold, order)
        assert order == []
        clock.now = 0.006
        while len(order) < 4:
            await asyncio.sleep(0.001)
        await asyncio.sleep(0.01)
        assert len(order) == 4
        hold.set()
        await asyncio.gather(*tasks)
        # Every success widens the window again.
        assert limiter._window == 6.0

    asyncio.run(main())


def test_the_window_never_closes():
    async def main() -> None:
        limiter = Limiter()
        for _ in range(5):
            await limiter.acquire()
            limiter.throttle(0.001)
            limiter.release(ok=False)
        await limiter.acquire()
        assert limiter.in_flight == 1
        limiter.release()

    asyncio.run(main())


def test_requests_and_tokens_per_minute():
    clock = Clock()
    limiter = Limiter(clock)
    limiter.configure(requests_per_minute=60, tokens_per_minute=6000)
    assert limiter._delay(100) == 0
    limiter._admit(600)
    assert limiter._delay(100) == pytest.approx(1.0)
    limiter.release(600, used=100)
    assert limiter._delay(100) == 0
    for _ in range(5):
        limiter._admit(0)
    assert limiter._delay(0) == pytest.approx(1.0)
    clock.now = 1.0
    assert limiter._delay(0) == 0


def test_rate_limited_requests_get_through():
    async def main() -> None:
        limiter = Limiter()
        limiter.configure(requests_per_minute=60_000)
        limiter._requests.level = 0
        await asyncio.gather(*(limiter.acquire() for _ in range(20)))
        assert limiter.in_flight == 20

    asyncio.run(main())


def test_one_limiter_serves_several_threads():
    limiter = Limiter()
    limiter.configure(concurrency=2)
    most, guard = [0], threading.Lock()

    async def worker() -> None:
        await limiter.acquire()
        with guard:
            most[0] = max(most[0], limiter.in_flight)
        await asyncio.sleep(0)
        limiter.release()

    async def main() -> None:
        await asyncio.gather(*(worker() for _ in range(50)))

    threads = [threading.Thread(target=lambda: asyncio.run(main())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
        assert not thread.is_alive()
    assert most[0] <= 2
    assert (limiter.in_flight, limiter.waiting) == (0, 0)


def test_a_dead_loop_does_not_hold_the_queue():
    limiter = Limiter()
    limiter.configure(concurrency=1)
    asyncio.run(limiter.acquire())
    loop = asyncio.new_event_loop()
    stuck = loop.create_task(limiter.acquire())
    loop.run_until_complete(asyncio.sleep(0))
    assert limiter.waiting == 1
    loop.close()

    async def main() -> None:
        waiter = asyncio.create_task(limiter.acquire())
        await asyncio.sleep(0)
        limiter.release()
        await asyncio.wait_for(waiter, 5)

    asyncio.run(main())
    stuck._log_destroy_pending = False
    del stuck
    gc.collect()


def test_raised_limits_take_effect_at_once():
    async def main() -> None:
        limiter, hold, order = Limiter(), asyncio.Event(), []
        limiter.configure(concurrency=1)
        tasks = await _fill(limiter, 3, hold, order)
        limiter.configure(concurrency=3)
        await asyncio.sleep(0.01)
        assert order == [0, 1, 2]
        hold.set()
        await asyncio.gather(*tasks)

    asyncio.run(main())


def test_marking_down():
    clock = Clock()
    limiter = Limiter(clock)
    assert not limiter.down
    limiter.mark_down(5)
    assert limiter.down
    clock.now = 6
    assert not limiter.down
    limiter.mark_down(5)
    limiter.mark_down(0)
    assert not limiter.down


@pytest.mark.parametrize("name", ["concurrency", "requests_per_minute", "tokens_per_minute"])
def test_limits_are_positive(name):
    with pytest.raises(UsageError, match=name):
        Limiter().configure(**{name: 0})


def test_limiters_are_shared_by_url_and_forgotten():
    first = limiter_for("http://limiter.test/v1")
    assert limiter_for("http://limiter.test/v1") is first
    assert limiter_for("http://other.test/v1") is not first
    first.configure(concurrency=1)
    del first
    gc.collect()
    assert limiter_for("http://limiter.test/v1").concurrency == float("inf")
