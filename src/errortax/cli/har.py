"""
HAR files (HTTP Archive 1.2), as browsers and proxies save them.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping

from attrs import evolve

from errortax.cli.readings import Complaint, Input, NotAResponseError, Reading, headers_in, object_in, status_in, text_in
from errortax.http import RawResponse
from errortax.model import Category


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
            reading = _reading(entry)
        except NotAResponseError as error:
            yield Complaint(where, str(error), position=index + 1)
            continue
        yield evolve(reading, where=where, position=index + 1)


def _reading(entry: object) -> Reading:
    response, request = object_in(entry, "response"), object_in(entry, "request")
    status, url, method = status_in(response), text_in(request, "url"), text_in(request, "method")
    if not status:  # browsers write 0 for requests that were blocked, cancelled or never answered
        is_cancelled = response.get("_error") == "net::ERR_ABORTED"  # Chrome's name; there is no standard one
        failure = Category.CANCELLED if is_cancelled else Category.CONNECTION_FAILED
        return Reading("", RawResponse(url=url, method=method), failure=failure)
    return Reading("", RawResponse(status, headers_in(response), _body(response.get("content")), url, method))


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
