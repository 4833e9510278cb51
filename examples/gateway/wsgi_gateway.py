"""
A gateway as a WSGI app: requests go to the API that their path belongs to, responses stream back, and whatever fails is
answered in one format.

    pip install errortax httpx gunicorn
    gunicorn --worker-class gthread --threads 32 wsgi_gateway:app

The tests run this very file, and change the settings below through the environment.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote
from wsgiref.types import StartResponse, WSGIEnvironment

import httpx

import errortax
from errortax.integrations.httpx import raising
from errortax.integrations.wsgi import Middleware

UPSTREAMS: dict[str, str] = json.loads(os.environ.get("GATEWAY_UPSTREAMS", '{"/gopoints/": "https://api.gopoints.net"}'))
"""The beginning of a path, and the server that it belongs to; the path goes there unchanged."""

VENDORS: dict[str, str] = json.loads(os.environ.get("GATEWAY_VENDORS", '{"/gopoints/": "gopoints"}'))
"""Whose errors the answers to such paths are."""

OPTIONS: dict[str, Any] = json.loads(os.environ.get("GATEWAY_OPTIONS", '{"to": "problem+json"}'))
"""What `errortax.Translator` takes."""

TIMEOUT = float(os.environ.get("GATEWAY_TIMEOUT", "30"))
"""Seconds to wait for a connection, and for each piece of a request or a response to come and to be taken."""

HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer"}
    | {"transfer-encoding", "upgrade"}
    | {"expect"}  # the server in front of this app has answered it (RFC 9110, section 10.1.1)
)
"""Header fields that are between two neighbours, and go no further (RFC 9110, section 7.6.1)."""

PIECE = 65_536

client = httpx.Client(
    transport=httpx.HTTPTransport(limits=httpx.Limits(max_connections=1000, max_keepalive_connections=100)), trust_env=False
)


def gateway(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """
    Send one request on, and what comes back to the caller, piece by piece.

    WSGI reports that a caller has left only when something is sent to it. The time-out ends a wait for an upstream that sends
    nothing.
    """
    if "gunicorn.socket" in environ:  # other servers have options for this, such as waitress's channel_timeout
        environ["gunicorn.socket"].settimeout(TIMEOUT)
    path = quote(environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", ""), safe="/:@!$&'()*+,;=~", encoding="latin-1")
    prefix = next((prefix for prefix in UPSTREAMS if path.startswith(prefix)), None)
    if prefix is None:
        start_response("404 Not Found", [("Content-Type", "text/plain"), ("Content-Length", "0")])
        return []
    query = environ.get("QUERY_STRING")
    request = httpx.Request(
        environ["REQUEST_METHOD"],
        UPSTREAMS[prefix] + (f"{path}?{query}" if query else path),
        headers=request_headers(environ),
        content=body(environ),
        extensions={"timeout": httpx.Timeout(TIMEOUT).as_dict()},
    )
    with raising(VENDORS.get(prefix)):  # no connection, no answer in time: the middleware tells what that means
        response = client.send(request, stream=True)
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in response.headers.raw]
    start_response(f"{response.status_code} {response.reason_phrase or 'Unknown'}", end_to_end(headers))
    return Body(response, VENDORS.get(prefix))


class Body:
    """The pieces of a response as they come; the connection is given back at the end, whether all was read or not."""

    def __init__(self, response: httpx.Response, vendor: str | None) -> None:
        self.response, self.vendor = response, vendor

    def __iter__(self) -> Iterator[bytes]:
        with raising(self.vendor):
            yield from self.response.iter_raw()

    def close(self) -> None:
        """End it, even if nobody wants the rest."""
        self.response.close()


def end_to_end(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the fields that go further."""
    named = {option.strip().lower() for name, value in headers if name.lower() == "connection" for option in value.split(",")}
    return [(name, value) for name, value in headers if name.lower() not in HOP_BY_HOP | named]


def request_headers(environ: WSGIEnvironment) -> list[tuple[str, str]]:
    """Return the caller's header fields, as far as they go further."""
    fields = [(name[5:].replace("_", "-"), value) for name, value in environ.items() if name.startswith("HTTP_")]
    own = [(name.replace("_", "-"), environ[name]) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)]
    return [*((name, value) for name, value in end_to_end(fields) if name != "HOST"), *own, ("Via", "1.1 gateway")]


def body(environ: WSGIEnvironment) -> Iterator[bytes] | None:
    """Return the pieces of the request's body, or None if there is none."""
    if environ.get("HTTP_TRANSFER_ENCODING") and environ.get("wsgi.input_terminated"):
        return pieces(environ, None)
    length = int(environ.get("CONTENT_LENGTH") or 0)
    return pieces(environ, length) if length else None


def pieces(environ: WSGIEnvironment, length: int | None) -> Iterator[bytes]:
    """Yield the *length* bytes of a request's body as they come; None means that the server knows its end."""
    missing = length
    while missing != 0:
        try:
            piece = environ["wsgi.input"].read(PIECE if missing is None else min(missing, PIECE))
        except TimeoutError:  # not the vendor's error
            errortax.raise_for_error(errortax.RawResponse(408), "http")
        if not piece and missing is None:
            return
        if not piece:
            raise ConnectionResetError("the caller has left")
        missing = None if missing is None else missing - len(piece)
        yield piece


app = Middleware(gateway, vendor=VENDORS, **OPTIONS)
