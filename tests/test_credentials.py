"""
(b) The caller's own credentials: what a request sent under secret names is removed from the texts of its response.
"""

from __future__ import annotations

import copy
import json
import pickle
from base64 import b64encode
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import Headers, RawResponse, classify, load_registry, parse
from errortax.parsing.budgets import MAX_NAMES
from errortax.parsing.credentials import Credentials
from errortax.parsing.redaction import Redactor

REDACTOR = Redactor()
CREDENTIALS = Credentials(REDACTOR.is_secret_name, REDACTOR.counts)


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
    ({"Authorization": r'Digest nc=00000001, response="mum\"ble"'}, 'mum"ble is wrong', "[redacted] is wrong"),
    ({"Authorization": "Basic mumble!"}, "mumble! is wrong", "[redacted] is wrong"),
    ({"Authorization": "Basic mumbl"}, "mumbl is wrong", "[redacted] is wrong"),
    ({"X-Api-Key": "mum/ble"}, "?k=mum%2Fble", "?k=[redacted]"),
    ({"Cookie": "theme=dark; sid=mumblemumblemumble"}, "dark mumblemumblemumble", "dark [redacted]"),
    ({"Authorization": "", "X-Api-Key": "abc", "Accept": "text/html"}, "abc text/html", "abc text/html"),
])  # fmt: skip
def test_header_fields(headers, text, expected):
    """
    The values of header fields with secret names are removed, without their schemes; short values are everywhere.
    """
    assert expected == message(text, headers)


VALUES = st.from_regex(r"[a-z]{5}[a-z0-9._~/-]{1,30}[A-Z][0-9]", fullmatch=True)


def basic(user, password, charset="utf-8"):
    """Return Basic credentials."""
    return "Basic " + b64encode(f"{user}:{password}".encode(charset)).decode()


REQUESTS = {
    "field": lambda value: {"headers": {"X-Api-Key": value}},
    "field as bytes": lambda value: {"headers": [(b"x-api-key", value.encode())]},
    "repeated field": lambda value: {"headers": {"X-Api-Key": ["other", value]}},
    "scheme": lambda value: {"headers": {"Authorization": f"Bearer {value}"}},
    "blanks behind the scheme": lambda value: {"headers": {"Authorization": f"Bearer  {value}"}},
    "tab behind the scheme": lambda value: {"headers": {"Proxy-Authorization": f"Bearer\t{value}"}},
    "unknown scheme": lambda value: {"headers": {"Authorization": f"Plugh {value}"}},
    "known scheme in another field": lambda value: {"headers": {"X-Token": f"Bearer {value}"}},
    "key behind a name": lambda value: {"headers": {"Authorization": f"ApiKey jo:{value}"}},
    "only parameter": lambda value: {"headers": {"Authorization": f"GoogleLogin auth={value}"}},
    "parameter": lambda value: {"headers": {"Authorization": f'Digest username="jo", response = "{value}", nc=00000001'}},
    "secret parameter": lambda value: {"headers": {"Authorization": f'OAuth realm="a, b", oauth_token={value}'}},
    "password": lambda value: {"headers": {"Authorization": basic("jo", value)}},
    "password in base64 without padding": lambda value: {"headers": {"Authorization": basic("jo", value).rstrip("=")}},
    "password in base64 for URLs": lambda value: {
        "headers": {"Authorization": basic("jö>?", value).replace("+", "-").replace("/", "_")}
    },
    "parameter behind an ampersand": lambda value: {
        "headers": {"Authorization": f"SharedAccessSignature sr=x&sig={quote(value, safe='')}&se=1"}
    },
    "key as the user": lambda value: {"headers": {"Authorization": basic(value, "")}},
    "key as the user, x as the password": lambda value: {"headers": {"Authorization": basic(value, "x")}},
    "password in Latin-1": lambda value: {"headers": {"Authorization": basic("jo", value, "latin-1")}},
    "key without a colon": lambda value: {"headers": {"Authorization": "Basic " + b64encode(value.encode()).decode()}},
    "cookie with a secret name": lambda value: {"headers": {"Cookie": f"theme=dark; sid={value}"}},
    "long cookie": lambda value: {"headers": {"Cookie": f'a="{value.ljust(16, "x")}"; theme=dark'}},
    "password in the address": lambda value: {"url": f"https://jo:{quote(value, safe='')}@example.test/"},
    "long user in the address": lambda value: {"url": f"https://{quote(value.ljust(16, 'x'), safe='')}@example.test/"},
    "user with an empty password": lambda value: {"url": f"https://{quote(value, safe='')}:@example.test/"},
    "secret name in the query": lambda value: {"url": f"https://example.test/?page=2&api_key={quote_plus(value)}"},
    "key in the query": lambda value: {"url": f"https://example.test/?key={value}"},
    "code in the query": lambda value: {"url": f"https://example.test/?Code={value}&state=1"},
}


