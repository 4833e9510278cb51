"""
The values that go in and come out: frozen, slotted, picklable.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from attrs import field, frozen

from errortax.headers import Headers
from errortax.taxonomy import Action, Actor, Basis, BodyKind, Category, Level, Retryability

_NO_STATUS: Final = 1_000_000  # from here on a number is no status that anybody would send, and may be too long to write


def _status(value: object) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"status must be an int or None, not {value!r}")
    return int(value) if abs(value) < _NO_STATUS else None  # http.HTTPStatus becomes a plain number


def _headers(value: Mapping[str, str] | Iterable[tuple[object, object]] | None) -> Headers:
    if isinstance(value, Headers):
        return value
    return Headers(() if value is None else value)


def _body(value: bytes | bytearray | memoryview | str | None) -> bytes | str | None:
    if value is None or isinstance(value, (bytes, str)):
        return value
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    raise TypeError(f"body must be bytes, str or None, not {type(value).__name__}; encode it first")


def _word(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    raise TypeError(f"url and method must be str or None, not {value!r}")


@frozen(repr=False)
class RawResponse:
    """
    Hold what a server sent: status, headers and body, copied and normalised.

    *status* is None where it is not known (or has seven digits or more), *body* None where nobody has read it.
    *headers* may be a mapping or pairs, of text or bytes. Raise `TypeError` for anything else.
    """

    status: int | None = field(default=None, converter=_status)
    headers: Headers = field(factory=Headers, converter=_headers)
    body: bytes | str | None = field(default=None, converter=_body)
    url: str | None = field(default=None, converter=_word)
    method: str | None = field(default=None, converter=_word)

    def __repr__(self) -> str:
        size = "unread" if self.body is None else f"{len(self.body)} {'bytes' if isinstance(self.body, bytes) else 'characters'}"
        return f"<RawResponse {self.status}, {len(self.headers)} headers, body {size}>"


@frozen
class Hint:
    """
    Say who has to do what.

    *target* names the header or field that is meant, *text* is the sentence for the actor in English.
    """

    action: Action
    actor: Actor
    text: str
    target: str | None = None
    url: str | None = None


@frozen
class Alternative:
    """Name another category that the document leaves possible, with the reason."""

    category: Category
    reason: str
    hints: tuple[Hint, ...] = ()


@frozen
class Match:
    """
    Tell how the verdict was found and what else it could have been.

    *entry* is the documented code that decided; *status_conflict* says that the code and the HTTP status contradict
    each other, *intermediary* that the body is none that the vendor is known to send.
    """

    level: Level
    entry: str | None = None
    alternatives: tuple[Alternative, ...] = ()
    status_conflict: bool = False
    envelope: str | None = None
    intermediary: bool = False
    body: BodyKind = BodyKind.EMPTY


@frozen
class FieldError:
    """Hold one complaint of the vendor about one field of the request; *message* is redacted."""

    field: str | None
    message: str


@frozen
class RateLimit:
    """Hold a rate limit as the headers tell it: requests allowed, requests left, seconds until the window starts anew."""

    limit: int | None = None
    remaining: int | None = None
    reset_after: float | None = None


@frozen
class Source:
    """Cite the document that a judgement was drawn from."""

    document: str
    section: str | None = None
    url: str | None = None


@frozen
class RetryDecision:
    """
    Say whether to repeat a request, and when.

    *wait* is the ceiling in seconds from which the loop draws its jitter, or the exact wait where the server set one;
    *server_wait* what is left of the server's own delay; *capped* says that a wait longer than allowed was asked for.
    """

    retry: bool
    wait: float | None
    server_wait: float | None
    capped: bool
    reason: str


@frozen
class Judgement:
    """Hold what all errors that one entry leads to have in common."""

    vendor: str
    category: Category
    title: str
    description: str
    retryability: Retryability
    hints: tuple[Hint, ...]
    emitted_status: int
    min_delay: float | None = None
    source: Source | None = None
    basis: Basis = Basis.INFERRED
    documentation_url: str | None = None


class Outline(NamedTuple):
    """Hold what was read out of one response, less its texts, whose redaction costs most: see `Details`."""

    request_id: str | None
    retry_after: float | None
    fields: tuple[str | None, ...]


@frozen
class Details:
    """Hold what was read out of one response, texts redacted; see `CanonicalError` for the meanings."""

    match: Match
    message: str | None = None
    field_errors: tuple[FieldError, ...] = ()
    request_id: str | None = None
    rate_limit: RateLimit | None = None
    retry_after: float | None = None
    preserved: Mapping[str, Any] = field(factory=dict, eq=False, repr=False)
    foreign: Mapping[str, Any] = field(factory=dict, repr=False)  # JSON pointer → what only a newer release understands
