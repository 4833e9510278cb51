"""
Sentry: a fingerprint for grouping, and a ``before_send`` that tags and redacts. The SDK is not imported here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain, repeat
from typing import Any, Final

from errortax.integrations._redacting import LEFT_OUT, Secrets, error_behind, error_of, fields, secrets_of
from errortax.model import CanonicalError, VendorError
from errortax.registry import Registry

_PARTS: Final = ("message", "logentry", "extra", "breadcrumbs")  # of an event, redacted as a whole


def fingerprint(error: CanonicalError | VendorError) -> list[str]:
    """
    Return what groups the events of an *error*: vendor and documented code, or category where no code is documented.

    Texts and undocumented codes take no part, so that a vendor cannot open new groups. Raise `TypeError` for what is no
    error of ours.
    """
    error = error_of(error)
    return [error.vendor, error.match.entry or error.category.value]


def before_send(event: Any, hint: Mapping[str, Any]) -> Any:
    """
    Return the *event* tagged, grouped and redacted: for ``sentry_sdk.init(before_send=…)``.

    Where a `VendorError` was raised, or caused what was raised, the tags ``errortax.vendor``, ``errortax.category``,
    ``errortax.code`` and ``errortax.retryability`` are set; the fingerprint only if it is itself what was raised and the
    event has none. Redacted are the texts of exceptions, local variables, the message, extra data and breadcrumbs;
    requests, users, contexts and transactions are left as they are. Secrets are those of the bundled vendors.
    """
    return _send(event, hint, secrets_of(None))


def before_send_for(registry: Registry) -> Callable[[Any, Mapping[str, Any]], Any]:
    """
    Return what `before_send` is, for the vendors of a *registry* of your own; raise `TypeError` for what is none.
    """
    secrets = secrets_of(registry)

    def send(event: Any, hint: Mapping[str, Any]) -> Any:
        return _send(event, hint, secrets)

    return send


def _send(event: Any, hint: Mapping[str, Any], secrets: Secrets) -> Any:
    exception = (hint.get("exc_info") or (None, None))[1]
    error = error_behind(exception)
    if error is not None:
        event["tags"] = {**_tags(error), **dict(event.get("tags") or {})}
    if isinstance(exception, VendorError) and not event.get("fingerprint"):
        event["fingerprint"] = fingerprint(exception)
    places = list(_places(event))
    told = {} if error is None else fields(error)  # so that its code and its request id survive
    redacted = secrets.copy({**told, "places": [holder[name] for holder, name in places]})["places"]
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
    """Yield where texts stand that may hold secrets, those that tell most first: what holds them, and under which name."""
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
