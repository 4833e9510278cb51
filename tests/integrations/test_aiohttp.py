"""
Features of aiohttp alone: a stream that can be read once, exceptions without response and request, and a bare
TimeoutError.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from socket import AF_INET, create_server
from threading import Thread
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver
from attrs import define

import errortax
from contract.drivers.with_aiohttp import connecting
from contract.server import Server, refused_url, serving
from errortax import BodyKind, Category, RawResponse, Retryability, exceptions
from errortax.exceptions import (
    ConnectionFailed,
    ConnectionImpossible,
    CredentialsExpired,
    InvalidResponse,
    NoResponse,
    Unavailable,
    VendorError,
)
from errortax.integrations.aiohttp import error_of, hook, middleware, raising, tracing
from errortax.testing import fake, serve

EXPIRED = fake("gopoints", "auth.token.expired")
LONG = RawResponse(503, {"Content-Type": "application/json"}, b" " * 300_000)
ERROR_IN_A_SUCCESS = RawResponse(200, {"Content-Type": "application/json"}, EXPIRED.body)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Run the server of the contract suite, which misbehaves in many ways."""
    with serving(tmp_path_factory.mktemp("certificates")) as server:
        yield server


@contextmanager
def saying(answer: bytes) -> Iterator[str]:
    """Run a server that sends *answer* to the first client, and hangs up."""
    with create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5.0)  # for a client that never comes

        def say() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

        thread = Thread(target=say)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        thread.join()


@define
class Resolver(AbstractResolver):
    """Find every host on this machine, after *seconds*, or fail to find any."""

    seconds: float = 0.0
    fails: bool = False

    async def resolve(self, host, port=0, family=AF_INET):
        """Return this machine's address."""
        await asyncio.sleep(self.seconds)
        if self.fails:
            raise OSError("no such host")
        return [{"hostname": host, "host": "127.0.0.1", "port": port, "family": family, "proto": 0, "flags": 0}]

    async def close(self):
        """Do nothing."""


async def fetch(url, *, method="GET", total=None, resolver=None, read=aiohttp.ClientResponse.read, vendor="gopoints", **options):
    """Send a request inside `raising`, read the response, and return it."""
    timeout = aiohttp.ClientTimeout(total=total, sock_read=1.0)
    with raising(vendor):
        async with (
            connecting(resolver=resolver) as connector,
            aiohttp.ClientSession(connector=connector, timeout=timeout, trace_configs=[tracing()]) as session,
            session.request(method, url, **options) as response,
        ):
            await read(response)
            return response


def raised(url, **options) -> VendorError:
    """Return what `fetch` raises."""
    with pytest.raises(VendorError) as caught:
        asyncio.run(fetch(url, **options))
    return caught.value


def using(body, answer, **options):
    """Run *body* with a session and the address of a server that sends *answer*."""

    async def run(url):
        async with aiohttp.ClientSession(**options) as session:
            return await body(session, url)

    with serve(answer) as server:
        return asyncio.run(run(server.url))


# Hook and middleware


def test_hook_for_one_request():
    """
    The hook works for a single request as well, and the exception knows the request.
    """

    async def body(session, url):
        with pytest.raises(CredentialsExpired) as caught:
            await session.post(url, headers={"idempotency-key": "1"}, raise_for_status=hook("gopoints"))
        return caught.value

    exception = using(body, EXPIRED)
    assert ("POST", True, "auth.token.expired") == (exception.method, exception.idempotency_key, exception.error.code)


@pytest.mark.parametrize(
    "options", [{"raise_for_status": hook("gopoints")}, {"middlewares": (middleware("gopoints", inspect_success=True),)}]
)
def test_success_is_untouched(options):
    """
    A success has no error and its whole body, if it is not JSON or not to be looked into.
    """

    async def body(session, url):
        async with session.get(url) as response:
            return error_of(response, "gopoints"), await response.content.read()

    assert (None, b"fine") == using(body, RawResponse(200, {"Content-Type": "text/plain"}, b"fine"), **options)


def test_connection_serves_again():
    """
    An error whose body was read leaves the connection to the next request.
    """
    tracing, reused = aiohttp.TraceConfig(), []

    async def note(*arguments):
        reused.append(arguments)

    tracing.on_connection_reuseconn.append(note)

    async def body(session, url):
        for _ in range(2):
            with pytest.raises(CredentialsExpired):
                await session.get(url)

    using(body, EXPIRED, raise_for_status=hook("gopoints"), trace_configs=[tracing])
    assert 1 == len(reused)


