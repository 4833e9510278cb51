from __future__ import annotations

from attrs import evolve

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
)
from errortax.cli import reports
from errortax.cli.readings import Reading
from errortax.model import Details

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


def reading(status=422):
    """Return a response that was read from a file."""
    return Reading("a.http", RawResponse(status=status))


def rows(result, locale="en"):
    """Return the rows of the report."""
    return list(reports.block(reading(), result, locale=locale).rows)


def headline(result, status=422):
    """Return the headline of the report."""
    return reports.block(reading(status), result, locale="en").headline


def test_headlines():
    """
    The headline has the place, the vendor and the code, and the status once.
    """
    assert "a.http: acme address-taken, HTTP 422" == headline(failure())
    assert "a.http: acme address-taken, no HTTP status" == headline(failure(status=None))
    assert "a.http: acme HTTP 422" == headline(failure(code="422"))
    assert "a.http: acme HTTP 502" == headline(failure(code=None, status=502))
    assert "a.http: success, HTTP 204" == headline(outcome(OutcomeKind.SUCCESS), 204)


def test_colours():
    """
    Each outcome has its colour.
    """
    found = {
        kind: reports.block(reading(), outcome(kind), locale="en").colour for kind in OutcomeKind if kind is not OutcomeKind.ERROR
    }
    assert {OutcomeKind.SUCCESS: "green", OutcomeKind.PENDING: "yellow", OutcomeKind.REDIRECT: "yellow"} == found
    assert "red" == reports.block(reading(), failure(), locale="en").colour


def test_least_rows():
    """
    An unknown part has no row.
    """
    assert [
        ("what", "Address taken (invalid_argument, request)"),
        ("", "Somebody else has this address."),
        ("retry", "after_action: The request can succeed once the action is done; do not repeat it automatically."),
        ("do", "end_user: Give another address. [email] https://acme.example/help"),
        ("match", "code address-taken, inferred; body: json"),
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
        )
    )
    assert [
        ("field", "email: is taken"),
        ("field", "is odd"),
        ("message", "Sorry"),
        ("keep", "session"),
        ("request", "r-1"),
        ("limit", "60 allowed, 0 left, starts anew in 12.5 s"),
        ("limit", "tokens: 9 allowed"),
        ("match", "code address-taken, documented; body: json (errors)"),
        ("note", "the code and the HTTP status contradict each other"),
        ("note", "the body does not look like the vendor's; a proxy or a gateway may have answered or cut it off"),
        ("note", "the body breaks the rules of its format; it was read leniently"),
        ("note", "the body has more texts than are shown"),
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


def test_body_that_cannot_be_decoded():
    """
    A body that cannot be decoded is not said to be foreign to the vendor.
    """
    broken = Match(Level.STATUS_CLASS, intermediary=True, body=BodyKind.UNDECODABLE)
    assert dict(rows(failure(match=broken)))["note"].startswith("the body cannot be decoded; ")


def test_match_without_entry():
    """
    A verdict that no entry led to says only how it was found.
    """
    assert ("match", "status_class, inferred; body: empty") in rows(failure(match=Match(Level.STATUS_CLASS)))


def test_waits():
    """
    The server's own delay is shown; without one, the documented minimum.
    """
    patient = evolve(VERDICT, min_delay=120)
    assert dict(rows(failure(verdict=patient)))["retry"].endswith("Wait at least 120 s.")
    assert dict(rows(failure(verdict=patient, retry_after=30.0)))["retry"].endswith("The server asks to wait 30 s.")


def test_locale():
    """
    In another language title, description and hints are those of the language.
    """
    hintless = evolve(VERDICT, hints=(Hint(Action.SATISFY_PRECONDITION, Actor.END_USER, ""),))
    english, german = rows(failure(verdict=hintless)), rows(failure(verdict=hintless), "de-CH")
    assert [label for label, _ in english] == [label for label, _ in german]
    assert "Address taken (invalid_argument, request)" != german[0][1]
    assert "Somebody else has this address." != german[1][1]
    assert english[3] != german[3]
    found = reports.document(reading(), failure(verdict=hintless), locale="de")["error"]
    assert german[0][1] == f"{found['title']} (invalid_argument, request)"
    assert german[1][1] == found["description"]
    assert german[3][1] == f"end_user: {found['hints'][0]['text']}"


def test_outcomes():
    """
    A success shows its limits, and an unfinished request shows how to go on.
    """
    limit = RateLimit(remaining=3)
    assert [("request", "r-1"), ("limit", "3 left")] == rows(outcome(OutcomeKind.SUCCESS, request_id="r-1", rate_limits=(limit,)))
    pending = outcome(OutcomeKind.PENDING, retryability=Retryability.POLL, retry_after=30.0, hints=(HINT,))
    assert ["retry", "do"] == [label for label, _ in rows(pending)]


def test_error_document():
    """
    The JSON of an error is its wire form beside the place and the outcome.
    """
    result = failure()
    assert {"input": "a.http", "outcome": "error", "error": result.error.to_dict()} == reports.document(
        reading(), result, locale="en"
    )


def test_outcome_document():
    """
    The JSON of anything else contains all known parts, and null as the error.
    """
    result = outcome(OutcomeKind.PENDING, entry="202", retry_after=30.0, hints=(HINT,), rate_limits=(RateLimit(60, 1, 2.0),))
    assert {
        "input": "a.http",
        "outcome": "pending",
        "error": None,
        "entry": "202",
        "retryability": "never",
        "retry_after": 30.0,
        "hints": [
            {
                "action": "correct_input",
                "actor": "end_user",
                "text": "Give another address.",
                "target": "email",
                "url": "https://acme.example/help",
            }
        ],
        "request_id": None,
        "rate_limit": {"limit": 60, "remaining": 1, "reset_after": 2.0, "name": None},
        "rate_limits": [{"limit": 60, "remaining": 1, "reset_after": 2.0, "name": None}],
        "warnings": [],
    } == reports.document(reading(), result, locale="en")
    assert reports.document(reading(), outcome(OutcomeKind.SUCCESS), locale="en")["rate_limit"] is None
