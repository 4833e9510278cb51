"""
What a text means that is written with escapes, as JSON, URLs, HTML, Python and terminals write texts.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import Final

from attrs import frozen

_ESCAPE: Final = re.compile(
    r"\\(?:u[0-9A-Fa-f]{4}|[\"'/\\`bfnrt])"  # RFC 8259 section 7
    r"|(?P<mark>%|\\x)(?:[0-7][0-9A-Fa-f]|[89A-Fa-f][0-9A-Fa-f](?:(?P=mark)[89A-Fa-f][0-9A-Fa-f])*)"  # RFC 3986 section 2.1
    r"|&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|quot|apos|amp|lt|gt|nbsp);"
    r"|[\x1b\ufffd]\[[0-9;]{0,32}m"  # a colour of a terminal
    r"|[\u00ad\u200b-\u200d\u2060\ufeff]+"  # takes no room
)
_LEAST: Final = 4  # characters; a shorter text is everywhere
_SIMPLE: Final = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": " "}
_CONTROLS: Final = dict.fromkeys((*range(32), 127), " ")  # no line feed, since a value may have it


@frozen
class Unescaped:
    """
    Hold a *text* without its escapes; *places* in it and their *origins* in the text with them say where each escape was.

    *parts* is as long, but has line feeds for the double quotes that were not escaped: what they enclose is a text of its own.
    """

    text: str
    parts: str
    places: list[int]
    origins: list[int]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Return from where to where the characters from *start* to *end* of the text were before."""
        first, last = bisect_right(self.places, start) - 1, bisect_left(self.places, end)
        if last == len(self.places) or self.places[last] > end:
            last -= 1
        return self.origins[first] + start - self.places[first], self.origins[last] + end - self.places[last]


def unescaped(written: str) -> Unescaped | None:
    """
    Return what a text means that is *written* with escapes; None if it has none. A control becomes a blank or a line feed.
    """
    text: list[str] = []
    parts: list[str] = []
    places, origins = [0], [0]
    done = length = 0
    for found in _ESCAPE.finditer(written):
        start, end = found.span()
        meaning = _meaning(found[0])
        between = written[done:start]
        text += between, meaning
        parts += between.replace('"', "\n"), meaning
        length += start - done
        places += length, length + len(meaning)
        origins += start, end
        length += len(meaning)
        done = end
    if not done:
        return None
    between = written[done:]
    return Unescaped("".join(text) + between, "".join(parts) + between.replace('"', "\n"), places, origins)


def every_meaning(value: str, levels: int) -> Iterator[str]:
    """
    Yield a *value*, and what it means if it happens to have escapes itself.
    """
    yield value
    if levels and (meant := unescaped(value)) is not None and len(meant.text) >= _LEAST:
        yield from every_meaning(meant.text, levels - 1)


def _meaning(escape: str) -> str:
    if escape.startswith(("%", "\\x")):
        text = bytes.fromhex(escape.replace("%", "").replace("\\x", "")).decode(errors="replace")
    elif escape.startswith("\\u"):
        text = chr(int(escape.removeprefix("\\u"), 16))
    elif escape.startswith("\\"):
        return _SIMPLE.get(escape[1], escape[1])
    elif escape.startswith("&"):
        from html import unescape  # its table takes long to import

        text = unescape(escape)
    else:
        return ""
    return text.translate(_CONTROLS)
