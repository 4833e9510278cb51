"""
Conditions: a subset of JSON Schema.
"""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from errortax.parsing import KEYWORDS, compile_condition, required_members

TYPES = ["object", "array", "string", "boolean", "null", "number", "integer"]

names = st.sampled_from(["a", "b", "c", ""])
scalars = (
    st.none()
    | st.booleans()
    | st.sampled_from([0, 1, -1, 0.0, 1.0, 1.5, -0.0, 2**53 + 1, 2.0**53, 1e400, -1e400, "", "a", "1", "true"])
    | st.integers(-2, 2)
    | st.text("ab", max_size=2)
)
values = st.recursive(
    scalars, lambda children: st.lists(children, max_size=3) | st.dictionaries(names, children, max_size=3), max_leaves=6
)


def schemas_of(members):
    """Return schemas whose members and branches are drawn from *members*."""
    keywords = {
        "type": st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True),
        "required": st.lists(names, max_size=3, unique=True),
        "properties": st.dictionaries(names, members, max_size=3),
        "const": values,
        "enum": st.lists(values, max_size=3),
        "anyOf": st.lists(members, min_size=1, max_size=3),
    }
    envelope = st.fixed_dictionaries(
        {"type": st.just("object")}, optional={name: keywords[name] for name in ("required", "properties")}
    )
    return envelope | st.fixed_dictionaries({}, optional=keywords)


schemas = st.recursive(st.booleans() | schemas_of(st.booleans()), schemas_of, max_leaves=6)


@st.composite
def near_misses(draw, schema):
    """Draw a document that satisfies *schema*, or almost."""
    if isinstance(schema, bool) or draw(st.integers(0, 5)) == 0:
        return draw(values)
    if "const" in schema and draw(st.booleans()):
        return draw(st.sampled_from(variations(schema["const"])))
    if schema.get("enum") and draw(st.booleans()):
        return draw(st.sampled_from(variations(draw(st.sampled_from(schema["enum"])))))
    if "anyOf" in schema and draw(st.booleans()):
        return draw(near_misses(draw(st.sampled_from(schema["anyOf"]))))
    if "required" not in schema and "properties" not in schema:
        return draw(values)
    members = {name: draw(values) for name in schema.get("required", ()) if draw(st.integers(0, 5))}
    for name, member in schema.get("properties", {}).items():
        if draw(st.integers(0, 4)):
            members[name] = draw(near_misses(member))
    return members


def variations(value):
    """Return JSON values that equal *value* or look similar."""
    match value:
        case bool():
            return [value, int(value), float(value), not value]
        case int() | float():
            return [value, value == 1, value + 1, *([float(value)] if abs(value) < 2**60 else []), str(value)]
        case list():
            return [
                value,
                value[:-1],
                [*value, None],
                *([variation, *value[1:]] for variation in (variations(value[0]) if value else ())),
            ]
        case dict():
            return [value, {**value, "b": None}, *({**value, name: v} for name in value for v in variations(value[name]))]
        case _:
            return [value, [value], None]


@given(data=st.data(), schema=schemas)
def test_means_what_json_schema_means(data, schema):
    """
    A compiled condition gives the verdict of a full JSON Schema validator, on random bodies and on near misses.
    """
    document = data.draw(near_misses(schema))
    Draft202012Validator.check_schema(schema)
    assert Draft202012Validator(schema).is_valid(document) is compile_condition(schema)(document)


ONE_TYPE = {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "string"}, "c": {"type": ["null", "number"]}}}
TEXTS = {"type": "object", "required": ["a"], "properties": {"a": {"const": "x"}, "b": {"const": "y"}}}


@given(members=st.dictionaries(names, st.sampled_from(["x", "y", 1, 1.0, None, True])))
@pytest.mark.parametrize(
    "schema", [ONE_TYPE, TEXTS, {"required": ["a"], "properties": {"a": {"type": "integer"}, "b": True, "c": False}}]
)
@example(members={"a": "x", "b": "y"})
def test_common_shapes(schema, members):
    """
    The shapes of most envelopes mean the same as in JSON Schema, too.
    """
    assert Draft202012Validator(schema).is_valid(members) is compile_condition(schema)(members)


