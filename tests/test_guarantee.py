"""
The guarantee that rests on no pattern: nothing that a vendor wrote is shown unless it was asked for.

Each example of each vendor gets a canary in every header field and every member, see `gateways.canaries`. What survives by
design has none: the code, the request id, the names of fields.
"""

from __future__ import annotations

import io
import json
import logging
from traceback import format_exception
from typing import Final

import pytest
import sentry_sdk
from sentry_sdk.transport import Transport

import errortax
from errortax import Exposure, explain, hint_text, parse, render
from errortax.exceptions import exception_for
from errortax.integrations import opentelemetry, sentry
from errortax.integrations.logging import record_filter
from errortax.integrations.structlog import processor
from errortax.model import details_of
from errortax.rendering import formats
from gateways.upstream import CANARY, VENDORS, examples, reply_to


def errors(vendor):
    """Yield the errors of the examples of *vendor*, with canaries in all places, and their responses."""
    for number in range(len(examples(vendor))):
        raw = reply_to(f"/{vendor}/canary/{number}").raw
        error = parse(raw, vendor)
        if error is not None:
            yield error, raw


def raised(error, raw):
    """Return the exception for *error*, raised from another one."""
    try:
        raise exception_for(error, method="GET", url="https://example.test/") from ValueError(f"{raw!r}")
    except errortax.exceptions.VendorError as exception:
        return exception


def logged(error, exception, filters=()):
    """Return what logging writes about an error and its exception."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    for each in filters:
        handler.addFilter(each)
    logger = logging.Logger("guarantee")
    logger.addHandler(handler)
    logger.warning("%s %r %s", error, error, {"error": error}, extra={"error": error})
    logger.warning("failed: %s", exception, exc_info=exception)
    return stream.getvalue()


class Kept(Transport):
    """Keeps what Sentry's own client would send."""

    events: Final = []

    def capture_envelope(self, envelope):
        """Keep the event of the *envelope*."""
        self.events.append(envelope.get_event())


SENTRY = sentry_sdk.Client(
    transport=Kept(), before_send=sentry.before_send, default_integrations=False, auto_enabling_integrations=False
)


def sent_to_sentry(thing):
    """Return what Sentry's own client sends of a *thing* in extra data and in a context."""
    with sentry_sdk.isolation_scope() as scope:
        scope.set_client(SENTRY)
        scope.set_extra("error", {"tries": [thing]})
        scope.set_context("error", {"tries": [thing]})
        sentry_sdk.capture_message("failed")
    return repr(Kept.events.pop())


def shown(error, raw):
    """Yield all forms in which an error is shown without a request for the vendor's texts, each with its name."""
    exception = raised(error, raw)
    yield "str", f"{error} {error!s:>9} {error!r} {[error]}"
    yield "response", f"{raw!r} {raw.headers!r} {[raw]}"
    yield "exception", f"{exception} {exception!r} {exception.args} {''.join(format_exception(exception))}"
    yield "log", logged(error, exception)
    for thing in (error, exception):
        yield "value in an event of structlog", repr(processor()(None, "warning", {"event": "failed", "tries": [thing]}))
        record = logging.makeLogRecord({"msg": {"tries": thing}, "tries": {"last": thing}})
        record_filter().filter(record)
        yield "value in a record of logging", repr(vars(record))
        yield "value in an event of Sentry", sent_to_sentry(thing)
    yield "advice", f"{hint_text(error)} {hint_text(error, locale='nl')} {explain(error.vendor, error.match.entry or 'x')}"
    yield "attributes", repr((opentelemetry.span_attributes(error), sentry.fingerprint(error)))
    yield "event", repr(sentry.before_send({}, {"exc_info": (type(exception), exception, None)}))
    for name in formats():
        for exposure in ("public", "developer", Exposure(texts=False, preserved=False, match=True)):
            response = render(error, name, expose=exposure)
            fields = [(field, response.headers.get_all(field)) for field in response.headers]
            yield f"{name}, {exposure}", f"{response.status} {fields} {response.body!r}"


@pytest.mark.parametrize("vendor", VENDORS)
def test_nothing_that_a_vendor_wrote_is_shown(vendor):
    """
    No canary is in the text of an error or its exception, in a traceback, a log line, a trace or a rendered answer.
    """
    found = [(place, error.code) for error, raw in errors(vendor) for place, text in shown(error, raw) if CANARY in text.lower()]
    assert [] == found


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_canaries_are_there(vendor):
    """
    The canaries are in the texts that are shown on request.
    """
    found = [error for error, _ in errors(vendor) if CANARY in json.dumps(error.to_dict()).lower()]
    assert len(found) > 2
    error = found[0]
    assert CANARY in repr(details_of(error)).lower()
    assert CANARY in render(error, expose="operator").body.decode().lower()
    assert CANARY not in logged(error, raised(error, None), [record_filter()]).lower()
    assert CANARY not in repr(processor()(None, "info", {"event": f"failed: {error}"})).lower()
