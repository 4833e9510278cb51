"""
Errors written in a vendor's own scheme, for clients that know no other.
"""

from __future__ import annotations

import json
from copy import deepcopy

import pytest
from attrs import evolve
from jsonschema import Draft202012Validator

from errortax import (
    Action,
    CanonicalError,
    Category,
    Exposure,
    FieldError,
    Level,
    Match,
    OutcomeKind,
    RawResponse,
    Registry,
    Retryability,
    default_registry,
    load_registry,
    parse,
    read,
    render,
)
from errortax.model import Details, details_of, verdict_of
from errortax.registry import loading
from errortax.registry.registry import verdicts_of
from errortax.rendering import format_of, formats
from errortax.rendering.vendor_scheme import automatic_retry_rank
from errortax.testing import documented_errors, fake
from noting import noted

REGISTRY = default_registry()
SCHEMES = tuple(name for name in formats() if name in REGISTRY)
ERRORS = documented_errors()
EVERYTHING = Exposure(texts=True, match=True, preserved=True)
COMPLAINTS = (FieldError("email", "Not an address."), FieldError("name.first", "Too short."), FieldError("email", "Taken."))
CANARY = "canary-5f1d"

every_scheme = pytest.mark.parametrize("scheme", SCHEMES)


def documented(vendor, code):
    """Return the documented error as it is parsed."""
    return parse(fake(vendor, code), vendor)


def made(category, *, vendor="http", code=None, **changes):
    """Return an error of this category, with details that every scheme may or may not have a place for."""
    details = Details(Match(Level.UNKNOWN), field_errors=COMPLAINTS, request_id="request-7", retry_after=30.0)
    return CanonicalError(code, None, verdicts_of(REGISTRY, vendor).of_category(Category(category), **changes), details)


def with_details(error, **details):
    """Return the error with other details."""
    return CanonicalError(error.code, error.status, verdict_of(error), evolve(details_of(error), **details))


def body(response):
    """Return the JSON in the body of a response."""
    return json.loads(response.body)


def preferred(scheme):
    """Return the preferred code of the scheme for each category, with its verdict."""
    verdicts = verdicts_of(REGISTRY, scheme)
    for category, code in REGISTRY.document(scheme)["answers"]["codes"].items():
        yield Category(category), code, verdicts.of_code(code) or verdicts.at_status(int(code))[0]


def test_schemes():
    """
    All vendors have a scheme to write; HTTP itself has none beside problem details.
    """
    assert ("authrocket", "gopoints", "planoauth", "youforce") == SCHEMES


@every_scheme
def test_every_error_in_every_scheme(scheme):
    """
    Each documented error has a body that fits the envelope which the vendor's clients recognise; they read a code of
    the vendor's, and never repeat more eagerly than they may.
    """
    several = ({}, {"field_errors": COMPLAINTS, "request_id": "request-7"}, {"field_errors": (FieldError(None, "No."),)})
    schemas = {envelope.name: Draft202012Validator(envelope.schema) for envelope in REGISTRY[scheme].envelopes}
    for vendor, code in ERRORS:
        error = documented(vendor, code)
        for details in several:
            with noted(vendor, code, details):
                response = render(with_details(error, **details), scheme)
                found = parse(response, scheme)
                assert not found.match.intermediary
                assert not found.match.status_conflict
                assert [] == list(schemas[found.match.envelope].iter_errors(body(response)))
                assert automatic_retry_rank(found.retryability) <= automatic_retry_rank(error.retryability)
                assert (found.match.level is Level.CODE) or (found.code, response.status) == (None, found.status)


