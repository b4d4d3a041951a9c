"""Rollouts that fail on purpose, and what their records must say."""

from __future__ import annotations

import asyncio

from testing_env import CITIES
from vector.playing import by_key

from llmgym.errors import InfrastructureError

ROWS = [{"prompt": f"Weather in {city}?", "city": city, "id": city} for city in CITIES]


class Faults:
    """Raises for a task as often as told."""

    def __init__(self, times: dict[str, int], make=lambda: InfrastructureError("refused", boundary="policy")):
        self.left, self.make, self.asked = dict(times), make, 0

    def __call__(self, task_id: str) -> None:
        if self.left.get(task_id, 0):
            self.asked += 1
            self.left[task_id] -= 1
            raise self.make()

    def of_request(self, request) -> None:
        self(request.session.rpartition("/")[0])


def failing(task, **fields):
    """Check that one task failed and the others did not; return the failed rollout."""

    def check(made):
        made = by_key(made)
        failed = [rollout for rollout in made.values() if rollout.outcome == "failed"]
        assert [rollout.task_index for rollout in failed] == [task]
        assert len(made) == len(ROWS)
        assert {rollout.reward for rollout in made.values() if rollout not in failed} == {1.0}
        assert failed[0].reward is failed[0].verdict is None
        last = failed[0].failures[-1]
        assert fields.items() <= {name: getattr(last, name) for name in last.__slots__}.items()
        return failed[0]

    return check


def forever(request=None):
    return asyncio.Event().wait()
