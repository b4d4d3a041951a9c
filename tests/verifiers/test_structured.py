from __future__ import annotations

import json

import pytest

from llmgym.errors import InvalidTask
from llmgym.verifiers.structured import ERROR_TYPES, grade_structured, grade_tool_call

pytest.importorskip("jsonschema")
pytest.importorskip("xmltodict")

S, INT, N, B = ({"type": name} for name in ("string", "integer", "number", "boolean"))


def obj(**properties) -> dict:
    return {"type": "object", "properties": properties}


def rows(**properties) -> dict:
    return {"type": "array", "items": obj(**properties)}


def listed(items) -> dict:
    return {"type": "array", "items": items}


OK = ""
A_TAGS = obj(r=obj(tags=listed(S)))

# rule, format, schema, text, error type ("" for a reward of 1)
CASES = [
    ("blank text is an empty response", "json", obj(a=INT), " \n\t", "empty_response"),
    ("the blank test comes before the schema", "json", "{", "", "empty_response"),
    ("a schema that is not JSON", "json", "{", "{}", "schema_error"),
    ("the schema is read before the text", "json", "{", "{", "schema_error"),
    ("a fitting object", "json", obj(a=INT), '{"a": 1}', OK),
    ("blanks around JSON", "json", obj(a=INT), ' \n{"a": 1}\n', OK),
    ("no fence is stripped", "json", obj(a=INT), '```json\n{"a": 1}\n```', "parse_error"),
    ("no text around JSON", "json", obj(a=INT), 'Here: {"a": 1}', "parse_error"),
    ("two documents are none", "json", obj(a=INT), '{"a": 1}{"a": 1}', "parse_error"),
    ("a repeated key: the last counts", "json", obj(a=INT), '{"a": "x", "a": 1}', OK),
    ("a repeated key: the first does not", "json", obj(a=INT), '{"a": 1, "a": "x"}', "validation_error"),
    ("NaN is read and is a number", "json", obj(a=N), '{"a": NaN}', OK),
    ("Infinity is a number", "json", obj(a=N), '{"a": -Infinity}', OK),
    ("1e999 is a number", "json", obj(a=N), '{"a": 1e999}', OK),
    ("NaN is no integer", "json", obj(a=INT), '{"a": NaN}', "validation_error"),
    ("1.0 is an integer", "json", obj(a=INT), '{"a": 1.0}', OK),
    ("1.5 is no integer", "json", obj(a=INT), '{"a": 1.5}', "validation_error"),
    ("true is no integer", "json", obj(a=INT), '{"a": true}', "validation_error"),
    ("true is no number", "json", obj(a=N), '{"a": true}', "validation_error"),
    ("1 is no boolean", "json", obj(a=B), '{"a": 1}', "validation_error"),
    ("a lone surrogate escape is text", "json", obj(a=S), '{"a": "\\ud800"}', OK),
    ("format is not enforced", "json", obj(a={"type": "string", "format": "date"}), '{"a": "no date"}', OK),
    (
        "a pattern is searched, not matched",
        "json",
        obj(a={"type": "string", "pattern": "b"}),
        '{"a": "abc"}',
        OK,
    ),
    ("a pattern that is not found", "json", obj(a={"pattern": "^b"}), '{"a": "abc"}', "validation_error"),
    ("an enumeration", "json", obj(a={"enum": ["x", "y"]}), '{"a": "z"}', "validation_error"),
    (
        "strict: optional properties are demanded",
        "json",
        obj(a=INT, b=INT) | {"required": ["a"]},
        '{"a": 1}',
        "validation_error",
    ),
    (
        "strict: others are refused",
        "json",
        obj(a=INT) | {"additionalProperties": True},
        '{"a": 1, "c": 2}',
        "validation_error",
    ),
    ("strict: in nested objects", "json", obj(o=obj(a=INT)), '{"o": {}}', "validation_error"),
    ("strict: in items", "json", listed(obj(a=INT)), '[{"a": 1}, {}]', "validation_error"),
    (
        "strict: under $defs",
        "json",
        {"$defs": {"d": obj(a=INT)}, "$ref": "#/$defs/d"},
        "{}",
        "validation_error",
    ),
    ("strict: not in anyOf", "json", {"anyOf": [obj(a=INT)]}, '{"b": 1}', OK),
    ("strict: not in oneOf", "json", {"oneOf": [obj(a=INT)]}, "{}", OK),
    ("strict: not in allOf", "json", {"allOf": [obj(a=INT)]}, '{"z": 1}', OK),
    ("strict: not in prefixItems", "json", {"prefixItems": [obj(a=INT)]}, "[{}]", OK),
    (
        "strict: a bad additionalProperties is replaced",
        "json",
        obj(a=INT) | {"additionalProperties": "false"},
        '{"a": 1}',
        OK,
    ),
    (
        "strict: a bad required is replaced",
        "json",
        obj(a=INT) | {"required": {"item": ["a"]}},
        '{"a": 1}',
        OK,
    ),
    ("strict: no properties, nothing demanded", "json", {"type": "object", "required": []}, '{"a": 1}', OK),
    (
        "a property called properties is mangled",
        "json",
        obj(properties=S, a=INT),
        '{"properties": "x", "a": 1}',
        "validation_error",
    ),
    ("an invalid schema fails every answer", "json", {"type": "nothing"}, "{}", "validation_error"),
    ("an invalid pattern is an invalid schema", "json", {"pattern": "("}, "1", "validation_error"),
    ("a schema that is a list is invalid", "json", [], "{}", "validation_error"),
    (
        "nullable of OpenAPI 3.0 means nothing",
        "json",
        obj(a={"type": "string", "nullable": True}),
        '{"a": null}',
        "validation_error",
    ),
    ("a list of types allows null", "json", obj(a={"type": ["string", "null"]}), '{"a": null}', OK),
    ("a reference that leads nowhere", "json", {"$ref": "#/$defs/no"}, "{}", "validation_error"),
    ("no reference is fetched", "json", {"$ref": "http://127.0.0.1:9/x"}, "{}", "validation_error"),
    (
        "a discriminator replaces oneOf",
        "json",
        {"oneOf": [S], "discriminator": {"propertyName": "k"}},
        '{"k": "no"}',
        "validation_error",
    ),
    ("false fits nothing", "json", False, "{}", "validation_error"),
    ("YAML: a mapping", "yaml", obj(a=INT, b=listed(S)), "a: 1\nb:\n- x\n", OK),
    ("YAML: JSON is YAML", "yaml", obj(a=INT), '{"a": 1}', OK),
    ("YAML: a fence cannot be read", "yaml", obj(a=INT), "```yaml\na: 1\n```", "parse_error"),
    ("YAML: 1:30 is an integer", "yaml", obj(a=INT), "a: 1:30", OK),
    ("YAML: 010 is an integer", "yaml", obj(a=INT), "a: 010", OK),
    ("YAML: yes is a boolean", "yaml", obj(a=B), "a: yes", OK),
    ("YAML: no is no string", "yaml", obj(a=S), "a: no", "validation_error"),
    ("YAML: a date is no string", "yaml", obj(a=S), "a: 2020-01-02", "validation_error"),
    ("YAML: a quoted date is one", "yaml", obj(a=S), 'a: "2020-01-02"', OK),
    ("YAML: .nan is a number", "yaml", obj(a=N), "a: .nan", OK),
    ("YAML: 1e3 is text", "yaml", obj(a=N), "a: 1e3", "validation_error"),
    ("YAML: aliases are followed", "yaml", obj(a=listed(INT), b=listed(INT)), "a: &x [1]\nb: *x", OK),
    ("YAML: merge keys", "yaml", obj(b=obj(k=INT)), "b:\n  <<: {k: 1}", OK),
    ("YAML: two documents are none", "yaml", {"type": "object"}, "a: 1\n---\na: 2", "parse_error"),
    ("YAML: no Python objects", "yaml", {}, "!!python/object/apply:os.getcwd []", "parse_error"),
    ("YAML: a key that is no text is an extra", "yaml", obj(a=INT), "a: 1\n2: x", "validation_error"),
    ("YAML: a set is no array", "yaml", {"type": "array"}, "!!set {a, b}", "validation_error"),
    ("YAML: pairs are tuples, no arrays", "yaml", listed(listed(S)), "!!pairs [a: b]", "validation_error"),
    ("YAML: a node may contain itself", "yaml", {"type": "array"}, "&a [*a]", OK),
    ("XML: the root is a key", "xml", obj(r=obj(a=INT)), "<r><a>1</a></r>", OK),
    ("XML: without the root nothing fits", "xml", obj(a=INT), "<r><a>1</a></r>", "validation_error"),
    ("XML: text becomes a number", "xml", obj(r=obj(a=N)), "<r><a> 1.5 </a></r>", OK),
    ("XML: what is no number stays text", "xml", obj(r=obj(a=INT)), "<r><a>1.0</a></r>", "validation_error"),
    (
        "XML: true, 1, false and 0 are booleans",
        "xml",
        obj(r=obj(a=B, b=B, c=B, d=B)),
        "<r><a>true</a><b>1</b><c>false</c><d>0</d></r>",
        OK,
    ),
    ("XML: yes is no boolean", "xml", obj(r=obj(a=B)), "<r><a>yes</a></r>", "validation_error"),
    ("XML: an empty element is an empty string", "xml", obj(r=obj(a=S)), "<r><a/></r>", OK),
    ("XML: an empty element is no number", "xml", obj(r=obj(a=INT)), "<r><a/></r>", "validation_error"),
    (
        "XML: an empty element is null for a list of types",
        "xml",
        obj(r=obj(a={"type": ["string", "null"]})),
        "<r><a/></r>",
        OK,
    ),
    (
        "XML: a list of types reads no numbers",
        "xml",
        obj(r=obj(a={"type": ["integer", "null"]})),
        "<r><a>1</a></r>",
        "validation_error",
    ),
    ("XML: an array in one wrapper", "xml", A_TAGS, "<r><tags><tag>a</tag><tag>b</tag></tags></r>", OK),
    ("XML: an array of one in a wrapper", "xml", A_TAGS, "<r><tags><tag>a</tag></tags></r>", OK),
    ("XML: an array by repetition", "xml", A_TAGS, "<r><tags>a</tags><tags>b</tags></r>", OK),
    ("XML: a scalar in the place of an array", "xml", A_TAGS, "<r><tags>a</tags></r>", OK),
    ("XML: nothing in the place of an array", "xml", A_TAGS, "<r><tags/></r>", OK),
    (
        "XML: one object of one key is unwrapped",
        "xml",
        obj(r=obj(o=listed(obj(k=S)))),
        "<r><o><k>x</k></o></r>",
        "validation_error",
    ),
    (
        "XML: one object of two keys is not",
        "xml",
        obj(r=obj(o=listed(obj(k=S, l=S)))),
        "<r><o><k>x</k><l>y</l></o></r>",
        OK,
    ),
    (
        "XML: attributes are keys",
        "xml",
        obj(r={"type": "object", "properties": {"@n": INT}}),
        '<r n="5"/>',
        OK,
    ),
    ("XML: no attribute may be extra", "xml", obj(r=obj(a=S)), '<r n="5"><a>x</a></r>', "validation_error"),
    ("XML: comments are nothing", "xml", obj(r=obj(a=S)), "<r><!-- c --><a>x</a></r>", OK),
    ("XML: entities are refused", "xml", {}, '<!DOCTYPE r [<!ENTITY e "x">]><r>&e;</r>', "parse_error"),
    ("XML: two roots are none", "xml", {}, "<a/><b/>", "parse_error"),
    ("TOML: a table", "toml", obj(a=INT, t=obj(b=S)), 'a = 1\n[t]\nb = "x"', OK),
    ("TOML: an array of tables", "toml", obj(t=listed(obj(b=INT))), "[[t]]\nb = 1\n[[t]]\nb = 2", OK),
    ("TOML: a date is no string", "toml", obj(a=S), "a = 2020-01-02", "validation_error"),
    ("TOML: a repeated key is refused", "toml", {}, "a = 1\na = 2", "parse_error"),
    ("TOML: nan is a number", "toml", obj(a=N), "a = nan", OK),
    ("TOML: null does not exist", "toml", {}, "a = null", "parse_error"),
    ("CSV: rows with types", "csv", rows(a=INT, b=B, c=N, d=S), "a,b,c,d\n1,TRUE,2.5,x\n", OK),
    ("CSV: an object cannot be had", "csv", obj(a=S), "a\nx", "validation_error"),
    ("CSV: a header alone is an empty array", "csv", rows(a=INT), "a\n", OK),
    (
        "CSV: an empty cell of a single type stays text",
        "csv",
        rows(a=INT, b=S),
        "a,b\n,x",
        "validation_error",
    ),
    ("CSV: an empty cell is an empty string", "csv", rows(a=S, b=S), "a,b\n,x", OK),
    (
        "CSV: an empty cell is null where allowed",
        "csv",
        rows(a={"type": ["integer", "null"]}, b=S),
        "a,b\n,x",
        OK,
    ),
    ("CSV: the first type that reads", "csv", rows(a={"type": ["integer", "string"]}), "a\nx", OK),
    ("CSV: what is no number stays text", "csv", rows(a=INT), "a\nx", "validation_error"),
    ("CSV: a missing cell is null", "csv", rows(a=S, b=S), "a,b\nx", "validation_error"),
    ("CSV: cells without a column are extras", "csv", rows(a=S), "a\nx,y", "validation_error"),
    ("CSV: quotes and line ends in cells", "csv", rows(a=S, b=INT), 'a,b\n"x, ""y""\nz",3', OK),
    ("CSV: a column too many", "csv", rows(a=S), "a,b\nx,y", "validation_error"),
    ("CSV: a fence is a column", "csv", rows(a=S), "```csv\na\nx\n```", "validation_error"),
]


