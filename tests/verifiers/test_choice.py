"""One case a rule of the multiple-choice grader; properties are in test_choice_properties.py."""

from __future__ import annotations

import json

import pytest

from llmgym.errors import InvalidTask, UsageError
from llmgym.verifiers.choice import GRADING_MODES, grade_choice
from llmgym.verifiers.choice_rules import choices_of

OPTIONS = [{"A": "red"}, {"B": "Green  Fruit"}, {"C": "blue"}, {"D": "E. coli"}]
STRICT, LENIENT, COLON, COLON_MD = GRADING_MODES
LETTER = r"Option Selected:\s*([A-Za-z])"

# id, text, the extracted answer (None: no answer)
STRICT_CASES = [
    ("plain", r"\boxed{B}", "B"),
    ("in-prose", "So the answer is $\\boxed{B}$.", "B"),
    ("blanks", "\\boxed{ \n B }", "B"),
    ("lower-case-is-no-answer", r"\boxed{b}", None),
    ("two-letters-are-no-answer", r"\boxed{B, C}", None),
    ("all-letters-are-no-answer", r"\boxed{ABCD}", None),
    ("a-or-b-is-no-answer", r"\boxed{A or B}", None),
    ("punctuation-around", r"\boxed{**(B).**}", "B"),
    ("digits-around", r"\boxed{3B4}", "B"),
    ("accents-are-no-letters-here", "\\boxed{\u00e9B\u00e9}", "B"),
    ("not-an-option", r"\boxed{E}", None),
    ("text-wrapper", r"\boxed{\text{B}}", "B"),
    ("nested-text-wrappers", r"\boxed{\text{\text{ B }}}", "B"),
    ("blank-between-nested-wrappers", r"\boxed{\text{ \text{B} }}", "B"),
    ("text-wrapper-beside-something", r"\boxed{\text{B} }", "B"),
    ("text-wrapper-not-alone", r"\boxed{(\text{B})}", None),
    ("two-text-wrappers", r"\boxed{\text{A}\text{B}}", None),
    ("other-macro", r"\boxed{\mathbf{B}}", None),
    ("unclosed-text-wrapper", r"\boxed{\text{B}", None),
    ("label-colon", r"\boxed{B: green fruit}", "B"),
    ("label-paren", r"\boxed{B) green fruit}", "B"),
    ("label-dash", r"\boxed{B - green}", "B"),
    ("label-dot-reads-a-name", r"\boxed{C. elegans}", "C"),
    ("label-not-an-option", r"\boxed{E. coli}", None),
    ("sentence-is-no-answer", r"\boxed{A polygenic trait}", None),
    ("option-text-is-no-answer", r"\boxed{green fruit}", None),
    ("last-box-wins", r"\boxed{A} or \boxed{B}", "B"),
    ("later-number-hides", r"\boxed{B} \boxed{3}", None),
    ("later-unclosed-box-hides", r"\boxed{B} \boxed{C", None),
    ("inner-box-is-the-last", r"\boxed{A \boxed{B} }", "B"),
    ("braces-in-the-box", r"\boxed{{{B}}}", "B"),
    ("empty-box", r"\boxed{}", None),
    ("no-box", "B", None),
    ("answer-colon-is-not-read", "Answer: B", None),
    ("blank-before-brace", r"\boxed {B}", None),
    ("fbox", r"\fbox{B}", None),
    ("cyrillic-look-alike", "\\boxed{\u0412}", None),
    ("full-width-letter", "\\boxed{\uff22}", None),
    ("zero-width-blank", "\\boxed{\u200bB}", "B"),
    ("empty", "", None),
    ("blank", " \n\t", None),
]  # fmt: skip

