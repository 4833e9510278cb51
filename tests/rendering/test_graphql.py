"""
The responses to failed GraphQL requests.
"""

from __future__ import annotations

import json

import pytest

from errortax import CanonicalError, RawResponse, parse, read, render
from errortax.rendering import AUDIENCES
from errortax.testing import documented_errors, fake

DOCUMENTED = [parse(fake(vendor, code), vendor) for vendor, code in documented_errors()]


def error_of(error, **choices):
    """Return the one GraphQL error."""
    (found,) = json.loads(render(error, "graphql", **choices).body)["errors"]
    return found


@pytest.mark.parametrize("audience", AUDIENCES)
def test_specification(audience):
    """
    A request error has ``errors``, each with a message, and no ``data`` (GraphQL, section 7.1.2); the rest is in ``extensions``.
    """
    for error in DOCUMENTED:
        rendered = render(error, "graphql", expose=audience)
        assert "application/graphql-response+json" == rendered.headers["content-type"]
        assert {"errors"} == json.loads(rendered.body).keys()
        found = error_of(error, expose=audience)
        assert {"message", "extensions"} == found.keys()
        assert found["message"]
        assert error.category.value.upper() == found["extensions"]["code"]
        assert rendered.status == found["extensions"]["status"]


def test_both_codes():
    """
    ``code`` is the category, as GraphQL clients expect it; the vendor's own code is beside it, but never public.
    """
    error = parse(fake("gopoints", "auth.token.expired"), "gopoints")
    extensions = error_of(error)["extensions"]
    assert ("CREDENTIALS_EXPIRED", "auth.token.expired") == (extensions["code"], extensions["vendor_code"])
    assert "vendor_code" not in error_of(error, expose="public")["extensions"]


def test_complaints():
    """
    Complaints about fields are there as in problem details.
    """
    complaints = [{"field": "user.email", "message": "Wrong."}]
    error = CanonicalError.from_dict(DOCUMENTED[0].to_dict() | {"field_errors": complaints})
    assert [{"pointer": "#/user/email", "detail": "Wrong."}] == error_of(error, expose="operator")["extensions"]["errors"]


@pytest.mark.parametrize(
    "document",
    [
        None, [], "errors", {}, {"data": {}}, {"errors": {}}, {"errors": []}, {"errors": [None]},
        {"errors": [{"message": "Oops"}]},
        {"errors": [{"extensions": []}]}, {"errors": [{"extensions": {"code": "INTERNAL"}}]},
        {"errors": [{"extensions": {"category": 7}}]},
        {"errors": [{"message": "Wrong.", "extensions": {"category": "graphql"}}]},
    ],
)  # fmt: skip
def test_responses_of_others(document):
    """
    Errors that name no category are none of ours.
    """
    assert read(RawResponse(200, {}, json.dumps(document).encode()), "graphql") is None


def test_code_of_graphql_is_not_the_vendors():
    """
    ``code`` is never taken for the vendor's own code.
    """
    document = {"errors": [{"message": "", "extensions": {"category": "internal", "retryability": "never", "code": "INTERNAL"}}]}
    assert read(RawResponse(500, {}, json.dumps(document).encode()), "graphql").code is None


def test_ours_among_others():
    """
    The first error of ours is found at any place.
    """
    (ours,) = json.loads(render(DOCUMENTED[0], "graphql").body)["errors"]
    document = {"data": None, "errors": [None, {"message": "Theirs", "extensions": {"category": "internal"}}, ours]}
    assert DOCUMENTED[0].category is read(RawResponse(200, {}, json.dumps(document).encode()), "graphql").category