@pytest.mark.parametrize(("rule", "kind", "schema", "text", "error"), CASES, ids=[case[0] for case in CASES])
def test_the_public_rules_for_text(rule, kind, schema, text, error):
    verdict = grade_structured(text, schema if isinstance(schema, str) else json.dumps(schema), kind)
    assert (verdict.reason, verdict.reward) == (error, 0.0 if error else 1.0), verdict.metrics
    assert verdict.metrics.get("error_type", "") == error
    assert len(verdict.metrics.get("error_message", "")) <= 200


GOOD = '{"a": 1}'
CALLS = [
    ("one call", [("t", GOOD)], {}, OK),
    ("the name is free when none is given", [("other", GOOD)], {"tool_name": None}, OK),
    ("the name must be the one given", [("other", GOOD)], {"tool_name": "t"}, "wrong_tool_name"),
    ("an error of the server", [("t", GOOD)], {"error": "overloaded"}, "api_error"),
    ("no call", [], {}, "missing_tool_call"),
    ("two calls, though both are right", [("t", GOOD), ("t", GOOD)], {}, "multiple_tool_calls"),
    (
        "the number comes before the name",
        [("x", GOOD), ("y", GOOD)],
        {"tool_name": "t"},
        "multiple_tool_calls",
    ),
    ("arguments that are no JSON", [("t", "{a: 1}")], {}, "tool_arguments_parse_error"),
    ("no arguments", [("t", "")], {}, "tool_arguments_parse_error"),
    ("the name comes before the arguments", [("x", "{")], {"tool_name": "t"}, "wrong_tool_name"),
    ("the payload under its key", [("t", '{"p": {"a": 1}}')], {"tool_payload_key": "p"}, OK),
    (
        "siblings of the key are not looked at",
        [("t", '{"p": {"a": 1}, "q": 2}')],
        {"tool_payload_key": "p"},
        OK,
    ),
    ("without the key", [("t", GOOD)], {"tool_payload_key": "p"}, "missing_tool_payload_key"),
    (
        "arguments that are a list have no key",
        [("t", '["p"]')],
        {"tool_payload_key": "p"},
        "missing_tool_payload_key",
    ),
    ("a payload that does not fit", [("t", '{"p": {}}')], {"tool_payload_key": "p"}, "validation_error"),
    ("the schema is made strict", [("t", '{"a": 1, "b": 2}')], {}, "validation_error"),
    ("no types are read from text", [("t", '{"a": "1"}')], {}, "validation_error"),
    ("NaN may be read", [("t", '{"a": NaN}')], {}, "validation_error"),
]


