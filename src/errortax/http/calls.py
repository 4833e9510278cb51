"""
The call that a response or an exception has ended, as far as a client's objects show it.

A retry sends the first request of the call again; the response may belong to a later request, after a redirect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from attrs import evolve

from errortax.http.statuses import REDIRECTS
from errortax.model import CanonicalError, Retryability, VendorError, details_of, exception_for, verdict_of

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
"""The field that makes a request safe to repeat (IETF draft "The Idempotency-Key HTTP Header Field", section 2)."""


class Call(NamedTuple):
    """
    Hold what is known of a call, so that it can be decided whether to repeat it.

    *method* and *has_key* are those of its first request; *may_be_applied* says that this may have been carried out,
    whatever became of a later one: a redirect has led to another method, or the client itself has tried before.
    """

    method: str | None = None
    has_key: bool = False
    may_be_applied: bool = False


def call_of(thing: object, *, method: str | None = None, has_key: bool = False, request: Any = None, first: Any = None) -> Call:
    """
    Return the call for which a client returned or raised *thing*.

    What the caller knows goes before what the *thing* tells: *method* and *has_key*, the *request* that it belongs to, or
    the *first* one of the call.
    """
    if request is None:
        request = request_of(thing)
    if request is None:
        return Call(method, has_key)
    if first is None:
        first = _redirected(thing) or request
    method = method or first.method
    is_another = method != request.method and str(method).upper() != str(request.method).upper()  # callers write "post", too
    return Call(method, has_key or IDEMPOTENCY_KEY in (request.headers or ()), is_another)


def request_of(thing: object) -> Any:
    """
    Return the request to which a client's response or exception belongs, or None where it does not tell.
    """
    try:
        return getattr(thing, "request", None) or getattr(thing, "request_info", None)
    except RuntimeError:  # httpx: it was made without a request
        return None


def exception_of(error: CanonicalError, call: Call) -> VendorError:
    """
    Return the exception to raise for an *error* that ended a *call*.

    What was refused before it was processed is then a later request, and not the one to repeat.
    """
    if call.may_be_applied and error.retryability is Retryability.AFTER_DELAY:
        verdict = evolve(verdict_of(error), retryability=Retryability.BACKOFF)
        error = CanonicalError(error.code, error.status, verdict, details_of(error))
    return exception_for(error, method=call.method, idempotency_key=call.has_key)


def _redirected(thing: object) -> Any:
    """Return the request that the last run of redirects began with, or None; a log-in before it is no redirect."""
    response = getattr(thing, "response", None)
    history: Sequence[Any] | None = getattr(thing if response is None else response, "history", None)
    if not history:  # as with most
        return None
    first = None
    for earlier in reversed(history):
        if (getattr(earlier, "status_code", None) or getattr(earlier, "status", None)) not in REDIRECTS:
            break
        first = request_of(earlier)
    return first
