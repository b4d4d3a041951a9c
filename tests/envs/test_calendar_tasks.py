from __future__ import annotations

import itertools
import json
import re
import statistics

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgym.envs.calendar import CalendarEnv, make_conversation
from llmgym.envs.calendar.levels import LEVELS
from llmgym.envs.calendar.live import added_by_turn, event_names, state_after
from llmgym.envs.calendar.personas import PERSONAS
from llmgym.envs.calendar.phrases import ADD, BOTH, CONSTRAIN, said_length, said_time, sentence
from llmgym.envs.calendar.schedule import Event, clock, read_events, short_time, solve, update
from llmgym.errors import InvalidTask, UsageError
from llmgym.messages import assistant
from llmgym.tasks import Task, TaskSet
from llmgym.verifiers.calendar import find_event_list, grade_calendar, parse_time

TIME = r"(1[0-2]|[1-9])(:15|:30|:45)?[ap]m"
CONSTRAINT = re.compile(rf"(before|after|at) {TIME}|between {TIME} and {TIME}")


def rows(difficulty: str, count: int = 150) -> list[dict]:
    return [make_conversation(np.random.default_rng([7, i]), i, difficulty=difficulty) for i in range(count)]


def conversation(row: dict) -> list[dict]:
    return row["responses_create_params"]["input"]


# The generator.


@pytest.mark.parametrize("difficulty", LEVELS)
def test_generated_rows_keep_every_promise(difficulty):
    level = LEVELS[difficulty]
    for row in rows(difficulty):
        prompt, state = conversation(row), row["exp_cal_state"]
        assert [m["role"] for m in prompt] == [
            "system",
            *itertools.islice(itertools.cycle(["user", "assistant"]), len(prompt) - 1),
        ]
        assert prompt[-1]["role"] == "user"
        assert len(row["requests"]) == len(prompt) // 2
        assert level.events[0] <= len(state) <= level.events[1]
        assert not any("{" in m["content"] or "}" in m["content"] for m in prompt if m["role"] == "user")
        for number, entry in state.items():
            assert number == str(entry["event_id"]) and entry["event_name"]
            assert not set(entry["event_name"]) & set('[]{}"')
            assert entry["duration"] in range(30, 91, 15)
            assert (parse_time(entry["min_time"]), parse_time(entry["max_time"])) in level.hours
            if entry["constraint"] is not None:
                assert CONSTRAINT.fullmatch(entry["constraint"])
                assert all(parse_time(t[0]) % 15 == 0 for t in re.finditer(TIME, entry["constraint"]))
        events = read_events(state)
        calendar = solve(events)
        assert calendar is not None
        assert json.loads(json.dumps(row)) == row


@pytest.mark.parametrize("difficulty", LEVELS)
def test_every_recorded_calendar_meets_what_was_asked_until_then(difficulty):
    for row in rows(difficulty, 100):
        task = Task.of(row)
        shown = [m["content"] for m in conversation(row) if m["role"] == "assistant"]
        for turn, text in enumerate(shown):
            found = find_event_list(text)
            if row["requests"][turn]:
                assert text == found, "an answer to a request is the calendar alone"
            if found is None:
                continue
            assert grade_calendar(text, state_after(task, turn + 1)).reward == 1.0
            assert all(parse_time(entry["start_time"]) % 15 == 0 for entry in json.loads(found))


