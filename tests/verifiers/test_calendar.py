"""One case a rule of the calendar grader; properties are in test_calendar_properties.py."""

from __future__ import annotations

import itertools
import json

import pytest

from llmgym.verdict import Verdict
from llmgym.verifiers.calendar import REASONS, grade_calendar, parse_time

OK, THINK, NO_LIST, NUMBER, CONFLICT, VIOLATED, ERROR = ("", *REASONS)


def wanted(duration=60, constraint=None, min_time="10:00", max_time="16:00", **more):
    return {
        "duration": duration,
        "constraint": constraint,
        "min_time": min_time,
        "max_time": max_time,
        **more,
    }


def event(event_id=0, start="10:00", duration=60, **more):
    return {"event_id": event_id, "start_time": start, "duration": duration, **more}


ONE = {"0": wanted()}
TWO = {"0": wanted(), "1": wanted()}
DEEP = "[" * 100_000 + "]" * 100_000
TWO_PLANNED = [event(0, "10:00"), event(1, "11:00")]


def at(constraint, start, duration=60, **window):
    return [event(0, start, duration)], {"0": wanted(duration, constraint, **window)}


# id, the text or the list to be written as JSON, what is expected, the reason for 0 (or "" for 1)
CASES = [
    ("one-event", [event()], ONE, OK),
    ("two-events", TWO_PLANNED, TWO, OK),
    ("order-is-free", TWO_PLANNED[::-1], TWO, OK),
    # step 1 and 2
    ("think-is-0", "<think>" + json.dumps([event()]), ONE, THINK),
    ("think-after-the-list-is-0", json.dumps([event()]) + "<think>", ONE, THINK),
    ("think-with-nothing-expected-is-0", "<think>", {}, THINK),
    ("other-case-think-is-free", "<THINK>" + json.dumps([event()]), ONE, OK),
    ("closing-think-is-free", "</think>" + json.dumps([event()]), ONE, OK),
    ("nothing-expected-is-1", "no calendar", {}, OK),
    ("nothing-expected-empty-text-is-1", "", {}, OK),
    # step 3: the list
    ("empty-text", "", ONE, NO_LIST),
    ("prose", "I put it at ten.", ONE, NO_LIST),
    ("empty-list", "[]", ONE, NO_LIST),
    ("list-of-numbers", "[1, 2]", ONE, NO_LIST),
    ("object-without-list", json.dumps(event()), ONE, NO_LIST),
    ("code-fence", "```json\n" + json.dumps([event()], indent=2) + "\n```", ONE, OK),
    ("enclosing-object", json.dumps({"calendar": [event()]}), ONE, OK),
    ("earlier-list-of-numbers-is-skipped", "[1,2] " + json.dumps([event()]), ONE, OK),
    ("earlier-note-in-brackets-wins", "[note {x}] " + json.dumps([event()]), ONE, NO_LIST),
    ("first-of-two-calendars-good", json.dumps([event()]) + " or " + json.dumps([event(0, "19:00")]), ONE, OK),
    ("first-of-two-calendars-bad", json.dumps([event(0, "19:00")]) + json.dumps([event()]), ONE, VIOLATED),
    ("unclosed-list", json.dumps([event()])[:-1], ONE, NO_LIST),
    ("unclosed-bracket-before", "[ see " + json.dumps([event()]), ONE, OK),
    ("trailing-comma", '[{"event_id": 0, "start_time": "10:00", "duration": 60},]', ONE, NO_LIST),
    ("single-quotes", str([event()]), ONE, NO_LIST),
    ("comment-in-list", '[{"event_id": 0, "start_time": "10:00", "duration": 60} // x\n]', ONE, NO_LIST),
    ("braces-in-a-name", [event(event_name="a {b} }{ c")], ONE, OK),
    ("brackets-in-the-only-name", [event(event_name="a [b]")], ONE, NO_LIST),
    ("brackets-in-one-of-two-names", [event(event_name="[a]"), event(1, "11:00")], TWO, OK),
    ("brackets-in-every-name", [event(event_name="[a]"), event(1, "11:00", event_name="[b]")], TWO, NO_LIST),
    ("nested-list-value", [event(people=["x"])], ONE, NO_LIST),
    ("nested-object-value", [event(place={"room": 1})], ONE, OK),
    ("line-breaks-in-the-list", json.dumps([event()], indent=1).replace(",", "\n,"), ONE, OK),
    ("unicode-names", [event(event_name="caf\u00e9 \u202f \ud83d\ude00")], ONE, OK),
    # step 4: ids and their number
    ("id-as-string", [event("0")], ONE, OK),
    ("id-as-float-is-another-id", [event(0.0)], ONE, ERROR),
    ("id-with-zeros-is-another-id", [event("00")], ONE, ERROR),
    ("id-true-is-another-id", [event(True)], {"1": wanted()}, ERROR),
    ("id-null-is-None", [event(None)], {"None": wanted()}, OK),
    ("wrong-id", [event(7)], ONE, ERROR),
    ("too-few", [event()], TWO, NUMBER),
    ("too-many", TWO_PLANNED, ONE, NUMBER),
    ("no-id", [{"start_time": "10:00", "duration": 60}], ONE, ERROR),
    ("a-string-among-the-events", '["x", ' + json.dumps(event()) + "]", ONE, ERROR),
    ("a-number-among-the-events", "[1, " + json.dumps(event()) + "]", ONE, ERROR),
    ("later-duplicate-wins", [event(0, "19:00"), event(0, "10:00")], ONE, OK),
    ("later-duplicate-loses", [event(0, "10:00"), event(0, "19:00")], ONE, VIOLATED),
    # step 5: conflicts
    ("exact-duplicate-is-ignored", [event(), event()], ONE, OK),
    ("duplicate-with-other-number-type-is-ignored", [event(), event(0, "10:00", 60.0)], ONE, OK),
    ("duplicate-with-another-name-conflicts", [event(event_name="a"), event(event_name="b")], ONE, CONFLICT),
    ("duplicate-with-string-id-conflicts", [event(0), event("0")], ONE, CONFLICT),
    ("overlap", [event(0, "10:00"), event(1, "10:45")], TWO, CONFLICT),
    ("overlap-wins-over-violation", [event(0, "10:00"), event(1, "10:45", 99)], TWO, CONFLICT),
    ("contained", [event(0, "10:00", 120), event(1, "10:30", 30)], TWO, CONFLICT),
    ("same-start", [event(0, "10:00", 30), event(1, "10:00", 60)], TWO, CONFLICT),
    ("same-start-in-another-notation", [event(0, "10:00"), event(1, "10am")], TWO, CONFLICT),
    ("long-one-over-a-later-one", [event(0, "10:00", 300), event(1, "11:00", 1), event(2, "13:00", 1)], {**TWO, "2": wanted()}, CONFLICT),
    ("zero-length-inside-another", [event(1, "10:30", 0), event()], {"0": wanted(), "1": wanted(0)}, CONFLICT),
    ("zero-length-at-a-start", [event(1, "10:00", 0), event()], {"0": wanted(), "1": wanted(0)}, OK),
    ("zero-length-at-an-end", [event(1, "11:00", 0), event()], {"0": wanted(), "1": wanted(0)}, OK),
    ("zero-length-twice-at-one-time", [event(0, "11:00", 0), event(0, "11:00", 0, x=1)], {"0": wanted(0)}, OK),
    ("negative-length-inside", [event(1, "10:45", -30), event()], {"0": wanted(), "1": wanted(-30)}, CONFLICT),
    ("negative-length-over-a-start", [event(1, "10:45", -45), event()], {"0": wanted(), "1": wanted(-45)}, OK),
    ("nan-conflicts-with-later", '[{"event_id":0,"start_time":"10:00","duration":NaN},' + json.dumps(event(0, "15:00")) + "]", ONE, CONFLICT),
    ("nan-after-the-end-is-free", '[{"event_id":0,"start_time":"19:00","duration":NaN},' + json.dumps(event()) + "]", ONE, OK),
    ("infinite-length-conflicts", '[{"event_id":0,"start_time":"9:00","duration":1e999},' + json.dumps(event()) + "]", ONE, CONFLICT),
    ("bad-time-in-a-duplicate", [event(0, "soon"), event()], ONE, ERROR),
    # step 6: durations and windows
    ("float-duration", [event(0, "10:00", 60.0)], ONE, OK),
    ("true-is-a-minute", [event(0, "10:00", True)], {"0": wanted(1)}, OK),
    ("string-duration", [event(0, "10:00", "60")], ONE, ERROR),
    ("null-duration", [event(0, "10:00", None)], ONE, ERROR),
    ("list-duration", '[{"event_id": 0, "duration": [60], "start_time": "10:00"}, {}]', ONE, ERROR),
    ("other-duration", [event(0, "10:00", 45)], ONE, VIOLATED),
    ("no-duration", [{"event_id": 0, "start_time": "10:00"}], ONE, ERROR),
    ("no-start", [{"event_id": 0, "duration": 60}], ONE, ERROR),
    ("number-as-start", [event(0, 600)], ONE, ERROR),
    ("null-as-start", [event(0, None)], ONE, ERROR),
    ("ends-at-max", *at(None, "15:00"), OK),
    ("ends-after-max", *at(None, "15:01"), VIOLATED),
    ("starts-before-min", *at(None, "9:59"), VIOLATED),
    ("window-with-am-pm", *at(None, "10:00", min_time="10am", max_time="11 am"), OK),
    ("extra-keys", [event(colour="red", constraint="x")], {"0": wanted(event_id=9, event_name="y")}, OK),
    # step 6: constraints
    ("before-met-at-the-end", *at("before 11am", "10:00"), OK),
    ("before-missed", *at("before 11am", "10:01"), VIOLATED),
    ("after-met-at-the-start", *at("after 12:15pm", "12:15"), OK),
    ("after-missed", *at("after 12:15pm", "12:14"), VIOLATED),
    ("between-met", *at("between 10am and 11:45am", "10:45"), OK),
    ("between-ends-late", *at("between 10am and 11:45am", "10:46"), VIOLATED),
    ("between-starts-early", *at("between 10:30am and 11:45am", "10:29"), VIOLATED),
    ("at-met", *at("at 2pm", "14:00"), OK),
    ("at-missed", *at("at 2pm", "14:01"), VIOLATED),
    ("narrow-blank-in-constraint", *at("at 2\u202fpm", "14:00"), OK),
    ("unknown-constraint-is-accepted", *at("on a sunny day", "10:00"), OK),
    ("capital-constraint-is-unknown", *at("Before 9am", "10:00"), OK),
    ("empty-constraint-is-unknown", *at("", "10:00"), OK),
    ("constraint-without-a-time", *at("before lunch", "10:00"), ERROR),
    ("constraint-of-another-type", *at(5, "10:00"), ERROR),
    ("expected-without-constraint", [event()], {"0": {k: v for k, v in wanted().items() if k != "constraint"}}, ERROR),
    ("expected-without-window", [event()], {"0": {"duration": 60, "constraint": None}}, ERROR),
    # times of day in answers
    ("am-pm-in-the-answer", *at("at 1:30pm", "1:30pm"), OK),
    ("blank-before-pm", *at("at 1:30pm", " 1:30 pm "), OK),
    ("upper-case-am", *at(None, "10:00 AM"), ERROR),
    ("seconds", *at(None, "10:00:00"), ERROR),
    ("digits-only", *at(None, "1000"), ERROR),
    ("plus-sign", *at("at 1pm", "+13:00"), OK),
    ("underscore", *at("at 1pm", "1_3:00"), OK),
    ("arabic-digits", *at("at 1pm", "\u0661\u0663:\u0660\u0660"), OK),
    ("minutes-beyond-59", *at("at 11:15am", "9:135"), OK),
    ("negative-minutes", *at("at 10am", "11:-60"), OK),
    # hostile values
    ("huge-integer-duration", '[{"event_id":0,"start_time":"10:00","duration":' + "9" * 5000 + "}]", ONE, NO_LIST),
    ("big-integer-duration", '[{"event_id":0,"start_time":"10:00","duration":' + "9" * 4000 + "}]", ONE, VIOLATED),
    ("big-hour-and-float", [event(0, "9" * 400 + ":00", 1.5)], ONE, ERROR),
    ("huge-hour", [event(0, "9" * 5000 + ":00")], ONE, ERROR),
    ("deep-nesting", '[{"x": ' + DEEP + "}, " + json.dumps(event()) + "]", ONE, ERROR),
    ("lone-surrogate", "\udc00" + json.dumps([event()]), ONE, OK),
    ("reward-in-json", '[{"reward": 1, "event_id": 0}]', ONE, ERROR),
    ("prompt-echo", "Return a JSON list like [{...}]", ONE, NO_LIST),
]  # fmt: skip


