"""
Take the wrapping off a pasted response: what curl, wget, mitmproxy, logs, mails and browsers put around its lines.

Each unwrapper returns the messages as they went over the wire, or None if the text is not wrapped in its way. A text has one
character for each byte (Latin-1), so that every body survives.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import Final

_FENCE: Final = ("```", "~~~")
_CURL: Final = re.compile(r"^< HTTP/\d", re.MULTILINE)
_CURL_SIZE: Final = re.compile(r"[{}] \[\d+ bytes data\]")
_CURL_END: Final = re.compile(r"\* (?:Connection #\d+ to host|Closing connection|shutting down connection) ?[^\n]*\s*\Z")
_WGET: Final = "awaiting response..."
_MITMPROXY: Final = re.compile(r"^ *<< (?:HTTP/(\d(?:\.\d)?) )?(\d{3}\b[^\n]*)\n?", re.MULTILINE)
_ESCAPED_BLANK_LINE: Final = re.compile(r"\\r\\n\\r\\n|\\n\\n")
_FIELD: Final = re.compile(r":?[\w-]+:")
_STATUS_FIELD: Final = re.compile(r":?status: *(\d{3}\b.*)", re.IGNORECASE)


def unwrapped(text: str) -> str:
    """
    Return the messages in *text* as they went over the wire.
    """
    text = _dedented(_without_fence(text))
    return next((found for unwrap in _UNWRAPPERS if (found := unwrap(text)) is not None), text)


def _lines(text: str) -> list[str]:
    """Return the lines of *text* with their ends; bytes that only Unicode knows as line ends are not."""
    return [line for line in re.split(r"(?<=\n)", text) if line]


def _without_fence(text: str) -> str:
    """Return the contents of a fenced block of Markdown."""
    lines = _lines(text.strip())
    if len(lines) < 2 or not lines[0].startswith(_FENCE) or lines[-1].strip() not in _FENCE:
        return text
    return "".join(lines[1:-1])


def _dedented(text: str) -> str:
    """Return *text* without the blanks at the beginning of its first line, where other lines begin with them, too."""
    text = text.lstrip("\r\n")
    margin = text[: len(text) - len(text.lstrip(" \t"))]
    return "".join(line.removeprefix(margin) for line in _lines(text)) if margin else text


def _from_curl(text: str) -> str | None:
    """Read ``curl -v``: ``*`` begins talk, ``>`` the request, ``<`` the response; the body follows unmarked."""
    if _CURL.search(text) is None:
        return None
    tail = _CURL_END.search(text, max(0, len(text) - 300))
    return "".join(_lines_of_curl(_lines(text if tail is None else text[: tail.start()])))


def _lines_of_curl(lines: Iterable[str]) -> Iterator[str]:
    is_body = False
    for line in lines:
        mark, content = line[:1], line[2:]
        if mark in "<>" and (not is_body or content.startswith("HTTP/") or mark == ">"):
            is_body = False
            yield content if content.strip() else "\r\n"
        elif not (mark == "*" or _CURL_SIZE.match(line)):
            is_body = True
            yield line


def _from_wget(text: str) -> str | None:
    """Read ``wget -S``: the head is indented below a line of talk, and there is no body."""
    heads: list[str] = []
    for talk in text.split(_WGET)[1:]:
        heads += [*(line.strip() + "\r\n" for line in takewhile(lambda line: line.startswith("  "), _lines(talk)[1:])), "\r\n"]
    return "".join(heads) or None


def _from_mitmproxy(text: str) -> str | None:
    """Read ``mitmdump``: a line with ``<<``, and below it fields and body, indented."""
    found = _MITMPROXY.search(text)
    return None if found is None else f"HTTP/{found[1] or '1.1'} {found[2]}\n{_dedented(text[found.end() :])}"


def _from_quotation(text: str) -> str | None:
    """Read a mail: ``>`` begins each line."""
    lines = _lines(text)
    if not lines or not all(line.startswith(">") for line in lines if not line.isspace()):
        return None
    return "".join(line.removeprefix(">").removeprefix(" ") for line in lines)


def _from_log(text: str) -> str | None:
    """Read a log: line ends are written as escapes, and the whole may stand in quotation marks."""
    text = text.strip()
    bare = re.sub(r"""\Ab?["']|["']\Z""", "", text)
    blank = _ESCAPED_BLANK_LINE.search(bare)
    if not bare.startswith("HTTP/") or blank is None or "\n" in bare[: blank.start()]:
        return None
    head = re.sub(r"\\r\\n|\\n", "\r\n", bare[: blank.start()])
    return f"{head}\r\n\r\n{_unescaped(bare[blank.end() :])}"


def _unescaped(body: str) -> str:
    """Return *body* with its escapes replaced; those of a body that is JSON already are its own."""
    if _is_json(body):
        return body
    text = body.encode("latin-1").decode("utf-8", "replace")
    try:
        unescaped = str(json.loads(f'"{text}"', strict=False))
    except ValueError:
        return body
    return unescaped.encode("utf-8", "replace").decode("latin-1")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _from_fields(text: str) -> str | None:
    """Read header fields alone, from a browser (``:status``) or a CGI script (``Status``)."""
    lines = _lines(text)
    for number, line in enumerate(takewhile(_FIELD.match, lines)):
        if status := _STATUS_FIELD.fullmatch(line.strip()):
            return "".join([f"HTTP/1.1 {status[1]}\r\n", *lines[:number], *lines[number + 1 :]])
    return None


_UNWRAPPERS: Final[tuple[Callable[[str], str | None], ...]] = (
    _from_curl,
    _from_wget,
    _from_mitmproxy,
    _from_quotation,
    _from_log,
    _from_fields,
)
