from __future__ import annotations

import itertools
import math
import random
import statistics
from collections import Counter

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from records.disk_faults import FastOps

from llmgym.errors import UsageError
from llmgym.records import RolloutStore, read_rows, summarise
from llmgym.records.estimators import (
    distribution,
    majority_at_k,
    mean_interval,
    pass_at_k,
    pass_hat_k,
    quantile,
    spread_across_runs,
    t_quantile,
)

RESULTS = st.lists(st.booleans(), min_size=1, max_size=9)


def rollout(name, /, repeat=0, reward=1.0, **more):
    outcome = "failed" if reward is None else "completed"
    return {"task_id": name, "repeat": repeat, "reward": reward, "outcome": outcome, **more}


@given(RESULTS, st.data())
def test_pass_at_k_and_pass_hat_k_are_averages_over_every_draw(results, data):
    k = data.draw(st.integers(1, len(results)))
    draws = list(itertools.combinations(results, k))
    n, c = len(results), sum(results)
    assert pass_at_k(n, c, k) == pytest.approx(sum(map(any, draws)) / len(draws))
    assert pass_hat_k(n, c, k) == pytest.approx(sum(map(all, draws)) / len(draws))
    rows = [rollout("a", i, float(passed)) for i, passed in enumerate(results)]
    found = next(at for at in summarise(rows, ks=[k]).at_k)
    assert found.pass_at_k == pytest.approx(pass_at_k(n, c, k))
    assert found.pass_hat_k == pytest.approx(pass_hat_k(n, c, k))


@given(
    st.lists(st.tuples(st.sampled_from([None, "1", "2", "3"]), st.sampled_from([0.0, 1.0])), min_size=1),
    st.data(),
)
def test_majority_at_k(votes, data):
    k = data.draw(st.integers(1, len(votes)))
    answers, scores = zip(*votes, strict=True)
    # In plain words: for every vote count its equals; the first of those with the most wins.
    given_votes = [vote for vote in votes[:k] if vote[0] is not None]
    expected = 0.0
    if given_votes:
        most = max(sum(other == vote for other in given_votes) for vote in given_votes)
        expected = next(v for v in given_votes if sum(other == v for other in given_votes) == most)[1]
    assert majority_at_k(answers, scores, k) == expected


@given(st.integers(1, 300), st.data())
def test_large_counts_stay_shares(n, data):
    c, k = data.draw(st.integers(0, n)), data.draw(st.integers(1, n))
    assert 0 <= pass_hat_k(n, c, k) <= c / n <= pass_at_k(n, c, k) + 1e-12 <= 1 + 1e-12


@pytest.mark.parametrize(("n", "c", "k"), [(0, 0, 1), (2, 3, 1), (2, 1, 3), (2, 1, 0), (2, -1, 1)])
def test_impossible_counts(n, c, k):
    for estimate in (pass_at_k, pass_hat_k):
        with pytest.raises(UsageError, match="1 <= k <= n"):
            estimate(n, c, k)


@pytest.mark.parametrize(
    ("freedom", "value"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (4, 2.776), (5, 2.571), (9, 2.262), (29, 2.045), (120, 1.980)],
)
def test_student(freedom, value):
    assert t_quantile(freedom) == pytest.approx(value, rel=2e-3)
    assert t_quantile(10**9) == pytest.approx(1.959964)


@given(st.lists(st.floats(-100, 100), min_size=2, max_size=30))
def test_interval_of_single_rollouts_is_the_textbook_one(values):
    found = mean_interval([[value] for value in values])
    expected = statistics.stdev(values) / math.sqrt(len(values))
    assert found.mean == pytest.approx(statistics.fmean(values))
    assert found.std_err == pytest.approx(expected, abs=1e-9)
    assert found.high - found.mean == pytest.approx(t_quantile(len(values) - 1) * expected, abs=1e-9)


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=12), st.integers(2, 6))
def test_repeating_a_rollout_teaches_nothing(values, copies):
    once = mean_interval([[value] for value in values])
    often = mean_interval([[value] * copies for value in values])
    assert (often.low, often.high) == pytest.approx((once.low, once.high), abs=1e-6)
    assert often.count == copies * len(values) and often.clusters == len(values)


