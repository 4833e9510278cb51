"""
(b) The caller's own credentials: what a request sent under secret names is removed from the texts of its response.
"""

from __future__ import annotations

import copy
import json
import pickle
from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import Headers, RawResponse, parse
from errortax.parsing.credentials import credentials_in
from errortax.parsing.redaction import Redactor

IS_SECRET = Redactor().is_secret_name


def message(text, headers=(), url=None):
    """Return what is left of a message in the response to a request."""
    body = json.dumps({"message": text}).encode()
    error = parse(RawResponse(401, {}, body, url=url, request_headers=headers), "authrocket")
    assert error is not None
    return error.message


@pytest.mark.parametrize(("headers", "text", "expected"), [
    ({"Authorization": "Bearer mumble"}, "mumble is over", "[redacted] is over"),
    ({"Authorization": "mumble"}, "mumble is over", "[redacted] is over"),
    ([(b"authorization", b"Bearer mumble")], "MUMBLE is over", "[redacted] is over"),
    ({"Authorization": "Basic " + b64encode(b"jo:mumble").decode()}, "mumble is wrong", "[redacted] is wrong"),
    ({"Authorization": "Basic mumble!"}, "mumble! is wrong", "[redacted] is wrong"),
    ({"X-Api-Key": "mum/ble"}, "?k=mum%2Fble", "?k=[redacted]"),
    ({"Cookie": "theme=dark; sid=mumblemumblemumble"}, "dark mumblemumblemumble", "dark [redacted]"),
    ({"Authorization": "", "X-Api-Key": "abc", "Accept": "text/html"}, "abc text/html", "abc text/html"),
])  # fmt: skip
def test_header_fields(headers, text, expected):
    """
    The values of header fields with secret names are removed, without their schemes; short values are everywhere.
    """
    assert expected == message(text, headers)


@pytest.mark.parametrize(("url", "expected"), [
    ("https://jo:mumble@example.test/", "[redacted] failed"),
    ("https://example.test/?page=2&api_key=mumble", "[redacted] failed"),
    ("https://example.test/?q=mumble", "mumble failed"),
    ("https://example.test/mumble", "mumble failed"),
    ("https://[?api_key=mumble", "mumble failed"),
])  # fmt: skip
def test_address(url, expected):
    """
    A password in the address of a request is removed, and so are the values of secret names in its query.
    """
    assert expected == message("mumble failed", url=url)


def test_a_request_is_not_shown():
    """
    The header fields of a request are neither shown nor compared nor pickled.
    """
    raw = RawResponse(401, {}, b"", request_headers={"Authorization": "Bearer mumble"})
    assert "Bearer mumble" == raw.request_headers["Authorization"]
    assert raw == RawResponse(401, {}, b"")
    assert hash(raw) == hash(RawResponse(401, {}, b""))
    assert "mumble" not in f"{raw!r} {raw}"
    for other in (pickle.loads(pickle.dumps(raw)), copy.copy(raw)):  # noqa: S301  # our own bytes
        assert raw == other
        assert Headers() == other.request_headers


def test_an_id_of_a_response_may_be_a_credential():
    """
    A credential that a server returns as the id of the request is not shown as one.
    """
    raw = RawResponse(401, {"X-Request-ID": "mumble"}, b"", request_headers={"X-Api-Key": "mumble"})
    assert parse(raw, "authrocket").request_id is None


@given(
    st.lists(st.tuples(st.sampled_from(["Authorization", "Cookie", "X-Api-Key", b"Token", "Accept"]), st.text() | st.binary())),
    st.text(),
)
def test_any_request(fields, url):
    """
    Whatever a request sent, looking for its credentials never raises.
    """
    assert all(4 <= len(value) <= 512 for value in credentials_in(fields, f"https://{url}?{url}@", IS_SECRET))
