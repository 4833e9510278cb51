"""
httpx and httpx2, synchronous and not: the same code with either module.
"""

from __future__ import annotations

import asyncio
from types import ModuleType

from contract.calls import Answer, Call, Client, trust
from errortax.integrations.httpx import async_hook, error_of, hook, raising, transport


def blocking(library: ModuleType) -> Client:
    """Drive ``Client`` of *library*."""

    def raises(call: Call) -> Answer:
        hooks = {"response": [hook(call.vendor, inspect_success=call.inspect_success)]}
        with (
            library.Client(
                event_hooks=hooks, verify=trust(call.authority), timeout=call.seconds, follow_redirects=True
            ) as client,
            raising(call.vendor),
            client.stream(call.method, call.url, headers=dict(call.headers), content=call.content) as response,
        ):
            return Answer(response.status_code, _read(response, call))

    def attaches(call: Call) -> Answer:
        attaching = transport(
            library.HTTPTransport(verify=trust(call.authority)), call.vendor, inspect_success=call.inspect_success
        )
        with (
            library.Client(transport=attaching, timeout=call.seconds, follow_redirects=True) as client,
            client.stream(call.method, call.url, headers=dict(call.headers), content=call.content) as response,
        ):
            error = error_of(response, call.vendor)  # before the body is read: what was attached, not what it would be
            return Answer(response.status_code, b"" if call.unread else _read(response, call), error)

    return Client(raises, error_of, attaches)


def _read(response, call: Call) -> bytes:
    if call.on_first_chunk is None:
        return response.read()
    chunks = response.iter_bytes()
    first = next(chunks)
    call.on_first_chunk()
    return first + b"".join(chunks)


def unblocking(library: ModuleType) -> Client:
    """Drive ``AsyncClient`` of *library*."""

    async def raises(call: Call) -> Answer:
        hooks = {"response": [async_hook(call.vendor, inspect_success=call.inspect_success)]}
        async with library.AsyncClient(
            event_hooks=hooks, verify=trust(call.authority), timeout=call.seconds, follow_redirects=True
        ) as client:
            with raising(call.vendor):
                async with client.stream(call.method, call.url, headers=dict(call.headers), content=call.content) as response:
                    return Answer(response.status_code, await _aread(response, call))

    async def attaches(call: Call) -> Answer:
        attaching = transport(
            library.AsyncHTTPTransport(verify=trust(call.authority)), call.vendor, inspect_success=call.inspect_success
        )
        async with (
            library.AsyncClient(transport=attaching, timeout=call.seconds, follow_redirects=True) as client,
            client.stream(call.method, call.url, headers=dict(call.headers), content=call.content) as response,
        ):
            error = error_of(response, call.vendor)  # before the body is read: what was attached, not what it would be
            return Answer(response.status_code, b"" if call.unread else await _aread(response, call), error)

    return Client(lambda call: asyncio.run(raises(call)), error_of, lambda call: asyncio.run(attaches(call)))


async def _aread(response, call: Call) -> bytes:
    if call.on_first_chunk is None:
        return await response.aread()
    chunks = response.aiter_bytes()
    first = await anext(chunks)
    call.on_first_chunk()
    return first + b"".join([chunk async for chunk in chunks])
