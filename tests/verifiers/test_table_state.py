from __future__ import annotations

import copy
import math

import pytest
from envs.workplace_gradings import (
    CASES,
    NAN,
    NEW,
    A,
    B,
    change_event,
    change_task,
    customer,
    delete_customer,
    delete_event,
    delete_mail,
    event,
    plot,
    send,
    task,
)
from envs.workplace_tiny import FILES, call, raw, tiny_company
from hypothesis import given
from hypothesis import strategies as st

from llmgym.envs.workplace_assistant import Workplace
from llmgym.verifiers.table_state import compare, grade, replay
from llmgym.verifiers.tables import MISSING, Incomparable, Table, is_missing, lowered_difference


def played(actions, truth):
    return grade(actions, truth, lambda: Workplace(tiny_company()))


@pytest.mark.parametrize(
    ("actions", "truth", "reward"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_public_rule(actions, truth, reward):
    verdict = played(actions, truth)
    assert verdict.reward == (reward or 0.0)
    assert ("the public verifier fails" in verdict.reason) == (reward is None)
    assert bool(verdict.reason) == (verdict.reward == 0.0)


@pytest.mark.parametrize(
    ("actions", "truth", "reward"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_pandas_agrees(actions, truth, reward):
    pytest.importorskip("pandas")
    from envs import workplace_pandas

    assert workplace_pandas.reward(FILES, actions, truth) == reward


def test_every_case_names_another_rule():
    assert len({case[0] for case in CASES}) == len(CASES) >= 100


def test_components_tell_which_table_is_wrong():
    verdict = played([send(), task()], [task()])
    assert verdict.components == {
        "calendar": 1.0,
        "emails": 0.0,
        "plots": 1.0,
        "project_tasks": 1.0,
        "customers": 1.0,
    }
    assert verdict.reason == "emails: 5 rows instead of 4"
    assert "event_name is 'x' instead of 'Review'" in played([change_event(B, "event_name", "x")], []).reason


def test_a_truth_without_effect_is_vacuous():
    assert played([], []).vacuous
    assert played([], [delete_mail("9")]).vacuous
    assert played([], [change_event(B, "event_name", "review")]).vacuous
    assert not played([send()], [send()]).vacuous


def test_replay_counts_what_ran():
    writers = Workplace(tiny_company()).writers
    assert replay([send(), call("email_burn"), send(body=5), raw("email_send_email", "[")], writers) == 2


def test_worlds_do_not_disturb_each_other():
    company = tiny_company()
    one, other = Workplace(company), Workplace(company)
    before = {name: list(table.rows) for name, table in other.tables.items()}
    replay(
        [send(), event(), plot(), task(), customer(), delete_event(A), change_task(A, "board", "Design")],
        one.writers,
    )
    assert {name: list(table.rows) for name, table in other.tables.items()} == before
    assert not compare(one.tables, other.tables).same
    branch = copy.deepcopy(one)
    replay([delete_customer(NEW)], branch.writers)
    assert len(branch.tables["customers"]) == 4
    assert len(one.tables["customers"]) == 5


def test_a_table_is_never_changed():
    table = Table(("a", "b"), [("1", "x"), ("2", MISSING)])
    rows = list(table.rows)
    assert table.appended({"a": "3", "b": "z"}).labels == [0, 1, 2]
    assert table.appended({"a": "3", "b": "z"}, label=0).labels == [0, 1, 0]
    assert table.kept([False, True]).labels == [1]
    assert table.kept([True, True]) is table
    assert table.assigned([True, False], "b", "q").rows == [("1", "q"), rows[1]]
    assert table.rows == rows and table.labels == [0, 1]
    assert copy.deepcopy(table) is table


def test_records_and_columns():
    table = Table(("a", "b"), [("1", "x"), ("2", "y")])
    assert table.records() == [{"a": "1", "b": "x"}, {"a": "2", "b": "y"}]
    assert table.records([False, True]) == [{"a": "2", "b": "y"}]
    assert table.column("b") == ["x", "y"]
    assert table.has("a") and not table.has("c") and len(table) == 2
    assert repr(table) == "Table(a, b: 2 rows)"


@pytest.mark.parametrize(
    ("cells", "following"),
    [
        (["1", "9", "10"], 10),
        ([" 7 "], 8),
        ([5, 7], 8),
        ([5.9, 3], 6),
        ([True], 2),
        ([None, 3], 4),
        ([NAN, False], 1),
        ([10**30, 1], 10**30 + 1),
    ],
)
def test_following(cells, following):
    assert Table(("id",), [(cell,) for cell in cells]).following("id") == following


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        ([], ValueError),
        ([NAN, None], ValueError),
        (["x"], ValueError),
        (["1", 5], TypeError),
        ([NAN, "5"], TypeError),
        ([[1]], TypeError),
        ([math.inf], OverflowError),
    ],
)
def test_nothing_follows(cells, error):
    with pytest.raises(error):
        Table(("id",), [(cell,) for cell in cells]).following("id")


def test_comparisons_are_those_of_a_series():
    table = Table(("a",), [("b",), (MISSING,), ("d",)])
    assert table.compared("a", ">=", "c") == [False, False, True]
    assert table.compared("a", "<=", "c") == [True, False, False]
    assert table.equal("a", 5) == [False] * 3
    assert table.equal("a", ["b", "x", "x"]) == [True, False, False]
    with pytest.raises(ValueError, match=r"Lengths must match to compare', \(3,\), \(1,\)"):
        table.equal("a", ["b"])
    with pytest.raises(TypeError, match="'>=' not supported between instances of 'str' and 'int'"):
        table.compared("a", ">=", 5)
    assert table.holds("a", "d") and not table.holds("a", "e")
    assert table.holds("a", ["d"]) and not table.holds("a", ["e", "e", "e"])
    with pytest.raises(ValueError, match="could not be broadcast"):
        table.holds("a", ["d", "d"])


def test_a_table_without_text_cannot_be_lowered():
    with pytest.raises(Incomparable, match="'a' holds no text"):
        lowered_difference(Table(("a",), [(1,)]), Table(("a",), [(1,)]))
    assert lowered_difference(Table(("a",), [(1,)]), Table(("a",), [(1.0,)]), ["a"]) is None
    assert lowered_difference(Table(("a",)), Table(("a",))) is None


def test_a_long_cell_is_shortened_in_the_reason():
    difference = lowered_difference(Table(("a",), [("x" * 500,)]), Table(("a",), [("y",)]))
    assert difference is not None and len(difference) < 100


CELLS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([1.5, NAN]),
    st.text("aAbé", max_size=2),
    st.lists(st.just("a"), max_size=1),
)


@given(st.lists(st.tuples(CELLS, CELLS), max_size=4), st.lists(st.tuples(CELLS, CELLS), max_size=4))
def test_equality_is_that_of_data_frames(mine, theirs):
    pd = pytest.importorskip("pandas")
    from envs import workplace_pandas

    columns = ("text", "status")
    tables = [Table(columns, rows) for rows in (mine, theirs)]
    with workplace_pandas.old_strings():
        frames = [pd.DataFrame(rows, columns=columns, dtype=object) for rows in (mine, theirs)]
        try:
            expected = workplace_pandas.lowered(frames[0]).equals(workplace_pandas.lowered(frames[1]))
        except AttributeError:
            with pytest.raises(Incomparable):
                lowered_difference(*tables, ["status"])
            return
    assert (lowered_difference(*tables, ["status"]) is None) == expected


@given(CELLS)
def test_missing(cell):
    assert is_missing(cell) == (cell is None or cell != cell)
