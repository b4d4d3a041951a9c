"""The calendar grader against the public pattern and a plain restatement of the public rule."""

from __future__ import annotations

import itertools
import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgym.verdict import Verdict
from llmgym.verifiers.calendar import find_event_list, grade_calendar, parse_time

PUBLIC = re.compile(r"\[(?:[^\[\]]|\{[^}]*\})*\{(?:[^\[\]]|\{[^}]*\})*\}(?:[^\[\]]|\{[^}]*\})*\]", re.DOTALL)


def reference_list(text):
    match = PUBLIC.search(text)
    return match and match.group()


def reference_conflict(events):
    for a, b in itertools.product(events, events):
        start_a, start_b = parse_time(a["start_time"]), parse_time(b["start_time"])
        end_a, end_b = start_a + a["duration"], start_b + b["duration"]
        if a != b and not (end_a <= start_b or start_a >= end_b):
            return True
    return False


def reference_reward(text, expected):
    if "<think>" in text:
        return 0.0
    if not expected:
        return 1.0
    try:
        events = json.loads(reference_list(text))
        by_id = {str(e["event_id"]): e for e in events}
        if len(by_id) != len(expected) or reference_conflict(events):
            return 0.0
        for key, want in expected.items():
            got = by_id[key]
            start = parse_time(got["start_time"])
            end = start + got["duration"]
            limits = [start >= parse_time(want["min_time"]), end <= parse_time(want["max_time"])]
            limits.append(got["duration"] == want["duration"])
            match (want["constraint"] or "any").split():
                case ["before", when]:
                    limits.append(end <= parse_time(when))
                case ["after", when]:
                    limits.append(start >= parse_time(when))
                case ["between", first, "and", last]:
                    limits += [start >= parse_time(first), end <= parse_time(last)]
                case ["at", when]:
                    limits.append(start == parse_time(when))
            if not all(limits):
                return 0.0
        return 1.0
    except Exception:
        return 0.0


def test_finder_equals_the_public_pattern_on_every_short_text():
    for length in range(8):
        for characters in itertools.product("[]{}a", repeat=length):
            text = "".join(characters)
            assert find_event_list(text) == reference_list(text), text


def test_finder_equals_the_public_pattern_span_included():
    # A different letter behind every bracket makes each substring unique, so equal strings are equal spans.
    # Length 8 is needed: "[{}{]}}]" is the shortest text in which the order of preference within the object shows.
    for length in range(9):
        for characters in itertools.product("[]{}", repeat=length):
            text = "".join(c + chr(97 + i) for i, c in enumerate(characters))
            assert find_event_list(text) == reference_list(text), text


@settings(max_examples=2000, deadline=None)
@given(st.text(alphabet='[]{}",a \n', max_size=22))
def test_finder_equals_the_public_pattern(text):
    assert find_event_list(text) == reference_list(text)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(
        st.sampled_from(["[", "]", "{", "}", "[{", "}]", "{}", "[{}]", "},{", '"[x]"', "a"]), max_size=12
    )
)
def test_finder_equals_the_public_pattern_on_pieces(pieces):
    text = "".join(pieces)
    assert find_event_list(text) == reference_list(text)


