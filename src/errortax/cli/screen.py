"""
Output: data to standard output, notes to standard error; in colour and wrapped on a terminal, plain in a pipe.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import monotonic
from typing import Any, Final, TypeVar

from attrs import frozen

from errortax.advice import cells, padded
from errortax.cli.terminal import NARROWEST, Span, columns, fitted, has_colours, is_terminal, narrowed, painted, wrapped

FORMATS: Final = ("text", "json", "ndjson")
LINE: Final = "line"
"""The format with one line of text for each item, which only some commands have."""

_LABEL_WIDTH: Final = 10
_ADDRESS: Final = re.compile(r"https?://[!-~]*[\w/#=&~%+*$@-]", re.ASCII)  # no punctuation of the sentence
_REDRAW: Final = 0.1  # seconds between two states of a progress bar
_ERASE: Final = "\r\x1b[2K"

_Item = TypeVar("_Item")


@frozen
class Row:
    """Hold a row of a block: a label, a text, and the style of the text's first word."""

    label: str
    text: str
    style: str = ""


@frozen
class Block:
    """Hold one piece of text output: a headline, a place below it, and rows; *line* says all of it in one line."""

    headline: Sequence[Span]
    place: str = ""
    rows: Sequence[Row] = ()
    line: str = ""


def printable(text: str) -> str:
    """
    Return *text* with escapes for all characters that could control a terminal or mislead the eye; blanks stay.
    """
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else " " if char.isspace() else _written_out(char) for char in text)