@pytest.mark.parametrize(
    ("schema", "satisfied", "violated"),
    [
        (True, [None, {}, 0], []),
        (False, [], [None, {}, 0]),
        ({}, [None, {}, 0], []),
        ({"type": "integer"}, [1, 1.0, -0.0], [True, 1.5, float("inf"), float("nan"), "1"]),
        ({"type": ["integer", "number"]}, [1, 1.5, float("inf")], [True, "1"]),
        ({"type": "number"}, [1, 1.5], [False]),
        ({"type": "array", "required": ["a"]}, [[], ["a"]], [{}, {"a": 1}]),
        ({"required": ["a"]}, [[], None, {"a": None}], [{}]),
        ({"properties": {"a": {"const": 1}}}, [[], {}, {"a": 1.0}], [{"a": True}, {"a": "1"}]),
        (
            {"const": [1, {"a": [True]}]},
            [[1.0, {"a": [True]}]],
            [[1, {"a": [1]}], [True, {"a": [True]}], [1], [1, {}], [1, {"b": [True]}]],
        ),
        ({"const": None}, [None], [False, 0, ""]),
        ({"const": "a"}, ["a"], ["b", ["a"], {"a": "a"}]),
        ({"enum": []}, [], [None]),
        ({"enum": ["a", 0]}, ["a", 0, 0.0], [False, "0"]),
        ({"anyOf": [{"type": "string"}, {"required": ["a"]}], "type": ["string", "object"]}, ["", {"a": 1}], [{}, [], 1]),
    ],
)
def test_verdicts(schema, satisfied, violated):
    """
    Each keyword means the same as in JSON Schema, and nothing else.
    """
    condition = compile_condition(schema)
    assert [True] * len(satisfied) == [condition(document) for document in satisfied]
    assert [False] * len(violated) == [condition(document) for document in violated]


@pytest.mark.parametrize(
    "wrap", [lambda schema: schema, lambda schema: {"properties": {"a": schema}}, lambda schema: {"anyOf": [schema]}]
)
def test_unknown_keyword(wrap):
    """
    A keyword outside the subset is refused at any depth; the message names it and the usable ones.
    """
    with pytest.raises(ValueError, match="'pattern': not a keyword of conditions; use type, required") as caught:
        compile_condition(wrap({"type": "string", "pattern": "a"}))
    assert all(keyword in str(caught.value) for keyword in KEYWORDS)


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("type", "text"),
        ("type", []),
        ("type", [["string"]]),
        ("type", None),
        ("required", "a"),
        ("required", [1]),
        ("properties", []),
        ("properties", {"a": None}),
        ("enum", "a"),
        ("anyOf", []),
        ("anyOf", {}),
        ("anyOf", ["string"]),
    ],
)
def test_malformed_value(keyword, value):
    """
    A keyword with a malformed value is refused; the message says which values it accepts.
    """
    with pytest.raises(ValueError, match=f"'{keyword}': .* is malformed; use "):
        compile_condition({keyword: value})


@pytest.mark.parametrize(
    ("schema", "count"),
    [
        (True, 0),
        ({}, 0),
        ({"type": "object"}, 0),
        ({"required": ["a", "b", "a"]}, 2),
        ({"required": ["a"], "properties": {"a": {"required": ["b", "c"]}, "d": {"type": "string"}, "e": False}}, 3),
        ({"required": ["a"], "anyOf": [{"required": ["a", "b"]}, {"required": ["b", "c"]}]}, 2),
        ({"anyOf": [{"required": ["a"]}, {}]}, 0),
        ({"properties": {"a": {"anyOf": [{"required": ["b"]}, {"required": ["c", "d"]}]}}}, 1),
    ],
)
def test_required_members(schema, count):
    """
    Required members are counted at all depths, each once; of several branches, the one with the fewest counts.
    """
    assert count == required_members(schema)
