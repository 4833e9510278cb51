"""
Members of ours in other people's formats, and back.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from errortax import Action, Actor, Category, FieldError, Level, Retryability, default_registry, parse
from errortax.model import MAX_DELAY, parse_pointer, verdict_of
from errortax.parsing import MAX_COMPLAINTS, resolve
from errortax.rendering.members import (
    complaints_in,
    complaints_of,
    error_from,
    field_at,
    field_in,
    fragment_to,
    pointer_to_field,
    seconds,
    seconds_in,
)
from errortax.testing import fake

REGISTRY = default_registry()
names = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


def error_of(members, complaints=(), status=500):
    """Return the error that these members describe."""
    return error_from(members, complaints, status, REGISTRY)


@given(name=names)
def test_pointers_lead_back(name):
    """
    A pointer, and its fragment, lead back to the name, unless that is itself a pointer.
    """
    if not name.startswith("/"):
        assert name == field_at(pointer_to_field(name)) == field_in(fragment_to(name))
    assert fragment_to(name).isascii()


@given(name=st.none() | names)
def test_complaints_lead_back(name):
    """
    Complaints come back with the very name that they had.
    """
    assert [(name, "Wrong.")] == list(complaints_in(complaints_of([FieldError(name, "Wrong.")])))


@given(name=names.filter(lambda name: name and not name.startswith("/")))
def test_pointers_are_pointers(name):
    """
    A pointer leads to its field in a document that has the field.
    """
    document = "here"
    for step in reversed(name.split(".")):
        document = {step: document}
    assert "here" == resolve(document, parse_pointer(pointer_to_field(name)))


@pytest.mark.parametrize(
    ("name", "pointer"), [(None, ""), ("a", "/a"), ("a.b", "/a/b"), ("a/b~c", "/a~1b~0c"), ("/a/b", "/a/b"), ("", "/")]
)
def test_pointers(name, pointer):
    """
    Dots become steps, special characters of pointers are escaped, and pointers stay unchanged.
    """
    assert pointer == pointer_to_field(name)


@pytest.mark.parametrize("pointer", [None, 7, "", "a", "#/a", [], {}])
def test_what_is_no_pointer(pointer):
    """
    A value that is not a pointer to a field is about the whole body.
    """
    assert field_at(pointer) is None
    assert field_in(pointer) in {None, "a"}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, 0), (1.5, 1.5), (10**300, MAX_DELAY), (-1, None), (-0.1, None), (True, None), ("5", None), (None, None), ([], None),
        (float("nan"), None), (float("inf"), None), (float("-inf"), None), (10**400, MAX_DELAY), (-(10**400), None),
    ],
)  # fmt: skip
def test_seconds(value, expected):
    """
    Seconds are numbers from 0 up; the longest wait is ten years, as in the parser.
    """
    assert expected == seconds(value)


@pytest.mark.parametrize(("text", "expected"), [("0", 0), ("30", 30), ("30.0", 30), ("1.5", 1.5), ("1e-07", 1e-7)])
def test_seconds_in_texts(text, expected):
    """
    Texts are read as they were written, whole numbers as integers.
    """
    assert expected == seconds_in(text)
    assert type(expected) is type(seconds_in(text))


@given(number=st.floats(0, MAX_DELAY))
def test_seconds_as_text_lead_back(number):
    """
    No digit is lost.
    """
    assert number == seconds_in(str(number))


@pytest.mark.parametrize("text", ["", "a", "nan", "inf", "-1", "1e999", "0x10", None, 5, [], {}])
def test_texts_that_are_no_seconds(text):
    """
    A text that is not a number of seconds is None.
    """
    assert seconds_in(text) is None


def test_documented_code():
    """
    A documented code brings the contents of its entry; the level is that of a code.
    """
    error = error_of({"vendor": "gopoints", "code": "auth.token.expired"})
    assert verdict_of(parse(fake("gopoints", "auth.token.expired"), "gopoints")) is verdict_of(error)
    assert (Level.CODE, "auth.token.expired") == (error.match.level, error.match.entry)


def test_variants():
    """
    The variant that agrees with the members is found.
    """
    members = {"vendor": "gopoints", "code": "critical.auth.required", "category": "challenge_required"}
    for target in ("otp", "password"):
        assert target == error_of(members | {"action": "complete_challenge", "target": target}).hints[0].target
    plain = {"vendor": "gopoints", "code": "critical.auth.required"}
    assert Action.COMPLETE_CHALLENGE is error_of(plain).action


def test_members_win():
    """
    If the members contradict the entry, the members decide.
    """
    error = error_of(
        {"vendor": "gopoints", "code": "auth.token.expired", "category": "internal", "retryability": "never", "min_delay": 5}
    )
    assert (Category.INTERNAL, Retryability.NEVER, 5) == (error.category, error.retryability, error.min_delay)
    assert ("gopoints", "auth.token.expired") == (error.vendor, error.code)
    contradicted = error_of({"vendor": "gopoints", "code": "auth.token.expired", "retryability": "poll"})
    assert (Category.CREDENTIALS_EXPIRED, Retryability.POLL) == (contradicted.category, contradicted.retryability)


def test_code_of_a_success():
    """
    A code that is documented as a success is not an error; the members decide.
    """
    error = error_of({"vendor": "planoauth", "code": "action-successful", "category": "internal"})
    assert (Category.INTERNAL, Retryability.BACKOFF) == (error.category, error.retryability)
    assert Category.UNKNOWN is error_of({"vendor": "planoauth", "code": "action-successful"}).category


@pytest.mark.parametrize("vendor", [None, "", 7, [], "a b", "\n", "x" * 65, "-a", "a/b"])
def test_vendors_that_are_none(vendor):
    """
    A text that cannot be the name of a vendor means the generic one.
    """
    assert "http" == error_of({"vendor": vendor, "category": "internal"}).vendor


def test_vendor_of_a_newer_release():
    """
    A vendor that the registry does not hold keeps its name.
    """
    error = error_of({"vendor": "acme-pay", "code": "A17", "category": "declined"})
    assert ("acme-pay", "A17", Category.DECLINED) == (error.vendor, error.code, error.category)


def test_names_of_a_newer_release():
    """
    Unknown names read as unknown, and are never repeated.
    """
    error = error_of({"category": "newer", "action": "newer", "actor": "newer"})
    assert (Category.UNKNOWN, Retryability.NEVER, Action.NONE) == (error.category, error.retryability, error.action)
    assert error.actor in Actor
    assert Retryability.NEVER is error_of({"category": "internal", "retryability": "newer"}).retryability
    assert Retryability.BACKOFF is error_of({"category": "newer", "retryability": "backoff"}).retryability


SECRETS = ("sk_live_51HabcdefGhijklmnopqrstuv", "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTYifQ.c2lnbmF0dXJlLWhlcmU")


@pytest.mark.parametrize("secret", SECRETS)
def test_secrets(secret):
    """
    Members come from the network: secrets in them survive nowhere.
    """
    members = dict.fromkeys(("code", "message", "request_id", "vendor", "category", "action", "actor", "retryability"), secret)
    error = error_of(members, [(secret, secret), (None, f"password={secret}")])
    assert secret not in repr(error.to_dict())


def test_many_complaints():
    """
    Of very many complaints only the first are kept.
    """
    assert MAX_COMPLAINTS == len(error_of({}, [("a", "b")] * 5000).field_errors)


def test_complaints_without_texts():
    """
    A message that is not a text becomes an empty one.
    """
    assert (FieldError("a", ""), FieldError(None, "")) == error_of({}, [("a", 7), (None, None)]).field_errors