@pytest.mark.parametrize(("rule", "calls", "options", "error"), CALLS, ids=[case[0] for case in CALLS])
def test_the_public_rules_for_tool_calls(rule, calls, options, error):
    verdict = grade_tool_call(calls, json.dumps(obj(a=INT)), **options)
    assert (verdict.reason, verdict.reward) == (error, 0.0 if error else 1.0), verdict.metrics


def test_a_bad_schema_fails_a_good_call():
    assert grade_tool_call([("t", GOOD)], "{").reason == "schema_error"


def test_without_coercion_all_of_xml_is_text():
    schema, text = json.dumps(obj(r=obj(a=INT))), "<r><a>1</a></r>"
    assert grade_structured(text, schema, "xml").reward == 1.0
    assert grade_structured(text, schema, "xml", xml_coerce_types=False).reason == "validation_error"


@pytest.mark.parametrize("schema", ["{}", "true"])
def test_a_schema_that_demands_nothing_is_vacuous(schema):
    verdict = grade_structured("1", schema)
    assert verdict.reward == 1.0 and verdict.vacuous
    assert not grade_structured("{}", '{"type": "object"}').vacuous


def test_an_unknown_format_is_the_users_mistake():
    with pytest.raises(InvalidTask, match="schema_type"):
        grade_structured("1", "{}", "ini")


def test_every_error_type_has_a_case():
    assert {case[4] for case in CASES} | {case[3] for case in CALLS} == {*ERROR_TYPES, OK}
