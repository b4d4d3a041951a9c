from __future__ import annotations

import json
from pathlib import Path

import gymnasium as gym
import numpy as np
import pytest
from envs.tool_playing import check_in_gymnasium, check_splits, play
from hypothesis import given
from hypothesis import strategies as st

import llmgym  # noqa: F401
from llmgym.envs.single_tool_call import SingleToolCallEnv, SingleToolCallV1Env, make_weather_task
from llmgym.envs.single_tool_call.cities import CITIES, accepted_names, aliases_of, cities_in, normalise
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import Response, assistant, tool_call

DIFFICULTIES = ("easy", "medium", "hard")
ROW = {"prompt": "what's it like in sf?"}
SYDNEY = {"prompt": "weather?", "expected_city": "Sydney", "city_aliases": ["syd"]}


def call(city):
    return tool_call("get_weather", {"city": city})


BROKEN = tool_call("get_weather", "{")


# The public tool's text, byte for byte.


@pytest.mark.parametrize(
    ("arguments", "content"),
    [
        ('{"city": "sf"}', '{"city":"sf","weather_description":"The weather in sf is cold."}'),
        (
            '{"city":"São Paulo"}',
            '{"city":"São Paulo","weather_description":"The weather in São Paulo is cold."}',
        ),
        ('{"city": "東京"}', '{"city":"東京","weather_description":"The weather in 東京 is cold."}'),
        ('{"city": "\\u00fc"}', '{"city":"ü","weather_description":"The weather in ü is cold."}'),
        ('{"city": ""}', '{"city":"","weather_description":"The weather in  is cold."}'),
        (
            '{"city": "a \\"b\\""}',
            '{"city":"a \\"b\\"","weather_description":"The weather in a \\"b\\" is cold."}',
        ),
        (
            '{"city": "Oslo", "unit": "C"}',
            '{"city":"Oslo","weather_description":"The weather in Oslo is cold."}',
        ),
    ],
)
def test_tool_text(arguments, content):
    env = SingleToolCallEnv()
    env.reset(options={"task": ROW})
    observation, *_ = env.step(assistant(None, tool_call("get_weather", arguments)))
    assert observation[-1] == {"role": "tool", "tool_call_id": "call_0", "content": content}


@pytest.mark.parametrize(
    "arguments", ["{}", '{"city": null}', '{"city": 3}', '{"city": ["sf"]}', "[]", "null", "", "{"]
)
def test_bad_arguments_are_told_to_the_model(arguments):
    env = SingleToolCallEnv()
    env.reset(options={"task": ROW})
    observation, *_ = env.step(assistant(None, tool_call("get_weather", arguments)))
    assert env.episode.tool_results[-1].outcome == "malformed_arguments"
    assert "city" in json.loads(observation[-1]["content"])["error"]


def test_a_city_that_utf8_cannot_hold_does_not_end_the_episode():
    env = SingleToolCallV1Env()
    reward, _ = play(env, SYDNEY, [assistant(None, tool_call("get_weather", '{"city": "\\ud800"}')), "cold"])
    assert reward == 0.0
    assert env.episode.messages[-2]["content"].encode()


# v0: the public verifier's rule is a constant 1.0.


@pytest.mark.parametrize(
    "actions",
    [
        [""],
        ["I will not look that up."],
        [assistant(None, call("Oslo")), "It is cold."],
        [assistant(None, tool_call("nonsense", {})), "hm"],
        [assistant(None, BROKEN), ""],
        [Response({"role": "assistant", "content": "The wea"}, finish_reason="length")],
    ],
)
def test_v0_rewards_everything_and_says_so(actions):
    reward, info = play(SingleToolCallEnv(), ROW, actions)
    assert reward == 1.0
    assert info["vacuous"] is True


def test_v0_is_declared_vacuous_and_v1_is_not():
    assert SingleToolCallEnv.vacuous and not SingleToolCallV1Env.vacuous


# v1.

ANSWER = "It is cold."


