"""Companies that are made up, the public files, and points in time."""

from __future__ import annotations

import copy
import hashlib
import re
from datetime import UTC, datetime, timedelta

import pytest
from envs.workplace_tiny import FILES, tiny_company
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgym.envs.workplace_assistant import Size, generate_company, read_company, write_company
from llmgym.envs.workplace_assistant.csv_files import FILES as NAMES
from llmgym.envs.workplace_assistant.timestamps import NOW, at_or_after, timestamp
from llmgym.envs.workplace_assistant.toolkits.customers import PRODUCTS, STATUSES
from llmgym.envs.workplace_assistant.toolkits.project_management import BOARDS, LISTS
from llmgym.errors import UsageError
from llmgym.verifiers.tables import is_missing

TABLES = ("emails", "events", "visits", "tasks", "customers")
MOMENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")


def rows(company):
    return {name: [tuple(map(repr, row)) for row in getattr(company, name).rows] for name in TABLES}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("size", [Size(), Size(6, 5, 5, 5, 5, 5), Size(60, 100, 90, 80, 700, 60)])
def test_a_company_has_the_size_that_was_asked_for(seed, size):
    company = generate_company(seed, size)
    assert len(company.directory) == len(set(company.directory)) == size.people
    assert [len(getattr(company, name)) for name in TABLES] == [
        size.emails,
        size.events,
        size.visits,
        size.tasks,
        size.customers,
    ]
    assert not company.is_large


@pytest.mark.parametrize("seed", range(4))
def test_cells_are_as_in_the_public_tables(seed):
    company = generate_company(seed)
    assert all(re.fullmatch(r"[a-z]+\.[a-z]+@lindenworks\.example", address) for address in company.directory)
    for name, column in (
        ("emails", "email_id"),
        ("events", "event_id"),
        ("tasks", "task_id"),
        ("customers", "customer_id"),
    ):
        ids = getattr(company, name).column(column)
        assert len(set(ids)) == len(ids)
        assert all(re.fullmatch(r"[1-8]\d{7}", number) for number in ids)
    mails = company.emails.records()
    assert {mail["inbox/outbox"] for mail in mails} == {"inbox", "outbox"}
    assert len({mail["sent_datetime"] for mail in mails}) == len(mails)
    assert [mail["sent_datetime"] for mail in mails] == sorted(mail["sent_datetime"] for mail in mails)
    assert all(
        MOMENT.fullmatch(mail["sent_datetime"]) and mail["sent_datetime"] <= str(NOW) for mail in mails
    )
    assert {mail["sender/recipient"] for mail in mails} <= set(company.directory)
    for visit in company.visits.records():
        assert "2023-09-01" <= visit["date_of_visit"] <= "2023-11-30"
        assert isinstance(visit["user_engaged"], bool)
        assert visit["page_views"].isdigit() and visit["session_duration_seconds"].isdigit()
    for task in company.tasks.records():
        assert task["list_name"] in LISTS and task["board"] in BOARDS
        assert task["assigned_to_email"] in company.directory
    for customer in company.customers.records():
        assert customer["status"] in STATUSES and customer["product_interest"] in PRODUCTS
        assert customer["last_contact_date"].endswith(" 23:59:00")
        assert customer["last_contact_date"] < customer["follow_up_by"]
    assert any(is_missing(phone) for phone in company.customers.column("customer_phone"))
    assert not set(company.customers.column("assigned_to_email")) & set(
        company.tasks.column("assigned_to_email")
    )


@pytest.mark.parametrize("size", [Size(), Size().scaled(4)])
def test_events_lie_within_office_hours_and_apart(size):
    company = generate_company(0, size)
    ends = datetime(1, 1, 1)
    for event in company.events.records():
        start = datetime.fromisoformat(event["event_start"])
        assert start >= ends
        ends = start + timedelta(minutes=int(event["duration"]))
        assert start.weekday() < 5 and start.hour >= 9 and ends <= start.replace(hour=18, minute=0)
    assert ends > NOW


def test_the_same_seed_gives_the_same_company_everywhere():
    text = repr(rows(generate_company(7, Size(8, 30, 30, 30, 30, 30)))).encode()
    assert hashlib.sha256(text).hexdigest()[:16] == "7d6f972dc81b734a"
    assert rows(generate_company(1)) == rows(generate_company(1)) != rows(generate_company(2))


def test_a_larger_company_has_more_people_and_its_first_names_may_repeat():
    company = generate_company(0, Size().scaled(30))
    assert len(company.directory) == 110
    assert company.is_large
    assert len({address.partition(".")[0] for address in company.directory}) < 110
    assert Size().scaled(0.001) == Size(20, 40, 40, 40, 40, 40)


@pytest.mark.parametrize(
    ("seed", "size", "message"),
    [(-1, Size(), "company_seed"), (0, Size(people=5), "6 to"), (0, Size(people=10**6), "6 to")],
)
def test_impossible_companies(seed, size, message):
    with pytest.raises(UsageError, match=message):
        generate_company(seed, size)


@pytest.mark.parametrize("factor", [0, -1, 101, float("nan")])
def test_impossible_sizes(factor):
    with pytest.raises(UsageError, match="company_size"):
        Size().scaled(factor)


def test_files_read_as_they_were_written(tmp_path):
    company = generate_company(3)
    write_company(company, tmp_path / "new")
    again = read_company(tmp_path / "new")
    assert again.directory == company.directory
    assert rows(again) == rows(company)
    assert copy.deepcopy(again) is again


