"""
A gateway as an ASGI app: requests go to the API that their path belongs to, responses stream back, and whatever fails is
answered in one format.

    pip install errortax aiohttp uvicorn
    uvicorn asgi_gateway:app

The tests run this very file, and change the settings below through the environment.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, MutableMapping
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from errortax.integrations.aiohttp import raising
from errortax.integrations.asgi import Middleware

UPSTREAMS: dict[str, str] = json.loads(os.environ.get("GATEWAY_UPSTREAMS", '{"/gopoints/": "https://api.gopoints.net"}'))
"""The beginning of a path, and the server that it belongs to; the path goes there unchanged."""

VENDORS: dict[str, str] = json.loads(os.environ.get("GATEWAY_VENDORS", '{"/gopoints/": "gopoints"}'))
"""Whose errors the answers to such paths are."""

OPTIONS: dict[str, Any] = json.loads(os.environ.get("GATEWAY_OPTIONS", '{"to": "problem+json"}'))
"""What `errortax.Translator` takes."""

TIMEOUT = float(os.environ.get("GATEWAY_TIMEOUT", "30"))
"""Seconds to wait for a connection, and for each piece of a response."""

HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer"}
    | {b"transfer-encoding", b"upgrade"}
)
"""Header fields that are between two neighbours, and go no further (RFC 9110, section 7.6.1)."""

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = Iterable[tuple[bytes, bytes]]


class Gateway:
    """Pass requests on; one pool of connections serves them all."""

    def __init__(self) -> None:
        self._session: ClientSession | None = None

    @property
    def session(self) -> ClientSession:
        """Return the pool, which belongs to the event loop of the first request; callers share no cookies in it."""
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(limit=1000),
                timeout=ClientTimeout(total=None, sock_connect=TIMEOUT, sock_read=TIMEOUT),
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                cookie_jar=DummyCookieJar(),
                auto_decompress=False,
            )
        return self._session

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve what a server asks for: requests, and the beginning and end of all."""
        if scope["type"] == "lifespan":
            await self.live(receive, send)
        elif scope["type"] == "http":
            await self.serve(scope, receive, send)
        elif scope["type"] == "websocket":  # refused before it is accepted: the caller gets a 403
            await receive()
            await send({"type": "websocket.close", "code": 1000})

    async def live(self, receive: Receive, send: Send) -> None:
        """Close the connections when the server ends."""
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                if self._session is not None:
                    await self._session.close()
                return

    async def serve(self, scope: Message, receive: Receive, send: Send) -> None:
        """Send one request on, and what comes back to the caller, piece by piece."""
        prefix = next((prefix for prefix in UPSTREAMS if scope["path"].startswith(prefix)), None)
        if prefix is None:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
            return
        headers = [*end_to_end(scope["headers"], besides={b"host"}), (b"via", b"1.1 gateway")]
        request = self.session.request(
            scope["method"],
            URL(UPSTREAMS[prefix] + target(scope), encoded=True),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers],
            data=body(receive) if has_body(scope["headers"]) else None,
            allow_redirects=False,
        )
        with raising(VENDORS.get(prefix)):  # no connection, no answer in time: the middleware tells what that means
            async with request as response:
                fields = end_to_end(response.raw_headers)
                await send({"type": "http.response.start", "status": response.status, "headers": fields})
                async for piece in response.content.iter_any():
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})


def target(scope: Message) -> str:
    """Return path and query as the caller sent them."""
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope["query_string"]
    return (path + b"?" + query if query else path).decode("ascii")


def end_to_end(headers: Headers, besides: Collection[bytes] = ()) -> list[tuple[bytes, bytes]]:
    """Return the fields that go further, names in lower case."""
    fields = [(name.lower(), value) for name, value in headers]
    named = {option.strip().lower() for name, value in fields if name == b"connection" for option in value.split(b",")}
    return [(name, value) for name, value in fields if name not in HOP_BY_HOP | named and name not in besides]


def has_body(headers: Headers) -> bool:
    """Tell whether a request has a body (RFC 9112, section 6)."""
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in headers)


async def body(receive: Receive) -> AsyncIterator[bytes]:
    """Yield the pieces of a request's body as they come."""
    more = True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionError("the caller went away")
        more = message.get("more_body", False)
        yield message.get("body", b"")


app = Middleware(Gateway(), vendor=VENDORS, **OPTIONS)