LENIENT_CASES = [
    ("strict-first", r"\boxed{B}", "B"),
    ("strict-first-over-other-texts", r"\boxed{B: red}", "B"),
    ("option-text", r"\boxed{blue}", "C"),
    ("case-and-blanks", "\\boxed{GREEN \n fruit}", "B"),
    ("contained", r"\boxed{it is the blue one}", "C"),
    ("contained-in-a-word", r"\boxed{hundred}", "A"),
    ("text-wrapper", r"\boxed{\text{blue}}", "C"),
    ("two-texts", r"\boxed{red and blue}", None),
    ("lower-case-letter", r"\boxed{b}", None),
    ("text-without-box", "blue", None),
    ("last-box-only", r"\boxed{blue} \boxed{7}", None),
    ("text-when-its-letter-is-no-option", r"\boxed{E. coli}", "D"),
]  # fmt: skip

COLON_CASES = [
    ("letter", "Answer: B", "B"),
    ("lower-case-letter", "answer: b", "B"),
    ("blanks-around-the-colon", "ANSWER \n :\n\n B", "B"),
    ("first-wins", "Answer: B\nAnswer: C", "B"),
    ("first-useless-hides", "Answer: none\nAnswer: C", None),
    ("option-text", "Answer: green fruit", "B"),
    ("option-text-case-and-blanks", "Answer: GREEN   Fruit  ", "B"),
    ("option-text-must-be-equal", "Answer: the green fruit", None),
    ("full-stop", "Answer: B.", None),
    ("parentheses", "Answer: (B)", None),
    ("rest-of-the-line", "Answer: B because", None),
    ("to-the-end-of-the-line", "Answer: B\nbecause", "B"),
    ("carriage-return", "Answer: B\r\nbecause", "B"),
    ("text-wrapper", r"Answer: \text{b}", "B"),
    ("text-wrapper-of-an-option", r"Answer: \text{ blue }", "C"),
    ("not-an-option", "Answer: E", None),
    ("within-a-word", "my_answer: c", "C"),
    ("stars-are-not-read", "**Answer:** B", None),
    ("two-letters", "Answer: A or B", None),
    ("box-is-not-read", r"Answer: \boxed{B}", None),
    ("nothing-after", "Answer:", None),
]  # fmt: skip

COLON_MD_CASES = [
    ("letter", "Answer: B", "B"),
    ("stars-outside", "**Answer: B**", "B"),
    ("stars-at-the-word", "**Answer**: B", "B"),
    ("stars-with-the-colon", "**Answer:** **B**", "B"),
    ("underscores-and-ticks", "__Answer__: `b`.", "B"),
    ("last-wins", "Answer: A\nAnswer: B", "B"),
    ("last-useless-is-passed-over", "Answer: B\nAnswer: none", "B"),
    ("last-not-an-option-is-passed-over", "Answer: B\nAnswer: E", "B"),
    ("leading-letter", "Answer: B) green", "B"),
    ("leading-lower-case-letter", "Answer: b, I think", "B"),
    ("leading-letter-before-a-capital", "Answer: a better one is C", "A"),
    ("leading-letter-not-an-option", "Answer: I say C", None),
    ("leading-letter-of-a-word", "Answer: because of C and the rest", "C"),
    ("leading-letter-with-digit", "Answer: B12 or rather C", "C"),
    ("last-lone-capital", "Answer: (A), no: (C)", "C"),
    ("last-lone-capital-not-an-option", "Answer: (A), said I", None),
    ("lists-two-with-or", "Answer: A or B", None),
    ("lists-two-with-and", "Answer: A and B", None),
    ("lists-two-with-comma", "Answer: A, B", None),
    ("lists-two-with-slash", "Answer: A/B", None),
    ("lists-two-with-bar-and-ampersand", "Answer: A | & B", None),
    ("lists-two-later", "Answer: surely C; D", None),
    ("lists-two-lower-case", "Answer: a or b", None),
    ("lists-one-twice", "Answer: B, B", "B"),
    ("lists-two-is-passed-over", "Answer: C\nAnswer: A or B", "C"),
    ("two-with-words-between", "Answer: A rather than B", "A"),
    ("lists-one-option-and-another-letter", "Answer: A or E", "A"),
    ("arabic-letter", "Answer: \u0628", "B"),
    ("bengali-letter", "Answer: \u0985", "A"),
    ("full-width-letter", "Answer: \uff23.", "C"),
    ("answer-on-the-second-line", "Answer:\n\nB", "B"),
    ("answer-three-lines-down", "Answer:\n\n\nB", None),
    ("single-digit", "Answer: 2", None),
    ("nothing", "no answer", None),
]  # fmt: skip

