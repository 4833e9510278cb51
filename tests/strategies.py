"""
Raw responses, sound and hostile, and canonical errors: tables for examples, strategies for properties.
"""

from __future__ import annotations

import gzip
import json
import zlib

from hypothesis import strategies as st

from errortax import Action, Actor, Basis, BodyKind, CanonicalError, Category, Level, RawResponse, Retryability, default_registry
from errortax.model import MAX_DELAY
from errortax.registry import loading

VENDORS = tuple(default_registry())
EXAMPLES = [(vendor, example) for vendor in VENDORS for example in default_registry().examples(vendor)]
ABSURD_STATUSES = (None, 0, -1, 99, 600, 999, 2**31, 10**5000, -(10**5000))


def encoded(value):
    """Return the JSON text of a value as bytes."""
    return json.dumps(value).encode()


def response(status, document=None, headers=(), **rest):
    """Return a raw response whose body is *document*, unless it is bytes, text or None, as JSON."""
    body = document if document is None or isinstance(document, (bytes, str)) else encoded(document)
    return RawResponse(status, headers, body, **rest)


MEMBERS = (
    "status", "code", "error_code", "error_id", "error", "errors", "message", "messages", "data", "session", "title", "type",
    "detail", "traceId", "Message", "ErrorCode", "CorrelationId", "correlationId", "errorCode", "error_description",
    "critical_auth_method", "critical_auth_methods", "attr", "field", "request_id",
)  # fmt: skip
ODD_VALUES = (
    None, True, False, 0, -1, 1.5, 401, 10**600, "", "error", "401", "session-expired", "auth.token.expired", "\ud800", "x" * 200,
    [], {}, [None], [[[]]], ["a", {"b": ["c"]}], {"": ""}, {"a": {"b": [None, "c", 1]}}, [{"attr": 1, "message": None}],
    {"message": {"message": []}, "errorCode": {}},
)  # fmt: skip

SLUG = b'{"status": "session-expired", "code": 401}'
TRAPS = {
    "nothing": b"",
    "blanks": b" \r\n\t ",
    "html": b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>",
    "html without end": b"<!DOCTYPE html><html><body><h1>Error",
    "xml": b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "form": b"error=invalid_grant&error_description=The+grant+is+over",
    "text": b"upstream connect error or disconnect/reset before headers. reset reason: connection failure",
    "apigee": b'{"fault": {"faultstring": "Rate limit", "detail": {"errorcode": "policies.ratelimit.QuotaViolation"}}}',
    "cut off": SLUG[:-9],
    "cut off in an escape": b'{"status": "a\\u12',
    "trailing garbage": SLUG + b"}",
    "two documents": SLUG + SLUG,
    "list": b'["session-expired"]',
    "list of objects": b'[{"status": "session-expired"}]',
    "string": b'"session-expired"',
    "number": b"401",
    "null": b"null",
    "true": b"true",
    "nan": b'{"status": NaN, "code": Infinity, "errors": [-Infinity]}',
    "bare nan": b"NaN",
    "repeated members": b'{"status": "invalid-token", "status": "session-expired"}',
    "long number": b'{"status": "error", "code": ' + b"9" * 10_000 + b"}",
    "long fraction": b'{"status": "error", "code": 0.' + b"9" * 10_000 + b"}",
    "great exponent": b'{"status": "error", "code": 1e999999999}',
    "deep lists": b"[" * 100_000,
    "deep objects": b'{"a":' * 40_000 + b"1" + b"}" * 40_000,
    "deep in a member": b'{"status": "error", "errors": ' + b"[" * 99 + b"]" * 99 + b"}",
    "lone surrogates": b'{"status": "\\ud800", "\\udfff": 1, "message": "\\ud83d"}',
    "surrogates in utf-8": b'{"status": "\xed\xa0\x80", "message": "\xed\xbf\xbf"}',
    "nul": b'{"status": "session-expired\\u0000", "message": "\\u0000\\u001b[31m\\u202e"}',
    "not utf-8": b'{"status": "\xff\xfe\xfd"}',
    "image": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    "mark only": b"\xef\xbb\xbf",
    "gzip": gzip.compress(SLUG),
    "gzip cut off": gzip.compress(SLUG)[:-12],
    "zlib": zlib.compress(SLUG),
    "bomb": gzip.compress(b" " * 10_000_000),
    "over the cap": b'{"status": "' + b"a" * 300_000 + b'"}',
    "many members": b"{" + b",".join(b'"%d":%d' % (i, i) for i in range(9000)) + b"}",
    "many complaints": encoded({"status": "error", "errors": ["a is wrong"] * 500, "messages": {"a": ["b"] * 500}}),
    "utf-16": SLUG.decode().encode("utf-16"),
    "utf-32-be": SLUG.decode().encode("utf-32-be"),
    "utf-8 with a mark": b"\xef\xbb\xbf" + SLUG,
}

HEADER_NAMES = (
    "Retry-After", "Date", "RateLimit", "RateLimit-Policy", "RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset",
    "X-RateLimit-Reset", "Content-Type", "Content-Encoding", "X-Request-ID", "WWW-Authenticate", "Set-Cookie",
)  # fmt: skip
HEADER_VALUES = (
    "0", "17", "1e9", "-5", "1800000030", "nan", "Fri, 15 Jan 2027 08:00:30 GMT", "Sun, 06 Nov 94 08:49:37 GMT", "99" * 99,
    "gzip", "deflate, gzip", "application/json", "text/html; charset=utf-16", '"default";r=0;t=9', "rq_1abc", "\x00\xff\n",
)  # fmt: skip

