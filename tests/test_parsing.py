"""
How an entry is found: the most specific one counts, and the match reports everything else.
"""

from __future__ import annotations

import pytest

from errortax import Action, BodyKind, Category, Level, Registry, Retryability, classify, parse
from errortax.registry import loading
from fuzz.target import examine
from noting import noted
from strategies import ABSURD_STATUSES, MEMBERS, ODD_VALUES, SLUG, TRAPS, VENDORS, full_vendor_documents, response

CRITICAL = {"status": "error", "error_code": "critical.auth.required", "critical_auth_method": "otp"}
CONFLICT = "conflict"
HTML = TRAPS["html"]

each_vendor = pytest.mark.parametrize("vendor", VENDORS)


def dotted(code, **members):
    """A body of a vendor with dotted codes."""
    return {"status": "error", "error_code": code, **members}


def verdict(vendor, status, document=None, **rest):
    """Return level, kind or category, and whether code and status contradict each other."""
    outcome = classify(response(status, document, **rest), vendor)
    meaning = outcome.kind if outcome.error is None else outcome.error.category
    return (outcome.match.level, meaning, CONFLICT) if outcome.match.status_conflict else (outcome.match.level, meaning)


@pytest.mark.parametrize(("vendor", "status", "document", "expected"), [
    ("gopoints", 403, CRITICAL, ("variant", "challenge_required")),
    ("gopoints", 403, dotted("critical.auth.required"), ("code", "challenge_required")),
    ("gopoints", 403, dotted("auth.user.frozen"), ("prefix", "account_unavailable")),
    ("gopoints", 403, dotted("brand.new"), ("status", "permission_denied")),
    ("gopoints", 403, b"", ("status", "permission_denied")),
    ("gopoints", 503, b"", ("generic_status", "unavailable")),
    ("gopoints", 418, b"", ("status_class", "malformed_request")),
    ("gopoints", 999, b"", ("unknown", "unknown")),
    ("planoauth", 401, SLUG, ("code", "credentials_expired")),
    ("planoauth", 401, {"status": "brand-new"}, ("status", "credentials_invalid")),
    ("planoauth", 404, {"status": "brand-new"}, ("generic_status", "not_found")),
    ("planoauth", 599, {"status": "brand-new"}, ("status_class", "internal")),
    ("authrocket", 403, b"", ("code", "credentials_invalid")),
    ("authrocket", 401, b"", ("generic_status", "credentials_invalid")),
    ("authrocket", 418, b"", ("status_class", "malformed_request")),
    ("youforce", 409, b"", ("code", "conflict")),
    ("youforce", 429, b"", ("generic_status", "rate_limited")),
    ("http", 409, b"", ("generic_status", "conflict")),
    ("http", 477, b"", ("status_class", "malformed_request")),
    ("http", 0, b"", ("unknown", "unknown")),
])  # fmt: skip
def test_the_most_specific_entry_wins(vendor, status, document, expected):
    """
    Variant, code, prefix, the vendor's status, the generic status, its class, unknown: the first that fits decides.
    """
    assert expected == verdict(vendor, status, document)


def test_the_generic_conflict_is_never_repeated():
    """
    A 409 is not repeated, unless the vendor's file says that it is safe: then it is reconciled.
    """
    assert Retryability.NEVER is parse(response(409), "http").retryability
    assert Retryability.RECONCILE is parse(response(409), "youforce").retryability


@pytest.mark.parametrize(("method", "targets"), [
    ("password", ["password"]),
    ("otp", ["otp"]),
    (["otp", "password"], ["otp", "password"]),
])  # fmt: skip
@pytest.mark.parametrize("member", ["critical_auth_method", "critical_auth_methods"])
def test_a_variant_refines_its_entry(member, method, targets):
    """
    A condition on the body chooses the hints; the entry is still the entry of the code.
    """
    error = parse(response(403, dotted("critical.auth.required", **{member: method})), "gopoints")
    assert (Level.VARIANT, "critical.auth.required") == (error.match.level, error.match.entry)
    assert [(Action.COMPLETE_CHALLENGE, target) for target in targets] == [(hint.action, hint.target) for hint in error.hints]


