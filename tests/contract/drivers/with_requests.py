"""
requests and niquests, the latter synchronous and not: the same code with either module.
"""

from __future__ import annotations

import asyncio
from types import ModuleType

from contract.calls import Answer, Call, Client
from errortax.integrations.requests import adapter, async_hook, error_of, hook, raising


def blocking(library: ModuleType) -> Client:
    """Drive ``Session`` of *library*."""

    def raises(call: Call) -> Answer:
        with library.Session() as session:
            session.hooks["response"].append(hook(call.vendor, inspect_success=call.inspect_success))
            with raising(call.vendor), session.request(call.method, call.url, **_arguments(call)) as response:
                return Answer(response.status_code, _read(response, call))

    def attaches(call: Call) -> Answer:
        with library.Session() as session:
            for prefix in ("http://", "https://"):
                session.get_adapter(prefix).close()
                wrapped = library.adapters.HTTPAdapter()
                session.mount(prefix, adapter(wrapped, call.vendor, inspect_success=call.inspect_success))
            with session.request(call.method, call.url, **_arguments(call)) as response:
                error = error_of(response, call.vendor)  # before the body is read: what was attached, not what it would be
                return Answer(response.status_code, b"" if call.unread else _read(response, call), error)

    return Client(raises, error_of, attaches, explains_resolution=library.__name__ == "requests", reads=True)


def unblocking(library: ModuleType) -> Client:
    """Drive ``AsyncSession`` of *library*."""

    async def raises(call: Call) -> Answer:
        async with library.AsyncSession() as session:
            session.hooks["response"].append(async_hook(call.vendor, inspect_success=call.inspect_success))
            with raising(call.vendor):
                response = await session.request(call.method, call.url, **_arguments(call))
                return Answer(response.status_code, await _aread(response, call))

    async def attaches(call: Call) -> Answer:
        async with library.AsyncSession() as session:
            for prefix in ("http://", "https://"):
                await session.get_adapter(prefix).close()
                wrapped = library.adapters.AsyncHTTPAdapter()
                session.mount(prefix, adapter(wrapped, call.vendor, inspect_success=call.inspect_success))
            response = await session.request(call.method, call.url, **_arguments(call))
            error = error_of(response, call.vendor)  # before the body is read: what was attached, not what it would be
            return Answer(response.status_code, b"" if call.unread else await _aread(response, call), error)

    return Client(
        lambda call: asyncio.run(raises(call)),
        error_of,
        lambda call: asyncio.run(attaches(call)),
        explains_resolution=False,
        reads=True,
    )


def _arguments(call: Call) -> dict[str, object]:
    return {
        "headers": dict(call.headers),
        "data": call.content,
        "timeout": call.seconds,
        "verify": call.authority or True,
        "stream": call.on_first_chunk is not None,
        "allow_redirects": True,  # HEAD follows none of itself
    }


def _read(response, call: Call) -> bytes:
    if call.on_first_chunk is None:
        return response.content
    chunks = response.iter_content(None)
    first = next(chunks)
    call.on_first_chunk()
    return first + b"".join(chunks)


async def _aread(response, call: Call) -> bytes:
    if call.on_first_chunk is None:
        return response.content
    chunks = await response.iter_content(-1)
    first = await anext(chunks)
    call.on_first_chunk()
    return first + b"".join([chunk async for chunk in chunks])
