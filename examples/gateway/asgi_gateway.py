"""
A gateway as an ASGI app: requests go to the API that their path belongs to, responses stream back, and whatever fails is
answered in one format.

    pip install errortax aiohttp uvicorn
    uvicorn asgi_gateway:app

The tests run this very file, and change the settings below through the environment.
"""

from __future__ import annotations

import asyncio
import json
import os
from asyncio import FIRST_COMPLETED, Queue, create_task, timeout
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable, MutableMapping
from typing import Any
from urllib.parse import quote

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

import errortax
from errortax.exceptions import VendorError
from errortax.integrations.aiohttp import raising
from errortax.integrations.asgi import Middleware

UPSTREAMS: dict[str, str] = json.loads(os.environ.get("GATEWAY_UPSTREAMS", '{"/gopoints/": "https://api.gopoints.net"}'))
"""The beginning of a path, and the server that it belongs to; the path goes there unchanged."""

VENDORS: dict[str, str] = json.loads(os.environ.get("GATEWAY_VENDORS", '{"/gopoints/": "gopoints"}'))
"""Whose errors the answers to such paths are."""

OPTIONS: dict[str, Any] = json.loads(os.environ.get("GATEWAY_OPTIONS", '{"to": "problem+json"}'))
"""What `errortax.Translator` takes."""

TIMEOUT = float(os.environ.get("GATEWAY_TIMEOUT", "30"))
"""Seconds to wait for a connection, and for each piece of a request or a response to come and to be taken."""

HOP_BY_HOP = frozenset(
    {b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer"}
    | {b"transfer-encoding", b"upgrade"}
    | {b"expect"}  # the server in front of this app has answered it (RFC 9110, section 10.1.1)
)
"""Header fields that are between two neighbours, and go no further (RFC 9110, section 7.6.1)."""

READ_AHEAD = 16
"""How many pieces of a request's body may wait for the upstream. Only who reads on learns that the caller has left."""

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
                timeout=ClientTimeout(total=None, connect=TIMEOUT, sock_read=TIMEOUT),
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
        """Send one request on, until it is answered or its caller has left."""
        prefix = next((prefix for prefix in UPSTREAMS if scope["path"].startswith(prefix)), None)
        if prefix is None:
            await send({"type": "http.response.start", "status": 404, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body"})
            return
        pieces = Queue[bytes](READ_AHEAD) if has_body(scope["headers"]) else None
        exchange = create_task(self.exchange(scope, prefix, pieces, send))
        caller = create_task(listen(receive, pieces, VENDORS.get(prefix)))
        try:
            done, _ = await asyncio.wait((exchange, caller), return_when=FIRST_COMPLETED)
        finally:
            for task in (exchange, caller):
                task.cancel()
            await asyncio.wait((exchange, caller))
        for task in done:
            task.result()

    async def exchange(self, scope: Message, prefix: str, pieces: Queue[bytes] | None, send: Send) -> None:
        """Send one request on, and what comes back to the caller, piece by piece."""
        headers = [*end_to_end(scope["headers"], besides={b"host"}), (b"via", b"1.1 gateway")]
        request = self.session.request(
            scope["method"],
            URL(UPSTREAMS[prefix] + target(scope), encoded=True),
            headers=[(name.decode("latin-1"), value.decode("latin-1")) for name, value in headers],
            data=None if pieces is None else body(pieces),
            allow_redirects=False,
        )
        with raising(VENDORS.get(prefix)):  # no connection, no answer in time: the middleware tells what that means
            async with request as response:
                fields = end_to_end(response.raw_headers)
                await send({"type": "http.response.start", "status": response.status, "headers": fields})
                async for piece in response.content.iter_any():
                    async with timeout(TIMEOUT):
                        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await send({"type": "http.response.body"})


async def listen(receive: Receive, pieces: Queue[bytes] | None, vendor: str | None) -> None:
    """
    Take the *pieces* of a request's body from the caller, the last one empty, and return when the caller has left.

    A caller that sends nothing for too long gets a 408 from us; an upstream that takes nothing has not answered in time.
    """
    more = pieces is not None
    while pieces is not None and more:
        try:
            async with timeout(TIMEOUT):
                message = await receive()
        except TimeoutError:
            errortax.raise_for_error(errortax.RawResponse(408), "http")
        if message["type"] == "http.disconnect":
            return
        more = message.get("more_body", False)
        try:
            async with timeout(TIMEOUT):
                if message.get("body"):
                    await pieces.put(message["body"])
                if not more:
                    await pieces.put(b"")
                    await pieces.join()
        except TimeoutError as late:
            raise VendorError(errortax.transport_error("no_response", vendor=vendor, sent=True)) from late
    while (await receive())["type"] != "http.disconnect":
        pass


def target(scope: Message) -> str:
    """Return path and query as the caller sent them."""
    path = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope["query_string"]
    return (path + b"?" + query if query else path).decode("ascii")


def end_to_end(headers: Headers, besides: Collection[bytes] = ()) -> list[tuple[bytes, bytes]]:
    """Return the fields that go further, names in lower case."""
    fields = [(name.lower(), value) for name, value in headers]
    stay = HOP_BY_HOP.union(besides)
    for name, value in fields:
        if name == b"connection":
            stay |= {option.strip().lower() for option in value.split(b",")}
        elif name == b"transfer-encoding":
            stay |= {b"content-length"}  # which does not count then (RFC 9112, section 6.3)
    return [(name, value) for name, value in fields if name not in stay]


def has_body(headers: Headers) -> bool:
    """Tell whether a request has a body (RFC 9112, section 6)."""
    return any(name in {b"content-length", b"transfer-encoding"} for name, _ in headers)


async def body(pieces: Queue[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces of a request's body as they come."""
    while piece := await pieces.get():
        yield piece
        pieces.task_done()
    pieces.task_done()


app = Middleware(Gateway(), vendor=VENDORS, **OPTIONS)
