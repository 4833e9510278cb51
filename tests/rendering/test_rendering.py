"""
Every error in every format, and back: the common rules of all formats.
"""

from __future__ import annotations

import json
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

import errortax
from errortax import (
    CanonicalError,
    Category,
    Exposure,
    RawResponse,
    Retryability,
    Translator,
    default_registry,
    load_registry,
    locales,
    parse,
    read,
    render,
    transport_error,
)
from errortax.exceptions import UnknownFormatError, VendorError
from errortax.model import MAX_DELAY
from errortax.rendering import AUDIENCES, DEFAULT_FORMAT, format_of, formats
from errortax.rendering.formats import PARTS
from errortax.rendering.names import names_of
from errortax.testing import documented_errors, fake
from noting import noted
from strategies import EXAMPLES, TRAPS, errors, responses

FORMATS = formats()
COMPLETE = tuple(name for name in FORMATS if not format_of(name).loses)
DOCUMENTED = [parse(fake(vendor, code), vendor) for vendor, code in documented_errors()]
KNOWN = [*DOCUMENTED, *(error for vendor, example in EXAMPLES if (error := parse(example.raw, vendor)) is not None)]
EAGERNESS = {Retryability.AFTER_DELAY: 2, Retryability.BACKOFF: 1}

OF_ERROR = {
    "category": lambda error: error.category,
    "retryability": lambda error: error.retryability,
    "delay": lambda error: (error.retry_after, error.min_delay),
    "code": lambda error: error.code,
    "request_id": lambda error: error.request_id,
    "field_errors": lambda error: error.field_errors,
    "vendor": lambda error: error.vendor,
}

every_format = pytest.mark.parametrize("name", FORMATS)
every_audience = pytest.mark.parametrize("audience", AUDIENCES)


def back(error, name, **choices):
    """Return *error*, rendered and read again."""
    return read(render(error, name, **choices), name)


def names_of_fields(error):
    """Return the names of the fields that an error complains about."""
    return [complaint.field for complaint in error.field_errors if complaint.field is not None]


@every_format
def test_what_survives(name):
    """
    Each part of each documented error and each example is read unchanged, unless the format says that it loses it.
    """
    for error in KNOWN:
        found = back(error, name)
        kept = OF_ERROR.keys() - format_of(name).loses - {"field_errors"}
        assert {part: OF_ERROR[part](error) for part in kept} == {part: OF_ERROR[part](found) for part in kept}


@pytest.mark.parametrize("name", COMPLETE)
def test_nothing_is_lost(name):
    """
    A format that loses nothing also keeps the actor, the action and the names of fields, but none of the texts.
    """
    for error in KNOWN:
        found = back(error, name)
        assert (error.vendor, error.action, error.actor) == (found.vendor, found.action, found.actor)
        assert names_of_fields(error) == [complaint.field for complaint in found.field_errors]
        assert found.message is None
        assert {complaint.message for complaint in found.field_errors} <= {render_title(error)}


def render_title(error):
    """Return our title of the error's category."""
    return json.loads(render(error).body)["title"]


@pytest.mark.parametrize("name", COMPLETE)
def test_texts_for_operators(name):
    """
    Operators get the vendor's texts, too.
    """
    for error in KNOWN:
        found = back(error, name, expose="operator")
        assert (error.message, error.field_errors) == (found.message, found.field_errors)


@every_format
def test_losses_are_exact(name):
    """
    A part that a format says it loses is lost for some documented error, and no other part is ever lost.
    """
    lost = {
        part
        for error in KNOWN
        for found in [back(error, name, expose="operator")]
        for part, of_error in OF_ERROR.items()
        if of_error(error) != of_error(found)
    }
    assert format_of(name).loses == lost
    assert lost <= PARTS == OF_ERROR.keys()


def test_some_formats_lose_nothing():
    """
    The formats with room for extensions lose nothing.
    """
    assert {"problem+json", "problem+xml", "google.rpc", "json:api", "graphql"} <= set(COMPLETE)


