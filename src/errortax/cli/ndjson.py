"""
NDJSON: one response per line, ``{"status": …, "headers": …, "body" | "json": …, "url": …, "vendor": …}``, read as a stream.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from errortax.cli.readings import (
    LINE_LIMIT,
    Assumptions,
    Complaint,
    NotAResponseError,
    Reading,
    Source,
    decode,
    headers_in,
    object_in,
    status_in,
    text_in,
)
from errortax.http import RawResponse

_PARTS: Final = ("headers", "body", "json")


def looks_like_ndjson(first: object) -> bool:
    """
    Return whether the JSON value of the first line has the shape of a response.
    """
    if not isinstance(first, Mapping) or not any(part in first for part in _PARTS):
        return False
    try:
        return "status" in first and isinstance(status_in(first), int | None)
    except NotAResponseError:
        return False


def read_ndjson(source: Source, assumptions: Assumptions) -> Iterator[Reading | Complaint]:
    """
    Yield a response or a complaint for each line that is not blank, with no more than one line in memory.
    """
    position = 0
    for number, line in enumerate(_lines(source), 1):
        position += len(line)
        where = f"{source.name}:{number}"
        if len(line) >= LINE_LIMIT and not line.endswith(b"\n"):
            position += _skip_line(source)
            yield Complaint(where, f"longer than {LINE_LIMIT} bytes; write a shorter body", position=position)
        elif line.strip():
            yield _read_line(where, line, assumptions, position)


def _lines(source: Source) -> Iterator[bytes]:
    head = source.head
    yield head if head.endswith(b"\n") else head + source.stream.readline(LINE_LIMIT)
    while line := source.stream.readline(LINE_LIMIT):
        yield line


def _skip_line(source: Source) -> int:
    skipped = 0
    while rest := source.stream.readline(LINE_LIMIT):
        skipped += len(rest)
        if rest.endswith(b"\n"):
            break
    return skipped


def _read_line(where: str, line: bytes, assumptions: Assumptions, position: int) -> Reading | Complaint:
    try:
        document = object_in(decode(line))
        if not any(part in document for part in ("status", *_PARTS)):
            raise NotAResponseError("no 'status', 'headers', 'body' or 'json'; name the parts of the response like this")
        response = _response(document, assumptions)
        vendor = text_in(document, "vendor")
    except NotAResponseError as error:
        return Complaint(where, str(error), position=position)
    return Reading(where, response, vendor, position)


def _response(document: Mapping[str, object], assumptions: Assumptions) -> RawResponse:
    status = status_in(document)
    url = text_in(document, "url")
    return RawResponse(
        status=assumptions.status if status is None else status,
        headers=headers_in(document),
        body=_body(document),
        url=assumptions.url if url is None else url,
        method=text_in(document, "method"),
    )


def _body(document: Mapping[str, object]) -> str:
    if "json" in document:
        return json.dumps(document["json"])
    body = document.get("body")
    if body is None:
        return ""
    return body if isinstance(body, str) else json.dumps(body)
