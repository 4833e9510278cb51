"""
Input files: open them, recognise their kind, and call the reader for it.
"""

from __future__ import annotations

import codecs
import stat
import sys
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from io import BytesIO
from os import fstat
from pathlib import Path
from typing import IO, Final

from attrs import evolve

from errortax.cli.har import looks_like_har, read_har
from errortax.cli.http_message import READ_LIMIT, looks_like_http, read_http
from errortax.cli.ndjson import looks_like_ndjson, read_ndjson
from errortax.cli.readings import LINE_LIMIT, Assumptions, Complaint, Input, NotAResponseError, Reading, Source, decode
from errortax.http import RawResponse

STDIN: Final = "<stdin>"
"""The name of standard input in reports."""

KINDS: Final = ("auto", "http", "body", "har", "ndjson")

Progress = AbstractContextManager[Callable[[int], None]]

_KIND_OF_SUFFIX: Final = {".har": "har", ".ndjson": "ndjson", ".jsonl": "ndjson"}
_UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def readings(
    names: Iterable[str], kind: str, assumptions: Assumptions, progress: Callable[[int | None], Progress]
) -> Iterator[Reading | Complaint]:
    """
    Yield the responses in the files called *names* (``-`` is standard input), read as *kind*, one of `KINDS`.

    A file that cannot be read yields a complaint. *progress* gets the size of each file, None if unknown, and returns a
    context; the value of that context is called with each new position.
    """
    for name in names:
        try:
            with _opened(name) as source:
                found = _read(source, kind, assumptions)
                with progress(found.total) as advance:
                    for reading in found.readings:
                        yield reading
                        advance(reading.position)
        except NotAResponseError as error:
            yield Complaint(shown_name(name), str(error))
        except OSError as error:
            problem = f"cannot be read ({error.strerror or error}); name a readable file, or - for standard input"
            yield Complaint(shown_name(name), problem)


def shown_name(name: str) -> str:
    """
    Return what reports call the input *name*.
    """
    return STDIN if name == "-" else name


@contextmanager
def _opened(name: str) -> Generator[Source]:
    if name == "-":
        yield _peeked(Source(STDIN, sys.stdin.buffer))
        return
    with Path(name).open("rb") as stream:
        yield _peeked(Source(name, stream, size=_size(stream)))


def _size(stream: IO[bytes]) -> int | None:
    info = fstat(stream.fileno())
    return info.st_size if stat.S_ISREG(info.st_mode) else None


def _peeked(source: Source) -> Source:
    """Read the first lines: they are enough, and a stream that is still being written does not block."""
    head = source.stream.readline(LINE_LIMIT)
    while head.isspace() and (more := source.stream.readline(LINE_LIMIT)):
        head = more
    if not head.startswith(_UTF16_MARKS):
        return evolve(source, head=head.removeprefix(codecs.BOM_UTF8))
    try:
        text = (head + source.stream.read()).decode("utf-16")  # PowerShell writes UTF-16
    except UnicodeDecodeError:
        raise NotAResponseError("begins as UTF-16, but is not UTF-16; save it as UTF-8") from None
    return _peeked(evolve(source, stream=BytesIO(text.encode()), size=None))


def _read(source: Source, kind: str, assumptions: Assumptions) -> Input:
    return _READERS[_kind_of(source, assumptions) if kind == "auto" else kind](source, assumptions)


def _kind_of(source: Source, assumptions: Assumptions) -> str:
    head = source.head.strip()
    if head.startswith(b"HTTP/"):
        return "http"
    if not head or Path(source.name).suffix.lower() in _KIND_OF_SUFFIX:
        return _KIND_OF_SUFFIX.get(Path(source.name).suffix.lower(), "unnamed")
    if not head.startswith((b"{", b"[")):
        return "unnamed"
    try:
        first = decode(head)
    except NotAResponseError:  # a document of several lines
        return "json"
    return "ndjson" if looks_like_ndjson(first) and assumptions.status is None else "json"


def _read_unnamed(source: Source, assumptions: Assumptions) -> Input:
    if assumptions.status is not None:
        return _read_body(source, assumptions)
    if not source.head.strip():
        raise NotAResponseError("the file is empty; save a response with `curl -i`")
    text = source.read_all(READ_LIMIT)
    if looks_like_http(text):
        return Input(read_http(evolve(source, head=text), assumptions))
    what = "binary data" if b"\0" in source.head else "neither an HTTP message nor JSON"
    raise NotAResponseError(f"{what}; save the response with `curl -i`, or add --status if this is a bare body")


def _read_json(source: Source, assumptions: Assumptions) -> Input:
    text = source.read_all()
    try:
        document = decode(text)
    except NotAResponseError:
        if assumptions.status is not None:
            return _body(source, text, assumptions)  # a body that was cut off
        if _is_json(source.head):
            raise NotAResponseError("the first line alone is JSON; add --input ndjson if each line is a response") from None
        raise
    return read_har(source.name, document) if looks_like_har(document) else _body(source, text, assumptions)


def _is_json(text: bytes) -> bool:
    try:
        decode(text)
    except NotAResponseError:
        return False
    return True


def _read_body(source: Source, assumptions: Assumptions) -> Input:
    return _body(source, source.read_all(READ_LIMIT), assumptions)


def _body(source: Source, body: bytes, assumptions: Assumptions) -> Input:
    return Input(iter([Reading(source.name, RawResponse(assumptions.status, body=body, url=assumptions.url))]))


_READERS: Final[dict[str, Callable[[Source, Assumptions], Input]]] = {
    "http": lambda source, assumptions: Input(read_http(source, assumptions)),
    "har": lambda source, _: read_har(source.name, decode(source.read_all())),
    "ndjson": lambda source, assumptions: Input(read_ndjson(source, assumptions), source.size),
    "body": _read_body,
    "json": _read_json,
    "unnamed": _read_unnamed,
}
