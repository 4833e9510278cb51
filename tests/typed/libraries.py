"""
What a type checker promises to users of each library: hooks and the like go where it takes them. Only checked, never run.
"""
# pyright: strict

from __future__ import annotations

import logging
from typing import assert_type

import aiohttp
import httpx
import httpx2
import requests
import requests.adapters
import stamina
import tenacity
import urllib3

import errortax
import errortax.integrations.aiohttp as with_aiohttp
import errortax.integrations.httpx as with_httpx
import errortax.integrations.requests as with_requests
import errortax.integrations.urllib3 as with_urllib3
from errortax import CanonicalError, RawResponse, exceptions
from errortax.integrations import stamina as with_stamina
from errortax.integrations import tenacity as with_tenacity
from errortax.integrations.logging import record_filter
from errortax.testing import fake, serve


def httpx2_alike(response: httpx2.Response) -> httpx2.Client:
    """What is for httpx is for httpx2, too."""
    attaching = assert_type(with_httpx.transport(httpx2.HTTPTransport(), "gopoints"), httpx2.HTTPTransport)
    assert_type(with_httpx.error_of(response), CanonicalError | None)
    return httpx2.Client(transport=attaching, event_hooks={"response": [with_httpx.hook("gopoints")]})


def a_session_of_requests() -> requests.Response:
    """A hook goes into a session's hooks, and the adapter that is mounted is of the kind that it wraps."""
    session = requests.Session()
    session.hooks["response"] = [with_requests.hook("gopoints", inspect_success=True)]
    attaching = assert_type(with_requests.adapter(requests.adapters.HTTPAdapter(), "gopoints"), requests.adapters.HTTPAdapter)
    session.mount("https://", attaching)
    with with_requests.raising("gopoints"):
        return session.get("https://example.test")


async def a_session_of_aiohttp() -> bytes:
    """Hook and middleware go where aiohttp takes them."""
    async with aiohttp.ClientSession(
        raise_for_status=with_aiohttp.hook("gopoints"), middlewares=(with_aiohttp.middleware("gopoints"),)
    ) as session:
        with with_aiohttp.raising("gopoints"):
            async with session.get("https://example.test") as response:
                assert_type(with_aiohttp.error_of(response), CanonicalError | None)
                return await response.read()


def a_pool_of_urllib3() -> urllib3.BaseHTTPResponse:
    """The `Retry` goes where urllib3 takes one, and where requests does."""
    requests.adapters.HTTPAdapter(max_retries=with_urllib3.Retry("gopoints"))
    pool = urllib3.PoolManager(retries=with_urllib3.Retry("gopoints", attempts=3, max_wait=60))
    with with_urllib3.raising("gopoints", method="GET"):
        response = pool.request("GET", "https://example.test")
        with_urllib3.hook("gopoints")(response, method="GET")
        assert_type(with_urllib3.error_of(response), CanonicalError | None)
        return response


@stamina.retry(on=with_stamina.repeatable(method="GET", max_wait=60), attempts=3)
def repeated_by_stamina(path: str) -> int:
    """Return a status."""
    return len(path)


@tenacity.retry(retry=with_tenacity.repeatable(method="GET"), wait=with_tenacity.wait_for_server(max_wait=60))
def repeated_by_tenacity(path: str) -> int:
    """Return a status."""
    return len(path)


def repetitions() -> None:
    """A function that is repeated keeps its types."""
    assert_type(repeated_by_stamina("/"), int)
    assert_type(repeated_by_tenacity("/"), int)


def logs(handler: logging.Handler) -> None:
    """A filter goes where `logging` takes one."""
    handler.addFilter(record_filter())


def fakes() -> None:
    """What is faked is of the client that was asked for, and a raw response otherwise."""
    assert_type(fake("gopoints", "auth.token.expired"), RawResponse)
    assert_type(fake("gopoints", "auth.token.expired", client="httpx", status=500), httpx.Response)
    assert_type(fake("gopoints", "auth.token.expired", client="httpx2"), httpx2.Response)
    assert_type(fake("gopoints", "auth.token.expired", client="requests", retry_after=2), requests.Response)
    assert_type(fake("gopoints", "auth.token.expired", client="aiohttp"), aiohttp.ClientResponse)
    with serve(fake("gopoints", "auth.token.expired"), RawResponse(204)) as server:
        assert_type(server.url, str)


def in_a_test() -> exceptions.VendorError | None:
    """What is faked can be parsed, and raised for what it means."""
    response = fake("gopoints", "auth.token.expired", client="httpx")
    try:
        errortax.raise_for_error(response, "gopoints")
    except exceptions.CredentialsExpired as expired:
        return expired
    return None