@pytest.mark.parametrize("method", [None, "fax", [], ["fax"], {"otp": 1}, 7])
def test_no_variant_fits_an_odd_value(method):
    """
    If a value fits no condition, the verdict of the code counts.
    """
    assert ("code", "challenge_required") == verdict(
        "gopoints", 403, dotted("critical.auth.required", critical_auth_method=method)
    )


@pytest.mark.parametrize("slug", ["session-expired", "session_expired"])
def test_hyphens_and_underscores_are_alike(slug):
    """
    A slug is found with hyphens or underscores, and is kept as the vendor sent it.
    """
    error = parse(response(401, {"status": slug}), "planoauth")
    assert ("session-expired", slug) == (error.match.entry, error.code)


def test_an_exact_spelling_comes_first():
    """
    If two codes differ in hyphen and underscore only, each is found by its own spelling.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "planoauth")
    vendor["entries"].append({"code": "session_expired", "statuses": [401], "category": "declined"})
    registry = Registry(documents)
    for slug, category in (("session-expired", "credentials_expired"), ("session_expired", "declined")):
        assert category == parse(response(401, {"status": slug}), "planoauth", registry=registry).category


@pytest.mark.parametrize("code", ["auth-token-expired", "auth_token_expired", "Auth.Token.Expired", " auth.token.expired"])
def test_other_vendors_codes_are_taken_literally(code):
    """
    Unless the vendor's file says so, another spelling is another code.
    """
    assert Level.STATUS is verdict("gopoints", 401, dotted(code))[0]


@pytest.mark.parametrize(("status", "code", "expected"), [
    (403, "auth.user.frozen", ("prefix", "account_unavailable")),
    (403, "auth.user.frozen.for.good", ("prefix", "account_unavailable")),
    (None, "auth.user.frozen", ("prefix", "account_unavailable")),
    (200, "auth.user.frozen", ("unknown", "unknown", CONFLICT)),  # the documented 403 contradicts it
    (401, "auth.user.frozen", ("status", "credentials_invalid")),
    (401, "auth.apikey.odd", ("status", "credentials_invalid")),  # missing and invalid do not agree
    (404, "auth.odd", ("status", "not_found")),  # some under auth are not_found, but not all
    (403, "recovery.email.odd", ("prefix", "failed_precondition")),
    (403, "recovery.odd", ("status", "permission_denied")),
    (422, "request.validation.odd", ("prefix", "invalid_argument")),
    (503, "request.validation.odd", ("generic_status", "unavailable")),
    (404, "object.id.odd", ("prefix", "not_found")),
    (403, "objects.id.odd", ("status", "permission_denied")),
    (403, "single", ("status", "permission_denied")),
    (403, ".", ("status", "permission_denied")),
    (403, "auth..odd", ("status", "permission_denied")),
])  # fmt: skip
def test_siblings_decide_for_an_unknown_dotted_code(status, code, expected):
    """
    The documented siblings under the longest shared prefix decide if they agree and the status does not contradict.
    """
    assert expected == verdict("gopoints", status, dotted(code))


def test_a_prefix_never_makes_an_error_retryable():
    """
    An unknown code is never repeated because of its siblings; the match names those siblings.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "gopoints")
    vendor["entries"] += [{"code": f"busy.{name}", "category": "unavailable"} for name in ("now", "later")]
    vendor["entries"].append({"code": "busy.not", "outcome": "success"})
    registry = Registry(documents)
    assert Retryability.BACKOFF is parse(response(503, dotted("busy.now")), "gopoints", registry=registry).retryability
    error = parse(response(503, dotted("busy.again")), "gopoints", registry=registry)
    assert (Category.UNAVAILABLE, Retryability.NEVER) == (error.category, error.retryability)
    assert (Level.PREFIX, "busy.*", "busy.again") == (error.match.level, error.match.entry, error.code)
    error = parse(response(200, dotted("busy.again")), "gopoints", registry=registry)  # no status is documented for them
    assert (Level.PREFIX, True) == (error.match.level, error.match.status_conflict)


