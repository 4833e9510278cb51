"""
The time of every step outside the parser grows with its input alone: no cost is a product of two quantities of the sender.
"""

from __future__ import annotations

import json
from io import BytesIO
from time import time

import pytest

from errortax import CanonicalError, Headers, RawResponse, decide_retry, hint_text, parse, read, render
from errortax.cli.http_message import read_http
from errortax.cli.ndjson import read_ndjson
from errortax.cli.readings import Assumptions, Source
from errortax.gateway.translating import Translator
from errortax.rendering import formats
from timing import least_times

WIRE = parse(RawResponse(422, {}, b'{"message":"m","errors":{"a":["b"]}}'), "authrocket").to_dict()
REFUSED = b'{"status":"error","error_code":"auth.token.expired"}'
OPEN = Translator(expose="developer", pass_headers=["allow", "vary", "x-*", "ratelimit*", "cache-control", "www-authenticate"])
PUBLIC = Translator(expose="public")


def grows_linearly(make, size):
    """Return whether eight times the input takes less than twelve times as long; a small part of a second is always allowed."""

    def is_linear(few, many):
        return many < 12 * few + 0.002

    return is_linear(*least_times(make(size // 4), make(2 * size), until=is_linear))


def wire(**changes):
    """Return an error from a wire form with other members."""
    return CanonicalError.from_dict({**WIRE, **changes})


def complaints(size):
    """Return complaints of the wire form."""
    return [{"field": f"f{number}", "message": "x"} for number in range(size)]


ERRORS = {
    "complaints and a long title": lambda size: {"field_errors": complaints(size), "title": "x" * size},
    "complaints and a long text": lambda size: {"field_errors": complaints(size), "message": "x" * size},
    "steps of a field": lambda size: {"field_errors": [{"field": "a." * size, "message": "x"}] * 50},
    "hints and targets": lambda size: {"hints": [{**WIRE["hints"][0], "action": "new", "text": "{field}" * size}] * size},
    "alternatives": lambda size: {
        "match": {**WIRE["match"], "alternatives": [{"category": "new", "reason": "x", "hints": WIRE["hints"]}] * size}
    },
    "rate limits": lambda size: {"rate_limits": [{"remaining": number, "name": "x" * 1000} for number in range(size)]},
    "blanks": lambda size: {"title": " \n" * size, "description": "\x1b" * size},
}


@pytest.mark.parametrize("kind", ERRORS)
def test_errors(kind):
    """
    An error from the wire form is read, shown, judged and rendered in a time that grows with it alone.
    """

    def make(size):
        document = {**WIRE, **ERRORS[kind](size)}

        def use():
            error = CanonicalError.from_dict(document)
            error.to_dict()
            decide_retry(error, method="GET")
            for name in formats():
                render(error, name)
            return str(error), repr(error), hint_text(error, locale="de")

        return use

    assert grows_linearly(make, 1000)


def test_repeated_sentences():
    """
    A format that repeats a sentence for each complaint does so for a limited number of them.
    """
    body = render(wire(field_errors=complaints(10_000), title="x" * 10_000), "json:api").body
    assert len(body) < 100 * 12_000


FIELDS = {
    "equal names": lambda size: [("X-RateLimit-Limit", "1")] * size,
    "different names": lambda size: [(f"X-RateLimit-Limit-{number}", "1") for number in range(size)],
    "a long list": lambda size: [("Vary", "a, " * size)] * 2,
    "a number of units": lambda size: [("RateLimit", "1m" * size + "x")],
    "a list of names": lambda size: [("RateLimit", '"a";' * size + "x")],
    "words and blanks": lambda size: [("Allow", "a" + " \t" * size + "@")],
    "directives": lambda size: [("Cache-Control", "no-store , " * size + "@")],
    "a long name": lambda size: [("x-" + "ratelimit-" * size, "1")],
    "challenges": lambda size: [("WWW-Authenticate", 'Bearer a="b", ' * size)],
    "codings": lambda size: [("Content-Encoding", "gzip," * size)],
    "a long id": lambda size: [("X-Request-ID", "a" * size)] * 9,
    "dates": lambda size: [("Date", "Tue, " * size), ("Retry-After", "Tue, " * size)],
}


@pytest.mark.parametrize("kind", FIELDS)
def test_header_fields(kind):
    """
    Header fields of any number and length are read and passed on in a time that grows with them alone.
    """

    def make(size):
        fields = FIELDS[kind](size)

        def use():
            parse(RawResponse(429, fields, b"{}"), "authrocket").to_dict()
            for translator in (OPEN, PUBLIC):
                translator.translate(RawResponse(401, fields, REFUSED), "gopoints")
            hash(Headers(fields))

        return use

    assert grows_linearly(make, 2000)


@pytest.mark.parametrize(
    "text",
    ["*;q=0.1,", "a;q=0,", "a-", "de;q=" + "0", ";", ","],
    ids=["stars", "refused", "long", "weight", "semicolons", "commas"],
)
def test_languages(text):
    """
    A language is chosen in a time that grows with the field alone.
    """

    def make(size):
        return lambda: PUBLIC.translate(RawResponse(500), None, accept_language=f"{text * size}{time()}")

    assert grows_linearly(make, 4000)


MESSAGES = {
    "responses": lambda size: b"HTTP/1.1 200 OK\r\n\r\n" * size,
    "responses with lengths": lambda size: b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx" * size,
    "JSON bodies": lambda size: b"HTTP/1.1 400 Bad Request\r\n\r\n{}\r\n" * size,
    "wrong lengths": lambda size: b"HTTP/1.1 400 Bad Request\r\nContent-Length: 9\r\n\r\n{}\r\n" * size,
    "chunks": lambda size: b"HTTP/1.1 400 Bad Request\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" * size,
    "requests": lambda size: b"GET / HTTP/1.1\r\nHost: a\r\n\r\nHTTP/1.1 200 OK\r\n\r\n" * size,
    "status lines": lambda size: b"HTTP/1.1 200 OK\r\n" * size,
    "files of wget": lambda size: b"awaiting response..." * 8 * size,
    "talk of curl": lambda size: b"< HTTP/1.1 200 OK\n* talk\n{ [5 bytes data]\n" * size,
    "a quotation": lambda size: b"> HTTP/1.1 200 OK\n>\n" * size,
    "a line of a log": lambda size: b"HTTP/1.1 400 Bad Request\\r\\n" * size + b"\\r\\n",
    "folded lines": lambda size: b"HTTP/1.1 200 OK\r\nA: b" + b"\r\n \t" * size,
    "returns": lambda size: b"HTTP/1.1 200 OK\r\n" + b"\r" * size,
    "blanks": lambda size: b"HTTP/1.1 200" + b" " * size,
    "fields": lambda size: b"HTTP/1.1 200 OK\r\n" + b"A: b\r\n" * size,
}


@pytest.mark.parametrize("kind", MESSAGES)
def test_messages(kind):
    """
    A chain of responses is read in a time that grows with it alone.
    """

    def make(size):
        data = MESSAGES[kind](size)
        return lambda: [*read_http(Source("-", BytesIO(), head=data), Assumptions())]

    assert grows_linearly(make, 2000)


@pytest.mark.parametrize("headers", [lambda size: [["a", "b"]] * size, lambda size: {"a": ["b"] * size}], ids=["pairs", "list"])
def test_lines(headers):
    """
    A line of NDJSON is read in a time that grows with it alone.
    """

    def make(size):
        line = json.dumps({"status": 401, "headers": headers(size)}).encode()
        return lambda: [len(it.response.headers) for it in read_ndjson(Source("-", BytesIO(), head=line), Assumptions())]

    assert grows_linearly(make, 4000)


OURS = '"category":"conflict","retryability":"never"'
BODIES = {
    "members": lambda size: "{" + OURS + "".join(f',"a{number}":1' for number in range(size)) + "}",
    "complaints": lambda size: "{" + OURS + ',"errors":[' + ",".join(['{"pointer":"#/a","detail":"x"}'] * size) + "]}",
    "steps": lambda size: (
        "{" + OURS + ',"errors":[' + ",".join([f'{{"pointer":"#{"/a" * 50}","detail":"x"}}'] * (size // 50)) + "]}"
    ),
    "errors": lambda size: '{"errors":[' + ",".join(["{" + f'"meta":{{{OURS}}},"detail":"x"' + "}"] * (size // 2)) + "]}",
    "details": lambda size: (
        '{"code":"internal","details":[' + ",".join(['{"type":"google.rpc.BadRequest","value":"CgA"}'] * (size // 2)) + "]}"
    ),
}
ELEMENTS = {
    "elements": lambda size: "<errors>" + "<i><detail>x</detail></i>" * size + "</errors>",
    "nested elements": lambda size: "<a>" * size + "</a>" * size,
    "a long namespace": lambda size: '<b xmlns:a="' + "x" * 4 * size + '">' + "<a:b/>" * size + "</b>",
    "divided texts": lambda size: "<title>" + "xxxx<!---->" * size + "</title>",
}


@pytest.mark.parametrize("name", formats())
@pytest.mark.parametrize("kind", [*BODIES, *ELEMENTS])
def test_bodies(kind, name):
    """
    A body in any format is read back in a time that grows with it alone.
    """

    def make(size):
        if kind in ELEMENTS:
            verdict = "<category>conflict</category><retryability>never</retryability>"
            body = f'<problem xmlns="urn:ietf:rfc:7807">{verdict}{ELEMENTS[kind](size)}</problem>'
        else:
            body = BODIES[kind](size)
        raw = RawResponse(409, {"grpc-status": "3", "grpc-message": "x" * size}, body)
        return lambda: read(raw, name)

    assert grows_linearly(make, 3000)  # beyond the size from which details are read at once
