from __future__ import annotations

import json
import re
import sys

import brotli
import pytest
from attrs import evolve
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from errortax import (
    Action,
    Actor,
    Alternative,
    Basis,
    BodyKind,
    CanonicalError,
    Category,
    FieldError,
    Hint,
    Level,
    Match,
    Outcome,
    OutcomeKind,
    RateLimit,
    RawResponse,
    Retryability,
    Source,
    Verdict,
    locales,
)
from errortax.cli.classifying import Result
from errortax.cli.readings import Reading
from errortax.cli.reports import Reports
from errortax.model import MAX_DELAY, Details, FailedItem
from errortax.registry import loading

HINT = Hint(Action.CORRECT_INPUT, Actor.END_USER, "Give another address.", "email", "https://acme.example/help")
VERDICT = Verdict(
    vendor="acme",
    category=Category.INVALID_ARGUMENT,
    title="Address taken",
    description="Somebody else has this address.",
    retryability=Retryability.AFTER_ACTION,
    hints=(HINT,),
    emitted_status=422,
)
MATCH = Match(Level.CODE, "address-taken", body=BodyKind.JSON)


def outcome(kind, error=None, **members):
    """Return an outcome of which nothing else is known."""
    defaults = {
        "entry": None,
        "retryability": Retryability.NEVER,
        "retry_after": None,
        "hints": (),
        "request_id": None,
        "rate_limits": (),
        "match": MATCH,
    }
    return Outcome(kind=kind, error=error, **{**defaults, **members})


def failure(code="address-taken", status=422, verdict=VERDICT, **details):
    """Return the outcome of an error."""
    return outcome(OutcomeKind.ERROR, CanonicalError(code, status, verdict, Details(**{"match": MATCH, **details})))


def result(found, status=422, **request):
    """Return the result for an outcome of a response that was read from a file."""
    return Result(Reading("a.http", RawResponse(status=status, **request)), found, "acme")


def rows(found, locale="en", *, evidence=False):
    """Return labels and texts of the report."""
    return [(row.label, row.text) for row in Reports(locale, evidence=evidence).block(result(found)).rows]


def headline(found, status=422):
    """Return the headline of the report."""
    return "  ".join(span.text for span in Reports().block(result(found, status)).headline)


def test_headlines():
    """
    The headline has the vendor and the code, the status once, and the category.
    """
    assert "acme address-taken  HTTP 422  invalid_argument" == headline(failure())
    assert "acme address-taken  no HTTP status  invalid_argument" == headline(failure(status=None))
    assert "acme  HTTP 422  invalid_argument" == headline(failure(code="422"))
    assert "acme  HTTP 502  invalid_argument" == headline(failure(code=None, status=502))
    assert "success  HTTP 204" == headline(outcome(OutcomeKind.SUCCESS), 204)


def test_place():
    """
    Below the headline is the place, with method and address if they are known; one line has all of it.
    """
    known = result(failure(), method="PUT", url="https://api.acme.example/a?key=s3cret")
    place = "a.http  PUT https://api.acme.example/a?key=[redacted]"
    assert place == Reports().block(known).place
    assert f"{place}: acme address-taken  HTTP 422  invalid_argument  after_action" == Reports().block(known).line
    assert "a.http" == Reports().block(result(failure())).place


def test_colours():
    """
    Each outcome has its colour.
    """
    others = [kind for kind in OutcomeKind if kind is not OutcomeKind.ERROR]
    found = {kind: Reports().block(result(outcome(kind))).headline[0].style for kind in others}
    expected = {OutcomeKind.SUCCESS: "green", OutcomeKind.PENDING: "yellow", OutcomeKind.REDIRECT: "yellow"}
    assert {kind: f"bold {colour}" for kind, colour in expected.items()} == found
    assert "bold red" == Reports().block(result(failure())).headline[0].style


