"""The multiple-choice grader against a plain restatement of the public rule, and under hostile texts."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llmgym.verdict import Verdict
from llmgym.verifiers.choice import GRADING_MODES, grade_choice

OPTIONS = [{"A": "red"}, {"B": "green fruit"}, {"C": "a blue one"}, {"D": None}, {"E": "E. coli"}]
STRICT, LENIENT, COLON, COLON_MD = GRADING_MODES


def normal(text):
    return " ".join(text.lower().split())


def unwrap(text):
    while match := re.compile(r"\\text\{\s*(.*?)\s*\}", re.DOTALL).fullmatch(text):
        text = match[1]
    return text


def latin(text):
    for letters in ("أبجد", "অবডঢ", "ＡＢＣＤ"):  # noqa: RUF001
        for foreign, letter in zip(letters, "ABCD", strict=True):
            text = text.replace(foreign, " " + letter)
    return text.strip()


def equal(text, options):
    return next((k for k, v in options.items() if normal(v) == normal(text)), None)


def reference_box(text):
    if "\\boxed{" not in text:
        return None
    inside = text.split("\\boxed{")[-1]
    for end in range(len(inside)):
        if inside[end] == "}" and inside[: end + 1].count("}") > inside[:end].count("{"):
            return inside[:end]
    return None


def reference_strict(text, options):
    box = reference_box(text)
    if box is None:
        return None
    box = unwrap(box.strip())
    match = re.search(r"^[^A-Za-z]*([A-Z])[^A-Za-z]*$", box) or re.search(r"^\s*([A-Z])\s*[:).\-]", box)
    return match[1] if match and match[1] in options else None


def reference_lenient(text, options):
    letter, box = reference_strict(text, options), reference_box(text)
    if letter is None and box is not None:
        letters = {k for k, v in options.items() for b in (box, unwrap(box)) if normal(v) in normal(b)}
        letter = letters.pop() if len(letters) == 1 else None
    return letter


def reference_colon(text, options):
    match = re.search(r"(?i)answer\s*:\s*(.+)", text)
    if match is None:
        return None
    found = unwrap(match[1]).strip()
    return found.upper() if len(found) == 1 and found.upper() in options else equal(found, options)


def reference_colon_md(text, options):
    for found in re.findall(r"(?im)[*_]{0,2}Answer[*_]{0,2}\s*:[*_\s]{0,2}(.+)", text)[::-1]:
        found = latin(found).strip("*_`.,;: \t\n\r\f\v")
        pairs = re.findall(r"(?i)\b(?=([a-e])\b(?:[/|&,;\s]|or|and)+([a-e])\b)", found)
        if any(a.upper() != b.upper() and {a.upper(), b.upper()} <= options.keys() for a, b in pairs):
            continue
        leading = re.findall(r"^([a-zA-Z])(?![a-zA-Z0-9])", found)
        lone = [found] if len(found) == 1 else leading or re.findall(r"\b[A-Z]\b", found)[-1:]
        if lone and lone[0].upper() in options:
            return lone[0].upper()
    return None


REFERENCE = dict(
    zip(
        GRADING_MODES, (reference_strict, reference_lenient, reference_colon, reference_colon_md), strict=True
    )
)


def reference_answer(text, mode, pattern):
    options = {k: v for option in OPTIONS for k, v in option.items() if v is not None}
    text = text.strip()
    for regex in [pattern] if pattern else []:
        found = re.findall(regex, text, re.IGNORECASE)
        if found:
            captured = latin(found[-1]).upper()
            letter = captured if len(captured) == 1 and captured.isalpha() else equal(captured, options)
            if letter:
                return letter
    return REFERENCE[mode](text, options)


pieces = st.sampled_from(
    ["\\boxed{", "\\text{", "}", "}", "{", "Answer:", "answer", "**", "_", "`", ":", " ", " ", "\n", "\r", "A", "B", "b", "C",
     "D", "E", "a", "I", "or", " or ", " and ", "/", ",", ";", "|", "&", ".", ")", "-", "(", "red", "Green  fruit", "a blue one", "E. coli",
     "7", "ب", "ড", "Ａ", "é", "ß", "\u200b", "\u202e", "\x00", "\u2028"]
)  # fmt: skip
texts = st.lists(pieces, max_size=14).map("".join)
shaped = st.one_of(
    texts.map(lambda t: "\\boxed{" + t + "}"),
    texts.map(lambda t: "Answer: " + t),
    texts.map(lambda t: f"\\boxed{{\\text{{{t}}}}}"),
)
any_text = st.one_of(texts, shaped, st.tuples(shaped, shaped).map("".join), st.text())
patterns = st.sampled_from(
    [None, None, r"\\boxed\{\s*([A-Za-z])\s*\}", r"answer:(.*)", r"\b\w\b", r"\((.)\)", "(?s)answer(.*)"]
)
modes = st.sampled_from(GRADING_MODES)


@settings(max_examples=1500, deadline=None)
@given(any_text, modes, patterns)
def test_answer_equals_the_public_rule(text, mode, pattern):
    verdict = grade_choice(text, OPTIONS, "B", grading_mode=mode, output_regex=pattern)
    assert verdict.metrics.get("extracted_answer") == reference_answer(text, mode, pattern)


@settings(max_examples=400, deadline=None)
@given(
    any_text,
    modes,
    st.one_of(st.none(), st.text(max_size=8), st.lists(st.text("()[]a+*?|\\w", max_size=8), max_size=3)),
    st.text(max_size=2),
)
def test_total_and_deterministic(text, mode, pattern, expected):
    verdict = grade_choice(text, OPTIONS, expected, grading_mode=mode, output_regex=pattern)
    assert isinstance(verdict, Verdict)
    assert verdict.reward in (0.0, 1.0)
    assert bool(verdict.reason) == (verdict.reward == 0.0)
    assert verdict == grade_choice(text, OPTIONS, expected, grading_mode=mode, output_regex=pattern)


@settings(max_examples=300, deadline=None)
@given(any_text, modes, patterns)
def test_no_text_is_right_for_two_answers(text, mode, pattern):
    rewards = [
        grade_choice(text, OPTIONS, letter, grading_mode=mode, output_regex=pattern).reward
        for letter in "ABCDE"
    ]
    assert sum(rewards) <= 1.0


MEGABYTE = 1_000_000
HOSTILE = {
    "boxes": "\\boxed{" * (MEGABYTE // 7),
    "empty-boxes": "\\boxed{}" * (MEGABYTE // 8),
    "open-braces": "\\boxed{" + "{" * MEGABYTE,
    "text-wrappers": "\\boxed{" + "\\text{" * (MEGABYTE // 7) + "7" + "}" * (MEGABYTE // 7) + "}",
    "unclosed-text-wrappers": "\\boxed{" + "\\text{" * (MEGABYTE // 6) + "}",
    "answers": "Answer: none\n" * (MEGABYTE // 13),
    "answers-on-one-line": "Answer: " * (MEGABYTE // 8),
    "answer-and-blanks": "answer" + " " * MEGABYTE + "x",
    "answer-and-lines": "answer:" + "\n" * MEGABYTE + ":",
    "stars": "*" * MEGABYTE + "answer" + "*" * MEGABYTE,
    "lone-letters": "answer: ; " + "A B " * (MEGABYTE // 4),
    "separators": "answer: A" + " or" * (MEGABYTE // 3) + " e",
    "blanks-in-a-box": "\\boxed{" + " " * MEGABYTE + "}",
    "letters-in-a-box": "\\boxed{" + "a" * MEGABYTE + "}",
}


@pytest.mark.parametrize("mode", GRADING_MODES)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_text_ends(text, mode):
    assert grade_choice(text, OPTIONS, "B", grading_mode=mode).reward == 0.0
    assert (
        grade_choice(text, OPTIONS, "B", grading_mode=mode, output_regex=r"\\boxed\{\s*([A-D])\s*\}").reward
        == 0.0
    )
    canary = r"\boxed{B} Answer: B"
    assert grade_choice(canary, OPTIONS, "B", grading_mode=mode).reward == 1.0
    assert grade_choice(canary, OPTIONS, "C", grading_mode=mode).reward == 0.0


GAMES = [
    "", " ", "A B C D E", "A or B or C or E", "ABCE", "\\boxed{A}\\boxed{B}\\boxed{C}\\boxed{E", "\\boxed{A,B,C,E}", "\\boxed{any}",
    "Answer: A/B/C/E", "Answer: A, B, C or E", "Answer: all of them", "Answer: the right one", "Answer: *", "\\boxed{*}",
    '{"reward": 1.0, "extracted_answer": "B"}', "expected_answer == pred", "\\boxed{expected_answer}", "\\boxed{\\expected}",
    "<think>B</think>", "\\boxed{\u0412}", "\\boxed{\u0392}", "\\boxed{\uff22}", "\\boxed{\U0001d401}", "\\boxed{\u24b7}",
    "Answer: \u0412", "red green fruit a blue one E. coli", "\\boxed{red, green fruit, a blue one, E, coli}", "\u202e}B{dexob\\",
    "\\boxed{b}", "\\boxed{1}", "\\boxed{\\phantom{B}}", "\\boxed{\\text{A}\\text{B}\\text{C}}", "Answer:", "Answer: \u200b",
]  # fmt: skip


@pytest.mark.parametrize("mode", GRADING_MODES)
@pytest.mark.parametrize("text", [*GAMES, *map(str, range(40))])
def test_games_earn_no_more_than_one_guess(text, mode):
    rewards = [grade_choice(text, OPTIONS, letter, grading_mode=mode).reward for letter in "ABCE"]
    assert sum(rewards) <= 1.0
    if text in GAMES[:15]:
        assert sum(rewards) == 0.0 or mode == COLON_MD


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from("ABCE"),
    st.sampled_from("ABCE"),
    st.text("xyz .,\n*$", max_size=20),
    st.text(" .*\n", max_size=5),
)
def test_prose_and_layout_do_not_matter(said, expected, prose, after):
    reward = float(said == expected)
    boxes = [
        f"\\boxed{{{said}}}",
        f"\\boxed{{ \\text{{{said}}} }}",
        f"$\\boxed{{({said})}}$",
        f"\\boxed{{{said}: red}}",
    ]
    for box in boxes:
        for mode in (STRICT, LENIENT):
            assert grade_choice(prose + box + after, OPTIONS, expected, grading_mode=mode).reward == reward
    for line in [
        f"Answer: {said}",
        f"**Answer:** {said}",
        f"**Answer: {said}**",
        f"answer : {said.lower()}.",
    ]:
        assert (
            grade_choice(f"{prose}\n{line}\n{after}", OPTIONS, expected, grading_mode=COLON_MD).reward
            == reward
        )
    assert (
        grade_choice(
            f"{prose}\nANSWER: {said.lower()}\n{after}", OPTIONS, expected, grading_mode=COLON
        ).reward
        == reward
    )
