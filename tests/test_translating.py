"""
From an upstream's response to the gateway's answer.
"""

from __future__ import annotations

import json
import threading

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from errortax import (
    Action,
    CanonicalError,
    Category,
    Exposure,
    RawResponse,
    Translator,
    default_registry,
    load_registry,
    locales,
    parse,
    read,
    render,
    transport_error,
)
from errortax.exceptions import UnknownFormatError, UnknownVendorError
from errortax.gateway import PASSED_HEADERS
from errortax.http import BODY_CAP
from errortax.rendering import AUDIENCES, COMMON_FORMATS, formats
from errortax.testing import documented_errors, fake
from strategies import EXAMPLES, TRAPS, responses

TRANSLATOR = Translator()
REFUSED = RawResponse(401, {"X-RateLimit-Limit": "17"}, b'{"status": "error", "error_code": "auth.token.expired"}')
SECRET = "sk_live_51HabcdefGhijklmnopqrstuv"
WORDS = "canary 7f3a sings"


# Whole answers


@pytest.mark.parametrize("name", formats())
def test_all_documented_errors(name):
    """
    Each documented error is answered in full in every format, as `render` writes it.
    """
    translator = Translator(name, locale="en")
    for vendor, code in documented_errors():
        raw = fake(vendor, code)
        answer, expected = translator.translate(raw, vendor), render(parse(raw, vendor), name)
        assert (expected.status, expected.body) == (answer.status, answer.body)
        assert {expected.headers[field] == answer.headers[field] for field in expected.headers} == {True}
        assert str(len(answer.body)) == answer.headers["content-length"]


def test_response_that_is_not_an_error():
    """
    A response that is not an error passes unchanged.
    """
    for vendor, example in EXAMPLES:
        is_error = parse(example.raw, vendor) is not None
        assert is_error == (TRANSLATOR.translate(example.raw, vendor) is not None)


@given(raw=responses, accept_language=st.none() | st.text())
def test_any_response(raw, accept_language):
    """
    For any response of the upstream, nothing raises, and the answer is complete.
    """
    answer = TRANSLATOR.translate(raw, "planoauth", accept_language=accept_language)
    if answer is not None:
        assert str(len(answer.body)) == answer.headers["content-length"]
        assert json.loads(answer.body)["status"] == answer.status


@pytest.mark.parametrize("trap", TRAPS)
def test_traps(trap):
    """
    Bodies that break readers are answered by the status; one that is too large to hold back passes only on request.
    """
    passing = Translator(too_long="pass")
    for vendor in default_registry():
        raw = RawResponse(502, {"Content-Encoding": "gzip", "Set-Cookie": WORDS}, TRAPS[trap])
        answer = TRANSLATOR.translate(raw, vendor)
        assert "content-encoding" not in answer.headers
        assert WORDS not in f"{answer.headers.raw}{answer.body}"
        assert (passing.translate(raw, vendor) is None) == (len(TRAPS[trap]) > BODY_CAP)


def test_refusals_of_the_gateway():
    """
    A response of the gateway itself is plain HTTP and marked as an intermediary's, whatever vendor the route leads to.
    """
    for status in (403, 429, 503):
        raw = RawResponse(status, {}, b"RBAC: access denied")
        error = TRANSLATOR.error_of(raw, "authrocket", by_gateway=True)
        assert ("http", True, status) == (error.vendor, error.match.intermediary, error.emitted_status)
        assert error.retryability == parse(raw, "http").retryability
    assert TRANSLATOR.error_of(RawResponse(204), "authrocket", by_gateway=True) is None


def test_no_connection():
    """
    A failed connection to a vendor becomes the failure of something behind us: the caller's network works.
    """
    lost = transport_error("connection_failed", vendor="gopoints", sent=False)
    told = read(TRANSLATOR.answer(lost))
    assert ("gopoints", "dependency_failed", "after_delay", 502) == (told.vendor, told.category, told.retryability, told.status)
    assert Action.WAIT_AND_RETRY is told.action
    wrong = read(TRANSLATOR.answer(transport_error("connection_impossible", vendor="gopoints", target="proxy")))
    assert ("dependency_failed", "never") == (wrong.category, wrong.retryability)
    assert ("fix_service", "vendor") == (wrong.action, wrong.actor)
    late = transport_error("no_response", vendor="gopoints")
    assert (Category.TIMEOUT, 504) == (read(TRANSLATOR.answer(late)).category, TRANSLATOR.answer(late).status)
    another = CanonicalError.from_dict({**lost.to_dict(), "match": {**lost.to_dict()["match"], "level": "code"}})
    assert Category.CONNECTION_FAILED is read(TRANSLATOR.answer(another)).category


