"""
Places: where something is in a response.
"""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.http import Headers
from errortax.parsing import compile_place, field_of, first_of, pointer_of
from errortax.parsing.budgets import MAX_CUTS, MAX_VALUES
from errortax.parsing.conditions import all_of
from strategies import json_values

DETAILS = {"details": [{"@type": "help", "links": [{"url": "u1"}, {"url": "u2"}]}, {"@type": "info", "reason": "R"}, 7]}
AWS = "(?:[^:#]*#)?([^:#]+)"


def at(place, document, fields=()):
    """Return what a place leads to in a response."""
    return list(compile_place(place)(document, Headers(fields)))


@pytest.mark.parametrize(
    ("place", "document", "expected"),
    [
        ("/a/b", {"a": {"b": 1}}, [1]),
        ("/a/b", {"a": []}, []),
        ("/a", {"a": None}, [None]),
        ("", "text", ["text"]),
        ({"at": "/details", "where": {"at": "/@type", "is": "info"}, "then": "/reason"}, DETAILS, ["R"]),
        ({"at": "/details", "where": True, "then": {"at": "/links", "where": True, "then": "/url"}}, DETAILS, ["u1", "u2"]),
        ({"at": "/a", "where": True}, {"a": {"b": 1}}, [{"b": 1}]),
        ({"where": "/b"}, [{"b": 1}, {}, {"b": 2}], [{"b": 1}, {"b": 2}]),
        ({"at": "/data", "members": True, "then": "/errors"}, {"data": {"x": {"errors": 1}, "y": 2}}, [1]),
        ({"at": "/data", "members": "/errors"}, {"data": {"x": {"errors": 1}, "y": {}}}, [{"errors": 1}]),
        ({"members": True}, [1], []),
        ({"join": ["/a", "/b"]}, {"a": "x", "b": 2}, ["x.2"]),
        ({"join": ["/a", "/b"]}, {"a": "x"}, []),
        ({"join": ["/a"]}, {"a": True}, []),
        ({"join": [{"at": "/loc", "where": True}]}, {"loc": ["body", 0, "name"]}, ["body.0.name"]),
        ({"at": "/t", "pattern": AWS}, {"t": "com.acme#Throttled:http://x"}, ["Throttled"]),
        ({"at": "/t", "where": True, "pattern": "a(.)"}, {"t": ["ab", "ba", 1, "ac", "a"]}, ["b", "c"]),
        ({"pattern": "error code: ([0-9]{4})"}, "error code: 1020", ["1020"]),
    ],
)
def test_bodies(place, document, expected):
    """
    A place goes through items and members by a condition, joins texts, and cuts them.
    """
    assert expected == at(place, document)


@pytest.mark.parametrize(
    ("place", "fields", "expected"),
    [
        ({"header": "X-Id"}, [("x-id", "1"), ("X-ID", "2")], ["1", "2"]),
        ({"header": "X-Id", "pattern": "([^;]+)"}, {"X-Id": "a;b"}, ["a"]),
        ({"header": "A", "parameter": "error"}, {"A": 'Bearer realm="a, error=\\"x\\"", error="y"'}, ["y"]),
        ({"header": "A", "parameter": "ERROR"}, {"A": "Bearer error=y"}, ["y"]),
        ({"header": "A", "parameter": "error"}, {"A": 'Basic error, Bearer error = "a \\"b\\"" , X error=z;q'}, ['a "b"', "z"]),
        ({"header": "A", "parameter": "error"}, {"A": 'Bearer error="open'}, ["open"]),
        ({"header": "A", "parameter": "error"}, {"A": "error error_description=x"}, []),
        ({"header": "A", "parameter": "q"}, [("A", "a;q=1"), ("A", "b;q=2")], ["1", "2"]),
        ({"header": "A", "parameter": "a"}, {"A": "=,a=,a;a = b,a==c"}, ["b", "c"]),
        ({"header": "A", "parameter": "a"}, {"A": "b=a=c"}, []),
    ],
)
def test_header_fields(place, fields, expected):
    """
    A place leads to all fields of a name, or to a parameter of them, in or out of quotation marks.
    """
    assert expected == at(place, {"x": 1}, fields)


