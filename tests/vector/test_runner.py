from __future__ import annotations

import asyncio
import os
from collections import Counter
from contextlib import aclosing

import gymnasium as gym
import numpy as np
import pytest
from testing_env import CITIES, AsyncWeatherEnv, WeatherEnv
from vector.playing import Asked, Made, Meeting, by_key, gathered, played, settle, untimed

from llmgym import TaskSet
from llmgym.errors import UsageError
from llmgym.policies.scripted import OraclePolicy
from llmgym.tasks import Task
from llmgym.testing.trace import running_threads
from llmgym.vector import rollouts

ROWS = [{"prompt": f"Weather in {city}?", "city": city} for city in CITIES]


def indices(made):
    return Counter(rollout.task_index for rollout in made)


@pytest.mark.parametrize("concurrency", [1, 3, 64])
def test_every_task_is_played_exactly_once_a_repeat(concurrency):
    made = by_key(played(WeatherEnv, tasks=7, repeats=3, concurrency=concurrency))
    assert set(made) == {(task, repeat) for task in range(7) for repeat in range(3)}
    assert {(rollout.reward, rollout.outcome, rollout.attempt) for rollout in made.values()} == {
        (1.0, "completed", 1)
    }


def test_an_asynchronous_environment_is_played_alike():
    ours, theirs = (by_key(played(kind, tasks=4)) for kind in (WeatherEnv, AsyncWeatherEnv))
    assert {key: one.messages for key, one in ours.items()} == {
        key: one.messages for key, one in theirs.items()
    }


def test_no_tasks_no_rollouts():
    assert played(WeatherEnv, tasks=0) == played(WeatherEnv, tasks=[]) == []


def test_a_slow_episode_delays_nobody():
    async def main():
        others_done = asyncio.Event()
        policy = Asked(lambda request: others_done.wait() if request.session.startswith("train-0/") else None)
        order = []
        async for rollout in rollouts(WeatherEnv, policy, tasks=20, concurrency=2):
            order.append(rollout.task_index)
            if len(order) == 19:
                others_done.set()
        return order

    assert asyncio.run(main()) == [*range(1, 20), 0]


def test_episodes_wait_at_the_same_time():
    async def main():
        # Nobody gets past the policy before 2,000 episodes are there.
        policy = Asked(Meeting(2000))
        made = await gathered(AsyncWeatherEnv, policy, tasks=2000, concurrency=2000)
        assert len(by_key(made)) == 2000
        assert {rollout.reward for rollout in made} == {1.0}

    asyncio.run(main())


def test_a_consumer_that_stops_stops_the_run():
    concurrency = 4

    async def main():
        begun = []
        policy = Asked(lambda request: begun.append(request.session) if request.turn == 0 else None)
        async with aclosing(rollouts(WeatherEnv, policy, tasks=1000, concurrency=concurrency)) as made:
            await anext(made)
            await settle()
            # One is taken, as many as the concurrency wait to be taken, and as many are in flight.
            assert concurrency < len(begun) <= 1 + 2 * concurrency
            waiting = len(begun)
            await anext(made)
            await settle()
            assert len(begun) == waiting + 1

    asyncio.run(main())


def test_environments_are_reused():
    factory = Made()
    played(factory, tasks=100, concurrency=5)
    assert len(factory.envs) <= 5
    assert factory.all_closed


def test_leaving_early_ends_everything():
    async def main():
        factory = Made(AsyncWeatherEnv)
        async with aclosing(rollouts(factory, OraclePolicy(), tasks=100, concurrency=8)) as made:
            async for _ in made:
                break
        assert factory.all_closed
        assert len(factory.envs) <= 8
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def test_an_exception_of_the_consumer_ends_everything():
    async def main():
        factory = Made()
        with pytest.raises(ZeroDivisionError):
            async with aclosing(rollouts(factory, OraclePolicy(), tasks=100, concurrency=8)) as made:
                async for _ in made:
                    raise ZeroDivisionError
        assert factory.all_closed
        assert len(asyncio.all_tasks()) == 1

    asyncio.run(main())


def open_files():
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


def test_cancelling_a_thousand_rollouts_leaves_nothing():
    async def main():
        threads, files = running_threads(), open_files()
        factory, meeting = Made(AsyncWeatherEnv), Meeting(10**9)
        run = asyncio.create_task(gathered(factory, Asked(meeting), tasks=2000, concurrency=1000))
        while meeting.waiting < 1000:
            await asyncio.sleep(0)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert len(factory.envs) == 1000
        assert factory.all_closed
        assert len(asyncio.all_tasks()) == 1
        assert (running_threads(), open_files()) == (threads, files)

    asyncio.run(main())


def test_cancelled_in_the_middle_of_a_step():
    class Hanging(WeatherEnv):
        async def verify(self, episode):
            meeting.waiting += 1
            await asyncio.Event().wait()

    async def main():
        factory = Made(Hanging)
        run = asyncio.create_task(gathered(factory, OraclePolicy(), tasks=10, concurrency=5))
        while meeting.waiting < 5:
            await asyncio.sleep(0)
        run.cancel()
        with pytest.raises(asyncio.CancelledError):
            await run
        assert factory.all_closed
        assert len(asyncio.all_tasks()) == 1

    meeting = Meeting(0)
    asyncio.run(main())


