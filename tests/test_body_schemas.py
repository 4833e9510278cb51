"""
The JSON Schemas of the bodies: every one is evaluated within bounds, and each misfit has its place.
"""

from __future__ import annotations

import json
import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from errortax.checking import check
from errortax.registry.backtracking import steps_of_pattern
from errortax.registry.body_schemas import STEPS, BodySchemas
from test_validation import ENVELOPE, VALID


def misfits(body, schema, steps=STEPS):
    """Return what does not fit."""
    return sorted(BodySchemas(steps).misfits(body, schema))


def test_misfits():
    """
    A misfit has a JSON pointer and a problem.
    """
    schema = {
        "required": ["code"],
        "properties": {"a/b": {"type": "string", "description": "A text."}, "n": {"not": {}}, "c": {"const": 1}},
    }
    assert [
        ("", "member 'code' is missing"),
        ("/a~1b", "expected a string, got 3"),
        ("/c", "2 does not fit the keyword 'const' of the schema"),
        ("/n", "null may not be here"),
    ] == misfits({"a/b": 3, "n": None, "c": 2}, schema)
    assert [] == misfits({"code": 1}, schema)
    named = {"patternProperties": {"^x-": {"type": "string"}}, "additionalProperties": False}
    assert [("/x-a", "expected a string, got 1")] == misfits({"x-a": 1, "x-b": "1"}, named)
    assert [("", "unknown member 'y'")] == misfits({"y": 1}, named)


def doubling(keyword, depth=40):
    """Return a schema whose evaluation doubles at each level."""
    levels = {f"d{level}": {keyword: [{"$ref": f"#/$defs/d{level + 1}"}] * 2} for level in range(depth)}
    return {"$ref": "#/$defs/d0", "$defs": {**levels, f"d{depth}": {}}}


