"""
The functions that a program calls: the registry is chosen and the clock read here, and nowhere below.
"""

from __future__ import annotations

from math import isfinite
from time import time
from typing import TYPE_CHECKING

from errortax.advice import check_request
from errortax.http import RawResponse, call_of, exception_of, raw_response
from errortax.model import BodyKind, CanonicalError, Category, Group, Level, Outcome, Retryability, documented_error, named
from errortax.parsing import Parser, parser_of
from errortax.registry import GENERIC, Registry, default_registry
from errortax.registry.registry import derived_from, in_force, verdicts_of

if TYPE_CHECKING:
    from datetime import datetime


def parse(
    response: object, vendor: str | None = None, *, registry: Registry | None = None, now: datetime | float | None = None
) -> CanonicalError | None:
    """
    Turn a *response* into a canonical error, or return None where it is no error.

    *response* is a `RawResponse` or the response object of an HTTP client whose body is in memory. Without a *vendor*
    the host in the response's URL decides, else what HTTP itself says (:rfc:`9110#section-15`); a body never chooses the
    vendor. Relative to *now* (an aware datetime or POSIX seconds), else to the response's ``Date``, else to the clock,
    dates become seconds. Whatever the bytes, nothing is raised; raise `TypeError` for an object that is no response and
    `errortax.exceptions.UnknownVendorError` for a vendor that the registry does not hold.
    """
    raw = response if isinstance(response, RawResponse) else raw_response(response)
    if registry is None:
        registry = default_registry()
    elif not isinstance(registry, Registry):
        in_force(registry)
    try:
        parser: Parser | None = derived_from(registry)[Parser].get(vendor)  # a look-up, not a call: this is the hot path
    except TypeError:  # a list, for instance
        parser = None
    if parser is None:
        parser = parser_of(registry, vendor, raw.url)
    if now is None:
        return parser.parse(raw, None, time())
    return parser.parse(raw, _seconds(now), None)


def classify(
    response: object, vendor: str | None = None, *, registry: Registry | None = None, now: datetime | float | None = None
) -> Outcome:
    """
    Tell what a *response* means at all: success, pending, redirect or an error. The arguments are those of `parse`.
    """
    raw = raw_response(response)
    parser = parser_of(in_force(registry), vendor, raw.url)
    return parser.classify(raw, None if now is None else _seconds(now), time() if now is None else None)


def raise_for_error(
    response: object,
    vendor: str | None = None,
    *,
    registry: Registry | None = None,
    now: datetime | float | None = None,
    method: str | None = None,
    idempotency_key: bool = False,
) -> None:
    """
    Raise what a *response* means, if it is an error: the subclass of `errortax.exceptions.VendorError` for its category.

    *method* and *idempotency_key* tell of the request where the response does not. The other arguments, and what is
    raised for wrong ones, are those of `parse`.
    """
    check_request(method, idempotency_key)
    raw = raw_response(response)
    error = parse(raw, vendor, registry=registry, now=now)
    if error is not None:
        call = call_of(response, method=method, has_key=idempotency_key)
        raise exception_of(error, call if call.method else call._replace(method=raw.method))


def transport_error(
    category: Category | str, *, vendor: str | None = None, sent: bool | None = None, registry: Registry | None = None
) -> CanonicalError:
    """
    Return the canonical error for a request that got no response.

    *category* is one of the group `transport`, or `timeout`. *sent* tells whether the request may have reached the
    server: False makes a repetition safe for any method; True and None (nobody knows) leave it to idempotent ones.
    Raise `ValueError` for another category and `errortax.exceptions.UnknownVendorError` for an unknown vendor.
    """
    possible = [name for name in Category if name.group is Group.TRANSPORT or name is Category.TIMEOUT]
    if category not in possible:
        raise ValueError(f"transport_error: category is {category!r}; pass one of {', '.join(possible)}")
    registry = in_force(registry)
    verdicts = verdicts_of(registry, GENERIC if vendor is None else vendor)
    verdict = verdicts.of_category(named(Category, category))
    if sent is False and verdict.retryability is Retryability.BACKOFF:
        verdict = verdicts.of_category(named(Category, category), retryability=Retryability.AFTER_DELAY.value)
    return documented_error(verdict, level=Level.TRANSPORT, body=BodyKind.UNREAD)


def _seconds(now: datetime | float) -> float:
    """Return POSIX seconds; raise `TypeError` or `ValueError` for what is no moment."""
    if isinstance(now, bool) or not (isinstance(now, (int, float)) or hasattr(now, "tzinfo")):
        raise TypeError(f"now must be an aware datetime or POSIX seconds, not {now!r}")
    if isinstance(now, (int, float)):
        if not isfinite(now):
            raise ValueError(f"now is {now!r}; pass an aware datetime or POSIX seconds")
        return float(now)
    if now.tzinfo is None:
        raise ValueError(f"now is {now!r}, which has no time zone; pass an aware datetime or POSIX seconds")
    return now.timestamp()