def test_interval_of_clusters_by_the_double_sum():
    groups = [[1.0, 0.0, 1.0], [0.0, 0.0], [1.0], [0.5, 0.25, 1.0, 0.0]]
    n, c = 10, 4
    mean = sum(map(sum, groups)) / n
    double = sum((a - mean) * (b - mean) for group in groups for a in group for b in group)
    assert mean_interval(groups).std_err == pytest.approx(math.sqrt(c / (c - 1) * double) / n)


def test_interval_covers_the_truth_about_as_often_as_it_says():
    rng = random.Random(3)
    hits = 0
    for _ in range(400):
        tasks = [[rng.gauss(0, 1)] * 4 for _ in range(12)]
        noisy = [[value + rng.gauss(0, 0.5) for value in task] for task in tasks]
        found = mean_interval(noisy)
        hits += found.low <= 0 <= found.high
    assert 0.91 < hits / 400 < 0.985


def test_few_values():
    assert mean_interval([]) is None and mean_interval([[]]) is None
    only = mean_interval([[1.0, 0.0]])
    assert (only.mean, only.std_err, only.low, only.high) == (0.5, None, None, None)
    assert distribution([]) is None
    assert spread_across_runs([[1.0]], 1) is None and spread_across_runs([], 2) is None


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=40), st.floats(0, 1))
def test_quantile(values, share):
    numpy = pytest.importorskip("numpy")
    assert quantile(sorted(values), share) == pytest.approx(float(numpy.quantile(values, share)), abs=1e-6)


def test_spread_across_runs():
    deviation, error = spread_across_runs([[1.0, 0.0, 9.0], [1.0, 1.0, 9.0]], 2)
    assert deviation == pytest.approx(statistics.stdev([1.0, 0.5]))
    assert error == pytest.approx(deviation / math.sqrt(2))


def test_the_denominator_is_closed():
    rows = [
        rollout("a"),
        rollout("a", 1, 0.0, outcome="truncated"),
        rollout("b", 0, None),
        rollout("b", 1, math.nan),
    ]
    found = summarise(rows)
    assert (found.total, found.scored, found.unscorable, found.tasks) == (4, 2, 2, 2)
    assert found.reward.mean == 0.5
    assert (found.truncation_rate, found.failure_rate) == (0.25, 0.25)
    assert found.outcomes == {"completed": 2, "failed": 1, "truncated": 1}
    assert [(task.task_id, task.total, task.scored, task.pass_rate) for task in found.per_task] == [
        ("a", 2, 2, 0.5),
        ("b", 2, 0, None),
    ]
    # What failed has no reward, whatever the row says.
    assert summarise([rollout("a", outcome="failed")]).scored == 0


def test_nothing():
    found = summarise([])
    assert (found.total, found.reward, found.at_k, found.failure_rate) == (0, None, [], 0.0)
    orjson.dumps(found.to_dict())


def test_the_last_attempt_counts():
    rows = [
        rollout("a", 0, None, attempt=1, failures=[{"boundary": "judge"}]),
        rollout("a", 0, 1.0, attempt=2),
        rollout("b", 0, None, attempt=2, failures=[{"boundary": "policy"}, {"boundary": "judge"}]),
        rollout("b", 0, None, attempt=1, failures=[{"boundary": "policy"}]),
    ]
    found = summarise(rows)
    assert (found.total, found.scored, found.failures) == (2, 1, {"judge": 1})
    every = summarise(rows, all_attempts=True)
    assert (every.total, every.scored, every.failures) == (4, 1, {"judge": 2, "policy": 1})


def test_a_task_that_could_not_be_loaded_is_the_same_task_later():
    rows = [
        rollout("3", 0, None, task_index=3, attempt=1),
        rollout("named", 0, 1.0, task_index=3, attempt=2),
        rollout("named", 1, None, task_index=3),
    ]
    found = summarise(rows)
    assert [(task.task_id, task.total, task.scored) for task in found.per_task] == [("named", 2, 1)]


def test_runs_of_other_environments_policies_and_seeds_do_not_shadow_each_other():
    rows = [
        rollout("0", task_index=0, env={"id": env}, policy={"model": model}, seed=seed)
        for env in ("x", "y")
        for model in ("m", "n")
        for seed in (1, 2)
    ]
    found = summarise(rows)
    assert (found.total, found.tasks) == (8, 2)


