"""
aiohttp's client, with the hook as ``raise_for_status`` or with the middleware.
"""

from __future__ import annotations

import asyncio

import aiohttp

from contract.calls import Answer, Call, Client, trust
from errortax.integrations.aiohttp import error_of, hook, middleware, raising


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
        return Answer(response.status, await _read(response, call), error_of(response, call.vendor))


def _session(call: Call, **options) -> aiohttp.ClientSession:
    timeout = aiohttp.ClientTimeout(sock_connect=call.seconds, sock_read=call.seconds)
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trust(call.authority)), timeout=timeout, **options)


async def _read(response: aiohttp.ClientResponse, call: Call) -> bytes:
    if call.on_first_chunk is None:
        return await response.read()
    first = await response.content.readany()
    call.on_first_chunk()
    return first + await response.content.read()


CLIENT = Client(lambda call: asyncio.run(_raises(call)), lambda call: asyncio.run(_attaches(call)))
