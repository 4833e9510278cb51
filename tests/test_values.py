"""
The input and output values: frozen, hashable, portable, and without secrets in their texts.
"""

from __future__ import annotations

import copy
import json
import math
import pickle
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from errortax import (
    Action,
    Actor,
    Alternative,
    Basis,
    BodyKind,
    CanonicalError,
    Category,
    FieldError,
    Headers,
    Hint,
    Level,
    Match,
    Outcome,
    RateLimit,
    RawResponse,
    Retryability,
    RetryDecision,
    Source,
    classify,
    decide_retry,
    exceptions,
    hint_text,
    parse,
    render,
    transport_error,
)
from errortax.exceptions import WireFormError
from errortax.model import MAX_DELAY, verdict_of
from errortax.registry import loading
from errortax.rendering import formats
from strategies import EXAMPLES, response, wire_forms
from timing import least_times

HINT = Hint(Action.CORRECT_INPUT, Actor.END_USER, "Correct it.", target="email", url="https://example.test")
VALUES = [
    RawResponse(401, {"A": "b"}, b"x", "https://example.test", "GET"),
    Headers({"A": "b"}),
    HINT,
    Alternative(Category.CONFLICT, "why", (HINT,)),
    Match(Level.CODE, "a", (Alternative(Category.CONFLICT, "why"),), True, "env", True, BodyKind.JSON),
    FieldError("email", "is taken"),
    RateLimit(1, 0, 2.5),
    RateLimit(1, 0, 2.5, "tokens"),
    Source("Title", "Section", "https://example.test"),
    RetryDecision(True, 1.0, None, False, "why"),
    parse(response(403, b"")),
    parse(response(422, {"errors": {"email": ["is taken"]}}), "authrocket"),
    classify(response(202, b"", {"Retry-After": "7"})),
    classify(response(403, b"")),
    transport_error("no_response"),
    verdict_of(transport_error("no_response")),
]
EXCEPTIONS = [
    exceptions.ErrortaxError("a"),
    WireFormError("/a", "b"),
    exceptions.RegistryError("a"),
    exceptions.InvalidFileError("a.json", ["one", "two"]),
    exceptions.UnreadableFileError("a.json", "missing"),
    exceptions.UnknownVendorError("gopoint", ["gopoints", "http"]),
    exceptions.UnknownCodeError("a", ["b"]),
    exceptions.UnknownSchemaError("a", ["b"]),
    exceptions.UnknownVariantError("a", ["b"]),
    exceptions.UnknownFormatError("a", ["b"]),
    exceptions.ConfigurationError("gateway.toml#/to", "is wrong"),
    exceptions.DuplicateVendorError("a", ["b", "c"]),
    exceptions.DuplicateHostError("*.example.test", ["a", "b"]),
    exceptions.AmbiguousCodeError("a", ["b", "c"]),
    *(
        kind(parse(response(429)), method="GET", idempotency_key=True)
        for kind in vars(exceptions).values()
        if isinstance(kind, type) and issubclass(kind, exceptions.VendorError)
    ),
]


