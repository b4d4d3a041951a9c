from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest
from testing_env import AsyncWeatherEnv, WeatherEnv
from vector.faults import ROWS, Faults, failing, forever
from vector.playing import Asked, Made, by_key, gathered, played

from llmgym import Verdict, tool
from llmgym.policies.scripted import OraclePolicy
from llmgym.vector import pool, rollouts


def test_a_policy_that_hangs_is_cut_and_the_episode_verified():
    policy = Asked(lambda request: forever() if (request.session, request.turn) == ("Lima/0", 1) else None)
    made = by_key(played(WeatherEnv, policy, dataset=ROWS, timeout=0.3, concurrency=len(ROWS)))
    cut = made[3, 0]
    # The right tool was called in the turn before.
    assert (cut.outcome, cut.reward, cut.stop_reason, len(cut.turns)) == ("truncated", 1.0, "deadline", 1)
    assert {rollout.outcome for rollout in made.values() if rollout is not cut} == {"completed"}


@pytest.mark.parametrize("hook", ["begin", "get_weather", "verify"])
def test_an_environment_that_hangs_has_failed(hook):
    class Hanging(AsyncWeatherEnv):
        async def begin(self, task):
            await self.maybe("begin")

        @tool
        async def get_weather(self, city: str) -> str:
            """Current weather of a city."""
            await self.maybe("get_weather")
            return "cold"

        async def verify(self, episode):
            await self.maybe("verify")
            return Verdict(1.0)

        async def maybe(self, here):
            if here == hook and self.task.id == "Lima":
                await forever()

    factory = Made(Hanging)
    check = failing(3, boundary="environment", type="TimeoutError", retryable=True)
    made = check(played(factory, dataset=ROWS, timeout=0.05, concurrency=len(ROWS), attempts=2))
    assert (
        made.failures[0].message
        == "The environment was still busy when the rollout's 0.05 seconds were over."
    )
    assert (made.attempt, made.task_id) == (2, "Lima")
    assert factory.all_closed


def test_a_verifier_that_hangs_at_the_deadline_has_failed():
    class Hanging(WeatherEnv):
        async def verify(self, episode):
            await forever()

    (made,) = played(Hanging, Asked(forever), tasks=1, timeout=0.02, attempts=1)
    assert (made.outcome, made.failures[0].boundary) == ("failed", "environment")


def test_a_timeout_of_the_policy_itself_is_no_deadline():
    faults = Faults({"Oslo": 1}, lambda: TimeoutError("read"))
    made = by_key(played(WeatherEnv, Asked(faults.of_request), dataset=ROWS, timeout=60))
    assert (made[0, 0].reward, made[0, 0].failures[0].message) == (1.0, "read")


def test_a_close_that_hangs_is_given_up(monkeypatch, caplog):
    monkeypatch.setattr(pool, "CLOSE_SECONDS", 0.02)

    class Hanging(WeatherEnv):
        def close(self):
            super().close()
            self._settle(forever())

    async def main():
        async with aclosing(rollouts(Hanging, OraclePolicy(), tasks=9, concurrency=3)) as made:
            await anext(made)
        assert len(asyncio.all_tasks()) == 1
        return await gathered(Hanging, OraclePolicy(), tasks=3)

    assert len(asyncio.run(main())) == 3
    assert "Closing an environment failed" in caplog.text
