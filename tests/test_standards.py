"""
Standards: what a response means by a scheme that many vendors share.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import RawResponse, Registry, Retryability, classify, default_registry, load_registry, parse
from errortax.checking import ADVICE, check
from errortax.exceptions import UnknownVendorError
from errortax.parsing.prepared import PERMISSIVENESS
from errortax.registry import loading
from errortax.registry.marks import marks_of
from errortax.registry.registry import _bundled_standard
from strategies import full_vendor_documents, json_values

REGISTRY = default_registry()
EXAMPLES = [(name, example) for name in REGISTRY.standards for example in REGISTRY.examples(name)]
CODES = [(name, entry["code"]) for name in REGISTRY.standards for entry in REGISTRY.document(name)["entries"]]
PROBLEM = "https://iana.org/assignments/http-problem-types#date"
PROBLEM_JSON = {"Content-Type": "application/problem+json"}
JSON_RPC = {"Content-Type": "Application/JSON-RPC; charset=utf-8"}
BEARER = 'Bearer realm="api", error="invalid_token", error_description="over"'


def body_of(standard, code, **members):
    """Return a body that has a code in the place where a standard has it."""
    return {
        "oauth": {"error": code, **members},
        "google-rpc": {"error": {"code": 400, "status": code, "message": "m", **members}},
        "json-rpc": {"jsonrpc": "2.0", "error": {"code": int(code) if code[1:].isdecimal() else code, "message": "m"}, **members},
        "kubernetes": {"kind": "Status", "status": "Failure", "reason": code, **members},
        "problem-types": {"type": code, "title": "t", **members},
    }[standard]


def judged(status, body="", headers=(), vendor=None, registry=None):
    """Return level, standard, code and category of an error."""
    raw = RawResponse(status, headers, body if isinstance(body, str) else json.dumps(body))
    error = parse(raw, vendor, registry=registry, now=0.0)
    return error and (error.match.level.value, error.match.standard, error.code, error.category.value)


@pytest.mark.parametrize("path", sorted(Path("schemas/standards").glob("*.json")), ids=lambda path: path.stem)
def test_files_are_sound(path):
    """
    Each file of a standard passes the check, in the canonical layout.
    """
    assert [] == [finding for finding in check(path, layout=True) if not finding.startswith(ADVICE)]


@pytest.mark.parametrize(("standard", "example"), EXAMPLES, ids=lambda value: getattr(value, "name", value))
def test_a_standard_that_is_named_works_like_a_vendor(standard, example):
    """
    Named by the caller, a standard is the vendor, and its codes are found like those of any vendor.
    """
    error = classify(example.raw, standard).error
    assert error is not None
    assert (standard, example.expect["category"]) == (error.vendor, error.category)
    assert standard == error.match.standard or error.match.entry is None


@pytest.mark.parametrize(
    ("status", "body", "headers", "expected"),
    [
        (400, {"error": "invalid_grant"}, {}, ("standard", "oauth", "invalid_grant", "credentials_expired")),
        (400, "error=invalid_grant&x=1", {}, ("standard", "oauth", "invalid_grant", "credentials_expired")),
        (401, "", {"WWW-Authenticate": BEARER}, ("standard", "oauth", "invalid_token", "credentials_expired")),
        (429, body_of("google-rpc", "RESOURCE_EXHAUSTED"), {}, ("standard", "google-rpc", "RESOURCE_EXHAUSTED", "rate_limited")),
        (404, body_of("json-rpc", "-32601"), {}, ("standard", "json-rpc", "-32601", "unsupported_operation")),
        (409, body_of("kubernetes", "AlreadyExists"), {}, ("standard", "kubernetes", "AlreadyExists", "already_exists")),
        (400, {"type": PROBLEM, "title": "t"}, {}, ("standard", "problem-types", PROBLEM, "malformed_request")),
        (400, f"<problem><type>{PROBLEM}</type></problem>", {}, ("standard", "problem-types", PROBLEM, "malformed_request")),
        # an undocumented code, another status, another place: nothing
        (400, {"error": "brand_new"}, {}, ("generic_status", None, "400", "malformed_request")),
        (403, {"error": "invalid_grant"}, {}, ("generic_status", None, "403", "permission_denied")),
        (400, {"echo": {"error": "invalid_grant"}}, {}, ("generic_status", None, "400", "malformed_request")),
        (401, "", {"WWW-Authenticate": 'Basic r="error=invalid_token"'}, ("generic_status", None, "401", "credentials_invalid")),
        (401, {"x": 1}, {"WWW-Authenticate": 'Bearer error="odd"'}, ("generic_status", None, "401", "credentials_invalid")),
        # declared by a media type, under any status
        (200, {"type": PROBLEM}, PROBLEM_JSON, ("standard", "problem-types", PROBLEM, "malformed_request")),
        (200, body_of("json-rpc", "-32603"), JSON_RPC, ("standard", "json-rpc", "-32603", "internal")),
        (200, body_of("json-rpc", "-32603"), {}, None),
        (200, {"error": "invalid_grant"}, {"WWW-Authenticate": BEARER}, None),
    ],
)  # fmt: skip
def test_without_a_vendor(status, body, headers, expected):
    """
    A standard counts where a response declares it, or has a documented code of this status at an error status.
    """
    assert expected == judged(status, body, headers)


def test_the_code_is_the_vendors_and_the_vendor_http():
    """
    The verdict is that of the standard, with its page; the vendor is still unknown.
    """
    error = parse(RawResponse(401, {"WWW-Authenticate": BEARER}))
    assert ("http", "over", "after_action") == (error.vendor, error.message, error.retryability)
    assert error.documentation_url.endswith("/oauth/invalid_token")


@pytest.mark.parametrize("code", ["authorization_pending", "slow_down"])
def test_a_body_may_suggest_to_poll(code):
    """
    To ask for a result again does no harm, so that a body alone may suggest it; five seconds are the least.
    """
    error = parse(RawResponse(400, {}, json.dumps({"error": code})))
    assert (Retryability.POLL, 5, False) == (error.retryability, error.min_delay, error.retryable)


@given(
    named=st.sampled_from([(name, code) for name, code in CODES if name != "multistatus"]),
    status=st.integers(400, 599),
    members=st.dictionaries(st.text(max_size=3), json_values, max_size=2),
)
def test_a_body_makes_nothing_more_repeatable(named, status, members):
    """
    A body that imitates a standard never makes a request more repeatable than its status does, except that it may be polled.
    """
    body = json.dumps({**members, **body_of(*named)}, default=str)
    plain = parse(RawResponse(status), now=0.0)
    error = parse(RawResponse(status, {}, body), now=0.0)
    assert Retryability.POLL is error.retryability or PERMISSIVENESS[error.retryability] <= PERMISSIVENESS[plain.retryability]
    if error.match.standard is None:
        assert (None, None) == (error.more_info, error.user_message)


def test_a_suggestion_that_does_not_count_is_an_alternative():
    """
    A code that a body may not decide by is among the alternatives, with its reason.
    """
    error = parse(RawResponse(400, {}, json.dumps({"error": {"code": 400, "status": "UNAVAILABLE", "message": "m"}})))
    assert ("malformed_request", None) == (error.category, error.match.standard)
    assert "unavailable" not in [other.category for other in error.match.alternatives]  # its status is another one
    registry = with_standard("mine", {"error": "odd"}, category="unavailable")
    error = parse(RawResponse(400, {}, b'{"error": "odd"}'), registry=registry)
    assert ("malformed_request", "never") == (error.category, error.retryability)
    assert "unavailable" in [other.category for other in error.match.alternatives]
    assert error == parse(RawResponse(400, {}, b'{"error": "odd"}'), registry=registry)


def with_standard(name, body, **entry):
    """Return a registry with one more standard, whose bodies have a text under ``error``."""
    document = {
        "format": "1.0", "vendor": name, "title": name, "scheme": "slug", "standard": {},
        "envelopes": [{"name": "error", "recognise": {"at": "/error", "type": "string"}, "outcome": "error", "code": ["/error"]}],
        "entries": [{"code": body["error"], "statuses": [400], **entry}],
    }  # fmt: skip
    return Registry([*full_vendor_documents(), document], standards=REGISTRY.standards)


@pytest.mark.parametrize("order", [1, -1])
def test_standards_that_differ(order):
    """
    If two standards have a code and differ in the category, none decides, whatever their names; both are alternatives.
    """
    for name in ("aaa", "zzz")[::order]:
        registry = with_standard(name, {"error": "invalid_grant"}, category="declined")
        error = parse(RawResponse(400, {}, b'{"error": "invalid_grant"}'), registry=registry)
        assert ("generic_status", "malformed_request") == (error.match.level, error.category)
        assert {"declined", "credentials_expired"} <= {other.category for other in error.match.alternatives}
    registry = with_standard("zzz", {"error": "invalid_grant"}, category="credentials_expired")
    assert "credentials_expired" == parse(RawResponse(400, {}, b'{"error": "invalid_grant"}'), registry=registry).category


def test_a_vendor_follows_the_standards_that_it_names():
    """
    With a vendor, standards do not count, unless its file names them; they come after its own codes.
    """
    documents = full_vendor_documents()
    acme = {
        "format": "1.0", "vendor": "acme", "title": "Acme", "scheme": "slug",
        "envelopes": [{"name": "error", "recognise": "/error", "code": ["/error"]}],
        "entries": [{"code": "invalid_scope", "statuses": [400], "category": "declined"}],
    }  # fmt: skip
    for names, expected in (({}, "malformed_request"), ({"standards": ["oauth"]}, "credentials_expired")):
        registry = Registry([*documents, {**acme, **names}], standards=REGISTRY.standards)
        assert expected == judged(400, {"error": "invalid_grant"}, vendor="acme", registry=registry)[3]
        assert "declined" == judged(400, {"error": "invalid_scope"}, vendor="acme", registry=registry)[3]
    assert "credentials_invalid" == judged(401, "", {"WWW-Authenticate": BEARER}, vendor="authrocket")[3]


def test_details_come_from_the_standard():
    """
    The typed details of a standard are read by its places; what it has no place for is read as HTTP's shapes have it.
    """
    details = [
        {"@type": "type.googleapis.com/google.rpc.Help", "links": [{"url": "https://x.example/"}]},
        {"message": "no field"},
    ]
    body = {"error": {"code": 404, "status": "NOT_FOUND", "message": "m", "details": details}}
    error = parse(RawResponse(404, {}, json.dumps(body)))
    assert ("m", "https://x.example/", ()) == (error.message, error.more_info, error.field_errors)
    body = {"type": PROBLEM, "title": "t", "errors": [{"field": "a", "message": "b"}]}
    error = parse(RawResponse(400, {}, json.dumps(body)))
    assert ("t", ["a"]) == (error.message, [complaint.field for complaint in error.field_errors])


def test_results_of_a_multistatus():
    """
    A 207 in XML has a result for each resource; the failed ones are judged like responses.
    """
    results = "".join(
        f"<D:response><D:href>/{name}</D:href><D:status>HTTP/1.1 {status} x</D:status></D:response>"
        for name, status in (("a", 200), ("b", 423), ("c", 204))
    )
    outcome = classify(RawResponse(207, {}, f'<D:multistatus xmlns:D="DAV:">{results}</D:multistatus>'))
    assert ("success", 3, True) == (outcome.kind, outcome.item_count, outcome.partial)
    assert [(1, "/b", "423")] == [(item.index, item.id, item.error.code) for item in outcome.items]


def test_files_are_read_when_they_are_needed():
    """
    A response with no mark of a standard reads no file of one.
    """
    _bundled_standard.cache_clear()
    registry = load_registry()
    for body in (b"", b'{"message": "m"}', b"<html>", b"plain text"):
        parse(RawResponse(404, {"Content-Type": "text/plain"}, body), registry=registry)
    assert 0 == _bundled_standard.cache_info().currsize
    parse(RawResponse(400, {}, b'{"error": "invalid_grant"}'), registry=registry)
    assert 0 < _bundled_standard.cache_info().currsize < len(registry.standards)


def test_standards_are_not_listed_as_vendors():
    """
    A standard is found by its name, and is not among the vendors.
    """
    assert "OAuth 2.0" == REGISTRY["oauth"].title
    assert "oauth" not in REGISTRY
    assert "oauth" not in list(REGISTRY)
    assert len(list(REGISTRY)) == len(REGISTRY)
    assert REGISTRY.verdict("oauth", "slow_down").retryability is Retryability.POLL
    with pytest.raises(UnknownVendorError, match="did you mean 'oauth'"):
        REGISTRY.document("oaut")


def test_a_file_takes_the_place_of_a_standard(tmp_path):
    """
    A file with the name of a standard replaces it: as a standard if it says so, else as a vendor.
    """
    path = tmp_path / "oauth.json"
    document = {
        "format": "1.0", "vendor": "oauth", "title": "Ours", "scheme": "slug", "code": [{"header": "X-Code"}],
        "entries": [{"code": "ours", "statuses": [400], "category": "declined"}],
    }  # fmt: skip
    path.write_text(json.dumps(document), encoding="utf-8")
    registry = load_registry(path)
    assert ("oauth" in registry, "oauth" in registry.standards) == (True, False)
    assert "generic_status" == judged(400, {"error": "invalid_grant"}, registry=registry)[0]
    path.write_text(json.dumps({**document, "standard": {}}), encoding="utf-8")
    registry = load_registry(path)
    assert ("oauth" in registry, "oauth" in registry.standards) == (False, True)
    assert ("standard", "oauth", "ours", "declined") == judged(400, "", {"X-Code": "ours"}, registry=registry)


@pytest.mark.parametrize("name", REGISTRY.standards)
def test_marks(name):
    """
    The marks of each bundled standard are those of its file.
    """
    assert marks_of(loading.bundled_vendor(name, "standards")) == REGISTRY.standards[name]


def test_members_that_mark():
    """
    A mark is the first member on the way to the code, through items, texts that are joined, and lists at the root.
    """
    places = ["/a/b", "/0/c", {"at": "/d", "where": True, "then": "/e"}, {"where": True, "then": "/f"}, {"join": ["/g", "/h"]}]
    places += [{"header": "X"}, {"at": "", "pattern": "(.)"}]
    assert ("a", "c", "d", "f", "g") == marks_of({"code": places}).members
    assert ("x",) == marks_of({"code": places}).fields


def test_header_names_that_are_no_texts():
    """
    Header fields with odd names hide no field of a standard, and no body.
    """
    headers = [(1, "x"), (None, "y"), ("WWW-Authenticate", 'Bearer error="invalid_token"')]
    assert "oauth" == parse(RawResponse(401, headers)).match.standard
    assert "oauth" == parse(RawResponse(400, [(1, "x")], b'{"error": "invalid_grant"}')).match.standard


@pytest.mark.parametrize("body", [
    b'{"error"\n: "invalid_grant"}', '{"error": "invalid_grant"}'.encode("utf-16"), b'\n {"error": "invalid_grant"}',
    '{"error": "invalid_grant", "x": "é"}'.encode("latin-1"), '{"error": "invalid_grant"}',
])  # fmt: skip
def test_how_a_body_is_written_does_not_matter(body):
    """
    A standard is found whatever the encoding of the body, and whatever blanks it has.
    """
    assert "oauth" == parse(RawResponse(400, {}, body)).match.standard
