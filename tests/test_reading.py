"""
From a finding to its details: texts, field errors, ids, delays, and preserved members.
"""

from __future__ import annotations

import json
import pickle
import weakref
from datetime import UTC, datetime, timedelta, timezone

import pytest

from errortax import FieldError, Headers, RateLimit, RawResponse, Registry, classify, parse
from errortax.model import details_of, safe_details_of
from errortax.parsing import MAX_COMPLAINTS
from errortax.parsing.budgets import LARGE_BODY, MAX_NAME, MAX_TEXT
from errortax.parsing.complaints import Complaints
from strategies import full_vendor_documents, response
from timing import calls_of

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOON_DATE = "Sat, 21 Nov 2026 12:00:00 GMT"
LATER_DATE = "Sat, 21 Nov 2026 12:01:30 GMT"
PENDING = {"status": "error", "error_code": "request.validation.failed"}


def error_of(vendor, document, status=422, headers=()):
    """Parse a response that is an error."""
    return parse(response(status, document, headers), vendor, now=NOON)


@pytest.mark.parametrize(("vendor", "document", "message"), [
    ("authrocket", {"message": "Not now", "errors": ["a"]}, "Not now"),
    ("authrocket", {"errors": ["a is blank", "b too"]}, "a is blank; b too"),
    ("authrocket", {"errors": {"a": ["b"]}}, None),
    ("authrocket", {"message": "", "errors": []}, None),
    ("authrocket", {"message": None, "errors": [None, 1, "", "a"]}, "a"),
    ("planoauth", {"status": "x", "message": "Top", "data": {"message": "below"}}, "Top"),
    ("planoauth", {"status": "x", "data": {"message": "below"}}, "below"),
    ("planoauth", {"status": "x", "data": ["below"]}, None),
    ("youforce", {"title": "General", "detail": "Particular", "type": "about:blank"}, "Particular"),
    ("youforce", {"title": "General", "detail": None, "type": "about:blank"}, "General"),
    ("youforce", {"Message": "Flat", "ErrorCode": "400"}, "Flat"),
    ("youforce", {"message": "flat", "errorCode": None}, "flat"),
    ("youforce", {"error": {"message": "nested"}}, "nested"),
    ("youforce", {"error": "invalid_grant", "error_description": "over"}, "over"),
    ("youforce", {"error": "invalid_grant"}, "invalid_grant"),
    ("youforce", b"error=invalid_grant&error_description=over", "over"),
    ("gopoints", PENDING | {"messages": ["one", "two"]}, "one; two"),
    ("gopoints", PENDING | {"messages": {"a": "one"}}, None),
    ("gopoints", PENDING | {"messages": "one"}, "one"),
    ("gopoints", PENDING | {"messages": [{"a": "one"}]}, None),
    ("http", {"error": {"message": "nested"}}, "nested"),
    ("http", {"message": ["a", "b"]}, "a; b"),
    ("http", "plain prose", "plain prose"),
    ("http", b"plain prose\n", "plain prose"),
    ("http", {"detail": "Not found."}, "Not found."),
    ("http", {"detail": {"message": "Not now"}}, "Not now"),
    ("http", {"title": "Not found"}, "Not found"),
    ("http", {"type": "https://example.com/odd", "detail": "Not now"}, "Not now"),
    ("http", {"description": "Too Many Requests: retry after 5", "ok": False}, "Too Many Requests: retry after 5"),
    ("http", [{"message": "one"}, {"message": "two"}], "one"),
    ("http", ["one"], "one"),
])  # fmt: skip
def test_the_vendors_text_is_found(vendor, document, message):
    """
    The message is the vendor's own text, from the first place that has one; a list is joined.
    """
    assert message == error_of(vendor, document).message


