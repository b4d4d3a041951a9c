from __future__ import annotations

from collections.abc import Iterator

import gymnasium as gym
import pytest

import llmgym
from llmgym.cli.environments import complete, constructor, import_modules, parse_arguments, resolve
from llmgym.errors import UsageError
from llmgym.registration import SUITE


@pytest.fixture
def registered() -> Iterator[None]:
    before = set(gym.registry)
    for name in ("mine/Weather-v0", "mine/Weather-v2", "mine/MCQA-v0"):
        llmgym.register(name, "testing_env:WeatherEnv", kwargs={"max_turns": 7})
    yield
    for name in set(gym.registry) - before:
        del gym.registry[name]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("llmgym/SessionState-v0", "llmgym/SessionState-v0"),
        ("SessionState-v0", "llmgym/SessionState-v0"),
        ("SessionState", "llmgym/SessionState-v0"),
        ("sessionstate", "llmgym/SessionState-v0"),
        ("llmgym/SingleToolCall", "llmgym/SingleToolCall-v1"),
        ("SingleToolCall", "llmgym/SingleToolCall-v1"),
        ("SingleToolCall-v0", "llmgym/SingleToolCall-v0"),
        ("weather", "mine/Weather-v2"),
        ("mine/MCQA", "mine/MCQA-v0"),
        ("testing_env:mine/Weather", "mine/Weather-v2"),
    ],
)
def test_a_name_stands_for_an_id(registered, typed, meant):
    assert resolve(typed) == meant


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("Calender", "Did you mean llmgym/Calendar-v0?"),
        ("llmgym/Calender-v0", "Did you mean llmgym/Calendar-v0?"),
        ("SingleToolCal", "Did you mean llmgym/SingleToolCall-v1?"),
        ("MCQA", "llmgym/MCQA-v0 or mine/MCQA-v0: write the whole id"),
        ("qqqqqqqq", "'llmgym list' shows them"),
        ("no_such_module:mine/Weather", "Importing 'no_such_module' failed"),
    ],
)
def test_a_wrong_name_is_answered_with_what_may_be_meant(registered, typed, hint):
    with pytest.raises(UsageError) as caught:
        resolve(typed)
    assert hint in str(caught.value)


def test_every_environment_of_the_suite_can_be_named_and_described():
    for row in SUITE:
        assert resolve(row.id) == row.id
        assert "dataset" in {one.name for one in constructor(row.id) or []}


def test_constructor_arguments_come_from_all_classes_and_the_registry(registered):
    known = {one.name: one for one in constructor("mine/Weather-v0") or []}
    assert known["max_turns"].default == 7
    assert known["split"].default == "train" and known["split"].type == "str"
    assert [one.name for one in constructor("llmgym/SessionState-v0") or []][0] == "difficulty"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("{", "--args is not JSON"),
        ("[1]", "Expected --args to be a JSON object, found list"),
        ('{"dificulty": "hard"}', "Did you mean 'difficulty'?"),
        ('{"zzz": 1}', "Known are: difficulty, dataset"),
    ],
)
def test_wrong_arguments(text, hint):
    with pytest.raises(UsageError) as caught:
        parse_arguments(text, "llmgym/SessionState-v0")
    assert hint in str(caught.value)


def test_arguments():
    assert parse_arguments('{"difficulty": "hard"}', "llmgym/SessionState-v0") == {"difficulty": "hard"}
    assert parse_arguments('{"anything": 1}') == {"anything": 1}


def test_a_file_that_does_not_exist_is_not_imported():
    with pytest.raises(UsageError, match="There is no file 'nowhere.py'"):
        import_modules(["nowhere.py"])


def test_completion():
    assert complete("sess") == ["SessionState-v0"]
    assert complete("llmgym/Cal") == ["llmgym/Calendar-v0"]