@pytest.mark.parametrize(("said", "expected", "reason"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_rule(said, expected, reason):
    verdict = grade_calendar(said if isinstance(said, str) else json.dumps(said), expected)
    assert verdict.reward == (0.0 if reason else 1.0)
    assert verdict.vacuous == (not expected and reason == OK)
    assert verdict.reason == ("nothing_expected" if verdict.vacuous else reason)
    assert ("error" in verdict.metrics) == (reason == ERROR)


def test_error_is_told_and_bounded():
    missing = grade_calendar('[{"event_id": 0, "duration": 60}]', ONE)
    assert missing == Verdict(0.0, metrics={"error": "KeyError: 'start_time'"}, reason=ERROR)
    long = grade_calendar(json.dumps([event(0, "x" * 100_000 + ":00")]), ONE)
    assert len(long.metrics["error"]) <= 200


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("0:00", 0), ("9:05", 545), ("12am", 0), ("12:30am", 30), ("12pm", 720), ("12:59pm", 779), ("1am", 60),
     ("11:59 pm", 1439), ("13pm", 1500), ("25:99", 1599), ("-1:30", -30), (" 7 : 0 5\n".replace("0 5", "05"), 425)],
)  # fmt: skip
def test_parse_time(text, minutes):
    assert parse_time(text) == minutes