# id, text, pattern or patterns, extracted answer
PATTERN_CASES = [
    ("letter", "Option Selected: B", LETTER, "B"),
    ("ignores-case", "option selected: b", LETTER, "B"),
    ("last-match-wins", "Option Selected: A\nOption Selected: B", LETTER, "B"),
    ("before-the-mode", r"Option Selected: B \boxed{C}", LETTER, "B"),
    ("mode-when-no-match", r"\boxed{C}", LETTER, "C"),
    ("letter-that-is-no-option", r"Option Selected: Z \boxed{C}", LETTER, "Z"),
    ("no-group", "is B!", r"\b[A-D]\b", "B"),
    ("group-without-part-is-empty", r"x \boxed{C}", r"x(y)?", "C"),
    ("named-group", "pick B", r"pick (?P<letter>\w)", "B"),
    ("group-that-captures-nothing-is-not-an-answer", r"\boxed{C} pick ", r"pick\s*([A-D]?)", "C"),
    ("option-text", "I pick: green   FRUIT\n", r"pick: (.+)", "B"),
    ("option-text-that-is-none", "I pick: purple \\boxed{A}", r"pick: (\w+)", "A"),
    ("last-match-useless", r"pick: B. pick: purple \boxed{A}", r"pick: (\w+)", "A"),
    ("blanks-are-stripped", "pick: [ b ]", r"\[(.*)\]", "B"),
    ("arabic", "pick \u062f", r"pick (.)", "D"),
    ("bengali", "pick \u09a1", r"pick (.)", "C"),
    ("full-width", "pick \uff21", r"pick (.)", "A"),
    ("single-digit-is-no-letter", r"pick 2 \boxed{A}", r"pick (.)", "A"),
    ("accented-letter-is-an-answer", "pick \u00e9 \\boxed{A}", r"pick (.)", "\u00c9"),
    ("sharp-s-is-two-letters", "pick \u00df \\boxed{A}", r"pick (.)", "A"),
    ("invalid-pattern", r"pick B \boxed{A}", r"pick (", "A"),
    ("empty-pattern", r"\boxed{A}", "", "A"),
    ("empty-list", r"\boxed{A}", [], "A"),
    ("first-pattern-that-yields", "one: A two: B", [r"zero: (.)", r"two: (.)", r"one: (.)"], "B"),
    ("invalid-pattern-is-passed-over", "one: A", [r"(", r"one: (.)"], "A"),
    ("useless-match-is-passed-over", "one: A two: purple", [r"two: (\w+)", r"one: (\w+)"], "A"),
    ("groups-without-a-match-are-harmless", r"\boxed{A}", r"(x)(y)", "A"),
    ("groups-after-a-yield-are-harmless", "one: A xy", [r"one: (.)", r"(x)(y)"], "A"),
]  # fmt: skip


def mode_cases():
    for mode, cases in zip(
        GRADING_MODES, (STRICT_CASES, LENIENT_CASES, COLON_CASES, COLON_MD_CASES), strict=True
    ):
        for name, text, answer in cases:
            yield pytest.param(mode, text, None, answer, id=f"{mode}-{name}")
    for name, text, pattern, answer in PATTERN_CASES:
        yield pytest.param(STRICT, text, pattern, answer, id=f"regex-{name}")


@pytest.mark.parametrize(("mode", "text", "pattern", "answer"), list(mode_cases()))
def test_rule(mode, text, pattern, answer):
    for expected in "ABCDZ":
        verdict = grade_choice(text, OPTIONS, expected, grading_mode=mode, output_regex=pattern)
        assert verdict.metrics.get("extracted_answer") == answer
        assert verdict.metrics["expected_answer"] == expected
        assert verdict.reward == float(answer == expected)
        assert verdict.reason == (
            "" if answer == expected else "no_answer" if answer is None else "wrong_answer"
        )
        assert not verdict.vacuous