def test_at_k():
    rows = [
        *(rollout("a", i, float(passed)) for i, passed in enumerate([0, 1, 1, 0])),
        *(rollout("b", i, float(passed)) for i, passed in enumerate([1, 0])),
        rollout("b", 2, None),
    ]
    found = {at.k: at for at in summarise(rows).at_k}
    assert list(found) == [1, 2, 3, 4]
    assert [found[k].tasks for k in found] == [2, 2, 1, 1]
    assert found[2].pass_at_k == pytest.approx((pass_at_k(4, 2, 2) + 1) / 2)
    assert found[2].pass_hat_k == pytest.approx((pass_hat_k(4, 2, 2) + 0) / 2)
    assert found[1].avg_at_k == 0.5 and found[3].avg_at_k == pytest.approx(2 / 3)
    assert found[1].std_dev_across_runs is None
    assert found[2].std_dev_across_runs == pytest.approx(0.0)
    assert found[2].majority_at_k is None
    assert [at.k for at in summarise(rows, ks=[1, 3, 50]).at_k] == [1, 3]
    with pytest.raises(UsageError, match="at least 1"):
        summarise(rows, ks=[0])


def test_order_of_the_rows_does_not_matter():
    rows = [
        rollout(
            task, repeat, (repeat * 7 % 5) / 4, verdict={"metrics": {"extracted_answer": str(repeat % 3)}}
        )
        for task in "abc"
        for repeat in range(6)
    ]
    expected = summarise(rows).to_dict(per_task=False)
    random.Random(1).shuffle(rows)
    assert summarise(rows).to_dict(per_task=False) == expected


def test_which_k_by_default():
    rows = [rollout("a", repeat) for repeat in range(40)]
    assert [at.k for at in summarise(rows).at_k] == [1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 40]


def test_rewards_between_0_and_1():
    rows = [rollout("a", i, reward) for i, reward in enumerate([0.2, 0.9, 0.5])]
    found = {at.k: at for at in summarise(rows).at_k}
    assert [found[k].pass_at_k for k in found] == [0.2, 0.9, 0.9]
    assert [found[k].pass_hat_k for k in found] == [0.2, 0.2, 0.2]
    assert summarise(rows).per_task[0].pass_rate is None
    found = {at.k: at for at in summarise(rows, threshold=0.5).at_k}
    assert found[1].pass_at_k == pytest.approx(2 / 3)
    assert found[2].pass_at_k == 1.0
    assert summarise(rows, threshold=0.5).per_task[0].pass_rate == pytest.approx(2 / 3)


def test_majority_needs_an_answer_key():
    answers = ["4", "5", "5", None]
    rows = [
        rollout(
            "a",
            i,
            float(answer == "5"),
            verdict={"metrics": {} if answer is None else {"extracted_answer": answer}},
        )
        for i, answer in enumerate(answers)
    ]
    rows += [rollout("b", i, 0.0, verdict={"metrics": {}}) for i in range(4)]
    found = summarise(rows)
    assert [at.majority_at_k for at in found.at_k] == [0.0, 0.0, 0.5, 0.5]
    assert found.no_answer == 5 / 8
    assert summarise(rows, answer="other").no_answer is None
    assert summarise([rollout("a", verdict={"metrics": {"choice": ["B"]}})], answer="choice").no_answer == 0.0


def test_majorities_of_programs():
    rows = [
        rollout(
            "a", i, float(code == "y"), verdict={"metrics": {"extracted_model_code": code} if code else {}}
        )
        for i, code in enumerate(["x", "y", "y", None])
    ]
    found = summarise(rows)
    assert [at.majority_at_k for at in found.at_k] == [0.0, 0.0, 1.0, 1.0]
    assert found.no_answer == 1 / 4


