"""
The results of reading input files: responses, and complaints about places without one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Final

from attrs import field, frozen

from errortax.http import RawResponse
from errortax.model import Category

LINE_LIMIT: Final = 16 * 1024 * 1024  # bytes; a body counts up to 256 KiB, so no honest line is longer


@frozen
class Reading:
    """
    Hold one response and its place.

    *vendor* is the one that the input names, or None. *position* is how much of the input has been read, in the unit of
    `Input.total`. *failure* is the category of a request that got no response; *response* then has only its method and URL.
    """

    where: str
    response: RawResponse
    vendor: str | None = None
    position: int = 0
    failure: Category | None = None


@frozen
class Complaint:
    """Hold what is wrong with one place of the input; not *fatal* if there is only no response."""

    where: str
    problem: str
    fatal: bool = True
    position: int = 0

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@frozen
class Input:
    """Hold the readings of one file, in order, and its size: bytes or entries, None if there shall be no progress bar."""

    readings: Iterator[Reading | Complaint]
    total: int | None = None


@frozen
class Assumptions:
    """Hold the parts of a response that the command line adds if the input does not have them."""

    status: int | None = None
    url: str | None = None


@frozen
class Source:
    """Hold an open file, the part that was read to recognise its kind, and its size in bytes, None if unknown."""

    name: str
    stream: IO[bytes]
    head: bytes = field(default=b"", repr=False)
    size: int | None = None

    def read_all(self, limit: int = -1) -> bytes:
        """Return the whole content; with a *limit*, the part that was read already and *limit* bytes more."""
        return self.head + self.stream.read(limit)


class NotAResponseError(ValueError):
    """An input does not have the shape of a response. The message contains no values: they may be secret."""


def decode(text: bytes) -> object:
    """
    Return the JSON value, or raise `NotAResponseError`.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise NotAResponseError("nested too deeply; save a smaller response") from None
    except ValueError as error:  # bad JSON, bad Unicode, a number of too many digits
        raise NotAResponseError(
            f"not JSON ({str(error).partition(';')[0]}); see `errortax parse --help` for the kinds of input"
        ) from None


def object_in(document: object, *members: str) -> Mapping[str, object]:
    """
    Return the object at the end of the path of *members*, or raise `NotAResponseError`.
    """
    found = document
    for member in members:
        found = found.get(member) if isinstance(found, Mapping) else None
    if not isinstance(found, Mapping):
        place = "/".join(members)
        raise NotAResponseError(f"no object at /{place}" if members else "not a JSON object")
    return found


def text_in(document: Mapping[str, object], member: str) -> str | None:
    """
    Return a member that is a text, None if it is missing or null; raise `NotAResponseError` for anything else.
    """
    value = document.get(member)
    if value is None or isinstance(value, str):
        return value
    raise NotAResponseError(f"{member!r} is not a text; make it a text")


def status_in(document: Mapping[str, object]) -> int | None:
    """
    Return the HTTP status, a number or its three digits; None if it is missing; else raise `NotAResponseError`.
    """
    value = document.get("status")
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:  # as web servers log it
        return int(value)
    raise NotAResponseError("'status' is not an HTTP status; make it a number such as 404")


def headers_in(document: Mapping[str, object]) -> list[tuple[object, object]]:
    """
    Return the header fields from an object, from pairs, or from objects with name and value; else raise `NotAResponseError`.
    """
    value = document.get("headers")
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [(name, one) for name, many in value.items() for one in (many if isinstance(many, list) else [many])]
    if isinstance(value, list):
        return [_pair(item) for item in value]
    raise NotAResponseError("'headers' is neither an object nor an array; make it an object of names and values")


def _pair(item: object) -> tuple[object, object]:
    if isinstance(item, Mapping) and "name" in item:
        return item["name"], item.get("value", "")
    if isinstance(item, list) and len(item) == 2:
        return item[0], item[1]
    raise NotAResponseError("an item of 'headers' is neither a pair nor an object with 'name'; make 'headers' an object")