def test_siblings_never_turn_a_success_into_an_error():
    """
    An undocumented dotted code under a success is not an error, unless the envelope says that something failed.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "gopoints")
    vendor["envelopes"] = [
        {"name": "any", "description": "Any.", "recognise": "/error_code", "code": ["/error_code"], "schema": {}}
    ]
    assert parse(response(200, dotted("auth.token.new")), "gopoints", registry=Registry(documents)) is None


def test_only_dotted_codes_have_prefixes():
    """
    A slug with dots in it has no siblings.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "planoauth")
    vendor["entries"].append({"code": "busy.now", "category": "unavailable"})
    error = parse(response(400, {"status": "busy.again"}), "planoauth", registry=Registry(documents))
    assert Level.STATUS is error.match.level


@pytest.mark.parametrize(("vendor", "status", "document", "expected"), [
    ("planoauth", 500, SLUG, ("code", "credentials_expired", CONFLICT)),
    ("planoauth", 404, {"status": "route-not-found"}, ("code", "endpoint_not_found")),  # no status is documented
    ("planoauth", 200, SLUG, ("code", "credentials_expired", CONFLICT)),
    ("planoauth", 200, {"status": "user-found"}, ("generic_status", "success")),
    ("planoauth", 202, {"status": "user-queued"}, ("generic_status", "pending")),
    ("planoauth", 500, {"status": "action-successful"}, ("status", "internal", CONFLICT)),
    ("planoauth", 429, {"status": "action-successful"}, ("generic_status", "rate_limited", CONFLICT)),
    ("planoauth", 201, {"status": "action-successful"}, ("code", "success", CONFLICT)),
    ("planoauth", 999, {"status": "action-successful"}, ("unknown", "unknown", CONFLICT)),
    ("gopoints", 200, {"status": "error"}, ("unknown", "unknown", CONFLICT)),
    ("gopoints", 304, {"status": "error"}, ("unknown", "unknown", CONFLICT)),
    ("gopoints", 200, dotted("auth.token.expired"), ("code", "credentials_expired", CONFLICT)),
    ("gopoints", 401, {"error_code": "auth.token.expired"}, ("code", "credentials_expired")),
    ("gopoints", 503, dotted("auth.token.expired"), ("code", "credentials_expired", CONFLICT)),
    ("gopoints", 503, {"status": "success"}, ("generic_status", "unavailable", CONFLICT)),
    ("gopoints", 200, {"status": "success"}, ("generic_status", "success")),
    ("gopoints", 200, {"anything": "else"}, ("generic_status", "success")),
    ("authrocket", 200, {"errors": ["no"]}, ("code", "success")),  # the status decides, before the body is looked at
    ("youforce", 200, {"title": "x", "status": 500}, ("code", "success")),
    ("http", 200, {"error": {"code": 500}}, ("generic_status", "success")),
])  # fmt: skip
def test_code_and_status_may_contradict_each_other(vendor, status, document, expected):
    """
    An error code counts more than any status, a success code less than a status of 400 or more; the match reports the conflict.
    """
    assert expected == verdict(vendor, status, document)


