from __future__ import annotations

import asyncio
import gc
import os
import weakref
from contextlib import aclosing

import pytest
from testing_env import WeatherEnv

from llmgym.policies.scripted import OraclePolicy
from llmgym.vector import collect, heap, rollouts
from llmgym.vector.heap import frozen_heap

MANY = 20_000
"""More than the objects that an interpreter may start with frozen, fewer than any test process holds."""


@pytest.fixture(autouse=True)
def collector():
    """Start with nothing set aside, and leave nothing set aside."""
    gc.enable()
    gc.unfreeze()
    yield
    gc.enable()
    gc.unfreeze()


def set_aside() -> bool:
    return gc.get_freeze_count() > MANY


class Knot:
    """An object that only a collection can free."""

    def __init__(self):
        self.self = self


def test_what_was_there_is_set_aside_for_as_long_as_a_run_lasts():
    assert not set_aside()
    with frozen_heap():
        assert set_aside() and gc.isenabled()
    assert not set_aside()


def test_an_error_gives_it_back_too():
    with pytest.raises(LookupError), frozen_heap():
        raise LookupError
    assert not set_aside()


def test_the_last_of_the_runs_that_overlap_gives_it_back():
    first, second = frozen_heap(), frozen_heap()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert set_aside()
    second.__exit__(None, None, None)
    assert not set_aside()


def test_what_a_run_makes_is_collected_during_the_run():
    with frozen_heap():
        gone = weakref.ref(Knot())
        gc.collect()
        assert gone() is None


def test_what_was_there_is_collected_after_the_run():
    knot = Knot()
    gone = weakref.ref(knot)
    with frozen_heap():
        del knot
        gc.collect()
        assert gone() is not None
    gc.collect()
    assert gone() is None


def test_garbage_does_not_wait_for_ever_from_run_to_run(monkeypatch):
    monkeypatch.setattr(heap, "_made", 0)
    gone = weakref.ref(Knot())
    looked = []
    monkeypatch.setattr(heap.gc, "collect", lambda: looked.append(gone() is not None) or real_collect())
    for _ in range(3):
        with frozen_heap() as tally:
            tally.rollouts += heap.FULL_EVERY // 3 + 1
    assert looked == [True] and gone() is None


real_collect = gc.collect


def test_what_a_run_keeps_is_set_aside_again_but_no_garbage():
    with frozen_heap():
        kept, gone = [Knot() for _ in range(100)], weakref.ref(Knot())
        before = gc.get_freeze_count()
        heap.set_aside_again()
        assert gc.get_freeze_count() >= before + 100 and gone() is None
        last = weakref.ref(kept.pop())
        gc.collect()
        assert last() is not None
    gc.collect()
    assert last() is None
    heap.set_aside_again()
    assert not set_aside()


def test_collect_sets_aside_what_it_keeps(monkeypatch):
    monkeypatch.setattr("llmgym.vector.collection.KEPT_EVERY", 2)
    monkeypatch.setattr("llmgym.vector.collection._BLOCK_OF_EPISODES", 1)
    counts = []
    monkeypatch.setattr("llmgym.vector.collection.set_aside_again", lambda: counts.append(heap._runs))
    made = collect(WeatherEnv, OraclePolicy(), tasks=5, concurrency=1, progress=False)
    assert len(made) == 5 and counts == [1, 1] and heap._runs == 0


def test_a_collector_that_is_off_is_left_alone():
    gc.disable()
    with frozen_heap():
        assert not set_aside() and not gc.isenabled()
    assert not gc.isenabled()


def test_what_somebody_else_has_set_aside_stays_so():
    gc.freeze()
    with frozen_heap(), frozen_heap():
        assert set_aside()
    assert set_aside()


def test_a_forked_child_starts_anew():
    with frozen_heap():
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            # The child inherits what is set aside; a run of its own leaves that as it is.
            with frozen_heap():
                inside = set_aside()
            os.write(writer, b"ok" if inside and set_aside() and heap._runs == 0 else b"no")
            os._exit(0)
        os.waitpid(child, 0)
        assert os.read(reader, 2) == b"ok"
        os.close(reader)
        os.close(writer)
        assert heap._runs == 1


@pytest.mark.parametrize("most", [3, 1])
def test_rollouts_set_it_aside_and_give_it_back(most):
    async def main():
        seen = []
        made = rollouts(WeatherEnv, OraclePolicy(), tasks=3, concurrency=2)
        async with aclosing(made) as running:
            async for _ in running:
                seen.append(set_aside())
                if len(seen) == most:
                    break
        return seen

    assert asyncio.run(main()) == [True] * most
    assert not set_aside() and heap._runs == 0


def test_a_policy_that_raises_gives_it_back():
    class Broken(OraclePolicy):
        async def respond(self, request):
            raise SystemError("broken")

    async def main():
        return [rollout.outcome async for rollout in rollouts(WeatherEnv, Broken(), tasks=1, attempts=1)]

    assert asyncio.run(main()) == ["failed"]
    assert not set_aside() and heap._runs == 0