@pytest.mark.parametrize(("vendor", "document", "expected"), [
    ("authrocket", {"errors": ["a", "b"]}, [(None, "a"), (None, "b")]),
    ("authrocket", {"errors": {"email": ["a", "b"], "name": "c"}}, [("email", "a"), ("email", "b"), ("name", "c")]),
    ("authrocket", {"errors": {"user": {"email": ["a"]}}}, [("user.email", "a")]),
    ("authrocket", {"errors": [["a", ["b"]], {"x": ["c"]}]}, [(None, "a"), (None, "b"), ("x", "c")]),
    ("authrocket", {"errors": {"items": [{"price": ["a"]}, "b"]}}, [("items.0.price", "a"), ("items", "b")]),
    ("authrocket", {"errors": [{"field": "email", "code": "taken"}]}, []),
    ("authrocket", {"errors": [{"field": {"name": "email", "tags": ["a"]}}]}, [("field.tags", "a")]),
    ("authrocket", {"errors": {"a": ["", "b"]}}, [("a", "b")]),
    ("authrocket", {"errors": [None, 1, True, {}, []]}, []),
    ("authrocket", {"errors": {"a": None, "b": 7, "c": {}}}, []),
    ("planoauth", {"status": "x", "errors": [{"attr": "email", "message": "a"}]}, [("email", "a")]),
    ("planoauth", {"status": "x", "errors": [{"attr": None, "message": "a"}, {"message": "b"}]}, [(None, "a"), (None, "b")]),
    ("planoauth", {"status": "x", "errors": {"taken": "a", "late": ["b"]}}, [("taken", "a"), ("late", "b")]),
    ("planoauth", {"status": "x", "errors": "a"}, []),
    ("youforce", {"title": "t", "status": 400, "errors": {"start": ["a", "b"]}}, [("start", "a"), ("start", "b")]),
    ("gopoints", PENDING | {"messages": {"a": "one", "b": ["two"]}}, [("a", "one"), ("b", "two")]),
    ("gopoints", PENDING | {"messages": {"a": {"b": {"c": "one"}}}}, [("a.b.c", "one")]),
    ("http", {"errors": [{"source": {"pointer": "/data/a"}, "detail": "one"}]}, [("/data/a", "one")]),
    ("http", {"title": "t", "status": 400, "invalid-params": [{"name": "age", "reason": "one"}]}, [("age", "one")]),
    ("http", {"error": {"errors": [{"field": ["a", "b"], "message": ["one", "two"]}]}}, [("a.b", "one; two")]),
    ("http", {"errors": [{"field": 1, "message": "one"}]}, [(None, "one")]),
    ("http", {"detail": [{"loc": ["body", 0, True], "msg": "one", "type": "missing"}]}, [("body.0", "one", "missing")]),
    ("http", {"violations": [{"propertyPath": "a[0]", "message": "one", "code": "blank"}]}, [("a[0]", "one", "blank")]),
    ("http", {"issues": [{"path": [], "message": "one", "code": "custom"}]}, [(None, "one", "custom")]),
    ("http", {"error": {"issues": [{"path": ["a", 0], "message": "one"}]}}, [("a.0", "one")]),
    ("http", {"errors": [{"path": ["items", 0, "name"], "message": "one"}]}, [("items.0.name", "one")]),
    ("http", {"errors": [{"field": "a", "code": "taken", "id": "x"}]}, [("a", "taken", "taken")]),
    ("http", {"errors": {"a": "one", "b": ["two"]}}, [("a", "one"), ("b", "two")]),
    ("http", {"errors": {"a": {"message": "one", "name": "odd", "code": "blank"}}}, [("a", "one", "blank")]),
    ("http", {"message": "m", "details": {"reason": "one"}}, []),
    ("http", {"message": "m", "details": [{"field": "a", "message": "one"}]}, [("a", "one")]),
    ("http", {"error": {"message": "m", "details": [{"@type": "a", "retryDelay": "1s", "metadata": {"a": "b"}}]}}, []),
    ("http", [{"instancePath": "/a", "keyword": "type", "message": "one"}], [("/a", "one", "type")]),
])  # fmt: skip
def test_field_errors_are_found(vendor, document, expected):
    """
    Complaints are read from lists, objects, lists of objects and nested values, each with its field if it has one.
    """
    assert tuple(FieldError(*pair) for pair in expected) == error_of(vendor, document).field_errors