@pytest.mark.parametrize("difficulty", LEVELS)
def test_requests_are_told_in_the_words_of_the_user(difficulty):
    for row in rows(difficulty, 60):
        texts = [m["content"] for m in conversation(row) if m["role"] == "user"]
        for text, words in zip(texts, row["requests"], strict=True):
            for word in words:
                verb, number = word.split()
                entry = row["exp_cal_state"][number]
                if verb == "add":
                    assert entry["event_name"] in text and f"event id: {number}" in text.lower()
                else:
                    times = [parse_time(time[0]) for time in re.finditer(TIME, entry["constraint"])]
                    styles = ("tight", "spaced", "full", "clock", "spoken")
                    assert any(
                        all(
                            said_time(t, style) in text or sentence(said_time(t, style)) in text
                            for t in times
                        )
                        for style in styles
                    )
        stated = [word for words in row["requests"] for word in words]
        assert len(stated) == len(set(stated))
        constrained = {number for number, entry in row["exp_cal_state"].items() if entry["constraint"]}
        assert {word.split()[1] for word in stated if word.startswith("constrain")} == constrained
        assert added_by_turn(Task.of(row)) == [
            [int(w.split()[1]) for w in words if w.startswith("add")] for words in row["requests"]
        ]


def test_every_kind_of_constraint_appears():
    for difficulty in LEVELS:
        kinds = {
            (e["constraint"] or "none").split()[0]
            for row in rows(difficulty)
            for e in row["exp_cal_state"].values()
        }
        assert kinds == {"before", "after", "between", "at"} | (set() if difficulty == "expert" else {"none"})


def test_difficulties_are_ordered():
    def copied(row: dict) -> float:
        shown = [
            m["content"]
            for m in conversation(row)
            if m["role"] == "assistant" and find_event_list(m["content"])
        ]
        return grade_calendar(shown[-1], row["exp_cal_state"]).reward

    measures = {
        "events": lambda row: len(row["exp_cal_state"]),
        "constraints": lambda row: sum(e["constraint"] is not None for e in row["exp_cal_state"].values()),
        "messages": lambda row: len(conversation(row)),
        "busy minutes": lambda row: sum(e["duration"] for e in row["exp_cal_state"].values()),
        "small talk": lambda row: row["requests"].count([]),
        "repeating the last calendar is wrong": lambda row: 1.0 - copied(row),
    }
    made = {difficulty: rows(difficulty) for difficulty in LEVELS}
    for name, measure in measures.items():
        means = [statistics.fmean(map(measure, made[difficulty])) for difficulty in LEVELS]
        assert means == sorted(means) and len(set(means)) == len(means), (name, means)


def test_the_same_generator_state_gives_the_same_row():
    for difficulty in LEVELS:
        one, two = (make_conversation(np.random.default_rng(3), i, difficulty=difficulty) for i in (0, 9))
        assert one == two
        assert one != make_conversation(np.random.default_rng(4), 0, difficulty=difficulty)


def test_wording_varies():
    texts = [m["content"] for row in rows("hard", 80) for m in conversation(row) if m["role"] == "user"]
    assert len(set(texts)) > 0.8 * len(texts)
    systems = {conversation(row)[0]["content"] for row in rows("expert", 80)}
    assert len(systems) > 20


def test_splits_share_no_conversation():
    for difficulty in LEVELS:
        seen: dict[str, str] = {}
        for split in ("train", "validation", "test"):
            tasks = TaskSet.procedural(make_conversation, split=split, difficulty=difficulty)
            for index in range(60):
                text = json.dumps(tasks[index].messages)
                assert seen.setdefault(text, split) == split
            assert tasks[5] == TaskSet.procedural(make_conversation, split=split, difficulty=difficulty)[5]


def test_phrases_and_personas_can_be_filled():
    for persona in PERSONAS:
        assert persona.voice in ADD
        shorts = [short for _, short in persona.events]
        assert len(set(shorts)) == len(shorts) >= LEVELS["expert"].events[1]
        for name, short in persona.events:
            assert (name + short).format(who="Ada", thing="map")
        for said, reply in persona.chatter:
            assert "?" not in reply, "the rules forbid questions"
            assert (said + reply).format(who="Ada", thing="map")
    for kind, voices in CONSTRAIN.items():
        assert set(voices) == set(ADD)
        for wording in [*itertools.chain(*voices.values()), *BOTH[kind]]:
            assert "{a}" in wording and ("{b}" in wording) == (kind == "between")
    for wording in itertools.chain(*ADD.values()):
        assert all(
            field in wording.replace("Event", "event") for field in ("{name}", "{length}", "event id: {id}")
        )
    assert said_length(90, "words") == "an hour and a half"