@pytest.mark.parametrize(("vendor", "document", "expected", "status"), [
    ("planoauth", {"status": "session-expired"}, ("code", "credentials_expired"), None),
    ("planoauth", SLUG, ("code", "credentials_expired"), 401),
    ("planoauth", {"status": "session-expired", "code": 500}, ("code", "credentials_expired", CONFLICT), 500),
    ("planoauth", {"status": "brand-new", "code": 401}, ("status", "credentials_invalid"), 401),
    ("planoauth", {"status": "brand-new", "code": "401"}, ("status", "credentials_invalid"), 401),
    ("planoauth", {"status": "brand-new", "code": 200}, ("generic_status", "success"), None),
    ("planoauth", {"status": "brand-new", "code": 9}, ("unknown", "unknown"), None),
    ("planoauth", {"status": "brand-new", "code": True}, ("unknown", "unknown"), None),
    ("planoauth", {"status": "brand-new", "code": "40l"}, ("unknown", "unknown"), None),
    ("planoauth", {"status": "brand-new", "code": "٤٠١"}, ("unknown", "unknown"), None),
    ("planoauth", {"status": "brand-new"}, ("unknown", "unknown"), None),
    ("planoauth", {"status": "action-successful"}, ("code", "success"), None),
    ("planoauth", {"status": "action-successful", "code": 500}, ("status", "internal", CONFLICT), 500),
    ("planoauth", b"", ("unknown", "unknown"), None),
    ("gopoints", {"status": "success"}, ("unknown", "success"), None),
    ("gopoints", {"status": "error"}, ("unknown", "unknown"), None),
    ("gopoints", HTML, ("unknown", "unknown"), None),
    ("youforce", {"title": "x", "status": 503}, ("code", "unavailable"), 503),
    ("youforce", {"title": "x", "status": 200}, ("code", "success"), None),
    ("youforce", {"Message": None, "ErrorCode": "409"}, ("code", "conflict"), 409),
    ("youforce", {"error": {"errorCode": "500"}}, ("code", "internal"), 500),
    ("youforce", {"error": {"errorCode": None}}, ("unknown", "unknown"), None),
    ("youforce", None, ("unknown", "unknown"), None),
    ("http", {"error": {"code": 404, "status": "NOT_FOUND"}}, ("standard", "not_found"), 404),
])  # fmt: skip
def test_the_body_decides_without_an_http_status(vendor, document, expected, status):
    """
    Without an HTTP status, the status in the body counts; without that it is an error, unless a success rule matches.
    """
    assert expected == verdict(vendor, None, document)
    error = parse(response(None, document), vendor)
    assert status == (None if error is None else error.status)


def test_an_http_status_outranks_the_one_in_the_body():
    """
    The status in the body counts only if the HTTP status is not known.
    """
    assert ("generic_status", "not_found") == verdict("planoauth", 404, {"status": "brand-new", "code": 401})


@each_vendor
@pytest.mark.parametrize(("status", "kind"), [
    (100, "success"), (101, "success"), (199, "success"), (200, "success"), (204, "success"), (299, "success"), (202, "pending"),
    (304, "success"), (300, "redirect"), (302, "redirect"), (303, "redirect"), (307, "redirect"), (399, "redirect"),
    (400, "error"), (599, "error"),
])  # fmt: skip
def test_the_outcome_of_each_status(vendor, status, kind):
    """
    1xx, 2xx and 304 are success, 202 is pending, other 3xx are redirects, all others are errors.
    """
    outcome = classify(response(status), vendor)
    assert (kind, kind == "error") == (outcome.kind, outcome.error is not None)
    assert (kind == "error") == (parse(response(status), vendor) is not None)
    expected = {
        "success": ("never", "none"),
        "pending": ("poll", "poll_status"),
        "redirect": ("after_action", "follow_redirect"),
    }
    if kind in expected:
        assert expected[kind] == (outcome.retryability, outcome.hints[0].action)


@pytest.mark.parametrize(("status", "category"), [
    (400, "malformed_request"), (401, "credentials_invalid"), (402, "payment_required"), (403, "permission_denied"),
    (404, "not_found"), (405, "unsupported_operation"), (406, "unsupported_media"), (407, "credentials_missing"),
    (408, "timeout"),
    (409, "conflict"), (410, "not_found"), (411, "malformed_request"), (412, "conflict"), (413, "request_too_large"),
    (414, "request_too_large"), (415, "unsupported_media"), (416, "invalid_argument"), (417, "malformed_request"),
    (421, "unavailable"), (422, "invalid_argument"), (423, "contention"), (424, "dependency_failed"),
    (425, "unavailable"), (426, "unsupported_operation"),
    (428, "failed_precondition"), (429, "rate_limited"), (431, "request_too_large"),
    (451, "policy_blocked"), (499, "cancelled"), (500, "internal"), (501, "unsupported_operation"), (502, "dependency_failed"),
    (503, "unavailable"), (504, "timeout"), (505, "unsupported_operation"), (506, "internal"),
    (507, "quota_exceeded"), (508, "failed_precondition"), (510, "malformed_request"), (511, "connection_impossible"),
    (509, "internal"), (599, "internal"),
])  # fmt: skip
def test_the_generic_statuses(status, category):
    """
    A status without an entry of the vendor means what HTTP says.
    """
    assert category == parse(response(status)).category