@pytest.mark.parametrize(("expected", "gold"), [(" b\n", "B"), ("B", "B"), ("\tB ", "B")])
def test_expected_is_stripped_and_upper_case(expected, gold):
    verdict = grade_choice(r"\boxed{B}", OPTIONS, expected)
    assert (verdict.reward, verdict.metrics["expected_answer"]) == (1.0, gold)


@pytest.mark.parametrize("expected", ["", "  "])
def test_empty_expected_is_never_right(expected):
    verdict = grade_choice(r"\boxed{B}", OPTIONS, expected)
    assert (verdict.reward, verdict.reason) == (0.0, "no_expected_answer")


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        (r"(pick) (.)", "output_regex_groups"),
        ([r"(", r"(pick) (.)", r"pick (.)"], "output_regex_groups"),
        (r"(?:(?:p|pi|\w| )+)+=$", "output_regex_too_slow"),
        ("(" * 5000 + ")" * 5000, "output_regex_failed"),
        ("a{99999999999999999999}", "output_regex_failed"),
        ([None], "output_regex_failed"),
    ],
)
def test_a_pattern_that_fails_earns_0_whatever_the_box_says(pattern, reason):
    text = "pick B " + "pi" * 40 + r" \boxed{B}"
    verdict = grade_choice(text, OPTIONS, "B", output_regex=pattern)
    assert (verdict.reward, verdict.reason) == (0.0, reason)
    assert "extracted_answer" not in verdict.metrics
    assert grade_choice(text, OPTIONS, "B").reward == 1.0


@pytest.mark.parametrize(
    ("options", "choices"),
    [
        ([], []),
        ([{"a": "x"}], [("A", "x")]),
        ([{"A": None}, {"B": "y"}], [("B", "y")]),
        ([{"A": "x", "B": None}, {"A": None, "B": "y"}], [("A", "x"), ("B", "y")]),
        ([{"AB": "x"}, {"1": "y"}, {"": "z"}, {"C": ""}], [("C", "")]),
    ],
)
def test_choices(options, choices):
    assert choices_of(options) == choices


def test_a_name_in_the_box_is_read_as_its_letter():
    options = [*OPTIONS, {"E": "yeast"}]
    for mode in (STRICT, LENIENT):
        assert grade_choice(r"\boxed{E. coli}", options, "E", grading_mode=mode).reward == 1.0


def test_an_empty_option_text_is_in_no_box():
    assert grade_choice(r"\boxed{nothing}", [{"A": ""}], "A", grading_mode=LENIENT).reward == 0.0


def test_user_mistakes_are_errors():
    with pytest.raises(UsageError, match="strict_single_letter_boxed.*'strict'"):
        grade_choice("", OPTIONS, "A", grading_mode="strict")
    with pytest.raises(InvalidTask, match="object"):
        grade_choice("", ["A"], "A")  # type: ignore[list-item]
    with pytest.raises(InvalidTask, match="string or null"):
        grade_choice("", [{"A": 5}], "A")  # type: ignore[dict-item]
    with pytest.raises(InvalidTask, match="right answer"):
        grade_choice("", OPTIONS, None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["example.jsonl", "example_with_template_metadata.jsonl"])
def test_public_samples(shared_data, name):
    for line in (shared_data / "mcqa" / name).read_text().splitlines():
        row = json.loads(line)
        mode, pattern = row.get("grading_mode", STRICT), row.get("template_metadata", {}).get("output_regex")
        for letter in "ABCDEFGHIJ":
            text = f"Reasoning.\nAnswer: {letter}\nOption Selected: {letter}\n\\boxed{{{letter}}}"
            verdict = grade_choice(
                text, row["options"], row["expected_answer"], grading_mode=mode, output_regex=pattern
            )
            assert verdict.reward == float(letter == row["expected_answer"])
        prompt = row["responses_create_params"]["input"][-1]["content"]
        echoed = grade_choice(
            prompt, row["options"], row["expected_answer"], grading_mode=mode, output_regex=pattern
        )
        assert echoed.reward == 0.0