json_values = st.recursive(
    st.one_of(st.sampled_from(ODD_VALUES), st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.one_of(st.sampled_from(MEMBERS), st.text(max_size=4)), inner, max_size=5)
    ),
    max_leaves=12,
)
encodings = st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "latin-1"])
documents = st.dictionaries(st.sampled_from(MEMBERS), json_values, max_size=5)
json_bodies = st.builds(
    lambda value, encoding: json.dumps(value, default=str).encode(encoding, "replace"),
    st.one_of(documents, json_values),
    encodings,
)


@st.composite
def damaged(draw, bodies):
    """Cut a body short, put bytes into it, or compress it."""
    body = draw(bodies)
    start, end = (draw(st.integers(0, len(body))) for _ in range(2))
    damage = draw(st.sampled_from(["none", "cut", "put", "gzip", "deflate"]))
    match damage:
        case "cut":
            return body[:end]
        case "put":
            return body[:start] + draw(st.binary(max_size=4)) + body[end:]
        case "gzip":
            return gzip.compress(body)
        case "deflate":
            return zlib.compress(body)[draw(st.sampled_from([0, 2])) :]
        case _:
            return body


example_bodies = st.sampled_from(
    [raw.encode() if isinstance(raw, str) else raw or b"" for _, e in EXAMPLES for raw in [e.raw.body]]
)
bodies = st.one_of(
    st.none(),
    st.binary(max_size=64),
    st.text(max_size=64),
    damaged(json_bodies),
    damaged(example_bodies),
    st.sampled_from([body for body in TRAPS.values() if len(body) < 10_000]),
)
statuses = st.one_of(st.none(), st.integers(100, 599), st.integers(), st.sampled_from(ABSURD_STATUSES))
header_texts = st.one_of(st.sampled_from(HEADER_VALUES), st.text(max_size=12))
header_lists = st.lists(
    st.tuples(
        st.one_of(st.sampled_from(HEADER_NAMES), st.text(max_size=6), st.binary(max_size=6)),
        st.one_of(header_texts, st.binary(max_size=12)),
    ),
    max_size=5,
)
responses = st.builds(RawResponse, status=statuses, headers=header_lists, body=bodies)
vendors = st.sampled_from(VENDORS)


def names(known):
    """A known name, or one that a newer release may have added."""
    return st.one_of(st.sampled_from([name.value for name in known]), st.from_regex(r"newer_[a-z]{1,8}", fullmatch=True))


texts = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs", "Zl", "Zp"]), max_size=12)  # others are refused or replaced
optional_texts = st.none() | texts
seconds = st.none() | st.floats(0, MAX_DELAY)
counts = st.none() | st.integers(0, 10**9)
wire_hints = st.fixed_dictionaries(
    {"action": names(Action), "actor": names(Actor), "text": texts, "target": optional_texts, "url": optional_texts}
)
wire_rate_limits = st.fixed_dictionaries({"limit": counts, "remaining": counts, "reset_after": seconds, "name": optional_texts})
wire_forms = st.fixed_dictionaries(
    {
        "format": st.just("1.0"),
        "vendor": texts.filter(bool),
        "code": optional_texts,
        "status": st.none() | st.integers(0, 999),
        "category": names(Category),
        "title": texts,
        "description": texts,
        "retryability": names(Retryability),
        "retry_after": seconds,
        "min_delay": seconds,
        "hints": st.lists(wire_hints, min_size=1, max_size=3),
        "message": optional_texts,
        "field_errors": st.lists(
            st.fixed_dictionaries({"field": optional_texts, "message": texts, "code": optional_texts}), max_size=3
        ),
        "request_id": optional_texts,
        "rate_limits": st.lists(wire_rate_limits, max_size=3),
        "emitted_status": st.integers(400, 599),
        "match": st.fixed_dictionaries(
            {
                "level": names(Level),
                "entry": optional_texts,
                "alternatives": st.lists(
                    st.fixed_dictionaries(
                        {"category": names(Category), "reason": texts, "hints": st.lists(wire_hints, max_size=2)}
                    ),
                    max_size=2,
                ),
                "status_conflict": st.booleans(),
                "envelope": optional_texts,
                "intermediary": st.booleans(),
                "lenient": st.booleans(),
                "withheld": st.booleans(),
                "standard": optional_texts,
                "body": names(BodyKind),
            }
        ),
        "source": st.none()
        | st.fixed_dictionaries({"document": texts.filter(bool), "section": optional_texts, "url": optional_texts}),
        "basis": names(Basis),
        "documentation_url": optional_texts,
    }
)
errors = st.builds(CanonicalError.from_dict, wire_forms)


def full_vendor_documents():
    """Return the bundled vendor files, freshly read and without examples."""
    found = [loading.bundled_vendor(name.removesuffix(".json")) for name in loading.names("vendors")]
    for document in found:
        for entry in document["entries"]:
            entry.pop("examples", None)
    return found
