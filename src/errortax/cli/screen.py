"""
Output: data to standard output, notes to standard error; in colour on a terminal, plain in a pipe.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TextIO, TypeVar

from attrs import frozen

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

FORMATS: Final = ("text", "json", "ndjson")

_LABEL_WIDTH: Final = 10
_LABEL: Final = re.compile(r" *- |\w[\w ]{,12}?  +")

_Item = TypeVar("_Item")


@frozen
class Block:
    """One piece of text output: a headline with its colour, and rows of label and text."""

    headline: str
    colour: str = ""
    rows: Sequence[tuple[str, str]] = ()


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
    for line in text.splitlines():
        print(printable(line), file=sys.stderr, flush=True)


class Screen:
    """Print values in one of the formats to standard output."""

    def __init__(self, output_format: str) -> None:
        self.output_format = output_format
        self.console = _console(sys.stdout) if sys.stdout.isatty() else None
        self._printed = 0

    def blocks(
        self, items: Iterable[_Item], block: Callable[[_Item], Block], document: Callable[[_Item], Mapping[str, Any]]
    ) -> None:
        """
        Print *items* one by one: as text, the *block* of each, or as JSON, the *document* of each.
        """
        if self.output_format != "text":
            self._records(map(document, items))
            return
        for item in items:
            self._block(block(item))

    def table(self, header: Sequence[str], items: Sequence[tuple[Sequence[str], Mapping[str, Any]]]) -> None:
        """
        Print items as a table or as JSON; in a pipe the table has no header.
        """
        if self.output_format != "text":
            self._records(document for _, document in items)
            return
        rows = [[printable(cell) for cell in cells] for cells, _ in items]
        if self.console is not None:
            _print_table(self.console, header, rows)
            return
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        for row in rows:
            self._line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())

    def messages(self, items: Iterable[tuple[str, Mapping[str, Any]]]) -> None:
        """
        Print items one by one: as text, unchanged and with a blank line between them, or as JSON.
        """
        if self.output_format != "text":
            self._records(document for _, document in items)
            return
        for text, _ in items:
            if self._printed:
                self._line("")
            self._printed += 1
            for line in text.split("\n"):
                self._line(printable(line))

    def document(self, document: object) -> None:
        """
        Print one JSON document.
        """
        self._line(json.dumps(document, indent=None if self.output_format == "ndjson" else 2))

    def prose(self, text: str) -> None:
        """
        Print text that has its layout already; on a terminal, wrap long lines with their indent.
        """
        for line in map(printable, text.splitlines()):
            if self.console is None:
                self._line(line)
            else:
                _print_line(self.console, line)

    def _records(self, documents: Iterable[Mapping[str, Any]]) -> None:
        if self.output_format == "ndjson":
            for document in documents:
                self._line(json.dumps(document))
            return
        separator = "["
        for document in documents:
            self._line(separator + "\n" + json.dumps(document, indent=2))
            separator = ","
        self._line("]" if separator == "," else "[]")

    def _line(self, text: str) -> None:
        if self.console is None:
            sys.stdout.write(text + "\n")
        else:
            self.console.out(text, highlight=False)  # rich moves a progress bar on the same terminal

    def _block(self, block: Block) -> None:
        if self._printed:
            self._line("")
        self._printed += 1
        headline, rows = printable(block.headline), [(label, printable(text)) for label, text in block.rows]
        if self.console is not None:
            _print_block(self.console, Block(headline, block.colour, rows))
            return
        self._line("\n".join([headline, *(f"  {label:{_LABEL_WIDTH}}{text}" for label, text in rows)]))


def _console(file: TextIO) -> Console:
    from rich.console import Console  # takes 60 ms, which a pipe does not need

    plain = bool(os.environ.get("NO_COLOR"))  # see no-color.org; without colours there is no bold and dim
    return Console(file=file, color_system=None if plain else "auto", markup=False, emoji=False, highlight=False)


def _print_block(console: Console, block: Block) -> None:
    from rich.text import Text  # see _console

    console.print(Text(block.headline, style=f"bold {block.colour}".strip(), overflow="fold"))
    console.print(_grid([(f"  {label:{_LABEL_WIDTH}}", text) for label, text in block.rows]))


def _grid(rows: Iterable[tuple[str, str]]) -> Table:
    from rich.table import Table  # see _console

    grid = Table.grid()
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for row in rows:
        grid.add_row(*row)
    return grid


def _print_line(console: Console, line: str) -> None:
    label = _LABEL.match(line)
    if label is None:
        console.print(line)
        return
    console.print(_grid([(label[0], line[label.end() :])]))


def _print_table(console: Console, header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich.table import Table  # see _console

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in header:
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*row)
    console.print(table)


@contextmanager
def progress(screen: Screen, total: int | None) -> Generator[Callable[[int], None]]:
    """
    Show a progress bar during the context if standard error is a terminal; call the value with each new position.
    """
    if total is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.progress import Progress  # see _console

    console = screen.console or _console(sys.stderr)  # two terminals are the same one, so they must share it
    with Progress(console=console, transient=True, redirect_stdout=False) as bar:
        task = bar.add_task("reading", total=total)
        yield lambda position: bar.update(task, completed=position)