@each_vendor
def test_an_absurd_status_is_an_error_like_any_other(vendor):
    """
    A number that is not an HTTP status is unknown and never repeated, unless the body says more; nothing raises.
    """
    for status in ABSURD_STATUSES:
        for body in (b"", SLUG, b'{"status": "error"}', b'{"title": "a", "status": 10000}', HTML):
            with noted("no status" if status is None else hex(status)[:9], body):
                error = examine(response(status, body), vendor)
                expected = Category.CREDENTIALS_EXPIRED if vendor == "planoauth" and body == SLUG else Category.UNKNOWN
                assert (expected, False) == (error.category, error.retryable)


@pytest.mark.parametrize("vendor", ["authrocket", "planoauth", "youforce", "gopoints"])
@pytest.mark.parametrize(("status", "body", "expected"), [
    (502, HTML, True),
    (502, TRAPS["apigee"], True),
    (502, TRAPS["text"], True),
    (502, TRAPS["xml"], True),
    (502, TRAPS["list"], True),
    (502, b"null", True),
    (502, b"", False),
    (502, b" \n", False),
    (502, None, False),
    (200, HTML, False),
])  # fmt: skip
def test_an_unknown_body_sets_intermediary(vendor, status, body, expected):
    """
    A body that fits none of the vendor's envelopes sets `intermediary`, and never changes the verdict.
    """
    outcome = classify(response(status, body), vendor)
    assert expected == outcome.match.intermediary
    assert verdict(vendor, status) == verdict(vendor, status, body)


@pytest.mark.parametrize("document", [{"status": "error"}, dotted("auth.odd"), {"error_code": "auth.token.expired"}])
def test_a_body_of_the_vendor_does_not_set_intermediary(document):
    """
    A body that an envelope recognises comes from the vendor, with a documented code or without.
    """
    assert not classify(response(401, document), "gopoints").match.intermediary


@pytest.mark.parametrize(("document", "envelope"), [
    ({"status": "error"}, "error-bare"),
    ({"status": "error", "messages": []}, "error-list"),
    ({"status": "error", "messages": {}}, "error-fields"),
    ({"status": "error", "messages": "text"}, "error-bare"),
    ({"error_code": "x", "messages": []}, "error-bare"),
    ({"status": "success", "messages": []}, "success"),
    ({"status": "odd"}, None),
])  # fmt: skip
def test_the_most_demanding_envelope_wins(document, envelope):
    """
    Of the envelopes that recognise a body, the one that makes the most tests counts.
    """
    assert envelope == classify(response(400, document), "gopoints").match.envelope