def test_hook_closes_what_it_does_not_read():
    """
    A body that is too long stays unread, and its connection is closed at once, not when the garbage is collected.
    """

    async def body(session, url):
        response = await session.get(url)
        with pytest.raises(Unavailable) as caught:
            await hook("gopoints")(response)
        assert response.closed
        assert response.connection is None
        return caught.value.error

    assert BodyKind.UNREAD is using(body, LONG).match.body


def test_middleware_leaves_a_long_body_to_be_streamed():
    """
    With the middleware a body that is too long has its error by the status, and can still be streamed.
    """

    async def body(session, url):
        async with session.get(url) as response:
            return error_of(response, "gopoints"), await response.content.read()

    error, content = using(body, LONG, middlewares=(middleware("gopoints"),))
    assert (Category.UNAVAILABLE, BodyKind.UNREAD) == (error.category, error.match.body)
    assert LONG.body == content


@pytest.mark.parametrize(
    "options",
    [
        {"raise_for_status": hook("youforce", inspect_success=True)},
        {"middlewares": (middleware("youforce", inspect_success=True),)},
    ],
)
@pytest.mark.parametrize("answer", [ERROR_IN_A_SUCCESS, RawResponse(200, {"Content-Type": "application/json"}, b"")])
def test_what_was_looked_into_can_be_streamed(answer, options):
    """
    A success that was looked into, and is not an error of the vendor, can still be read from its stream.
    """

    async def body(session, url):
        async with session.get(url) as response:
            streamed = b"".join([chunk async for chunk in response.content.iter_chunked(7)])
            return streamed, await response.read(), error_of(response, "youforce")

    assert (answer.body, answer.body, None) == using(body, answer, **options)


def test_error_that_the_middleware_read_can_be_streamed():
    """
    The middleware keeps the body of an error for the stream, for `json` and for `error_of`, and raises nothing.
    """

    async def body(session, url):
        async with session.get(url) as response:
            return error_of(response, "gopoints"), await response.content.read(), await response.json(content_type=None)

    error, streamed, document = using(body, EXPIRED, middlewares=(middleware("gopoints"),))
    assert "auth.token.expired" == error.code == document["error_code"]
    assert EXPIRED.body == streamed


def test_hook_behind_the_middleware():
    """
    Hook and middleware together: the error is raised, parsed from the same body.
    """

    async def body(session, url):
        with pytest.raises(CredentialsExpired):
            await session.get(url)

    using(body, EXPIRED, middlewares=(middleware("gopoints"),), raise_for_status=hook("gopoints"))


def test_vendor_by_host(server: Server):
    """
    Without a vendor the host decides, for responses and for failures without a response.
    """
    url = server.url("/headers?status=503").replace("127.0.0.1", "api.gopoints.net")
    for raise_for_status in (hook(), True):
        exception = raised(url, vendor=None, resolver=Resolver(), raise_for_status=raise_for_status)
        assert ("gopoints", 503) == (exception.error.vendor, exception.error.status)
    assert "gopoints" == raised(url, vendor=None, resolver=Resolver(fails=True)).error.vendor
    assert "http" == raised(refused_url(), vendor=None).error.vendor


@pytest.mark.parametrize("function", [hook, middleware, raising])
def test_bad_arguments(function):
    """
    Bad arguments fail before there is a session.
    """
    with pytest.raises(exceptions.UnknownVendorError, match="did you mean 'gopoints'"):
        function("gopoint")
    with pytest.raises(TypeError, match="vendor must be a name"):
        function(7)


# Exceptions for a status


def test_status_exception(server: Server):
    """
    The exception of aiohttp for a status is parsed from status and headers, since it drops the body.
    """
    url = server.url("/headers?status=503&h=Retry-After:%207&h=Content-Type:%20application/json&body={}")
    exception = raised(url, method="PUT", raise_for_status=True)
    assert isinstance(exception, Unavailable)
    assert ("PUT", 7.0, BodyKind.UNREAD) == (exception.method, exception.error.retry_after, exception.error.match.body)
    assert isinstance(exception.__cause__, aiohttp.ClientResponseError)
    assert exception.error == error_of(exception.__cause__, "gopoints")


def test_other_content_than_asked_for(server: Server):
    """
    `json` on something else is an unreadable answer below 400, and the status's error from there on.
    """
    for status, kind in ((200, InvalidResponse), (503, Unavailable)):
        url = server.url(f"/headers?status={status}&h=Content-Type:%20text/html&body=x")
        exception = raised(url, method="DELETE", read=aiohttp.ClientResponse.json)
        assert kind is type(exception)
        assert "DELETE" == exception.method