@every_format
@every_audience
def test_all_audiences_can_read(name, audience):
    """
    An error stays an error for every audience; the public never gets more than others.
    """
    for error in DOCUMENTED:
        found = back(error, name, expose=audience)
        assert found.category is error.category or "category" in format_of(name).loses
        if audience == "public":
            assert found.request_id is None


@every_format
def test_what_the_public_is_not_told(name):
    """
    The public sees neither the vendor nor its code, page, texts and ids, except in that vendor's own scheme.
    """
    for error in KNOWN:
        if name == error.vendor:
            continue
        rendered = render(error, name, expose="public")
        text = rendered.body.decode() + repr(dict(rendered.headers))
        secrets = [error.message, error.request_id, *(complaint.message for complaint in error.field_errors)]
        if error.vendor != "http":
            secrets.append(error.vendor)
        if error.code is not None and not error.code.isdecimal() and name not in default_registry():
            secrets.append(error.code)
        ours = {render_title(error), names_of(error.category).oauth}  # which a vendor may use, too
        assert [] == [secret for secret in secrets if secret and secret not in ours and secret in text]


@every_format
@pytest.mark.parametrize("locale", locales())
def test_languages(name, locale):
    """
    Each format is written in each language and names it; reading does not depend on it.
    """
    for error in DOCUMENTED:
        rendered = render(error, name, locale=locale)
        assert locale == rendered.headers["content-language"]
        assert without_our_texts(read(rendered, name)) == without_our_texts(back(error, name))


def without_our_texts(error):
    """Return the wire form without the parts that come from our own sentences."""
    fields = [complaint.field for complaint in error.field_errors]
    return error.to_dict() | {"message": None, "field_errors": fields}


@every_format
def test_retry_after(name):
    """
    ``Retry-After`` is there exactly if a program may repeat the request and the wait is known: whole seconds, rounded up.
    """
    for error in KNOWN:
        delay = error.min_delay if error.retry_after is None else error.retry_after
        expected = str(ceil(delay)) if error.retryable and delay is not None else None
        assert expected == render(error, name).headers.get("retry-after")


@pytest.mark.parametrize("retry_after", ["0", "1", "17", "Fri, 15 Jan 2027 08:00:30 GMT"])
@pytest.mark.parametrize("status", [400, 401, 404, 409, 429, 500, 503])
def test_retry_after_of_the_server(status, retry_after):
    """
    The server's own wait goes before the document's, and nothing that must not be repeated has one.
    """
    error = parse(RawResponse(status, {"Retry-After": retry_after, "Date": "Fri, 15 Jan 2027 08:00:00 GMT"}), "authrocket")
    seconds = "30" if retry_after.endswith("GMT") else retry_after
    assert (seconds if error.retryable else None) == render(error).headers.get("retry-after")


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.0, "0"), (0.001, "1"), (29.5, "30"), (30.0, "30"), (MAX_DELAY, "315576000")]
)
def test_retry_after_is_rounded_up(seconds, expected):
    """
    No client is asked to repeat too early, and no fraction of a second gets into the header.
    """
    error = CanonicalError.from_dict(DOCUMENTED[0].to_dict() | {"retryability": "backoff", "retry_after": seconds})
    assert expected == render(error).headers["retry-after"]
    assert seconds == back(error, DEFAULT_FORMAT).retry_after


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("seconds", [29.123456954956055, 1e-7, 0.1, 2**28 + 0.5, 2**28, MAX_DELAY])
def test_parts_of_seconds(name, seconds):
    """
    A wait that was worked out from a date comes back to the last digit.
    """
    error = CanonicalError.from_dict(DOCUMENTED[0].to_dict() | {"retryability": "backoff", "retry_after": seconds})
    assert seconds == back(error, name).retry_after


FIELDS = (
    "email", "user.email", "/data/attributes/name", "/", "//", "a/b", "a~b", "~1", "items[0].name", "a..b", ".", "",
    "naïve", "100%", "%2F", "#", "a b", "?q", "日本", "i",
)  # fmt: skip


