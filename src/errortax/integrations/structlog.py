"""
structlog: a processor that takes secrets out of events and writes out what went wrong. structlog is not imported here.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableMapping
from typing import Any, Final

from errortax.integrations._redacting import fields, first_error, redactor_of, traceback_text
from errortax.registry import Registry

_OF_FORMATTER: Final = ("_record", "_from_structlog")  # what ProcessorFormatter hands to its processors


def processor(*, registry: Registry | None = None) -> Callable[[Any, str, MutableMapping[str, Any]], dict[str, Any]]:
    """
    Return a processor that redacts all texts of an event; put it last, right before the renderer.

    Values under secret names are masked. `CanonicalError` and `VendorError` become their wire form, an exception in
    ``exc_info`` its traceback under ``exception``; the keys ``error_category``, ``error_vendor``, ``error_code``,
    ``error_status``, ``error_retryability`` and ``error_request_id`` tell of the first error among them. It never raises
    and changes nothing that the event holds. EventRedactor are those of all vendors in the *registry*; raise `TypeError` for
    what is none.
    """
    redactor = redactor_of(registry)

    def redact(_: Any, __: str, event_dict: MutableMapping[str, Any]) -> dict[str, Any]:
        event = dict(event_dict)
        held: dict[str, Any] = {name: event.pop(name) for name in _OF_FORMATTER if name in event}
        exception = _exception(event.pop("exc_info", None))
        error = first_error((exception, *event.values()))
        if exception is not None:
            event.setdefault("exception", traceback_text(exception))
        if error is not None:
            event = {**event, **fields(error), **event}
        return {**redactor.copy(event), **held}

    return redact


def _exception(exc_info: Any) -> BaseException | None:
    """Return the exception that *exc_info* means in all the forms that structlog takes."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return next((part for part in exc_info if isinstance(part, BaseException)), None)
    return sys.exc_info()[1] if exc_info else None