def test_equally_demanding_envelopes_are_taken_by_rank():
    """
    If two envelopes make equally many tests, the one with the higher rank counts; neither order nor names matter.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "planoauth")
    for order in (["zulu", "alpha"], ["alpha", "zulu"]):
        vendor["envelopes"] = [{"name": name, "recognise": "/status", "rank": int(name == "zulu")} for name in order]
        assert "zulu" == classify(response(400, {"status": "x"}), "planoauth", registry=Registry(documents)).match.envelope


def small_vendor(**members):
    """A registry with one more vendor, which has one code and these other *members*."""
    document = {"format": "1.0", "vendor": "small", "title": "Small", "scheme": "slug"}
    entry = {"code": "7", "statuses": [409], "category": "conflict"}
    return Registry([*full_vendor_documents(), {**document, "entries": [entry], **members}])


@pytest.mark.parametrize(("code", "expected"), [
    (7, "7"), ("7", "7"), (-7, "-7"), ("-8", "-8"), ("07", "07"), ("seven", None), ("", None), (True, None), (7.0, None),
    (10**18, None), ("\u0667", None),
])  # fmt: skip
def test_codes_that_are_numbers(code, expected):
    """
    In the scheme of numbers, a code is an integer or its decimal digits as text, and nothing else.
    """
    error = parse(response(409, {"code": code}), "small", registry=small_vendor(scheme="number", code=["/code"]))
    assert (expected, "conflict") == (error.code, error.category)
    assert ("code" if expected == "7" else "generic_status") == error.match.level


def test_a_code_that_comes_again():
    """
    The same code means the same when it comes again, wherever in the body the file looks for it.
    """
    registry = small_vendor(code=["/code"])
    first, second, third = (parse(response(status, {"code": "7"}), "small", registry=registry) for status in (409, 409, 400))
    assert first == second
    assert (False, True) == (first.match.status_conflict, third.match.status_conflict)


@pytest.mark.parametrize(("outcome", "expected"), [({}, None), ({"outcome": "error"}, "unavailable")])
def test_a_success_in_a_shape_with_a_category(outcome, expected):
    """
    The category of an envelope decides about a success only if the envelope says that it is an error; each time the same.
    """
    envelope = {"name": "busy", "recognise": "/busy", "category": "unavailable", **outcome}
    registry = small_vendor(envelopes=[envelope])
    for _ in range(2):
        error = parse(response(200, {"busy": True}), "small", registry=registry)
        assert expected == (error and error.category)
        assert "unavailable" == parse(response(500, {"busy": True}), "small", registry=registry).category


@pytest.mark.parametrize(("code", "kept"), [
    ("brand-new", "brand-new"),
    ("E1.2:x_y-Z", "E1.2:x_y-Z"),
    ("x" * 128, "x" * 128),
    ("x" * 129, None),
    ("has blanks", None),
    ("naïve", None),
    ("line\nfeed", None),
    ("", None),
    ("sk_live_abcdefgh12345678", None),
    ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", None),
    (7, None),
    (None, None),
    (["session-expired"], None),
    ({"session-expired": 1}, None),
])  # fmt: skip
@pytest.mark.parametrize(("vendor", "member"), [("planoauth", "status"), ("gopoints", "error_code")])
def test_an_unknown_code_survives_if_it_looks_like_one(vendor, member, code, kept):
    """
    An undocumented code is kept if it is short, has only letters, digits and ``_.:-``, and does not look like a secret.
    """
    error = parse(response(400, {"status": "error"} | {member: code}), vendor)
    assert kept == error.code


def test_the_status_is_the_code_in_its_scheme():
    """
    If a vendor names failures by HTTP status, the code is the status in decimal; else it is the body's code or None.
    """
    assert ("404", "404", None) == tuple(parse(response(404), name).code for name in ("authrocket", "http", "planoauth"))
    assert parse(response(999), "authrocket").code is None


@pytest.mark.parametrize(("vendor", "status", "document", "page"), [
    ("gopoints", 401, dotted("auth.token.expired"), "gopoints/auth.token.expired"),
    ("planoauth", 401, {"status": "session_expired"}, "planoauth/session-expired"),
    ("authrocket", 403, b"", "authrocket/403"),
    ("planoauth", 401, b"", "planoauth"),
    ("gopoints", 503, b"", "http/503"),
    ("gopoints", 477, b"", "http/4xx"),
    ("gopoints", 403, dotted("auth.user.odd"), None),
    ("http", 999, b"", None),
])  # fmt: skip
def test_a_verdict_points_to_its_page(vendor, status, document, page):
    """
    The documentation URL is our page about the entry that decided; its root can be changed.
    """
    url = parse(response(status, document), vendor).documentation_url
    assert page == (None if url is None else url.removeprefix("https://errortax.readthedocs.io/codes/"))
    registry = Registry(full_vendor_documents(), documentation_url="https://docs.example/")
    url = parse(response(status, document), vendor, registry=registry).documentation_url
    assert (page and f"https://docs.example/{page}") == url


@each_vendor
def test_no_body_is_a_trap(vendor):
    """
    Any body gives a verdict, and every attribute of it can be read and written.
    """
    for trap, body in TRAPS.items():
        with noted(trap):
            examine(response(401, body, {"Content-Type": "application/json"}), vendor)
            examine(response(200, body, {"Content-Type": "text/html", "Content-Encoding": "gzip"}), vendor)
            examine(response(None, body), vendor)


@each_vendor
def test_no_member_is_a_trap(vendor):
    """
    Any member may hold any JSON value.
    """
    for number, value in enumerate(ODD_VALUES):  # some of which cannot be printed
        for member in MEMBERS:
            with noted(member, f"ODD_VALUES[{number}]"):
                for rest in ({}, {"status": "error"}, {"error": {member: value}}, {"errors": value, "messages": value}):
                    examine(response(400, rest | {member: value}), vendor)
                    examine(response(None, rest | {member: value}), vendor)


@pytest.mark.parametrize(("trap", "body"), [
    ("nothing", "empty"), ("blanks", "empty"), ("html", "html"), ("xml", "xml"), ("form", "form"), ("text", "text"),
    ("list", "json"), ("null", "json"), ("cut off", "undecodable"), ("image", "undecodable"), ("deep lists", "too_deep"),
    ("deep objects", "too_deep"), ("over the cap", "over_cap"), ("bomb", "over_cap"), ("gzip", "json"), ("utf-16", "json"),
])  # fmt: skip
@pytest.mark.parametrize("vendor", ["planoauth", "http"])
def test_the_match_has_the_kind_of_the_body(vendor, trap, body):
    """
    The match reports the kind of the body, even if the code does not come from it.
    """
    assert BodyKind(body) is parse(response(500, TRAPS[trap]), vendor).match.body


@pytest.mark.parametrize("trap", ["gzip", "zlib", "utf-16", "utf-32-be", "utf-8 with a mark"])
def test_a_code_is_found_in_any_encoding(trap):
    """
    A slug is found in any Unicode encoding, and in a body that the client did not decompress.
    """
    assert "session-expired" == parse(response(500, TRAPS[trap]), "planoauth").code


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (403, {"message": "a", "key": "old"}, ("variant", "credentials_expired", "message")),
        (403, {"message": "a", "key": "bad"}, ("code", "credentials_invalid", "message")),
        (403, HTML, ("code", "credentials_invalid", None)),
        (451, {"key": "old"}, ("variant", "declined", None)),
        (451, {"key": "bad"}, ("status", "policy_blocked", None)),
    ],
)
def test_a_status_may_have_variants_too(status, body, expected):
    """
    A condition on the body refines the meaning of an HTTP status; if none fits, the level is that of the status.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "authrocket")
    old = {"name": "old", "when": {"at": "/key", "is": "old"}}
    entry = next(entry for entry in vendor["entries"] if entry["code"] == "403")
    entry["variants"] = [old | {"category": "credentials_expired"}]
    vendor["statuses"] = {"451": {"category": "policy_blocked", "variants": [old | {"category": "declined"}]}}
    error = parse(response(status, body), "authrocket", registry=Registry(documents))
    assert expected == (error.match.level, error.category, error.match.envelope)