@pytest.mark.parametrize("name", COMPLETE)
@pytest.mark.parametrize("field", [field for field in FIELDS if field])
def test_names_of_fields(name, field):
    """
    A field keeps the vendor's name for it, with any characters.
    """
    changes = {"field_errors": [{"field": field, "message": "Wrong."}, {"field": None, "message": "All wrong."}]}
    error = CanonicalError.from_dict(DOCUMENTED[0].to_dict() | changes)
    assert error.field_errors == back(error, name, expose="operator").field_errors


@pytest.mark.parametrize("name", COMPLETE)
def test_names_that_are_no_text(name):
    """
    Half a surrogate pair and control characters stop nothing.
    """
    odd = "\ud800\x00\x1b"
    changes = {"field_errors": [{"field": odd, "message": odd}, {"field": "", "message": ""}], "message": odd}
    error = CanonicalError.from_dict(DOCUMENTED[0].to_dict() | changes)
    assert 2 == len(back(error, name, expose="operator").field_errors)


@given(error=errors, name=st.sampled_from(FORMATS), audience=st.sampled_from(sorted(AUDIENCES)))
def test_any_error_can_be_rendered(error, name, audience):
    """
    Any wire form can be rendered and read, and its readers do not repeat more eagerly.
    """
    found = back(error, name, expose=audience)
    assert found is not None
    if name in COMPLETE:
        assert (error.category, error.retryability, error.action) == (found.category, found.retryability, found.action)


@every_format
@every_audience
def test_nobody_repeats_more_eagerly(name, audience):
    """
    A reader never repeats more eagerly than the error allows, even if format and audience lose parts.
    """
    for error in KNOWN:
        found = back(error, name, expose=audience)
        assert EAGERNESS.get(found.retryability, 0) <= EAGERNESS.get(error.retryability, 0), error


@given(response=responses, name=st.sampled_from(FORMATS))
def test_anything_can_be_read(response, name):
    """
    No status, headers or bytes make reading raise an exception.
    """
    found = read(response, name)
    assert found is None or found.to_dict()["status"] == found.status


@every_format
def test_traps_can_be_read(name):
    """
    Bodies that bring other readers down do not bring ours down, with any charset.
    """
    for trap, body in TRAPS.items():
        for fields in ({}, {"Content-Type": "application/json"}, {"Content-Encoding": "gzip"}):
            with noted(trap, fields):
                found = read(RawResponse(500, fields, body), name)
                assert found is None or isinstance(found, CanonicalError)


MEMBERS = (
    "type", "title", "status", "detail", "category", "retryability", "action", "actor", "vendor", "code", "retry_after",
    "min_delay", "request_id", "message", "errors", "pointer", "field", "error", "details", "@type", "reason", "metadata",
    "fieldViolations", "retryDelay", "requestId", "value", "id", "meta", "source", "links", "extensions", "vendor_code",
    "error_uri", "preserved",
)  # fmt: skip
VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5),
    st.sampled_from([
        "internal", "rate_limited", "newer_name", "backoff", "gopoints", "planoauth", "auth.token.expired", "401", "5s", "-1s",
        "9" * 400,
        "#/a", "/a", "#%ff", "https://errortax.readthedocs.io/codes/categories/internal",
        "https://errortax.readthedocs.io/codes/http/404",
        "https://errortax.readthedocs.io/codes/%ff/%00", "type.googleapis.com/google.rpc.ErrorInfo", "google.rpc.RetryInfo",
        "INTERNAL", "CgE",
        "sk_live_51Habcdefghijklmnopqrst", 10**400, -(10**400),
    ]),
)  # fmt: skip
hostile_documents = st.recursive(
    VALUES,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=6)),
    max_leaves=20,
)


@given(document=hostile_documents, name=st.sampled_from(FORMATS))
def test_hostile_json_can_be_read(document, name):
    """
    JSON that has our members in the wrong places and with the wrong values raises nothing.
    """
    found = read(RawResponse(400, {}, json.dumps(document).encode()), name)
    assert found is None or "sk_live" not in json.dumps(found.to_dict())