def _written_out(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def note(text: str) -> None:
    """
    Print a note to standard error, line by line.
    """
    _bar.hide()
    for line in text.splitlines():
        print(printable(line), file=sys.stderr, flush=True)


class Screen:
    """Print values in one of the formats to standard output."""

    def __init__(self, output_format: str) -> None:
        self.output_format = output_format
        self._has_colours = output_format in ("text", LINE) and has_colours(sys.stdout)
        self._width = columns() if sys.stdout.isatty() else None
        self._printed = 0

    def blocks(
        self, items: Iterable[_Item], block: Callable[[_Item], Block], document: Callable[[_Item], Mapping[str, Any]]
    ) -> None:
        """
        Print *items* one by one: as text, the *block* of each, or as JSON, the *document* of each.
        """
        if self.output_format == LINE:
            for item in items:
                self._write(printable(block(item).line))
        elif self.output_format == "text":
            for item in items:
                self._write("\n".join(self._lines_of(block(item))))
        else:
            self._records(map(document, items))

    def table(self, header: Sequence[str], items: Sequence[tuple[Sequence[str], Mapping[str, Any]]]) -> None:
        """
        Print items as a table or as JSON.

        On a terminal the table has a header and fits: columns are dropped from the right, except the first two.
        """
        if self.output_format != "text":
            self._records(document for _, document in items)
            return
        rows: Sequence[Sequence[str]] = [[printable(cell) for cell in row] for row, _ in items]
        if self._width is not None:
            header, *rows = fitted(header, rows, self._width)
            rows = [header, *rows]
        for number, row in enumerate(padded(rows)):
            self._write(self._painted(Span("  ".join(row).rstrip(), "bold" if self._width is not None and not number else "")))

    def messages(self, items: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """
        Print items one by one: as text, unchanged and with a blank line between them, or as JSON.
        """
        if self.output_format != "text":
            self._records(document for _, document in items)
            return
        for text, _ in items:
            self._write("\n".join([*self._gap(), *map(printable, text.split("\n"))]))

    def document(self, document: object) -> None:
        """
        Print one JSON document.
        """
        self._write(json.dumps(document, indent=None if self.output_format == "ndjson" else 2))

    def line(self, text: str) -> None:
        """
        Print a line as it is, however long.
        """
        self._write(printable(text))

    def text(self, label: str, text: str) -> None:
        """
        Print a text behind its *label*; on a terminal, wrap it and indent all further lines as far.
        """
        self._write("\n".join(line.rstrip() for line in self._wrapped(printable(label), printable(text))))

    def columns(self, indent: str, rows: Sequence[Sequence[str]]) -> None:
        """
        Print a table without a header, whose last cells may wrap; on a terminal it loses columns from the right to fit.
        """
        table = [[*map(printable, row)] for row in rows]
        if self._width is not None:
            [_, *table], _ = narrowed([""] * len(table[0]), table, self._width - cells(indent))
        for *first, last in padded(table):
            label = indent + "".join(f"{cell}  " for cell in first)
            self._write("\n".join(self._wrapped(label, last.rstrip(), label_style="")))

    def _records(self, documents: Iterable[Mapping[str, Any]]) -> None:
        if self.output_format == "ndjson":
            for document in documents:
                self._write(json.dumps(document))
            return
        separator = "["
        for document in documents:
            self._write(separator + "\n" + json.dumps(document, indent=2))
            separator = ","
        self._write("]" if separator == "," else "[]")

    def _lines_of(self, block: Block) -> Iterator[str]:
        yield from self._gap()
        spans = [span._replace(text=printable(span.text)) for span in block.headline]
        if self._width is None or cells("  ".join(span.text for span in spans)) <= self._width:
            yield "  ".join(map(self._painted, spans))
        else:
            yield from (self._painted(span) for span in spans)
        if block.place:
            place = printable(block.place)
            lines = [place] if self._width is None else wrapped(place, self._width - 2)
            yield from (self._painted(Span(f"  {line}", "dim")) for line in lines)
        width = max([_LABEL_WIDTH, *(cells(row.label) + 2 for row in block.rows)])
        for row in block.rows:
            label = f"  {row.label}{' ' * (width - cells(row.label))}"
            yield from self._wrapped(label, printable(row.text), row.style)

    def _gap(self) -> Iterator[str]:
        if self._printed:
            yield ""
        self._printed += 1

    def _wrapped(self, label: str, text: str, style: str = "", label_style: str = "dim") -> Iterator[str]:
        """
        Yield *text* with its *label*, on a terminal in lines that fit, the further ones indented.

        If a label leaves too little room, it has a line of its own.
        """
        indent = " " * cells(label)
        if self._width is not None and _is_too_long(label, text, self._width):
            yield self._painted(Span(label.rstrip(), label_style))
            indent = label = f"{label[: -len(label.lstrip())]}  "
        first, *others = [text] if self._width is None else wrapped(text, self._width - cells(label))
        if not self._has_colours:
            yield label + first
            yield from (indent + line for line in others)
            return
        word, blank, rest = first.partition(" ") if style else ("", "", first)
        yield painted(Span(label, label_style)) + painted(Span(word, style)) + blank + _linked(rest)
        yield from (indent + _linked(line) for line in others)

    def _painted(self, span: Span) -> str:
        return painted(span) if self._has_colours else span.text

    def _write(self, text: str) -> None:
        if self._width is not None:
            _bar.hide()
        sys.stdout.write(text + "\n")


def _is_too_long(label: str, text: str, width: int) -> bool:
    """Return whether a label leaves too little room for its text, or none for the first word of it."""
    room = width - cells(label)
    return bool(label.strip()) and room < min(cells(text), max(NARROWEST, cells(next(wrapped(text, room)))))


def _linked(text: str) -> str:
    """Return *text* with links to the addresses in it."""
    return _ADDRESS.sub(lambda found: painted(Span(found[0], link=found[0])), text) if "://" in text else text


class _Bar:
    """A progress bar on standard error, redrawn a few times a second and erased before anything else is printed there."""

    def __init__(self) -> None:
        self._is_shown = False
        self._drawn_at = 0.0

    def begin(self) -> None:
        """Let some time pass before the first bar: short work needs none."""
        self._drawn_at = monotonic()

    def draw(self, verb: str, share: float) -> None:
        """Show which *share* of the work is done, unless the bar was drawn just before."""
        now = monotonic()
        if now - self._drawn_at >= _REDRAW:
            done = int(30 * share)
            print(f"{_ERASE}{verb} [{'#' * done}{' ' * (30 - done)}] {share:4.0%}", end="", file=sys.stderr, flush=True)
            self._drawn_at, self._is_shown = now, True

    def hide(self) -> None:
        """Erase the bar, if it is shown."""
        if self._is_shown:
            sys.stdout.flush()
            print(_ERASE, end="", file=sys.stderr, flush=True)
            self._is_shown, self._drawn_at = False, 0.0  # it comes back behind what is printed now


_bar: Final = _Bar()


@contextmanager
def progress(total: int | None, verb: str = "reading") -> Generator[Callable[[int], None]]:
    """
    Show a progress bar during the context if standard error is a terminal; call the value with each new position.

    *verb* says what goes on.
    """
    if not total or not is_terminal(sys.stderr):
        yield lambda _: None
        return
    _bar.begin()
    try:
        yield lambda position: _bar.draw(verb, min(1.0, position / total))
    finally:
        _bar.hide()