@pytest.mark.parametrize("carrier", REQUESTS)
@given(value=VALUES)
def test_no_credential_of_a_request_is_shown(carrier, value):
    """
    A credential of the request is in no text, wherever a request has one.
    """
    sent = f"{value}ß" if "Latin-1" in carrier else value.ljust(16, "x") if "long" in carrier else value
    assert "[redacted] is over" == message(f"{sent} is over", **REQUESTS[carrier](sent))


@pytest.mark.parametrize(("headers", "url"), [
    ({"Authorization": 'Digest username="jodoe", realm="mumble", uri="/mumble", response="0123456789abcdef"'}, None),
    ({"Authorization": basic("mumble", "password1")}, None),
    ({"Cookie": "theme=mumble"}, None),
    ({"Cookie": "sid"}, None),
    ({"X-Max-Tokens": "mumble"[:3]}, None),
    ({"Accept": "mumble"}, None),
    (None, "https://mumble@example.test/"),
    (None, "https://example.test/?q=mumble"),
    (None, "https://example.test/?key=mumble"),
    (None, "https://example.test/?code=mumble&page=404"),
    (None, "https://example.test/mumble"),
    (None, "https://[?api_key=mumble"),
])  # fmt: skip
def test_the_rest_of_a_request_is_shown(headers, url):
    """
    A user, a realm, a setting, a search and a path are not credentials.
    """
    assert "mumble failed" == message("mumble failed", headers or (), url)


@pytest.mark.parametrize("name", ["X-Max-Tokens", "X-RateLimit-Reset-Tokens"])
def test_counts_are_not_credentials(name):
    """
    A number of tokens is not a token, in a request or in a response.
    """
    value = "4096" if "Max" in name else "6m0s"
    assert f"after {value}" == message(f"after {value}", {name: value})
    body = json.dumps({"message": f"after {value}"}).encode()
    assert f"after {value}" == parse(RawResponse(401, {name: value}, body), "authrocket").message


@pytest.mark.parametrize("make", [
    lambda value: {"X-Api-Key": value},
    lambda value: [("x-api-key", "other"), ("X-API-KEY", value)],
    lambda value: [(b"X-Auth-Token", value.encode())],
    lambda value: {"Set-Cookie": f"sid={value}; Path=/mumblemumblemumble; Secure"},
    lambda value: {"Set-Cookie": [f"lang=en; Path=/{value}", f"a={value}{value}"]},
])  # fmt: skip
@given(value=VALUES)
def test_credentials_of_a_response(make, value):
    """
    (a) A value under a secret name in the header fields of a response is in no text of it; attributes of cookies may be.
    """
    body = json.dumps({"message": f"{value}{value} {value} expired, /mumblemumblemumble"}).encode()
    shown = parse(RawResponse(401, make(value), body), "authrocket").message
    assert f"{value}{value}" not in shown
    assert f" {value} " not in shown or "lang=en" in repr(make(value))
    assert shown.endswith(" expired, /mumblemumblemumble")


def test_fields_of_any_kind():
    """
    The names of fields may be anything; many of them are not all remembered, and all are known.
    """
    odd = [([], "mumble"), (7, "mumble"), (b"X-Api-Key", b"mumble"), ({}, {}), ("X-Secret", ("first", "second"))]
    assert {"mumble", "first", "second"} == set(CREDENTIALS.in_fields(Headers(odd)))
    for number in range(1500):
        assert () == tuple(CREDENTIALS.in_fields(Headers({f"X-{number}": "mumble"})))
    assert len(CREDENTIALS.harmless) <= MAX_NAMES
    long = Headers({f"X-{number}": "mumble" for number in range(1500)})
    assert [] == CREDENTIALS.in_fields(long)
    assert long.names not in CREDENTIALS.harmless


def test_credentials_among_the_results_of_a_batch(tmp_path):
    """
    The texts, codes and ids of the results in a batch do not repeat the credentials of the request.
    """
    file = {
        "format": "1.0", "vendor": "shop", "title": "Shop", "scheme": "slug",
        "code": ["/code"], "message": ["/message"], "items": {"at": "/results", "status": "/status", "id": "/id"},
        "entries": [{"code": "gone", "statuses": [410], "category": "not_found", "examples": [{"response": {"status": 410}}]}],
    }  # fmt: skip
    (tmp_path / "shop.json").write_text(json.dumps(file), encoding="utf-8")
    results = [
        {"status": 410, "code": "gone", "message": "mumble", "id": "a"},
        {"status": 400, "code": "mumblekey1", "id": "mumble"},
    ]
    body = json.dumps({"results": results}).encode()
    raw = RawResponse(207, {}, body, url="https://x.test/?key=mumblekey1", request_headers={"X-Api-Key": "mumble"})
    items = classify(raw, "shop", registry=load_registry(tmp_path / "shop.json")).items
    assert [("a", "gone", "[redacted]"), (None, None, None)] == [(item.id, item.error.code, item.error.message) for item in items]


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
    raw = RawResponse(401, url=f"https://{url}?{url}@", request_headers=fields)
    assert all(4 <= len(value) <= 512 for value in CREDENTIALS.of_request(raw))