def test_public_files(shared_data):
    company = read_company(shared_data / "workplace_assistant" / "tables")
    assert [len(getattr(company, name)) for name in TABLES] == [500, 300, 1000, 300, 200]
    assert len(company.directory) == 20
    customers = company.customers
    gaps = {name: sum(map(is_missing, customers.column(name))) for name in customers.columns}
    assert {name: count for name, count in gaps.items() if count} == {"customer_phone": 100, "notes": 44}
    assert set(company.visits.column("user_engaged")) == {True, False}


def test_public_files_read_as_pandas_reads_them(shared_data):
    pd = pytest.importorskip("pandas")
    folder = shared_data / "workplace_assistant" / "tables"
    company = read_company(folder)
    for name, file in NAMES.items():
        frame = pd.read_csv(folder / file, dtype=str).astype(object)
        if name == "visits":
            frame["user_engaged"] = [cell == "True" for cell in frame["user_engaged"]]
        assert [tuple(map(repr, row)) for row in frame.itertuples(index=False)] == rows(company)[name]


@pytest.mark.parametrize(
    "cell", ["", "NA", "nan", "NaN", "null", "None", "N/A", "na", "none", "-", "0", " ", "NULL"]
)
def test_empty_cells_are_those_of_pandas(tmp_path, cell):
    pd = pytest.importorskip("pandas")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text.replace("See the BUDGET file", cell), encoding="utf-8")
    body = read_company(tmp_path).emails.rows[1][5]
    frame = pd.read_csv(tmp_path / "emails.csv", dtype=str)
    assert is_missing(body) == bool(pd.isna(frame["body"][1]))


def test_the_addresses_may_lie_in_a_folder_of_their_own(tmp_path):
    folder = tmp_path / "processed"
    write_company(tiny_company(), folder)
    (tmp_path / "raw").mkdir()
    (folder / "email_addresses.csv").rename(tmp_path / "raw" / "email_addresses.csv")
    assert read_company(folder).directory == tiny_company().directory


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n", "expected the columns"),
        ("", "found none"),
        (
            "event_id,event_name,participant_email,event_start,duration\n1,2,3,4,5,6\n",
            "expected 5 cells in row 2",
        ),
        (None, "Expected the file"),
    ],
)
def test_bad_files(tmp_path, text, message):
    write_company(tiny_company(), tmp_path)
    path = tmp_path / "calendar_events.csv"
    path.unlink() if text is None else path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        read_company(tmp_path)


def test_a_file_that_is_no_text(tmp_path):
    write_company(tiny_company(), tmp_path)
    (tmp_path / "emails.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError, match="cannot be read as CSV"):
        read_company(tmp_path)


NOTATIONS = """2023-11-30
2023-11-30 23:59
2023-11-30T23:59:00Z
2023-11-30 23:59:00+02:00
2023-12-01 10:00:00-0500
2023-12-01T10:00:00.123
2023-13-01
2023-02-30
2023-12-01 25:00:00
2023-12-01 10:60:00
2023-11-30 24:00:00
2023
2023-11
202311
20231130
20231130T100000
11/30/2023
30/11/2023
30-11-2023
12-01-2023 10:00:00
2023/12/01 10:00:00
2023.12.01
Nov 30, 2023
1 December 2023 at 10:00
Dec 1st, 2023
Fri Dec 1 2023
2023-12-01 9am
2023-12-01 10:00 AM
2023-12-01 14:00:00 PM
2023-12-01 9:00:00
2023-12-1
2023-12-01 10
2023-12-01  10:00
  2023-12-01
2023-12-01 10:00:00 PST
2023-12-01 10:00:00 UTC
10:00 2023-12-01
November 30
9am
1/1
5
0
-1
99999
1e5
xyz
tomorrow
next Monday
Friday
friday
noon
2023-12-01 noon
2023-12-01 to 2023-12-02
2023-W48
2023_12_01
2023--12-01
None
NaT
nan
1 2 3 4 5
10000-01-01
0001-01-01""".splitlines()


@pytest.mark.parametrize(
    "text", [*NOTATIONS, 5, 5.5, True, [1], {"a": 1}, 10**30, float("nan"), None], ids=repr
)
def test_points_in_time_are_those_of_pandas(text):
    pd = pytest.importorskip("pandas")
    import warnings

    if text in ("-1", "2023-12-01 10:00:00 PST") and pd.__version__ >= "3":
        pytest.skip("pandas 3 reads it in another way")

    def read(function):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                moment = function(text)
        except (ValueError, TypeError) as error:
            return isinstance(error, ValueError)
        return None if moment is None or moment is pd.NaT else moment

    expected = read(pd.Timestamp)
    found = read(timestamp)
    assert found == (expected.to_pydatetime(warn=False) if isinstance(expected, pd.Timestamp) else expected)


def test_what_depends_on_the_clock_is_taken_from_the_prompt():
    assert timestamp("today") == timestamp("now") == NOW
    assert timestamp("10:00") == NOW.replace(hour=10, minute=0)


def test_times_with_and_without_a_zone_do_not_compare():
    assert at_or_after(NOW, NOW) and not at_or_after(None, NOW) and not at_or_after(NOW, None)
    with pytest.raises(TypeError, match="tz-naive and tz-aware"):
        at_or_after(NOW, NOW.replace(tzinfo=UTC))


@settings(max_examples=200)
@given(st.one_of(st.text(max_size=30), st.text("0123456789-:/ TZamp+.", max_size=24), st.just("1" * 10_000)))
def test_any_text_is_read_or_refused(text):
    try:
        moment = timestamp(text)
    except ValueError:
        return
    assert moment is None or isinstance(moment, datetime)