def test_secrets_are_taken_out_of_texts():
    """
    A value under a secret name is redacted in every text of the response; a text about a secret field is redacted as a whole.
    """
    document = PENDING | {"messages": {"password": ["Abc.defgh is weak"], "email": ["not Abc.defgh"]}, "password": "Abc.defgh"}
    error = error_of("gopoints", document)
    assert (FieldError("password", "[redacted] is weak"), FieldError("email", "not [redacted]")) == error.field_errors


def test_code_and_id_survive_in_texts():
    """
    The code and the request id remain readable in the message, even if they look like secrets.
    """
    text = "auth.token.new failed, see 9f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0"
    document = {"status": "error", "error_code": "auth.token.new", "error_id": text[-36:], "messages": [text]}
    assert text == error_of("gopoints", document).message


@pytest.mark.parametrize(("vendor", "document", "headers", "expected"), [
    ("authrocket", {"message": "a"}, {"X-Request-ID": "rq_1"}, "rq_1"),
    ("authrocket", b"", [(b"x-request-id", b"rq_1")], "rq_1"),
    ("authrocket", b"", {"X-REQUEST-ID": " rq_1 "}, "rq_1"),
    ("authrocket", b"", {"X-Request-ID": ""}, None),
    ("authrocket", b"", {"X-Request-ID": "has blanks"}, None),
    ("authrocket", b"", {"X-Request-ID": "ks_secretkey1"}, None),
    ("authrocket", b"", {"X-Request-ID": "a" * 201}, None),
    ("authrocket", b"", {"X-Correlation-ID": "rq_1"}, None),
    ("http", b"", {"X-Correlation-ID": "c1", "X-Request-ID": "r1"}, "r1"),
    ("http", b"", {"X-Correlation-ID": "c1", "X-Request-ID": "no id"}, "c1"),
    ("http", {"error": {"request_id": "b1"}}, {"X-Request-ID": "r1"}, "r1"),
    ("http", {"error": {"request_id": None}}, {"X-Request-ID": "r1"}, "r1"),
    ("youforce", {"title": "t", "status": 422, "traceId": "00-1"}, {}, "00-1"),
    ("youforce", {"Message": "m", "CorrelationId": "c-1"}, {}, "c-1"),
    ("youforce", {"message": "m", "correlationId": "c-1"}, {}, "c-1"),
    ("youforce", {"error": {"correlationId": "c-1"}}, {}, "c-1"),
    ("youforce", {"error": {"correlationId": ["c-1"]}}, {}, None),
    ("gopoints", PENDING | {"error_id": "e-1"}, {}, "e-1"),
    ("gopoints", PENDING | {"error_id": 17}, {}, "17"),
    ("gopoints", PENDING | {"error_id": True}, {}, None),
    ("gopoints", PENDING | {"error_id": 10**40}, {}, None),
    ("gopoints", PENDING | {"error_id": {"id": 1}}, {}, None),
])  # fmt: skip
def test_the_request_id_is_found(vendor, document, headers, expected):
    """
    The id comes from the header field of the file, else from the member of the envelope, and never looks like a secret.
    """
    assert expected == error_of(vendor, document, headers=headers).request_id
    assert expected == classify(response(422, document, headers), vendor).request_id


@pytest.mark.parametrize(("status", "headers", "expected"), [
    (429, {"Retry-After": "17"}, 17.0),
    (429, {"Retry-After": LATER_DATE}, 90.0),
    (429, {"RateLimit-Reset": LATER_DATE}, 90.0),
    (429, {"RateLimit-Reset": LATER_DATE, "Retry-After": "5"}, 5.0),
    (500, {"RateLimit-Remaining": "3", "RateLimit-Reset": "60"}, None),  # a 500 does not wait for the quota's reset
    (500, {"RateLimit-Remaining": "0", "RateLimit-Reset": "60"}, 60.0),
    (200, {"RateLimit-Remaining": "3", "RateLimit-Reset": "60"}, None),
    (202, {"Retry-After": "17"}, 17.0),
    (202, {"Retry-After": "soon"}, None),
    (302, {"Retry-After": "2"}, 2.0),
    (503, {"Retry-After": "-1"}, None),
    (503, {}, None),
])  # fmt: skip
@pytest.mark.parametrize("vendor", ["authrocket", "planoauth", "http"])
def test_delays_are_read_for_every_outcome(vendor, status, headers, expected):
    """
    The server's delay is read for errors, pending responses and redirects.
    """
    raw = response(status, b"", headers)
    assert expected == classify(raw, vendor, now=NOON).retry_after
    if status >= 400:
        assert expected == parse(raw, vendor, now=NOON).retry_after


