"""The public rules of the judge pass, as cases: what math-verify and the judge say, and what that earns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from envs.equivalence_cases import DOWN, NO, YES, call, reasoning, refusal, text

TEMPLATE = "{question}|{expected_answer}|{generated_answer}"


@dataclass(frozen=True)
class Case:
    """One rule.

    Attributes:
        rule: What it says.
        reward: What is earned; ``None`` for a rollout that fails.
        asked: What the judge was asked, by :data:`TEMPLATE`.
        replies: What it said.
        output: The rollout: a text, or its items.
        expected: The right answer.
        reason: Reason of the verdict, if it is checked.
        extracted: The extracted answer, if it is checked; "" for none.
        knobs: Constructor arguments.
    """

    rule: str
    reward: float | None
    asked: list[str]
    replies: list[Any] = field(default_factory=list)
    output: Any = r"So \boxed{y+1}."
    expected: str = "$x+1$"
    reason: str | None = None
    extracted: str | None = None
    knobs: dict[str, Any] = field(default_factory=dict)


FIRST, SWAPPED = "Q?|$x+1$|y + 1", "Q?|y + 1|$x+1$"

CASES = (
    Case("a right answer is not judged", 1.0, [], output=r"\boxed{1+x}", reason="", extracted="x + 1"),
    Case("a wrong answer is judged twice when it is equal", 1.0, [FIRST, SWAPPED], [YES, YES], reason=""),
    Case("not equal ends it", 0.0, [FIRST], [NO], reason="not_equal", extracted="y + 1"),
    Case("not equal after the swap", 0.0, [FIRST, SWAPPED], [YES, NO], reason="swap_not_equal"),
    Case("no label is not equal", 0.0, [FIRST], ["Maybe."], reason="no_verdict"),
    Case("no label after the swap is not equal", 0.0, [FIRST, SWAPPED], [YES, "Maybe."], reason="no_verdict"),
    Case("the first label wins: equal", 1.0, [FIRST, SWAPPED], [f"{YES} or {NO}", YES]),
    Case("the first label wins: not equal", 0.0, [FIRST], [f"{NO} or {YES}"]),
    Case("the label may stand anywhere", 1.0, [FIRST, SWAPPED], [f"I think\n{YES}, yes", f"So {YES}"]),
    Case("capitals matter in a label", 0.0, [FIRST], ["[[a=b]]"], reason="no_verdict"),
    Case("the last item of the judge counts", 1.0, [FIRST, SWAPPED], [[text(NO), text(YES)], YES]),
    Case("the last part of the last item counts", 0.0, [FIRST], [[text(YES, NO)]]),
    Case("the judge's reasoning does not count", 0.0, [FIRST], [[reasoning(YES)]], reason="no_verdict"),
    Case("a message after reasoning counts", 1.0, [FIRST, SWAPPED], [[reasoning(NO), text(YES)], YES]),
    Case("a call of the judge is no verdict", 0.0, [FIRST], [[text(YES), call("f")]], reason="no_verdict"),
    Case("a refusal of the judge is no verdict", 0.0, [FIRST], [[refusal(YES)]], reason="no_verdict"),
    Case("an empty text is no verdict", 0.0, [FIRST], [""], reason="no_verdict"),
    Case("a judge that says nothing at all", 0.0, [FIRST], [[]], reason="empty_judge_reply"),
    Case("a judge that cannot be reached is no reward", None, [], [DOWN]),
    Case("a judge that cannot be reached for the swap is no reward", None, [], [YES, DOWN]),
    Case(
        "the whole text is judged when nothing was extracted",
        1.0,
        ["Q?|$x+1$|It is one more.", "Q?|It is one more.|$x+1$"],
        [YES, YES],
        output="It is one more.",
        extracted="",
    ),
    Case("an empty text is judged as it is", 0.0, ["Q?|$x+1$|"], [NO], output="", extracted=""),
    Case(
        "the expected answer is judged with its delimiters",
        0.0,
        ["Q?|\\( 5 \\)|6"],
        [NO],
        r"\boxed{6}",
        "\\( 5 \\)",
    ),
    Case(
        "an answer that takes too long is judged by its text",
        1.0,
        [r"Q?|5|\boxed{9^{9^{9^{9}}}}", r"Q?|\boxed{9^{9^{9^{9}}}}|5"],
        [YES, YES],
        r"\boxed{9^{9^{9^{9}}}}",
        "5",
        extracted="",
        knobs={"library_verifier_timeout_seconds": 0.2},
    ),
    Case("an expected answer that cannot be read is judged", 1.0, ["Q?||7", "Q?|7|"], [YES, YES], "7", ""),
    Case(
        "strict answers are judged too",
        0.0,
        ["Q?|42|Eq(43, 42)"],
        [NO],
        r"\boxed{43=42}",
        "42",
        knobs={"strict": True},
    ),
    Case(
        "all messages are joined with nothing between",
        1.0,
        [],
        output=[text(r"\boxed{x"), reasoning(r"\boxed{7}"), text("+1}")],
        extracted="x + 1",
    ),
    Case("all parts are joined with nothing between", 1.0, [], output=[text(r"\boxed{x+", "1}")]),
    Case("reasoning does not count", 0.0, ["Q?|$x+1$|Hm"], [NO], [reasoning(r"\boxed{x+1}"), text("Hm")]),
    Case(
        "labels can be others",
        1.0,
        [FIRST, SWAPPED],
        ["SAME", "SAME"],
        knobs={"judge_equal_label": "SAME", "judge_not_equal_label": "OTHER"},
    ),
    Case(
        "without should_use_judge nobody is asked",
        0.0,
        [],
        [],
        reason="wrong_answer",
        knobs={"should_use_judge": False},
    ),
)
