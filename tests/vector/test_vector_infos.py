from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from gymnasium.vector import SyncVectorEnv
from gymnasium.wrappers.vector import DictInfoToList
from hypothesis import given
from hypothesis import strategies as st
from testing_env import WeatherEnv
from vector.vector_envs import assert_same

from llmgym.vector import AsyncVectorEnv

ABSENT: Any = object()


class InfoEnv(WeatherEnv):
    """Reports what it is given."""

    value: Any = ABSENT

    def reset(self, **kwargs):
        observation, _ = super().reset(**kwargs)
        return observation, {} if self.value is ABSENT else {"value": self.value}


def batched(values, kind=AsyncVectorEnv):
    envs = kind([InfoEnv] * len(values))
    for env, value in zip(envs.envs, values, strict=True):
        env.value = value
    return envs.reset(seed=0)[1]


def one(infos, position):
    """What one environment reported, by the rules that a user of Gymnasium knows."""
    if not infos.get("_value", np.zeros(position + 1))[position]:
        return ABSENT
    return _unbatched(infos["value"], position)


def _unbatched(value, position):
    if isinstance(value, dict):
        return {
            k: _unbatched(v, position)
            for k, v in value.items()
            if f"_{k}" in value and value[f"_{k}"][position]
        }
    return value[position]


CASES = [
    (1, 2.5),
    (2.5, 1),
    (True, 7),
    (7, False),
    (1, None),
    (None, 1),
    (1, "a"),
    ("a", {"b": 1}),
    ({"b": 1}, "a"),
    ({"b": 1}, 2),
    (2, {"b": 1}),
    ({"b": {"c": 1}}, {"b": 2}),
    ({"b": 1}, {"b": "x", "c": [1]}),
    ({"b": 1}, None, {"b": 2}),
    (1, 2**80),
    (2**80, 1),
    (-(2**63), 2**63),
    ([1], [1, 2]),
    ([], "a"),
    (np.array([1, 2]), np.array([3, 4])),
    (np.array([1, 2]), np.array([3])),
    (np.array([1, 2]), np.array([0.5, 1.5])),
    (np.array([1.0]), 3),
    (3, np.array([1.0])),
    (np.float32(0.1), 0.1),
    (np.int8(1), np.int64(1000)),
    (np.int8(1), 1000),
    (ABSENT, 1, ABSENT, 2.5),
    (1, ABSENT, {"a": ABSENT}, "x"),
    ({"_x": 1}, "y"),
]


@pytest.mark.parametrize("values", CASES, ids=range(len(CASES)))
def test_no_value_is_changed(values):
    infos = batched(values)
    for position, value in enumerate(values):
        found = one(infos, position)
        if isinstance(value, np.ndarray):
            assert np.array_equal(found, value)
        else:
            assert found is value or found == value
        if isinstance(value, bool):
            assert isinstance(found, bool | np.bool_)


def test_what_was_not_reported_is_none_in_a_widened_array():
    infos = batched((ABSENT, 1, ABSENT, "x"))
    assert infos["value"].tolist() == [None, 1, None, "x"]
    assert infos["_value"].tolist() == [False, True, False, True]


@pytest.mark.parametrize(
    "values",
    [(1, 2), (1.5, 2.5), (True, False), ("a", "b"), ({"b": 1}, {"b": 2, "c": "x"}), (ABSENT, 3), ([1], None)],
)
def test_plain_values_are_batched_as_gymnasium_does(values):
    assert_same(batched(values), batched(values, SyncVectorEnv))


simple = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=3)
# Gymnasium names its masks with an underscore.
names = st.sampled_from("abc")
anything = st.recursive(
    simple, lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner), max_leaves=4
)


@given(st.lists(anything, min_size=1, max_size=4))
def test_any_mixture(values):
    infos = batched(values)
    for position, value in enumerate(values):
        # An empty dictionary has nothing to batch beside full ones.
        assert one(infos, position) == value


def test_they_come_back_as_a_list():
    envs = AsyncVectorEnv([InfoEnv] * 3)
    for env, value in zip(envs.envs, (1, "a", {"b": 2}), strict=True):
        env.value = value
    _, infos = DictInfoToList(envs).reset(seed=0)
    assert infos == [{"value": 1}, {"value": "a"}, {"value": {"b": 2}}]
