"""
What one response says beyond its verdict: texts, ids, limits, and how the verdict was found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol, TypeAlias

from attrs import field, frozen

from errortax.model.names import BodyKind, Level
from errortax.model.verdict import Alternative

Path: TypeAlias = tuple[str | int, ...]
"""The names and indices that lead to a place in the wire form."""


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


class SafeDetails(NamedTuple):
    """Hold the details without the texts, whose redaction is slow; *fields* are those that were complained about."""

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
    foreign: Mapping[Path, Any] = field(factory=dict, repr=False)  # what only a newer release understands, by its place


class DetailsSource(Protocol):
    """
    Read the details of a response when they are first asked for: what the parser gives to an error.

    *finding*, *raw*, *now* and *clock* are the parser's own; an error keeps them until then.
    """

    def read(self, finding: Any, raw: Any, now: float | None, clock: float | None, /) -> Details:
        """Return the details."""
        ...

    def read_safe(self, finding: Any, raw: Any, now: float | None, clock: float | None, /) -> SafeDetails:
        """Return the details without the texts."""
        ...


Unread: TypeAlias = tuple[DetailsSource, Any, Any, float | None, float | None]
"""A reader and its arguments."""
