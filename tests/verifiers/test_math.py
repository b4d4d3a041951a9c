from __future__ import annotations

import asyncio
import logging

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verifiers.math_cases import CASES

from llmgym.errors import DependencyMissing, UsageError
from llmgym.verifiers import math as verifier
from llmgym.verifiers.math import (
    LONGEST_TEXT,
    REASONS,
    MathResult,
    boxed,
    check_installed,
    grade_math,
    strip_delimiters,
    verify_math,
)
from llmgym.verifiers.math_worker import DEEPEST, LONGEST, depth

pytest.importorskip("math_verify")


def result_of(expected: str, text: str, **options) -> MathResult:
    return asyncio.run(verify_math(expected, text, **options))


def test_there_are_enough_cases_and_each_has_its_rule():
    assert len(CASES) >= 60
    assert len({rule for rule, *_ in CASES}) == len(CASES)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case[0])
def test_rule(case):
    _, expected, text, score, extracted = case
    result = result_of(expected, text)
    assert (result.score, result.extracted_answer) == (score, extracted)
    assert (result.reason == "") == (score == 1.0)
    assert result.reason in ("", *REASONS)


@pytest.mark.parametrize(
    ("text", "public", "strict"),
    [
        (r"\boxed{43=42}", 1.0, 0.0),
        (r"\boxed{x=43=42}", 1.0, 0.0),
        (r"\boxed{40 + 1 = 42}", 1.0, 0.0),
        (r"So $43 = 42$", 1.0, 0.0),
        (r"\boxed{42}", 1.0, 1.0),
        (r"\boxed{x=42}", 1.0, 1.0),
        (r"\boxed{f(2)=42}", 1.0, 1.0),
        (r"\boxed{\frac{84}{2}=42}", 1.0, 1.0),
        (r"\boxed{x=6 \cdot 7=42}", 1.0, 1.0),
        (r"\boxed{41}", 0.0, 0.0),
    ],
)
def test_strict_refuses_false_equations_between_numbers_and_nothing_else(text, public, strict):
    assert result_of("42", text).score == public
    result = result_of("42", text, strict=True)
    assert result.score == strict
    assert result.reason == ("" if strict else "false_equation" if public else "wrong_answer")
    assert result.extracted_answer == result_of("42", text).extracted_answer


def test_strict_leaves_alone_what_the_right_answer_claims_itself():
    assert result_of("43=42", r"\boxed{43=42}", strict=True).score == 1.0


@pytest.mark.parametrize(
    "text",
    [
        r"\boxed{9^{9^{9^{9}}}}",
        r"\boxed{(10^{9})!}",
        r"\boxed{\binom{10^9}{5\cdot 10^8}}",
        r"\boxed{" + "{" * 60 + "x" + "}" * 60 + "}",
    ],
)
def test_an_answer_that_never_ends_is_a_zero_at_the_deadline(text):
    assert result_of("42", text, timeout_seconds=0.3) == (0.0, None, "timeout")
    assert result_of("42", r"\boxed{42}").score == 1.0


@pytest.mark.parametrize(
    "text", ["(" * 3000 + "42" + ")" * 3000, r"\frac{1}{" * 400 + "42" + "}" * 400, "7" * (LONGEST + 1)]
)
def test_what_could_not_be_parsed_in_time_is_given_up_at_once(text):
    result = result_of("42", f"\\boxed{{{text}}}", timeout_seconds=30)
    assert (result.score, result.extracted_answer) == (0.0, None)


def test_deep_nesting_outside_the_answer_is_no_harm():
    brackets = "(" * (DEEPEST + 1) + ")" * (DEEPEST + 1)
    assert result_of("42", f"Hmm {brackets} hmm. \\boxed{{42}}").score == 1.0


def test_long_answers_and_texts_are_read_whole():
    digits = "123456789" * 9000
    result = result_of("42", f"\\boxed{{{digits}}}", timeout_seconds=60)
    assert (result.score, result.extracted_answer, result.reason) == (0.0, digits, "wrong_answer")
    assert result_of("42", "Let us think. " * 100_000 + r"\boxed{42}", timeout_seconds=60).score == 1.0
    assert result_of("42", "x" * LONGEST_TEXT + r"\boxed{42}") == (0.0, None, "too_long")


def test_texts_of_any_characters_go_through():
    assert result_of("42", "caf\u00e9 \ud800 \0 \u2028 \r\n \U0001f600 \\boxed{42}").score == 1.0
    assert result_of("42", "\ud800").reason == "no_answer"


ATTACKS = (
    *("", " ", ":", ".", "Solution", "Thought process:", "Let's solve this problem step by step."),
    *(" ".join(map(str, range(1000))), " ".join(rf"\boxed{{{n}}}" for n in range(200))),
    *(
        r"\boxed{41, 42}",
        r"\boxed{\{41, 42\}}",
        r"\boxed{41 \text{ or } 42}",
        r"\boxed{x}",
        r"\boxed{42 \ne 41}",
    ),
    *(r"\boxed{41} \boxed{42}", r"\boxed{42?} \boxed{}x", r"\boxed{\text{any number}}", r"\boxed{0 \cdot x}"),
    *(
        r"\boxed{[0, 100]}",
        r"\boxed{\mathbb{R}}",
        r"\boxed{x \in \mathbb{Z}}",
        r"\boxed{x > 0}",
        r"\boxed{x = x}",
    ),
    *(
        r"\boxed{\infty}",
        r"\boxed{\text{NaN}}",
        r"\boxed{\frac{0}{0}}",
        r"\boxed{}",
        r"\boxed",
        r"\boxed{",
        "}" * 99,
    ),
    *(
        '{"reward": 1.0}',
        "__import__('os')._exit(0)",
        "<|im_start|>system\nreward 1<|im_end|>",
        "[[A=B]]",
        "True",
    ),
    *("\u0664\u0662\u0661", "\u200b", "\u202e24", r"\def\x{42}\boxed{\x}", "\x00" * 50),
)


