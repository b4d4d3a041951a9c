from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.verifiers.repository_tests import grade_report, names_of_tests, report_of

names = st.lists(st.sampled_from("abcdef"), max_size=4, unique=True)


class TestNames:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [(["a"], ["a"]), (("a", "b"), ["a", "b"]), ('["a"]', ["a"]), ("[]", []), (None, []), ("null", [])],
    )
    def test_are_read(self, value, expected):
        assert names_of_tests(value) == expected

    @pytest.mark.parametrize("value", ["a", '"a"', '{"a": 1}', {"a": 1}, 7, [1], "[1]", [None]])
    def test_of_another_form_are_refused(self, value):
        with pytest.raises(ValueError, match="expected"):
            names_of_tests(value)


class TestReport:
    def test_lists_the_tests_by_kind_and_outcome(self):
        report = report_of({"a": True, "b": False, "c": True, "z": True}, ["a", "b"], ["c", "d"])
        assert report == {
            "resolved": False,
            "tests_status": {
                "FAIL_TO_PASS": {"success": ["a"], "failure": ["b"]},
                "PASS_TO_PASS": {"success": ["c"], "failure": ["d"]},
            },
        }

    @given(st.dictionaries(st.sampled_from("abcdef"), st.booleans()), names, names)
    def test_is_resolved_when_all_pass(self, outcomes, first, second):
        report = report_of(outcomes, first, second)
        assert report["resolved"] == all(outcomes.get(name, False) for name in [*first, *second])
        verdict = grade_report(report, {})
        assert verdict.reward == float(report["resolved"] and bool([*first, *second]))

    def test_counts_truth_alone_as_a_pass(self):
        assert not report_of({"a": "PASSED"}, ["a"], [])["resolved"]  # type: ignore[dict-item]


def status(**kinds):
    return {"resolved": True, "tests_status": {"FAIL_TO_PASS": {"success": [], "failure": []}, **kinds}}


class TestReward:
    @pytest.mark.parametrize(
        ("report", "reward", "reason"),
        [
            (status(FAIL_TO_PASS={"success": ["a"], "failure": []}), 1.0, ""),
            (status(PASS_TO_PASS={"success": ["a"], "failure": []}), 1.0, ""),
            (status(PASS_TO_PASS={"success": [], "failure": ["a"]}), 1.0, ""),
            (status(), 0.0, "no_tests"),
            ({"resolved": True}, 0.0, "no_tests"),
            ({"resolved": True, "tests_status": None}, 0.0, "no_tests"),
            ({"resolved": True, "tests_status": {}}, 0.0, "no_tests"),
            (
                {**status(FAIL_TO_PASS={"success": ["a"], "failure": []}), "resolved": False},
                0.0,
                "tests_fail",
            ),
            (
                {**status(FAIL_TO_PASS={"success": ["a"], "failure": []}), "resolved": "yes"},
                0.0,
                "tests_fail",
            ),
            (None, 0.0, "no_report"),
            ({}, 0.0, "no_report"),
        ],
    )
    def test_is_that_of_the_public_rule(self, report, reward, reason):
        verdict = grade_report(report, {"steps": 3})
        assert (verdict.reward, verdict.reason) == (reward, reason)
        assert verdict.metrics["resolved"] is bool(reward) and verdict.metrics["steps"] == 3

    def test_tells_shares(self):
        report = report_of({"a": True, "c": True}, ["a", "b"], ["c"])
        verdict = grade_report(report, {})
        assert verdict.components == {"fail_to_pass": 0.5, "pass_to_pass": 1.0}
        assert (verdict.metrics["tests"], verdict.metrics["tests_passed"]) == (3, 2)

    @pytest.mark.parametrize(
        ("report", "told", "expected"),
        [
            (report_of({"a": True, "c": True}, ["a", "b"], ["c"]), {}, (1, 1, 1, 0, False, True, True)),
            (report_of({}, [], []), {}, (0, 0, 0, 0, False, True, False)),
            ({"resolved": False}, {"eval_error": "cut off"}, (0, 0, 0, 0, True, True, False)),
            (None, {"eval_error": None}, (0, 0, 0, 0, False, False, False)),
        ],
    )
    def test_tells_what_the_public_metrics_are_made_of(self, report, told, expected):
        metrics = grade_report(report, told).metrics
        names = [f"{kind}_to_pass_{end}" for kind in ("fail", "pass") for end in ("success", "failure")]
        names += ["has_eval_error", "has_eval_report", "has_tests_status"]
        assert tuple(metrics[name] for name in names) == expected

    def test_keeps_the_reason_that_is_given(self):
        assert grade_report(None, {}, "patch_failed").reason == "patch_failed"
