from __future__ import annotations

import json
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax.cli.screen import Block, Row, Screen, note, printable, progress
from errortax.cli.terminal import Span


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
    screen.blocks(
        items,
        lambda item: Block([Span(item, "red")], "pl\x1bace", [Row("label", "te\x1bxt", "green")]),
        lambda item: {"input": item},
    )


def test_blocks_as_text(capsys):
    """
    In a pipe, blocks are plain lines with an empty line between them.
    """
    blocks(Screen("text"), ["a\x07", "b"])
    assert "a\\x07\n  pl\\x1bace\n  label     te\\x1bxt\n\nb\n  pl\\x1bace\n  label     te\\x1bxt\n" == capsys.readouterr().out


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
    In a pipe, texts and tables keep their lines, whatever they contain.
    """
    screen = Screen("text")
    screen.line("one\x1b")
    screen.text("  - ", "two\x1b " * 20)
    screen.text("  ", "")
    screen.columns("  ", [["a", "b", "three " * 20], ["日本", "", "c\x1b"]])
    two, three = ("two\\x1b " * 20).rstrip(), ("three " * 20).rstrip()
    assert f"one\\x1b\n  - {two}\n\n  a     b  {three}\n  日本     c\\x1b\n" == capsys.readouterr().out


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
    rows = [Row("label", "word " * 20, "green"), Row("", "see https://a.example/b")]
    screen.blocks(
        ["a"], lambda item: Block([Span(item, "bold red"), Span("word " * 5), Span("word " * 5)], "", rows), lambda _: {}
    )
    screen.blocks(["b"], lambda item: Block([Span(item, "bold")]), lambda _: {})
    screen.table(("name", "code", "text"), [(("x", "y", "word " * 20), {})])
    screen.text("", "word " * 20)
    screen.text("Label     ", "word")
    out = capsys.readouterr().out
    assert "\x1b[1;31ma\x1b[0m" in out
    assert "\x1b[1mb\x1b[0m" in out
    assert "\x1b[1mname" in out
    assert "\x1b[2m  label     \x1b[0m\x1b[32mword\x1b[0m word" in out
    assert "\x1b]8;;https://a.example/b\x1b\\https://a.example/b\x1b]8;;\x1b\\" in out
    plain = re.sub(r"\x1b\[[^m]*m|\x1b\]8;;.*?\x1b\\", "", out)
    assert 40 >= max(map(len, plain.splitlines()))


def shown(capsys):
    """Return the lines on the terminal without their colours."""
    return re.sub("\x1b\\[[^m]*m", "", capsys.readouterr().out).splitlines()


def test_prose_on_a_terminal(capsys, terminal):
    """
    On a terminal, a text wraps behind its label; a label that leaves too little room for it is on a line of its own.
    """
    terminal(sys.stdout)
    screen, words = Screen("text"), "word " * 9
    screen.text("Label     ", words)
    screen.text("  - ", words)
    screen.text("  A long label indeed  ", words)
    screen.text("  A long label indeed  ", "word")
    screen.text(" " * 30, "word " * 3)
    screen.line(words)
    five, seven = "word word word word word", "word word word word word word word"
    assert [
        f"Label     {five} word",
        "          word word word",
        f"  - {seven}",
        "    word word",
        "  A long label indeed",
        f"    {seven}",
        "    word word",
        "  A long label indeed  word",
        f"{' ' * 30}word word",
        f"{' ' * 30}word",
        words,
    ] == shown(capsys)


def test_columns_on_a_terminal(capsys, terminal):
    """
    On a terminal, the last cells of a table wrap; if there is no room for them, columns are dropped from the right.
    """
    terminal(sys.stdout)
    Screen("text").columns("  ", [["code", "vendor", "word " * 6], ["日本", "b", "c"]])
    Screen("text").columns("  ", [["code", "a" * 9, "b" * 9, "word " * 6]])
    Screen("text").columns("  ", [["code", "a" * 50, "word"]])
    assert [
        "  code  vendor  word word word word word",
        "                word",
        "  日本  b       c",
        "  code  aaaaaaaaa  bbbbbbbbb",
        "  code",
        f"    {'a' * 50}",
    ] == shown(capsys)


@pytest.mark.parametrize("around", ["{},", "{}.", "({})", "({}).", "“{}”", '"{}",', "<{}>", "{}。次", "{}"])
@pytest.mark.parametrize("address", ["https://a.example/b?c=d,e#f.g", "http://a.example/"])
def test_links(capsys, terminal, around, address):
    """
    The link to an address has none of the punctuation of the sentence around it.
    """
    terminal(sys.stdout)
    Screen("text").text("", around.format(address))
    assert [address] == re.findall(r"\x1b]8;;(.+?)\x1b\\", capsys.readouterr().out)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_no_colour(capsys, terminal, monkeypatch, name, value):
    """
    NO_COLOR and a dumb terminal get no escape sequence at all.
    """
    terminal(sys.stdout)
    monkeypatch.setenv(name, value)
    blocks(Screen("text"), ["a"])
    Screen("text").table(("name", "text"), [(("x", "y"), {})])
    assert "\x1b" not in capsys.readouterr().out


def test_progress_on_a_terminal(capsys, terminal, monkeypatch):
    """
    On a terminal a bar is shown after a moment, and erased before data or a note is printed.
    """
    terminal(sys.stdout, sys.stderr)
    times = iter([0.0, 0.01, 1.0, 1.0, 1.01, 2.0])
    monkeypatch.setattr("errortax.cli.screen.monotonic", lambda: next(times))
    screen = Screen("ndjson")
    with progress(10, "writing") as advance:
        advance(1)
        assert not capsys.readouterr().err
        advance(5)
        assert f"\r\x1b[2Kwriting [{'#' * 15}{' ' * 15}]  50%" == capsys.readouterr().err
        screen.document({"a": 1})
        assert ('{"a": 1}\n', "\r\x1b[2K") == capsys.readouterr()
        advance(6)
        assert " 60%" in capsys.readouterr().err
        note("b")
        assert "\r\x1b[2Kb\n" == capsys.readouterr().err
        advance(20)
        assert not capsys.readouterr().err.endswith("\r\x1b[2K")
    assert "\r\x1b[2K" == capsys.readouterr().err


def test_progress_on_standard_error(capsys, terminal, monkeypatch):
    """
    If standard output is a pipe, the bar stays while data is printed.
    """
    terminal(sys.stderr)
    times = iter([0.0, 1.0])
    monkeypatch.setattr("errortax.cli.screen.monotonic", lambda: next(times))
    with progress(10) as advance:
        advance(10)
        assert "reading" in capsys.readouterr().err
        Screen("ndjson").document({"a": 1})
        assert ('{"a": 1}\n', "") == capsys.readouterr()


@pytest.mark.parametrize("total", [None, 0, 10])
def test_no_progress(capsys, total):
    """
    In a pipe, and if the size is unknown, there is no bar.
    """
    with progress(total) as advance:
        advance(5)
    assert ("", "") == capsys.readouterr()