@pytest.mark.parametrize(
    ("actions", "reward", "components"),
    [
        ([assistant(None, call("Sydney")), ANSWER], 1.0, (1, 1, 1)),
        ([assistant(None, call(" SYDNEY  ")), ANSWER], 1.0, (1, 1, 1)),
        ([assistant(None, call("syd")), ANSWER], 1.0, (1, 1, 1)),
        ([assistant("Let me look.", call("sydney")), ANSWER], 1.0, (1, 1, 1)),
        # The same city twice is one city.
        ([assistant(None, call("Sydney"), call("sydney")), ANSWER], 1.0, (1, 1, 1)),
        # A failed call does not count, neither way.
        ([assistant(None, BROKEN), assistant(None, call("Sydney")), ANSWER], 1.0, (1, 1, 1)),
        ([assistant(None, BROKEN), ANSWER], 0.0, (0, 0, 0)),
        ([assistant(None, tool_call("weather", {"city": "Sydney"})), ANSWER], 0.0, (0, 0, 0)),
        ([ANSWER], 0.0, (0, 0, 0)),
        ([""], 0.0, (0, 0, 0)),
        ([assistant(None, call("Melbourne")), ANSWER], 0.0, (1, 0, 0)),
        ([assistant(None, call("")), ANSWER], 0.0, (1, 0, 0)),
        ([assistant(None, call("Sydney, Melbourne")), ANSWER], 0.0, (1, 0, 0)),
        # Shotgun calling.
        ([assistant(None, call("Sydney"), call("Melbourne")), ANSWER], 0.0, (1, 0, 1)),
        ([assistant(None, call("Melbourne")), assistant(None, call("Sydney")), ANSWER], 0.0, (1, 0, 1)),
        # An answer has text, comes after the call, and comes to its end.
        ([assistant(None, call("Sydney")), ""], 0.0, (1, 1, 0)),
        ([assistant(None, call("Sydney")), " \n"], 0.0, (1, 1, 0)),
        ([assistant("It is cold.", call("Sydney")), ""], 0.0, (1, 1, 0)),
        (
            [assistant(None, call("Sydney")), Response(assistant("It is"), finish_reason="length")],
            0.0,
            (1, 1, 0),
        ),
        # The calls of a response that was cut off are not executed.
        ([Response(assistant("It is", call("Sydney")), finish_reason="length")], 0.0, (0, 0, 0)),
    ],
)
def test_v1_reward(actions, reward, components):
    earned, info = play(SingleToolCallV1Env(), SYDNEY, actions)
    assert earned == reward
    assert tuple(info["components"].values()) == components
    assert list(info["components"]) == ["called", "right_city", "answered"]
    assert bool(info["reason"]) == (reward == 0.0)
    assert not info["vacuous"]


def test_v1_out_of_turns_is_no_answer():
    reward, info = play(SingleToolCallV1Env(max_turns=1), SYDNEY, [assistant(None, call("Sydney"))])
    assert reward == 0.0
    assert info["stop_reason"] == "max_turns"


@pytest.mark.parametrize(
    ("text", "city"),
    [
        ("what's it like in sf?", "San Francisco"),
        ("going out in sf tn", "San Francisco"),
        ("humidity in SF", "San Francisco"),
        ("nyc's weather?", "New York"),
        ("Weather in L.A.?", "Los Angeles"),
        ("is La Habana warm", "Havana"),
        ("in washington d.c., please", "Washington"),
        ("Seattle, Washington!", "Seattle"),
        ("New Orleans, LA", "New Orleans"),
        ("sao paulo", "São Paulo"),
        ("how is the big apple, I mean New York", "New York"),
    ],
)
def test_city_is_derived_from_the_user_text(text, city):
    assert [found.name for found in cities_in(text)] == [city]
    reward, _ = play(SingleToolCallV1Env(), {"prompt": text}, [assistant(None, call(city)), ANSWER])
    assert reward == 1.0


@pytest.mark.parametrize(
    "text", ["how's the outside?", "get the weather for 3 cities in the us", "Oslo or Rome?", ""]
)
def test_rows_without_one_city_are_refused_by_v1(text):
    with pytest.raises(InvalidTask, match="expected_city"):
        SingleToolCallV1Env().reset(options={"task": {"prompt": text}})


@pytest.mark.parametrize("field", [{"expected_city": 3}, {"expected_city": "Oslo", "city_aliases": "sf"}])
def test_bad_fields_are_named(field):
    with pytest.raises(InvalidTask, match=list(field)[-1]):
        SingleToolCallV1Env().reset(options={"task": {"prompt": "Weather in Oslo?", **field}})


