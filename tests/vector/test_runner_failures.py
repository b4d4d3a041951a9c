from __future__ import annotations

import asyncio
import functools

import pytest
from testing_env import AsyncWeatherEnv, WeatherEnv
from vector.faults import ROWS, Faults, failing
from vector.playing import Asked, Made, by_key, played, silent

from llmgym import TaskSet, tool
from llmgym.errors import InfrastructureError, InvalidTask, UsageError
from llmgym.policies.base import Policy
from llmgym.tasks import Task


def test_a_policy_that_fails_is_asked_again():
    faults = Faults({"Oslo": 2})
    made = by_key(played(WeatherEnv, Asked(faults.of_request), dataset=ROWS))
    assert {rollout.reward for rollout in made.values()} == {1.0}
    assert (made[0, 0].attempt, made[1, 0].attempt) == (3, 1)
    assert [(f.boundary, f.type, f.message) for f in made[0, 0].failures] == [
        ("policy", "InfrastructureError", "refused")
    ] * 2


def test_attempts_end():
    faults = Faults({"Oslo": 99})
    made = failing(0, boundary="policy", retryable=True)(
        played(WeatherEnv, Asked(faults.of_request), dataset=ROWS, attempts=4)
    )
    assert (made.attempt, len(made.failures), faults.asked) == (4, 4, 4)
    # What was said before is in the record.
    assert [message["role"] for message in made.messages] == ["user"]


def test_attempts_of_an_earlier_run_count():
    faults = Faults({"Oslo": 99, "Zürich": 1})
    options = {"dataset": ROWS, "attempts": 3, "attempted": {(0, 0): 2, (1, 0): 1}}
    made = by_key(played(WeatherEnv, Asked(faults.of_request), **options))
    assert (made[0, 0].attempt, made[0, 0].outcome) == (3, "failed")
    assert (made[1, 0].attempt, made[1, 0].outcome) == (3, "completed")
    assert faults.asked == 2


def test_what_is_not_retryable_fails_at_once():
    faults = Faults(
        {"Lima": 99}, lambda: InfrastructureError("no such model", boundary="policy", retryable=False)
    )
    made = failing(3, message="no such model", retryable=False)(
        played(WeatherEnv, Asked(faults.of_request), dataset=ROWS)
    )
    assert made.attempt == faults.asked == 1


def test_an_exception_of_a_policy_is_a_failure():
    faults = Faults({"Lima": 99}, lambda: RuntimeError("broken"))
    failing(3, boundary="policy", type="RuntimeError", message="broken")(
        played(WeatherEnv, Asked(faults.of_request), dataset=ROWS)
    )


def test_a_wait_that_is_cancelled_from_inside_is_a_failure():
    def hook(request):
        if request.session == "Lima/0":
            raise asyncio.CancelledError

    failing(3, boundary="policy", type="CancelledError")(played(WeatherEnv, Asked(hook), dataset=ROWS))


@pytest.mark.parametrize("error", [UsageError("no key is set"), KeyboardInterrupt(), SystemExit(3)])
def test_what_ends_the_run(error):
    faults, factory = Faults({"Quito": 1}, lambda: error), Made()
    with pytest.raises(type(error)):
        played(factory, Asked(faults.of_request), dataset=ROWS, concurrency=3)
    assert factory.all_closed


def test_a_response_that_is_none_ends_the_run():
    class Silent(Policy):
        async def respond(self, request):
            return None

    with pytest.raises(UsageError):
        played(WeatherEnv, Silent(), tasks=3)


class BrokenEnv(WeatherEnv):
    """Raises in one hook for one task."""

    def __init__(self, *, hook: str, faults: Faults, **kwargs):
        super().__init__(**kwargs)
        self.hook, self.faults = hook, faults

    def break_in(self, hook):
        if hook == self.hook and self._episode is not None:
            self.faults(self.task.id)

    def begin(self, task):
        self.break_in("begin")

    def verify(self, episode):
        self.break_in("verify")
        return super().verify(episode)

    def step(self, action):
        self.break_in("step")
        return super().step(action)

    def close(self):
        super().close()
        self.break_in("close")


class AsyncBrokenEnv(BrokenEnv):
    async def begin(self, task):
        await asyncio.sleep(0)
        super().begin(task)

    async def verify(self, episode):
        await asyncio.sleep(0)
        return super().verify(episode)


def broken(hook, times, make=lambda: RuntimeError("broken"), kind=BrokenEnv):
    faults = Faults({"Accra": times}, make)
    return Made(functools.partial(kind, hook=hook, faults=faults, dataset=ROWS)), faults