@pytest.mark.parametrize("status", [200, 202, 302, 404, 429])
def test_rate_limits_are_read_for_every_outcome(status):
    """
    A rate limit is read from successes as well as from errors.
    """
    headers = {"RateLimit-Limit": "600", "RateLimit-Remaining": "412", "RateLimit-Reset": LATER_DATE}
    assert RateLimit(600, 412, 90.0) == classify(response(status, b"", headers), "authrocket", now=NOON).rate_limit


@pytest.mark.parametrize(
    ("value", "expected"), [(90, 90.0), ("90", 90.0), (-1, None), ([90], None), (10**400, None), (None, None)]
)
def test_a_delay_in_the_body_counts_where_it_is_declared(value, expected):
    """
    A member that the vendor declares as a delay is read, after Retry-After.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "planoauth")
    vendor["envelopes"][0]["retry_after"] = ["/data/wait"]
    registry = Registry(documents)
    document = {"status": "x", "data": {"wait": value}}
    assert expected == parse(response(503, document), "planoauth", registry=registry).retry_after
    assert 5.0 == parse(response(503, document, {"Retry-After": "5"}), "planoauth", registry=registry).retry_after


@pytest.mark.parametrize("now", [
    NOON, NOON.astimezone(timezone(timedelta(hours=9))), NOON.timestamp(), int(NOON.timestamp()),
])  # fmt: skip
def test_now_is_the_reference_for_dates(now):
    """
    Dates count from *now*, an aware datetime or POSIX seconds, even if the response has a date of its own.
    """
    raw = response(503, b"", {"Retry-After": LATER_DATE, "Date": "Sat, 21 Nov 2026 09:00:00 GMT"})
    assert 90.0 == parse(raw, now=now).retry_after == classify(raw, now=now).retry_after


def test_the_responses_date_is_the_next_reference(monkeypatch):
    """
    Without *now*, dates count from the response's own date; the clock does not matter.
    """
    monkeypatch.setattr("errortax.api.time", lambda: 0.0)
    raw = response(503, b"", {"Retry-After": LATER_DATE, "Date": NOON_DATE})
    assert 90.0 == parse(raw).retry_after == classify(raw).retry_after


@pytest.mark.parametrize("headers", [{}, {"Date": "yesterday"}])
def test_the_clock_is_the_last_reference(monkeypatch, headers):
    """
    Without *now* and without a readable date, dates count from the time at which the response was parsed.
    """
    monkeypatch.setattr("errortax.api.time", NOON.timestamp)
    raw = response(503, b"", {"Retry-After": LATER_DATE} | headers)
    error = parse(raw)
    monkeypatch.setattr("errortax.api.time", lambda: NOON.timestamp() + 60)
    assert 90.0 == error.retry_after
    assert 30.0 == parse(raw).retry_after == classify(raw).retry_after


def test_what_changes_later_does_not_change_an_error():
    """
    Headers and body are copied when the response is made: an error reads the same at any later time.
    """
    headers, body = {"Retry-After": "17", "X-Request-ID": "r1"}, bytearray(b'{"message": "before"}')
    error = parse(RawResponse(503, headers, body))
    headers["Retry-After"], headers["X-Request-ID"] = "99", "r2"
    body[13:19] = b"after!"
    assert (17.0, "r1", "before") == (error.retry_after, error.request_id, error.message)


@pytest.mark.parametrize("document", [
    {"status": "client-required", "session": {"id": 17, "keys": ["a"]}},
    {"status": "client_required", "data": {"session": {"id": 17, "keys": ["a"]}}},
    {"status": "client-required", "session": None, "data": {"session": {"id": 17, "keys": ["a"]}}},
])  # fmt: skip
def test_a_listed_member_is_preserved(document):
    """
    A member that an entry preserves is available from any place, as a new copy at each access.
    """
    error = error_of("planoauth", document, 401)
    error.preserved["session"]["keys"].append("b")
    assert {"session": {"id": 17, "keys": ["a"]}} == error.preserved
    restored = pickle.loads(pickle.dumps(error))  # noqa: S301  # our own bytes
    assert error.preserved == restored.preserved


def test_preserved_members_are_not_shown():
    """
    Preserved members are not part of equality, hash, repr, str and the wire form.
    """
    one, two = (error_of("planoauth", {"status": "client-required", "session": word}, 401) for word in ("first", "second"))
    assert {"session": "first"} == one.preserved
    assert (one, hash(one), repr(one), str(one), one.to_dict()) == (two, hash(two), repr(two), str(two), two.to_dict())
    assert "first" not in f"{one!r} {one} {details_of(one)!r} {one.to_dict()}"


def test_nothing_is_preserved_for_others():
    """
    Only the entry that lists a member preserves it.
    """
    assert {} == error_of("planoauth", {"status": "invalid-token", "session": 1}, 401).preserved
    assert {} == error_of("planoauth", {"status": "client-required"}, 401).preserved


def test_repeated_header_fields_are_all_looked_at():
    """
    Of several fields with the same name, the first readable one counts.
    """
    headers = Headers([("Retry-After", "soon"), ("retry-after", "7")])
    assert 7.0 == parse(response(503, b"", headers)).retry_after


@pytest.mark.parametrize(("complaint", "expected"), [
    ({"message": "Expired", "code": "expired_card", "param": "exp_year"}, [("exp_year", "Expired", "expired_card")]),
    ({"type": "card_error", "code": "expired_card"}, [(None, "expired_card", "expired_card")]),
    ({"type": "card_error", "code": "expired_card", "param": "number"}, [("number", "expired_card", "expired_card")]),
    ({"card": {"type": "card_error", "code": "expired_card"}}, [("card", "expired_card", "expired_card")]),
    ({"code": "is invalid", "card": ["has expired"]}, [("code", "is invalid", None), ("card", "has expired", None)]),
    ({"code": ["invalid"]}, [("code", "invalid", None)]),
])  # fmt: skip
def test_single_objects(complaint, expected):
    """
    A single object with a text or a code is one complaint, and no member of it is a field; any other one is a map.
    """
    places = Complaints({"at": ["/error"], "field": ["/param"], "message": ["/message"], "code": ["/code"]})
    found = places.find({"error": complaint}, Headers())
    codes = map(found.codes.get, range(len(found.texts)))
    assert expected == [*zip(found.names, found.texts, codes, strict=True)]


def test_many_levels_are_read():
    """
    Complaints are found at any depth that a body may have.
    """
    value = "deep"
    for _ in range(60):
        value = {"a": [value]} if isinstance(value, list) else [value]
    error = error_of("authrocket", {"errors": value})
    assert ["deep"] == [item.message for item in error.field_errors]


@pytest.mark.parametrize("complaints", [dict.fromkeys(map(str, range(10_000)), "a"), ["a"] * 40_000])
def test_many_complaints(complaints):
    """
    Only the first complaints are read, so that no body takes seconds, and the match says so.
    """
    error = error_of("authrocket", {"errors": complaints})
    assert MAX_COMPLAINTS == len(safe_details_of(error).fields)
    assert MAX_COMPLAINTS == len(error.field_errors)
    assert error.match.withheld
    assert not error_of("authrocket", {"errors": ["a"] * MAX_COMPLAINTS}).match.withheld


def test_long_texts():
    """
    Complaints whose texts exceed the limit of a response are withheld, and a long text is cut.
    """
    error = error_of("authrocket", {"message": "x " * MAX_TEXT, "errors": dict.fromkeys("abcdefghij", "y " * MAX_TEXT)})
    assert MAX_TEXT == len(error.message)
    assert ["a", "b", "c", "d", "e", "f", "g"] == [complaint.field for complaint in error.field_errors]
    assert error.match.withheld
    assert error_of("authrocket", {"errors": {"a": "y " * MAX_TEXT}}).match.withheld
    assert not error_of("authrocket", {"message": "short", "errors": {"a": "short"}}).match.withheld


def test_long_texts_of_several_kinds():
    """
    All texts of a response share one limit: warnings have what complaints leave. The names of fields have a limit of their own.
    """
    places = {name: [f"/{name}"] for name in ("code", "message", "user_message", "warnings")}
    vendor = {"format": "1.0", "vendor": "shop", "title": "Shop", "scheme": "slug", "entries": [], **places}
    vendor["field_errors"] = {"at": ["/errors"]}
    long, registry = "y " * 1000, Registry([vendor])
    document = {"code": "a", "message": "x", "user_message": long, "warnings": ["w" * MAX_TEXT] * 100}
    for complaints, warnings in ((0, 6), (3, 3), (7, 0)):
        raw = response(422, document | {"errors": {f"f{i}": long for i in range(complaints)}})
        outcome = classify(raw, "shop", registry=registry)
        assert (min(complaints, 6), warnings) == (len(outcome.error.field_errors), len(outcome.warnings))
        assert outcome.match.withheld
    raw = response(422, {"code": "a", "message": "x", "warnings": ["w"] * 100})
    assert not classify(raw, "shop", registry=registry).match.withheld
    assert classify(response(422, {"code": "a", "user_message": long + "y"}), "shop", registry=registry).match.withheld
    for length, count in ((80, 100), (200, 40)):
        error = error_of("authrocket", {"errors": {f"{i:0{length}}": "x" for i in range(100)}})
        assert (count, count < 100) == (len(error.field_errors), error.match.withheld)


def test_long_names():
    """
    The name of a field is cut, wherever it comes from.
    """
    long = "name " * 1000
    for document in ({"errors": {long: {long: "a"}}}, {"errors": [{"field": long, "message": "a"}]}):
        [complaint] = error_of("http", document).field_errors
        assert MAX_NAME == len(complaint.field)


def test_large_body():
    """
    An error of a large body keeps neither the body nor its document.
    """
    body = json.dumps({"message": "large", "more": "x" * LARGE_BODY}).encode()
    raw = RawResponse(500, {}, body)
    error = parse(raw)
    alive = weakref.ref(raw)
    del raw
    assert alive() is None
    assert "large" == error.message


@pytest.mark.parametrize("make", [
    lambda size: {"errors": {"a" * size: dict.fromkeys(map(str, range(size)), "b")}},
    lambda size: {"errors": [{} for _ in range(size)]},
    lambda size: {"errors": [[] for _ in range(size)]},
    lambda size: {"errors": {str(number): {"a": 1} for number in range(size)}},
    lambda size: {"errors": [{"field": ["a"] * size, "message": "b"}] * 10},
])  # fmt: skip
def test_no_product_of_sizes(make):
    """
    The work for a body twice as large is at most twice as much.
    """
    places = Complaints({"at": ["/errors"], "field": ["/field"], "message": ["/message"]})
    small, large = make(2000), make(4000)
    assert calls_of(lambda: places.find(large, Headers())) <= 2 * calls_of(lambda: places.find(small, Headers()))


def test_a_request_id_that_is_a_secret():
    """
    An id that is under a secret name, too, is not shown, with or without the texts.
    """
    error = error_of("gopoints", PENDING | {"error_id": "31d4d96e", "password": "31d4d96e"})
    assert None is safe_details_of(error).request_id
    assert None is error.request_id


def test_many_shapes_are_not_all_remembered(monkeypatch):
    """
    What a reader remembers about shapes has a limit, and forgetting changes nothing.
    """
    documents = [PENDING | {"messages": ["one"]}, PENDING | {"messages": {"a": ["b"]}}, PENDING]
    expected = [error_of("gopoints", document).to_dict() for document in documents]
    monkeypatch.setattr("errortax.parsing.details._MANY_SHAPES", 1)
    registry = Registry(full_vendor_documents())
    for document, error in zip(documents * 2, expected * 2, strict=True):
        assert error == parse(response(422, document), "gopoints", now=NOON, registry=registry).to_dict()