def test_colours_of_retryabilities():
    """
    Green means repeat, yellow means do something else first, red means never.
    """
    found = {}
    for retryability in Retryability:
        shown = Reports().block(result(failure(verdict=evolve(VERDICT, retryability=retryability)))).rows
        found[retryability] = next(row.style for row in shown if row.label == "retry")
    assert {name for name in Retryability if name.is_automatic} == {name for name, style in found.items() if style == "green"}
    assert ("red", "yellow") == (found[Retryability.NEVER], found[Retryability.AFTER_ACTION])


def test_least_rows():
    """
    An unknown part has no row.
    """
    assert [
        ("what", "Address taken"),
        ("", "Somebody else has this address."),
        ("retry", "after_action: The request can succeed once the action is done; do not repeat it automatically."),
        ("do", "end_user: Give another address. [email] https://acme.example/help"),
    ] == rows(failure())


def test_all_rows():
    """
    All that is known has a row, of preserved members only the names.
    """
    verdict = evolve(
        VERDICT,
        source=Source("Acme's errors", "Codes", "https://acme.example/errors"),
        basis=Basis.DOCUMENTED,
        documentation_url="https://docs.example/acme/address-taken",
    )
    match = Match(
        Level.CODE,
        "address-taken",
        (Alternative(Category.CONFLICT, "It may have been a race."),),
        status_conflict=True,
        envelope="errors",
        intermediary=True,
        body=BodyKind.JSON,
        lenient=True,
        withheld=True,
    )
    found = rows(
        failure(
            verdict=verdict,
            match=match,
            message="Sorry",
            field_errors=(FieldError("email", "is taken"), FieldError(None, "is odd")),
            request_id="r-1",
            rate_limits=(RateLimit(60, 0, 12.5), RateLimit(9, name="tokens")),
            preserved={"session": {"token": "s3cret"}},
        ),
        evidence=True,
    )
    assert [
        ("field", "email: is taken"),
        ("field", "is odd"),
        ("message", "Sorry"),
        ("request", "r-1"),
        ("limit", "60 allowed, 0 left, resets in 13 seconds"),
        ("limit", "tokens: 9 allowed"),
        ("note", "The code and the HTTP status contradict each other."),
        ("note", "The body does not look like the vendor's; a proxy or a gateway may have answered."),
        ("note", "The body breaks the rules of its format; it was read leniently."),
        ("note", "The body has more texts than are shown."),
        ("keep", "session"),
        ("match", "code address-taken, documented; body: json (errors)"),
        ("perhaps", "conflict: It may have been a race."),
        ("source", "Acme's errors, Codes, https://acme.example/errors"),
        ("more", "https://docs.example/acme/address-taken"),
    ] == found[4:]


def test_complaint_that_is_the_message():
    """
    An error without a field that only repeats the message is shown once.
    """
    found = rows(failure(message="Slow down", field_errors=(FieldError(None, "Slow down"), FieldError(None, "Really"))))
    assert [("field", "Really"), ("message", "Slow down")] == [row for row in found if row[0] in {"field", "message"}]


def notes(found, tag="en", **request):
    """Return the notes of the report."""
    label = loading.bundled(f"locales/{tag}.json")["report"]["labels"]["note"]
    return [row.text for row in Reports(tag).block(result(found, **request)).rows if row.label == label]


@pytest.mark.parametrize("tag", locales())
@pytest.mark.parametrize(
    ("body", "limit"), [("unread", ""), ("cut_off", ""), ("over_cap", "256"), ("too_deep", "100"), ("undecodable", "")]
)
def test_body_that_was_not_read(tag, body, limit):
    """
    A body that was not read has a note in every language, with the limit that it exceeds; it is not said to be foreign as well.
    """
    match = Match(Level.STATUS_CLASS, intermediary=True, body=BodyKind(body))
    [note] = notes(failure(match=match), tag)
    assert limit == "".join(re.findall(r"\d+", note))
    assert [note] == notes(outcome(OutcomeKind.SUCCESS, match=match), tag)


@pytest.mark.parametrize("body", ["json", "form", "xml", "html", "text", "empty"])
def test_body_that_was_read(body):
    """
    A body that was read has no note.
    """
    assert [] == notes(failure(match=Match(Level.STATUS, body=BodyKind(body))))