BOMBS = {
    "itself": {"$ref": "#"},
    "itself by an anchor": {"$anchor": "a", "$ref": "#a"},
    "itself dynamically": {"$dynamicAnchor": "a", "$dynamicRef": "#a"},
    "two that refer to each other": {"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}},
    "itself twice": {"allOf": [{"$ref": "#"}, {"$ref": "#"}]},
    "not itself": {"not": {"$ref": "#"}},
    "if itself": {"if": {"$ref": "#"}},
    "doubling allOf": doubling("allOf"),
    "doubling anyOf": doubling("anyOf") | {"$defs": doubling("anyOf")["$defs"] | {"d40": False}},
    "doubling oneOf": doubling("oneOf"),
    "doubling if": {
        "$ref": "#/$defs/d0",
        "$defs": {
            **{f"d{n}": {"if": {"$ref": f"#/$defs/d{n + 1}"}, "then": {"$ref": f"#/$defs/d{n + 1}"}} for n in range(40)},
            "d40": {},
        },
    },
    "unevaluated": doubling("allOf") | {"unevaluatedProperties": False},
    "nested quantifiers": {"properties": {"text": {"pattern": "^(a+)+$"}}},
    "alternatives": {"properties": {"text": {"pattern": "^(?:a|a)*$"}}},
    "many optional characters": {"properties": {"text": {"pattern": "a?" * 40 + "a" * 40 + "$"}}},
    "many quantifiers": {"properties": {"text": {"pattern": "a*" * 20 + "$"}}},
    "an empty group": {"properties": {"text": {"pattern": "(?:){1000000000}x"}}},
    "pattern of members": {"patternProperties": {"^(t+e*x*)+[^t]$": {}, "(a+)+": {}}, "additionalProperties": False},
    "huge pattern": {"properties": {"text": {"pattern": "(?:ab)?" * 300_000}}},
    "huge enum": {"allOf": [{"enum": list(range(100_000))}] * 2000},
    "many parts": {"allOf": [{"anyOf": [{"enum": [1]}] * 100}] * 20_000},
    "items": {"$defs": doubling("allOf")["$defs"], "properties": {"list": {"items": {"$ref": "#/$defs/d0"}}}},
    "unique items": {"properties": {"list": {"uniqueItems": True, "allOf": [{"uniqueItems": True}] * 5000}}},
}
BODY = {
    "code": 1,
    "text": "a" * 60 + "!",
    "list": [{"n": [number]} for number in range(200)],
    "ttttttttttttttttttttttttttttttttttt": 1,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs(name):
    """
    A schema whose evaluation has no end or takes too long ends in a misfit that says so, within a few seconds.
    """
    bodies = BodySchemas(STEPS // 2)
    start = process_time()
    found = list(bodies.misfits(BODY, BOMBS[name]))
    assert process_time() - start < 5
    assert re.search("takes too many steps|is not supported", found[-1][1])
    assert "" == found[-1][0]
    assert len(found) < 1000


@pytest.mark.parametrize(
    ("schema", "problem"),
    [
        ({"$ref": "https://example.test/x"}, "the schema refers to 'https://example.test/x', which is not in it"),
        (
            {"properties": {"text": {"pattern": "(a"}}},
            "the schema cannot be used (missing ), unterminated subpattern at position 0)",
        ),
        (
            {"unevaluatedProperties": False},
            "the schema cannot be used (unevaluatedProperties is not supported; use additionalProperties or items)",
        ),
        ({"$ref": "http://["}, "the schema refers to 'http://[', which is not in it"),
    ],
)
def test_unusable_schema(schema, problem):
    """
    A schema with a reference to nowhere or a broken pattern is a misfit, not an exception.
    """
    assert [("", problem)] == misfits(BODY, schema)


def test_budget_of_a_file():
    """
    The steps are those of a whole file, and that they are used up is said once.
    """
    bodies = BodySchemas(10_000)
    found = [list(bodies.misfits({"a": 1}, {"properties": {"a": {"type": "string"}}})) for _ in range(100)]
    assert [("/a", "expected a string, got 1")] == found[0]
    assert 1 == sum("takes too many steps" in problem for misfits in found for _, problem in misfits)
    assert [] == found[-1]


@pytest.mark.parametrize(
    "pattern",
    [
        "^[1-5][0-9][0-9]$", "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", r"^(?:[a-z]+\.)+[a-z]+$", r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$",
        "^(?:GET|POST|PUT|PATCH|DELETE)$", "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$", r"^https?://\S+$",
        "^[^@]+@[^@]+$", ".*", r"\(+[)*+]?"
    ],
)  # fmt: skip
def test_usual_patterns(pattern):
    """
    Patterns as files have them may be used a thousand times.
    """
    assert steps_of_pattern(pattern, 12) * 1000 < STEPS


values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "a", "ab", "b1"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "c1"]), inner, max_size=3),
    max_leaves=6,
)
schemas = st.recursive(
    st.booleans()
    | st.fixed_dictionaries({"type": st.sampled_from(["object", "array", "string", "integer", "null"])})
    | st.fixed_dictionaries({"enum": st.lists(values, max_size=3)})
    | st.fixed_dictionaries({"pattern": st.sampled_from(["a", "^b*$"])}),
    lambda inner: st.fixed_dictionaries(
        {},
        optional={
            "allOf": st.lists(inner, min_size=1, max_size=2), "anyOf": st.lists(inner, min_size=1, max_size=2), "not": inner,
            "oneOf": st.lists(inner, min_size=1, max_size=2), "properties": st.dictionaries(st.sampled_from("ab"), inner),
            "additionalProperties": inner, "patternProperties": st.fixed_dictionaries({"[0-9]": inner}), "items": inner,
            "required": st.lists(st.sampled_from("ab"), unique=True), "uniqueItems": st.booleans(), "if": inner, "then": inner,
            "propertyNames": inner, "contains": inner, "minItems": st.integers(0, 2),
        },
    ),
    max_leaves=6,
)  # fmt: skip


@given(body=values, schema=schemas)
def test_counting_changes_nothing(body, schema):
    """
    A body fits within a budget exactly if it fits without one.
    """
    if isinstance(schema, bool):
        schema = {"allOf": [schema]}
    assert Draft202012Validator(schema).is_valid(body) == (not misfits(body, schema))


@pytest.mark.parametrize("schema", [BOMBS["itself"], BOMBS["doubling allOf"]], ids=["itself", "doubling"])
def test_check(tmp_path, schema):
    """
    `check` reports such a schema once, at an example of its envelope.
    """
    path = tmp_path / "acme.json"
    examples = [
        {"name": name, "response": {"status": 401, "json": {"code": "expired"}}, "expect": {"envelope": ENVELOPE["name"]}}
        for name in "ab"
    ]
    entry = {**VALID["entries"][0], "examples": examples}
    path.write_text(json.dumps({**VALID, "envelopes": [{**ENVELOPE, "schema": schema}], "entries": [entry]}), encoding="utf-8")
    found = [finding for finding in check(path) if "steps" in finding]
    assert 1 == len(found)
    assert found[0].startswith(f"{path}#/entries/0/examples/0/response/json: the schema takes too many steps; ")
