"""
The functions that a program calls: which vendor, which registry, and what is the caller's mistake.
"""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace

import pytest

from errortax import (
    BodyKind,
    Category,
    Level,
    OutcomeKind,
    RawResponse,
    Registry,
    Retryability,
    classify,
    default_registry,
    exceptions,
    parse,
    transport_error,
)
from strategies import SLUG, full_vendor_documents, response


@pytest.mark.parametrize(("url", "vendor"), [
    (None, "http"),
    ("", "http"),
    ("https://api.gopoints.net/x", "gopoints"),
    ("https://API.GoPoints.NET/x", "gopoints"),
    ("https://a.b.gopoints.net./x", "gopoints"),
    ("https://user:secret@api.gopoints.net:8443/x?y#z", "gopoints"),
    ("https://api.gopoints.net?x", "gopoints"),
    ("https://api.gopoints.net#x", "gopoints"),
    ("https://api.authrocket.com", "authrocket"),
    ("https://planocore.planomatic.com/", "planoauth"),
    ("https://api.youforce.com/", "youforce"),
    ("https://gopoints.net.evil.test/", "http"),
    ("https://evilgopoints.net/", "http"),
    ("https://evil.test/?https://api.gopoints.net", "http"),
    ("https://evil.test/@api.gopoints.net", "http"),
    ("https://api.gopoints.net@evil.test/", "http"),
    ("https://[::1]:80/", "http"),
    ("api.gopoints.net", "http"),
    ("https://", "http"),
    ("https://..", "http"),
    ("https://" + "a." * 5000 + "gopoints.net", "gopoints"),
])  # fmt: skip
def test_the_host_decides_without_a_vendor(url, vendor):
    """
    Without a vendor, the host of the URL decides; if it does not, HTTP itself speaks.
    """
    raw = RawResponse(500, {}, b"", url)
    assert vendor == parse(raw).vendor == classify(raw).error.vendor


@pytest.mark.parametrize(
    "body", [SLUG, b'{"status": "error", "error_code": "auth.token.expired"}', b'{"title": "a", "status": 409}']
)
def test_a_body_never_chooses_the_vendor(body):
    """
    However telling a body is, without vendor and host it is judged by what HTTP says.
    """
    error = parse(RawResponse(401, {"X-Request-ID": "rq_1abc"}, body))
    assert ("http", "generic_status", "credentials_invalid") == (error.vendor, error.match.level, error.category)


def test_the_vendor_outranks_the_host():
    """
    A vendor that is named is asked, whatever the URL.
    """
    assert "planoauth" == parse(RawResponse(401, {}, SLUG, "https://api.gopoints.net"), "planoauth").vendor


def test_a_response_object_has_a_host_too():
    """
    The URL of a client's response object decides as well.
    """
    held = SimpleNamespace(status_code=401, headers={}, url="https://api.gopoints.net/x", content=b"")
    assert "gopoints" == parse(held).vendor == classify(held).error.vendor


@pytest.mark.parametrize("function", [parse, classify, lambda _, vendor: transport_error("no_response", vendor=vendor)])
@pytest.mark.parametrize("vendor", ["gopoint", "", "GoPoints", 7])
def test_an_unknown_vendor_is_the_callers_mistake(function, vendor):
    """
    A vendor that the registry does not hold raises at once, with the near misses.
    """
    with pytest.raises(exceptions.UnknownVendorError) as caught:
        function(RawResponse(401), vendor)
    assert isinstance(caught.value, KeyError)
    if vendor == "gopoint":
        assert "unknown vendor 'gopoint'; did you mean 'gopoints'?" == str(caught.value)


@pytest.mark.parametrize("function", [parse, classify])
def test_a_moment_without_a_zone_is_the_callers_mistake(function):
    """
    A naive datetime is refused, since nobody knows which moment it is.
    """
    with pytest.raises(ValueError, match="has no time zone; pass an aware datetime or POSIX seconds"):
        function(RawResponse(500), now=datetime(2026, 11, 21))  # noqa: DTZ001  # naive on purpose


@pytest.mark.parametrize(("status", "document", "kind", "entry"), [
    (200, {"status": "action-successful"}, OutcomeKind.SUCCESS, "action-successful"),
    (200, {"status": "brand-new"}, OutcomeKind.SUCCESS, "200"),
    (202, b"", OutcomeKind.PENDING, "202"),
    (304, b"", OutcomeKind.SUCCESS, "304"),
    (302, b"", OutcomeKind.REDIRECT, "302"),
    (401, SLUG, OutcomeKind.ERROR, "session-expired"),
])  # fmt: skip
def test_an_outcome_tells_kind_and_entry(status, document, kind, entry):
    """
    An outcome names its kind and the entry behind it; an error is in it exactly if it is one.
    """
    outcome = classify(response(status, document), "planoauth")
    assert (kind, entry, kind is OutcomeKind.ERROR) == (outcome.kind, outcome.entry, outcome.error is not None)
    assert (outcome.entry, outcome.error) == (outcome.match.entry, parse(response(status, document), "planoauth"))


