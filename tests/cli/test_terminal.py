from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from errortax.advice import cells
from errortax.cli.terminal import Span, fitted, painted, wrapped

CODE = "auth.user.restricted"
ADDRESS = "https://errortax.readthedocs.io/codes/gopoints/auth.token.expired"


@pytest.mark.parametrize(("text", "width"), [("abc", 3), ("é", 1), ("e\u0301", 1), ("日本", 4), ("", 0)])
def test_cells(text, width):
    """
    Wide characters take two columns, combining ones none.
    """
    assert width == cells(text)


@given(text=st.text(st.sampled_from("ab 日。é"), max_size=60), width=st.integers(2, 30))
@example(text="aa 。", width=2)
def test_wrapping_keeps_all(text, width):
    """
    Nothing but blanks is lost, and a line is longer than the width only if it is one word.
    """
    lines = [*wrapped(text, width)]
    assert text.replace(" ", "") == "".join(lines).replace(" ", "")
    assert [] == [line for line in lines if cells(line.removesuffix("。")) > width and " " in line.strip()]


@pytest.mark.parametrize("width", [1, 20, 40, 80])
@pytest.mark.parametrize("word", [CODE, ADDRESS])
def test_codes_and_addresses_stay_whole(word, width):
    """
    A code and an address are on one line, however narrow the terminal is.
    """
    assert word in " ".join(wrapped(f"{'word ' * 9}{word} {'word ' * 9}", width)).split()
    assert any(word in line for line in wrapped(f"{'word ' * 9}{word} {'word ' * 9}", width))


def test_japanese():
    """
    Japanese breaks between any two characters, except before a full stop.
    """
    assert ["もう一", "度。"] == [*wrapped("もう一度。", 6)]
    assert ["もう一", "度お試"] == [*wrapped("もう一度お試", 7)]


def test_painted():
    """
    Styles and links are escape sequences around the text.
    """
    assert "a" == painted(Span("a"))
    assert "\x1b[1;31ma\x1b[0m" == painted(Span("a", "bold red"))
    assert "\x1b]8;;https://a.example\x1b\\a\x1b]8;;\x1b\\" == painted(Span("a", link="https://a.example"))


HEADER = ("vendor", "code", "status", "title")
ROWS = [("gopoints", CODE, "403", "Profile restricted by its vendor"), ("authrocket", "422", "422", "Input not accepted")]


@pytest.mark.parametrize(
    ("width", "columns", "last"),
    [(120, 4, ROWS[0][3]), (64, 4, "Profile restricted by…"), (45, 3, "403"), (36, 2, CODE), (1, 2, CODE)],
)
def test_fitted(width, columns, last):
    """
    The last column is cut if enough of it remains, then columns are dropped from the right; codes stay whole.
    """
    table = fitted(HEADER, ROWS, width)
    assert {columns} == {*map(len, table)}
    assert last == table[1][-1]
    assert CODE == table[1][1]
