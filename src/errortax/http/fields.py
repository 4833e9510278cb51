"""
The header fields that errortax reads, passes on or removes: one row each, for parsers, gateways and exported tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, Flag, auto
from typing import Final

from attrs import frozen


class Role(Enum):
    """The purpose of a field."""

    DELAY = auto()
    """A wait: a number, a duration or a date (:rfc:`9110#section-10.2.3`)."""

    LIMIT = auto()
    REMAINING = auto()
    RESET = auto()
    """One number of a rate limit each; the three fields of one limit have the same prefix."""

    LIMITS = auto()
    POLICIES = auto()
    """Lists of rate limits and their policies (draft-ietf-httpapi-ratelimit-headers)."""

    CORS = auto()
    METHODS = auto()
    CACHING = auto()
    """Cross-origin rules, allowed methods, rules for caches: they remain true with another body."""

    DATE = auto()
    CHALLENGE = auto()
    BODY = auto()
    """A description of the body; it is wrong with another body."""

    CONNECTION = auto()
    """A property of one connection (:rfc:`9110#section-7.6.1`)."""


class Reader(Flag):
    """The readers of this table besides the parser: the translator, and the exports for gateways."""

    TRANSLATOR = auto()
    SCRIPTS = auto()
    HAPROXY = auto()
    ENVOY = auto()


_WORD: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_NUMBER: Final = r"-?[0-9]{1,20}(?:\.[0-9]{1,9})?(?:(?:[mun]?s|[mhd])(?:[0-9]{1,20}(?:\.[0-9]{1,9})?(?:[mun]?s|[mhd])){0,3})?"
_QUANTITY: Final = rf'(?:[A-Za-z][\w-]{{0,31}}=)?(?:"[\w.:-]{{1,64}}"|{_NUMBER})'  # limit=10, "default", 6m0s

DIRECTIVE: Final = (
    r"(?:(?i:(?:max-age|s-maxage|stale-while-revalidate|stale-if-error)=[0-9]{1,20}|no-cache|no-store|no-transform|private|public"
    r"|immutable|must-revalidate|proxy-revalidate|must-understand))"
)
"""A directive for caches, as a regular expression; it is compiled when a gateway first uses it."""

ORIGIN: Final = r"[a-z][a-z0-9+.-]*://[A-Za-z0-9._:\[\]-]+|null"  # an origin of the caller
WORDS: Final = rf"{_WORD}(?:[ \t]*,[ \t]*{_WORD})*"
DIRECTIVES: Final = rf"{DIRECTIVE}(?:[ \t]*,[ \t]*{DIRECTIVE})*"
QUANTITIES: Final = (
    rf"{_QUANTITY}(?:[ \t]*[,;][ \t]*{_QUANTITY})*"
    r"|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9:]{8}(?:\.[0-9]{1,9})?(?: ?UTC|Z|[+-][0-9]{2}:?[0-9]{2})?"
)


_NO_READER: Final = Reader(0)


@frozen
class Field:
    """
    Describe a header field; a *name* with ``*`` at the end describes all fields whose names begin like it.

    *shape* is a regular expression; a value must match it to pass into our answer. None: no value passes. *strictest* is
    the value to send instead of one that cannot pass. *overlooked_by* are the readers that do not use this row yet. A
    number in a delay counts *unit* seconds.
    """

    name: str
    role: Role
    shape: str | None = None
    strictest: str | None = None
    overlooked_by: Reader = _NO_READER
    unit: float = 1.0

    @property
    def key(self) -> str:
        """Return the name in lower case."""
        return self.name.lower()

    @property
    def is_family(self) -> bool:
        """Return whether the name ends with ``*``."""
        return self.name.endswith("*")


_GATEWAYS: Final = Reader.SCRIPTS | Reader.HAPROXY | Reader.ENVOY

FIELDS: Final = (
    Field("Retry-After", Role.DELAY),
    # Standards do not define the next four. `docs/explanation/design.md` says who sends them.
    Field("Retry-After-Ms", Role.DELAY, overlooked_by=_GATEWAYS, unit=0.001),
    Field("X-Ms-Retry-After-Ms", Role.DELAY, overlooked_by=_GATEWAYS, unit=0.001),
    Field("X-Amz-Retry-After", Role.DELAY, overlooked_by=_GATEWAYS, unit=0.001),
    Field("X-Retry-After", Role.DELAY, overlooked_by=_GATEWAYS),
    Field("Access-Control-Allow-Credentials", Role.CORS, WORDS),
    Field("Access-Control-Allow-Headers", Role.CORS, WORDS, overlooked_by=Reader.HAPROXY),
    Field("Access-Control-Allow-Methods", Role.CORS, WORDS, overlooked_by=Reader.HAPROXY),
    Field("Access-Control-Allow-Origin", Role.CORS, ORIGIN),
    Field("Access-Control-Expose-Headers", Role.CORS, WORDS),
    Field("Access-Control-Max-Age", Role.CORS, WORDS, overlooked_by=Reader.HAPROXY),
    Field("Access-Control-*", Role.CORS, WORDS),
    Field("Allow", Role.METHODS, WORDS),
    Field("Cache-Control", Role.CACHING, DIRECTIVES, strictest="no-store"),
    Field("Date", Role.DATE, WORDS, overlooked_by=Reader.TRANSLATOR | Reader.SCRIPTS),
    Field("RateLimit", Role.LIMITS, QUANTITIES),
    Field("RateLimit-Limit", Role.LIMIT, QUANTITIES),
    Field("RateLimit-Policy", Role.POLICIES, QUANTITIES),
    Field("RateLimit-Remaining", Role.REMAINING, QUANTITIES),
    Field("RateLimit-Reset", Role.RESET, QUANTITIES),
    Field("RateLimit*", Role.LIMITS, QUANTITIES),
    Field("Vary", Role.CACHING, WORDS, strictest="*"),
    Field("X-RateLimit-Limit", Role.LIMIT, QUANTITIES),
    Field("X-RateLimit-Remaining", Role.REMAINING, QUANTITIES),
    Field("X-RateLimit-Reset", Role.RESET, QUANTITIES),
    Field("X-RateLimit-*", Role.LIMITS, QUANTITIES),
    Field("X-Rate-Limit-Limit", Role.LIMIT, QUANTITIES, overlooked_by=Reader.TRANSLATOR | _GATEWAYS),
    Field("X-Rate-Limit-Remaining", Role.REMAINING, QUANTITIES, overlooked_by=Reader.TRANSLATOR | _GATEWAYS),
    # the scripts read the time of the reset, but the field itself does not pass
    Field("X-Rate-Limit-Reset", Role.RESET, QUANTITIES, overlooked_by=Reader.TRANSLATOR | Reader.HAPROXY | Reader.ENVOY),
    Field("WWW-Authenticate", Role.CHALLENGE),
    *(
        Field(name, Role.CONNECTION)
        for name in ("Connection", "Keep-Alive", "Proxy-Connection", "TE", "Trailer", "Transfer-Encoding", "Upgrade")
    ),
    *(
        Field(name, Role.BODY)
        for name in (
            "Accept-Ranges", "Content-Digest", "Content-Encoding", "Content-Language", "Content-Length", "Content-Location",
            "Content-MD5", "Content-Range", "Content-Type", "Digest", "ETag", "Last-Modified", "Repr-Digest",
        )
    ),
)  # fmt: skip
"""The table. A new delay hint, a new limit or a new field that may pass is one row."""


def fields(*roles: Role, reader: Reader | None = None) -> tuple[Field, ...]:
    """
    Return the rows of these *roles*, in the order of the table; with a *reader*, only the rows that it uses.
    """
    return tuple(row for row in FIELDS if row.role in roles and not (reader and reader in row.overlooked_by))


NEVER_PASSED: Final = frozenset(row.key for row in fields(Role.DELAY, Role.BODY, Role.CONNECTION))
"""Lower-case names of fields that are wrong with another body or connection, or that we write ourselves."""

STRICTEST: Final[Mapping[str, str]] = {row.key: row.strictest for row in FIELDS if row.strictest is not None}
"""Lower-case name → the value to send if the upstream's cannot pass; without it, caches would store too much."""