@pytest.mark.parametrize(("vendor", "code"), [pair for pair in ERRORS if pair[0] in SCHEMES])
def test_own_errors(vendor, code):
    """
    A vendor's documented error in its own scheme is the same error, with all that the envelope has a place for.
    """
    error = with_details(documented(vendor, code), field_errors=COMPLAINTS, request_id="request-7", retry_after=30.0)
    found = read(render(error, vendor, expose=EVERYTHING), vendor)
    assert (vendor, code, error.category, error.retryability) == (found.vendor, found.code, found.category, found.retryability)
    assert (error.min_delay, error.hints) == (found.min_delay, found.hints) or "variant" == error.match.level
    assert (30.0 if error.retryable else None) == found.retry_after
    assert dict(error.preserved) == dict(found.preserved)
    losses = format_of(vendor).loses
    assert (None if "request_id" in losses else "request-7") == found.request_id
    fields = {
        "authrocket": [None] * 3,
        "gopoints": ["email", "email", "name.first"],
        "planoauth": ["email", "name.first", "email"],
    }
    assert fields.get(vendor, fields["gopoints"]) == [complaint.field for complaint in found.field_errors]


@every_scheme
def test_categories(scheme):
    """
    Each category has a code of that category if the vendor has one with the usual advice; a code that clients repeat
    is never written for an error that must not be repeated, nor the reverse.
    """
    taxonomy = REGISTRY.taxonomy.categories
    usual = {
        entry.category
        for entry in REGISTRY[scheme].entries
        if entry.outcome in (None, OutcomeKind.ERROR) and entry.retryability is None
        if (entry.hints[0].action if entry.hints else None) in (None, taxonomy[entry.category].action)
        if not (entry.hints and taxonomy[entry.category].action is Action.SATISFY_PRECONDITION and entry.hints[0].target)
    }
    assert set(Category) == {category for category, _, _ in preferred(scheme)}
    for category, code, verdict in preferred(scheme):
        wanted = automatic_retry_rank(taxonomy[category].retryability)
        assert category is verdict.category or category not in usual, code
        assert automatic_retry_rank(verdict.retryability) <= wanted, code
        assert bool(wanted) is bool(automatic_retry_rank(verdict.retryability)), code


@every_scheme
def test_preferred_codes(scheme):
    """
    An error of another vendor gets the preferred code for its category, with that code's HTTP status.
    """
    codes = REGISTRY.document(scheme)["answers"]["codes"]
    for category in Category:
        with noted(category):
            code = codes[category]
            response = render(made(category), scheme)
            found = parse(response, scheme)
            entry = REGISTRY[scheme].get(code)
            if entry is None:
                assert (None, int(code)) == (found.code, response.status)
            else:
                assert (code, True, entry.category) == (found.code, response.status in entry.statuses, found.category)


def test_old_client_of_another_vendor():
    """
    A client that knows only PlanoAuth understands GoPoints: slug, status and field errors are at their places.
    """
    response = render(documented("gopoints", "request.validation.failed"), "planoauth")
    assert (400, "application/json") == (response.status, response.headers["content-type"])
    assert {
        "status": "invalid-param",
        "code": 400,
        "message": "Please check what was entered or chosen, and correct it.",
        "errors": [{"attr": "email", "message": "Invalid input"}, {"attr": "birth_date", "message": "Invalid input"}],
    } == body(response)


BODIES = [
    ("authrocket", 422, {"errors": ["email: No.", "Never."], "message": "Enter something else."}),
    (
        "gopoints",
        422,
        {"status": "error", "error_code": "request.validation.failed", "error_id": "request-7", "messages": {"email": ["No."]}},
    ),
    (
        "planoauth",
        400,
        {
            "status": "invalid-param",
            "code": 400,
            "message": "Enter something else.",
            "errors": [{"attr": "email", "message": "No."}, {"message": "Never."}],
        },
    ),
    (
        "youforce",
        400,
        {
            "title": "Invalid input",
            "status": 400,
            "detail": "Enter something else.",
            "traceId": "request-7",
            "errors": {"email": ["No."]},
        },
    ),
]


@pytest.mark.parametrize(("scheme", "status", "expected"), BODIES)
def test_bodies(scheme, status, expected):
    """
    Code, status, texts, request id and field errors are at the envelope's pointers, beside the constant members.
    """
    complaints = (FieldError("email", "No."), FieldError(None, "Never."))
    error = made(Category.INVALID_ARGUMENT, hints=[{"text": "Enter something else."}])
    response = render(with_details(error, field_errors=complaints), scheme, expose=EVERYTHING)
    assert (status, expected) == (response.status, body(response))


