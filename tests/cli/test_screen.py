from __future__ import annotations

import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.cli.screen import Block, Screen, note, printable, progress


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("naïve 日本", "naïve 日本"),
        ("a\x1b[31mred", "a\\x1b[31mred"),
        ("a\tb\nc\u00a0d", "a b c d"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("\x9b2J", "\\x9b2J"),
        ("\ud800", "\\ud800"),
        ("\x00", "\\x00"),
    ],
)
def test_printable(text, shown):
    """
    Characters that could steer a terminal are written out, and blanks become spaces.
    """
    assert shown == printable(text)


@given(st.text(st.characters()))
def test_printable_always(text):
    """
    For any text, the shown text is printable.
    """
    assert printable(text).isprintable()


def test_talk(capsys):
    """
    Talk goes to standard error, line by line, and steers no terminal.
    """
    note("a\x1b\nb")
    assert ("", "a\\x1b\nb\n") == capsys.readouterr()


def blocks(screen, items):
    """Print blocks that try to steer the terminal."""
    screen.blocks(items, lambda item: Block(item, "red", [("label", "te\x1bxt")]), lambda item: {"input": item})


def test_blocks_as_text(capsys):
    """
    In a pipe, blocks are plain lines with an empty line between them.
    """
    blocks(Screen("text"), ["a\x07", "b"])
    assert "a\\x07\n  label     te\\x1bxt\n\nb\n  label     te\\x1bxt\n" == capsys.readouterr().out


@pytest.mark.parametrize("items", [[], ["a"], ["a", "é\x9b"]])
def test_blocks_as_json(capsys, items):
    """
    JSON is one array, NDJSON one object a line, both in ASCII.
    """
    blocks(Screen("json"), items)
    out = capsys.readouterr().out
    assert out.isascii()
    assert [{"input": item} for item in items] == json.loads(out)
    blocks(Screen("ndjson"), items)
    out = capsys.readouterr().out
    assert out.isascii()
    assert [{"input": item} for item in items] == [json.loads(line) for line in out.splitlines()]


def test_table(capsys):
    """
    In a pipe, a table has aligned columns and no header; nothing is printed for no rows.
    """
    Screen("text").table(("a", "b"), [(("x", "1\x1b"), {}), (("long", ""), {})])
    Screen("text").table(("a", "b"), [])
    assert "x     1\\x1b\nlong\n" == capsys.readouterr().out


@pytest.mark.parametrize(("output_format", "out"), [("json", '{\n  "a": 1\n}\n'), ("ndjson", '{"a": 1}\n')])
def test_document(capsys, output_format, out):
    """
    One document is printed over several lines as JSON and on one line as NDJSON.
    """
    Screen(output_format).document({"a": 1})
    assert out == capsys.readouterr().out


def test_prose(capsys):
    """
    Prose keeps its lines in a pipe.
    """
    Screen("text").prose("one\n\ntwo\x1b")
    assert "one\n\ntwo\\x1b\n" == capsys.readouterr().out


@pytest.fixture
def terminal(monkeypatch):
    """Let outputs pass for a terminal of 40 columns."""

    def pass_for_terminal(*streams):
        for stream in streams:
            monkeypatch.setattr(stream, "isatty", lambda: True)

    for name, value in {"TERM": "xterm-256color", "COLUMNS": "40"}.items():
        monkeypatch.setenv(name, value)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return pass_for_terminal


def test_terminal(capsys, terminal):
    """
    On a terminal, blocks and tables have colours, and long texts wrap inside the width.
    """
    terminal(sys.stdout)
    screen = Screen("text")
    screen.blocks(["a"], lambda item: Block(item, "red", [("label", "word " * 20)]), lambda _: {})
    screen.blocks(["b"], Block, lambda _: {})
    screen.table(("name", "text"), [(("x", "word " * 20), {})])
    screen.prose("word " * 20)
    out = capsys.readouterr().out
    assert "\x1b[1;31ma\x1b[0m" in out
    assert "\x1b[1mb\x1b[0m" in out
    assert "\x1b[1mname" in out
    assert 40 >= max(len(line) for line in re.sub("\x1b[^m]*m", "", out).splitlines())


def test_prose_on_a_terminal(capsys, terminal):
    """
    On a terminal, the text after a label or a dash wraps with its indent.
    """
    terminal(sys.stdout)
    Screen("text").prose(f"Label     {'word ' * 9}\n  - {'word ' * 9}\n{'word ' * 9}")
    lines = re.sub("\x1b[^m]*m", "", capsys.readouterr().out).splitlines()
    assert ["Label     word", "          word", "  - word word ", "    word word ", "word word word", "word"] == [
        line[:14] if len(line) > 5 else line.strip() for line in lines
    ]


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour(capsys, terminal, monkeypatch, name, value):
    """
    NO_COLOR and a dumb terminal get no escape sequence at all.
    """
    terminal(sys.stdout)
    monkeypatch.setenv(name, value)
    blocks(Screen("text"), ["a"])
    assert "\x1b" not in capsys.readouterr().out


def test_progress_on_a_terminal(capsys, terminal):
    """
    On a terminal a bar is shown, and data printed meanwhile is whole.
    """
    terminal(sys.stdout, sys.stderr)
    screen = Screen("ndjson")
    with progress(screen, 10) as advance:
        screen.document({"a": 1})
        advance(5)
    out = capsys.readouterr().out
    assert '{"a": 1}' in out
    assert "reading" in out


def test_progress_on_standard_error(capsys, terminal):
    """
    If standard output is a pipe, the bar goes to standard error alone.
    """
    terminal(sys.stderr)
    screen = Screen("ndjson")
    with progress(screen, 10) as advance:
        screen.document({"a": 1})
        advance(10)
    out, err = capsys.readouterr()
    assert '{"a": 1}\n' == out
    assert "reading" in err


@pytest.mark.parametrize("total", [None, 10])
def test_no_progress(capsys, total):
    """
    In a pipe, and if the size is unknown, there is no bar.
    """
    with progress(Screen("text"), total) as advance:
        advance(5)
    assert ("", "") == capsys.readouterr()
