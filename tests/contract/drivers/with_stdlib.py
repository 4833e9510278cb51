"""
The standard library: `http.client` with the hook, urllib with its own errors and with a handler.
"""

from __future__ import annotations

import gzip
from contextlib import closing
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from urllib.parse import urlsplit
from urllib.request import HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

from contract.calls import Answer, Call, Client, trust
from errortax import Headers
from errortax.integrations.stdlib import error_of, handler, hook, raising


def http_client() -> Client:
    """Drive an ``HTTPConnection``, which does not follow redirects."""
    kinds = {
        "http": lambda host, call: HTTPConnection(host, timeout=call.seconds),
        "https": lambda host, call: HTTPSConnection(host, timeout=call.seconds, context=trust(call.authority)),
    }

    def raises(call: Call) -> Answer:
        check, known = hook(call.vendor, inspect_success=call.inspect_success), _known(call)
        parts = urlsplit(call.url)
        with raising(call.vendor, **known), closing(kinds[parts.scheme](parts.netloc, call)) as connection:
            connection.request(call.method, parts._replace(scheme="", netloc="").geturl(), call.content, dict(call.headers))
            with connection.getresponse() as response:
                check(response, **known)
                return Answer(response.status, _read(response, call))

    return Client(raises, error_of, follows_redirects=False)


def urllib_request() -> Client:
    """Drive an opener, and one with the handler."""

    def raises(call: Call) -> Answer:
        check, known = hook(call.vendor, inspect_success=call.inspect_success), _known(call)
        with raising(call.vendor, **known), _open(_opener(call), call) as response:
            check(response, **known)
            return Answer(response.status, _read(response, call))

    def attaches(call: Call) -> Answer:
        attaching = _opener(call, handler(call.vendor, inspect_success=call.inspect_success))
        with _open(attaching, call) as response:
            error = error_of(response, call.vendor)  # before the body is read: what was attached, not what it would be
            return Answer(response.status, b"" if call.unread else _read(response, call), error)

    return Client(raises, error_of, attaches, follows_with_body=False, shows_redirects=False)


def _known(call: Call) -> dict[str, object]:
    return {"method": call.method, "idempotency_key": "Idempotency-Key" in Headers(call.headers)}


def _opener(call: Call, *handlers: object) -> OpenerDirector:
    return build_opener(ProxyHandler({}), HTTPSHandler(context=trust(call.authority)), *handlers)


def _open(opener: OpenerDirector, call: Call) -> HTTPResponse:
    request = Request(call.url, call.content, dict(call.headers), method=call.method)  # noqa: S310  # a wrong scheme is tried on purpose
    return opener.open(request, timeout=call.seconds)


def _read(response: HTTPResponse, call: Call) -> bytes:
    if call.on_first_chunk is None:
        body = response.read()
        return gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body
    first = response.read1()
    call.on_first_chunk()
    return first + response.read()