def test_statuses():
    """
    The status is the category's, or the one that is asked for.
    """
    error = parse(fake("planoauth", "record_not_found"), "planoauth")
    assert (400, 404) == (error.status, render(error).status)
    rendered = render(error, status=451)
    assert (451, 451) == (rendered.status, json.loads(rendered.body)["status"])


@pytest.mark.parametrize("status", [0, 99, 101, 204, 205, 304, 600, -1, True, "404", 404.0])
def test_statuses_that_no_answer_has(status):
    """
    A status with which no body can be sent is refused.
    """
    with pytest.raises(ValueError, match="status must be that of an answer with a body"):
        render(parse(fake("planoauth", "record_not_found"), "planoauth"), status=status)


@pytest.mark.parametrize("thing", [None, "not_found", RawResponse(404), VendorError(parse(RawResponse(404)))])
def test_what_is_no_error(thing):
    """
    Only a canonical error can be rendered.
    """
    with pytest.raises(TypeError, match=f"error is a {type(thing).__name__} object; pass an errortax.CanonicalError"):
        render(thing)
    with pytest.raises(TypeError, match=f"error is a {type(thing).__name__} object"):
        Translator().answer(thing)


@pytest.mark.parametrize("category", [each for each in Category if each.group.value == "transport"])
def test_no_response_at_all(category):
    """
    A request without an answer is rendered like any other failure.
    """
    error = transport_error(category, vendor="gopoints")
    for name in COMPLETE:
        assert (category, "gopoints") == (back(error, name).category, back(error, name).vendor)


def test_names_of_formats():
    """
    The formats are the common ones, then the vendors whose scheme can be written; the generic one has none.
    """
    common = ("problem+json", "problem+xml", "google.rpc", "connect", "grpc", "json:api", "oauth", "graphql")
    assert (*common, "authrocket", "gopoints", "planoauth", "youforce") == FORMATS
    assert FORMATS == formats(load_registry())


@pytest.mark.parametrize("name", ["problem", "http", "nobody", "", None, 5, []])
def test_unknown_formats(name):
    """
    An unknown format is refused at once, with the choices.
    """
    with pytest.raises(UnknownFormatError) as caught:
        format_of(name)
    assert FORMATS == tuple(each for each in FORMATS if each in caught.value.known)
    with pytest.raises(UnknownFormatError, match=r"known: authrocket, .*youforce|did you mean '"):
        read(RawResponse(500), name)
    with pytest.raises(UnknownFormatError):
        render(DOCUMENTED[0], name)


def test_wrong_arguments():
    """
    Wrong audiences, language tags, responses and registries are refused at once.
    """
    error = DOCUMENTED[0]
    with pytest.raises(ValueError, match="known: public, developer, operator"):
        render(error, expose="everybody")
    with pytest.raises(ValueError, match="is not a language tag"):
        render(error, locale="not a tag")
    with pytest.raises(TypeError, match="locale must be a language tag"):
        render(error, locale=None)
    with pytest.raises(TypeError, match="is not a response"):
        read(b"{}")
    with pytest.raises(TypeError, match="registry must be"):
        render(error, registry="mine")


def test_facade():
    """
    The functions that programs call are at the top.
    """
    assert (render, read, Exposure) == (errortax.render, errortax.read, errortax.Exposure)


def test_default():
    """
    Without a format an error is problem details.
    """
    assert render(DOCUMENTED[0], "problem+json") == render(DOCUMENTED[0])
    assert DOCUMENTED[0].code == read(render(DOCUMENTED[0])).code


@pytest.mark.parametrize("name", [name for name in COMPLETE if name != "grpc"])
def test_other_pages(name):
    """
    Addresses are below the root of our pages in the registry, and reading gives the same error.
    """
    own = load_registry(documentation_url="https://docs.example/errors/")
    error = parse(fake("gopoints", "auth.token.expired"), "gopoints", registry=own)
    rendered = render(error, name, registry=own)
    assert b"errortax.readthedocs.io" not in rendered.body
    assert "auth.token.expired" == read(rendered, name, registry=own).code