def test_vary_once():
    """
    A name that the upstream's ``Vary`` has already is not added again.
    """
    raw = RawResponse(404, {"Vary": "Origin, accept-language"}, b"")
    assert "Origin, accept-language" == TRANSLATOR.translate(raw, "http").headers["vary"]


def test_head():
    """
    The answer to HEAD is the answer to GET without the body, and without its length, which is not known (RFC 9110, section 8.6).
    """
    get, head = (TRANSLATOR.translate(RawResponse(503, {}, b"", method=method)) for method in ("GET", "HEAD"))
    assert (get.status, dict(get.headers)) == (head.status, {**head.headers, "content-length": str(len(get.body))})
    assert "content-length" not in head.headers
    assert b"" == head.body != get.body


def test_own_failures():
    """
    A failure without an upstream's response is answered in the same way.
    """
    lost = transport_error("connection_failed", vendor="gopoints")
    answer = TRANSLATOR.answer(lost, accept_language="de")
    assert (502, "de") == (answer.status, answer.headers["content-language"])
    assert b"" == TRANSLATOR.answer(lost, method="HEAD").body
    assert 502 == Translator(keep_status=True).answer(lost).status


# Statuses


def test_statuses_by_category():
    """
    PlanoAuth's 400 for a missing object becomes 404, unless the upstream's status is kept.
    """
    raw = fake("planoauth", "record_not_found")
    assert (400, 404, 400) == (
        raw.status,
        TRANSLATOR.translate(raw, "planoauth").status,
        Translator(keep_status=True).translate(raw, "planoauth").status,
    )


@pytest.mark.parametrize("name", ["problem+json", "problem+xml", "json:api", "oauth", "graphql", "google.rpc"])
def test_statuses_that_stay(name):
    """
    With *keep_status* each error has the upstream's status, in body and status line alike.
    """
    translator = Translator(name, keep_status=True)
    for vendor, code in documented_errors():
        raw = fake(vendor, code)
        if raw.status is not None:
            assert raw.status == translator.translate(raw, vendor).status


def test_unknown_status():
    """
    If the upstream's status is not known, the category's is used.
    """
    raw = RawResponse(None, {}, REFUSED.body)
    assert 401 == Translator(keep_status=True).translate(raw, "gopoints").status


@pytest.mark.parametrize("status", [0, 99, 600, 999, 1000])
def test_impossible_statuses(status):
    """
    A status that HTTP does not have cannot be kept; the category's is used.
    """
    assert 500 == Translator(keep_status=True).translate(RawResponse(status), "http").status


@pytest.mark.parametrize("status", [204, 205, 304])
def test_statuses_without_body(status):
    """
    An error inside a success that cannot have a body gets the category's status, since the answer has a body.
    """
    raw = evolve(REFUSED, status=status)
    answer = Translator(keep_status=True, inspect_success=True).translate(raw, "gopoints")
    assert 401 == answer.status
    assert answer.body


# Leaks


FIELDS = (
    "Allow", "Cache-Control", "Vary", "RateLimit-Policy", "X-RateLimit-Scope", "Access-Control-Allow-Origin", "Server",
    "Set-Cookie", "Via", "WWW-Authenticate", "Authorization", "X-Debug", "Location", "Link", "Warning", "ETag",
    "Content-Disposition", "X-Request-ID", "Retry-After",
)  # fmt: skip


def planted(value, mark):
    """Yield the document with *mark* in place of each of its texts in turn, and as a new member where there are none."""
    if isinstance(value, dict):
        yield {**value, "x-debug": mark}
        for name, inner in value.items():
            yield from ({**value, name: changed} for changed in planted(inner, mark))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from ([*value[:index], changed, *value[index + 1 :]] for changed in planted(inner, mark))
    else:
        yield mark


def written(answer):
    """Return all parts of an answer as one text."""
    return repr([(name, answer.headers.get_all(name)) for name in answer.headers]) + answer.body.decode()


def answers(translator, mark):
    """Yield the answers to all examples with *mark* in every header field, and in each member of the body in turn."""
    fields = [(name, mark) for name in FIELDS]
    for vendor, example in EXAMPLES:
        for document in planted(example.response.get("json", {}), mark):
            raw = RawResponse(example.raw.status, fields, json.dumps(document).encode())
            if (answer := translator.translate(raw, vendor)) is not None:
                yield vendor, raw, answer