def test_an_outcome_says_what_its_error_says():
    """
    Delay, hints, id, rate limit and match of an outcome are those of its error.
    """
    headers = {"RateLimit-Remaining": "0", "RateLimit-Reset": "60", "X-Request-ID": "rq_1"}
    outcome = classify(response(429, b"", headers), "authrocket")
    error = outcome.error
    assert (60.0, "rq_1", 0) == (outcome.retry_after, outcome.request_id, outcome.rate_limit.remaining)
    for member in ("retryability", "retry_after", "hints", "request_id", "rate_limit", "match"):
        assert getattr(error, member) == getattr(outcome, member)


@pytest.mark.parametrize(("category", "sent", "retryability"), [
    ("connection_failed", None, "backoff"), ("connection_failed", True, "backoff"), ("connection_failed", False, "after_delay"),
    ("no_response", None, "backoff"), ("no_response", True, "backoff"), (Category.NO_RESPONSE, None, "backoff"),
    ("connection_impossible", None, "never"), ("connection_impossible", False, "never"),
    ("invalid_response", None, "backoff"), ("invalid_response", False, "after_delay"),
    ("cancelled", None, "never"), ("cancelled", False, "never"),
])  # fmt: skip
def test_no_response_is_an_error_too(category, sent, retryability):
    """
    A request without a response is an error of the level `transport`; what was never sent may be repeated by any method.
    """
    error = transport_error(category, sent=sent)
    assert ("http", category, retryability) == (error.vendor, error.category, error.retryability)
    assert (Level.TRANSPORT, BodyKind.UNREAD, None) == (error.match.level, error.match.body, error.match.entry)
    assert (None, None, None, None, {}) == (error.code, error.status, error.message, error.request_id, error.preserved)
    assert error.title
    assert error.description
    assert error.hints


def test_no_response_has_a_vendor_too():
    """
    The vendor that did not answer can be named.
    """
    assert "gopoints" == transport_error("no_response", vendor="gopoints").vendor
    registry = Registry(document | {"title": "x"} for document in full_vendor_documents())
    assert "youforce" == transport_error("no_response", vendor="youforce", registry=registry).vendor


@pytest.mark.parametrize("category", ["rate_limited", Category.INTERNAL, "timeout", "unknown", "", "CANCELLED", None])
def test_other_categories_are_no_transport_errors(category):
    """
    Only the categories of the group transport can befall a request without a response.
    """
    with pytest.raises(ValueError, match=r"transport_error: category is .*; pass one of invalid_response, .*cancelled"):
        transport_error(category)


def test_what_was_not_sent_has_no_response_to_wait_for():
    """
    A time-out before the request was sent is a failed connection, whose text does not say that it may have been carried out.
    """
    with pytest.raises(ValueError, match="pass 'connection_failed'"):
        transport_error("no_response", sent=False)
    assert "carried out" in transport_error("no_response").description
    assert "carried out" not in transport_error("connection_failed", sent=False).description


def test_what_has_to_be_corrected():
    """
    The hint says which part of the connection has to be corrected, where that is known.
    """
    assert "proxy" == transport_error("connection_impossible", target="proxy").hints[0].target
    assert transport_error("connection_impossible").hints[0].target is None


def test_a_registry_may_be_passed():
    """
    Verdicts come from the registry that is passed, and another one does not learn of it.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "planoauth")
    next(entry for entry in vendor["entries"] if entry["code"] == "session-expired")["category"] = "declined"
    vendor["hosts"] = ["auth.example.test"]
    registry = Registry(documents)
    raw = RawResponse(401, {}, SLUG, "https://auth.example.test/")
    assert Category.DECLINED is parse(raw, registry=registry).category is classify(raw, registry=registry).error.category
    assert Category.CREDENTIALS_INVALID is parse(raw).category
    assert Category.CREDENTIALS_EXPIRED is parse(raw, "planoauth").category


def test_a_newer_data_file_breaks_no_reader():
    """
    Names that a newer data file holds read as their fall-backs.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "planoauth")
    entry = {
        "code": "odd",
        "category": "brand_new",
        "retryability": "brand_new",
        "hints": [{"action": "newer", "actor": "newer"}],
    }
    vendor["entries"].append(entry)
    error = parse(response(400, {"status": "odd"}), "planoauth", registry=Registry(documents))
    assert (Category.UNKNOWN, Retryability.NEVER) == (error.category, error.retryability)
    assert ("none", "developer") == (error.action, error.actor)


def test_the_default_registry_is_made_once():
    """
    The default registry is one object, of bundled vendors alone, compared by identity.
    """
    assert default_registry() is default_registry()
    assert ("authrocket", "gopoints", "http", "planoauth", "youforce") == tuple(default_registry())
    assert default_registry() != Registry(full_vendor_documents())


@pytest.mark.parametrize(
    ("now", "error", "message"),
    [
        ("noon", TypeError, "now must be an aware datetime or POSIX seconds, not 'noon'"),
        (True, TypeError, "now must be an aware datetime or POSIX seconds, not True"),
        (float("nan"), ValueError, "now is nan; pass an aware datetime or POSIX seconds"),
    ],
)
def test_now_that_is_no_moment(now, error, message):
    """
    A moment that is none is the caller's mistake, told at once.
    """
    with pytest.raises(error, match=message):
        parse(RawResponse(429), now=now)
