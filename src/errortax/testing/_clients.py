"""
Turn a `RawResponse` into the response object of an HTTP client, as the client itself builds it.
"""

from __future__ import annotations

from asyncio import get_running_loop
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from http.client import responses as _PHRASES
from importlib import import_module
from inspect import signature
from io import BytesIO
from types import SimpleNamespace
from typing import Any, Final, Literal

from errortax.http import RawResponse

ClientName = Literal["httpx", "httpx2", "requests", "niquests", "aiohttp"]

_Fields = list[tuple[str, str]]


def builder(client: str) -> Callable[[RawResponse], Any]:
    """
    Return the function that makes response objects of *client*; raise `ValueError` if its name is unknown.
    """
    if client not in _BUILDERS:
        raise ValueError(f"unknown client {client!r}; known: {', '.join(_BUILDERS)}")
    return _BUILDERS[client]


def _parts(raw: RawResponse) -> tuple[int, _Fields, bytes, str, str]:
    """Return status, fields, body, method and address for a client's response."""
    if raw.status is None:
        raise ValueError("a client's response needs a status; pass status")
    body = raw.body.encode() if isinstance(raw.body, str) else raw.body or b""
    fields = [(name, value) for name in raw.headers for value in raw.headers.get_all(name)]
    if "content-length" not in raw.headers:
        fields.append(("content-length", str(len(body))))
    return raw.status, fields, body, raw.method or "GET", raw.url or "https://api.example/"


def _httpx(name: str, raw: RawResponse) -> Any:
    library = import_module(name)
    status, fields, body, method, url = _parts(raw)
    response = library.Response(status, headers=fields, content=body, request=library.Request(method, url))
    response.elapsed = timedelta(0)  # httpx raises an error if it is unset
    return response


def _requests(name: str, raw: RawResponse) -> Any:
    library, urllib3 = import_module(name), import_module(f"{name}.packages.urllib3")
    status, fields, body, method, url = _parts(raw)
    received = urllib3.HTTPResponse(
        BytesIO(body),
        urllib3.HTTPHeaderDict(fields),
        status,
        reason=_PHRASES.get(status, ""),
        preload_content=False,
        enforce_content_length=False,  # a test may declare a longer body than it sends
        request_method=method,
        request_url=url,
    )
    response = library.adapters.HTTPAdapter().build_response(library.Request(method, url).prepare(), received)
    _ = response.content  # reads the body
    return response


def _aiohttp(raw: RawResponse) -> Any:
    aiohttp, multidict, yarl = map(import_module, ("aiohttp", "multidict", "yarl"))
    try:
        loop = get_running_loop()
    except RuntimeError:
        raise RuntimeError("aiohttp's responses belong to a running event loop; call fake inside a coroutine") from None
    status, fields, body, method, address = _parts(raw)
    url, sent = yarl.URL(address), multidict.CIMultiDictProxy(multidict.CIMultiDict())
    wanted: dict[str, Any] = {
        "writer": None,
        "continue100": None,
        "timer": None,
        "request_info": aiohttp.RequestInfo(url, method, sent, url),
        "traces": [],
        "loop": loop,
        "session": None,
        "stream_writer": SimpleNamespace(output_size=0),  # older releases do not take one
    }
    known = signature(aiohttp.ClientResponse).parameters
    response = aiohttp.ClientResponse(method, url, **{name: value for name, value in wanted.items() if name in known})
    protocol = import_module("aiohttp.base_protocol").BaseProtocol(loop)
    content = aiohttp.StreamReader(protocol, len(body) + 1, loop=loop)  # below its limit the reader never pauses
    content.feed_data(body)
    content.feed_eof()
    message = SimpleNamespace(
        version=aiohttp.HttpVersion11,
        code=status,
        reason=_PHRASES.get(status, ""),
        headers=multidict.CIMultiDictProxy(multidict.CIMultiDict(fields)),
        raw_headers=tuple((name.encode("latin-1"), value.encode("latin-1")) for name, value in fields),
    )

    async def receive() -> None:
        await response.start(_Connection(message, content))
        await response.read()

    with suppress(StopIteration):  # the whole body is there, so nothing waits
        receive().send(None)
    return response


class _Connection:
    """The connection that aiohttp reads a response from, and its protocol; one object can be both."""

    upgraded = False

    def __init__(self, *received: object) -> None:
        self._received, self.protocol = received, self

    async def read(self) -> tuple[object, ...]:
        return self._received

    def release(self) -> None:
        """Do nothing: no socket is held."""


_BUILDERS: Final[dict[str, Callable[[RawResponse], Any]]] = {
    "httpx": partial(_httpx, "httpx"),
    "httpx2": partial(_httpx, "httpx2"),
    "requests": partial(_requests, "requests"),
    "niquests": partial(_requests, "niquests"),
    "aiohttp": _aiohttp,
}