def test_a_wrong_difficulty_is_told_in_one_sentence():
    for make in (
        lambda: make_conversation(np.random.default_rng(0), 0, difficulty="hrad"),
        lambda: CalendarEnv(difficulty="hrad"),
    ):
        with pytest.raises(UsageError, match="easy, medium, hard, expert, found 'hrad'"):
            make()
    with pytest.raises(UsageError, match="'recorded' or 'live', found 'lively'"):
        CalendarEnv(conversation="lively")


# Scheduling.


@given(st.integers(0, 1439))
def test_times_are_written_as_the_verifier_reads_them(minutes):
    assert parse_time(clock(minutes)) == parse_time(short_time(minutes)) == minutes


@st.composite
def days(draw) -> list[Event]:
    events = []
    for number in range(draw(st.integers(1, 5))):
        first = draw(st.integers(600, 840))
        constraint = draw(
            st.sampled_from(
                [
                    None,
                    f"before {short_time(first + 60)}",
                    f"after {short_time(first)}",
                    f"at {short_time(first)}",
                    f"between {short_time(first)} and {short_time(first + 120)}",
                    "someday",
                ]
            )
        )
        events.append(Event(number, "x", draw(st.sampled_from([30, 45, 60, 90])), 600, 840, constraint))
    return events


def brute_force(events: list[Event]) -> bool:
    for order in itertools.permutations(events):
        now = 0
        for event in order:
            earliest, latest = event.window
            now = max(now, earliest) + event.duration
            if now > latest:
                break
        else:
            return True
    return False


def correct(calendar: dict[int, int], events: list[Event]) -> bool:
    by_id = {event.event_id: event for event in events}
    slots = sorted((start, start + by_id[number].duration) for number, start in calendar.items())
    return (
        set(calendar) == set(by_id)
        and all(by_id[number].allows(start) for number, start in calendar.items())
        and all(one[1] <= two[0] for one, two in itertools.pairwise(slots))
    )


@settings(max_examples=300, deadline=None)
@given(days())
def test_solve_is_exact(events):
    calendar = solve(events)
    assert (calendar is not None) == brute_force(events)
    assert calendar is None or correct(calendar, events)


@settings(max_examples=200, deadline=None)
@given(days())
def test_update_keeps_calendars_correct(events):
    calendar: dict[int, int] = {}
    for known in range(1, len(events) + 1):
        updated = update(calendar, events[:known], known - 1)
        assert (updated is not None) == brute_force(events[:known])
        if updated is None:
            return
        assert correct(updated, events[:known])
        calendar = updated


def test_update_leaves_what_it_can():
    events = [
        Event(0, "a", 60, 600, 960),
        Event(1, "b", 60, 600, 960),
        Event(2, "c", 60, 600, 960, "at 10am"),
    ]
    calendar = update(update({}, events[:1], 0), events[:2], 1)
    assert calendar == {0: 600, 1: 660}
    assert update(calendar, events, 2) == {0: 720, 1: 660, 2: 600}


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"duration": 60, "min_time": "ten", "max_time": "16:00"},
        "x",
        {"duration": 60, "min_time": "10:00", "max_time": "16:00", "constraint": "before lunch"},
    ],
)
def test_a_state_that_cannot_be_read_is_named(entry):
    with pytest.raises(InvalidTask, match="exp_cal_state"):
        read_events({"0": entry})


def test_names_come_from_the_recorded_calendars():
    said = [
        assistant("See [1] and [{broken"),
        assistant('Fine: [{"event_id": 2, "event_name": "Call [urgent]"}] ok'),
    ]
    assert event_names(said) == {2: "Call urgent"}
