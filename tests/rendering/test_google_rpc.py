"""
The JSON of google.rpc.Status (AIP-193), read by Google's own client library as well.
"""

from __future__ import annotations

import json
import re

import pytest
import requests
from google.api_core.exceptions import from_http_response

from errortax import CanonicalError, Category, RawResponse, load_registry, parse, read, render, transport_error
from errortax.model import MAX_DELAY
from errortax.rendering import AUDIENCES
from errortax.rendering.names import names_of
from errortax.testing import documented_errors, fake

DOCUMENTED = [parse(fake(vendor, code), vendor) for vendor, code in documented_errors()]
PREFIX = "type.googleapis.com/google.rpc."


def status_of(error, **choices):
    """Return the google.rpc.Status as JSON."""
    return json.loads(render(error, "google.rpc", **choices).body)["error"]


def details_of(error, **choices):
    """Return the details by their type; AIP-193 allows one of each."""
    details = status_of(error, **choices)["details"]
    found = {detail["@type"].removeprefix(PREFIX): detail for detail in details}
    assert len(details) == len(found)
    return found


def error_with(**members):
    """Return a documented error with other details."""
    return CanonicalError.from_dict(DOCUMENTED[0].to_dict() | members)


def answer(*details):
    """Return the error that is read from these details."""
    return read(RawResponse(500, {}, json.dumps({"error": {"details": details}}).encode()), "google.rpc")


def info(reason="INTERNAL", retryability="backoff", **metadata):
    """Return an ErrorInfo of ours."""
    metadata["retryability"] = retryability
    return {"@type": PREFIX + "ErrorInfo", "reason": reason, "domain": "example.com", "metadata": metadata}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_read_by_googles_library(audience):
    """
    google-api-core makes of each answer the exception with the same status, reason, domain, metadata and details.
    """
    for error in DOCUMENTED:
        rendered = render(error, "google.rpc", expose=audience)
        response = requests.Response()
        response.status_code, response._content = rendered.status, rendered.body
        response.request = requests.Request("GET", "https://api.example/").prepare()
        found = from_http_response(response)
        status = json.loads(rendered.body)["error"]
        assert rendered.status == found.code
        assert status["details"] == found.details
        assert found.message.endswith(status["message"])


def test_error_info_is_mandatory():
    """
    Each answer has an ErrorInfo first, whose reason, domain and metadata keep the rules of AIP-193.
    """
    for error in DOCUMENTED:
        first = status_of(error, expose="public")["details"][0]
        assert PREFIX + "ErrorInfo" == first["@type"]
        assert re.fullmatch(r"[A-Z][A-Z0-9_]+[A-Z0-9]", first["reason"])
        for name, value in details_of(error)["ErrorInfo"]["metadata"].items():
            assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name)
            assert isinstance(value, str)


def test_status():
    """
    The code is the HTTP status and the status the name of the gRPC code, both the category's.
    """
    for category in Category:
        error = error_with(category=category.value, emitted_status=418)
        status = status_of(error)
        assert (418, names_of(category).grpc) == (status["code"], status["status"])
        assert "application/json" == render(error, "google.rpc").headers["content-type"]


def test_details():
    """
    The wait, complaints, request id, pages, localised message and the vendor's text each have their own detail.
    """
    changes = {
        "retryability": "backoff",
        "retry_after": 1.5,
        "request_id": "rq_1",
        "message": "It broke.",
        "field_errors": [{"field": "a.b", "message": "Wrong."}, {"field": None, "message": "All wrong."}],
    }
    found = details_of(error_with(**changes), expose="operator", locale="de")
    assert "2s" == found["RetryInfo"]["retryDelay"]
    violations = [{"field": "a.b", "description": "Wrong."}, {"field": "", "description": "All wrong."}]
    assert violations == found["BadRequest"]["fieldViolations"]
    assert "rq_1" == found["RequestInfo"]["requestId"]
    assert "It broke." == found["DebugInfo"]["detail"]
    assert "de" == found["LocalizedMessage"]["locale"]
    assert found["LocalizedMessage"]["message"]
    pages = [link["url"] for link in found["Help"]["links"]]
    assert ["https://errortax.readthedocs.io/codes/categories/malformed_request", DOCUMENTED[0].documentation_url] == pages


