"""
OAuth 2.0 and its challenges (RFC 6749, RFC 6750, RFC 9470).
"""

from __future__ import annotations

import json
import re

import pytest
from attrs import evolve
from werkzeug.datastructures import WWWAuthenticate

from errortax import (
    CanonicalError,
    Category,
    RawResponse,
    Retryability,
    load_registry,
    locales,
    parse,
    read,
    render,
    transport_error,
)
from errortax.model import details_of, verdict_of
from errortax.rendering import AUDIENCES, formats
from errortax.rendering.names import names_of
from errortax.testing import documented_errors, fake

DOCUMENTED = [parse(fake(vendor, code), vendor) for vendor, code in documented_errors()]
PAGES = "https://errortax.readthedocs.io/codes"


def document_of(error, **choices):
    """Return the body."""
    return json.loads(render(error, "oauth", **choices).body)


def error_with(**members):
    """Return a documented error with other members."""
    return CanonicalError.from_dict(DOCUMENTED[0].to_dict() | members)


def challenge_of(error, **choices):
    """Return the challenge as an independent reader reads it."""
    return WWWAuthenticate.from_header(render(error, **choices).headers["www-authenticate"])


def read_from(uri, error="server_error", **fields):
    """Return the error in a body with this address."""
    return read(RawResponse(500, fields, json.dumps({"error": error, "error_uri": uri}).encode()), "oauth")


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("locale", locales())
def test_specification(audience, locale):
    """
    Members hold only the characters that RFC 6749, section 5.2, allows, and nothing may be stored.
    """
    for error in DOCUMENTED:
        rendered = render(error, "oauth", expose=audience, locale=locale)
        document = json.loads(rendered.body)
        assert {"error", "error_uri"} <= document.keys() <= {"error", "error_description", "error_uri"}
        assert names_of(error.category).oauth == document["error"]
        assert all(
            re.fullmatch(r"[\x20-\x21\x23-\x5b\x5d-\x7e]+", text)
            for text in (document["error"], document.get("error_description", "-"))
        )
        assert re.fullmatch(r"[\x21\x23-\x5b\x5d-\x7e]+", document["error_uri"])
        assert "no-store" == rendered.headers["cache-control"]


@pytest.mark.parametrize(
    ("text", "expected"), [('Say "yes".', "Say 'yes'."), ("Größer", None), ("a\\b", None), ("a\nb", None), ("", None)]
)
def test_descriptions(text, expected):
    """
    A text that a description may not contain is left out of the body and of the challenge; double quotes become single.
    """
    hints = [{"action": "none", "actor": "client", "text": text, "target": None, "url": None}]
    error = error_with(category="credentials_expired", emitted_status=401, hints=hints)
    if text:
        error = CanonicalError(
            error.code, error.status, verdict_of(error), evolve(details_of(error), foreign={"/hints/0/action": "newer"})
        )
        assert expected == document_of(error).get("error_description")
        assert expected == challenge_of(error).get("error_description")
    assert "invalid_token" == challenge_of(error).get("error")


@pytest.mark.parametrize("name", formats())
def test_unauthorized_is_challenged(name):
    """
    Each 401 carries a challenge (RFC 9110, section 15.5.2), and so does a token that allows too little (RFC 6750, section 3.1).
    """
    for error in DOCUMENTED:
        for audience in AUDIENCES:
            rendered = render(error, name, expose=audience)
            allows_too_little = (
                name == "oauth" and rendered.status == 403 and names_of(error.category).oauth == "insufficient_scope"
            )
            assert (rendered.status == 401 or allows_too_little) == ("www-authenticate" in rendered.headers)


def test_insufficient_scope():
    """
    A token with too little scope gets a challenge that says so, where OAuth clients read it.
    """
    challenge = challenge_of(parse(RawResponse(403), "youforce"), to="oauth")
    assert ("bearer", "insufficient_scope") == (challenge.type, challenge.get("error"))


def test_bare_challenge():
    """
    A request without credentials gets only the scheme (RFC 6750, section 3.1), with the parameter that it must have.
    """
    error = error_with(category="credentials_missing", emitted_status=401)
    assert 'Bearer realm="api"' == render(error).headers["www-authenticate"]


def test_step_up():
    """
    If more proof is needed, the challenge says so (RFC 9470, section 3).
    """
    error = parse(fake("gopoints", "critical.auth.required"), "gopoints")
    challenge = challenge_of(error)
    assert ("bearer", "insufficient_user_authentication") == (challenge.type, challenge.get("error"))
    assert challenge.get("error_description")
    assert "insufficient_user_authentication" == document_of(error)["error"]


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("credentials_invalid", "invalid_token"),
        ("credentials_expired", "invalid_token"),
        ("permission_denied", "insufficient_scope"),
        ("challenge_failed", None),
    ],
)
def test_challenges(category, expected):
    """
    A challenge names only errors that RFC 6750 and RFC 9470 know.
    """
    assert expected == challenge_of(error_with(category=category), status=401).get("error")


