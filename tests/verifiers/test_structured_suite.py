"""The official JSON Schema test suite, 2020-12.

The suite is in the source distribution of ``jsonschema``, folder ``json``. Name that folder, as the tests of that
package do, in the environment variable ``JSON_SCHEMA_TEST_SUITE``::

    pip download --no-deps --no-binary :all: jsonschema==4.26.0 && tar xzf jsonschema-4.26.0.tar.gz
    JSON_SCHEMA_TEST_SUITE=jsonschema-4.26.0/json python -m pytest tests/verifiers/test_structured_suite.py
"""

from __future__ import annotations

import copy
import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from verifiers.structured_schemas import SCHEMAS

from llmgym.verifiers.structured_coerce import strictify
from llmgym.verifiers.structured_metaschema import KEYWORDS, UNCERTAIN, is_plainly_valid
from llmgym.verifiers.structured_schema import CompiledSchema

jsonschema = pytest.importorskip("jsonschema")

NAMED = os.environ.get("JSON_SCHEMA_TEST_SUITE", "")
FOLDER = Path(NAMED) / "tests" / "draft2020-12"
FILES = sorted(FOLDER.rglob("*.json")) if NAMED else []

# Files whose schemas refer to others, which only a network could give.
REMOTE = ("dynamicRef.json", "refRemote.json", "vocabulary.json")


def fits_in_public(schema, value) -> bool:
    public = pytest.importorskip("openapi_schema_validator")
    try:
        public.validate(value, schema)
    except Exception:
        return False
    return True


@pytest.mark.skipif(not FILES, reason="JSON_SCHEMA_TEST_SUITE does not name the official test suite")
@pytest.mark.filterwarnings("ignore:Automatically retrieving remote references:DeprecationWarning")
@pytest.mark.parametrize("strict", [False, True], ids=["as written", "made strict"])
@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(FOLDER)))
def test_the_suite_is_judged_as_the_public_validator_judges_it(path, strict):
    found, public, wanted = [], [], []
    for group in json.loads(path.read_text(encoding="utf-8")):
        schema = strictify(copy.deepcopy(group["schema"])) if strict else group["schema"]
        compiled = CompiledSchema(schema)
        for case in group["tests"]:
            name = f"{group['description']}: {case['description']}"
            found.append((name, compiled.problem(case["data"]) is None))
            public.append((name, fits_in_public(schema, case["data"])))
            wanted.append((name, case["valid"]))
    assert found == public
    if not strict and path.parent == FOLDER and path.name not in REMOTE:
        assert found == wanted


def test_every_keyword_of_the_metaschema_is_placed():
    from jsonschema_specifications import REGISTRY

    top = REGISTRY.contents("https://json-schema.org/draft/2020-12/schema")
    parts = [
        REGISTRY.contents(f"https://json-schema.org/draft/2020-12/{part['$ref']}") for part in top["allOf"]
    ]
    known = {name for schema in (top, *parts) for name in schema["properties"]}
    assert set(KEYWORDS) | UNCERTAIN == known
    assert not set(KEYWORDS) & UNCERTAIN


VALUES = st.recursive(
    st.sampled_from([None, True, False, 0, 1, -1, 1.0, 0.5, "", "a", "string", "#/$defs/a", "#", [], {}]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("ab"), inner, max_size=2),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(
    SCHEMAS | st.dictionaries(st.sampled_from([*KEYWORDS, *UNCERTAIN, "other"]), VALUES, max_size=3) | VALUES
)
def test_what_is_plainly_valid_is_valid(schema):
    if is_plainly_valid(schema):
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("keyword", KEYWORDS)
@settings(max_examples=25, deadline=None)
@given(VALUES)
def test_each_keyword_is_judged_no_milder_than_the_metaschema(keyword, value):
    if KEYWORDS[keyword](value):
        jsonschema.Draft202012Validator.check_schema({keyword: value})


@pytest.mark.parametrize(
    "schema",
    [
        {"type": []},
        {"type": ["string", "string"]},
        {"required": ["a", "a"]},
        {"required": [1]},
        {"anyOf": []},
        {"minimum": True},
        {"multipleOf": 0},
        {"maxLength": -1},
        {"$ref": "not a reference"},
        {"properties": {"a": {"type": "text"}}},
        {"items": [{"type": "string"}]},
        {"unevaluatedItems": {"const": 1, "enum": 1}},
        3,
    ],
)
def test_what_is_not_plainly_valid(schema):
    assert not is_plainly_valid(schema)
