"""
HTTP messages as tools print them: HTTP/1.0 to HTTP/3, CRLF or LF, with requests, chains of responses and chunks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from errortax.cli.pasted import unwrapped
from errortax.cli.readings import Assumptions, Complaint, NotAResponseError, Reading, Source
from errortax.http import RawResponse

READ_LIMIT: Final = 4 * 1024 * 1024  # bytes; far more than the cap on bodies, so that it changes no outcome

_VERSION: Final = r"HTTP/\d(?:\.\d)?"
_STATUS: Final = rf"{_VERSION} (\d{{3}})(?: ([^\n]*)|\r?)(?:\n|\Z)"
_REQUEST: Final = rf"([A-Z]{{3,20}}) (\S{{1,8192}}) {_VERSION}\r?(?:\n|\Z)"
_STATUS_LINE: Final = re.compile(_STATUS)
_ANY_STATUS_LINE: Final = re.compile(f"^{_STATUS}", re.MULTILINE)
_MESSAGE: Final = re.compile(f"{_STATUS}|{_REQUEST}")
_ANY_MESSAGE: Final = re.compile(f"^(?:{_STATUS}|{_REQUEST})", re.MULTILINE)
_FIELD: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)", re.DOTALL)  # RFC 9112 §5: a token, and at once the colon
_LOST_LINE_ENDS: Final = re.compile(r'[\w-]+: |[{<"]|\\[rn]')
_CHUNK: Final = re.compile(r"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\n]*)?\r?\n")
_SPACE: Final = re.compile(r"\s*")
_LINE_END: Final = re.compile(r"\r?\n?")
_CHALLENGES: Final = {401: "www-authenticate", 407: "proxy-authenticate"}
_DECODER: Final = json.JSONDecoder()


class _Request(NamedTuple):
    """The parts of a request head that say something about the response behind it."""

    method: str | None = None
    url: str | None = None


class _Message(NamedTuple):
    """One response: the line where it begins, its reason phrase, and remarks about how it was read."""

    line: int
    reason: str
    response: RawResponse
    remarks: tuple[str, ...]


def looks_like_http(data: bytes) -> bool:
    """
    Return whether a line of *data* begins a message, inside the wrapping that tools put around it.
    """
    return _ANY_MESSAGE.search(unwrapped(data.decode("latin-1"))) is not None


def read_http(source: Source, assumptions: Assumptions) -> Iterator[Reading | Complaint]:
    """
    Yield the responses, and a complaint about each part that is not read as it is.

    Interim responses, redirects, challenges and a proxy's answer to ``CONNECT`` are steps to the response behind them.
    """
    try:
        text = unwrapped(source.read_all(READ_LIMIT).decode("latin-1"))  # one character for each byte
        found = [*_messages(text, assumptions.url)]
    except NotAResponseError as error:
        yield Complaint(source.name, str(error))
        return
    if text[: _start(text)].strip():
        yield Complaint(source.name, "the text before the first message is not read", fatal=False)
    steps = [_is_step(one, behind) for one, behind in zip(found, [*found[1:], None], strict=True)]
    are_many = steps.count(False) > 1
    for message, is_step in zip(found, steps, strict=True):
        where = f"{source.name}:{message.line}" if are_many else source.name
        if not is_step:
            yield from (Complaint(where, remark, fatal=False) for remark in message.remarks)
            yield Reading(where, message.response)
        elif message.response.status in _CHALLENGES:
            challenge = (
                f"line {message.line}: the challenge of HTTP {message.response.status} is met by the next response; skipped"
            )
            yield Complaint(where, challenge, fatal=False)


def _start(text: str) -> int:
    found = _ANY_MESSAGE.search(text)
    if found is None:
        raise NotAResponseError("no HTTP status line such as 'HTTP/1.1 404 Not Found'; save it with `curl -i`")
    return found.start()


def _is_step(message: _Message, behind: _Message | None) -> bool:
    """Return whether a client goes on from this response to the one *behind* it by itself."""
    status = message.response.status
    if behind is None or status is None:
        return False
    is_tunnel = 200 <= status < 300 and "established" in message.reason.lower()
    return is_tunnel or status < 200 or 300 <= status < 400 or _CHALLENGES.get(status, "-") in message.response.headers


def _messages(text: str, url: str | None) -> Iterator[_Message]:
    at, line, counted, request = _start(text), 1, 0, _Request()
    while at < len(text):
        line, counted = line + text.count("\n", counted, at), at
        status_line = _STATUS_LINE.match(text, at)
        if status_line is None:
            request, at = _request(text, at)
            continue
        if _LOST_LINE_ENDS.search(status_line[2] or ""):
            raise NotAResponseError(f"line {line}: a header field or a body in the status line; have the line ends been lost?")
        fields, body_at, remarks = _head(text, status_line.end(), len(text), line)
        body, at, more = _body(text, body_at, {name.lower(): value for name, value in fields}, int(status_line[1]))
        response = RawResponse(
            status=int(status_line[1]),
            headers=[(name.encode("latin-1"), value.encode("latin-1")) for name, value in fields],
            body=body.encode("latin-1"),
            url=request.url or url,
            method=request.method,
        )
        yield _Message(line, status_line[2] or "", response, (*remarks, *more))


def _request(text: str, at: int) -> tuple[_Request, int]:
    """Return the parts of the request that begins *at* and the place of the next response."""
    line = _MESSAGE.match(text, at)
    behind = _ANY_STATUS_LINE.search(text, at)
    if line is None or behind is None:
        raise NotAResponseError("a request without a response; save the response with `curl -i`")
    method, target = line[3], line[4]
    fields, _, _ = _head(text, line.end(), behind.start(), 1)
    host = next((value for name, value in fields if name.lower() == "host"), None)
    if target.startswith("/") and host:
        target = f"https://{host}{target}"
    return _Request(method, target if "://" in target else None), behind.start()


def _head(text: str, at: int, stop: int, line: int) -> tuple[list[tuple[str, str]], int, tuple[str, ...]]:
    """
    Return the header fields between *at* and *stop*, the place of the body, and remarks.

    *line* is the number of the line before. A line that begins like JSON or HTML is the body of a response that lost its
    blank line.
    """
    lines: list[list[str]] = []  # of each field the name, then the lines of its value
    remarks: tuple[str, ...] = ()
    while at < stop:
        line += 1
        end = text.find("\n", at) + 1 or len(text)
        content = text[at:end].rstrip("\r\n")
        if not content:
            at = end
            break
        field = _FIELD.fullmatch(content)
        if content[0] in " \t" and lines:  # a folded line continues the one before (RFC 9112 §5.2)
            lines[-1].append(content.strip())
        elif field is not None:
            lines.append([field[1], field[2].strip()])
        elif _MESSAGE.match(text, at):
            break
        elif content[0] in "{[<":
            remarks = (f"line {line} is not a header field, but begins like a body; is the blank line missing?",)
            break
        else:
            raise NotAResponseError(f"line {line} is not a header field; is the blank line missing?")
        at = end
    return [(name, " ".join(values)) for name, *values in lines], at, remarks


def _body(text: str, at: int, headers: dict[str, str], status: int) -> tuple[str, int, tuple[str, ...]]:
    """Return the body that begins *at*, the place of the next message, and remarks."""
    behind = _end_of(_SPACE, text, at)
    if status < 200 or _MESSAGE.match(text, behind):
        return "", behind, ()
    if "chunked" in headers.get("transfer-encoding", "").lower() and _CHUNK.match(text, at):
        return _chunks(text, at)
    if behind == len(text):
        is_lost = status >= 400 and headers.get("content-length", "").strip() != "0"
        return text[at:], len(text), ("there is no body: only the status and the header fields count",) if is_lost else ()
    for end in _ends(text, at, headers.get("content-length", "")):
        behind = _end_of(_SPACE, text, end)
        if _MESSAGE.match(text, behind):
            return text[at:end], behind, ()
    another = _ANY_STATUS_LINE.search(text, at)
    if another is None:
        return text[at:], len(text), ()
    number = text.count("\n", 0, another.start()) + 1
    return text[at:], len(text), (f"line {number} looks like another response; it is read as a part of the body",)


def _ends(text: str, at: int, length: str) -> Iterator[int]:
    """Yield the places where a body that begins *at* may end: by its Content-Length, and as one JSON value."""
    if length.isdecimal() and len(length) < 16:
        yield min(at + int(length), len(text))
    try:
        yield _DECODER.raw_decode(text, _end_of(_SPACE, text, at))[1]
    except (ValueError, RecursionError):  # not JSON, or nested too deeply to find its end
        return


def _chunks(text: str, at: int) -> tuple[str, int, tuple[str, ...]]:
    """Return the body in chunks (RFC 9112 §7.1) that begins *at*, the place behind it, and remarks."""
    parts: list[str] = []
    while (chunk := _CHUNK.match(text, at)) is not None:
        size, begin = int(chunk[1], 16), chunk.end()
        parts.append(text[begin : begin + size])
        at = _end_of(_LINE_END, text, min(begin + size, len(text))) if size else begin
        if not size:
            _, at, _ = _head(text, at, len(text), 0)  # trailer fields
            behind = _end_of(_SPACE, text, at)
            return "".join(parts), behind if _MESSAGE.match(text, behind) else len(text), ()
    return "".join(parts), len(text), ("the chunks of the body do not have the lengths that they state",)


def _end_of(pattern: re.Pattern[str], text: str, at: int) -> int:
    found = pattern.match(text, at)
    return at if found is None else found.end()
