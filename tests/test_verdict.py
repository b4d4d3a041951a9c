from __future__ import annotations

import json
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.errors import UsageError
from llmgym.verdict import Verdict, gate, product, weighted_sum

rewards = st.floats(-10, 10)


@pytest.mark.parametrize(
    ("value", "reward"), [(1, 1.0), (0.25, 0.25), (True, 1.0), (np.float32(0.5), 0.5), (np.bool_(False), 0.0)]
)
def test_numbers_are_verdicts(value, reward):
    verdict = Verdict.of(value)
    assert verdict == Verdict(reward) and type(verdict.reward) is float and Verdict.of(verdict) is verdict


@pytest.mark.parametrize(
    "value", [None, "1.0", b"1", math.nan, math.inf, -math.inf, [1.0], {}, 10**400, object()]
)
def test_other_rewards_are_refused(value):
    with pytest.raises(UsageError, match="Expected 'reward' of a verdict to be a finite number, found"):
        Verdict.of(value)
    with pytest.raises(UsageError, match="Expected 'part' of a verdict"):
        Verdict(1.0, {"part": value})


def test_absent_metrics_are_left_out():
    verdict = Verdict(1, {"a": True}, {"seen": 0, "missing": None}, "because", vacuous=True)
    assert verdict.components == {"a": 1.0} and verdict.metrics == {"seen": 0}
    assert verdict.to_dict() == {
        "reward": 1.0,
        "components": {"a": 1.0},
        "metrics": {"seen": 0},
        "reason": "because",
        "vacuous": True,
    }
    assert json.loads(json.dumps(verdict.to_dict())) == verdict.to_dict()
    assert pickle.loads(pickle.dumps(verdict)) == verdict


def test_a_verdict_keeps_its_own_dictionaries():
    components, metrics = {"a": 1.0}, {"m": 1}
    verdict = Verdict(1.0, components, metrics)
    components["a"], metrics["m"] = 0.0, 0
    verdict.to_dict()["metrics"]["m"] = 5
    assert verdict.components == {"a": 1.0} and verdict.metrics == {"m": 1}


def test_weighted_sum():
    format = Verdict(0.5, {"braces": 1.0}, {"length": 3}, "too long")
    verdict = weighted_sum({"answer": (1.0, 1.0), "format": (-0.2, format)})
    assert verdict.reward == pytest.approx(0.9)
    assert verdict.components == {"answer": 1.0, "format": 0.5, "format/braces": 1.0}
    assert verdict.metrics == {"length": 3} and verdict.reason == "too long"
    assert weighted_sum({"format": (1.0, format)}, reason="own").reason == "own"
    assert weighted_sum({}) == Verdict(0.0)


def test_product():
    verdict = product({"state": Verdict(0.0, reason="wrong state"), "spoken": Verdict(0.5, reason="rude")})
    assert verdict == Verdict(0.0, {"state": 0.0, "spoken": 0.5}, {}, "wrong state; rude")
    assert product({}).reward == 1.0


def test_gate():
    paid = Verdict(0.7, {"style": 0.7}, {"words": 9}, "nice")
    assert gate(True, paid, name="called") == Verdict(
        0.7, {"called": 1.0, "style": 0.7}, {"words": 9}, "nice"
    )
    assert gate(0.5, paid).reward == 0.0 and gate(0.5, paid, threshold=0.5).reward == 0.7
    assert gate(False, paid, name="called").reason == "called not met"
    assert gate(Verdict(0.0, reason="never called"), paid).reason == "never called"


def test_vacuous_only_when_every_part_is():
    empty, full = Verdict(1.0, vacuous=True), Verdict(1.0)
    assert weighted_sum({"a": (1, empty), "b": (1, empty)}).vacuous and product({"a": empty}).vacuous
    assert not weighted_sum({"a": (1, empty), "b": (1, full)}).vacuous and not product({}).vacuous
    assert gate(empty, empty).vacuous and not gate(empty, full).vacuous


@given(st.dictionaries(st.text(max_size=3), st.tuples(rewards, rewards), max_size=5))
def test_sums_and_products_of_any_parts(parts):
    total = weighted_sum(parts)
    assert total.reward == pytest.approx(sum(weight * reward for weight, reward in parts.values()), abs=1e-9)
    assert product({name: reward for name, (_, reward) in parts.items()}).reward == pytest.approx(
        math.prod(reward for _, reward in parts.values())
    )
    assert total.components == {name: reward for name, (_, reward) in parts.items()}


@given(rewards, rewards, rewards)
def test_a_gate_pays_all_or_nothing(condition, paid, threshold):
    assert gate(condition, paid, threshold=threshold).reward == (paid if condition >= threshold else 0.0)
