"""
Fingerprints, tags and redaction in Sentry's own client; its events stay on this machine.
"""

from __future__ import annotations

import json
import logging
from functools import partial

import pytest
import sentry_sdk
from sentry_sdk.integrations.logging import EventHandler
from sentry_sdk.transport import Transport

import errortax
from errortax import RawResponse
from errortax.exceptions import VendorError, exception_for
from errortax.integrations.logging import record_filter
from errortax.integrations.sentry import before_send, fingerprint
from secret_holders import credential_holders, secret_echoes, secret_holders
from secrets_corpus import planted
from strategies import EXAMPLES

REQUEST_ID = "9f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0"
BODY = {"status": "error", "error_code": "auth.token.expired", "error_id": REQUEST_ID}
ERROR = errortax.parse(RawResponse(401, {}, json.dumps(BODY)), "gopoints")
TAGS = {
    "errortax.vendor": "gopoints",
    "errortax.category": "credentials_expired",
    "errortax.code": "auth.token.expired",
    "errortax.retryability": "after_action",
}


class Kept(Transport):
    """Keeps what would be sent."""

    def __init__(self):
        super().__init__()
        self.events = []

    def capture_envelope(self, envelope):
        """Keep the event of the *envelope*."""
        self.events.append(envelope.get_event())


class Sending:
    """Sends to a transport that keeps everything."""

    def __init__(self, hook=before_send, **options):
        self._transport = Kept()
        self._client = sentry_sdk.Client(
            transport=self._transport, before_send=hook, default_integrations=False, auto_enabling_integrations=False, **options
        )

    def __enter__(self):
        self._scopes = sentry_sdk.isolation_scope()
        scope = self._scopes.__enter__()
        scope.set_client(self._client)
        return scope

    def __exit__(self, *raised):
        self._scopes.__exit__(*raised)
        self._client.close()

    @property
    def event(self):
        """The one event that was sent."""
        [event] = self._transport.events
        return event


def raised(error=ERROR, cause=None):
    """Return the exception of an *error*, with a traceback and a cause."""
    try:
        raise exception_for(error) from cause
    except VendorError as exception:
        return exception


def test_fingerprint():
    """
    A documented code groups, together with the vendor.
    """
    assert ["gopoints", "auth.token.expired"] == fingerprint(ERROR) == fingerprint(exception_for(ERROR))


@pytest.mark.parametrize(
    ("expected", "make"),
    [
        (["planoauth", "no_response"], lambda: errortax.transport_error("no_response", vendor="planoauth")),
        (["http", "503"], lambda: errortax.parse(RawResponse(503))),
    ],
)
def test_fingerprint_without_a_code(expected, make):
    """
    If no code is documented, the status or the category groups.
    """
    assert expected == fingerprint(make())


@pytest.mark.parametrize(("status", "expected"), [(401, "401"), (409, "409"), (418, "4xx"), (None, "unknown")])
def test_fingerprint_of_an_undocumented_code(status, expected):
    """
    An undocumented code takes no part: the entry that decided in its place groups, or the category.
    """
    error = errortax.parse(RawResponse(status, {}, json.dumps({**BODY, "error_code": "auth.odd.1"})), "gopoints")
    assert "auth.odd.1" == error.code
    assert ["gopoints", expected] == fingerprint(error)


def test_fingerprints_are_stable():
    """
    Texts, ids and undocumented codes open no new groups.
    """
    bodies = [{**BODY, "error_code": f"auth.odd.{n}", "error_id": f"err-{n}", "messages": [f"no {n}"]} for n in range(20)]
    found = [fingerprint(errortax.parse(RawResponse(401, {}, json.dumps(body)), "gopoints")) for body in bodies]
    assert [found[0]] * 20 == found
    for vendor, example in EXAMPLES:
        error = errortax.parse(example.raw, vendor)
        assert error is None or 2 == len(fingerprint(error))


def test_fingerprint_of_other_things():
    """
    An object that is not an error of ours is refused with advice on what to pass.
    """
    with pytest.raises(
        TypeError, match=r"dict object is not an error of ours; pass an errortax\.CanonicalError or a VendorError"
    ):
        fingerprint({})


