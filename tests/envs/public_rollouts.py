"""Rollouts as the public servers write them, with the rewards that the public rules give: right, wrong and odd ones."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

YES, NO = "[[A=B]]", "[[A!=B]]"
DOWN = {"error": "connection refused"}


def said(*parts: str) -> dict[str, Any]:
    content = [{"type": "output_text", "text": part, "annotations": []} for part in parts]
    return {"type": "message", "id": "msg_1", "role": "assistant", "status": "completed", "content": content}


def refused(words: str) -> dict[str, Any]:
    return said() | {"content": [{"type": "refusal", "refusal": words}]}


def thought(words: str) -> dict[str, Any]:
    return {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": words}]}


def called(name: str, arguments: Any, id: str = "c1") -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"type": "function_call", "call_id": id, "name": name, "arguments": text}


def gave(output: Any, id: str = "c1") -> dict[str, Any]:
    return {"type": "function_call_output", "call_id": id, "output": json.dumps(output)}


@dataclass(frozen=True)
class Case:
    """One rollout.

    Attributes:
        rule: The rule that decides.
        row: Fields of the row, beside the prompt.
        output: Its output items.
        reward: What the public verifier gives; ``None`` where its judge could not be reached.
        replies: What the judge says.
        response: More fields of the response.
    """

    rule: str
    row: Mapping[str, Any]
    output: list[dict[str, Any]]
    reward: float | None
    replies: list[Any] = field(default_factory=list)
    response: Mapping[str, Any] = field(default_factory=dict)


LETTER = {"expected_answer": "B", "task_difficulty_qwen3_32b_avg_8": 0.4}

GOOGLE_SEARCH = [
    Case("the boxed letter", LETTER, [said(r"So it is \boxed{B}.")], 1.0),
    Case("after tools", LETTER, [called("search", {"query": "x"}), gave({}), said(r"\boxed{B}")], 1.0),
    Case("another letter", LETTER, [said(r"\boxed{C}")], 0.0),
    Case("the first box counts", LETTER, [said(r"Not \boxed{A}, but \boxed{B}.")], 0.0),
    Case("all parts of the message are read", LETTER, [said("Well.", r"\boxed{B}")], 1.0),
    Case("the case matters", LETTER, [said(r"\boxed{b}")], 0.0),
    Case("nothing is stripped", LETTER, [said(r"\boxed{B }")], 0.0),
    Case("a box in a refusal counts", LETTER, [refused(r"\boxed{B}")], 1.0),
    Case("no box", LETTER, [said("B")], 0.0),
    Case("no output", LETTER, [], 0.0),
    Case("the last item is a call", LETTER, [said(r"\boxed{B}"), called("search", {"query": "x"})], 0.0),
    Case("nested braces", LETTER, [said(r"\boxed{\text{B}}")], 0.0),
]

# add(1, 2) is 1 + 2 + 1.2 and multiply(a, b) is 1.1 * a * b.
ADDED, MULTIPLIED = 1.0 + 2.0 + 1.2, 1.1 * 2.0 * 3.0
VALUES = {"id": 0, "ground_truth": json.dumps([ADDED, MULTIPLIED]), "depth": 1, "breadth": 2}
ADD = [called("add", {"a": 1.0, "b": 2.0}), gave({"solution": ADDED})]
MULTIPLY = [called("multiply", {"a": 2.0, "b": 3.0}, "c2"), gave({"solution": MULTIPLIED}, "c2")]
FAIL = [called("divide", {"a": 1.0, "b": 0.0}, "c3"), gave({"detail": "float division by zero"}, "c3")]

MATH_ADVANCED_CALCULATIONS = [
    Case("every value was obtained", VALUES, [*ADD, *MULTIPLY, said("Done.")], 1.0),
    Case("in any order, and whatever is said", VALUES, [*MULTIPLY, *ADD, said("17")], 1.0),
    Case("beside failed calls", VALUES, [*ADD, *FAIL, *MULTIPLY], 1.0),
    Case("one is missing", VALUES, [*ADD, said(str(MULTIPLIED))], 0.0),
    Case("only said", VALUES, [said(f"{ADDED} and {MULTIPLIED}")], 0.0),
    Case(
        "a literal has to be obtained too",
        {**VALUES, "ground_truth": "[3.0]"},
        [called("return_constant", {"a": 3.0}), gave({"solution": 3.0}), said("3")],
        1.0,
    ),
    Case("no values", {**VALUES, "ground_truth": "[]"}, [said("Nothing to do.")], 1.0),
    Case("exactly", {**VALUES, "ground_truth": "[4.2]"}, [*ADD], float(ADDED == 4.2)),
]

DELETE = {"name": "email_delete_email", "arguments": '{"email_id": "00000000"}'}
TWICE = {"name": "email_delete_email", "arguments": '{"email_id": "00000001"}'}
MAIL = {"recipient": "ana.sol@w.example", "subject": "Hello", "body": "B"}
SEND = {"name": "email_send_email", "arguments": json.dumps(MAIL)}
EVENT = {
    "event_name": "Talk",
    "participant_email": "ana.sol@w.example",
    "event_start": "2023-12-06 10:00:00",
    "duration": "30",
}
CREATE = {"name": "calendar_create_event", "arguments": json.dumps(EVENT)}


def office(*truth: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": 0,
        "ground_truth": [dict(action) for action in truth],
        "category": "workplace_assistant_email",
        "environment_name": "workplace_assistant",
    }


def done(*actions: Mapping[str, Any]) -> list[dict[str, Any]]:
    items = []
    for number, action in enumerate(actions):
        items.append(called(action["name"], action["arguments"], f"c{number}"))
        items.append(gave({"output": "..."}, f"c{number}"))
    return items


def changed(action: Mapping[str, Any], **arguments: Any) -> dict[str, Any]:
    return {**action, "arguments": json.dumps(json.loads(action["arguments"]) | arguments)}


WORKPLACE_ASSISTANT = [
    Case("the same actions", office(DELETE), [*done(DELETE), said("Done.")], 1.0),
    Case("another action", office(DELETE), done(TWICE), 0.0),
    Case("nothing was done", office(DELETE), [said("I cannot.")], 0.0),
    Case("nothing was to be done", office(), [said("There is nothing to do.")], 1.0),
    Case("but something was", office(), done(DELETE), 0.0),
    Case(
        "more turns than an episode has",
        office(DELETE),
        done(*[{"name": "email_search_emails", "arguments": "{}"}] * 8, DELETE),
        1.0,
    ),
    Case(
        "reading changes nothing",
        office(DELETE),
        done({"name": "email_search_emails", "arguments": '{"query": "lunch"}'}, DELETE),
        1.0,
    ),
    Case("deletions in any order", office(DELETE, TWICE), done(TWICE, DELETE), 1.0),
    Case("upper and lower case are the same", office(SEND), done(changed(SEND, subject="HELLO")), 1.0),
    Case("an append renumbers, a gap does not", office(DELETE, SEND), done(SEND, DELETE), 0.0),
    Case(
        "calls in one turn", office(DELETE, TWICE), [*done(DELETE, TWICE)[::2], gave({}), gave({}, "c1")], 1.0
    ),
    Case("a text is not a number", office(CREATE), done(changed(CREATE, duration=30)), 0.0),
    Case(
        "any two numbers are the same",
        office(changed(CREATE, duration=30)),
        done(changed(CREATE, duration=60)),
        1.0,
    ),
    Case(
        "a null for an unknown argument spoils the call", office(DELETE), done(changed(DELETE, x=None)), 0.0
    ),
    Case(
        "a call that fails is passed over",
        office(DELETE),
        done({"name": "no_such_tool", "arguments": "{}"}, DELETE),
        1.0,
    ),
    Case("arguments that are no JSON too", office(DELETE), done({**DELETE, "arguments": "{"}, DELETE), 1.0),
]


def wanted(*ids: str, kwargs: list[Any] | None = None, mode: str = "binary") -> dict[str, Any]:
    told = {
        "instruction_id_list": list(ids),
        "prompt": "Write.",
        "kwargs": [None] * len(ids) if kwargs is None else kwargs,
    }
    return {"id": 0, "verifier_metadata": {**told, "grading_mode": mode}}


COMMAS, LOWER = "punctuation:no_comma", "change_case:english_lowercase"
BOTH = wanted(COMMAS, "punctuation:punctuation_dot", mode="fraction")
LEGACY = {"id": 0, **wanted(COMMAS)["verifier_metadata"]}

INSTRUCTION_FOLLOWING = [
    Case("followed", wanted(COMMAS), [said("one two")], 1.0),
    Case("not followed", wanted(COMMAS), [said("one, two")], 0.0),
    Case("the rows of the data set", LEGACY, [said("one two")], 1.0),
    Case(
        "one of two, all wanted", {**BOTH, **wanted(COMMAS, "punctuation:punctuation_dot")}, [said("a.")], 0.0
    ),
    Case("one of two, the share wanted", BOTH, [said("a.")], 0.5),
    Case("the first part of the last item", wanted(COMMAS), [said("a, b"), said("a b", "c, d")], 1.0),
    Case("no output is still checked", wanted(COMMAS), [], 1.0),
    Case("the last item has no content", wanted(COMMAS), [said("a, b"), thought("Hm, hm.")], 1.0),
    Case("an empty list, all wanted", wanted(), [said("a, b")], 1.0),
    Case("an empty list, the share wanted", wanted(mode="fraction"), [said("a")], 0.0),
    Case("an unknown instruction", wanted("no:such"), [said("a")], 0.0),
    Case("a list that is too short", wanted(COMMAS, LOWER, kwargs=[{}]), [said("ONE")], 1.0),
    Case(
        "a pattern among the keywords",
        wanted("keywords:existence", kwargs=[{"keywords": ["c.t"]}]),
        [said("the cot")],
        1.0,
    ),
    Case(
        "nulls among the arguments are dropped",
        wanted("keywords:word_once", kwargs=[{"keyword": "cat", "frequency": None}]),
        [said("a cat")],
        1.0,
    ),
    Case("an argument too many", wanted(COMMAS, kwargs=[{"keyword": "cat"}]), [said("a")], 0.0),
]

SCHEMA = json.dumps(
    {"type": "object", "properties": {"n": {"type": "integer"}, "s": {"type": "string"}}, "required": ["n"]}
)
ROWS = json.dumps({"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}})
ROOTED = json.dumps({"type": "object", "properties": {"r": json.loads(SCHEMA)}})
TEXT = {"schema_str": SCHEMA, "schema_type": "json"}
TOOL = {**TEXT, "response_mode": "tool_call", "tool_name": "save", "tool_payload_key": "data"}
FITS = {"n": 1, "s": "a"}

STRUCTURED_OUTPUTS = [
    Case("it fits", TEXT, [said(json.dumps(FITS))], 1.0),
    Case("a property that the schema leaves out is demanded", TEXT, [said('{"n": 1}')], 0.0),
    Case("others are not allowed", TEXT, [said(json.dumps({**FITS, "x": 1}))], 0.0),
    Case("a Markdown fence", TEXT, [said(f"```json\n{json.dumps(FITS)}\n```")], 0.0),
    Case("the parts are joined", TEXT, [said('{"n": 1, '), said('"s": "a"}')], 1.0),
    Case("1.0 is an integer", TEXT, [said('{"n": 1.0, "s": ""}')], 1.0),
    Case("true is none", TEXT, [said('{"n": true, "s": ""}')], 0.0),
    Case("nothing said", TEXT, [said(" ")], 0.0),
    Case("no output", TEXT, [], 0.0),
    Case("a schema that is no JSON", {**TEXT, "schema_str": "{"}, [said("{}")], 0.0),
    Case("YAML", {**TEXT, "schema_type": "yaml"}, [said("n: 010\ns: a")], 1.0),
    Case("TOML", {**TEXT, "schema_type": "toml"}, [said('n = 1\ns = "a"')], 1.0),
    Case("TOML dates are no text", {**TEXT, "schema_type": "toml"}, [said("n = 1\ns = 2020-01-01")], 0.0),
    Case("CSV gets its types", {"schema_str": ROWS, "schema_type": "csv"}, [said("n\n1\n2")], 1.0),
    Case("XML has a root", {"schema_str": ROOTED, "schema_type": "xml"}, [said("<r><n>1</n><s/></r>")], 1.0),
    Case("the one call", TOOL, [called("save", {"data": FITS})], 1.0),
    Case(
        "beside words", TOOL, [thought("Hm."), said("Saving."), called("save", {"data": FITS, "x": 1})], 1.0
    ),
    Case("said, not called", TOOL, [said(json.dumps(FITS))], 0.0),
    Case("twice", TOOL, [called("save", {"data": FITS}), called("save", {"data": FITS}, "c2")], 0.0),
    Case("another tool", TOOL, [called("load", {"data": FITS})], 0.0),
    Case("not under the key", TOOL, [called("save", FITS)], 0.0),
    Case("broken arguments", TOOL, [called("save", "{")], 0.0),
    Case("all arguments", {**TOOL, "tool_payload_key": None}, [called("save", FITS)], 1.0),
]

CAPITAL = {"expected_answer": "Paris"}
PATTERN = {**CAPITAL, "template_metadata": {"output_regex": r"Answer: (\w+)"}}

EQUIVALENCE_LLM_JUDGE = [
    Case("the judge says equal", CAPITAL, [said("It is Paris.")], 1.0, [f"Same. {YES}"]),
    Case("the judge says not equal", CAPITAL, [said("Rome")], 0.0, [NO]),
    Case("the first label wins", CAPITAL, [said("Paris")], 0.0, [f"{NO} or rather {YES}"]),
    Case("no label", CAPITAL, [said("Paris")], 0.0, ["They agree."]),
    Case("an empty reply", CAPITAL, [said("Paris")], 0.0, [[]]),
    Case("a reply that ends in thought", CAPITAL, [said("Paris")], 0.0, [[said(YES), thought("Hm.")]]),
    Case("the last part of the reply", CAPITAL, [said("Paris")], 0.0, [[said(YES, "Done.")]]),
    Case("no answer is judged too", CAPITAL, [], 0.0, [NO]),
    Case("a pattern", PATTERN, [said("Answer: Paris")], 1.0, [YES]),
    Case("no second look", PATTERN, [said("Answer: Lyon. No, Paris.")], 0.0, [NO]),
    Case("a judge that cannot be reached", CAPITAL, [said("Paris")], None, [DOWN]),
]

HALF = {"question": "Half of one?", "expected_answer": r"\( \frac{1}{2} \)"}
EVEN = {"question": "Which?", "expected_answer": "even"}

MATH_WITH_JUDGE = [
    Case("equal as a number", HALF, [said(r"It is \boxed{0.5}.")], 1.0),
    Case("not equal", HALF, [said(r"\boxed{0.25}")], 0.0),
    Case("without a box", HALF, [said("The result is 1/2")], 1.0),
    Case("all messages are read", HALF, [said(r"\boxed{\frac{"), said("1}{2}}")], 1.0),
    Case("boxes near each other are a list", HALF, [said(r"\boxed{3} or \boxed{\frac12}")], 0.0),
    Case("else the last box", HALF, [said(r"\boxed{3}" + " I was wrong." * 9 + r" \boxed{\frac12}")], 1.0),
    Case("nothing said", HALF, [said("")], 0.0),
    Case("no output", HALF, [], 0.0),
    Case("a word is a product of letters", EVEN, [said(r"\boxed{neve}")], 1.0),
    Case("a thousand with a blank", {**HALF, "expected_answer": "1000"}, [said(r"\boxed{1\,000}")], 0.0),
    Case("the last side of an equation", {**HALF, "expected_answer": "42"}, [said(r"\boxed{43=42}")], 1.0),
    Case("what never ends", {**HALF, "expected_answer": "7"}, [said(r"\boxed{9^{9^{9^{9}}}}")], 0.0),
]

WORDS = {"question": "When does it converge?", "expected_answer": "for every x above 0"}

MATH_STACK_OVERFLOW = [
    Case("the library says equal, the judge is not asked", HALF, [said(r"\boxed{0.5}")], 1.0),
    Case("equal, both ways", WORDS, [said("Whenever $x > 0$.")], 1.0, [YES, YES]),
    Case("equal, one way", WORDS, [said("Whenever $x > 0$.")], 0.0, [YES, NO]),
    Case("not equal", WORDS, [said("Never.")], 0.0, [NO]),
    Case("no label", WORDS, [said("Whenever $x > 0$.")], 0.0, ["Hm."]),
    Case("no label the second time", WORDS, [said("Whenever $x > 0$.")], 0.0, [YES, ""]),
    Case("a judge that says nothing", WORDS, [said("Never.")], 0.0, [[]]),
    Case("a judge that cannot be reached", WORDS, [said("Never.")], None, [DOWN]),
    Case("nothing said is judged too", WORDS, [], 0.0, [NO]),
]

CASES: Mapping[str, list[Case]] = {
    "GoogleSearch": GOOGLE_SEARCH,
    "MathAdvancedCalculations": MATH_ADVANCED_CALCULATIONS,
    "WorkplaceAssistant": WORKPLACE_ASSISTANT,
    "InstructionFollowing": INSTRUCTION_FOLLOWING,
    "StructuredOutputs": STRUCTURED_OUTPUTS,
    "EquivalenceLLMJudge": EQUIVALENCE_LLM_JUDGE,
    "MathWithJudge": MATH_WITH_JUDGE,
    "MathStackOverflow": MATH_STACK_OVERFLOW,
}


def public_row(case: Case) -> dict[str, Any]:
    """Return a rollout as a line of the public files."""
    tools: list[Any] = []
    return {
        **case.row,
        "responses_create_params": {"input": [{"role": "user", "content": "The question."}], "tools": tools},
        "response": {"object": "response", "output": case.output, **case.response},
        "reward": 0.0 if case.reward is None else case.reward,
    }
