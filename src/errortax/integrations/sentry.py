"""
Sentry: a fingerprint for grouping, and a ``before_send`` that tags and redacts. This module does not import the SDK.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, repeat
from typing import Any, Final

from errortax.integrations._redacting import LEFT_OUT, error_behind, error_of, fields, redactor_of
from errortax.model import CanonicalError, VendorError
from errortax.registry import Registry

_PARTS: Final = ("message", "logentry", "extra", "breadcrumbs")  # of an event, redacted as a whole


def fingerprint(error: CanonicalError | VendorError) -> list[str]:
    """
    Return the fingerprint that groups the events of an *error*: vendor and documented code, or vendor and category.

    Texts and undocumented codes take no part, so a vendor cannot open new groups. Raise `TypeError` for an object that is
    neither a `CanonicalError` nor a `VendorError`.
    """
    error = error_of(error)
    return [error.vendor, error.match.entry or error.category.value]


def before_send(event: Any, hint: Mapping[str, Any], *, registry: Registry | None = None) -> Any:
    """
    Return the *event* tagged, grouped and redacted: for ``sentry_sdk.init(before_send=…)``.

    If a `VendorError` was raised, or caused the exception that was raised, the event gets the tags ``errortax.vendor``,
    ``errortax.category``, ``errortax.code`` and ``errortax.retryability``. It gets the `fingerprint` only if the
    `VendorError` itself was raised and the event has no fingerprint. Redacted are the texts of exceptions, local variables,
    the message, extra data and breadcrumbs. Requests, users, contexts and transactions are left as they are.

    Args:
        event: Sentry's event, which is changed.
        hint: Sentry's hint, which holds the exception.
        registry: the vendors whose secrets are redacted; None means the bundled ones. Sentry does not pass it: bind your
            own registry with ``functools.partial(before_send, registry=…)``.

    Returns:
        The same event.

    Raises:
        TypeError: *registry* is not a registry.

    """
    redactor = redactor_of(registry)
    exception = (hint.get("exc_info") or (None, None))[1]
    error = error_behind(exception)
    if error is not None:
        event["tags"] = {**_tags(error_of(error)), **dict(event.get("tags") or {})}
    if isinstance(exception, VendorError) and not event.get("fingerprint"):
        event["fingerprint"] = fingerprint(exception)
    places = list(_places(event))
    visible = {} if error is None else fields(error)  # so that its code and its request id survive in the texts
    redacted = redactor.copy({**visible, "places": [holder[name] for holder, name in places]})["places"]
    for (holder, name), value in zip(places, chain(redacted, repeat(LEFT_OUT)), strict=False):
        holder[name] = value
    return event


def _tags(error: CanonicalError) -> dict[str, str]:
    tags = {
        "errortax.vendor": error.vendor,
        "errortax.category": error.category.value,
        "errortax.code": error.code,
        "errortax.retryability": error.retryability.value,
    }
    return {name: value for name, value in tags.items() if value is not None}


def _places(event: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield the places of texts that may hold secrets, the most important first: the dict and the name in it."""
    raised = [*_members(event, "exception"), *_members(event, "threads")]
    yield from ((exception, "value") for exception in raised if "value" in exception)
    yield from ((event, part) for part in _PARTS if part in event)
    for exception in raised:
        stacktrace = exception.get("stacktrace")
        frames = stacktrace.get("frames") if isinstance(stacktrace, dict) else None
        yield from ((frame, "vars") for frame in frames or () if "vars" in frame)


def _members(event: dict[str, Any], part: str) -> list[dict[str, Any]]:
    """Return the members of a *part* of an event, which has them in a list or as the ``values`` of a dict."""
    held = event.get(part)
    return list((held.get("values") if isinstance(held, dict) else held) or ())
