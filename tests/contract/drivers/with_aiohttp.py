"""
aiohttp's client, with the hook as ``raise_for_status`` or with the middleware.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from socket import socket

import aiohttp

from contract.calls import Answer, Call, Client, trust
from errortax.integrations.aiohttp import error_of, hook, middleware, raising, tracing


async def _raises(call: Call) -> Answer:
    with raising(call.vendor):
        async with (
            _session(call, raise_for_status=hook(call.vendor, inspect_success=call.inspect_success)) as session,
            session.request(call.method, call.url, headers=call.headers, data=call.content) as response,
        ):
            return Answer(response.status, await _read(response, call))


async def _attaches(call: Call) -> Answer:
    async with (
        _session(call, middlewares=(middleware(call.vendor, inspect_success=call.inspect_success),)) as session,
        session.request(call.method, call.url, headers=call.headers, data=call.content) as response,
    ):
        error = error_of(response, call.vendor)  # before the body is read: what was attached, not what it would be
        return Answer(response.status, b"" if call.unread else await _read(response, call), error)


@asynccontextmanager
async def connecting(**options) -> AsyncIterator[aiohttp.TCPConnector]:
    """
    Yield a connector, and in the end let the loop turn until each of its sockets is closed.

    aiohttp does not wait for the end of TLS, so that a loop which stops at once leaves sockets open.
    """
    sockets: list[socket] = []

    def new_socket(address) -> socket:
        sockets.append(socket(*address[:3]))
        return sockets[-1]

    try:
        yield aiohttp.TCPConnector(socket_factory=new_socket, **options)
    finally:
        while any(opened.fileno() >= 0 for opened in sockets):
            await asyncio.sleep(0.001)


@asynccontextmanager
async def _session(call: Call, **options) -> AsyncIterator[aiohttp.ClientSession]:
    timeout = aiohttp.ClientTimeout(sock_connect=call.seconds, sock_read=call.seconds)
    async with (
        connecting(ssl=trust(call.authority)) as connector,
        aiohttp.ClientSession(connector=connector, timeout=timeout, trace_configs=[tracing()], **options) as session,
    ):
        yield session


async def _read(response: aiohttp.ClientResponse, call: Call) -> bytes:
    if call.on_first_chunk is None:
        return await response.read()
    first = await response.content.readany()
    call.on_first_chunk()
    return first + await response.content.read()


CLIENT = Client(lambda call: asyncio.run(_raises(call)), error_of, lambda call: asyncio.run(_attaches(call)))