def test_only_what_there_is():
    """
    An unknown part has no detail.
    """
    lost = transport_error("connection_failed")
    assert {"ErrorInfo", "Help", "LocalizedMessage"} == details_of(lost).keys()
    assert 1 == len(details_of(lost)["Help"]["links"])


def test_domain_of_own_pages():
    """
    The domain is that of the pages of the registry.
    """
    own = load_registry(documentation_url="http://errors.example:8080/a")
    assert "errors.example:8080" == details_of(transport_error("no_response"), registry=own)["ErrorInfo"]["domain"]


def test_wait_without_our_metadata():
    """
    RetryInfo alone contains the delay, too.
    """
    retry = {"@type": PREFIX + "RetryInfo", "retryDelay": "1.500s"}
    assert 1.5 == answer(info(), retry).retry_after
    assert 30 == answer(info(), retry | {"retryDelay": "30s"}).retry_after
    assert 7 == answer(info(retryAfter="7"), retry).retry_after


@pytest.mark.parametrize("delay", ["", "s", "5", "-5s", "5 s", "1e3s", "5ms", "\u0665s", "9" * 400 + "s", 5, None, {}, []])
def test_waits_that_are_none(delay):
    """
    A text that is not a duration of protobuf is not a delay.
    """
    assert answer(info(), {"@type": PREFIX + "RetryInfo", "retryDelay": delay}).retry_after is None
    assert answer(info(retryAfter=delay)).retry_after in {None, 5}


@pytest.mark.parametrize(
    "details",
    [
        None, {}, "ErrorInfo", [], [None, 7, []], [{"@type": 7}], [{"@type": PREFIX + "ErrorInfo"}],
        [info("STOCKOUT") | {"metadata": {"zone": "us-east1-a"}}], [info("NOT_FOUND") | {"metadata": {"retryability": 7}}],
        [info("NOT_FOUND") | {"metadata": {"vendor": "gopoints", "code": "12"}}], [info("INTERNAL") | {"metadata": "none"}],
        [info(7)],
        [info(None)],
    ],
)  # fmt: skip
def test_statuses_of_others(details):
    """
    An ErrorInfo that says nothing of repeating is none of ours, even if its reason is the name of a category.
    """
    assert read(RawResponse(500, {}, json.dumps({"error": {"details": details}}).encode()), "google.rpc") is None


@pytest.mark.parametrize("document", [None, [], {}, {"error": "no"}, {"error": []}, {"error": {}}, {"error": {"details": 7}}])
def test_other_documents(document):
    """
    A body that is not a google.rpc.Status contains no error.
    """
    assert read(RawResponse(500, {}, json.dumps(document).encode()), "google.rpc") is None


def test_odd_details():
    """
    Details with other members than they should have are passed over.
    """
    error = answer(
        info(),
        {"@type": PREFIX + "BadRequest", "fieldViolations": [None, {}, {"field": "a", "description": 7}, {"field": 7}]},
        {"@type": PREFIX + "RequestInfo", "requestId": 7},
        {"@type": PREFIX + "DebugInfo", "detail": []},
    )
    assert [(None, ""), ("a", ""), (None, "")] == [(each.field, each.message) for each in error.field_errors]
    assert (None, None) == (error.request_id, error.message)
    assert answer(info(), {"@type": PREFIX + "BadRequest", "fieldViolations": {}}).field_errors == ()


def test_the_first_of_a_kind_counts():
    """
    Of two details of one kind the first counts.
    """
    assert Category.NOT_FOUND is answer(info("NOT_FOUND"), info("INTERNAL")).category


def test_newer_category():
    """
    A category that only a newer release knows reads as unknown, and is not repeated unless it says so.
    """
    error = answer(info("SHARD_FROZEN", "never", vendor="gopoints"))
    assert (Category.UNKNOWN, "never", "gopoints") == (error.category, error.retryability, error.vendor)


def test_names_of_metadata():
    """
    Names in the metadata are written as AIP-193 wants them: in lowerCamelCase.
    """
    found = details_of(error_with(retry_after=1.5, min_delay=60))["ErrorInfo"]["metadata"]
    assert ("1.5", "60") == (found["retryAfter"], found["minDelay"])
    assert not [name for name in found if "_" in name]


def test_longest_wait():
    """
    The longest wait is ten years, as in the parser.
    """
    assert MAX_DELAY == answer(info(retryAfter="1e300")).retry_after