def test_an_exception():
    """
    An exception of ours gets its fingerprint and the tags, and keeps the id of its request.
    """
    sending = Sending()
    with sending:
        sentry_sdk.capture_exception(raised())
    assert ["gopoints", "auth.token.expired"] == sending.event["fingerprint"]
    assert TAGS == sending.event["tags"]
    assert f"Request {REQUEST_ID}." in sending.event["exception"]["values"][0]["value"]


def test_a_cause():
    """
    An exception that was caused by one of ours gets the tags, and keeps its group.
    """
    sending = Sending()
    wrapper = LookupError("no order")
    wrapper.__cause__ = raised()
    with sending:
        sentry_sdk.capture_exception(wrapper)
    assert TAGS == sending.event["tags"]
    assert "fingerprint" not in sending.event


def test_what_the_program_has_set_wins():
    """
    A fingerprint and tags of the program's own stay.
    """
    sending = Sending()
    with sending as scope:
        scope.fingerprint = ["mine"]
        scope.set_tag("errortax.code", "mine")
        scope.set_tag("shop", "delft")
        sentry_sdk.capture_exception(raised())
    assert ["mine"] == sending.event["fingerprint"]
    assert TAGS | {"errortax.code": "mine", "shop": "delft"} == sending.event["tags"]


def test_an_error_without_a_code():
    """
    A tag without a value is left out.
    """
    sending = Sending()
    with sending:
        sentry_sdk.capture_exception(raised(errortax.transport_error("no_response")))
    assert {"errortax.vendor", "errortax.category", "errortax.retryability"} == sending.event["tags"].keys()


def test_other_exceptions():
    """
    An exception that has nothing to do with us is redacted, and neither tagged nor grouped.
    """
    sending = Sending()
    with sending:
        sentry_sdk.capture_exception(ValueError("token=abc123"))
    assert "token=[redacted]" == sending.event["exception"]["values"][0]["value"]
    assert not {"tags", "fingerprint"} & sending.event.keys()