def same(value):
    """Return the value itself; pickling and copying must do the same."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301  # our own bytes


@pytest.mark.parametrize("carry", [same, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_value_is_portable(value, carry):
    """
    A pickled or copied value equals the original and has its hash.
    """
    carried = carry(value)
    assert (value, hash(value), repr(value)) == (carried, hash(carried), repr(carried))


@pytest.mark.parametrize("carry", [same, copy.copy, copy.deepcopy], ids=["pickle", "copy", "deepcopy"])
@pytest.mark.parametrize("exception", EXCEPTIONS, ids=lambda value: type(value).__name__)
def test_an_exception_is_portable(exception, carry):
    """
    A pickled or copied exception has the same message and the same fields.
    """
    carried = carry(exception)
    assert (type(exception), str(exception), vars(exception)) == (type(carried), str(carried), vars(carried))


@pytest.mark.parametrize(
    "value", [value for value in VALUES if not isinstance(value, Headers)], ids=lambda value: type(value).__name__
)
def test_a_value_is_frozen_and_slotted(value):
    """
    No public attribute of a value can be set, deleted or added.
    """
    names = [name for name in dir(value) if not name.startswith("_") and not callable(getattr(value, name))]
    assert names
    for name in [*names, "addition"]:
        with pytest.raises(AttributeError):
            setattr(value, name, None)
        with pytest.raises(AttributeError):
            delattr(value, name)
    assert not hasattr(value, "__dict__")


def test_all_exceptions_of_the_family_were_tried():
    """
    Every exception class of errortax has the same base class and is tested here.
    """
    public = {found for name, found in vars(exceptions).items() if isinstance(found, type) and not name.startswith("_")}
    errors = {found for found in public if issubclass(found, Exception) and not issubclass(found, Warning)}
    assert errors == {type(exception) for exception in EXCEPTIONS}
    assert all(issubclass(found, exceptions.ErrortaxError) for found in errors)


@pytest.mark.parametrize(("fields", "name", "values"), [
    ({"Retry-After": "1"}, "retry-after", ("1",)),
    ({"Retry-After": " 1 \r\n"}, "RETRY-AFTER", ("1",)),
    ([("a", "1"), ("A", "2")], "a", ("1", "2")),
    ([(b"A", b"\xe9")], "a", ("é",)),
    ({"a": 7}, "A", ("7",)),
    ({"a": ["1", b" 2 "]}, "A", ("1", "2")),
    ([("a", ["1", 2]), (b"A", "3"), ("a", ("4",))], "a", ("1", "2", "3", "4")),
    ([("a", []), ("A", "1"), ("a", ())], "a", ("1",)),
    ({"a": []}, "a", ()),
    ({}, "a", ()),
])  # fmt: skip
def test_headers_take_any_spelling(fields, name, values):
    """
    A field is found by any spelling of its name; `get_all` returns all fields of that name, a look-up the first.
    """
    headers = Headers(fields)
    assert values == headers.get_all(name)
    assert (values[0] if values else None) == headers.get(name)
    assert bool(values) == (name in headers)


@given(
    fields=st.lists(
        st.tuples(
            st.sampled_from(["a", "A", b"a", "b", "c"]),
            st.text("12 ") | st.binary(max_size=2) | st.lists(st.sampled_from(["1", b"2", 3]), max_size=3),
        ),
        max_size=6,
    )
)
def test_headers_agree_with_themselves(fields):
    """
    A list of values is the same as one field for each, and every way of reading headers shows the same fields.
    """
    headers = Headers(fields)
    single = [(name, value) for name, values in fields for value in (values if isinstance(values, list) else [values])]
    assert (headers, hash(headers)) == (Headers(single), hash(Headers(single)))
    assert list(headers) == list(Headers(single)) == [name for name, _ in headers.grouped()]
    assert len(headers) == len(list(headers))
    for name, values in headers.grouped():
        assert (values, values[0], values[0]) == (headers.get_all(name), headers[name], headers.get(name.upper()))
        assert name in headers
    assert headers.has_any({"a"}) == ("a" in headers) == (headers.get("a") is not None)


@pytest.mark.parametrize("read", [len, hash, lambda headers: headers.get_all("a"), lambda headers: list(headers.grouped())])
def test_repeated_names_cost_no_more_than_others(read):
    """
    The time for headers grows with the number of fields, however many of them have the same name.
    """
    equal, different = ([(f"a{i * distinct}", "1") for i in range(20_000)] for distinct in (0, 1))
    times = least_times(
        lambda: read(Headers(equal)), lambda: read(Headers(different)), until=lambda equal, different: equal < 3 * different
    )
    assert times[0] < 3 * times[1]


def test_headers_are_an_immutable_mapping():
    """
    Headers are a mapping from lower-case names, copied at birth, with equality and hash of a mapping.
    """
    source = {"A": "1", "B": "2"}
    headers = Headers(source)
    source["A"] = "9"
    assert ({"a": "1", "b": "2"}, 2) == (dict(headers), len(headers))
    other = Headers([["b", "2"], ("a", "1")])
    assert (headers, hash(headers)) == (other, hash(other))
    assert headers not in (Headers(), {"a": "1", "b": "2"})
    with pytest.raises(TypeError):
        headers["a"] = "3"
    with pytest.raises(KeyError):
        headers["c"]


def test_a_raw_response_is_normalised():
    """
    Status, headers and body may have any usual type, and have one type afterwards.
    """
    raw = RawResponse(HTTPStatus.OK, [("A", "1")], bytearray(b"a"))
    assert (int, {"a": "1"}, b"a") == (type(raw.status), dict(raw.headers), raw.body)
    assert b"a" == RawResponse(body=memoryview(b"a")).body
    assert (None, 0, None, None, None) == (
        RawResponse().status,
        len(RawResponse().headers),
        RawResponse().body,
        raw.url,
        raw.method,
    )
    assert raw.headers is RawResponse(headers=raw.headers).headers


@pytest.mark.parametrize(("status", "kept"), [
    (0, 0), (-1, -1), (999, 999), (999_999, 999_999), (10**6, None), (-(10**6), None), (10**600, None), (None, None),
])  # fmt: skip
def test_a_status_is_short_enough_to_be_written(status, kept):
    """
    A number with too many digits for a status counts as no status.
    """
    assert kept == RawResponse(status).status
    assert repr(kept) in repr(RawResponse(status))


@pytest.mark.parametrize(("arguments", "problem"), [
    (("200",), "status must be an int or None, not '200'"),
    ((True,), "status must be an int or None, not True"),
    ((4.5,), "status must be an int or None, not 4.5"),
    ((200, {}, ["a"]), "body must be bytes, str or None, not list; encode it first"),
])  # fmt: skip
def test_a_raw_response_refuses_wrong_types(arguments, problem):
    """
    A status that is not a number and a body that is neither bytes nor text are the caller's mistake.
    """
    with pytest.raises(TypeError) as caught:
        RawResponse(*arguments)
    assert problem == str(caught.value)


@pytest.mark.parametrize(("raw", "expected"), [
    (RawResponse(401, {"Authorization": "Bearer abc"}, b"secret"), "<RawResponse 401, 1 headers, body 6 bytes>"),
    (RawResponse(None, {}, "secret"), "<RawResponse None, 0 headers, body 6 characters>"),
    (RawResponse(), "<RawResponse None, 0 headers, body unread>"),
])  # fmt: skip
def test_a_raw_response_shows_sizes_only(raw, expected):
    """
    The repr and str of a raw response contain neither body nor headers nor URL.
    """
    assert expected == repr(raw) == str(raw) == f"{raw}"
    assert "<1 headers>" == repr(Headers({"Authorization": "Bearer abc"}))


def test_an_error_is_not_an_exception():
    """
    A canonical error is a value; it cannot be raised.
    """
    assert not isinstance(parse(response(500)), BaseException)


def test_an_error_reads_as_text():
    """
    The text and the representation of an error name vendor, code and category.
    """
    error = parse(response(401, {"status": "session-expired"}), "planoauth")
    assert f"planoauth session-expired: {error.title} (credentials_expired)" == str(error)
    assert (
        "<CanonicalError planoauth code='session-expired' status=401 category=credentials_expired"
        " retryability=after_action request_id=None>" == repr(error)
    )
    assert str(parse(response(503), "gopoints")).startswith("gopoints 503: ")
    assert str(parse(response(None, b""), "gopoints")).startswith("gopoints: ")


def test_equality_is_by_value():
    """
    Two errors are equal if all their parts are equal; the hash uses vendor, code, status and request id.
    """
    one, two, other = (parse(response(503, {"message": text})) for text in ("a", "a", "b"))
    assert (one, hash(one)) == (two, hash(two))
    assert one != other
    assert hash(one) == hash(other)
    assert one not in (parse(response(503), "authrocket"), "http 503", None)
    assert {hash(one)}.isdisjoint({hash(parse(response(503, b"", {"X-Request-ID": "r"}))), hash(parse(response(502)))})


def test_looking_at_details_changes_nothing():
    """
    Reading the details changes neither equality nor hash of an error.
    """
    one, two = (parse(response(422, {"errors": ["a"]}, {"X-Request-ID": "rq_1"}), "authrocket") for _ in range(2))
    before = hash(one)
    assert one.field_errors
    assert (one, before) == (two, hash(two))


@pytest.mark.parametrize(("retryability", "retryable"), [
    (Retryability.NEVER, False), (Retryability.AFTER_ACTION, False), (Retryability.AFTER_DELAY, True),
    (Retryability.BACKOFF, True), (Retryability.RECONCILE, False), (Retryability.POLL, False),
])  # fmt: skip
def test_retryable(retryability, retryable):
    """
    An error is retryable if a program may repeat by itself: after a delay or with backoff.
    """
    error = CanonicalError.from_dict(wire() | {"retryability": retryability.value})
    assert retryable == error.retryable == error.to_dict()["retryable"]


def test_action_and_actor_are_those_of_the_first_hint():
    """
    `action` and `actor` come from the first hint, which is the most likely one.
    """
    error = parse(response(500), "authrocket")
    assert len(error.hints) > 1
    assert (error.hints[0].action, error.hints[0].actor) == (error.action, error.actor)


def wire():
    """Return the wire form of an error in which every member has a value."""
    headers = {"RateLimit-Limit": "6", "RateLimit-Remaining": "0", "RateLimit-Reset": "60", "X-Request-ID": "rq_1"}
    return parse(response(422, {"message": "m", "errors": {"a": ["b"]}}, headers), "authrocket").to_dict()


@pytest.mark.parametrize(("vendor", "example"), [case for case in EXAMPLES if case[1].expect["outcome"] == "error"])
def test_the_wire_form_is_valid(vendor, example):
    """
    The result of `to_dict` is plain JSON, valid against its schema, and reads as the same error.
    """
    error = parse(example.raw, vendor)
    document = json.loads(json.dumps(error.to_dict()))
    Draft202012Validator(loading.schema("canonical-error")).validate(document)
    assert error == CanonicalError.from_dict(document)


def test_each_access_makes_a_new_wire_form():
    """
    Changing a wire form does not change the error.
    """
    error = CanonicalError.from_dict(wire())
    error.to_dict()["hints"].clear()
    assert wire() == error.to_dict()


NEWER = {
    "category": ("category", Category.UNKNOWN),
    "retryability": ("retryability", Retryability.NEVER),
    "basis": ("basis", Basis.INFERRED),
}


@pytest.mark.parametrize("member", NEWER)
def test_a_newer_name_reads_as_its_fall_back(member):
    """
    A name that this release does not know reads as `unknown`, `never` and so on, and is written again unchanged.
    """
    document = wire() | {member: "brand_new"}
    error = CanonicalError.from_dict(document)
    attribute, fall_back = NEWER[member]
    assert fall_back is getattr(error, attribute)
    assert "brand_new" == error.to_dict()[member] == same(error).to_dict()[member]
    assert error == CanonicalError.from_dict(error.to_dict()) != CanonicalError.from_dict(wire() | {member: fall_back.value})


def test_newer_names_inside_read_as_their_fall_backs():
    """
    Newer names of hints, alternatives and the match are kept, too.
    """
    document = wire()
    hint = {"action": "newer", "actor": "newer", "text": "t", "target": None, "url": None}
    document["hints"] = [document["hints"][0], hint]
    document["match"] |= {"level": "newer", "body": "newer"}
    document["match"]["alternatives"] = [{"category": "newer", "reason": "r", "hints": [hint]}]
    error = CanonicalError.from_dict(document)
    assert (Action.NONE, Actor.DEVELOPER) == (error.hints[1].action, error.hints[1].actor)
    assert (Level.UNKNOWN, BodyKind.UNDECODABLE) == (error.match.level, error.match.body)
    assert (Category.UNKNOWN, Action.NONE) == (error.match.alternatives[0].category, error.match.alternatives[0].hints[0].action)
    assert document == error.to_dict()


def test_a_newer_category_keeps_its_group():
    """
    The group that a newer release wrote for a newer category is written again unchanged.
    """
    document = wire() | {"category": "brand_new", "group": "server"}
    assert document == CanonicalError.from_dict(document).to_dict()


def test_a_newer_retryability_is_not_retryable():
    """
    An unknown retryability is never repeated, but the wire form passes through unchanged.
    """
    document = wire() | {"retryability": "brand_new", "retryable": True}
    error = CanonicalError.from_dict(document)
    assert not error.retryable
    assert document == error.to_dict()


def test_further_members_are_ignored():
    """
    The reader ignores members that a newer release added.
    """
    document = wire() | {"format": "1.7", "brand_new": 1}
    document["hints"][0]["brand_new"] = 1
    assert CanonicalError.from_dict(wire()) == CanonicalError.from_dict(document)


def test_optional_members_may_be_missing():
    """
    Every member that may be null may be missing.
    """
    document = wire()
    for member in ("code", "status", "retry_after", "min_delay", "message", "field_errors", "request_id", "rate_limit",
                   "rate_limits", "source", "documentation_url"):  # fmt: skip
        del document[member]
    error = CanonicalError.from_dict(document)
    assert (None, None, None, (), None) == (error.code, error.status, error.message, error.field_errors, error.source)


def test_one_rate_limit_may_stand_for_all():
    """
    A document with the tightest rate limit alone has only this one; with all of them, the tightest follows from them.
    """
    document = wire()
    limits = [
        {"limit": 5, "remaining": 5, "reset_after": 1.5, "name": "a"},
        {"limit": 9, "remaining": 0, "reset_after": 3.5, "name": None},
    ]
    assert (RateLimit(5, 5, 1.5, "a"),) == CanonicalError.from_dict(
        document | {"rate_limit": limits[0], "rate_limits": []}
    ).rate_limits
    error = CanonicalError.from_dict(document | {"rate_limit": limits[0], "rate_limits": limits})
    assert (RateLimit(9, 0, 3.5), 2) == (error.rate_limit, len(error.rate_limits))
    assert document | {"rate_limit": limits[1], "rate_limits": limits} == error.to_dict()


@pytest.mark.parametrize(
    ("change", "member", "expected"),
    [
        ({"retry_after": math.inf}, "retry_after", MAX_DELAY),
        ({"retry_after": 10**400}, "retry_after", MAX_DELAY),
        ({"min_delay": 1e300}, "min_delay", MAX_DELAY),
        ({"rate_limits": [{"reset_after": math.inf}]}, "rate_limits", (RateLimit(None, None, MAX_DELAY),)),
        ({"title": "a\x1b[2J\r\nb"}, "title", "a\ufffd[2J\ufffd\nb"),
        ({"title": "a" * 20_000}, "title", "a" * 9999 + "…"),
        ({"message": "a\u2028b\tc\ud800"}, "message", "a\ufffdb\tc\ufffd"),
    ],
)
def test_mended_members(change, member, expected):
    """
    A longer delay than the longest one is cut to that, and control characters in sentences become U+FFFD.
    """
    assert expected == getattr(CanonicalError.from_dict(wire() | change), member)


def test_long_lists():
    """
    A list keeps its first hundred objects, and the match says that complaints were withheld.
    """
    complaints = [{"field": f"f{number}", "message": "m", "code": None} for number in range(101)]
    error = CanonicalError.from_dict(wire() | {"field_errors": complaints})
    assert (100, True) == (len(error.field_errors), error.match.withheld)
    assert not CanonicalError.from_dict(wire() | {"field_errors": complaints[:100]}).match.withheld
    assert 100 == len(CanonicalError.from_dict(wire() | {"hints": wire()["hints"] * 200}).hints)


def test_text_of_one_line():
    """
    The text of an error is one line, whatever its title is.
    """
    assert "authrocket 422: a b (invalid_argument)" == str(CanonicalError.from_dict(wire() | {"title": "a\n b"}))


ODD = st.recursive(
    st.one_of(
        st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4),
        st.text("\x00\x1b\r\n\u202e\ud800é", max_size=3),
        st.sampled_from([math.inf, -math.inf, math.nan, -1, -1e-9, 0, 599, 600, 10**15, 10**400, 1e308, "x" * 5000]),
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=4,
)  # fmt: skip


@st.composite
def nearly_wire_forms(draw):
    """A wire form, some of whose members at any depth were replaced."""
    document = draw(wire_forms)
    for _ in range(draw(st.integers(0, 3))):
        place = document
        while isinstance(place, (dict, list)) and place:
            key = draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
            if not isinstance(place[key], (dict, list)) or not place[key] or draw(st.booleans()):
                place[key] = draw(ODD)
                break
            place = place[key]
    return document


@given(document=nearly_wire_forms() | ODD)
def test_any_document(document):
    """
    Whatever is read from a wire form can be shown, written, judged and rendered, or is refused with its place.
    """
    try:
        error = CanonicalError.from_dict(document)
    except WireFormError as caught:
        refusal = str(caught)
    else:
        refusal = None
    if refusal is not None:
        assert refusal.startswith("canonical error#")
        assert len(refusal) < 500
        return
    assert not set("\x00\x1b\r\n") & set(str(error) + repr(error))
    assert error == CanonicalError.from_dict(json.loads(json.dumps(error.to_dict(), allow_nan=False)))
    delays = [error.retry_after, error.min_delay, *(limit.reset_after for limit in error.rate_limits)]
    assert all(delay is None or 0 <= delay <= MAX_DELAY for delay in delays)
    decision = decide_retry(error, method="GET")
    assert decision.wait is None or 0 <= decision.wait <= MAX_DELAY
    for locale in ("en", "ja"):
        assert isinstance(hint_text(error, locale=locale), str)
    for name in formats():
        assert isinstance(render(error, name).status, int)


@pytest.mark.parametrize(("change", "problem"), [
    ({"retry_after": math.nan}, "canonical error#/retry_after: nan is not a delay; give seconds of 0 or more"),
    ({"min_delay": -0.5}, "canonical error#/min_delay: -0.5 is not a delay; give seconds of 0 or more"),
    ({"retry_after": -(10**400)}, "canonical error#/retry_after: a huge number is not a delay; give seconds of 0 or more"),
    ({"status": 10**6}, "canonical error#/status: 1000000 is out of range; give a number from -999999 to 999999"),
    ({"emitted_status": 0}, "canonical error#/emitted_status: 0 is out of range; give a number from 400 to 599"),
    pytest.param(
        {"emitted_status": 10**5000},
        "canonical error#/emitted_status: a huge number is out of range; give a number from 400 to 599",
        id="huge status",
    ),
    (
        {"rate_limits": [{"remaining": -1}]},
        "canonical error#/rate_limits/0/remaining: -1 is out of range; give a number from 0 to 999999999999999",
    ),
    ({"code": "a\nb"}, r"canonical error#/code: 'a\nb' contains a control character; leave it out"),
    ({"vendor": "\n" * 99}, f"canonical error#/vendor: '{40 * (chr(92) + 'n')}…' contains a control character; leave it out"),
    ({"code": "a" * 2001}, f"canonical error#/code: '{'a' * 40}…' is longer than 2000 characters; shorten it"),
    ({"category": "new", "group": 7}, "canonical error#/group: 7 has a wrong type; see canonical-error.schema.json"),
    (
        {"retryability": "new", "retryable": {}},
        "canonical error#/retryable: an object has a wrong type; see canonical-error.schema.json",
    ),
    ({"vendor": b""}, "canonical error#/vendor: bytes has a wrong type; see canonical-error.schema.json"),
    ({"vendor": 7}, "canonical error#/vendor: 7 has a wrong type; see canonical-error.schema.json"),
    ({"status": "401"}, "canonical error#/status: '401' has a wrong type; see canonical-error.schema.json"),
    ({"status": True}, "canonical error#/status: True has a wrong type; see canonical-error.schema.json"),
    ({"category": None}, "canonical error#/category: None has a wrong type; see canonical-error.schema.json"),
    ({"hints": "none"}, "canonical error#/hints: 'none' has a wrong type; see canonical-error.schema.json"),
    ({"hints": ["none"]}, "canonical error#/hints/0: expected an object, got 'none'"),
    ({"field_errors": [{"field": "a"}]}, "canonical error#/field_errors/0: member 'message' is missing"),
    ({"match": None}, "canonical error#/match: None has a wrong type; see canonical-error.schema.json"),
    ({"source": {}}, "canonical error#/source: member 'document' is missing"),
    ({"rate_limit": [1]}, "canonical error#/rate_limit: a list has a wrong type; see canonical-error.schema.json"),
])  # fmt: skip
def test_a_bad_wire_form_is_refused(change, problem):
    """
    The message names the place of a member that is missing or has a wrong type.
    """
    with pytest.raises(WireFormError) as caught:
        CanonicalError.from_dict(wire() | change)
    assert problem == str(caught.value)
    assert problem.startswith(f"canonical error#{caught.value.pointer}: ")


@pytest.mark.parametrize("document", [None, [], "a", 7])
def test_only_an_object_is_a_wire_form(document):
    """
    Only an object can be a wire form.
    """
    with pytest.raises(WireFormError, match="expected an object"):
        CanonicalError.from_dict(document)


@pytest.mark.parametrize("missing", [
    "vendor", "category", "title", "description", "retryability", "hints", "emitted_status", "match", "basis",
])  # fmt: skip
def test_required_members_are_required(missing):
    """
    A wire form without a required member is refused; without a hint, for instance, an error would have no action.
    """
    document = wire()
    del document[missing]
    with pytest.raises(WireFormError, match=missing):
        CanonicalError.from_dict(document)


def test_an_error_without_hints_is_refused():
    """
    A wire form with an empty list of hints is refused, since `action` and `actor` would be undefined.
    """
    with pytest.raises(WireFormError, match="hints"):
        CanonicalError.from_dict(wire() | {"hints": []})


def test_an_outcome_is_a_value():
    """
    Two outcomes of equal responses are equal and hash alike.
    """
    one, two = (classify(response(202, b"", {"Retry-After": "7"})) for _ in range(2))
    assert isinstance(one, Outcome)
    assert (one, hash(one)) == (two, hash(two))


@pytest.mark.parametrize(
    "arguments", [(429, ["ab"]), (429, "abc"), (429, {}, b"", 5), (429, {}, b"", None, b"GET"), ("429",), (429, {}, 7)]
)
def test_wrong_parts_of_a_response_are_refused(arguments):
    """
    A raw response of the wrong types is the caller's mistake and raises at once.
    """
    with pytest.raises(TypeError, match="must be"):
        RawResponse(*arguments)


def test_lists_of_header_values():
    """
    A list of values means one field for each.
    """
    headers = Headers({"Retry-After": ["5", b"7"], "Vary": "a"})
    assert ("5", ("5", "7"), ("a",)) == (headers["retry-after"], headers.get_all("Retry-After"), headers.get_all("vary"))
