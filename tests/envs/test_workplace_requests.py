"""Procedural tasks: that their ground truth is right, and can be found out with the tools."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from llmgym.envs.workplace_assistant import (
    Size,
    Workplace,
    WorkplaceAssistantEnv,
    generate_company,
    read_company,
)
from llmgym.envs.workplace_assistant.env import make_workplace_task
from llmgym.envs.workplace_assistant.requests import CATEGORIES, DIFFICULTIES, Office, draw_request, row_of
from llmgym.errors import UsageError
from llmgym.verifiers.table_state import grade

NEEDED = re.compile(r"(_id|recipient|_email)$")
DONE = re.compile(r"(successfully\.|^\d{8}$|^plots/)")


@pytest.fixture(scope="module")
def office():
    return Office(generate_company(0))


def draws(office, difficulty, count, seed=0):
    return [draw_request(np.random.default_rng([seed, index]), office, difficulty) for index in range(count)]


def check(office, kind, request):
    """Play the lookups and the actions, and hold them against what was asked."""
    workplace = Workplace(office.company)
    seen = request.text.lower()
    for name, arguments in request.lookups:
        told = workplace.functions[name](**arguments)
        assert not (isinstance(told, str) and ("Error" in told or "not provided" in told)), (kind, name, told)
        seen += json.dumps(told).lower()
    for name, arguments in request.actions:
        for parameter, value in arguments.items():
            if NEEDED.search(parameter) and parameter not in ("customer_email",):
                assert value in seen, (kind, parameter, value)
        told = workplace.functions[name](**arguments)
        assert isinstance(told, str) and DONE.search(told), (kind, name, told)
        seen += told
    row = row_of("c", kind, request, 0)
    verdict = grade(row["ground_truth"], row["ground_truth"], lambda: Workplace(office.company))
    assert verdict.reward == 1.0
    assert verdict.vacuous == (not request.actions), (kind, request)
    if request.actions:
        assert grade([], row["ground_truth"], lambda: Workplace(office.company)).reward == 0.0
        assert (
            grade(row["ground_truth"][:-1], row["ground_truth"], lambda: Workplace(office.company)).reward
            == 0.0
        )
    assert len(request.lookups) + len(request.actions) <= 5
    assert "{" not in request.text and request.text[0].isupper() and "  " not in request.text


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_every_ground_truth_can_be_found_out_and_done(office, difficulty):
    for _, kind, request in draws(office, difficulty, 250):
        check(office, kind, request)


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_also_over_the_public_tables(shared_data, difficulty):
    public = Office(read_company(shared_data / "workplace_assistant" / "tables"))
    for _, kind, request in draws(public, difficulty, 120):
        check(public, kind, request)


@pytest.mark.parametrize("size", [Size().scaled(0.05), Size(70, 900, 500, 300, 600, 900)])
@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_also_in_small_and_large_companies(size, difficulty):
    other = Office(generate_company(3, size))
    for _, kind, request in draws(other, difficulty, 60):
        check(other, kind, request)


def test_every_kind_occurs_and_categories_are_even(office):
    from llmgym.envs.workplace_assistant.requests.tasks import _AUTHORS

    for difficulty in DIFFICULTIES:
        made = draws(office, difficulty, 700)
        assert set(Counter(category for category, _, _ in made)) == set(CATEGORIES)
        assert min(Counter(category for category, _, _ in made).values()) > 60
        expected = {author.__name__ for authors in _AUTHORS.values() for author in authors[difficulty]}
        assert {kind for _, kind, _ in made} == expected
        nothing = sum(not request.actions for _, _, request in made)
        assert nothing == 0 if difficulty == "easy" else 10 < nothing < 140


def test_harder_tasks_need_more(office):
    calls = [
        np.mean(
            [len(request.lookups) + len(request.actions) for _, _, request in draws(office, difficulty, 300)]
        )
        for difficulty in DIFFICULTIES
    ]
    assert calls[0] + 0.5 < calls[1] < calls[2]


def test_splits_share_no_task():
    seen = {}
    for split in ("train", "validation", "test"):
        env = WorkplaceAssistantEnv(split=split)
        seen[split] = {
            json.dumps([env.tasks[index].data["ground_truth"], env.tasks[index].messages[-1]])
            for index in range(60)
        }
        assert len(seen[split]) > 50
    assert not seen["train"] & seen["validation"] and not seen["validation"] & seen["test"]
    assert not seen["train"] & seen["test"]


def test_rows_are_public_rows():
    row = make_workplace_task(np.random.default_rng(0), 7)
    assert (
        row["id"] == 7 and row["environment_name"] == "workplace_assistant" and row["category"] in CATEGORIES
    )
    assert all(
        set(call) == {"name", "arguments"} and isinstance(json.loads(call["arguments"]), dict)
        for call in row["ground_truth"]
    )
    assert [message["role"] for message in row["responses_create_params"]["input"]] == ["system", "user"]
    assert "Thursday, 2023-11-30, and it is 23:59:00" in row["responses_create_params"]["input"][0]["content"]
    assert row == make_workplace_task(np.random.default_rng(0), 7)


def test_too_small_a_company():
    empty = Office(generate_company(0, Size(6, 0, 0, 0, 0, 0)))
    with pytest.raises(UsageError, match="too little"):
        draw_request(np.random.default_rng(0), empty, "easy")


# An independent reading of what is asked: from the words and the tables alone, without the author's records.

MONTHS = "January February March April May June July August September October November December".split()
DAY = r"(?P<{0}>\d{{4}}-\d\d-\d\d|the \d+\w\w of [A-Z][a-z]+|(?:[A-Z][a-z]+day, )?[A-Z][a-z]+ \d+)"


def day_of(words):
    if re.match(r"\d{4}-", words):
        return date.fromisoformat(words)
    month = next(name for name in re.findall(r"[A-Z][a-z]+", words.split(", ")[-1]))
    number = 1 + next(place for place, name in enumerate(MONTHS) if name.startswith(month))
    return date(2023, number, int(re.search(r"\d+", words)[0]))


def time_of(words):
    match = re.fullmatch(r"(\d+)(?::(\d\d))?(am|pm)?", words)
    hour = int(match[1]) % 12 + 12 * (match[3] == "pm") if match[3] else int(match[1])
    return hour, int(match[2] or 0)


def address_of(company, name):
    (found,) = [a for a in company.directory if a.startswith(name.lower().replace(" ", ".") + ".")]
    return found


def mails_of(company, name):
    address = address_of(company, name)
    mails = [
        m
        for m in company.emails.records()
        if m["inbox/outbox"] == "inbox" and m["sender/recipient"] == address
    ]
    return sorted(mails, key=lambda mail: mail["sent_datetime"])


def events_on(company, words):
    events = [e for e in company.events.records() if e["event_start"].startswith(str(day_of(words)))]
    return sorted(events, key=lambda event: event["event_start"])


def solve_delete_since(company, found):
    mails = mails_of(company, found["who"])
    return [
        ("email_delete_email", {"email_id": m["email_id"]})
        for m in mails
        if m["sent_datetime"][:10] >= str(day_of(found["day"]))
    ]


def solve_delete_of_day(company, found):
    mails = mails_of(company, found["who"])
    return [
        ("email_delete_email", {"email_id": m["email_id"]})
        for m in mails
        if m["sent_datetime"][:10] == str(day_of(found["day"]))
    ]


def solve_forward_if(company, found):
    last = mails_of(company, found["who"])[-1]
    if last["sent_datetime"][:10] < str(day_of(found["day"])):
        return []
    return [
        (
            "email_forward_email",
            {"email_id": last["email_id"], "recipient": address_of(company, found["other"])},
        )
    ]


def solve_rename(company, found):
    event = events_on(company, found["day"])[-1 if found["which"] == "last" else 0]
    return [
        (
            "calendar_update_event",
            {"event_id": event["event_id"], "field": "event_name", "new_value": found["name"]},
        )
    ]


def solve_clear_day(company, found):
    return [
        ("calendar_delete_event", {"event_id": event["event_id"]})
        for event in events_on(company, found["day"])
    ]


def solve_longest(company, found):
    events = sorted(events_on(company, found["day"]), key=lambda event: int(event["duration"]))
    event = events[-1 if found["which"] == "longest" else 0]
    return [("calendar_delete_event", {"event_id": event["event_id"]})]


def busy(company, words):
    spans = []
    for event in events_on(company, words):
        start = datetime.fromisoformat(event["event_start"])
        spans.append((start, start + timedelta(minutes=int(event["duration"]))))
    return spans


def creation(company, found, start, minutes):
    arguments = {
        "event_name": found["name"],
        "participant_email": address_of(company, found["who"]),
        "event_start": str(start),
        "duration": str(minutes),
    }
    return [("calendar_create_event", arguments)]


def solve_first_free(company, found):
    minutes = {"half-hour": 30, "one-hour": 60}.get(found["length"]) or int(found["length"].split("-")[0])
    start = datetime.combine(day_of(found["day"]), datetime.min.time()).replace(hour=9)
    while any(start < e and start + timedelta(minutes=minutes) > s for s, e in busy(company, found["day"])):
        start += timedelta(minutes=30)
    return creation(company, found, start, minutes)


def solve_if_free(company, found):
    when = day_of(found["day"])
    start, end = (datetime(when.year, when.month, when.day, *time_of(found[key])) for key in ("start", "end"))
    if any(start < e and end > s for s, e in busy(company, found["day"])):
        return []
    return creation(company, found, start, (end - start).seconds // 60)


def solve_overdue(company, found):
    person, other = address_of(company, found["who"]), address_of(company, found["other"])
    tasks = [
        task
        for task in company.tasks.records()
        if task["assigned_to_email"] == person
        and task["due_date"] < "2023-11-30"
        and task["list_name"] != "Completed"
    ]
    return [
        (
            "project_management_update_task",
            {"task_id": t["task_id"], "field": "assigned_to_email", "new_value": other},
        )
        for t in tasks
    ]


def solve_give_up(company, found):
    person = address_of(company, found["who"])
    customers = [
        c
        for c in company.customers.records()
        if c["assigned_to_email"] == person
        and c["status"] == "Proposal"
        and c["product_interest"].lower() == found["product"]
        and c["last_contact_date"][:10] < str(day_of(found["day"]))
    ]
    return [
        (
            "customer_relationship_manager_update_customer",
            {"customer_id": c["customer_id"], "field": "status", "new_value": "Lost"},
        )
        for c in customers
    ]


def solve_best_source(company, found):
    first, last = str(day_of(found["first"])), str(day_of(found["last"]))
    counts = Counter(
        v["traffic_source"] for v in company.visits.records() if first <= v["date_of_visit"] <= last
    )
    sources = ("direct", "referral", "search engine", "social media")
    best = (max if found["which"] == "most" else min)(sources, key=lambda source: counts[source])
    kind = found["plot"].split()[0]
    value = f"visits_{best.replace(' ', '_')}"
    return [
        (
            "analytics_create_plot",
            {"time_min": first, "time_max": last, "value_to_plot": value, "plot_type": kind},
        )
    ]


WHO, OTHER = r"(?P<who>[A-Z]\w+)", r"(?P<other>[A-Z]\w+)"
ON = DAY.format("day")
SOLVERS = [
    ("hard", rf"Delete all emails that {WHO} sent me on or after {ON}", solve_delete_since),
    ("medium", rf"If {WHO} sent me any emails on {ON}, delete them", solve_delete_of_day),
    (
        "hard",
        rf"Forward {WHO}'s latest email to me to {OTHER}, but only if I got it on or after {ON}",
        solve_forward_if,
    ),
    ("easy", rf'Rename the (?P<which>first|last) event on {ON} to "(?P<name>.*)"', solve_rename),
    ("medium", rf"Delete all my events on {ON}", solve_clear_day),
    ("hard", rf"Cancel the (?P<which>longest|shortest) event that I have on {ON}", solve_longest),
    (
        "hard",
        rf"Find the earliest free slot on {ON} for a (?P<length>\S+) meeting with {WHO} and create the event "
        r'"(?P<name>.*)"\. It must start on the hour or at half past and overlap nothing',
        solve_first_free,
    ),
    (
        "hard",
        rf"If I am free on {ON} from (?P<start>\S+) to (?P<end>\S+), create an event \"(?P<name>.*)\" with {WHO} for "
        "that time. If not, do nothing",
        solve_if_free,
    ),
    (
        "hard",
        rf"Reassign all overdue tasks of {WHO} to {OTHER}\. Overdue means due before today and not completed",
        solve_overdue,
    ),
    (
        "hard",
        rf"Set all of {WHO}'s customers with the status Proposal and an interest in (?P<product>\w+) to Lost if they "
        rf"were last contacted before {ON}",
        solve_give_up,
    ),
    (
        "hard",
        rf"Which of our four traffic sources brought the (?P<which>most|fewest) visits from {DAY.format('first')} to "
        rf"{DAY.format('last')}\? Make a (?P<plot>.*) of the visits from that source over these days",
        solve_best_source,
    ),
]


@pytest.mark.parametrize("difficulty", DIFFICULTIES)
def test_a_reader_of_the_words_comes_to_the_same_actions(office, difficulty):
    solvers = [(re.compile(pattern), solve) for level, pattern, solve in SOLVERS if level == difficulty]
    solved = Counter()
    for _, _, request in draws(office, difficulty, 2500, seed=1):
        for pattern, solve in solvers:
            found = pattern.fullmatch(request.text)
            if found:
                solved[solve.__name__] += 1
                actions = solve(office.company, found.groupdict())
                order = [json.dumps(action, sort_keys=True) for action in actions]
                assert sorted(order) == sorted(
                    json.dumps(action, sort_keys=True) for action in request.actions
                ), request
    assert all(solved[solve.__name__] >= 3 for _, solve in solvers), solved
