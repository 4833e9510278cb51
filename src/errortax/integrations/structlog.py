"""
structlog: a processor that takes secrets out of events and adds the fields of the error. This module does not import
structlog.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, MutableMapping
from typing import Any, Final

from errortax.integrations._redacting import fields, first_error, redactor_of, traceback_text
from errortax.registry import Registry

_OF_FORMATTER: Final = ("_record", "_from_structlog")  # ProcessorFormatter passes them to its processors


def processor(*, registry: Registry | None = None) -> Callable[[Any, str, MutableMapping[str, Any]], dict[str, Any]]:
    """
    Return a processor that redacts all texts of an event; put it last, right before the renderer.

    Values under secret names are masked. `CanonicalError` and `VendorError` become their wire form without the vendor's
    texts; pass ``error.to_dict()`` to log these, too. An exception in ``exc_info`` becomes its traceback under
    ``exception``. The keys ``error_category``, ``error_vendor``, ``error_code``, ``error_status``, ``error_retryability``,
    ``error_request_id``, ``error_method`` and ``error_url`` describe the first error among them. The processor never raises,
    and does not change the values of the event.

    Args:
        registry: the vendors whose secrets are redacted; None means the bundled ones.

    Raises:
        TypeError: *registry* is not a registry.

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
    """Return the exception of *exc_info*, in any form that structlog takes, or None."""
    if isinstance(exc_info, BaseException):
        return exc_info
    if isinstance(exc_info, tuple):
        return next((part for part in exc_info if isinstance(part, BaseException)), None)
    return sys.exc_info()[1] if exc_info else None
