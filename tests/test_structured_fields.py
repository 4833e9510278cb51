"""
Structured fields (RFC 9651).
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.http.structured_fields import parse_dictionary, parse_list


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("", []),
        ("  ", []),
        ("1", [(1, {})]),
        ("-1, 2.5 ,\t?1,a*/:b", [(-1, {}), (2.5, {}), (True, {}), ("a*/:b", {})]),
        (r'"a \"b\" \\"', [('a "b" \\', {})]),
        ('"a";r=5;  t=2;flag;q=?0', [("a", {"r": 5, "t": 2, "flag": True, "q": False})]),
        ("a;b=1;b=2", [("a", {"b": 2})]),
        (':YQ==:, @1659578233, %"f%c3%bc"', [(None, {}), (None, {}), (None, {})]),
        ("(1 2;a  3);w=4, ()", [(None, {"w": 4}), (None, {})]),
        ("999999999999999", [(999_999_999_999_999, {})]),
        ("999999999999.999", [(999_999_999_999.999, {})]),
    ],
)
def test_list(text: str, members: list[object]) -> None:
    """
    A list has the members that it contains, with their parameters; no reader needs dates, bytes and inner lists.
    """
    assert members == parse_list(text)


@pytest.mark.parametrize(
    "text",
    [
        ",", "1,", ",1", "1 2", "1;", "1; =2", "1;A=2", "a ;b", "1;a=", '"a', '"\\a"', '"\u00e9"', "\u00e9", "1.", "1.2345",
        "9" * 16, "9" * 13 + ".0", "--1", "1.2.3", "?2", "?", ":a b:", ":a", '%"%C3"', '%"%4"', "@1.5", "(1", "(1,2)", "(1a)",
        "((1))", "a=1", "1\n", "1\t", "=",
    ],
)  # fmt: skip
def test_malformed_list(text: str) -> None:
    """
    A list with any mistake is ignored as a whole.
    """
    assert parse_list(text) is None


@pytest.mark.parametrize(
    ("text", "members"),
    [
        ("", {}),
        ("a=1, b;c=2, a=(1 2)", {"a": (None, {}), "b": (True, {"c": 2})}),
        ("limit=100, remaining=50;w=3", {"limit": (100, {}), "remaining": (50, {"w": 3})}),
        ("A=1", None),
        ("a=", None),
        ("a=1,", None),
        ('"a"=1', None),
    ],
)
def test_dictionary(text: str, members: dict[str, object] | None) -> None:
    """
    The last member of a key counts; a dictionary with any mistake is ignored as a whole.
    """
    assert members == parse_dictionary(text)


NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789_-.*", max_size=6).map("a{}".format)
TEXTS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
VALUES = st.one_of(
    st.integers(-(10**15) + 1, 10**15 - 1),
    st.integers(-(10**15) + 1, 10**15 - 1).map(lambda number: number / 1000),
    st.booleans(),
    TEXTS,
)
MEMBERS = st.lists(st.tuples(VALUES, st.dictionaries(NAMES, VALUES, max_size=3)), max_size=4)


def written(value: object) -> str:
    """Write a bare item (RFC 9651 §4.1)."""
    if isinstance(value, bool):
        return f"?{value:d}"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    return f"{value:.3f}" if isinstance(value, float) else str(value)


@given(members=MEMBERS)
def test_written_lists(members: list[tuple[object, dict[str, object]]]) -> None:
    """
    Every list is the same after being written and read again.
    """
    text = ", ".join(
        written(value) + "".join(f";{key}={written(inner)}" for key, inner in parameters.items()) for value, parameters in members
    )
    assert members == parse_list(text)


@given(text=st.text() | st.text('abr19;=,() "\\?:@%.-'))
def test_any_text(text: str) -> None:
    """
    No text raises.
    """
    assert isinstance(parse_list(text), list | None)
    assert isinstance(parse_dictionary(text), dict | None)