@given(st.text())
def test_any_text_can_be_normalised_and_searched(text):
    plain = normalise(text)
    assert plain == " ".join(plain.split()) == normalise(f"  {text}\n")
    cities_in(text)


@given(
    st.sampled_from(CITIES),
    st.sampled_from([str.upper, str.lower, str.title, "  {} ".format, "({})?".format]),
)
def test_spelling_of_a_city_does_not_matter(city, spell):
    assert normalise(spell(city.name)) == normalise(city.name)
    assert cities_in(spell(city.name)) == [city]


def test_no_two_cities_share_a_name():
    owners = {}
    for city in CITIES:
        for name in accepted_names(city.name, [*aliases_of(city), *city.descriptions]):
            assert owners.setdefault(name, city) is city


# Public rows.


@pytest.fixture
def sample(shared_data):
    return str(shared_data / "single_tool_call" / "example.jsonl")


def test_public_rows_play_with_v0(sample):
    env = SingleToolCallEnv(dataset=sample)
    assert len(env.tasks) == 5
    rows = [json.loads(line) for line in Path(sample).read_text().splitlines()]
    for index, task in enumerate(env.tasks):
        _, info = env.reset(options={"task": index})
        assert info["tools"][0]["function"]["name"] == "get_weather"
        assert info["tools"][0]["function"]["strict"] is True
        assert play(env, index, env.oracle(task))[0] == 1.0
        assert task.row() == rows[index]


def test_public_rows_play_with_v1_where_the_city_is_clear(sample):
    env = SingleToolCallV1Env(dataset=sample, on_bad_row="skip")
    assert len(env.tasks) == 3
    assert all(play(env, task, env.oracle(task))[0] == 1.0 for task in env.tasks)
    with pytest.raises(InvalidTask, match="on_bad_row"):
        SingleToolCallV1Env(dataset=sample).reset(options={"task": 3})


# Procedural tasks.


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_oracle_earns_everything(difficulty):
    env = SingleToolCallV1Env(difficulty=difficulty)
    for index in range(200):
        task = env.tasks[index]
        assert play(env, index, env.oracle(task))[0] == 1.0
        wrong = next(city.name for city in CITIES if city.name != task.data["expected_city"])
        assert play(env, index, [assistant(None, call(wrong)), ANSWER])[0] == 0.0
        assert play(env, index, [""])[0] == 0.0


def question(row):
    return row["responses_create_params"]["input"][-1]["content"]


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_the_text_proves_the_city(difficulty):
    for seed in range(300):
        row = make_weather_task(np.random.default_rng(seed), seed, difficulty=difficulty)
        named = [city.name for city in cities_in(question(row))]
        assert row["expected_city"] in named
        if difficulty == "easy":
            assert len(named) == 1
        if difficulty == "medium":
            assert len(named) >= 2
        if "alphabet" in question(row):
            assert row["expected_city"] == sorted(named, key=normalise)[-("last" in question(row))]
        if "one stop after" in question(row):
            before = cities_in(question(row).split("one stop after")[1])[0].name
            assert row["expected_city"] == named[named.index(before) + 1]


def test_descriptions_are_not_accepted_as_names():
    row = {"prompt": "How is the Big Apple?"}
    assert play(SingleToolCallV1Env(), row, [assistant(None, call("the Big Apple")), ANSWER])[0] == 0.0
    assert play(SingleToolCallV1Env(), row, [assistant(None, call("New York, NY, USA")), ANSWER])[0] == 1.0


def test_same_index_same_task_and_splits_share_nothing():
    check_splits(SingleToolCallEnv, 300)


@pytest.mark.parametrize("env_class", [SingleToolCallEnv, SingleToolCallV1Env])
def test_unknown_difficulty(env_class):
    with pytest.raises(UsageError, match="easy, medium, hard"):
        env_class(difficulty="brutal")


@pytest.mark.parametrize("id", ["llmgym/SingleToolCall-v0", "llmgym/SingleToolCall-v1"])
@pytest.mark.filterwarnings("ignore:.*out of date.*:DeprecationWarning")
def test_gymnasium(id):
    check_in_gymnasium(id, difficulty="easy")
    _, info = gym.make(id, difficulty="easy").reset(seed=1)
    assert info["tools"][0]["function"]["parameters"]["required"] == ["city"]
