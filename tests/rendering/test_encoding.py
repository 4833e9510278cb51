"""
Documents to JSON, with the standard library or with msgspec.
"""

from __future__ import annotations

import json
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from anew import imported_anew
from errortax.rendering import encoding
from errortax.rendering.encoding import encode
from errortax.rendering.problem import encode_members

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=()), max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def plain():
    """The encoder of an environment without msgspec."""
    return imported_anew(encoding, {"msgspec": None, "msgspec.json": None})


class Encoder:
    """The behaviour of msgspec, as far as it matters here."""

    def encode(self, document):
        """Return a mark of its own, or raise the exception of msgspec for a lone surrogate."""
        return document.encode()


@pytest.fixture(scope="module")
def fast():
    """The encoder of an environment with msgspec."""
    module = SimpleNamespace(Encoder=Encoder)
    return imported_anew(encoding, {"msgspec": SimpleNamespace(json=module), "msgspec.json": module})


def is_json(text):
    """Return whether a strict reader takes *text*."""
    json.loads(text, parse_constant=pytest.fail)
    return text == text.decode().encode()


@given(value=values)
@example(value={"a": float("nan"), "b": ("\ud800", float("-inf")), "c": 10**400})
def test_any_document_becomes_json(value, plain):
    """
    Any numbers and texts become JSON in UTF-8, with msgspec and without.
    """
    assert is_json(encode(value))
    assert is_json(plain.encode(value))


@given(value=values)
def test_encoders_agree(value, plain):
    """
    Readers find the same in the output of either encoder.
    """
    assert json.loads(encode(value)) == json.loads(plain.encode(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": [1, 1.5, True, None, "é/<"]}, '{"a":[1,1.5,true,null,"é/<"]}'),
        ({"a": float("nan"), "b": [float("inf"), (float("-inf"), {"c": 0.5})]}, '{"a":null,"b":[null,[null,{"c":0.5}]]}'),
        ({"\ud800": "a\udfffb", "n": float("nan")}, '{"?":"a?b","n":null}'),
        ([10**300], "[1" + "0" * 300 + "]"),
    ],
)
def test_documents(value, expected, plain):
    """
    No blanks, nothing escaped without need; NaN is null, and half a surrogate pair a question mark.
    """
    assert expected == encode(value).decode()
    assert expected == plain.encode(value).decode()


@given(values=st.lists(values, max_size=4))
@example(values=['\ud800\x00"\\', float("nan"), {"a": "\udfff"}])
def test_members_are_what_the_whole_would_be(values):
    """
    Members that are written one by one are those that an object of them all would have.
    """
    members = {f"member_{index}": value for index, value in enumerate(values)}
    assert json.loads(encode(members)) == json.loads(b"{" + encode_members(members) + b"}", parse_constant=pytest.fail)


def test_with_msgspec(fast):
    """
    If msgspec is installed it does the work, and the standard library encodes the rest.
    """
    assert (b"fast", b'"?"') == (fast.encode("fast"), fast.encode("\ud800"))


def test_without_msgspec(plain):
    """
    Without msgspec the standard library does the work.
    """
    assert b'"fast"' == plain.encode("fast")
    with pytest.raises(TypeError, match="set is not JSON serializable"):  # msgspec writes a list
        plain.encode({1})