@pytest.mark.parametrize("audience", AUDIENCES)
@pytest.mark.parametrize("name", ["problem+json", "google.rpc", "json:api", "oauth", "planoauth"])
def test_no_secret_comes_out(name, audience):
    """
    A secret in any header field or any member of any body never gets into the answer, for any audience.
    """
    for _, _, answer in answers(Translator(name, expose=audience), SECRET):
        assert SECRET not in written(answer)


@pytest.mark.parametrize("audience", ["public", "developer"])
@pytest.mark.parametrize("name", ["problem+json", "youforce"])
def test_no_text_comes_out(name, audience):
    """
    A vendor's free text gets into the answer for operators only, even in the place of a name.
    """
    translator = Translator(name, expose=audience)
    for vendor, raw, answer in answers(translator, WORDS):
        assert "canary" not in written(answer), (vendor, raw.body)


def test_operators_get_the_texts():
    """
    Operators get the vendor's texts, without the secrets in them.
    """
    body = json.dumps({"status": "error", "error_code": "auth.token.expired", "error": f"{WORDS} {SECRET}"})
    answered = [
        written(
            Translator(expose="operator").translate(
                RawResponse(401, {}, json.dumps({"message": f"{WORDS} {SECRET}"})), "authrocket"
            )
        )
    ]
    answered.append(written(Translator(expose="operator").translate(RawResponse(401, {}, body), "gopoints")))
    assert "canary" in answered[0]
    assert not [text for text in answered if SECRET in text]


# Problem details of the upstream's own


THEIRS = {
    "type": "https://up.example/out-of-credit",
    "title": "Out of credit",
    "detail": f"Pay. {SECRET}",
    "instance": "/a/7",
    "status": 999,
    "balance": 30,
}


def enriched(document, audience, content_type="application/problem+json; charset=utf-8", to="problem+json", url=None):
    """Return the answer for an upstream's problem details."""
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    raw = RawResponse(403, {"Content-Type": content_type}, body, url)
    return json.loads(Translator(to, expose=audience).translate(raw).body)


def test_problem_details_are_enriched():
    """
    For operators, an upstream's own problem details remain, secrets replaced, and our members are added; nothing is nested.
    """
    found = enriched(THEIRS, "operator", url="https://up.example/b/c")
    assert ("https://up.example/out-of-credit", "Out of credit") == (found["type"], found["title"])
    assert "https://up.example/a/7" == found["instance"]
    assert found["detail"].startswith("Pay.")
    assert SECRET not in found["detail"]
    assert (403, "permission_denied") == (found["status"], found["category"])
    assert "balance" not in found


@pytest.mark.parametrize(
    ("address", "url"),
    [
        ("/a/7", None), ("probs/7", None), ("not an address", None), (f"https://up.example/?key={SECRET}", None),
        ("urn:x:[a]<", None), ("https://h/a b", None), ("x:é", None), ("//[h/a", "https://up.example/"), ("", "https://h/"),
    ],
)  # fmt: skip
def test_addresses_of_problems(address, url):
    """
    An address is kept whole or not at all: a relative one has another base here, and half of a redacted one leads nowhere.
    """
    found = enriched({**THEIRS, "type": address, "instance": address}, "operator", url=url)
    assert "https://errortax.readthedocs.io/codes/categories/permission_denied" == found["type"]
    assert "instance" not in found


@pytest.mark.parametrize(("theirs", "expected"), [(THEIRS, None), ({"type": THEIRS["type"]}, "de")])
def test_language_of_their_texts(theirs, expected):
    """
    If the upstream's texts remain, the answer states no language, since theirs is not known.
    """
    body = json.dumps(theirs).encode()
    raw = RawResponse(403, {"Content-Type": "application/problem+json", "Content-Language": "nl"}, body)
    answer = Translator(expose="operator").translate(raw, accept_language="de")
    assert expected == answer.headers.get("content-language")
    assert "Accept-Language" == answer.headers["vary"]


@pytest.mark.parametrize("audience", ["public", "developer"])
def test_problem_details_are_not_for_everybody(audience):
    """
    No other audience sees the upstream's problem details.
    """
    assert {"instance"}.isdisjoint(enriched(THEIRS, audience))
    assert "Out of credit" not in enriched(THEIRS, audience).values()


@pytest.mark.parametrize("document", [b"<html>", b"", [], 7, {"type": 7, "title": "", "detail": None, "instance": []}])
def test_malformed_problem_details(document):
    """
    A body that only claims to be problem details is answered with ours.
    """
    assert "https://errortax.readthedocs.io/codes/categories/permission_denied" == enriched(document, "operator")["type"]


