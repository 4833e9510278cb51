"""
HAR files (HTTP Archive 1.2), as browsers and proxies save them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping

from errortax.cli.readings import Complaint, Input, NotAResponseError, Reading, headers_in, object_in, status_in, text_in
from errortax.http import RawResponse


def looks_like_har(document: object) -> bool:
    """
    Return whether a JSON document has the shape of a HAR file.
    """
    try:
        return isinstance(object_in(document, "log").get("entries"), list)
    except NotAResponseError:
        return False


def read_har(name: str, document: object) -> Input:
    """
    Return the responses of all entries; raise `NotAResponseError` if the document is not a HAR file.
    """
    entries = object_in(document, "log").get("entries")
    if not isinstance(entries, list):
        raise NotAResponseError("no array at /log/entries; save the file as HAR again")
    return Input(_entries(name, entries), len(entries))


def _entries(name: str, entries: list[object]) -> Iterator[Reading | Complaint]:
    for index, entry in enumerate(entries):
        where = f"{name}#/log/entries/{index}"
        try:
            response = _response(entry)
        except NotAResponseError as error:
            yield Complaint(where, str(error), position=index + 1)
            continue
        if response is None:
            yield Complaint(where, "no response was recorded; skipped", fatal=False, position=index + 1)
            continue
        yield Reading(where, response, position=index + 1)


def _response(entry: object) -> RawResponse | None:
    response = object_in(entry, "response")
    status = status_in(response)
    if not status:  # browsers write 0 for requests that were blocked, cancelled or never answered
        return None
    request = object_in(entry, "request")
    return RawResponse(
        status=status,
        headers=headers_in(response),
        body=_body(response.get("content")),
        url=text_in(request, "url"),
        method=text_in(request, "method"),
    )


def _body(content: object) -> bytes | str | None:
    if not isinstance(content, Mapping):
        return None
    text = text_in(content, "text")
    if text is None:
        return None if content.get("size") else b""
    if content.get("encoding") != "base64":
        return text
    try:
        return base64.b64decode(text)
    except (binascii.Error, ValueError):  # ValueError: characters beyond ASCII
        raise NotAResponseError("the body is marked as base64, but is not base64") from None
