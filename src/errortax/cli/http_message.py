"""
HTTP messages as ``curl -i`` prints them: HTTP/1.0 to HTTP/3, CRLF or LF, chains of responses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from errortax.cli.readings import Assumptions, Complaint, Reading, Source
from errortax.http import RawResponse

READ_LIMIT: Final = 4 * 1024 * 1024  # bytes; far more than the cap on bodies, so that it changes no outcome

_STATUS_LINE: Final = re.compile(rb"HTTP/\d(?:\.\d)? (\d{3})(?: [^\n]*|\r?)(?:\n|\Z)")
_HEAD_END: Final = re.compile(rb"\r?\n\r?(?:\n|\Z)")
_FOLD: Final = re.compile(rb"\r?\n[ \t]+")


def looks_like_http(head: bytes) -> bool:
    """
    Return whether *head* is the beginning of a response.
    """
    return head.lstrip().startswith(b"HTTP/")


def read_http(source: Source, assumptions: Assumptions) -> Iterator[Reading | Complaint]:
    """
    Yield the last response of a chain, or a complaint; redirects, answers of proxies and interim responses are skipped.
    """
    response = last_response(source.read_all(READ_LIMIT), url=assumptions.url)
    if response is None:
        yield Complaint(source.name, "no HTTP status line such as 'HTTP/1.1 404 Not Found'; save it with `curl -i`")
        return
    yield Reading(source.name, response)


def last_response(data: bytes, *, url: str | None = None) -> RawResponse | None:
    """
    Return the last of one or more consecutive responses; None if *data* does not begin with one.

    A response ends before a status line that follows its head directly, as curl prints a chain, or that follows the
    number of bytes in its Content-Length. A status line anywhere else is a part of the body.
    """
    data = data.lstrip()
    start = _STATUS_LINE.match(data)
    if start is None:
        return None
    while True:
        headers, body_at = _head(data, start.end())
        follower = _STATUS_LINE.match(data, _next_at(data, headers, body_at))
        if follower is None:
            return RawResponse(status=int(start[1]), headers=headers, body=data[body_at:], url=url)
        start = follower


def _head(data: bytes, at: int) -> tuple[list[tuple[object, object]], int]:
    blank = _HEAD_END.search(data, at - 1)  # the line break of the status line may begin the blank line
    stop, body_at = (len(data), len(data)) if blank is None else blank.span()
    lines = _FOLD.sub(b" ", data[at : max(at, stop)]).splitlines()  # a folded line continues the one before (RFC 9112 §5.2)
    fields = (line.partition(b":") for line in lines)
    return [(name.strip(), value.strip()) for name, colon, value in fields if colon], body_at


def _next_at(data: bytes, headers: list[tuple[object, object]], body_at: int) -> int:
    if data.startswith(b"HTTP/", body_at):
        return body_at
    lengths = [value for name, value in headers if isinstance(name, bytes) and name.lower() == b"content-length"]
    if lengths and isinstance(lengths[0], bytes) and lengths[0].isdigit() and len(lengths[0]) < 16:
        return body_at + int(lengths[0])
    return len(data)
