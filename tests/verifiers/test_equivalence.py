from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmgym.verifiers.bounded_regex import last_match
from llmgym.verifiers.equivalence import (
    NO_ANSWER,
    Candidate,
    EquivalenceRules,
    extract,
    grade_equivalence,
    last_assistant_text,
    last_user_text,
    read_candidate,
)
from llmgym.verifiers.judge import Comparison, Evaluation

VERDICTS = st.sampled_from([True, False, None])
RULES = st.builds(
    EquivalenceRules,
    check_twice_swap=st.booleans(),
    reward_if_swap_fails=st.sampled_from([0.0, 0.25]),
    check_full_generation_on_fail=st.booleans(),
    reward_if_full_generation_succeeds=st.sampled_from([0.0, 0.5]),
)


def judged(candidate: Candidate, rules: EquivalenceRules, verdicts: list):
    """Return the verdict and what was compared, for a judge that says these things in turn."""
    asked: list[tuple[str, str]] = []

    async def compare(expected, answer):
        asked.append((expected, answer))
        said = {True: "[[A=B]]", False: "[[A!=B]]", None: "?"}[verdicts[len(asked) - 1]]
        items = [{"type": "message", "content": [{"type": "output_text", "text": said}]}]
        return Evaluation.of({}, items, Comparison("", expected, answer), {"prompt_tokens": 5})

    return asyncio.run(grade_equivalence(candidate, "gold", compare, rules)), asked


@given(RULES, st.booleans(), st.booleans(), st.tuples(VERDICTS, VERDICTS))
def test_the_flow(rules, has_pattern, is_long, verdicts):
    candidate = Candidate("part", "whole", has_pattern, has_pattern and is_long)
    verdict, asked = judged(candidate, rules, list(verdicts))
    # Said once more, in the words of the rule.
    compared, reward = [("gold", "part")], 0.0
    if verdicts[0]:
        reward = 1.0
        if rules.check_twice_swap and not candidate.is_long:
            compared.append(("part", "gold"))
            reward = 1.0 if verdicts[1] else rules.reward_if_swap_fails
    elif rules.check_full_generation_on_fail and has_pattern and not candidate.is_long:
        compared.append(("gold", "whole"))
        reward = rules.reward_if_full_generation_succeeds if verdicts[1] else 0.0
    assert (verdict.reward, asked) == (reward, compared)
    assert verdict.metrics["judge_calls"] == len(asked) == len(verdict.components)
    assert verdict.metrics["judge_prompt_tokens"] == 5 * len(asked)
    assert "judge_completion_tokens" not in verdict.metrics
    assert verdict.reward in (0.0, 0.25, 0.5, 1.0)
    assert bool(verdict.reason) == (verdict.reward < 1.0)


def test_a_slow_pattern_asks_nobody():
    verdict, asked = judged(Candidate("x", "x", too_slow=True), EquivalenceRules(), [])
    assert (verdict.reward, verdict.reason, asked) == (0.0, "regex_too_slow", [])


PATTERNS = st.sampled_from(
    [r"a", r"(a)", r"(a)|(b)", r"(a*)(b*)", r"^(.*)$", r"\A(.+)\Z", r"(?i)A(.)", r"()", r"b?", "("]
)


@given(PATTERNS, st.text("aAbB\n ", max_size=12))
def test_extraction_is_that_of_re(pattern, text):
    found = extract(text, pattern)
    try:
        matches = list(re.finditer(pattern, text, re.MULTILINE | re.DOTALL))
    except re.error:
        matches = []
    if not matches:
        assert found.text == text
    else:
        groups = [group for group in matches[-1].groups() if group and group.strip()]
        assert found.text == (groups[0] if groups else matches[-1].group()).strip()


@pytest.mark.parametrize("pattern", [None, "", 7, ["a"], {"a": 1}])
def test_what_is_no_pattern_extracts_nothing(pattern):
    assert extract("ab", pattern).text == "ab"


def test_flags_of_a_search():
    assert last_match("^B$", "a\nB\nc", flags=re.MULTILINE).value == "B"
    assert last_match("^b$", "a\nB\nc", flags=re.MULTILINE).status == "absent"
    assert last_match("^b$", "B").value == "B"
    assert last_match("(x)?(b)(c)?", "abc").captured == "b"
    assert last_match("(x)?b( )", "ab ").captured == "b "


ITEMS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["message", "reasoning", "function_call", None]),
            "role": st.sampled_from(["assistant", "user", None]),
            "content": st.none()
            | st.text(max_size=4)
            | st.lists(
                st.text(max_size=2) | st.dictionaries(st.sampled_from(["text", "type"]), st.text(max_size=3))
            ),
        },
    ),
    max_size=4,
)


@given(ITEMS)
def test_any_items_give_an_answer_or_none(items):
    text = last_assistant_text(items)
    assert text is None or text == text.strip() != ""
    assert read_candidate(items, "gold", None, EquivalenceRules()).text == (text or NO_ANSWER)
    assert isinstance(last_user_text(items), str)
