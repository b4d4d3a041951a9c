from __future__ import annotations

import json
import math
import time
import warnings
from collections import Counter, OrderedDict, namedtuple
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.sandbox.runners.code_encoding import encoded
from llmgym.verifiers.code_comparison import compare_outputs
from llmgym.verifiers.code_extraction import breaks_reasoning_format, extract_code, reasoning_texts
from llmgym.verifiers.code_frames import Frame, read_failure, read_frames
from llmgym.verifiers.code_values import Malformed, decode, equal_values, read_expected


class TestExtraction:
    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("```python\nx\n```", "x"),
            ("```\nx\n```", "x"),
            ("```cpp\nx\n```", "x"),
            ("a ```python b\nx\nc ``` d", "x"),
            ("```python\na\n```\ntext\n```python\nb\n```", "b"),
            ("```python\na\n```\nthen\n```python\nb", "then"),
            ("```\n```", ""),
            ("```\n\n```", ""),
            ("```\n \n```", " "),
            ("````\nx\n````", "x"),
            ("``` x ```", ""),
            ("```python x = 1 ```\nprint(1)\n```", "print(1)"),
            ("no code", ""),
            ("", ""),
            ("```python\nx", ""),
            ("~~~\nx\n~~~", ""),
            ("```python\r\nx\r\n```", "x\r"),
            ("> ```\n> x\n> ```", "> x"),
            ("```a\n1\n```b\n2\n```c", "2"),
        ],
    )
    def test_takes_what_is_between_the_last_two_lines_with_backticks(self, text, code):
        assert extract_code(text) == code

    @given(st.text("`\nax "))
    def test_is_some_lines_of_the_text_without_backticks(self, text):
        code = extract_code(text)
        assert "```" not in code
        assert code in text

    @given(
        st.lists(st.text("abc\n `", max_size=9).filter(lambda t: "```" not in t)),
        st.text("xyz\n", min_size=1),
    )
    def test_finds_the_last_block(self, before, code):
        text = "".join(f"```\n{part}\n```\n" for part in before) + f"```python\n{code}\n```\nthe end"
        assert extract_code(text) == code

    def test_marks_of_reasoning(self):
        assert breaks_reasoning_format("a <think> b") and breaks_reasoning_format("</think>")
        assert not breaks_reasoning_format("<thinking>")
        assert not breaks_reasoning_format("x", ["<think>a</think>"])
        assert breaks_reasoning_format("x", ["<think>a", "<think>"])
        assert breaks_reasoning_format("x", ["</think></think>"])

    def test_texts_of_reasoning(self):
        items = [
            {"type": "reasoning", "summary": [{"type": "summary_text", "text": "a"}, {"text": None}, "x"]},
            {"type": "message", "summary": [{"text": "b"}]},
            {"type": "reasoning"},
        ]
        assert reasoning_texts(items) == ["a"]


class TestComparison:
    words = st.lists(st.lists(st.from_regex(r"[a-z0-9.+-]{1,5}", fullmatch=True), max_size=4), max_size=4)

    @given(words, st.sampled_from(["", " ", "\n", " \n\n "]), st.sampled_from(["", " ", "\t", "\r"]))
    def test_blanks_around_lines_never_count(self, lines, around, end):
        text = "\n".join(" ".join(line) for line in lines)
        other = around + "\n".join(" ".join(line) + end for line in lines) + around
        assert compare_outputs(other, text)[0] is True

    @given(st.text(max_size=40), st.text(max_size=40))
    def test_agrees_with_the_public_rule_as_it_is_written(self, prediction, expected):
        assert compare_outputs(prediction, expected)[0] == public_comparison(prediction, expected)

    numbers = st.sampled_from(
        ["1", "1.0", "01", "1e0", "2", "nan", "sNaN", "inf", "-0", "0", "x", "+1", "1_0", "10"]
    )
    number_lines = st.lists(st.lists(numbers, max_size=3).map(" ".join), max_size=3).map("\n".join)

    @given(number_lines, number_lines)
    def test_agrees_with_it_on_numbers(self, prediction, expected):
        assert compare_outputs(prediction, expected)[0] == public_comparison(prediction, expected)

    @given(st.text(max_size=60))
    def test_everything_equals_itself(self, text):
        assert compare_outputs(text, text)[0] is True

    @pytest.mark.parametrize(
        ("prediction", "expected"),
        [
            ("9" * 300_000, "9" * 299_999 + "8"),
            ("1e999999999999", "1e99999999999"),
            (" ".join(["1.0"] * 300_000), " ".join(["1"] * 299_999 + ["2"])),
            ("\n" * 2_000_000 + "x", "y"),
            ("\n".join("a" * 400_000), "\n".join("a" * 399_999 + "b")),
        ],
        ids=["long", "exponents", "many numbers", "empty lines", "many lines"],
    )
    def test_is_bounded(self, prediction, expected):
        began = time.process_time()
        assert compare_outputs(prediction, expected)[0] == -2
        assert time.process_time() - began < 10