def test_a_status_in_the_body_may_have_variants():
    """
    A status that only the body states is refined by the rest of that body.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "authrocket")
    vendor["envelopes"] = [{"name": "any", "description": "Any.", "recognise": "/status", "status": ["/status"], "schema": {}}]
    entry = next(entry for entry in vendor["entries"] if entry["code"] == "403")
    entry["variants"] = [{"name": "old", "when": "/old", "category": "credentials_expired"}]
    error = parse(response(None, {"status": 403, "old": True}), "authrocket", registry=Registry(documents))
    assert ("403", "variant", "credentials_expired") == (error.code, error.match.level, error.category)


@pytest.mark.parametrize(
    ("code", "path"), [("a b", "a~20b"), ("né", "n~C3~A9"), ("a?b#c", "a~3Fb~23c"), ("a/b", "a~2Fb"), ("a-b_c.d", "a-b_c.d")]
)
def test_the_address_of_a_page_is_escaped(code, path):
    """
    Characters that the path of a page cannot have are escaped in its address.
    """
    documents = full_vendor_documents()
    vendor = next(document for document in documents if document["vendor"] == "planoauth")
    vendor["entries"].append({"code": code, "category": "declined"})
    error = parse(response(400, {"status": code}), "planoauth", registry=Registry(documents))
    assert (code, f"https://errortax.readthedocs.io/codes/planoauth/{path}") == (error.code, error.documentation_url)


def test_the_data_itself_is_not_changed():
    """
    Parsing changes nothing in the registry's documents.
    """
    documents = full_vendor_documents()
    registry = Registry(documents)
    for vendor in VENDORS:
        for body in (SLUG, b"", HTML, b'{"status": "error", "error_code": "auth.odd"}'):
            classify(response(401, body), vendor, registry=registry)
    assert full_vendor_documents() == documents
    assert loading.bundled("taxonomy.json") == loading.read_bundled("taxonomy.json")
