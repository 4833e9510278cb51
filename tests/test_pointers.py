"""
JSON Pointers.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.model import parse_pointer
from errortax.parsing import compile_pointer, resolve

RFC_DOCUMENT = {"foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5, 'k"l': 6, " ": 7, "m~n": 8}
NESTED = {"error": {"code": "a.b", "items": [{"name": "x"}, None]}, "0": {"0": "zero"}, "null": None}

tokens = st.text("~/01a-", max_size=3) | st.text(max_size=3)
documents = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(tokens, children, max_size=3),
)


def same(value):
    """Return a value as it is."""
    return value


def escape(token):
    """Escape a token as in a pointer."""
    return token.replace("~", "~0").replace("/", "~1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", RFC_DOCUMENT),
        ("/foo", ["bar", "baz"]),
        ("/foo/0", "bar"),
        ("/", 0),
        ("/a~1b", 1),
        ("/c%d", 2),
        ("/e^f", 3),
        ("/g|h", 4),
        ("/i\\j", 5),
        ('/k"l', 6),
        ("/ ", 7),
        ("/m~0n", 8),
    ],
)
def test_examples_of_the_rfc(text, expected):
    """
    The examples of RFC 6901 §5 lead to the values in the RFC.
    """
    assert expected == compile_pointer(text, same)(RFC_DOCUMENT)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/error/code", "a.b"),
        ("/error/items/0/name", "x"),
        ("/error/items/1", None),
        ("/0/0", "zero"),
        ("/null", None),
        ("/null/a", None),
        ("/missing", None),
        ("/missing/a/b", None),
        ("/error/code/a", None),
    ],
)
def test_members(text, expected):
    """
    A null, a missing member and a member of a scalar are all None.
    """
    assert expected == compile_pointer(text, same)(NESTED)
    assert expected == resolve(NESTED, parse_pointer(text))


@pytest.mark.parametrize(
    "index", ["-", "01", "00", "-1", "+1", "1.0", " 1", "1 ", "\u0661", "²", "2", "9" * 18, "9" * 5000, "", "one"]
)
def test_no_index(index):
    """
    Only a decimal number in ASCII without leading zeros counts as an index, and only up to the last element.
    """
    items = ["zero", "one"]
    assert compile_pointer(f"/{index}", same)(items) is None
    assert compile_pointer(f"/a/{index}", same)({"a": items}) is None
    assert resolve([items], ("0", index)) is None


def test_index():
    """
    Elements are counted from zero.
    """
    items = [str(position) for position in range(12)]
    assert items == [compile_pointer(f"/{position}", same)(items) for position in range(12)]
    assert "11" == compile_pointer("/0/11", same)([items])


@pytest.mark.parametrize("text", ["a", "a/b", "#/a", " /a", "~1a"])
def test_without_a_slash(text):
    """
    A pointer that does not begin with a slash is refused, with the advice to write one.
    """
    with pytest.raises(ValueError, match="begins with a slash; write") as caught:
        compile_pointer(text, same)
    assert str(caught.value).endswith(repr("/" + text))


@pytest.mark.parametrize("text", ["/~", "/a~", "/~2", "/~~0", "/a/~x/b"])
def test_stray_tilde(text):
    """
    A tilde without 0 or 1 behind it is refused.
    """
    with pytest.raises(ValueError, match="write '~0' for a tilde"):
        parse_pointer(text)


@given(st.lists(tokens).map(tuple))
def test_any_token_can_be_written(names):
    """
    For a member of any name there is a pointer to it.
    """
    assert names == parse_pointer("".join("/" + escape(name) for name in names))


@given(document=documents, names=st.lists(tokens, max_size=4))
def test_compiled_pointers_find_the_same(document, names):
    """
    A compiled pointer never raises, and finds the same as a plain walk.
    """
    expected = document
    for name in names:
        if isinstance(expected, list):
            expected = dict(zip(map(str, range(len(expected))), expected, strict=True))
        expected = expected.get(name) if isinstance(expected, dict) else None
    assert expected == compile_pointer("".join("/" + escape(name) for name in names), same)(document)
    assert expected == resolve(document, tuple(names))