def test_websocket_handshake(server: Server):
    """
    A handshake that is answered with an error is that error; another answer that switches nothing is unreadable.
    """

    async def connect(url):
        async with aiohttp.ClientSession() as session:
            with raising("gopoints"):
                await session.ws_connect(url)

    for status, kind in ((503, Unavailable), (200, InvalidResponse)):
        with pytest.raises(kind) as caught:
            asyncio.run(connect(server.url(f"/headers?status={status}")))
        assert "GET" == caught.value.method


def test_proxy_that_refuses(server: Server):
    """
    The status of a proxy that refuses to connect is not the vendor's: the request was never sent.
    """
    with saying(b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n") as proxy:
        exception = raised(server.tls_url("/success"), method="POST", proxy=proxy)
    assert isinstance(exception, ConnectionFailed)
    assert ("POST", Retryability.AFTER_DELAY) == (exception.method, exception.error.retryability)


@pytest.mark.parametrize(
    "answer", [b"This is not HTTP.\r\n\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n"]
)
def test_not_http(answer: bytes):
    """
    A response that is not HTTP is an unreadable answer, although aiohttp calls it status 400.
    """
    with saying(answer) as url:
        exception = raised(url)
    assert isinstance(exception, InvalidResponse | ConnectionFailed)
    assert (None, Retryability.BACKOFF, "GET") == (exception.error.status, exception.error.retryability, exception.method)


def test_success_in_memory(server: Server):
    """
    A success that another middleware has read is looked into, although its length was not declared.
    """

    async def reading(request, handler):
        response = await handler(request)
        await response.read()
        return response

    async def main():
        middlewares = (middleware("gopoints", inspect_success=True), reading)
        async with aiohttp.ClientSession(middlewares=middlewares) as session, session.get(url) as response:
            return error_of(response), await response.read()

    url = server.url(f"/success?how=chunked&body={quote(EXPIRED.body)}")
    error, body = asyncio.run(main())
    assert ("auth.token.expired", EXPIRED.body) == (error.code, body)


# No response


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/hang-up", ConnectionFailed),
        ("/hang-up?after=headers", ConnectionFailed),
        ("/nothing", NoResponse),
        ("/broken-gzip", InvalidResponse),
        ("/redirect?to=ftp://127.0.0.1/", InvalidResponse),
        ("/redirect?to=http://", InvalidResponse),
    ],
)
def test_request_is_known(path, kind, server: Server):
    """
    Exceptions of aiohttp hold no request; with tracing, ours has its method and key, and whether it may have been applied.
    """
    exception = raised(server.url(path), method="PATCH", headers={"Idempotency-Key": "1"})
    assert kind is type(exception)
    assert ("PATCH", True) == (exception.method, exception.idempotency_key)
    assert Retryability.BACKOFF is exception.error.retryability
    assert isinstance(exception.__cause__, aiohttp.ClientError)


def test_broken_off_in_chunks():
    """
    A chunked body that breaks off is a broken connection.
    """
    with saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n") as url:
        assert isinstance(raised(url), ConnectionFailed)


@pytest.mark.parametrize("options", [{"resolver": Resolver(fails=True)}, {"proxy": refused_url()}])
def test_never_sent(options, server: Server):
    """
    Without an address or a proxy there was no connection: any method may be sent again.
    """
    url = server.tls_url("/success")
    exception = raised(url, method="POST", **options)
    assert isinstance(exception, ConnectionFailed)
    assert ("POST", Retryability.AFTER_DELAY) == (exception.method, exception.error.retryability)


@pytest.mark.parametrize("options", [{"ssl": aiohttp.Fingerprint(b"0" * 32)}, {}])
def test_wrong_certificate(options, server: Server):
    """
    Without the right certificate there will be no connection, however often it is tried.
    """
    exception = raised(server.tls_url("/success"), method="POST", **options)
    assert isinstance(exception, ConnectionImpossible)
    assert (Retryability.NEVER, "certificate") == (exception.error.retryability, exception.error.hints[0].target)


def test_connecting_took_too_long(server: Server):
    """
    A limit for connecting that is over means that nothing was sent.
    """
    timeout = aiohttp.ClientTimeout(connect=0.05)
    exception = raised(server.url("/success").replace("127.0.0.1", "localhost"), resolver=Resolver(5.0), timeout=timeout)
    assert isinstance(exception, ConnectionFailed)
    assert ("GET", Retryability.AFTER_DELAY) == (exception.method, exception.error.retryability)