@pytest.mark.parametrize("body", BodyKind)
def test_body_that_changes_nothing(body):
    """
    A request without a response has no note about a body; a success of plain HTTP has one only about a limit of ours.
    """
    assert [] == notes(failure(match=Match(Level.TRANSPORT, body=body)))
    success = outcome(OutcomeKind.SUCCESS, match=Match(Level.STATUS_CLASS, body=body))
    plain = evolve(result(success), vendor="http")
    assert (body in (BodyKind.OVER_CAP, BodyKind.TOO_DEEP)) == bool(Reports().block(plain).rows)


@pytest.mark.parametrize("tag", locales())
def test_body_without_the_library(monkeypatch, tag):
    """
    A note about a coding whose library is missing names the coding and the extra.
    """
    monkeypatch.setitem(sys.modules, "brotli", None)
    headers, body = {"Content-Encoding": "br"}, brotli.compress(b'{"code": "address-taken"}')
    broken = failure(match=Match(Level.STATUS_CLASS, body=BodyKind.UNDECODABLE))
    [note] = notes(broken, tag, headers=headers, body=body)
    assert re.search(r"\bbr\b.* pip install 'errortax\[encodings\]'$", note, re.ASCII)
    [other] = notes(broken, tag, headers={"Content-Encoding": "zstd"}, body=body)
    assert "errortax" not in other


def test_match_without_entry():
    """
    A verdict that no entry led to says only how it was found.
    """
    assert ("match", "status_class, inferred; body: empty") in rows(failure(match=Match(Level.STATUS_CLASS)), evidence=True)


def test_waits():
    """
    The server's own delay is shown; without one, the documented minimum.
    """
    patient = evolve(VERDICT, min_delay=120)
    assert dict(rows(failure(verdict=patient)))["retry"].endswith(" Wait at least 2 minutes (120 s).")
    assert dict(rows(failure(verdict=patient, retry_after=30.0)))["retry"].endswith(" The server asks to wait 30 seconds.")
    assert dict(rows(failure(retry_after=1_234_567)))["retry"].endswith(" The server asks to wait 15 days (1234567 s).")
    assert dict(rows(failure(retry_after=MAX_DELAY)))["retry"].endswith("(315576000 s) or more.")


@pytest.mark.parametrize("tag", locales())
def test_locale(tag):
    """
    In another language labels, title, description, hints and all other words are those of the language.
    """
    hintless = evolve(VERDICT, hints=(Hint(Action.SATISFY_PRECONDITION, Actor.END_USER, ""),))
    odd = Match(Level.CODE, "a", status_conflict=True, intermediary=True, lenient=True, withheld=True)
    limit = RateLimit(60, 0, 90)
    found = failure(verdict=hintless, match=odd, rate_limits=(limit,), retry_after=60, message="Sorry", request_id="r-1")
    english, translated = rows(found, evidence=True), rows(found, tag, evidence=True)
    if tag == "en":
        assert english == translated
        return
    theirs = {"message", "request", "match"}  # rows without words of ours, besides the label
    for (label, text), (word, translation) in zip(english, translated, strict=True):
        assert text != translation or label in theirs, label
        assert label != word or not label or tag in ("es", "fr", "nl"), label  # some languages share a word with English
    wire = Reports(tag).document(result(found))["error"]
    assert [wire["title"], wire["description"]] == [text for _, text in translated[:2]]
    assert translated[3][1].endswith(wire["hints"][0]["text"])


def test_words_of_reports():
    """
    Every language has the same labels, actors, retryabilities, outcomes and phrases, with the same placeholders.
    """
    english = loading.bundled("locales/en.json")["report"]
    for tag in locales():
        words = loading.bundled(f"locales/{tag}.json")["report"]
        assert {part: [*texts] for part, texts in english.items()} == {part: [*texts] for part, texts in words.items()}, tag
        assert [re.findall(r"{\w+}", text) for text in english["phrases"].values()] == [
            re.findall(r"{\w+}", text) for text in words["phrases"].values()
        ], tag
    assert [[*Actor], [*Retryability]] == [[*english["actors"]], [*english["retryabilities"]]]


