from __future__ import annotations

import json

import pytest

import errortax
from errortax import Category, RawResponse, Registry, Retryability
from errortax.exceptions import UnknownVendorError
from errortax.export import Lookup, lookups, rows
from errortax.http import ERRORS
from strategies import full_vendor_documents

OURS = ("authrocket", "gopoints", "planoauth", "youforce")


@pytest.fixture(scope="module")
def table():
    """Return all rows."""
    return rows()


def row_of(table, key):
    """Return the row with this key."""
    return next(row for row in table if row.key == key)


def test_codes(table):
    """
    Each documented error of each vendor has a row, and nothing else has a row with a code.
    """
    registry = errortax.default_registry()
    documented = [
        (vendor.name, entry.code)
        for vendor, entry in registry.entries()
        if entry.category is not None and not entry.code.endswith("xx")
    ]
    assert documented == [(row.vendor, row.code) for row in table if row.code is not None]
    assert 76 == sum(row.vendor in OURS for row in table if row.code is not None)


@pytest.mark.parametrize("vendor", [*OURS, "http"])
def test_statuses(table, vendor):
    """
    Each status from 400 to 599 leads to exactly one row, with the judgement of a response that has only the status.
    """
    in_body = any(lookup.pointers for lookup in lookups(vendors=[vendor]))
    found = [(status, row) for row in table if row.vendor == vendor and not (in_body and row.code) for status in row.statuses]
    assert list(ERRORS) == sorted(status for status, _ in found)
    for status, row in found:
        error = errortax.parse(RawResponse(status), vendor)
        assert (error.category, error.retryability, error.title) == (row.category, row.retryability, row.title)
        assert (error.action, error.actor, error.emitted_status) == (row.action, row.actor, row.emitted_status)


def test_keys(table):
    """
    No two rows have the same key, not even a code that looks like a status and that status.
    """
    assert len(table) == len({row.key for row in table})
    assert {"gopoints/auth.token.expired", "gopoints:404", "youforce/404"} <= {row.key for row in table}


def test_answer(table):
    """
    A row has the answer to an error without details, as it is rendered.
    """
    row = row_of(table, "planoauth/record_not_found")
    problem = json.loads(row.body)
    assert ("application/problem+json", 404) == (row.content_type, row.emitted_status)
    assert ("not_found", "planoauth", "record_not_found", 404) == tuple(
        problem[name] for name in ("category", "vendor", "code", "status")
    )
    assert {"content-language": "en"} == dict(row.headers)


def test_answer_for_a_class(table):
    """
    The answer for undocumented statuses names no code.
    """
    row = row_of(table, "gopoints:418")
    assert 418 in row.statuses
    assert "code" not in json.loads(row.body)


def test_delay(table):
    """
    The vendor's minimum delay is there if the request may be repeated.
    """
    assert 180 == row_of(table, "authrocket/503").retry_after
    assert row_of(table, "authrocket/503").retryable
    assert row_of(table, "youforce/503").retry_after is None
    assert (Retryability.AFTER_ACTION, False) == (
        row_of(table, "youforce/404").retryability,
        row_of(table, "youforce/404").retryable,
    )


def test_grpc_code(table):
    """
    The gRPC code is that of the category.
    """
    row = row_of(table, "gopoints/profile.identifier.used")
    assert (Category.ALREADY_EXISTS, "ALREADY_EXISTS") == (row.category, row.grpc_code)


def test_options():
    """
    Vendors, format, language and audience are chosen.
    """
    chosen = rows(vendors=["planoauth"], to="google.rpc", locale="de", expose="public")
    assert {"planoauth"} == {row.vendor for row in chosen}
    assert {"application/json"} == {row.content_type for row in chosen}
    assert {"de"} == {row.headers["content-language"] for row in chosen}
    assert not any(row.code.encode() in row.body for row in chosen if row.code)


def test_unknown_vendor():
    """
    A vendor that is not in the registry is refused at once.
    """
    with pytest.raises(UnknownVendorError, match="did you mean 'gopoints'"):
        rows(vendors=["gopoint"])
    with pytest.raises(UnknownVendorError):
        lookups(vendors=["gopoint"])


def test_lookups():
    """
    A lookup has the places of the code, the vendor's hosts, and the names of its header fields.
    """
    found = {lookup.vendor: lookup for lookup in lookups()}
    assert (
        Lookup("planoauth", ("*.planomatic.com",), ("/status",), ("hyphen_underscore",), {}, (), (), (), ()) == found["planoauth"]
    )
    assert ("/error_code",) == found["gopoints"].pointers
    assert ((), ("X-Request-ID",)) == (found["authrocket"].pointers, found["authrocket"].request_id_headers)
    assert "RateLimit-Reset" == found["authrocket"].reset_headers[0]


def test_lookups_for_the_public():
    """
    An audience that may not see request ids does not get the names of their fields.
    """
    assert () == lookups(vendors=["authrocket"], expose="public")[0].request_id_headers


def test_status_that_is_no_failure():
    """
    A status that is not a failure for the vendor has no row.
    """
    document = {
        "format": "1.0",
        "vendor": "odd",
        "title": "Odd",
        "scheme": "slug",
        "envelopes": [],
        "statuses": {"404": {"outcome": "success"}},
        "entries": [{"code": "wrong", "category": "invalid_argument", "statuses": [400, 422]}],
    }
    generic = errortax.default_registry().document("http")
    table = rows(Registry([document, generic]), ["odd"])
    assert ("odd/wrong", (400, 422)) == (table[0].key, table[0].statuses)
    assert {*ERRORS} - {404} == {status for row in table[1:] for status in row.statuses}


@pytest.mark.parametrize(
    ("members", "pointers", "ignored"),
    [
        ({"code": ["/a", "/b"]}, ["/a", "/b"], []),
        ({"scheme": "number", "code": ["/a"]}, [], ["/scheme: codes that are numbers are not looked up"]),
        ({"alike": ["case"], "code": ["/a"]}, [], ["/alike: codes in another letter case are not looked up"]),
        (
            {"code": ["/a", {"header": "X-Code"}, "/b"]},
            ["/a"],
            ["/code/1: only JSON Pointers are looked up", "/code/2: a place before it is not looked up"],
        ),
        (
            {"envelopes": [{"name": "error", "recognise": "/e", "code": [{"at": "/e", "pattern": "x(.*)"}]}]},
            [],
            ["/envelopes/0/code/0: only JSON Pointers are looked up"],
        ),
    ],
)
def test_what_no_gateway_looks_at(members, pointers, ignored):
    """
    A gateway without Python looks at JSON Pointers alone, up to the first other place, and says what it ignores.
    """
    entry = {"code": "7", "category": "conflict"}
    document = {"format": "1.0", "vendor": "small", "title": "Small", "scheme": "slug", "entries": [entry], **members}
    [lookup] = lookups(Registry([*full_vendor_documents(), document]), vendors=["small"])
    assert (pointers, [f"small#{what}, so that the status decides" for what in ignored]) == (
        list(lookup.pointers), list(lookup.ignored)
    )  # fmt: skip
