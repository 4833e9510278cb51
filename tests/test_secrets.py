"""
Secrets that are planted anywhere in a response come out nowhere; codes, ids and field names do.
"""

from __future__ import annotations

import io
import json
import logging
import pickle
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import RawResponse, classify, parse
from errortax.model import details_of, safe_details_of, verdict_of
from secrets_corpus import CODES, IDENTIFIERS, planted
from strategies import VENDORS, response

# Left out: a name and a shape that only the vendor of the redactor's own tests has declared.
PLANTED = [case for case in planted() if "ticket" not in case[2] and case[0] not in {"vendor key", "vendor realm"}]
SHAPED = [
    (kind, secret, text)
    for kind, secret, text in PLANTED
    if kind in {"jwt", "pem", "payment key", "forge key", "cloud key", "map key"}
]
FIELDS = ("user.email", "items[3].price", "password", "X-Api-Key", "otp")
VENDOR_SHAPED = ("ks_live1234abcd", "ks_live1234abcd,rl_abc123", "rl_abcdefghij")


def visible(error):
    """Return all that an error shows: its texts, its wire form, its log lines, its pickle."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.Logger("secrets")  # a logger of its own, which no configuration reaches
    logger.addHandler(handler)
    logger.warning("%s %r %s", error, error, {"error": error})
    shown = [str(error), repr(error), f"{error:}", stream.getvalue(), repr(details_of(error)), repr(verdict_of(error))]
    shown += [json.dumps(error.to_dict(), ensure_ascii=False), json.dumps(error.to_dict())]
    if not error.preserved:
        shown.append(pickle.dumps(error).decode("latin-1"))
        shown.append(pickle.dumps(error, 0).decode("latin-1"))
    return "\n".join(shown)


def survivors(cases, make, vendor):
    """Return the cases whose secret comes out of the response that *make* plants its text in."""
    found = []
    for kind, secret, text in cases:
        raw = make(text, secret)
        outcome = classify(raw, vendor, now=0.0)
        assert outcome.error == parse(raw, vendor, now=0.0)
        shown = visible(outcome.error) + repr(outcome) + repr(raw) + str(raw) + f"{raw!s:>9}"
        if any(spelling in shown for spelling in (secret, json.dumps(secret)[1:-1], quote_plus(secret))):
            found.append((kind, text))
    return found


BASES = {
    "planoauth": {"status": "invalid-param"},
    "gopoints": {"status": "error"},
    "authrocket": {"message": "One"},
    "youforce": {"type": "about:blank", "title": "One"},
    "http": {"type": "about:blank", "title": "One"},
}


def body(document):
    """Return an unsuccessful response with a JSON body."""
    return response(422, document)


SLOTS = {
    "planoauth": {
        "message": lambda text, _: body({"status": "invalid-param", "message": text}),
        "messages": lambda text, _: body({"status": "invalid-param", "message": ["One", text]}),
        "data": lambda text, _: body({"status": "invalid-param", "data": {"message": text}}),
        "field text": lambda text, _: body({"status": "invalid-param", "errors": [{"attr": "email", "message": text}]}),
        "nested texts": lambda text, _: body({"status": "invalid-param", "errors": {"a": {"b": [[text]]}}}),
        "unknown member": lambda text, _: body({"status": "invalid-param", "debug": {"trace": [text]}, text: text}),
    },
    "gopoints": {
        "messages": lambda text, _: body({"status": "error", "error_code": "auth.odd", "messages": ["One", text]}),
        "fields": lambda text, _: body({"status": "error", "error_code": "auth.odd", "messages": {"email": [text, "two"]}}),
        "field": lambda text, _: body({"status": "error", "error_code": "auth.odd", "messages": {"email": text}}),
        "text": lambda text, _: body({"status": "error", "messages": text}),
        "code": lambda text, _: body({"status": "error", "error_code": text}),
    },
    "authrocket": {
        "message": lambda text, _: body({"message": text}),
        "errors": lambda text, _: body({"errors": ["One", text]}),
        "fields": lambda text, _: body({"message": "One", "errors": {"email": [text]}}),
    },
    "youforce": {
        "problem": lambda text, _: body({"type": "about:blank", "title": "One", "status": 422, "detail": text}),
        "title": lambda text, _: body({"type": "about:blank", "title": text, "status": 422}),
        "problem fields": lambda text, _: body({"title": "One", "status": 422, "errors": {"email": [text]}}),
        "flat": lambda text, _: body({"CorrelationId": "c-1", "Message": text, "ErrorCode": "422", "Exception": text}),
        "nested": lambda text, _: body({"error": {"message": text, "correlationId": "c-1"}}),
        "token endpoint": lambda text, _: body({"error": "invalid_request", "error_description": text}),
        "form": lambda text, _: response(400, f"error=invalid_request&error_description={quote_plus(text)}"),
    },
    "http": {
        "text of an error": lambda text, _: body({"error": text}),
        "error": lambda text, _: body({"error": {"message": text, "details": [{"field": "email", "reason": text}]}}),
        "errors": lambda text, _: body({"errors": [{"detail": text, "source": {"pointer": "/data"}}]}),
        "problem": lambda text, _: body({"title": "One", "detail": text, "invalid-params": [{"name": "a", "reason": text}]}),
        "text": lambda text, _: response(502, text),
        "markup": lambda text, _: response(502, f"<html><body>{text}</body></html>"),
        "headers": lambda text, _: response(
            401, b"", {"WWW-Authenticate": text, "Set-Cookie": text, "Location": text, "Date": text}
        ),
        "address": lambda text, _: response(401, b"", url=f"https://example.test/{text}", method="GET"),
    },
}


def test_the_corpus_is_large():
    """
    More than 500 secrets are planted.
    """
    assert len({secret for _, secret, _ in PLANTED}) > 500


@pytest.mark.parametrize(
    ("vendor", "slot", "turn"), [(vendor, slot, turn % 3) for vendor, slots in SLOTS.items() for turn, slot in enumerate(slots)]
)
def test_no_secret_in_a_text_survives(vendor, slot, turn):
    """
    A secret in any text of a response comes out neither in texts nor on the wire, nor in logs, nor in a pickle.
    """
    assert [] == survivors(PLANTED[turn::3], SLOTS[vendor][slot], vendor)


@pytest.mark.parametrize(("vendor", "slot"), [(vendor, slot) for vendor, slots in SLOTS.items() for slot in slots])
def test_harmless_texts_survive(vendor, slot):
    """
    A text without a secret comes out of every place that is shown at all.
    """
    hidden = slot in {"unknown member", "code", "markup", "headers", "address"}
    error = parse(SLOTS[vendor][slot]("Nothing is hidden, try again", None), vendor)
    assert hidden == ("Nothing is hidden, try again" not in visible(error))


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("name", ["password", "otp", "token", "api_key", "newPassword", "access_token", "X-Api-Key"])
def test_no_secret_that_stands_under_its_name_survives(vendor, name):
    """
    A value that stands under a secret name anywhere in the body is taken out of every text, however plain it looks.
    """

    def plant(_, secret):
        told = f"The value {secret} was refused"
        echo = {
            "request": {name: secret},
            "message": told,
            "messages": {"email": told},
            "errors": {"email": [told], name: [secret]},
        }
        return body(BASES[vendor] | echo)

    plain = [case for case in PLANTED if case[0] in {"password", "one-time code", "letters"}][::4]
    assert [] == survivors(plain, plant, vendor)


@pytest.mark.parametrize("vendor", VENDORS)
def test_no_secret_is_taken_for_an_id_or_a_code(vendor):
    """
    What has the shape of a key is no id and no code, wherever those are expected.
    """

    def plant(_, secret):
        ids = dict.fromkeys(("error_id", "traceId", "correlationId", "CorrelationId", "request_id"), secret)
        document = {
            "status": secret,
            "error_code": secret,
            "title": "One",
            "type": "t",
            "Message": "m",
            "error": ids | {"code": secret},
        }
        return response(403, document | ids, {"X-Request-ID": secret, "Retry-After": secret, "RateLimit-Limit": secret})

    shaped = [("own", secret, secret) for secret in VENDOR_SHAPED] if vendor == "authrocket" else []
    assert [] == survivors([*SHAPED, *shaped], plant, vendor)


@pytest.mark.parametrize("text", ["{}", "Bearer {}", "The key {} is unknown", "X-Key: {}", '{{"a": "{}"}}'])
def test_the_vendors_own_keys_do_not_survive(text):
    """
    Keys in the shape that a vendor declares are taken out, the realm behind the comma and alone as well.
    """
    for secret in VENDOR_SHAPED:
        shown = visible(parse(body({"message": text.format(secret), "errors": [text.format(secret)]}), "authrocket"))
        assert "live1234" not in shown
        assert "rl_abc" not in shown


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(("text", "is_shown"), [
    ("must have 12 characters", True), ("is too short (minimum: 8)", True), ("can't be blank", True), ("required", True),
    ("8-64 characters", True), ("Passwort muss länger sein; mindestens 3.5", True), ("", True),
    ("hunter2 is weak", False), ("'letmein' is weak", False), ("letmein", False), ("1234 is wrong", False),
    ("#ff is wrong", False),
    ("482-913 is wrong", False), ("48 29 13 is wrong", False), ("say “letmein” again", False), ("Tr0ub&dor is weak", False),
])  # fmt: skip
def test_complaints_about_secret_fields(vendor, text, is_shown):
    """
    A complaint about a secret field is shown if it has neither quotes nor signs nor a number above three digits.
    """
    for name in ("password", "otp", "X-Api-Key", "user.password"):
        told = {"messages" if vendor == "gopoints" else "errors": {name: [text], "email": ["Is wrong"]}}
        error = parse(body(BASES[vendor] | told), vendor)
        shown = [(name, text if is_shown else "[redacted]")] if text else []
        assert [*shown, ("email", "Is wrong")] == [(item.field, item.message) for item in error.field_errors]


def test_preserved_secrets_are_at_hand_and_not_shown():
    """
    A session that must survive is at hand, and is neither in texts nor on the wire, even where a message echoes it.
    """
    session = {"token": "abcdefghij", "id": "Qwertzuiop"}
    error = parse(
        response(401, {"status": "client-required", "session": session, "message": "abcdefghij, Qwertzuiop"}), "planoauth"
    )
    assert {"session": session} == error.preserved
    shown = visible(error)
    assert "abcdefghij" not in shown
    assert "Qwertzuiop" not in shown
    assert {"session": session} == pickle.loads(pickle.dumps(error)).preserved  # noqa: S301  # our own bytes


@pytest.mark.parametrize("code", CODES)
def test_codes_survive(code):
    """
    A code, documented or not, is shown as it was sent, also where a message repeats it.
    """
    for vendor, document in (
        ("planoauth", {"status": code, "message": f"Failed with {code} again"}),
        ("gopoints", {"status": "error", "error_code": code, "messages": [f"Failed with {code} again"]}),
    ):
        error = parse(response(418, document), vendor)
        assert (code, f"Failed with {code} again") == (error.code, error.message)
        assert code in str(error)
        assert code in repr(error)
        assert code == error.to_dict()["code"]


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_ids_survive(identifier):
    """
    An id is shown as it was sent, from header or body, also where a message repeats it.
    """
    text = f"Failed, see {identifier}"
    for vendor, document, headers in (
        ("gopoints", {"status": "error", "error_id": identifier, "messages": [text]}, {}),
        ("youforce", {"Message": text, "CorrelationId": identifier}, {}),
        ("authrocket", {"message": text}, {"X-Request-ID": identifier}),
    ):
        error = parse(response(418, document, headers), vendor)
        assert (identifier, text) == (error.request_id, error.message)
        assert identifier in repr(error)
        assert identifier == error.to_dict()["request_id"]


@pytest.mark.parametrize("field", FIELDS)
def test_field_names_survive(field):
    """
    The name of a field is shown as it was sent, secret or not.
    """
    for vendor, document in (
        ("gopoints", {"status": "error", "messages": {field: "is wrong"}}),
        ("planoauth", {"status": "invalid-param", "errors": [{"attr": field, "message": "is wrong"}]}),
        ("authrocket", {"errors": {field: ["is wrong"]}}),
    ):
        assert [field] == [item["field"] for item in parse(body(document), vendor).to_dict()["field_errors"]]


def test_what_raises_shows_no_secret():
    """
    The caller's mistakes are told without showing what the response holds.
    """
    for arguments in ((401, {"Authorization": "Bearer abc"}, {"token": "abc"}), ("abc" * 9,)):
        with pytest.raises(TypeError) as caught:
            RawResponse(*arguments)
        assert "token" not in str(caught.value)


def test_no_text_within_a_secret_survives():
    """
    What stands within a secret member is secret as well, whatever it is called.
    """
    complaints = {"session": {"id": "Qwertzuiop", "more": {"a": "asdfghjkl"}}}
    error = parse(body({"status": "missing-param", "errors": complaints}), "planoauth")
    assert not [secret for secret in ("Qwertzuiop", "asdfghjkl") if secret in visible(error)]
    assert ["session.id", "session.more.a"] == [item.field for item in error.field_errors]


def test_a_secret_is_no_request_id():
    """
    What stands under a secret name in the body is not shown because it stands in place of an id as well.
    """
    told = {"message": "password=hunter2", "password": "hunter2"}
    assert "r-1" == parse(response(400, told, {"X-Request-ID": "r-1"}), "authrocket").request_id
    error = parse(response(400, told, {"X-Request-ID": "hunter2"}), "authrocket")
    assert error.request_id is None
    assert "hunter2" not in visible(error)


PLAIN = st.from_regex(r"[a-z]{6}[a-z0-9_-]{0,20}[a-z]", fullmatch=True).filter(lambda value: "password" not in value)


@given(value=PLAIN)
def test_a_known_value_is_shown_nowhere(value):
    """
    A credential of the request is not shown as a code, as the name of a field, in an address or as the name of a limit.
    """
    documents = {
        "gopoints": {"status": "error", "error_code": value, "messages": {f"user.{value}": "bad", "email": "bad"}},
        "planoauth": {"status": value, "message": "bad"},
        "http": {"error": {"code": value, "errors": [{"field": value, "code": value, "message": "bad"}, {"field": "email"}]}},
        "oauth": {"error": "invalid_request", "error_uri": f"https://example.test/?x={value}", "error_description": "bad"},
    }
    sent = {"X-Api-Key": value}
    fields = {"RateLimit": f'"{value}";r=0;t=5, "default";r=1;t=5'}
    for name, document in documents.items():
        raw = RawResponse(422, fields, json.dumps(document).encode(), request_headers=sent)
        error = parse(raw, None if name == "oauth" else name)
        safe = safe_details_of(parse(raw, None if name == "oauth" else name))
        assert value not in visible(error) + repr(safe)
        assert "bad" in visible(error) or name == "http"
        assert ["default"] == [limit.name for limit in error.rate_limits if limit.name]
        assert tuple(item.field for item in error.field_errors) == safe.fields


def test_names_of_fields_and_codes_beside_known_values():
    """
    A known value hides neither the secret name that it equals nor the codes, names and addresses that do not have it.
    """
    complaints = [
        {"field": "password", "code": "weak", "message": "Too short"},
        {"field": "email", "code": "odd", "message": "Is mumble"},
        {"message": "None"},
    ]
    document = {"password": "password", "error": {"message": "One", "code": "out", "errors": complaints}}
    raw = RawResponse(400, {}, json.dumps(document).encode(), request_headers={"X-Api-Key": "mumble"})
    assert [("password", "weak", "Too short"), ("email", "odd", "Is [redacted]"), (None, None, "None")] == [
        (item.field, item.code, item.message) for item in parse(raw).field_errors
    ]
    document = {"error": "invalid_request", "error_uri": "https://example.test/help"}
    raw = RawResponse(400, {}, json.dumps(document).encode(), request_headers={"X-Api-Key": "mumble"})
    assert "https://example.test/help" == parse(raw).more_info == safe_details_of(parse(raw)).more_info


def test_texts_beyond_the_limit_of_values():
    """
    If a body has more values than are looked at, its texts are withheld, and so are names and addresses with many secrets.
    """
    document = {
        "message": "hunter22 is bad",
        "rows": [{"a": 1}] * 3100,
        "errors": {"email": ["hunter22"]},
        "password": "hunter22",
    }
    error = parse(body(document), "authrocket")
    assert ("…", ["…"], True) == (error.message, [item.message for item in error.field_errors], error.match.withheld)
    assert not parse(body(document | {"rows": []}), "authrocket").match.withheld
    error = parse(body({"errors": {"email": ["Bad"]}, "tokens": [f"value{i}" for i in range(100)]}), "authrocket")
    assert [("…", "…")] == [(item.field, item.message) for item in error.field_errors]


@pytest.mark.parametrize("vendor", ["authrocket", "http", "youforce"])
@given(word=st.from_regex(r"[a-z]{5,20}", fullmatch=True))
def test_a_masked_complaint_is_shown_nowhere(vendor, word):
    """
    A complaint that is masked, since it may have a secret value, is in no other text either.
    """
    text = f"'{word}' is weak"
    complaints = {"email": ["Is wrong"], "password": [text], "base": [f"Password {text}"]}
    error = parse(body(BASES[vendor] | {"message": f"Failed: {text}", "detail": text, "errors": complaints}), vendor)
    assert ["Is wrong", "[redacted]", "Password [redacted]"] == [item.message for item in error.field_errors]
    assert f"'{word}'" not in visible(error)


def test_codes_as_complaints_about_secret_fields():
    """
    A code in place of the text is masked where the field is secret, and nowhere else.
    """
    error = parse(body({"message": "too_short", "errors": {"password": ["too_short"], "name": ["too_short"]}}), "authrocket")
    assert ("too_short", ["[redacted]", "too_short"]) == (error.message, [item.message for item in error.field_errors])


@pytest.mark.parametrize("path", ["{}", "user.{}", "{}.value", "/{}/value", "#/data/{}/0", "{}[0]", "user[{}][value]"])
@pytest.mark.parametrize("name", ["password", "X-Api-Key", "newPassword"])
def test_paths_to_secret_fields(path, name):
    """
    A field within a secret one is secret, however the path to it is written.
    """
    field = path.format(name)
    document = {"title": "One", "type": "about:blank", "errors": [{"pointer": field, "detail": "'plugh' is weak"}]}
    assert [(field, "[redacted]")] == [(item.field, item.message) for item in parse(body(document)).field_errors]
