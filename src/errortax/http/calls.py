"""
The call to which a response or an exception belongs, as far as the objects of a client show it.

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
    Hold the facts about a call that decide whether to repeat it.

    *method* (None: not known), *has_key* and *url* (None: not known) describe the first request. *may_be_applied* is true
    if the server may have carried out that request although a later one failed: after a redirect to another method or a
    retry of the client.
    """

    method: str | None = None
    has_key: bool = False
    may_be_applied: bool = False
    url: str | None = None


def call_of(thing: object, *, method: str | None = None, has_key: bool = False, request: Any = None, first: Any = None) -> Call:
    """
    Return the call for which a client returned or raised *thing*.

    The arguments of the caller count more than the attributes of *thing*.

    Args:
        thing: a response or an exception of a client.
        method: the HTTP method of the first request; None takes it from that request.
        has_key: whether the first request had an idempotency key; False looks into its header fields.
        request: the request of *thing*; None takes the attribute of *thing*.
        first: the first request of the call; None follows the redirects back.

    """
    if request is None:
        request = request_of(thing)
    if request is None:
        return Call(method, has_key)
    if first is None:
        first = _redirected(thing) or request
    method = method or first.method
    is_another = method != request.method and str(method).upper() != str(request.method).upper()  # callers may write "post"
    return Call(method, has_key or IDEMPOTENCY_KEY in (request.headers or ()), is_another, url_of(first))


def request_of(thing: object) -> Any:
    """
    Return the request of a client's response or exception, or None if it has none.
    """
    try:
        return getattr(thing, "request", None) or getattr(thing, "request_info", None)
    except RuntimeError:  # httpx: the response was made without a request
        return None


def url_of(request: Any) -> str | None:
    """
    Return the address of a client's *request*, or None if it has none.
    """
    url = getattr(request, "url", None)
    return None if url is None else str(url)


def exception_of(error: CanonicalError, call: Call, response: Any = None) -> VendorError:
    """
    Return the exception to raise for an *error* that ended a *call* with a client's *response*, if there is one.

    If the first request may be applied, "refused before it was processed" is true of a later request only.
    """
    if call.may_be_applied and error.retryability is Retryability.AFTER_DELAY:
        verdict = evolve(verdict_of(error), retryability=Retryability.BACKOFF)
        error = CanonicalError(error.code, error.status, verdict, details_of(error))
    return exception_for(error, method=call.method, idempotency_key=call.has_key, url=call.url, response=response)


def _redirected(thing: object) -> Any:
    """Return the first request of the last series of redirects, or None; a log-in before it is not a redirect."""
    response = getattr(thing, "response", None)
    history: Sequence[Any] | None = getattr(thing if response is None else response, "history", None)
    if not history:  # most responses
        return None
    first = None
    for earlier in reversed(history):
        if (getattr(earlier, "status_code", None) or getattr(earlier, "status", None)) not in REDIRECTS:
            break
        first = request_of(earlier)
    return first