@pytest.mark.parametrize("locale", locales())
def test_challenges_in_all_languages(locale):
    """
    A challenge is printable ASCII in every language, and the same error in each of them.
    """
    for error in DOCUMENTED:
        rendered = render(error, locale=locale, status=401).headers["www-authenticate"]
        assert rendered.isascii()
        assert rendered.isprintable()
        assert challenge_of(error, status=401).get("error") == WWWAuthenticate.from_header(rendered).get("error")


def test_pages():
    """
    The address is that of the page about the code if there is one and it may be seen, else that about the category.
    """
    error = parse(fake("gopoints", "auth.token.expired"), "gopoints")
    assert f"{PAGES}/gopoints/auth.token.expired" == document_of(error)["error_uri"]
    assert f"{PAGES}/categories/credentials_expired" == document_of(error, expose="public")["error_uri"]
    assert f"{PAGES}/categories/no_response" == document_of(transport_error("no_response"))["error_uri"]
    vendors_own = error_with(documentation_url=f"{PAGES}/authrocket")
    assert f"{PAGES}/categories/malformed_request" == document_of(vendors_own)["error_uri"]
    elsewhere = error_with(documentation_url="https://elsewhere.example/a/b")
    assert f"{PAGES}/categories/malformed_request" == document_of(elsewhere)["error_uri"]


def test_what_must_not_be_repeated():
    """
    If the category alone would let programs repeat the request, a fragment says that they must not.
    """
    error = parse(fake("planoauth", "mandrill-email-failed"), "planoauth")
    rendered = render(error, "oauth", expose="public")
    assert f"{PAGES}/categories/dependency_failed#never" == json.loads(rendered.body)["error_uri"]
    assert (Category.DEPENDENCY_FAILED, Retryability.NEVER) == (
        read(rendered, "oauth").category,
        read(rendered, "oauth").retryability,
    )


def test_waits():
    """
    The wait is read from ``Retry-After``, unless it is the one of the vendor's document.
    """
    limited = parse(RawResponse(429, {"Retry-After": "90"}), "authrocket")
    assert (90, None) == (read(render(limited, "oauth"), "oauth").retry_after, limited.min_delay)
    broken = parse(fake("authrocket", "500"), "authrocket")
    assert (None, 180) == (broken.retry_after, broken.min_delay)
    assert (None, 180) == (read(render(broken, "oauth"), "oauth").retry_after, read(render(broken, "oauth"), "oauth").min_delay)
    sooner = parse(fake("authrocket", "500", retry_after=7), "authrocket")
    assert 7 == read(render(sooner, "oauth"), "oauth").retry_after


@pytest.mark.parametrize("text", ["", "soon", "-1", "1.5", "\u0665", "9" * 400, "Fri, 15 Jan 2027 08:00:30 GMT"])
def test_waits_that_are_none(text):
    """
    A text that is not a number of whole seconds was not written by us.
    """
    assert read_from(f"{PAGES}/categories/unavailable", **{"Retry-After": text}).retry_after is None


@pytest.mark.parametrize(
    "document",
    [
        None, [], "error", {}, {"error": "invalid_token"}, {"error": "invalid_token", "error_uri": 7},
        {"error": "invalid_token", "error_uri": "https://login.example/errors/7"}, {"error": 7, "error_uri": f"{PAGES}/http/404"},
        {"error_uri": f"{PAGES}/http/404"}, {"error": "invalid_token", "error_uri": f"{PAGES}/gopoints"},
        {"error": "invalid_token", "error_uri": f"{PAGES}/gopoints/#never"}, {"error": "x", "error_uri": PAGES},
    ],
)  # fmt: skip
def test_errors_of_others(document):
    """
    An error that points to none of our pages is none of ours.
    """
    assert read(RawResponse(400, {}, json.dumps(document).encode()), "oauth") is None


@pytest.mark.parametrize("page", ["nobody/a.b", "gopoints/%00", "gopoints/%FF/a", "categories/newer_name", "a b/c"])
def test_pages_that_there_are_not(page):
    """
    Addresses of newer or invented pages mean the unknown category.
    """
    error = read_from(f"{PAGES}/{page}")
    assert Category.UNKNOWN is error.category
    assert not error.retryable


def test_fragments_that_there_are_not():
    """
    The fragment of a newer release keeps the category, and allows no retry.
    """
    error = read_from(f"{PAGES}/http/503#newer")
    assert (Category.UNAVAILABLE, Retryability.NEVER) == (error.category, error.retryability)


def test_pages_of_another_registry():
    """
    The pages are those of the registry in force.
    """
    own = load_registry(documentation_url="https://docs.example")
    error = parse(fake("gopoints", "auth.token.expired"), "gopoints", registry=own)
    rendered = render(error, "oauth", registry=own)
    assert "auth.token.expired" == read(rendered, "oauth", registry=own).code
    assert read(rendered, "oauth") is None