@every_scheme
def test_without_complaints(scheme):
    """
    Without field errors there is no empty member for them, except a list that is always there.
    """
    error = with_details(made(Category.INVALID_ARGUMENT), field_errors=(), request_id=None)
    members = {
        "authrocket": {"errors": []},
        "gopoints": {"status": "error", "error_code": "request.validation.failed"},
        "planoauth": {"status": "invalid-param", "code": 400},
        "youforce": {"title": "Invalid input", "status": 400},
    }
    texts = {"authrocket": "message", "gopoints": "messages", "planoauth": "message", "youforce": "detail"}
    written = body(render(error, scheme))
    assert written.pop(texts[scheme])
    assert members[scheme] == written


def test_only_complaints_about_no_field():
    """
    A shape for complaints about fields is not taken for those that are about none.
    """
    error = with_details(made(Category.INVALID_ARGUMENT), field_errors=(FieldError(None, "No."),))
    assert isinstance(body(render(error, "gopoints", expose=EVERYTHING))["messages"], list)
    assert [{"message": "No."}] == body(render(error, "planoauth", expose=EVERYTHING))["errors"]


def test_status_without_a_code():
    """
    If no code makes clients do the right thing, the HTTP status alone says it, without a text in place of the code.
    """
    response = render(made(Category.UNAVAILABLE), "gopoints")
    assert (503, "30") == (response.status, response.headers["retry-after"])
    assert {"status": "error", "error_id": "request-7"} == body(response)
    found = parse(response, "gopoints")
    assert (None, Category.UNAVAILABLE, Retryability.BACKOFF, 30.0) == (
        found.code,
        found.category,
        found.retryability,
        found.retry_after,
    )


def test_what_must_not_be_repeated():
    """
    An error that must not be repeated, unlike others of its category, is written as an unknown error.
    """
    error = documented("planoauth", "mandrill-email-failed")
    assert Category.DEPENDENCY_FAILED is error.category
    for scheme in ("authrocket", "gopoints", "youforce"):
        assert 400 == render(error, scheme).status
    assert "mandrill-email-failed" == body(render(error, "planoauth"))["status"]
    assert "operation_invalid" == body(render(error, "planoauth", expose="public"))["status"]


def test_own_code_that_nobody_documented():
    """
    A code that the vendor's file does not know is not written; the one that its category calls for is.
    """
    error = parse(RawResponse(401, {}, b'{"status": "error", "error_code": "auth.otp.used"}'), "gopoints")
    assert "auth.password.invalid" == body(render(error, "gopoints"))["error_code"]


def test_own_code_of_a_success():
    """
    A code that means a success is never written for an error.
    """
    error = made(Category.INTERNAL, vendor="planoauth", code="action-successful")
    assert "application-crash" == body(render(error, "planoauth"))["status"]


def test_own_code_in_another_spelling():
    """
    A code that the vendor spells with hyphens or underscores keeps its spelling.
    """
    raw = RawResponse(400, {}, b'{"status": "record-not-found", "code": 400}')
    assert "record-not-found" == body(render(parse(raw, "planoauth"), "planoauth"))["status"]


def test_code_without_a_documented_status():
    """
    A code without a documented HTTP status gets the status of its category.
    """
    response = render(documented("planoauth", "route-not-found"), "planoauth")
    assert (404, "route-not-found", 404) == (response.status, body(response)["status"], body(response)["code"])


def test_category_of_a_newer_release():
    """
    A category that the file does not name is written as an unknown error.
    """
    document = deepcopy(dict(REGISTRY.document("planoauth")))
    del document["answers"]["codes"]["timeout"]
    registry = Registry([document, REGISTRY.document("http")])
    error = made(Category.TIMEOUT)
    assert "operation_invalid" == body(render(error, "planoauth", registry=registry))["status"]
    assert "application-crash" == body(render(error, "planoauth"))["status"]