def test_redaction():
    """
    No secret is left in the texts of exceptions and their causes, local variables, extra data and breadcrumbs.
    """
    sending = Sending()

    def call(given):
        memorable_word = "swordfish"  # a name that Sentry's own scrubber does not know
        raise LookupError(f"{memorable_word} and {given}")

    with sending as scope:
        scope.set_extra("form", {"memorable_letters": "xyzzy", "city": "Delft", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736"})
        sentry_sdk.add_breadcrumb(message="GET /?otp=834412", data={"X-Api-Key": "plugh", "page": 2})
        try:
            call("token=abc123")
        except LookupError as cause:
            sentry_sdk.capture_exception(raised(cause=cause))
    event = sending.event
    shown = json.dumps({part: event[part] for part in ("extra", "breadcrumbs")})
    shown += json.dumps([exception["value"] for exception in event["exception"]["values"]])
    shown += json.dumps([frame["vars"] for value in event["exception"]["values"] for frame in value["stacktrace"]["frames"]])
    assert [] == [secret for secret in ("swordfish", "xyzzy", "834412", "plugh", "abc123") if secret in shown]
    assert "Delft" == event["extra"]["form"]["city"]
    assert "4bf92f3577b34da6a3ce929d0e0e4736" == event["extra"]["form"]["trace_id"]
    assert "GET /?otp=[redacted]" == event["breadcrumbs"]["values"][0]["message"]
    assert event["exception"]["values"][0]["stacktrace"]["frames"][-1]["context_line"]


def test_a_secret_is_found_in_every_form():
    """
    Whatever form a name and its value have, in local variables and extra data, the value is in none of them.

    The SDK makes lists of all tuples, so a named tuple has lost the names of its fields.
    """
    secret = "plughplugh1plugh"

    def call(form, echo):
        raise LookupError(form, echo)

    def shown(held):
        sending = Sending()
        with sending as scope:
            scope.set_extra("form", held)
            try:
                call(held, secret_echoes(secret))
            except LookupError as error:
                sentry_sdk.capture_exception(error)
        [exception] = sending.event["exception"]["values"]
        return json.dumps([sending.event["extra"], exception["value"], exception["stacktrace"]["frames"][-1]["vars"]])

    assert [] == [held for held in (*secret_holders(secret), *credential_holders(secret)) if secret in shown(held)]


@pytest.mark.parametrize("secret", ["it's hunter2", 'say "hunter2"', "back\\slash2", "\\'2\""])
def test_secrets_with_quotes(secret):
    """
    A secret in a local variable is removed from the texts of the event, even if `repr` writes its signs in another way.
    """
    sending = Sending()
    memorable_word = secret
    with sending:
        try:
            raise LookupError(f"no {memorable_word}!")
        except LookupError as error:
            sentry_sdk.capture_exception(error)
    assert "no [redacted]!" == sending.event["exception"]["values"][0]["value"]


def test_no_planted_secret_is_sent():
    """
    None of the secrets that are planted in texts is in the message of an event.
    """
    texts = [(secret, text) for _, secret, text in planted()[::3] if "ticket" not in text]
    for secret, text in texts:
        event = before_send({"message": text, "logentry": {"message": text, "params": [text]}}, {})
        assert json.dumps(secret)[1:-1] not in json.dumps(event)


def test_messages():
    """
    A message without an exception is redacted, the threads that come with it as well.
    """
    sending = Sending(attach_stacktrace=True)
    memorable_word = "swordfish"
    with sending:
        sentry_sdk.capture_message(f"{memorable_word} as password=hunter2")
    assert "[redacted] as password=[redacted]" == sending.event["message"]
    frames = sending.event["threads"]["values"][0]["stacktrace"]["frames"]
    assert "swordfish" not in json.dumps([frame["vars"] for frame in frames if frame["function"] == "test_messages"])


def test_logging():
    """
    With the logging filter that keeps the exception, Sentry's handler still gets it, and the event is redacted.
    """
    sending = Sending()
    handler = EventHandler()
    handler.addFilter(record_filter(keep_exc_info=True))
    logger = logging.Logger("shop")
    logger.addHandler(handler)
    with sending:
        logger.error("failed with token=%s", "abc123", exc_info=raised())
    assert ["gopoints", "auth.token.expired"] == sending.event["fingerprint"]
    assert "failed with token=[redacted]" == sending.event["logentry"]["message"]
    assert "abc123" not in json.dumps(sending.event["logentry"])


def test_out_of_scope():
    """
    Requests, users and contexts are left as they are.
    """
    parts = {"request": {"data": "token=abc123"}, "user": {"id": "jo"}, "contexts": {"trace": {"trace_id": "0" * 32}}}
    assert parts == before_send({**parts}, {})


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"exception": None, "threads": {}, "breadcrumbs": None, "tags": None},
        {"exception": [{"value": "token=abc123", "stacktrace": None}]},
        {"exception": {"values": [{"type": "E", "stacktrace": {"frames": None}}]}},
        {"exception": {"values": [{"value": None, "stacktrace": {"frames": [{"vars": None}, {}]}}]}},
    ],
)
def test_events_of_all_shapes(event):
    """
    Parts of an event may be missing or empty.
    """
    sent = before_send(event, {"exc_info": None})
    assert sent is event
    assert "abc123" not in json.dumps(sent)


def test_huge_events():
    """
    Parts beyond the limits are left out, not sent unchanged.
    """
    values = [{"value": f"token=abc123{number}"} for number in range(6000)]
    event = before_send({"exception": {"values": values}, "extra": {"token": "abc123"}}, {})
    assert "token=[redacted]" == event["exception"]["values"][0]["value"]
    assert ("…", "…") == (event["exception"]["values"][-1]["value"], event["extra"])


def test_own_registry(tmp_path):
    """
    The secrets of a vendor file of one's own are known.
    """
    path = tmp_path / "depot.json"
    document = {"format": "1.0", "vendor": "depot", "title": "Depot", "scheme": "http_status", "entries": []}
    shape = {"prefixes": ["dpt_"], "alphabet": "alphanumeric", "least": 8, "example": "dpt_madeup00"}
    path.write_text(json.dumps({**document, "secrets": {"shapes": [shape]}}))
    sending = Sending(partial(before_send, registry=errortax.load_registry(path)))
    with sending:
        sentry_sdk.capture_exception(ValueError("dpt_abcdefgh"))
    assert "[redacted]" == sending.event["exception"]["values"][0]["value"]


def test_bad_registry():
    """
    A registry of another class is refused with a message that says what to pass.
    """
    with pytest.raises(TypeError, match=r"registry must be an errortax\.Registry or None, not 'gopoints'"):
        before_send({}, {}, registry="gopoints")