def test_outcomes():
    """
    A success shows its limits, and an unfinished request shows how to go on.
    """
    limit = RateLimit(remaining=3)
    assert [("request", "r-1"), ("limit", "3 left")] == rows(outcome(OutcomeKind.SUCCESS, request_id="r-1", rate_limits=(limit,)))
    pending = outcome(OutcomeKind.PENDING, retryability=Retryability.POLL, retry_after=30.0, hints=(HINT,))
    assert ["retry", "do"] == [label for label, _ in rows(pending)]


def test_batch():
    """
    A success with warnings and failed results shows them, each result by its id or else its index.
    """
    error = failure().error
    items = (FailedItem(2, "u-7", error), FailedItem(4, None, error))
    found = outcome(OutcomeKind.SUCCESS, warnings=("old version",), items=items, item_count=5)
    assert [("warning", "old version"), ("failed", f"u-7: {error}"), ("failed", f"4: {error}")] == rows(found)
    document = Reports().document(result(found, 207))
    validator().validate(json.loads(json.dumps(document)))
    assert (5, False, [2, 4]) == (
        document["item_count"],
        document["items_truncated"],
        [item["index"] for item in document["items"]],
    )


def test_texts_for_the_end_user():
    """
    The vendor's text for the end user, its page about the error and the standard have rows of their own.
    """
    page = "https://acme.example/errors/7"
    match = Match(Level.STANDARD, "address-taken", body=BodyKind.JSON, standard="oauth")
    found = rows(failure(user_message="Choose another one.", more_info=page, match=match), evidence=True)
    assert {("tell", "Choose another one."), ("more", page)} < {*found}
    assert ("match", "standard address-taken of oauth, inferred; body: json") in found


def validator():
    """Return what checks a report by its schema."""
    registry = [Resource.from_contents(schema) for schema in loading.all_schemas().values()] @ Registry()
    return Draft202012Validator(loading.schema("report"), registry=registry)


def test_documents_keep_to_their_schema():
    """
    The JSON of every outcome keeps to the schema of reports, and has all its members.
    """
    known = {"request_id": "r-1", "rate_limits": (RateLimit(60, 1, 2.0),), "retry_after": 30.0, "hints": (HINT,)}
    found = [failure(), failure(code=None, status=None), *(outcome(kind, entry="202", **known) for kind in OutcomeKind)]
    for one in found:
        document = Reports().document(result(one))
        validator().validate(json.loads(json.dumps(document)))
        assert [*loading.schema("report")["properties"]] == [*document]


def test_error_document():
    """
    The JSON of an error has its wire form.
    """
    found = failure()
    document = Reports().document(result(found, method="PUT", url="https://api.acme.example/a?key=s3cret"))
    assert found.error.to_dict() == document["error"]
    assert document["error"]["match"]["body"] == document["body"]
    assert ("error", "a.http", "acme", 422) == tuple(document[name] for name in ("outcome", "input", "vendor", "status"))
    assert ("PUT", "https://api.acme.example/a?key=[redacted]") == (document["method"], document["url"])


def test_outcome_document():
    """
    The JSON of anything else has all that is known, and null as the error.
    """
    found = outcome(OutcomeKind.PENDING, entry="202", retry_after=30.0, hints=(HINT,), rate_limits=(RateLimit(60, 1, 2.0),))
    document = Reports().document(result(found, 202))
    assert {"limit": 60, "remaining": 1, "reset_after": 2.0}.items() <= document["rate_limit"].items()
    assert ("pending", "202", 202, 30.0, None) == tuple(
        document[name] for name in ("outcome", "entry", "status", "retry_after", "error")
    )
    assert ["Give another address."] == [hint["text"] for hint in document["hints"]]
    assert "json" == document["body"]
