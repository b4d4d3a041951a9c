"""What the model is told by the tools, byte for byte."""

from __future__ import annotations

import json
import random
import threading

import pytest
from envs.workplace_actions import PARAMETERS, READERS, Calls
from envs.workplace_answers import CASES
from envs.workplace_tiny import FILES, tiny_company

from llmgym import bridge
from llmgym.envs.workplace_assistant import Workplace, generate_company
from llmgym.envs.workplace_assistant.company import Size
from llmgym.envs.workplace_assistant.csv_files import read_company, write_company
from llmgym.envs.workplace_assistant.matching import contains, is_plain
from llmgym.envs.workplace_assistant.schemas import chat_tools
from llmgym.envs.workplace_assistant.transport import WorkplaceToolbox
from llmgym.tools import ToolCall, ToolDenied


class Owner:
    def __init__(self, company):
        self.workplace = Workplace(company)


def tell(box, name, arguments):
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return box.execute(ToolCall("call", name, text), bridge.wait)


def box_of(company=None):
    return WorkplaceToolbox(Owner(company or tiny_company()))


@pytest.mark.parametrize(
    ("name", "arguments", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_public_answers(name, arguments, told):
    assert json.loads(tell(box_of(), name, arguments).content) == {"output": told}


@pytest.mark.parametrize(
    ("name", "arguments", "told"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_pandas_agrees(name, arguments, told):
    pytest.importorskip("pandas")
    from envs.workplace_pandas import Office

    given = json.loads(arguments) if isinstance(arguments, str) else arguments
    assert Office(FILES).answer(name, given) == {"output": told}


def test_every_case_names_another_rule():
    assert len({case[0] for case in CASES}) == len(CASES) >= 100


def test_bodies_are_compact():
    box = box_of()
    assert (
        tell(box, "analytics_total_visits_count", {"time_max": "2023-11-01"}).content
        == '{"output":{"2023-11-01":2}}'
    )
    told = tell(
        box,
        "calendar_create_event",
        {"event_name": "é\ud800", "participant_email": "p", "event_start": "2023-12-07", "duration": 1},
    )
    assert told.content == '{"output":"00000004"}'
    assert "é?" in tell(box, "calendar_search_events", {"query": "é"}).content


@pytest.mark.parametrize(
    ("arguments", "content"),
    [
        ("{", '{"error": "Invalid tool call arguments: JSONDecodeError('),
        ("", '{"error": "Invalid tool call arguments: JSONDecodeError('),
        ("null", '{"detail":[{"type":"missing","loc":["body"],"msg":"Field required","input":null}]}'),
        (
            "[1]",
            '{"detail":[{"type":"model_attributes_type","loc":["body"],"msg":"Input should be a valid dictionary or '
            'object to extract fields from","input":[1]}]}',
        ),
    ],
)
def test_calls_that_do_not_reach_a_tool(arguments, content):
    result = tell(box_of(), "email_delete_email", arguments)
    assert result.outcome == "malformed_arguments"
    assert result.content.startswith(content)


def test_outcomes():
    box = box_of()
    assert tell(box, "email_delete_email", {"email_id": "0"}).outcome == "ok"
    assert tell(box, "email_delete_email", {"cc": 1}).outcome == "tool_error"
    assert tell(box, "email_burn", {}).outcome == "unknown_tool"
    assert tell(box, "email/burn", {}).content == '{"detail":"Not Found"}'
    assert tell(box, "", {}).content == '{"detail":"Not Found"}'

    def guard(call):
        raise ToolDenied("not today")

    box.guard = guard
    assert tell(box, "email_delete_email", {"email_id": "00000000"}).outcome == "denied"
    assert len(box._environment.workplace.tables["emails"]) == 4


def test_averages_without_days_change_the_visits_of_the_session():
    box = box_of()
    tell(box, "analytics_get_average_session_duration", {"time_min": "2023-11-01"})
    before = tell(box, "analytics_get_visitor_information_by_id", {"visitor_id": "0009"}).value
    tell(box, "analytics_get_average_session_duration", {})
    after = tell(box, "analytics_get_visitor_information_by_id", {"visitor_id": "0009"}).value
    assert before[0]["session_duration_seconds"] == "30"
    assert after[0]["session_duration_seconds"] == 30.0
    assert box_of()._environment.workplace.company.visits.rows[-1][3] == "30"


def test_a_customer_with_gaps_spoils_searches_by_that_column():
    box = box_of()
    tell(
        box,
        "customer_relationship_manager_add_customer",
        {"customer_name": "N", "assigned_to_email": "a", "status": "Lead"},
    )
    told = tell(
        box, "customer_relationship_manager_search_customers", {"product_interest": "Software"}
    ).content
    assert "Cannot mask with non-boolean array containing NA / NaN values" in told
    assert (
        "No customers found."
        in tell(
            box, "customer_relationship_manager_search_customers", {"last_contact_date_min": "2024"}
        ).content
    )


def test_sent_mails_are_dated_with_the_present():
    box = box_of()
    tell(box, "email_reply_email", {"email_id": "00000001", "body": "ok"})
    (mail,) = tell(box, "email_search_emails", {"query": "re: budget"}).value["emails"]
    assert mail == {
        "email_id": "4",
        "inbox/outbox": "outbox",
        "sender/recipient": "ben.oak@w.example",
        "subject": "RE: Budget 50% (draft)",
        "sent_datetime": "2023-11-30 23:59:00",
        "body": "ok",
    }


@pytest.mark.parametrize("pattern", ["(a+)+$", "(?:a|a)*b", "(a|aa)+c"])
def test_a_pattern_that_would_never_end_is_an_error(pattern):
    company = tiny_company()
    box = box_of(company)
    tell(
        box,
        "calendar_create_event",
        {"event_name": "a" * 60 + "!", "participant_email": "p", "event_start": "2023-12-07", "duration": 1},
    )
    result = tell(box, "calendar_search_events", {"query": pattern})
    assert result.outcome == "tool_error"
    assert "took too long" in result.content


def test_searches_that_may_take_long_leave_the_thread():
    threads = []

    class Spy:
        def __init__(self, table):
            self.table = table

        def __getattr__(self, name):
            threads.append(threading.current_thread())
            return getattr(self.table, name)

    box = box_of()
    calendar = box._environment.workplace._calendar
    calendar.events = Spy(calendar.events)
    assert "Planning" in tell(box, "calendar_search_events", {"query": "plan+ing"}).content
    assert threads and all(thread is not threading.main_thread() for thread in threads)


def test_what_is_plain():
    assert all(map(is_plain, ("", "sync up", "a.b@c|d", "^x$", "\\d", 5, None, ["("])))
    assert not any(map(is_plain, ("a*", "a+", "a?", "a{2}", "(a)", "[a]", "x" * 201)))
    assert contains(["Ab", None, "c"], "b")[0] is True
    assert contains([], "b*") == []


def test_tools_are_those_of_the_public_rows(shared_data):
    with (shared_data / "workplace_assistant" / "example.jsonl").open(encoding="utf-8") as stream:
        public = json.loads(stream.readline())["responses_create_params"]["tools"]
    ours = [tool["function"] for tool in chat_tools()]
    assert [tool["name"] for tool in ours] == [tool["name"] for tool in public]
    for mine, theirs in zip(ours, public, strict=True):
        assert mine["strict"] is theirs["strict"] is False
        kinds = [
            {name: told["type"] for name, told in tool["parameters"]["properties"].items()}
            for tool in (mine, theirs)
        ]
        assert kinds[0] == kinds[1] and list(kinds[0]) == list(kinds[1])
        assert mine["parameters"]["required"] == theirs["parameters"]["required"]
        assert mine["parameters"]["additionalProperties"] is False


@pytest.mark.parametrize("hostility", [0.05, 0.4])
def test_random_calls_are_answered_as_by_pandas(tmp_path, hostility):
    pytest.importorskip("pandas")
    from envs.workplace_pandas import Office

    write_company(generate_company(1, Size(8, 12, 12, 40, 12, 12)), tmp_path)
    company = read_company(tmp_path)
    files = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    tools = {**READERS, **PARAMETERS}
    for seed in range(60):
        rng = random.Random(seed)
        calls, office, box = Calls(rng, company), Office(files), box_of(company)
        for _ in range(12):
            name = rng.choice(sorted(READERS if rng.random() < 0.7 else PARAMETERS))
            arguments = calls.arguments(name, tools[name], hostility)
            told = json.loads(tell(box, name, arguments).content)
            if str(10**30) in json.dumps(arguments):
                assert "beyond 64 bits" in told["error"]
                continue
            expected = json.loads(json.dumps(office.answer(name, arguments)))
            if "must match" in str(expected):
                # pandas 3 tells the shape of a nested list in other words.
                assert "must match" in told["output"]
                continue
            assert told == expected, (seed, name, arguments)


@pytest.mark.parametrize(("hostility", "size"), [(0.05, 40), (0.1, 3), (0.1, 1), (0.4, 2)])
def test_random_actions_are_graded_as_by_pandas(tmp_path, hostility, size):
    pytest.importorskip("pandas")
    from envs import workplace_pandas

    from llmgym.verifiers.table_state import grade

    write_company(generate_company(2, Size(8, size, size, 40, size, size)), tmp_path)
    company = read_company(tmp_path)
    files = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    for seed in range(120):
        calls = Calls(random.Random(seed), company)
        truth = calls.sequence(5, hostility)
        actions = calls.variation(truth, hostility) if seed % 5 else calls.sequence(5, hostility)
        expected = workplace_pandas.reward(files, actions, truth)
        assert grade(actions, truth, lambda: Workplace(company)).reward == (expected or 0.0), (
            seed,
            actions,
            truth,
        )
