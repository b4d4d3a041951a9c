from __future__ import annotations

import inspect
import os
import re

import gymnasium as gym
import pytest
from suite_rows import played
from testing import broken_envs
from testing_env import WeatherEnv

import llmgym
from llmgym.core import Env
from llmgym.testing import CheckFailed, check_env, run_checks
from llmgym.testing.check import run_check
from llmgym.testing.suite import Suite


@pytest.fixture(scope="module", autouse=True)
def registered():
    known = {
        f"broken/{name.removesuffix('Env')}-v0": kind
        for name, kind in vars(broken_envs).items()
        if is_env(kind)
    }
    for id, kind in known.items():
        llmgym.register(id, f"{kind.__module__}:{kind.__qualname__}")
    yield
    broken_envs.never.set()
    for descriptor in broken_envs.opened:
        os.close(descriptor)
    for id in known:
        del gym.registry[id]


def is_env(kind):
    return inspect.isclass(kind) and issubclass(kind, Env)


def outcome(id, name, **kwargs):
    """Run one check."""
    (check,) = [(told, check) for told, check in Suite(id, 5, 60, kwargs).checks() if told == name]
    return run_check(*check)


SAME, ELSEWHERE = "the same seed gives the same episode", "also in another process"
JSON, GROWS, FORK = "observations and infos are JSON", "history only grows", "a fork goes on alike and apart"
ORACLE, EMPTY, RANDOM = (
    "the oracle earns the full reward",
    "an empty response does not",
    "random responses do not",
)
FUZZ, LEFT, SPEC = (
    "60 fuzzed actions are survived",
    "nothing is left behind",
    "the spec rebuilds the environment",
)
GYM = "Gymnasium's own checker"


@pytest.mark.parametrize(
    ("name", "check", "detail"),
    [
        ("GlobalRandom", SAME, "first difference:.*metric"),
        ("GlobalNumpy", SAME, "first difference:.*metric"),
        ("OwnGenerator", SAME, "first difference:.*metric"),
        ("Clock", SAME, "first difference:.*metric"),
        ("Counter", SAME, "first difference:.*metric"),
        ("HashOrder", ELSEWHERE, "first difference:"),
        ("Set", JSON, "raised TypeError"),
        ("Tuple", JSON, "changes when written as JSON and read again"),
        ("NaN", JSON, "raised ValueError"),
        ("Replacing", GROWS, "the history was rewritten"),
        ("Editing", GROWS, "an earlier observation was changed by step"),
        ("Forgetting", GROWS, "the history was rewritten|the response is missing"),
        ("Sharing", FORK, "a fork and its origin went different ways"),
        ("Locked", FORK, "raised TypeError: cannot pickle"),
        ("Locked", SPEC, "raised TypeError: cannot pickle"),
        ("WrongOracle", ORACLE, r"task 0: reward 0\.0"),
        ("EndlessOracle", ORACLE, "task 0: the episode goes on after the oracle's last response"),
        ("Generous", EMPTY, "5 of 5 tasks paid the full reward"),
        ("Talkative", RANDOM, r"\d of 5 tasks paid the full reward"),
        ("StrictJson", FUZZ, "raised JSONDecodeError|raised RecursionError"),
        ("Encoding", FUZZ, "raised UnicodeEncodeError"),
        ("Thread", LEFT, "10 threads still run"),
        ("File", LEFT, "10 files are still open"),
        ("Task", LEFT, "10 asyncio tasks still run"),
        ("Seedless", GYM, "raised|seed"),
        ("Changing", SPEC, "a rebuilt environment plays another task"),
    ],
)
def test_the_check_that_a_defect_is_for_fails(name, check, detail):
    found = outcome(f"broken/{name}-v0", check)
    assert found.passed is False
    assert re.search(detail, found.detail), found.detail


def test_every_defect_is_tested():
    (mark,) = test_the_check_that_a_defect_is_for_fails.pytestmark
    tested = {name for name, *_ in mark.args[1]}
    kinds = [
        kind
        for kind in vars(broken_envs).values()
        if is_env(kind) and kind.__module__ == broken_envs.__name__
    ]
    sound = {"AsyncOracle", "NoOracle", "Vacuous", "NoFork", "WithMetric"}
    assert tested == {kind.__name__.removesuffix("Env") for kind in kinds} - sound


@pytest.mark.parametrize("name", ["Weather", "WithMetric", "AsyncOracle"])
def test_what_is_sound_passes(name):
    checks = check_env(f"broken/{name}-v0", tasks=5, fuzz=60)
    assert [check.name for check in checks if check.passed is not True] == []
    assert len(checks) == 12


@pytest.mark.parametrize(
    ("name", "checks", "detail"),
    [
        ("NoOracle", [ORACLE], "the environment has no oracle"),
        ("Vacuous", [EMPTY, RANDOM], "the environment declares that its reward is vacuous"),
        ("NoFork", [FORK], r"the environment has no forks \(it holds a process\)"),
    ],
)
def test_what_does_not_apply(name, checks, detail):
    for check in checks:
        found = outcome(f"broken/{name}-v0", check)
        assert found.passed is None
        assert re.fullmatch(detail, found.detail)


def test_the_arguments_reach_the_environment_also_in_another_process():
    llmgym.register("broken/Registered-v0", "testing_env:WeatherEnv", kwargs={"max_turns": 1})
    try:
        for check in (SAME, ELSEWHERE, SPEC):
            assert outcome("broken/Registered-v0", check, split="test").passed is True
        # With one turn the oracle's episode is cut before it answers, and still earns the reward.
        assert outcome("broken/Registered-v0", ORACLE).passed is True
    finally:
        del gym.registry["broken/Registered-v0"]


def test_rows_as_the_data_set():
    rows = [{"prompt": "Weather in Lima?", "city": "Lima"}] * 2
    checks = run_checks("broken/Weather-v0", tasks=5, fuzz=20, dataset=rows)
    assert [check for check in checks if not check.passed] == []
    assert next(check.detail for check in checks if check.name == ORACLE) == "2 tasks at 1"


def test_an_environment_that_no_other_process_can_import():
    class LocalEnv(WeatherEnv):
        pass

    gym.register("broken/Local-v0", LocalEnv)
    try:
        found = outcome("broken/Local-v0", ELSEWHERE)
        assert (found.passed, found.detail) == (None, "no other process can import the environment")
    finally:
        del gym.registry["broken/Local-v0"]


def test_all_that_failed_is_named_at_once(monkeypatch):
    def two_fail(self):
        def bad():
            raise AssertionError("why")

        return [("one", bad), ("two", lambda: "fine"), ("three", bad)]

    monkeypatch.setattr(Suite, "checks", two_fail)
    with pytest.raises(CheckFailed) as failed:
        check_env("broken/Weather-v0")
    assert str(failed.value) == "broken/Weather-v0 does not conform.\none: why\nthree: why"


def test_what_is_no_environment_of_llmgym():
    with pytest.raises(AssertionError, match=r"expected an llmgym.Env, found CartPoleEnv"):
        check_env("CartPole-v1")


@pytest.mark.filterwarnings("ignore:.*is out of date")
@pytest.mark.parametrize("row", played())
def test_the_suite_conforms(row):
    checks = check_env(row.id, tasks=5, fuzz=15 if row.sandbox else 60, **row.offline)
    assert all(
        check.passed is not None for check in checks if check.name in (GYM, SAME, ELSEWHERE, JSON, FUZZ)
    )
