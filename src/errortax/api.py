"""
The functions that a program calls: the registry is chosen and the clock read here, and nowhere below.
"""

from __future__ import annotations

from math import isfinite
from time import time
from typing import TYPE_CHECKING, Any

from errortax.advice import check_request
from errortax.http import RawResponse, call_of, exception_of, raw_response
from errortax.model import (
    BodyKind,
    CanonicalError,
    Category,
    Group,
    Level,
    Outcome,
    Retryability,
    details_of,
    documented_error,
    named,
)
from errortax.parsing import Parser, parser_of
from errortax.parsing.budgets import LARGE_BODY
from errortax.registry import GENERIC, Registry, default_registry
from errortax.registry.registry import derived_from, in_force, verdicts_of

if TYPE_CHECKING:
    from datetime import datetime


def parse(
    response: object, vendor: str | None = None, *, registry: Registry | None = None, now: datetime | float | None = None
) -> CanonicalError | None:
    """
    Turn a *response* into a canonical error; return None if it is not an error.

    The bytes of a response never make it raise. A body above 256 KiB, or nested deeper than 100 levels, is not decoded: status
    and header fields decide, and `match.body` says so.

    Args:
        response: a `RawResponse`, or the response object of an HTTP client whose body is in memory.
        vendor: the name of the vendor that answered. None means the vendor at the host of the response's URL, else plain
            HTTP (:rfc:`9110#section-15`); a body never chooses the vendor, but `detect_vendor` can guess it.
        registry: the vendors; None means the bundled ones.
        now: an aware datetime or POSIX seconds, from which the seconds until a date count. None means the response's
            ``Date``, else the clock.

    Raises:
        errortax.exceptions.UnknownVendorError: the registry has no such vendor.
        TypeError: *response* is not a response, or *now* is not a time.
        ValueError: *now* is not finite or has no time zone.

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
    error = parser.parse(raw, None, time()) if now is None else parser.parse(raw, _seconds(now), None)
    if error is not None and raw.body is not None and len(raw.body) > LARGE_BODY:
        details_of(error)  # now, since the error keeps the body until then
    return error


def classify(
    response: object, vendor: str | None = None, *, registry: Registry | None = None, now: datetime | float | None = None
) -> Outcome:
    """
    Return whether a *response* means success, pending, redirect or error. The arguments are those of `parse`.
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
    Raise the exception for a *response* that is an error; return None for any other response.

    Args:
        response: a `RawResponse`, or the response object of an HTTP client whose body is in memory.
        vendor: as in `parse`.
        registry: as in `parse`.
        now: as in `parse`.
        method: the HTTP method of the first request; None takes it from the response, if it has one.
        idempotency_key: whether the request had an idempotency key; False looks into the response's request, if it has one.

    Raises:
        errortax.exceptions.VendorError: *response* is an error; the class is the subclass for its category.
        errortax.exceptions.UnknownVendorError: the registry has no such vendor.
        TypeError: *response* is not a response, or another argument has a wrong type.
        ValueError: *now* or *method* has an impossible value.

    """
    check_request(method, idempotency_key)
    raw = raw_response(response)
    error = parse(raw, vendor, registry=registry, now=now)
    if error is not None:
        call = call_of(response, method=method, has_key=idempotency_key)
        raise exception_of(error, call._replace(method=call.method or raw.method, url=call.url or raw.url), response)


def transport_error(
    category: Category | str,
    *,
    vendor: str | None = None,
    sent: bool | None = None,
    target: str | None = None,
    registry: Registry | None = None,
) -> CanonicalError:
    """
    Return the canonical error for a request that got no response.

    Args:
        category: one of the group `transport`. A time-out while connecting is `connection_failed`, a later one `no_response`.
        vendor: the name of the vendor that should have answered; None for plain HTTP.
        sent: whether the request may have reached the server. False makes a repetition safe for any method; True and None
            (nobody knows) leave it to idempotent ones.
        target: what has to be corrected, such as ``address``, ``proxy`` or ``certificate``; None if that is unknown.
        registry: the vendors; None stands for the bundled ones.

    Raises:
        ValueError: another category, or `no_response` to a request that was not sent.
        errortax.exceptions.UnknownVendorError: the registry has no such vendor.

    """
    possible = [name for name in Category if name.group is Group.TRANSPORT]
    if category not in possible:
        raise ValueError(f"transport_error: category is {category!r}; pass one of {', '.join(possible)}")
    if category == Category.NO_RESPONSE and sent is False:
        raise ValueError("transport_error: no_response is for a request that was sent; pass 'connection_failed'")
    registry = in_force(registry)
    verdicts = verdicts_of(registry, GENERIC if vendor is None else vendor)
    changes: dict[str, Any] = {} if target is None else {"hints": ({"target": target},)}
    verdict = verdicts.of_category(named(Category, category), **changes)
    if sent is False and verdict.retryability is Retryability.BACKOFF:
        verdict = verdicts.of_category(named(Category, category), retryability=Retryability.AFTER_DELAY.value, **changes)
    return documented_error(verdict, level=Level.TRANSPORT, body=BodyKind.UNREAD)


def _seconds(now: datetime | float) -> float:
    """Return POSIX seconds; raise `TypeError` or `ValueError` if *now* is not a point in time."""
    if isinstance(now, bool) or not (isinstance(now, (int, float)) or hasattr(now, "tzinfo")):
        raise TypeError(f"now must be an aware datetime or POSIX seconds, not {now!r}")
    if isinstance(now, (int, float)):
        if not isfinite(now):
            raise ValueError(f"now is {now!r}; pass an aware datetime or POSIX seconds")
        return float(now)
    if now.tzinfo is None:
        raise ValueError(f"now is {now!r}, which has no time zone; pass an aware datetime or POSIX seconds")
    return now.timestamp()