@pytest.mark.parametrize(
    ("path", "resolver", "method"), [("/nothing", None, "POST"), ("/stream", None, None), ("/success", Resolver(5.0), "POST")]
)
def test_total_time_is_over(path, resolver, method, server: Server):
    """
    If the total time is over, the request may have been applied, whatever aiohttp was doing; while it reads a body, nothing
    shows the request.
    """
    url = server.url(path).replace("127.0.0.1", "localhost")
    exception = raised(url, method="POST", total=0.7, resolver=resolver or Resolver())
    assert isinstance(exception, NoResponse)
    assert (method, Retryability.BACKOFF) == (exception.method, exception.error.retryability)
    assert TimeoutError is type(exception.__cause__)
    server.first_chunk_was_read.set()


@pytest.mark.parametrize("path", ["/hang-up?after=headers", "/redirect?status=303&to=/hang-up%3Fafter=headers"])
def test_request_is_known_while_streaming(path, server: Server):
    """
    A stream does not know its request; the response that it belongs to does, and the requests before a redirect.
    """

    async def read(response):
        async for _ in response.content.iter_any():
            pass

    exception = raised(server.url(path), method="PATCH", headers={"Idempotency-Key": "1"}, read=read)
    assert isinstance(exception, ConnectionFailed)
    assert ("PATCH", True, server.url(path).partition("?")[0]) == (
        exception.method, exception.idempotency_key, (exception.url or "").partition("?")[0]
    )  # fmt: skip


# What passes unchanged


@pytest.mark.parametrize(
    ("url", "kind"),
    [("http://", aiohttp.InvalidURL), ("/nowhere", aiohttp.InvalidURL), ("ftp://127.0.0.1/", aiohttp.NonHttpUrlClientError)],
)
def test_bad_address(url, kind):
    """
    A malformed address is the caller's mistake, and keeps aiohttp's own exception.
    """
    with pytest.raises(kind):
        asyncio.run(fetch(url))


def test_too_many_redirects(server: Server):
    """
    Too many redirects, which is for the caller to limit, stay what they are.
    """
    with pytest.raises(aiohttp.TooManyRedirects):
        asyncio.run(fetch(server.url("/redirect?to=/success"), max_redirects=1))


def test_body_that_fails(server: Server):
    """
    A failure in the caller's own request body is not taken for a broken connection.
    """

    async def content():
        yield b"x"
        raise KeyError("mine")

    with pytest.raises(aiohttp.ClientConnectionError) as caught:
        asyncio.run(fetch(server.url("/nothing"), method="POST", data=content()))
    assert isinstance(caught.value.__cause__, KeyError)


def test_own_deadline(server: Server):
    """
    A deadline of the caller's own raises the same class as aiohttp's total time: inside the block it means no response, and
    around the block it is left alone.
    """

    async def run(*, inside):
        async with asyncio.timeout(None if inside else 0.1), aiohttp.ClientSession() as session:
            with raising("gopoints", method="GET"):
                async with asyncio.timeout(0.1 if inside else None):
                    await session.get(server.url("/nothing"))

    with pytest.raises(NoResponse):
        asyncio.run(run(inside=True))
    with pytest.raises(TimeoutError):
        asyncio.run(run(inside=False))


def test_cancelled(server: Server):
    """
    A cancelled request stays cancelled, even while the hook reads.
    """

    async def run(path):
        async with aiohttp.ClientSession(raise_for_status=hook("gopoints", inspect_success=True)) as session:

            @raising("gopoints")
            async def get():
                await session.get(server.url(path))

            task = asyncio.create_task(get())
            await asyncio.sleep(0.1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert task.cancelled()

    asyncio.run(run("/nothing"))


def test_vendor_error_passes():
    """
    An exception of the hook leaves the block unchanged.
    """

    async def body(session, url):
        with raising("planoauth"):
            await session.get(url, raise_for_status=hook("gopoints"))

    with pytest.raises(CredentialsExpired) as caught:
        using(body, EXPIRED)
    assert caught.value.__cause__ is None
    assert caught.value.error is error_of(caught.value)


def test_neither_response_nor_exception():
    """
    `error_of` refuses other objects with advice on what to pass, and returns None for foreign exceptions.
    """
    with pytest.raises(TypeError, match="not a response"):
        error_of(7)
    assert error_of(ValueError("mine")) is None
    assert errortax.transport_error("no_response", sent=True) == error_of(aiohttp.ServerTimeoutError())