@every_scheme
@pytest.mark.parametrize("audience", ["public", "developer"])
def test_nothing_of_the_upstream(scheme, audience):
    """
    No text of the upstream's comes out unless it is asked for.
    """
    for vendor, code in ERRORS:
        error = with_details(
            documented(vendor, code),
            message=f"message {CANARY}",
            field_errors=(FieldError("email", f"complaint {CANARY}"),),
            preserved={"session": CANARY},
        )
        response = render(error, scheme, expose=audience)
        assert CANARY not in response.body.decode()
        assert CANARY not in str(dict(response.headers))
    error = with_details(made(Category.NOT_FOUND), message=CANARY, field_errors=())
    assert CANARY in render(error, scheme, expose="operator").body.decode()


def test_preserved_members():
    """
    Preserved members return to their places, if the audience may see them; other codes have no place for them.
    """
    error = documented("planoauth", "client-required")
    assert error.preserved
    assert error.preserved["session"] == body(render(error, "planoauth", expose=EVERYTHING))["session"]
    assert "session" not in body(render(error, "planoauth"))
    assert "session" not in body(render(error, "gopoints", expose=EVERYTHING))


@pytest.mark.parametrize("request_id", ["request 7", "a\r\nSet-Cookie: b", "ключ", "x" * 201])
def test_request_id_in_a_header(request_id):
    """
    A request id goes into the vendor's header field if the body has no place for it, unless it could break the header.
    """
    error = made(Category.CONFLICT)
    assert "request-7" == render(error, "authrocket").headers["x-request-id"]
    assert "x-request-id" not in render(with_details(error, request_id=request_id), "authrocket").headers
    assert "x-request-id" not in render(error, "planoauth").headers


def test_language():
    """
    The texts in the body are in the language that was asked for.
    """
    response = render(made(Category.NOT_FOUND), "youforce", locale="nl")
    assert "nl" == response.headers["content-language"]
    assert body(render(made(Category.NOT_FOUND), "youforce"))["title"] != body(response)["title"]


def kept(error, found):
    """Return the names of the parts that were kept."""
    both = {
        "vendor": (error.vendor, found.vendor),
        "code": (error.code, found.code),
        "category": (error.category, found.category),
        "retryability": (error.retryability, found.retryability),
        "delay": ((error.retry_after, error.min_delay), (found.retry_after, found.min_delay)),
        "request_id": (error.request_id, found.request_id),
        "field_errors": (error.field_errors, found.field_errors),
    }
    return {name for name, (one, other) in both.items() if one == other}


@every_scheme
def test_losses(scheme):
    """
    The declared losses are the parts that cannot be read again for at least one documented error.
    """
    lost = set()
    for vendor, code in ERRORS:
        complaints = (FieldError("email", "Not here."), FieldError(None, "Not so."))
        error = with_details(documented(vendor, code), field_errors=complaints, request_id="request-7", retry_after=30.0)
        found = read(render(error, scheme, expose=EVERYTHING), scheme)
        lost |= {"vendor", "code", "category", "retryability", "delay", "request_id", "field_errors"} - kept(error, found)
    assert lost == format_of(scheme).loses


ACME = {
    "format": "1.0",
    "vendor": "acme",
    "title": "Acme",
    "scheme": "slug",
    "envelopes": [
        {
            "name": "fault",
            "description": "Always.",
            "recognise": "/fault",
            "code": ["", "/fault/name"],
            "message": ["/fault/text"],
            "status": ["/fault/status"],
            "field_errors": {"at": ["/fault/fields"], "message": ["/text"]},
            "schema": {"type": "object"},
        }
    ],
    "answers": {
        "codes": {category.value: "no" for category in Category},
        "members": {"fault": {"origin": "gateway"}, "version": 2},
        "plain": {"envelope": "fault", "status": "text", "message": "text", "field_errors": "objects"},
    },
    "entries": [{"code": "no", "category": "unknown"}],
}