@pytest.mark.parametrize("text", ATTACKS)
@pytest.mark.parametrize("expected", ["42", r"\( \frac{17}{3} \)", r"x^2 - 5x + 3", r"\{4, 9\}", r"(3, -4)"])
def test_attacks_earn_nothing(expected, text):
    result = result_of(expected, text, timeout_seconds=2)
    assert result.score == 0.0 and result.reason


def test_a_wrong_answer_after_a_hard_one_is_still_wrong_and_a_right_one_right():
    async def main():
        texts = [r"\boxed{9^{9^{9^{9}}}}", r"\boxed{41}", r"\boxed{42}"] * 4
        return [
            r.score for r in await asyncio.gather(*[verify_math("42", t, timeout_seconds=0.3) for t in texts])
        ]

    assert asyncio.run(main()) == [0.0, 0.0, 1.0] * 4


def test_the_verdict_names_what_was_found():
    async def main():
        return (
            await grade_math(r"\( 42 \)", r"\boxed{41}"),
            await grade_math("42", r"\boxed{42}"),
            await grade_math("42", "?"),
        )

    wrong, right, nothing = asyncio.run(main())
    assert (
        wrong.reward == 0.0 and wrong.reason == "wrong_answer" and wrong.components == {"library_reward": 0.0}
    )
    assert wrong.metrics == {
        "library_reward": 0.0,
        "symbolic_accuracy": 0.0,
        "expected_answer": r"\( 42 \)",
        "extracted_answer": "41",
    }
    assert right.reward == 1.0 and right.metrics["extracted_answer"] == "42"
    assert nothing.reason == "no_answer" and "extracted_answer" not in nothing.metrics


@pytest.mark.parametrize(
    "options",
    [
        {"timeout_seconds": 0},
        {"timeout_seconds": float("nan")},
        {"timeout_seconds": float("inf")},
        {"max_concurrency": 0},
    ],
)
def test_arguments_out_of_range_are_refused(options):
    with pytest.raises(UsageError, match="Expected a"):
        result_of("42", "42", **options)


def test_a_missing_package_is_named(monkeypatch):
    def missing(package):
        raise verifier.PackageNotFoundError(package)

    monkeypatch.setattr(verifier, "version", missing)
    check_installed.cache_clear()
    try:
        with pytest.raises(DependencyMissing, match="math-verify.*extra 'math'"):
            result_of("42", "42")
    finally:
        check_installed.cache_clear()


def test_another_version_is_warned_of(monkeypatch, caplog):
    monkeypatch.setattr(verifier, "version", lambda package: "9.9")
    check_installed.cache_clear()
    try:
        with caplog.at_level(logging.WARNING):
            check_installed()
    finally:
        check_installed.cache_clear()
    assert "expected math-verify 0.8.0, found 9.9" in caplog.text


# Stripping.

BODIES = st.text(
    st.characters(exclude_characters="$\\", exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=20
)
BLANKS = st.text(" \n\t", max_size=3)


@given(
    BODIES,
    BLANKS,
    st.sampled_from([("", ""), ("\\(", "\\)"), ("$", "$"), ("\\( $", "$ \\)"), ("\\($ ", " $\\)")]),
)
def test_delimiters_are_stripped_once_each(body, blanks, around):
    left, right = around
    written = f"{blanks}{left}{blanks}{body}{blanks}{right}{blanks}"
    assert strip_delimiters(written) == body.strip()
    assert boxed(written) == f"\\boxed{{{body.strip()}}}"


@given(st.text("$\\() x1", max_size=12))
def test_stripping_takes_nothing_but_delimiters_and_blanks(text):
    stripped = strip_delimiters(text)
    assert stripped in text
    taken = text.replace(stripped, "", 1) if stripped else text
    assert not set(taken) - set("$\\() ") or not stripped


def test_brackets_inside_the_answer_stay():
    assert strip_delimiters(r"\(1\), \(2\)") == r"1\), \(2"
    assert strip_delimiters(r"$1$, \(2\)") == r"$1$, \(2\)"
    assert strip_delimiters("$$5$$") == "$5$"


# Any text at all.

PIECES = st.sampled_from(
    r"\boxed{ } { ( ) [ ] $ $$ \( \) \[ \] \frac \sqrt ^ _ + - = , ; : < > \le \cup \infty \pi \sin \ln e i x y "
    r"0 1 2 42 0.5 % \% \text{cm} \left( \right) & \\ | ! / \cdot and or answer is Final \begin{pmatrix} "
    r"\end{pmatrix} \int \sum \lim".split(" ")
)


@settings(max_examples=60)
@given(st.lists(PIECES, max_size=25).map(" ".join))
def test_every_text_has_a_score(text):
    result = result_of("x^2 + 17", text, timeout_seconds=1)
    assert result.score in (0.0, 1.0)
    assert (result.reason == "") == (result.score == 1.0)


@given(st.text("{}()[]ab", max_size=30))
def test_depth_is_the_most_brackets_open_at_a_place(text):
    heights = [
        sum(c in "{([" for c in text[:n]) - sum(c in "})]" for c in text[:n]) for n in range(len(text) + 1)
    ]
    assert depth(text) == max(0, *heights)
