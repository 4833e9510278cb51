"""
OpenTelemetry: attributes for metrics and spans, and a function that records an error on a span.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from errortax.http import STATUSES
from errortax.integrations._redacting import error_of, redactor_of, traceback_text
from errortax.model import CanonicalError, VendorError
from errortax.registry import Registry

if TYPE_CHECKING:
    from opentelemetry.trace import Span

_PREFIX: Final = "errortax."


def attributes(error: CanonicalError | VendorError) -> dict[str, str | int]:
    """
    Return the attributes of an *error* that take few values: good for metrics, and for spans.

    ``error.type`` is the category and ``http.response.status_code`` the status, if known; the semantic conventions define
    them. ``errortax.vendor``, ``errortax.retryability`` and ``errortax.entry`` are our own. The last one is the documented
    code that decided. Raise `TypeError` for an object that is neither a `CanonicalError` nor a `VendorError`.
    """
    error = error_of(error)
    found: dict[str, str | int] = {
        "error.type": error.category.value,
        f"{_PREFIX}vendor": error.vendor,
        f"{_PREFIX}retryability": error.retryability.value,
    }
    if error.match.entry is not None:
        found[f"{_PREFIX}entry"] = error.match.entry
    if (status := error.status) is not None and status in STATUSES:
        found["http.response.status_code"] = status
    return found


def span_attributes(error: CanonicalError | VendorError, *, registry: Registry | None = None) -> dict[str, str | int | float]:
    """
    Return the `attributes` of an *error* and those that take many values: never for metrics.

    They are ``errortax.code`` and ``errortax.request_id``, verbatim, and ``errortax.retry_after`` in seconds, each if known;
    ``errortax.action`` and ``errortax.actor``, the next step and who takes it; and ``errortax.match.level``. A `VendorError`
    has ``http.request.method`` and ``url.full``, too, as far as its request is known. Known shapes of credentials are taken
    out of the address; *registry* has those of the vendors, None means the bundled ones.
    """
    url = getattr(error, "url", None)
    request = {
        "http.request.method": getattr(error, "method", None),
        "url.full": None if url is None else redactor_of(registry).one(url),
    }
    error = error_of(error)
    detailed = {
        "code": error.code,
        "request_id": error.request_id,
        "retry_after": error.retry_after,
        "action": error.action.value,
        "actor": error.actor.value,
        "match.level": error.match.level.value,
    }
    found = {**request, **{f"{_PREFIX}{name}": value for name, value in detailed.items()}}
    return {**attributes(error), **{name: value for name, value in found.items() if value is not None}}


def record(error: CanonicalError | VendorError, span: Span | None = None, *, registry: Registry | None = None) -> None:
    """
    Record the *error* on a *span*: its attributes, the span's status, and for a `VendorError` the event ``exception``.

    Args:
        error: the error. The event contains the traceback of a `VendorError`, without secrets.
        span: the span; None means the current one.
        registry: the vendors whose secrets are redacted; None means the bundled ones.

    Raises:
        TypeError: *error* is neither a `CanonicalError` nor a `VendorError`, or *registry* is not a registry.

    """
    from opentelemetry.trace import Status, StatusCode, get_current_span

    canonical, redactor = error_of(error), redactor_of(registry)
    span = get_current_span() if span is None else span
    if not span.is_recording():
        return
    span.set_attributes(span_attributes(error, registry=registry))
    span.set_status(Status(StatusCode.ERROR, str(canonical)))
    if isinstance(error, VendorError):
        kind = type(error)
        texts = {"message": str(error), "stacktrace": traceback_text(error), "code": canonical.code, "id": canonical.request_id}
        redacted = redactor.copy(texts)
        span.add_event(
            "exception",
            {
                "exception.type": f"{kind.__module__}.{kind.__qualname__}",
                "exception.message": redacted["message"],
                "exception.stacktrace": redacted["stacktrace"],
            },
        )
