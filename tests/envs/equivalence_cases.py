"""The public rules of the equivalence judge, as cases: what a judge is asked, what it says, what that earns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

TEMPLATE = "{question}|{expected_answer}|{generated_answer}"
"""Shows in a request what was put where."""

YES, NO = "[[A=B]]", "[[A!=B]]"
NONE = "[NO VALID ANSWER EXTRACTED]"
DOWN = {"error": "connection refused"}
LONG = "x" * 121


def text(*parts: str, role: str = "assistant") -> dict[str, Any]:
    """Return a message item."""
    content = [{"type": "output_text", "text": part, "annotations": []} for part in parts]
    return {"type": "message", "id": "msg_1", "role": role, "status": "completed", "content": content}


def reasoning(words: str) -> dict[str, Any]:
    return {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": words}]}


def refusal(words: str) -> dict[str, Any]:
    return text() | {"content": [{"type": "refusal", "refusal": words}]}


def call(name: str) -> dict[str, Any]:
    return {"type": "function_call", "call_id": "c1", "name": name, "arguments": "{}"}


RESULT = {"type": "function_call_output", "call_id": "c1", "output": "[[A=B]]"}


@dataclass(frozen=True)
class Case:
    """One rule.

    Attributes:
        rule: What it says.
        reward: What is earned; ``None`` for a rollout that fails.
        asked: What the judge was asked, by :data:`TEMPLATE`; ``None`` leaves it unchecked.
        replies: What it said.
        output: The rollout: a text, or its items.
        row: Fields of the row.
        knobs: Constructor arguments.
        input: The prompt.
        reason: Reason of the verdict, if it is checked.
    """

    rule: str
    reward: float | None
    asked: list[str] | None = None
    replies: list[Any] = field(default_factory=list)
    output: Any = "four"
    row: dict[str, Any] = field(default_factory=dict)
    knobs: dict[str, Any] = field(default_factory=dict)
    input: Any = "2 + 2?"
    reason: str | None = None


def regex(pattern: Any, **more: Any) -> dict[str, Any]:
    return {"template_metadata": {"output_regex": pattern}, **more}


ANSWER = r"Answer: (\w+)"
SWAP = {"check_twice_swap": True, "reward_if_swap_fails": 0.25}
FULL = {"check_full_generation_on_fail": True, "reward_if_full_generation_succeeds": 0.5}
LIMIT = {"extraction_length_threshold": 120}

# fmt: off
CASES = [
    # Which label wins.
    Case("equal label: 1", 1.0, ["2 + 2?|4|four"], [YES], reason=""),
    Case("not-equal label: 0", 0.0, ["2 + 2?|4|four"], [NO], reason="not_equal"),
    Case("no label: not equal", 0.0, ["2 + 2?|4|four"], ["They agree."], reason="no_verdict"),
    Case("empty text of the judge: not equal", 0.0, None, [""], reason="no_verdict"),
    Case("the label may stand within a text", 1.0, None, ["I think [[A=B]] is right."]),
    Case("first label wins: equal before not equal", 1.0, None, ["[[A=B]] or rather [[A!=B]]"]),
    Case("first label wins: not equal before equal", 0.0, None, ["[[A!=B]] or rather [[A=B]]"]),
    Case("a quoted label flips the verdict", 1.0, None, ["Not '[[A=B]]', hence [[A!=B]]"]),
    Case("labels are read by case", 0.0, None, ["[[a=b]]"], reason="no_verdict"),
    Case("labels are read by character", 0.0, None, ["[[A = B]]"], reason="no_verdict"),
    Case("a single pair of brackets is no label", 0.0, None, ["[A=B]"], reason="no_verdict"),
    Case(
        "own labels: INCORRECT holds CORRECT and wins by place",
        0.0,
        None,
        ["INCORRECT"],
        knobs={"judge_equal_label": "CORRECT", "judge_not_equal_label": "INCORRECT"},
        reason="not_equal",
    ),
    Case(
        "own labels: CORRECT",
        1.0,
        None,
        ["CORRECT, not INCORRECT"],
        knobs={"judge_equal_label": "CORRECT", "judge_not_equal_label": "INCORRECT"},
    ),
    Case(
        "own labels: the default ones say nothing",
        0.0,
        None,
        [YES],
        knobs={"judge_equal_label": "CORRECT", "judge_not_equal_label": "INCORRECT"},
        reason="no_verdict",
    ),
    Case(
        "labels that begin alike: not equal",
        0.0,
        None,
        ["YES-NOT"],
        knobs={"judge_equal_label": "YES", "judge_not_equal_label": "YES-NOT"},
    ),
    # Which text of the judge is read.
    Case("judge: no items at all: not equal", 0.0, None, [[]], reason="no_verdict"),
    Case("judge: last item is reasoning: not equal", 0.0, None, [[text(YES), reasoning(YES)]]),
    Case("judge: verdict in reasoning alone: not equal", 0.0, None, [[reasoning(YES)]], reason="no_verdict"),
    Case("judge: last item is a call: not equal", 0.0, None, [[text(YES), call("f")]]),
    Case("judge: reasoning before the message is skipped", 1.0, None, [[reasoning(NO), text(YES)]]),
    Case("judge: of several messages the last", 0.0, None, [[text(YES), text(NO)]]),
    Case("judge: of several parts the last", 0.0, None, [[text(YES, NO)]]),
    Case("judge: the last part alone, even without a label", 0.0, None, [[text(YES, "done")]]),
    Case("judge: refusal: not equal", 0.0, None, [[refusal(YES)]], reason="no_verdict"),
    Case("judge: message without parts: not equal", 0.0, None, [[text()]], reason="no_verdict"),
    Case("judge: any role of the message", 1.0, None, [[text(YES, role="user")]]),
    Case("judge: part of another type with text", 1.0, None, [[text() | {"content": [{"text": YES}]}]]),
    Case("judge cannot be reached: no reward", None, None, [DOWN]),
    # Which text of the policy is judged.
    Case("answer is stripped", 1.0, ["2 + 2?|4|four"], [YES], "  four \n"),
    Case("answer: text parts joined by a line end", 1.0, ["2 + 2?|4|a\nb"], [YES], [text("a", "b")]),
    Case("answer: the last message only", 1.0, ["2 + 2?|4|b"], [YES], [text("a"), text("b")]),
    Case("answer: items behind the message do not hide it", 1.0, ["2 + 2?|4|a"], [YES], [text("a"), call("f"), RESULT]),
    Case("answer: tool outputs are no answer", 1.0, ["2 + 2?|4|b"], [YES], [call("f"), RESULT, text("b")]),
    Case("answer: reasoning is no answer", 1.0, ["2 + 2?|4|b"], [YES], [reasoning("a"), text("b")]),
    Case("answer: reasoning alone is none", 0.0, [f"2 + 2?|4|{NONE}"], [NO], [reasoning("four")]),
    Case("answer: empty text is none", 0.0, [f"2 + 2?|4|{NONE}"], [NO], ""),
    Case("answer: blanks are none", 0.0, [f"2 + 2?|4|{NONE}"], [NO], " \n\t"),
    Case("answer: an empty last message is none, whatever came before", 0.0, [f"2 + 2?|4|{NONE}"], [NO], [text("four"), text("")]),
    Case("answer: a refusal is none", 0.0, [f"2 + 2?|4|{NONE}"], [NO], [refusal("four")]),
    Case("answer: parts beside a refusal count", 1.0, ["2 + 2?|4|four"], [YES], [text() | {"content": [*refusal("no")["content"], *text("four")["content"]]}]),
    Case("answer: none at all is judged too", 1.0, [f"2 + 2?|4|{NONE}"], [YES], ""),
    Case("answer: no pattern is applied to none", 0.0, [f"2 + 2?|4|{NONE}"], [NO], "", regex(r"VALID (\w+)")),
    Case("answer: labels in it are not scanned", 0.0, ["2 + 2?|4|[[A=B]]"], [NO], "[[A=B]]"),
    Case("answer: braces in it are text", 1.0, ["2 + 2?|4|{question}"], [YES], "{question}"),
    # The expected answer.
    Case("expected: from the metadata", 1.0, ["2 + 2?|7|four"], [YES], row={"expected_answer": "", "metadata": {"expected_answer": "7"}}),
    Case("expected: metadata of another type as text", 1.0, ["2 + 2?|7|four"], [YES], row={"expected_answer": None, "metadata": {"expected_answer": 7}}),
    Case("expected: the row's own comes first", 1.0, ["2 + 2?|4|four"], [YES], row={"metadata": {"expected_answer": "7"}}),
    Case("expected: nothing at all is empty", 0.0, ["2 + 2?||four"], [NO], row={"expected_answer": None}),
    # The question.
    Case("question: the last user message", 1.0, ["b|4|four"], [YES], input=[{"role": "user", "content": "a"}, {"role": "assistant", "content": "?"}, {"role": "user", "content": "b"}]),
    Case("question: system messages are none", 1.0, ["a|4|four"], [YES], input=[{"role": "user", "content": "a"}, {"role": "system", "content": "b"}]),
    Case("question: parts joined by a line end, stripped", 1.0, ["a\nb|4|four"], [YES], input=[{"role": "user", "content": [{"type": "input_text", "text": " a"}, {"type": "input_text", "text": "b "}]}]),
    Case("question: a plain text as input gives none", 1.0, ["|4|four"], [YES], input="plain"),
    Case("question: field 'question' is not used", 1.0, ["2 + 2?|4|four"], [YES], row={"question": "other"}),
    Case("question: pattern, last match, first group", 1.0, ["b|4|four"], [YES], knobs={"question_extract_regex": r"Q: (\w)"}, input=[{"role": "user", "content": "Q: a Q: b"}]),
    Case("question: pattern without a match: all of it", 1.0, ["2 + 2?|4|four"], [YES], knobs={"question_extract_regex": "Q: (.)"}),
    Case("question: pattern that is none is ignored", 1.0, ["2 + 2?|4|four"], [YES], knobs={"question_extract_regex": "("}),
    # Patterns for the answer.
    Case("pattern of the row: its group", 1.0, ["2 + 2?|4|four"], [YES], "Answer: four.", regex(ANSWER)),
    Case("pattern: the last match", 1.0, ["2 + 2?|4|five"], [YES], "Answer: four Answer: five", regex(ANSWER)),
    Case("pattern: without groups the whole match", 1.0, ["2 + 2?|4|Answer: four"], [YES], "so Answer: four.", regex(r"Answer: \w+")),
    Case("pattern: the first group that is not empty", 1.0, ["2 + 2?|4|b"], [YES], "b", regex(r"(a)?(b)(b)?")),
    Case("pattern: empty groups: the whole match", 1.0, ["2 + 2?|4|b"], [YES], "b", regex(r"(a)?b()")),
    Case("pattern: no match: the full text", 1.0, ["2 + 2?|4|It is four"], [YES], "It is four", regex(ANSWER)),
    Case("pattern: one that is none is ignored", 1.0, ["2 + 2?|4|four"], [YES], "four", regex("(")),
    Case("pattern: case counts", 1.0, ["2 + 2?|4|answer: four"], [YES], "answer: four", regex(ANSWER)),
    Case("pattern: ^ and $ at every line", 1.0, ["2 + 2?|4|b"], [YES], "a\nb\n\nc.", regex(r"^(\w)$")),
    Case("pattern: the dot takes line ends", 1.0, ["2 + 2?|4|a\nb"], [YES], "<a\nb>", regex("<(.*)>")),
    Case("pattern: applies to the joined, stripped text", 1.0, ["2 + 2?|4|a\nb"], [YES], [text("a", "b ")], regex(r"\A(.*)\Z")),
    Case("use_per_record_regex off: full text", 1.0, ["2 + 2?|4|Answer: four"], [YES], "Answer: four", regex(ANSWER), {"use_per_record_regex": False}),
    Case("use_per_record_regex off: response_extract_regex", 1.0, ["2 + 2?|4|A"], [YES], "Answer: four", regex(ANSWER), {"use_per_record_regex": False, "response_extract_regex": "^."}),
    Case("response_extract_regex for rows without a pattern", 1.0, ["2 + 2?|4|four"], [YES], "Answer: four", {}, {"response_extract_regex": ANSWER}),
    Case("the row's pattern comes before response_extract_regex", 1.0, ["2 + 2?|4|four"], [YES], "Answer: four", regex(ANSWER), {"response_extract_regex": "^."}),
    Case("template_metadata without a pattern: response_extract_regex", 1.0, ["2 + 2?|4|A"], [YES], "Answer: four", {"template_metadata": {"prompt_type": "x"}}, {"response_extract_regex": "^."}),
    Case("an empty pattern of the row is none", 1.0, ["2 + 2?|4|A"], [YES], "Answer: four", regex(""), {"response_extract_regex": "^."}),
    # Long expected answers.
    Case("no threshold by default: a long answer is extracted too", 1.0, [f"2 + 2?|{LONG}|four"], [YES], "Answer: four", regex(ANSWER, expected_answer=LONG)),
    Case("at the threshold: extracted", 1.0, [f"2 + 2?|{LONG[1:]}|four"], [YES], "Answer: four", regex(ANSWER, expected_answer=LONG[1:]), LIMIT),
    Case("above the threshold: full text", 1.0, [f"2 + 2?|{LONG}|Answer: four"], [YES], "Answer: four", regex(ANSWER, expected_answer=LONG), LIMIT),
    Case("above the threshold: no response_extract_regex either", 1.0, [f"2 + 2?|{LONG}|Answer: four"], [YES], "Answer: four", regex(ANSWER, expected_answer=LONG), LIMIT | {"response_extract_regex": "^."}),
    Case("above the threshold, not equal: 0 without a second question", 0.0, [f"2 + 2?|{LONG}|four"], [NO], "four", regex(ANSWER, expected_answer=LONG), LIMIT | FULL),
    Case("above the threshold, equal: 1 without a swap", 1.0, [f"2 + 2?|{LONG}|four"], [YES], "four", regex(ANSWER, expected_answer=LONG), LIMIT | SWAP),
    Case("a threshold without a pattern changes nothing: swap", 0.25, [f"2 + 2?|{LONG}|four", f"2 + 2?|four|{LONG}"], [YES, NO], "four", {"expected_answer": LONG}, LIMIT | SWAP),
    Case("a threshold of 0 makes every answer long", 1.0, ["2 + 2?|4|Answer: four"], [YES], "Answer: four", regex(ANSWER), {"extraction_length_threshold": 0}),
    # The swap.
    Case("no swap by default", 1.0, ["2 + 2?|4|four"], [YES]),
    Case("swap: equal both ways: 1", 1.0, ["2 + 2?|4|four", "2 + 2?|four|4"], [YES, YES], knobs=SWAP),
    Case("swap: not equal the second time", 0.25, ["2 + 2?|4|four", "2 + 2?|four|4"], [YES, NO], knobs=SWAP, reason="swap_not_equal"),
    Case("swap: no verdict the second time", 0.25, None, [YES, "?"], knobs=SWAP, reason="swap_not_equal"),
    Case("swap: not asked after not equal", 0.0, ["2 + 2?|4|four"], [NO], knobs=SWAP),
    Case("swap: the default reward of a failed one is 0", 0.0, None, [YES, NO], knobs={"check_twice_swap": True}),
    Case("swap: with the extracted answer", 1.0, ["2 + 2?|4|four", "2 + 2?|four|4"], [YES, YES], "Answer: four", regex(ANSWER), SWAP),
    Case("swap: a failing judge fails the rollout", None, None, [YES, DOWN], knobs=SWAP),
    # The full generation.
    Case("no rescue by default", 0.0, ["2 + 2?|4|four"], [NO], "Answer: four", regex(ANSWER)),
    Case("rescue: equal for the full text", 0.5, ["2 + 2?|4|four", "2 + 2?|4|Answer: four"], [NO, YES], "Answer: four", regex(ANSWER), FULL, reason="full_generation_equal"),
    Case("rescue: not equal for the full text either", 0.0, None, [NO, NO], "Answer: four", regex(ANSWER), FULL, reason="not_equal"),
    Case("rescue: no verdict for the full text", 0.0, None, [NO, "?"], "Answer: four", regex(ANSWER), FULL),
    Case("rescue: after no verdict too", 0.5, None, ["?", YES], "Answer: four", regex(ANSWER), FULL),
    Case("rescue: not for rows without a pattern", 0.0, ["2 + 2?|4|four"], [NO], "Answer: four", {}, FULL | {"response_extract_regex": ANSWER}),
    Case("rescue: not with use_per_record_regex off", 0.0, None, [NO], "Answer: four", regex(ANSWER), FULL | {"use_per_record_regex": False}),
    Case("rescue: asked even if the pattern found nothing", 0.5, ["2 + 2?|4|four", "2 + 2?|4|four"], [NO, YES], "four", regex(ANSWER), FULL),
    Case("rescue: the default reward is 0", 0.0, None, [NO, YES], "Answer: four", regex(ANSWER), {"check_full_generation_on_fail": True}),
    Case("rescue: no swap follows", 0.5, None, [NO, YES], "Answer: four", regex(ANSWER), FULL | SWAP),
    Case("rescue: a failing judge fails the rollout", None, None, [NO, DOWN], "Answer: four", regex(ANSWER), FULL),
    Case("rescue: of no answer, asks about no answer", 0.5, [f"2 + 2?|4|{NONE}"] * 2, [NO, YES], "", regex(ANSWER), FULL),
]
# fmt: on