def test_problem_details_of_another_type():
    """
    Only a body with the media type of problem details counts as such.
    """
    assert "instance" not in enriched(THEIRS, "operator", "application/json")


# Languages


@pytest.mark.parametrize("locale", [*locales(), "de-CH", "nl_BE"])
def test_fixed_language(locale):
    """
    A fixed language is the language of every answer, and the answer does not depend on the request.
    """
    answer = Translator(locale=locale).translate(REFUSED, "gopoints", accept_language="en")
    assert locale[:2] == answer.headers["content-language"]
    assert "vary" not in answer.headers


@pytest.mark.parametrize(
    ("accept_language", "expected"), [(None, "en"), ("", "en"), ("de", "de"), ("nl;q=0.5, de;q=0.9", "de"), ("x" * 10_000, "en")]
)
def test_negotiated_language(accept_language, expected):
    """
    Without a fixed language, the caller's ``Accept-Language`` decides for each answer.
    """
    answer = TRANSLATOR.translate(REFUSED, "gopoints", accept_language=accept_language)
    assert (expected, "Accept-Language") == (answer.headers["content-language"], answer.headers["vary"])


# Audiences


def test_audience_of_the_request():
    """
    A callable chooses the audience of each request.
    """
    translator = Translator(expose=lambda request: Exposure(texts=True) if request == "inside" else "public")
    raw = RawResponse(401, {}, json.dumps({"message": WORDS}))
    assert b"canary" in translator.translate(raw, "authrocket", request="inside").body
    assert b"authrocket" not in translator.translate(raw, "authrocket", request="outside").body
    assert b"authrocket" not in translator.answer(parse(raw, "authrocket")).body


def test_unknown_audience():
    """
    A callable that returns an unknown audience raises.
    """
    with pytest.raises(ValueError, match="unknown audience 'everybody'"):
        Translator(expose=lambda _: "everybody").translate(REFUSED, "gopoints")


# Vendors and registries


def test_vendors():
    """
    The vendor comes from the route; without one, plain HTTP is used.
    """
    translator = Translator(vendor={"/points/": "gopoints", "[::1]": "planoauth"})
    assert "gopoints" == translator.vendor_of("/points/a", "localhost")
    assert "planoauth" == translator.vendor_of("/", "[::1]:80")
    assert translator.vendor_of("/", None) is None
    assert "http" == read(translator.translate(REFUSED)).vendor
    assert "gopoints" == Translator(vendor=lambda request: request).vendor_of("/", None, "gopoints")


def test_own_registry():
    """
    A translator uses its own registry for vendors, pages and formats.
    """
    own = load_registry(documentation_url="https://docs.example")
    answer = Translator(registry=own).translate(REFUSED, "gopoints")
    assert json.loads(answer.body)["type"].startswith("https://docs.example/categories/")


def test_threads():
    """
    Any number of threads may share one translator.
    """
    cases = [(vendor, fake(vendor, code)) for vendor, code in documented_errors()]
    expected = [TRANSLATOR.translate(raw, vendor).body for vendor, raw in cases]
    found = []

    def work():
        found.append([TRANSLATOR.translate(raw, vendor).body for vendor, raw in cases])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [expected] * 4 == found


# What is held back


@pytest.mark.parametrize(
    ("status", "fields", "method", "expected"),
    [
        (200, {}, "GET", False), (204, {}, "GET", False), (304, {}, "GET", False), (399, {}, "GET", False),
        (400, {}, "GET", True),
        (599, {}, "GET", True), (500, {"content-length": str(BODY_CAP)}, "GET", True),
        (500, {"content-length": str(BODY_CAP + 1)}, "GET", False),
        (500, {"content-length": "9" * 5000}, "GET", False), (500, {"content-length": "-1"}, "GET", True),
        (500, {"content-length": "many"}, "GET", True),
        (500, {"content-length": "999999999"}, "HEAD", True), (101, {}, "GET", False),
    ],
)  # fmt: skip
def test_errors_are_held(status, fields, method, expected):
    """
    Errors that pass if they are too long are held back only if they are short enough; HEAD has no body.
    """
    for translator in (Translator(too_long="pass"), Translator(too_long="pass", inspect_success=True)):
        assert expected is translator.holds_back(status, fields, method)
    assert (status >= 400) is Translator().holds_back(status, fields, method)