def public_comparison(prediction: str, expected: str) -> bool | int:
    """The rule, written down with lists."""

    def lines(text):
        return [line.strip() for line in text.strip().split("\n")]

    def decimals(line):
        try:
            return [Decimal(word) for word in line.split()]
        except Exception:
            return None

    mine, right = lines(prediction), lines(expected)
    if len(mine) != len(right):
        return -2
    for one, other in zip(mine, right, strict=True):
        if one == other:
            continue
        first = decimals(one)
        second = None if first is None else decimals(other)
        if first is None or second is None:
            return -2
        try:
            same = first == second
        except Exception:
            return -4
        if not same:
            return -2
    return True


def through(value):
    return decode(json.dumps(encoded(value)))


class TestValues:
    plain = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
        max_leaves=20,
    )

    @given(plain)
    def test_json_survives(self, value):
        found = through(value)
        assert found == value and repr(found) == repr(value)
        assert equal_values(found, read_expected(json.dumps(value)))

    kinds = st.recursive(
        st.complex_numbers(allow_nan=False) | st.fractions() | st.decimals(allow_nan=False) | st.integers(),
        lambda inner: st.tuples(inner, inner) | st.lists(inner, max_size=3),
        max_leaves=10,
    )

    @given(kinds)
    def test_numbers_of_every_kind_survive(self, value):
        found = through(value)
        assert found == value and type(found) is type(value)

    @given(plain, plain)
    def test_equality_is_the_public_one(self, one, other):
        assert equal_values(through(one), other) == public_equality(one, other)

    Point = namedtuple("Point", "x y")

    @pytest.mark.parametrize(
        ("value", "kind"),
        [
            (np.float64(0.5), float),
            (np.int64(3), np.int64),
            (np.bool_(True), np.bool_),
            (np.float32(0.1), np.float32),
            (np.complex128(1j), complex),
            (Counter("aab"), dict),
            (OrderedDict(a=1), dict),
            (Point(1, 2), tuple),
            (True, bool),
            (1 << 70, int),
            (-(1 << 63), int),
        ],
    )
    def test_kinds(self, value, kind):
        found = through(value)
        assert isinstance(found, kind) and found == value

    def test_arrays_survive(self):
        array = np.arange(6.0).reshape(2, 3)
        assert np.array_equal(through(array), array)
        assert through(np.array([], dtype=int)).shape == (0,)

    def test_arrays_are_not_multiplied_by_lists(self):
        found, expected = through(np.zeros((50_000, 1), dtype=bool)), list(range(50_000))
        for one, other in ((found, expected), ([found], [expected])):
            with pytest.raises(ValueError, match="ambiguous"):
                equal_values(one, other)
        assert equal_values(through(np.array([3])), [3]) and not equal_values(through(np.array([3])), 4)

    @pytest.mark.parametrize(
        "kind", ["(1,,)i4", "(1,)i4", "a", "O", "U9", "i4,i4", "i3", "", 3, None, ["i4"], {}]
    )
    def test_only_names_of_numbers_are_read_as_kinds_of_arrays(self, kind):
        with pytest.raises(Malformed):
            decode(json.dumps({"numpy": kind, "data": "00000000"}))

    def test_long_fractions_are_not_reduced(self):
        found = decode(json.dumps({"fraction": ["0x" + "f" * 40_000, "0x" + "e" * 40_000]}))
        assert not equal_values(found, 1)

    @pytest.mark.parametrize("value", [object(), {1}, frozenset(), b"x", iter([]), range(3), len, int, ...])
    def test_other_things_equal_nothing(self, value):
        found = through(value)
        for expected in (None, 0, 1, "", [], [1], {}, True):
            assert not equal_values(found, expected)
            assert not equal_values([found], [expected])

    @given(st.text())
    def test_any_text_is_a_value_or_malformed(self, text):
        try:
            decode(text)
        except Malformed:
            return

    anything = st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "int",
                        "tuple",
                        "dict",
                        "complex",
                        "decimal",
                        "fraction",
                        "opaque",
                        "numpy",
                        "data",
                        "shape",
                        "x",
                    ]
                ),
                inner,
                max_size=3,
            )
        ),
        max_leaves=12,
    )

    @given(anything, plain)
    def test_forged_values_never_raise_anything_else(self, value, expected):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                found = decode(json.dumps(value))
            except Malformed:
                return
            try:
                assert equal_values(found, expected) in (True, False)
            except ValueError:
                return

    def test_close_numbers_are_close_as_in_numpy(self):
        rng = np.random.default_rng(0)
        for _ in range(500):
            one = float(rng.normal() * 10.0 ** rng.integers(-9, 9))
            other = one * (1 + float(rng.normal()) * 1e-5) + float(rng.normal()) * 1e-8
            assert equal_values(one, other) == bool(np.allclose(one, other))
        for one in (math.inf, -math.inf, math.nan, 0.0, 1e308):
            for other in (math.inf, -math.inf, math.nan, 0.0, 1e308):
                assert equal_values(one, other) == public_equality(one, other)

    def test_expected_values_may_have_many_digits(self):
        assert read_expected("1" + "0" * 40_000) == 10**40_000
        assert read_expected("-" + "123" * 4_000) == -(123 * (10**12_000 - 1) // 999)
        with pytest.raises(ValueError, match="digits"):
            read_expected("1" * 60_000)


def public_equality(prediction, expected) -> bool:
    if prediction == expected:
        return True
    try:
        if json.dumps(prediction) == json.dumps(expected):
            return True
    except (TypeError, ValueError):
        pass
    try:
        return bool(np.allclose(float(prediction), float(expected)))
    except (TypeError, ValueError, OverflowError):
        return False


class TestFrames:
    def test_a_whole_answer(self):
        answer = b"O 0 2\n1\n\nO 1 0\n\nZ 2 0\n\n"
        assert read_frames(answer, 0, 2) == [Frame("O", 0, b"1\n"), Frame("O", 1, b""), Frame("Z", 2, b"")]

    @pytest.mark.parametrize(
        ("answer", "kinds"),
        [
            (b"", ""),
            (b"Z 2 0\n\n", ""),
            (b"Z 0 0\n\n", ""),
            (b"O 1 1\n1\nZ 2 0\n\n", ""),
            (b"O 0 1\n1\nZ 2 0\n\n", "O"),
            (b"O 0 1\n1\nO 0 1\n1\n", "O"),
            (b"O 0 1\n1\nO 1 1\n1\nO 2 1\n1\n", "OO"),
            (b"O 0 1\n1\nO 1 1\n1\nZ 2 0\n\nmore", "OO"),
            (b"O 0 9\n1\n", ""),
            (b"O 0 1\n1", ""),
            (b"O 0 -1\n\n", ""),
            (b"O 00 1\n1\n", "O"),
            (b"Q 0 1\n1\n", ""),
            (b"x\nO 0 1\n1\n", ""),
            (b"O 0 1\n1\nP 1 0\n\n", "OP"),
            (b"P 0 0\n\n", "P"),
            (b"O 0 1\n1\nE 0 2\n{}\n", "OE"),
            (b"X 0 2\n{}\n", "X"),
            ("O \u0663 1\n1\n".encode(), ""),
        ],
    )
    def test_stops_at_what_is_out_of_place(self, answer, kinds):
        assert "".join(frame.kind for frame in read_frames(answer, 0, 2)) == kinds

    @given(st.binary() | st.text("OVZEP 012\n").map(str.encode), st.integers(0, 3), st.integers(0, 3))
    def test_any_bytes_are_read(self, answer, first, count):
        frames = read_frames(answer, first, count)
        assert len(frames) <= count + 1

    @given(st.binary() | TestValues.anything.map(lambda value: json.dumps(value).encode()))
    def test_any_failure_is_read(self, content):
        assert read_failure(content) is None

    def test_a_failure(self):
        told = {"error_code": -4, "error": "x" * 999, "error_message": "m"}
        failure = read_failure(json.dumps(told).encode())
        assert failure.code == -4 and len(failure.error) == 400
        assert read_failure(json.dumps({**told, "error_code": True}).encode()) is None
        assert read_failure(json.dumps({**told, "error_code": 1}).encode()) is None