MEGABYTE = 1_000_000
HOSTILE = {
    "unclosed-and-pairs": "[" + "{}" * (MEGABYTE // 2),
    "opening-brackets": "[" * MEGABYTE,
    "opening-braces": "[" + "{" * MEGABYTE,
    "both-opening": "[{" * (MEGABYTE // 2),
    "restarts": "[{}" * (MEGABYTE // 3),
    "nearly-closed": "[" + "{" * (MEGABYTE // 2) + "}" * (MEGABYTE // 2),
    "brackets-in-braces": "[{" + "[" * MEGABYTE + "},{}]",
    "braces-without-brackets": "{}" * (MEGABYTE // 2),
    "prose": "a" * MEGABYTE,
    "deep-json": '[{"a":' + "[" * (MEGABYTE // 2) + "]" * (MEGABYTE // 2) + "},{}]",
    "many-numbers": "[{}" + ",1" * (MEGABYTE // 2) + "]",
}
WINDOW = {"duration": 60, "constraint": None, "min_time": "10:00", "max_time": "16:00"}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_ends(text):
    verdict = grade_calendar(text, {"0": WINDOW})
    assert verdict.reward == 0.0
    assert verdict.reason


def test_many_events_end():
    good = {"event_id": 0, "start_time": "10:00", "duration": 60}
    copies = json.dumps([good] * 20_000)
    assert grade_calendar(copies, {"0": WINDOW}).reward == 1.0
    apart = [{"event_id": 0, "start_time": f"{i}:00", "duration": 60} for i in range(20_000, 10, -1)]
    assert grade_calendar(json.dumps([*apart, good]), {"0": WINDOW}).reward == 1.0
    idle = [{"event_id": 0, "start_time": "10:00", "duration": -1, "n": i} for i in range(20_000)]
    assert grade_calendar(json.dumps([*idle, good]), {"0": WINDOW}).reward == 1.0
    assert (
        grade_calendar(json.dumps([*apart, {**good, "n": 1}, good]), {"0": WINDOW}).reason
        == "conflicting_events"
    )


starts = st.sampled_from(
    [
        "10:00",
        "10:30",
        "11:00",
        "10am",
        "11:30 am",
        "12pm",
        "13:00",
        "+11:00",
        "x",
        600,
        "9007199254740992:00",
    ]
)
durations = st.sampled_from(
    [60, 60.0, 30, 0, -30, True, 1, 1.0, float("nan"), float("inf"), 2**53, 2.0**53, "60", None]
)
events = st.fixed_dictionaries(
    {"event_id": st.sampled_from([0, 1, "0", "1"]), "start_time": starts, "duration": durations},
    optional={"event_name": st.sampled_from(["a", "{b", "c}", "[d]", float("nan")])},
)
times = st.sampled_from(["10am", "10:30am", "11am", "12pm", "1pm"])
constraints = st.one_of(
    st.none(),
    st.just("someday"),
    st.tuples(st.sampled_from(["before", "after", "at"]), times).map(" ".join),
    st.tuples(times, times).map(lambda pair: f"between {pair[0]} and {pair[1]}"),
)
demands = st.fixed_dictionaries(
    {
        "duration": st.sampled_from([60, 60, 30, 0, 1]),
        "constraint": constraints,
        "min_time": st.just("10:00"),
        "max_time": st.sampled_from(["16:00", "9007199254740999:00"]),
    }
)
expectations = st.dictionaries(st.sampled_from(["0", "1"]), demands, max_size=2)


@settings(max_examples=600, deadline=None)
@given(st.lists(events, max_size=5), expectations)
def test_reward_equals_the_public_rule(calendar, expected):
    text = json.dumps(calendar)
    assert grade_calendar(text, expected).reward == reference_reward(text, expected)


def test_reward_equals_the_public_rule_where_it_is_often_1():
    rng = random.Random(0)
    rewards = []
    for _ in range(4000):
        expected = {str(i): {**WINDOW, "duration": rng.choice([30, 60])} for i in range(rng.randint(1, 3))}
        calendar = []
        for key, want in expected.items():
            start, duration = (
                rng.randrange(600, 960, 30),
                rng.choice([want["duration"]] * 5 + [0, -60, float("nan")]),
            )
            calendar.append(
                {"event_id": key, "start_time": f"{start // 60}:{start % 60}", "duration": duration}
            )
        for _ in range(rng.randint(0, 2)):
            extra = dict(rng.choice(calendar)) | rng.choice(
                [{}, {"duration": 0}, {"duration": 60.0}, {"x": 1}]
            )
            calendar.insert(rng.randint(0, len(calendar)), extra)
        text = json.dumps(calendar)
        rewards.append(grade_calendar(text, expected).reward)
        assert rewards[-1] == reference_reward(text, expected), text
    assert 200 < sum(rewards) < 3800


@settings(max_examples=400, deadline=None)
@given(st.text(), expectations)
def test_total_and_deterministic(text, expected):
    verdict = grade_calendar(text, expected)
    assert isinstance(verdict, Verdict)
    assert verdict.reward in (0.0, 1.0)
    assert verdict == grade_calendar(text, expected)
    assert bool(verdict.reason) == (verdict.reward == 0.0 or verdict.vacuous)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.dictionaries(st.sampled_from(["event_id", "start_time", "duration", "x"]), json_values), max_size=3
    ),
    expectations,
)
def test_any_json_is_graded_as_the_public_rule_does(calendar, expected):
    text = json.dumps(calendar)
    assert grade_calendar(text, expected).reward == reference_reward(text, expected)


PLAN = [
    {"event_id": i, "start_time": f"{10 + i}:00", "duration": 60, "event_name": f"n{i}"} for i in range(4)
]
PLANNED = {str(i): dict(WINDOW) for i in range(4)}


@settings(max_examples=100, deadline=None)
@given(st.permutations(PLAN), st.text(alphabet="abc .,:;()\n*`", max_size=20), st.sampled_from([None, 0, 2]))
def test_order_prose_and_layout_do_not_matter(calendar, prose, indent):
    text = prose + json.dumps(calendar, indent=indent) + prose
    assert grade_calendar(text, PLANNED).reward == 1.0


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 3), st.sampled_from([
    {"duration": 61}, {"start_time": "9:59"}, {"start_time": "15:01"}, {"event_id": 9}, {"start_time": None},
]), st.booleans())  # fmt: skip
def test_a_spoiled_calendar_is_never_right(position, spoiled, repeated):
    calendar = [{**e, **spoiled} if i == position else e for i, e in enumerate(PLAN)]
    assert grade_calendar(json.dumps(calendar * 2 if repeated else calendar), PLANNED).reward == 0.0
