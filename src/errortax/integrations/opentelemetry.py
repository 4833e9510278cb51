"""
OpenTelemetry: attributes for metrics and spans, and a span that tells what went wrong.
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

    ``error.type`` is the category and ``http.response.status_code`` the status, where known, as the semantic conventions
    define them; ``errortax.vendor``, ``errortax.retryability`` and ``errortax.entry`` are our own, the last one the
    documented code that decided. Raise `TypeError` for what is no error of ours.
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


def span_attributes(error: CanonicalError | VendorError) -> dict[str, str | int | float]:
    """
    Return the `attributes` of an *error* and those that take many values: never for metrics.

    They are ``errortax.code`` and ``errortax.request_id``, verbatim, and ``errortax.retry_after`` in seconds, each where
    known, ``errortax.action`` and ``errortax.actor``, which say who has to do what, and ``errortax.match.level``.
    """
    error = error_of(error)
    detailed = {
        "code": error.code,
        "request_id": error.request_id,
        "retry_after": error.retry_after,
        "action": error.action.value,
        "actor": error.actor.value,
        "match.level": error.match.level.value,
    }
    return {**attributes(error), **{f"{_PREFIX}{name}": value for name, value in detailed.items() if value is not None}}


def record(error: CanonicalError | VendorError, span: Span | None = None, *, registry: Registry | None = None) -> None:
    """
    Write the *error* on the *span*, or on the current one: its attributes, the status, and of an exception the event.

    Of the exception's traceback, secrets of all vendors in the *registry* are taken out. Raise `TypeError` for what is no
    error of ours or no registry.
    """
    from opentelemetry.trace import Status, StatusCode, get_current_span

    canonical, redactor = error_of(error), redactor_of(registry)
    span = get_current_span() if span is None else span
    if not span.is_recording():
        return
    span.set_attributes(span_attributes(canonical))
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
