"""
Which vendor probably sent a response.
"""

from __future__ import annotations

import json

import pytest

from errortax import RawResponse, Registry, default_registry, detect_vendor, load_registry
from strategies import EXAMPLES

SLUG = {"status": "session-expired", "code": 401}
DOTTED = {"status": "error", "error_code": "auth.token.expired", "error_id": "e1", "messages": []}
PROBLEM = {"type": "about:blank", "title": "Not Found", "status": 404}


@pytest.mark.parametrize(
    ("vendor", "response"),
    [
        ("authrocket", RawResponse(200, url="https://api-e1.authrocket.com/v2/users?page=2")),
        ("authrocket", RawResponse(401, {}, json.dumps(SLUG), "https://User:pw@API.AuthRocket.com.:443")),
        ("authrocket", RawResponse(500, {"x-request-id": "rq_7h"})),
        ("authrocket", RawResponse(401, {"X-Request-ID": "rq_7h"}, json.dumps(SLUG))),
        ("planoauth", RawResponse(401, {"X-Request-ID": "7h"}, json.dumps(SLUG))),
        ("planoauth", RawResponse(401, {}, json.dumps(SLUG), "https://example.com/")),
        ("gopoints", RawResponse(401, {}, json.dumps(DOTTED))),
        ("gopoints", RawResponse(401, {}, json.dumps(DOTTED | {"error_code": "auth.token.new"}))),
        (None, RawResponse(404, {}, json.dumps(PROBLEM))),
        (None, RawResponse(404, {}, b'{"message": "gone"}')),
        (None, RawResponse(404, {}, b"<html>")),
        (None, RawResponse(404, {}, b"{}")),
        (None, RawResponse(404)),
        (None, RawResponse(404, url="no address")),
    ],
)
def test_evidence(vendor, response):
    """
    The host decides, then typical headers, then a documented code, then an uncommon shape; else the result is None.
    """
    assert vendor == detect_vendor(response)


def test_examples():
    """
    No example of a vendor is detected as another vendor's.
    """
    assert not [
        (vendor, example.name, found)
        for vendor, example in EXAMPLES
        if (found := detect_vendor(example.raw)) not in {vendor, None} and vendor != "http"
    ]


def test_tie():
    """
    If two vendors fit a response equally well, the result is None.
    """
    http, one = default_registry().document("http"), default_registry().document("planoauth")
    other = {**one, "vendor": "planobis", "hosts": []}
    raw = RawResponse(401, {}, json.dumps(SLUG))
    assert detect_vendor(raw, registry=Registry([http, one, other])) is None
    assert "planoauth" == detect_vendor(raw, registry=load_registry())
    assert detect_vendor(raw, registry=Registry([http])) is None


def test_object_that_is_not_a_response():
    """
    An object that is not a response is the caller's mistake.
    """
    with pytest.raises(TypeError, match="not a response"):
        detect_vendor(object())