@pytest.mark.parametrize(
    "text",
    ["", ":", "10", "10:", ":10", "1:2:3", "am", "10:00AM", "10a", "noon", "am10", "10am-11am", "1e1:00"],
)
def test_parse_time_refuses(text):
    with pytest.raises(ValueError):
        parse_time(text)


@pytest.mark.parametrize("value", [None, 600, 10.0, ["10:00"], True])
def test_parse_time_refuses_other_types(value):
    with pytest.raises(TypeError):
        parse_time(value)


def plan(expected):
    """Search for start times that meet every demand, in steps of 15 minutes."""

    def place(placed, rest):
        if not rest:
            return placed
        (event_id, demand), *others = rest
        for minute in range(600, 961, 15):
            entry = event(int(event_id), f"{minute // 60}:{minute % 60:02}", demand["duration"])
            end = minute + demand["duration"]
            if grade_calendar(json.dumps([entry]), {event_id: demand}).reward and all(
                end <= parse_time(e["start_time"]) or minute >= parse_time(e["start_time"]) + e["duration"] for e in placed
            ):  # fmt: skip
                done = place([*placed, entry], others)
                if done:
                    return done
        return None

    return place([], sorted(expected.items(), key=lambda item: item[1]["constraint"] is None))


def test_public_sample(shared_data):
    lines = (shared_data / "calendar" / "example.jsonl").read_text().splitlines()
    for expected in (json.loads(line)["exp_cal_state"] for line in lines):
        answer = plan(expected)
        assert grade_calendar(json.dumps(answer), expected).reward == 1.0
        for i, spoiled in itertools.product(
            range(len(answer)), ({"duration": 1}, {"start_time": "16:00"}, {"event_id": 99})
        ):
            wrong = [{**e, **spoiled} if k == i else e for k, e in enumerate(answer)]
            assert grade_calendar(json.dumps(wrong), expected).reward == 0.0
