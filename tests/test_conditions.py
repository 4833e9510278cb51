"""
Conditions: tests on places.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from errortax.http import Headers
from errortax.parsing import Choice, compile_condition, count_tests

NO_FIELDS = Headers()
TYPES = ["object", "array", "string", "boolean", "null", "number", "integer"]

names = st.sampled_from(["a", "b", "0", ""])
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
types = st.sampled_from(TYPES) | st.lists(st.sampled_from(TYPES), min_size=1, max_size=3, unique=True)


def holds(condition, document, fields=()):
    """Return whether a condition holds for a response."""
    return compile_condition(condition)(document, Headers(fields))


@given(value=values, other=values, kind=types)
def test_means_what_json_schema_means(value, other, kind):
    """
    Equality and types are those of JSON Schema: 1 equals 1.0 but not true, and 1.0 is an integer.
    """
    for constant in (other, value, json.loads(json.dumps(value))):
        assert Draft202012Validator({"const": constant}).is_valid(value) is holds({"is": [constant]}, value)
    assert Draft202012Validator({"type": kind}).is_valid(value) is holds({"type": kind}, value)
    assert Draft202012Validator({"required": ["a"], "type": "object"}).is_valid(value) is holds("/a", value)


@pytest.mark.parametrize(
    ("condition", "satisfied", "violated"),
    [
        (True, [None, {}, 0], []),
        ("", [None, {}, 0], []),
        ("/a", [{"a": None}, {"a": 1}], [{}, [], None, "a"]),
        ({"at": "/a", "type": "string"}, [{"a": ""}], [{"a": None}, {}, "a"]),
        ({"at": "/a", "type": ["string", "null"], "optional": True}, [{"a": None}, {}, [], 1], [{"a": 1}]),
        ({"at": "/a", "is": "x"}, [{"a": "x"}], [{"a": ["x"]}, {}, {"a": "X"}]),
        ({"at": "/a", "is": ["x", 1, None]}, [{"a": "x"}, {"a": 1.0}, {"a": None}], [{"a": True}, {"a": "1"}, {}]),
        ({"at": "/a", "is": [["x"], {"b": 1}]}, [{"a": ["x"]}, {"a": {"b": 1.0}}], [{"a": "x"}, {"a": {"b": True}}, {"a": []}]),
        ({"is": []}, [], [None, []]),
        (["/a", {"at": "/b", "is": 1}], [{"a": 0, "b": 1}], [{"a": 0}, {"b": 1}]),
        ({"anyOf": ["/a", [{"at": "/b"}, "/c"]]}, [{"a": 0}, {"b": 0, "c": 0}], [{"b": 0}, {}]),
        ({"at": "/a", "where": {"at": "/k", "is": 1}, "then": "/v"}, [{"a": [{}, {"k": 1, "v": 2}]}, {"a": {"k": 1, "v": 2}}],
         [{"a": [{"k": 2, "v": 2}, {"k": 1}]}, {}]),
        ({"at": "/a", "where": True, "is": "x"}, [{"a": ["y", "x"]}, {"a": "x"}], [{"a": []}, {"a": ["y"]}]),
        ({"at": "/a", "where": True, "is": "x", "optional": True}, [{"a": []}, {}, {"a": ["x"]}], [{"a": ["y"]}]),
        ({"members": {"at": "/e", "type": "array"}}, [{"any": {"e": []}}], [{"any": {"e": 1}}, [{"e": []}]]),
        ({"at": "/a", "type": "number", "is": [1, "x"]}, [{"a": 1}, {"a": 1.0}], [{"a": "x"}, {"a": 2}, {}]),
        ({"at": "/a", "pattern": "x(.)"}, [{"a": "xy"}], [{"a": "x"}, {"a": "yx1"}, {"a": 1}]),
        ({"at": "/a", "pattern": "x(.)", "is": "y"}, [{"a": "xy"}], [{"a": "xz"}]),
        ({"join": ["/a", "/b"], "is": "1.x"}, [{"a": 1, "b": "x"}], [{"a": 1}, {"a": True, "b": "x"}]),
        ({"at": "/a", "where": True, "optional": True}, [{}, {"a": 1}], []),
    ],
)  # fmt: skip
def test_verdicts(condition, satisfied, violated):
    """
    A test asks for a value, a type, or anything at all, at any place; a list of tests asks for all of them.
    """
    assert [True] * len(satisfied) == [holds(condition, document) for document in satisfied]
    assert [False] * len(violated) == [holds(condition, document) for document in violated]


@pytest.mark.parametrize(
    ("condition", "fields", "expected"),
    [
        ({"header": "X-Left", "is": "0"}, {"x-left": "0"}, True),
        ({"header": "X-Left", "is": "0"}, {"x-left": "10"}, False),
        ({"header": "Retry-After"}, {"RETRY-AFTER": ""}, True),
        ({"header": "Retry-After"}, {}, False),
        ({"header": "A", "parameter": "error", "is": "x"}, {"A": 'Bearer realm="r", error="x"'}, True),
        ({"header": "A", "parameter": "error", "is": "x"}, {"A": 'Bearer realm="error=x"'}, False),
        ({"header": "A", "is": "two"}, [("A", "one"), ("a", "two")], True),
    ],
)
def test_header_fields(condition, fields, expected):
    """
    A test looks at header fields, in any letter case of their names and in all fields of a name.
    """
    assert expected is holds(condition, None, fields)


@pytest.mark.parametrize(
    ("condition", "count"),
    [
        (True, 0),
        ("/a", 1),
        ({"type": "object"}, 1),
        (["/a", "/b", {"at": "/c", "optional": True}], 2),
        ({"anyOf": [["/a", "/b"], "/c"]}, 1),
        (["/a", {"anyOf": [["/a", "/b"], ["/c", "/d", "/e"]]}], 3),
    ],
)
def test_count(condition, count):
    """
    Each test counts; of several branches, the one with the fewest tests, and an optional test not.
    """
    assert count == count_tests(condition)


options = st.lists(
    st.one_of(
        st.builds(
            lambda member, constant: {"at": f"/{member}", "is": constant}, st.sampled_from("ab"), scalars | st.lists(scalars)
        ),
        st.builds(lambda member: [f"/{member}", {"at": "/b", "is": "a"}], st.sampled_from("ab")),
        st.just({"header": "x", "is": "1"}),
        st.just({"at": "/a", "where": True, "is": "a"}),
    ),
    max_size=6,
)
documents = st.dictionaries(st.sampled_from("ab"), scalars | st.lists(scalars, max_size=2)) | scalars


@given(options=options, document=documents, fields=st.sampled_from([{}, {"X": "1"}]))
def test_a_choice_finds_all_that_hold(options, document, fields):
    """
    Looking constants up finds the same options, in the same order, as testing one option after the other.
    """
    choice = Choice(enumerate_options(options))
    expected = [index for index, condition in enumerate(options) if holds(condition, document, fields)]
    assert expected == choice.all(document, Headers(fields))
    left = choice.candidates(document, Headers(fields))
    assert expected == [index for condition, index in left if condition(document, Headers(fields))]


def enumerate_options(options):
    """Return each condition with its place in the list."""
    return [(condition, index) for index, condition in enumerate(options)]