@given(st.text('ab=", ;\\\t', max_size=60))
def test_any_field_has_parameters_or_not(field):
    """
    No text in a header field makes a place raise.
    """
    assert all(isinstance(value, str) for value in at({"header": "x", "parameter": "a"}, None, {"x": field}))


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20))
def test_a_quoted_parameter_is_read_whole(value):
    """
    A parameter in quotation marks is read back as it was written (RFC 9110, section 5.6.4).
    """
    quoted = value.replace("\\", "\\\\").replace('"', '\\"')
    assert [value] == at({"header": "x", "parameter": "error"}, None, {"x": f'Bearer realm="r",error="{quoted}" , x=y'})


places = st.deferred(
    lambda: st.one_of(
        st.sampled_from(["", "/status", "/errors/0", "/a/b"]),
        st.fixed_dictionaries(
            {},
            optional={
                "at": st.sampled_from(["", "/errors", "/status"]),
                "where": st.sampled_from([True, "/code", {"at": "/field", "is": "a"}, [{"type": "object"}, "/code"]]),
                "then": places,
                "pattern": st.sampled_from(["(.)", "[a-z]*(.+)"]),
            },
        ),
        st.fixed_dictionaries({"members": st.sampled_from([True, {"type": "string"}])}, optional={"then": places}),
        st.fixed_dictionaries({"join": st.lists(places, min_size=1, max_size=2)}, optional={"pattern": st.just("(..)")}),
    )
)


@given(place=places, document=json_values)
def test_any_place_in_any_document(place, document):
    """
    No place raises in any document, and none leads to more values than are looked at.
    """
    document = json.loads(json.dumps(document, default=str))
    assert MAX_VALUES >= len(at(place, document))


def test_limits():
    """
    A place looks at a limited number of values, and a pattern at the beginning of a limited number of texts.
    """
    many = {"a": [{"b": [str(number)] * 10} for number in range(5000)]}
    assert MAX_VALUES == len(at({"at": "/a", "where": True}, many))
    assert MAX_VALUES == len(at({"at": "/a", "where": True, "then": {"at": "/b", "where": True}}, many))
    assert MAX_CUTS == len(at({"at": "/a", "where": True, "pattern": "(.)"}, {"a": ["x"] * 5000}))
    assert ["x" * 256] == at({"at": "/a", "pattern": "(x+)"}, {"a": "x" * 5000})
    assert ["x" * 256] == at({"join": ["/a"]}, {"a": "x" * 5000})
    assert MAX_CUTS == len(at({"header": "x", "parameter": "a"}, None, [("x", "a=1")] * 5000))
    assert [] == at({"header": "x", "parameter": "a"}, None, {"x": f"{'b' * 4096},a=1"})


def test_the_first_usable_value_counts():
    """
    Values that cannot be used are passed over, at one place and among several.
    """
    usable = {"a": 1, "c": 3}.get
    document = {"list": ["x", "a", "c"], "one": "c"}
    assert 1 == first_of([{"at": "/list", "where": True}, "/one"], usable)(document, Headers())
    assert 3 == first_of(["/none", "/one"], usable)(document, Headers())
    assert first_of([{"at": "/none", "where": True}], usable)(document, Headers()) is None
    assert first_of([], usable)(document, Headers()) is None


def test_all_usable_values_count():
    """
    All values that can be used are returned, in the order of their places.
    """
    usable = {"a": 1, "c": 3}.get
    document = {"list": ["x", "a", "c"], "one": "c"}
    assert [1, 3, 3] == all_of([{"at": "/list", "where": True}, "/none", "/one"], usable)(document, Headers())
    assert [3] == all_of(["/none", "/one"], usable)(document, Headers())
    assert () == all_of(["/none"], usable)(document, Headers())


def test_plain_places():
    """
    A place that is only a pointer, or only a header field, can be told from others.
    """
    assert ("/a", "/a", None) == (pointer_of("/a"), pointer_of({"at": "/a"}), pointer_of({"at": "/a", "where": True}))
    assert ("X", None, None) == (field_of({"header": "X"}), field_of("/a"), field_of({"header": "X", "parameter": "a"}))
