"""
Terminals: width, colours, links, and lines that break between words only.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from itertools import accumulate, takewhile
from typing import Final, NamedTuple, TextIO

from errortax.advice import cells, is_wide

_CODES: Final = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}
_FORCED: Final = ("FORCE_COLOR", "CLICOLOR_FORCE")
_CLOSING: Final = frozenset("、。」』")  # no line begins with these
NARROWEST: Final = 20  # columns; below that, a terminal wraps by itself


class Span(NamedTuple):
    """A piece of a line: its text, the names of its styles, and the address that it links to."""

    text: str
    style: str = ""
    link: str = ""


def is_terminal(stream: TextIO) -> bool:
    """
    Return whether *stream* is a terminal that understands escape sequences.
    """
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def has_colours(stream: TextIO) -> bool:
    """
    Return whether to write colours to *stream*: to a terminal, or if the environment asks for them, and never against NO_COLOR.
    """
    if os.environ.get("NO_COLOR"):  # see no-color.org; without colours there is no bold and dim
        return False
    if not (is_terminal(stream) or any(os.environ.get(name, "0") not in ("", "0") for name in _FORCED)):
        return False
    with suppress(ImportError):  # click installs it on Windows, where older consoles need it; elsewhere it does nothing
        import_module("colorama").just_fix_windows_console()
    return True


def columns() -> int:
    """
    Return the width of the terminal.
    """
    return max(NARROWEST, shutil.get_terminal_size().columns)


def painted(span: Span) -> str:
    """
    Return the text of *span* with the escape sequences for its styles and its link (OSC 8).
    """
    codes = ";".join(_CODES[name] for name in span.style.split())
    text = f"\x1b[{codes}m{span.text}\x1b[0m" if codes else span.text
    return f"\x1b]8;;{span.link}\x1b\\{text}\x1b]8;;\x1b\\" if span.link else text


def wrapped(text: str, width: int) -> Iterator[str]:
    """
    Yield *text* in lines of at most *width* columns, broken at blanks and around wide characters.

    A longer word, such as a code or an address, stays whole: broken, it could not be copied.
    """
    line = ""
    for word in _words(text):
        if line and cells(line) + cells(word.rstrip()) > width:
            yield line.rstrip()
            line = ""
        line += word
    yield line.rstrip()


def _words(text: str) -> Iterator[str]:
    """Yield words with the blanks behind them; a wide character is a word, since its language has no blanks."""
    word = ""
    for char in text:
        is_inside = char in _CLOSING or not (is_wide(word[-1:]) or is_wide(char))
        if word and char != " " and (word[-1] == " " or not is_inside):
            yield word
            word = ""
        word += char
    yield word


def narrowed(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> tuple[list[list[str]], int]:
    """
    Return header and rows with as many columns as fit into *width*, and the room for the last column.

    All but the first two columns are dispensable, from the right. The last column has to have some room; those that come to its
    place have to fit.
    """
    table = [[*header], *([*row] for row in rows)]
    while True:
        widths = [max(map(cells, column)) for column in zip(*table, strict=True)]
        room = width - sum(size + 2 for size in widths[:-1])
        needed = min(widths[-1], NARROWEST) if len(widths) == len(header) else widths[-1]
        if room >= needed or len(widths) <= 2:
            return table, room
        table = [row[:-1] for row in table]


def fitted(header: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """
    Return header and rows as lines of cells that fit into *width* columns, all but the first two columns dispensable.

    The last column is cut if enough of it remains, else dropped, and then the next one from the right. Cells in the other
    columns stay whole.
    """
    table, room = narrowed(header, rows, width)
    return table if len(table[0]) <= 2 else [[*row[:-1], _cut(row[-1], room)] for row in table]


def _cut(text: str, room: int) -> str:
    if cells(text) <= room:
        return text
    kept = sum(1 for _ in takewhile(lambda size: size < room, accumulate(map(cells, text))))
    return f"{text[:kept].rstrip()}…"