@pytest.mark.parametrize("kind", [BrokenEnv, AsyncBrokenEnv])
@pytest.mark.parametrize("hook", ["begin", "step", "verify"])
def test_an_environment_that_raises(hook, kind):
    factory, faults = broken(hook, 99, kind=kind)
    with silent():
        made = failing(4, boundary="environment", type="RuntimeError", message="broken")(played(factory))
    assert (made.attempt, faults.asked, made.task_id) == (3, 3, "Accra")
    assert factory.all_closed


@pytest.mark.parametrize("hook", ["begin", "step", "verify"])
def test_an_environment_that_recovers(hook):
    factory, faults = broken(hook, 2)
    with silent():
        made = by_key(played(factory))
    assert {rollout.reward for rollout in made.values()} == {1.0}
    assert (made[4, 0].attempt, len(made[4, 0].failures), len(made[3, 0].failures)) == (3, 2, 0)


def test_an_environment_that_was_broken_is_not_used_again():
    factory, _ = broken("verify", 2)
    with silent():
        played(factory, concurrency=1)
    assert len(factory.envs) == 3
    assert factory.all_closed


def test_the_boundary_of_an_infrastructure_error_is_kept():
    factory, _ = broken("verify", 99, lambda: InfrastructureError("the judge is away", boundary="judge"))
    failing(4, boundary="judge", message="the judge is away")(played(factory))


def test_close_that_raises_is_logged_only(caplog):
    factory, _ = broken("close", 99)
    made = by_key(played(factory, concurrency=1, tasks=5))
    assert {rollout.reward for rollout in made.values()} == {1.0}
    assert "Closing an environment failed" in caplog.text


def test_an_environment_that_cannot_be_made_later_on():
    class Scarce(Made):
        def __call__(self, **kwargs):
            if len(self.envs) == 3:
                raise OSError("no more sandboxes")
            return super().__call__(**kwargs)

    factory = Scarce(AsyncWeatherEnv)
    with silent():
        made = by_key(played(factory, dataset=ROWS, concurrency=5))
    rewards = [rollout.reward for rollout in made.values()]
    assert len(rewards) == len(ROWS)
    assert rewards.count(1.0) >= 3
    lost = [rollout.failures[-1].message for rollout in made.values() if rollout.reward is None]
    assert set(lost) == {"no more sandboxes"}


def test_an_environment_that_can_never_be_made():
    def factory(**kwargs):
        raise OSError("no sandbox")

    with pytest.raises(OSError, match="no sandbox"):
        played(factory, tasks=3)


class PickyEnv(WeatherEnv):
    def begin(self, task):
        if not task.data["city"].isascii():
            raise InvalidTask(f"Task {task.id!r}: expected ASCII.")
        task.data["city"].encode("ascii")


@pytest.mark.parametrize(
    "bad", [{"prompt": "?"}, {"prompt": "?", "city": "東京", "id": "7"}, {"nonsense": 1}]
)
def test_a_bad_row_fails_alone(bad):
    rows = [row for row in ROWS if row["city"].isascii()]
    made = by_key(played(PickyEnv, tasks=[*rows, bad]))
    failed = made.pop((len(rows), 0))
    assert (failed.outcome, failed.attempt, failed.failures[0].boundary) == ("failed", 1, "dataset")
    assert (failed.failures[0].type, failed.failures[0].retryable) == ("InvalidTask", False)
    assert {rollout.reward for rollout in made.values()} == {1.0}


def test_a_task_that_cannot_be_read_fails_alone():
    def read(index):
        if index == 1:
            raise InvalidTask("data.jsonl, line 2: expected a field 'city'.")
        return Task.of(ROWS[index])

    class Reading(WeatherEnv):
        def task_set(self, dataset, split):
            return TaskSet(read, 3, "data.jsonl")

    made = by_key(played(Reading))
    assert [made[index, 0].outcome for index in range(3)] == ["completed", "failed", "completed"]
    assert made[1, 0].failures[0].message == "data.jsonl, line 2: expected a field 'city'."
    assert (made[1, 0].messages, made[1, 0].task_id) == ([], "1")


def test_a_tool_that_raises_is_told_to_the_model():
    class Stormy(WeatherEnv):
        @tool
        def get_weather(self, city: str) -> dict:
            """Current weather of a city."""
            raise SystemExit("storm")

    (made,) = played(Stormy, tasks=1)
    assert (made.outcome, made.turns[0].tools[0]["outcome"]) == ("completed", "tool_error")