def test_tasks_as_a_number_a_list_of_indices_tasks_and_rows():
    task = Task.of(ROWS[3], id="given")
    assert indices(played(WeatherEnv, tasks=np.int64(3))) == Counter(range(3))
    assert indices(played(WeatherEnv, tasks=[5, np.int64(9)])) == Counter([5, 9])
    assert indices(played(WeatherEnv, dataset=ROWS)) == Counter(range(len(ROWS)))
    assert indices(played(WeatherEnv, dataset=ROWS, tasks=[-1, 0])) == Counter([len(ROWS) - 1, 0])
    made = by_key(played(WeatherEnv, tasks=[task, {**ROWS[4], "id": "row"}, ROWS[5]]))
    assert [made[index, 0].task_id for index in range(3)] == ["given", "row", "2"]
    assert [made[index, 0].task["data"]["city"] for index in range(3)] == CITIES[3:6]
    assert indices(played(WeatherEnv, tasks=(row for row in ROWS))) == Counter(range(len(ROWS)))
    assert indices(played(WeatherEnv, tasks=TaskSet.load(ROWS))) == Counter(range(len(ROWS)))


def test_a_task_means_the_same_by_index_and_by_number():
    number, listed = played(WeatherEnv, tasks=3, seed=4), played(WeatherEnv, tasks=[2, 1, 0], seed=4)
    assert {key: untimed(one) for key, one in by_key(number).items()} == {
        key: untimed(one) for key, one in by_key(listed).items()
    }


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "has no end; say how many"),
        ({"tasks": -1}, "Asked for -1 tasks"),
        ({"tasks": 9, "dataset": ROWS}, "Asked for 9 tasks, but the task set has 8"),
        ({"tasks": [0, 8], "dataset": ROWS}, "Asked for task 8, but the task set has 8 tasks"),
        ({"tasks": [-1]}, "Asked for task -1, but the task set has no end"),
        ({"tasks": "train"}, "Expected tasks to be a number or a list of indices, tasks and rows, found str"),
        ({"tasks": Task("a", [])}, "found Task"),
        ({"tasks": ROWS[0]}, "found dict"),
        ({"tasks": ["x"]}, "to be an index, a Task or a row, found str"),
        ({"tasks": 1, "repeats": 0}, "at least 1 repeat, found 0"),
        ({"tasks": 1, "concurrency": 0}, "at least 1, found 0 and 3"),
        ({"tasks": 1, "attempts": 0}, "at least 1, found 32 and 0"),
    ],
)
def test_arguments_that_make_no_sense(options, message):
    factory = Made()
    with pytest.raises(UsageError, match=message):
        played(factory, **options)
    assert factory.all_closed


@pytest.mark.parametrize(
    ("env", "message"),
    [
        (7, "found int"),
        (WeatherEnv(), "found one environment: a runner needs many"),
        (lambda: gym.make("CartPole-v1"), "Expected an llmgym environment, found CartPoleEnv"),
    ],
)
def test_what_is_no_environment(env, message):
    with pytest.raises(UsageError, match=message):
        played(env, tasks=1)


def test_an_id_and_a_spec_with_constructor_arguments():
    for env in ("llmgym/SessionState-v0", gym.spec("llmgym/SessionState-v0")):
        (made,) = played(env, tasks=1, difficulty="hard")
        assert made.reward == 1.0
        assert made.env == {"id": "llmgym/SessionState-v0", "kwargs": {"difficulty": "hard"}}


def test_gymnasium_wrappers_take_part():
    def make():
        return gym.wrappers.TransformReward(WeatherEnv(), lambda reward: reward * 10 - 1)

    # The reward is transformed at each of the two steps.
    assert [(one.reward, one.verdict["reward"]) for one in played(make, tasks=2)] == [(8.0, 8.0)] * 2


def test_done_rollouts_are_skipped():
    done = {(0, 0), (2, 1)}
    made = by_key(played(WeatherEnv, tasks=3, repeats=2, skip=done))
    assert set(made) == {(task, repeat) for task in range(3) for repeat in range(2)} - done


def test_a_record_holds_the_rollout():
    (made,) = played(WeatherEnv, tasks=[3], seed=1)
    assert [message["role"] for message in made.messages] == ["user", "assistant", "tool", "assistant"]
    assert (made.task_id, made.task_index, made.prompt_length) == ("train-3", 3, 1)
    assert [(turn.message, [call["outcome"] for call in turn.tools]) for turn in made.turns] == [
        (1, ["ok"]),
        (3, []),
    ]
    assert made.verdict == {"reward": 1.0, "components": {}, "metrics": {}, "reason": "", "vacuous": False}
    assert made.stop_reason == "answered"
    assert made.policy == {"kind": "oracle"}
    assert made.failures == []
    assert made.seconds > 0