def test_costs_tools_parts_and_reasons():
    turns = [
        {
            "usage": {"prompt_tokens": 10, "completion_tokens": 1},
            "tools": [{"name": "f", "outcome": "ok"}, {"name": "f", "outcome": "timeout"}],
        },
        {
            "usage": {"input_tokens": 20, "prompt_tokens": 20, "output_tokens": 2},
            "tools": [{"name": "g", "outcome": "ok"}],
        },
        {"usage": {}},
    ]
    verdict = {
        "components": {"format": 0.5},
        "metrics": {"right": True, "steps": 3, "note": "x"},
        "vacuous": True,
    }
    rows = [
        rollout("a", turns=turns, verdict=verdict, seconds=2.0, stop_reason="answered"),
        rollout(
            "b", turns=[], verdict={"components": {"format": 1.0}, "metrics": {"right": False}}, seconds=4.0
        ),
        rollout("c", 0, None, stop_reason="", turns=[{"usage": {"prompt_tokens": 30}}], verdict=None),
    ]
    found = summarise(rows)
    assert (found.prompt_tokens.count, found.prompt_tokens.total, found.prompt_tokens.mean) == (2, 60, 30)
    assert (found.completion_tokens.count, found.completion_tokens.total) == (1, 3)
    assert (found.seconds.mean, found.seconds.p50, found.seconds.p95) == (3.0, 3.0, pytest.approx(3.9))
    assert found.tool_outcomes == {"ok": 2, "timeout": 1}
    assert found.tools == {"f": {"ok": 1, "timeout": 1}, "g": {"ok": 1}}
    assert found.components == {"format": 0.75}
    assert found.metrics == {"right": 0.5, "steps": 3.0}
    assert found.stop_reasons == {"answered": 1}
    assert found.vacuous == 1
    assert found.failures == {"unknown": 1}


def test_subsets():
    rows = [
        rollout("a", verdict={"metrics": {"difficulty": "hard"}}),
        rollout("b", 0, 0.25, task={"data": {"difficulty": "easy", "topic": {"name": "sums"}}}),
        rollout("c", 0, None, difficulty="easy"),
        rollout("d", env={"id": "x", "kwargs": {"difficulty": 3}}),
        rollout("e"),
    ]
    found = summarise(rows, subsets=["difficulty", "topic.name"])
    parts = found.subsets["difficulty"]
    assert {label: (part.total, part.scored) for label, part in parts.items()} == {
        "hard": (1, 1),
        "easy": (2, 1),
        "3": (1, 1),
        "(none)": (1, 1),
    }
    assert sum(part.total for part in parts.values()) == found.total
    assert set(found.subsets["topic.name"]) == {"sums", "(none)"}
    # The rule for pass@k is that of the whole, though these rewards alone are 0 and 1.
    assert not found.binary and not parts["hard"].binary
    again = orjson.loads(orjson.dumps(found.to_dict()))
    assert again["subsets"]["difficulty"]["easy"]["reward"]["mean"] == 0.25
    assert "per_task" not in found.to_dict(per_task=False)


def test_rows_of_every_kind(tmp_path):
    class Record:
        def to_dict(self):
            return rollout("a")

    with RolloutStore.open(tmp_path / "run.jsonl", identity={}, ops=FastOps()) as store:
        store.write(rollout("a"))
    for rows in ([rollout("a")], [orjson.dumps(rollout("a"))], [Record()], read_rows(tmp_path / "run.jsonl")):
        assert summarise(rows).reward.mean == 1.0
    theirs = {
        "_ng_task_index": 4,
        "_ng_rollout_index": 1,
        "reward": 1,
        "extracted_answer": "B",
        "response": {"usage": {"input_tokens": 5, "output_tokens": 7}},
    }
    found = summarise([theirs, {"_ng_task_index": 4, "reward": 0, "_ng_failure_class": "x"}])
    assert (found.tasks, found.scored, found.prompt_tokens.total) == (1, 2, 5)
    with pytest.raises(UsageError, match="found int"):
        summarise([3])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "task_id",
        "task_index",
        "repeat",
        "attempt",
        "reward",
        "outcome",
        "verdict",
        "turns",
        "usage",
        "tools",
        "metrics",
    ]
    + [
        "components",
        "seconds",
        "failures",
        "stop_reason",
        "env",
        "policy",
        "seed",
        "vacuous",
        "extracted_answer",
    ]
)


@given(
    st.lists(st.dictionaries(NAMES, JSON | st.dictionaries(NAMES, JSON, max_size=3), max_size=8), max_size=5)
)
def test_any_rows(rows):
    found = summarise(rows, subsets=["verdict"])
    assert found.scored + found.unscorable == found.total <= len(rows)
    assert sum(found.outcomes.values()) == found.total
    orjson.dumps(found.to_dict())


def test_many_rows_in_linear_time():
    rows = (rollout(str(task), repeat, float(task % 3 == 0)) for task in range(5000) for repeat in range(4))
    found = summarise(rows)
    assert found.total == 20_000
    assert Counter(task.pass_rate for task in found.per_task) == {1.0: 1667, 0.0: 3333}
