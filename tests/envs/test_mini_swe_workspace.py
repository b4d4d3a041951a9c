"""What comes out of a sandbox is data: read when it is what was printed, and else nothing."""

from __future__ import annotations

import json

import pytest

from llmgym.envs.mini_swe.unittests import DetachedTest
from llmgym.envs.mini_swe.workspace import _files, _order, _outcomes

NONCE = "0123456789abcdef"
TESTS = [
    DetachedTest("tests.test_a.A.test_one", "", (("value", 1),)),
    DetachedTest("tests.test_a.A.test_two", "", (("raised", "KeyError"),)),
]
ONE = json.dumps({"seen": [["value", ["int", "0x1"]]], "failure": ""})
TWO = json.dumps({"seen": [["raised", ["KeyError", "LookupError"]]], "failure": ""})


def printed(*reports: object) -> bytes:
    return "\n".join([NONCE, *(json.dumps(report) for report in reports), NONCE]).encode()


def test_reports_are_read():
    assert _outcomes(printed(["0", ONE], ["1", TWO]), NONCE, TESTS) == {test.id: True for test in TESTS}
    assert _outcomes(printed(["1", ONE], ["0", TWO]), NONCE, TESTS) == {test.id: False for test in TESTS}


@pytest.mark.parametrize(
    "report",
    [
        None,
        1,
        "",
        "[" * 100_000,
        "[]",
        "{}",
        '{"failure": ""}',
        '{"seen": null, "failure": ""}',
        '{"seen": [1], "failure": ""}',
        '{"seen": [["value", ["float", "0x1p99999"]]], "failure": ""}',
        '{"seen": [["value", ["dict", [[["list", []], 1]]]]], "failure": ""}',
        '{"seen": [["raised", 5]], "failure": ""}',
        '{"seen": [["value", ["int", "0x1"]]], "failure": "KeyError"}',
    ],
)
def test_reports_of_other_forms_pass_no_test(report):
    outcomes = _outcomes(printed(["0", report], ["1", TWO]), NONCE, TESTS)
    assert outcomes is not None and list(outcomes.values()) == [False, True]


@pytest.mark.parametrize(
    "output",
    [
        b"",
        NONCE.encode(),
        b"x" + printed(["0", ONE]),
        printed(["0", ONE]) + b"x",
        printed(["0", ONE], ["1", NONCE]),
        printed(["0", ONE], 5),
        printed(["0", ONE], ["1"]),
        printed(["0", ONE], [[], ONE]),
        f"{NONCE}\nno json\n{NONCE}".encode(),
        f"{NONCE}\n{'[' * 100_000}\n{NONCE}".encode(),
    ],
)
def test_other_outputs_are_no_reports(output):
    assert _outcomes(output, NONCE, TESTS) is None


def test_files_are_read():
    assert _files(b'["a", "1\\n"]\n["b/c", ""]\n{"left_out": []}') == {"a": "1\n", "b/c": ""}
    assert _files(b'{"left_out": []}') == {}


@pytest.mark.parametrize(
    "output", [b"", b'["a", "1"]', b'["a", "1"]\n', b'["a", 1]\n{}', b'["a"]\n{}', b"5\n{}", b"[" * 9**6]
)
def test_other_outputs_are_no_files(output):
    assert _files(output) is None


def test_what_the_set_up_reads_is_json():
    files = {'a"b': 'ä\n"\\', "c": ""}
    assert json.loads(_order(files, b"commit \n")) == {"files": files, "history": "commit \n"}
    assert json.loads(_order({}, b"")) == {"files": {}, "history": ""}
