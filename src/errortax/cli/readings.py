"""
What the readers of input files hand on: responses, and complaints about places where there is none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import IO, Final

from attrs import field, frozen

from errortax.http import RawResponse

LINE_LIMIT: Final = 16 * 1024 * 1024  # a body counts up to 256 KiB; no honest line is longer than this


@frozen
class Reading:
    """
    Hold one response with the place where it was found.

    *vendor* is the one that the input itself names; *position* tells how much of the input has been read, in the unit
    of `Input.total`.
    """

    where: str
    response: RawResponse
    vendor: str | None = None
    position: int = 0


@frozen
class Complaint:
    """Say what is wrong with one place of the input; *fatal* unless there simply is no response."""

    where: str
    problem: str
    fatal: bool = True
    position: int = 0

    def __str__(self) -> str:
        return f"{self.where}: {self.problem}"


@frozen
class Input:
    """Hold what one file yields, in order, and its size: bytes or entries, None if unknown or not worth a progress bar."""

    readings: Iterator[Reading | Complaint]
    total: int | None = None


@frozen
class Assumptions:
    """Hold what the command line says about responses that do not say it themselves."""

    status: int | None = None
    url: str | None = None


@frozen
class Source:
    """Hold an open file, the part of it that has been read to see what it is, and its size if it has one."""

    name: str
    stream: IO[bytes]
    head: bytes = field(default=b"", repr=False)
    size: int | None = None

    def everything(self, limit: int = -1) -> bytes:
        """Return the whole content, or its first *limit* bytes and a little more."""
        return self.head + self.stream.read(limit)


class NotAResponseError(ValueError):
    """An input does not have the shape of a response; ``str()`` tells what is wrong, and no values: they may be secret."""


def decode(text: bytes) -> object:
    """
    Return the JSON value, or raise `NotAResponseError`.
    """
    try:
        return json.loads(text)
    except RecursionError:
        raise NotAResponseError("nested too deeply to be read") from None
    except ValueError as error:  # bad JSON, bad Unicode, a number of too many digits
        raise NotAResponseError(
            f"no JSON ({str(error).partition(';')[0]}); see `errortax parse --help` for what can be read"
        ) from None


def object_in(document: object, *members: str) -> Mapping[str, object]:
    """
    Return the object inside nested objects, or raise `NotAResponseError`.
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
    Return a member that may be missing or null and otherwise is a text, or raise `NotAResponseError`.
    """
    value = document.get(member)
    if value is None or isinstance(value, str):
        return value
    raise NotAResponseError(f"{member!r} is no text; make it one")


def status_in(document: Mapping[str, object]) -> int | None:
    """
    Return the HTTP status, a number or its decimal text, or raise `NotAResponseError`.
    """
    value = document.get("status")
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == 3:  # as web servers log it
        return int(value)
    raise NotAResponseError("'status' is no HTTP status; make it a number such as 404")


def headers_in(document: Mapping[str, object]) -> list[tuple[object, object]]:
    """
    Return the header fields from an object, from pairs or from objects of name and value, or raise `NotAResponseError`.
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
    raise NotAResponseError("'headers' holds what is neither a pair nor an object of name and value; make it an object")