@pytest.mark.parametrize(
    ("status", "fields", "method", "expected"),
    [
        (200, {"content-type": "application/json", "content-length": "17"}, "GET", True),
        (201, {"content-type": "Application/Problem+JSON; charset=utf-8", "content-length": "17"}, "POST", True),
        (200, {"content-type": "application/json", "content-length": str(BODY_CAP + 1)}, "GET", False),
        (200, {"content-type": "application/json"}, "GET", False), (200, {"content-length": "17"}, "GET", False),
        (200, {"content-type": "text/event-stream", "content-length": "17"}, "GET", False),
        (200, {"content-type": "application/json", "content-length": "17"}, "HEAD", False),
        (302, {"content-type": "application/json", "content-length": "17"}, "GET", False),
    ],
)  # fmt: skip
def test_successes_are_held_on_request(status, fields, method, expected):
    """
    Successes are inspected only on request, and only JSON of known and small length.
    """
    assert expected is Translator(inspect_success=True).holds_back(status, fields, method)
    assert not Translator().holds_back(status, fields, method)
    assert Translator(inspect_success=True).inspects_success


# Mistakes


MISTAKES = [
    ({"to": "problem+jsn"}, UnknownFormatError, "did you mean 'problem\\+json'"),
    ({"to": "nobody"}, UnknownFormatError, "known: authrocket, connect, google.rpc, "),
    ({"to": None}, UnknownFormatError, "known: "),
    ({"to": ["oauth"]}, UnknownFormatError, "did you mean 'oauth'"),
    ({"vendor": "plano"}, UnknownVendorError, "did you mean 'planoauth'"),
    ({"vendor": "nobody"}, UnknownVendorError, "known: authrocket, "),
    ({"vendor": {"/a/": "nobody"}}, UnknownVendorError, "known: authrocket, "),
    ({"vendor": 5}, TypeError, "vendor must be a name, a mapping"),
    ({"vendor": {"": "gopoints"}}, ValueError, "is not a route; use a path"),
    ({"expose": "everybody"}, ValueError, "known: public, developer, operator"),
    ({"expose": None}, TypeError, "one of public, developer, operator"),
    ({"locale": "german!"}, ValueError, "is not a language tag"),
    ({"locale": 5}, TypeError, "must be a language tag"),
    ({"registry": "mine"}, TypeError, "errortax.load_registry makes one"),
    ({"inspect_success": 1}, TypeError, "inspect_success must be True or False"),
    ({"keep_status": None}, TypeError, "keep_status must be True or False"),
    ({"shadow": "yes"}, TypeError, "shadow must be True or False"),
    ({"too_long": "drop"}, ValueError, "too_long must be one of status, pass"),
    ({"too_long": None}, ValueError, "too_long must be one of status, pass"),
    ({"pass_headers": "allow"}, TypeError, "such as \\('access-control-\\*', 'allow'"),
    ({"pass_headers": None}, TypeError, "must be names of header fields"),
    ({"pass_headers": 5}, TypeError, "must be names of header fields"),
    ({"pass_headers": [b"allow"]}, TypeError, "must be names of header fields"),
    ({"pass_headers": [""]}, ValueError, "'' is not the name of a field"),
    ({"pass_headers": ["a b"]}, ValueError, "use one such as 'allow'"),
    ({"pass_headers": ["x-*-y"]}, ValueError, "'x-\\*-y' is not the name"),
]


@pytest.mark.parametrize(("choices", "kind", "message"), MISTAKES)
def test_mistakes(choices, kind, message):
    """
    An unusable argument raises when the translator is made, and the message has the choices.
    """
    with pytest.raises(kind, match=message):
        Translator(**choices)


def test_unchangeable():
    """
    A translator does not accept new attributes.
    """
    with pytest.raises(AttributeError):
        TRANSLATOR.note = "a"
    assert "vary" in PASSED_HEADERS


@pytest.mark.parametrize("name", sorted(COMMON_FORMATS))
def test_another_gateway_behind(name):
    """
    An error that another gateway of ours wrote keeps its verdict; a response that it only passed on is parsed as plain HTTP.
    """
    inner, outer = Translator(name, expose="developer"), Translator(vendor={"/inner/": name})
    route = outer.vendor_of("/inner/x", None)
    for vendor, code in documented_errors():
        first = inner.translate(fake(vendor, code), vendor)
        once, twice = read(first, name), read(outer.translate(first, route))
        assert (once.category, once.retryability, once.action) == (twice.category, twice.retryability, twice.action)
    passed = outer.translate(RawResponse(503, {}, b"<html>"), route)
    assert Category.UNAVAILABLE is read(passed).category
    assert outer.translate(RawResponse(200, {}, b"{}"), route) is None