def acme(**changes):
    """Return a registry that holds acme, with changes to its answers, beside HTTP itself."""
    return Registry([{**ACME, "answers": {**ACME["answers"], **changes}}, REGISTRY.document("http")])


def test_nested_places():
    """
    Constant members are beside the members that are written into the same object, and never change.
    """
    registry = acme()
    error = made(Category.UNKNOWN, hints=[{"text": "Ask us."}])
    expected = {
        "origin": "gateway",
        "name": "no",
        "text": "Ask us.",
        "status": "500",
        "fields": [{"text": "Not an address."}, {"text": "Too short."}, {"text": "Taken."}],
    }
    assert {"fault": expected, "version": 2} == body(render(error, "acme", expose=EVERYTHING, registry=registry))
    expected = {"origin": "gateway", "name": "no", "text": "Ask us.", "status": "500"}
    error = with_details(error, field_errors=())
    assert {"fault": expected, "version": 2} == body(render(error, "acme", registry=registry))
    assert {"field_errors", "request_id"} <= format_of("acme", registry).loses


def test_object_in_the_way():
    """
    A member that is not an object is replaced by the object that is to be written.
    """
    error = with_details(made(Category.UNKNOWN), field_errors=())
    written = body(render(error, "acme", registry=acme(members={"fault": None}, plain={"envelope": "fault"})))
    assert {"fault": {"name": "no"}} == written


def test_form_without_a_pointer():
    """
    Parts without a place in the envelope are left out, even a list of objects without a place for texts.
    """
    document = deepcopy(ACME)
    [envelope] = document["envelopes"]
    envelope["field_errors"] = {"at": ["/fault/fields"], "field": ["/field"]}
    del envelope["message"], envelope["status"]
    registry = Registry([document, REGISTRY.document("http")])
    assert {
        "origin": "gateway",
        "name": "no",
        "fields": [{"field": "email"}, {"field": "name.first"}, {"field": "email"}],
    } == body(render(made(Category.UNKNOWN), "acme", registry=registry))["fault"]


@pytest.mark.parametrize("code", ["yes", "200", "999"])
def test_preferred_code_that_is_none(code):
    """
    A preferred code that no error has is refused when the scheme is chosen, before any answer is written.
    """
    registry = acme(codes={**ACME["answers"]["codes"], "unavailable": code})
    with pytest.raises(ValueError, match=f"vendor 'acme': no error has the code '{code}'"):
        format_of("acme", registry)


def test_status_in_the_plain_shape():
    """
    A status in place of a code is written in the plain shape if there is no other, and missing parts are lost.
    """
    registry = acme(codes={**ACME["answers"]["codes"], "unavailable": "503"}, plain={"envelope": "fault"})
    response = render(made(Category.UNAVAILABLE), "acme", registry=registry)
    assert (503, {"fault": {"origin": "gateway"}, "version": 2}) == (response.status, body(response))


def test_class_of_statuses():
    """
    A file with entries for whole classes of statuses is written with the single statuses.
    """
    entries = [{"code": "409", "category": "conflict"}, {"code": "4xx", "category": "malformed_request"}]
    codes = {category.value: "409" for category in Category}
    document = {**ACME, "scheme": "http_status", "entries": entries, "answers": {**ACME["answers"], "codes": codes}}
    registry = Registry([document, REGISTRY.document("http")])
    assert 409 == render(made(Category.CONFLICT), "acme", registry=registry).status
    document = {**document, "answers": {**document["answers"], "codes": {**codes, "unknown": "400"}}}
    with pytest.raises(ValueError, match="no error has the code '400'"):
        format_of("acme", Registry([document, REGISTRY.document("http")]))


def test_vendor_without_answers(tmp_path):
    """
    A vendor whose file does not say how to write answers has no scheme to write.
    """
    document = {name: value for name, value in ACME.items() if name != "answers"}
    path = tmp_path / "acme.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert "acme" not in formats(load_registry(path))
    path.write_text(json.dumps(ACME), encoding="utf-8")
    assert "acme" in formats(load_registry(path))
    assert "answers" not in loading.bundled("vendors/http.json")
