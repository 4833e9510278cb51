"""
The details of one response: texts, ids, limits, and how the verdict was found.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import inf
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from attrs import define, field, frozen

from errortax.model.verdict import Alternative
from errortax.model.vocabulary import BodyKind, Level

MAX_DELAY: Final = 10 * 31_557_600.0
"""The longest delay in seconds, ten years; longer ones are cut to this, since dropping one would retry at once."""

Path: TypeAlias = tuple[str | int, ...]
"""The names and indices on the way to a place in the wire form."""


@frozen
class Match:
    """
    Say how the verdict was found, and which other categories the document leaves possible.

    *entry* is the documented code that decided, or None. *envelope* is the name of the body's shape; None if no shape of
    the vendor fits. *status_conflict* is true if the code and the HTTP status contradict each other. *intermediary* is true
    if the body does not look like one of the vendor's. *lenient* is true if the body breaks the rules of its format and was
    read all the same. *withheld* is true if texts beyond the limits of one response were left out. *standard* is the name of
    the standard that the verdict is from, or None.
    """

    level: Level
    entry: str | None = None
    alternatives: tuple[Alternative, ...] = ()
    status_conflict: bool = False
    envelope: str | None = None
    intermediary: bool = False
    body: BodyKind = BodyKind.EMPTY
    lenient: bool = False
    withheld: bool = False
    standard: str | None = None


class FieldError(NamedTuple):  # a response may have a hundred; attrs' frozen constructor takes four times as long
    """
    Hold one complaint of the vendor about the request.

    *field* is the path of the field as the vendor sends it, joined by full stops (``body.items.0.name``); None if none is
    named. *message* is the vendor's text, redacted, else the complaint's code. *code* is the vendor's name for this
    complaint; None without one.
    """

    field: str | None
    message: str
    code: str | None = None


@frozen
class RateLimit:
    """
    Hold a rate limit of the headers: requests allowed, requests left, seconds until the next window; None: not stated.

    *name* is what the server calls this limit, such as ``tokens``; None if the limit has no name.
    """

    limit: int | None = None
    remaining: int | None = None
    reset_after: float | None = None
    name: str | None = None

    @property
    def tightness(self) -> tuple[float, float]:
        """
        Return the key by which the tightest limit comes first: the least left, then the longest wait.
        """
        return inf if self.remaining is None else self.remaining, -(self.reset_after or 0.0)


def tightest(limits: Iterable[RateLimit]) -> RateLimit | None:
    """
    Return the used-up limit with the longest wait, else the one with least left; None without limits.
    """
    return min(limits, key=lambda limit: limit.tightness, default=None)


class SafeDetails(NamedTuple):
    """Hold the details without the texts, whose redaction is slow; *fields* has one name, or None, for each complaint."""

    request_id: str | None
    retry_after: float | None
    fields: tuple[str | None, ...]
    more_info: str | None = None


@define(unsafe_hash=True)
class Details:  # attrs' frozen constructor takes twice as long; nobody changes one
    """Hold the values that were read from one response, texts redacted; `CanonicalError` describes them."""

    match: Match
    message: str | None = None
    user_message: str | None = None
    more_info: str | None = None
    field_errors: tuple[FieldError, ...] = ()
    request_id: str | None = None
    rate_limits: tuple[RateLimit, ...] = ()
    retry_after: float | None = None
    warnings: tuple[str, ...] = ()
    preserved: Mapping[str, Any] = field(factory=dict, eq=False, repr=False)
    foreign: Mapping[Path, Any] = field(factory=dict, repr=False)  # names that only a newer release understands, by path


class DetailsSource(Protocol):
    """
    Read the details of a response later: an error keeps this reader until the first access to a detail.

    *finding*, *raw*, *now* and *clock* are values of the parser, which the error keeps and passes back.
    """

    def read(self, finding: Any, raw: Any, now: float | None, clock: float | None, /) -> Details:
        """Return the details."""
        ...

    def read_safe(self, finding: Any, raw: Any, now: float | None, clock: float | None, /) -> SafeDetails:
        """Return the details without the texts."""
        ...


Unread: TypeAlias = tuple[DetailsSource, Any, Any, float | None, float | None]
"""A reader and its arguments."""
